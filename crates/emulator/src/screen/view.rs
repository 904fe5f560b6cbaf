//! Everything that the picture of a screen shows.

use super::state::ScreenState;
use crate::phone::boot::Stage;

/// Shortest side of a picture, in pixels.
pub const SIDE_MIN: u32 = 120;
/// Longest side of a picture, in pixels.
pub const SIDE_MAX: u32 = 4096;
/// Android's bounds of a density, in dots per inch.
pub(crate) const DENSITY: std::ops::RangeInclusive<u32> = 72..=1000;

/// An installed app, as the home screen knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct App {
    /// Its package.
    pub package: String,
    /// The activity that opens it.
    pub activity: String,
    /// What people call it.
    pub label: String,
    /// Its version.
    pub version: String,
}

/// What the picture shows.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// Width in pixels, as the screen is held.
    pub width: u32,
    /// Height in pixels, as the screen is held.
    pub height: u32,
    /// Dots per inch: how large everything is.
    pub density: u32,
    /// Monotonic milliseconds: what touches are as old as.
    pub now_ms: u64,
    /// Milliseconds since 1970: what the clock shows, in UTC.
    pub wall_ms: i64,
    /// How long the phone is on, in milliseconds.
    pub uptime_ms: u64,
    /// How far the phone is when it has not booted yet.
    pub booting: Option<Stage>,
    /// The phone's name.
    pub phone_name: &'a str,
    /// Its id.
    pub phone_id: &'a str,
    /// The image's name.
    pub image_name: &'a str,
    /// The image's id.
    pub image_id: &'a str,
    /// The image's Android version.
    pub android_version: &'a str,
    /// Properties that matter: name and value.
    pub properties: &'a [(String, String)],
    /// Installed apps, in the order of their icons.
    pub apps: &'a [App],
    /// There is a status bar.
    pub status_bar: bool,
    /// There is a bar with the buttons back, home and recents.
    pub navigation_bar: bool,
    /// What was done to the screen.
    pub screen: &'a ScreenState,
}

impl View<'_> {
    /// Width and height that are drawn: within the bounds.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.width.clamp(SIDE_MIN, SIDE_MAX), self.height.clamp(SIDE_MIN, SIDE_MAX))
    }

    /// Pixels of a dp. A screen that would have no room for anything is drawn smaller, a huge one larger.
    pub(crate) fn unit(&self) -> f32 {
        let (width, height) = self.size();
        let short = width.min(height) as f32;
        let wanted = self.density.clamp(*DENSITY.start(), *DENSITY.end()) as f32 / 160.0;
        wanted.clamp(short / 900.0, short / 270.0)
    }
}
