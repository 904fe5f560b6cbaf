//! Bytes as text: `md5sum`, `sha1sum`, `sha256sum`, `base64`, `xxd`, `hexdump`.

use super::options::Options;
use super::output::{CLOSED, Printer, exit};
use super::source::{Lines, Source};
use crate::files::file_error::FileError;
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};
use sha1::Digest as _;
use sha2::Digest as _;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Letters of a line of `base64`.
const WIDTH: usize = 76;
/// Bytes of a line of `xxd` and `hexdump`.
const ROW: usize = 16;

/// A sum being made.
enum Sum {
    Md5(md5::Md5),
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
}

impl Sum {
    /// The kind of sum that a program of this name makes.
    fn of(name: &str) -> Self {
        match name.rsplit('/').next() {
            Some("md5sum") => Self::Md5(md5::Md5::new()),
            Some("sha1sum") => Self::Sha1(sha1::Sha1::new()),
            _ => Self::Sha256(sha2::Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(sum) => sum.update(bytes),
            Self::Sha1(sum) => sum.update(bytes),
            Self::Sha256(sum) => sum.update(bytes),
        }
    }

    fn text(self) -> String {
        match self {
            Self::Md5(sum) => hex(&sum.finalize()),
            Self::Sha1(sum) => hex(&sum.finalize()),
            Self::Sha256(sum) => hex(&sum.finalize()),
        }
    }
}

/// Sums of files; the program's name says which.
pub(super) fn sums(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "bcs") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        if options.has('c') {
            return check(&guest, &process, &options).await;
        }
        let mut code = 0;
        for file in options.files() {
            match sum(&guest, &process, &file).await {
                Ok(sum) if options.has('b') => process.say(sum).await,
                Ok(sum) => process.say(format!("{sum}  {file}")).await,
                Err(why) => code = process.complain(format!("{file}: {why}")).await,
            }
        }
        code
    })
}

async fn sum(guest: &Guest, process: &Process, file: &str) -> Result<String, FileError> {
    let mut source = Source::open(guest, process, file)?;
    let mut sum = Sum::of(process.argv.first().map_or("", String::as_str));
    while let Some(bytes) = source.next().await? {
        sum.update(&bytes);
    }
    Ok(sum.text())
}

/// Checks the sums that a file lists.
async fn check(guest: &Guest, process: &Process, options: &Options) -> u8 {
    let mut code = 0;
    for list in options.files() {
        let mut lines = match Source::open(guest, process, &list) {
            Ok(source) => Lines::new(source),
            Err(why) => {
                code = process.complain(format!("{list}: {why}")).await;
                continue;
            }
        };
        while let Ok(Some((line, _))) = lines.next().await {
            let line = String::from_utf8_lossy(&line).into_owned();
            let Some((wanted, file)) = line.split_once(' ') else { continue };
            let file = file.trim_start_matches([' ', '*']);
            let same = sum(guest, process, file).await.is_ok_and(|sum| sum.eq_ignore_ascii_case(wanted));
            if !same {
                code = 1;
            }
            if !same || !options.has('s') {
                process.say(format!("{file}: {}", if same { "OK" } else { "FAILED" })).await;
            }
        }
    }
    code
}

/// Bytes as letters, and back with `-d`.
pub(super) fn base64(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "diw:") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let width = match options.value('w').map(str::parse::<usize>) {
            None => WIDTH,
            Some(Ok(width)) => width,
            Some(Err(_)) => return process.complain("bad -w").await,
        };
        let file = options.rest.first().map_or("-", String::as_str);
        let source = match Source::open(&guest, &process, file) {
            Ok(source) => source,
            Err(why) => return process.complain(format!("{file}: {why}")).await,
        };
        let mut printer = Printer::new(&process.stdout);
        let done = if options.has('d') {
            decode(source, &mut printer).await
        } else {
            encode(source, width, &mut printer).await
        };
        match done {
            Ok(true) => 0,
            Ok(false) => process.complain("bad input").await,
            Err(Closed) => CLOSED,
        }
    })
}

async fn encode(mut source: Source, width: usize, printer: &mut Printer) -> Result<bool, Closed> {
    let (mut group, mut column) = (Vec::new(), 0);
    loop {
        let bytes = source.next().await.ok().flatten();
        let last = bytes.is_none();
        group.extend_from_slice(&bytes.unwrap_or_default());
        let whole = if last { group.len() } else { group.len() / 3 * 3 };
        let mut out = Vec::new();
        for three in group.get(..whole).unwrap_or_default().chunks(3) {
            let at = |index: usize| u32::from(three.get(index).copied().unwrap_or(0));
            let word = at(0) << 16 | at(1) << 8 | at(2);
            for digit in 0..4 {
                let letter = ALPHABET.get((word >> (18 - 6 * digit) & 63) as usize).copied().unwrap_or(b'=');
                out.push(if digit > three.len() as u32 { b'=' } else { letter });
                column += 1;
                if column == width {
                    out.push(b'\n');
                    column = 0;
                }
            }
        }
        group.drain(..whole);
        printer.print(out).await?;
        if last {
            printer.print(if column > 0 && width > 0 { "\n" } else { "" }).await?;
            return printer.flush().await.map(|()| true);
        }
    }
}

async fn decode(mut source: Source, printer: &mut Printer) -> Result<bool, Closed> {
    let (mut word, mut count) = (0_u32, 0);
    while let Some(bytes) = source.next().await.ok().flatten() {
        let mut out = Vec::new();
        for byte in bytes.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != b'=') {
            let Some(digit) = ALPHABET.iter().position(|letter| letter == byte) else {
                printer.print(out).await?;
                return printer.flush().await.map(|()| false);
            };
            word = word << 6 | u32::try_from(digit).unwrap_or(0);
            count = (count + 1) % 4;
            // Of four letters, all but the first complete a byte.
            match count {
                2 => out.extend(word.checked_shr(4).map(|word| word.to_le_bytes()[0])),
                3 => out.extend(word.checked_shr(2).map(|word| word.to_le_bytes()[0])),
                0 => out.push(word.to_le_bytes()[0]),
                _ => {}
            }
        }
        printer.print(out).await?;
    }
    printer.flush().await.map(|()| true)
}

/// Bytes in hexadecimal.
pub(super) fn xxd(guest: Guest, process: Process) -> Running {
    dump(guest, process, "pl:s:c:g:", |at, row| {
        let pairs: Vec<String> = row.chunks(2).map(hex).collect();
        format!("{at:08x}: {:<39}  {}", pairs.join(" "), printable(row))
    })
}

/// Bytes in hexadecimal, another way.
pub(super) fn hexdump(guest: Guest, process: Process) -> Running {
    dump(guest, process, "Cn:s:v", |at, row| {
        let half = |part: &[u8]| part.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
        let (left, right) = row.split_at_checked(8).unwrap_or((row, &[]));
        format!("{at:08x}  {:<24} {:<24} |{}|", half(left), half(right), printable(row))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn printable(row: &[u8]) -> String {
    row.iter()
        .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' })
        .collect()
}

fn dump(guest: Guest, process: Process, letters: &'static str, line: fn(u64, &[u8]) -> String) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, letters) {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let file = options.rest.first().map_or("-", String::as_str);
        let mut source = match Source::open(&guest, &process, file) {
            Ok(source) => source,
            Err(why) => return process.complain(format!("{file}: {why}")).await,
        };
        let limit =
            options.value('l').or(options.value('n')).and_then(super::options::size).unwrap_or(u64::MAX);
        let mut printer = Printer::new(&process.stdout);
        let (mut rest, mut at) = (Vec::new(), 0_u64);
        loop {
            let bytes =
                if at + (rest.len() as u64) < limit { source.next().await.ok().flatten() } else { None };
            let last = bytes.is_none();
            rest.extend_from_slice(&bytes.unwrap_or_default());
            let left = usize::try_from(limit - at).unwrap_or(usize::MAX);
            rest.truncate(left);
            let whole = if last { rest.len() } else { rest.len() / ROW * ROW };
            for row in rest.get(..whole).unwrap_or_default().chunks(ROW) {
                let text = if options.has('p') { hex(row) } else { line(at, row) };
                if printer.line(text).await.is_err() {
                    return CLOSED;
                }
                at += row.len() as u64;
            }
            rest.drain(..whole);
            if last {
                if options.has('C') && printer.line(format!("{at:08x}")).await.is_err() {
                    return CLOSED;
                }
                return exit(printer.flush().await.map(|()| 0));
            }
        }
    })
}
