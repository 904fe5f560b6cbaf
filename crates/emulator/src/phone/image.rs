//! What phones boot from.

use std::collections::BTreeMap;
use std::sync::Arc;

/// An image, shared by every phone that boots from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its name, as the phone's screen shows it.
    pub name: String,
    /// Android version, for example `11`; phones show it as `ro.build.version.release` unless the build
    /// properties say otherwise.
    pub android_version: String,
    /// Properties that the image brings along (its build.prop).
    pub build_properties: Arc<BTreeMap<String, String>>,
}
