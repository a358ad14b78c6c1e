//! Exact results of queueing theory, as the books have them. `a` is the offered load in erlang, `c` the number of servers.

/// Erlang B: the share that finds all servers of M/G/c/c busy, by the stable recursion (Erlang 1917).
pub fn erlang_b(c: u32, a: f64) -> f64 {
    (1..=c).fold(1.0, |b, k| a * b / (f64::from(k) + a * b))
}

/// Erlang C: the share that waits in M/M/c.
pub fn erlang_c(c: u32, a: f64) -> f64 {
    let b = erlang_b(c, a);
    let rho = a / f64::from(c);
    b / (1.0 - rho * (1.0 - b))
}

/// The root of `f` in (low, high), where f changes sign, by bisection.
pub fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let rising = f(high) > f(low);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if (f(middle) > 0.0) == rising {
            high = middle;
        } else {
            low = middle;
        }
    }
    (low + high) / 2.0
}

/// GI/M/1: the share that waits is the root sigma of `sigma = A*(mu (1 - sigma))`, A* the transform of the gaps
/// (Kendall 1953); the mean wait is sigma / (mu (1 - sigma)).
pub fn gi_m_1(mu: f64, transform: impl Fn(f64) -> f64) -> (f64, f64) {
    let sigma = root(1e-9, 1.0 - 1e-9, |sigma| transform(mu * (1.0 - sigma)) - sigma);
    (sigma, sigma / (mu * (1.0 - sigma)))
}

/// Mean wait of M/G/1 (Pollaczek and Khinchine) for work of this mean and coefficient of variation.
pub fn pollaczek_khinchine(lambda: f64, mean: f64, cv: f64) -> f64 {
    let rho = lambda * mean;
    rho * mean * (1.0 + cv * cv) / (2.0 * (1.0 - rho))
}

/// Mean wait of M/D/c: the numbers in system at instants one service time apart form a Markov chain (Crommelin 1932),
/// iterated here until it stands still.
pub fn m_d_c_mean_wait(lambda: f64, work: f64, c: usize) -> f64 {
    const STATES: usize = 400;
    let a = lambda * work;
    let mut arrivals = vec![libm::exp(-a)];
    for k in 1..STATES {
        arrivals.push(arrivals[k - 1] * a / k as f64);
    }
    let mut p = vec![0.0; STATES];
    p[0] = 1.0;
    for _ in 0..4_000 {
        let mut next = vec![0.0; STATES];
        let at_most_c: f64 = p[..=c].iter().sum();
        for n in 0..STATES {
            let mut sum = at_most_c * arrivals[n];
            for k in 0..n.min(60) {
                if c + n - k < STATES {
                    sum += p[c + n - k] * arrivals[k];
                }
            }
            // The term of k = n is the state c itself, which is in the first sum already.
            next[n] = sum;
        }
        let whole: f64 = next.iter().sum();
        let change: f64 = next.iter().zip(&p).map(|(new, old)| (new / whole - old).abs()).sum();
        p = next.into_iter().map(|x| x / whole).collect();
        if change < 1e-13 {
            break;
        }
    }
    let queue: f64 = p.iter().enumerate().skip(c + 1).map(|(n, p)| (n - c) as f64 * p).sum();
    queue / lambda
}

/// M/M^[1,K]/c, a free server takes up to K at once for one exponential time: (share that waits, mean wait). While all are
/// busy the number waiting is geometric with the root r of `c mu r^(K+1) - (lambda + c mu) r + lambda = 0` (Bailey 1954).
pub fn bulk_service(lambda: f64, mu: f64, c: u32, most: i32) -> (f64, f64) {
    let all = f64::from(c) * mu;
    let power = |r: f64| (0..=most).fold(1.0, |product, _| product * r);
    let r = root(1e-9, 1.0 - 1e-6, |r| all * power(r) - (lambda + all) * r + lambda);
    // Relative to the state "all busy, nobody waits": fewer busy, by lambda p(j - 1) = j mu p(j).
    let mut fewer = Vec::new();
    let mut p = 1.0;
    for busy in (1..=c).rev() {
        p *= f64::from(busy) * mu / lambda;
        fewer.push(p);
    }
    let all_busy = 1.0 / (1.0 - r);
    let whole = all_busy + fewer.iter().sum::<f64>();
    let waiting = r / ((1.0 - r) * (1.0 - r)) / whole;
    (all_busy / whole, waiting / lambda)
}

/// Mean wait of M^[X]/M/1 from the mean and the second moment of the batch: orders come at `lambda`, one by one served.
pub fn batch_arrivals(lambda: f64, work: f64, mean: f64, second_moment: f64) -> f64 {
    let rho = lambda * work;
    let in_system = rho * (1.0 + second_moment / mean) / (2.0 * (1.0 - rho));
    in_system / lambda - work
}
