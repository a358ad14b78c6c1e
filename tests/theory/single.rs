//! One server, work of any distribution: M/G/1.

use queuecast::measure::findings::Design;

use super::formulas::{balanced_means, m_h2_1_tail, pollaczek_khinchine, root};
use super::harness::{Family, System};

pub static FAMILY: Family = Family::new(
    "M/G/1",
    "Poisson orders and one server; the mean wait depends on the mean of the work and its coefficient of variation alone, the share that waits on the mean.",
    || {
        vec![
            log_normal(),
            m_g_1(
                "gamma work of cv 2 at 60 %",
                6,
                "{ mean = '100ms', shape = 0.25, distribution = 'gamma' }",
                0.1,
                2.0,
                "2h",
            ),
            m_g_1(
                "Erlang work of 3 stages at 80 %",
                8,
                "{ mean = '100ms', shape = 3, distribution = 'erlang' }",
                0.1,
                1.0 / 3.0_f64.sqrt(),
                "2h",
            ),
            m_g_1(
                "uniform work at 90 %",
                9,
                "{ min = '50ms', max = '150ms', distribution = 'uniform' }",
                0.1,
                0.5 / 3.0_f64.sqrt(),
                "2h",
            ),
            m_h2_1(),
            bounded_pareto(),
            measured_values(),
            two_in_turn(),
        ]
    },
);

const KHINCHINE: &str = "Pollaczek 1930, Khinchine 1932.";
const MOMENTS: &str = "The moments of the work by numerical integration of its density; the formula by hand.";

#[test]
fn m_g_1_waits_as_pollaczek_and_khinchine_say() {
    FAMILY.holds();
}

fn m_g_1(name: &str, rate: u32, work: &str, mean: f64, cv: f64, duration: &str) -> System {
    let lambda = f64::from(rate);
    let text = format!(
        "warm_up = '200s'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{duration}'\n\n\
         [lambda]\nduration = {work}\nreserved_concurrency = 1"
    );
    System::new(format!("M/G/1, {name}"), Design::Buffered, text)
        .source(KHINCHINE)
        .checked(MOMENTS)
        .point("P(wait)", "wait_s.waited / wait_s.count", lambda * mean, 0.01)
        .point("mean wait, s", "wait_s.mean", pollaczek_khinchine(lambda, mean, cv), 0.05)
}

fn log_normal() -> System {
    let work = "{ mean = '100ms', cv = 1.5, distribution = 'lognormal' }";
    m_g_1("log-normal work of cv 1.5 at 70 %", 7, work, 0.1, 1.5, "2h")
}

fn m_h2_1() -> System {
    let (p, mu) = balanced_means(0.1, 2.0);
    let beyond = |share: f64| root(0.0, 20.0, |t| m_h2_1_tail(7.0, p, mu, t) - share);
    m_g_1(
        "hyperexponential work of cv 2 at 70 %",
        7,
        "{ mean = '100ms', cv = 2, distribution = 'hyperexponential' }",
        0.1,
        2.0,
        "2h",
    )
    .source("Pollaczek 1930, Khinchine 1932; the percentiles from the two poles of the transform.")
    .checked("Percentiles by numerical inversion of the transform (de Hoog, Knight and Stokes).")
    .point("90 % wait at most, s", "wait_s.p90", beyond(0.1), 0.05)
    .point("99 % wait at most, s", "wait_s.p99", beyond(0.01), 0.05)
}

/// The k-th moment of a Pareto distribution from `min` to `max`.
fn pareto_moment(min: f64, max: f64, shape: f64, k: f64) -> f64 {
    let whole = 1.0 - libm::pow(min / max, shape);
    shape * libm::pow(min, k) / (shape - k) * (1.0 - libm::pow(min / max, shape - k)) / whole
}

fn bounded_pareto() -> System {
    let moment = |k: f64| pareto_moment(0.04, 4.0, 1.5, k);
    let (mean, square) = (moment(1.0), moment(2.0));
    let cv = (square / (mean * mean) - 1.0).sqrt();
    let work = "{ min = '40ms', max = '4s', shape = 1.5, distribution = 'pareto' }";
    m_g_1("Pareto work from 40 ms to 4 s at 65 %", 6, work, mean, cv, "2h")
}

fn measured_values() -> System {
    let file = include_str!("../data/durations.csv");
    let values: Vec<f64> = file.lines().filter_map(|line| line.trim().parse().ok()).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let square = values.iter().map(|value| value * value).sum::<f64>() / count;
    let cv = (square / (mean * mean) - 1.0).sqrt();
    m_g_1("200 measured values as work", 5, "{ samples = 'tests/data/durations.csv' }", mean, cv, "2h")
}

/// The handler's own exponential work and then an exponential call of the inventory, in one slot.
fn two_in_turn() -> System {
    let text = "warm_up = '200s'\n\n[[arrivals]]\nrate = '7/s'\nduration = '2h'\n\n\
                [lambda]\nduration = { mean = '70ms', distribution = 'exponential' }\nreserved_concurrency = 1\n\n\
                [inventory]\nservice_time = { mean = '30ms', distribution = 'exponential' }";
    let cv = (0.07_f64 * 0.07 + 0.03 * 0.03).sqrt() / 0.1;
    System::new("M/G/1, work and a call in turn at 70 %", Design::Buffered, text)
        .source(KHINCHINE)
        .checked(MOMENTS)
        .point("mean wait, s", "wait_s.mean", pollaczek_khinchine(7.0, 0.1, cv), 0.04)
        .point("calls under way", "inventory.mean_connections", 0.21, 0.02)
}
