//! What a sampler needs of a source of randomness, and the mixing all our sources share.

/// SplitMix64's step between words: 2^64 divided by the golden ratio, made odd.
pub(super) const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A source of independent, uniformly distributed 64-bit words.
pub trait Numbers {
    /// The next word; every bit of it is as good as any other.
    fn next_u64(&mut self) -> u64;

    /// Uniform on [0, 1), a multiple of 2^-53.
    #[inline(always)]
    fn uniform(&mut self) -> f64 {
        unit(self.next_u64())
    }
}

/// The upper 53 bits of a word as a number in [0, 1). Exact: no rounding anywhere.
#[inline(always)]
pub(super) fn unit(word: u64) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 53) as f64;
    (word >> 11) as f64 * STEP
}

/// The finaliser of SplitMix64 (Stafford's variant 13): a bijection in which every input bit moves every output bit
/// with probability one half.
#[inline(always)]
pub(super) fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
