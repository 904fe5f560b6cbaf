//! What there is to know of a phone's files beside their content.

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
}

/// What there is to know of a file beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Permission bits (0o7777).
    pub mode: u32,
    /// Length in bytes.
    pub size: u64,
    /// When it was last written, in seconds since 1970.
    pub mtime_s: i64,
    /// Its number, unique within the phone.
    pub inode: u64,
    /// Names that lead to it.
    pub links: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl Stat {
    /// Linux's `st_mode`: the kind and the permission bits.
    pub fn st_mode(&self) -> u32 {
        let kind = match self.kind {
            Kind::File => 0o100_000,
            Kind::Directory => 0o040_000,
            Kind::Link => 0o120_000,
        };
        kind | self.mode
    }
}

/// How full /data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Bytes in use, each file's cost beside its content included.
    pub used: u64,
    /// Bytes that it may hold.
    pub total: u64,
}
