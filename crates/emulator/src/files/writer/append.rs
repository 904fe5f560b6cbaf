//! Ends a file that was written behind another: what was there when it was opened may be longer by now.

use super::{FileWriter, allow_write, put};
use crate::files::data::{Content, INLINE_BYTES_MAX, PIECE_BYTES_MAX, What};
use crate::files::disk::on_disk;
use crate::files::file_error::FileError;
use crate::files::reader::FileReader;
use crate::files::tree::Tree;
use bytes::Bytes;
use std::io::{self, Seek, Write};

/// Copies of a file that are made because it changed under the one before.
const COPIES_MAX: usize = 16;

/// A copy of what was there, with what was written behind it.
struct Copy {
    before: Content,
    after: Content,
}

impl FileWriter {
    /// Puts what was written behind what is there at this moment: whoever else appends loses nothing.
    ///
    /// Little is joined under the phone's lock. Much is joined in a copy beside it, which is made anew if the
    /// file changed meanwhile.
    pub(super) fn commit_behind(mut self, mtime_s: Option<i64>) -> Result<(), FileError> {
        let made_up = match self.guest.copied(&self.path, true) {
            Err(FileError::NotFound) => None,
            made_up => made_up?,
        };
        let mut copy = None;
        for _ in 0..=COPIES_MAX {
            let mut stale = None;
            let changed = self.guest.change(|data, who| {
                let place = Tree::new(Some(data)).walk(who, &self.path, true)?;
                allow_write(who, &place)?;
                let before = match place.entry.map(|entry| entry.what) {
                    Some(What::File(Content::System(_))) => {
                        Content::Inline(made_up.clone().unwrap_or_default())
                    }
                    Some(What::File(content)) => content,
                    Some(What::Directory | What::Link(_) | What::Gone) | None => {
                        Content::Inline(Bytes::new())
                    }
                };
                let Some(content) = self.joined(&before, copy.as_ref())? else {
                    let reader = FileReader::of_content(&before, self.guest.phone_id(), self.guest.disk())?;
                    stale = Some((before, reader.ok_or(FileError::NotFound)?));
                    return Err(FileError::Invalid);
                };
                let blob = content.blob();
                put(data, who, &self.path, self.mode, content, mtime_s)?;
                Ok(blob)
            });
            let Some((before, reader)) = stale else {
                let blob = changed?;
                self.spare.retain(|id| Some(*id) != blob);
                return Ok(());
            };
            let after = match copy {
                None if before.size() == 0 && self.temporary.is_some() => self.finish()?,
                _ => self.copy(reader)?,
            };
            copy = Some(Copy { before, after });
        }
        Err(FileError::Io(io::Error::other("the file changes too fast to append that much")))
    }

    /// What is to be there, if no copy has to be made for it.
    fn joined(&self, before: &Content, copy: Option<&Copy>) -> Result<Option<Content>, FileError> {
        if self.written == 0 {
            return Ok(Some(before.clone()));
        }
        if let Some(copy) = copy.filter(|copy| copy.before == *before) {
            return Ok(Some(copy.after.clone()));
        }
        let size = before.size().saturating_add(self.written);
        let disk = self.guest.disk().filter(|_| size > INLINE_BYTES_MAX as u64);
        match (before, disk) {
            _ if self.temporary.is_some() => Ok(None),
            (Content::Inline(bytes), None) => Ok(Some(self.in_memory([bytes]))),
            (Content::Pieces(pieces), _) => Ok(Some(self.in_memory(pieces.iter()))),
            (Content::Blob { id, size: at }, Some(disk)) => {
                on_disk(Some(disk), || disk.blob_append(self.guest.phone_id(), *id, *at, &self.tail))?;
                Ok(Some(Content::Blob { id: *id, size }))
            }
            (Content::Inline(_) | Content::Blob { .. } | Content::System(_), _) => Ok(None),
        }
    }

    /// Removes the copies that are of no use.
    fn drop_copies(&mut self) {
        let own = self.temporary.as_ref().map(|temporary| temporary.id);
        let (kept, old): (Vec<u64>, Vec<u64>) = self.spare.iter().partition(|id| Some(**id) == own);
        self.guest.emulator().keeper.drop_blobs(self.guest.phone_id(), &old);
        self.spare = kept;
    }

    fn in_memory<'a>(&'a self, before: impl IntoIterator<Item = &'a Bytes>) -> Content {
        let mut pieces: Vec<Bytes> = before.into_iter().cloned().collect();
        let tail = Bytes::copy_from_slice(&self.tail);
        for piece in self.pieces.iter().chain([&tail]).filter(|piece| !piece.is_empty()) {
            match pieces.last_mut().filter(|last| last.len() + piece.len() <= PIECE_BYTES_MAX) {
                Some(last) => *last = [last.as_ref(), piece].concat().into(),
                None => pieces.push(piece.clone()),
            }
        }
        match pieces.as_slice() {
            [one] if one.len() <= INLINE_BYTES_MAX => Content::Inline(one.clone()),
            _ => Content::Pieces(pieces.into()),
        }
    }

    /// Copies what was there, and what was written, to a file of its own. No lock is held.
    fn copy(&mut self, mut before: FileReader) -> Result<Content, FileError> {
        self.drop_copies();
        let size = before.size().saturating_add(self.written);
        let copy = self.begin_blob()?;
        on_disk(self.guest.disk(), || {
            while let Some(piece) = before.next()? {
                (&copy.file).write_all(&piece)?;
            }
            if let Some(temporary) = &self.temporary {
                (&temporary.file).rewind()?;
                io::copy(&mut &temporary.file, &mut &copy.file)?;
            }
            Ok::<_, FileError>((&copy.file).write_all(&self.tail)?)
        })?;
        self.keep(&copy)?;
        Ok(Content::Blob { id: copy.id, size })
    }
}
