//! A phone as it is stored.

use crate::id::{ImageId, PhoneId, ProjectId, ServerId};
use crate::phone_state::PhoneStatus;
use std::net::Ipv4Addr;

/// The port that a phone's adbd listens on, inside the phone.
pub const ADB_PORT: u16 = 5555;
/// Phones live in 10.224.0.0/12, each server's in a network of its own.
const NETWORK: u32 = u32::from_be_bytes([10, 224, 0, 0]);
/// Addresses of that network.
const ADDRESSES: u32 = 1 << 20;

/// A phone's address in its server's own network, by its number on the server, from 1. It is virtual: nothing
/// on this machine need have it.
pub fn address(ordinal: i64) -> Ipv4Addr {
    let offset = u32::try_from(ordinal).unwrap_or(0) % ADDRESSES;
    Ipv4Addr::from_bits(NETWORK + offset)
}

/// One phone (`contract/operations.md`, structures Phone and ShowCloudPhoneDetail).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// Its id.
    pub id: PhoneId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The server it lives on.
    pub server_id: ServerId,
    /// Name, 1 to 65 characters.
    pub name: String,
    /// Name of its phone model.
    pub phone_model: String,
    /// The image in force.
    pub image_id: ImageId,
    /// Version text of that image, for example `AOSP 11.0`.
    pub image_version: String,
    /// Its status.
    pub status: PhoneStatus,
    /// The properties in force: a JSON object's text, at most 2048 bytes.
    pub property: String,
    /// The custom properties in force: a JSON object's text.
    pub custom_property: String,
    /// Epoch milliseconds.
    pub create_ms: i64,
    /// Epoch milliseconds; changes with each step of its status.
    pub update_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phones_of_a_server_have_addresses_of_their_own() {
        assert_eq!(address(1), Ipv4Addr::new(10, 224, 0, 1));
        assert_eq!(address(100_000), Ipv4Addr::new(10, 225, 134, 160));
        assert_eq!(address(-1), Ipv4Addr::new(10, 224, 0, 0));
    }
}
