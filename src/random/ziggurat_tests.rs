//! The ziggurats: their tables to the bit, their distributions, their cost in words.

use crate::random::statistics::{kolmogorov_smirnov, moments};
use crate::random::ziggurat::{EXPONENTIAL_TAIL, NORMAL_TAIL, exponential, normal};
use crate::random::ziggurat_tables::{EXPONENTIAL_EDGES, NORMAL_EDGES};
use crate::random::{Named, Numbers, Sequential, Streams};

const N: usize = 400_000;

fn stream(seed: u64) -> Sequential {
    Streams::new(seed, 0).sequential(Named::Arrivals)
}

/// The edges of 256 layers of equal area under `density`, and what is missing from the topmost layer.
fn edges(tail: f64, area: f64, density: impl Fn(f64) -> f64, inverse: impl Fn(f64) -> f64) -> ([f64; 257], f64) {
    let mut edges = [0.0; 257];
    edges[0] = area / density(tail);
    edges[1] = tail;
    for i in 1..255 {
        edges[i + 1] = inverse(area / edges[i] + density(edges[i]));
    }
    let top = edges[255] * (1.0 - density(edges[255]));
    (edges, top - area)
}

fn exponential_density(x: f64) -> f64 {
    libm::exp(-x)
}

fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[test]
fn the_tables_are_what_libm_computes() {
    let area = (EXPONENTIAL_TAIL + 1.0) * exponential_density(EXPONENTIAL_TAIL);
    let (computed, missing) = edges(EXPONENTIAL_TAIL, area, exponential_density, |y| -libm::log(y));
    assert_eq!(computed.map(f64::to_bits), EXPONENTIAL_EDGES.map(f64::to_bits));
    assert!(missing.abs() < 1e-14, "the layers of the exponential do not close: {missing}");

    let beyond = std::f64::consts::FRAC_PI_2.sqrt() * libm::erfc(NORMAL_TAIL / std::f64::consts::SQRT_2);
    let area = NORMAL_TAIL * normal_density(NORMAL_TAIL) + beyond;
    let (computed, missing) = edges(NORMAL_TAIL, area, normal_density, |y| (-2.0 * libm::log(y)).sqrt());
    assert_eq!(computed.map(f64::to_bits), NORMAL_EDGES.map(f64::to_bits));
    assert!(missing.abs() < 1e-14, "the layers of the normal do not close: {missing}");
}

#[test]
fn exponential_variates_are_exponential() {
    let mut numbers = stream(1);
    let sample: Vec<f64> = (0..N).map(|_| exponential(&mut numbers)).collect();
    let (mean, variance) = moments(&sample);
    assert!((mean - 1.0).abs() < 0.006 && (variance - 1.0).abs() < 0.018, "mean {mean}, variance {variance}");
    let beyond = sample.iter().filter(|&&x| x > EXPONENTIAL_TAIL).count();
    assert!((130..240).contains(&beyond), "{beyond} in the tail, 182 expected");
    let ks = kolmogorov_smirnov(sample, |x| -libm::expm1(-x));
    assert!(ks < 1.95, "KS {ks}");
}

#[test]
fn normal_variates_are_normal() {
    let mut numbers = stream(2);
    let sample: Vec<f64> = (0..N).map(|_| normal(&mut numbers)).collect();
    let (mean, variance) = moments(&sample);
    assert!(mean.abs() < 0.006 && (variance - 1.0).abs() < 0.009, "mean {mean}, variance {variance}");
    let beyond = [1.0, -1.0].map(|side| sample.iter().filter(|&&x| side * x > NORMAL_TAIL).count());
    assert!(beyond.iter().all(|n| (27..78).contains(n)), "{beyond:?} in the tails, 52 expected in each");
    let ks = kolmogorov_smirnov(sample, normal_cdf);
    assert!(ks < 1.95, "KS {ks}");
}

/// Beyond the tail's edge the variates follow the density too, not only in number.
#[test]
fn the_tails_have_the_right_shape() {
    let mut numbers = stream(3);
    let sample: Vec<f64> = (0..4_000_000).map(|_| normal(&mut numbers).abs()).filter(|&x| x > 3.4).collect();
    let share = 2.0 * normal_cdf(-3.4);
    let ks = kolmogorov_smirnov(sample, |x| 1.0 - 2.0 * normal_cdf(-x) / share);
    assert!(ks < 1.95, "normal: KS {ks}");
    let sample: Vec<f64> = (0..4_000_000).map(|_| exponential(&mut numbers)).filter(|&x| x > 7.0).collect();
    let ks = kolmogorov_smirnov(sample, |x| -libm::expm1(7.0 - x));
    assert!(ks < 1.95, "exponential: KS {ks}");
}

/// Counts the words it hands on.
struct Counting(Sequential, usize);

impl Numbers for Counting {
    fn next_u64(&mut self) -> u64 {
        self.1 += 1;
        self.0.next_u64()
    }
}

#[test]
fn nearly_every_variate_takes_one_word() {
    let mut numbers = Counting(stream(4), 0);
    for _ in 0..100_000 {
        normal(&mut numbers);
    }
    let normals = std::mem::take(&mut numbers.1);
    for _ in 0..100_000 {
        exponential(&mut numbers);
    }
    assert!(normals < 103_000 && numbers.1 < 105_000, "{normals} and {} words for 100000 variates", numbers.1);
}
