//! Log lines about a job: each carries the job, its request, its phone and its epoch.

use metrics::jobs::SUCCEEDED;
use std::time::Duration;
use store::{Claimed, Ending, Outcome};

/// A line about a claimed job, at that level: `job_line!(warn, job, "what happened")`, more fields before the text.
macro_rules! job_line {
    ($level:ident, $job:expr, $($rest:tt)+) => {{
        let job: &store::Claimed = $job;
        let phone_id = job.phone.as_ref().map(|phone| phone.id.as_str());
        tracing::$level!(
            job_id = %job.job_id, request_id = %job.request_id, phone_id, epoch = job.epoch, $($rest)+
        );
    }};
}
pub(crate) use job_line;

/// How a job's work came to its end: a success at debug, as there may be thousands a second.
pub(crate) fn worked(job: &Claimed, ending: &Ending, took: Duration) {
    let duration_ms = took.as_micros() as f64 / 1000.0;
    let kind = job.kind.name();
    match &ending.outcome {
        Outcome::Succeeded => job_line!(debug, job, kind, outcome = SUCCEEDED, duration_ms, "job ended"),
        Outcome::Failed(refusal) => {
            let outcome = refusal.code.text();
            job_line!(warn, job, kind, outcome, duration_ms, why = %refusal.message, "job ended");
        }
    }
}
