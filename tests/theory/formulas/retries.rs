//! Attempts that fail with a fixed chance.

/// The sum of p^k for k from 0 to n - 1: attempts of an order that may try n times.
pub fn geometric(p: f64, n: u32) -> f64 {
    (0..n).map(|k| libm::pow(p, f64::from(k))).sum()
}

/// The mean time until an attempt succeeds, of those of which one does: attempts of `each`, and before attempt k + 1 a
/// pause of `pauses[k - 1]`, counted from the end of the attempt before it.
pub fn with_retries(p: f64, each: f64, pauses: &[f64]) -> f64 {
    let (mut time, mut sum, mut chance) = (each, each, 1.0);
    let mut whole = 1.0;
    for pause in pauses {
        time += pause + each;
        chance *= p;
        sum += chance * time;
        whole += chance;
    }
    sum / whole
}
