//! Times as answers carry them (`contract/README.md`, "Ids, times, numbers").

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// `YYYY-MM-DDTHH:MM:SSZ`, for epoch milliseconds; the fraction is cut off.
pub fn utc(ms: i64) -> String {
    format!("{}Z", to_the_second(ms))
}

/// `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the form of IAM, for epoch milliseconds.
pub fn utc_micros(ms: i64) -> String {
    format!("{}.{:03}000Z", to_the_second(ms), ms.rem_euclid(1000))
}

fn to_the_second(ms: i64) -> String {
    let (year, month, day) = civil(ms.div_euclid(MS_PER_DAY));
    let second = ms.rem_euclid(MS_PER_DAY) / 1000;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last and months follow one rule.
fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_400_YEARS: i64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    let days = days + 719_468;
    let cycle = days.div_euclid(DAYS_PER_400_YEARS);
    let day_of_cycle = days.rem_euclid(DAYS_PER_400_YEARS);
    // Every 4 years a leap day, not every 100, but every 400: take them out and years are 365 days.
    let leap_days = day_of_cycle / 1_460 - day_of_cycle / 36_524 + day_of_cycle / 146_096;
    let year_of_cycle = (day_of_cycle - leap_days) / 365;
    let day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    // March, April, ... have 31, 30, 31, 30, 31 days, again and again: 153 days in five months.
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (400 * cycle + year_of_cycle + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_times() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (999, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (951_868_799_999, "2000-02-29T23:59:59Z"),
            (951_868_800_000, "2000-03-01T00:00:00Z"),
            (1_556_262_006_000, "2019-04-26T07:00:06Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (253_402_300_799_000, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(utc(ms), text);
        }
    }

    #[test]
    fn iam_times_have_microseconds() {
        assert_eq!(utc_micros(1_578_128_722_701), "2020-01-04T09:05:22.701000Z");
        assert_eq!(utc_micros(-1), "1969-12-31T23:59:59.999000Z");
    }

    /// The calendar in its slow form: one day after the other.
    #[test]
    fn eight_centuries_day_by_day() {
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let (mut year, mut month, mut day) = (1600, 1, 1);
        for days in -135_140..157_054 {
            assert_eq!(civil(days), (year, month, day), "{days}");
            let last = match month {
                2 => 28 + i64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > last {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }

    #[test]
    fn no_number_is_too_large() {
        for ms in [i64::MIN, i64::MAX] {
            assert!(utc(ms).ends_with('Z'));
        }
    }
}
