//! Sequential streams for what is drawn once, in order, when an order is born.
//!
//! Each stream is ChaCha8 under a key of its own, so using more numbers of one never moves another. The 32 bytes of
//! the key are made by us from (seed, replication, name) and not by a library's seeding, which may change:
//!
//! ```text
//! h = mix(seed + G)                     G: SplitMix64's step, mix: its finaliser
//! h = mix(h + (replication + 1) * G)
//! h = mix(h + name * G)
//! key word j = mix(h + (j + 1) * G)     j = 0..4, little-endian
//! ```

use crate::random::numbers::{GOLDEN, Numbers, mix};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a sequential stream is for. Numbers are part of the determinism contract: never reuse or reorder them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Named {
    /// The gaps between arrivals.
    Arrivals = 1,
    /// One key for each order.
    Keys = 2,
    /// The sizes of batches.
    Batches = 3,
    /// One key for each message of the initial backlog.
    Backlog = 4,
    /// One key for what belongs to no order.
    Platform = 5,
    /// The factor on all arrivals of a replication (`arrivals_scale`).
    ArrivalsScale = 6,
    /// The factors of a modulated rate.
    Modulation = 7,
}

/// All streams of one replication of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    seed: u64,
    replication: u32,
}

impl Streams {
    /// The streams of this replication, counted from 0.
    pub fn new(seed: u64, replication: u32) -> Streams {
        Streams { seed, replication }
    }

    /// This stream from its beginning, each time it is asked for.
    pub fn sequential(&self, name: Named) -> Sequential {
        let mut h = mix(self.seed.wrapping_add(GOLDEN));
        h = mix(h.wrapping_add((u64::from(self.replication) + 1).wrapping_mul(GOLDEN)));
        h = mix(h.wrapping_add((name as u64).wrapping_mul(GOLDEN)));
        let mut key = [0; 32];
        for bytes in key.chunks_exact_mut(8) {
            h = h.wrapping_add(GOLDEN);
            bytes.copy_from_slice(&mix(h).to_le_bytes());
        }
        Sequential { generator: ChaCha8Rng::from_seed(key), words: [0; WORDS], next: WORDS }
    }
}

/// Words made at a time: a block of the generator.
const WORDS: usize = 32;

/// One sequential stream, made a block at a time: handing out a word is then no more than a look into an array.
#[derive(Clone, Debug)]
pub struct Sequential {
    generator: ChaCha8Rng,
    words: [u64; WORDS],
    next: usize,
}

impl Sequential {
    #[cold]
    #[inline(never)]
    fn refill(&mut self) -> u64 {
        let mut bytes = [0; WORDS * 8];
        self.generator.fill_bytes(&mut bytes);
        for (word, bytes) in self.words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().expect("eight bytes are a word"));
        }
        self.next = 1;
        self.words[0]
    }
}

impl Numbers for Sequential {
    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        match self.words.get(self.next) {
            Some(word) => {
                self.next += 1;
                *word
            }
            None => self.refill(),
        }
    }
}
