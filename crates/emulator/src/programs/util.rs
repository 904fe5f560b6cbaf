//! What the programs of the system share.

use crate::guest::Guest;
use crate::phone::boot::Stage;
use crate::program::Process;

/// What `cmd` ends with when there is no such service.
pub(super) const NO_SERVICE: u8 = 20;
/// What a service's command ends with when it fails by an exception.
pub(super) const EXCEPTION: u8 = 255;

/// Whether the system's services can be called; complains as `cmd` does if not.
pub(super) async fn service_up(guest: &Guest, process: &Process, service: &str) -> bool {
    let up = guest.reached(Some(Stage::SystemServer));
    if !up {
        no_service(process, service).await;
    }
    up
}

/// Says that there is no such service.
pub(super) async fn no_service(process: &Process, service: &str) -> u8 {
    let _ = process.stderr.write(format!("cmd: Can't find service: {service}\n")).await;
    NO_SERVICE
}

/// Prints text as it is.
pub(super) async fn print(process: &Process, text: impl Into<String>) {
    let _ = process.stdout.write(text.into()).await;
}

/// Complains in a line of its own.
pub(super) async fn error(process: &Process, line: &str) -> u8 {
    let _ = process.stderr.write(format!("{line}\n")).await;
    1
}

/// Says that a service's command failed by an exception.
pub(super) async fn exception(process: &Process, command: &str, what: &str) -> u8 {
    error(process, &format!("\nException occurred while executing '{command}':\n{what}")).await;
    EXCEPTION
}

/// A path as the program means it.
pub(super) fn absolute(process: &Process, path: &str) -> String {
    process.path(path)
}

/// Whether the display is on.
pub(super) fn screen_on(guest: &Guest) -> bool {
    guest.session(|session| session.screen.on).unwrap_or(false)
}
