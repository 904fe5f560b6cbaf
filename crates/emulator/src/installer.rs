//! The package manager: stages APKs in the phone's tree, puts them in place, and takes them away again.

use crate::apk::{Apk, ApkError, Source};
use crate::file_error::FileError;
use crate::guest::Guest;
use crate::logcat::Priority;
use crate::packages::{
    Failure, Options, Package, Packages, SESSIONS_MAX, STAGED_MAX, Staging, Target, split_file,
};
use crate::reader::FileReader;
use crate::rng;
use crate::writer::FileWriter;
use bytes::Bytes;

/// Where the packages are written down.
const STATE: &str = "/data/system/packages.json";
/// Most bytes of that.
const STATE_BYTES_MAX: usize = 4 << 20;
/// Bytes of the end of an APK that are kept at hand: its directory is there.
const TAIL_BYTES: u64 = 1 << 20;

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

/// Changes the phone's packages; nothing when that fails.
pub(crate) fn edit<T>(
    guest: &Guest,
    edit: impl FnOnce(&mut Packages) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let edited = guest.one_at_a_time(|| {
        let mut packages = packages(guest)?;
        let done = edit(&mut packages)?;
        let bytes =
            serde_json::to_vec(&packages).map_err(|error| Failure::new(INTERNAL, error.to_string()))?;
        if bytes.len() > STATE_BYTES_MAX {
            return Err(Failure::new(STORAGE, "Too many packages"));
        }
        guest.privileged().write_file(STATE, &bytes, 0o640)?;
        Ok(done)
    });
    edited.map_err(|error| Failure::from(FileError::from(error)))?
}

/// A package of the phone.
pub(crate) fn package(guest: &Guest, name: &str) -> Result<Option<Package>, FileError> {
    Ok(packages(guest)?.get(name, guest.sdk()))
}

fn staging_path(id: u32) -> String {
    format!("/data/app/vmdl{id}.tmp")
}

/// Opens an install session; gives its id.
pub(crate) fn session_create(guest: &Guest, options: Options) -> Result<u32, Failure> {
    let word = random(guest);
    edit(guest, |packages| {
        if packages.sessions.len() >= SESSIONS_MAX {
            return Err(Failure::new(INTERNAL, "Too many active sessions for UID 2000"));
        }
        let mut id = u32::try_from(word % 2_000_000_000).unwrap_or(0) + 1_000;
        while packages.sessions.contains_key(&id) {
            id += 1;
        }
        guest.privileged().mkdir_all(&staging_path(id), 0o775)?;
        packages.sessions.insert(id, Staging { options: options.clone(), ..Staging::default() });
        Ok(id)
    })
}

/// Begins to write a file of a session.
pub(crate) fn session_write(guest: &Guest, id: u32, name: &str) -> Result<FileWriter, Failure> {
    let sessions = packages(guest)?.sessions;
    let Some(staging) = sessions.get(&id) else { return Err(unknown(id)) };
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
    edit(guest, |packages| {
        let staging = packages.sessions.get_mut(&id).ok_or_else(|| unknown(id))?;
        writer.commit(None)?;
        staging.files.insert(name.to_owned(), size);
        Ok(())
    })
}

/// Gives up a session.
pub(crate) fn session_abandon(guest: &Guest, id: u32) -> Result<(), Failure> {
    edit(guest, |packages| {
        packages.sessions.remove(&id).ok_or_else(|| unknown(id))?;
        forget(guest, &staging_path(id))
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
    edit(guest, |packages| {
        packages.sessions.remove(&id).ok_or_else(|| unknown(id))?;
        let (mut package, parts) = packages.admit(&apks, &staging.options, target)?;
        let before = packages.installed.get(&package.name).map(|before| before.code_path.clone());
        let inherits = staging.options.inherit.is_some();
        let parent = format!("/data/app/~~{}==", token(word));
        match before.as_ref().filter(|_| inherits) {
            Some(path) => package.code_path.clone_from(path),
            None => {
                package.code_path = format!("{parent}/{}-{}==", package.name, token(word.rotate_left(17)))
            }
        }
        for (file, split) in &parts {
            let name = split.as_deref().map_or_else(|| "base.apk".into(), split_file);
            if inherits {
                root.rename(&format!("{staged}/{file}"), &format!("{}/{name}", package.code_path))?;
            } else if *file != name {
                root.rename(&format!("{staged}/{file}"), &format!("{staged}/{name}"))?;
            }
        }
        if inherits {
            forget(guest, &staged)?;
        } else {
            root.mkdir_all(&parent, 0o771)?;
            root.rename(&staged, &package.code_path)?;
        }
        if let Some(before) = before.filter(|before| *before != package.code_path) {
            forget(guest, parent_of(&before))?;
        }
        root.mkdir_all(&data_path(&package.name), 0o700)?;
        packages.put(package.clone());
        stop(guest, &package.name, "installPackageLI");
        Ok(package)
    })
}

/// Takes a package away; with `keep` its data stays.
pub(crate) fn uninstall(guest: &Guest, name: &str, keep: bool) -> Result<(), Failure> {
    let removed = edit(guest, |packages| {
        let package = packages.installed.remove(name);
        let package = package.ok_or_else(|| Failure::new("DELETE_FAILED_INTERNAL_ERROR", ""))?;
        forget(guest, parent_of(&package.code_path))?;
        if !keep {
            forget(guest, &data_path(name))?;
        }
        Ok(())
    });
    if removed.is_ok() {
        stop(guest, name, "deletePackageX");
        guest.log(Priority::Info, "PackageManager", &format!("PACKAGE_REMOVED {name}"));
    }
    removed
}

/// Makes a package's data and permissions as if it was just installed.
pub(crate) fn clear(guest: &Guest, name: &str) -> Result<(), Failure> {
    let sdk = guest.sdk();
    edit(guest, |packages| {
        let failed = || Failure::new("DELETE_FAILED_INTERNAL_ERROR", "");
        let mut package = packages.get(name, sdk).ok_or_else(failed)?;
        if !package.system {
            forget(guest, &data_path(name))?;
            guest.privileged().mkdir_all(&data_path(name), 0o700)?;
            package.granted.retain(|permission| !crate::packages::dangerous(permission));
            packages.put(package);
        }
        Ok(())
    })?;
    stop(guest, name, "clear data");
    Ok(())
}

/// Ends an app's process, if it runs.
pub(crate) fn stop(guest: &Guest, name: &str, why: &str) -> bool {
    let stopped = guest.session(|session| session.apps.stop(name)).ok().flatten();
    let Some(app) = stopped else { return false };
    crate::launcher::gone(guest, name);
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

/// Removes a directory, if it is there.
fn forget(guest: &Guest, path: &str) -> Result<(), Failure> {
    match guest.privileged().remove_all(path) {
        Ok(()) | Err(FileError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
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

/// A file of the tree, read in any order. Its readers only go forward: it is opened anew to go back, and its
/// end, where most is looked for, is kept.
struct Staged {
    guest: Guest,
    path: String,
    reader: FileReader,
    /// Where the reader is, and what of its last piece is not used yet.
    at: u64,
    piece: Bytes,
    tail: Option<Vec<u8>>,
    size: u64,
}

impl Staged {
    fn open(guest: &Guest, path: String) -> Result<Self, FileError> {
        let reader = guest.open(&path)?;
        let size = reader.size();
        Ok(Self { guest: guest.clone(), path, reader, at: 0, piece: Bytes::new(), tail: None, size })
    }

    fn forward(&mut self, at: u64, bytes: usize) -> Result<Vec<u8>, ApkError> {
        let failed = |error: FileError| ApkError::Unexpected(error.to_string());
        if at < self.at {
            self.reader = self.guest.open(&self.path).map_err(failed)?;
            (self.at, self.piece) = (0, Bytes::new());
        }
        let mut out = Vec::new();
        while out.len() < bytes {
            if self.piece.is_empty() {
                self.piece = self.reader.next().map_err(failed)?.ok_or(ApkError::NotApk)?;
            }
            let skip =
                usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX).min(self.piece.len());
            let take = if self.at + skip as u64 >= at {
                (bytes - out.len()).min(self.piece.len() - skip)
            } else {
                0
            };
            let taken = self.piece.split_to(skip + take);
            out.extend_from_slice(taken.get(skip..).unwrap_or_default());
            self.at += taken.len() as u64;
        }
        Ok(out)
    }
}

impl Source for Staged {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&mut self, at: u64, bytes: usize) -> Result<Vec<u8>, ApkError> {
        if at.checked_add(bytes as u64).is_none_or(|end| end > self.size) {
            return Err(ApkError::NotApk);
        }
        let tail_at = self.size.saturating_sub(TAIL_BYTES);
        if at < tail_at {
            return self.forward(at, bytes);
        }
        let tail = match self.tail.take() {
            Some(tail) => tail,
            None => self.forward(tail_at, usize::try_from(self.size - tail_at).unwrap_or(0))?,
        };
        let from = usize::try_from(at - tail_at).unwrap_or(usize::MAX);
        let found = tail.get(from..from.saturating_add(bytes)).map(<[u8]>::to_vec);
        self.tail = Some(tail);
        found.ok_or(ApkError::NotApk)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
