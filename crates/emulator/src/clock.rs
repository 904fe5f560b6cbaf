//! Time as the phones know it.

/// Tells a phone the time.
pub trait Clock: Send + Sync + 'static {
    /// Monotonic milliseconds: what boots and uptimes are counted in.
    fn now_ms(&self) -> u64;

    /// Milliseconds since 1970-01-01T00:00:00Z: what `date` and files show.
    fn wall_ms(&self) -> i64;
}

/// A clock that stands still, 100 seconds after the machine began.
#[cfg(test)]
pub(crate) struct Still;

#[cfg(test)]
impl Clock for Still {
    fn now_ms(&self) -> u64 {
        100_000
    }

    fn wall_ms(&self) -> i64 {
        1_772_319_600_000
    }
}
