//! Taking names out of a phone's file tree, and giving files other names.

use crate::files::base;
use crate::files::data::{Data, Entry, What};
use crate::files::file_error::FileError;
use crate::files::tree::{Odd, Place, READ, SEARCH, Tree, WRITE, Who};
use crate::files::{allow, allow_change, own, settle_in, shared};
use crate::guest::Guest;
use bytes::Bytes;

/// Directories that are part of every phone.
const FIXED: &[&str] = &["/", "/data", "/dev", "/proc", "/sys"];

impl Guest {
    /// Removes a file or a link.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn unlink(&self, path: &str) -> Result<(), FileError> {
        self.change(|data, who| {
            let (place, entry) = target(data, who, path)?;
            if entry.what == What::Directory {
                return Err(FileError::IsADirectory);
            }
            allow_change(who, &place)?;
            take(data, &place);
            Ok(())
        })
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn rmdir(&self, path: &str) -> Result<(), FileError> {
        self.change(|data, who| {
            let (place, entry) = target(data, who, path)?;
            if entry.what != What::Directory {
                return Err(FileError::NotADirectory);
            }
            if !Tree::new(Some(data)).entries(entry.inode).is_empty() {
                return Err(FileError::NotEmpty);
            }
            allow_change(who, &place)?;
            take(data, &place);
            clear(data, entry.inode);
            Ok(())
        })
    }

    /// Removes a file, a link, or a directory with all that is in it; all or nothing.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn remove_all(&self, path: &str) -> Result<(), FileError> {
        self.change(|data, who| remove_all(data, who, path))
    }

    /// Gives a file, link or directory another name; what has that name goes.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let copied = self.copied(from, false)?;
        self.change(|data, who| rename(data, who, from, to, copied))
    }
}

/// As [`Guest::remove_all`], as a part of a change.
pub(crate) fn remove_all(data: &mut Data, who: &Who, path: &str) -> Result<(), FileError> {
    let (place, entry) = target(data, who, path)?;
    allow_change(who, &place)?;
    // Every entry is met once: their number is bounded, and no directory is in two.
    let mut directories = vec![entry];
    while let Some(entry) = directories.pop() {
        if entry.what != What::Directory {
            continue;
        }
        let entries = Tree::new(Some(data)).entries(entry.inode);
        allow(entries.is_empty() || who.may(&entry, READ | WRITE | SEARCH))?;
        directories.extend(entries.into_values().cloned());
        clear(data, entry.inode);
    }
    take(data, &place);
    Ok(())
}

/// As [`Guest::rename`], as a part of a change; `copied` is the content of a file that is made up.
pub(crate) fn rename(
    data: &mut Data,
    who: &Who,
    from: &str,
    to: &str,
    copied: Option<Bytes>,
) -> Result<(), FileError> {
    let (source, mut entry) = target(data, who, from)?;
    let goal = Tree::new(Some(data)).walk(who, to, false)?;
    if goal.odd == Some(Odd::Dots) || within(&goal.path, &source.path) && goal.path != source.path {
        return Err(FileError::Invalid);
    }
    if goal.odd == Some(Odd::Slash) && entry.what != What::Directory {
        return Err(FileError::NotADirectory);
    }
    if FIXED.contains(&goal.path.as_str()) {
        return Err(FileError::NotPermitted);
    }
    for place in [&source, &goal] {
        allow_change(who, place)?;
    }
    if source.path == goal.path {
        return Ok(());
    }
    if let Some(replaced) = &goal.entry {
        replaceable(data, &entry, replaced)?;
        clear(data, replaced.inode);
    }
    own(&mut entry, copied);
    take(data, &source);
    if shared(&source.parent) != shared(&goal.parent) {
        settle_in(who, &goal.parent, &mut entry);
        settle_below(data, who, &entry);
    }
    data.set(goal.parent.inode, &goal.name, Some(entry));
    Ok(())
}

/// What a path names, if it can be removed at all.
fn target(data: &Data, who: &Who, path: &str) -> Result<(Place, Entry), FileError> {
    let place = Tree::new(Some(data)).walk(who, path, false)?;
    let entry = place.entry.clone().ok_or(FileError::NotFound)?;
    if place.odd == Some(Odd::Dots) {
        return Err(FileError::Invalid);
    }
    if !who.writable(&place.path) {
        return Err(FileError::ReadOnly);
    }
    if FIXED.contains(&place.path.as_str()) {
        return Err(FileError::NotPermitted);
    }
    Ok((place, entry))
}

fn within(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn replaceable(data: &Data, entry: &Entry, replaced: &Entry) -> Result<(), FileError> {
    match (entry.what == What::Directory, replaced.what == What::Directory) {
        (false, true) => Err(FileError::IsADirectory),
        (true, false) => Err(FileError::NotADirectory),
        (true, true) if !Tree::new(Some(data)).entries(replaced.inode).is_empty() => Err(FileError::NotEmpty),
        (true, true) | (false, false) => Ok(()),
    }
}

/// Gives everything in a directory that was moved into shared storage, or out of it, its new owner: on a
/// phone that is another file system, and `mv` makes copies.
fn settle_below(data: &mut Data, who: &Who, top: &Entry) {
    let mut directories = vec![top.clone()];
    while let Some(directory) = directories.pop() {
        let entries = Tree::new(Some(data)).entries(directory.inode).into_iter();
        let entries: Vec<_> = entries.map(|(name, entry)| (name.to_owned(), entry.clone())).collect();
        for (name, mut entry) in entries {
            settle_in(who, &directory, &mut entry);
            data.set(directory.inode, &name, Some(entry.clone()));
            if entry.what == What::Directory {
                directories.push(entry);
            }
        }
    }
}

/// Takes a name away; what a fresh phone has there must not come back.
fn take(data: &mut Data, place: &Place) {
    let shown = base::get(place.parent.inode, &place.name).is_some();
    data.set(place.parent.inode, &place.name, shown.then(Entry::gone));
}

/// Takes away what is kept of a directory's entries, once no path leads to it.
fn clear(data: &mut Data, inode: u64) {
    let names: Vec<Box<str>> = data.entries(inode).map(|(name, _)| name.into()).collect();
    for name in names {
        data.set(inode, &name, None);
    }
}
