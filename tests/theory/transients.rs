//! Loads that change on a limited number of servers: orders at once, bursts, rushes by replication.

use queuecast::measure::findings::Design;

use super::formulas::{Forward, Rush, forward};
use super::harness::{Family, System, simulate};

pub static FAMILY: Family = Family::new(
    "Bursts and rushes: M(t)/M/c by replication",
    "Loads above capacity for a while. Each seed is one replication, a short run from its beginning to its end; there is no equilibrium and no warm-up.",
    || vec![at_once(), rectangle(), rush(), lost_rush(), wave(), from_empty(), from_a_backlog()],
);

#[test]
fn bursts_build_and_drain_as_theory_says() {
    FAMILY.holds();
}

#[test]
fn bursts_far_enough_apart_are_each_as_the_first() {
    let text = "repeat = 20\n[[arrivals]]\nat_once = 1000\nduration = '60s'\n\
                [lambda]\nduration = { mean = '1s', distribution = 'exponential' }\nreserved_concurrency = 50";
    let found = simulate(text, Design::Buffered, 1);
    assert_eq!(found.wait.waited, 20 * 950);
    assert_eq!(found.queue.map(|queue| (queue.peak_backlog, queue.peak_backlog_at_s)), Some((950, Some(0.0))));
}

fn at_once() -> System {
    // Order k > 50 waits for k - 50 departures at 50/s: (950 × 951 / 2) / 50 / 1000 on average, 19 s the last; then the
    // longest of fifty exponential times, H(50) s.
    let text = "[[arrivals]]\nat_once = 1000\n\n\
                [lambda]\nduration = { mean = '1s', distribution = 'exponential' }\nreserved_concurrency = 50";
    let longest: f64 = (1..=50).map(|k| 1.0 / f64::from(k)).sum();
    System::new("a thousand orders at once on fifty servers", Design::Buffered, text)
        .seeds(400)
        .source("Sums of exponential times between departures: 950 of rate 50, then 50, 49, …, 1.")
        .checked("By hand.")
        .point("orders that wait", "wait_s.waited", 950.0, 0.0)
        .point("mean wait, s", "wait_s.mean", 9.0345, 0.01)
        .point("drained at, s", "queue.drained_at_s", 19.0, 0.01)
        .custom("all done at, s", "end_s", 19.0 + longest, 0.01, |run| run.found.end.0 as f64 / 1e9)
}

fn rectangle() -> System {
    // Order k = 20 r + j (j from 1) comes at k / 100 s and begins at j / 100 + r / 2 s: it waits 0.3 r s. When the last has come,
    // at 10 s, 400 have begun; the last begins at 24.7 s and is done at 25.2 s.
    let text = "[[arrivals]]\nrate = '100/s'\nspacing = 'even'\nduration = '10s'\n\n\
                [lambda]\nduration = '500ms'\nreserved_concurrency = 20";
    System::new("D/D/20, a rectangular burst", Design::Buffered, text)
        .seeds(2)
        .source("Arithmetic.")
        .checked("By hand, and by a loop in another program.")
        .point("greatest backlog", "queue.peak_backlog", 600.0, 0.0)
        .point("reached at, s", "queue.peak_backlog_at_s", 10.0, 0.0)
        .point("drained at, s", "queue.drained_at_s", 24.7, 0.0)
        .point("mean wait, s", "wait_s.mean", 7.35, 0.0)
        .custom("all done at, s", "end_s", 25.2, 0.0, |run| run.found.end.0 as f64 / 1e9)
}

const KOLMOGOROV: &str =
    "Kolmogorov 1931: the forward equations, here in fixed steps of 4 ms by the method of Runge and Kutta.";
const UNIFORMISED: &str =
    "The equations by an adaptive method of order 8 (DOP853, tolerance 1e-10) in another program.";

/// The backlog at some seconds, and the number at work of `c` where it varies.
fn at(system: System, exact: &Forward, c: f64, seconds: &[usize]) -> System {
    seconds.iter().fold(system, |mut system, &second| {
        let (waiting, busy) = (exact.waiting[second], exact.busy[second]);
        let from = format!("timeline.csv: backlog at {second} s");
        system = system.custom(&format!("waiting at {second} s"), &from, waiting, 0.15, move |run| {
            run.found.timeline[second].backlog as f64
        });
        if busy > c - 0.05 {
            return system;
        }
        let from = format!("timeline.csv: concurrency at {second} s");
        system.custom(&format!("at work at {second} s"), &from, busy, 0.05, move |run| {
            run.found.timeline[second].concurrency as f64
        })
    })
}

fn waited(system: System, exact: &Forward) -> System {
    let from = "wait_s.mean × wait_s.count";
    system.custom("all waits together, order-seconds", from, exact.waited, 0.05, |run| {
        run.found.wait.mean.expect("orders were served") * run.found.wait.count as f64
    })
}

const RUSH: &str = "[[arrivals]]\nrate = '2/s'\nramp_to = '14/s'\nduration = '30s'\n\n[[arrivals]]\nrate = '14/s'\nramp_to = '2/s'\nduration = '30s'\n\n\
                    [[arrivals]]\nrate = '2/s'\nduration = '30s'\n\n\
                    [lambda]\nduration = { mean = '500ms', distribution = 'exponential' }\nreserved_concurrency = ";

/// Up to 14/s and down again in a minute, where four servers carry 8/s.
fn rushing(c: usize, loss: bool) -> Forward {
    let rate = |t: f64| {
        if t < 30.0 {
            2.0 + 0.4 * t
        } else if t < 60.0 {
            26.0 - 0.4 * t
        } else {
            2.0
        }
    };
    forward(&Rush { c, mu: 2.0, rate, length: 90.0, start: 0, loss })
}

fn rush() -> System {
    let exact = rushing(4, false);
    let system = System::new("M(t)/M/4, a rush", Design::Buffered, format!("{RUSH}4"))
        .seeds(1_000)
        .source(KOLMOGOROV)
        .checked(UNIFORMISED);
    waited(at(system, &exact, 4.0, &[15, 30, 45, 60, 75]), &exact)
}

fn lost_rush() -> System {
    let exact = rushing(6, true);
    System::new("M(t)/M/6/6, the same rush without a queue", Design::Direct, format!("{RUSH}6"))
        .seeds(1_000)
        .source(KOLMOGOROV)
        .checked(UNIFORMISED)
        .point("orders lost", "orders.failed", exact.lost, 0.02)
        .custom("at work at 30 s", "timeline.csv: concurrency at 30 s", exact.busy[30], 0.02, |run| {
            run.found.timeline[30].concurrency as f64
        })
}

fn wave() -> System {
    let text = "[[arrivals]]\nrate = '24/s'\nwave = { amplitude = '100%', period = '20s' }\nduration = '60s'\n\n\
                [lambda]\nduration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 3";
    let rate = |t: f64| 24.0 * (1.0 + libm::sin(std::f64::consts::TAU / 20.0 * t));
    let exact = forward(&Rush { c: 3, mu: 10.0, rate, length: 60.0, start: 0, loss: false });
    let system = System::new("M(t)/M/3, a wave between 0 and 48/s", Design::Buffered, text)
        .seeds(600)
        .source(KOLMOGOROV)
        .checked(UNIFORMISED);
    waited(at(system, &exact, 3.0, &[5, 10, 35, 52]), &exact)
}

fn from_empty() -> System {
    let text = "[[arrivals]]\nrate = '9/s'\nduration = '20s'\n\n\
                [lambda]\nduration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 1";
    let exact = forward(&Rush { c: 1, mu: 10.0, rate: |_| 9.0, length: 20.0, start: 0, loss: false });
    let system = System::new("M/M/1 at 90 % from empty", Design::Buffered, text)
        .seeds(2_000)
        .source(KOLMOGOROV)
        .checked(UNIFORMISED);
    waited(at(system, &exact, 1.0, &[1, 5, 15]), &exact)
}

fn from_a_backlog() -> System {
    let text = "[[arrivals]]\nrate = '10/s'\nduration = '20s'\n\n[queue]\ninitial_backlog = 42\n\n\
                [lambda]\nduration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 2";
    let exact = forward(&Rush { c: 2, mu: 10.0, rate: |_| 10.0, length: 20.0, start: 42, loss: false });
    let system = System::new("M/M/2 at 50 % behind a backlog of 42", Design::Buffered, text)
        .seeds(1_000)
        .source(KOLMOGOROV)
        .checked(UNIFORMISED);
    waited(at(system, &exact, 2.0, &[2, 5, 10]), &exact)
}
