//! Why a file of a phone cannot be had, in Linux's numbers and Android's words.

use crate::error::Error;
use std::fmt;
use std::io;

/// Why an operation on a phone's files failed.
#[derive(Debug)]
pub enum FileError {
    /// ENOENT: a part of the path is not there.
    NotFound,
    /// ENOTDIR: a part of the path that has to be a directory is none.
    NotADirectory,
    /// EISDIR: it is a directory.
    IsADirectory,
    /// EEXIST: it is there already.
    Exists,
    /// ENOTEMPTY: the directory holds something.
    NotEmpty,
    /// EROFS: this part of the phone cannot be written.
    ReadOnly,
    /// ENOSPC: /data would hold more than it may, or the machine's disk is full.
    NoSpace,
    /// ENAMETOOLONG: a path over 1024 bytes, or a name over 255.
    NameTooLong,
    /// ELOOP: more than 40 links on the way.
    TooManyLinks,
    /// EINVAL: the request makes no sense here.
    Invalid,
    /// EPERM: nobody, or only the owner, may do that.
    NotPermitted,
    /// EACCES: the permissions forbid it.
    Denied,
    /// ENODEV: the boot that the caller belongs to has ended.
    Off,
    /// EIO: the machine's disk failed, or what is kept there is damaged.
    Io(io::Error),
}

impl FileError {
    /// Linux's number of the error.
    pub fn errno(&self) -> u32 {
        match self {
            Self::NotPermitted => 1,
            Self::NotFound => 2,
            Self::Io(_) => 5,
            Self::Denied => 13,
            Self::Exists => 17,
            Self::Off => 19,
            Self::NotADirectory => 20,
            Self::IsADirectory => 21,
            Self::Invalid => 22,
            Self::NoSpace => 28,
            Self::ReadOnly => 30,
            Self::NameTooLong => 36,
            Self::NotEmpty => 39,
            Self::TooManyLinks => 40,
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotPermitted => "Operation not permitted",
            Self::NotFound => "No such file or directory",
            Self::Io(_) => "I/O error",
            Self::Denied => "Permission denied",
            Self::Exists => "File exists",
            Self::Off => "No such device",
            Self::NotADirectory => "Not a directory",
            Self::IsADirectory => "Is a directory",
            Self::Invalid => "Invalid argument",
            Self::NoSpace => "No space left on device",
            Self::ReadOnly => "Read-only file system",
            Self::NameTooLong => "File name too long",
            Self::NotEmpty => "Directory not empty",
            Self::TooManyLinks => "Too many symbolic links encountered",
        })
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::NotPermitted
            | Self::NotFound
            | Self::Denied
            | Self::Exists
            | Self::Off
            | Self::NotADirectory
            | Self::IsADirectory
            | Self::Invalid
            | Self::NoSpace
            | Self::ReadOnly
            | Self::NameTooLong
            | Self::NotEmpty
            | Self::TooManyLinks => None,
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::StorageFull { Self::NoSpace } else { Self::Io(error) }
    }
}

impl From<Error> for FileError {
    fn from(error: Error) -> Self {
        match error {
            Error::UnknownPhone | Error::NotOn | Error::NotOff => Self::Off,
            Error::DataFull { .. } => Self::NoSpace,
            Error::Data(error) => error.into(),
            Error::PhoneId | Error::Refused | Error::Property { .. } => Self::Invalid,
        }
    }
}
