//! Where phones are kept between processes: a file per phone that keeps anything, its index, and beside it
//! a directory for those of its files that are too long for that.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::{Handle, RuntimeFlavor};

/// Numbers that are tried for a new file's name. An earlier process may have used some.
const NAME_TRIES_MAX: usize = 1 << 18;

/// How often a directory is removed anew because others remove files in it.
const REMOVALS_MAX: usize = 16;

/// A directory with one index per phone, named by its id, and `ID.files` with the phone's long files.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    blob_last: AtomicU64,
}

/// Does work that may wait for the disk, if there is one, or for whoever waits for it: what else this thread
/// has to do goes on elsewhere meanwhile.
pub(crate) fn on_disk<T>(disk: Option<&DataDir>, work: impl FnOnce() -> T) -> T {
    let threads = Handle::try_current().map(|handle| handle.runtime_flavor());
    match (disk, threads) {
        (Some(_), Ok(RuntimeFlavor::MultiThread)) => tokio::task::block_in_place(work),
        (Some(_) | None, _) => work(),
    }
}

/// A long file that is being written.
#[derive(Debug)]
pub(crate) struct Temporary {
    /// Its number.
    pub(crate) id: u64,
    /// To write to, and to read what was written.
    pub(crate) file: File,
}

impl DataDir {
    /// Opens the directory, and makes it if it is not there.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self { path: path.to_owned(), blob_last: AtomicU64::new(0) })
    }

    /// The phone's index.
    pub(crate) fn path(&self, phone_id: &str) -> PathBuf {
        self.path.join(phone_id)
    }

    // No id has a dot, so neither of these is another phone's index.
    fn path_new(&self, phone_id: &str) -> PathBuf {
        self.path.join(format!("{phone_id}.new"))
    }

    fn blobs(&self, phone_id: &str) -> PathBuf {
        self.path.join(format!("{phone_id}.files"))
    }

    fn blob(&self, phone_id: &str, id: u64) -> PathBuf {
        self.blobs(phone_id).join(id.to_string())
    }

    fn blob_new(&self, phone_id: &str, id: u64) -> PathBuf {
        self.blobs(phone_id).join(format!("{id}.new"))
    }

    /// The phone's index; none when nothing is kept.
    ///
    /// # Errors
    /// Any of the file system, and a file longer than `bytes_max`.
    pub(crate) fn read(&self, phone_id: &str, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(phone_id);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(named(&path, &error)),
        };
        let mut bytes = Vec::new();
        file.take(bytes_max.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| named(&path, &error))?;
        if bytes.len() as u64 > bytes_max {
            return Err(named(&path, &io::Error::new(io::ErrorKind::InvalidData, "too long")));
        }
        Ok(Some(bytes))
    }

    /// Replaces the phone's index: after a crash at any moment either the old or the new is there.
    ///
    /// # Errors
    /// Any of the file system; the old content is kept then.
    pub(crate) fn write(&self, phone_id: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(phone_id);
        let temporary = self.path_new(phone_id);
        let written = File::create(&temporary).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&temporary, &path)).map_err(|error| {
            let _ = fs::remove_file(&temporary);
            named(&path, &error)
        })?;
        sync(&self.path)
    }

    /// Puts bytes behind an index that is `length` bytes long.
    ///
    /// # Errors
    /// Any of the file system; the file is then cut back as far as that is possible.
    pub(crate) fn append(&self, phone_id: &str, length: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(phone_id);
        let mut file = OpenOptions::new().append(true).open(&path).map_err(|error| named(&path, &error))?;
        if file.metadata().map_err(|error| named(&path, &error))?.len() != length {
            return Err(named(
                &path,
                &io::Error::new(io::ErrorKind::InvalidData, "somebody else wrote to it"),
            ));
        }
        file.write_all(bytes).and_then(|()| file.sync_data()).map_err(|error| {
            // That this fails too is no news: the caller writes everything anew before anything else.
            let _ = file.set_len(length).and_then(|()| file.sync_data());
            named(&path, &error)
        })
    }

    /// Removes the phone's index, if there is one.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn remove(&self, phone_id: &str) -> io::Result<()> {
        let path = self.path(phone_id);
        match fs::remove_file(&path) {
            Ok(()) => sync(&self.path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(named(&path, &error)),
        }
    }

    /// Removes everything of the phone: first the index, which names the rest.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn wipe(&self, phone_id: &str) -> io::Result<()> {
        self.remove(phone_id)?;
        let blobs = self.blobs(phone_id);
        for removed in [fs::remove_file(self.path_new(phone_id)), remove_whole(&blobs)] {
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(named(&blobs, &error)),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Begins a long file of the phone.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn blob_begin(&self, phone_id: &str) -> io::Result<Temporary> {
        let blobs = self.blobs(phone_id);
        make_at_once(&blobs)?;
        for _ in 0..NAME_TRIES_MAX {
            let id = self.blob_last.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
            if self.blob(phone_id, id).exists() {
                continue;
            }
            let path = self.blob_new(phone_id, id);
            match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Temporary { id, file }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                // Whoever removes the last file removes the directory.
                Err(error) if error.kind() == io::ErrorKind::NotFound => make_at_once(&blobs)?,
                Err(error) => return Err(named(&path, &error)),
            }
        }
        Err(named(&blobs, &io::Error::other("no name is free")))
    }

    /// Gives a long file that is written, and on disk, its name.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn blob_name(&self, phone_id: &str, id: u64) -> io::Result<()> {
        let path = self.blob_new(phone_id, id);
        fs::rename(&path, self.blob(phone_id, id)).map_err(|error| named(&path, &error))
    }

    /// Makes the names of the phone's long files last.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn blobs_sync(&self, phone_id: &str) -> io::Result<()> {
        sync(&self.blobs(phone_id))?;
        sync(&self.path)
    }

    /// Opens a long file.
    ///
    /// # Errors
    /// Any of the file system, and a file that is too short. One that is too long holds the beginning of
    /// what was to be put behind it.
    pub(crate) fn blob_open(&self, phone_id: &str, id: u64, size: u64) -> io::Result<File> {
        let path = self.blob(phone_id, id);
        let file = File::open(&path).map_err(|error| named(&path, &error))?;
        long_enough(&path, &file, size)?;
        Ok(file)
    }

    /// Puts bytes behind the first `size` of a long file. They count once the index says so: what is behind
    /// them, if this was tried before, does not.
    ///
    /// # Errors
    /// As [`DataDir::blob_open`].
    pub(crate) fn blob_append(&self, phone_id: &str, id: u64, size: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.blob(phone_id, id);
        let mut file = OpenOptions::new().write(true).open(&path).map_err(|error| named(&path, &error))?;
        long_enough(&path, &file, size)?;
        let written = file.seek(SeekFrom::Start(size)).and_then(|_| file.write_all(bytes));
        written.and_then(|()| file.sync_data()).map_err(|error| named(&path, &error))
    }

    /// Removes long files, named or not, that nothing refers to. One that stays is removed when the phone is
    /// next read, so a failure is not worth one of the caller's.
    pub(crate) fn blobs_remove(&self, phone_id: &str, ids: &[u64]) {
        for id in ids {
            let _ = fs::remove_file(self.blob(phone_id, *id));
            let _ = fs::remove_file(self.blob_new(phone_id, *id));
        }
        // Goes only when it is empty.
        let _ = fs::remove_dir(self.blobs(phone_id));
    }

    /// Removes what a crash left of the phone: everything but the index and the long files that it names.
    /// Files to come get higher numbers than those.
    ///
    /// # Errors
    /// Any of the file system but that a file cannot be removed.
    pub(crate) fn tidy(&self, phone_id: &str, kept: &HashSet<u64>) -> io::Result<()> {
        self.blob_last.fetch_max(kept.iter().max().copied().unwrap_or(0), Ordering::Relaxed);
        let _ = fs::remove_file(self.path_new(phone_id));
        let blobs = self.blobs(phone_id);
        let entries = match fs::read_dir(&blobs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(named(&blobs, &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| named(&blobs, &error))?;
            let id = entry.file_name().to_str().and_then(|name| name.parse::<u64>().ok());
            if !id.is_some_and(|id| kept.contains(&id)) {
                let _ = fs::remove_file(entry.path());
            }
        }
        let _ = fs::remove_dir(&blobs);
        Ok(())
    }
}

/// Makes a directory that others make and remove at the same time. One that was there a moment ago counts as
/// made: `create_dir_all` looks again, and reports one that is gone by then.
fn make_at_once(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(named(path, &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes a directory in which others remove files at the same time: one that they were faster with is no
/// reason to leave the rest.
fn remove_whole(path: &Path) -> io::Result<()> {
    for _ in 0..REMOVALS_MAX {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.exists() => {}
            removed => return removed,
        }
    }
    fs::remove_dir_all(path)
}

fn long_enough(path: &Path, file: &File, size: u64) -> io::Result<()> {
    if file.metadata().map_err(|error| named(path, &error))?.len() < size {
        return Err(named(path, &io::Error::new(io::ErrorKind::InvalidData, "is cut short")));
    }
    Ok(())
}

/// A new, renamed or removed entry lasts only once its directory is on disk.
fn sync(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(|error| named(path, &error))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
