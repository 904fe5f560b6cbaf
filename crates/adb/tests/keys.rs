//! A key whose numbers and whose signature others calculated: Python the first, OpenSSL the second.
#![allow(clippy::unwrap_used)]

use phoneyard_adb::auth::PublicKey;

const TEXT: &str = include_str!("keys/host.pub");
const SIGNATURE: &[u8] = include_bytes!("keys/host.signature");

#[test]
fn a_key_and_a_signature_that_others_made_are_accepted() {
    let key = PublicKey::parse(TEXT).unwrap();
    let token = std::array::from_fn(|index| index as u8);
    assert!(key.verify(&token, SIGNATURE));
    assert!(!key.verify(&[0; 20], SIGNATURE));
    assert_eq!(key.comment(), "user@host");
    assert_eq!(key.fingerprint(), "076bd72a0d5b529ef4376ccf991479dc7941d8bde1284c8503ee8aa5145ff760");
}
