//! Names and links: `basename`, `dirname`, `ln`, `readlink`, `realpath`.

use super::options::Options;
use crate::files::file_error::FileError;
use crate::files::stat::Kind;
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Links that one path may lead through.
const LINKS_MAX: usize = 40;
/// Components of a path that is resolved.
const COMPONENTS_MAX: usize = 1024;

/// The last part of a path.
pub(super) fn basename(process: Process) -> Running {
    Box::pin(async move {
        let [path, rest @ ..] = process.arguments() else {
            return process.complain("Needs 1 argument (see \"basename --help\")").await;
        };
        let trimmed = path.trim_end_matches('/');
        let name = match trimmed.rsplit('/').next() {
            Some("") | None if path.starts_with('/') => "/",
            Some(name) => name,
            None => "",
        };
        let suffix = rest.first().map(String::as_str).unwrap_or_default();
        process.say(name.strip_suffix(suffix).filter(|stem| !stem.is_empty()).unwrap_or(name)).await;
        0
    })
}

/// A path without its last part.
pub(super) fn dirname(process: Process) -> Running {
    Box::pin(async move {
        if process.arguments().is_empty() {
            return process.complain("Needs 1 argument (see \"dirname --help\")").await;
        }
        for path in process.arguments() {
            process.say(parent(path)).await;
        }
        0
    })
}

/// The path of the directory that a path is in.
pub(super) fn parent(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit_once('/') {
        Some((parent, _)) if parent.trim_end_matches('/').is_empty() => "/",
        Some((parent, _)) => parent.trim_end_matches('/'),
        None if path.starts_with('/') => "/",
        None => ".",
    }
}

/// The last part of a path.
pub(super) fn last_part(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// Makes links.
pub(super) fn ln(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "sfnvTr") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let Some((last, targets)) = options.rest.split_last() else {
            return process.complain("Needs 1 argument (see \"ln --help\")").await;
        };
        let (targets, to) =
            if targets.is_empty() { (std::slice::from_ref(last), ".") } else { (targets, last.as_str()) };
        let to_path = process.path(to);
        let inside = guest.stat(&to_path).is_ok_and(|stat| stat.kind == Kind::Directory)
            && !(options.has('n') && guest.lstat(&to_path).is_ok_and(|stat| stat.kind == Kind::Link));
        let mut code = 0;
        for target in targets {
            let path = if inside {
                format!("{}/{}", to_path.trim_end_matches('/'), last_part(target))
            } else {
                to_path.clone()
            };
            if options.has('f') {
                // That it is not there is as well.
                let _ = guest.unlink(&path);
            }
            let done =
                if options.has('s') { guest.symlink(target, &path) } else { Err(FileError::NotPermitted) };
            if let Err(why) = done {
                let kind = if options.has('s') { "symbolic" } else { "hard" };
                code = process
                    .complain(format!("cannot create {kind} link from '{target}' to '{to}': {why}"))
                    .await;
            }
        }
        code
    })
}

/// Where links point.
pub(super) fn readlink(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "fnqemz") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut code = 0;
        for file in &options.rest {
            let path = process.path(file);
            let found = match options.last_of("fem") {
                None => guest.readlink(&path),
                Some(how) => resolve(&guest, &path, how != 'e'),
            };
            match found {
                Ok(target) if options.has('n') => drop(process.stdout.write(target).await),
                Ok(target) => process.say(target).await,
                Err(_) => code = 1,
            }
        }
        code
    })
}

/// Paths without links.
pub(super) fn realpath(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut code = 0;
        for file in process.arguments() {
            match resolve(&guest, &process.path(file), false) {
                Ok(path) => process.say(path).await,
                Err(why) => code = process.complain(format!("{file}: {why}")).await,
            }
        }
        code
    })
}

/// The path without links; its last part may be missing when `missing` says so.
pub(super) fn resolve(guest: &Guest, path: &str, missing: bool) -> Result<String, FileError> {
    let mut open: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut done: Vec<String> = Vec::new();
    let mut links = 0;
    let mut steps = 0;
    while let Some(component) = open.pop() {
        steps += 1;
        if steps > COMPONENTS_MAX {
            return Err(FileError::NameTooLong);
        }
        match component.as_str() {
            "" | "." => continue,
            ".." => {
                done.pop();
                continue;
            }
            _ => {}
        }
        let path = format!("/{}/{component}", done.join("/"));
        match guest.lstat(&path) {
            Ok(stat) if stat.kind == Kind::Link => {
                links += 1;
                if links > LINKS_MAX {
                    return Err(FileError::TooManyLinks);
                }
                let target = guest.readlink(&path)?;
                if target.starts_with('/') {
                    done.clear();
                }
                open.extend(target.split('/').rev().map(str::to_owned));
            }
            Ok(_) => done.push(component),
            Err(FileError::NotFound) if missing && open.iter().all(String::is_empty) => done.push(component),
            Err(why) => return Err(why),
        }
    }
    Ok(format!("/{}", done.join("/")))
}
