//! Secrets: passwords hashed, tokens digested, secret keys sealed.
//!
//! A stolen database gives none of them. Passwords are argon2id hashes; of a token only the SHA-256 digest
//! is stored. A secret key (SK) must be known in the clear to check a signature, so it is sealed with
//! ChaCha20-Poly1305 under a key that lives in a file of its own: whoever has both the database and that
//! file has the SKs.

use crate::error::StoreError;
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::Path;

const NONCE_BYTES: usize = 12;

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|e| StoreError::Operator(format!("no randomness from the operating system: {e}")))?;
    Ok(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

/// Lower-case hex SHA-256.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The key that seals secret keys.
#[derive(Clone)]
pub struct SealingKey(Key);

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

impl SealingKey {
    /// Reads the key from a file of 64 hex digits, or makes the file (mode 0600) when there is none.
    ///
    /// # Errors
    /// [`StoreError::File`] when the file cannot be read, written or understood.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file_error = |source| StoreError::File { path: path.display().to_string(), source };
        match std::fs::read_to_string(path) {
            Ok(text) => unhex(text.trim()).and_then(|bytes| Self::from_bytes(&bytes)).ok_or_else(|| {
                file_error(std::io::Error::new(std::io::ErrorKind::InvalidData, "must hold 64 hex digits"))
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let bytes: [u8; 32] = random()?;
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(path).map_err(file_error)?;
                writeln!(file, "{}", hex(&bytes)).and_then(|()| file.sync_all()).map_err(file_error)?;
                Ok(Self(bytes.into()))
            }
            Err(e) => Err(file_error(e)),
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        Some(Self(bytes.into()))
    }

    /// Seals a text; the same text never looks the same twice.
    ///
    /// # Errors
    /// When the operating system has no randomness.
    pub(crate) fn seal(&self, text: &str) -> Result<String, StoreError> {
        let nonce: [u8; NONCE_BYTES] = random()?;
        let sealed = ChaCha20Poly1305::new(&self.0)
            .encrypt(Nonce::from_slice(&nonce), text.as_bytes())
            .map_err(|e| StoreError::Operator(format!("sealing failed: {e}")))?;
        Ok(hex(&nonce) + &hex(&sealed))
    }

    pub(crate) fn unseal(&self, sealed: &str) -> Option<String> {
        let bytes = unhex(sealed)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let text = ChaCha20Poly1305::new(&self.0).decrypt(Nonce::from_slice(nonce), sealed).ok()?;
        String::from_utf8(text).ok()
    }
}

/// argon2id hash of a password. Takes tens of milliseconds on purpose: call it off the async threads.
pub(crate) fn password_hash(password: &str) -> Result<String, StoreError> {
    let failed = |e| StoreError::Operator(format!("hashing failed: {e}"));
    let salt = SaltString::encode_b64(&random::<16>()?).map_err(failed)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt).map_err(failed)?.to_string())
}

pub(crate) fn password_verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_argon2id() {
        let hash = password_hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(password_verify("correct horse", &hash) && !password_verify("wrong", &hash));
        assert!(!password_verify("x", "not a hash"));
    }

    #[test]
    fn sealed_keys_open_only_with_their_key() {
        let dir = tempfile::tempdir().unwrap();
        let key = SealingKey::open(&dir.path().join("a")).unwrap();
        let again = SealingKey::open(&dir.path().join("a")).unwrap();
        let other = SealingKey::open(&dir.path().join("b")).unwrap();
        let sealed = key.seal("a secret").unwrap();
        assert!(!sealed.contains("a secret") && sealed != key.seal("a secret").unwrap());
        assert_eq!(again.unseal(&sealed).as_deref(), Some("a secret"));
        assert_eq!(other.unseal(&sealed), None);
        assert_eq!(key.unseal("zz"), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(dir.path().join("a")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
