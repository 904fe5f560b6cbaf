//! What a client may open, by the name it opens.

use super::{Access, serve_guest, shell, sync};
use crate::guest::Guest;
use crate::phone::power::PowerRequest;
use crate::pipe::{Input, Output};
use futures::future::BoxFuture;

/// The port that adbd itself listens on, inside the phone.
const ADBD_PORT: &str = "5555";
/// Bytes on their way through `adb forward` to adbd.
const FORWARD_BYTES_MAX: usize = 64 * 1024;

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Service {
    /// `shell:`, `exec:`: a command, or a shell to type at when there is none.
    Shell(shell::Call),
    /// `sync:`.
    Sync,
    /// `reboot:`.
    Reboot { reason: String },
    /// `root:` or `unroot:`.
    Root(bool),
    /// `remount:`.
    Remount,
    /// `tcpip:`: it listens there already.
    Tcpip { port: String },
    /// `tcp:5555`: adbd.
    Adbd,
}

impl Service {
    /// The service of that name; none for what there is not.
    pub(super) fn parse(name: &[u8]) -> Option<Self> {
        // Some clients end names with a NUL, some do not; adbd reads no further than the first.
        let name = name.split(|byte| *byte == 0).next()?;
        let name = std::str::from_utf8(name).ok()?;
        let (kind, rest) = name.split_once(':')?;
        Some(match kind {
            "sync" if rest.is_empty() => Self::Sync,
            "reboot" => Self::Reboot { reason: rest.to_owned() },
            "root" => Self::Root(true),
            "unroot" => Self::Root(false),
            "remount" => Self::Remount,
            "tcpip" => Self::Tcpip { port: rest.to_owned() },
            "tcp" if rest == ADBD_PORT => Self::Adbd,
            _ => Self::Shell(shell::Call::parse(kind, rest)?),
        })
    }

    /// Whether a connection this deep inside others may have it.
    pub(super) fn offered(&self, nested: usize) -> bool {
        *self != Self::Adbd || nested > 0
    }

    /// Whether the connection ends with it: adbd, or the phone, starts anew.
    pub(super) fn ends_connection(&self, guest: &Guest) -> bool {
        match self {
            Self::Reboot { .. } | Self::Tcpip { .. } => true,
            Self::Root(root) => {
                guest.may_root() && guest.session(|session| session.root != *root).unwrap_or(true)
            }
            Self::Shell(_) | Self::Sync | Self::Remount | Self::Adbd => false,
        }
    }

    /// Whether its program ends with its stream. `adb exec-in` closes the stream as soon as all is sent: what
    /// was acknowledged is used up then.
    pub(super) fn ends_at_once(&self) -> bool {
        match self {
            Self::Shell(call) => !call.takes_input(),
            Self::Sync
            | Self::Reboot { .. }
            | Self::Root(_)
            | Self::Remount
            | Self::Tcpip { .. }
            | Self::Adbd => true,
        }
    }

    /// Runs it to its end.
    pub(super) fn run(
        self,
        guest: Guest,
        input: Input,
        output: Output,
        nested: usize,
    ) -> BoxFuture<'static, ()> {
        match self {
            Self::Shell(call) => Box::pin(call.run(guest, input, output)),
            Self::Sync => Box::pin(sync::run(guest, input, output)),
            Self::Adbd => Box::pin(forward(guest, input, output, nested - 1)),
            Self::Reboot { reason } => Box::pin(async move {
                // A boot that is over already has been overtaken.
                let _ = guest.request_power(PowerRequest::Reboot { reason });
            }),
            Self::Root(root) => Box::pin(async move { say(&output, root_text(&guest, root)).await }),
            Self::Remount => Box::pin(async move { say(&output, remount(&guest)).await }),
            Self::Tcpip { port } => Box::pin(async move {
                say(&output, format!("restarting in TCP mode port: {port}\n")).await;
            }),
        }
    }
}

async fn say(output: &Output, text: String) {
    let _ = output.write(text).await;
}

fn root_text(guest: &Guest, root: bool) -> String {
    if root && !guest.may_root() {
        return "adbd cannot run as root in production builds\n".into();
    }
    let was = guest.session(|session| std::mem::replace(&mut session.root, root)).unwrap_or(root);
    match (was, root) {
        (false, true) => "restarting adbd as root\n",
        (true, true) => "adbd is already running as root\n",
        (true, false) => "restarting adbd as non root\n",
        (false, false) => "adbd not running as root\n",
    }
    .into()
}

fn remount(guest: &Guest) -> String {
    let done = guest.session(|session| {
        session.remounted |= session.root;
        session.root
    });
    match done {
        Ok(true) => "remount succeeded\n",
        Ok(false) | Err(_) => "Not running as root. Try \"adb root\" first.\n",
    }
    .into()
}

/// A client inside the client: adbd over a forwarded port.
async fn forward(guest: Guest, input: Input, output: Output, nested: usize) {
    let (ours, theirs) = tokio::io::duplex(FORWARD_BYTES_MAX);
    let (mut reading, mut writing) = tokio::io::split(ours);
    let name = guest.session(|session| session.phone_name.clone()).unwrap_or_default();
    // Who came this far has shown a key already.
    let access = Access { phone_name: name, ..Access::default() };
    let serving: BoxFuture<'_, _> = Box::pin(serve_guest(guest, access, theirs, nested));
    let inwards = async {
        use tokio::io::AsyncWriteExt;
        while let Some(bytes) = input.next().await {
            if writing.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    let outwards = async {
        use tokio::io::AsyncReadExt;
        let mut buffer = bytes::BytesMut::with_capacity(FORWARD_BYTES_MAX);
        while let Ok(1..) = reading.read_buf(&mut buffer).await {
            if output.write(buffer.split().freeze()).await.is_err() {
                return;
            }
            buffer.reserve(FORWARD_BYTES_MAX);
        }
    };
    tokio::select! {
        _ = async { tokio::join!(serving, outwards) } => {}
        () = inwards => {}
    }
}
