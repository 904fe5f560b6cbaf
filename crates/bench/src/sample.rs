//! Choosing phones: scattered, because neighbouring ids share pages and flatter every database.

/// Shuffles in place; the same seed gives the same order, so that rounds can be repeated.
pub fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        let other = next(&mut state) % (last as u64 + 1);
        items.swap(last, usize::try_from(other).unwrap_or(0));
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_keeps_all_and_scatters() {
        let mut items: Vec<u32> = (0..1000).collect();
        shuffle(&mut items, 1);
        let neighbours = items.windows(2).filter(|w| w[0].abs_diff(w[1]) == 1).count();
        assert!(neighbours < 20, "{neighbours} neighbours stayed together");
        items.sort_unstable();
        assert!(items.into_iter().eq(0..1000));
    }
}
