//! What a phone keeps: the changes to its file tree, and the `persist.*` properties that were set while it
//! ran. A restart keeps it, a reset wipes it. What a fresh phone has costs nothing here: it is in
//! [`crate::files::base`], and an entry of [`Data`] hides the one there.

use crate::files::system::Source;
use bytes::Bytes;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// Counted for every entry on top of its name and content, what it takes in
/// memory: empty files are not free.
const ENTRY_BYTES: u64 = 256;

/// Files up to this long are kept in the index itself.
pub(crate) const INLINE_BYTES_MAX: usize = 4096;

/// Longest piece of a file that is read or held at once, in bytes.
pub(crate) const PIECE_BYTES_MAX: usize = 64 << 10;

/// The directory of `persist.*` properties. No path leads to it.
pub(crate) const PROPERTIES: u64 = 0;

/// Base inodes have this bit, so the two kinds never meet.
pub(crate) const BASE_INODE: u64 = 1 << 32;

/// The directory's inode, and a name in it.
pub(crate) type Key = (u64, Box<str>);

/// The content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// Short.
    Inline(Bytes),
    /// In memory, in pieces of at most [`PIECE_BYTES_MAX`].
    Pieces(Arc<[Bytes]>),
    /// In a file of its own on disk.
    Blob {
        /// Names the file.
        id: u64,
        /// Its length in bytes.
        size: u64,
    },
    /// Made up when it is read.
    System(Source),
}

impl Content {
    /// Its length in bytes; 0 for what is made up anew each time.
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Inline(bytes) => bytes.len() as u64,
            Self::Pieces(pieces) => pieces.iter().map(|piece| piece.len() as u64).sum(),
            Self::Blob { size, .. } => *size,
            Self::System(Source::Text(text)) => text.len() as u64,
            Self::System(_) => 0,
        }
    }

    /// The file on disk that it is in.
    pub(crate) fn blob(&self) -> Option<u64> {
        match self {
            Self::Blob { id, .. } => Some(*id),
            Self::Inline(_) | Self::Pieces(_) | Self::System(_) => None,
        }
    }
}

/// What is behind a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    /// A directory; its entries have its inode in their key.
    Directory,
    /// A symbolic link to this.
    Link(Box<str>),
    /// A file.
    File(Content),
    /// Nothing, though a fresh phone has something there.
    Gone,
}

/// An entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) what: What,
    /// Permission bits.
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) mtime_s: i64,
    pub(crate) inode: u64,
}

impl Entry {
    /// What stands for a removed entry of a fresh phone.
    pub(crate) fn gone() -> Self {
        Self { what: What::Gone, mode: 0, uid: 0, gid: 0, mtime_s: 0, inode: 0 }
    }

    fn value(value: &str) -> Self {
        let what = What::File(Content::Inline(Bytes::copy_from_slice(value.as_bytes())));
        Self { what, mode: 0o600, uid: 0, gid: 0, mtime_s: 0, inode: 0 }
    }

    fn size(&self) -> u64 {
        match &self.what {
            What::Directory | What::Gone => 0,
            What::Link(target) => target.len() as u64,
            What::File(content) => content.size(),
        }
    }

    /// The file on disk that it names.
    fn blob(&self) -> Option<u64> {
        match &self.what {
            What::File(content) => content.blob(),
            What::Directory | What::Link(_) | What::Gone => None,
        }
    }
}

/// How much of [`Data`] is on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Length of the part that holds everything, in bytes; 0 when all has to be written anew.
    pub(crate) whole: u64,
    /// Length of the file with the changes after that.
    pub(crate) total: u64,
}

/// What a phone keeps.
#[derive(Debug, Default)]
pub(crate) struct Data {
    map: BTreeMap<Key, Entry>,
    bytes: u64,
    blob_bytes: u64,
    inode_last: u64,
    /// What was there before each change since the last [`Data::settle`], oldest first.
    before: Vec<(Key, Option<Entry>)>,
    pub(crate) stored: Stored,
    /// What writers hold that have not ended, in bytes.
    pub(crate) pending: Arc<AtomicU64>,
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl Data {
    /// The entry, [`What::Gone`] included.
    pub(crate) fn get(&self, inode: u64, name: &str) -> Option<&Entry> {
        self.map.get(&(inode, name.into()))
    }

    /// The entries of a directory by name, [`What::Gone`] included.
    pub(crate) fn entries(&self, inode: u64) -> impl Iterator<Item = (&str, &Entry)> {
        let range = (inode, Box::<str>::default())..(inode + 1, Box::<str>::default());
        self.map.range(range).map(|((_, name), entry)| (name.as_ref(), entry))
    }

    /// Every entry.
    pub(crate) fn every(&self) -> &BTreeMap<Key, Entry> {
        &self.map
    }

    /// What all entries cost, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What of that is in memory.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.bytes - self.blob_bytes
    }

    /// How many entries there are.
    pub(crate) fn count(&self) -> usize {
        self.map.len()
    }

    /// Whether it can be forgotten.
    pub(crate) fn is_idle(&self) -> bool {
        self.map.is_empty() && Arc::strong_count(&self.pending) == 1
    }

    /// Whether all of it is on disk as it is here, and no writer counts on it.
    pub(crate) fn is_stored(&self) -> bool {
        self.stored.whole > 0 && self.before.is_empty() && Arc::strong_count(&self.pending) == 1
    }

    /// An inode that nothing has.
    pub(crate) fn inode_next(&mut self) -> u64 {
        self.inode_last += 1;
        self.inode_last
    }

    /// The value of a `persist.*` property.
    pub(crate) fn property(&self, name: &str) -> Option<&str> {
        match &self.get(PROPERTIES, name)?.what {
            What::File(Content::Inline(value)) => std::str::from_utf8(value).ok(),
            What::File(Content::Pieces(_) | Content::Blob { .. } | Content::System(_))
            | What::Directory
            | What::Link(_)
            | What::Gone => None,
        }
    }

    /// Sets a `persist.*` property.
    pub(crate) fn property_set(&mut self, name: &str, value: &str) {
        self.set(PROPERTIES, name, Some(Entry::value(value)));
    }

    /// Sets an entry, or removes it for none.
    pub(crate) fn set(&mut self, inode: u64, name: &str, entry: Option<Entry>) {
        let key: Key = (inode, name.into());
        if self.map.get(&key) != entry.as_ref() {
            let before = self.put(key.clone(), entry);
            self.before.push((key, before));
        }
    }

    fn put(&mut self, key: Key, entry: Option<Entry>) -> Option<Entry> {
        let name_bytes = key.1.len() as u64;
        let cost = |entry: &Entry| name_bytes.saturating_add(entry.size()).saturating_add(ENTRY_BYTES);
        let on_disk = |entry: &Entry| if entry.blob().is_some() { entry.size() } else { 0 };
        let before = match entry {
            Some(entry) => {
                self.bytes = self.bytes.saturating_add(cost(&entry));
                self.blob_bytes = self.blob_bytes.saturating_add(on_disk(&entry));
                if entry.inode & BASE_INODE == 0 {
                    self.inode_last = self.inode_last.max(entry.inode);
                }
                self.map.insert(key, entry)
            }
            None => self.map.remove(&key),
        };
        if let Some(before) = &before {
            self.bytes = self.bytes.saturating_sub(cost(before));
            self.blob_bytes = self.blob_bytes.saturating_sub(on_disk(before));
        }
        before
    }

    /// Sets an entry that was read from disk.
    pub(crate) fn load(&mut self, key: Key, entry: Option<Entry>) {
        self.put(key, entry);
    }

    /// Names of the entries that changed since the last [`Data::settle`]; some more than once.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &Key> {
        self.before.iter().map(|(key, _)| key)
    }

    /// Whether anything changed since the last [`Data::settle`].
    pub(crate) fn is_changed(&self) -> bool {
        !self.before.is_empty()
    }

    /// Takes the changes for good; returns the files on disk that nothing names any more.
    pub(crate) fn settle(&mut self) -> Vec<u64> {
        let now = |(key, _): &(Key, Option<Entry>)| self.map.get(key).and_then(Entry::blob);
        let kept: HashSet<u64> = self.before.iter().filter_map(now).collect();
        let dropped = self.before.iter().filter_map(|(_, entry)| entry.as_ref().and_then(Entry::blob));
        let dropped = dropped.filter(|id| !kept.contains(id)).collect();
        self.before = Vec::new();
        dropped
    }

    /// Undoes the changes since the last [`Data::settle`].
    pub(crate) fn roll_back(&mut self) {
        for (key, entry) in std::mem::take(&mut self.before).into_iter().rev() {
            self.put(key, entry);
        }
    }

    /// The files on disk that are named.
    pub(crate) fn blobs(&self) -> HashSet<u64> {
        self.map.values().filter_map(Entry::blob).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn blob(id: u64) -> Entry {
        Entry { what: What::File(Content::Blob { id, size: 1000 }), ..Entry::gone() }
    }

    #[test]
    fn what_is_undone_leaves_no_trace() {
        let mut data = Data::default();
        data.property_set("persist.a", "1");
        data.settle();
        let (bytes, memory_bytes) = (data.bytes(), data.memory_bytes());
        data.property_set("persist.a", "longer");
        data.set(1, "b", Some(blob(1)));
        data.set(1, "b", None);
        data.set(1, "b", Some(blob(2)));
        data.roll_back();
        assert_eq!((data.bytes(), data.memory_bytes(), data.count()), (bytes, memory_bytes, 1));
        assert_eq!(data.property("persist.a"), Some("1"));
        assert!(!data.is_changed());
    }

    #[test]
    fn only_files_on_disk_that_nothing_names_any_more_are_dropped() {
        let mut data = Data::default();
        data.set(1, "a", Some(blob(1)));
        data.set(1, "b", Some(blob(2)));
        assert!(data.settle().is_empty());
        data.set(1, "a", None);
        data.set(2, "moved", Some(blob(1)));
        data.set(1, "b", Some(blob(3)));
        assert_eq!(data.settle(), [2]);
        assert_eq!(data.blobs(), HashSet::from([1, 3]));
        assert_eq!(data.memory_bytes(), data.bytes() - 2000);
    }
}
