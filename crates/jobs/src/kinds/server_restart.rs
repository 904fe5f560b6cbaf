//! Restart of a server: every phone that runs on it goes down and comes up again, and that is proven.

use super::{Context, ending};
use crate::job_log::job_line;
use crate::specs::patiently;
use futures::stream::{self, StreamExt};
use model::code::{self, Refusal};
use model::id::PhoneId;
use model::phone::Phone;
use model::server_state::ServerStatus;
use runtime::Want;
use store::{Claimed, Ending, Outcome, StoreError};
use tokio::time::{Instant, timeout_at};

/// A phone that was not restarted.
struct Missed {
    phone_id: PhoneId,
    /// It went down and did not come up.
    dead: bool,
}

pub(super) async fn run(context: &Context, job: &Claimed, until: Instant) -> Ending {
    match restart(context, job, until).await {
        Ok((phones, missed)) if missed.is_empty() => {
            job_line!(debug, job, server_id = %job.server_id, phones, "server restarted");
            Ending { server_next: Some(ServerStatus::Normal), ..ending(job, Outcome::Succeeded) }
        }
        // The server itself is up; the phones that are not show it themselves (-7).
        Ok((phones, missed)) => {
            let text = format!(
                "{} {} of {phones} phones did not come up.",
                code::INTERNAL_ERROR.message(),
                missed.len()
            );
            let refusal = Refusal::new(code::INTERNAL_ERROR).saying(text);
            let server_next = Some(ServerStatus::Normal);
            let dead = missed.into_iter().filter(|m| m.dead).map(|m| m.phone_id).collect();
            Ending { dead, server_next, ..ending(job, Outcome::Failed(refusal)) }
        }
        Err(error) => {
            let server_next = Some(ServerStatus::Abnormal);
            Ending { server_next, ..ending(job, Outcome::Failed(error.into())) }
        }
    }
}

/// Restarts the server's phones; answers how many there were and which had not come up at `until`.
async fn restart(
    context: &Context,
    job: &Claimed,
    until: Instant,
) -> Result<(usize, Vec<Missed>), StoreError> {
    let store = &context.store;
    let phones = patiently(|| store.server_running_phones(&job.server_id)).await?;
    let (was, next) = (ServerStatus::ShuttingDown, ServerStatus::Starting);
    patiently(|| store.server_move(&job.server_id, was, next)).await?;
    let count = phones.len();
    let missed = stream::iter(phones)
        .map(|(phone, epoch)| async move {
            // One that was never touched runs as before: it is not restarted, but not dead either.
            if Instant::now() >= until {
                return Some(Missed { phone_id: phone.id, dead: false });
            }
            match timeout_at(until, restart_phone(context, &phone, epoch)).await {
                Ok(Ok(())) => None,
                Ok(Err(refusal)) => {
                    phone_line(job, &phone, epoch, &refusal.to_string());
                    Some(Missed { phone_id: phone.id, dead: true })
                }
                Err(_) => {
                    phone_line(job, &phone, epoch, "not in time");
                    Some(Missed { phone_id: phone.id, dead: true })
                }
            }
        })
        .buffer_unordered(context.booting_max)
        .filter_map(|missed| async { missed })
        .collect()
        .await;
    Ok((count, missed))
}

fn phone_line(job: &Claimed, phone: &Phone, epoch: i64, why: &str) {
    let Claimed { job_id, request_id, .. } = job;
    tracing::warn!(%job_id, %request_id, phone_id = %phone.id, epoch, why, "did not come up with its server");
}

async fn restart_phone(context: &Context, phone: &Phone, epoch: i64) -> Result<(), Refusal> {
    let spec = context.specs.phone(phone, epoch, true).await?;
    let generation = spec.was.clone();
    context.apply(&spec, &Want::Running { generation, wipe: false }).await
}
