//! What changes every line or letter: `cut`, `rev`, `tr`.

use super::options::Options;
use super::output::{CLOSED, Printer, exit};
use super::source::{Lines, Source};
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use crate::shell::pattern::in_class;
use futures::future::BoxFuture;
use std::collections::{HashMap, HashSet};

/// Letters that a set of `tr` may have.
const SET_MAX: usize = 4096;
/// Letters of the name of a class.
const CLASS_NAME_MAX: usize = 16;

/// Does something with every line of every file.
pub(super) async fn each_line(
    guest: &Guest,
    process: &Process,
    files: &[String],
    mut work: impl for<'a> FnMut(&'a str) -> Option<String> + Send,
) -> Result<u8, Closed> {
    let mut printer = Printer::new(&process.stdout);
    let mut code = 0;
    for file in files {
        let mut lines = match Source::open(guest, process, file) {
            Ok(source) => Lines::new(source),
            Err(why) => {
                code = process.complain(format!("{file}: {why}")).await;
                continue;
            }
        };
        loop {
            printer.before(&lines).await?;
            match lines.next().await {
                Ok(Some((line, _))) => {
                    if let Some(text) = work(&String::from_utf8_lossy(&line)) {
                        printer.line(text).await?;
                    }
                }
                Ok(None) => break,
                Err(why) => {
                    code = process.complain(format!("{file}: {why}")).await;
                    break;
                }
            }
        }
    }
    printer.flush().await?;
    Ok(code)
}

/// Lines backwards.
pub(super) fn rev(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let work = |line: &str| Some(line.chars().rev().collect());
        exit(each_line(&guest, &process, &options.files(), work).await)
    })
}

/// `1,3-5,7-`: from where to where, from 1.
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    let mut ranges = Vec::new();
    for part in text.split(',') {
        let number =
            |text: &str, empty| if text.is_empty() { Some(empty) } else { text.parse::<usize>().ok() };
        let (from, to) = match part.split_once('-') {
            Some((from, to)) => (number(from, 1)?, number(to, usize::MAX)?),
            None => (part.parse().ok()?, part.parse().ok()?),
        };
        if from == 0 || to < from {
            return None;
        }
        ranges.push((from, to));
    }
    ranges.sort_unstable();
    // Those that touch become one, so that the one that a place may be in is found at once.
    ranges.dedup_by(|next, range| {
        let touches = next.0 <= range.1.saturating_add(1);
        range.1 = if touches { range.1.max(next.1) } else { range.1 };
        touches
    });
    Some(ranges)
}

/// Parts of lines.
pub(super) fn cut(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "b:c:f:d:sO:nD") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let fields = options.value('f');
        let Some(list) = fields.or(options.value('c')).or(options.value('b')) else {
            return process.complain("Needs -fFcb").await;
        };
        let Some(ranges) = ranges(list) else { return process.complain(format!("bad range '{list}'")).await };
        let delimiter = options.value('d').and_then(|text| text.chars().next()).unwrap_or('\t');
        let joined = options.value('O').map_or_else(|| delimiter.to_string(), str::to_owned);
        let inside = |at: usize| {
            let before = ranges.partition_point(|(from, _)| *from <= at + 1);
            before.checked_sub(1).and_then(|last| ranges.get(last)).is_some_and(|(_, to)| at < *to)
        };
        let work = |line: &str| {
            if fields.is_none() {
                return Some(
                    line.chars()
                        .enumerate()
                        .filter(|(at, _)| inside(*at))
                        .map(|(_, letter)| letter)
                        .collect(),
                );
            }
            if !line.contains(delimiter) {
                return (!options.has('s')).then(|| line.to_owned());
            }
            let parts = line.split(delimiter).enumerate().filter(|(at, _)| inside(*at));
            Some(parts.map(|(_, part)| part).collect::<Vec<_>>().join(&joined))
        };
        exit(each_line(&guest, &process, &options.files(), work).await)
    })
}

/// The letters of a set of `tr`.
fn set(text: &str) -> Vec<char> {
    let text = crate::shell::escape::unescape(text, crate::shell::escape::Style::Printf).text;
    let letters: Vec<char> = text.chars().collect();
    let mut set = Vec::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        if let Some(class) = class_at(&letters, at) {
            set.extend((0..128_u8).map(char::from).filter(|letter| in_class(&class, *letter)));
            at += class.chars().count() + 4;
        } else if letters.get(at + 1) == Some(&'-') && letters.get(at + 2).is_some_and(|last| last >= letter)
        {
            let last = letters.get(at + 2).copied().unwrap_or(*letter);
            set.extend((*letter..=last).take(SET_MAX));
            at += 3;
        } else {
            set.push(*letter);
            at += 1;
        }
        if set.len() >= SET_MAX {
            break;
        }
    }
    set
}

/// The name in `[:name:]`.
fn class_at(letters: &[char], at: usize) -> Option<String> {
    let Some(['[', ':']) = letters.get(at..at + 2) else { return None };
    let rest = letters.get(at + 2..)?;
    let length = rest.windows(2).take(CLASS_NAME_MAX).position(|two| two == [':', ']'])?;
    Some(rest.get(..length)?.iter().collect())
}

/// Replaces, removes or squeezes letters.
pub(super) fn tr(process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "dscC") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let Some(first) = options.rest.first() else {
            return process.complain("Needs 1 argument (see \"tr --help\")").await;
        };
        let (first, second) = (set(first), options.rest.get(1).map(|text| set(text)));
        let complement = options.last_of("cC").is_some();
        let delete = options.has('d');
        let squeezed = second.clone().unwrap_or_else(|| first.clone());
        let places: HashMap<char, usize> =
            first.iter().rev().zip((0..first.len()).rev()).map(|(letter, at)| (*letter, at)).collect();
        let squeezed: HashSet<char> = squeezed.into_iter().collect();
        let found = |letter: char| places.get(&letter).copied();
        let translate = |letter: char| match (&second, found(letter)) {
            (Some(second), Some(at)) if !complement => {
                second.get(at).or(second.last()).copied().unwrap_or(letter)
            }
            (Some(second), None) if complement => second.last().copied().unwrap_or(letter),
            _ => letter,
        };
        let mut last = None;
        let mut partial: Vec<u8> = Vec::new();
        while let Some(bytes) = process.stdin.next().await {
            partial.extend_from_slice(&bytes);
            let whole = match std::str::from_utf8(&partial) {
                Ok(text) => text.len(),
                Err(why) if why.error_len().is_none() => why.valid_up_to(),
                Err(_) => partial.len(),
            };
            let text: Vec<u8> = partial.drain(..whole).collect();
            let mut out = String::with_capacity(text.len());
            for letter in String::from_utf8_lossy(&text).chars() {
                if delete && found(letter).is_some() != complement {
                    continue;
                }
                let new = if delete { letter } else { translate(letter) };
                let in_squeezed = squeezed.contains(&new) != (complement && second.is_none());
                if options.has('s') && last == Some(new) && in_squeezed {
                    continue;
                }
                last = Some(new);
                out.push(new);
            }
            if process.stdout.write(out).await.is_err() {
                return CLOSED;
            }
        }
        0
    }) as BoxFuture<'static, u8>
}
