//! What runs beside the worker: the reaper and the supervisor.

use futures::FutureExt;
use futures::stream::{self, StreamExt};
use model::id::ServerId;
use runtime::Runtime;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Overdue jobs ended at once.
const REAP_PAGE: i64 = 1000;
/// How often old changes are forgotten.
const PRUNE_PERIOD: Duration = Duration::from_secs(3600);
/// Pause before a watch that broke down starts over.
const BREAK: Duration = Duration::from_millis(200);
/// Servers looked after at once.
const WATCHED_AT_ONCE: usize = 16;
/// Longest that a runtime may take to name a server's dead.
const LOOK_MAX: Duration = Duration::from_secs(10);

/// Runs a watch that only the stop ends. A defect that breaks it down costs one round, not all that follow.
pub(crate) async fn keep<F: Future<Output = ()>>(
    name: &'static str,
    stop: CancellationToken,
    run: impl Fn() -> F,
) {
    while !stop.is_cancelled() {
        if AssertUnwindSafe(run()).catch_unwind().await.is_err() {
            tracing::error!(name, "a watch broke down by a defect and starts over");
            stop.run_until_cancelled(sleep(BREAK)).await;
        }
    }
}

/// Ends jobs that are past their deadline, whoever holds them; now and then forgets old changes.
pub(crate) async fn reap(store: Store, period: Duration, stop: CancellationToken) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut prunes = interval(PRUNE_PERIOD);
    prunes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = prunes.tick() => {
                prune(&store).await;
                continue;
            }
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

async fn prune(store: &Store) {
    match store.audit_prune().await {
        Ok(0) => {}
        Ok(pruned) => tracing::info!(pruned, "old changes forgotten"),
        Err(error) => tracing::error!(%error, "forgetting old changes"),
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
    let watching = async {
        loop {
            ticks.tick().await;
            match store.servers_all().await {
                Ok(servers) => {
                    stream::iter(servers)
                        .for_each_concurrent(WATCHED_AT_ONCE, |server| look(&store, &*runtime, server.id))
                        .await;
                }
                Err(error) => tracing::error!(%error, "reading servers"),
            }
        }
    };
    // An engine that hangs must not hold up the stop.
    stop.run_until_cancelled(watching).await;
}

/// Looks after one server; an engine that does not answer holds up nobody else's.
async fn look(store: &Store, runtime: &dyn Runtime, server_id: ServerId) {
    let seen_ms = store.clock().now_ms();
    match timeout(LOOK_MAX, runtime.dead(&server_id)).await {
        Ok(Ok(dead)) if dead.is_empty() => {}
        Ok(Ok(dead)) => match store.phones_died(&dead, seen_ms).await {
            Ok(0) => {}
            Ok(marked) => tracing::warn!(%server_id, marked, "phones died"),
            Err(error) => tracing::error!(%error, "marking dead phones"),
        },
        Ok(Err(error)) => tracing::warn!(%server_id, %error, "the runtime does not answer"),
        Err(_) => tracing::warn!(%server_id, "the runtime does not answer in time"),
    }
}
