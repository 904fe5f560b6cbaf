//! Reading a file of a phone piece by piece.

use crate::files::data::{Content, PIECE_BYTES_MAX};
use crate::files::disk::DataDir;
use crate::files::file_error::FileError;
use bytes::{Bytes, BytesMut};
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

/// A file that is read.
#[derive(Debug)]
pub struct FileReader {
    size: u64,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Pieces { pieces: Arc<[Bytes]>, at: usize },
    Disk { file: File, left: u64 },
    Zeros,
}

impl FileReader {
    /// Reads what is kept; none for what is made up.
    pub(crate) fn of_content(
        content: &Content,
        phone_id: &str,
        disk: Option<&DataDir>,
    ) -> Result<Option<Self>, FileError> {
        Ok(match content {
            Content::System(_) => None,
            Content::Inline(bytes) => Some(Self::of(bytes.clone())),
            Content::Pieces(pieces) => Some(Self::of_pieces(pieces.clone())),
            Content::Blob { id, size } => {
                let disk = disk.ok_or(FileError::NotFound)?;
                Some(Self::of_disk(disk.blob_open(phone_id, *id, *size)?, *size))
            }
        })
    }

    pub(crate) fn of(bytes: Bytes) -> Self {
        let starts = (0..bytes.len()).step_by(PIECE_BYTES_MAX);
        Self::of_pieces(starts.map(|at| bytes.slice(at..bytes.len().min(at + PIECE_BYTES_MAX))).collect())
    }

    pub(crate) fn of_pieces(pieces: Arc<[Bytes]>) -> Self {
        let size = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self { size, body: Body::Pieces { pieces, at: 0 } }
    }

    pub(crate) fn of_disk(file: File, size: u64) -> Self {
        Self { size, body: Body::Disk { file, left: size } }
    }

    /// Never ends.
    pub(crate) fn zeros() -> Self {
        Self { size: 0, body: Body::Zeros }
    }

    /// The file's length in bytes; 0 for /dev/zero, which has no end.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next piece, of at most 64 KiB; none at the end. Waits for the disk.
    ///
    /// # Errors
    /// [`FileError::Io`].
    #[allow(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> Result<Option<Bytes>, FileError> {
        match &mut self.body {
            Body::Pieces { pieces, at } => {
                let piece = pieces.get(*at).cloned();
                *at += 1;
                Ok(piece)
            }
            Body::Disk { left: 0, .. } => Ok(None),
            Body::Disk { file, left } => {
                let length = usize::try_from(*left).unwrap_or(PIECE_BYTES_MAX).min(PIECE_BYTES_MAX);
                let mut piece = BytesMut::zeroed(length);
                file.read_exact(&mut piece)?;
                *left -= length as u64;
                Ok(Some(piece.freeze()))
            }
            Body::Zeros => Ok(Some(Bytes::from_static(&[0; PIECE_BYTES_MAX]))),
        }
    }

    /// All that is left, of a file of at most `bytes_max` bytes.
    pub(crate) fn read_all(mut self, bytes_max: usize) -> Result<Bytes, FileError> {
        let fits = usize::try_from(self.size).is_ok_and(|size| size <= bytes_max);
        if !fits || matches!(self.body, Body::Zeros) {
            return Err(FileError::Invalid);
        }
        let first = self.next()?.unwrap_or_default();
        if first.len() as u64 == self.size {
            return Ok(first);
        }
        let mut all = BytesMut::from(first);
        while let Some(piece) = self.next()? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}
