//! `phoneyard token`.

use crate::arguments::Common;
use crate::failure::Failure;
use crate::out::{Out, Shape};
use crate::screen::Screen;
use crate::session::Session;
use crate::settings::Need;
use serde_json::json;
use std::sync::Arc;

/// Runs `phoneyard token`.
///
/// # Errors
/// The log-in is refused or not reached.
pub async fn run(common: &Common) -> Result<u8, Failure> {
    let (settings, profiles, notes) = common.connection.settings(Need::LogIn)?;
    let screen = Arc::new(Screen::new(common.quiet));
    notes.iter().for_each(|note| screen.error(note));
    let session = Session::unopened(settings, screen.clone())?;
    let logged_in = session.log_in(&profiles).await?;
    let out = Out::new(common.json, common.quiet);
    let expires = &logged_in.reply.token.expires_at;
    match out.shape {
        Shape::Json => out.line(
            &json!({"token": logged_in.token.0, "expires_at": expires, "project": logged_in.reply.token.project})
                .to_string(),
        )?,
        Shape::Human | Shape::Quiet => out.line(&logged_in.token.0)?,
    }
    screen.note(&format!("the token expires at {expires}"));
    Ok(0)
}
