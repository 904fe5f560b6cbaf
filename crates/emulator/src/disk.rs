//! Where /data of the phones is kept between processes: one file per phone that has any.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A directory with one file per phone, named by its id.
#[derive(Debug)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// Opens the directory, and makes it if it is not there.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self(path.to_owned()))
    }

    /// The phone's file.
    pub(crate) fn path(&self, phone_id: &str) -> PathBuf {
        self.0.join(phone_id)
    }

    /// What is kept for the phone; none when nothing is.
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

    /// Replaces what is kept for the phone: after a crash at any moment either the old or the new is there.
    ///
    /// # Errors
    /// Any of the file system; the old content is kept then.
    pub(crate) fn write(&self, phone_id: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(phone_id);
        // No id has a dot, so this is no phone's file.
        let temporary = self.0.join(format!("{phone_id}.new"));
        let written = File::create(&temporary).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&temporary, &path)).map_err(|error| named(&path, &error))?;
        self.sync()
    }

    /// Removes what is kept for the phone, if anything.
    ///
    /// # Errors
    /// Any of the file system.
    pub(crate) fn remove(&self, phone_id: &str) -> io::Result<()> {
        let path = self.path(phone_id);
        match fs::remove_file(&path) {
            Ok(()) => self.sync(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(named(&path, &error)),
        }
    }

    /// A renamed or removed entry lasts only once its directory is on disk.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.0).and_then(|directory| directory.sync_all()).map_err(|error| named(&self.0, &error))
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
