//! Draws belong to the order: no draw moves, or tells anything about, another.

use crate::random::numbers::{GOLDEN, mix};
use crate::random::statistics::{correlation, kolmogorov_smirnov};
use crate::random::{Draw, Named, Numbers, OrderKey, Purpose, Streams};

const PURPOSES: [Purpose; 4] = [Purpose::Work, Purpose::Error, Purpose::Poison, Purpose::RetryJitter];
const N: u64 = 200_000;

fn uniforms(count: u64, draw: impl Fn(u64) -> Draw) -> Vec<f64> {
    (0..count).map(|i| draw(i).uniform()).collect()
}

#[test]
fn the_finaliser_is_that_of_splitmix64() {
    // The reference implementation's first values for seed 1234567.
    let words: Vec<u64> = (1..=3).map(|i: u64| mix(i.wrapping_mul(GOLDEN).wrapping_add(1_234_567))).collect();
    assert_eq!(words, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
}

#[test]
fn a_draw_does_not_depend_on_what_was_asked_before() {
    let ask = |purpose, attempt, words: usize| {
        let mut draw = Draw::new(OrderKey(77), purpose, attempt);
        (0..words).map(|_| draw.next_u64()).collect::<Vec<_>>()
    };
    let first = ask(Purpose::Work, 1, 8);
    for purpose in PURPOSES {
        ask(purpose, 3, 100);
    }
    assert_eq!(ask(Purpose::Work, 1, 8), first);
    assert_eq!(ask(Purpose::Work, 1, 3), first[..3]);
}

#[test]
fn no_two_draws_of_an_order_share_a_word() {
    let mut seen = Vec::new();
    for purpose in PURPOSES {
        for attempt in 0..100 {
            let mut draw = Draw::new(OrderKey(5), purpose, attempt);
            seen.extend((0..100).map(|_| draw.next_u64()));
        }
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), all);
}

#[test]
fn consecutive_keys_purposes_attempts_and_upper_bits_are_uniform() {
    let samples = [
        uniforms(N, |i| Draw::new(OrderKey(i), Purpose::Work, 0)),
        uniforms(N, |i| Draw::new(OrderKey(42), Purpose::Work, i)),
        uniforms(N, |i| Draw::new(OrderKey(i << 40), Purpose::Error, 1)),
        uniforms(N, |i| Draw::new(OrderKey(i / 4), PURPOSES[(i % 4) as usize], 0)),
    ];
    for (i, sample) in samples.into_iter().enumerate() {
        let neighbours = correlation(&sample[1..], &sample[..sample.len() - 1]);
        assert!(neighbours.abs() < 3.5, "sample {i}: neighbours correlate at {neighbours} s.e.");
        let ks = kolmogorov_smirnov(sample, |x| x);
        assert!(ks < 1.95, "sample {i}: KS {ks}");
    }
}

#[test]
fn purposes_and_attempts_of_one_key_are_uncorrelated() {
    let mut columns = Vec::new();
    for purpose in PURPOSES {
        for attempt in 0..3 {
            columns.push(uniforms(N / 4, |i| Draw::new(OrderKey(i), purpose, attempt)));
        }
    }
    for (i, a) in columns.iter().enumerate() {
        for (j, b) in columns[..i].iter().enumerate() {
            let c = correlation(a, b);
            assert!(c.abs() < 4.0, "columns {j} and {i} correlate at {c} s.e.");
        }
    }
}

#[test]
fn a_coin_of_zero_never_falls_and_one_of_one_always_does() {
    let falls = |p: f64| (0..10_000).filter(|&i| Draw::new(OrderKey(i), Purpose::Error, 1).coin(p)).count();
    assert_eq!([falls(-1.0), falls(0.0), falls(1.0), falls(2.0)], [0, 0, 10_000, 10_000]);
    assert!((2_850..3_150).contains(&falls(0.3)));
}

#[test]
fn a_likelier_coin_keeps_every_fall_of_a_less_likely_one() {
    let coin = |i, p| Draw::new(OrderKey(i), Purpose::Error, 1).coin(p);
    assert!((0..10_000).all(|i| !coin(i, 0.2) || coin(i, 0.25)));
}

#[test]
fn streams_differ_by_seed_replication_and_name() {
    let first = |seed, replication, name| Streams::new(seed, replication).sequential(name).next_u64();
    let mut words = Vec::new();
    for seed in 0..20 {
        for replication in 0..20 {
            for name in [Named::Arrivals, Named::Keys, Named::Batches, Named::Backlog] {
                words.push(first(seed, replication, name));
            }
        }
    }
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), 1_600);
    assert_eq!(first(3, 4, Named::Keys), first(3, 4, Named::Keys));
}

/// The expected words were computed by another implementation of the derivations the headers describe.
#[test]
fn first_values_are_pinned() {
    let drawn = PURPOSES.map(|purpose| {
        let mut draw = Draw::new(OrderKey(1), purpose, 2);
        [draw.next_u64(), draw.next_u64()]
    });
    let expected = [
        [0x69b2_4d04_cf7b_4df9, 0xc5a9_5582_5217_bd2f],
        [0x998a_77e4_1d14_ebfb, 0x80a4_f7ca_ed7f_c8a9],
        [0xb2c7_0d15_1f76_cbca, 0xf9d7_49f9_1b4a_bb4e],
        [0xc1dc_d717_8e5e_75dd, 0x5e41_397a_20dc_63a4],
    ];
    assert_eq!(drawn, expected);
    let sequential = [Named::Arrivals, Named::Keys, Named::Batches, Named::Backlog].map(|name| {
        let mut stream = Streams::new(1, 0).sequential(name);
        [stream.next_u64(), stream.next_u64()]
    });
    let expected = [
        [0xa316_ab40_308c_c88d, 0x15c7_0dd7_1903_f99d],
        [0xcf16_4735_8e99_f49f, 0xca4f_d300_6256_c3df],
        [0x3863_bf97_d1bc_0aff, 0xbf40_6e6b_6036_3f69],
        [0x97e4_54bb_8dc6_3c3a, 0x7a48_34ce_4f37_ffe4],
    ];
    assert_eq!(sequential, expected);
    assert_eq!(Streams::new(1, 1).sequential(Named::Arrivals).next_u64(), 0x617a_af73_a79e_4e69);
}
