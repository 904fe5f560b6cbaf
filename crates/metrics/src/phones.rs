//! Phones: how long they boot, and how long they are away.

use crate::capped::Capped;
use crate::make::{BOOT_SECONDS, counters, histograms};
use prometheus::IntCounterVec;
use std::sync::LazyLock;
use std::time::Duration;

/// The name of the boots' histogram, for [`crate::Reading::buckets`].
pub const BOOTS: &str = "phoneyard_boot_seconds";

static BOOT: LazyLock<Capped> = LazyLock::new(|| {
    let help = "Time from a phone's start to its boot completed, by image and server.";
    Capped::new(histograms(BOOTS, help, &["image", "server"], BOOT_SECONDS))
});
static DOWNTIME: LazyLock<Capped> = LazyLock::new(|| {
    let help = "Time that a restart or reset kept a phone away: from its stop until it is proven.";
    Capped::new(histograms("phoneyard_downtime_seconds", help, &["image", "server"], BOOT_SECONDS))
});
static FAILED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Power operations that the runtime could not prove, by reason and stage.";
    counters("phoneyard_boot_failures_total", help, &["reason", "stage"])
});

/// A phone booted and was proven: its boot alone, and all the time that it was away.
pub fn booted(image: &str, server: &str, boot: Duration, away: Duration) {
    BOOT.observe(image, server, boot.as_secs_f64());
    DOWNTIME.observe(image, server, away.as_secs_f64());
}

/// A phone could not be carried to what was wanted.
pub fn failed(reason: &str, stage: &str) {
    FAILED.with_label_values(&[reason, stage]).inc();
}
