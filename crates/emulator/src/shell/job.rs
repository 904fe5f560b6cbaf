//! What runs beside the shell: jobs in the background, and the carriers between pipes and files.

use super::Shell;
use super::system::{Refusal, Sink, Source};
use crate::pipe::{Input, Output};
use tokio::task::JoinHandle;

/// A task that ends when this is dropped.
#[derive(Debug)]
pub(super) struct Task<T>(JoinHandle<T>);

impl<T: Send + 'static> Task<T> {
    pub(super) fn start(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// What it gives; none when it was killed.
    pub(super) async fn wait(mut self) -> Option<T> {
        (&mut self.0).await.ok()
    }

    pub(super) fn ended(&self) -> bool {
        self.0.is_finished()
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A job in the background.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) pid: u32,
    task: Task<(u8, Vec<Job>)>,
}

impl Job {
    pub(super) fn new(pid: u32, task: Task<(u8, Vec<Job>)>) -> Self {
        Self { pid, task }
    }

    pub(super) fn ended(&self) -> bool {
        self.task.ended()
    }

    /// Waits for it and for what it left in the background; gives its exit code.
    pub(super) async fn wait(self) -> u8 {
        let Some((code, mut rest)) = self.task.wait().await else { return 137 };
        while let Some(job) = rest.pop() {
            if let Some((_, more)) = job.task.wait().await {
                rest.extend(more);
            }
        }
        code
    }
}

impl Shell {
    /// Keeps what still runs of another shell's jobs.
    pub(super) fn adopt(&mut self, jobs: Vec<Job>) {
        self.jobs.extend(jobs.into_iter().filter(|job| !job.ended()));
    }
}

/// Writes to a file what comes out of a pipe.
pub(super) async fn store(from: Input, mut to: Box<dyn Sink>) -> Result<(), Refusal> {
    while let Some(bytes) = from.next().await {
        to.write(&bytes)?;
    }
    to.close()
}

/// Writes a file into a pipe.
pub(super) async fn load(mut from: Box<dyn Source>, to: Output) -> Result<(), Refusal> {
    while let Some(bytes) = from.next()? {
        if to.write(bytes).await.is_err() {
            break;
        }
    }
    Ok(())
}
