//! `sort` and `uniq`.

use super::options::Options;
use super::output::{Printer, exit};
use super::source::{Lines, Source, path_of};
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use std::cmp::Ordering;

/// Bytes that `sort` keeps.
const SORT_BYTES_MAX: usize = 32 * 1024 * 1024;

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

    fn key<'a>(&self, line: &'a str) -> &'a str {
        let Some((from, to)) = self.key else { return line };
        let mut fields = Vec::new();
        let mut start = 0;
        match self.separator {
            Some(separator) => {
                for (at, _) in line.match_indices(separator) {
                    fields.push((start, at));
                    start = at + separator.len_utf8();
                }
                fields.push((start, line.len()));
            }
            None => {
                let mut before = ' ';
                for (at, letter) in line.char_indices() {
                    if letter.is_whitespace() && !before.is_whitespace() {
                        fields.push((start, at));
                        start = at;
                    }
                    before = letter;
                }
                fields.push((start, line.len()));
            }
        }
        let Some((start, _)) = fields.get(from - 1) else { return "" };
        let end = fields.get(to.min(fields.len()) - 1).map_or(line.len(), |(_, end)| *end);
        line.get(*start..end.max(*start)).unwrap_or_default()
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
            if self.fold { a.to_lowercase().cmp(&b.to_lowercase()) } else { a.cmp(b) }
        };
        if self.reverse { order.reverse() } else { order }
    }

    /// As [`Order::compare`]; lines that are equal by it are told apart by all of them.
    fn compare_whole(&self, left: &str, right: &str) -> Ordering {
        let rest = if self.reverse { right.cmp(left) } else { left.cmp(right) };
        self.compare(left, right).then(rest)
    }
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
        let (mut all, mut bytes) = (Vec::new(), 0);
        for file in options.files() {
            let mut lines = match Source::open(&guest, &process, &file) {
                Ok(source) => Lines::new(source),
                Err(why) => return process.complain(format!("{file}: {why}")).await,
            };
            loop {
                match lines.next().await {
                    Ok(Some((line, _))) => {
                        bytes += line.len();
                        all.push(String::from_utf8_lossy(&line).into_owned());
                    }
                    Ok(None) => break,
                    Err(why) => return process.complain(format!("{file}: {why}")).await,
                }
                if bytes > SORT_BYTES_MAX {
                    return process.complain("Cannot allocate memory").await;
                }
            }
        }
        if options.has('c') {
            let sorted = all.is_sorted_by(|a, b| order.compare(a, b) != Ordering::Greater);
            return u8::from(!sorted);
        }
        if options.has('s') || options.has('u') {
            all.sort_by(|a, b| order.compare(a, b));
        } else {
            all.sort_by(|a, b| order.compare_whole(a, b));
        }
        if options.has('u') {
            all.dedup_by(|a, b| order.compare(a, b) == Ordering::Equal);
        }
        if let Some(file) = options.value('o') {
            let text: String = all.iter().map(|line| format!("{line}\n")).collect();
            return match guest.write_file(&path_of(&process, file), text.as_bytes(), 0o644) {
                Ok(()) => 0,
                Err(why) => process.complain(format!("{file}: {why}")).await,
            };
        }
        let mut printer = Printer::new(&process.stdout);
        exit(print_all(&mut printer, &all).await)
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
