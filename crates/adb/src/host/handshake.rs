//! How a connection begins: CNXN, and AUTH where the phone asks for it.

use super::connection::{Connection, is_end};
use super::{HostError, within};
use crate::auth::{AUTH_PUBLIC_KEY, AUTH_SIGNATURE, AUTH_TOKEN, PrivateKey, TOKEN_BYTES};
use crate::banner::{Banner, host_banner};
use crate::packet::{Command, Packet, VERSION};
use std::time::Duration;

/// What the phone has been shown of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Signature,
    PublicKey,
}

/// Introduces us; gives the phone's banner.
pub(super) async fn connect(
    connection: &mut Connection,
    key: Option<&PrivateKey>,
    deadline: Duration,
) -> Result<Banner, HostError> {
    let mut shown = Shown::Nothing;
    let result = within(deadline, introduce(connection, key, &mut shown)).await;
    match result {
        // A phone that does not know the key leaves us waiting, or hangs up.
        Err(error) if shown != Shown::Nothing && (is_end(&error) || is_late(&error)) => {
            Err(HostError::Unauthorized)
        }
        other => other,
    }
}

fn is_late(error: &HostError) -> bool {
    matches!(error, HostError::Deadline(_))
}

async fn introduce(
    connection: &mut Connection,
    key: Option<&PrivateKey>,
    shown: &mut Shown,
) -> Result<Banner, HostError> {
    connection.send(&Packet::connect(VERSION, host_banner()));
    loop {
        let packet = connection.receive().await?;
        match packet.command {
            Command::Connect => {
                connection.agree(packet.arg0, packet.arg1)?;
                return Ok(Banner::parse(&packet.data));
            }
            Command::Auth if packet.arg0 == AUTH_TOKEN => {
                let key = key.ok_or(HostError::Unauthorized)?;
                answer(connection, key, &packet, shown)?;
            }
            Command::Auth | Command::Open | Command::Okay | Command::Close | Command::Write => {
                return Err(HostError::Protocol("it does not begin with CNXN or AUTH"));
            }
        }
    }
}

/// First a signature; where that is not enough, the public key; then there is nothing left to show.
fn answer(
    connection: &mut Connection,
    key: &PrivateKey,
    packet: &Packet,
    shown: &mut Shown,
) -> Result<(), HostError> {
    let token = <&[u8; TOKEN_BYTES]>::try_from(packet.data.as_ref());
    let token = token.map_err(|_| HostError::Protocol("its token is not 20 bytes long"))?;
    let (kind, data) = match shown {
        Shown::Nothing => {
            *shown = Shown::Signature;
            (AUTH_SIGNATURE, key.sign(token))
        }
        Shown::Signature => {
            *shown = Shown::PublicKey;
            (AUTH_PUBLIC_KEY, format!("{}\0", key.public().to_text()).into_bytes())
        }
        Shown::PublicKey => return Err(HostError::Unauthorized),
    };
    connection.send(&Packet::new(Command::Auth, kind, 0, data));
    Ok(())
}
