//! Environments of the function: cold starts as set-up times, and how many there are where idle ones expire.

/// M/G/1 whose server must be set up for `cold` (mean and second moment) if it has been idle for longer than `expiry`: (mean
/// delay of an order before its work, set-up included; share of cold starts; share of time in which there is an
/// environment). Welch 1964, for a first service that takes longer, here with chance e^(-lambda expiry).
pub fn set_up(lambda: f64, work: [f64; 2], cold: [f64; 2], expiry: f64) -> (f64, f64, f64) {
    let gone = libm::exp(-lambda * expiry);
    let (d, d_square) = (gone * cold[0], gone * cold[1]);
    let rho = lambda * work[0];
    let delay = lambda * work[1] / (2.0 * (1.0 - rho)) + (2.0 * d + lambda * d_square) / (2.0 * (1.0 + lambda * d));
    let idle = (1.0 - rho) / (1.0 + lambda * d);
    (delay, idle * gone, 1.0 - idle * gone)
}

/// How many environments there are.
pub struct Environments {
    /// Mean number, busy and idle.
    pub mean: f64,
    /// Share of the invocations that find none idle.
    pub cold: f64,
}

/// Environments that expire after `expiry` of idleness, the most recently used taken first. Level k is idle from a fall of
/// the number busy from k to k - 1 until it next reaches k, so the number of environments is the greatest number busy
/// within the last `expiry`. `chances` are those of so many busy in equilibrium (the last entry: all servers); from n busy
/// the number rises at `lambda` and falls at n `mu`. The chance to stay below k for `expiry` is found by uniformisation; a
/// birth-death process looks the same in either direction of time, so that gives cold starts as well.
pub fn idle_expiry(lambda: f64, mu: f64, chances: &[f64], expiry: f64) -> Environments {
    let mut found = Environments { mean: 0.0, cold: 0.0 };
    let accepted: f64 = chances.iter().sum::<f64>();
    for k in 1..chances.len() {
        let stays = stays_below(k, lambda, mu, expiry);
        let below: f64 = chances[..k].iter().zip(&stays).map(|(chance, stays)| chance * stays).sum();
        found.mean += accepted - below;
        found.cold += chances[k - 1] * stays[k - 1];
    }
    found
}

/// The chance that the number busy, from each n < k, stays below k for so long.
fn stays_below(k: usize, lambda: f64, mu: f64, long: f64) -> Vec<f64> {
    let rate = lambda + k as f64 * mu;
    let (mut term, mut weight, mut left) = (vec![1.0; k], libm::exp(-rate * long), 1.0);
    assert!(weight > 1e-300, "the first weight of the uniformisation is too small a number");
    let mut chance = vec![0.0; k];
    let mut step = 0.0;
    while left > 1e-15 && step < 100_000.0 {
        for (sum, term) in chance.iter_mut().zip(&term) {
            *sum += weight * term;
        }
        left -= weight;
        step += 1.0;
        weight *= rate * long / step;
        let last = term.clone();
        for n in 0..k {
            let up = if n + 1 < k { lambda * last[n + 1] } else { 0.0 };
            let down = if n > 0 { n as f64 * mu * last[n - 1] } else { 0.0 };
            term[n] = (up + down + (rate - lambda - n as f64 * mu) * last[n]) / rate;
        }
        if step > 2.0 * rate * long && weight < 1e-18 {
            break;
        }
    }
    chance
}
