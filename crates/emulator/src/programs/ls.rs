//! `ls`.

use super::mode::letters;
use super::options::Options;
use super::output::{Printer, exit};
use crate::calendar::Moment;
use crate::files::file_error::FileError;
use crate::files::stat::{Kind, Stat};
use crate::guest::Guest;
use crate::pipe::Closed;
use crate::program::{Process, Running};

/// How deep `-R` goes.
const DEPTH_MAX: usize = 64;
/// How wide a terminal is taken to be.
const COLUMNS: usize = 80;

/// Something to be listed.
#[derive(Debug, Clone)]
struct Shown {
    name: String,
    path: String,
    stat: Stat,
}

/// Lists files.
pub(super) fn ls(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "laAd1RhitrSCFpnogskLHqbNZ") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut printer = Printer::new(&process.stdout);
        exit(list_all(&guest, &process, &options, &mut printer).await)
    })
}

async fn list_all(
    guest: &Guest,
    process: &Process,
    options: &Options,
    printer: &mut Printer,
) -> Result<u8, Closed> {
    let names = if options.rest.is_empty() { vec![".".to_owned()] } else { options.rest.clone() };
    let mut code = 0;
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    for name in names {
        let path = process.path(&name);
        match look(guest, &path, options) {
            Ok(stat) => {
                let inside = stat.kind == Kind::Directory && !options.has('d');
                let shown = Shown { name, path, stat };
                if inside { directories.push(shown) } else { files.push(shown) }
            }
            Err(why) => code = process.complain(format!("{name}: {why}")).await,
        }
    }
    sort(&mut files, options);
    sort(&mut directories, options);
    let titled = files.len() + directories.len() > 1 || options.has('R');
    show(guest, process, options, &files, printer).await?;
    let mut first = files.is_empty();
    let mut open: Vec<(Shown, usize)> = directories.into_iter().rev().map(|shown| (shown, 0)).collect();
    while let Some((directory, depth)) = open.pop() {
        let entries = match entries(guest, &directory, options) {
            Ok(entries) => entries,
            Err(why) => {
                printer.flush().await?;
                code = process.complain(format!("{}: {why}", directory.name)).await;
                continue;
            }
        };
        if titled {
            printer.print(if first { "" } else { "\n" }).await?;
            printer.line(format!("{}:", directory.name)).await?;
        }
        first = false;
        if options.has('l') || options.has('s') {
            let blocks: u64 = entries.iter().map(|shown| blocks(&shown.stat)).sum();
            printer.line(format!("total {blocks}")).await?;
        }
        show(guest, process, options, &entries, printer).await?;
        if options.has('R') && depth < DEPTH_MAX {
            let below = entries.into_iter().rev().filter(|shown| {
                shown.stat.kind == Kind::Directory && !matches!(shown.name.as_str(), "." | "..")
            });
            open.extend(below.map(|mut shown| {
                shown.name = format!("{}/{}", directory.name.trim_end_matches('/'), shown.name);
                (shown, depth + 1)
            }));
        }
    }
    printer.flush().await?;
    Ok(code)
}

/// A link that is named is followed, unless it is looked at closely.
fn look(guest: &Guest, path: &str, options: &Options) -> Result<Stat, FileError> {
    let closely = (options.has('l') || options.has('d')) && !options.has('L') && !options.has('H');
    if closely && !path.ends_with('/') {
        guest.lstat(path)
    } else {
        guest.stat(path).or_else(|_| guest.lstat(path))
    }
}

fn entries(guest: &Guest, directory: &Shown, options: &Options) -> Result<Vec<Shown>, FileError> {
    let mut shown = Vec::new();
    let base = directory.path.trim_end_matches('/');
    if options.has('a') {
        for name in [".", ".."] {
            let path = format!("{base}/{name}");
            let stat = guest.stat(&path).unwrap_or_else(|_| directory.stat.clone());
            shown.push(Shown { name: name.to_owned(), path, stat });
        }
    }
    for (name, stat) in guest.list(&directory.path)? {
        if !name.starts_with('.') || options.has('a') || options.has('A') {
            let path = format!("{base}/{name}");
            let stat = if options.has('L') { guest.stat(&path).unwrap_or(stat) } else { stat };
            shown.push(Shown { path, name, stat });
        }
    }
    sort(&mut shown, options);
    Ok(shown)
}

fn sort(shown: &mut [Shown], options: &Options) {
    match options.last_of("tS") {
        Some('t') => shown.sort_by(|a, b| b.stat.mtime_s.cmp(&a.stat.mtime_s).then(a.name.cmp(&b.name))),
        Some(_) => shown.sort_by(|a, b| b.stat.size.cmp(&a.stat.size).then(a.name.cmp(&b.name))),
        None => shown.sort_by(|a, b| a.name.cmp(&b.name)),
    }
    if options.has('r') {
        shown.reverse();
    }
}

/// Blocks of 1024 bytes, as files take them: four at a time.
fn blocks(stat: &Stat) -> u64 {
    stat.size.div_ceil(4096) * 4
}

async fn show(
    guest: &Guest,
    process: &Process,
    options: &Options,
    shown: &[Shown],
    printer: &mut Printer,
) -> Result<(), Closed> {
    let prefix = |shown: &Shown| {
        let inode = if options.has('i') { format!("{} ", shown.stat.inode) } else { String::new() };
        let size = if options.has('s') { format!("{} ", blocks(&shown.stat)) } else { String::new() };
        inode + &size
    };
    let named = |shown: &Shown| format!("{}{}{}", prefix(shown), shown.name, mark(shown, options));
    if !options.has('l') && !options.has('n') && !options.has('o') && !options.has('g') {
        let names: Vec<String> = shown.iter().map(named).collect();
        let columns = (process.terminal || options.has('C')) && !options.has('1');
        let lines = if columns { in_columns(&names) } else { names };
        for line in lines {
            printer.line(line).await?;
        }
        return Ok(());
    }
    let rows: Vec<[String; 5]> = shown.iter().map(|shown| row(shown, options)).collect();
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(String::len).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    for (shown, row) in shown.iter().zip(&rows) {
        let [links, owner, group, size, time] = row;
        let target = match shown.stat.kind {
            Kind::Link => format!(" -> {}", guest.readlink(&shown.path).unwrap_or_default()),
            Kind::File | Kind::Directory => mark(shown, options).to_owned(),
        };
        let mode = letters(shown.stat.kind, shown.stat.mode);
        let [a, b, c, d] = widths;
        let line = format!(
            "{}{mode} {links:>a$} {owner:<b$} {group:<c$} {size:>d$} {time} {}{target}",
            prefix(shown),
            shown.name
        );
        printer.line(line).await?;
    }
    Ok(())
}

fn mark(shown: &Shown, options: &Options) -> &'static str {
    let executable = shown.stat.mode & 0o111 != 0;
    match shown.stat.kind {
        Kind::Directory if options.has('F') || options.has('p') => "/",
        Kind::Link if options.has('F') => "@",
        Kind::File if options.has('F') && executable => "*",
        Kind::Directory | Kind::Link | Kind::File => "",
    }
}

fn row(shown: &Shown, options: &Options) -> [String; 5] {
    let stat = &shown.stat;
    let who = |id: u32| if options.has('n') { id.to_string() } else { crate::users::name(id) };
    let size = if options.has('h') { super::disk::human(stat.size) } else { stat.size.to_string() };
    let time = Moment::of(stat.mtime_s).format("%Y-%m-%d %H:%M", "UTC");
    [stat.links.to_string(), who(stat.uid), who(stat.gid), size, time]
}

/// Names in columns, top to bottom.
fn in_columns(names: &[String]) -> Vec<String> {
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0) + 2;
    let columns = (COLUMNS / widest).max(1);
    let height = names.len().div_ceil(columns);
    (0..height)
        .map(|row| {
            let cells = names.iter().skip(row).step_by(height.max(1));
            let line: String = cells.map(|name| format!("{name:<widest$}")).collect();
            line.trim_end().to_owned()
        })
        .collect()
}
