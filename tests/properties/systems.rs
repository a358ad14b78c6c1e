//! Whole systems under random scenarios, with an auditor that checks every observation.

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::findings::Design;
use queuecast::scenario::{Overrides, Source, load};

use crate::cases;

/// Lines of a scenario that may or may not be there.
fn maybe(lines: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(lines)
}

fn scenarios() -> impl Strategy<Value = String> {
    let run = (
        maybe(&[
            "max_drain = '40s'",
            "horizon = '9s'",
            "max_drain = '4s'",
            "max_drain = '30s'\nmax_orders = 37",
            "max_drain = '4min'\nmax_orders = 20",
        ]),
        maybe(&["", "warm_up = '2s'", "warm_up = '1s'\ncool_down = '2s'"]),
        maybe(&["repeat = 1", "repeat = 2"]),
        maybe(&["", "", "", "replications = 2", "replications = 3\narrivals_scale = { p50 = 1, p99 = 1.5 }"]),
    );
    let arrivals = (
        maybe(&[
            "rate = '30/s'",
            "rate = '2/s'\nramp_to = '60/s'",
            "rate = '80/s'\ndecay_to = '1/s'",
            "rate = '20/s'\nspacing = 'even'",
            "rate = '25/s'\nspacing = { cv = 2 }",
            "rate = '40/s'\nbatch = 7",
            "rate = '40/s'\nbatch = { mean = 3, distribution = 'geometric' }",
            "at_once = 90",
            "rate = '30/s'\nwave = { amplitude = '100%', period = '3s' }",
            "rate = '30/s'\nmodulation = { cv = 1, correlation = '700ms' }",
            "rate = '20/s'\nspacing = 'even'\nbatch = 3\nwave = { amplitude = '50%', period = '90s' }\n\
             modulation = { cv = 0.3, correlation = '2s' }",
            "trace = 'tests/data/orders.csv'",
        ]),
        maybe(&["5s", "8s"]),
    );
    let workflow = (
        maybe(&["", "timeout = '2s'", "timeout = '3s'\nheartbeat = '1500ms'"]),
        maybe(&["", "execution_timeout = '5s'"]),
        maybe(&[
            "",
            "retry = { max_attempts = 2, interval = '500ms', jitter_strategy = 'FULL' }",
            "retry = { errors = ['States.ALL'], interval = '100ms', max_delay = '300ms', max_attempts = 4 }\ncatch = ['States.ALL']",
        ]),
    );
    let queue = (
        maybe(&["", "visibility_timeout = '400ms'", "visibility_timeout = '2s'"]),
        maybe(&["", "message_retention_period = '3s'"]),
        maybe(&["", "delay = '250ms'", "delay = { mean = '500ms', distribution = 'exponential' }"]),
        maybe(&["", "initial_backlog = 25"]),
        maybe(&["returned_to = 'place'", "returned_to = 'back'"]),
        maybe(&["stale_delete = 'ignored'", "stale_delete = 'deletes'"]),
        maybe(&["", "", "in_flight_limit = 5", "in_flight_limit = 1"]),
        maybe(&["", "", "duplicate_delivery = '20%'", "duplicate_delivery = '2%'\nreorder_window = '300ms'"]),
        maybe(&[
            "",
            "[queue.dead_letter]\nmax_receive_count = 2",
            "[queue.dead_letter]\nmax_receive_count = 5",
            "[queue.dead_letter]\nmax_receive_count = 1\nredrive_at = '6s'",
            "[queue.dead_letter]\nmax_receive_count = 2\nredrive_at = '+12s'\nredrive_rate = '20/s'",
        ]),
    );
    let source = (
        maybe(&["batch_size = 1", "batch_size = 4", "batch_size = 10", "batch_size = 64"]),
        maybe(&["", "maximum_concurrency = 3"]),
        maybe(&["", "report_batch_item_failures = true"]),
    );
    let lambda = (
        maybe(&[
            "'150ms'",
            "'0s'",
            "{ mean = '200ms', distribution = 'exponential' }",
            "{ p50 = '100ms', p99 = '1s' }",
            "{ min = '50ms', shape = 1.5, max = '3s', distribution = 'pareto' }",
            "{ samples = 'tests/data/durations.csv' }",
        ]),
        maybe(&["", "reserved_concurrency = 0", "reserved_concurrency = 2", "reserved_concurrency = 9"]),
        maybe(&["", "timeout = '300ms'", "timeout = '2s'"]),
        maybe(&["", "error_rate = '20%'", "error_rate = '100%'", "poison_rate = '10%'"]),
        maybe(&["", "error_at = 'start'"]),
        maybe(&["", "on_error = 'report'"]),
        maybe(&["batch = 'one_by_one'", "batch = 'parallel'", "batch = 'together'", "throw_ends = 'record'"]),
    );
    let direct = (
        maybe(&[
            "",
            "timeout = '1s'",
            "invocation = 'event'",
            "invocation = 'event'\ntimeout = '2500ms'\nheartbeat = '2s'\nmaximum_event_age = '3s'",
            "invocation = 'event'\nmaximum_retry_attempts = 2\ndestination = 'sqs'",
            "invocation = 'event'\nmaximum_event_age = '61s'\nmaximum_retry_attempts = 1",
        ]),
        maybe(&[
            "",
            "retry = 'console'",
            "retry = { errors = ['States.ALL'], interval = '200ms', max_attempts = 5, backoff_rate = 1 }",
        ]),
        // A table of its own, and so the last.
        maybe(&["", "", "", "[direct.lambda]\nduration = '70ms'\nreserved_concurrency = 3\nerror_rate = '5%'"]),
    );
    (run, arrivals, workflow, queue, source, lambda, direct).prop_map(
        |(run, arrivals, workflow, queue, source, lambda, direct)| {
            format!(
                "profile = 'textbook'\n{}\n{}\n{}\n{}\n[[arrivals]]\norigin = true\n{}\nduration = '{}'\n[step_functions]\n{}\n{}\n{}\n\
             [queue]\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n[event_source]\n{}\n{}\n{}\n\
             [lambda]\nduration = {}\n{}\n{}\n{}\n{}\n{}\n{}\n[direct]\n{}\n{}\n{}\n",
                run.0,
                run.1,
                run.2,
                run.3,
                arrivals.0,
                arrivals.1,
                workflow.0,
                workflow.1,
                workflow.2,
                queue.0,
                queue.1,
                queue.2,
                queue.3,
                queue.4,
                queue.5,
                queue.6,
                queue.7,
                queue.8,
                source.0,
                source.1,
                source.2,
                lambda.0,
                lambda.1,
                lambda.2,
                lambda.3,
                lambda.4,
                lambda.5,
                lambda.6,
                direct.0,
                direct.1,
                direct.2
            )
        },
    )
}

/// The platform of the aws profile, in any combination: more keys of [event_source] and [lambda], and tables of their own.
fn platforms() -> impl Strategy<Value = (String, String, String)> {
    let source = (
        maybe(&["pull = 'when_free'", "pull = 'eager'"]),
        maybe(&["", "scale_interval = '100ms'", "scale_interval = '1s'"]),
        maybe(&["", "error_backoff = '150ms'", "error_backoff = '3s'"]),
        maybe(&["", "", "maximum_batching_window = '300ms'"]),
    );
    let lambda = (
        maybe(&["", "cold_start = '400ms'", "cold_start = { p50 = '100ms', p99 = '500ms' }"]),
        maybe(&["", "idle_before_reclaim = '1s'"]),
        maybe(&["", "recycle_after = { min = '1s', max = '3s', distribution = 'uniform' }"]),
        maybe(&["", "answers = 'first_decides'"]),
        maybe(&["", "skip_older_than = '1s'"]),
        maybe(&[
            "",
            "",
            "provisioned_concurrency = 2",
            "provisioned_concurrency = 2\nprovisioned_at = '1s'\nprovisioned_delay = '2s'",
        ]),
    );
    let latency = (
        maybe(&["", "start = '30ms'\ndispatch = { p50 = '20ms', p99 = '100ms' }"]),
        maybe(&["", "send = '15ms'\nreceive = { p50 = '9ms', p99 = '90ms' }\ninvoke = '5ms'"]),
        maybe(&["", "callback = '20ms'", "callback = { p50 = '200ms', p99 = '2s' }"]),
        maybe(&["", "transition = '25ms'"]),
    );
    let account = (
        maybe(&["", "concurrency_limit = 4\nother_concurrency = 1", "environment_rate = { size = 2, refill = '1/s' }"]),
        maybe(&["", "start_execution = { size = 5, refill = '8/s' }"]),
        maybe(&["", "state_transition = { size = 4, refill = '30/s' }"]),
        maybe(&["", "send_task = { size = 3, refill = '6/s' }"]),
    );
    let inventory = (
        maybe(&["", "", "max_connections = 2", "max_connections = 2\nwhen_full = 'reject'"]),
        maybe(&["", "connect_timeout = '100ms'"]),
        maybe(&["", "slowdown = { at = 3, factor = 2 }"]),
        maybe(&["", "stock = 20", "stock = 20\nidempotent = true"]),
    );
    (source, lambda, latency, account, inventory).prop_map(|(source, lambda, latency, account, inventory)| {
        let lines = |lines: &[&str]| lines.join("\n");
        let called = !inventory.0.is_empty();
        let downstream =
            lines(&["[inventory]", "service_time = '60ms'", inventory.0, inventory.1, inventory.2, inventory.3]);
        let tables = lines(&[
            "[latency]",
            latency.0,
            latency.1,
            latency.2,
            latency.3,
            "[account]",
            account.0,
            account.1,
            account.2,
            account.3,
            if called { &downstream } else { "" },
        ]);
        let source = lines(&[source.0, source.1, source.2, source.3]);
        (source, lines(&[lambda.0, lambda.1, lambda.2, lambda.3, lambda.4, lambda.5]), tables)
    })
}

/// A scenario of the textbook profile with an aws platform under it.
fn on_a_platform(text: &str, (source, lambda, tables): &(String, String, String)) -> String {
    let with_source = text.replace("[event_source]\n", &format!("[event_source]\n{source}\n"));
    let with_lambda = with_source.replace("[lambda]\n", &format!("[lambda]\n{lambda}\n"));
    format!("{with_lambda}\n{tables}\n")
}

/// Faults of every kind, in windows that may overlap, begin with the run or outlast it; those of an inventory are left out
/// where there is none.
fn faults() -> impl Strategy<Value = Vec<String>> {
    let when = (maybe(&["'0s'", "'1s'", "'+2500ms'", "'5s'"]), maybe(&["'400ms'", "'2s'", "'30s'"]));
    let what = maybe(&[
        "target = 'start'\nadd_delay = '700ms'",
        "target = 'start'\noutage = true",
        "target = 'start'\nerror_rate = '40%'",
        "target = 'queue'\nadd_delay = '900ms'",
        "target = 'queue'\noutage = true",
        "target = 'queue'\nerror_rate = '30%'",
        "target = 'queue'\nduplicate = true",
        "target = 'lambda'\nadd_delay = '500ms'",
        "target = 'lambda'\nerror_rate = '50%'",
        "target = 'lambda'\noutage = true",
        "target = 'inventory'\nadd_delay = '300ms'",
        "target = 'inventory'\nerror_rate = '50%'",
        "target = 'inventory'\noutage = true",
        "target = 'callback'\nadd_delay = '1s'",
        "target = 'callback'\nerror_rate = '50%'",
        "target = 'callback'\noutage = true",
        "target = 'callback'\ndrop = true",
        "target = 'callback'\nduplicate = true",
    ]);
    let fault =
        (when, what, maybe(&["", "share = '60%'", "share = '10%'"])).prop_map(|((at, duration), what, share)| {
            format!("[[faults]]\nat = {at}\nduration = {duration}\n{what}\n{share}\n")
        });
    prop::collection::vec(fault, 1..5)
}

fn with_faults(mut text: String, faults: &[String]) -> String {
    let has_inventory = text.contains("[inventory]");
    for fault in faults.iter().filter(|fault| has_inventory || !fault.contains("'inventory'")) {
        text.push_str(fault);
    }
    text
}

/// What users of AWS set, under its own profile: quotas, latencies, pollers, cold starts and retries are AWS's.
fn as_on_aws() -> impl Strategy<Value = String> {
    let run = (
        maybe(&["max_drain = '10min'", "max_drain = '40s'", "horizon = '30s'"]),
        maybe(&["", "assumptions = 'pessimistic'", "assumptions = 'optimistic'"]),
        maybe(&["", "", "replications = 2", "replications = 2\narrivals_scale = { p50 = 1, p99 = 1.5 }"]),
        maybe(&[
            "rate = '30/s'",
            "at_once = 250",
            "rate = '5/s'\nramp_to = '120/s'",
            "rate = '20/s'\nwave = { amplitude = '80%', period = '4s' }",
            "rate = '60/s'\nbatch = { mean = 4, distribution = 'geometric' }",
            "trace = 'tests/data/orders.csv'",
        ]),
    );
    let workflow = maybe(&["", "timeout = '10s'", "timeout = '40s'\nheartbeat = '20s'", "retry = 'console'"]);
    let queue = (
        maybe(&["visibility_timeout = '5s'", "visibility_timeout = '30s'", "visibility_timeout = '3s'"]),
        maybe(&["", "delay = '2s'", "duplicate_delivery = '3%'", "message_retention_period = '1min'"]),
        maybe(&[
            "",
            "[queue.dead_letter]\nmax_receive_count = 2",
            "[queue.dead_letter]\nmax_receive_count = 1\nredrive_at = '+20s'\nredrive_rate = '30/s'",
        ]),
    );
    let source = (
        maybe(&["batch_size = 1", "batch_size = 10", "batch_size = 50\nmaximum_batching_window = '1s'"]),
        maybe(&["", "maximum_concurrency = 2", "maximum_concurrency = 9"]),
        maybe(&["", "report_batch_item_failures = true"]),
    );
    let lambda = (
        maybe(&["'150ms'", "{ p50 = '100ms', p99 = '1s' }", "{ mean = '400ms', distribution = 'exponential' }"]),
        maybe(&["", "reserved_concurrency = 3", "reserved_concurrency = 20", "reserved_concurrency = 0"]),
        maybe(&["", "error_rate = '10%'", "poison_rate = '5%'\non_error = 'report'"]),
        maybe(&["", "memory_size = '1GB'", "batch = 'parallel'", "answers = 'first_decides'"]),
    );
    let direct = maybe(&[
        "",
        "retry = 'documentation'",
        "invocation = 'event'\ntimeout = '2min'",
        "timeout = '2s'\n[direct.lambda]\nreserved_concurrency = 5",
    ]);
    let inventory = maybe(&[
        "",
        "[inventory]\nservice_time = '80ms'\nmax_connections = 4",
        "[inventory]\nservice_time = '60ms'\nmax_connections = 3\nwhen_full = 'reject'\nstock = 40",
    ]);
    (run, workflow, queue, source, lambda, direct, inventory).prop_map(
        |(run, workflow, queue, source, lambda, direct, inventory)| {
            [
                run.0,
                run.1,
                run.2,
                "[[arrivals]]\norigin = true\nduration = '10s'",
                run.3,
                "[step_functions]",
                workflow,
                "[queue]",
                queue.0,
                queue.1,
                queue.2,
                "[event_source]",
                source.0,
                source.1,
                source.2,
                "[lambda]\ntimeout = '3s'",
                &format!("duration = {}", lambda.0),
                lambda.1,
                lambda.2,
                lambda.3,
                "[direct]",
                direct,
                inventory,
                "",
            ]
            .join("\n")
        },
    )
}

fn kept_by_both_designs(text: String, seed: u64) -> Result<(), TestCaseError> {
    let source = Source { shown: "random.toml".into(), name: "random".into(), text };
    let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
    let loaded = load(&source, &overrides);
    // A few combinations make no sense and are refused; where most were, proptest would give up.
    prop_assume!(loaded.is_ok(), "{:?}", loaded);
    let designs = vec![Design::Buffered, Design::Direct];
    let settings = RunSettings { designs, threads: 1, resolution: None, verify: true, orders: false };
    let outcome = run(&loaded.expect("just assumed").scenario, &settings, &Progress::default());
    let outcome = outcome.unwrap_or_else(|breach| panic!("{breach}\n{}", source.text));
    let offered: Vec<u64> = outcome.findings.designs.iter().map(|found| found.orders.offered).collect();
    prop_assert_eq!(offered[0], offered[1], "both designs face the same orders");
    Ok(())
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn every_scenario_keeps_every_rule_of_the_auditor(text in scenarios(), seed in 0_u64..1_000) {
        kept_by_both_designs(text, seed)?;
    }

    #[test]
    fn so_does_every_scenario_on_an_aws_platform(text in scenarios(), platform in platforms(), seed in 0_u64..1_000) {
        kept_by_both_designs(on_a_platform(&text, &platform), seed)?;
    }

    #[test]
    fn so_does_every_scenario_in_which_something_breaks(
        text in scenarios(), platform in platforms(), faults in faults(), seed in 0_u64..1_000
    ) {
        kept_by_both_designs(with_faults(on_a_platform(&text, &platform), &faults), seed)?;
    }

    #[test]
    fn so_does_every_scenario_as_on_aws(text in as_on_aws(), faults in prop::option::of(faults()), seed in 0_u64..1_000) {
        kept_by_both_designs(with_faults(text, &faults.unwrap_or_default()), seed)?;
    }
}

/// A generator whose scenarios are refused tests nothing.
#[test]
fn nearly_all_that_is_drawn_is_run() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let broken = (scenarios(), platforms(), faults())
        .prop_map(|(text, platform, faults)| with_faults(on_a_platform(&text, &platform), &faults));
    for (name, drawn) in
        [("plain", scenarios().boxed()), ("broken", broken.boxed()), ("as on AWS", as_on_aws().boxed())]
    {
        let mut refused = Vec::new();
        for _ in 0..300 {
            let text = drawn.new_tree(&mut runner).expect("nothing is filtered out").current();
            let source = Source { shown: "random.toml".into(), name: "random".into(), text };
            refused.extend(load(&source, &Overrides::default()).err());
        }
        let last = refused.last().cloned().unwrap_or_default();
        assert!(refused.len() < 90, "{name}: {} of 300 are refused, the last as\n{last}", refused.len());
    }
}
