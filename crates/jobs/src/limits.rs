//! How often a job is tried at most.

use crate::config::ATTEMPTS_MAX;

/// Name, value, unit, what is limited, and what happens beyond. `phoneyard limits` prints the rows of all crates.
pub const LIMITS: &[(&str, u64, &str, &str, &str)] = &[(
    "jobs.attempts",
    ATTEMPTS_MAX as u64,
    "claims",
    "claims of one job by processes that die",
    "the job ends as -1 with CPS.0003",
)];
