//! A phone as it is stored.

use crate::id::{ImageId, PhoneId, ProjectId, ServerId};
use crate::phone_state::PhoneStatus;

/// One phone (`contract/operations.md`, structures Phone and ShowCloudPhoneDetail).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// Its id.
    pub id: PhoneId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The server it lives on.
    pub server_id: ServerId,
    /// Name, 1 to 65 characters.
    pub name: String,
    /// Name of its phone model.
    pub phone_model: String,
    /// The image in force.
    pub image_id: ImageId,
    /// Version text of that image, for example `AOSP 11.0`.
    pub image_version: String,
    /// Its status.
    pub status: PhoneStatus,
    /// The properties in force: a JSON object's text, at most 2048 bytes.
    pub property: String,
    /// The custom properties in force: a JSON object's text.
    pub custom_property: String,
    /// Epoch milliseconds.
    pub create_ms: i64,
    /// Epoch milliseconds; changes with each step of its status.
    pub update_ms: i64,
}
