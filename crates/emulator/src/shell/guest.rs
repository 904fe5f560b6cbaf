//! The shell on a phone: the phone's files and programs, as the shell asks for them.

use super::limits::RUN_DEPTH_MAX;
use super::system::{FileInfo, FileKind, Refusal, Sink, Source, System};
use super::{Io, Shell, budget};
use crate::files::file_error::FileError;
use crate::files::reader::FileReader;
use crate::files::stat::{Kind, Stat};
use crate::files::writer::FileWriter;
use crate::guest::Guest;
use crate::program::{Process, Running};
use crate::programs;
use bytes::Bytes;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where Android's shell looks for programs.
const PATH: &str = "/product/bin:/apex/com.android.runtime/bin:/apex/com.android.art/bin:/system_ext/bin:\
                    /system/bin:/system/xbin:/odm/bin:/vendor/bin:/vendor/xbin";

/// Directories in which a phone's programs are, for those that are named with their path.
const DIRECTORIES: [&str; 4] = ["/system/bin", "/bin", "/system/xbin", "/vendor/bin"];

/// Permissions of a file that a redirection makes.
const FILE_MODE: u32 = 0o666;

/// Jobs that a phone has which their shells did not wait for.
const LEFT_MAX: usize = 16;

/// The phone, as a system that a shell runs on.
#[derive(Debug, Clone)]
pub struct GuestSystem(Guest);

/// A shell on the phone, in its top directory. `env` is added to what Android's shell always has.
pub fn guest_shell(guest: Guest, env: &BTreeMap<String, String>) -> Shell {
    let hostname = guest.getprop("ro.product.device").ok().filter(|name| !name.is_empty());
    let root = guest.is_root();
    let user = if root { "root" } else { "shell" };
    let mut all: BTreeMap<String, String> = [
        ("PATH", PATH),
        ("HOME", "/"),
        ("SHELL", "/bin/sh"),
        ("USER", user),
        ("LOGNAME", user),
        ("HOSTNAME", hostname.as_deref().unwrap_or("localhost")),
        ("ANDROID_ROOT", "/system"),
        ("ANDROID_DATA", "/data"),
        ("ANDROID_STORAGE", "/storage"),
        ("EXTERNAL_STORAGE", "/sdcard"),
        ("TMPDIR", "/data/local/tmp"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    all.extend(env.iter().map(|(name, value)| (name.clone(), value.clone())));
    Shell::new(Arc::new(GuestSystem(guest)), &all, "/".to_owned())
}

/// Starts a program of the phone, or a script from its files; gives the process back when there is neither.
///
/// # Errors
/// The process, untouched.
// A process that comes back is told about at once; a box would only add an allocation.
#[allow(clippy::result_large_err)]
pub fn run_program(guest: &Guest, process: Process) -> Result<Running, Process> {
    let (depth, budget) = budget::inherited();
    if depth >= RUN_DEPTH_MAX {
        return Ok(Box::pin(async move { process.complain("recursion too deep").await }));
    }
    let share = match budget.share(&process) {
        Ok(share) => share,
        Err(why) => return Ok(Box::pin(async move { process.complain(why).await.saturating_add(125) })),
    };
    let running = program_or_script(guest, process)?;
    Ok(Box::pin(async move {
        let _share = share;
        budget::below(depth + 1, budget, running).await
    }))
}

#[allow(clippy::result_large_err)]
fn program_or_script(guest: &Guest, process: Process) -> Result<Running, Process> {
    let system = GuestSystem(guest.clone());
    let process = match system.program(process) {
        Ok(running) => return Ok(running),
        Err(process) => process,
    };
    let Some(name) = process.argv.first() else { return Err(process) };
    let name = if name.contains('/') { &process.path(name) } else { name };
    if super::builtins::is_builtin(name) || which(guest, name, PATH).is_some() {
        return Ok(by_shell(guest.clone(), process));
    }
    Err(process)
}

/// Lets a shell run it: a script, or what is part of the shell (`echo`, `test`) and a program of Android's too.
fn by_shell(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let Process { argv, env, cwd, stdin, stdout, stderr, .. } = process;
        let io = Io { stdin, stdout, stderr, terminal: false };
        let shell = guest_shell(guest, &env);
        drop(env);
        shell.at(cwd).with_arguments(None, &argv).run("\"$@\"", io).await
    })
}

/// The path of a program or of an executable file.
pub fn which(guest: &Guest, name: &str, path: &str) -> Option<String> {
    let executable = |path: &str| {
        let stat = guest.stat(path).ok();
        stat.is_some_and(|stat| stat.kind == Kind::File && stat.mode & 0o111 != 0)
    };
    if name.contains('/') {
        return executable(name).then(|| name.to_owned());
    }
    if name.is_empty() {
        return None;
    }
    let mut paths = path.split(':').filter(|path| path.starts_with('/')).map(|path| format!("{path}/{name}"));
    let found = paths.find(|path| executable(path));
    found.or_else(|| {
        programs::find(name)?;
        match name {
            programs::SU => guest.may_root().then(|| format!("/system/xbin/{name}")),
            name => Some(format!("/system/bin/{name}")),
        }
    })
}

struct Writing(Option<FileWriter>);

impl Sink for Writing {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        match &mut self.0 {
            Some(writer) => writer.write(bytes).map_err(refusal),
            None => Ok(()),
        }
    }

    fn close(mut self: Box<Self>) -> Result<(), Refusal> {
        self.0.take().map_or(Ok(()), |writer| writer.commit(None).map_err(refusal))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        // Who writes was killed: what it wrote stays, and nobody is left to be told that it does not.
        let _ = self.0.take().map(|writer| writer.commit(None));
    }
}

impl Source for FileReader {
    fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        Self::next(self).map_err(refusal)
    }
}

fn refusal(why: FileError) -> Refusal {
    Refusal(why.to_string())
}

fn info(stat: Stat) -> FileInfo {
    let kind = match stat.kind {
        Kind::File => FileKind::File,
        Kind::Directory => FileKind::Directory,
        Kind::Link => FileKind::Link,
    };
    FileInfo { kind, mode: stat.mode, size: stat.size, mtime_s: stat.mtime_s, inode: stat.inode }
}

impl System for GuestSystem {
    fn leave(&self, work: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        let guest = self.0.clone();
        let place = guest.session(|session| {
            (Arc::strong_count(&session.left) <= LEFT_MAX)
                .then(|| (session.left.clone(), session.alive.subscribe()))
        });
        let Ok(Some((place, mut alive))) = place else { return Err(work) };
        tokio::spawn(async move {
            // adbd may come and go.
            let boot_over = async { while guest.adbd_restarts(&mut alive).await {} };
            tokio::select! {
                () = work => {}
                () = boot_over => {}
            }
            drop(place);
            guest.leave();
        });
        Ok(())
    }

    fn program(&self, process: Process) -> Result<Running, Process> {
        let Some(name) = process.argv.first() else { return Err(process) };
        let name = match name.rsplit_once('/') {
            Some((directory, name)) if DIRECTORIES.contains(&directory) => name,
            Some(_) => return Err(process),
            None => name,
        };
        match programs::find(name).filter(|_| name != programs::SU || self.0.may_root()) {
            Some(program) => Ok(program.start(self.0.clone(), process)),
            None => Err(process),
        }
    }

    fn which(&self, name: &str) -> Option<String> {
        which(&self.0, name, PATH)
    }

    fn open(&self, path: &str) -> Result<Box<dyn Source>, Refusal> {
        Ok(Box::new(self.0.open(path).map_err(refusal)?))
    }

    fn create(&self, path: &str, append: bool) -> Result<Box<dyn Sink>, Refusal> {
        let writer = if append { self.0.append(path, FILE_MODE) } else { self.0.create(path, FILE_MODE) };
        Ok(Box::new(Writing(Some(writer.map_err(refusal)?))))
    }

    fn stat(&self, path: &str, follow: bool) -> Result<FileInfo, Refusal> {
        let stat = if follow { self.0.stat(path) } else { self.0.lstat(path) };
        stat.map(info).map_err(refusal)
    }

    fn list(&self, path: &str) -> Result<Vec<String>, Refusal> {
        let entries = self.0.list(path).map_err(refusal)?;
        Ok(entries.into_iter().map(|(name, _)| name).collect())
    }
}
