//! `sed`: `s`, `p`, `d`, `q`, `a`, `i`, `c`, `y`, `=`.

use super::options::Options;
use super::output::{CLOSED, Printer};
use super::sed_script::{Action, Address, Command, parse};
use super::source::{Lines, Source};
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use regex_lite::Captures;

/// Bytes that a line may become.
const SPACE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a file that is edited in place.
const IN_PLACE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why editing ends early.
enum Fault {
    Closed,
    /// What a line ran into.
    Line(String),
}

impl From<Closed> for Fault {
    fn from(Closed: Closed) -> Self {
        Self::Closed
    }
}

fn too_long() -> Fault {
    Fault::Line("Cannot allocate memory".to_owned())
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
        let done = if options.has('i') {
            number = 0;
            edit_in_place(guest, &process.path(file), lines, options.has('n'), commands).await
        } else {
            let last = at + 1 == files.len();
            edit(lines, options.has('n'), last, commands, &mut number, &mut printer).await
        };
        match done {
            Ok(true) => break,
            Ok(false) => {}
            Err(Fault::Closed) => return Err(Closed),
            Err(Fault::Line(why)) => {
                printer.flush().await?;
                code = process.complain(format!("{file}: {why}")).await;
            }
        }
    }
    printer.flush().await?;
    Ok(code)
}

/// Edits a file and writes it back, if all of it could be edited.
async fn edit_in_place(
    guest: &Guest,
    path: &str,
    lines: Lines,
    silent: bool,
    commands: &mut [Command],
) -> Result<bool, Fault> {
    let (output, input) = crate::pipe::pipe();
    let mut inside = Printer::new(&output);
    drop(output);
    let editing = async move {
        let done = edit(lines, silent, true, commands, &mut 0, &mut inside).await;
        drop(inside);
        done
    };
    // The reader goes when there is too much, and the editing with it.
    let reading = async move { input.all(IN_PLACE_BYTES_MAX).await };
    let (done, text) = futures::join!(editing, reading);
    let Some(text) = text else { return Err(Fault::Line("File too large".to_owned())) };
    done?;
    guest.write_file(path, &text, 0o644).map_err(|why| Fault::Line(why.to_string()))?;
    Ok(false)
}

/// Edits one file; tells whether all is to end.
async fn edit(
    mut lines: Lines,
    silent: bool,
    last_file: bool,
    commands: &mut [Command],
    number: &mut u64,
    printer: &mut Printer,
) -> Result<bool, Fault> {
    let mut next = lines.next().await.ok().flatten();
    while let Some((line, ended)) = next.take() {
        printer.before(&lines).await?;
        next = lines.next().await.ok().flatten();
        *number += 1;
        let last = next.is_none() && last_file;
        let mut text = String::from_utf8_lossy(&line).into_owned();
        let (mut shown, mut quit) = (!silent, false);
        let mut behind = Vec::new();
        for command in commands.iter_mut() {
            // Each may look at all of the line.
            tokio::task::consume_budget().await;
            if !command.applies(*number, last, &text)? {
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
                    if let Some(new) = substituted(&text, &command.action).await? {
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
    fn applies(&mut self, number: u64, last: bool, text: &str) -> Result<bool, Fault> {
        let at = |address: &Address| match address {
            Address::Line(line) => Ok(*line == number),
            Address::Last => Ok(last),
            Address::Matches(pattern) => {
                pattern.on(text).map(|regex| regex.is_match(text)).map_err(Fault::Line)
            }
        };
        let applies = match (&self.from, &self.to) {
            (None, _) => true,
            (Some(from), None) => at(from)?,
            (Some(_), Some(to)) if self.inside => {
                self.inside = !at(to)?;
                true
            }
            (Some(from), Some(to)) => {
                let begins = at(from)?;
                let over = matches!(to, Address::Line(line) if *line <= number) || last;
                self.inside = begins && !over;
                begins
            }
        };
        Ok(applies != self.negated)
    }
}

fn translated(text: &str, from: &[char], to: &[char]) -> String {
    let new = |letter: char| from.iter().position(|own| *own == letter).and_then(|at| to.get(at));
    text.chars().map(|letter| new(letter).copied().unwrap_or(letter)).collect()
}

/// The text with what matches replaced; none when nothing matches.
async fn substituted(text: &str, action: &Action) -> Result<Option<String>, Fault> {
    let Action::Substitute { pattern, with, all, nth, .. } = action else { return Ok(None) };
    let mut out = String::new();
    let (mut from, mut count) = (0, 0);
    for found in pattern.on(text).map_err(Fault::Line)?.captures_iter(text) {
        // Each may have looked at all of the text.
        tokio::task::consume_budget().await;
        let Some(whole) = found.get(0) else { continue };
        count += 1;
        if count < *nth {
            continue;
        }
        out.push_str(text.get(from..whole.start()).unwrap_or_default());
        replacement(with, &found, &mut out)?;
        from = whole.end();
        if !all {
            break;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    if out.len() > SPACE_BYTES_MAX {
        return Err(too_long());
    }
    Ok((count >= *nth).then_some(out))
}

fn replacement(with: &str, found: &Captures<'_>, out: &mut String) -> Result<(), Fault> {
    let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
    let mut letters = with.chars();
    while let Some(letter) = letters.next() {
        if out.len() > SPACE_BYTES_MAX {
            return Err(too_long());
        }
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
    Ok(())
}
