//! Where a path leads: what a phone keeps, laid over what every phone has.

use crate::files::base;
use crate::files::data::{Data, Entry, What};
use crate::files::file_error::FileError;
use std::collections::BTreeMap;

/// Longest path, in bytes.
pub const PATH_BYTES_MAX: usize = 1024;

/// Longest name of a file, in bytes.
pub const NAME_BYTES_MAX: usize = 255;

/// Links followed on the way along one path, as on Linux.
pub(crate) const LINKS_MAX: usize = 40;

/// Names still to be walked at any moment: those of a path, and of the links found on it.
const NAMES_AHEAD_MAX: usize = 4 * PATH_BYTES_MAX;

/// Permissions, as bits of a mode's last digit.
pub(crate) const READ: u32 = 4;
pub(crate) const WRITE: u32 = 2;
pub(crate) const SEARCH: u32 = 1;

/// On whose behalf, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who {
    /// No permission is looked at.
    pub(crate) privileged: bool,
    pub(crate) uid: u32,
    /// The system part can be written too.
    pub(crate) remounted: bool,
    /// Seconds since 1970.
    pub(crate) now_s: i64,
}

impl Who {
    /// Whether they may do all of this with it.
    pub(crate) fn may(&self, entry: &Entry, wanted: u32) -> bool {
        if self.privileged || self.uid == base::ROOT {
            return true;
        }
        let granted = if entry.uid == self.uid {
            entry.mode >> 6
        } else if crate::users::shell_is_let_in(entry.gid) {
            entry.mode >> 3
        } else {
            entry.mode
        };
        granted & wanted == wanted
    }

    /// Whether they may change its mode and times.
    pub(crate) fn owns(&self, entry: &Entry) -> bool {
        self.privileged || self.uid == base::ROOT || self.uid == entry.uid
    }

    /// Whether what is at this path, which has no links in it, can be written by anybody.
    pub(crate) fn writable(&self, path: &str) -> bool {
        let below =
            |top: &str| path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below("/data") || self.remounted && !["/dev", "/proc", "/sys"].into_iter().any(below)
    }
}

/// Where a path leads.
#[derive(Debug)]
pub(crate) struct Place {
    /// The path without links, `.` and `..`.
    pub(crate) path: String,
    /// The directory that it is in; `/` itself for `/`.
    pub(crate) parent: Entry,
    /// Its name there; empty for `/`.
    pub(crate) name: Box<str>,
    /// What is there.
    pub(crate) entry: Option<Entry>,
    /// The path as given ends in `.`, `..` or `/`.
    pub(crate) odd: Option<Odd>,
}

/// Ends of a path that not every operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    Dots,
    Slash,
}

impl Place {
    /// What is there.
    pub(crate) fn found(self) -> Result<Entry, FileError> {
        self.entry.ok_or(FileError::NotFound)
    }
}

/// A phone's file tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tree<'a> {
    data: Option<&'a Data>,
}

impl<'a> Tree<'a> {
    /// The tree of a phone that keeps this.
    pub(crate) fn new(data: Option<&'a Data>) -> Self {
        Self { data }
    }

    fn child(&self, inode: u64, name: &str) -> Option<&'a Entry> {
        let entry = self.data.and_then(|data| data.get(inode, name)).or_else(|| base::get(inode, name));
        entry.filter(|entry| entry.what != What::Gone)
    }

    /// The entries of a directory by name.
    pub(crate) fn entries(&self, inode: u64) -> BTreeMap<&'a str, &'a Entry> {
        let mut entries: BTreeMap<&str, &Entry> = base::entries(inode).collect();
        entries.extend(self.data.into_iter().flat_map(|data| data.entries(inode)));
        entries.retain(|_, entry| entry.what != What::Gone);
        entries
    }

    /// Walks along a path. A missing last name is a place too, with nothing there; a link there is followed
    /// only if asked for, or if the path ends in `/`.
    pub(crate) fn walk(&self, who: &Who, path: &str, follow: bool) -> Result<Place, FileError> {
        check(path)?;
        let odd = odd(path);
        let mut ahead: Vec<Box<str>> = names(path);
        let mut trail: Vec<(Box<str>, &Entry)> = Vec::new();
        let mut links = 0;
        while let Some(name) = ahead.pop() {
            let here = trail.last().map_or(base::top(), |(_, entry)| *entry);
            if here.what != What::Directory {
                return Err(FileError::NotADirectory);
            }
            if !who.may(here, SEARCH) {
                return Err(FileError::Denied);
            }
            match name.as_ref() {
                "." => continue,
                ".." => {
                    trail.pop();
                    continue;
                }
                long if long.len() > NAME_BYTES_MAX => return Err(FileError::NameTooLong),
                _ => {}
            }
            let Some(entry) = self.child(here.inode, &name) else {
                let last = ahead.is_empty();
                return if last { Ok(place(trail, Some(name), odd)) } else { Err(FileError::NotFound) };
            };
            let through = follow || !ahead.is_empty() || odd == Some(Odd::Slash);
            match &entry.what {
                What::Link(target) if through => {
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(FileError::TooManyLinks);
                    }
                    if target.starts_with('/') {
                        trail.clear();
                    }
                    ahead.extend(names(target));
                    if ahead.len() > NAMES_AHEAD_MAX {
                        return Err(FileError::NameTooLong);
                    }
                }
                What::Link(_) | What::Directory | What::File(_) | What::Gone => trail.push((name, entry)),
            }
        }
        let last = trail.last().map_or(base::top(), |(_, entry)| *entry);
        if odd == Some(Odd::Slash) && last.what != What::Directory {
            return Err(FileError::NotADirectory);
        }
        Ok(place(trail, None, odd))
    }
}

fn check(path: &str) -> Result<(), FileError> {
    if path.is_empty() {
        return Err(FileError::NotFound);
    }
    if path.len() > PATH_BYTES_MAX {
        return Err(FileError::NameTooLong);
    }
    if path.contains('\0') { Err(FileError::Invalid) } else { Ok(()) }
}

fn odd(path: &str) -> Option<Odd> {
    match path.rsplit('/').next() {
        Some("." | "..") => Some(Odd::Dots),
        Some("") => Some(Odd::Slash),
        Some(_) | None => None,
    }
}

/// The names of a path, the first one last.
fn names(path: &str) -> Vec<Box<str>> {
    path.split('/').filter(|name| !name.is_empty()).rev().map(Into::into).collect()
}

/// The end of the trail, or a name that is missing there.
fn place(mut trail: Vec<(Box<str>, &Entry)>, missing: Option<Box<str>>, odd: Option<Odd>) -> Place {
    let mut path: String = trail.iter().flat_map(|(name, _)| ["/", name.as_ref()]).collect();
    let (name, entry) = match missing {
        Some(name) => {
            path.extend(["/", name.as_ref()]);
            (name, None)
        }
        None => match trail.pop() {
            Some((name, entry)) => (name, Some(entry.clone())),
            None => (Box::default(), Some(base::top().clone())),
        },
    };
    if path.is_empty() {
        path.push('/');
    }
    let parent = trail.last().map_or(base::top(), |(_, entry)| *entry).clone();
    Place { path, parent, name, entry, odd }
}
