//! Loads that change: bursts, ramps, a thousand orders at once.

use queuecast::measure::findings::Design;

use super::harness::{estimate, mean_wait, simulate};

#[test]
fn a_thousand_orders_at_once_on_fifty_servers() {
    // Two hundred bursts a minute apart. Order k > 50 waits for k - 50 departures at 50/s: mean wait (950 × 951 / 2) / 50 /
    // 1000 = 9.0345 s.
    let text = "repeat = 200\n[[arrivals]]\nat_once = 1000\nduration = '60s'\n\
                [lambda]\nduration = { mean = '1s', distribution = 'exponential' }\nreserved_concurrency = 50";
    let [wait] = estimate(text, Design::Buffered, ["mean wait"], |found| [mean_wait(found)]);
    wait.is(9.0345, 0.01);
    // Without chance: the bursts never overlap.
    let found = simulate(text, Design::Buffered, 1);
    assert_eq!(found.wait.waited, 200 * 950);
    assert_eq!(found.queue.map(|queue| (queue.peak_backlog, queue.peak_backlog_at_s)), Some((950, Some(0.0))));
}

#[test]
fn a_rectangular_burst_builds_and_drains_as_arithmetic_says() {
    // 100/s against 20 slots of half a second, 40/s: after 10 s 1,000 have come and 400 been begun, 20 of them at once at
    // the start of each half second. Then 40/s drain the rest.
    let text = "[[arrivals]]\nrate = '100/s'\nspacing = 'even'\nduration = '10s'\n\
                [lambda]\nduration = '500ms'\nreserved_concurrency = 20";
    let found = simulate(text, Design::Buffered, 1);
    let queue = found.queue.expect("buffered has a queue");
    assert_eq!(found.orders.confirmed, 1_000);
    assert!((580..=600).contains(&queue.peak_backlog), "{}", queue.peak_backlog);
    let drained = queue.drained_at_s.expect("it drains");
    // The last order begins when the 980 before it have been begun: after 49 rounds of half a second, at about 24.7 s.
    assert!((24.5..=25.1).contains(&drained), "{drained}");
    // Area under the backlog, by Little: mean backlog × length = sum of the waits.
    let waits = mean_wait(&found) * found.wait.count as f64;
    let area = queue.mean_backlog * (found.end.0 as f64 / 1e9);
    assert!((waits - area).abs() < 1e-6 * area, "{waits} {area}");
}

#[test]
fn a_ramp_without_a_limit_fills_as_the_integral_says() {
    // M(t)/M/infinity from empty with rate 2 t per second and mean work s = 5 s: the number at work at t is Poisson with
    // mean 2 s (t - s (1 - e^(-t/s))).
    let text = "[[arrivals]]\nrate = '0/s'\nramp_to = '120/s'\nduration = '60s'\n\
                [lambda]\nduration = { mean = '5s', distribution = 'exponential' }";
    for design in [Design::Buffered, Design::Direct] {
        let [at_10, at_30, at_60] = estimate(text, design, ["at 10 s", "at 30 s", "at 60 s"], |found| {
            [10, 30, 60].map(|second| found.timeline[second].concurrency as f64)
        });
        let mean = |t: f64| 10.0 * (t - 5.0 * (1.0 - libm::exp(-t / 5.0)));
        at_10.is(mean(10.0), 0.05);
        at_30.is(mean(30.0), 0.03);
        at_60.is(mean(60.0), 0.02);
    }
}

#[test]
fn a_decay_without_a_limit_offers_its_integral() {
    // From 200/s to 2/s in 100 s: (200 - 2) × 100 / ln 100 orders.
    let text = "[[arrivals]]\nrate = '200/s'\ndecay_to = '2/s'\nduration = '100s'\n[lambda]\nduration = '10ms'";
    let [offered] = estimate(text, Design::Direct, ["offered"], |found| [found.orders.offered as f64]);
    offered.is(198.0 * 100.0 / libm::log(100.0), 0.01);
}

#[test]
fn a_wave_without_a_limit_swings_as_the_integral_says() {
    // M(t)/M/infinity from empty with rate 40 (1 + 0.8 sin(w t)), w = 2 pi / 20 s, and mean work s = 4 s: the number at work
    // is Poisson with mean r s (1 - e^(-t/s)) + 0.8 r s / (1 + (w s)^2) (sin(w t) - w s cos(w t) + w s e^(-t/s))
    // (Eick, Massey and Whitt 1993, with the start from empty).
    let text = "[[arrivals]]\nrate = '40/s'\nwave = { amplitude = '80%', period = '20s' }\nduration = '100s'\n\
                [lambda]\nduration = { mean = '4s', distribution = 'exponential' }";
    let seconds = [5, 12, 65, 77, 90];
    let names = ["at 5 s", "at 12 s", "at 65 s", "at 77 s", "at 90 s"];
    let found = estimate(text, Design::Buffered, names, |found| {
        seconds.map(|second| found.timeline[second].concurrency as f64)
    });
    for (estimate, second) in found.into_iter().zip(seconds) {
        let (t, w, s) = (second as f64, std::f64::consts::TAU / 20.0, 4.0);
        let gone = libm::exp(-t / s);
        let swing = (libm::sin(w * t) - w * s * libm::cos(w * t) + w * s * gone) / (1.0 + w * w * s * s);
        estimate.is(40.0 * s * (1.0 - gone) + 0.8 * 40.0 * s * swing, 0.03);
    }
}
