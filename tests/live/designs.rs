//! Both designs, from the first order to the report.

use std::fs;

use crate::desk::{Desk, count, left_on, ministack, sums_hold, turn};

const SALE: &str = "title = 'A small sale'\nseed = 7\n[[arrivals]]\nrate = '20/s'\nduration = '6s'\n\
                    [step_functions]\ntimeout = '30s'\n[queue]\nvisibility_timeout = '6s'\n\
                    [queue.dead_letter]\nmax_receive_count = 3\n\
                    [event_source]\nbatch_size = 5\nreport_batch_item_failures = true\nmaximum_concurrency = 5\n\
                    [lambda]\nduration = '50ms'\ntimeout = '5s'\nreserved_concurrency = 5\ncold_start = '0s'\n";

#[test]
fn every_order_of_both_designs_has_one_outcome_and_nothing_is_left() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let desk = Desk::new(SALE);
    let results = desk.measure(url, &[]);
    sums_hold(&results, "buffered");
    sums_hold(&results, "direct");
    let offered = count(&results, "buffered.orders.offered");
    assert_eq!(count(&results, "direct.orders.offered"), offered);
    assert_eq!(count(&results, "buffered.orders.confirmed"), offered);
    assert_eq!(count(&results, "buffered.queue.sent"), offered);
    assert_eq!(count(&results, "buffered.queue.deleted"), offered);
    assert_eq!(count(&results, "buffered.callbacks.accepted"), offered);
    // The orders are those of the simulation: their intended arrivals are in the table.
    desk.simulate("simulated");
    let arrivals = |folder: &str| -> Vec<String> {
        let text = fs::read_to_string(desk.path(folder).join("orders.csv")).unwrap();
        text.lines().map(|line| line.split(',').take(3).collect::<Vec<_>>().join(",")).collect()
    };
    assert_eq!(arrivals("out"), arrivals("simulated"));
    // The emulator sleeps 150 ms before each execution; nobody is served before his order has come.
    let p50 = results["designs"]["buffered"]["latency_s"]["all_offered"]["p50"].as_f64().unwrap();
    assert!((0.15..20.0).contains(&p50), "{p50}");
    let summary = fs::read_to_string(desk.path("out/summary.md")).unwrap();
    assert!(summary.contains("measured against the server at http://127.0.0.1:"), "{summary}");
    assert_eq!(left_on(url), Vec::<String>::new());
}

#[test]
fn an_order_is_confirmed_by_direct_invocation_with_retries_of_throttles() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let tight = SALE.replace("reserved_concurrency = 5", "reserved_concurrency = 2").replace("'50ms'", "'150ms'");
    let tight = tight.replace("maximum_concurrency = 5", "maximum_concurrency = 2");
    let results = Desk::new(&tight).measure(url, &["--design", "direct"]);
    sums_hold(&results, "direct");
    let throttles = count(&results, "direct.lambda.throttles");
    assert!(throttles > 0, "2 environments of 150 ms do not serve 20 orders a second");
    assert!(count(&results, "direct.lambda.peak_concurrency") <= 2);
    assert_eq!(count(&results, "direct.lambda.invocations"), count(&results, "direct.orders.confirmed"));
    assert_eq!(left_on(url), Vec::<String>::new());
}

#[test]
fn a_faster_run_takes_less_time() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let slow = SALE.replace("'20/s'", "'4/s'").replace("'6s'\n[step", "'24s'\n[step");
    let results = Desk::new(&slow).measure(url, &["--design", "buffered", "--speed", "6"]);
    sums_hold(&results, "buffered");
    assert!(results["arrivals_end_s"].as_f64().unwrap() <= 4.0, "{}", results["arrivals_end_s"]);
    assert_eq!(results["client"]["speed"], 6);
}

#[test]
fn a_function_behind_a_mapping_does_the_work_of_the_simulation() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let failing = SALE.replace("cold_start = '0s'", "cold_start = '0s'\nerror_rate = '15%'\npoison_rate = '4%'");
    let desk = Desk::new(&failing);
    let results = desk.measure(url, &["--design", "buffered", "--worker", "lambda"]);
    sums_hold(&results, "buffered");
    let simulated = desk.simulate("simulated");
    for path in ["orders.offered", "orders.confirmed", "causes.dead_lettered", "queue.received", "queue.redelivered"] {
        let path = format!("buffered.{path}");
        assert_eq!(count(&results, &path), count(&simulated, &path), "{path}");
    }
    for path in ["work.useful_attempts", "work.wasted_by.failed.attempts", "callbacks.accepted", "queue.deleted"] {
        let path = format!("buffered.{path}");
        assert_eq!(count(&results, &path), count(&simulated, &path), "{path}");
    }
    assert!(count(&results, "buffered.causes.dead_lettered") > 2, "some are poisoned");
    assert!(count(&results, "buffered.lambda.peak_concurrency") <= 5);
    assert_eq!(left_on(url), Vec::<String>::new());
}

#[test]
fn a_function_that_is_stopped_by_its_timeout_has_reported_before() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let slow = "profile = 'textbook'\n[[arrivals]]\nrate = '2/s'\nduration = '3s'\nspacing = 'even'\n\
                [step_functions]\ntimeout = '20s'\n[queue]\nvisibility_timeout = '3s'\n\
                [queue.dead_letter]\nmax_receive_count = 2\n[event_source]\nmaximum_concurrency = 4\n\
                [lambda]\nduration = '30s'\ntimeout = '2s'\nreserved_concurrency = 4\n";
    let results = Desk::new(slow).measure(url, &["--design", "buffered", "--worker", "lambda"]);
    sums_hold(&results, "buffered");
    let of = |path: &str| count(&results, &format!("buffered.{path}"));
    assert_eq!((of("orders.timed_out"), of("causes.dead_lettered")), (of("orders.offered"), of("orders.offered")));
    assert_eq!(of("lambda.timeouts"), 2 * of("orders.offered"));
    assert_eq!(of("queue.received"), 2 * of("orders.offered"));
    assert_eq!(left_on(url), Vec::<String>::new());
}
