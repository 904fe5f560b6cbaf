//! How a client comes in: it names itself, proves a key if it must, and both settle what they speak.

use super::{Access, AdbdError, HANDSHAKE_MAX, UNAUTHORIZED_MAX};
use crate::guest::Guest;
use adb::auth::{AUTH_PUBLIC_KEY, AUTH_SIGNATURE, AUTH_TOKEN, PublicKey, TOKEN_BYTES};
use adb::banner::device_banner;
use adb::packet::{
    Command, EARLY_BYTES_MAX, PAYLOAD_BYTES_MAX, Packet, PacketReader, ReadError, VERSION, encode,
};
use bytes::BytesMut;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// Signatures that a client may try: adb has a key of its own and some of its vendors'.
const TRIES_MAX: usize = 32;
/// A client that takes less cannot be served.
const PAYLOAD_BYTES_MIN: usize = 64;

/// What both sides agreed on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Every packet carries its sum.
    pub(super) checked: bool,
    /// Most bytes that the client takes in one packet.
    pub(super) payload_max: usize,
}

/// Lets a client in.
pub(super) async fn greet<R, W>(
    guest: &Guest,
    access: &Access,
    reader: &mut PacketReader<R>,
    writer: &mut W,
) -> Result<Terms, AdbdError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    reader.decoder().set_limit(EARLY_BYTES_MAX);
    let hello = next(reader, HANDSHAKE_MAX, "say hello").await?;
    if hello.command != Command::Connect {
        return Err(AdbdError::Protocol("it does not begin with CNXN".into()));
    }
    let version = hello.arg0.min(VERSION);
    let checked = version < VERSION;
    let payload_max = usize::try_from(hello.arg1).unwrap_or(usize::MAX).min(PAYLOAD_BYTES_MAX);
    if payload_max < PAYLOAD_BYTES_MIN {
        return Err(AdbdError::Protocol(format!("a client that takes {payload_max} bytes")));
    }
    if let Some(keys) = &access.keys {
        let authenticated = timeout(UNAUTHORIZED_MAX, authenticate(keys, reader, writer)).await;
        authenticated.unwrap_or(Err(AdbdError::Unauthorized))?;
    }
    let name = |key| guest.getprop(key);
    let banner =
        device_banner(&name("ro.product.name")?, &name("ro.product.model")?, &name("ro.product.device")?);
    let mut answer = Packet::connect(version, banner);
    answer.arg1 = PAYLOAD_BYTES_MAX as u32;
    send(writer, &answer).await?;
    reader.decoder().set_limit(PAYLOAD_BYTES_MAX);
    Ok(Terms { checked, payload_max })
}

async fn authenticate<R, W>(
    keys: &[PublicKey],
    reader: &mut PacketReader<R>,
    writer: &mut W,
) -> Result<(), AdbdError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut wait = HANDSHAKE_MAX;
    let mut token = challenge(writer).await?;
    for _ in 0..TRIES_MAX {
        let answer = next(reader, wait, "prove its key").await.map_err(|error| match error {
            AdbdError::Late(_) => AdbdError::Unauthorized,
            other => other,
        })?;
        match (answer.command, answer.arg0) {
            (Command::Auth, AUTH_SIGNATURE) => {
                if keys.iter().any(|key| key.verify(&token, &answer.data)) {
                    return Ok(());
                }
                token = challenge(writer).await?;
            }
            // It has no other key. A real phone would ask its owner now; here keys are registered beforehand.
            (Command::Auth, AUTH_PUBLIC_KEY) => wait = UNAUTHORIZED_MAX,
            // adb says hello anew when it has waited for long.
            (Command::Connect, _) => token = challenge(writer).await?,
            _ => return Err(AdbdError::Unauthorized),
        }
    }
    Err(AdbdError::Unauthorized)
}

/// Sends a fresh token: a signature seen once is of no use again.
async fn challenge<W: AsyncWrite + Unpin>(writer: &mut W) -> Result<[u8; TOKEN_BYTES], AdbdError> {
    let mut token = [0; TOKEN_BYTES];
    getrandom::fill(&mut token).map_err(|error| AdbdError::Io(std::io::Error::other(error.to_string())))?;
    send(writer, &Packet::new(Command::Auth, AUTH_TOKEN, 0, token.to_vec())).await?;
    Ok(token)
}

async fn send<W: AsyncWrite + Unpin>(writer: &mut W, packet: &Packet) -> Result<(), AdbdError> {
    let mut bytes = BytesMut::new();
    encode(packet, true, &mut bytes);
    match timeout(HANDSHAKE_MAX, writer.write_all(&bytes)).await {
        Ok(written) => Ok(written?),
        Err(_) => Err(AdbdError::Late("read")),
    }
}

async fn next<R: AsyncRead + Unpin>(
    reader: &mut PacketReader<R>,
    wait: Duration,
    what: &'static str,
) -> Result<Packet, AdbdError> {
    match timeout(wait, reader.next()).await {
        Err(_) => Err(AdbdError::Late(what)),
        Ok(Ok(Some(packet))) => Ok(packet),
        Ok(Ok(None)) => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
        Ok(Err(error)) => Err(broken(error)),
    }
}

/// What a failed read means.
pub(super) fn broken(error: ReadError) -> AdbdError {
    match error {
        ReadError::Io(error) => AdbdError::Io(error),
        ReadError::Packet(error) => AdbdError::Protocol(error.to_string()),
        ReadError::Truncated => AdbdError::Protocol(ReadError::Truncated.to_string()),
    }
}
