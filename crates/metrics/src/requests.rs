//! Requests and how they were answered.

use crate::make::{ANSWER_SECONDS, counters, histograms};
use prometheus::{HistogramVec, IntCounterVec};
use std::sync::LazyLock;
use std::time::Duration;

/// The code of an answer that refuses nothing.
pub const OK: &str = "ok";
/// The operation of a request that names none.
pub const NO_OPERATION: &str = "none";

/// The name of the counter of requests, whose label is `code`, for [`crate::Reading::sums`].
pub const REQUESTS_TOTAL: &str = "phoneyard_requests_total";

static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    counters(REQUESTS_TOTAL, "Requests answered, by operation and code.", &["operation", "code"])
});
static SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    let help = "Time from a request's head to its answer.";
    histograms("phoneyard_request_duration_seconds", help, &["operation"], ANSWER_SECONDS)
});
static ENTRIES_REFUSED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Entries of batch requests that were refused at once, by operation and code.";
    counters("phoneyard_entries_refused_total", help, &["operation", "code"])
});

/// A request was answered with that code: [`OK`], or a row of the error catalogue.
pub fn answered(operation: &str, code: &str, took: Duration) {
    REQUESTS.with_label_values(&[operation, code]).inc();
    SECONDS.with_label_values(&[operation]).observe(took.as_secs_f64());
}

/// Entries of a batch request were refused with that code.
pub fn entries_refused(operation: &str, code: &str, entries: u64) {
    ENTRIES_REFUSED.with_label_values(&[operation, code]).inc_by(entries);
}
