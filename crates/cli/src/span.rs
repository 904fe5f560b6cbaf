//! Durations as people write them: `300ms`, `2s`, `5m`, `1h`.

use std::time::Duration;

/// Reads a duration.
///
/// # Errors
/// How it is written.
pub fn parse(text: &str) -> Result<Duration, String> {
    let bad = || "write it like 300ms, 2s, 5m or 1h".to_string();
    let split = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(bad)?;
    let (digits, unit) = text.split_at(split);
    let number: u64 = digits.parse().map_err(|_| bad())?;
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(bad()),
    };
    // A year is as good as for ever, and sums with it stay in range.
    const MOST_MS: u64 = 365 * 24 * 3_600_000;
    Ok(Duration::from_millis(number.saturating_mul(unit_ms).min(MOST_MS)))
}

/// A duration for people: `0.4 s`, `12.3 s`, `2m05s`, `1h02m`.
pub fn show(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..=59 => format!("{seconds}.{} s", span.subsec_millis() / 100),
        60..=3599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_read() {
        for (text, ms) in [("0s", 0), ("300ms", 300), ("2s", 2000), ("30m", 1_800_000), ("1h", 3_600_000)] {
            assert_eq!(parse(text).unwrap().as_millis(), ms, "{text}");
        }
        for text in ["", "5", "s", "-1s", "1.5s", "1 s", "1d", "99999999999999999999s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn spans_are_shown_short() {
        let shown = |ms| show(Duration::from_millis(ms));
        assert_eq!([shown(400), shown(12_345), shown(125_000)], ["0.4 s", "12.3 s", "2m05s"]);
        assert_eq!(shown(3_720_000), "1h02m");
    }
}
