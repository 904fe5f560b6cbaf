//! `logcat` and `log`.

use super::logcat_filter::Filter;
use super::logcat_format::Format;
use super::options::{first_letter, short_option};
use super::util::{error, print};
use crate::calendar::month_time;
use crate::guest::Guest;
use crate::logcat::{Buffer, LOG_BYTES_MAX, Line, Priority};
use crate::program::{Process, Running};
use std::time::Duration;

/// How often a logcat that waits looks whether its phone is still on.
const LOOKS_AGAIN: Duration = Duration::from_secs(1);
/// The process that `log` says it is.
const LOG_PID: u32 = 1_100;

/// What `logcat` is to do.
#[derive(Debug, Default)]
struct Asked {
    format: Format,
    filter: Filter,
    buffers: Vec<Buffer>,
    /// Ends after what is there.
    dumps: bool,
    clears: bool,
    sizes: bool,
    /// Sets sizes, or shows or sets what is dropped first: this log has one size and no such list.
    sets: bool,
    last: Option<usize>,
    since_ms: Option<i64>,
    /// A time as lines show it, of whatever year.
    since: Option<String>,
    count: Option<usize>,
}

impl Asked {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut asked = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let (option, rest) = match argument.strip_prefix("--") {
                Some(_) => argument.split_once('=').unwrap_or((argument, "")),
                None if argument.starts_with('-') => short_option(argument),
                None => {
                    asked.filter.add(argument)?;
                    continue;
                }
            };
            let mut value = || match rest {
                "" => arguments.next().cloned().ok_or_else(|| {
                    format!("option requires an argument -- '{}'", option.trim_start_matches('-'))
                }),
                rest => Ok(rest.to_owned()),
            };
            match option {
                "-d" => asked.dumps = true,
                "-c" | "--clear" => asked.clears = true,
                "--buffer-size" if !rest.is_empty() => asked.sets = true,
                "-g" | "--buffer-size" => asked.sizes = true,
                "-s" => {
                    asked.filter.silent();
                    if !rest.is_empty() {
                        asked.filter.add(rest)?;
                    }
                }
                "-t" | "-T" | "--tail" => {
                    asked.dumps |= option == "-t";
                    asked.from(&value()?)?;
                }
                "-m" | "--max-count" => asked.count = Some(number(option, &value()?)?),
                "-v" | "--format" => {
                    let names = value()?;
                    if !asked.format.take(&names) {
                        return Err(format!("Invalid parameter \"{names}\" to -v"));
                    }
                }
                "-b" | "--buffer" => asked.add_buffers(&value()?)?,
                "-e" | "--regex" => asked.filter.matching(&value()?)?,
                "--pid" => {
                    asked.filter.pid = Some(u32::try_from(number(option, &value()?)?).unwrap_or(u32::MAX))
                }
                "-G" | "-P" => {
                    value()?;
                    asked.sets = true;
                }
                "-p" | "--prune" => asked.sets = true,
                "-f" | "-r" | "-n" | "--uid" => {
                    value()?;
                }
                "-S" | "-L" | "-D" | "--print" | "--dividers" | "--last" | "--statistics" | "--wrap" => {}
                _ => return Err(format!("unrecognized option '{argument}'")),
            }
        }
        if asked.buffers.is_empty() {
            asked.buffers = vec![Buffer::Main, Buffer::System, Buffer::Crash];
        }
        Ok(asked)
    }

    /// The last lines, or those since a time: `MM-DD hh:mm:ss.mmm` or `seconds.ms`.
    fn from(&mut self, text: &str) -> Result<(), String> {
        if let Ok(lines) = text.parse() {
            self.last = Some(lines);
        } else if let Ok(seconds) = text.parse::<f64>() {
            self.since_ms = Some((seconds * 1000.0) as i64);
        } else if is_time(text) {
            self.since = Some(text.to_owned());
        } else {
            return Err(format!("-t \"{text}\" not in time format"));
        }
        Ok(())
    }

    fn add_buffers(&mut self, names: &str) -> Result<(), String> {
        for name in names.split(',') {
            match Buffer::ALL.iter().find(|buffer| buffer.name() == name) {
                Some(buffer) => self.buffers.push(*buffer),
                None if name == "all" => self.buffers.extend(Buffer::ALL),
                None if name == "default" => {
                    self.buffers.extend([Buffer::Main, Buffer::System, Buffer::Crash])
                }
                // Buffers in which this phone has nothing to say.
                None if ["events", "radio", "security", "stats"].contains(&name) => {}
                None => return Err(format!("unknown buffer '{name}'")),
            }
        }
        Ok(())
    }

    fn wants(&self, line: &Line) -> bool {
        self.buffers.contains(&line.buffer)
            && self.since_ms.is_none_or(|since_ms| line.wall_ms >= since_ms)
            && self.since.as_ref().is_none_or(|since| month_time(line.wall_ms) >= *since)
            && self.filter.shows(line)
    }
}

/// Whether a text is a time as lines show it: digits where they belong, and nothing else.
fn is_time(text: &str) -> bool {
    const SHAPE: &[u8] = b"00-00 00:00:00.000";
    let fits =
        |(letter, shape): (u8, &u8)| if *shape == b'0' { letter.is_ascii_digit() } else { letter == *shape };
    text.len() >= 11 && text.len() <= SHAPE.len() && text.bytes().zip(SHAPE).all(fits)
}

fn number(option: &str, text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{option} '{text}' is out of range"))
}

/// `logcat`.
pub(crate) fn logcat(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let asked = match Asked::parse(process.arguments()) {
            Ok(asked) => asked,
            Err(why) => return process.complain(why).await,
        };
        if asked.clears {
            return u8::from(guest.with_log(|log| log.clear(&asked.buffers)).is_err());
        }
        if asked.sizes {
            return sizes(&guest, &process, &asked).await;
        }
        if asked.sets {
            return u8::from(guest.observe().is_err());
        }
        show(&guest, &process, &asked).await
    })
}

async fn sizes(guest: &Guest, process: &Process, asked: &Asked) -> u8 {
    let used = guest.with_log(|log| log.bytes()).unwrap_or(0) / 1024;
    let size = LOG_BYTES_MAX / 1024;
    for buffer in &asked.buffers {
        let name = buffer.name();
        process.say(format!("{name}: ring buffer is {size} KiB ({used} KiB consumed), max entry is 5120 B, max payload is 4068 B")).await;
    }
    0
}

async fn show(guest: &Guest, process: &Process, asked: &Asked) -> u8 {
    let (mut from, mut left) = (0, asked.count.unwrap_or(usize::MAX));
    let mut shown: Vec<Buffer> = Vec::new();
    let mut first = true;
    loop {
        let batch = guest.with_log(|log| {
            let lines: Vec<Line> = log.since(from).filter(|line| asked.wants(line)).cloned().collect();
            (lines, log.next(), log.arrived())
        });
        let Ok((found, next, arrived)) = batch else { return 0 };
        // It waits from here on, so that what comes while this prints is not missed.
        let notified = arrived.notified();
        tokio::pin!(notified);
        notified.as_mut().enable();
        from = next;
        let mut lines = Vec::new();
        for line in found {
            tokio::task::consume_budget().await;
            if asked.filter.matches(&line) {
                lines.push(line);
            }
        }
        if let (true, Some(last)) = (first, asked.last) {
            lines.drain(..lines.len().saturating_sub(last));
        }
        first = false;
        lines.truncate(left);
        left -= lines.len();
        let mut text = String::new();
        for line in &lines {
            if !shown.contains(&line.buffer) {
                shown.push(line.buffer);
                text += &format!("--------- beginning of {}\n", line.buffer.name());
            }
            text += &asked.format.line(line);
        }
        if process.stdout.write(text).await.is_err() || asked.dumps || left == 0 {
            return 0;
        }
        // Something came between the look and the wait; or the boot ends, which wakes nobody.
        if guest.with_log(|log| log.next()).is_ok_and(|next| next == from) {
            let _ = tokio::time::timeout(LOOKS_AGAIN, notified).await;
        }
    }
}

/// `log [-p PRIORITY] [-t TAG] TEXT…`.
pub(crate) fn log(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (mut priority, mut tag) = (Priority::Info, "log".to_owned());
        let mut arguments = process.arguments();
        while let [option, rest @ ..] = arguments {
            let Some(letters) = option.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
            let (letter, joined) = first_letter(letters);
            let (value, rest) = match (joined, rest) {
                ("", [value, rest @ ..]) => (value.clone(), rest),
                ("", []) => return process.complain(format!("Missing argument to {letter}")).await,
                (joined, rest) => (joined.to_owned(), rest),
            };
            arguments = rest;
            match letter {
                "t" => tag = value,
                "p" => {
                    let found = value.chars().next().and_then(Priority::of);
                    let Some(found) = found.filter(|found| *found != Priority::Silent) else {
                        return process.complain(format!("bad -p '{value}'")).await;
                    };
                    priority = found;
                }
                _ => {
                    return process.complain(format!("Unknown option '{letter}' (see \"log --help\")")).await;
                }
            }
        }
        if arguments.is_empty() {
            let text = process.stdin.all(4_000).await.unwrap_or_default();
            guest.log_as(LOG_PID, Buffer::Main, priority, &tag, &String::from_utf8_lossy(&text));
        } else {
            guest.log_as(LOG_PID, Buffer::Main, priority, &tag, &arguments.join(" "));
        }
        if guest.observe().is_err() {
            return error(&process, "log: failed").await;
        }
        print(&process, "").await;
        0
    })
}
