//! The file for a trace viewer, held to the Trace Event Format: what each kind of event must have, spans that nest, flows that
//! have a beginning, an end, and a span to hold on to.

use std::collections::BTreeMap;

use queuecast::measure::findings::Design;
use queuecast::report::trace::perfetto;
use serde_json::Value;

use super::{ALL, DESIGNS, scenario, setting, stories, subject, survey, tale};

fn document(text: &str, design: Design, number: u64) -> Value {
    let scenario = scenario(text);
    let (subject, settings) = (subject(&scenario), [setting(&scenario, design)]);
    let stories = [(design, stories(&scenario, design, std::iter::once(number)).remove(0))];
    // As it is written and read again.
    serde_json::from_str(&perfetto::document(&tale(&subject, &settings, &stories)).to_string()).unwrap()
}

fn nanos(event: &Value, key: &str) -> u64 {
    (event[key].as_f64().unwrap_or_else(|| panic!("{key} of {event}")) * 1_000.0).round() as u64
}

type Thread = (u64, u64);

fn thread(event: &Value) -> Thread {
    (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap())
}

/// Spans of a thread as [from, to].
fn spans(events: &[Value]) -> BTreeMap<Thread, Vec<(u64, u64)>> {
    let mut spans: BTreeMap<Thread, Vec<(u64, u64)>> = BTreeMap::new();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        let from = nanos(event, "ts");
        spans.entry(thread(event)).or_default().push((from, from + nanos(event, "dur")));
    }
    spans
}

fn keys_are_those_of_the_format(events: &[Value]) {
    for event in events {
        assert!(event["name"].is_string() && event["ts"].is_number(), "{event}");
        thread(event);
        match event["ph"].as_str().unwrap() {
            "X" => {
                assert!(event["dur"].is_number() && event["cat"].is_string() && event["args"].is_object(), "{event}")
            }
            "i" => assert!(["g", "p", "t"].contains(&event["s"].as_str().unwrap()), "{event}"),
            "s" | "t" => assert!(event["id"].is_string() && event["cat"].is_string(), "{event}"),
            "f" => assert!(event["id"].is_string() && event["bp"] == "e", "{event}"),
            "M" => {
                let named = ["process_name", "thread_name"].contains(&event["name"].as_str().unwrap());
                let key = if named { "name" } else { "sort_index" };
                assert!(!event["args"][key].is_null(), "{event}");
            }
            other => panic!("{other} is no phase that we write"),
        }
    }
}

fn spans_nest(events: &[Value]) {
    for (thread, spans) in spans(events) {
        for (index, (from, to)) in spans.iter().enumerate() {
            for (other_from, other_to) in &spans[index + 1..] {
                let apart = other_from >= to || from >= other_to;
                let inside = (from <= other_from && other_to <= to) || (other_from <= from && to <= other_to);
                assert!(apart || inside, "{thread:?}: [{from}, {to}] and [{other_from}, {other_to}]");
            }
        }
    }
}

fn flows_lead_from_span_to_span(events: &[Value]) -> usize {
    let spans = spans(events);
    let mut flows: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
    for event in events.iter().filter(|event| ["s", "t", "f"].contains(&event["ph"].as_str().unwrap())) {
        let at = nanos(event, "ts");
        let holds = |(from, to): &(u64, u64)| *from <= at && at <= *to;
        assert!(spans[&thread(event)].iter().any(holds), "nothing to hold on to: {event}");
        flows.entry(event["id"].as_str().unwrap()).or_default().push((event["ph"].as_str().unwrap(), at));
    }
    for (id, steps) in &flows {
        assert_eq!((steps[0].0, steps[steps.len() - 1].0), ("s", "f"), "{id}: {steps:?}");
        assert!(steps.is_sorted_by_key(|(_, at)| *at), "{id}: {steps:?}");
    }
    flows.len()
}

#[test]
fn what_a_viewer_is_given_keeps_the_format() {
    let mut flows = 0;
    for (_, text) in ALL {
        let scenario = scenario(text);
        for design in DESIGNS {
            let (_, seen) = survey(&scenario, design);
            let some: std::collections::BTreeSet<u64> =
                seen.iter().filter_map(|(_, numbers)| numbers.first().copied()).collect();
            for number in some.into_iter().take(5) {
                let document = document(text, design, number);
                assert_eq!(document["displayTimeUnit"], "ms");
                let events = document["traceEvents"].as_array().unwrap();
                keys_are_those_of_the_format(events);
                spans_nest(events);
                flows += flows_lead_from_span_to_span(events);
            }
        }
    }
    assert!(flows > 20, "{flows}");
}

#[test]
fn the_legs_fill_the_order_to_the_nanosecond() {
    let document = document(super::MIXED, Design::Buffered, 100);
    let events = document["traceEvents"].as_array().unwrap();
    let of = |category: &'static str| events.iter().filter(move |event| event["cat"] == category);
    let whole = of("order").next().expect("the order");
    let latency = whole["args"]["latency_ns"].as_u64().unwrap();
    assert_eq!(nanos(whole, "dur"), latency);
    assert_eq!(of("leg").map(|event| nanos(event, "dur")).sum::<u64>(), latency);
}
