//! How large the display is: what the hardware says, and what `wm` forces instead.

use super::view::{DENSITY, SIDE_MAX, SIDE_MIN};
use crate::apps::settings::{self, Table};
use crate::error::Error;
use crate::files::file_error::FileError;
use crate::guest::Guest;

/// Quarter turns that make a whole one.
const TURNS: u8 = 4;
/// Width, height and density of a phone that says nothing else.
const DEFAULT: (u32, u32, u32) = (720, 1280, 320);
/// Smallest side that `wm size` forces (AOSP `DisplayContent.setForcedSize`).
const FORCED_SIDE_MIN: u32 = 200;
/// How many times as long as the real side a forced one is at most.
const FORCED_SCALE_MAX: u32 = 2;
/// Largest side that is forced on a display whose real sides are not larger: a picture takes time and memory.
const FORCED_SIDE_MAX: u32 = 2560;
/// The setting that holds a forced size: width and height with a comma between.
const SIZE: (Table, &str) = (Table::Global, "display_size_forced");
/// The setting that holds a forced density.
const FORCED_DENSITY: (Table, &str) = (Table::Secure, "display_density_forced");

/// The setting that says whether the phone turns its picture as it is held: 0 for never.
const TURNS_ITSELF: (Table, &str) = (Table::System, "accelerometer_rotation");
/// The setting that holds the quarter turns when it does not.
const ROTATION: (Table, &str) = (Table::System, "user_rotation");

/// A display: sizes are those of the phone held upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Display {
    /// Real width and height in pixels.
    pub(crate) size: (u32, u32),
    /// Real dots per inch.
    pub(crate) density: u32,
    /// Width and height forced instead.
    pub(crate) forced_size: Option<(u32, u32)>,
    /// Dots per inch forced instead.
    pub(crate) forced_density: Option<u32>,
    /// Quarter turns that the picture is held at, 0 to 3; none where it follows the phone, which stands
    /// upright.
    pub(crate) locked: Option<u8>,
}

impl Display {
    /// The phone's.
    pub(crate) fn of(guest: &Guest) -> Result<Self, Error> {
        let number = |name: &str, otherwise: u32, bounds: std::ops::RangeInclusive<u32>| {
            let value = guest.getprop(name)?.trim().parse::<u32>().unwrap_or(otherwise);
            Ok::<_, Error>(value.clamp(*bounds.start(), *bounds.end()))
        };
        let width = number("ro.boot.lcd_width", DEFAULT.0, SIDE_MIN..=SIDE_MAX)?;
        let height = number("ro.boot.lcd_height", DEFAULT.1, SIDE_MIN..=SIDE_MAX)?;
        let density = number("ro.sf.lcd_density", DEFAULT.2, DENSITY)?;
        let real = (width, height);
        let forced_size = kept(guest, SIZE).and_then(|text| {
            let (width, height) = text.split_once(',')?;
            Some(bounded((width.trim().parse().ok()?, height.trim().parse().ok()?), real))
        });
        let forced_density = kept(guest, FORCED_DENSITY).and_then(|text| text.trim().parse().ok());
        let locked = if kept(guest, TURNS_ITSELF).as_deref() == Some("1") {
            None
        } else {
            kept(guest, ROTATION)
                .and_then(|text| text.trim().parse().ok())
                .filter(|turns| *turns < TURNS)
                .or(Some(0))
        };
        Ok(Self { size: (width, height), density, forced_size, forced_density, locked })
    }

    /// The picture lies on its side.
    pub(crate) fn sideways(&self) -> bool {
        self.locked.is_some_and(|turns| turns % 2 == 1)
    }

    /// Width, height and density that hold.
    pub(crate) fn holds(&self) -> (u32, u32, u32) {
        let (width, height) = self.forced_size.unwrap_or(self.size);
        let side = |side: u32| side.clamp(SIDE_MIN, SIDE_MAX);
        let density = self.forced_density.unwrap_or(self.density);
        (side(width), side(height), density.clamp(*DENSITY.start(), *DENSITY.end()))
    }

    /// Forces a size, within Android's bounds, or no longer any.
    pub(crate) fn force_size(&self, guest: &Guest, size: Option<(u32, u32)>) -> Result<(), FileError> {
        let size = size.map(|size| bounded(size, self.size));
        keep(guest, SIZE, size.filter(|size| *size != self.size).map(|(w, h)| format!("{w},{h}")))
    }

    /// Forces a density, or no longer any.
    pub(crate) fn force_density(&self, guest: &Guest, density: Option<u32>) -> Result<(), FileError> {
        let density = density.map(|density| density.clamp(*DENSITY.start(), *DENSITY.end()));
        keep(guest, FORCED_DENSITY, density.filter(|density| *density != self.density).map(|d| d.to_string()))
    }
}

/// A forced size within Android's bounds and ours.
fn bounded(size: (u32, u32), real: (u32, u32)) -> (u32, u32) {
    let longest = FORCED_SIDE_MAX.max(real.0).max(real.1);
    let side = |wanted: u32, real: u32| wanted.max(FORCED_SIDE_MIN).min(real * FORCED_SCALE_MAX).min(longest);
    (side(size.0, real.0), side(size.1, real.1))
}

/// Holds the picture at so many quarter turns, or lets it follow the phone.
pub(crate) fn lock(guest: &Guest, turns: Option<u8>) -> Result<(), FileError> {
    keep(guest, TURNS_ITSELF, Some(u8::from(turns.is_none()).to_string()))?;
    match turns {
        Some(turns) => keep(guest, ROTATION, Some((turns % TURNS).to_string())),
        None => Ok(()),
    }
}

/// What is forced. Settings that cannot be read force nothing.
fn kept(guest: &Guest, (table, key): (Table, &str)) -> Option<String> {
    settings::get(&guest.privileged(), table, key).ok().flatten()
}

fn keep(guest: &Guest, (table, key): (Table, &str), value: Option<String>) -> Result<(), FileError> {
    let system = guest.privileged();
    match value {
        Some(value) => settings::put(&system, table, key, &value),
        None => settings::delete(&system, table, key).map(|_| ()),
    }
}
