//! What a driver is told about a phone, and what it is to make of it.

use model::id::{ImageId, PhoneId, ServerId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An image that phones boot from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSpec {
    /// Its id.
    pub id: ImageId,
    /// Its name.
    pub name: String,
    /// Version text, for example `AOSP 11.0`.
    pub version: String,
    /// Properties that it brings along (its build.prop).
    pub build_properties: BTreeMap<String, String>,
}

/// An image with properties: what a phone is started with. At rest a phone has exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// The image.
    pub image: Arc<ImageSpec>,
    /// The properties to set as the phone boots.
    pub properties: BTreeMap<String, String>,
}

/// A phone as it is believed to be, and under which epoch somebody acts on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneSpec {
    /// Its id.
    pub phone_id: PhoneId,
    /// The server it lives on.
    pub server_id: ServerId,
    /// Its name.
    pub phone_name: String,
    /// Name of its phone model.
    pub phone_model: String,
    /// Grows over all that is ever done to the phone; who comes with a lower one than was seen is late.
    pub epoch: i64,
    /// The generation in force: the phone returns to it when what is wanted fails.
    pub was: Generation,
    /// Whether it was running before.
    pub was_running: bool,
}

/// What is wanted of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Freshly booted with the generation. A phone that runs already is restarted.
    Running {
        /// Image and properties.
        generation: Generation,
        /// Wipe the user data first; otherwise it is kept.
        wipe: bool,
    },
    /// Off.
    Stopped,
    /// These properties set, without touching the power. What can only be set at boot (`ro.*`, and values
    /// that are too long for a running phone) is left to the next one, as is everything when the phone does
    /// not run.
    Live {
        /// The properties.
        properties: BTreeMap<String, String>,
    },
}

/// What a phone wants by itself: somebody inside asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The phone.
    pub phone_id: PhoneId,
    /// The boot in which it was uttered: it ends with it.
    pub boot_id: u64,
    /// Off for good; otherwise off and on again.
    pub power_off: bool,
    /// As it was put, for example `userrequested`; may be empty.
    pub reason: String,
}
