//! Jobs: accepted, waiting, running, ended.

use crate::make::{BOOT_SECONDS, counters, float_gauge, gauge, histograms};
use prometheus::{Gauge, HistogramVec, IntCounterVec, IntGauge};
use std::sync::LazyLock;
use std::time::Duration;

/// The outcome of a job that did what was asked; the others are codes of the error catalogue.
pub const SUCCEEDED: &str = "succeeded";

/// The name of the counter of ended jobs, whose label is `outcome`, for [`crate::Reading::sums`].
pub const ENDED_TOTAL: &str = "phoneyard_jobs_ended_total";

static ACCEPTED: LazyLock<IntCounterVec> =
    LazyLock::new(|| counters("phoneyard_jobs_accepted_total", "Jobs accepted, by kind.", &["kind"]));
static ENDED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Jobs ended, by kind and outcome: succeeded, or the code of the failure.";
    counters(ENDED_TOTAL, help, &["kind", "outcome"])
});
static WORKED: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Time from a job's claim to the end of its work.";
    histograms("phoneyard_job_work_seconds", help, &["kind"], BOOT_SECONDS)
});
static RUNNING: LazyLock<IntGauge> =
    LazyLock::new(|| gauge("phoneyard_jobs_running", "Jobs that are being carried out."));
static QUEUED: LazyLock<IntGauge> =
    LazyLock::new(|| gauge("phoneyard_jobs_queued", "Accepted jobs that wait."));
static OLDEST: LazyLock<Gauge> = LazyLock::new(|| {
    float_gauge(
        "phoneyard_oldest_job_age_seconds",
        "Age of the oldest job that has not ended; 0 without one.",
    )
});

/// Jobs were accepted.
pub fn accepted(kind: &str, jobs: u64) {
    ACCEPTED.with_label_values(&[kind]).inc_by(jobs);
}

/// Jobs ended: [`SUCCEEDED`], or with the code of the failure.
pub fn ended(kind: &str, outcome: &str, jobs: u64) {
    ENDED.with_label_values(&[kind, outcome]).inc_by(jobs);
}

/// A job was worked on for that long.
pub fn worked(kind: &str, took: Duration) {
    WORKED.with_label_values(&[kind]).observe(took.as_secs_f64());
}

/// So many jobs run now.
pub fn set_running(jobs: usize) {
    RUNNING.set(i64::try_from(jobs).unwrap_or(i64::MAX));
}

/// Jobs that run now.
pub fn running() -> i64 {
    RUNNING.get()
}

/// So many jobs wait now.
pub fn set_queued(jobs: i64) {
    QUEUED.set(jobs);
}

/// The oldest job that has not ended is that old.
pub fn set_oldest(age: Duration) {
    OLDEST.set(age.as_secs_f64());
}
