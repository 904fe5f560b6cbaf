//! `sed`: `s`, `p`, `d`, `q`, `a`, `i`, `c`, `y`, `=`.

use super::options::Options;
use super::output::{CLOSED, Printer};
use super::source::{Lines, Source, path_of};
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use regex_lite::{Captures, Regex};

/// Commands of one script.
const COMMANDS_MAX: usize = 256;
/// Bytes of a file that is edited in place.
const IN_PLACE_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Debug)]
enum Address {
    Line(u64),
    Last,
    Matches(Regex),
}

#[derive(Debug)]
enum Action {
    Substitute { pattern: Regex, with: String, all: bool, nth: usize, print: bool },
    Translate(Vec<char>, Vec<char>),
    Print,
    Delete,
    Quit,
    Number,
    Append(String),
    Insert(String),
    Change(String),
}

#[derive(Debug)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
    /// Between `from` and `to`.
    inside: bool,
}

/// Edits lines.
pub(super) fn sed(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut options = match Options::of(&process, "ne:f:iErsz") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut scripts: Vec<String> = options.values('e').map(str::to_owned).collect();
        if scripts.is_empty() {
            if options.rest.is_empty() {
                return process.complain("no pattern").await;
            }
            scripts.push(options.rest.remove(0));
        }
        let extended = options.last_of("Er").is_some();
        let mut commands = Vec::new();
        for script in &scripts {
            match parse(script, extended) {
                Ok(more) => commands.extend(more),
                Err(why) => return process.complain(format!("bad pattern '{script}'@{why}")).await,
            }
        }
        edit_all(&guest, &process, &options, &mut commands).await.unwrap_or(CLOSED)
    })
}

fn parse(script: &str, extended: bool) -> Result<Vec<Command>, String> {
    let mut rest = script;
    let mut commands = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', ';']);
        if rest.is_empty() {
            return Ok(commands);
        }
        if commands.len() >= COMMANDS_MAX {
            return Err("too long".to_owned());
        }
        let from = address(&mut rest, extended)?;
        let to = match rest.strip_prefix(',') {
            Some(behind) if from.is_some() => {
                rest = behind.trim_start();
                Some(address(&mut rest, extended)?.ok_or("no address")?)
            }
            _ => None,
        };
        rest = rest.trim_start();
        let negated = rest.starts_with('!');
        rest = rest.trim_start_matches(['!', ' ']);
        let action = action(&mut rest, extended)?;
        commands.push(Command { from, to, negated, action, inside: false });
    }
}

fn address(rest: &mut &str, extended: bool) -> Result<Option<Address>, String> {
    if let Some(behind) = rest.strip_prefix('$') {
        *rest = behind;
        return Ok(Some(Address::Last));
    }
    if let Some(behind) = rest.strip_prefix('/') {
        let (pattern, behind) = until(behind, '/').ok_or("unfinished address")?;
        *rest = behind;
        return super::regex::compile(&pattern, extended, false)
            .map(|pattern| Some(Address::Matches(pattern)));
    }
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (number, behind) = rest.split_at_checked(digits).unwrap_or(("", rest));
    if number.is_empty() {
        return Ok(None);
    }
    *rest = behind;
    number.parse().map(|number| Some(Address::Line(number))).map_err(|_| "bad address".to_owned())
}

/// Text up to a delimiter that no backslash hides, and what is behind it.
fn until(text: &str, delimiter: char) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == delimiter {
            return Some((out, text.get(at + letter.len_utf8()..)?));
        }
        out.push(letter);
        if letter == '\\' {
            let (_, next) = letters.next()?;
            if next == delimiter {
                out.pop();
            }
            out.push(next);
        }
    }
    None
}

fn action(rest: &mut &str, extended: bool) -> Result<Action, String> {
    let letter = rest.chars().next().ok_or("no command")?;
    let behind = rest.get(letter.len_utf8()..).unwrap_or_default();
    *rest = behind;
    match letter {
        'p' => Ok(Action::Print),
        'd' => Ok(Action::Delete),
        'q' => Ok(Action::Quit),
        '=' => Ok(Action::Number),
        'a' | 'i' | 'c' => {
            let end = behind.find('\n').unwrap_or(behind.len());
            let text = behind.get(..end).unwrap_or_default().trim_start();
            let (text, end) = match text {
                "\\" => {
                    let more = behind.get(end + 1..).unwrap_or_default();
                    let length = more.find('\n').unwrap_or(more.len());
                    (more.get(..length).unwrap_or_default(), (end + 1 + length).min(behind.len()))
                }
                text => (text.strip_prefix('\\').unwrap_or(text), end),
            };
            *rest = behind.get(end..).unwrap_or_default();
            let text = text.to_owned();
            Ok(match letter {
                'a' => Action::Append(text),
                'i' => Action::Insert(text),
                _ => Action::Change(text),
            })
        }
        's' | 'y' => {
            let delimiter = behind.chars().next().ok_or("no delimiter")?;
            let text = behind.get(delimiter.len_utf8()..).unwrap_or_default();
            let (pattern, text) = until(text, delimiter).ok_or("unfinished command")?;
            let (with, text) = until(text, delimiter).ok_or("unfinished command")?;
            *rest = text;
            if letter == 'y' {
                return Ok(Action::Translate(pattern.chars().collect(), with.chars().collect()));
            }
            substitution(&pattern, with, rest, extended)
        }
        other => Err(format!("unknown command '{other}'")),
    }
}

fn substitution(pattern: &str, with: String, rest: &mut &str, extended: bool) -> Result<Action, String> {
    let (mut all, mut print, mut fold, mut nth) = (false, false, false, 1);
    while let Some(letter) = rest.chars().next() {
        match letter {
            'g' => all = true,
            'p' => print = true,
            'i' | 'I' => fold = true,
            '1'..='9' => nth = letter.to_digit(10).unwrap_or(1) as usize,
            ';' | '\n' | ' ' | '}' => break,
            other => return Err(format!("unknown flag '{other}'")),
        }
        *rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    let pattern = super::regex::compile(pattern, extended, fold)?;
    Ok(Action::Substitute { pattern, with, all, nth, print })
}

async fn edit_all(
    guest: &Guest,
    process: &Process,
    options: &Options,
    commands: &mut [Command],
) -> Result<u8, Closed> {
    let mut code = 0;
    let mut number = 0;
    let mut printer = Printer::new(&process.stdout);
    let files = options.files();
    for (at, file) in files.iter().enumerate() {
        let lines = match Source::open(guest, process, file) {
            Ok(source) => Lines::new(source),
            Err(why) => {
                code = process.complain(format!("{file}: {why}")).await;
                continue;
            }
        };
        if !options.has('i') {
            if edit(lines, options.has('n'), at + 1 == files.len(), commands, &mut number, &mut printer)
                .await?
            {
                break;
            }
            continue;
        }
        let (output, input) = crate::pipe::pipe();
        let mut inside = Printer::new(&output);
        drop(output);
        number = 0;
        let editing = async {
            let done = edit(lines, options.has('n'), true, commands, &mut number, &mut inside).await;
            drop(inside);
            done
        };
        let (_, text) = futures::join!(editing, input.all(IN_PLACE_BYTES_MAX));
        let path = path_of(process, file);
        let done = match text {
            Some(text) => guest.write_file(&path, &text, 0o644).map_err(|why| why.to_string()),
            None => Err("File too large".to_owned()),
        };
        if let Err(why) = done {
            code = process.complain(format!("{file}: {why}")).await;
        }
    }
    printer.flush().await?;
    Ok(code)
}

/// Edits one file; tells whether all is to end.
async fn edit(
    mut lines: Lines,
    silent: bool,
    last_file: bool,
    commands: &mut [Command],
    number: &mut u64,
    printer: &mut Printer,
) -> Result<bool, Closed> {
    let mut next = lines.next().await.ok().flatten();
    while let Some((line, ended)) = next.take() {
        printer.before(&lines).await?;
        tokio::task::consume_budget().await;
        next = lines.next().await.ok().flatten();
        *number += 1;
        let last = next.is_none() && last_file;
        let mut text = String::from_utf8_lossy(&line).into_owned();
        let (mut shown, mut quit) = (!silent, false);
        let mut behind = Vec::new();
        for command in commands.iter_mut() {
            if !command.applies(*number, last, &text) {
                continue;
            }
            match &command.action {
                Action::Print => printer.line(&text).await?,
                Action::Number => printer.line(number.to_string()).await?,
                Action::Insert(new) => printer.line(new).await?,
                Action::Append(new) => behind.push(new.clone()),
                Action::Quit => quit = true,
                Action::Delete => shown = false,
                Action::Change(new) => {
                    shown = false;
                    if !command.inside {
                        printer.line(new).await?;
                    }
                }
                Action::Translate(from, to) => text = translated(&text, from, to),
                Action::Substitute { print, .. } => {
                    if let Some(new) = substituted(&text, &command.action) {
                        text = new;
                        if *print {
                            printer.line(&text).await?;
                        }
                    }
                }
            }
            if quit || matches!(command.action, Action::Delete | Action::Change(_)) {
                break;
            }
        }
        if shown {
            printer.print(&text).await?;
            printer.print(if ended || !last || !behind.is_empty() { "\n" } else { "" }).await?;
        }
        for new in behind {
            printer.line(new).await?;
        }
        if quit {
            printer.flush().await?;
            return Ok(true);
        }
    }
    printer.flush().await?;
    Ok(false)
}

impl Command {
    fn applies(&mut self, number: u64, last: bool, text: &str) -> bool {
        let at = |address: &Address| match address {
            Address::Line(line) => *line == number,
            Address::Last => last,
            Address::Matches(pattern) => pattern.is_match(text),
        };
        let applies = match (&self.from, &self.to) {
            (None, _) => true,
            (Some(from), None) => at(from),
            (Some(_), Some(to)) if self.inside => {
                self.inside = !at(to);
                true
            }
            (Some(from), Some(to)) => {
                let begins = at(from);
                let over = matches!(to, Address::Line(line) if *line <= number) || last;
                self.inside = begins && !over;
                begins
            }
        };
        applies != self.negated
    }
}

fn translated(text: &str, from: &[char], to: &[char]) -> String {
    let new = |letter: char| from.iter().position(|own| *own == letter).and_then(|at| to.get(at));
    text.chars().map(|letter| new(letter).copied().unwrap_or(letter)).collect()
}

/// The text with what matches replaced; none when nothing matches.
fn substituted(text: &str, action: &Action) -> Option<String> {
    let Action::Substitute { pattern, with, all, nth, .. } = action else { return None };
    let mut out = String::new();
    let (mut from, mut count) = (0, 0);
    for found in pattern.captures_iter(text) {
        let Some(whole) = found.get(0) else { continue };
        count += 1;
        if count < *nth {
            continue;
        }
        out.push_str(text.get(from..whole.start()).unwrap_or_default());
        replacement(with, &found, &mut out);
        from = whole.end();
        if !all {
            break;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    (count >= *nth).then_some(out)
}

fn replacement(with: &str, found: &Captures<'_>, out: &mut String) {
    let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
    let mut letters = with.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => out.push_str(group(0)),
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(digit) if digit.is_ascii_digit() => {
                    out.push_str(group(digit.to_digit(10).unwrap_or(0) as usize))
                }
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            _ => out.push(letter),
        }
    }
}
