//! The databases that are measured.

use std::cell::Cell;
use tempfile::TempDir;
use testing::{Durability, Postgres};

/// A place where databases can be made.
pub enum Target {
    /// Files in a directory of their own.
    Sqlite {
        /// Gone at the end.
        dir: TempDir,
        /// Databases made so far.
        made: Cell<u32>,
    },
    /// A server of our own, with its default durability.
    Postgres(Postgres),
}

impl Target {
    /// SQLite.
    pub fn sqlite() -> Result<Self, String> {
        let dir = tempfile::tempdir().map_err(|e| e.to_string())?;
        Ok(Self::Sqlite { dir, made: Cell::new(0) })
    }

    /// PostgreSQL; none when it is not installed.
    pub fn postgres() -> Option<Self> {
        Postgres::start(Durability::On).map(Self::Postgres)
    }

    /// What readers of the report call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite, WAL, synchronous = FULL",
            Self::Postgres(_) => "PostgreSQL, default durability, unix socket",
        }
    }

    /// The URL of a new, empty database.
    pub fn database(&self) -> Result<String, String> {
        match self {
            Self::Sqlite { dir, made } => {
                made.set(made.get() + 1);
                Ok(format!("sqlite:{}", dir.path().join(format!("{}.db", made.get())).display()))
            }
            Self::Postgres(server) => Ok(server.database()),
        }
    }
}
