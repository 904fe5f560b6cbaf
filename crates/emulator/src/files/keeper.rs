//! Keeps what phones keep: reads it when it is first needed, bounds it, and has every change on disk before
//! it counts. Whoever waits for that holds the phone's lock, but not its thread: an index is read and lengthened
//! under the lock, long files are written and made to last outside of it.

use crate::error::Error;
use crate::files::data::{Content, Data, Entry, INLINE_BYTES_MAX, Stored, What};
use crate::files::disk::{DataDir, on_disk};
use crate::files::index;
use std::io::{self, Write};

/// Entries that one phone may have.
pub(crate) const ENTRIES_MAX: usize = 65_536;

/// Changes are put behind the index until they are as long as it, and this much longer.
const CHANGES_SLACK_BYTES: u64 = 64 << 10;

/// Longest index that is read, in bytes. Two of [`ENTRIES_MAX`] entries fit, as changes stand behind what they
/// change; longer was not written by us. What a phone may keep is no measure: that may be lowered.
const INDEX_BYTES_MAX: u64 = 1 << 30;

/// Where what a phone keeps is.
#[derive(Debug)]
pub(crate) enum Slot {
    /// On disk, if anywhere; not read yet.
    Unread,
    /// Nothing there.
    Empty,
    /// Here.
    Held(Box<Data>),
}

impl Slot {
    /// What is kept, if it is here.
    pub(crate) fn held(&self) -> Option<&Data> {
        match self {
            Self::Held(data) => Some(data),
            Self::Unread | Self::Empty => None,
        }
    }
}

/// The limits and the place of what every phone keeps.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// Most that one phone may keep, in bytes.
    pub(crate) bytes_max: u64,
    /// Where it is kept between processes.
    pub(crate) disk: Option<DataDir>,
}

impl Keeper {
    /// What a phone keeps that nothing was asked of yet.
    pub(crate) fn slot(&self) -> Slot {
        if self.disk.is_some() { Slot::Unread } else { Slot::Empty }
    }

    /// Reads what the phone keeps if that was not done yet.
    ///
    /// # Errors
    /// [`Error::Data`] when it cannot be read, or is not what was written.
    pub(crate) fn open<'a>(&self, phone_id: &str, slot: &'a mut Slot) -> Result<Option<&'a Data>, Error> {
        if let (Slot::Unread, Some(disk)) = (&*slot, &self.disk) {
            *slot = on_disk(Some(disk), || read(phone_id, disk))?;
        }
        Ok(slot.held())
    }

    /// As [`Keeper::open`], and makes a place for what is to come if there is none.
    ///
    /// # Errors
    /// As [`Keeper::open`].
    pub(crate) fn held<'a>(&self, phone_id: &str, slot: &'a mut Slot) -> Result<&'a mut Data, Error> {
        if self.open(phone_id, slot)?.is_none() {
            *slot = Slot::Held(Box::default());
        }
        match slot {
            Slot::Held(data) => Ok(data),
            Slot::Unread | Slot::Empty => Err(Error::Data(io::Error::other("/data went away"))),
        }
    }

    /// Forgets what is here if all of it is on disk, and nobody writes: nobody asks for it soon.
    pub(crate) fn release(&self, slot: &mut Slot) {
        if self.disk.is_some() && slot.held().is_some_and(Data::is_stored) {
            *slot = Slot::Unread;
        }
    }

    /// Forgets what is here if it is nothing.
    pub(crate) fn rest(slot: &mut Slot) {
        if slot.held().is_some_and(Data::is_idle) {
            *slot = Slot::Empty;
        }
    }

    /// Changes what the phone keeps. When this returns, the change is on disk; when it fails, nothing
    /// changed.
    ///
    /// # Errors
    /// Those of `work`; [`Error::DataFull`] over a limit, [`Error::Data`] when the disk fails.
    pub(crate) fn change<T, E: From<Error>>(
        &self,
        phone_id: &str,
        slot: &mut Slot,
        work: impl FnOnce(&mut Data) -> Result<T, E>,
    ) -> Result<T, E> {
        let (value, dropped) = self.change_only(phone_id, slot, work)?;
        self.drop_blobs(phone_id, &dropped);
        Ok(value)
    }

    /// As [`Keeper::change`], but leaves long files that nothing names any more: to free them takes a while,
    /// and is better done by [`Keeper::drop_blobs`] without the phone's lock.
    ///
    /// # Errors
    /// As [`Keeper::change`].
    pub(crate) fn change_only<T, E: From<Error>>(
        &self,
        phone_id: &str,
        slot: &mut Slot,
        work: impl FnOnce(&mut Data) -> Result<T, E>,
    ) -> Result<(T, Vec<u64>), E> {
        let data = self.held(phone_id, slot)?;
        let (bytes, count) = (data.bytes(), data.count());
        let mut changed = work(data).and_then(|value| {
            let grown = data.bytes() > bytes && data.bytes() > self.bytes_max
                || data.count() > count && data.count() > ENTRIES_MAX;
            if grown {
                return Err(Error::DataFull { bytes_max: self.bytes_max }.into());
            }
            if let (Some(disk), true) = (&self.disk, data.is_changed()) {
                on_disk(Some(disk), || save(disk, phone_id, data))?;
            }
            Ok((value, Vec::new()))
        });
        match &mut changed {
            Err(_) => data.roll_back(),
            Ok((_, dropped)) => *dropped = data.settle(),
        }
        Self::rest(slot);
        changed
    }

    /// Removes long files that nothing names any more.
    pub(crate) fn drop_blobs(&self, phone_id: &str, dropped: &[u64]) {
        if let (Some(disk), false) = (&self.disk, dropped.is_empty()) {
            on_disk(Some(disk), || disk.blobs_remove(phone_id, dropped));
        }
    }

    /// Forgets everything, on disk too.
    ///
    /// # Errors
    /// [`Error::Data`] when the disk fails; then it has to be tried again.
    pub(crate) fn wipe(&self, phone_id: &str, slot: &mut Slot) -> Result<(), Error> {
        if let (Some(disk), false) = (&self.disk, matches!(slot, Slot::Empty)) {
            on_disk(Some(disk), || disk.wipe(phone_id))?;
        }
        *slot = Slot::Empty;
        Ok(())
    }
}

/// Reads what the phone keeps, and tidies up beside it.
fn read(phone_id: &str, disk: &DataDir) -> Result<Slot, Error> {
    let stored = disk.read(phone_id, INDEX_BYTES_MAX)?;
    let data = match stored {
        None => Data::default(),
        Some(bytes) => index::decode(&bytes).ok_or_else(|| {
            let path = disk.path(phone_id);
            Error::Data(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is damaged; a reset of the phone removes it", path.display()),
            ))
        })?,
    };
    disk.tidy(phone_id, &data.blobs())?;
    Ok(if data.is_idle() { Slot::Empty } else { Slot::Held(Box::new(data)) })
}

/// Has the changes on disk.
fn save(disk: &DataDir, phone_id: &str, data: &mut Data) -> Result<(), Error> {
    let stored = std::mem::take(&mut data.stored);
    if data.count() == 0 {
        return Ok(disk.remove(phone_id)?);
    }
    let changes = if stored.whole > 0 { index::encode_changes(data) } else { Vec::new() };
    let total = stored.total.saturating_add(changes.len() as u64);
    if stored.whole > 0 && total <= stored.whole.saturating_mul(2).saturating_add(CHANGES_SLACK_BYTES) {
        disk.append(phone_id, stored.total, &changes)?;
        data.stored = Stored { total, ..stored };
        return Ok(());
    }
    spill(disk, phone_id, data)?;
    let bytes = index::encode(data);
    disk.write(phone_id, &bytes)?;
    data.stored = Stored { whole: bytes.len() as u64, total: bytes.len() as u64 };
    Ok(())
}

/// Moves long files that an earlier format kept in the index to files of their own.
fn spill(disk: &DataDir, phone_id: &str, data: &mut Data) -> io::Result<()> {
    let long = |entry: &Entry| match &entry.what {
        What::File(content @ Content::Pieces(pieces)) if content.size() > INLINE_BYTES_MAX as u64 => {
            Some(pieces.clone())
        }
        What::File(_) | What::Directory | What::Link(_) | What::Gone => None,
    };
    let found: Vec<_> = data
        .every()
        .iter()
        .filter_map(|(key, entry)| Some((key.clone(), entry.clone(), long(entry)?)))
        .collect();
    for ((inode, name), mut entry, pieces) in found {
        let mut temporary = disk.blob_begin(phone_id)?;
        for piece in pieces.iter() {
            temporary.file.write_all(piece)?;
        }
        temporary.file.sync_all()?;
        disk.blob_name(phone_id, temporary.id)?;
        let size = pieces.iter().map(|piece| piece.len() as u64).sum();
        entry.what = What::File(Content::Blob { id: temporary.id, size });
        data.set(inode, &name, Some(entry));
        disk.blobs_sync(phone_id)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
