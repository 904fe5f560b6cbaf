//! How far a wait is: counts of jobs, drawn as a bar or said in a line. Pure.

use crate::span;
use crate::table::cut;
use std::time::Duration;

/// The columns of a terminal that does not tell.
pub const WIDTH: usize = 80;
/// The bar's own columns: at most, and at least to be drawn at all.
const BAR_MAX: usize = 30;
const BAR_MIN: usize = 5;

/// Jobs by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Queued or running.
    pub running: usize,
    /// Ended well.
    pub succeeded: usize,
    /// Ended badly.
    pub failed: usize,
}

impl Tally {
    /// All of them.
    pub const fn total(self) -> usize {
        self.running + self.succeeded + self.failed
    }
}

/// The tally in words.
pub fn line(tally: Tally) -> String {
    let Tally { running, succeeded, failed } = tally;
    format!("{running} queued or running, {succeeded} succeeded, {failed} failed")
}

/// The tally as a bar of less than `width` columns.
pub fn bar(tally: Tally, since: Duration, width: usize, color: bool) -> String {
    let ended = tally.succeeded + tally.failed;
    let total = tally.total();
    let text = format!("{ended}/{total}  {}  {}", line(tally), span::show(since));
    let room = width.saturating_sub(1);
    let columns = room.saturating_sub(text.chars().count() + 3).min(BAR_MAX);
    if columns < BAR_MIN {
        return cut(&text, room);
    }
    let full = (columns * ended).checked_div(total).unwrap_or(columns);
    let failed = (full * tally.failed).checked_div(ended).unwrap_or(0);
    let (good, bad) = ("#".repeat(full - failed), "!".repeat(failed));
    let rest = ".".repeat(columns - full);
    let (green, red, plain) = if color { ("\x1b[32m", "\x1b[31m", "\x1b[0m") } else { ("", "", "") };
    format!("[{green}{good}{red}{bad}{plain}{rest}] {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Tally = Tally { running: 50, succeeded: 40, failed: 10 };

    #[test]
    fn a_bar_shows_counts_and_time() {
        let drawn = bar(HALF, Duration::from_secs(83), 120, false);
        let text = "50/100  50 queued or running, 40 succeeded, 10 failed  1m23s";
        assert_eq!(drawn, format!("[{}!!!{}] {text}", "#".repeat(12), ".".repeat(15)));
    }

    #[test]
    fn a_bar_never_fills_the_line() {
        let big = Tally { running: 100_000, succeeded: 0, failed: 0 };
        for width in 0..200 {
            for tally in [HALF, big, Tally::default()] {
                let drawn = bar(tally, Duration::ZERO, width, false);
                assert!(drawn.chars().count() < width.max(1), "{width}: {drawn}");
            }
        }
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        assert!(bar(HALF, Duration::ZERO, 120, true).contains("\x1b[31m!!!\x1b[0m"));
        assert!(!bar(HALF, Duration::ZERO, 120, false).contains('\x1b'));
    }
}
