//! Phones as clients read them, and their names.

use crate::audit::{Change, clipped, record};
use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::sql::statements;
use crate::{Page, Store};
use model::id::{ImageId, PhoneId, ProjectId, ServerId};
use model::image;
use model::phone::Phone;
use model::phone_state::PhoneStatus;
use serde_json::Map;
use sqlx::any::AnyRow;

statements! {
    PHONE = "SELECT p.id, p.project_id, p.server_id, p.name, p.phone_model, p.image_id, p.status, p.property, \
        p.custom_property, p.create_ms, p.update_ms, i.android_version \
        FROM phone p LEFT JOIN image i ON i.id = p.image_id WHERE p.id = $1 AND p.project_id = $2";
    // replace() is the one substring test that both databases do alike, capitals included.
    PHONES = "SELECT p.id, p.project_id, p.server_id, p.name, p.phone_model, p.image_id, p.status, p.property, \
        p.custom_property, p.create_ms, p.update_ms, i.android_version \
        FROM phone p LEFT JOIN image i ON i.id = p.image_id WHERE p.project_id = $1 \
        AND ($2 = '' OR p.server_id = $2) AND ($3 = '' OR replace(p.name, $3, '') <> p.name) \
        AND ($4 = 0 OR p.status = $5) \
        ORDER BY p.create_ms DESC, p.id DESC LIMIT $6 OFFSET $7";
    PHONES_COUNT = "SELECT COUNT(*) FROM phone p WHERE p.project_id = $1 \
        AND ($2 = '' OR p.server_id = $2) AND ($3 = '' OR replace(p.name, $3, '') <> p.name) \
        AND ($4 = 0 OR p.status = $5)";
    PHONE_KNOWN = "SELECT COUNT(*) FROM phone WHERE id = $1";
    PHONE_NAME = "SELECT name FROM phone WHERE id = $1 AND project_id = $2 FOR_UPDATE";
    PHONE_RENAME = "UPDATE phone SET name = $3, update_ms = $4 WHERE id = $1 AND project_id = $2";
    PHONES_INSERT = "INSERT INTO phone (id, project_id, server_id, name, phone_model, image_id, status, \
        property, custom_property, epoch, create_ms, update_ms, ordinal) \
        SELECT CAST(value->>0 AS TEXT), $2, $3, CAST(value->>1 AS TEXT), $4, $5, 2, '{}', '{}', 0, $6, $6, \
        CAST(value->>2 AS BIGINT) \
        FROM JSON_ROWS($1)";
}

/// Which phones to list; an absent filter lets everything pass.
#[derive(Debug, Clone, Default)]
pub struct PhoneFilter {
    /// Phones of this server.
    pub server_id: Option<String>,
    /// Phones whose name holds this text.
    pub name_part: Option<String>,
    /// Phones with this status number.
    pub status: Option<i64>,
}

impl Store {
    /// One phone of the project.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phone_get(
        &self,
        project_id: &ProjectId,
        phone_id: &str,
    ) -> Result<Option<Phone>, StoreError> {
        let rows = self.db.read(PHONE, args![phone_id, project_id.as_str()]).await?;
        rows.first().map(|row| from_row(row, Some(11))).transpose()
    }

    /// Phones of the project, newest first, and how many there are before paging.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phones_list(
        &self,
        project_id: &ProjectId,
        filter: &PhoneFilter,
        page: Page,
    ) -> Result<(Vec<Phone>, i64), StoreError> {
        let common = || {
            args![
                project_id.as_str(),
                filter.server_id.as_deref().unwrap_or(""),
                filter.name_part.as_deref().unwrap_or(""),
                i64::from(filter.status.is_some()),
                filter.status.unwrap_or(0),
            ]
        };
        let mut with_page = common();
        with_page.extend(args![page.limit, page.offset]);
        let rows = self.db.read(PHONES, with_page).await?;
        let count = self.db.read(PHONES_COUNT, common()).await?;
        let count = count.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
        let phones = rows.iter().map(|row| from_row(row, Some(11))).collect::<Result<_, _>>()?;
        Ok((phones, count))
    }

    /// Whether any project has a phone with this id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phone_known(&self, phone_id: &str) -> Result<bool, StoreError> {
        let rows = self.db.read(PHONE_KNOWN, args![phone_id]).await?;
        Ok(rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0) > 0)
    }

    /// Renames a phone of the project and keeps the change with both names; tells whether there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn phone_rename(
        &self,
        project_id: &ProjectId,
        phone_id: &str,
        name: &str,
        change: Change,
    ) -> Result<bool, StoreError> {
        let now_ms = self.clock.now_ms();
        let mut tx = self.db.begin().await?;
        let rows = tx.rows(PHONE_NAME, args![phone_id, project_id.as_str()]).await?;
        let Some(row) = rows.first() else { return Ok(false) };
        let names = [row.text(0)?, name.to_string()];
        let [before, after] = names.map(|name| Map::from_iter([("phone_name".into(), clipped(&name))]));
        tx.run(PHONE_RENAME, args![phone_id, project_id.as_str(), name, now_ms]).await?;
        let target = Some(phone_id.to_string());
        let project_id = Some(project_id.clone());
        record(&mut tx, &[Change { target, project_id, before, after, ..change }], now_ms).await?;
        tx.commit().await?;
        Ok(true)
    }
}

pub(crate) fn status(number: i64) -> Result<PhoneStatus, StoreError> {
    PhoneStatus::from_number(number)
        .ok_or_else(|| StoreError::Unreadable { what: "phone.status", value: number.to_string() })
}

/// A phone from the eleven columns that every phone statement starts with.
pub(crate) fn from_row(row: &AnyRow, android_version: Option<usize>) -> Result<Phone, StoreError> {
    let version = android_version.map(|column| row.opt_text(column)).transpose()?.flatten();
    Ok(Phone {
        id: PhoneId::new(row.text(0)?),
        project_id: ProjectId::new(row.text(1)?),
        server_id: ServerId::new(row.text(2)?),
        name: row.text(3)?,
        phone_model: row.text(4)?,
        image_id: ImageId::new(row.text(5)?),
        image_version: version.map(|v| image::version(&v)).unwrap_or_default(),
        status: status(row.int(6)?)?,
        property: row.text(7)?,
        custom_property: row.text(8)?,
        create_ms: row.int(9)?,
        update_ms: row.int(10)?,
    })
}
