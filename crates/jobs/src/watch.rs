//! What runs beside the worker: the reaper and the supervisor.

use runtime::Runtime;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Overdue jobs ended at once.
const REAP_PAGE: i64 = 1000;

/// Ends jobs that are past their deadline, whoever holds them.
pub(crate) async fn reap(store: Store, period: Duration, stop: CancellationToken) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        loop {
            match store.jobs_reap(REAP_PAGE).await {
                Ok(reaped) if reaped.is_empty() => break,
                Ok(reaped) => tracing::warn!(reaped = reaped.len(), "jobs ended at their deadline"),
                Err(error) => {
                    tracing::error!(%error, "reaping");
                    break;
                }
            }
        }
    }
}

/// Marks running phones that the runtime knows to be dead as abnormal (-7).
pub(crate) async fn supervise(
    store: Store,
    runtime: Arc<dyn Runtime>,
    period: Duration,
    stop: CancellationToken,
) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let servers = match store.servers_all().await {
            Ok(servers) => servers,
            Err(error) => {
                tracing::error!(%error, "reading servers");
                continue;
            }
        };
        for server in servers {
            match runtime.dead(&server.id).await {
                Ok(dead) if dead.is_empty() => {}
                Ok(dead) => match store.phones_died(&dead).await {
                    Ok(0) => {}
                    Ok(marked) => tracing::warn!(server_id = %server.id, marked, "phones died"),
                    Err(error) => tracing::error!(%error, "marking dead phones"),
                },
                Err(error) => tracing::warn!(server_id = %server.id, ?error, "the runtime does not answer"),
            }
        }
    }
}
