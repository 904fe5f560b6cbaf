//! `cat`, `head`, `tail`, `wc`, `tee`.

use super::follow::{Followed, follow};
use super::options::{Options, size};
use super::output::{CLOSED, Printer, exit};
use super::source::{Lines, Source};
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use std::collections::VecDeque;

/// Bytes that `tail` keeps, with what a piece costs beside them.
const TAIL_BYTES_MAX: usize = 8 * 1024 * 1024;
/// What a piece costs beside its bytes.
const PIECE_COST_BYTES: usize = size_of::<bytes::Bytes>();
/// Bytes that `tee` still takes once nobody reads its output: what was under way when its client left.
const TEE_ALONE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Prints files one after the other.
pub(super) fn cat(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "nuevt") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut code = 0;
        let mut number = 0;
        for file in options.files() {
            let done = match Source::open(&guest, &process, &file) {
                Ok(source) if options.has('n') => cat_numbered(&process, source, &mut number).await,
                Ok(source) => cat_one(&process, source).await,
                Err(why) => Ok(Err(why)),
            };
            match done {
                Ok(Ok(())) => {}
                Ok(Err(why)) => code = process.complain(format!("{file}: {why}")).await,
                Err(Closed) => return CLOSED,
            }
        }
        code
    })
}

type Read = Result<(), crate::files::file_error::FileError>;

async fn cat_one(process: &Process, mut source: Source) -> Result<Read, Closed> {
    loop {
        match source.next().await {
            Ok(Some(bytes)) => process.stdout.write(bytes).await?,
            Ok(None) => return Ok(Ok(())),
            Err(why) => return Ok(Err(why)),
        }
    }
}

async fn cat_numbered(process: &Process, source: Source, number: &mut u64) -> Result<Read, Closed> {
    let mut lines = Lines::new(source);
    let mut printer = Printer::new(&process.stdout);
    loop {
        printer.before(&lines).await?;
        match lines.next().await {
            Ok(Some((line, _))) => {
                *number += 1;
                printer.print(format!("{number:>6}\t")).await?;
                printer.line(line).await?;
            }
            Ok(None) => return printer.flush().await.map(Ok),
            Err(why) => return Ok(Err(why)),
        }
    }
}

/// How much of a file is wanted.
enum Amount {
    Lines(usize),
    Bytes(usize),
}

fn amount(options: &Options) -> Option<(Amount, bool)> {
    let text = options.value('c').or(options.value('n')).unwrap_or("10");
    let from = text.starts_with('+');
    let number = usize::try_from(size(text.trim_start_matches(['+', '-']))?).ok()?;
    Some((if options.has('c') { Amount::Bytes(number) } else { Amount::Lines(number) }, from))
}

/// Old spellings: `-5` for `-n 5`.
fn modern(mut process: Process) -> Process {
    for argument in process.argv.iter_mut().skip(1) {
        if argument.len() > 1
            && argument
                .strip_prefix('-')
                .is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
        {
            *argument = argument.replacen('-', "-n", 1);
        }
    }
    process
}

/// The beginning of files.
pub(super) fn head(guest: Guest, process: Process) -> Running {
    parts(guest, modern(process), false)
}

/// The end of files.
pub(super) fn tail(guest: Guest, process: Process) -> Running {
    parts(guest, modern(process), true)
}

fn parts(guest: Guest, process: Process, end: bool) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, if end { "n:c:qvfF" } else { "n:c:qv" }) {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let Some((amount, from)) = amount(&options) else { return process.complain("bad number").await };
        let files = options.files();
        let mut code = 0;
        let titled = (files.len() > 1 && !options.has('q')) || options.has('v');
        let mut followed = Vec::new();
        for (at, file) in files.iter().enumerate() {
            let source = match Source::open(&guest, &process, file) {
                Ok(source) => source,
                Err(why) => {
                    code = process.complain(format!("{file}: {why}")).await;
                    continue;
                }
            };
            let mut printer = Printer::new(&process.stdout);
            if let Some(shown) = source.size() {
                followed.push(Followed { name: file.clone(), path: process.path(file), shown });
            }
            if titled {
                let blank = if at > 0 { "\n" } else { "" };
                if printer.print(format!("{blank}==> {file} <==\n")).await.is_err() {
                    return CLOSED;
                }
            }
            let done = match (&amount, end) {
                (Amount::Lines(count), false) => first_lines(source, *count, &mut printer).await,
                (Amount::Bytes(count), false) => first_bytes(source, *count, &mut printer).await,
                (Amount::Lines(count), true) if from => skip_lines(source, *count, &mut printer).await,
                (Amount::Bytes(count), true) if from => skip_bytes(source, *count, &mut printer).await,
                (amount, true) => last(source, amount, &mut printer).await,
            };
            match done {
                Ok(Ok(())) => {}
                Ok(Err(why)) => code = process.complain(format!("{file}: {why}")).await,
                Err(Closed) => return CLOSED,
            }
        }
        if options.last_of("fF").is_some() {
            let mut printer = Printer::new(&process.stdout);
            return exit(follow(&guest, followed, titled, &mut printer).await.map(|()| code));
        }
        code
    })
}

async fn first_lines(source: Source, count: usize, printer: &mut Printer) -> Result<Read, Closed> {
    let mut lines = Lines::new(source);
    for _ in 0..count {
        printer.before(&lines).await?;
        match lines.next().await {
            Ok(Some((line, true))) => printer.line(line).await?,
            Ok(Some((line, false))) => printer.print(line).await?,
            Ok(None) => break,
            Err(why) => return Ok(Err(why)),
        }
    }
    lines.close().await;
    printer.flush().await.map(Ok)
}

async fn first_bytes(mut source: Source, count: usize, printer: &mut Printer) -> Result<Read, Closed> {
    let mut left = count;
    while left > 0 {
        match source.next().await {
            Ok(Some(mut bytes)) => {
                let taken = bytes.split_to(left.min(bytes.len()));
                left -= taken.len();
                source.unread(bytes).await;
                printer.print(taken).await?;
            }
            Ok(None) => break,
            Err(why) => return Ok(Err(why)),
        }
    }
    printer.flush().await.map(Ok)
}

async fn skip_lines(source: Source, from: usize, printer: &mut Printer) -> Result<Read, Closed> {
    let mut lines = Lines::new(source);
    let mut number = 0_usize;
    loop {
        printer.before(&lines).await?;
        number += 1;
        match lines.next().await {
            Ok(Some((line, ended))) if number >= from => {
                printer.print(line).await?;
                printer.print(if ended { "\n" } else { "" }).await?;
            }
            Ok(Some(_)) => {}
            Ok(None) => return printer.flush().await.map(Ok),
            Err(why) => return Ok(Err(why)),
        }
    }
}

async fn skip_bytes(mut source: Source, from: usize, printer: &mut Printer) -> Result<Read, Closed> {
    let mut skip = from.saturating_sub(1);
    loop {
        match source.next().await {
            Ok(Some(bytes)) => {
                let skipped = skip.min(bytes.len());
                skip -= skipped;
                printer.print(bytes.slice(skipped..)).await?;
            }
            Ok(None) => return printer.flush().await.map(Ok),
            Err(why) => return Ok(Err(why)),
        }
    }
}

/// The end: kept while reading, as far as memory allows.
async fn last(mut source: Source, amount: &Amount, printer: &mut Printer) -> Result<Read, Closed> {
    let mut kept: VecDeque<bytes::Bytes> = VecDeque::new();
    let (mut lines, mut bytes) = (0, 0);
    let newlines = |piece: &[u8]| piece.iter().filter(|byte| **byte == b'\n').count();
    loop {
        let piece = match source.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(why) => return Ok(Err(why)),
        };
        lines += newlines(&piece);
        bytes += piece.len();
        kept.push_back(piece);
        while let Some(first) = kept.front() {
            let enough = match amount {
                // One line feed more: the last line may have none.
                Amount::Lines(count) => lines - newlines(first) > *count,
                Amount::Bytes(count) => bytes - first.len() >= *count,
            };
            if !enough && bytes + kept.len() * PIECE_COST_BYTES <= TAIL_BYTES_MAX {
                break;
            }
            lines -= newlines(first);
            bytes -= first.len();
            kept.pop_front();
        }
    }
    let kept: Vec<u8> = kept.into_iter().flatten().collect();
    let start = match amount {
        Amount::Bytes(count) => kept.len().saturating_sub(*count),
        Amount::Lines(0) => kept.len(),
        Amount::Lines(count) => {
            let text = kept.strip_suffix(b"\n").unwrap_or(&kept);
            let feeds = text.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
            feeds.map(|(at, _)| at + 1).nth(count - 1).unwrap_or(0)
        }
    };
    printer.print(kept.get(start..).unwrap_or_default()).await?;
    printer.flush().await.map(Ok)
}

#[derive(Default)]
struct Counts {
    lines: u64,
    words: u64,
    bytes: u64,
    letters: u64,
}

/// Counts lines, words and bytes.
pub(super) fn wc(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "lwcmL") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let files = options.files();
        let mut total = Counts::default();
        let mut code = 0;
        let mut lines = Vec::new();
        for file in &files {
            match count(&guest, &process, file).await {
                Ok(counts) => {
                    total.lines += counts.lines;
                    total.words += counts.words;
                    total.bytes += counts.bytes;
                    total.letters += counts.letters;
                    lines.push(show_counts(&counts, &options, if file == "-" { "" } else { file }));
                }
                Err(why) => code = process.complain(format!("{file}: {why}")).await,
            }
        }
        if files.len() > 1 {
            lines.push(show_counts(&total, &options, "total"));
        }
        let text: String = lines.concat();
        exit(process.stdout.write(text).await.map(|()| code))
    })
}

fn show_counts(counts: &Counts, options: &Options, name: &str) -> String {
    let all = options.last_of("lwcm").is_none();
    let columns = [('l', counts.lines), ('w', counts.words), ('c', counts.bytes), ('m', counts.letters)];
    let shown: Vec<String> = columns
        .iter()
        .filter(|(letter, _)| options.has(*letter) || all && *letter != 'm')
        .map(|(_, number)| number.to_string())
        .collect();
    let name = if name.is_empty() { String::new() } else { format!(" {name}") };
    format!("{}{name}\n", shown.join(" "))
}

async fn count(
    guest: &Guest,
    process: &Process,
    file: &str,
) -> Result<Counts, crate::files::file_error::FileError> {
    let mut source = Source::open(guest, process, file)?;
    let mut counts = Counts::default();
    let mut inside = false;
    while let Some(bytes) = source.next().await? {
        counts.bytes += bytes.len() as u64;
        for byte in bytes.iter() {
            counts.lines += u64::from(*byte == b'\n');
            counts.letters += u64::from(byte & 0xc0 != 0x80);
            let blank = byte.is_ascii_whitespace();
            counts.words += u64::from(!blank && !inside);
            inside = !blank;
        }
    }
    Ok(counts)
}

/// Copies standard input to files and to standard output.
pub(super) fn tee(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "ai") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut code = 0;
        let mut writers = Vec::new();
        for file in &options.rest {
            let path = process.path(file);
            let opened =
                if options.has('a') { guest.append(&path, 0o644) } else { guest.create(&path, 0o644) };
            match opened {
                Ok(writer) => writers.push((file, writer)),
                Err(why) => code = process.complain(format!("{file}: {why}")).await,
            }
        }
        let mut alone = None;
        while let Some(bytes) = process.stdin.next().await {
            for (file, writer) in &mut writers {
                if let Err(why) = writer.write(&bytes) {
                    code = process.complain(format!("{file}: {why}")).await;
                }
            }
            match &mut alone {
                None => alone = process.stdout.write(bytes).await.err().map(|Closed| 0),
                Some(taken) if *taken < TEE_ALONE_BYTES_MAX => *taken += bytes.len(),
                Some(_) => break,
            }
        }
        for (file, writer) in writers {
            if let Err(why) = writer.commit(None) {
                code = process.complain(format!("{file}: {why}")).await;
            }
        }
        if alone.is_some() { CLOSED } else { code }
    })
}
