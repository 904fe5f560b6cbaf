//! A phone's files, as programs inside it see them: paths, permissions, what can be written. What is written
//! is bounded, outlives a restart, and goes with a reset.

pub(crate) mod base;
pub(crate) mod data;
pub(crate) mod disk;
pub(crate) mod file_error;
pub(crate) mod index;
pub(crate) mod keeper;
pub(crate) mod reader;
pub(crate) mod removal;
pub(crate) mod stat;
pub(crate) mod system;
pub(crate) mod tree;
pub(crate) mod writer;

use crate::files::data::{Content, Data, Entry, What};
use crate::files::file_error::FileError;
use crate::files::keeper::Keeper;
use crate::files::reader::FileReader;
use crate::files::stat::{Kind, Stat, Usage};
use crate::files::system::{Facts, Source};
use crate::files::tree::{Place, READ, SEARCH, Tree, WRITE, Who};
use crate::files::writer::FileWriter;
use crate::guest::Guest;
use bytes::Bytes;

/// Permission bits of a mode.
const MODE_BITS: u32 = 0o7777;

/// What a directory says that it is long.
const DIRECTORY_BYTES: u64 = 4096;

impl Guest {
    /// What is at the end of the path.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn stat(&self, path: &str) -> Result<Stat, FileError> {
        let entry = self.look(|tree, who, _| tree.walk(who, path, true)?.found())?;
        self.stat_of(&entry)
    }

    /// As [`Guest::stat`], of a link itself.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn lstat(&self, path: &str) -> Result<Stat, FileError> {
        let entry = self.look(|tree, who, _| tree.walk(who, path, false)?.found())?;
        self.stat_of(&entry)
    }

    /// What a directory holds, by name, without `.` and `..`; links as themselves.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn list(&self, path: &str) -> Result<Vec<(String, Stat)>, FileError> {
        let entries = self.look(|tree, who, _| {
            let entry = tree.walk(who, path, true)?.found()?;
            if entry.what != What::Directory {
                return Err(FileError::NotADirectory);
            }
            allow(who.may(&entry, READ))?;
            let entries = tree.entries(entry.inode).into_iter();
            Ok(entries.map(|(name, entry)| (name.to_owned(), entry.clone())).collect::<Vec<_>>())
        })?;
        entries.into_iter().map(|(name, entry)| Ok((name, self.stat_of(&entry)?))).collect()
    }

    /// The whole of a file of at most `bytes_max` bytes.
    ///
    /// # Errors
    /// A [`FileError`]; [`FileError::Invalid`] for a longer file.
    pub fn read_file(&self, path: &str, bytes_max: usize) -> Result<Bytes, FileError> {
        self.open(path)?.read_all(bytes_max)
    }

    /// Opens a file to read it piece by piece. It reads what was there now, whatever is written meanwhile.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn open(&self, path: &str) -> Result<FileReader, FileError> {
        let opened = self.look(|tree, who, keeper| {
            let entry = tree.walk(who, path, true)?.found()?;
            let content = match &entry.what {
                What::File(content) => content,
                What::Directory => return Err(FileError::IsADirectory),
                What::Link(_) | What::Gone => return Err(FileError::NotFound),
            };
            allow(who.may(&entry, READ))?;
            if let Content::System(source) = content {
                return Ok(Err(*source));
            }
            let reader = FileReader::of_content(content, self.phone_id(), keeper.disk.as_ref())?;
            Ok(Ok(reader.ok_or(FileError::NotFound)?))
        })?;
        match opened {
            Ok(reader) => Ok(reader),
            Err(Source::Zero) => Ok(FileReader::zeros()),
            Err(source) => Ok(FileReader::of(self.render(source)?)),
        }
    }

    /// Begins a file whose directory is there. What it is to replace stays until [`FileWriter::commit`], and
    /// gives it its mode.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn create(&self, path: &str, mode: u32) -> Result<FileWriter, FileError> {
        FileWriter::begin(self, path, mode & MODE_BITS, false)
    }

    /// As [`Guest::create`], but what is written goes behind what is there at the end of writing.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn append(&self, path: &str, mode: u32) -> Result<FileWriter, FileError> {
        FileWriter::begin(self, path, mode & MODE_BITS, true)
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// A [`FileError`]; then the file is as it was.
    pub fn write_file(&self, path: &str, bytes: &[u8], mode: u32) -> Result<(), FileError> {
        let mut writer = self.create(path, mode)?;
        writer.write(bytes)?;
        writer.commit(None)
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn mkdir(&self, path: &str, mode: u32) -> Result<(), FileError> {
        self.change(|data, who| {
            let place = Tree::new(Some(data)).walk(who, path, false)?;
            if place.entry.is_some() {
                return Err(FileError::Exists);
            }
            add(data, who, &place, What::Directory, mode)
        })
    }

    /// Makes a directory and those above it, as far as they are not there.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn mkdir_all(&self, path: &str, mode: u32) -> Result<(), FileError> {
        self.change(|data, who| mkdir_all(data, who, path, mode))
    }

    /// Makes a symbolic link, whether or not its target is there.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn symlink(&self, target: &str, path: &str) -> Result<(), FileError> {
        if target.is_empty() {
            return Err(FileError::NotFound);
        }
        if target.len() > crate::files::tree::PATH_BYTES_MAX {
            return Err(FileError::NameTooLong);
        }
        if target.contains('\0') {
            return Err(FileError::Invalid);
        }
        self.change(|data, who| {
            let place = Tree::new(Some(data)).walk(who, path, false)?;
            if place.entry.is_some() {
                return Err(FileError::Exists);
            }
            if place.odd.is_some() {
                return Err(FileError::NotFound);
            }
            add(data, who, &place, What::Link(target.into()), 0o777)
        })
    }

    /// Where a link points.
    ///
    /// # Errors
    /// A [`FileError`]; [`FileError::Invalid`] for what is no link.
    pub fn readlink(&self, path: &str) -> Result<String, FileError> {
        self.look(|tree, who, _| match tree.walk(who, path, false)?.found()?.what {
            What::Link(target) => Ok(target.into()),
            What::File(_) | What::Directory | What::Gone => Err(FileError::Invalid),
        })
    }

    /// Sets the permission bits. Shared storage has fixed ones: there it changes nothing.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn chmod(&self, path: &str, mode: u32) -> Result<(), FileError> {
        self.alter(path, |entry| {
            if !shared(entry) {
                entry.mode = mode & MODE_BITS;
            }
        })
    }

    /// Sets the time of the last change, in seconds since 1970.
    ///
    /// # Errors
    /// A [`FileError`].
    pub fn set_mtime(&self, path: &str, mtime_s: i64) -> Result<(), FileError> {
        self.alter(path, |entry| entry.mtime_s = mtime_s)
    }

    fn alter(&self, path: &str, alter: impl FnOnce(&mut Entry)) -> Result<(), FileError> {
        let copied = self.copied(path, true)?;
        self.change(|data, who| {
            let place = Tree::new(Some(data)).walk(who, path, true)?;
            let mut entry = place.entry.ok_or(FileError::NotFound)?;
            if !who.writable(&place.path) {
                return Err(FileError::ReadOnly);
            }
            let shared = shared(&entry) && who.may(&entry, WRITE);
            if place.name.is_empty() || !who.owns(&entry) && !shared {
                return Err(FileError::NotPermitted);
            }
            own(&mut entry, copied);
            alter(&mut entry);
            data.set(place.parent.inode, &place.name, Some(entry));
            Ok(())
        })
    }

    /// How full /data is.
    ///
    /// # Errors
    /// [`FileError::Off`], [`FileError::Io`].
    pub fn usage(&self) -> Result<Usage, FileError> {
        Ok(self.inside(|phone, keeper| {
            let used = keeper.open(self.phone_id(), &mut phone.data)?.map_or(0, Data::bytes);
            Ok(Usage { used: used.min(keeper.bytes_max), total: keeper.bytes_max })
        })?)
    }

    fn stat_of(&self, entry: &Entry) -> Result<Stat, FileError> {
        let (kind, size, links) = match &entry.what {
            What::Directory => (Kind::Directory, DIRECTORY_BYTES, 2),
            What::Link(target) => (Kind::Link, target.len() as u64, 1),
            What::File(Content::System(Source::BuildProp)) => {
                (Kind::File, self.render(Source::BuildProp)?.len() as u64, 1)
            }
            What::File(content) => (Kind::File, content.size(), 1),
            What::Gone => return Err(FileError::NotFound),
        };
        let Entry { mode, mtime_s, inode, uid, gid, .. } = *entry;
        Ok(Stat { kind, mode, size, mtime_s, inode, links, uid, gid })
    }

    /// A file that is made up, as it is now.
    fn render(&self, source: Source) -> Result<Bytes, FileError> {
        let started_ms = self.observe()?.started_ms.unwrap_or(0);
        let properties = match source {
            Source::BuildProp => self.getprop_all()?,
            _ => std::collections::BTreeMap::new(),
        };
        let facts = Facts { up_ms: self.clock().now_ms().saturating_sub(started_ms), properties };
        Ok(system::render(source, &facts))
    }

    /// The content of a file that is made up: it is kept once anything about the file is changed.
    pub(crate) fn copied(&self, path: &str, follow: bool) -> Result<Option<Bytes>, FileError> {
        match self.look(|tree, who, _| tree.walk(who, path, follow)?.found())?.what {
            What::File(Content::System(source)) => Ok(Some(self.render(source)?)),
            What::File(_) | What::Directory | What::Link(_) | What::Gone => Ok(None),
        }
    }

    /// On whose behalf this is.
    fn who(&self, session: Option<&crate::session::Session>) -> Who {
        Who {
            privileged: self.is_privileged(),
            uid: if self.is_rooted() || session.is_some_and(|session| session.root) {
                base::ROOT
            } else {
                base::SHELL
            },
            remounted: session.is_some_and(|session| session.remounted),
            now_s: self.clock().wall_ms().div_euclid(1000),
        }
    }

    /// Looks at the tree.
    pub(crate) fn look<T>(
        &self,
        work: impl FnOnce(&Tree<'_>, &Who, &Keeper) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        self.inside(|phone, keeper| {
            let who = self.who(phone.session_if_made());
            let data = keeper.open(self.phone_id(), &mut phone.data)?;
            Ok(work(&Tree::new(data), &who, keeper))
        })?
    }

    /// Changes the tree: all or nothing.
    pub(crate) fn change<T>(
        &self,
        work: impl FnOnce(&mut Data, &Who) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        let (value, dropped) = self.inside(|phone, keeper| {
            let who = self.who(phone.session_if_made());
            Ok(keeper.change_only(self.phone_id(), &mut phone.data, |data| work(data, &who)))
        })??;
        self.emulator().keeper.drop_blobs(self.phone_id(), &dropped);
        Ok(value)
    }
}

pub(crate) fn allow(may: bool) -> Result<(), FileError> {
    if may { Ok(()) } else { Err(FileError::Denied) }
}

/// Whether a name may come to be, or go, at a place.
pub(crate) fn allow_change(who: &Who, place: &Place) -> Result<(), FileError> {
    if !who.writable(&place.path) {
        return Err(FileError::ReadOnly);
    }
    allow(who.may(&place.parent, WRITE | SEARCH))
}

/// As [`Guest::mkdir_all`], as a part of a change.
pub(crate) fn mkdir_all(data: &mut Data, who: &Who, path: &str, mode: u32) -> Result<(), FileError> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
    for end in ends.chain([path.len()]) {
        let above = path.get(..end).ok_or(FileError::Invalid)?;
        let place = Tree::new(Some(data)).walk(who, above, true)?;
        match place.entry.as_ref().map(|entry| &entry.what) {
            Some(What::Directory) => {}
            Some(What::File(_) | What::Link(_) | What::Gone) => return Err(FileError::NotADirectory),
            None => add(data, who, &place, What::Directory, mode)?,
        }
    }
    Ok(())
}

/// Puts something new at a place where nothing is.
pub(crate) fn add(data: &mut Data, who: &Who, place: &Place, what: What, mode: u32) -> Result<(), FileError> {
    allow_change(who, place)?;
    let inode = data.inode_next();
    let mut entry = Entry { what, mode: mode & MODE_BITS, uid: 0, gid: 0, mtime_s: who.now_s, inode };
    settle_in(who, &place.parent, &mut entry);
    data.set(place.parent.inode, &place.name, Some(entry));
    Ok(())
}

/// Whether a directory is part of the storage that all apps share.
pub(crate) fn shared(directory: &Entry) -> bool {
    directory.gid == base::MEDIA_RW
}

/// Gives an entry that is new in a directory its owner. Shared storage has one owner, and fixed permissions;
/// what the system puts somewhere is the place's.
pub(crate) fn settle_in(who: &Who, parent: &Entry, entry: &mut Entry) {
    let inherits = shared(parent) || who.privileged;
    (entry.uid, entry.gid) = if inherits { (parent.uid, parent.gid) } else { (who.uid, who.uid) };
    match &entry.what {
        What::Directory if shared(parent) => entry.mode = 0o770,
        What::File(_) if shared(parent) => entry.mode = 0o660,
        What::Directory | What::File(_) | What::Link(_) | What::Gone => {}
    }
}

/// Makes a file's content the phone's own if it is made up.
pub(crate) fn own(entry: &mut Entry, copied: Option<Bytes>) {
    if let (What::File(content @ Content::System(_)), Some(bytes)) = (&mut entry.what, copied) {
        *content = Content::Inline(bytes);
    }
}
