//! Execution environments: cold starts as set-up times, idle ones that expire, the overflow of provisioned ones.

use queuecast::measure::findings::Design;

use super::formulas::{Environments, erlang_b, idle_expiry, set_up};
use super::harness::{Family, System};

pub static FAMILY: Family = Family::new(
    "Environments: cold starts, idle expiry, overflow",
    "A free environment is taken most recently used first, and one idle for `idle_before_reclaim` is gone. Where a cold start takes no time it still counts as one.",
    || {
        vec![
            cold(7, EXPONENTIAL, [0.1, 0.02], "'300ms'", [0.3, 0.09], AT_ONCE),
            cold(5, "'100ms'", [0.1, 0.01], "{ mean = '200ms', distribution = 'exponential' }", [0.2, 0.08], AT_ONCE),
            cold(5, EXPONENTIAL, [0.1, 0.02], "{ mean = '300ms', distribution = 'exponential' }", [0.3, 0.18], 0.2),
            cold(2, "{ min = '0s', max = '300ms', distribution = 'uniform' }", [0.15, 0.03], "'1s'", [1.0, 1.0], 1.0),
            expiring_unlimited(5, 1.0, Design::Buffered),
            expiring_unlimited(5, 10.0, Design::Direct),
            expiring_unlimited(20, 3.0, Design::Direct),
            expiring_lossy(),
            expiring_queue(),
            overflow(),
        ]
    },
);

/// The shortest time that a scenario can say, in seconds.
const AT_ONCE: f64 = 1e-9;

const EXPONENTIAL: &str = "{ mean = '100ms', distribution = 'exponential' }";

#[test]
fn environments_are_as_many_as_theory_says() {
    FAMILY.holds();
}

fn cold(rate: u32, work: &str, moments: [f64; 2], cold: &str, cold_moments: [f64; 2], expiry: f64) -> System {
    let lambda = f64::from(rate);
    let text = format!(
        "warm_up = '200s'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '1h'\n\n[lambda]\nduration = {work}\n\
         cold_start = {cold}\nidle_before_reclaim = '{expiry}s'\nreserved_concurrency = 1"
    );
    let (delay, starts, there) = set_up(lambda, moments, cold_moments, expiry);
    let busy = lambda * (moments[0] + starts * cold_moments[0]);
    let kind = if work == EXPONENTIAL {
        "M"
    } else if work.starts_with('{') {
        "G"
    } else {
        "D"
    };
    let gone = if expiry == AT_ONCE { "at once".to_owned() } else { format!("after {expiry} s of idleness") };
    System::new(format!("M/{kind}/1 with set-up, {:.0} %, gone {gone}", 100.0 * lambda * moments[0]), Design::Buffered, text)
        .source("Welch 1964; the idle period is exponential and outlasts the expiry with chance e^(-lambda T), whatever came before.")
        .checked("4·10^6 orders of another program, Lindley's recursion with set-ups (2 to 3 digits).")
        .point("mean latency, s", "latency_s.confirmed.mean", delay + moments[0], 0.04)
        .point("cold starts per invocation", "lambda.cold_starts / lambda.invocations", starts, 0.02)
        .point("initialising or working", "lambda.mean_concurrency", busy, 0.02)
        .point("environments", "lambda.mean_environments", there, 0.02)
}

fn counted(system: System, exact: &Environments, served: f64) -> System {
    system
        .source("With the most recently used first, the number of environments is the greatest number busy within the last T (derived here; `tests/theory/formulas/environments.rs`); that of a birth-death process by first passage (Keilson 1979) and uniformisation.")
        .checked("6·10^5 orders of another program, with a stack of idle environments (2 to 3 digits).")
        .point("environments", "lambda.mean_environments", exact.mean, 0.01)
        .point("cold starts per invocation", "lambda.cold_starts / lambda.invocations", exact.cold / served, 0.03)
}

fn text(rate: u32, work: &str, duration: &str, expiry: f64, limit: &str) -> String {
    format!(
        "warm_up = '60s'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{duration}'\n\n\
         [lambda]\nduration = {{ mean = '{work}', distribution = 'exponential' }}\nidle_before_reclaim = '{expiry}s'{limit}"
    )
}

/// The chances of Poisson's distribution up to `most`.
fn poisson(a: f64, most: usize) -> Vec<f64> {
    let mut chances = vec![libm::exp(-a)];
    for n in 1..=most {
        chances.push(chances[n - 1] * a / n as f64);
    }
    chances
}

/// M/M/∞ with a mean work of 1 s.
fn expiring_unlimited(rate: u32, expiry: f64, design: Design) -> System {
    let a = f64::from(rate);
    let exact = idle_expiry(a, 1.0, &poisson(a, rate as usize + 40), expiry);
    let name = format!("M/M/∞, {rate} erlang, gone after {expiry} s of idleness, {}", design.name());
    counted(System::new(name, design, text(rate, "1s", "30min", expiry, "")), &exact, 1.0).point(
        "busy",
        "lambda.mean_concurrency",
        a,
        0.01,
    )
}

/// M/M/6/6 of 4 erlang.
fn expiring_lossy() -> System {
    let weights = poisson(4.0, 6);
    let whole: f64 = weights.iter().sum();
    let chances: Vec<f64> = weights.iter().map(|weight| weight / whole).collect();
    let exact = idle_expiry(40.0, 10.0, &chances, 0.2);
    let text = text(40, "100ms", "15min", 0.2, "\nreserved_concurrency = 6");
    counted(
        System::new("M/M/6/6, 4 erlang, gone after 0.2 s of idleness", Design::Direct, text),
        &exact,
        1.0 - chances[6],
    )
}

/// M/M/3 of 2 erlang: the last chance is that all are busy, whoever waits.
fn expiring_queue() -> System {
    let mut chances = poisson(2.0, 3);
    chances[3] /= 1.0 - 2.0 / 3.0;
    let whole: f64 = chances.iter().sum();
    chances.iter_mut().for_each(|chance| *chance /= whole);
    let exact = idle_expiry(20.0, 10.0, &chances, 0.3);
    let text = text(20, "100ms", "20min", 0.3, "\nreserved_concurrency = 3");
    counted(System::new("M/M/3, 2 erlang, gone after 0.3 s of idleness", Design::Buffered, text), &exact, 1.0)
}

/// Eight provisioned environments, and others on demand that are gone as soon as they are idle.
fn overflow() -> System {
    let b = erlang_b(8, 6.0);
    let text = text(60, "100ms", "11min", AT_ONCE, "\nprovisioned_concurrency = 8");
    System::new("M/M/∞, 6 erlang, overflow of 8 provisioned environments", Design::Direct, text)
        .source("Provisioned ones first: they are Erlang's loss system, and what they cannot take overflows (Wilkinson 1956).")
        .checked("Erlang's B in whole fractions.")
        .point("cold starts per invocation", "lambda.cold_starts / lambda.invocations", b, 0.02)
        .point("environments", "lambda.mean_environments", 8.0 + 6.0 * b, 0.01)
        .point("busy", "lambda.mean_concurrency", 6.0, 0.01)
}
