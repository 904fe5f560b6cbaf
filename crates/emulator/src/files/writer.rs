//! Writing a file of a phone piece by piece. Long files go to disk as they come; no lock is held meanwhile.

mod append;

use crate::error::Error;
use crate::files::data::{Content, Data, Entry, INLINE_BYTES_MAX, PIECE_BYTES_MAX, What};
use crate::files::disk::{DataDir, Temporary, on_disk};
use crate::files::file_error::FileError;
use crate::files::keeper::Keeper;
use crate::files::system::Source;
use crate::files::tree::{Odd, Place, Tree, WRITE, Who};
use crate::files::{add, allow, allow_change};
use crate::guest::Guest;
use bytes::Bytes;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file that is written. It comes to be by [`FileWriter::commit`]; dropped before, it never was.
#[derive(Debug)]
pub struct FileWriter {
    guest: Guest,
    path: String,
    mode: u32,
    /// Counted as pending for the phone; none for a file that forgets what is written.
    pending: Option<Arc<AtomicU64>>,
    written: u64,
    /// What it gives back when it replaces what is there.
    credit: u64,
    tail: Vec<u8>,
    pieces: Vec<Bytes>,
    temporary: Option<Temporary>,
    /// Files on disk that were begun, and go unless they come to be the content.
    spare: Vec<u64>,
    /// A piece may be missing on disk.
    broken: bool,
    /// It goes behind what is there, instead of replacing it.
    behind: bool,
}

impl FileWriter {
    pub(crate) fn begin(guest: &Guest, path: &str, mode: u32, behind: bool) -> Result<Self, FileError> {
        let (sink, credit) = guest.look(|tree, who, _| {
            let place = tree.walk(who, path, true)?;
            let sink = is_sink(&place);
            if sink {
                allow(place.entry.as_ref().is_some_and(|entry| who.may(entry, WRITE)))?;
            } else {
                allow_write(who, &place)?;
            }
            let credit = match place.entry.map(|entry| entry.what) {
                Some(What::File(content)) if !behind => content.size(),
                Some(What::File(_) | What::Directory | What::Link(_) | What::Gone) | None => 0,
            };
            Ok((sink, credit))
        })?;
        let pending = if sink { None } else { Some(guest.data(|data, _| data.pending.clone())?) };
        let guest = guest.clone();
        Ok(Self {
            guest,
            path: path.to_owned(),
            mode,
            pending,
            written: 0,
            credit,
            tail: Vec::new(),
            pieces: Vec::new(),
            temporary: None,
            spare: Vec::new(),
            broken: false,
            behind,
        })
    }

    pub(crate) fn is_sink(&self) -> bool {
        self.pending.is_none()
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes more. May wait for the disk.
    ///
    /// # Errors
    /// [`FileError::NoSpace`] when the phone would hold more than it may, [`FileError::Off`],
    /// [`FileError::Io`].
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), FileError> {
        while !bytes.is_empty() {
            let room = PIECE_BYTES_MAX.saturating_sub(self.tail.len());
            let (piece, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            if !piece.is_empty() && !self.is_sink() {
                self.reserve(piece.len() as u64)?;
                self.tail.extend_from_slice(piece);
            }
            if self.tail.len() >= PIECE_BYTES_MAX {
                self.flush()?;
            }
            bytes = rest;
        }
        Ok(())
    }

    /// Counts bytes that are about to come.
    fn reserve(&mut self, more: u64) -> Result<(), FileError> {
        // What is no longer than what it replaces needs no room.
        let credit = self.credit;
        let grows = self.written.saturating_add(more) > credit;
        self.guest.data(|data, bytes_max| {
            let taken = data.bytes().saturating_sub(credit);
            let pending = data.pending.load(Ordering::Relaxed).saturating_add(more);
            if grows && taken.saturating_add(pending) > bytes_max {
                return Err(FileError::NoSpace);
            }
            // Only changed under the phone's lock.
            data.pending.store(pending, Ordering::Relaxed);
            Ok(())
        })??;
        self.written += more;
        Ok(())
    }

    /// Moves the tail to where it stays.
    fn flush(&mut self) -> Result<(), FileError> {
        if self.guest.disk().is_none() {
            self.pieces.push(Bytes::from(std::mem::take(&mut self.tail)));
            return Ok(());
        }
        let temporary = match &mut self.temporary {
            Some(temporary) => temporary,
            None => {
                let begun = self.begin_blob()?;
                self.temporary.insert(begun)
            }
        };
        let written = on_disk(self.guest.disk(), || temporary.file.write_all(&self.tail));
        self.broken |= written.is_err();
        self.tail.clear();
        Ok(written?)
    }

    fn begin_blob(&mut self) -> Result<Temporary, FileError> {
        // Under the lock, so that none begins after a reset.
        let begun = self.guest.inside(|_, keeper| {
            let disk = keeper.disk.as_ref();
            let begin = |disk: &DataDir| on_disk(Some(disk), || disk.blob_begin(self.guest.phone_id()));
            Ok(disk.map(begin).transpose()?)
        })?;
        let begun = begun.ok_or(FileError::NotFound)?;
        self.spare.push(begun.id);
        Ok(begun)
    }

    /// Ends the file and puts it in its place, whatever is there by now. When this returns, it is on disk.
    ///
    /// # Errors
    /// A [`FileError`]; then nothing changed.
    pub fn commit(self, mtime_s: Option<i64>) -> Result<(), FileError> {
        if self.behind && !self.is_sink() {
            self.whole()?;
            return self.commit_behind(mtime_s);
        }
        self.commit_with(mtime_s, |_, _| Ok(()))
    }

    /// As [`FileWriter::commit`], with a further change: both happen, or neither.
    pub(crate) fn commit_with(
        mut self,
        mtime_s: Option<i64>,
        further: impl FnOnce(&mut Data, &Who) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        if self.is_sink() {
            return Ok(());
        }
        self.whole()?;
        let content = self.finish()?;
        let blob = content.blob();
        let (path, mode) = (&self.path, self.mode);
        self.guest.change(|data, who| {
            put(data, who, path, mode, content, mtime_s)?;
            further(data, who)
        })?;
        self.spare.retain(|id| Some(*id) != blob);
        Ok(())
    }

    fn whole(&self) -> Result<(), FileError> {
        if self.broken {
            return Err(FileError::Io(io::Error::other("a piece of the file was not written")));
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Content, FileError> {
        if self.temporary.is_none() && self.pieces.is_empty() && self.tail.len() <= INLINE_BYTES_MAX {
            return Ok(Content::Inline(Bytes::copy_from_slice(&self.tail)));
        }
        if !self.tail.is_empty() {
            self.flush()?;
        }
        let Some(temporary) = &self.temporary else {
            return Ok(Content::Pieces(std::mem::take(&mut self.pieces).into()));
        };
        self.keep(temporary)?;
        Ok(Content::Blob { id: temporary.id, size: self.written })
    }

    /// Has a file on disk for good, as far as it is named in the end.
    fn keep(&self, temporary: &Temporary) -> Result<(), FileError> {
        let Some(disk) = self.guest.disk() else { return Ok(()) };
        let phone_id = self.guest.phone_id();
        on_disk(Some(disk), || {
            temporary.file.sync_all()?;
            self.guest.inside(|_, _| Ok(disk.blob_name(phone_id, temporary.id)?))?;
            disk.blobs_sync(phone_id).or_else(|error| {
                // After a reset this is no matter of the disk.
                self.guest.inside(|_, _| Ok(()))?;
                Err(FileError::from(error))
            })
        })
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        let Some(pending) = self.pending.take() else { return };
        let spare = std::mem::take(&mut self.spare);
        let (written, phone_id) = (self.written, self.guest.phone_id());
        // The phone may be gone, and its files with it: then there is nothing left to do.
        let _: Result<(), Error> = self.guest.emulator().with(phone_id, |phone, keeper| {
            pending.store(pending.load(Ordering::Relaxed).saturating_sub(written), Ordering::Relaxed);
            drop(pending);
            Keeper::rest(&mut phone.data);
            if phone.boot.is_none() {
                keeper.release(&mut phone.data);
            }
            Ok(())
        });
        self.guest.emulator().keeper.drop_blobs(phone_id, &spare);
    }
}

impl Guest {
    /// Works on what the phone keeps without changing it.
    fn data<T>(&self, work: impl FnOnce(&Data, u64) -> T) -> Result<T, FileError> {
        Ok(self.inside(|phone, keeper| {
            let data = keeper.held(self.phone_id(), &mut phone.data)?;
            let value = work(data, keeper.bytes_max);
            Keeper::rest(&mut phone.data);
            Ok(value)
        })?)
    }
}

fn is_sink(place: &Place) -> bool {
    let what = place.entry.as_ref().map(|entry| &entry.what);
    matches!(what, Some(What::File(Content::System(Source::Null | Source::Zero))))
}

fn allow_write(who: &Who, place: &Place) -> Result<(), FileError> {
    match &place.entry {
        None if place.odd == Some(Odd::Slash) => Err(FileError::IsADirectory),
        None => allow_change(who, place),
        Some(Entry { what: What::Directory, .. }) => Err(FileError::IsADirectory),
        Some(_) if !who.writable(&place.path) => Err(FileError::ReadOnly),
        Some(entry) => allow(who.may(entry, WRITE)),
    }
}

fn put(
    data: &mut Data,
    who: &Who,
    path: &str,
    mode: u32,
    content: Content,
    mtime_s: Option<i64>,
) -> Result<(), FileError> {
    let mut place = Tree::new(Some(data)).walk(who, path, true)?;
    allow_write(who, &place)?;
    let who = Who { now_s: mtime_s.unwrap_or(who.now_s), ..*who };
    let what = What::File(content);
    match place.entry.take() {
        None => add(data, &who, &place, what, mode),
        Some(entry) => {
            let entry = Entry { what, mtime_s: who.now_s, ..entry };
            data.set(place.parent.inode, &place.name, Some(entry));
            Ok(())
        }
    }
}
