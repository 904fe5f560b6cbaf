//! What each kind of job does: one file per kind, and what they share.

mod phone_property;
mod phone_reset;
mod phone_restart;
mod phone_stop;
mod server_restart;

use crate::job_log::job_line;
use crate::specs::{RETRY_FIRST, RETRY_LAST, Specs};
use model::code::{self, Refusal};
use model::job::JobKind;
use model::phone_state::Power;
use runtime::{PhoneSpec, Reason, Runtime, RuntimeError, Want};
use std::sync::Arc;
use store::{Claimed, Ending, Outcome, Store};
use tokio::time::Instant;

/// Phones of one server that its restart boots at once.
const BOOTING_MAX: usize = 64;

/// What jobs work with.
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) runtime: Arc<dyn Runtime>,
    /// Phones of one server that its restart boots at once.
    booting_max: usize,
    pub(crate) specs: Specs,
}

impl Context {
    pub(crate) fn new(store: Store, runtime: Arc<dyn Runtime>, per_server: usize) -> Self {
        let booting_max = per_server.clamp(1, BOOTING_MAX);
        Self { specs: Specs::new(store.clone()), store, runtime, booting_max }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.store.clock().now_ms()
    }

    /// Carries a phone to `want`, asking again as long as the runtime is out of reach; the job's deadline
    /// ends that.
    async fn apply(&self, spec: &PhoneSpec, want: &Want) -> Result<(), Refusal> {
        let mut pause = RETRY_FIRST;
        loop {
            match self.runtime.apply(spec, want).await {
                Ok(()) => return Ok(()),
                Err(error) if error.retryable() => tokio::time::sleep(pause).await,
                Err(error) => return Err(refusal(&error)),
            }
            pause = (pause * 2).min(RETRY_LAST);
        }
    }
}

/// The documented code for what the runtime met (`contract/restart.md`, "Job life cycle" 7), with the reason
/// behind the documented text.
fn refusal(error: &RuntimeError) -> Refusal {
    let code = match error.reason {
        Reason::NotBooted => code::JOB_TIMEOUT,
        _ => code::INTERNAL_ERROR,
    };
    Refusal::new(code).saying(format!("{} {error}", code.message()))
}

/// Runs a job. A server's job comes back at `until`; the others are broken off then.
pub(crate) async fn run(context: &Context, job: &Claimed, until: Instant) -> Ending {
    let result = match (job.kind, &job.phone) {
        (JobKind::ServerRestart, _) => return server_restart::run(context, job, until).await,
        (_, None) => Err(code::PHONE_NOT_FOUND.into()),
        (JobKind::PhoneRestart, Some(phone)) => phone_restart::run(context, job, phone).await,
        (JobKind::PhoneReset, Some(phone)) => phone_reset::run(context, job, phone).await,
        (JobKind::PhoneStop, Some(phone)) => phone_stop::run(context, job, phone).await,
        (JobKind::PhoneProperty, Some(phone)) => phone_property::run(context, job, phone).await,
    };
    ending(job, result.map_or_else(Outcome::Failed, |()| Outcome::Succeeded))
}

/// The ending of a job with that outcome.
pub(crate) fn ending(job: &Claimed, outcome: Outcome) -> Ending {
    Ending {
        job_id: job.job_id.clone(),
        epoch: job.epoch,
        project_id: job.project_id.clone(),
        kind: job.kind,
        phone_id: job.phone.as_ref().map(|p| p.id.clone()),
        server_id: job.server_id.clone(),
        spec: job.spec.clone(),
        outcome,
        dead: Vec::new(),
        server_next: None,
    }
}

/// After a job was broken off: the phone gets its image and properties in force back. A stop changed neither,
/// and a phone that was to be off is not booted.
pub(crate) async fn put_back(context: &Context, job: &Claimed) {
    let (Some(phone), Some(Power::Restart | Power::Reset)) = (&job.phone, job.kind.power()) else { return };
    let Ok(spec) = context.specs.phone(phone, job.epoch, !job.spec.was_off).await else { return };
    let want = if job.spec.was_off {
        Want::Stopped
    } else {
        Want::Running { generation: spec.was.clone(), wipe: false }
    };
    if let Err(error) = context.runtime.apply(&spec, &want).await {
        job_line!(warn, job, %error, "its phone could not be put back");
    }
}
