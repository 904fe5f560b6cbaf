//! Times as people read them, in UTC.

use crate::calendar::Moment;

/// `HH:MM`.
pub(crate) fn clock(wall_ms: i64) -> String {
    shown(wall_ms, "%H:%M")
}

/// `HH:MM:SS`.
pub(crate) fn clock_seconds(wall_ms: i64) -> String {
    shown(wall_ms, "%H:%M:%S")
}

/// `Thursday, 1 January`.
pub(crate) fn date(wall_ms: i64) -> String {
    shown(wall_ms, "%A, %-d %B")
}

/// `1 January`.
pub(crate) fn day(wall_ms: i64) -> String {
    shown(wall_ms, "%-d %B")
}

fn shown(wall_ms: i64, format: &str) -> String {
    Moment::of_ms(wall_ms).format(format, "UTC")
}

/// `3 d 4 h`, `4 h 5 min`, `5 min 6 s`, `6 s`.
pub(crate) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_write_them() {
        let known = [
            (0, "00:00", "Thursday, 1 January"),
            (951_782_400_000, "00:00", "Tuesday, 29 February"),
            (1_735_689_599_000, "23:59", "Tuesday, 31 December"),
            (1_764_032_112_000, "00:55", "Tuesday, 25 November"),
            (-1, "23:59", "Wednesday, 31 December"),
        ];
        for (ms, time, day) in known {
            assert_eq!((clock(ms).as_str(), date(ms).as_str()), (time, day));
        }
        assert_eq!(clock_seconds(1_735_689_599_000), "23:59:59");
        for ms in [i64::MIN, i64::MAX] {
            assert_eq!(clock(ms).len(), 5);
            assert!(date(ms).contains(", "));
        }
    }

    #[test]
    fn spans_have_two_units() {
        let spans = [5_000, 65_000, 3_600_000, 90_061_000].map(span);
        assert_eq!(spans, ["5 s", "1 min 5 s", "1 h 0 min", "1 d 1 h"]);
        assert!(span(u64::MAX).ends_with(" h"));
    }
}
