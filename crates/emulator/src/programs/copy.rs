//! `cp` and `mv`.

use super::links::last_part;
use super::mode::walk;
use super::options::Options;
use crate::files::file_error::FileError;
use crate::files::stat::{Kind, Stat};
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Where to, as it was given and as a path, and whether that is a directory to put things into.
struct Target {
    path: String,
    inside: bool,
}

impl Target {
    /// The path that a file gets.
    fn of(&self, file: &str) -> String {
        if self.inside {
            format!("{}/{}", self.path.trim_end_matches('/'), last_part(file))
        } else {
            self.path.clone()
        }
    }
}

/// The files and where they go, or a complaint.
fn split(guest: &Guest, process: &Process, options: &Options) -> Result<(Vec<String>, Target), String> {
    let name = last_part(process.argv.first().map_or("", String::as_str)).to_owned();
    let (to, files) = match (options.value('t'), options.rest.split_last()) {
        (Some(to), _) => (to.to_owned(), options.rest.clone()),
        (None, Some((to, files))) if !files.is_empty() => (to.clone(), files.to_vec()),
        (None, _) => return Err(format!("Needs 2 arguments (see \"{name} --help\")")),
    };
    let path = process.path(&to);
    let inside = !options.has('T') && guest.stat(&path).is_ok_and(|stat| stat.kind == Kind::Directory);
    if files.len() > 1 && !inside {
        return Err(format!("'{to}' not directory"));
    }
    Ok((files, Target { path, inside }))
}

/// Copies files, and with `-r` directories.
pub(super) fn cp(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "rRfpadviHLPnuTt:") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let (files, target) = match split(&guest, &process, &options) {
            Ok(found) => found,
            Err(why) => return process.complain(why).await,
        };
        let recursive = options.last_of("rRa").is_some();
        let keep = options.last_of("pa").is_some();
        let mut code = 0;
        for file in &files {
            let (from, to) = (process.path(file), target.of(file));
            let done = match guest.stat(&from) {
                Ok(stat) if stat.kind == Kind::Directory && !recursive => {
                    code = process.complain(format!("Skipped dir '{file}'")).await;
                    continue;
                }
                Ok(_) if options.has('n') && guest.lstat(&to).is_ok() => Ok(()),
                Ok(_) if same(&guest, &from, &to) => {
                    code = process.complain(format!("'{file}' is '{to}'")).await;
                    continue;
                }
                Ok(_) if format!("{to}/").starts_with(&format!("{}/", from.trim_end_matches('/'))) => {
                    Err(FileError::Invalid)
                }
                Ok(stat) if stat.kind == Kind::Directory => copy_tree(&guest, &from, &to, keep).await,
                Ok(stat) => copy_file(&guest, &from, &to, &stat, keep).await,
                Err(why) => Err(why),
            };
            if let Err(why) = done {
                code = process.complain(format!("bad '{file}': {why}")).await;
            }
        }
        code
    })
}

fn same(guest: &Guest, from: &str, to: &str) -> bool {
    let inode = |path| guest.stat(path).map(|stat| stat.inode).ok();
    inode(from).is_some() && inode(from) == inode(to)
}

async fn copy_tree(guest: &Guest, from: &str, to: &str, keep: bool) -> Result<(), FileError> {
    let mut times = Vec::new();
    for (path, stat) in walk(guest, from).await {
        tokio::task::consume_budget().await;
        let below = path.strip_prefix(from.trim_end_matches('/')).unwrap_or_default();
        let to = format!("{to}{below}");
        match stat.kind {
            Kind::Directory => {
                match guest.mkdir(&to, stat.mode | 0o700) {
                    Ok(()) | Err(FileError::Exists) => {}
                    Err(why) => return Err(why),
                }
                times.push((to, stat.mtime_s));
            }
            Kind::Link => guest.symlink(&guest.readlink(&path)?, &to)?,
            Kind::File => copy_file(guest, &path, &to, &stat, keep).await?,
        }
    }
    for (path, mtime_s) in times.into_iter().filter(|_| keep) {
        guest.set_mtime(&path, mtime_s)?;
    }
    Ok(())
}

async fn copy_file(guest: &Guest, from: &str, to: &str, stat: &Stat, keep: bool) -> Result<(), FileError> {
    let mut reader = guest.open(from)?;
    let mut writer = guest.create(to, stat.mode)?;
    while let Some(bytes) = reader.next()? {
        tokio::task::consume_budget().await;
        writer.write(&bytes)?;
    }
    writer.commit(keep.then_some(stat.mtime_s))?;
    if keep {
        guest.chmod(to, stat.mode)?;
    }
    Ok(())
}

/// Moves files.
pub(super) fn mv(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "finvTt:x") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let (files, target) = match split(&guest, &process, &options) {
            Ok(found) => found,
            Err(why) => return process.complain(why).await,
        };
        let mut code = 0;
        for file in &files {
            let (from, to) = (process.path(file), target.of(file));
            if options.has('n') && guest.lstat(&to).is_ok() {
                continue;
            }
            if let Err(why) = guest.rename(from.trim_end_matches('/'), &to) {
                code = process.complain(format!("bad '{file}': {why}")).await;
            }
        }
        code
    })
}
