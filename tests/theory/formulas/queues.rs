//! Waiting: M/M/c, M/D/c, M/G/1, batches, bulk service, patience.

use super::loss::erlang_b;
use super::{integral, root};

/// Erlang C: the share that waits in M/M/c.
pub fn erlang_c(c: u32, a: f64) -> f64 {
    let b = erlang_b(c, a);
    let rho = a / f64::from(c);
    b / (1.0 - rho * (1.0 - b))
}

/// Mean wait of M/G/1 (Pollaczek and Khinchine) for work of this mean and coefficient of variation.
pub fn pollaczek_khinchine(lambda: f64, mean: f64, cv: f64) -> f64 {
    batch_arrivals(lambda, mean, cv, 1.0, 1.0)
}

/// Mean wait of M^[X]/G/1 from the mean and the second moment of the batch: orders come at `lambda`, one by one served
/// (Gaver 1959): the wait of a batch as one customer, and the work of those before an order in its own batch.
pub fn batch_arrivals(lambda: f64, work: f64, cv: f64, mean: f64, second_moment: f64) -> f64 {
    let rho = lambda * work;
    (rho * work * (1.0 + cv * cv) + (second_moment / mean - 1.0) * work) / (2.0 * (1.0 - rho))
}

/// M^[X]/M/1 with geometric batches: (share that waits, rate of the exponential wait of those). The transforms of the
/// batch's wait and of the work before an order in its batch multiply to an atom at 0 and one exponential.
pub fn geometric_batches(lambda: f64, work: f64, mean: f64) -> (f64, f64) {
    let spare = 1.0 - lambda * work;
    (1.0 - spare / mean, spare / (work * mean))
}

/// M/H2/1: the share that waits longer than `t`; the work is exponential with rate `mu[0]` (chance `p`) or `mu[1]`. The
/// transform of Pollaczek and Khinchine is rational with two poles.
pub fn m_h2_1_tail(lambda: f64, p: f64, mu: [f64; 2], t: f64) -> f64 {
    let rho = lambda * (p / mu[0] + (1.0 - p) / mu[1]);
    let sum = mu[0] + mu[1] - lambda;
    let product = mu[0] * mu[1] * (1.0 - rho);
    let spread = (sum * sum - 4.0 * product).sqrt();
    let (slow, fast) = ((sum - spread) / 2.0, (sum + spread) / 2.0);
    let term = |pole: f64, other: f64| {
        (1.0 - rho) * (mu[0] - pole) * (mu[1] - pole) / (other - pole) / pole * libm::exp(-pole * t)
    };
    term(slow, fast) + term(fast, slow)
}

/// M/D/c in equilibrium.
pub struct Constant {
    lambda: f64,
    work: f64,
    c: usize,
    /// The chance of so many orders in the system.
    p: Vec<f64>,
}

impl Constant {
    /// The numbers in system at instants one service time apart form a Markov chain (Crommelin 1932), iterated here until it
    /// stands still.
    pub fn new(lambda: f64, work: f64, c: usize) -> Constant {
        const STATES: usize = 400;
        let a = lambda * work;
        let mut arrivals = vec![libm::exp(-a)];
        for k in 1..STATES {
            arrivals.push(arrivals[k - 1] * a / k as f64);
        }
        let mut p = vec![0.0; STATES];
        p[0] = 1.0;
        for _ in 0..20_000 {
            let mut next = vec![0.0; STATES];
            let at_most_c: f64 = p[..=c].iter().sum();
            for n in 0..STATES {
                let mut sum = at_most_c * arrivals[n];
                // The term of k = n is the state c itself, which is in the first sum already.
                for k in 0..n.min(60) {
                    if c + n - k < STATES {
                        sum += p[c + n - k] * arrivals[k];
                    }
                }
                next[n] = sum;
            }
            let whole: f64 = next.iter().sum();
            let change: f64 = next.iter().zip(&p).map(|(new, old)| (new / whole - old).abs()).sum();
            p = next.into_iter().map(|x| x / whole).collect();
            if change < 1e-13 {
                break;
            }
        }
        Constant { lambda, work, c, p }
    }

    /// The mean wait, by Little.
    pub fn mean_wait(&self) -> f64 {
        let queue: f64 = self.p.iter().enumerate().skip(self.c + 1).map(|(n, p)| (n - self.c) as f64 * p).sum();
        queue / self.lambda
    }

    /// The share that waits.
    pub fn waits(&self) -> f64 {
        1.0 - self.p[..self.c].iter().sum::<f64>()
    }

    /// The share that waits at most `t` (Franx 2001): the sum over the arrivals up to the end of the service time in which
    /// `t` lies.
    fn within(&self, t: f64) -> f64 {
        let slots = (t / self.work).floor() as usize + 1;
        let left = self.lambda * (slots as f64 * self.work - t);
        let mut cumulative = Vec::new();
        let mut sum: f64 = self.p[..self.c].iter().sum();
        for p in &self.p[self.c..] {
            sum += p;
            cumulative.push(sum);
        }
        let mut term = libm::exp(-left);
        let mut total = 0.0;
        for j in 0..slots * self.c {
            total += term * cumulative[slots * self.c - j - 1];
            term *= left / (j + 1) as f64;
        }
        total
    }

    /// The wait that this share does not exceed; the share is above that of those who do not wait.
    pub fn percentile(&self, share: f64) -> f64 {
        root(0.0, 30.0 * self.work, |t| self.within(t) - share)
    }
}

/// M/M^[1,K]/c, a free server takes up to K at once for one exponential time: (share that waits, mean wait, mean number of
/// busy servers). While all are busy the number waiting is geometric with the root r of
/// `c mu r^(K+1) - (lambda + c mu) r + lambda = 0` (Bailey 1954).
pub fn bulk_service(lambda: f64, mu: f64, c: u32, most: u32) -> (f64, f64, f64) {
    let all = f64::from(c) * mu;
    let excess = |r: f64| all * libm::pow(r, f64::from(most + 1)) - (lambda + all) * r + lambda;
    let r = root(1e-9, 1.0 - 1e-9, excess);
    // Relative to the state "all busy, nobody waits": fewer busy, by lambda p(j - 1) = j mu p(j).
    let (mut fewer, mut busy_of_fewer) = (0.0, 0.0);
    let mut p = 1.0;
    for busy in (1..=c).rev() {
        p *= f64::from(busy) * mu / lambda;
        fewer += p;
        busy_of_fewer += p * f64::from(busy - 1);
    }
    let all_busy = 1.0 / (1.0 - r);
    let whole = all_busy + fewer;
    let waiting = r / ((1.0 - r) * (1.0 - r)) / whole;
    (all_busy / whole, waiting / lambda, (f64::from(c) * all_busy + busy_of_fewer) / whole)
}

/// A batch is collected from its first order on for `window`, or until it holds `most`: (mean size, mean wait of an order),
/// by the renewal-reward theorem.
pub fn batching_window(lambda: f64, window: f64, most: u32) -> (f64, f64) {
    // The chance of k more orders until t, k < most - 1.
    let chances = |t: f64| {
        let mut term = libm::exp(-lambda * t);
        (0..most - 1).map(move |k| {
            let chance = term;
            term *= lambda * t / f64::from(k + 1);
            (f64::from(k + 1), chance)
        })
    };
    let open: f64 = chances(window).map(|(_, chance)| chance).sum();
    let size = chances(window).map(|(size, chance)| size * chance).sum::<f64>() + f64::from(most) * (1.0 - open);
    let waited = integral(0.0, window, 2_000, |t| chances(t).map(|(size, chance)| size * chance).sum());
    (size, waited / size)
}

/// M/M/c where whoever has waited longer than `limit` is dropped when a server turns to it, which takes no time:
/// (share dropped, mean wait until a server turns to an order). The wait that an order would have is that of the M/M/c with
/// impatient customers (Barrer 1957): a density of two exponentials.
pub fn patience(lambda: f64, mu: f64, c: u32, limit: f64) -> (f64, f64) {
    let all = f64::from(c) * mu;
    let drift = all - lambda;
    // Relative to the chance of c - 1 in service: fewer, all busy with a wait below and above the limit.
    let mut fewer = 1.0;
    let mut p = 1.0;
    for busy in (1..c).rev() {
        p *= f64::from(busy) * mu / lambda;
        fewer += p;
    }
    let below = lambda * integral(0.0, limit, 2_000, |t| libm::exp(-drift * t));
    let at_limit = lambda * libm::exp(-drift * limit);
    let above = at_limit / all;
    let whole = fewer + below + above;
    let waits_below = lambda * integral(0.0, limit, 2_000, |t| t * libm::exp(-drift * t));
    let waits_above = above * (limit + 1.0 / all);
    (above / whole, (waits_below + waits_above) / whole)
}
