//! `rm` and `rmdir`.

use super::links::last_part;
use super::options::Options;
use crate::files::file_error::FileError;
use crate::files::stat::Kind;
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Removes files, and with `-r` directories.
pub(super) fn rm(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "rRfiv") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        if options.rest.is_empty() && !options.has('f') {
            return process.complain("Needs 1 argument (see \"rm --help\")").await;
        }
        let recursive = options.last_of("rR").is_some();
        let mut code = 0;
        for file in &options.rest {
            tokio::task::consume_budget().await;
            if matches!(last_part(file), "." | "..") || process.path(file).trim_matches('/').is_empty() {
                code = process.complain(format!("bad path '{file}'")).await;
                continue;
            }
            match remove(&guest, &process.path(file), recursive) {
                Ok(()) => {}
                Err(FileError::NotFound) if options.has('f') => {}
                Err(why) => code = process.complain(format!("{file}: {why}")).await,
            }
        }
        code
    })
}

fn remove(guest: &Guest, path: &str, recursive: bool) -> Result<(), FileError> {
    match guest.lstat(path)?.kind {
        Kind::Directory if recursive => guest.remove_all(path),
        Kind::Directory => Err(FileError::IsADirectory),
        Kind::File | Kind::Link => guest.unlink(path),
    }
}

/// Removes empty directories.
pub(super) fn rmdir(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "p") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let mut code = 0;
        for file in &options.rest {
            let mut file = file.trim_end_matches('/');
            loop {
                if let Err(why) = guest.rmdir(&process.path(file)) {
                    code = process.complain(format!("{file}: {why}")).await;
                    break;
                }
                match file.rsplit_once('/') {
                    Some((above, _)) if options.has('p') && !above.is_empty() => file = above,
                    _ => break,
                }
            }
        }
        code
    })
}
