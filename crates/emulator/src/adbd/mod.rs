//! The phone's side of ADB: what `adb connect` talks to.
//!
//! One connection is one future that the caller drives: reading, writing and every stream's program run
//! inside it (what a shell leaves in the background is a task that ends with its shell). It ends with the client, with the boot it was made in, and when adbd
//! restarts (`adb root`).
//!
//! Bounds: a client holds at most [`STREAMS_MAX`] streams; a stream holds at most one packet in, one in each
//! of its pipes, and one out. A client that does not read what it asked for within [`WRITE_MAX`] is let go.

mod connection;
mod handshake;
mod service;
mod shell;
mod stream;
mod sync;

use crate::clock::Clock;
use crate::emulator::Emulator;
use crate::error::Error;
use crate::guest::Guest;
use crate::phone::Observation;
use crate::phone::boot::Power;
use adb::auth::PublicKey;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep};

/// Streams that one connection may have open.
pub const STREAMS_MAX: usize = 32;
/// Longest that a client waits for a phone on its way up.
pub const BOOT_WAIT_MAX: Duration = Duration::from_secs(90);
/// Longest that a client may take for each step of the handshake.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Longest that a client with an unknown key is kept, so that adb shows it as unauthorized.
pub const UNAUTHORIZED_MAX: Duration = Duration::from_secs(60);
/// Longest that a client may leave what was sent to it unread.
pub const WRITE_MAX: Duration = Duration::from_secs(30);
/// How often a phone on its way up is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Who may come in, and when.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The keys that open the phone; none lets everybody in.
    pub keys: Option<Vec<PublicKey>>,
    /// Somebody is about to start the phone: wait for it even if it is off.
    pub pending: bool,
    /// What the phone is called, as its screen shows it.
    pub phone_name: String,
}

/// Why a connection was ended by the phone.
#[derive(Debug, thiserror::Error)]
pub enum AdbdError {
    /// Nobody may talk to it now.
    #[error(transparent)]
    Phone(#[from] Error),
    /// What came is not ADB, or breaks its rules.
    #[error("not adb: {0}")]
    Protocol(String),
    /// The client has no key that opens the phone.
    #[error("the client has no key that opens the phone")]
    Unauthorized,
    /// The client took too long.
    #[error("the client took too long to {0}")]
    Late(&'static str),
    /// The connection broke.
    #[error("connection: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves one client until it goes, or the boot ends.
///
/// # Errors
/// [`AdbdError`], where the phone ended it.
pub async fn serve<S>(
    emulator: Arc<Emulator>,
    phone_id: &str,
    clock: Arc<dyn Clock>,
    access: Access,
    stream: S,
) -> Result<(), AdbdError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let guest = wait_up(&emulator, phone_id, &clock, access.pending).await?;
    serve_guest(guest, access, stream, NESTED_MAX).await
}

/// Connections inside connections: `adb forward` to a phone's own port 5555.
const NESTED_MAX: usize = 3;

async fn serve_guest<S>(guest: Guest, access: Access, stream: S, nested: usize) -> Result<(), AdbdError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    // Declared before `alive`, so that the visitor no longer counts when the guard looks.
    let _visit = Visit(guest.clone());
    let mut alive = guest.session(|session| {
        session.phone_name.clone_from(&access.phone_name);
        session.alive.subscribe()
    })?;
    let restarts = tokio::select! {
        served = connection::serve(guest.clone(), access, stream, nested) => served?,
        _ = guest.adbd_restarts(&mut alive) => return Ok(()),
    };
    if restarts {
        // Everybody's connection ends with adbd. A boot that is over has none.
        let _ = guest.session(|session| session.alive.send_modify(|restarts| *restarts += 1));
    }
    Ok(())
}

/// A client that is inside; the last one out leaves nothing behind that nobody needs.
struct Visit(Guest);

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Waits until adbd runs.
async fn wait_up(
    emulator: &Arc<Emulator>,
    phone_id: &str,
    clock: &Arc<dyn Clock>,
    pending: bool,
) -> Result<Guest, AdbdError> {
    let until = Instant::now() + BOOT_WAIT_MAX;
    loop {
        let seen = emulator.observe(phone_id, clock.now_ms());
        match seen {
            Ok(seen) if seen.adb => return Ok(Guest::enter(emulator.clone(), phone_id, clock.clone())?),
            Ok(Observation { power: Power::Off | Power::Dead { .. }, .. }) if !pending => {
                return Err(Error::NotOn.into());
            }
            Err(Error::UnknownPhone) if pending => {}
            Err(error) => return Err(error.into()),
            // On its way up, or about to be.
            Ok(_) => {}
        }
        if Instant::now() >= until {
            return Err(Error::NotOn.into());
        }
        sleep(LOOK_AGAIN).await;
    }
}
