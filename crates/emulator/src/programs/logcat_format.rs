//! How `logcat` shows lines.

use crate::calendar::{Moment, month_time};
use crate::logcat::Line;

/// The shape of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Brief,
    Process,
    Tag,
    Thread,
    Raw,
    Time,
    ThreadTime,
    Long,
}

/// A shape, and what modifies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    shape: Shape,
    epoch: bool,
    year: bool,
    utc: bool,
}

impl Default for Format {
    fn default() -> Self {
        Self { shape: Shape::ThreadTime, epoch: false, year: false, utc: false }
    }
}

impl Format {
    /// Takes names such as `brief` or `epoch` on; false for one that there is not.
    pub(super) fn take(&mut self, names: &str) -> bool {
        names.split([',', ' ']).filter(|name| !name.is_empty()).all(|name| {
            match name {
                "brief" => self.shape = Shape::Brief,
                "process" => self.shape = Shape::Process,
                "tag" => self.shape = Shape::Tag,
                "thread" => self.shape = Shape::Thread,
                "raw" => self.shape = Shape::Raw,
                "time" => self.shape = Shape::Time,
                "threadtime" => self.shape = Shape::ThreadTime,
                "long" => self.shape = Shape::Long,
                "epoch" => self.epoch = true,
                "year" => self.year = true,
                "UTC" | "zone" => self.utc = true,
                "usec" | "color" | "colour" | "uid" | "descriptive" | "monotonic" | "printable" => {}
                _ => return false,
            }
            true
        })
    }

    fn date(self, wall_ms: i64) -> String {
        if self.epoch {
            return format!("{:10}.{:03}", wall_ms.div_euclid(1000), wall_ms.rem_euclid(1000));
        }
        let year = if self.year { Moment::of_ms(wall_ms).format("%Y-", "UTC") } else { String::new() };
        let zone = if self.utc { " +0000" } else { "" };
        format!("{year}{}{zone}", month_time(wall_ms))
    }

    /// A line as text.
    pub(super) fn line(self, line: &Line) -> String {
        let Line { pid, tid, tag, text, wall_ms, .. } = line;
        let (letter, date) = (line.priority.letter(), self.date(*wall_ms));
        match self.shape {
            Shape::Brief => format!("{letter}/{tag:<8}({pid:>5}): {text}\n"),
            Shape::Process => format!("{letter}({pid:>5}) {text}  ({tag})\n"),
            Shape::Tag => format!("{letter}/{tag:<8}: {text}\n"),
            Shape::Thread => format!("{letter}({pid:>5}:{tid:>5}) {text}\n"),
            Shape::Raw => format!("{text}\n"),
            Shape::Time => format!("{date} {letter}/{tag:<8}({pid:>5}): {text}\n"),
            Shape::ThreadTime => format!("{date} {pid:>5} {tid:>5} {letter} {tag:<8}: {text}\n"),
            Shape::Long => format!("[ {date} {pid:>5}:{tid:>5} {letter}/{tag:<8} ]\n{text}\n\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logcat::{Buffer, Priority};

    #[test]
    fn lines_look_as_logcat_prints_them() {
        let line = Line {
            sequence: 0,
            wall_ms: 1_772_323_199_042,
            pid: 550,
            tid: 551,
            priority: Priority::Info,
            buffer: Buffer::Main,
            tag: "Zygote".into(),
            text: "begin preload".into(),
        };
        let shown = |names: &str| {
            let mut format = Format::default();
            assert!(format.take(names), "{names}");
            format.line(&line)
        };
        assert_eq!(shown("threadtime"), "02-28 23:59:59.042   550   551 I Zygote  : begin preload\n");
        assert_eq!(shown("brief"), "I/Zygote  (  550): begin preload\n");
        assert_eq!(shown("time"), "02-28 23:59:59.042 I/Zygote  (  550): begin preload\n");
        assert_eq!(shown("tag"), "I/Zygote  : begin preload\n");
        assert_eq!(shown("raw"), "begin preload\n");
        assert_eq!(shown("long"), "[ 02-28 23:59:59.042   550:  551 I/Zygote   ]\nbegin preload\n\n");
        assert_eq!(shown("epoch,brief"), "I/Zygote  (  550): begin preload\n");
        assert_eq!(shown("epoch"), "1772323199.042   550   551 I Zygote  : begin preload\n");
        assert!(!Format::default().take("nonsense"));
    }
}
