//! Every operation and its handler, on one page.

use crate::adapter::Adapter;
use crate::context::State;
use crate::{iam, images, jobs, phone_batch, phones, servers};
use std::sync::Arc;
use wire::op;

/// The adapter with all operations.
///
/// A handler must take and give what its operation says. This one does:
///
/// ```
/// # use phoneyard_api::{Adapter, Context};
/// # use model::code::Refusal;
/// # use wire::phone_batch::{PhoneJobs, RestartCloudPhone};
/// async fn restart(_: Context, _: RestartCloudPhone) -> Result<PhoneJobs, Refusal> {
///     Ok(PhoneJobs::default())
/// }
/// fn add(adapter: Adapter) -> Adapter {
///     adapter.on(&wire::op::RESTART_CLOUD_PHONE, restart)
/// }
/// ```
///
/// One that takes another operation's request does not compile:
///
/// ```compile_fail
/// # use phoneyard_api::{Adapter, Context};
/// # use model::code::Refusal;
/// # use wire::phone_batch::{PhoneJobs, StopCloudPhone};
/// async fn restart(_: Context, _: StopCloudPhone) -> Result<PhoneJobs, Refusal> {
///     Ok(PhoneJobs::default())
/// }
/// fn add(adapter: Adapter) -> Adapter {
///     adapter.on(&wire::op::RESTART_CLOUD_PHONE, restart)
/// }
/// ```
pub fn adapter(state: Arc<State>) -> Adapter {
    Adapter::new(state)
        .on(&op::LIST_CLOUD_PHONES, phones::list)
        .on(&op::SHOW_CLOUD_PHONE_DETAIL, phones::detail)
        .on(&op::UPDATE_PHONE_NAME, phones::rename)
        .on(&op::RESTART_CLOUD_PHONE, phone_batch::restart)
        .on(&op::RESET_CLOUD_PHONE, phone_batch::reset)
        .on(&op::STOP_CLOUD_PHONE, phone_batch::stop)
        .on(&op::UPDATE_CLOUD_PHONE_PROPERTY, phone_batch::update_property)
        .on(&op::SHOW_JOB, jobs::show)
        .on(&op::LIST_JOBS, jobs::list)
        .on(&op::LIST_CLOUD_PHONE_SERVERS, servers::list)
        .on(&op::SHOW_CLOUD_PHONE_SERVER_DETAIL, servers::detail)
        .on(&op::RESTART_CLOUD_PHONE_SERVER, servers::restart)
        .on(&op::LIST_CLOUD_PHONE_IMAGES, images::list)
        .on(&op::LIST_CLOUD_PHONE_MODELS, images::phone_models)
        .on(&op::LIST_CLOUD_PHONE_SERVER_MODELS, servers::models)
        .on(&op::CREATE_TOKEN, iam::create_token)
        .on(&op::VALIDATE_TOKEN, iam::validate_token)
        .on(&op::LIST_PROJECTS, iam::list_projects)
        .on(&op::LIST_AUTH_DOMAINS, iam::list_domains)
        .on(&op::LIST_AUTH_CATALOG, iam::list_catalog)
        .on(&op::LIST_VERSIONS, iam::versions)
        .on(&op::SHOW_VERSION, iam::versions)
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
