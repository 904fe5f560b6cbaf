//! Writes how jobs ended: all that have gathered, in one commit.

use crate::health::{Alive, Health};
use model::id::JobId;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::{Claimed, Ending, Outcome, Queued, Store};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Most jobs ended by one commit.
const BATCH_MAX: usize = 2000;
/// Tries of a batch that the database refuses, and of any batch during a stop.
const TRIES: u32 = 5;
/// First pause between two tries; doubles up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_LAST: Duration = Duration::from_secs(2);
/// How long an unreachable database is tried. By then every job of the batch is overdue and the reaper's.
const RETRY_MAX: Duration = Duration::from_secs(600);

/// A job that a worker carries.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) job: Queued,
    pub(crate) claimed: Claimed,
}

/// A job whose ending was written, or given up.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) carried: Carried,
    /// Its success came too late: the job had been ended as failed, so its phone has to go back.
    pub(crate) undone: bool,
}

/// Takes endings. Its queue never holds more than the jobs that may run.
#[derive(Debug)]
pub(crate) struct Finisher(UnboundedSender<(Carried, Ending)>);

impl Finisher {
    pub(crate) fn send(&self, carried: Carried, ending: Ending) {
        // The receiver lives until this sender is gone.
        let _ = self.0.send((carried, ending));
    }
}

/// Starts the finisher; the second value tells which jobs' endings are on disk.
pub(crate) fn start(
    store: Store,
    stop: CancellationToken,
    health: &Arc<Health>,
    tasks: &mut JoinSet<()>,
) -> (Finisher, UnboundedReceiver<Vec<Ended>>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let (ended_sender, ended) = mpsc::unbounded_channel();
    tasks.spawn(run(store, stop, health.finisher(), receiver, ended_sender));
    (Finisher(sender), ended)
}

async fn run(
    store: Store,
    stop: CancellationToken,
    _alive: Alive,
    mut endings: UnboundedReceiver<(Carried, Ending)>,
    ended: UnboundedSender<Vec<Ended>>,
) {
    let mut batch = Vec::new();
    while endings.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (jobs, endings): (Vec<Carried>, Vec<Ending>) = batch.drain(..).unzip();
        let undone = write(&store, &stop, &endings).await;
        let ended_now = jobs.into_iter().map(|carried| {
            let undone = undone.contains(&carried.job.job_id);
            Ended { carried, undone }
        });
        let _ = ended.send(ended_now.collect());
    }
}

/// Writes a batch; answers with the successes that came too late. What cannot be written is taken up again
/// when its lease is over, or left to the reaper.
async fn write(store: &Store, stop: &CancellationToken, endings: &[Ending]) -> HashSet<JobId> {
    let (mut pause, mut tries) = (PAUSE_FIRST, 0);
    let until = Instant::now() + RETRY_MAX;
    let ended = loop {
        match store.jobs_end(endings).await {
            Ok(ended) => break ended,
            Err(error) => {
                tries += 1;
                tracing::error!(%error, jobs = endings.len(), tries, "ending jobs");
                let hopeless = !error.unavailable() || stop.is_cancelled();
                if (hopeless && tries >= TRIES) || Instant::now() >= until {
                    return HashSet::new();
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_LAST);
    };
    let late = endings
        .iter()
        .filter(|ending| matches!(ending.outcome, Outcome::Succeeded) && !ended.contains(&ending.job_id));
    let late: Vec<JobId> = late.map(|ending| ending.job_id.clone()).collect();
    if late.is_empty() {
        return HashSet::new();
    }
    store.jobs_failed(&late).await.unwrap_or_else(|error| {
        tracing::error!(%error, jobs = late.len(), "looking at endings that came too late");
        HashSet::new()
    })
}
