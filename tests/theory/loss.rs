//! The direct design: M/G/c/c, M/G/∞, and retrials that come back independent.

use queuecast::measure::findings::Design;

use super::formulas::{erlang_b, root};
use super::harness::estimate;

#[test]
fn the_loss_depends_on_the_mean_work_alone() {
    for work in [
        "'100ms'",
        "{ mean = '100ms', distribution = 'exponential' }",
        "{ mean = '100ms', cv = 2, distribution = 'lognormal' }",
        "{ mean = '100ms', cv = 3, distribution = 'hyperexponential' }",
    ] {
        let text = format!(
            "warm_up = '60s'\n[[arrivals]]\nrate = '100/s'\nduration = '30min'\n[lambda]\nduration = {work}\nreserved_concurrency = 10"
        );
        let [lost, busy] = estimate(&text, Design::Direct, ["loss", "mean concurrency"], |found| {
            assert_eq!(found.orders.failed, found.lambda.throttles);
            [found.orders.failed as f64 / found.orders.offered as f64, found.lambda.mean_concurrency]
        });
        let b = erlang_b(10, 10.0);
        lost.is(b, 0.01);
        busy.is(10.0 * (1.0 - b), 0.01);
    }
}

#[test]
fn without_a_limit_nobody_waits_and_the_load_is_carried() {
    for design in [Design::Buffered, Design::Direct] {
        let text = "warm_up = '60s'\n[[arrivals]]\nrate = '200/s'\nduration = '20min'\n\
                    [lambda]\nduration = { mean = '250ms', cv = 1.5, distribution = 'lognormal' }";
        let [busy] = estimate(text, design, ["mean concurrency"], |found| {
            assert_eq!((found.wait.waited, found.orders.confirmed), (0, found.orders.offered));
            [found.lambda.mean_concurrency]
        });
        busy.is(50.0, 0.01);
    }
}

#[test]
fn retrials_after_a_long_time_are_a_fresh_stream() {
    // Spread evenly over the next 300 s (3,000 service times) a retry finds the servers as anyone else does: with three
    // retries the servers see lambda (1 + B + B^2 + B^3), B = Erlang B of that, and an order is lost with probability B^4.
    // (After a constant wait it would not: orders refused together would come back together.)
    let text = "warm_up = '900s'\ncool_down = '900s'\n[[arrivals]]\nrate = '80/s'\nduration = '90min'\n[lambda]\n\
                duration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 10\n[direct]\n\
                retry = { errors = ['Lambda.TooManyRequestsException'], interval = '300s', max_attempts = 3, backoff_rate = 1, jitter_strategy = 'FULL' }";
    let [lost, throttled] = estimate(text, Design::Direct, ["lost", "throttles per order"], |found| {
        let offered = found.orders.offered as f64;
        [found.orders.failed as f64 / offered, found.lambda.throttles as f64 / offered]
    });
    let b = root(0.0, 1.0, |b| erlang_b(10, 8.0 * (1.0 + b + b * b + b * b * b)) - b);
    lost.is(b * b * b * b, 0.05);
    throttled.is(b + b * b + b * b * b + b * b * b * b, 0.01);
}
