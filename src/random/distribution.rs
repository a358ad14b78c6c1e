//! Distributions of durations.
//!
//! A distribution is made by a constructor that takes what a scenario says (mean, cv, percentiles); it keeps the
//! parameters its sampler needs.

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

    /// The mean in seconds.
    pub fn mean(&self) -> f64 {
        match *self {
            Distribution::Constant { seconds } => seconds,
            Distribution::LogNormal { mu, sigma } => libm::exp(mu + sigma * sigma / 2.0),
            Distribution::Exponential { mean } => mean,
            Distribution::Hyperexponential { p, mean_1, mean_2 } => p * mean_1 + (1.0 - p) * mean_2,
            Distribution::Gamma { shape, scale } => shape * scale,
            Distribution::Uniform { min, max } => (min + max) / 2.0,
        }
    }
}
