//! What a scenario rests upon.

use super::*;
use crate::scenario::{Overrides, Source, load};

const SALE: &str = "[[arrivals]]\nrate = \"5/s\"\nduration = \"1min\"\n";

fn loaded(text: &str) -> Loaded {
    let source = Source { shown: "a.toml".into(), name: "a".into(), text: text.into() };
    load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// Keys and values in force.
fn found(text: &str) -> Vec<(&'static str, String)> {
    facts_in_force(&loaded(text)).into_iter().map(|found| (found.fact.key, found.value)).collect()
}

fn value(text: &str, key: &str) -> Option<String> {
    found(text).into_iter().find(|(other, _)| *other == key).map(|(_, value)| value)
}

#[test]
fn values_are_those_in_force_and_what_the_scenario_sets_is_no_assumption() {
    let of = |key| value(SALE, key);
    assert_eq!(of("queue.visibility_timeout").as_deref(), Some("30s"));
    assert_eq!(of("latency.start").as_deref(), Some("{ p50 = 48ms, p99 = 160ms }"));
    assert_eq!(of("account.start_execution").as_deref(), Some("{ size = 1300, refill = 300/s }"));
    assert_eq!(of("event_source.long_poll").as_deref(), Some("20s"));
    assert_eq!(of("cost.price_list, a state transition").as_deref(), Some("25 USD a million"));
    let own = format!(
        "{SALE}[queue]\nvisibility_timeout = \"1min\"\n[cost]\nprice_list = {{ lambda_gb_second = 0.00002 }}\n"
    );
    assert_eq!(value(&own, "queue.visibility_timeout"), None);
    assert_eq!(value(&own, "cost.price_list, a GB-second"), None);
    let elsewhere = format!("{SALE}[account]\nregion = \"eu-central-1\"\n");
    assert_eq!(value(&elsewhere, "account.start_execution"), None);
    let there = value(&elsewhere, "account.start_execution, elsewhere");
    assert_eq!(there.as_deref(), Some("{ size = 800, refill = 150/s }"));
    let worse = format!("assumptions = \"pessimistic\"\n{SALE}");
    assert_eq!(value(&worse, "sdk.callback_backoff").as_deref(), Some("50ms"));
    let direct = format!("{SALE}[direct.lambda]\ncold_start = \"1s\"\n");
    assert_eq!(value(&direct, "lambda.cold_start").as_deref(), Some("{ p50 = 145ms, p99 = 220ms }; direct 1s"));
}

#[test]
fn only_the_parts_that_a_scenario_has_matter() {
    for (key, with) in [
        ("queue.receives_before_the_back", "[queue.dead_letter]\nmax_receive_count = 5\n"),
        ("queue.dead_letter.redrive_rate", "[queue.dead_letter]\nmax_receive_count = 5\nredrive_at = \"9min\"\n"),
        ("direct.event_backoff_rate", "[direct]\ninvocation = \"event\"\n"),
        ("direct.longest_event_backoff", "[direct]\ninvocation = \"event\"\n"),
        ("event_source.collecting", "[event_source]\nmaximum_batching_window = \"1s\"\n"),
        ("lambda.provisioned_delay", "[lambda]\nprovisioned_concurrency = 2\nprovisioned_at = \"1min\"\n"),
        ("queue.longest_delay", "[queue]\ndelay = \"1s\"\n"),
        ("retry, documentation: interval", "[direct]\nretry = \"documentation\"\n"),
    ] {
        assert_eq!(value(SALE, key), None, "{key}");
        assert!(value(&format!("{SALE}{with}"), key).is_some(), "{key}");
    }
    assert_eq!(value(SALE, "retry, console: interval").as_deref(), Some("1s"));
    let no_ramp = format!("{SALE}[event_source]\nscale_interval = \"none\"\n");
    for key in ["event_source.scale_interval", "event_source.most_pollers", "event_source.scale_down_interval"] {
        assert!(value(SALE, key).is_some() && value(&no_ramp, key).is_none(), "{key}");
    }
    let textbook = found(&format!("profile = \"textbook\"\n{SALE}"));
    let has = |key: &str| textbook.iter().any(|(other, _)| *other == key);
    assert!(has("lambda.duration") && !has("latency.start") && !has("queue.in_flight_limit"));
    assert!(!has("sdk.start_tries") && !has("event_source.throttle_backoff"));
    let door = found(&format!("profile = \"textbook\"\n{SALE}[account]\nregion = \"eu-west-1\"\n"));
    assert!(door.iter().any(|(key, _)| *key == "sdk.start_tries"), "its bucket refuses");
    assert!(
        !has("account.requests_per_concurrency") && !has("event_source.long_poll") && !has("cost.extra_transitions")
    );
}

#[test]
fn a_scenario_and_its_resolved_form_rest_upon_the_same() {
    for text in
        ["", "[direct]\ninvocation = \"event\"\n[lambda]\nduration = \"1s\"\n", "[account]\nregion = \"none\"\n"]
    {
        for top in ["", "assumptions = \"optimistic\"\n", "profile = \"textbook\"\n"] {
            let first = loaded(&format!("{top}{SALE}{text}"));
            assert_eq!(facts_in_force(&first), facts_in_force(&loaded(&first.resolved)), "{top}{text}");
        }
    }
}
