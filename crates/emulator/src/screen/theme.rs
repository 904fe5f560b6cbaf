//! Colours.

use super::canvas::Ink;

pub(crate) const WHITE: Ink = Ink(255, 255, 255, 255);
pub(crate) const BLACK: Ink = Ink(0, 0, 0, 255);
/// Behind white letters on the wallpaper.
pub(crate) const GLASS: Ink = Ink(12, 16, 36, 118);
/// Behind an app.
pub(crate) const PAPER: Ink = Ink(244, 246, 250, 255);
/// Letters on paper.
pub(crate) const TEXT: Ink = Ink(32, 38, 54, 255);
/// Less important letters on paper.
pub(crate) const FAINT: Ink = Ink(108, 116, 136, 255);
/// Where a finger was.
pub(crate) const TOUCH: Ink = Ink(255, 214, 102, 255);

/// A wallpaper: the gradient behind, and the one of its round shapes.
pub(crate) struct Wallpaper {
    pub(crate) back: [Ink; 3],
    pub(crate) shape: [Ink; 3],
}

const fn ink(rgb: u32) -> Ink {
    Ink((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8, 255)
}

const fn wallpaper(back: [u32; 3], shape: [u32; 3]) -> Wallpaper {
    Wallpaper {
        back: [ink(back[0]), ink(back[1]), ink(back[2])],
        shape: [ink(shape[0]), ink(shape[1]), ink(shape[2])],
    }
}

const WALLPAPERS: [Wallpaper; 6] = [
    wallpaper([0x1b2a5c, 0x4a4a94, 0xc0708c], [0x24376e, 0x5f57a4, 0xd98a8e]),
    wallpaper([0x0f3b4c, 0x1f6f78, 0x77b39a], [0x14485a, 0x2a8189, 0x8fc5a6]),
    wallpaper([0x2b1f4e, 0x6b3f7c, 0xd58367], [0x37295f, 0x7e4b8a, 0xe49a78]),
    wallpaper([0x14304f, 0x2f6296, 0x8db4d6], [0x1a3c60, 0x3b73a8, 0xa2c4e0]),
    wallpaper([0x1d3a36, 0x3f7a5c, 0xb7b978], [0x254743, 0x4c8c6b, 0xc8c989]),
    wallpaper([0x33213d, 0x7a3f63, 0xd7808a], [0x402b4b, 0x8c4c72, 0xe5979b]),
];

const ICONS: [Ink; 12] = [
    ink(0x4f7df3),
    ink(0x12a594),
    ink(0xe5657a),
    ink(0xf08c3a),
    ink(0x8a63d2),
    ink(0x2f9e5f),
    ink(0xd6519a),
    ink(0x2b93c9),
    ink(0xb5882c),
    ink(0x5b6ee1),
    ink(0xcf5d3f),
    ink(0x4d8f8b),
];

fn pick<'a, T>(from: &'a [T], text: &str) -> Option<&'a T> {
    let at = crate::phone::rng::mix(crate::phone::rng::fnv(text.as_bytes())) as usize;
    from.get(at % from.len().max(1))
}

/// The phone's wallpaper: phones side by side can be told apart.
pub(crate) fn of_phone(phone_id: &str) -> &'static Wallpaper {
    pick(&WALLPAPERS, phone_id).unwrap_or(&WALLPAPERS[0])
}

/// The colour of an app.
pub(crate) fn of_app(package: &str) -> Ink {
    pick(&ICONS, package).copied().unwrap_or(FAINT)
}
