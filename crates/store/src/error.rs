//! What can go wrong with stored data.

use model::code::{self, Refusal};

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(sqlx::migrate::MigrateError),
    /// A later version of the service has changed the schema.
    #[error(
        "a newer phoneyard has used this database: its migration {0} is not known here. Run that version or a \
         later one, or restore a backup from before the upgrade; nothing was changed"
    )]
    Newer(i64),
    /// Another process uses this database.
    #[error("{0}")]
    Busy(String),
    /// The SQLite library is too old to be safe.
    #[error("SQLite {found} is older than {floor}: it can corrupt a database in WAL mode")]
    SqliteTooOld {
        /// The version found.
        found: String,
        /// The oldest version allowed.
        floor: &'static str,
    },
    /// A stored row makes no sense to this version.
    #[error("stored {what} is not readable: {value}")]
    Unreadable {
        /// Which column.
        what: &'static str,
        /// What it holds.
        value: String,
    },
    /// The key that seals secrets does not open them.
    #[error("the secret key does not open the stored access key {0}")]
    Unsealable(String),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// An operator named something that is missing or exists already.
    #[error("{0}")]
    Operator(String),
    /// Two writers changed the same rows; the caller may try again.
    #[error("stored rows changed meanwhile")]
    Conflict,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the database is out of reach or cannot work now, rather than the request at fault: the same
    /// may go well later.
    pub fn unavailable(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| for_now(&code)),
            Self::Database(e) => matches!(
                e,
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
                    | sqlx::Error::Tls(_)
            ),
            Self::Closed => true,
            _ => false,
        }
    }
}

/// Whether a database's code tells of a state that passes: it is busy, starting, stopping or full, or its disk
/// fails.
fn for_now(code: &str) -> bool {
    // SQLite's codes are numbers with the kind in the low byte: BUSY, LOCKED, IOERR, FULL, CANTOPEN.
    // PostgreSQL's have five letters with the class in front.
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 10 | 13 | 14),
        _ => matches!(code.get(..2), Some("08" | "53" | "57" | "58")),
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::VersionMissing(migration) => Self::Newer(migration),
            error => Self::Migration(error),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // 40001 serialization failure, 40P01 deadlock: PostgreSQL undid the transaction; it may be tried again.
        let code = error.as_database_error().and_then(|e| e.code());
        match code.as_deref() {
            Some("40001" | "40P01") => Self::Conflict,
            _ => Self::Database(error),
        }
    }
}

impl From<StoreError> for Refusal {
    /// Clients never see what went wrong inside, only that it did (CPS.0003).
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store");
        code::INTERNAL_ERROR.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_pass_are_told_from_faults() {
        for code in ["5", "6", "261", "10", "1034", "13", "14", "08006", "53300", "57P01", "57P03", "58030"] {
            assert!(for_now(code), "{code}");
        }
        for code in ["1", "19", "2067", "1555", "23505", "22P05", "42601", "22021", "40001", ""] {
            assert!(!for_now(code), "{code}");
        }
    }
}
