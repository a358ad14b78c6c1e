//! Arrivals that are not Poisson: D/M/1, E4/M/1, H2/M/1, and batches.

use queuecast::measure::findings::Design;

use super::formulas::{batch_arrivals, gi_m_1};
use super::harness::{estimate, mean_wait, share_waiting};

/// GI/M/1 at 8/s with a mean work of 100 ms; `transform` is the Laplace transform of the gaps.
fn gi_m_1_with(spacing: &str, transform: impl Fn(f64) -> f64) {
    let text = format!(
        "warm_up = '200s'\n[[arrivals]]\nrate = '8/s'\nspacing = {spacing}\nduration = '8h'\n\
         [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nreserved_concurrency = 1"
    );
    let [waiting, wait] =
        estimate(&text, Design::Buffered, ["P(wait)", "mean wait"], |found| [share_waiting(found), mean_wait(found)]);
    let (sigma, mean) = gi_m_1(10.0, transform);
    waiting.is(sigma, 0.02);
    wait.is(mean, 0.04);
}

#[test]
fn d_m_1() {
    gi_m_1_with("'even'", |s| libm::exp(-s / 8.0));
}

#[test]
fn e4_m_1() {
    gi_m_1_with("{ shape = 4, distribution = 'erlang' }", |s| libm::pow(32.0 / (32.0 + s), 4.0));
}

#[test]
fn h2_m_1() {
    // Balanced means, cv 2: p = (1 + sqrt(3/5)) / 2, rates 2 p lambda and 2 (1 - p) lambda.
    let p = (1.0 + (3.0_f64 / 5.0).sqrt()) / 2.0;
    let (fast, slow) = (2.0 * p * 8.0, 2.0 * (1.0 - p) * 8.0);
    gi_m_1_with("{ cv = 2, distribution = 'hyperexponential' }", |s| {
        p * fast / (fast + s) + (1.0 - p) * slow / (slow + s)
    });
}

#[test]
fn gamma_gaps_of_cv_2() {
    gi_m_1_with("{ cv = 2 }", |s| libm::pow(1.0 + s / 8.0 * 4.0, -0.25));
}

#[test]
fn orders_that_come_in_batches() {
    // Second moments: 25 for batches of five, (2 - q) / q^2 with q = 1/4 for geometric ones of mean 4.
    for (batch, mean, second_moment) in [("5", 5.0, 25.0), ("{ mean = 4, distribution = 'geometric' }", 4.0, 28.0)] {
        let text = format!(
            "warm_up = '200s'\n[[arrivals]]\nrate = '7/s'\nbatch = {batch}\nduration = '8h'\n\
             [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nreserved_concurrency = 1"
        );
        let [wait] = estimate(&text, Design::Buffered, ["mean wait"], |found| [mean_wait(found)]);
        wait.is(batch_arrivals(7.0, 0.1, mean, second_moment), 0.03);
    }
}

#[test]
fn modulated_arrivals_are_overdispersed_as_their_formula_says() {
    // In windows as long as a factor holds the counts have the index of dispersion 1 + rate × correlation × cv².
    let text = "[[arrivals]]\nrate = '20/s'\nmodulation = { cv = 0.5, correlation = '1s' }\nduration = '3000s'\n\
                [lambda]\nduration = '10ms'";
    let names = ["orders", "index of dispersion"];
    let [orders, dispersion] = estimate(text, Design::Direct, names, |found| {
        let counts: Vec<f64> = found.timeline.iter().take(3_000).map(|row| row.offered as f64).collect();
        let mean = counts.iter().sum::<f64>() / 3_000.0;
        let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / 2_999.0;
        [found.orders.offered as f64, variance / mean]
    });
    orders.is(60_000.0, 0.01);
    dispersion.is(1.0 + 20.0 * 0.25, 0.02);
}
