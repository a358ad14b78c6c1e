//! Arrivals with independent gaps: GI/M/1 and GI/M/c.

use super::{integral, root};

/// GI/M/1: the share that waits is the root sigma of `sigma = A*(mu (1 - sigma))`, A* the transform of the gaps
/// (Kendall 1953); the mean wait is sigma / (mu (1 - sigma)).
pub fn gi_m_1(mu: f64, transform: impl Fn(f64) -> f64) -> (f64, f64) {
    let sigma = root(1e-9, 1.0 - 1e-9, |sigma| transform(mu * (1.0 - sigma)) - sigma);
    (sigma, sigma / (mu * (1.0 - sigma)))
}

/// GI/M/c: (share that waits, rate of the exponential wait of those) (Takács 1962, as in Gross and Harris, "Fundamentals of
/// Queueing Theory").
pub fn gi_m_c(mu: f64, c: u32, transform: impl Fn(f64) -> f64) -> (f64, f64) {
    let servers = f64::from(c);
    let r = root(1e-9, 1.0 - 1e-9, |r| transform(servers * mu * (1.0 - r)) - r);
    let mut inverse = 1.0 / (1.0 - r);
    let (mut choose, mut product) = (1.0, 1.0);
    for j in 1..=c {
        let k = f64::from(j);
        let a = transform(k * mu);
        choose *= (servers - k + 1.0) / k;
        product *= a / (1.0 - a);
        inverse += choose / (product * (1.0 - a)) * (servers * (1.0 - a) - k) / (servers * (1.0 - r) - k);
    }
    (1.0 / inverse / (1.0 - r), servers * mu * (1.0 - r))
}

/// The two rates of a hyperexponential distribution with balanced means, and the chance of the first.
pub fn balanced_means(mean: f64, cv: f64) -> (f64, [f64; 2]) {
    let square = cv * cv;
    let p = (1.0 + ((square - 1.0) / (square + 1.0)).sqrt()) / 2.0;
    (p, [2.0 * p / mean, 2.0 * (1.0 - p) / mean])
}

/// The transform of Pareto gaps of this mean and shape (above 1), by Simpson's rule over the logarithm of the gap.
pub fn pareto_gaps(mean: f64, shape: f64, s: f64) -> f64 {
    let least = mean * (shape - 1.0) / shape;
    integral(0.0, 40.0 / shape, 4_000, |y| shape * libm::exp(-shape * y - s * least * libm::exp(y)))
}
