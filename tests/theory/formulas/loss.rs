//! Loss: M/G/c/c, GI/M/c/c, pairs.

/// Erlang B: the share that finds all servers of M/G/c/c busy, by the stable recursion (Erlang 1917).
pub fn erlang_b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// The share that finds all servers of GI/M/c/c busy (Palm 1943); `transform` is the Laplace transform of the gaps.
pub fn gi_m_c_c(mu: f64, c: u32, transform: impl Fn(f64) -> f64) -> f64 {
    let mut sum = 1.0;
    let mut term = 1.0;
    for k in 1..=c {
        let a = transform(f64::from(k) * mu);
        term *= f64::from(c - k + 1) / f64::from(k) * (1.0 - a) / a;
        sum += term;
    }
    1.0 / sum
}

/// Orders come in pairs, `lambda` of them a second, to c servers, and who finds none free is lost: (share lost, mean number
/// busy). The balance across each cut between n - 1 and n gives the chances one after the other.
pub fn pairs_lost(lambda: f64, mu: f64, c: usize) -> (f64, f64) {
    let pairs = lambda / 2.0;
    let mut p = vec![1.0];
    for n in 1..=c {
        let up = p[n - 1] + if n >= 2 { p[n - 2] } else { 0.0 };
        p.push(pairs * up / (n as f64 * mu));
    }
    let whole: f64 = p.iter().sum();
    let lost = (2.0 * p[c] + p[c - 1]) / 2.0 / whole;
    let busy = p.iter().enumerate().map(|(n, p)| n as f64 * p).sum::<f64>() / whole;
    (lost, busy)
}
