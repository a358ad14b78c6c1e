//! Distributions of durations.
//!
//! A distribution is made by a constructor that takes what a scenario says (mean, cv, percentiles); it keeps the
//! parameters its sampler needs. A variate scales with the mean: a sweep over means keeps every order's luck.

use crate::random::{Numbers, SampleTable, ziggurat};
use crate::time::SimDuration;

/// 99 % quantile of the standard normal distribution.
const NORMAL_P99: f64 = 2.326_347_874_040_841;

/// A distribution of durations in seconds. None of them is negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant {
        /// Seconds.
        seconds: f64,
    },
    /// The exponential of a normal variate.
    LogNormal {
        /// Mean of the normal variate (log of seconds).
        mu: f64,
        /// Its standard deviation.
        sigma: f64,
    },
    /// Memoryless.
    Exponential {
        /// Seconds.
        mean: f64,
    },
    /// One of two exponentials.
    Hyperexponential {
        /// Probability of the first.
        p: f64,
        /// Mean of the first, in seconds.
        mean_1: f64,
        /// Mean of the second, in seconds.
        mean_2: f64,
    },
    /// Gamma; Erlang where the shape is whole.
    Gamma {
        /// Shape, positive.
        shape: f64,
        /// Scale in seconds: mean / shape.
        scale: f64,
    },
    /// Uniform on [min, max).
    Uniform {
        /// Seconds.
        min: f64,
        /// Seconds.
        max: f64,
    },
    /// Pareto: the share (min / x)^shape is longer than x; without what would be longer than a longest value, if there is one.
    Pareto {
        /// Seconds.
        min: f64,
        /// The smaller, the heavier the tail; positive.
        shape: f64,
        /// (min / max)^shape, the share that is left out; 0 without a longest value.
        beyond: f64,
    },
    /// One of a list of measured values.
    Samples {
        /// The values.
        table: &'static SampleTable,
    },
}

impl Distribution {
    /// Always `seconds`.
    pub fn constant(seconds: f64) -> Distribution {
        Distribution::Constant { seconds }
    }

    /// Log-normal with this median and 99th percentile; 0 < p50 <= p99.
    pub fn log_normal_percentiles(p50: f64, p99: f64) -> Distribution {
        Distribution::LogNormal { mu: libm::log(p50), sigma: libm::log(p99 / p50) / NORMAL_P99 }
    }

    /// Log-normal with this mean and coefficient of variation.
    pub fn log_normal(mean: f64, cv: f64) -> Distribution {
        let variance = libm::log1p(cv * cv);
        Distribution::LogNormal { mu: libm::log(mean) - variance / 2.0, sigma: variance.sqrt() }
    }

    /// Exponential with this mean.
    pub fn exponential(mean: f64) -> Distribution {
        Distribution::Exponential { mean }
    }

    /// Two exponentials of balanced means (p / mean_1 = (1 - p) / mean_2 in rates); cv at least 1.
    pub fn hyperexponential(mean: f64, cv: f64) -> Distribution {
        let square = cv * cv;
        let p = 0.5 * (1.0 + ((square - 1.0) / (square + 1.0)).sqrt());
        Distribution::Hyperexponential { p, mean_1: mean / (2.0 * p), mean_2: mean / (2.0 * (1.0 - p)) }
    }

    /// Gamma with this mean and shape.
    pub fn gamma(mean: f64, shape: f64) -> Distribution {
        Distribution::Gamma { shape, scale: mean / shape }
    }

    /// Uniform on [min, max).
    pub fn uniform(min: f64, max: f64) -> Distribution {
        Distribution::Uniform { min, max }
    }

    /// Pareto from `min` (positive) with this shape, cut off at `max` (more than `min`) if there is one.
    pub fn pareto(min: f64, shape: f64, max: Option<f64>) -> Distribution {
        let beyond = max.map_or(0.0, |max| libm::exp(-shape * libm::log(max / min)));
        Distribution::Pareto { min, shape, beyond }
    }

    /// Each of these values as likely as any other.
    pub fn samples(table: &'static SampleTable) -> Distribution {
        Distribution::Samples { table }
    }

    /// The mean in seconds; infinite for a Pareto distribution of shape 1 or less that nothing cuts off.
    pub fn mean(&self) -> f64 {
        match *self {
            Distribution::Constant { seconds } => seconds,
            Distribution::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Distribution::Exponential { mean } => mean,
            Distribution::Hyperexponential { p, mean_1, mean_2 } => p * mean_1 + (1.0 - p) * mean_2,
            Distribution::Gamma { shape, scale } => shape * scale,
            Distribution::Uniform { min, max } => (min + max) / 2.0,
            Distribution::Pareto { min, shape, beyond } => pareto_moment(min, shape, beyond, 1.0),
            Distribution::Samples { table } => table.mean(),
        }
    }

    /// The coefficient of variation: standard deviation over mean; 0 where the mean is, infinite where the variance is.
    pub fn cv(&self) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        match *self {
            Distribution::Constant { .. } => 0.0,
            Distribution::LogNormal { sigma, .. } => libm::expm1(sigma * sigma).sqrt(),
            Distribution::Exponential { .. } => 1.0,
            Distribution::Hyperexponential { p, mean_1, mean_2 } => {
                let mean = self.mean();
                let second_moment = 2.0 * (p * mean_1 * mean_1 + (1.0 - p) * mean_2 * mean_2);
                (second_moment / (mean * mean) - 1.0).max(0.0).sqrt()
            }
            Distribution::Gamma { shape, .. } => 1.0 / shape.sqrt(),
            Distribution::Uniform { min, max } => (max - min) / (min + max) * (1.0 / 3.0_f64).sqrt(),
            Distribution::Pareto { min, shape, beyond } => {
                let mean = self.mean();
                let second_moment = pareto_moment(min, shape, beyond, 2.0);
                if second_moment.is_finite() {
                    (second_moment / mean / mean - 1.0).max(0.0).sqrt()
                } else {
                    f64::INFINITY
                }
            }
            Distribution::Samples { table } => table.cv(),
        }
    }

    /// Whether every variate is 0.
    #[inline]
    pub fn is_zero(&self) -> bool {
        match *self {
            Distribution::Constant { seconds } => seconds == 0.0,
            Distribution::LogNormal { mu, .. } => mu == f64::NEG_INFINITY,
            Distribution::Exponential { mean } => mean == 0.0,
            Distribution::Hyperexponential { mean_1, mean_2, .. } => mean_1 == 0.0 && mean_2 == 0.0,
            Distribution::Gamma { scale, .. } => scale == 0.0,
            Distribution::Uniform { max, .. } => max == 0.0,
            Distribution::Pareto { min, .. } => min == 0.0,
            Distribution::Samples { table } => table.mean() == 0.0,
        }
    }

    /// A variate in seconds. Uses as many numbers as it needs, of a constant none.
    #[inline(always)]
    pub fn sample<N: Numbers>(&self, numbers: &mut N) -> f64 {
        // Small enough to stand where it is called; the others are not.
        match *self {
            Distribution::Exponential { mean } => mean * ziggurat::exponential(numbers),
            _ => self.sample_other(numbers),
        }
    }

    #[inline(never)]
    fn sample_other<N: Numbers>(&self, numbers: &mut N) -> f64 {
        match *self {
            Distribution::Constant { seconds } => seconds,
            Distribution::LogNormal { mu, sigma } => libm::exp(mu + sigma * ziggurat::normal(numbers)),
            Distribution::Exponential { mean } => mean * ziggurat::exponential(numbers),
            Distribution::Hyperexponential { p, mean_1, mean_2 } => {
                let mean = if numbers.uniform() < p { mean_1 } else { mean_2 };
                mean * ziggurat::exponential(numbers)
            }
            Distribution::Gamma { shape, scale } => scale * standard_gamma(shape, numbers),
            Distribution::Uniform { min, max } => min + (max - min) * numbers.uniform(),
            Distribution::Pareto { min, shape, beyond } => {
                // By inversion: the longer one's luck, the longer the time.
                min * libm::exp(-libm::log1p(-numbers.uniform() * (1.0 - beyond)) / shape)
            }
            Distribution::Samples { table } => table.at(numbers.uniform()),
        }
    }

    /// A variate to the nearest nanosecond.
    #[inline(always)]
    pub fn duration(&self, numbers: &mut impl Numbers) -> SimDuration {
        SimDuration::from_secs_f64(self.sample(numbers))
    }
}

/// The mean of the `power`-th power: shape min^power / (1 - beyond) × ∫ from 1 to max / min of x^(power - 1 - shape).
fn pareto_moment(min: f64, shape: f64, beyond: f64, power: f64) -> f64 {
    let scale = if power == 1.0 { min } else { libm::pow(min, power) };
    if beyond == 0.0 {
        return if shape > power { scale * shape / (shape - power) } else { f64::INFINITY };
    }
    let span = -libm::log(beyond) / shape;
    let exponent = (power - shape) * span;
    let integral = if exponent == 0.0 { span } else { span * libm::expm1(exponent) / exponent };
    scale * shape * integral / (1.0 - beyond)
}

/// A gamma variate of scale 1. Below shape 1: gamma(shape + 1) x U^(1 / shape), the power taken as the exponential of
/// an exponential variate.
fn standard_gamma<N: Numbers>(shape: f64, numbers: &mut N) -> f64 {
    if shape >= 1.0 {
        return marsaglia_tsang(shape, numbers);
    }
    let boosted = marsaglia_tsang(shape + 1.0, numbers);
    boosted * libm::exp(-ziggurat::exponential(numbers) / shape)
}

/// A gamma variate of scale 1 and shape at least 1 (Marsaglia and Tsang 2000, "A simple method").
fn marsaglia_tsang<N: Numbers>(shape: f64, numbers: &mut N) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = ziggurat::normal(numbers);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        let u = numbers.uniform();
        let squeezed = u < 1.0 - 0.0331 * (x * x) * (x * x);
        if squeezed || libm::log(u) < 0.5 * x * x + d * (1.0 - v + libm::log(v)) {
            return d * v;
        }
    }
}
