//! What a shell and all shells below it share: how much runs at a time, and how fast.

use super::limits::{COMMANDS_PER_PAUSE, COMMANDS_PER_TURN, FREE_COMMANDS, PAUSE_MS, PROCESSES_MAX};
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
    commands: AtomicU64,
    pids: AtomicU32,
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

    /// A new process id.
    pub(super) fn pid(&self) -> u32 {
        PID_FIRST + self.pids.fetch_add(1, Ordering::Relaxed) % 28_000
    }

    /// Counts a command; lets others run, and slows down who runs very many.
    pub(super) async fn command(&self) {
        let commands = self.commands.fetch_add(1, Ordering::Relaxed);
        if commands > FREE_COMMANDS && commands.is_multiple_of(COMMANDS_PER_PAUSE) {
            tokio::time::sleep(Duration::from_millis(PAUSE_MS)).await;
        } else if commands.is_multiple_of(COMMANDS_PER_TURN) {
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
