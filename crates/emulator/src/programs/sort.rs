//! `sort` and `uniq`.

use super::options::Options;
use super::output::{Printer, exit};
use super::source::{Lines, Source};
use crate::apart::apart;
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use std::cmp::Ordering;

/// Bytes that `sort` keeps, with what a line costs beside its text.
const SORT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What a line costs beside its text: where it is, and the header of its allocation.
const LINE_COST_BYTES: usize = size_of::<String>() + 16;
/// More than this is sorted apart from the threads that serve everybody.
const SORT_HERE_BYTES_MAX: usize = 64 * 1024;

/// How lines are compared.
struct Order {
    key: Option<(usize, usize)>,
    separator: Option<char>,
    numeric: bool,
    human: bool,
    reverse: bool,
    fold: bool,
    blanks: bool,
}

impl Order {
    fn of(options: &Options) -> Option<Self> {
        let mut order = Self {
            key: None,
            separator: options.value('t').and_then(|text| text.chars().next()),
            numeric: options.has('n') || options.has('g'),
            human: options.has('h'),
            reverse: options.has('r'),
            fold: options.has('f'),
            blanks: options.has('b'),
        };
        if let Some(key) = options.value('k') {
            order.numeric |= key.contains('n');
            order.reverse |= key.contains('r');
            let (from, to) = key.split_once(',').map_or((key, None), |(from, to)| (from, Some(to)));
            let number = |text: &str| {
                let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
                text.get(..digits)?.parse::<usize>().ok().filter(|number| *number > 0)
            };
            order.key = Some((number(from)?, to.map_or(Some(usize::MAX), number)?));
        }
        Some(order)
    }

    /// The part of a line that is compared: nothing is gathered, as this runs twice for every comparison.
    fn key<'a>(&self, line: &'a str) -> &'a str {
        let Some((from, to)) = self.key else { return line };
        let Some(start) = self.field(line, from).map(|(start, _)| start) else { return "" };
        let end = self.field(line, to).map_or(line.len(), |(_, end)| end);
        line.get(start..end.max(start)).unwrap_or_default()
    }

    /// Where a field begins and ends; fields count from 1.
    fn field(&self, line: &str, number: usize) -> Option<(usize, usize)> {
        let (mut start, mut count, mut before) = (0, 1, ' ');
        for (at, letter) in line.char_indices() {
            let ends = match self.separator {
                Some(separator) => letter == separator,
                None => letter.is_whitespace() && !before.is_whitespace(),
            };
            before = letter;
            if ends && count == number {
                return Some((start, at));
            }
            if ends {
                count += 1;
                start = at + self.separator.map_or(0, char::len_utf8);
            }
        }
        (count == number).then_some((start, line.len()))
    }

    fn compare(&self, left: &str, right: &str) -> Ordering {
        let (a, b) = (self.key(left), self.key(right));
        let order = if self.human {
            human(a).total_cmp(&human(b))
        } else if self.numeric {
            number(a).total_cmp(&number(b))
        } else {
            let (a, b) =
                if self.blanks || self.key.is_some() { (a.trim_start(), b.trim_start()) } else { (a, b) };
            if self.fold {
                a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
            } else {
                a.cmp(b)
            }
        };
        if self.reverse { order.reverse() } else { order }
    }

    /// As [`Order::compare`]; lines that are equal by it are told apart by all of them.
    fn compare_whole(&self, left: &str, right: &str) -> Ordering {
        let rest = if self.reverse { right.cmp(left) } else { left.cmp(right) };
        self.compare(left, right).then(rest)
    }

    fn sort(&self, lines: &mut Vec<String>, stable: bool, unique: bool) {
        if stable || unique {
            lines.sort_by(|a, b| self.compare(a, b));
        } else {
            lines.sort_by(|a, b| self.compare_whole(a, b));
        }
        if unique {
            lines.dedup_by(|a, b| self.compare(a, b) == Ordering::Equal);
        }
    }
}

/// Lines of all files, and what they cost in bytes; what is wrong otherwise.
async fn gather(guest: &Guest, process: &Process, options: &Options) -> Result<(Vec<String>, usize), String> {
    let (mut all, mut bytes) = (Vec::new(), 0);
    for file in options.files() {
        let source = Source::open(guest, process, &file).map_err(|why| format!("{file}: {why}"))?;
        let mut lines = Lines::new(source);
        while let Some((line, _)) = lines.next().await.map_err(|why| format!("{file}: {why}"))? {
            let line = String::from_utf8_lossy(&line).into_owned();
            bytes += line.len() + LINE_COST_BYTES;
            if bytes > SORT_BYTES_MAX {
                return Err("Cannot allocate memory".to_owned());
            }
            all.push(line);
        }
    }
    Ok((all, bytes))
}

/// The number that a text begins with.
fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let length = text
        .char_indices()
        .find(|(at, letter)| !(letter.is_ascii_digit() || *letter == '.' || (*at == 0 && *letter == '-')))
        .map_or(text.len(), |(at, _)| at);
    text.get(..length).and_then(|digits| digits.parse().ok()).unwrap_or(0.0)
}

fn human(text: &str) -> f64 {
    let digits = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '-' | ' ' | '\t');
    let factor =
        match text.trim_start_matches(digits).chars().next().map(|letter| letter.to_ascii_uppercase()) {
            Some('K') => 1024.0,
            Some('M') => 1024.0 * 1024.0,
            Some('G') => 1024.0 * 1024.0 * 1024.0,
            Some('T') => 1024.0 * 1024.0 * 1024.0 * 1024.0,
            _ => 1.0,
        };
    number(text) * factor
}

/// Sorts lines.
pub(super) fn sort(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "rnughfbsck:t:o:zV") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let Some(order) = Order::of(&options) else { return process.complain("bad -k").await };
        let (mut all, bytes) = match gather(&guest, &process, &options).await {
            Ok(gathered) => gathered,
            Err(why) => return process.complain(why).await,
        };
        if options.has('c') {
            let sorted = all.is_sorted_by(|a, b| order.compare(a, b) != Ordering::Greater);
            return u8::from(!sorted);
        }
        let (stable, unique) = (options.has('s'), options.has('u'));
        let work = move || {
            order.sort(&mut all, stable, unique);
            all
        };
        let sorted = if bytes > SORT_HERE_BYTES_MAX { apart(work).await } else { Some(work()) };
        let Some(all) = sorted else { return process.complain("Cannot allocate memory").await };
        if let Some(file) = options.value('o') {
            let text: String = all.iter().map(|line| format!("{line}\n")).collect();
            return match guest.write_file(&process.path(file), text.as_bytes(), 0o644) {
                Ok(()) => 0,
                Err(why) => process.complain(format!("{file}: {why}")).await,
            };
        }
        let mut printer = Printer::new(&process.stdout);
        exit(print_all(&mut printer, &all).await)
    })
}

/// Lines from the last to the first.
pub(super) fn tac(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        match gather(&guest, &process, &options).await {
            Ok((mut all, _)) => {
                all.reverse();
                exit(print_all(&mut Printer::new(&process.stdout), &all).await)
            }
            Err(why) => process.complain(why).await,
        }
    })
}

async fn print_all(printer: &mut Printer, lines: &[String]) -> Result<u8, Closed> {
    for line in lines {
        printer.line(line).await?;
    }
    printer.flush().await?;
    Ok(0)
}

/// Leaves out lines that are like the one before.
pub(super) fn uniq(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "cdiuf:s:w:z") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let file = options.rest.first().map_or("-", String::as_str);
        let lines = match Source::open(&guest, &process, file) {
            Ok(source) => Lines::new(source),
            Err(why) => return process.complain(format!("{file}: {why}")).await,
        };
        let mut printer = Printer::new(&process.stdout);
        exit(unique(lines, &options, &mut printer).await)
    })
}

async fn unique(mut lines: Lines, options: &Options, printer: &mut Printer) -> Result<u8, Closed> {
    let skip = |letter| options.value(letter).and_then(|text| text.parse::<usize>().ok());
    let key = |line: &str| {
        let mut rest = line;
        for _ in 0..skip('f').unwrap_or(0).min(line.len()) {
            rest = rest.trim_start().trim_start_matches(|letter: char| !letter.is_whitespace());
        }
        let letters = rest.chars().skip(skip('s').unwrap_or(0)).take(skip('w').unwrap_or(usize::MAX));
        let key: String = letters.collect();
        if options.has('i') { key.to_lowercase() } else { key }
    };
    let mut last: Option<(String, String, u64)> = None;
    loop {
        printer.before(&lines).await?;
        let line =
            lines.next().await.ok().flatten().map(|(line, _)| String::from_utf8_lossy(&line).into_owned());
        let new = line.as_ref().map(|line| key(line));
        if let (Some((_, own, count)), Some(new)) = (&mut last, &new)
            && own == new
        {
            *count += 1;
            continue;
        }
        if let Some((text, _, count)) = last.take() {
            let shown = !(options.has('d') && count < 2 || options.has('u') && count > 1);
            let counted = if options.has('c') { format!("{count:7} ") } else { String::new() };
            if shown {
                printer.line(format!("{counted}{text}")).await?;
            }
        }
        match (line, new) {
            (Some(line), Some(new)) => last = Some((line, new, 1)),
            _ => break,
        }
    }
    printer.flush().await?;
    Ok(0)
}
