//! Reading an APK where it is staged.

use crate::apps::apk::{ApkError, Source};
use crate::files::file_error::FileError;
use crate::files::reader::FileReader;
use crate::guest::Guest;
use bytes::Bytes;

/// Bytes of the end of an APK that are kept at hand: its directory is there.
const TAIL_BYTES: u64 = 1 << 20;

/// A file of the tree, read in any order. Its readers only go forward: it is opened anew to go back, and its
/// end, where most is looked for, is kept.
pub(super) struct Staged {
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
    pub(super) fn open(guest: &Guest, path: String) -> Result<Self, FileError> {
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
