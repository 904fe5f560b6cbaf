//! Images, as projects see them.

use crate::Store;
use crate::db::{Columns, args};
use crate::error::StoreError;
use crate::sql::statements;
use model::id::{ImageId, ProjectId};
use model::image::{Image, ReceiveStatus};
use sqlx::any::AnyRow;

statements! {
    IMAGE = "SELECT i.id, i.name, i.android_version, i.label, i.build_properties, i.create_ms, i.project_id, \
        NULL FROM image i WHERE i.id = $1";
    IMAGES = "SELECT i.id, i.name, i.android_version, i.label, i.build_properties, i.create_ms, i.project_id, \
        m.status FROM image i LEFT JOIN image_member m ON m.image_id = i.id AND m.project_id = $1 \
        WHERE (i.project_id IS NULL OR i.project_id = $1 OR m.status IS NOT NULL) \
        ORDER BY i.create_ms DESC, i.id DESC";
    IMAGE_INSERT = "INSERT INTO image (id, project_id, name, android_version, label, build_properties, create_ms) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    IMAGE_SHARE = "INSERT INTO image_member (image_id, project_id, status) VALUES ($1, $2, $3) \
        ON CONFLICT (image_id, project_id) DO UPDATE SET status = $3";
}

impl Store {
    /// One image, whoever owns it: what a job needs to boot from.
    ///
    /// # Errors
    /// What the database says.
    pub async fn image_get(&self, image_id: &ImageId) -> Result<Option<Image>, StoreError> {
        let rows = self.db.read(IMAGE, args![image_id.as_str()]).await?;
        rows.first().map(|row| from_row(row, 0)).transpose()
    }

    /// The images that a project sees: public ones, its own, and those shared with it; newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn images_list(&self, project_id: &ProjectId) -> Result<Vec<Image>, StoreError> {
        let rows = self.db.read(IMAGES, args![project_id.as_str()]).await?;
        rows.iter().map(|row| from_row(row, 0)).collect()
    }

    /// Stores a new image.
    ///
    /// # Errors
    /// What the database says.
    pub async fn image_insert(&self, image: &Image) -> Result<(), StoreError> {
        let args = args![
            image.id.as_str(),
            image.project_id.as_ref().map(ToString::to_string),
            image.name.as_str(),
            image.android_version.as_str(),
            image.label.as_str(),
            crate::json(&image.build_properties),
            image.create_ms,
        ];
        self.db.write(IMAGE_INSERT, args).await.map(drop)
    }

    /// Shares an image with a project, or changes where the share stands.
    ///
    /// # Errors
    /// What the database says.
    pub async fn image_share(
        &self,
        image_id: &ImageId,
        project_id: &ProjectId,
        status: ReceiveStatus,
    ) -> Result<(), StoreError> {
        let args = args![image_id.as_str(), project_id.as_str(), status.number()];
        self.db.write(IMAGE_SHARE, args).await.map(drop)
    }
}

/// An image from the eight columns that every image statement holds, starting at `first`.
pub(crate) fn from_row(row: &AnyRow, first: usize) -> Result<Image, StoreError> {
    let properties = row.text(first + 4)?;
    let receive_status = match row.opt_int(first + 7)? {
        None => None,
        Some(number) => Some(ReceiveStatus::from_number(number).ok_or_else(|| StoreError::Unreadable {
            what: "image_member.status",
            value: number.to_string(),
        })?),
    };
    Ok(Image {
        id: ImageId::new(row.text(first)?),
        name: row.text(first + 1)?,
        android_version: row.text(first + 2)?,
        label: row.text(first + 3)?,
        build_properties: serde_json::from_str(&properties)
            .map_err(|_| StoreError::Unreadable { what: "image.build_properties", value: properties })?,
        create_ms: row.int(first + 5)?,
        project_id: row.opt_text(first + 6)?.map(ProjectId::new),
        receive_status,
    })
}
