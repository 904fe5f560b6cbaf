//! What the worker is told at start.

use crate::scheduler::Caps;
use std::time::Duration;

/// Claims of one job before it is given up.
pub(crate) const ATTEMPTS_MAX: i64 = 3;

/// How the worker works. Times have defaults that fit `design`: deadlines sum below 30 minutes.
#[derive(Debug, Clone)]
pub struct Config {
    /// How many jobs may run at once.
    pub caps: Caps,
    /// How long a claim is good without a sign of life.
    pub lease: Duration,
    /// Claims of one job before it is given up.
    pub attempts_max: i64,
    /// How often overdue jobs are ended.
    pub reap_period: Duration,
    /// How often phones are checked for having died.
    pub watch_period: Duration,
    /// How long a graceful stop waits for running jobs.
    pub stop_grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            caps: Caps { per_server: 1000, per_project: 2000, total: 4000 },
            lease: Duration::from_secs(15),
            attempts_max: ATTEMPTS_MAX,
            reap_period: Duration::from_secs(5),
            watch_period: Duration::from_secs(10),
            stop_grace: Duration::from_secs(10),
        }
    }
}
