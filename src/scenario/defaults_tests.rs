//! Both profiles, key by key, and what can be switched off.

use super::*;
use crate::random::{Distribution, Draw, OrderKey, Purpose};
use crate::scenario::{Loaded, Overrides, Scenario, Source, load};

const ARRIVALS: &str = "[[arrivals]]\nrate = \"50/s\"\nduration = \"1min\"\n";

/// Every key of every table but the arrivals, and its default under aws and under textbook.
const TABLE: [(&str, &str, &str); 73] = [
    ("seed", "1", "1"),
    ("replications", "1", "1"),
    ("horizon", "\"until-drained\"", "\"until-drained\""),
    ("max_drain", "\"1d\"", "\"1d\""),
    ("warm_up", "\"0s\"", "\"0s\""),
    ("cool_down", "\"0s\"", "\"0s\""),
    ("repeat", "1", "1"),
    ("max_orders", "none", "none"),
    ("step_functions.timeout", "none", "none"),
    ("step_functions.heartbeat", "none", "none"),
    ("step_functions.execution_timeout", "none", "none"),
    ("step_functions.retry", "\"none\"", "\"none\""),
    ("step_functions.catch", "[]", "[]"),
    ("queue.visibility_timeout", "\"30s\"", "none"),
    ("queue.message_retention_period", "\"4d\"", "none"),
    ("queue.delay", "\"0s\"", "\"0s\""),
    ("queue.initial_backlog", "0", "0"),
    ("queue.returned_to", "\"place\"", "\"back\""),
    ("queue.stale_delete", "\"ignored\"", "\"deletes\""),
    ("queue.in_flight_limit", "120000", "none"),
    ("queue.duplicate_delivery", "\"0%\"", "\"0%\""),
    ("queue.reorder_window", "\"0s\"", "\"0s\""),
    ("queue.dead_letter", "none", "none"),
    ("event_source.batch_size", "10", "1"),
    ("event_source.maximum_batching_window", "\"0s\"", "\"0s\""),
    ("event_source.maximum_concurrency", "none", "none"),
    ("event_source.report_batch_item_failures", "false", "false"),
    ("event_source.pull", "\"eager\"", "\"when_free\""),
    ("event_source.scale_interval", "\"1s\"", "none"),
    ("event_source.error_backoff", "\"2.8s\"", "\"0s\""),
    ("event_source.scale_down_interval", "\"1min\"", "\"1min\""),
    ("event_source.throttle_backoff", "\"1s\"", "\"1s\""),
    ("event_source.throttle_backoff_limit", "\"10s\"", "\"10s\""),
    ("lambda.duration", "\"100ms\"", "\"100ms\""),
    ("lambda.cold_start", "{ p50 = \"145ms\", p99 = \"220ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("lambda.idle_before_reclaim", "\"10min\"", "none"),
    ("lambda.recycle_after", "{ min = \"2h\", max = \"8h\", distribution = \"uniform\" }", "none"),
    ("lambda.memory_size", "\"128MB\"", "\"128MB\""),
    ("lambda.timeout", "\"3s\"", "none"),
    ("lambda.reserved_concurrency", "none", "none"),
    ("lambda.provisioned_concurrency", "0", "0"),
    ("lambda.error_rate", "\"0%\"", "\"0%\""),
    ("lambda.error_at", "\"end\"", "\"end\""),
    ("lambda.poison_rate", "\"0%\"", "\"0%\""),
    ("lambda.on_error", "\"throw\"", "\"throw\""),
    ("lambda.batch", "\"one_by_one\"", "\"one_by_one\""),
    ("lambda.throw_ends", "\"invocation\"", "\"invocation\""),
    ("lambda.answers", "\"each\"", "\"each\""),
    ("lambda.skip_older_than", "none", "none"),
    ("direct.invocation", "\"request_response\"", "\"request_response\""),
    ("direct.timeout", "none", "none"),
    ("direct.retry", CONSOLE, "\"none\""),
    ("latency.start", "{ p50 = \"48ms\", p99 = \"160ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("latency.dispatch", "{ p50 = \"38ms\", p99 = \"160ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("latency.transition", "{ p50 = \"25ms\", p99 = \"100ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("latency.send", "{ p50 = \"10ms\", p99 = \"80ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("latency.receive", "{ p50 = \"9ms\", p99 = \"98ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("latency.invoke", "{ p50 = \"5ms\", p99 = \"30ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("latency.callback", "{ p50 = \"20ms\", p99 = \"80ms\", distribution = \"lognormal\" }", "\"0s\""),
    ("account.region", "\"us-east-1\"", "none"),
    ("account.concurrency_limit", "1000", "none"),
    ("account.other_concurrency", "0", "0"),
    ("account.start_execution", "{ size = 1300, refill = \"300/s\" }", "none"),
    ("account.state_transition", "{ size = 5000, refill = \"5000/s\" }", "none"),
    ("account.send_task", "{ size = 3000, refill = \"500/s\" }", "none"),
    ("account.environment_rate", "{ size = 1000, refill = \"100/s\" }", "none"),
    ("sdk.start_tries", "3", "3"),
    ("sdk.start_backoff", "\"1s\"", "\"1s\""),
    ("sdk.callback_tries", "3", "3"),
    ("sdk.callback_backoff", "\"100ms\"", "\"100ms\""),
    ("cost.extra_transitions", "0", "0"),
    ("cost.price_list", "\"us-east-1-2026-01\"", "none"),
    ("profile", "\"aws\"", "given"),
];

const CONSOLE: &str = "{ errors = [\"Lambda.ServiceException\", \"Lambda.AWSLambdaException\", \
                       \"Lambda.SdkClientException\", \"Lambda.TooManyRequestsException\"], interval = \"1s\", \
                       max_attempts = 3, backoff_rate = 2, jitter_strategy = \"FULL\" }";

fn loaded(text: &str) -> Loaded {
    let source = Source { shown: "shop.toml".into(), name: "shop".into(), text: text.into() };
    load(&source, &Overrides::default()).unwrap_or_else(|shown| panic!("{shown}"))
}

fn aws(more: &str) -> Scenario {
    loaded(&format!("{ARRIVALS}{more}")).scenario
}

/// Dotted keys of the resolved file that were filled in, and their values; `none` for those without.
fn filled_in(resolved: &str) -> Vec<(String, String)> {
    let mut section = String::new();
    let mut found = Vec::new();
    for line in resolved.lines().skip(1) {
        if let Some(header) = line.strip_prefix('[') {
            section = format!("{}.", header.trim_end_matches(']').trim_start_matches('['));
        } else if let Some(key) = line.strip_prefix("# ").and_then(|line| line.strip_suffix(": none")) {
            found.push((format!("{section}{key}"), "none".to_string()));
        } else if let Some((key, value)) = line.strip_suffix("  # default").and_then(|line| line.split_once(" = ")) {
            found.push((format!("{section}{key}"), value.to_string()));
        }
    }
    found.retain(|(key, _)| !key.starts_with("arrivals.") && key != "title");
    found
}

#[test]
fn both_profiles_fill_in_their_defaults_and_the_resolved_file_says_so() {
    let textbook = format!("profile = \"textbook\"\n{ARRIVALS}");
    for (text, of) in [(ARRIVALS, 1), (textbook.as_str(), 2)] {
        let mut expected: Vec<(String, String)> = TABLE
            .iter()
            .map(|(key, aws, textbook)| (key.to_string(), [*aws, *textbook][of - 1].to_string()))
            .filter(|(_, value)| value != "given")
            .collect();
        let mut found = filled_in(&loaded(text).resolved);
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn what_has_no_key_differs_too() {
    let scenario = aws("");
    assert_eq!(scenario.profile, Profile::Aws);
    assert_eq!(scenario.buffered.platform.account.requests_per_concurrency, Some(10));
    assert_eq!((scenario.region.as_deref(), scenario.prices.dated.as_deref()), (Some("us-east-1"), Some("2026-01")));
    assert_eq!(scenario.buffered.platform, scenario.direct.platform);
    let textbook = loaded(&format!("profile = \"textbook\"\n{ARRIVALS}")).scenario;
    assert_eq!(textbook.buffered.platform, crate::system::spec::PlatformSpec::ideal());
    assert!(textbook.prices.is_free() && textbook.region.is_none());
}

#[test]
fn single_limits_of_aws_can_be_switched_off_and_a_resolved_file_keeps_that() {
    let off = "[queue]\nvisibility_timeout = \"none\"\nmessage_retention_period = \"none\"\n\
               in_flight_limit = \"none\"\n\
               [event_source]\nscale_interval = \"none\"\n\
               [lambda]\ntimeout = \"none\"\nidle_before_reclaim = \"none\"\nrecycle_after = \"none\"\n\
               [account]\nconcurrency_limit = \"none\"\nstart_execution = \"none\"\nstate_transition = \"none\"\n\
               send_task = \"none\"\nenvironment_rate = \"none\"\n[cost]\nprice_list = \"none\"\n";
    let first = loaded(&format!("{ARRIVALS}{off}"));
    let scenario = &first.scenario;
    let (queue, function) = (scenario.buffered.queue, &scenario.buffered.function);
    assert_eq!((queue.visibility_timeout, queue.message_retention_period, queue.in_flight_limit), (None, None, None));
    assert_eq!((function.timeout, function.idle_before_reclaim, function.recycle_after), (None, None, None));
    assert_eq!(scenario.buffered.event_source.scale_interval, None);
    let account = &scenario.buffered.platform.account;
    assert_eq!((account.concurrency_limit, account.start_execution, account.state_transition), (None, None, None));
    assert_eq!((account.send_task, account.environment_rate), (None, None));
    assert!(scenario.prices.is_free());
    let again = loaded(&first.resolved);
    assert_eq!((&again.scenario, &again.fingerprint), (scenario, &first.fingerprint), "{}", first.resolved);
    let nothing = loaded(&format!("profile = \"textbook\"\n{ARRIVALS}{off}"));
    assert_eq!(nothing.fingerprint, loaded(&format!("profile = \"textbook\"\n{ARRIVALS}")).fingerprint);
}

#[test]
fn asynchronous_invocation_has_defaults_of_its_own_and_no_limit_on_requests() {
    let event = "[direct]\ninvocation = \"event\"\n";
    let of = |text: &str| loaded(text).scenario.direct;
    let (aws, textbook) =
        (of(&format!("{ARRIVALS}{event}")), of(&format!("profile = \"textbook\"\n{ARRIVALS}{event}")));
    let queue = |direct: &crate::system::DirectSpec| direct.asynchronous.expect("it is").queue;
    assert_eq!(queue(&aws).maximum_event_age, Some(SimDuration::from_secs(21_600)));
    assert_eq!((queue(&aws).maximum_retry_attempts, aws.platform.account.requests_per_concurrency), (2, None));
    assert_eq!((queue(&textbook).maximum_event_age, queue(&textbook).maximum_retry_attempts), (None, 0));
    let first = loaded(&format!("{ARRIVALS}{event}"));
    let again = loaded(&first.resolved);
    assert_eq!((again.scenario, again.fingerprint), (first.scenario, first.fingerprint));
    assert!(first.resolved.contains("maximum_event_age = \"6h\"  # default"), "{}", first.resolved);
}

#[test]
fn a_region_brings_its_buckets_in_either_profile() {
    for (region, start, transition, send) in [
        ("us-west-2", (1_300, 300.0), (5_000, 5_000.0), (3_000, 500.0)),
        ("eu-central-1", (800, 150.0), (800, 800.0), (1_500, 300.0)),
    ] {
        for profile in ["aws", "textbook"] {
            let text = format!("profile = \"{profile}\"\n{ARRIVALS}[account]\nregion = \"{region}\"\n");
            let scenario = loaded(&text).scenario;
            let account = &scenario.direct.platform.account;
            let of = |(size, refill_per_s)| Some(BucketSettings { size, refill_per_s });
            assert_eq!(account.start_execution, of(start));
            assert_eq!((account.state_transition, account.send_task), (of(transition), of(send)));
            assert_eq!(scenario.region.as_deref(), Some(region));
        }
    }
    let own = aws("[account]\nregion = \"eu-west-3\"\nstart_execution = { size = 5, refill = \"90/min\" }\n");
    let bucket = own.buffered.platform.account.start_execution;
    assert_eq!(bucket, Some(BucketSettings { size: 5, refill_per_s: 1.5 }));
    assert_eq!(aws("[account]\nregion = \"none\"\n").buffered.platform.account.send_task, None);
}

#[test]
fn direct_may_override_any_key_of_the_function() {
    let text = format!(
        "profile = \"textbook\"\n{ARRIVALS}[lambda]\nreserved_concurrency = 20\nmemory_size = \"512MB\"\nduration = \
         \"1s\"\n[direct.lambda]\nreserved_concurrency = \"none\"\nmemory_size = \"512MB\"\nduration = {{ p50 = \
         \"1s\", p99 = \"2s\" }}\n"
    );
    let first = loaded(&text);
    let (shared, direct) = (&first.scenario.buffered.function, &first.scenario.direct.function);
    assert_eq!((shared.reserved_concurrency, direct.reserved_concurrency), (Some(20), None));
    assert_eq!((shared.memory_mb, direct.memory_mb), (512, 512));
    assert_eq!(shared.duration, Distribution::constant(1.0));
    assert_eq!(direct.duration, Distribution::log_normal_percentiles(1.0, 2.0));
    let section = "[direct.lambda]\nduration = { p50 = \"1s\", p99 = \"2s\", distribution = \"lognormal\" }\n\
                   reserved_concurrency = \"none\"\n";
    assert!(first.resolved.contains(section), "{}", first.resolved);
    let again = loaded(&first.resolved);
    assert_eq!((again.scenario, again.fingerprint), (first.scenario, first.fingerprint));
    let same =
        text.replace("reserved_concurrency = \"none\"\n", "").replace("{ p50 = \"1s\", p99 = \"2s\" }", "\"1s\"");
    assert!(!loaded(&same).resolved.contains("[direct.lambda]"));
}

/// The fit of the latencies, drawn again: both measured paths, at their medians and 99th percentiles, and a third, to which
/// nothing was fitted: from Step Functions to the handler of an asynchronous invocation.
#[test]
fn the_latencies_add_up_to_what_was_measured() {
    let latency = aws("").buffered.platform.latency;
    let mut paths = [Vec::new(), Vec::new(), Vec::new()];
    let mut numbers = Draw::new(OrderKey(1), Purpose::Work, 0);
    for _ in 0..100_000 {
        let mut draw = |hop: &Distribution| hop.sample(&mut numbers) * 1e3;
        let invoke = draw(&latency.invoke);
        let to_task = draw(&latency.start) + draw(&latency.dispatch);
        let from_queue = draw(&latency.receive) + invoke;
        paths[0].push(to_task + invoke);
        paths[1].push(from_queue);
        paths[2].push(to_task + draw(&latency.send) + from_queue);
    }
    let measured = [(99.1, 250.0, 0.03), (16.2, 105.0, 0.03), (142.0, 313.0, 0.1)];
    for (mut path, (p50, p99, near)) in paths.into_iter().zip(measured) {
        path.sort_by(f64::total_cmp);
        let (median, high) = (path[path.len() / 2], path[path.len() * 99 / 100]);
        assert!((median - p50).abs() < near * p50 && (high - p99).abs() < 0.05 * p99, "{median} {high}");
    }
}
