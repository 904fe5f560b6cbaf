//! The database: statements, waits for a connection, sizes of commits.

use crate::make::{ROWS, STATEMENT_SECONDS, counters, histograms};
use prometheus::{Histogram, HistogramVec, IntCounterVec};
use std::sync::LazyLock;
use std::time::Duration;

static STATEMENTS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Time of a statement, by its name in the store.";
    histograms("phoneyard_statement_seconds", help, &["statement"], STATEMENT_SECONDS)
});
static WAITS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Wait for a connection of a pool; of the writers' with the begin of the transaction.";
    histograms("phoneyard_pool_wait_seconds", help, &["pool"], STATEMENT_SECONDS)
});
static COMMITS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Jobs written by one commit, by what the commit does.";
    histograms("phoneyard_commit_jobs", help, &["step"], ROWS)
});
static GATHERED: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Requests accepted by one commit.";
    histograms("phoneyard_commit_requests", help, &[], ROWS)
});
static ERRORS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Statements that the database refused or did not answer.";
    counters("phoneyard_statement_errors_total", help, &["statement"])
});

/// A pool of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// For what only reads.
    Readers,
    /// For transactions.
    Writers,
}

/// What a commit does to jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Accepts them.
    Accept,
    /// Claims them.
    Claim,
    /// Ends them.
    End,
}

/// The measure of one statement, looked up once.
#[derive(Debug, Clone)]
pub struct Statement {
    name: &'static str,
    seconds: Histogram,
}

impl Statement {
    /// Of the statement with that name.
    pub fn new(name: &'static str) -> Self {
        Self { name, seconds: STATEMENTS.with_label_values(&[name]) }
    }

    /// It ran for that long, and came to a good end or not.
    pub fn ran(&self, took: Duration, good: bool) {
        self.seconds.observe(took.as_secs_f64());
        if !good {
            ERRORS.with_label_values(&[self.name]).inc();
        }
    }
}

/// Somebody waited for a connection.
pub fn waited(pool: Pool, took: Duration) {
    let pool = match pool {
        Pool::Readers => "readers",
        Pool::Writers => "writers",
    };
    WAITS.with_label_values(&[pool]).observe(took.as_secs_f64());
}

/// A commit wrote so many jobs.
pub fn committed(step: Step, jobs: usize) {
    let step = match step {
        Step::Accept => "accept",
        Step::Claim => "claim",
        Step::End => "end",
    };
    COMMITS.with_label_values(&[step]).observe(jobs as f64);
}

/// A commit accepted so many requests.
pub fn gathered(requests: usize) {
    GATHERED.with_label_values(&[] as &[&str]).observe(requests as f64);
}
