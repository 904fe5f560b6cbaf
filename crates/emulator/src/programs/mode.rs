//! Permissions: `chmod`, `chown`.

use super::options::Options;
use crate::files::stat::Kind;
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Files that one recursive command touches.
pub(super) const WALK_MAX: usize = 100_000;

/// Permission bits as `ls` shows them.
pub(super) fn letters(kind: Kind, mode: u32) -> String {
    let mut text = String::from(match kind {
        Kind::File => "-",
        Kind::Directory => "d",
        Kind::Link => "l",
    });
    for (shift, special, set) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        text.push(if mode >> shift & 4 != 0 { 'r' } else { '-' });
        text.push(if mode >> shift & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode >> shift & 1 != 0, mode & special != 0) {
            (true, true) => set,
            (false, true) => set.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// The mode that an octal or symbolic change makes of another; none if it is no such change.
pub(super) fn changed(change: &str, mode: u32, directory: bool) -> Option<u32> {
    if change.starts_with(|letter: char| letter.is_ascii_digit()) {
        return u32::from_str_radix(change, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = mode;
    for clause in change.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at_checked(at)?;
        let mut mask = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        if who.is_empty() {
            mask = 0o7777;
        }
        let mut letters = rest.chars();
        let operator = letters.next()?;
        let mut bits = 0;
        for letter in letters {
            bits |= match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if directory || mode & 0o111 != 0 => 0o111,
                'X' => 0,
                's' => 0o6000,
                't' => 0o1000,
                'u' => (mode >> 6 & 7) * 0o111,
                'g' => (mode >> 3 & 7) * 0o111,
                'o' => (mode & 7) * 0o111,
                _ => return None,
            };
        }
        mode = match operator {
            '+' => mode | bits & mask,
            '-' => mode & !(bits & mask),
            _ => mode & !(mask & 0o777) | bits & mask,
        };
    }
    Some(mode)
}

/// A path and everything below it, directories before what is in them.
pub(super) async fn walk(guest: &Guest, path: &str) -> Vec<(String, crate::files::stat::Stat)> {
    let mut found = Vec::new();
    let mut open = match guest.lstat(path) {
        Ok(stat) => vec![(path.to_owned(), stat)],
        Err(_) => Vec::new(),
    };
    while let Some((path, stat)) = open.pop() {
        // Files are always ready: others must get their turn.
        tokio::task::consume_budget().await;
        if found.len() >= WALK_MAX {
            break;
        }
        if stat.kind == Kind::Directory {
            let list = guest.list(&path).unwrap_or_default();
            let base = path.trim_end_matches('/');
            open.extend(list.into_iter().rev().map(|(name, stat)| (format!("{base}/{name}"), stat)));
        }
        found.push((path, stat));
    }
    found
}

/// Changes permissions.
pub(super) fn chmod(guest: Guest, mut process: Process) -> Running {
    Box::pin(async move {
        // `-x` takes a permission away; it is no option.
        for argument in process.argv.iter_mut().skip(1).take(2) {
            if argument.len() > 1
                && argument.strip_prefix('-').is_some_and(|rest| rest.chars().all(|c| "rwxst".contains(c)))
            {
                argument.insert(0, 'a');
            }
        }
        let options = match Options::of(&process, "Rfv") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let [change, files @ ..] = options.rest.as_slice() else {
            return process.complain("Needs 2 arguments (see \"chmod --help\")").await;
        };
        if changed(change, 0, false).is_none() {
            return process.complain(format!("bad mode '{change}'")).await;
        }
        let mut code = 0;
        for file in files {
            let path = process.path(file);
            let stat = match guest.stat(&path) {
                Ok(stat) => stat,
                Err(why) => {
                    code = process.complain(format!("{file}: {why}")).await;
                    continue;
                }
            };
            let all = if options.has('R') { walk(&guest, &path).await } else { vec![(path, stat)] };
            for (path, stat) in all.into_iter().filter(|(_, stat)| stat.kind != Kind::Link) {
                tokio::task::consume_budget().await;
                let mode = changed(change, stat.mode, stat.kind == Kind::Directory).unwrap_or(stat.mode);
                if let Err(why) = guest.chmod(&path, mode) {
                    code = process.complain(format!("chmod '{file}' to {mode:04o}: {why}")).await;
                }
            }
        }
        code
    })
}

/// Gives files to others. Files here keep the owner that their place gives them; only root is told that all
/// is well, as only root may ask.
pub(super) fn chown(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "Rfhv") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let [owner, files @ ..] = options.rest.as_slice() else {
            return process.complain("Needs 2 arguments").await;
        };
        let root = guest.is_root();
        let mut code = 0;
        for file in files {
            let why = match guest.lstat(&process.path(file)) {
                Ok(_) if root => continue,
                Ok(_) => "Operation not permitted".to_owned(),
                Err(why) => why.to_string(),
            };
            code = process.complain(format!("chown '{file}' to '{owner}': {why}")).await;
        }
        code
    })
}
