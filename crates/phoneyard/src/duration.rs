//! Durations as people write them: `300ms`, `2s`, `5m`, `1h`.

use serde::{Deserialize, Deserializer};
use std::str::FromStr;
use std::time::Duration;

/// A duration in a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Span {
    /// In milliseconds.
    pub fn ms(self) -> i64 {
        i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("'{text}' is no duration; write it like 300ms, 2s, 5m or 1h");
        let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let number: u64 = text[..digits].parse().map_err(|_| bad())?;
        let unit_ms: u64 = match &text[digits..] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(bad()),
        };
        number.checked_mul(unit_ms).map(|ms| Self(Duration::from_millis(ms))).ok_or_else(bad)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        for (text, ms) in [("0ms", 0), ("300ms", 300), ("2s", 2000), ("5m", 300_000), ("1h", 3_600_000)] {
            assert_eq!(text.parse::<Span>().unwrap().ms(), ms, "{text}");
        }
        for text in
            ["", "5", "s", "-1s", "1.5s", "1 s", "1d", "99999999999999999999s", "18446744073709551615h"]
        {
            assert!(text.parse::<Span>().unwrap_err().contains("is no duration"), "{text}");
        }
    }
}
