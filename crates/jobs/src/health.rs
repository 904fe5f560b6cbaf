//! Whether the worker is alive: it says so itself, turn by turn.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// When this process first looked at the time.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Signs of life of the worker and the finisher.
#[derive(Debug)]
pub struct Health {
    /// How long the worker's loop may be silent.
    silence_max: Duration,
    /// The loop's last turn, in milliseconds since the origin.
    turn_ms: AtomicU64,
    worker: AtomicBool,
    finisher: AtomicBool,
}

impl Health {
    /// Nothing lives yet.
    pub(crate) fn new(silence_max: Duration) -> Arc<Self> {
        Arc::new(Self {
            silence_max,
            turn_ms: AtomicU64::new(now_ms()),
            worker: AtomicBool::new(false),
            finisher: AtomicBool::new(false),
        })
    }

    /// The loop makes a turn.
    pub(crate) fn turn(&self) {
        self.turn_ms.store(now_ms(), Ordering::Relaxed);
    }

    /// The loop lives until the answer is dropped.
    pub(crate) fn worker(self: &Arc<Self>) -> Alive {
        self.turn();
        Alive::new(self.clone(), |health| &health.worker)
    }

    /// The finisher lives until the answer is dropped.
    pub(crate) fn finisher(self: &Arc<Self>) -> Alive {
        Alive::new(self.clone(), |health| &health.finisher)
    }

    /// What is wrong, in a line each; nothing when both live.
    pub fn complaints(&self) -> Vec<String> {
        self.complaints_at(now_ms())
    }

    fn complaints_at(&self, now_ms: u64) -> Vec<String> {
        let mut complaints = Vec::new();
        let silent = Duration::from_millis(now_ms.saturating_sub(self.turn_ms.load(Ordering::Relaxed)));
        if !self.worker.load(Ordering::Relaxed) {
            complaints.push("worker: does not run".into());
        } else if silent > self.silence_max {
            complaints.push(format!("worker: no sign of life for {} s", silent.as_secs()));
        }
        if !self.finisher.load(Ordering::Relaxed) {
            complaints.push("finisher: does not run".into());
        }
        complaints
    }
}

/// Something lives as long as this does.
pub(crate) struct Alive {
    health: Arc<Health>,
    which: fn(&Health) -> &AtomicBool,
}

impl Alive {
    fn new(health: Arc<Health>, which: fn(&Health) -> &AtomicBool) -> Self {
        which(&health).store(true, Ordering::Relaxed);
        Self { health, which }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        (self.which)(&self.health).store(false, Ordering::Relaxed);
    }
}

fn now_ms() -> u64 {
    u64::try_from(ORIGIN.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_live_is_named() {
        let health = Health::new(Duration::from_secs(60));
        assert_eq!(health.complaints(), ["worker: does not run", "finisher: does not run"]);
        let (worker, finisher) = (health.worker(), health.finisher());
        assert!(health.complaints().is_empty());
        drop(finisher);
        assert_eq!(health.complaints(), ["finisher: does not run"]);
        drop(worker);
        assert_eq!(health.complaints().len(), 2);
    }

    #[test]
    fn a_loop_that_hangs_is_named() {
        let health = Health::new(Duration::from_secs(60));
        let _both = (health.worker(), health.finisher());
        let later = now_ms() + 61_000;
        assert_eq!(health.complaints_at(later), ["worker: no sign of life for 61 s"]);
    }
}
