//! Pictures of phones, not too many at once.

use super::scene::Scene;
use crate::error::Error;
use crate::guest::Guest;
use tokio::sync::Semaphore;

/// Pictures that are drawn at the same time: each takes a core, and up to twice its pixels in memory.
const PICTURES_MAX: usize = 2;

static PICTURES: Semaphore = Semaphore::const_new(PICTURES_MAX);

/// The phone's screen as PNG. Waits while other pictures are drawn.
///
/// # Errors
/// [`Error::NotOn`] once the boot has ended; [`Error::Data`].
pub async fn capture(guest: &Guest) -> Result<Vec<u8>, Error> {
    let _turn = PICTURES.acquire().await;
    Ok(super::draw_png(&Scene::of(guest)?.view())?)
}

/// As [`capture`], but as [`super::draw_raw`] writes it.
pub(crate) async fn capture_raw(guest: &Guest) -> Result<Vec<u8>, Error> {
    let _turn = PICTURES.acquire().await;
    Ok(super::draw_raw(&Scene::of(guest)?.view()))
}
