//! Pictures of phones: drawn apart, as each takes a core and up to twice its pixels in memory.

use super::scene::Scene;
use crate::apart::apart;
use crate::error::Error;
use crate::guest::Guest;
use std::io;

/// The phone's screen as PNG. Waits while other pictures are drawn.
///
/// # Errors
/// [`Error::NotOn`] once the boot has ended; [`Error::Data`].
pub async fn capture(guest: &Guest) -> Result<Vec<u8>, Error> {
    let scene = Scene::of(guest)?;
    Ok(apart(move || super::draw_png(&scene.view())).await.ok_or_else(failed)??)
}

/// As [`capture`], but as [`super::draw_raw`] writes it.
pub(crate) async fn capture_raw(guest: &Guest) -> Result<Vec<u8>, Error> {
    let scene = Scene::of(guest)?;
    Ok(apart(move || super::draw_raw(&scene.view())).await.ok_or_else(failed)?)
}

fn failed() -> io::Error {
    io::Error::other("the picture could not be drawn")
}
