//! Looks over a binary manifest before the library reads it. The library copies every string that an
//! attribute names, as often as it is named, and nests as deep as the file does: a small file could ask for
//! any amount of memory. What passes here is laid out as Android's own tools do it, and costs little.
//!
//! Facts: AOSP `ResourceTypes.h`, `ResXMLTree`.

use super::bytes::{chunk_at, u16_at, u32_at};
use super::strings::Strings;

/// Most that the strings of a manifest may come to when each is counted as often as it is named, in bytes.
const EXPANDED_BYTES_MAX: usize = 16 << 20;
/// Elements in elements.
const DEPTH_MAX: usize = 64;
/// Attributes of an element.
const ATTRIBUTES_MAX: usize = 256;
/// Counted for every element and attribute on top of its strings.
const NODE_BYTES: usize = 128;

const XML: u16 = 0x0003;
const XML_HEAD_BYTES: usize = 8;
const RESOURCE_MAP: u16 = 0x0180;
const NAMESPACE_BEGINS: u16 = 0x0100;
const NAMESPACE_ENDS: u16 = 0x0101;
const ELEMENT_BEGINS: u16 = 0x0102;
const ELEMENT_ENDS: u16 = 0x0103;
const TEXT: u16 = 0x0104;

/// Heads of the chunks in the tree.
const NODE_HEAD_BYTES: usize = 16;
/// A beginning element without its attributes, and each of those.
const ELEMENT_BYTES: usize = 36;
const ATTRIBUTE_BYTES: usize = 20;
/// Where the attributes begin, counted from the end of the head.
const ATTRIBUTES_AT: u16 = 20;
/// The type of a value that is a string.
const STRING: u8 = 0x03;

/// The part of a manifest that the library may read; none when it is not laid out as it should be.
pub(crate) fn check(manifest: &[u8]) -> Option<&[u8]> {
    let (kind, head, manifest) = chunk_at(manifest, 0)?;
    if kind != XML || head != XML_HEAD_BYTES {
        return None;
    }
    let strings = Strings::at(manifest, head)?;
    let mut at = head.checked_add(strings.bytes)?;
    let (kind, head, map) = chunk_at(manifest, at)?;
    if kind != RESOURCE_MAP || head != 8 || map.len() % 4 != 0 {
        return None;
    }
    at += map.len();
    let (mut depth, mut roots, mut expanded) = (0_usize, 0_usize, 0_usize);
    while at < manifest.len() {
        let (kind, head, chunk) = chunk_at(manifest, at)?;
        at += chunk.len();
        let length = match kind {
            NAMESPACE_BEGINS | NAMESPACE_ENDS | ELEMENT_ENDS => 24,
            TEXT => 28,
            ELEMENT_BEGINS => ELEMENT_BYTES + ATTRIBUTE_BYTES * usize::from(u16_at(chunk, 28)?),
            _ => return None,
        };
        if head != NODE_HEAD_BYTES || chunk.len() != length {
            return None;
        }
        if kind == ELEMENT_BEGINS {
            roots += usize::from(depth == 0);
            depth += 1;
            expanded = expanded.checked_add(cost(&strings, chunk)?)?;
        }
        if kind == ELEMENT_ENDS {
            depth = depth.checked_sub(1)?;
        }
        if depth > DEPTH_MAX || expanded > EXPANDED_BYTES_MAX {
            return None;
        }
    }
    (depth == 0 && roots == 1).then_some(manifest)
}

/// What an element costs the library, in bytes.
fn cost(strings: &Strings<'_>, chunk: &[u8]) -> Option<usize> {
    let (begin, each, count) = (u16_at(chunk, 24)?, u16_at(chunk, 26)?, usize::from(u16_at(chunk, 28)?));
    if begin != ATTRIBUTES_AT || usize::from(each) != ATTRIBUTE_BYTES || count > ATTRIBUTES_MAX {
        return None;
    }
    // What is not legal text grows by half or to three times as it is made so.
    let long = |index: Option<u32>| Some(strings.length(index?).saturating_mul(3));
    let mut bytes = long(u32_at(chunk, 20))?.saturating_add(NODE_BYTES);
    for attribute in chunk.get(ELEMENT_BYTES..)?.chunks_exact(ATTRIBUTE_BYTES) {
        let names = long(u32_at(attribute, 0))?.saturating_add(long(u32_at(attribute, 4))?);
        let value = if attribute.get(15) == Some(&STRING) { long(u32_at(attribute, 16))? } else { 0 };
        bytes = bytes.saturating_add(names).saturating_add(value).saturating_add(NODE_BYTES);
    }
    Some(bytes)
}
