//! The few statistics the tests of samplers need.

/// Kolmogorov-Smirnov distance to `cdf`, times the root of the sample's size: above 1.95 once in a thousand samples
/// of the right distribution.
pub fn kolmogorov_smirnov(mut sample: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let mut distance = 0.0_f64;
    for (i, &x) in sample.iter().enumerate() {
        let p = cdf(x);
        distance = distance.max(p - i as f64 / n).max((i + 1) as f64 / n - p);
    }
    distance * n.sqrt()
}

/// Mean and variance.
pub fn moments(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, variance)
}

/// Correlation of two samples, times the root of their size: a standard normal value if they are independent.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let n = a.len() as f64;
    let ((mean_a, variance_a), (mean_b, variance_b)) = (moments(a), moments(b));
    let covariance = a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f64>() / n;
    covariance / (variance_a * variance_b).sqrt() * n.sqrt()
}
