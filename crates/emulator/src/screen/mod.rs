//! The screen of an emulated phone: what is on it ([`ScreenState`]), what is under a finger ([`hit`]), and its
//! picture ([`draw_png`], and of a phone [`capture`]). Pure but for what asks the phone.
//!
//! ```text
//!   programs input, screencap     Guest: properties, apps, session
//!            |                             |
//!       ScreenState  <----------------  Scene  ->  View  ->  Layout  ->  hit
//!                                                             '-> Pen -> Canvas -> PNG
//! ```

mod bars;
mod boot;
mod canvas;
mod capture;
mod display;
mod encode;
mod font;
mod geometry;
mod hit;
mod home;
mod keys;
mod layout;
mod overlay;
mod pen;
mod scene;
mod state;
mod theme;
mod time;
mod view;
mod window;

#[cfg(test)]
mod stories;
#[cfg(test)]
mod tests;

pub(crate) use capture::{capture, capture_raw};
pub(crate) use display::{Display, lock};
pub(crate) use hit::act;
pub(crate) use hit::{Hit, hit};
pub use keys::Key;
pub(crate) use scene::{Scene, booting};
pub(crate) use state::{FRONTS_MAX, Panel, TEXT_BYTES_MAX};
pub use state::{Front, ScreenState};
pub(crate) use view::SIDE_MAX;
pub use view::{App, View};

use canvas::Canvas;
use layout::Layout;
use pen::Pen;
use std::io;

/// The picture as PNG.
///
/// # Errors
/// Those of the encoder; it writes to memory, so none is expected.
pub fn draw_png(view: &View<'_>) -> io::Result<Vec<u8>> {
    encode::png(draw(view))
}

/// The picture as `screencap` writes it without `-p`: width, height, format and colour space as little endian
/// 32-bit words, then RGBA pixels.
pub(crate) fn draw_raw(view: &View<'_>) -> Vec<u8> {
    encode::raw(draw(view))
}

fn draw(view: &View<'_>) -> Canvas {
    let (width, height) = view.size();
    let canvas = Canvas::new(width, height);
    if !view.screen.on {
        return canvas;
    }
    let layout = Layout::of(view);
    let mut pen = Pen::new(canvas, layout.unit);
    if let Some(stage) = view.booting {
        boot::draw(&mut pen, view, &layout, stage);
        return pen.canvas;
    }
    match view.screen.front() {
        _ if view.screen.panel == Panel::Recents => {
            home::wallpaper(&mut pen, view, &layout);
            bars::draw(&mut pen, view, &layout, (theme::WHITE, theme::WHITE));
        }
        Some(front) => {
            window::draw(&mut pen, view, &layout, front);
            bars::draw(&mut pen, view, &layout, (theme::WHITE, theme::FAINT));
        }
        None => {
            home::draw(&mut pen, view, &layout);
            bars::draw(&mut pen, view, &layout, (theme::WHITE, theme::WHITE));
        }
    }
    overlay::panel(&mut pen, view, &layout);
    overlay::marks(&mut pen, view, &layout);
    pen.canvas
}
