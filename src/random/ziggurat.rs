//! Standard exponential and standard normal variates by the ziggurat of Marsaglia and Tsang (2000), 256 layers.
//!
//! One word decides nearly always: its low 8 bits choose a layer, its upper 53 bits the place in it. In about two of a
//! hundred draws the place lies outside the layer's rectangle; then the wedge or the tail decides, by `libm` only, so
//! that every platform agrees to the bit.

use crate::random::numbers::{Numbers, unit};
use crate::random::ziggurat_tables::{EXPONENTIAL_EDGES, NORMAL_EDGES};

/// Where the tail of the exponential begins.
pub(super) const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
/// Where the tail of the normal begins.
pub(super) const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

/// An exponential variate of mean 1.
#[inline(always)]
pub fn exponential(numbers: &mut impl Numbers) -> f64 {
    let word = numbers.next_u64();
    let layer = (word & 0xff) as usize;
    let x = unit(word) * EXPONENTIAL_EDGES[layer];
    if x < EXPONENTIAL_EDGES[layer + 1] { x } else { exponential_outside(numbers, layer, x) }
}

/// A normal variate of mean 0 and variance 1.
#[inline(always)]
pub fn normal(numbers: &mut impl Numbers) -> f64 {
    let word = numbers.next_u64();
    let layer = (word & 0xff) as usize;
    let x = signed_unit(word) * NORMAL_EDGES[layer];
    if x.abs() < NORMAL_EDGES[layer + 1] { x } else { normal_outside(numbers, layer, x) }
}

/// The upper 53 bits of a word as a number in [-1, 1), a multiple of 2^-52.
#[inline(always)]
fn signed_unit(word: u64) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 52) as f64;
    (word as i64 >> 11) as f64 * STEP
}

/// The rare rest of an exponential draw: `x` of `layer` lies outside the rectangle.
#[cold]
#[inline(never)]
fn exponential_outside<N: Numbers>(numbers: &mut N, mut layer: usize, mut x: f64) -> f64 {
    loop {
        if layer == 0 {
            // Memoryless: beyond the last edge it is an exponential again.
            return EXPONENTIAL_TAIL - libm::log(1.0 - numbers.uniform());
        }
        if under_the_curve(numbers, &EXPONENTIAL_EDGES, layer, x, |x| libm::exp(-x)) {
            return x;
        }
        let word = numbers.next_u64();
        layer = (word & 0xff) as usize;
        x = unit(word) * EXPONENTIAL_EDGES[layer];
        if x < EXPONENTIAL_EDGES[layer + 1] {
            return x;
        }
    }
}

/// The rare rest of a normal draw: `x` of `layer` lies outside the rectangle.
#[cold]
#[inline(never)]
fn normal_outside<N: Numbers>(numbers: &mut N, mut layer: usize, mut x: f64) -> f64 {
    loop {
        if layer == 0 {
            return normal_beyond(numbers).copysign(x);
        }
        if under_the_curve(numbers, &NORMAL_EDGES, layer, x, |x| libm::exp(-0.5 * x * x)) {
            return x;
        }
        let word = numbers.next_u64();
        layer = (word & 0xff) as usize;
        x = signed_unit(word) * NORMAL_EDGES[layer];
        if x.abs() < NORMAL_EDGES[layer + 1] {
            return x;
        }
    }
}

/// Whether a height drawn uniformly within the layer lies under the density at `x`.
fn under_the_curve<N: Numbers>(
    numbers: &mut N,
    edges: &[f64; 257],
    layer: usize,
    x: f64,
    density: impl Fn(f64) -> f64,
) -> bool {
    let (low, high) = (density(edges[layer]), density(edges[layer + 1]));
    low + (high - low) * numbers.uniform() < density(x)
}

/// A normal variate given that it lies beyond the last edge (Marsaglia 1964).
fn normal_beyond<N: Numbers>(numbers: &mut N) -> f64 {
    loop {
        let x = -libm::log(1.0 - numbers.uniform()) / NORMAL_TAIL;
        let y = -libm::log(1.0 - numbers.uniform());
        if y + y > x * x {
            return NORMAL_TAIL + x;
        }
    }
}
