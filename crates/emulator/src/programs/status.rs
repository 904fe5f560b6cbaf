//! What a file is: `stat` and `file`.

use super::mode::letters;
use super::options::Options;
use super::output::{Printer, exit};
use crate::calendar::Moment;
use crate::files::stat::{Kind, Stat};
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::users;

/// The whole that `stat` shows unless asked otherwise.
const DEFAULT: &str = "  File: %N\n  Size: %s\t Blocks: %b\t IO Blocks: 4096\t%F\n\
                       Device: fd03h/64771d\t Inode: %i\t Links: %h\n\
                       Access: (%a/%A)\tUid: (%5u/%8U)\tGid: (%5g/%8G)\n\
                       Access: %y\nModify: %y\nChange: %y";

/// How wide the names are at most that `file` shows in a column.
const WIDTH_MAX: usize = 256;

/// Shows what is known of files.
pub(super) fn stat(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "c:ftL") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let format = options.value('c').unwrap_or(DEFAULT);
        let mut printer = Printer::new(&process.stdout);
        let mut code = 0;
        for file in &options.rest {
            let path = process.path(file);
            let found = if options.has('L') { guest.stat(&path) } else { guest.lstat(&path) };
            match found {
                Ok(stat) => {
                    let target = guest.readlink(&path).ok();
                    if printer.line(formatted(format, file, &stat, target.as_deref())).await.is_err() {
                        return super::output::CLOSED;
                    }
                }
                Err(why) => code = process.complain(format!("'{file}': {why}")).await,
            }
        }
        exit(printer.flush().await.map(|()| code))
    })
}

fn formatted(format: &str, file: &str, stat: &Stat, target: Option<&str>) -> String {
    let kind = match stat.kind {
        Kind::File if stat.size == 0 => "regular empty file",
        Kind::File => "regular file",
        Kind::Directory => "directory",
        Kind::Link => "symbolic link",
    };
    let mut out = String::new();
    let mut letters_left = format.chars();
    while let Some(letter) = letters_left.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        let mut width = 0;
        let mut letter = letters_left.next();
        while let Some(digit) = letter.and_then(|letter| letter.to_digit(10)) {
            width = (width * 10 + digit as usize).min(100);
            letter = letters_left.next();
        }
        let text = match letter {
            Some('a') => format!("{:o}", stat.mode & 0o7777),
            Some('A') => letters(stat.kind, stat.mode),
            Some('b') => (stat.size.div_ceil(4096) * 8).to_string(),
            Some('B') => "512".to_owned(),
            Some('f') => format!("{:x}", stat.st_mode()),
            Some('F') => kind.to_owned(),
            Some('g') => stat.gid.to_string(),
            Some('G') => users::name(stat.gid),
            Some('h') => stat.links.to_string(),
            Some('i') => stat.inode.to_string(),
            Some('n') => file.to_owned(),
            Some('N') => {
                target.map_or_else(|| format!("'{file}'"), |target| format!("'{file}' -> '{target}'"))
            }
            Some('o') => "4096".to_owned(),
            Some('s') => stat.size.to_string(),
            Some('u') => stat.uid.to_string(),
            Some('U') => users::name(stat.uid),
            Some('X' | 'Y' | 'Z') => stat.mtime_s.to_string(),
            Some('x' | 'y' | 'z') => Moment::of(stat.mtime_s).format("%Y-%m-%d %H:%M:%S.%N %z", "UTC"),
            Some('%') | None => "%".to_owned(),
            Some(other) => format!("%{other}"),
        };
        out.push_str(&format!("{text:>width$}"));
    }
    out
}

/// Says what is in files, by their first bytes.
pub(super) fn file(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "bhLs") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let longest = options.rest.iter().map(|file| file.chars().count() + 2).max().unwrap_or(0);
        let width = longest.min(WIDTH_MAX);
        for file in &options.rest {
            let name = format!("{file}:");
            let what = describe(&guest, &process.path(file));
            process.say(if options.has('b') { what } else { format!("{name:<width$}{what}") }).await;
        }
        0
    })
}

fn describe(guest: &Guest, path: &str) -> String {
    let stat = match guest.lstat(path) {
        Ok(stat) => stat,
        Err(why) => return format!("cannot open: {why}"),
    };
    match stat.kind {
        Kind::Directory => return "directory".to_owned(),
        Kind::Link => return format!("symbolic link to {}", guest.readlink(path).unwrap_or_default()),
        Kind::File if stat.size == 0 => return "empty".to_owned(),
        Kind::File => {}
    }
    let first = match guest.open(path).and_then(|mut reader| reader.next()) {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(why) => return format!("cannot open: {why}"),
    };
    let kinds: [(&[u8], &str); 8] = [
        (b"\x7fELF", "ELF shared object, 64-bit LSB arm64, dynamic (/system/bin/linker64)"),
        (b"\x89PNG", "PNG image data"),
        (b"\xff\xd8\xff", "JPEG image data"),
        (b"GIF8", "GIF image data"),
        (b"PK\x03\x04", "Zip archive data"),
        (b"\x1f\x8b", "gzip compressed data"),
        (b"SQLite format 3", "SQLite database"),
        (b"dex\n", "Android dex file"),
    ];
    if let Some((_, what)) = kinds.iter().find(|(magic, _)| first.starts_with(magic)) {
        return (*what).to_owned();
    }
    if let Some(line) = first.strip_prefix(b"#!") {
        let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len());
        return format!("{} script", String::from_utf8_lossy(line.get(..end).unwrap_or_default()).trim());
    }
    if first.contains(&0) {
        return "data".to_owned();
    }
    if first.is_ascii() { "ASCII text".to_owned() } else { "UTF-8 text".to_owned() }
}
