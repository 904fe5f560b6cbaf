//! What makes files and directories: `mkdir`, `touch`, `mktemp`.

use super::mode::changed;
use super::options::Options;
use crate::calendar;
use crate::files::file_error::FileError;
use crate::guest::Guest;
use crate::program::{Process, Running};

/// Names that `mktemp` tries.
const TRIES_MAX: u64 = 100;

/// Makes directories.
pub(super) fn mkdir(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "pm:v") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        if options.rest.is_empty() {
            return process.complain("Needs 1 argument (see \"mkdir --help\")").await;
        }
        let mode = match options.value('m') {
            None => 0o777,
            Some(text) => match changed(text, 0o777, true) {
                Some(mode) => mode,
                None => return process.complain(format!("bad mode '{text}'")).await,
            },
        };
        let mut code = 0;
        for file in &options.rest {
            let path = process.path(file);
            let path = path.trim_end_matches('/');
            let path = if path.is_empty() { "/" } else { path };
            let made = if options.has('p') { guest.mkdir_all(path, mode) } else { guest.mkdir(path, mode) };
            if let Err(why) = made {
                code = process.complain(format!("'{file}': {why}")).await;
            } else if options.has('v') {
                process.say(format!("mkdir: created directory '{file}'")).await;
            }
        }
        code
    })
}

/// Makes empty files, or renews their time.
pub(super) fn touch(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "acmht:d:r:") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let now_s = guest.clock().wall_ms().div_euclid(1000);
        let given = options.value('t').or(options.value('d'));
        let time_s = match (given, options.value('r')) {
            (Some(text), _) => match calendar::parse(text) {
                Some(time_s) => time_s,
                None => return process.complain(format!("bad date '{text}'")).await,
            },
            (None, Some(file)) => match guest.stat(&process.path(file)) {
                Ok(stat) => stat.mtime_s,
                Err(why) => return process.complain(format!("{file}: {why}")).await,
            },
            (None, None) => now_s,
        };
        let mut code = 0;
        for file in &options.rest {
            let path = process.path(file);
            let done = match guest.stat(&path) {
                Ok(_) => guest.set_mtime(&path, time_s),
                Err(FileError::NotFound) if options.has('c') => Ok(()),
                Err(FileError::NotFound) => {
                    guest.create(&path, 0o666).and_then(|writer| writer.commit(Some(time_s)))
                }
                Err(why) => Err(why),
            };
            if let Err(why) = done {
                code = process.complain(format!("'{file}': {why}")).await;
            }
        }
        code
    })
}

/// Makes a file, or a directory, with a name that nothing has.
pub(super) fn mktemp(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let options = match Options::of(&process, "dp:qut") {
            Ok(options) => options,
            Err(why) => return process.complain(why).await,
        };
        let default = process.env.get("TMPDIR").map_or("/data/local/tmp", String::as_str);
        let directory = options.value('p').unwrap_or(default);
        let template = match options.rest.first() {
            Some(template) if template.contains('/') => template.clone(),
            Some(template) if options.value('p').is_none() && !options.has('t') => template.clone(),
            Some(template) => format!("{directory}/{template}"),
            None => format!("{directory}/tmp.XXXXXXXXXX"),
        };
        let stem = template.trim_end_matches('X');
        let letters = template.len() - stem.len();
        if letters < 3 {
            return process.complain("need XXXXXX").await;
        }
        let seed = guest.clock().now_ms();
        let mut why = FileError::Exists;
        for attempt in 0..TRIES_MAX {
            let word = crate::phone::rng::mix(
                seed ^ crate::phone::rng::mix(attempt ^ crate::phone::rng::fnv(template.as_bytes())),
            );
            let suffix: String = format!("{word:016x}{:016x}", crate::phone::rng::mix(word))
                .chars()
                .cycle()
                .take(letters)
                .collect();
            let name = format!("{stem}{suffix}");
            let path = process.path(&name);
            if guest.lstat(&path).is_ok() {
                continue;
            }
            let made = if options.has('d') {
                guest.mkdir(&path, 0o700)
            } else {
                guest.write_file(&path, b"", 0o600)
            };
            match made {
                Ok(()) => {
                    process.say(name).await;
                    return 0;
                }
                Err(error) => {
                    why = error;
                    break;
                }
            }
        }
        process.complain(format!("Failed to create file {template}: {why}")).await
    })
}
