//! Programs that run others, or that only end: `sh`, `xargs`, `env`, `timeout`, `which`, `true`.

use super::clock::seconds_of;
use super::options::Options;
use super::output::{Printer, exit};
use super::source::{LINE_BYTES_MAX, Lines, Source};
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::shell::{Io, guest_shell, run_program};
use std::sync::Arc;
use std::time::Duration;

/// Bytes of a script that `sh` reads from a file.
const SCRIPT_BYTES_MAX: usize = 128 * 1024;
/// Bytes of arguments that `xargs` gives one command.
const XARGS_BYTES_MAX: usize = 64 * 1024;
/// Commands that one `xargs` runs.
const XARGS_RUNS_MAX: usize = 100_000;
/// The exit code of what `timeout` ended.
const TIMED_OUT: u8 = 124;

/// Ends well.
pub(super) fn yes_it_is(_: Process) -> Running {
    Box::pin(async { 0 })
}

/// Ends badly.
pub(super) fn no(_: Process) -> Running {
    Box::pin(async { 1 })
}

/// A shell.
pub(super) fn sh(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut arguments = process.arguments();
        let (mut command, mut options) = (false, String::new());
        while let Some((first, rest)) = arguments.split_first() {
            let Some(letters) = first.strip_prefix(['-', '+']).filter(|letters| !letters.is_empty()) else {
                break;
            };
            arguments = rest;
            if first == "--" {
                break;
            }
            command |= letters.contains('c');
            options.extend(letters.chars().filter(|letter| matches!(letter, 'e' | 'u' | 'x' | 'f')));
        }
        let Process { cwd, stdin, stdout, stderr, .. } = process.clone();
        let shell = guest_shell(guest.clone(), &process.env).at(cwd).with_options(&options);
        let io = Io { stdin, stdout, stderr, terminal: false };
        let (first, rest) = match arguments.split_first() {
            Some((first, rest)) => (first.as_str(), rest),
            None if command => return process.complain("-c requires an argument").await,
            None => {
                let prompt = crate::shell::Prompt { hostname: String::new(), root: false };
                return Box::pin(async move { shell.with_arguments(None, &[]).interact(io, &prompt).await })
                    .await;
            }
        };
        if command {
            let name = rest.first().map(String::as_str);
            return shell.with_arguments(name, rest.get(1..).unwrap_or_default()).run(first, io).await;
        }
        let text = match guest.read_file(&process.path(first), SCRIPT_BYTES_MAX) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(why) => {
                let line = format!("{}: can't open {first}: {why}\n", crate::shell::NAME);
                let _ = process.stderr.write(line).await;
                return 127;
            }
        };
        shell.with_arguments(Some(first), rest).run(&text, io).await
    })
}

/// Runs a program with other variables, or prints them.
pub(super) fn env(guest: Guest, mut process: Process) -> Running {
    Box::pin(async move {
        let mut rest: std::collections::VecDeque<String> = process.arguments().to_vec().into();
        while let Some(first) = rest.pop_front() {
            match first.as_str() {
                "-i" | "-" => process.env = Arc::default(),
                "-u" => drop(rest.pop_front().map(|name| Arc::make_mut(&mut process.env).remove(&name))),
                "--" => {}
                _ => match first.split_once('=') {
                    Some((name, value)) => {
                        drop(Arc::make_mut(&mut process.env).insert(name.to_owned(), value.to_owned()));
                    }
                    None => {
                        rest.push_front(first);
                        break;
                    }
                },
            }
        }
        if rest.is_empty() {
            let lines: String = process.env.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
            return exit(process.stdout.write(lines).await.map(|()| 0));
        }
        become_other(&guest, process, rest.into()).await
    })
}

/// Runs a program that does not mind when the terminal goes.
pub(super) fn nohup(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let argv = process.arguments().to_vec();
        become_other(&guest, process, argv).await
    })
}

/// Runs a program instead of this one, of which only what it complains with is kept.
pub(super) async fn become_other(guest: &Guest, mut process: Process, argv: Vec<String>) -> u8 {
    let name = process.argv.first().cloned().into_iter().collect();
    process.argv = argv;
    let own = Process { argv: name, env: Arc::default(), ..process.clone() };
    start_other(guest, &own, process).await
}

/// Runs a program beside this one, in the same place.
async fn run_other(guest: &Guest, process: &Process, argv: Vec<String>, stdin: crate::pipe::Input) -> u8 {
    start_other(guest, process, Process { argv, stdin, ..process.clone() }).await
}

/// Runs a program; complains as `execvp` fails when there is none.
async fn start_other(guest: &Guest, process: &Process, other: Process) -> u8 {
    let Some(name) = other.argv.first().cloned() else {
        return process.complain("Needs 1 argument").await;
    };
    match run_program(guest, other) {
        Ok(running) => running.await,
        Err(_) => {
            process.complain(format!("exec {name}: No such file or directory")).await;
            127
        }
    }
}

/// Prints variables.
pub(super) fn printenv(process: Process) -> Running {
    Box::pin(async move {
        let mut printer = Printer::new(&process.stdout);
        let mut code = 0;
        let all = process.arguments().is_empty();
        for (name, value) in process.env.iter().filter(|_| all) {
            if printer.line(format!("{name}={value}")).await.is_err() {
                return super::output::CLOSED;
            }
        }
        for name in process.arguments() {
            match process.env.get(name) {
                Some(value) if printer.line(value).await.is_err() => return super::output::CLOSED,
                Some(_) => {}
                None => code = 1,
            }
        }
        exit(printer.flush().await.map(|()| code))
    })
}

/// Where programs are.
pub(super) fn which(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "a") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut code = 0;
        for name in &options.rest {
            match crate::shell::which(&guest, name, process.env.get("PATH").map_or("", String::as_str)) {
                Some(path) => process.say(path).await,
                None => code = 1,
            }
        }
        code
    })
}

/// Ends a program that takes too long.
pub(super) fn timeout(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut rest = process.arguments();
        while let Some((first, behind)) = rest.split_first() {
            match first.as_str() {
                "-s" | "-k" => rest = behind.get(1..).unwrap_or_default(),
                "-i" | "-v" | "-f" => rest = behind,
                _ => break,
            }
        }
        let Some((time, argv)) = rest.split_first() else {
            return process.complain("Needs 2 arguments (see \"timeout --help\")").await;
        };
        let Some(seconds) = seconds_of(time) else {
            return process.complain(format!("bad number '{time}'")).await;
        };
        let running = run_other(&guest, &process, argv.to_vec(), process.stdin.clone());
        match tokio::time::timeout(Duration::from_secs_f64(seconds), running).await {
            Ok(code) => code,
            Err(_) => TIMED_OUT,
        }
    })
}

/// Runs a command with what it reads as arguments.
pub(super) fn xargs(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let (own, command) = own_options(process.arguments());
        let asking =
            Process { argv: [process.argv.get(..1).unwrap_or_default(), own].concat(), ..process.clone() };
        let options = match Options::of(&asking, "0n:I:rts:E:L:P:p") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let command = if command.is_empty() { vec!["echo".to_owned()] } else { command.to_vec() };
        let count = options
            .value('n')
            .or(options.value('L'))
            .and_then(|text| text.parse().ok())
            .unwrap_or(usize::MAX);
        let source = Source::Typed(process.stdin.clone());
        let end = if options.has('0') { 0 } else { b'\n' };
        let mut lines = Lines::ending_in(source, end);
        let mut batch: Vec<String> = Vec::new();
        let (mut bytes, mut runs, mut code) = (0, 0, 0);
        let mut words = Vec::new();
        loop {
            while words.is_empty() {
                let Ok(Some((line, _))) = lines.next().await else { break };
                let text = String::from_utf8_lossy(&line).into_owned();
                words = match (options.has('0'), options.value('I')) {
                    (true, _) => vec![text],
                    (false, Some(_)) => Some(text.trim_start().to_owned())
                        .filter(|text| !text.is_empty())
                        .into_iter()
                        .collect(),
                    (false, None) => unquoted(&text),
                };
                words.reverse();
            }
            let word: Option<String> = words.pop();
            let full =
                batch.len() >= count.max(1) || bytes + word.as_ref().map_or(0, String::len) > XARGS_BYTES_MAX;
            let flush = !batch.is_empty() && (word.is_none() || full)
                || word.is_none() && runs == 0 && !options.has('r') && !options.has('I');
            if flush {
                let argv = [command.clone(), std::mem::take(&mut batch)].concat();
                code = ended(run_other(&guest, &process, argv, crate::pipe::Input::empty()).await, code);
                (bytes, runs) = (0, runs + 1);
            }
            let Some(word) = word else { return code };
            if let Some(place) = options.value('I') {
                let argv = command.iter().map(|argument| argument.replace(place, &word)).collect();
                code = ended(run_other(&guest, &process, argv, crate::pipe::Input::empty()).await, code);
                runs += 1;
            } else {
                bytes += word.len() + 1;
                batch.push(word);
            }
            if code == 127 || runs >= XARGS_RUNS_MAX || word_too_long(bytes) {
                return code;
            }
        }
    })
}

fn word_too_long(bytes: usize) -> bool {
    bytes > LINE_BYTES_MAX
}

/// What `xargs` gives after a command that gave this.
fn ended(code: u8, before: u8) -> u8 {
    match code {
        0 => before,
        127 => 127,
        255 => 124,
        _ => 123,
    }
}

/// The options of `xargs` and the command behind them.
fn own_options(arguments: &[String]) -> (&[String], &[String]) {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        let Some(letters) = argument.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
        at += 1;
        let takes = letters.len() == 1 && letters.starts_with(['n', 'I', 's', 'E', 'L', 'P']);
        at += usize::from(takes);
    }
    arguments.split_at_checked(at).unwrap_or((arguments, &[]))
}

/// Words of a line: blanks separate them, quotes and backslashes keep blanks.
fn unquoted(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(letters.next()),
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}
