//! What can go wrong when an emulated phone is asked for something.

use crate::phone::property::PropertyError;
use std::fmt;
use std::io;

/// Why a phone did not do what it was asked for.
#[derive(Debug)]
pub enum Error {
    /// There is no phone with this id.
    UnknownPhone,
    /// An id is 1 to 64 of the letters `[A-Za-z0-9_-]`.
    PhoneId,
    /// The phone must be off for this.
    NotOff,
    /// The phone must be on for this, and have reached [`crate::Stage::Init`].
    NotOn,
    /// The phone refuses to start ([`crate::Fault::Refuses`]).
    Refused,
    /// The property cannot be set.
    Property {
        /// Its name.
        name: String,
        /// The rule that it breaks.
        why: PropertyError,
    },
    /// /data would hold more than it may, in bytes or in entries.
    DataFull {
        /// Most that it may hold, in bytes.
        bytes_max: u64,
    },
    /// /data cannot be read or written.
    Data(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownPhone => f.write_str("no such phone"),
            Self::PhoneId => f.write_str("a phone id is 1 to 64 of the letters A-Z a-z 0-9 _ -"),
            Self::NotOff => f.write_str("the phone is not off"),
            Self::NotOn => f.write_str("the phone is not on, or init does not run yet"),
            Self::Refused => f.write_str("the phone refuses to start"),
            Self::Property { name, why } => write!(f, "property {name:?}: {why}"),
            Self::DataFull { bytes_max } => write!(f, "/data is full: it holds at most {bytes_max} bytes"),
            Self::Data(error) => write!(f, "/data: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Data(error) => Some(error),
            Self::UnknownPhone
            | Self::PhoneId
            | Self::NotOff
            | Self::NotOn
            | Self::Refused
            | Self::Property { .. }
            | Self::DataFull { .. } => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Data(error)
    }
}
