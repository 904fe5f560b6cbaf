//! `reboot`.

use super::util::error;
use crate::guest::Guest;
use crate::phone::power::PowerRequest;
use crate::program::{Process, Running};
use std::time::Duration;

/// How long the phone has to go down.
const GOES_DOWN: Duration = Duration::from_secs(30);
/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 64;

/// `reboot [-p] [REASON]`.
pub(crate) fn reboot(guest: Guest, process: Process) -> Running {
    Box::pin(async move {
        let mut request = None;
        for argument in process.arguments() {
            request = match (argument.as_str(), request) {
                ("-p", _) => Some(PowerRequest::Off),
                (option, _) if option.starts_with('-') => {
                    return error(&process, "usage: reboot [-p] [rebootcommand]").await;
                }
                (_, Some(PowerRequest::Off)) => Some(PowerRequest::Off),
                (reason, None) => Some(restart_reason(Some(reason))),
                (_, Some(PowerRequest::Reboot { .. })) => {
                    return error(&process, "usage: reboot [-p] [rebootcommand]").await;
                }
            };
        }
        ask(&guest, &process, request.unwrap_or_else(|| restart_reason(None))).await
    })
}

/// A reboot for a reason.
pub(super) fn restart_reason(reason: Option<&str>) -> PowerRequest {
    let reason = reason.unwrap_or_default().chars().filter(|letter| letter.is_ascii_graphic());
    PowerRequest::Reboot { reason: reason.take(REASON_BYTES_MAX).collect() }
}

/// Asks for it, and waits for the end that it brings.
pub(super) async fn ask(guest: &Guest, process: &Process, request: PowerRequest) -> u8 {
    if guest.request_power(request).is_ok() {
        tokio::time::sleep(GOES_DOWN).await;
    }
    error(process, "reboot: Failed").await
}
