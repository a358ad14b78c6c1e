//! Asynchronous direct invocation: as synchronous without limits, M/M/c/c where no event is tried again, and the load is
//! carried whatever waits.

use queuecast::measure::findings::Design;

use super::formulas::{erlang_b, geometric, with_retries};
use super::harness::{Family, System, simulate};

pub static FAMILY: Family = Family::new(
    "Asynchronous invocation",
    "The direct design with `direct.invocation = \"event\"`: Lambda keeps an order that it has no room for, and tries it again.",
    || vec![too_old(), carried(), failing()],
);

#[test]
fn events_are_lost_or_carried_as_theory_says() {
    FAMILY.holds();
}

/// Exponential work of 100 ms at `rate` a second in ten environments.
fn ten_servers(rate: u32, direct: &str) -> String {
    format!(
        "warm_up = '60s'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '9min'\n\n[direct]\ninvocation = 'event'\n{direct}\n\
         [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nreserved_concurrency = 10"
    )
}

/// The first back-off is a second: an event that is dropped at half a second is never tried again.
fn too_old() -> System {
    let b = erlang_b(10, 10.0);
    System::new(
        "M/M/10/10, 10 erlang, events too old for a second try",
        Design::Direct,
        ten_servers(100, "maximum_event_age = '500ms'\n"),
    )
    .always(|found| {
        let events = found.events.expect("it is asynchronous");
        assert_eq!((found.orders.open, events.too_old), (events.dropped, events.dropped));
    })
    .source("Erlang 1917.")
    .checked("Erlang's B in whole fractions.")
    .point("share dropped", "events.dropped / orders.offered", b, 0.02)
    .point("busy servers", "lambda.mean_concurrency", 10.0 * (1.0 - b), 0.01)
}

/// Whatever the back-offs, each order is worked on once: the servers carry the whole load.
fn carried() -> System {
    System::new("6 erlang on 10 servers, tried until they run", Design::Direct, ten_servers(60, ""))
        .always(|found| {
            assert_eq!(found.orders.confirmed, found.orders.offered);
            assert!(found.events.is_some_and(|events| events.waits_after_throttle > 0));
        })
        .source("Little: lambda s.")
        .checked("By hand.")
        .point("busy servers", "lambda.mean_concurrency", 6.0, 0.01)
}

/// Two retries, one minute and two minutes after a failure.
fn failing() -> System {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '5min'\n\n[direct]\ninvocation = 'event'\nmaximum_retry_attempts = 2\n\n\
                [lambda]\nduration = '100ms'\nerror_rate = '30%'";
    System::new("30 % of runs fail, two retries", Design::Direct, text)
        .source("Runs fail independently; Lambda waits 1 and 2 minutes.")
        .checked("By hand.")
        .point("share dropped", "events.dropped / orders.offered", 0.027, 0.03)
        .point("runs per event", "lambda.invocations / orders.offered", geometric(0.3, 3), 0.01)
        .point(
            "mean latency of the confirmed, s",
            "latency_s.confirmed.mean",
            with_retries(0.3, 0.1, &[60.0, 120.0]),
            0.01,
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
