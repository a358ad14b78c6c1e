//! Arrivals that are not Poisson: GI/M/1, GI/M/c, batches; and the streams themselves.

use queuecast::measure::findings::Design;

use super::formulas::{balanced_means, batch_arrivals, geometric_batches, gi_m_1, gi_m_c, pareto_gaps};
use super::harness::{Family, Run, System};

pub static RENEWALS: Family =
    Family::new("GI/M/c", "Independent gaps of any distribution (`spacing`), exponential work of 100 ms.", || {
        let (p, rates) = balanced_means(1.0 / 8.0, 2.0);
        let (q, faster) = balanced_means(1.0 / 30.0, 2.0);
        let mixed =
            |p: f64, rates: [f64; 2], s: f64| p * rates[0] / (rates[0] + s) + (1.0 - p) * rates[1] / (rates[1] + s);
        vec![
            one("D/M/1 at 50 %", 5, "'even'", |s| libm::exp(-s / 5.0)),
            one("D/M/1 at 80 %", 8, "'even'", |s| libm::exp(-s / 8.0)),
            one("E4/M/1 at 80 %", 8, "{ shape = 4, distribution = 'erlang' }", |s| libm::pow(32.0 / (32.0 + s), 4.0)),
            one("H2/M/1 at 80 %, gaps of cv 2", 8, "{ cv = 2, distribution = 'hyperexponential' }", move |s| {
                mixed(p, rates, s)
            }),
            one("GI/M/1 at 80 %, gamma gaps of cv 2", 8, "{ cv = 2 }", |s| libm::pow(1.0 + s / 8.0 * 4.0, -0.25)),
            one("GI/M/1 at 70 %, Pareto gaps", 7, "{ shape = 2.5, distribution = 'pareto' }", |s| {
                pareto_gaps(1.0 / 7.0, 2.5, s)
            }),
            several("D/M/4 at 85 %", 4, 34, "'even'", |s| libm::exp(-s / 34.0)),
            several("H2/M/4 at 75 %, gaps of cv 2", 4, 30, "{ cv = 2, distribution = 'hyperexponential' }", move |s| {
                mixed(q, faster, s)
            }),
        ]
    });

pub static BATCHES: Family =
    Family::new("M^[X]/G/1", "Orders that come together (`arrivals.batch`), one server.", || {
        // Second moments: 25 for batches of five, 9 for three, (2 - q) / q^2 with q = 1/4 for geometric ones of mean 4.
        vec![
            batches("M^[5]/M/1 at 70 %", 7, "5", EXPONENTIAL, 1.0, [5.0, 25.0]),
            batches("M^[2]/M/1 at 50 %", 5, "2", EXPONENTIAL, 1.0, [2.0, 4.0]),
            batches("M^[3]/D/1 at 60 %", 6, "3", "'100ms'", 0.0, [3.0, 9.0]),
            geometric(),
        ]
    });

pub static STREAMS: Family =
    Family::new("Streams of orders", "The arrivals alone: how many come, and how unevenly.", || {
        vec![modulated(20, 0.5), modulated(50, 1.0), clumped(), decaying(), doubted()]
    });

const EXPONENTIAL: &str = "{ mean = '100ms', distribution = 'exponential' }";

#[test]
fn renewal_arrivals_wait_as_the_root_says() {
    RENEWALS.holds();
}

#[test]
fn orders_that_come_in_batches_wait_for_each_other() {
    BATCHES.holds();
}

#[test]
fn streams_bring_as_many_orders_as_their_formulas_say() {
    STREAMS.holds();
}

fn queue(spacing: &str, c: u32, rate: u32, duration: &str) -> String {
    format!(
        "warm_up = '200s'\n\n[[arrivals]]\nrate = '{rate}/s'\n{spacing}\nduration = '{duration}'\n\n\
         [lambda]\nduration = {EXPONENTIAL}\nreserved_concurrency = {c}"
    )
}

fn one(name: &str, rate: u32, spacing: &str, transform: impl Fn(f64) -> f64) -> System {
    let (sigma, mean) = gi_m_1(10.0, transform);
    let text = queue(&format!("spacing = {spacing}"), 1, rate, "90min");
    System::new(name, Design::Buffered, text)
        .source("Kendall 1953: the root of sigma = A*(mu (1 - sigma)); the wait of those who wait is exponential.")
        .checked("The root by Brent's method in another program, the transform of Pareto gaps by an incomplete gamma function.")
        .point("P(wait)", "wait_s.waited / wait_s.count", sigma, 0.02)
        .point("mean wait, s", "wait_s.mean", mean, 0.05)
        .point("99 % wait at most, s", "wait_s.p99", libm::log(sigma / 0.01) / (10.0 * (1.0 - sigma)), 0.05)
}

fn several(name: &str, c: u32, rate: u32, spacing: &str, transform: impl Fn(f64) -> f64) -> System {
    let (waits, spare) = gi_m_c(10.0, c, transform);
    let text = queue(&format!("spacing = {spacing}"), c, rate, "20min");
    System::new(name, Design::Buffered, text)
        .source("Takács 1962, as in Gross and Harris, \"Fundamentals of Queueing Theory\", GI/M/c; with Poisson gaps it is Erlang's C.")
        .checked("The chain of the numbers that arrivals find, its steps integrated numerically, in another program.")
        .point("P(wait)", "wait_s.waited / wait_s.count", waits, 0.02)
        .point("mean wait, s", "wait_s.mean", waits / spare, 0.05)
        .point("99 % wait at most, s", "wait_s.p99", libm::log(waits / 0.01) / spare, 0.05)
}

fn batches(name: &str, rate: u32, batch: &str, work: &str, cv: f64, moments: [f64; 2]) -> System {
    let lambda = f64::from(rate);
    let text = queue(&format!("batch = {batch}"), 1, rate, "90min").replace(EXPONENTIAL, work);
    System::new(name, Design::Buffered, text)
        .source("Gaver 1959: the wait of a batch as one customer of M/G/1, and the work of those before an order in its batch.")
        .checked("The chain of the numbers in system, solved in another program (exponential work); by hand for constant work.")
        .point("P(wait)", "wait_s.waited / wait_s.count", 1.0 - (1.0 - lambda / 10.0) / moments[0], 0.01)
        .point("mean wait, s", "wait_s.mean", batch_arrivals(lambda, 0.1, cv, moments[0], moments[1]), 0.05)
}

fn geometric() -> System {
    let (waits, rate) = geometric_batches(7.0, 0.1, 4.0);
    let batch = "{ mean = 4, distribution = 'geometric' }";
    batches("M^[X]/M/1 at 70 %, geometric batches of mean 4", 7, batch, EXPONENTIAL, 1.0, [4.0, 28.0]).point(
        "99 % wait at most, s",
        "wait_s.p99",
        libm::log(waits / 0.01) / rate,
        0.05,
    )
}

/// Variance over mean of the orders in each second.
fn dispersion(run: &Run) -> f64 {
    let counts: Vec<f64> = run.found.timeline.iter().take(3_000).map(|row| row.offered as f64).collect();
    let mean = counts.iter().sum::<f64>() / 3_000.0;
    let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / 2_999.0;
    variance / mean
}

const DISPERSION: (&str, &str) = ("index of dispersion", "variance / mean of timeline.csv: offered");

fn modulated(rate: u32, cv: f64) -> System {
    // In windows as long as a factor holds: 1 + rate × correlation × cv².
    let text = format!(
        "[[arrivals]]\nrate = '{rate}/s'\nmodulation = {{ cv = {cv:?}, correlation = '1s' }}\nduration = '3000s'\n\n\
         [lambda]\nduration = '10ms'"
    );
    let (quantity, from) = DISPERSION;
    System::new(format!("modulated Poisson, factor of cv {cv}"), Design::Direct, text)
        .seeds(16)
        .source("A Poisson count of a gamma rate is negative binomial (Greenwood and Yule 1920).")
        .checked("By hand: variance m + m² cv².")
        .point("orders", "orders.offered", f64::from(rate) * 3_000.0, 0.01)
        .custom(quantity, from, 1.0 + f64::from(rate) * cv * cv, 0.03, dispersion)
}

fn clumped() -> System {
    let text = "[[arrivals]]\nrate = '20/s'\nbatch = { mean = 4, distribution = 'geometric' }\nduration = '3000s'\n\n\
                [lambda]\nduration = '10ms'";
    let (quantity, from) = DISPERSION;
    System::new("compound Poisson, geometric batches of mean 4", Design::Direct, text)
        .seeds(16)
        .source("Variance over mean of a compound Poisson count is E[X²] / E[X] = 28 / 4.")
        .checked("By hand.")
        .point("orders", "orders.offered", 60_000.0, 0.01)
        .custom(quantity, from, 7.0, 0.03, dispersion)
}

fn decaying() -> System {
    let text = "[[arrivals]]\nrate = '200/s'\ndecay_to = '2/s'\nduration = '100s'\n\n[lambda]\nduration = '10ms'";
    System::new("Poisson, decaying from 200/s to 2/s in 100 s", Design::Direct, text)
        .source("The integral of the rate: (200 - 2) × 100 / ln 100.")
        .checked("By hand.")
        .point("orders", "orders.offered", 198.0 * 100.0 / libm::log(100.0), 0.01)
}

fn doubted() -> System {
    // The mean of a log-normal factor with median 1 and 99th percentile 1.5.
    let sigma = libm::log(1.5) / 2.326_347_874_040_841;
    let text = "arrivals_scale = { p50 = 1, p99 = 1.5 }\n\n[[arrivals]]\nrate = '50/s'\nduration = '10s'\n\n\
                [lambda]\nduration = '10ms'";
    System::new("a forecast in doubt (`arrivals_scale`)", Design::Direct, text)
        .seeds(1_000)
        .source("The mean of a log-normal factor: e^(sigma² / 2).")
        .checked("By hand.")
        .point("orders", "orders.offered", 500.0 * libm::exp(sigma * sigma / 2.0), 0.01)
}
