//! Restart of a server: every phone that runs on it goes down and comes up again, and that is proven.

use super::{Context, ending};
use futures::stream::{self, StreamExt};
use model::code::{self, Refusal};
use model::id::PhoneId;
use model::phone::Phone;
use model::server_state::ServerStatus;
use runtime::Want;
use store::{Claimed, Ending, Outcome, StoreError};

/// Phones of a server that boot at once.
const BOOTING_MAX: usize = 64;

pub(super) async fn run(context: &Context, job: &Claimed) -> Ending {
    match restart(context, job).await {
        Ok((phones, dead)) if dead.is_empty() => {
            tracing::debug!(server_id = %job.server_id, phones, "server restarted");
            Ending { server_next: Some(ServerStatus::Normal), ..ending(job, Outcome::Succeeded) }
        }
        // The server itself is up; the phones that are not show it themselves (-7).
        Ok((phones, dead)) => {
            let text = format!(
                "{} {} of {phones} phones did not come up.",
                code::INTERNAL_ERROR.message(),
                dead.len()
            );
            let refusal = Refusal::new(code::INTERNAL_ERROR).saying(text);
            let server_next = Some(ServerStatus::Normal);
            Ending { dead, server_next, ..ending(job, Outcome::Failed(refusal)) }
        }
        Err(error) => {
            let server_next = Some(ServerStatus::Abnormal);
            Ending { server_next, ..ending(job, Outcome::Failed(error.into())) }
        }
    }
}

/// Restarts the server's phones; answers how many there were and which did not come up.
async fn restart(context: &Context, job: &Claimed) -> Result<(usize, Vec<PhoneId>), StoreError> {
    let store = &context.store;
    let phones = store.server_running_phones(&job.server_id).await?;
    store.server_move(&job.server_id, ServerStatus::ShuttingDown, ServerStatus::Starting).await?;
    let count = phones.len();
    let dead = stream::iter(phones)
        .map(|(phone, epoch)| async move {
            match restart_phone(context, &phone, epoch).await {
                Ok(()) => None,
                Err(refusal) => {
                    tracing::warn!(phone_id = %phone.id, %refusal, "did not come up with its server");
                    Some(phone.id)
                }
            }
        })
        .buffer_unordered(BOOTING_MAX)
        .filter_map(|dead| async { dead })
        .collect()
        .await;
    Ok((count, dead))
}

async fn restart_phone(context: &Context, phone: &Phone, epoch: i64) -> Result<(), Refusal> {
    let spec = context.spec(phone, epoch, true).await?;
    let generation = spec.was.clone();
    context.apply(&spec, &Want::Running { generation, wipe: false }).await
}
