//! The package manager: stages APKs in the phone's tree, puts them in place, and takes them away again.

mod staged;

use crate::apps::apk::Apk;
use crate::apps::packages::{
    Failure, Options, Package, Packages, SESSIONS_MAX, STAGED_MAX, Staging, Target, split_file,
};
use crate::files::data::Data;
use crate::files::file_error::FileError;
use crate::files::mkdir_all;
use crate::files::removal::{remove_all, rename};
use crate::files::tree::Who;
use crate::files::writer::FileWriter;
use crate::guest::Guest;
use crate::logcat::Priority;
use crate::phone::rng;
use staged::Staged;
use std::collections::BTreeSet;

/// Where the packages are written down.
const STATE: &str = "/data/system/packages.json";
/// Most bytes of that.
const STATE_BYTES_MAX: usize = 4 << 20;
/// Where packages' code is.
const CODE: &str = "/data/app";

const STORAGE: &str = "INSTALL_FAILED_INSUFFICIENT_STORAGE";
const INTERNAL: &str = "INSTALL_FAILED_INTERNAL_ERROR";

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        match error {
            FileError::NoSpace => Self::new(STORAGE, "Failed to allocate space for the package"),
            error => Self::new(INTERNAL, error.to_string()),
        }
    }
}

/// The phone's packages.
pub(crate) fn packages(guest: &Guest) -> Result<Packages, FileError> {
    let bytes = match guest.privileged().read_file(STATE, STATE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(FileError::NotFound) => return Ok(Packages::default()),
        Err(error) => return Err(error),
    };
    Ok(serde_json::from_slice(&bytes).unwrap_or_else(|error| {
        // Only root on the phone can have done that, to its own phone.
        guest.log(Priority::Error, "PackageManager", &format!("Error reading {STATE}: {error}"));
        Packages::default()
    }))
}

/// What is to be done to the tree together with a change of the packages.
enum Step {
    /// Make a directory, and those above it.
    Make(String, u32),
    /// Give a file another name.
    Move(String, String),
    /// Remove a directory, if it is there.
    Forget(String),
}

impl Step {
    fn take(self, data: &mut Data, who: &Who) -> Result<(), FileError> {
        match self {
            Self::Make(path, mode) => mkdir_all(data, who, &path, mode),
            Self::Move(from, to) => rename(data, who, &from, &to, None),
            Self::Forget(path) => match remove_all(data, who, &path) {
                Err(FileError::NotFound) => Ok(()),
                removed => removed,
            },
        }
    }
}

/// Changes the phone's packages; nothing when that fails.
pub(crate) fn edit<T>(
    guest: &Guest,
    edit: impl FnOnce(&mut Packages) -> Result<T, Failure>,
) -> Result<T, Failure> {
    edit_with(guest, |packages| Ok((edit(packages)?, Vec::new())))
}

/// As [`edit`], with steps: all is one change of the tree, so that no package is ever without its code.
/// Code that no package and no session names any more goes with it.
fn edit_with<T>(
    guest: &Guest,
    edit: impl FnOnce(&mut Packages) -> Result<(T, Vec<Step>), Failure>,
) -> Result<T, Failure> {
    let root = guest.privileged();
    let edited = guest.one_at_a_time(|| {
        let mut packages = packages(guest)?;
        // Whoever opened them is gone.
        packages.sessions.retain(|_, staging| staging.boot_id == guest.boot_id());
        let (done, mut steps) = edit(&mut packages)?;
        steps.extend(leftovers(&root, &packages)?);
        let bytes =
            serde_json::to_vec(&packages).map_err(|error| Failure::new(INTERNAL, error.to_string()))?;
        if bytes.len() > STATE_BYTES_MAX {
            return Err(Failure::new(STORAGE, "Too many packages"));
        }
        let mut writer = root.create(STATE, 0o640)?;
        writer.write(&bytes)?;
        writer.commit_with(None, |data, who| steps.into_iter().try_for_each(|step| step.take(data, who)))?;
        Ok(done)
    });
    edited.map_err(|error| Failure::from(FileError::from(error)))?
}

/// Steps that remove the directories of code and of sessions that nothing names.
fn leftovers(root: &Guest, packages: &Packages) -> Result<Vec<Step>, FileError> {
    let entries = match root.list(CODE) {
        Ok(entries) => entries,
        Err(FileError::NotFound) => Vec::new(),
        Err(error) => return Err(error),
    };
    let code = packages.installed.values().map(|package| parent_of(&package.code_path).to_owned());
    let named: BTreeSet<String> = code.chain(packages.sessions.keys().map(|id| staging_path(*id))).collect();
    let ours = |name: &str| name.starts_with("~~") || name.starts_with("vmdl") && name.ends_with(".tmp");
    let paths = entries.iter().filter(|(name, _)| ours(name)).map(|(name, _)| format!("{CODE}/{name}"));
    Ok(paths.filter(|path| !named.contains(path)).map(Step::Forget).collect())
}

/// A package of the phone.
pub(crate) fn package(guest: &Guest, name: &str) -> Result<Option<Package>, FileError> {
    Ok(packages(guest)?.get(name, guest.sdk()))
}

fn staging_path(id: u32) -> String {
    format!("{CODE}/vmdl{id}.tmp")
}

/// Opens an install session; gives its id.
pub(crate) fn session_create(guest: &Guest, options: Options) -> Result<u32, Failure> {
    let word = random(guest);
    edit_with(guest, |packages| {
        if packages.sessions.len() >= SESSIONS_MAX {
            return Err(Failure::new(INTERNAL, "Too many active sessions for UID 2000"));
        }
        let mut id = u32::try_from(word % 2_000_000_000).unwrap_or(0) + 1_000;
        while packages.sessions.contains_key(&id) {
            id += 1;
        }
        let staging = Staging { boot_id: guest.boot_id(), options, ..Staging::default() };
        packages.sessions.insert(id, staging);
        Ok((id, vec![Step::Make(staging_path(id), 0o775)]))
    })
}

/// Begins to write a file of a session.
pub(crate) fn session_write(guest: &Guest, id: u32, name: &str) -> Result<FileWriter, Failure> {
    let sessions = packages(guest)?.sessions;
    let staging = sessions.get(&id).filter(|staging| staging.boot_id == guest.boot_id());
    let Some(staging) = staging else { return Err(unknown(id)) };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > 200 || name.starts_with('.') || !name.bytes().all(legal) {
        return Err(Failure::new(INTERNAL, format!("Invalid name: {name}")));
    }
    if staging.files.len() >= STAGED_MAX {
        return Err(Failure::new(INTERNAL, "Too many files in the session"));
    }
    Ok(guest.privileged().create(&format!("{}/{name}", staging_path(id)), 0o644)?)
}

/// Ends writing a file of a session.
pub(crate) fn session_written(guest: &Guest, id: u32, name: &str, writer: FileWriter) -> Result<(), Failure> {
    let size = writer.written();
    // The file may be long, and others want to change the packages meanwhile. If the session is over by now,
    // so is the file.
    writer.commit(None).map_err(|error| match error {
        FileError::NotFound => unknown(id),
        error => error.into(),
    })?;
    edit(guest, |packages| {
        let staging = packages.sessions.get_mut(&id).ok_or_else(|| unknown(id))?;
        staging.files.insert(name.to_owned(), size);
        Ok(())
    })
}

/// Gives up a session.
pub(crate) fn session_abandon(guest: &Guest, id: u32) -> Result<(), Failure> {
    edit(guest, |packages| {
        packages.sessions.remove(&id).ok_or_else(|| unknown(id))?;
        Ok(())
    })
}

fn unknown(id: u32) -> Failure {
    Failure::new(INTERNAL, format!("Unknown session {id}"))
}

/// Installs what a session holds. The session is over, whatever comes of it.
pub(crate) fn session_commit(guest: &Guest, id: u32) -> Result<Package, Failure> {
    let installed = commit(guest, id);
    if installed.is_err() {
        // It may have been unknown; then there is nothing to give up.
        let _ = session_abandon(guest, id);
    }
    match &installed {
        Ok(package) => {
            let replaced = package.first_install_ms != package.last_update_ms;
            let action = if replaced { "REPLACED" } else { "ADDED" };
            let what = format!("PACKAGE_{action} {} {}", package.name, package.version_name);
            guest.log(Priority::Info, "PackageManager", &what);
        }
        Err(failure) => guest.log(Priority::Warn, "PackageInstaller", &failure.to_string()),
    }
    installed
}

fn commit(guest: &Guest, id: u32) -> Result<Package, Failure> {
    let root = guest.privileged();
    let word = random(guest);
    let abis = guest.getprop("ro.product.cpu.abilist").unwrap_or_default();
    let target = Target { sdk: guest.sdk(), abis: &abis, wall_ms: guest.clock().wall_ms() };
    let staging = packages(guest)?.sessions.remove(&id).ok_or_else(|| unknown(id))?;
    let staged = staging_path(id);
    let mut apks = Vec::new();
    // Reading them takes a while, and needs nothing but the session's own files.
    for (name, size) in &staging.files {
        let apk = Apk::read(Staged::open(&root, format!("{staged}/{name}"))?)?;
        apks.push((name.clone(), *size, apk));
    }
    let package = edit_with(guest, |packages| {
        packages.sessions.remove(&id).ok_or_else(|| unknown(id))?;
        let (mut package, parts) = packages.admit(&apks, &staging.options, target)?;
        let mut steps = Vec::new();
        let before = packages.installed.get(&package.name).map(|before| before.code_path.clone());
        match before.filter(|_| staging.options.inherit.is_some()) {
            Some(path) => package.code_path = path,
            None => {
                let parent = format!("{CODE}/~~{}==", token(word));
                package.code_path = format!("{parent}/{}-{}==", package.name, token(word.rotate_left(17)));
                steps.push(Step::Make(parent, 0o771));
                steps.push(Step::Make(package.code_path.clone(), 0o775));
            }
        }
        for (file, split) in &parts {
            let name = split.as_deref().map_or_else(|| "base.apk".into(), split_file);
            steps.push(Step::Move(format!("{staged}/{file}"), format!("{}/{name}", package.code_path)));
        }
        steps.push(Step::Make(data_path(&package.name), 0o700));
        packages.put(package.clone());
        Ok((package, steps))
    })?;
    stop(guest, &package.name, "installPackageLI");
    Ok(package)
}

/// Takes a package away; with `keep` its data stays.
pub(crate) fn uninstall(guest: &Guest, name: &str, keep: bool) -> Result<(), Failure> {
    edit_with(guest, |packages| {
        let removed = packages.installed.remove(name);
        removed.ok_or_else(|| Failure::new("DELETE_FAILED_INTERNAL_ERROR", ""))?;
        let data = if keep { Vec::new() } else { vec![Step::Forget(data_path(name))] };
        Ok(((), data))
    })?;
    stop(guest, name, "deletePackageX");
    guest.log(Priority::Info, "PackageManager", &format!("PACKAGE_REMOVED {name}"));
    Ok(())
}

/// Makes a package's data and permissions as if it was just installed.
pub(crate) fn clear(guest: &Guest, name: &str) -> Result<(), Failure> {
    let sdk = guest.sdk();
    edit_with(guest, |packages| {
        let failed = || Failure::new("DELETE_FAILED_INTERNAL_ERROR", "");
        let mut package = packages.get(name, sdk).ok_or_else(failed)?;
        if package.system {
            return Ok(((), Vec::new()));
        }
        package.granted.retain(|permission| !crate::apps::packages::dangerous(permission));
        packages.put(package);
        Ok(((), vec![Step::Forget(data_path(name)), Step::Make(data_path(name), 0o700)]))
    })?;
    stop(guest, name, "clear data");
    Ok(())
}

/// Ends an app's process, if it runs.
pub(crate) fn stop(guest: &Guest, name: &str, why: &str) -> bool {
    let stopped = guest.session(|session| session.apps.stop(name)).ok().flatten();
    let Some(app) = stopped else { return false };
    crate::apps::launcher::gone(guest, name);
    let what = format!("Killing {}:{name}/{} (adj 0): {why}", app.pid, crate::users::name(app.uid));
    guest.log(Priority::Info, "ActivityManager", &what);
    true
}

/// Where an app keeps its data.
pub(crate) fn data_path(name: &str) -> String {
    format!("/data/data/{name}")
}

fn parent_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(parent, _)| parent)
}

fn random(guest: &Guest) -> u64 {
    let next = guest.with_log(|log| log.next()).unwrap_or(0);
    rng::mix(guest.boot_id() ^ rng::mix(guest.clock().now_ms() ^ next << 40))
}

/// 22 letters, as Android names directories.
fn token(word: u64) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut word = word;
    let mut next = || {
        word = rng::mix(word.wrapping_add(1));
        letters.get((word >> 58) as usize).map_or('A', |letter| char::from(*letter))
    };
    (0..22).map(|_| next()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
