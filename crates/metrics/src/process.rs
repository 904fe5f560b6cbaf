//! The process itself: memory, file descriptors, start, version.

use crate::make::{float_gauge, gauge, gauges};
use prometheus::{Gauge, IntGauge, IntGaugeVec};
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

static RESIDENT: LazyLock<IntGauge> =
    LazyLock::new(|| gauge("process_resident_memory_bytes", "Memory that the process holds."));
static OPEN_FDS: LazyLock<IntGauge> = LazyLock::new(|| gauge("process_open_fds", "Open file descriptors."));
static THREADS: LazyLock<IntGauge> = LazyLock::new(|| gauge("process_threads", "Threads."));
static START: LazyLock<Gauge> =
    LazyLock::new(|| float_gauge("process_start_time_seconds", "When the service started, since 1970."));
static UPTIME: LazyLock<Gauge> =
    LazyLock::new(|| float_gauge("phoneyard_uptime_seconds", "For how long the service has run."));
static BUILD: LazyLock<IntGaugeVec> = LazyLock::new(|| {
    gauges("phoneyard_build_info", "Always 1; the labels tell version and commit.", &["version", "commit"])
});
static BORN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What the process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Memory in bytes.
    pub resident_bytes: i64,
    /// Open file descriptors.
    pub open_fds: i64,
    /// Threads.
    pub threads: i64,
}

/// The service starts now, from a binary of that version and commit.
pub fn started(version: &str, commit: &str) {
    LazyLock::force(&BORN);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    START.set(since.as_secs_f64());
    BUILD.with_label_values(&[version, commit]).set(1);
}

/// For how long the service has run.
pub fn uptime() -> Duration {
    BORN.elapsed()
}

/// Looks at the process and sets its gauges. Where the system does not tell, they stay.
pub fn look() -> Held {
    UPTIME.set(uptime().as_secs_f64());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let held = Held {
        resident_bytes: field(&status, "VmRSS:").map_or(0, |kib| kib * 1024),
        open_fds: std::fs::read_dir("/proc/self/fd").map_or(0, |fds| fds.count() as i64),
        threads: field(&status, "Threads:").unwrap_or(0),
    };
    RESIDENT.set(held.resident_bytes);
    OPEN_FDS.set(held.open_fds);
    THREADS.set(held.threads);
    held
}

/// The number behind a name in `/proc/self/status`.
fn field(status: &str, name: &str) -> Option<i64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_systems_status() {
        let status = "Name:\tphoneyard\nVmRSS:\t   12345 kB\nThreads:\t7\n";
        assert_eq!(field(status, "VmRSS:"), Some(12345));
        assert_eq!(field(status, "Threads:"), Some(7));
        assert_eq!(field(status, "VmSwap:"), None);
    }

    #[test]
    fn a_process_holds_something() {
        let held = look();
        assert!(held.resident_bytes > 1024 * 1024 && held.open_fds > 2 && held.threads > 0, "{held:?}");
    }
}
