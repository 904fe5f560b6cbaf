//! What programs read: files, or standard input.

use crate::files::file_error::FileError;
use crate::files::reader::FileReader;
use crate::guest::Guest;
use crate::pipe::Input;
use crate::program::Process;
use bytes::Bytes;

/// Longest line; a longer one comes in parts.
pub(super) const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Something that is read.
#[derive(Debug)]
pub(super) enum Source {
    Typed(Input),
    File(FileReader),
}

impl Source {
    /// Opens a file, or standard input for `-`.
    pub(super) fn open(guest: &Guest, process: &Process, path: &str) -> Result<Self, FileError> {
        match path {
            "-" | "/dev/stdin" => Ok(Self::Typed(process.stdin.clone())),
            // As the kernel says it.
            "" => Err(FileError::NotFound),
            _ => Ok(Self::File(guest.open(&process.path(path))?)),
        }
    }

    /// How long it is; none where only reading tells.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::Typed(_) => None,
            Self::File(reader) => Some(reader.size()),
        }
    }

    /// The next piece.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, FileError> {
        match self {
            Self::Typed(input) => Ok(input.next().await),
            Self::File(reader) => {
                // A file is always ready: others must get their turn.
                tokio::task::consume_budget().await;
                reader.next()
            }
        }
    }

    /// Gives back what was read too much, to who reads the same after this.
    pub(super) async fn unread(&mut self, bytes: Bytes) {
        if let Self::Typed(input) = self
            && !bytes.is_empty()
        {
            input.unread(bytes).await;
        }
    }
}

/// Lines of a source.
#[derive(Debug)]
pub(super) struct Lines {
    source: Source,
    rest: Bytes,
    end: u8,
}

impl Lines {
    pub(super) fn new(source: Source) -> Self {
        Self { source, rest: Bytes::new(), end: b'\n' }
    }

    /// Lines that end in another byte.
    pub(super) fn ending_in(source: Source, end: u8) -> Self {
        Self { source, rest: Bytes::new(), end }
    }

    /// A whole line is here already: reading it does not wait.
    pub(super) fn ready(&self) -> bool {
        self.rest.contains(&self.end)
    }

    /// The next line without its end, and whether it had one.
    pub(super) async fn next(&mut self) -> Result<Option<(Vec<u8>, bool)>, FileError> {
        let mut line = Vec::new();
        loop {
            let end = self.rest.iter().position(|byte| *byte == self.end);
            let taken = end.unwrap_or(self.rest.len()).min(LINE_BYTES_MAX - line.len());
            line.extend_from_slice(&self.rest.split_to(taken));
            if end.is_some() && self.rest.first() == Some(&self.end) {
                let _ = self.rest.split_to(1);
                return Ok(Some((line, true)));
            }
            if line.len() >= LINE_BYTES_MAX {
                return Ok(Some((line, true)));
            }
            match self.source.next().await? {
                Some(bytes) => self.rest = bytes,
                None => return Ok((!line.is_empty()).then_some((line, false))),
            }
        }
    }

    /// Gives back what was read too much.
    pub(super) async fn close(mut self) {
        self.source.unread(self.rest).await;
    }
}
