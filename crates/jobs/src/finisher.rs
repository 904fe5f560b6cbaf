//! Writes how jobs ended: all that have gathered, in one commit.

use std::time::Duration;
use store::{Ending, Queued, Store};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

/// Most jobs ended by one commit.
const BATCH_MAX: usize = 2000;
/// Tries of a batch before its jobs are written one by one.
const TRIES: u32 = 5;

/// Takes endings. Its queue never holds more than the jobs that may run.
#[derive(Debug)]
pub(crate) struct Finisher(UnboundedSender<(Queued, Ending)>);

impl Finisher {
    pub(crate) fn send(&self, job: Queued, ending: Ending) {
        // The receiver lives until this sender is gone.
        let _ = self.0.send((job, ending));
    }
}

/// Starts the finisher; the second value tells which jobs' endings are on disk.
pub(crate) fn start(store: Store, tasks: &mut JoinSet<()>) -> (Finisher, UnboundedReceiver<Vec<Queued>>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let (ended_sender, ended) = mpsc::unbounded_channel();
    tasks.spawn(run(store, receiver, ended_sender));
    (Finisher(sender), ended)
}

async fn run(
    store: Store,
    mut endings: UnboundedReceiver<(Queued, Ending)>,
    ended: UnboundedSender<Vec<Queued>>,
) {
    let mut batch = Vec::new();
    while endings.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let (jobs, endings): (Vec<Queued>, Vec<Ending>) = batch.drain(..).unzip();
        write(&store, &endings).await;
        let _ = ended.send(jobs);
    }
}

/// Writes a batch. A row that the database will not take must not hold up the others: after some tries each
/// goes by itself, and what still fails is left to the reaper.
async fn write(store: &Store, endings: &[Ending]) {
    if write_together(store, endings).await || endings.len() == 1 {
        return;
    }
    for ending in endings {
        write_together(store, std::slice::from_ref(ending)).await;
    }
}

async fn write_together(store: &Store, endings: &[Ending]) -> bool {
    let mut pause = Duration::from_millis(50);
    let mut tries = 0;
    loop {
        match store.jobs_end(endings).await {
            Ok(_) => return true,
            Err(error) => {
                tries += 1;
                tracing::error!(%error, jobs = endings.len(), tries, "ending jobs");
                if tries >= TRIES && !error.unavailable() {
                    return false;
                }
                if tries >= TRIES * 4 {
                    return false;
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
