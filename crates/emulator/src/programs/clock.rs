//! `date`, `uptime`, `sleep`.

use super::options::Options;
use crate::calendar::{Moment, parse};
use crate::guest::Guest;
use crate::program::{Process, Running};
use std::time::Duration;

/// Longest sleep.
const SLEEP_S_MAX: f64 = 1e9;

/// Prints the time. Phones know UTC only.
pub(super) fn date(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "ud:D:r:sI:") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let ms = match (options.value('d'), options.value('r')) {
            (Some(text), _) => match parse(text) {
                Some(seconds) => seconds.saturating_mul(1000),
                None => return process.complain(format!("bad date '{text}'")).await,
            },
            (None, Some(file)) => match guest.stat(&process.path(file)) {
                Ok(stat) => stat.mtime_s.saturating_mul(1000),
                Err(why) => return process.complain(format!("{file}: {why}")).await,
            },
            (None, None) => guest.clock().wall_ms(),
        };
        let zone = guest.getprop("persist.sys.timezone").unwrap_or_default();
        let zone = if zone == "GMT" { "GMT" } else { "UTC" };
        let format = match options.rest.first() {
            None => "%a %b %e %H:%M:%S %Z %Y",
            Some(format) => match format.strip_prefix('+') {
                Some(format) => format,
                None => return process.complain("cannot set date: Operation not permitted").await,
            },
        };
        process.say(Moment::of_ms(ms).format(format, zone)).await;
        0
    })
}

/// How long the phone is on.
pub(super) fn uptime(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "ps") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let started_ms = guest.observe().ok().and_then(|phone| phone.started_ms).unwrap_or(0);
        let up_ms = guest.clock().now_ms().saturating_sub(started_ms);
        let now = Moment::of_ms(guest.clock().wall_ms());
        if options.has('s') {
            let started = Moment::of_ms(guest.clock().wall_ms().saturating_sub_unsigned(up_ms));
            process.say(started.format("%F %T", "UTC")).await;
            return 0;
        }
        let minutes = up_ms / 60_000;
        let days = match minutes / 1440 {
            0 => String::new(),
            1 => "1 day, ".to_owned(),
            days => format!("{days} days, "),
        };
        let time = match minutes / 60 % 24 {
            0 => format!("{} min", minutes % 60),
            hours => format!("{hours:2}:{:02}", minutes % 60),
        };
        let now = now.format("%H:%M:%S", "UTC");
        process.say(format!(" {now} up {days}{time},  0 users,  load average: 0.08, 0.03, 0.01")).await;
        0
    })
}

/// Waits.
pub(super) fn sleep(process: Process) -> Running {
    Box::pin(async move {
        if process.arguments().is_empty() {
            return process.complain("Needs 1 argument (see \"sleep --help\")").await;
        }
        let mut seconds = 0.0;
        for text in process.arguments() {
            match seconds_of(text) {
                Some(more) => seconds += more,
                None => return process.complain(format!("bad number '{text}'")).await,
            }
        }
        tokio::time::sleep(Duration::from_secs_f64(seconds.min(SLEEP_S_MAX))).await;
        0
    })
}

/// Seconds, or with a suffix minutes, hours or days.
pub(super) fn seconds_of(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match text.get(digits.len()..)? {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let number = digits.parse::<f64>().ok()? * factor;
    (number.is_finite() && number >= 0.0).then_some(number.min(SLEEP_S_MAX))
}
