//! What to do after an attempt: take the answer, try again, or give up. Pure.

use std::time::Duration;

/// The longest wait that a service's Retry-After is heeded with.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
/// The wait when a busy service names none.
const BUSY: Duration = Duration::from_secs(1);
/// The first wait after a broken connection; it doubles until the last.
const BROKEN_FIRST: Duration = Duration::from_millis(100);
const BROKEN_LAST: Duration = Duration::from_secs(2);

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// An answer with this HTTP status and, if it was told, when to come again.
    Answered(u16, Option<Duration>),
    /// No connection, so nothing was sent.
    NotSent,
    /// It cannot be sent at all.
    Unsendable,
    /// The connection broke; whether the request arrived is unknown.
    Broken,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The answer is final, good or bad.
    Take,
    /// The service is busy: again after this.
    Busy(Duration),
    /// The service is not reached: again after this.
    Away(Duration),
    /// Sending it again does not help, or could do it twice.
    GiveUp,
}

/// Judges an attempt. `repeatable`: sending it twice does it once. `tries` attempts were made before.
pub fn step(attempt: Attempt, repeatable: bool, tries: u32) -> Step {
    let pause = BROKEN_FIRST.saturating_mul(1 << tries.min(10)).min(BROKEN_LAST);
    match attempt {
        Attempt::Answered(429, after) => Step::Busy(after.unwrap_or(BUSY).min(RETRY_AFTER_MAX)),
        Attempt::Answered(502..=504, after) if repeatable => {
            Step::Away(after.map_or(pause, |after| after.min(RETRY_AFTER_MAX)))
        }
        Attempt::Answered(..) => Step::Take,
        Attempt::NotSent => Step::Away(pause),
        Attempt::Broken if repeatable => Step::Away(pause),
        Attempt::Broken | Attempt::Unsendable => Step::GiveUp,
    }
}

/// Reads a Retry-After header; only whole seconds are understood.
pub fn retry_after(header: Option<&str>) -> Option<Duration> {
    header?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_service_is_asked_again_when_it_says() {
        let after = Duration::from_secs(7);
        assert_eq!(step(Attempt::Answered(429, Some(after)), false, 0), Step::Busy(after));
        assert_eq!(step(Attempt::Answered(429, None), true, 0), Step::Busy(BUSY));
        let long = Duration::from_secs(100_000);
        assert_eq!(step(Attempt::Answered(429, Some(long)), true, 0), Step::Busy(RETRY_AFTER_MAX));
    }

    #[test]
    fn what_may_have_arrived_is_sent_again_only_when_that_is_safe() {
        assert_eq!(step(Attempt::Broken, false, 0), Step::GiveUp);
        assert_eq!(step(Attempt::Unsendable, true, 0), Step::GiveUp);
        assert_eq!(step(Attempt::Broken, true, 0), Step::Away(BROKEN_FIRST));
        assert_eq!(step(Attempt::NotSent, false, 0), Step::Away(BROKEN_FIRST));
        assert_eq!(step(Attempt::Answered(503, None), false, 0), Step::Take);
    }

    #[test]
    fn waits_grow_to_a_bound() {
        assert_eq!(step(Attempt::NotSent, true, 2), Step::Away(BROKEN_FIRST * 4));
        assert_eq!(step(Attempt::NotSent, true, u32::MAX), Step::Away(BROKEN_LAST));
    }

    #[test]
    fn other_answers_are_final() {
        for status in [200, 201, 400, 401, 403, 404, 500] {
            assert_eq!(step(Attempt::Answered(status, None), true, 0), Step::Take, "{status}");
        }
    }

    #[test]
    fn retry_after_is_read_in_seconds() {
        assert_eq!(retry_after(Some(" 3 ")), Some(Duration::from_secs(3)));
        assert_eq!(retry_after(Some("Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(retry_after(None), None);
    }
}
