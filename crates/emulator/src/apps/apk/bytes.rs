//! Little-endian numbers at a place; none beyond the end.

/// A u16.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// A u32.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// A u32, as a length or a place.
pub(crate) fn size_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}

/// A u64.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// The head of a chunk, as Android's binary XML and resource tables are made of: kind, length of the head,
/// and the whole chunk; none when it does not fit.
pub(crate) fn chunk_at(bytes: &[u8], at: usize) -> Option<(u16, usize, &[u8])> {
    let (kind, head) = (u16_at(bytes, at)?, usize::from(u16_at(bytes, at.checked_add(2)?)?));
    let size = size_at(bytes, at.checked_add(4)?)?;
    let chunk = bytes.get(at..at.checked_add(size)?)?;
    (head >= 8 && head <= size).then_some((kind, head, chunk))
}
