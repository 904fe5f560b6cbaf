//! A small seeded generator. What a phone's boot draws depends on the seed, the phone and its power cycle
//! only, never on the order in which phones are started, so a run can be repeated.

/// FNV-1a, 64 bits.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// SplitMix64's output function: spreads every input bit over the whole word.
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The top 53 bits of a word as a number from 0 (inclusive) to 1 (exclusive).
pub(crate) fn unit(word: u64) -> f64 {
    (word >> 11) as f64 / (1_u64 << 53) as f64
}

/// SplitMix64.
#[derive(Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The generator of one power cycle of one phone.
    pub(crate) fn of(seed: u64, phone_id: &str, cycle: u32) -> Self {
        Self(mix(seed ^ mix(fnv(phone_id.as_bytes()))) ^ mix(u64::from(cycle)))
    }

    /// The next word.
    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// The next number from 0 (inclusive) to 1 (exclusive).
    pub(crate) fn unit(&mut self) -> f64 {
        unit(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_for_the_same_cycle_and_differ_for_others() {
        let draw = |seed, id, cycle| Rng::of(seed, id, cycle).word();
        assert_eq!(draw(1, "a", 1), draw(1, "a", 1));
        let others = [draw(1, "a", 1), draw(2, "a", 1), draw(1, "b", 1), draw(1, "a", 2)];
        let distinct: std::collections::HashSet<_> = others.iter().collect();
        assert_eq!(distinct.len(), others.len());
    }

    #[test]
    fn units_fill_the_interval_evenly() {
        let mut rng = Rng::of(7, "phone", 0);
        let mut tenths = [0_u32; 10];
        for _ in 0..100_000 {
            tenths[(rng.unit() * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|n| (9_500..10_500).contains(n)), "{tenths:?}");
    }
}
