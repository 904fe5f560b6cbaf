//! What an operator wants to know of everything at once.

use crate::Store;
use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::sql::{Dialect, statements};
use model::id::ServerId;

statements! {
    // Ids grow with time, so the first active job is the oldest.
    OLDEST = "SELECT begin_ms FROM job WHERE status = 1 ORDER BY id LIMIT 1";
    PHONES_BY_STATUS = "SELECT server_id, status, COUNT(*) FROM phone GROUP BY server_id, status \
        ORDER BY server_id, status";
}

/// How many phones of a server have one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPhones {
    /// The server.
    pub server_id: ServerId,
    /// The phones' status number.
    pub status: i64,
    /// How many there are.
    pub phones: i64,
}

impl Store {
    /// When the oldest job was accepted that has not ended, epoch milliseconds; none without one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn jobs_oldest_ms(&self) -> Result<Option<i64>, StoreError> {
        let rows = self.db.read(OLDEST, args![]).await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// Every server's phones, counted by status.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phones_by_status(&self) -> Result<Vec<ServerPhones>, StoreError> {
        let rows = self.db.read(PHONES_BY_STATUS, args![]).await?;
        rows.iter()
            .map(|row| {
                Ok(ServerPhones {
                    server_id: ServerId::new(row.text(0)?),
                    status: row.int(1)?,
                    phones: row.int(2)?,
                })
            })
            .collect()
    }

    /// The database's name, for people.
    pub fn database_name(&self) -> &'static str {
        match self.db.dialect() {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
        }
    }
}
