//! Every distribution: moments, shape and pinned values.

use crate::random::statistics::{kolmogorov_smirnov, moments};
use crate::random::{Distribution, Draw, Named, OrderKey, Purpose, SampleTable, Streams};
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
fn pareto_has_its_mean_and_its_tail() {
    // shape 5: mean 5/4 of the shortest, variance 5 / (16 × 3).
    let cv = (5.0_f64 / 48.0).sqrt() / 1.25;
    let sample = sample_with_right_moments(Distribution::pareto(2.0, 5.0, None), 2.5, cv);
    assert!(sample.iter().all(|&x| x >= 2.0));
    assert_shape(sample, |x| 1.0 - libm::pow(2.0 / x, 5.0));
    // A tail without a variance still has its shape: one in 10^1.5 is longer than ten times the shortest.
    let heavy = Distribution::pareto(0.1, 1.5, None);
    assert!((heavy.mean() - 0.3).abs() < 1e-15 && heavy.cv() == f64::INFINITY);
    let mut numbers = Streams::new(5, 0).sequential(Named::Arrivals);
    let sample: Vec<f64> = (0..N).map(|_| heavy.sample(&mut numbers)).collect();
    let long = sample.iter().filter(|&&x| x > 1.0).count() as f64 / N as f64;
    assert!((long - 0.031_622_8).abs() < 0.002, "{long}");
    assert_shape(sample, |x| 1.0 - libm::pow(0.1 / x, 1.5));
    assert_eq!(Distribution::pareto(0.1, 1.0, None).mean(), f64::INFINITY);
}

#[test]
fn a_pareto_that_is_cut_off_has_every_moment() {
    // Moments by Simpson's rule over the density in the logarithm of x, an independent way to them.
    let moment = |shape: f64, power: f64| {
        let (steps, span) = (20_000, 100.0_f64);
        let h = libm::log(span) / f64::from(steps);
        let density = |t: f64| libm::exp((power - shape) * t);
        let weight = |i: i32| if i == 0 || i == steps { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
        let sum: f64 = (0..=steps).map(|i| weight(i) * density(f64::from(i) * h)).sum();
        shape * sum * h / 3.0 / (1.0 - libm::pow(span, -shape)) * libm::pow(0.02, power)
    };
    for shape in [0.3, 1.0, 1.000_000_1, 1.7, 2.0, 4.0] {
        let (mean, square) = (moment(shape, 1.0), moment(shape, 2.0));
        let cut = Distribution::pareto(0.02, shape, Some(2.0));
        assert!((cut.mean() / mean - 1.0).abs() < 1e-9, "shape {shape}: {} {mean}", cut.mean());
        let cv = (square / mean / mean - 1.0).sqrt();
        assert!((cut.cv() / cv - 1.0).abs() < 1e-7, "shape {shape}: {} {cv}", cut.cv());
        let sample = sample_with_right_moments(cut, cut.mean(), cut.cv());
        assert!(sample.iter().all(|&x| (0.02..=2.0 + 1e-12).contains(&x)));
        let whole = 1.0 - libm::pow(0.01, shape);
        assert_shape(sample, |x| (1.0 - libm::pow(0.02 / x, shape)) / whole);
    }
}

#[test]
fn samples_come_as_often_as_they_were_measured() {
    let values: Vec<f64> = (0..1_000).map(|index| f64::from((index * 7_919) % 1_000) / 100.0).collect();
    let table: &'static SampleTable = Box::leak(Box::new(SampleTable::new(values)));
    let uniform_cv = ((1e6 - 1.0) / 12.0_f64).sqrt() / 499.5;
    let sample = sample_with_right_moments(Distribution::samples(table), 4.995, uniform_cv);
    // Each hundredth of the sample lies at its own value: the empirical quantiles.
    let mut sorted = sample;
    sorted.sort_by(f64::total_cmp);
    for percent in 1..100 {
        let (found, exact) = (sorted[N / 100 * percent], percent as f64 / 10.0);
        assert!((found - exact).abs() <= 0.05, "{percent} %: {found}");
    }
    let bimodal: &'static SampleTable = Box::leak(Box::new(SampleTable::new(vec![5.0, 0.1, 0.1, 0.1])));
    let mut numbers = Streams::new(9, 0).sequential(Named::Arrivals);
    let long = (0..N).filter(|_| Distribution::samples(bimodal).sample(&mut numbers) == 5.0).count() as f64 / N as f64;
    assert!((long - 0.25).abs() < 0.004 && bimodal.mean() == 1.325, "{long}");
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
        Distribution::pareto(0.5, 1.5, None),
        Distribution::pareto(0.5, 0.5, Some(50.0)),
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
        (0.503_101_523_518_793_8, 0xbfdb_fe09_0797_a845),
        (0.508_414_383_872_519_6, 0x1b93_226f_4620_5b5d),
    ];
    assert_eq!(pinned, expected);
}
