//! Servers as clients read them.

use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::sql::statements;
use crate::{Page, Store};
use model::id::{ProjectId, ServerId};
use model::server::Server;
use model::server_state::ServerStatus;
use sqlx::any::AnyRow;

statements! {
    SERVER = "SELECT id, project_id, name, server_model, phone_model, status, create_ms, update_ms \
        FROM server WHERE id = $1 AND project_id = $2";
    SERVERS = "SELECT id, project_id, name, server_model, phone_model, status, create_ms, update_ms \
        FROM server WHERE project_id = $1 AND ($2 = '' OR id = $2) \
        AND ($3 = '' OR replace(name, $3, '') <> name) AND ($4 = '' OR phone_model = $4) \
        AND ($5 = 0 OR status = $6) AND create_ms >= $7 AND create_ms <= $8 \
        ORDER BY create_ms DESC, id DESC LIMIT $9 OFFSET $10";
    SERVERS_COUNT = "SELECT COUNT(*) FROM server WHERE project_id = $1 AND ($2 = '' OR id = $2) \
        AND ($3 = '' OR replace(name, $3, '') <> name) AND ($4 = '' OR phone_model = $4) \
        AND ($5 = 0 OR status = $6) AND create_ms >= $7 AND create_ms <= $8";
    SERVERS_ALL = "SELECT id, project_id, name, server_model, phone_model, status, create_ms, update_ms \
        FROM server ORDER BY id";
    SERVER_INSERT = "INSERT INTO server (id, project_id, name, server_model, phone_model, status, create_ms, \
        update_ms) VALUES ($1, $2, $3, $4, $5, 5, $6, $6)";
}

/// Which servers to list; an absent filter lets everything pass.
#[derive(Debug, Clone, Default)]
pub struct ServerFilter {
    /// The server with this id.
    pub server_id: Option<String>,
    /// Servers whose name holds this text.
    pub name_part: Option<String>,
    /// Servers with phones of this model.
    pub phone_model: Option<String>,
    /// Servers with this status number.
    pub status: Option<i64>,
    /// Created at this time or later, epoch milliseconds.
    pub create_since_ms: Option<i64>,
    /// Created at this time or earlier, epoch milliseconds.
    pub create_until_ms: Option<i64>,
}

impl Store {
    /// One server of the project.
    ///
    /// # Errors
    /// What the database says.
    pub async fn server_get(
        &self,
        project_id: &ProjectId,
        server_id: &str,
    ) -> Result<Option<Server>, StoreError> {
        let rows = self.db.read(SERVER, args![server_id, project_id.as_str()]).await?;
        rows.first().map(from_row).transpose()
    }

    /// Servers of the project, newest first, and how many there are before paging.
    ///
    /// # Errors
    /// What the database says.
    pub async fn servers_list(
        &self,
        project_id: &ProjectId,
        filter: &ServerFilter,
        page: Page,
    ) -> Result<(Vec<Server>, i64), StoreError> {
        let common = || {
            args![
                project_id.as_str(),
                filter.server_id.as_deref().unwrap_or(""),
                filter.name_part.as_deref().unwrap_or(""),
                filter.phone_model.as_deref().unwrap_or(""),
                i64::from(filter.status.is_some()),
                filter.status.unwrap_or(0),
                filter.create_since_ms.unwrap_or(0),
                filter.create_until_ms.unwrap_or(i64::MAX),
            ]
        };
        let mut with_page = common();
        with_page.extend(args![page.limit, page.offset]);
        let rows = self.db.read(SERVERS, with_page).await?;
        let count = self.db.read(SERVERS_COUNT, common()).await?;
        let count = count.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
        Ok((rows.iter().map(from_row).collect::<Result<_, _>>()?, count))
    }

    /// Every server of every project: what the supervisor watches over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn servers_all(&self) -> Result<Vec<Server>, StoreError> {
        self.db.read(SERVERS_ALL, args![]).await?.iter().map(from_row).collect()
    }
}

pub(crate) fn status(number: i64) -> Result<ServerStatus, StoreError> {
    ServerStatus::from_number(number)
        .ok_or_else(|| StoreError::Unreadable { what: "server.status", value: number.to_string() })
}

fn from_row(row: &AnyRow) -> Result<Server, StoreError> {
    Ok(Server {
        id: ServerId::new(row.text(0)?),
        project_id: ProjectId::new(row.text(1)?),
        name: row.text(2)?,
        server_model: row.text(3)?,
        phone_model: row.text(4)?,
        status: status(row.int(5)?)?,
        create_ms: row.int(6)?,
        update_ms: row.int(7)?,
    })
}
