//! One line for each answered request, and its place in the metrics.

use http::StatusCode;
use metrics::requests::{self, NO_OPERATION};
use model::id::{ProjectId, RequestId};
use std::time::Duration;
use tracing::{debug, info};
use wire::op::{Method, OpInfo};

/// Who asked and for which project, as far as that was found out.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    /// The user's name.
    pub(crate) user: Option<String>,
    /// The project.
    pub(crate) project_id: Option<ProjectId>,
}

/// How a request was answered.
#[derive(Debug)]
pub(crate) struct Answered<'a> {
    /// The operation; none when the path or method names none.
    pub(crate) info: Option<&'a OpInfo>,
    /// The id that the client was told.
    pub(crate) request_id: &'a RequestId,
    /// `ok` or a row of the error catalogue.
    pub(crate) code: &'static str,
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// From the request's head to the answer.
    pub(crate) took: Duration,
}

/// Counts the request and writes its line: at info what may change something, at debug what only reads.
pub(crate) fn tell(answered: &Answered<'_>, asker: &Asker) {
    let Answered { info, request_id, code, status, took } = answered;
    let operation = info.map_or(NO_OPERATION, |info| info.name);
    requests::answered(operation, code, *took);
    let reads = info.is_none_or(|info| info.method == Method::Get);
    let duration_ms = took.as_micros() as f64 / 1000.0;
    let (user, project_id) = (asker.user.as_deref(), asker.project_id.as_ref().map(ProjectId::as_str));
    let status = status.as_u16();
    if reads {
        debug!(%request_id, operation, code, status, duration_ms, project_id, user, "request");
    } else {
        info!(%request_id, operation, code, status, duration_ms, project_id, user, "request");
    }
}
