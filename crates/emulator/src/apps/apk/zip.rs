//! What of a ZIP archive an APK's reader needs: the directory at its end, two small files, and whether it is
//! signed. Nothing is inflated further than it says it is long, and that is bounded.
//!
//! Facts: PKWARE's APPNOTE; APK Signature Scheme v2 (source.android.com) for the block before the directory.

use super::bytes::{size_at, u16_at, u32_at, u64_at};
use super::{ApkError, Source};
use flate2::{Decompress, FlushDecompress, Status};

/// Largest directory that is read, in bytes.
const DIRECTORY_BYTES_MAX: usize = 16 << 20;
/// The record at the end without its comment, and with the longest.
const END_BYTES: usize = 22;
const END_BYTES_MAX: usize = END_BYTES + u16::MAX as usize;
/// Heads of an entry in the directory and before its data.
const ENTRY_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;
/// Entries of a signing block that are looked at.
const SIGNING_PAIRS_MAX: usize = 64;
/// Ids of the signature schemes v2, v3 and v3.1.
const SIGNATURES: [u32; 3] = [0x7109_871a, 0xf053_68c0, 0x1b93_ad61];
/// Last bytes of a signing block.
const SIGNING_MAGIC: &[u8; 16] = b"APK Sig Block 42";

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A file in the archive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    method: u16,
    packed: usize,
    size: usize,
    at: u64,
}

/// An archive's directory.
#[derive(Debug)]
pub(crate) struct Zip {
    directory: Vec<u8>,
    directory_at: u64,
}

impl Zip {
    /// Reads the directory.
    pub(crate) fn open(source: &mut impl Source) -> Result<Self, ApkError> {
        let total = source.size();
        let tail_bytes = END_BYTES_MAX.min(usize::try_from(total).unwrap_or(usize::MAX));
        let tail = source.read(total - tail_bytes as u64, tail_bytes)?;
        let end = (0..=tail.len().saturating_sub(END_BYTES))
            .rev()
            .find(|at| {
                let comment = u16_at(&tail, at + 20).map(usize::from);
                tail.get(*at..).is_some_and(|rest| rest.starts_with(b"PK\x05\x06"))
                    && comment.is_some_and(|comment| at + END_BYTES + comment == tail.len())
            })
            .and_then(|at| tail.get(at..))
            .ok_or(ApkError::NotApk)?;
        let size = size_at(end, 12).filter(|size| *size <= DIRECTORY_BYTES_MAX).ok_or(ApkError::NotApk)?;
        let directory_at = u64::from(u32_at(end, 16).ok_or(ApkError::NotApk)?);
        Ok(Self { directory: source.read(directory_at, size)?, directory_at })
    }

    /// The files: name and entry.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&[u8], Entry)> {
        let mut rest = self.directory.as_slice();
        std::iter::from_fn(move || {
            if !rest.starts_with(b"PK\x01\x02") {
                return None;
            }
            let name_bytes = usize::from(u16_at(rest, 28)?);
            let more = usize::from(u16_at(rest, 30)?) + usize::from(u16_at(rest, 32)?);
            let name = rest.get(ENTRY_BYTES..ENTRY_BYTES + name_bytes)?;
            let entry = Entry {
                method: u16_at(rest, 10)?,
                packed: size_at(rest, 20)?,
                size: size_at(rest, 24)?,
                at: u64::from(u32_at(rest, 42)?),
            };
            rest = rest.get(ENTRY_BYTES + name_bytes + more..)?;
            Some((name, entry))
        })
    }

    /// The file of this name.
    pub(crate) fn find(&self, name: &str) -> Option<Entry> {
        self.entries().find(|(found, _)| *found == name.as_bytes()).map(|(_, entry)| entry)
    }

    /// A file's content, if it is not longer than `bytes_max`.
    pub(crate) fn read(
        &self,
        source: &mut impl Source,
        entry: Entry,
        bytes_max: usize,
    ) -> Result<Vec<u8>, ApkError> {
        let broken = || ApkError::Unexpected("Failed to read an entry of the archive".into());
        if entry.size > bytes_max || entry.packed > bytes_max {
            return Err(ApkError::Unexpected("An entry of the archive is too large".into()));
        }
        let local = source.read(entry.at, LOCAL_BYTES)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(broken());
        }
        let names = [u16_at(&local, 26), u16_at(&local, 28)].map(|bytes| u64::from(bytes.unwrap_or(0)));
        let at = entry.at + LOCAL_BYTES as u64 + names.iter().sum::<u64>();
        let packed = source.read(at, entry.packed)?;
        match entry.method {
            STORED if entry.packed == entry.size => Ok(packed),
            DEFLATED => inflate(&packed, entry.size).ok_or_else(broken),
            _ => Err(broken()),
        }
    }

    /// Whether there is a signature of any scheme. It is not checked: there is nothing to protect.
    pub(crate) fn signed(&self, source: &mut impl Source) -> Result<bool, ApkError> {
        let as_jar = self.entries().any(|(name, _)| {
            let kinds: [&[u8]; 3] = [b".RSA", b".DSA", b".EC"];
            name.starts_with(b"META-INF/") && kinds.iter().any(|kind| name.ends_with(kind))
        });
        Ok(as_jar || self.signing_block(source)?)
    }

    fn signing_block(&self, source: &mut impl Source) -> Result<bool, ApkError> {
        const FOOT_BYTES: u64 = 24;
        let Some(foot_at) = self.directory_at.checked_sub(FOOT_BYTES) else { return Ok(false) };
        let foot = source.read(foot_at, FOOT_BYTES as usize)?;
        if !foot.ends_with(SIGNING_MAGIC) {
            return Ok(false);
        }
        // The block's length without the length itself, which stands before it once more.
        let size = u64_at(&foot, 0).unwrap_or(0);
        let Some(mut at) = self.directory_at.checked_sub(size) else { return Ok(false) };
        for _ in 0..SIGNING_PAIRS_MAX {
            if at.saturating_add(12) > foot_at {
                break;
            }
            let head = source.read(at, 12)?;
            if u32_at(&head, 8).is_some_and(|id| SIGNATURES.contains(&id)) {
                return Ok(true);
            }
            let Some(next) = u64_at(&head, 0).and_then(|bytes| at.checked_add(8)?.checked_add(bytes)) else {
                break;
            };
            at = next;
        }
        Ok(false)
    }
}

/// Inflates to exactly `size` bytes.
fn inflate(packed: &[u8], size: usize) -> Option<Vec<u8>> {
    // A byte more than it says, so that a longer one shows.
    let mut bytes = Vec::with_capacity(size + 1);
    let status = Decompress::new(false).decompress_vec(packed, &mut bytes, FlushDecompress::Finish).ok()?;
    (status == Status::StreamEnd && bytes.len() == size).then_some(bytes)
}
