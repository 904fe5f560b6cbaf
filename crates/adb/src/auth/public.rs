//! A host's public key, in the form that Android writes: the numbers of a Montgomery multiplication in base64,
//! then whose it is.

use super::{KeyError, MODULUS_BITS, TOKEN_BYTES};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, BufMut};
use rsa::BoxedUint;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt;

/// Longest text of a key with its comment.
pub(crate) const KEY_TEXT_BYTES_MAX: usize = 4096;
/// A modulus in bytes.
const MODULUS_BYTES: usize = MODULUS_BITS / 8;
/// A modulus in words of 32 bits.
const MODULUS_WORDS: u32 = MODULUS_BITS as u32 / 32;
/// Length in words, n0inv, modulus, RR, exponent.
const BLOB_BYTES: usize = 4 + 4 + MODULUS_BYTES + MODULUS_BYTES + 4;
/// The exponents that Android accepts.
const EXPONENTS: [u32; 2] = [65537, 3];

/// A host's public key.
#[derive(Clone)]
pub struct PublicKey {
    key: rsa::PublicKey,
    blob: Vec<u8>,
    comment: String,
}

/// Two keys are the same whatever their comments say.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.blob == other.blob
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("PublicKey");
        shown.field("fingerprint", &self.fingerprint()).field("comment", &self.comment).finish()
    }
}

impl PublicKey {
    /// Reads the text of `adbkey.pub` or of an AUTH packet: base64, perhaps a space and a comment, perhaps a
    /// NUL or a line feed.
    ///
    /// # Errors
    /// [`KeyError`] for anything else, also where the blob's numbers do not fit each other.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.len() > KEY_TEXT_BYTES_MAX {
            return Err(KeyError::TooLong);
        }
        let line = text.trim_matches(|character: char| character == '\0' || character.is_ascii_whitespace());
        let (encoded, comment) = line.split_once(' ').unwrap_or((line, ""));
        if comment.contains(char::is_control) {
            return Err(KeyError::NotText);
        }
        let blob = STANDARD.decode(encoded).map_err(|_| KeyError::NotText)?;
        let key = Self::from_rsa(rsa_key(&blob)?, comment.trim().to_owned())?;
        // The key's own numbers make one blob only; another one lies about n0inv or RR.
        if key.blob == blob { Ok(key) } else { Err(KeyError::Malformed) }
    }

    /// Takes keys of 2048 bits and a usual exponent.
    pub(super) fn from_rsa(key: rsa::PublicKey, comment: String) -> Result<Self, KeyError> {
        let blob = blob(&key)?;
        Ok(Self { key, blob, comment })
    }

    /// Whether the signature is this key's for the token. The token counts as a SHA-1 digest; it is not hashed.
    pub fn verify(&self, token: &[u8; TOKEN_BYTES], signature: &[u8]) -> bool {
        self.key.pkcs1v15_verify_prehash::<Sha1>(token, signature).is_ok()
    }

    /// SHA-256 of the key without its comment, in hex.
    pub fn fingerprint(&self) -> String {
        Sha256::digest(&self.blob).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whose it is, such as `user@host`; may be empty.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The same key with another comment. Control characters become spaces.
    #[must_use]
    pub fn with_comment(self, comment: &str) -> Self {
        let comment = comment.replace(char::is_control, " ").trim().to_owned();
        Self { comment, ..self }
    }

    /// The text that [`Self::parse`] reads, without NUL and line feed.
    pub fn to_text(&self) -> String {
        let mut text = STANDARD.encode(&self.blob);
        if !self.comment.is_empty() {
            text.push(' ');
            text.push_str(&self.comment);
        }
        text
    }
}

/// The key in a blob. What follows from the modulus is not looked at.
fn rsa_key(blob: &[u8]) -> Result<rsa::PublicKey, KeyError> {
    if blob.len() != BLOB_BYTES {
        return Err(KeyError::Malformed);
    }
    let mut rest = blob;
    let words = rest.get_u32_le();
    rest.advance(4);
    let (modulus, mut rest) = rest.split_at_checked(MODULUS_BYTES).ok_or(KeyError::Malformed)?;
    rest.advance(MODULUS_BYTES);
    let exponent = rest.get_u32_le();
    let lowest = modulus.first().copied().unwrap_or(0);
    let highest = modulus.last().copied().unwrap_or(0);
    let whole = words == MODULUS_WORDS && lowest & 1 == 1 && highest & 0x80 != 0;
    if !whole || !EXPONENTS.contains(&exponent) {
        return Err(KeyError::Malformed);
    }
    let modulus = BoxedUint::from_le_slice_vartime(modulus);
    rsa::PublicKey::new(modulus, BoxedUint::from(exponent)).map_err(|_| KeyError::Malformed)
}

/// A key as Android writes it.
fn blob(key: &rsa::PublicKey) -> Result<Vec<u8>, KeyError> {
    let modulus = key.n().to_le_bytes_trimmed_vartime();
    let exponent = EXPONENTS.into_iter().find(|number| key.e() == &BoxedUint::from(*number));
    let exponent = exponent.ok_or(KeyError::Malformed)?;
    let lowest = modulus.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    let mut square = montgomery_square(key).to_vec();
    square.resize(MODULUS_BYTES, 0);
    if modulus.len() != MODULUS_BYTES || modulus.last().is_none_or(|byte| byte & 0x80 == 0) {
        return Err(KeyError::Malformed);
    }
    let mut blob = Vec::with_capacity(BLOB_BYTES);
    blob.put_u32_le(MODULUS_WORDS);
    blob.put_u32_le(negative_inverse(lowest));
    blob.put_slice(&modulus);
    blob.put_slice(&square);
    blob.put_u32_le(exponent);
    Ok(blob)
}

/// RR: 2 to the power of twice the modulus's bits, modulo the modulus; little-endian without leading zeros.
fn montgomery_square(key: &rsa::PublicKey) -> Box<[u8]> {
    let mut power = [0; 2 * MODULUS_BYTES + 1];
    power[0] = 1;
    BoxedUint::from_be_slice_vartime(&power).rem_vartime(key.n()).to_le_bytes_trimmed_vartime()
}

/// n0inv: what makes -1 of an odd number when multiplied by it, modulo 2 to the power of 32.
fn negative_inverse(odd: u32) -> u32 {
    // Each round doubles the bits that are right: 3, 6, 12, 24, 48.
    let mut inverse = odd;
    for _ in 0..4 {
        inverse = inverse.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A modulus of ones is as good as any to read and write a blob.
    fn sample() -> PublicKey {
        let modulus = BoxedUint::from_be_slice_vartime(&[0xff; MODULUS_BYTES]);
        PublicKey::from_rsa(rsa::PublicKey::new(modulus, BoxedUint::from(3_u32)).unwrap(), String::new())
            .unwrap()
    }

    fn text(blob: &[u8]) -> String {
        STANDARD.encode(blob)
    }

    #[test]
    fn the_numbers_that_follow_from_the_modulus_are_right() {
        let blob = sample().blob;
        // The modulus is 2^2048 - 1, so 2^4096 is 1 modulo it, and its lowest word is -1.
        assert_eq!(blob[..8], [64, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(blob[8..264], [0xff; 256]);
        assert_eq!(blob[264], 1);
        assert_eq!(blob[265..520], [0; 255]);
        assert_eq!(blob[520..], [3, 0, 0, 0]);
        for odd in [1, 3, 0x1234_5677, u32::MAX] {
            assert_eq!(odd.wrapping_mul(negative_inverse(odd)), u32::MAX);
        }
    }

    #[test]
    fn a_blob_that_lies_is_refused() {
        let good = sample().blob;
        assert!(PublicKey::parse(&text(&good)).is_ok());
        for place in [0, 4, 8, 263, 264, 519, 520, 523] {
            let mut blob = good.clone();
            blob[place] ^= 0x81;
            assert_eq!(PublicKey::parse(&text(&blob)).unwrap_err(), KeyError::Malformed, "byte {place}");
        }
        assert_eq!(PublicKey::parse(&text(&good[1..])).unwrap_err(), KeyError::Malformed);
        assert_eq!(PublicKey::parse(&text(&[0; BLOB_BYTES])).unwrap_err(), KeyError::Malformed);
    }

    #[test]
    fn what_is_no_line_of_base64_is_refused() {
        assert_eq!(PublicKey::parse("").unwrap_err(), KeyError::Malformed);
        assert_eq!(PublicKey::parse("ssh-rsa AAAA me").unwrap_err(), KeyError::NotText);
        let line = text(&sample().blob);
        assert_eq!(PublicKey::parse(&format!("{line} a\nb")).unwrap_err(), KeyError::NotText);
        assert_eq!(PublicKey::parse(&"A".repeat(KEY_TEXT_BYTES_MAX + 1)).unwrap_err(), KeyError::TooLong);
        let fitting = PublicKey::parse(&"A".repeat(KEY_TEXT_BYTES_MAX)).unwrap_err();
        assert_ne!(fitting, KeyError::TooLong, "no key, but no longer than one may be");
    }

    #[test]
    fn a_comment_can_be_given() {
        assert_eq!(sample().with_comment("a\nb ").comment(), "a b");
    }
}
