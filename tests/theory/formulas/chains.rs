//! Loads that change: the Kolmogorov forward equations of M(t)/M/c, solved with fixed steps.

/// M(t)/M/c, or M(t)/M/c/c.
pub struct Rush<F: Fn(f64) -> f64> {
    /// Servers.
    pub c: usize,
    /// What one of them gets done, a second.
    pub mu: f64,
    /// Orders a second at each instant, from 0.
    pub rate: F,
    /// The length of the arrivals in seconds.
    pub length: f64,
    /// Orders in the system at 0.
    pub start: usize,
    /// Whether an order that finds no server free is lost.
    pub loss: bool,
}

/// What the forward equations say.
#[derive(Clone, Debug, Default)]
pub struct Forward {
    /// Mean number waiting at each whole second.
    pub waiting: Vec<f64>,
    /// Mean number at work at each whole second.
    pub busy: Vec<f64>,
    /// All orders' waits together, in order-seconds.
    pub waited: f64,
    /// Orders lost.
    pub lost: f64,
}

/// Steps a second.
const STEPS: u32 = 250;

/// Solves the equations by the classical method of Runge and Kutta, 250 steps a second. Whoever comes at t waits for those
/// waiting and one more departure if all servers are busy, each 1 / (c mu) on average.
pub fn forward<F: Fn(f64) -> f64>(rush: &Rush<F>) -> Forward {
    let states = if rush.loss { rush.c + 1 } else { 300 };
    let mut p = vec![0.0; states];
    p[rush.start] = 1.0;
    let mut found = Forward::default();
    let step = 1.0 / f64::from(STEPS);
    let all = (rush.length * f64::from(STEPS)).round() as u32;
    for index in 0..=all {
        let t = f64::from(index) * step;
        if index % STEPS == 0 {
            let (waiting, busy) = means(&p, rush.c);
            found.waiting.push(waiting);
            found.busy.push(busy);
        }
        // The trapezoidal rule; a jump of the rate is at a step, and phases begin there.
        let weight = if index == 0 || index == all { 0.5 } else { 1.0 } * step * (rush.rate)(t);
        found.lost += if rush.loss { weight * p[rush.c] } else { 0.0 };
        let wait: f64 = p.iter().enumerate().skip(rush.c).map(|(n, p)| (n - rush.c + 1) as f64 * p).sum();
        found.waited += if rush.loss { 0.0 } else { weight * wait / (rush.c as f64 * rush.mu) };
        if index < all {
            runge_kutta(rush, &mut p, t, step);
        }
    }
    assert!(rush.loss || p[states - 1] < 1e-12, "more states are needed");
    found
}

fn means(p: &[f64], c: usize) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for (n, p) in p.iter().enumerate() {
        sums.0 += n.saturating_sub(c) as f64 * p;
        sums.1 += n.min(c) as f64 * p;
    }
    sums
}

fn runge_kutta<F: Fn(f64) -> f64>(rush: &Rush<F>, p: &mut [f64], t: f64, step: f64) {
    let moved = |slope: &[f64], by: f64| -> Vec<f64> { p.iter().zip(slope).map(|(p, k)| p + by * k).collect() };
    let first = slope(rush, p, t);
    let second = slope(rush, &moved(&first, step / 2.0), t + step / 2.0);
    let third = slope(rush, &moved(&second, step / 2.0), t + step / 2.0);
    let fourth = slope(rush, &moved(&third, step), t + step);
    for (n, p) in p.iter_mut().enumerate() {
        *p += step / 6.0 * (first[n] + 2.0 * second[n] + 2.0 * third[n] + fourth[n]);
    }
}

/// What flows into each state and out of it.
fn slope<F: Fn(f64) -> f64>(rush: &Rush<F>, p: &[f64], t: f64) -> Vec<f64> {
    let lambda = (rush.rate)(t);
    let mut slope = vec![0.0; p.len()];
    for n in 0..p.len() - 1 {
        let up = lambda * p[n];
        let down = (n + 1).min(rush.c) as f64 * rush.mu * p[n + 1];
        slope[n] += down - up;
        slope[n + 1] += up - down;
    }
    slope
}

/// The first orders of M/M/c (or M/M/c/c) from empty: (mean wait, share lost), by the chain of the numbers that arrivals
/// find. Between two arrivals the next thing from n is a departure with chance min(n, c) mu / (lambda + min(n, c) mu).
pub fn first_orders(orders: usize, lambda: f64, mu: f64, c: usize, loss: bool) -> (f64, f64) {
    let mut finds = vec![0.0; if loss { c + 1 } else { orders + 1 }];
    finds[0] = 1.0;
    let (mut waited, mut lost) = (0.0, 0.0);
    for _ in 0..orders {
        let mut after = vec![0.0; finds.len()];
        for (n, chance) in finds.iter().enumerate() {
            if loss && n == c {
                lost += chance;
                after[n] += chance;
            } else if n + 1 < after.len() {
                waited += chance * (n + 1).saturating_sub(c) as f64 / (c as f64 * mu);
                after[n + 1] += chance;
            }
        }
        let mut falling = 0.0;
        for n in (0..after.len()).rev() {
            let here = after[n] + falling;
            let departs = n.min(c) as f64 * mu;
            finds[n] = here * lambda / (lambda + departs);
            falling = here * departs / (lambda + departs);
        }
    }
    (waited / orders as f64, lost / orders as f64)
}
