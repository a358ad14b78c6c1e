//! Asynchronous direct invocation: as synchronous without limits, M/M/c/c where no event is tried again, and the load is
//! carried whatever waits.

use queuecast::measure::findings::Design;

use super::formulas::erlang_b;
use super::harness::{estimate, simulate};

/// Exponential work of 100 ms at `rate` a second in ten environments.
fn ten_servers(rate: u32, direct: &str) -> String {
    format!(
        "warm_up = '60s'\n[[arrivals]]\nrate = '{rate}/s'\nduration = '30min'\n[direct]\ninvocation = 'event'\n{direct}\n\
         [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nreserved_concurrency = 10"
    )
}

#[test]
fn without_limits_both_ways_of_invocation_do_the_same() {
    let platform = "[[arrivals]]\nrate = '50/s'\nduration = '2min'\n\
        [lambda]\nduration = { p50 = '100ms', p99 = '1s' }\ncold_start = '300ms'\nidle_before_reclaim = '1s'\n\
        [latency]\nstart = '30ms'\ndispatch = { p50 = '20ms', p99 = '100ms' }\ninvoke = { p50 = '5ms', p99 = '30ms' }\n\
        callback = { p50 = '20ms', p99 = '80ms' }\ntransition = '25ms'\n";
    let bare = "[[arrivals]]\nrate = '50/s'\nduration = '2min'\n[lambda]\nduration = { p50 = '100ms', p99 = '1s' }\n";
    let stocked = format!("{platform}[inventory]\nservice_time = '20ms'\nstock = 3000\n");
    for text in [bare, platform, stocked.as_str()] {
        let ways = ["request_response", "event"];
        let [waits, keeps] =
            ways.map(|way| simulate(&format!("{text}[direct]\ninvocation = '{way}'\n"), Design::Direct, 1001));
        assert_eq!((waits.orders, waits.causes), (keeps.orders, keeps.causes));
        assert_eq!((waits.latency, waits.wait), (keeps.latency, keeps.wait));
        assert_eq!((waits.stages, waits.work), (keeps.stages, keeps.work));
        assert_eq!((waits.lambda, waits.inventory), (keeps.lambda, keeps.inventory));
        assert_eq!(waits.step_functions, keeps.step_functions);
        let answered = keeps.orders.confirmed + keeps.orders.declined;
        assert_eq!((waits.callbacks.accepted, keeps.callbacks.accepted), (0, answered));
    }
}

#[test]
fn events_too_old_for_a_second_try_are_lost_as_in_m_m_c_c() {
    let text = ten_servers(100, "maximum_event_age = '500ms'");
    let [lost, busy] = estimate(&text, Design::Direct, ["loss", "mean concurrency"], |found| {
        let events = found.events.expect("it is asynchronous");
        assert_eq!((found.orders.open, events.too_old), (events.dropped, events.dropped));
        [events.dropped as f64 / found.orders.offered as f64, found.lambda.mean_concurrency]
    });
    let b = erlang_b(10, 10.0);
    lost.is(b, 0.01);
    busy.is(10.0 * (1.0 - b), 0.01);
}

#[test]
fn what_lambda_keeps_trying_is_carried_in_the_end() {
    // Whatever the back-offs, each order is worked on once: the servers carry the whole load.
    let [busy] = estimate(&ten_servers(60, ""), Design::Direct, ["mean concurrency"], |found| {
        assert_eq!(found.orders.confirmed, found.orders.offered);
        assert!(found.events.is_some_and(|events| events.waits_after_throttle > 0));
        [found.lambda.mean_concurrency]
    });
    busy.is(6.0, 0.01);
}
