//! `grep`.

use super::mode::walk;
use super::options::Options;
use super::output::{CLOSED, Printer};
use super::source::{Lines, Source};
use crate::files::stat::Kind;
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use crate::shell::regex::Expression;
use regex_lite::Regex;
use std::collections::VecDeque;

/// Lines of context.
const CONTEXT_MAX: usize = 1000;
/// Bytes of the lines that are kept as context; the oldest go when there are more.
const CONTEXT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Places of one pattern in a line that are tried for being words of their own.
const WORDS_MAX: usize = 1000;

/// What is looked for and how it is shown.
struct Search<'a> {
    patterns: Vec<Expression>,
    options: &'a Options,
    whole: bool,
    named: bool,
    before: usize,
    after: usize,
    most: usize,
}

/// Finds lines.
pub(super) fn grep(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut options = match Options::of(&process, "ivcqEFGonlLwxe:rRHhsA:B:C:m:a") {
            Ok(options) => options,
            Err(why) => {
                process.complain(why).await;
                return 2;
            }
        };
        let mut expressions: Vec<String> = options.values('e').map(str::to_owned).collect();
        if expressions.is_empty() {
            if options.rest.is_empty() {
                process.complain("no REGEX").await;
                return 2;
            }
            expressions.push(options.rest.remove(0));
        }
        let name = process.argv.first().map_or("", String::as_str);
        let fixed = options.has('F') || name.ends_with("fgrep");
        let extended = options.has('E') || name.ends_with("egrep");
        let mut patterns = Vec::new();
        for expression in expressions.iter().flat_map(|expression| expression.split('\n')) {
            let compiled = if fixed {
                super::regex::compile(&regex_lite::escape(expression), true, options.has('i'))
            } else {
                super::regex::compile(expression, extended, options.has('i'))
            };
            match compiled {
                Ok(pattern) => patterns.push(pattern),
                Err(why) => {
                    process.complain(format!("bad REGEX '{expression}': {why}")).await;
                    return 2;
                }
            }
        }
        search_all(&guest, &process, &options, patterns).await.unwrap_or(CLOSED)
    })
}

async fn search_all(
    guest: &Guest,
    process: &Process,
    options: &Options,
    patterns: Vec<Expression>,
) -> Result<u8, Closed> {
    let recursive = options.last_of("rR").is_some();
    let mut files = if recursive && options.rest.is_empty() { vec![".".to_owned()] } else { options.files() };
    let named = (files.len() > 1 || recursive || options.has('H')) && !options.has('h');
    if recursive {
        let mut all = Vec::new();
        for file in &files {
            all.extend(below(guest, process, file).await);
        }
        files = all;
    }
    let number = |letter| options.value(letter).and_then(|text| text.parse::<usize>().ok());
    let around = number('C').unwrap_or(0);
    let search = Search {
        patterns,
        options,
        whole: options.has('w'),
        named,
        before: number('B').unwrap_or(around).min(CONTEXT_MAX),
        after: number('A').unwrap_or(around).min(CONTEXT_MAX),
        most: number('m').unwrap_or(usize::MAX),
    };
    let (mut found, mut failed) = (false, false);
    let mut printer = Printer::new(&process.stdout);
    for file in &files {
        let source = match Source::open(guest, process, file) {
            Ok(source) => source,
            Err(why) => {
                failed = true;
                if !options.has('s') {
                    printer.flush().await?;
                    process.complain(format!("{file}: {why}")).await;
                }
                continue;
            }
        };
        match search.file(file, Lines::new(source), &mut printer).await? {
            Ok(here) => found |= here,
            Err(why) => {
                failed = true;
                printer.flush().await?;
                process.complain(format!("{file}: {why}")).await;
            }
        }
        if found && options.has('q') {
            return Ok(0);
        }
    }
    printer.flush().await?;
    Ok(if failed { 2 } else { u8::from(!found) })
}

async fn below(guest: &Guest, process: &Process, file: &str) -> Vec<String> {
    let top = process.path(file);
    let top = top.trim_end_matches('/').to_owned();
    let all = walk(guest, if top.is_empty() { "/" } else { &top }).await;
    let files = all.into_iter().filter(|(_, stat)| stat.kind == Kind::File);
    let names: Vec<String> = files
        .map(|(path, _)| {
            format!("{}{}", file.trim_end_matches('/'), path.strip_prefix(&top).unwrap_or(&path))
        })
        .collect();
    if names.is_empty() && guest.stat(&process.path(file)).map_or(true, |stat| stat.kind != Kind::Directory) {
        return vec![file.to_owned()];
    }
    names
}

impl Search<'_> {
    /// Where a line matches, from a place on.
    fn at(&self, line: &str, from: usize) -> Result<Option<(usize, usize)>, String> {
        let word =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
        let fits = |start: usize, end: usize| {
            let before = line.get(..start).and_then(|text| text.chars().next_back());
            let after = line.get(end..).and_then(|text| text.chars().next());
            !(self.whole && (word(before) || word(after))
                || self.options.has('x') && (start, end) != (0, line.len()))
        };
        let patterns: Vec<&Regex> =
            self.patterns.iter().map(|pattern| pattern.on(line)).collect::<Result<_, _>>()?;
        let first = patterns
            .iter()
            .filter_map(|pattern| pattern.find_at(line, from))
            .filter(|found| fits(found.start(), found.end()))
            .map(|found| (found.start(), found.end()))
            .min_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
        // The first place that is no word of its own may hide a later one that is.
        let later = || {
            let tail = line.get(from..).filter(|_| self.whole)?;
            let all = patterns.iter().flat_map(|pattern| pattern.find_iter(tail).take(WORDS_MAX));
            all.map(|found| (found.start() + from, found.end() + from))
                .find(|(start, end)| fits(*start, *end))
        };
        Ok(first.or_else(later))
    }

    fn prefix(&self, file: &str, number: usize, mark: char) -> String {
        let file = if file == "-" { "(standard input)" } else { file };
        let name = if self.named { format!("{file}{mark}") } else { String::new() };
        let number = if self.options.has('n') { format!("{number}{mark}") } else { String::new() };
        name + &number
    }

    /// Searches one file; tells whether anything was found, or what went wrong.
    async fn file(
        &self,
        file: &str,
        mut lines: Lines,
        printer: &mut Printer,
    ) -> Result<Result<bool, String>, Closed> {
        let quiet = self.options.last_of("qlLc").is_some();
        let (mut kept, mut kept_bytes) = (VecDeque::<(usize, String)>::new(), 0);
        let (mut number, mut count, mut after, mut shown) = (0, 0, 0, 0);
        while count < self.most {
            printer.before(&lines).await?;
            let Ok(Some((line, _))) = lines.next().await else { break };
            tokio::task::consume_budget().await;
            number += 1;
            let line = String::from_utf8_lossy(&line).into_owned();
            let found = match self.at(&line, 0) {
                Ok(found) => found,
                Err(why) => return Ok(Err(why)),
            };
            if found.is_some() != self.options.has('v') {
                count += 1;
                if self.options.last_of("qlL").is_some() {
                    break;
                }
                if quiet {
                    continue;
                }
                let first = kept.front().map_or(number, |(number, _)| *number);
                if (self.before > 0 || self.after > 0) && shown > 0 && first > shown + 1 {
                    printer.line("--").await?;
                }
                for (number, line) in kept.drain(..) {
                    printer.line(format!("{}{line}", self.prefix(file, number, '-'))).await?;
                }
                kept_bytes = 0;
                if let Err(why) = self.show(file, number, &line, found, printer).await? {
                    return Ok(Err(why));
                }
                (after, shown) = (self.after, number);
            } else if after > 0 && !quiet {
                after -= 1;
                shown = number;
                printer.line(format!("{}{line}", self.prefix(file, number, '-'))).await?;
            } else if self.before > 0 {
                kept_bytes += line.len();
                kept.push_back((number, line));
                while kept.len() > self.before || kept_bytes > CONTEXT_BYTES_MAX {
                    let Some((_, line)) = kept.pop_front() else { break };
                    kept_bytes -= line.len();
                }
            }
        }
        let named = if self.named { format!("{file}:") } else { String::new() };
        match self.options.last_of("qlLc") {
            Some('l') if count > 0 => printer.line(file).await?,
            Some('L') if count == 0 => printer.line(file).await?,
            Some('c') => printer.line(format!("{named}{count}")).await?,
            _ => {}
        }
        Ok(Ok(count > 0))
    }

    async fn show(
        &self,
        file: &str,
        number: usize,
        line: &str,
        found: Option<(usize, usize)>,
        printer: &mut Printer,
    ) -> Result<Result<(), String>, Closed> {
        let prefix = self.prefix(file, number, ':');
        if !self.options.has('o') {
            return printer.line(format!("{prefix}{line}")).await.map(Ok);
        }
        let mut found = found;
        while let Some((start, end)) = found {
            if end > start {
                printer.line(format!("{prefix}{}", line.get(start..end).unwrap_or_default())).await?;
            }
            let next = if end > start {
                end
            } else {
                end + line.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
            };
            // Each may look at all of the line.
            tokio::task::consume_budget().await;
            if next > line.len() {
                break;
            }
            found = match self.at(line, next) {
                Ok(found) => found,
                Err(why) => return Ok(Err(why)),
            };
        }
        Ok(Ok(()))
    }
}
