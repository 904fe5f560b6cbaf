//! What a shell needs of the machine it runs on.

use crate::program::{Process, Running};
use bytes::Bytes;
use futures::future::BoxFuture;

/// Why a file could not be used, as `strerror` words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
}

/// What `test` asks about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileInfo {
    /// What it is.
    pub kind: FileKind,
    /// Its permission bits.
    pub mode: u32,
    /// Bytes it holds.
    pub size: u64,
    /// When it was changed, in seconds since 1970.
    pub mtime_s: i64,
    /// Its number.
    pub inode: u64,
}

/// A file that is written. Dropping it keeps what was written.
pub trait Sink: Send + 'static {
    /// Writes all of it.
    ///
    /// # Errors
    /// What the file system says.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Refusal>;

    /// Ends the writing.
    ///
    /// # Errors
    /// What the file system says.
    fn close(self: Box<Self>) -> Result<(), Refusal>;
}

/// A file that is read.
pub trait Source: Send + 'static {
    /// The next piece; none at the end.
    ///
    /// # Errors
    /// What the file system says.
    fn next(&mut self) -> Result<Option<Bytes>, Refusal>;
}

/// The machine. Paths are absolute.
pub trait System: Send + Sync + 'static {
    /// Runs work that nobody waits for, for as long as the machine is on; gives it back when that cannot be.
    ///
    /// # Errors
    /// The work, untouched.
    fn leave(&self, work: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        Err(work)
    }

    /// Starts a program, by name or by absolute path; gives the process back when there is none such.
    ///
    /// # Errors
    /// The process, untouched.
    // A process that comes back is started another way at once; a box would only add an allocation.
    #[allow(clippy::result_large_err)]
    fn program(&self, process: Process) -> Result<Running, Process>;

    /// The path of the program of this name.
    fn which(&self, name: &str) -> Option<String>;

    /// Opens a file to read.
    ///
    /// # Errors
    /// What the file system says.
    fn open(&self, path: &str) -> Result<Box<dyn Source>, Refusal>;

    /// Opens a file to write: from its beginning or from its end.
    ///
    /// # Errors
    /// What the file system says.
    fn create(&self, path: &str, append: bool) -> Result<Box<dyn Sink>, Refusal>;

    /// Looks at a file; through a link when `follow` says so.
    ///
    /// # Errors
    /// What the file system says.
    fn stat(&self, path: &str, follow: bool) -> Result<FileInfo, Refusal>;

    /// Names in a directory, in any order.
    ///
    /// # Errors
    /// What the file system says.
    fn list(&self, path: &str) -> Result<Vec<String>, Refusal>;
}
