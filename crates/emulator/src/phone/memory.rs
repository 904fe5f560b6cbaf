//! Counts bytes the way a common allocator spends them, so that "bytes per phone" can be stated without
//! replacing the allocator.

/// What a heap block of `bytes` costs: 8 bytes of header, rounded up to 16, at least 32; nothing for none
/// (glibc malloc on 64-bit machines).
pub(crate) fn block(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}

/// What a hash map with room for `capacity` entries costs: buckets are a power of two, at most 7/8 full,
/// with one control byte each.
pub(crate) fn table(capacity: usize, entry_bytes: usize) -> usize {
    if capacity == 0 { 0 } else { block((capacity * 8 / 7).next_power_of_two() * (entry_bytes + 1) + 16) }
}
