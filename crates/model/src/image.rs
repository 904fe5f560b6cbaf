//! A phone image as it is stored.

use crate::id::{ImageId, ProjectId};
use std::collections::BTreeMap;

/// Label of images for ordinary phones (`contract/operations.md`, structure PhoneImage).
pub const LABEL_CLOUD_PHONE: &str = "cloud_phone";

/// Every image label that the contract names.
pub const LABELS: [&str; 5] =
    [LABEL_CLOUD_PHONE, "cloud_phone_1620", "cloud_game", "cloud_game_1620", "qemu_phone"];

/// Where an image shared with a project stands (`contract/statuses.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiveStatus {
    /// The share waits for the receiver; the image cannot be used yet.
    Waiting,
    /// Accepted: usable.
    Accepted,
    /// Rejected.
    Rejected,
}

impl ReceiveStatus {
    /// The wire and storage number.
    pub fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Accepted => 1,
            Self::Rejected => 2,
        }
    }

    /// The value of a stored number.
    pub fn from_number(number: i64) -> Option<Self> {
        [Self::Waiting, Self::Accepted, Self::Rejected].into_iter().find(|s| s.number() == number)
    }
}

/// One image, seen from one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: ImageId,
    /// The owner; none for a public image.
    pub project_id: Option<ProjectId>,
    /// Name.
    pub name: String,
    /// Android version, for example `11`.
    pub android_version: String,
    /// Which phone models it suits: one of [`LABELS`].
    pub label: String,
    /// Properties that the image brings along (its build.prop).
    pub build_properties: BTreeMap<String, String>,
    /// Set when the image is another project's and shared with the asking one.
    pub receive_status: Option<ReceiveStatus>,
    /// Epoch milliseconds.
    pub create_ms: i64,
}

impl Image {
    /// The version text that phones show, for example `AOSP 11`.
    pub fn version(&self) -> String {
        version(&self.android_version)
    }

    /// Whether phones of the project that sees this image may boot from it.
    ///
    /// A share that is not accepted cannot be used (`contract/restart.md`, "What image_id does").
    pub fn usable(&self) -> bool {
        matches!(self.receive_status, None | Some(ReceiveStatus::Accepted))
    }
}

/// The version text of an Android version, for example `AOSP 11`.
pub fn version(android_version: &str) -> String {
    format!("AOSP {android_version}")
}
