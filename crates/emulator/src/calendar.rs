//! Dates of the phone's wall clock, in UTC.

/// A moment, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: i64,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// 0 is Sunday.
    pub(crate) weekday: u32,
    /// 0 is the first of January.
    pub(crate) yearday: u32,
    pub(crate) unix_s: i64,
    pub(crate) nanos: u32,
}

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAY_S: i64 = 86_400;

impl Moment {
    /// The moment of so many milliseconds since 1970.
    pub(crate) fn of_ms(unix_ms: i64) -> Self {
        let mut moment = Self::of(unix_ms.div_euclid(1000));
        moment.nanos = u32::try_from(unix_ms.rem_euclid(1000)).unwrap_or(0) * 1_000_000;
        moment
    }

    /// The moment of so many seconds since 1970.
    pub(crate) fn of(unix_s: i64) -> Self {
        let (days, second) = (unix_s.div_euclid(DAY_S), unix_s.rem_euclid(DAY_S));
        // Years begin in March here, so that the day that comes and goes is a year's last; eras have 400 years.
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        let small = |number: i64| u32::try_from(number).unwrap_or(0);
        Self {
            year,
            month: small(month),
            day: small(day),
            hour: small(second / 3600),
            minute: small(second / 60 % 60),
            second: small(second % 60),
            weekday: small((days + 4).rem_euclid(7)),
            yearday: small(days - days_of(year, 1, 1)),
            unix_s,
            nanos: 0,
        }
    }

    /// What `+FORMAT` gives.
    pub(crate) fn format(&self, format: &str, zone: &str) -> String {
        let mut out = String::new();
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            let mut letter = letters.next();
            let plain = letter == Some('-');
            let mut width = 9;
            if plain {
                letter = letters.next();
            }
            if let Some(digit) = letter.and_then(|letter| letter.to_digit(10)) {
                width = digit as usize;
                letter = letters.next();
            }
            let Some(letter) = letter else { break };
            let text = self.field(letter, zone, width);
            let trimmed = if plain { text.trim_start_matches(['0', ' ']) } else { &text };
            out.push_str(if trimmed.is_empty() && !text.is_empty() { "0" } else { trimmed });
        }
        out
    }

    fn field(&self, letter: char, zone: &str, width: usize) -> String {
        let weekday = WEEKDAYS.get(self.weekday as usize).copied().unwrap_or_default();
        let month = MONTHS.get((self.month as usize).wrapping_sub(1)).copied().unwrap_or_default();
        let short = |name: &str| name.get(..3).unwrap_or_default().to_owned();
        let hour12 = match self.hour % 12 {
            0 => 12,
            hour => hour,
        };
        match letter {
            'Y' => format!("{:04}", self.year),
            'y' => format!("{:02}", self.year.rem_euclid(100)),
            'C' => format!("{:02}", self.year.div_euclid(100)),
            'm' => format!("{:02}", self.month),
            'd' => format!("{:02}", self.day),
            'e' => format!("{:2}", self.day),
            'H' => format!("{:02}", self.hour),
            'I' => format!("{hour12:02}"),
            'M' => format!("{:02}", self.minute),
            'S' => format!("{:02}", self.second),
            'N' => format!("{:09}", self.nanos).chars().take(width).collect(),
            's' => self.unix_s.to_string(),
            'j' => format!("{:03}", self.yearday + 1),
            'u' => if self.weekday == 0 { 7 } else { self.weekday }.to_string(),
            'w' => self.weekday.to_string(),
            'a' => short(weekday),
            'A' => weekday.to_owned(),
            'b' | 'h' => short(month),
            'B' => month.to_owned(),
            'p' => if self.hour < 12 { "AM" } else { "PM" }.to_owned(),
            'F' => self.format("%Y-%m-%d", zone),
            'D' => self.format("%m/%d/%y", zone),
            'T' => self.format("%H:%M:%S", zone),
            'R' => self.format("%H:%M", zone),
            'r' => self.format("%I:%M:%S %p", zone),
            'c' => self.format("%a %b %e %H:%M:%S %Y", zone),
            'x' => self.format("%m/%d/%y", zone),
            'X' => self.format("%H:%M:%S", zone),
            'Z' => zone.to_owned(),
            'z' => "+0000".to_owned(),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            other => format!("%{other}"),
        }
    }
}

/// Days from 1970 to a date.
fn days_of(year: i64, month: u32, day: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let march_month = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * march_month + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Seconds since 1970 of what is written as `YYYYMMDDhhmm[.ss]` or `YYYY-MM-DD[Thh:mm[:ss]]`; none if that is
/// no date.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok();
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number =
        |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |part| part.parse::<u32>().ok());
    if digits.len() < 8 || digits.len() > 14 || digits.len() % 2 == 1 {
        return None;
    }
    let (month, day) = (number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    let fits =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    let days = days_of(i64::from(number(0, 4)?), month, day);
    fits.then(|| days * DAY_S + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
}

/// As `dumpsys` writes it: `2026-01-31 23:59:59`.
pub(crate) fn date_time(wall_ms: i64) -> String {
    Moment::of_ms(wall_ms).format("%F %T", "UTC")
}

/// As `logcat` writes it: `01-31 23:59:59.042`.
pub(crate) fn month_time(wall_ms: i64) -> String {
    Moment::of_ms(wall_ms).format("%m-%d %T.%3N", "UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_over_leap_days_before_1970_and_at_the_ends_of_time() {
        assert_eq!(date_time(0), "1970-01-01 00:00:00");
        assert_eq!(date_time(-1), "1969-12-31 23:59:59");
        assert_eq!(date_time(951_782_400_000), "2000-02-29 00:00:00");
        assert_eq!(date_time(1_772_323_199_000), "2026-02-28 23:59:59");
        assert_eq!(month_time(1_772_323_199_042), "02-28 23:59:59.042");
        assert_eq!(date_time(i64::MAX), "292278994-08-17 07:12:55");
        assert_eq!(date_time(i64::MIN), "-292275055-05-16 16:47:04");
        for seconds in [i64::MIN, i64::MAX] {
            assert_eq!(Moment::of(seconds).format("%s", "UTC"), seconds.to_string());
        }
    }
}
