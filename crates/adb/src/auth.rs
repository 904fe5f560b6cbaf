//! Keys: how a host proves to a phone who it is. It signs a token of the phone's with RSA; the phone knows the
//! public key already, or is offered it.

mod public;

pub(crate) use public::KEY_TEXT_BYTES_MAX;
pub use public::PublicKey;

use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::rand_core::{TryCryptoRng, TryRng};
use sha1::Sha1;
use std::fmt;
use thiserror::Error;

/// A token's length.
pub const TOKEN_BYTES: usize = 20;
/// The kind of AUTH that carries a token.
pub const AUTH_TOKEN: u32 = 1;
/// The kind of AUTH that carries a signature.
pub const AUTH_SIGNATURE: u32 = 2;
/// The kind of AUTH that carries a public key.
pub const AUTH_PUBLIC_KEY: u32 = 3;
/// The only length of a modulus that ADB knows.
const MODULUS_BITS: usize = 2048;

/// Why a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Longer than any key.
    #[error("the key's text is too long")]
    TooLong,
    /// Not one line of base64 and a comment.
    #[error("the key is not one line of base64 and a comment")]
    NotText,
    /// Not Android's layout, or numbers that do not fit each other.
    #[error("the key is not an RSA key of 2048 bits as Android writes it")]
    Malformed,
    /// Not a private key in PKCS#8, or one that ADB cannot use.
    #[error("the private key is not an RSA key of 2048 bits in PKCS#8")]
    NotPrivateKey,
    /// The machine gave no randomness.
    #[error("the system gives no randomness")]
    NoRandomness,
}

/// The machine's randomness.
struct SystemRandom;

impl TryRng for SystemRandom {
    type Error = getrandom::Error;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        getrandom::fill(bytes)
    }
}

impl TryCryptoRng for SystemRandom {}

/// A host's private key.
#[derive(Clone)]
pub struct PrivateKey {
    key: rsa::PrivateKey,
    public: PublicKey,
}

/// Shows whose key it is, and nothing secret.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PrivateKey").field("public", &self.public).finish_non_exhaustive()
    }
}

impl PrivateKey {
    /// A new key. Takes a moment: primes are looked for.
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let key =
            rsa::PrivateKey::new(&mut SystemRandom, MODULUS_BITS).map_err(|_| KeyError::NoRandomness)?;
        Self::new(key)
    }

    /// Reads PKCS#8 in PEM, as adb's `adbkey` is.
    ///
    /// # Errors
    /// [`KeyError::NotPrivateKey`].
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        Self::new(rsa::PrivateKey::from_pkcs8_pem(pem).map_err(|_| KeyError::NotPrivateKey)?)
    }

    fn new(key: rsa::PrivateKey) -> Result<Self, KeyError> {
        let public =
            PublicKey::from_rsa(key.to_public_key(), String::new()).map_err(|_| KeyError::NotPrivateKey)?;
        Ok(Self { key, public })
    }

    /// The key as PKCS#8 in PEM. A secret.
    ///
    /// # Errors
    /// [`KeyError::NotPrivateKey`] where it cannot be written so; no key that could be read or made is one.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let pem = self.key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::NotPrivateKey)?;
        Ok(pem.to_string())
    }

    /// Signs a token. Empty where the machine gives no randomness to blind the calculation with: no phone takes
    /// that for a signature.
    pub fn sign(&self, token: &[u8; TOKEN_BYTES]) -> Vec<u8> {
        self.key.pkcs1v15_sign_prehash_with_rng::<Sha1, _>(&mut SystemRandom, token).unwrap_or_default()
    }

    /// What a phone is given to know this key by.
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::OnceLock;

    /// One key for all tests: making one takes a moment.
    fn key() -> &'static PrivateKey {
        static KEY: OnceLock<PrivateKey> = OnceLock::new();
        KEY.get_or_init(|| PrivateKey::generate().unwrap())
    }

    #[test]
    fn a_signature_is_accepted_for_its_token_and_its_key_only() {
        let signature = key().sign(&[7; TOKEN_BYTES]);
        let public = key().public();
        assert_eq!(signature.len(), 256);
        assert!(public.verify(&[7; TOKEN_BYTES], &signature));
        assert!(!public.verify(&[8; TOKEN_BYTES], &signature));
        assert!(!public.verify(&[7; TOKEN_BYTES], &signature[1..]));
        assert!(!public.verify(&[7; TOKEN_BYTES], &[]));
        assert!(!public.verify(&[7; TOKEN_BYTES], &[255; 256]));
        let mut other = signature.clone();
        other[100] ^= 1;
        assert!(!public.verify(&[7; TOKEN_BYTES], &other));
    }

    #[test]
    fn a_private_key_survives_its_pem() {
        let again = PrivateKey::from_pem(&key().to_pem().unwrap()).unwrap();
        assert_eq!(again.public(), key().public());
        assert!(key().public().verify(&[1; TOKEN_BYTES], &again.sign(&[1; TOKEN_BYTES])));
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        for pem in ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert_eq!(PrivateKey::from_pem(pem).unwrap_err(), KeyError::NotPrivateKey);
        }
    }

    #[test]
    fn a_private_key_does_not_show_its_secret() {
        let shown = format!("{:?}", key());
        assert!(shown.contains(&key().public().fingerprint()));
        assert!(shown.len() < 200, "{shown}");
    }

    #[test]
    fn a_public_key_survives_its_text_with_and_without_a_comment() {
        let public = key().public();
        assert_eq!(public.to_text().len(), 700);
        for (suffix, comment) in [("", ""), (" me@host", "me@host"), (" me@host\n\0", "me@host"), ("\0", "")]
        {
            let again = PublicKey::parse(&format!("{}{suffix}", public.to_text())).unwrap();
            assert_eq!(again, public);
            assert_eq!(again.comment(), comment);
            assert_eq!(again.fingerprint(), public.fingerprint());
            assert_eq!(PublicKey::parse(&again.to_text()).unwrap().comment(), comment);
        }
    }
}
