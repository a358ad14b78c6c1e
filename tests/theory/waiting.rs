//! Waiting for one of c servers: M/M/c and M/D/c.

use queuecast::measure::findings::Design;

use super::formulas::{Constant, erlang_c};
use super::harness::{Family, System};

pub static MARKOV: Family = Family::new(
    "M/M/c",
    "Poisson orders, exponential work, `reserved_concurrency` servers, the buffered design: nobody is refused, everybody waits in the queue.",
    || {
        vec![
            m_m_c(1, 5, "1h", "200s"),
            m_m_c(1, 8, "2h", "200s"),
            m_m_c(1, 9, "3h", "600s"),
            m_m_c(2, 15, "30min", "200s"),
            m_m_c(5, 45, "30min", "200s"),
            m_m_c(20, 160, "5min", "60s"),
            m_m_c(100, 950, "3min", "60s"),
        ]
    },
);

pub static CONSTANT: Family = Family::new("M/D/c", "As above with work that always takes the same time.", || {
    vec![m_d_c(1, 5, "30min"), m_d_c(1, 8, "1h"), m_d_c(2, 14, "20min"), m_d_c(4, 34, "20min"), m_d_c(10, 90, "8min")]
});

#[test]
fn m_m_c_waits_as_erlang_says() {
    MARKOV.holds();
}

#[test]
fn m_d_c_waits_as_crommelin_says() {
    CONSTANT.holds();
}

fn text(c: u32, rate: u32, duration: &str, warm_up: &str, work: &str) -> String {
    format!(
        "warm_up = '{warm_up}'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{duration}'\n\n\
         [lambda]\nduration = {work}\nreserved_concurrency = {c}"
    )
}

/// M/M/c at `rate` per second with a mean work of 100 ms.
fn m_m_c(c: u32, rate: u32, duration: &str, warm_up: &str) -> System {
    let text = text(c, rate, duration, warm_up, "{ mean = '100ms', distribution = 'exponential' }");
    let (lambda, mu) = (f64::from(rate), 10.0);
    let a = lambda / mu;
    let spare = f64::from(c) * mu - lambda;
    let p = erlang_c(c, a);
    let beyond = |share: f64| libm::log(p / share) / spare;
    let mut system = System::new(format!("M/M/{c} at {:.0} %", 100.0 * a / f64::from(c)), Design::Buffered, text)
        .source("Erlang 1917; the wait of those who wait is exponential with rate c mu - lambda (Gross and Harris, \"Fundamentals of Queueing Theory\").")
        .checked("Erlang's C by its defining sum in whole fractions; tables of Erlang C (3.87 erlang on 8 servers: 5 %, 4.08 on 10: 1 %).")
        .point("P(wait)", "wait_s.waited / wait_s.count", p, 0.02)
        .point("mean wait, s", "wait_s.mean", p / spare, 0.05);
    if p > 0.1 {
        system = system.point("90 % wait at most, s", "wait_s.p90", beyond(0.1), 0.05);
    }
    system = system
        .point("99 % wait at most, s", "wait_s.p99", beyond(0.01), 0.05)
        .point("busy servers", "lambda.mean_concurrency", a, 0.01)
        .point("waiting orders", "queue.mean_backlog", lambda * p / spare, 0.06);
    if c == 1 {
        let in_system = |share: f64| -libm::log(share) / spare;
        system = system.point("mean latency, s", "latency_s.confirmed.mean", 1.0 / spare, 0.05).point(
            "99 % are done within, s",
            "latency_s.confirmed.p99",
            in_system(0.01),
            0.05,
        );
    }
    system
}

/// M/D/c at `rate` per second with a work of 100 ms.
fn m_d_c(c: u32, rate: u32, duration: &str) -> System {
    let exact = Constant::new(f64::from(rate), 0.1, c as usize);
    let rho = f64::from(rate) / 10.0 / f64::from(c);
    System::new(
        format!("M/D/{c} at {:.0} %", 100.0 * rho),
        Design::Buffered,
        text(c, rate, duration, "60s", "'100ms'"),
    )
    .source("Crommelin 1932; the percentiles by Franx 2001.")
    .checked("Mean and P(wait) by the roots of z^c = e^(-lambda D (1 - z)) (Crommelin's generating function); with one server the mean is that of Pollaczek and Khinchine; percentiles by the recursion of 4·10^6 waits in another program (2 to 3 digits).")
    .point("P(wait)", "wait_s.waited / wait_s.count", exact.waits(), 0.01)
    .point("mean wait, s", "wait_s.mean", exact.mean_wait(), 0.03)
    .point("90 % wait at most, s", "wait_s.p90", exact.percentile(0.9), 0.03)
    .point("99 % wait at most, s", "wait_s.p99", exact.percentile(0.99), 0.04)
}
