//! The pool of strings in Android's binary XML and resource tables, read in place: nothing is copied but the
//! string that is asked for.
//!
//! Facts: AOSP `ResourceTypes.h`, `ResStringPool_header`.

use super::bytes::{chunk_at, size_at, u16_at, u32_at};

/// Kind of the chunk.
const POOL: u16 = 0x0001;
/// Length of its head.
const HEAD_BYTES: usize = 28;
/// The strings are UTF-8 rather than UTF-16.
const UTF8: u32 = 1 << 8;

/// A pool of strings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strings<'a> {
    offsets: &'a [u8],
    content: &'a [u8],
    utf8: bool,
    /// Length of the chunk.
    pub(crate) bytes: usize,
}

impl<'a> Strings<'a> {
    /// The pool at a place; none unless it is laid out as Android's tools do it.
    pub(crate) fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let (kind, head, chunk) = chunk_at(bytes, at)?;
        let (count, styles) = (size_at(chunk, 8)?, size_at(chunk, 12)?);
        let (flags, start) = (u32_at(chunk, 16)?, size_at(chunk, 20)?);
        let tables = count.checked_add(styles)?.checked_mul(4)?.checked_add(HEAD_BYTES)?;
        // A pool without strings says that they start nowhere.
        let start = if start == 0 && count == 0 { tables } else { start };
        if kind != POOL || head != HEAD_BYTES || start != tables {
            return None;
        }
        let offsets = chunk.get(HEAD_BYTES..HEAD_BYTES + count * 4)?;
        Some(Self { offsets, content: chunk.get(start..)?, utf8: flags & UTF8 != 0, bytes: chunk.len() })
    }

    /// The bytes of a string as they are in the pool.
    fn raw(&self, index: u32) -> Option<&'a [u8]> {
        let at = size_at(self.offsets, usize::try_from(index).ok()?.checked_mul(4)?)?;
        let rest = self.content.get(at..)?;
        if self.utf8 {
            let (_, rest) = length8(rest)?;
            let (bytes, rest) = length8(rest)?;
            return rest.get(..bytes);
        }
        let first = usize::from(u16_at(rest, 0)?);
        let (units, rest) = match first & 0x8000 {
            0 => (first, rest.get(2..)?),
            _ => ((first & 0x7fff) << 16 | usize::from(u16_at(rest, 2)?), rest.get(4..)?),
        };
        rest.get(..units.checked_mul(2)?)
    }

    /// A string's length in bytes in the pool; 0 when there is none.
    pub(crate) fn length(&self, index: u32) -> usize {
        self.raw(index).map_or(0, <[u8]>::len)
    }

    /// A string; none when there is none, or it is longer than `bytes_max` in the pool.
    pub(crate) fn get(&self, index: u32, bytes_max: usize) -> Option<String> {
        let raw = self.raw(index).filter(|raw| raw.len() <= bytes_max)?;
        if self.utf8 {
            return Some(String::from_utf8_lossy(raw).into_owned());
        }
        let units: Vec<u16> = raw.chunks_exact(2).filter_map(|pair| u16_at(pair, 0)).collect();
        Some(String::from_utf16_lossy(&units))
    }
}

/// A length of one byte, or of two when the first one's top bit is set; and what follows.
fn length8(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let first = usize::from(*bytes.first()?);
    match first & 0x80 {
        0 => Some((first, bytes.get(1..)?)),
        _ => Some(((first & 0x7f) << 8 | usize::from(*bytes.get(1)?), bytes.get(2..)?)),
    }
}
