//! Every distribution: moments, shape and pinned values.

use crate::random::statistics::{kolmogorov_smirnov, moments};
use crate::random::{Distribution, Draw, Named, OrderKey, Purpose, Streams};
use crate::time::SimDuration;

const N: usize = 200_000;

/// Mean and standard deviation are as promised (within four or so standard errors); the sample comes back.
fn sample_with_right_moments(distribution: Distribution, mean: f64, cv: f64) -> Vec<f64> {
    assert!((distribution.mean() / mean - 1.0).abs() < 1e-12, "mean of {distribution:?}: {}", distribution.mean());
    assert!((distribution.cv() - cv).abs() < 1e-12 * cv.max(1.0), "cv of {distribution:?}: {}", distribution.cv());
    let mut numbers = Streams::new(11, 0).sequential(Named::Arrivals);
    let sample: Vec<f64> = (0..N).map(|_| distribution.sample(&mut numbers)).collect();
    assert!(sample.iter().all(|&x| x >= 0.0), "a negative variate of {distribution:?}");
    let (sampled_mean, variance) = moments(&sample);
    let error = 4.0 * cv / (N as f64).sqrt();
    assert!((sampled_mean / mean - 1.0).abs() <= error, "{distribution:?}: mean {sampled_mean}");
    assert!((variance.sqrt() / mean - cv).abs() <= 0.05 * cv, "{distribution:?}: sd {}", variance.sqrt());
    sample
}

fn assert_shape(sample: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    let ks = kolmogorov_smirnov(sample, cdf);
    assert!(ks < 1.95, "KS {ks}");
}

#[test]
fn constant() {
    let mut draw = Draw::new(OrderKey(1), Purpose::Work, 0);
    assert_eq!(Distribution::constant(0.12).duration(&mut draw), SimDuration::from_millis(120));
    assert_eq!(draw.next_u64(), Draw::new(OrderKey(1), Purpose::Work, 0).next_u64(), "a constant used a number");
    assert_eq!(Distribution::constant(0.12).cv(), 0.0);
}

#[test]
fn log_normal() {
    let sample = sample_with_right_moments(Distribution::log_normal(0.2, 0.7), 0.2, 0.7);
    let sigma = libm::log1p(0.49).sqrt();
    let mu = libm::log(0.2) - sigma * sigma / 2.0;
    assert_shape(sample, |x| 0.5 * libm::erfc((mu - libm::log(x)) / (sigma * std::f64::consts::SQRT_2)));
}

#[test]
fn log_normal_by_percentiles() {
    let distribution = Distribution::log_normal_percentiles(0.05, 0.4);
    let mut sample = sample_with_right_moments(distribution, distribution.mean(), distribution.cv());
    sample.sort_by(f64::total_cmp);
    let (p50, p99) = (sample[N / 2], sample[N / 100 * 99]);
    assert!((p50 / 0.05 - 1.0).abs() < 0.015 && (p99 / 0.4 - 1.0).abs() < 0.03, "p50 {p50}, p99 {p99}");
}

#[test]
fn exponential() {
    let sample = sample_with_right_moments(Distribution::exponential(3.0), 3.0, 1.0);
    assert_shape(sample, |x| -libm::expm1(-x / 3.0));
}

#[test]
fn hyperexponential() {
    let distribution = Distribution::hyperexponential(2.0, 3.0);
    let sample = sample_with_right_moments(distribution, 2.0, 3.0);
    let p = 0.5 * (1.0 + (8.0_f64 / 10.0).sqrt());
    let rest = |x: f64, p: f64| p * libm::exp(-x * p);
    assert_shape(sample, |x| 1.0 - rest(x, p) - rest(x, 1.0 - p));
}

/// Distribution function of an Erlang variate of this whole shape and scale 1.
fn erlang_cdf(shape: u32, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..shape {
        term *= x / f64::from(k);
        sum += term;
    }
    1.0 - sum * libm::exp(-x)
}

#[test]
fn gamma_of_whole_shape_is_erlang() {
    for shape in [1, 4, 25] {
        let mean = 1.5;
        let cv = 1.0 / f64::from(shape).sqrt();
        let sample = sample_with_right_moments(Distribution::gamma(mean, f64::from(shape)), mean, cv);
        assert_shape(sample, |x| erlang_cdf(shape, x * f64::from(shape) / mean));
    }
}

#[test]
fn gamma_of_shape_one_half_is_the_square_of_a_normal() {
    let sample = sample_with_right_moments(Distribution::gamma(1.0, 0.5), 1.0, 2.0_f64.sqrt());
    assert_shape(sample, |x| libm::erf((x / 2.0).sqrt()));
}

#[test]
fn uniform() {
    let sample = sample_with_right_moments(Distribution::uniform(1.0, 4.0), 2.5, 0.75_f64.sqrt() / 2.5);
    assert!(sample.iter().all(|x| (1.0..4.0).contains(x)));
    assert_shape(sample, |x| (x - 1.0) / 3.0);
}

#[test]
fn what_is_always_zero_says_so() {
    let zeros = [
        Distribution::constant(0.0),
        Distribution::log_normal(0.0, 1.0),
        Distribution::exponential(0.0),
        Distribution::hyperexponential(0.0, 2.0),
        Distribution::gamma(0.0, 2.0),
        Distribution::uniform(0.0, 0.0),
    ];
    for distribution in zeros {
        assert!(distribution.is_zero() && distribution.mean() == 0.0 && distribution.cv() == 0.0, "{distribution:?}");
        for key in 0..100 {
            let mut draw = Draw::new(OrderKey(key), Purpose::Work, 0);
            assert_eq!(distribution.duration(&mut draw), SimDuration::ZERO, "{distribution:?}");
        }
    }
    assert!(!Distribution::uniform(0.0, 1.0).is_zero() && !Distribution::constant(1e-9).is_zero());
}

#[test]
fn the_same_luck_scales_with_the_mean() {
    let sample = |distribution: Distribution, key| distribution.sample(&mut Draw::new(OrderKey(key), Purpose::Work, 1));
    for key in 0..1_000 {
        let (one, two) = (sample(Distribution::gamma(1.0, 3.0), key), sample(Distribution::gamma(2.0, 3.0), key));
        assert!((two / one - 2.0).abs() < 1e-12);
        let (one, two) = (sample(Distribution::exponential(1.0), key), sample(Distribution::exponential(2.0), key));
        assert_eq!(two, 2.0 * one);
    }
}

/// The checksum covers wedges and tails too: a change of any bit of any of the thousand variates is seen.
#[test]
fn values_are_pinned() {
    let pinned = [
        Distribution::log_normal(1.0, 0.5),
        Distribution::log_normal_percentiles(0.1, 0.9),
        Distribution::exponential(1.0),
        Distribution::hyperexponential(1.0, 2.0),
        Distribution::gamma(1.0, 0.3),
        Distribution::gamma(1.0, 4.0),
        Distribution::uniform(0.5, 1.5),
    ]
    .map(|distribution| {
        let sample = |key| distribution.sample(&mut Draw::new(OrderKey(key), Purpose::Work, 1)).to_bits();
        let checksum = (0..1_000).fold(0_u64, |sum, key| sum.rotate_left(5) ^ sample(key));
        (f64::from_bits(sample(0)), checksum)
    });
    let expected = [
        (0.917_616_710_438_133_3, 0xab0e_a029_f1de_e445),
        (0.105_251_035_357_904_13, 0x0064_86eb_00fa_d60f),
        (0.047_840_377_697_899_59, 0x2964_5aa3_8422_1090),
        (0.168_563_416_322_533_4, 0xd3a8_f852_3d44_e1e0),
        (0.357_271_029_381_374_9, 0x7de8_cebd_39ab_d653),
        (0.942_851_531_913_883_5, 0x963d_fb46_0e12_6196),
        (0.509_232_943_188_057_6, 0x1c72_eb31_f06f_2d6e),
    ];
    assert_eq!(pinned, expected);
}
