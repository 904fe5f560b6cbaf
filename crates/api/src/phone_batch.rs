//! Batch operations on phones: one entry in, one job or one error out.

use crate::context::{Context, Done};
use model::code::{self, Refusal};
use model::phone_state::Power;
use store::{Accept, AcceptError, Answer, Entry, Work};
use wire::phone_batch::{
    PhoneJob, PhoneJobs, ResetCloudPhone, RestartCloudPhone, StopCloudPhone, UpdateCloudPhoneProperty,
};

/// RestartCloudPhone.
pub async fn restart(context: Context, request: RestartCloudPhone) -> Result<Done<PhoneJobs>, Refusal> {
    let work = Work::Power { power: Power::Restart, asked: request.phones, image_id: request.image_id };
    accept(context, "RestartCloudPhone", work).await
}

/// ResetCloudPhone.
pub async fn reset(context: Context, request: ResetCloudPhone) -> Result<Done<PhoneJobs>, Refusal> {
    let work = Work::Power { power: Power::Reset, asked: request.phones, image_id: request.image_id };
    accept(context, "ResetCloudPhone", work).await
}

/// StopCloudPhone.
pub async fn stop(context: Context, request: StopCloudPhone) -> Result<Done<PhoneJobs>, Refusal> {
    let work = Work::Power { power: Power::Stop, asked: request.phones, image_id: None };
    accept(context, "StopCloudPhone", work).await
}

/// UpdateCloudPhoneProperty.
pub async fn update_property(
    context: Context,
    request: UpdateCloudPhoneProperty,
) -> Result<Done<PhoneJobs>, Refusal> {
    accept(context, "UpdateCloudPhoneProperty", Work::Property { asked: request.phones }).await
}

async fn accept(context: Context, operation: &'static str, work: Work) -> Result<Done<PhoneJobs>, Refusal> {
    if work.entries() > context.state.config.phones_per_request_max {
        return Err(code::TOO_MANY_PHONES.into());
    }
    let answer = submit(&context, operation, work).await?;
    let jobs = answer.entries.into_iter().map(phone_job).collect();
    let reply = PhoneJobs { request_id: answer.request_id.to_string(), jobs };
    Ok(Done { reply, headers: Vec::new(), request_id: Some(answer.request_id) })
}

/// Hands the work to the store; what comes back is on disk.
pub(crate) async fn submit(
    context: &Context,
    operation: &'static str,
    work: Work,
) -> Result<Answer, Refusal> {
    let accept = Accept {
        project_id: context.project()?.clone(),
        operation,
        request_id: context.request_id.clone(),
        work,
        by: context.caller()?.actor(),
        client_token: context.client_token()?,
    };
    context.store().accept(accept).await.map_err(|error| match error {
        AcceptError::Refused(refusal) => refusal,
        AcceptError::Store(error) => error.into(),
    })
}

fn phone_job(entry: Entry) -> PhoneJob {
    let (error_code, error_msg) = entry.error.unzip();
    PhoneJob {
        phone_id: entry.target,
        job_id: entry.job_id.map(|id| id.into_string()),
        error_code,
        error_msg,
    }
}
