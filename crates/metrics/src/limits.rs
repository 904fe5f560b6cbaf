//! Limits and how much of each is in use.

use crate::make::gauges;
use prometheus::{IntGauge, IntGaugeVec};
use std::sync::LazyLock;

static USED: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauges("phoneyard_limit_used", "How much of a limit is in use.", &["limit"]));
static MAX: LazyLock<IntGaugeVec> =
    LazyLock::new(|| gauges("phoneyard_limit_max", "How much a limit allows.", &["limit"]));

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Connections to the API.
    Connections,
    /// Large request bodies in memory.
    LargeBodies,
    /// Passwords being checked.
    PasswordChecks,
    /// Jobs that have not ended.
    Jobs,
    /// Jobs that run.
    RunningJobs,
    /// ADB connections.
    AdbConnections,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 6] = [
        Self::Connections,
        Self::LargeBodies,
        Self::PasswordChecks,
        Self::Jobs,
        Self::RunningJobs,
        Self::AdbConnections,
    ];

    /// The label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::LargeBodies => "large_bodies",
            Self::PasswordChecks => "password_checks",
            Self::Jobs => "jobs",
            Self::RunningJobs => "running_jobs",
            Self::AdbConnections => "adb_connections",
        }
    }

    /// Says how much it allows.
    pub fn set_max(self, max: usize) {
        MAX.with_label_values(&[self.name()]).set(i64::try_from(max).unwrap_or(i64::MAX));
    }

    /// Says how much is in use, where that is counted elsewhere.
    pub fn set_used(self, used: i64) {
        USED.with_label_values(&[self.name()]).set(used);
    }

    /// How much is in use, and how much it allows.
    pub fn now(self) -> (i64, i64) {
        let name = &[self.name()];
        (USED.with_label_values(name).get(), MAX.with_label_values(name).get())
    }

    /// One more is in use until the answer is dropped.
    pub fn take(self) -> Taken {
        let used = USED.with_label_values(&[self.name()]);
        used.inc();
        Taken(used)
    }
}

/// A place that is in use.
#[derive(Debug)]
pub struct Taken(IntGauge);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_given_back() {
        let limit = Limit::PasswordChecks;
        limit.set_max(16);
        let (one, two) = (limit.take(), limit.take());
        assert_eq!(limit.now(), (2, 16));
        drop(one);
        assert_eq!(limit.now(), (1, 16));
        drop(two);
        assert_eq!(limit.now(), (0, 16));
    }
}
