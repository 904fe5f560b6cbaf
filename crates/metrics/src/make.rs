//! Makes metrics, keeps them in one registry, and writes them as text.

use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    Gauge, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use std::sync::LazyLock;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

/// What [`text`] is, for HTTP.
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// Answers: from half a millisecond to a minute.
pub(crate) const ANSWER_SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// Statements: from fifty microseconds to ten seconds.
pub(crate) const STATEMENT_SECONDS: &[f64] =
    &[0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0];
/// Boots: from fifty milliseconds to five minutes.
pub(crate) const BOOT_SECONDS: &[f64] =
    &[0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0];
/// Batches: from one to ten thousand rows.
pub(crate) const ROWS: &[f64] =
    &[1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0];

pub(crate) fn counters(name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
    registered(IntCounterVec::new(Opts::new(name, help), labels))
}

pub(crate) fn gauge(name: &str, help: &str) -> IntGauge {
    registered(IntGauge::with_opts(Opts::new(name, help)))
}

pub(crate) fn float_gauge(name: &str, help: &str) -> Gauge {
    registered(Gauge::with_opts(Opts::new(name, help)))
}

pub(crate) fn gauges(name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
    registered(IntGaugeVec::new(Opts::new(name, help), labels))
}

pub(crate) fn histograms(name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
    let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
    registered(HistogramVec::new(options, labels))
}

/// Names and labels are constants of this crate, and a test makes every metric there is.
#[allow(clippy::expect_used, reason = "constants, each tried by a test")]
fn registered<C: Collector + Clone + 'static>(made: prometheus::Result<C>) -> C {
    let metric = made.expect("names and labels are well formed");
    REGISTRY.register(Box::new(metric.clone())).expect("every name is given once");
    metric
}

pub(crate) fn gathered() -> Vec<MetricFamily> {
    REGISTRY.gather()
}

/// Everything in Prometheus' text format. What is asked for at the moment, such as memory, is as of the last
/// [`crate::process::look`].
pub fn text() -> String {
    // The one error there is, a family without a name, cannot be made here.
    TextEncoder::new().encode_to_string(&gathered()).unwrap_or_default()
}
