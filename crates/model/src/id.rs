//! Identifiers: a type for each, so that a phone's id is never taken for a server's.
//!
//! On the wire ids are 32 lower-case hex digits, but documented samples also hold shorter and dashed
//! ones, so ids are compared as opaque strings and only generated as 32 hex
//! (`contract/README.md`, "Ids, times, numbers"). Generated ids are UUIDs of version 7 without dashes:
//! they grow with time, which keeps both databases' indexes dense.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest id that a request may carry, in bytes (`contract/restart.md`).
pub const ID_BYTES_MAX: usize = 32;
/// Longest id of a server, dashes included.
pub const SERVER_ID_BYTES_MAX: usize = 36;

/// A new time-ordered id: 32 lower-case hex digits, growing within a process.
pub fn generate() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

/// Whether the text has the form of an id: 1 to 32 lower-case hex digits.
///
/// Surrounding spaces and capitals are not normalised (`contract/restart.md`).
pub fn well_formed(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether the text has the form of a server's id: samples also hold dashed ones (`contract/README.md`).
pub fn server_well_formed(text: &str) -> bool {
    text.len() <= SERVER_ID_BYTES_MAX && well_formed(&text.replace('-', ""))
}

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new time-ordered id.
            pub fn generate() -> Self {
                Self(generate())
            }

            /// Takes the text as it is; ids are opaque.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id's text, owned.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )+};
}

id_types! {
    /// A project: the tenant that owns phones, servers and private images.
    ProjectId,
    /// A domain (account) that holds projects and users.
    DomainId,
    /// A user of a domain.
    UserId,
    /// A phone.
    PhoneId,
    /// A server: the machine that phones live on.
    ServerId,
    /// A phone image.
    ImageId,
    /// A job: one unit of asynchronous work.
    JobId,
    /// A request: one API call; the key under which its jobs are listed.
    RequestId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_are_well_formed_and_grow() {
        let ids: Vec<String> = (0..1000).map(|_| generate()).collect();
        assert!(ids.iter().all(|id| id.len() == 32 && well_formed(id)));
        assert!(ids.is_sorted(), "ids of one process must grow");
    }

    #[test]
    fn form() {
        for good in ["a", "0123456789abcdef0123456789abcdef", "1678567b8bab40f93711234cb80d0764"] {
            assert!(well_formed(good), "{good}");
        }
        for bad in ["", "A", " a", "a ", "g", "0123456789abcdef0123456789abcdef0", "a-b", "é"] {
            assert!(!well_formed(bad), "{bad}");
        }
    }
}
