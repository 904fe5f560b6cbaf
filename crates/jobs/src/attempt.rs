//! One attempt at one job, inside its deadline: work, and what follows when it does not come to its end.

use crate::job_log::job_line;
use crate::kinds::{self, Context};
use futures::FutureExt;
use model::code::{self, Code, Refusal};
use model::job::JobKind;
use model::server_state::ServerStatus;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use store::{Claimed, Ending, Outcome};
use tokio::time::{Instant, timeout, timeout_at};

/// Work is broken off this long before the job's deadline, or a fifth of what is left if that is less: the
/// phone is put back and the ending written before the reaper comes.
const MARGIN_MAX: Duration = Duration::from_secs(6);
/// With less than this left, a job is not begun: its phone stays untouched.
const BEGIN_MIN: Duration = Duration::from_millis(20);

/// How the time that is left is spent.
struct Budget {
    /// Work.
    work: Duration,
    /// Putting the phone back.
    put_back: Duration,
}

/// None when there is no time to begin.
fn budget(left: Duration) -> Option<Budget> {
    let margin = MARGIN_MAX.min(left / 5);
    (left >= BEGIN_MIN).then(|| Budget { work: left - margin, put_back: margin * 4 / 5 })
}

/// Runs a job. Always comes back before its deadline, as long as the runtime yields.
pub(crate) async fn run(context: &Context, job: &Claimed, attempts_max: i64) -> Ending {
    let left_ms = u64::try_from(job.deadline_ms - context.now_ms()).unwrap_or(0);
    let Some(budget) = budget(Duration::from_millis(left_ms)) else { return timed_out(job) };
    if job.attempts > attempts_max {
        // What killed the process may do so again: the phone is put back once, then the job just ends.
        if job.attempts == attempts_max + 1 {
            put_back(context, job, budget.put_back).await;
        }
        let text = format!("Service internal error. Given up after {attempts_max} attempts.");
        return failed(job, code::INTERNAL_ERROR, &text);
    }
    let until = Instant::now() + budget.work;
    // A server's job itself gives up its phones at that time, and then still tells which.
    let grace = if job.kind == JobKind::ServerRestart { budget.put_back / 2 } else { Duration::ZERO };
    let work = AssertUnwindSafe(kinds::run(context, job, until)).catch_unwind();
    let ending = match timeout_at(until + grace, work).await {
        Ok(Ok(ending)) => return ending,
        Ok(Err(_)) => {
            job_line!(error, job, "the job panicked");
            broken_off(job)
        }
        Err(_) => timed_out(job),
    };
    put_back(context, job, budget.put_back).await;
    ending
}

/// The phone gets its image and properties in force back, as well as may be in that time.
pub(crate) async fn put_back(context: &Context, job: &Claimed, within: Duration) {
    if timeout(within, kinds::put_back(context, job)).await.is_err() {
        job_line!(warn, job, "its phone could not be put back in time");
    }
}

/// The ending of a job that panicked.
pub(crate) fn broken_off(job: &Claimed) -> Ending {
    failed(job, code::INTERNAL_ERROR, "Service internal error. The job was broken off by a defect.")
}

fn timed_out(job: &Claimed) -> Ending {
    failed(job, code::JOB_TIMEOUT, code::JOB_TIMEOUT.message())
}

/// The ending of a job that did not do what was asked.
fn failed(job: &Claimed, code: Code, text: &str) -> Ending {
    let refusal = Refusal::new(code).saying(text.to_string());
    let mut ending = kinds::ending(job, Outcome::Failed(refusal));
    if job.kind == JobKind::ServerRestart {
        ending.server_next = Some(ServerStatus::Abnormal);
    }
    ending
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_covers_work_putting_back_and_writing() {
        for left_ms in [20, 300, 1_500, 30_000, 300_000] {
            let left = Duration::from_millis(left_ms);
            let Budget { work, put_back } = budget(left).unwrap();
            assert!(work >= left * 4 / 5 && !put_back.is_zero() && work + put_back < left, "{left_ms}");
            assert!(left - work <= MARGIN_MAX);
        }
        assert!(budget(Duration::ZERO).is_none() && budget(Duration::from_millis(19)).is_none());
    }
}
