//! Faults: each target and effect changes what it should in results.json and nothing else, and how much, by arithmetic.

use std::fs;
use std::process::Command;

use serde_json::{Map, Value};

/// 600 orders, one each 100 ms, each 50 ms of work and a call of 20 ms; a failed one comes back after 20 s, and its task gives
/// up after a minute. Nothing waits, nothing is random.
const BASE: &str = "profile = 'textbook'\n[[arrivals]]\nrate = '10/s'\nduration = '1min'\nspacing = 'even'\n\
                    [step_functions]\ntimeout = '1min'\n[queue]\nvisibility_timeout = '20s'\n\
                    [lambda]\nduration = '50ms'\n[inventory]\nservice_time = '20ms'\n";

/// Runs a scenario with the auditor on; its results.json.
fn results(text: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("broken.toml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .current_dir(folder.path())
        .args(["broken.toml", "--format", "json", "--charts", "none", "--verify"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../schema/results.schema.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &found), "{text}");
    found
}

/// The base with a fault that is open from 20 s to 30 s: of the orders that come at 20.0, 20.1 … 29.9 s.
fn broken(fault: &str) -> Value {
    results(&format!("{BASE}[[faults]]\nat = '20s'\nduration = '10s'\n{fault}\n"))
}

fn number(found: &Value, path: &str) -> f64 {
    let pointer = format!("/{}", path.replace('.', "/"));
    found.pointer(&pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} in {found}"))
}

/// Every number of a design by its path.
fn flat(found: &Value, under: &str, into: &mut Map<String, Value>) {
    match found {
        // Rows come and go with what they count.
        rows if under.ends_with(".attempts_per_order") => drop(into.insert(under[1..].to_owned(), rows.clone())),
        Value::Object(inner) => inner.iter().for_each(|(key, value)| flat(value, &format!("{under}.{key}"), into)),
        Value::Array(inner) => {
            inner.iter().enumerate().for_each(|(place, value)| flat(value, &format!("{under}.{place}"), into));
        }
        leaf => drop(into.insert(under.trim_start_matches('.').to_owned(), leaf.clone())),
    }
}

/// The paths at which two designs differ.
fn differences(one: &Value, other: &Value) -> Vec<String> {
    let (mut flat_one, mut flat_other) = (Map::new(), Map::new());
    flat(one, "", &mut flat_one);
    flat(other, "", &mut flat_other);
    assert!(flat_one.keys().eq(flat_other.keys()));
    flat_one.iter().filter(|(path, value)| flat_other[*path] != **value).map(|(path, _)| path.clone()).collect()
}

/// What one fault does.
struct Case {
    fault: &'static str,
    /// Orders hit, and how often, in buffered and in direct; `None`: it does not touch direct.
    hit: (f64, Option<f64>),
    hits: (f64, Option<f64>),
    /// What may differ from the base in either design: beginnings of paths. All else is the same.
    may: &'static [&'static str],
    /// What it must come to.
    exactly: &'static [(&'static str, f64)],
}

/// What moves whenever orders come to the function at other times than one by one, or take longer.
const TIMES: [&str; 15] = [
    "end_s",
    "latency_s",
    "wait_s",
    "stages_s",
    "queue.empty_receives",
    "queue.peak_backlog",
    "queue.mean_",
    "queue.drained_at_s",
    "queue.max_oldest_message_s",
    "lambda.peak_concurrency",
    "lambda.mean_",
    "lambda.cold_starts",
    "inventory.peak_connections",
    "inventory.mean_connections",
    "usage.sqs_requests",
];

/// Everything that is counted of orders and of the work on them.
const ALL_ABOUT_ORDERS: [&str; 10] = [
    "orders",
    "attempts_per_order",
    "causes",
    "queue",
    "work",
    "lambda",
    "inventory",
    "callbacks",
    "step_functions",
    "usage",
];

fn cases() -> Vec<Case> {
    let all = (100.0, Some(100.0));
    let queue_only = (100.0, None);
    vec![
        Case {
            fault: "target = 'start'\nadd_delay = '2s'",
            hit: all,
            hits: all,
            may: &[],
            exactly: &[
                ("buffered.latency_s.confirmed.max", 2.07),
                ("direct.latency_s.confirmed.max", 2.07),
                ("buffered.stages_s.start.mean", 2.0 / 6.0),
                ("direct.stages_s.start.mean", 2.0 / 6.0),
            ],
        },
        Case {
            fault: "target = 'queue'\nadd_delay = '2s'",
            hit: queue_only,
            hits: queue_only,
            may: &[],
            exactly: &[("buffered.latency_s.confirmed.max", 2.07), ("buffered.stages_s.send.mean", 2.0 / 6.0)],
        },
        // One that fails to be sent is lost: the callback Task has no Retry.
        Case {
            fault: "target = 'queue'\noutage = true",
            hit: queue_only,
            hits: queue_only,
            may: &ALL_ABOUT_ORDERS,
            exactly: &[
                ("buffered.orders.failed", 100.0),
                ("buffered.causes.service_error", 100.0),
                ("buffered.queue.sent", 500.0),
                ("buffered.lambda.invocations", 500.0),
            ],
        },
        // Both deliveries are worked on; the second to be done is a duplicate, and its answer late.
        Case {
            fault: "target = 'queue'\nduplicate = true",
            hit: queue_only,
            hits: queue_only,
            may: &["attempts_per_order", "queue", "work", "lambda", "inventory", "callbacks.late", "usage"],
            exactly: &[
                ("buffered.orders.confirmed", 600.0),
                ("buffered.queue.sent", 600.0),
                ("buffered.queue.received", 700.0),
                ("buffered.queue.redelivered", 100.0),
                ("buffered.queue.deleted", 600.0),
                ("buffered.work.wasted_by.duplicate.attempts", 100.0),
                ("buffered.callbacks.late", 100.0),
                ("buffered.inventory.calls", 700.0),
                ("buffered.inventory.oversold", 100.0),
            ],
        },
        // 100 orders, 2 s each, at one 128 MB function.
        Case {
            fault: "target = 'lambda'\nadd_delay = '2s'",
            hit: all,
            hits: all,
            may: &["work.useful_gb_s", "lambda.gb_s", "usage.billed_gb_s"],
            exactly: &[
                ("buffered.latency_s.confirmed.max", 2.07),
                ("direct.latency_s.confirmed.max", 2.07),
                ("buffered.lambda.gb_s", (600.0 * 0.07 + 200.0) / 8.0),
                ("direct.lambda.gb_s", (600.0 * 0.07 + 200.0) / 8.0),
            ],
        },
        // A throw: the message comes back after 20 s; direct has no Retry for it.
        Case {
            fault: "target = 'lambda'\nerror_rate = '100%'",
            hit: all,
            hits: all,
            may: &ALL_ABOUT_ORDERS,
            exactly: &[
                ("buffered.orders.confirmed", 600.0),
                ("buffered.queue.redelivered", 100.0),
                ("buffered.latency_s.confirmed.max", 20.07),
                ("buffered.lambda.errors", 100.0),
                ("buffered.work.wasted_by.failed.attempts", 100.0),
                ("direct.orders.failed", 100.0),
                ("direct.causes.function_error", 100.0),
            ],
        },
        // Buffered keeps the batch and tries again 1, 3, 7 and 15 s later: the order of 20.0 s at 35.0 s. Those of 23.0 to
        // 26.9 s get through at the fourth try, those of 27.0 to 28.9 s at the third, the last ten at the second.
        Case {
            fault: "target = 'lambda'\noutage = true",
            hit: all,
            hits: (30.0 * 4.0 + 40.0 * 3.0 + 20.0 * 2.0 + 10.0, Some(100.0)),
            may: &[
                "orders",
                "attempts_per_order",
                "causes",
                "queue",
                "work",
                "lambda",
                "inventory",
                "step_functions",
                "usage",
            ],
            exactly: &[
                ("buffered.orders.confirmed", 600.0),
                ("buffered.queue.received", 600.0),
                ("buffered.lambda.invocations", 600.0),
                ("buffered.lambda.throttles", 0.0),
                ("buffered.latency_s.confirmed.max", 15.07),
                ("direct.orders.failed", 100.0),
                ("direct.causes.service_error", 100.0),
                ("direct.lambda.invocations", 500.0),
            ],
        },
        Case {
            fault: "target = 'inventory'\nadd_delay = '2s'",
            hit: all,
            hits: all,
            may: &["work.useful_gb_s", "lambda.gb_s", "usage.billed_gb_s"],
            exactly: &[
                ("buffered.latency_s.confirmed.max", 2.07),
                ("direct.latency_s.confirmed.max", 2.07),
                ("direct.inventory.peak_connections", 21.0),
            ],
        },
        Case {
            fault: "target = 'inventory'\nerror_rate = '100%'",
            hit: all,
            hits: all,
            may: &ALL_ABOUT_ORDERS,
            exactly: &[
                ("buffered.orders.confirmed", 600.0),
                ("buffered.inventory.calls", 700.0),
                ("buffered.inventory.wasted_calls", 100.0),
                ("buffered.inventory.oversold", 0.0),
                ("buffered.latency_s.confirmed.max", 20.07),
                ("direct.orders.failed", 100.0),
                ("direct.causes.inventory_rejected", 100.0),
            ],
        },
        // All wait for the end of the outage and are served at 30.0 s together: the first to come has waited 9.95 s.
        Case {
            fault: "target = 'inventory'\noutage = true",
            hit: all,
            hits: all,
            may: &["work.useful_gb_s", "lambda.gb_s", "usage.billed_gb_s"],
            exactly: &[
                ("buffered.latency_s.confirmed.max", 10.02),
                ("direct.latency_s.confirmed.max", 10.02),
                ("buffered.inventory.peak_connections", 100.0),
                ("direct.inventory.rejected", 0.0),
            ],
        },
        Case {
            fault: "target = 'callback'\nadd_delay = '2s'",
            hit: queue_only,
            hits: queue_only,
            may: &[],
            exactly: &[("buffered.latency_s.confirmed.max", 2.07), ("buffered.stages_s.callback.mean", 2.0 / 6.0)],
        },
        Case {
            fault: "target = 'callback'\ndrop = true",
            hit: queue_only,
            hits: queue_only,
            may: &[
                "orders",
                "causes",
                "attempts_per_order",
                "work_done_after_giving_up",
                "work",
                "callbacks",
                "step_functions",
                "usage",
                "inventory",
            ],
            exactly: &[
                ("buffered.orders.timed_out", 100.0),
                ("buffered.causes.callback_lost", 100.0),
                ("buffered.work_done_after_giving_up", 100.0),
                ("buffered.work.wasted_by.failed.attempts", 100.0),
                ("buffered.callbacks.accepted", 500.0),
                ("buffered.queue.deleted", 600.0),
            ],
        },
        Case {
            fault: "target = 'callback'\nduplicate = true",
            hit: queue_only,
            hits: queue_only,
            may: &["callbacks.late"],
            exactly: &[("buffered.orders.confirmed", 600.0), ("buffered.callbacks.late", 100.0)],
        },
    ]
}

#[test]
fn each_fault_changes_what_it_should_and_nothing_else() {
    let base = results(BASE);
    assert_eq!(base["faults"], serde_json::json!([]));
    for case in cases() {
        let found = broken(case.fault);
        let told = &found["faults"][0];
        let both = |name: &str| (told[name]["buffered"].as_f64().unwrap(), told[name]["direct"].as_f64());
        assert_eq!((both("orders_hit"), both("hits")), (case.hit, case.hits), "{}: {told}", case.fault);
        for (path, wanted) in case.exactly {
            let value = number(&found["designs"], path);
            assert!((value - wanted).abs() <= 1e-3 * wanted.abs(), "{}: {path} is {value}, not {wanted}", case.fault);
        }
        for design in ["buffered", "direct"] {
            let (was, is) = (&base["designs"][design], &found["designs"][design]);
            let changed = differences(was, is);
            if told["orders_hit"][design].is_null() {
                assert_eq!(changed, [""; 0], "{} in {design}", case.fault);
            }
            for path in changed {
                // A longer run has more of the same, and levels are means over it.
                let may = case.may.iter().chain(&TIMES).any(|beginning| path.starts_with(beginning));
                assert!(may, "{} changes {design}.{path}", case.fault);
            }
        }
    }
}

#[test]
fn what_an_sdk_tries_again_is_refused_only_if_all_its_tries_are() {
    // Three tries within 3 s: whoever comes before 27.0 s is refused, at most everyone who comes in the window.
    for fault in ["target = 'start'\noutage = true", "target = 'start'\nerror_rate = '100%'"] {
        let found = broken(fault);
        for design in ["buffered", "direct"] {
            let found = &found["designs"][design];
            let refused = number(found, "orders.refused");
            assert!((70.0..=100.0).contains(&refused), "{fault} in {design}: {refused}");
            assert_eq!(number(found, "causes.service_error"), refused);
            assert_eq!(number(found, "causes.start_throttled") + number(found, "step_functions.start_throttled"), 0.0);
            assert_eq!(number(found, "orders.confirmed") + refused, 600.0);
        }
        assert_eq!(number(&found["faults"][0], "orders_hit.buffered"), 100.0);
        assert!(number(&found["faults"][0], "hits.direct") >= 210.0 + 30.0);
    }
    // The handler tries for 300 ms at most; then its record has failed, and comes back 20 s after its receive.
    for fault in ["target = 'callback'\noutage = true", "target = 'callback'\nerror_rate = '100%'"] {
        let found = broken(fault);
        assert_eq!(differences(&results(BASE)["designs"]["direct"], &found["designs"]["direct"]), [""; 0]);
        let buffered = &found["designs"]["buffered"];
        assert_eq!(number(buffered, "orders.confirmed"), 600.0);
        let redelivered = number(buffered, "queue.redelivered");
        assert!((97.0..=100.0).contains(&redelivered), "{redelivered}");
        assert_eq!((number(buffered, "callbacks.throttled"), number(buffered, "callbacks.late")), (0.0, 0.0));
        assert!((20.0..20.08).contains(&number(buffered, "latency_s.confirmed.max")));
    }
}

#[test]
fn a_share_hits_that_share_and_the_same_orders_in_both_designs() {
    let found = broken("target = 'lambda'\nerror_rate = '50%'\nshare = '60%'");
    let hit = number(&found["faults"][0], "orders_hit.direct");
    // 30 of 100; a standard deviation is 4.6.
    assert!((12.0..=48.0).contains(&hit), "{hit}");
    assert_eq!(number(&found["faults"][0], "orders_hit.buffered"), hit);
    assert_eq!(number(&found["designs"], "direct.orders.failed"), hit);
    assert_eq!(number(&found["designs"], "buffered.queue.redelivered"), hit);
}

#[test]
fn dropped_callbacks_are_timed_out_orders() {
    let text = "profile = 'textbook'\n[[arrivals]]\nrate = '100/s'\nduration = '200s'\n[step_functions]\ntimeout = '1min'\n\
                [lambda]\nduration = '10ms'\n[[faults]]\nat = '0s'\nduration = '1h'\ntarget = 'callback'\ndrop = '3%'\n";
    let found = results(text);
    let buffered = &found["designs"]["buffered"];
    let (offered, timed_out) = (number(buffered, "orders.offered"), number(buffered, "orders.timed_out"));
    let error = (offered * 0.03 * 0.97).sqrt();
    assert!((timed_out - 0.03 * offered).abs() < 4.0 * error, "{timed_out} of {offered} ± {error}");
    assert_eq!(number(buffered, "causes.callback_lost"), timed_out);
    assert_eq!(number(&found["faults"][0], "orders_hit.buffered"), timed_out);
}

#[test]
fn an_outage_of_the_inventory_builds_a_backlog_that_drains_as_a_fluid_does() {
    // 20/s against ten slots of 200 ms, 50/s. For a minute ten orders are held, two of them at work when it begins, and all
    // others wait: 1,202 - 10, and two more that come before the first slot is free, at 160.1 s. From then on 30/s of them go.
    let text = "profile = 'textbook'\n[[arrivals]]\nrate = '20/s'\nduration = '5min'\nspacing = 'even'\n\
                [lambda]\nduration = '100ms'\nreserved_concurrency = 10\n[inventory]\nservice_time = '100ms'\n\
                [[faults]]\nat = '100s'\nduration = '60s'\ntarget = 'inventory'\noutage = true\n";
    let found = results(text);
    let (buffered, direct) = (&found["designs"]["buffered"], &found["designs"]["direct"]);
    assert_eq!(number(buffered, "orders.confirmed"), 6_000.0);
    let peak = number(buffered, "queue.peak_backlog");
    assert_eq!((peak, number(buffered, "queue.peak_backlog_at_s")), (1_194.0, 160.05));
    let drained = number(buffered, "queue.drained_at_s");
    assert!((drained - (160.1 + 1_194.0 / 30.0)).abs() < 0.3, "{drained}");
    // Ten calls of each design are held, for about a minute. Direct has no place for the rest and no Retry in this profile.
    assert!((9.0..=12.0).contains(&number(&found["faults"][0], "orders_hit.direct")));
    let failed = number(direct, "orders.failed");
    assert_eq!((failed, number(direct, "causes.throttled")), (1_194.0, 1_194.0));
}

#[test]
fn a_connect_timeout_ends_the_waiting_and_a_rejecting_inventory_lets_nobody_wait() {
    let outage = "[[faults]]\nat = '20s'\nduration = '10s'\ntarget = 'inventory'\noutage = true\n";
    // Calls of 20.05 to 28.95 s give up after 1 s; those of 29.05 s and later are still there when it ends.
    let found = results(&format!("{BASE}connect_timeout = '1s'\n{outage}"));
    let direct = &found["designs"]["direct"];
    assert_eq!((number(direct, "orders.failed"), number(direct, "causes.inventory_rejected")), (90.0, 90.0));
    assert_eq!(number(direct, "inventory.rejected"), 90.0);
    let found = results(&format!("{BASE}when_full = 'reject'\n{outage}"));
    let direct = &found["designs"]["direct"];
    assert_eq!((number(direct, "orders.failed"), number(direct, "inventory.rejected")), (100.0, 100.0));
    assert!(number(direct, "latency_s.confirmed.max") < 0.0701);
}

#[test]
fn delays_add_up_and_one_refusal_is_enough() {
    let fault = |what: &str| format!("[[faults]]\nat = '20s'\nduration = '10s'\n{what}\n");
    let slow = fault("target = 'inventory'\nadd_delay = '2s'");
    let found = results(&format!("{BASE}{slow}{slow}"));
    assert!((number(&found["designs"], "direct.latency_s.confirmed.max") - 4.07).abs() < 0.005);
    let refusing = fault("target = 'queue'\noutage = true") + &fault("target = 'queue'\nerror_rate = '100%'");
    let found = results(&format!("{BASE}{refusing}{}", fault("target = 'queue'\nadd_delay = '5s'")));
    assert_eq!(number(&found["designs"], "buffered.orders.failed"), 100.0);
    let hit: Vec<Option<f64>> = (0..3).map(|place| found["faults"][place]["orders_hit"]["buffered"].as_f64()).collect();
    assert_eq!(hit, [Some(100.0), Some(100.0), Some(0.0)]);
}

#[test]
fn a_retry_that_names_the_service_outlasts_it() {
    let retry = "retry = { errors = ['SQS.AmazonSQSException'], interval = '6s', max_attempts = 2, backoff_rate = 1 }";
    let base = BASE.replace("timeout = '1min'\n", &format!("timeout = '1min'\n{retry}\n"));
    let found = results(&format!("{base}[[faults]]\nat = '20s'\nduration = '10s'\ntarget = 'queue'\noutage = true\n"));
    let buffered = &found["designs"]["buffered"];
    assert_eq!(number(buffered, "orders.confirmed"), 600.0);
    assert!((number(buffered, "latency_s.confirmed.max") - 12.07).abs() < 0.02);
    // The console's Retry of a Lambda Task does so for an outage of Lambda.
    let base = BASE.to_owned() + "[direct]\nretry = { errors = ['Lambda.ServiceException'], interval = '10s' }\n";
    let found = results(&format!("{base}[[faults]]\nat = '20s'\nduration = '10s'\ntarget = 'lambda'\noutage = true\n"));
    assert_eq!(number(&found["designs"], "direct.orders.confirmed"), 600.0);
}
