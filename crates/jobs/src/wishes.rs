//! What phones want by themselves, such as a reboot over ADB: an ordinary request of the phone's own project,
//! with a job that is seen, counted and carried to its end like any other.

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use model::id::{JobId, RequestId};
use model::phone_state::{PhoneStatus, Power};
use model::plan::Asked;
use runtime::{Runtime, Wish};
use std::sync::Arc;
use std::time::Duration;
use store::{Accept, AcceptError, Actor, Store, Work};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// The operation of these requests: none of CPH's, as nobody called one.
const OPERATION: &str = "PhonePowerFromInside";
/// Wishes granted at once; they share commits.
const GRANTED_AT_ONCE: usize = 256;
/// Pause before a wish is asked for again that a full queue or a restarting server refused.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Longest that a wish is asked for; the phone then stays as it is.
const ASK_MAX: Duration = Duration::from_secs(60);

/// What became of a wish.
enum Answer {
    /// A job carries it out.
    Job(JobId),
    /// Not now.
    Refused(PhoneStatus),
    /// There is no such phone.
    Nobody,
}

/// Turns wishes into jobs until `stop`.
pub(crate) async fn grant(store: Store, runtime: Arc<dyn Runtime>, stop: CancellationToken) {
    let mut granting: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            wish = runtime.wish(), if granting.len() < GRANTED_AT_ONCE => {
                granting.push(Box::pin(one(&store, &*runtime, wish)));
            }
            Some(()) = granting.next() => {}
        }
    }
}

async fn one(store: &Store, runtime: &dyn Runtime, wish: Wish) {
    let Wish { phone_id, power_off, reason, .. } = &wish;
    let until = Instant::now() + ASK_MAX;
    // A wish ends with the boot that uttered it: what restarts the phone meanwhile has granted it.
    while runtime.wish_stands(&wish).await && Instant::now() < until {
        match ask(store, &wish).await {
            Ok(Answer::Job(job_id)) => {
                return tracing::info!(%phone_id, %job_id, power_off, reason, "asked from inside");
            }
            Ok(Answer::Nobody) => return,
            Ok(Answer::Refused(status)) if left_alone(status) => {
                tracing::info!(%phone_id, power_off, reason, "asked from inside, granted without a job");
                return runtime.grant(&wish).await;
            }
            // The queue is full, the server restarts, or somebody carries the phone already.
            Ok(Answer::Refused(_)) => {}
            Err(error) => tracing::error!(%phone_id, %error, "a wish from inside could not be stored"),
        }
        sleep(ASK_AGAIN).await;
    }
}

/// A phone at these runs, if it does, as before something failed: no job may touch it, so that it does what it
/// wants by itself.
fn left_alone(status: PhoneStatus) -> bool {
    use PhoneStatus::{Abnormal, ResetFailed, RestartFailed, StopFailed};
    matches!(status, ResetFailed | RestartFailed | Abnormal | StopFailed)
}

/// Asks for a job.
async fn ask(store: &Store, wish: &Wish) -> Result<Answer, AcceptError> {
    let Some((phone, _)) = store.phone_any(&wish.phone_id).await? else { return Ok(Answer::Nobody) };
    if Power::ALL.iter().any(|power| power.pending() == phone.status) {
        return Ok(Answer::Refused(phone.status));
    }
    let asked = Asked { phone_id: wish.phone_id.to_string(), ..Asked::default() };
    let power = if wish.power_off { Power::Stop } else { Power::Restart };
    let accept = Accept {
        project_id: phone.project_id,
        operation: OPERATION,
        request_id: RequestId::generate(),
        work: Work::Power { power, asked: vec![asked], image_id: None },
        by: Actor::phone(),
        client_token: None,
    };
    match store.accept(accept).await {
        Ok(answer) => {
            let job_id = answer.entries.into_iter().find_map(|entry| entry.job_id);
            Ok(job_id.map_or(Answer::Refused(phone.status), Answer::Job))
        }
        Err(AcceptError::Refused(_)) => Ok(Answer::Refused(phone.status)),
        Err(error) => Err(error),
    }
}
