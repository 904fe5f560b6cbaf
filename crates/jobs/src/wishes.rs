//! What phones want by themselves, such as a reboot over ADB: an ordinary request of the phone's own project,
//! with a job that is seen, counted and carried to its end like any other.

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use model::id::{JobId, RequestId};
use model::phone_state::{PhoneStatus, Power};
use model::plan::Asked;
use runtime::{Runtime, Wish};
use std::sync::Arc;
use store::{Accept, AcceptError, Actor, Store, Work};
use tokio_util::sync::CancellationToken;

/// The operation of these requests: none of CPH's, as nobody called one.
const OPERATION: &str = "PhonePowerFromInside";
/// Wishes granted at once; they share commits.
const GRANTED_AT_ONCE: usize = 256;

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
    let phone_id = &wish.phone_id;
    match ask(store, &wish).await {
        Ok(Some(job_id)) => {
            tracing::info!(%phone_id, %job_id, power_off = wish.power_off, reason = wish.reason, "asked from inside");
        }
        Ok(None) => match store.phone_any(phone_id).await {
            // Somebody carries the phone already; it goes down in a moment anyway.
            Ok(Some((phone, _))) if pending(phone.status) => {}
            // A phone that no job may touch, such as one at -6 that runs as before: it does what it wants.
            Ok(Some(_)) => {
                tracing::info!(%phone_id, power_off = wish.power_off, "granted without a job");
                runtime.grant(&wish).await;
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%phone_id, %error, "looking at a phone with a wish"),
        },
        Err(error) => tracing::error!(%phone_id, %error, "a wish from inside could not be stored"),
    }
}

/// Asks for a job; none when the phone's state forbids it.
async fn ask(store: &Store, wish: &Wish) -> Result<Option<JobId>, AcceptError> {
    let Some((phone, _)) = store.phone_any(&wish.phone_id).await? else { return Ok(None) };
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
        Ok(answer) => Ok(answer.entries.into_iter().find_map(|entry| entry.job_id)),
        Err(AcceptError::Refused(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn pending(status: PhoneStatus) -> bool {
    Power::ALL.iter().any(|power| power.pending() == status)
}
