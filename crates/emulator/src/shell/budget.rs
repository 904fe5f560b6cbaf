//! What a shell and all shells below it share: how much runs at a time, and how fast.

use super::limits::{
    ARGUMENTS_BYTES_MAX, COMMAND_WORK, FREE_WORK, MEMORY_BYTES_MAX, PAUSE_MS, PAUSES_MAX, PROCESSES_MAX,
    PROGRAM_BYTES_MAX, WORK_PER_PAUSE, WORK_PER_TURN,
};
use crate::program::Process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

tokio::task_local! {
    /// What a program was started from: a shell in it goes on from there.
    static NEST: (usize, Arc<Budget>);
}

/// First process id that a shell gets.
const PID_FIRST: u32 = 4100;

/// Shared by a shell and everything that runs below it.
#[derive(Debug, Default)]
pub(super) struct Budget {
    processes: AtomicUsize,
    work: AtomicU64,
    pids: AtomicU32,
    memory_bytes: AtomicUsize,
}

/// Memory that something takes; given back when dropped.
#[derive(Debug)]
pub(super) struct Share(Arc<Budget>, usize);

impl Drop for Share {
    fn drop(&mut self) {
        self.0.memory_bytes.fetch_sub(self.1, Ordering::Relaxed);
    }
}

/// A place among the processes; given back when dropped.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Budget>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.processes.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Budget {
    /// A place for one more process, if there is one.
    pub(super) fn take(self: &Arc<Self>) -> Option<Ticket> {
        let more = |count: usize| (count < PROCESSES_MAX).then_some(count + 1);
        self.processes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Ticket(self.clone()))
    }

    /// What a program takes before it runs.
    ///
    /// # Errors
    /// It is too much, by itself or with all that run.
    pub(super) fn share(self: &Arc<Self>, process: &Process) -> Result<Share, &'static str> {
        let arguments = process.argv.iter().map(|argument| argument.len() + 1).sum::<usize>();
        let variables = process.env.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
        let bytes = arguments + variables;
        if bytes > PROGRAM_BYTES_MAX || arguments > ARGUMENTS_BYTES_MAX {
            return Err("Argument list too long");
        }
        self.memory(bytes).ok_or("Cannot allocate memory")
    }

    /// So much memory, if it is left.
    pub(super) fn memory(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let more = |taken: usize| Some(taken + bytes).filter(|taken| *taken <= MEMORY_BYTES_MAX);
        self.memory_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Share(self.clone(), bytes))
    }

    /// A new process id.
    pub(super) fn pid(&self) -> u32 {
        PID_FIRST + self.pids.fetch_add(1, Ordering::Relaxed) % 28_000
    }

    /// Counts a command.
    pub(super) async fn command(&self) {
        self.work(COMMAND_WORK).await;
    }

    /// Counts work: about a letter looked at is one. Lets others run after enough of it, and slows down who does
    /// very much.
    pub(super) async fn work(&self, units: usize) {
        let units = u64::try_from(units).unwrap_or(u64::MAX / 2);
        let before = self.work.fetch_add(units, Ordering::Relaxed);
        let after = before.saturating_add(units);
        let pauses = (after / WORK_PER_PAUSE - before / WORK_PER_PAUSE).min(PAUSES_MAX);
        if before > FREE_WORK && pauses > 0 {
            // In a box: it is rare, and would make the frame of every caller as large as itself.
            Box::pin(tokio::time::sleep(Duration::from_millis(PAUSE_MS * pauses))).await;
        } else if before / WORK_PER_TURN != after / WORK_PER_TURN {
            tokio::task::yield_now().await;
        }
    }
}

/// How deep the running program is, and what it shares.
pub(super) fn inherited() -> (usize, Arc<Budget>) {
    NEST.try_with(Clone::clone).unwrap_or_default()
}

/// Runs a program below a shell that is this deep.
pub(super) async fn below<T>(depth: usize, budget: Arc<Budget>, work: impl Future<Output = T>) -> T {
    NEST.scope((depth, budget), work).await
}
