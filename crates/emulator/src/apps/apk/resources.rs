//! What a reference such as an app's label means, looked up in `resources.arsc`. The table is walked in
//! place: reading it whole, as libraries do, lets a small file ask for any amount of memory, and references
//! that form a ring for any depth of the stack.
//!
//! Facts: AOSP `ResourceTypes.h`.

use super::bytes::{chunk_at, size_at, u16_at, u32_at};
use super::strings::Strings;

const TABLE: u16 = 0x0002;
const PACKAGE: u16 = 0x0200;
const TYPE: u16 = 0x0201;

/// Length of a table's head.
const TABLE_HEAD_BYTES: usize = 12;
/// Where the configuration is in a type's head.
const CONFIGURATION_AT: usize = 20;

/// Entries are found by an id that is stored with each.
const SPARSE: u8 = 1;
/// Entries' places are stored in two bytes.
const SHORT: u8 = 2;

/// An entry that holds several values.
const COMPLEX: u16 = 1;
/// An entry whose value is in its head.
const COMPACT: u16 = 8;

const REFERENCE: u8 = 0x01;
const STRING: u8 = 0x03;
const DYNAMIC_REFERENCE: u8 = 0x07;
const DECIMAL: u8 = 0x10;

/// References followed on the way to a value.
const REFERENCES_MAX: usize = 8;
/// Longest string that is given out, in bytes of the pool.
const STRING_BYTES_MAX: usize = 4096;

/// The text of a resource for a phone without a language; none when it has none.
pub(crate) fn text(table: &[u8], id: u32) -> Option<String> {
    let (kind, head, table) = chunk_at(table, 0)?;
    if kind != TABLE || head != TABLE_HEAD_BYTES {
        return None;
    }
    let strings = Strings::at(table, head)?;
    let mut id = id;
    for _ in 0..REFERENCES_MAX {
        match value(table, head + strings.bytes, id)? {
            (REFERENCE | DYNAMIC_REFERENCE, target) => id = target,
            (STRING, index) => return strings.get(index, STRING_BYTES_MAX),
            (DECIMAL, number) => return Some(number.cast_signed().to_string()),
            _ => return None,
        }
    }
    None
}

/// The kind and data of a resource's value.
fn value(table: &[u8], packages_at: usize, id: u32) -> Option<(u8, u32)> {
    let [entry_low, entry_high, kind_id, package_id] = id.to_le_bytes();
    let entry = usize::from(u16::from_le_bytes([entry_low, entry_high]));
    let mut best = None;
    for (kind, head, package) in chunks(table, packages_at) {
        if kind != PACKAGE || u32_at(package, 8) != Some(u32::from(package_id)) {
            continue;
        }
        for (kind, head, chunk) in chunks(package, head) {
            if kind != TYPE || chunk.get(8) != Some(&kind_id) {
                continue;
            }
            let Some(found) = entry_value(chunk, head, entry) else { continue };
            if plain(chunk) {
                return Some(found);
            }
            best = best.or(Some(found));
        }
    }
    best
}

/// The chunks from a place to the end, or to the first that is broken.
fn chunks(bytes: &[u8], mut at: usize) -> impl Iterator<Item = (u16, usize, &[u8])> {
    std::iter::from_fn(move || {
        let found = chunk_at(bytes, at)?;
        at = at.checked_add(found.2.len())?;
        Some(found)
    })
}

/// Whether the values are for any phone: no language, no density.
fn plain(chunk: &[u8]) -> bool {
    let end = CONFIGURATION_AT.saturating_add(size_at(chunk, CONFIGURATION_AT).unwrap_or(0));
    chunk.get(CONFIGURATION_AT + 4..end).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
}

fn entry_value(chunk: &[u8], head: usize, entry: usize) -> Option<(u8, u32)> {
    let (flags, count) = (*chunk.get(9)?, size_at(chunk, 12)?);
    let start = size_at(chunk, 16)?;
    let places = chunk.get(head..)?;
    let short = |at: usize| match u16_at(places, at)? {
        u16::MAX => None,
        place => Some(usize::from(place) * 4),
    };
    let place = if flags & SPARSE != 0 {
        let pairs = places.get(..count.checked_mul(4)?)?;
        let at = pairs.chunks_exact(4).position(|pair| u16_at(pair, 0).map(usize::from) == Some(entry))?;
        short(at * 4 + 2)?
    } else if entry >= count {
        return None;
    } else if flags & SHORT != 0 {
        short(entry * 2)?
    } else {
        size_at(places, entry * 4).filter(|place| *place != u32::MAX as usize)?
    };
    let found = chunk.get(start.checked_add(place)?..)?;
    let (size, flags) = (usize::from(u16_at(found, 0)?), u16_at(found, 2)?);
    if flags & COMPACT != 0 {
        return Some((flags.to_be_bytes()[0], u32_at(found, 4)?));
    }
    if flags & COMPLEX != 0 {
        return None;
    }
    Some((*found.get(size.checked_add(3)?)?, u32_at(found, size.checked_add(4)?)?))
}
