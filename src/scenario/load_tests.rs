//! Whole scenarios: defaults, overrides, the resolved file, notes.

use super::*;
use crate::model::bucket::BucketSettings;
use crate::model::execution::{RetryPolicy, TaskError, TaskErrors};
use crate::model::inventory::{Slowdown, WhenFull};
use crate::model::queue::{ReturnedTo, StaleDelete};
use crate::random::Distribution;
use crate::scenario::{Horizon, Op, Profile, SloMeasure};
use crate::system::spec::{Answers, BatchMode, ErrorAt, FaultEffect, FaultSpec, FaultTarget, OnError, Pull, ThrowEnds};
use crate::time::{SimDuration, SimTime};
use crate::workload::spec::{Batch, Rate, Spacing};

const SMALL: &str = "profile = \"textbook\"\n[[arrivals]]\nrate = \"50/s\"\nduration = \"1min\"\n";

/// Uses every key that is alive, in forms other than the default.
const RICH: &str = r#"
title = "Every \"key\""
seed = 9
profile = "textbook"
horizon = "until-drained"
max_drain = "2h"
warm_up = "1s"
cool_down = "0.5s"
repeat = 2
max_orders = 100000

[[arrivals]]
name = "ramp"
rate = "10/min"
ramp_to = "7/s"
duration = "1min 2.5s"
spacing = { cv = 3 }
batch = { mean = 2.5, distribution = "geometric" }

[[arrivals]]
rate = "70/s"
decay_to = "1/h"
duration = "90s"
spacing = { shape = 4, distribution = "erlang" }
batch = 3
origin = true

[[arrivals]]
at_once = 1000

[[arrivals]]
rate = "20/s"
duration = "0.1h"
spacing = { cv = 2, distribution = "hyperexponential" }

[[arrivals]]
rate = "20/s"
duration = "10s"
spacing = "even"

[step_functions]
timeout = "15min"
heartbeat = "10min"
execution_timeout = "1h"
retry = { errors = ["States.ALL"], interval = "0.5s", max_attempts = 2, backoff_rate = 1.5, max_delay = "1min", jitter_strategy = "full" }
catch = ["States.Timeout", "OutOfStock"]

[queue]
visibility_timeout = "3min"
message_retention_period = "4d"
delay = "1s"
initial_backlog = 12
returned_to = "place"
stale_delete = "ignored"
in_flight_limit = 20000
duplicate_delivery = "0.1%"
reorder_window = "50ms"

[queue.dead_letter]
max_receive_count = 5
redrive_at = "+30min"
redrive_rate = "50/s"

[event_source]
batch_size = 10
maximum_concurrency = 15
report_batch_item_failures = true
pull = "when_free"

[lambda]
duration = { mean = "120ms", cv = 0.7, distribution = "lognormal" }
memory_size = "1GB"
timeout = "30s"
reserved_concurrency = 20
error_rate = "0.07%"
error_at = "start"
poison_rate = "0.1%"
on_error = "report"
batch = "parallel"
throw_ends = "record"

[direct]
timeout = "1min"
retry = "documentation"

[slo]
applies_to = ["direct", "buffered"]
confirmed = ">=98.5%"
dead_lettered = "== 0"
confirmed_within = { "1h" = "> 99%", "120s" = ">= 95%" }
latency_p99 = "<= 2min"
drained_within = "<= 15min"

[[expect]]
claim = "the   queue holds"
that = "buffered.orders.confirmed>=2 * direct.orders.confirmed"
"#;

/// Uses every key that is alive beside those of [`RICH`], under the other profile.
const AWS_RICH: &str = r#"
[[arrivals]]
rate = "50/s"
duration = "1min"

[queue]
visibility_timeout = "6min"
delay = { mean = "20s", distribution = "exponential" }

[event_source]
batch_size = 100
maximum_batching_window = "5s"
maximum_concurrency = 40
pull = "when_free"
scale_interval = "500ms"
error_backoff = "0s"

[lambda]
duration = "20ms"
cold_start = { mean = "1s", cv = 0.5, distribution = "gamma" }
idle_before_reclaim = "5min"
recycle_after = "3h"
timeout = "1min"
reserved_concurrency = 40
provisioned_concurrency = 10
answers = "first_decides"
skip_older_than = "15min"

[inventory]
max_connections = 20
service_time = { p50 = "20ms", p99 = "80ms" }
when_full = "wait"
connect_timeout = "2s"
slowdown = { at = 20, factor = 3 }
stock = 1000
idempotent = true

[direct]
invocation = "event"
timeout = "30min"
heartbeat = "20min"
maximum_event_age = "1h"
maximum_retry_attempts = 1
destination = "sqs"

[direct.lambda]
reserved_concurrency = "none"
provisioned_concurrency = 0

[latency]
send = "10ms"
invoke = { mean = "5ms", distribution = "exponential" }

[account]
region = "eu-central-1"
concurrency_limit = 3000
other_concurrency = 250
send_task = { size = 100, refill = "90/min" }
environment_rate = "none"

[cost]
price_list = { base = "us-east-1-2026-01", lambda_gb_second = 0.0000133334 }

[slo]
oversold = "== 0"
cost_per_1000 = "<= 0.10"
"#;

fn source(text: &str) -> Source {
    Source { shown: "shop.toml".into(), name: "shop".into(), text: text.into() }
}

fn loaded(text: &str) -> Loaded {
    load(&source(text), &Overrides::default()).unwrap_or_else(|shown| panic!("{shown}"))
}

#[test]
fn textbook_has_no_limit_and_no_patience_unless_the_file_says_so() {
    let scenario = loaded(SMALL).scenario;
    assert_eq!((scenario.name.as_str(), scenario.title.as_str()), ("shop", "shop"));
    assert_eq!((scenario.profile, scenario.seed, scenario.replications), (Profile::Textbook, 1, 1));
    assert_eq!(scenario.horizon, Horizon::UntilDrained { max_drain: SimDuration::from_secs(86_400) });
    assert_eq!((scenario.warm_up, scenario.cool_down), (SimDuration::ZERO, SimDuration::ZERO));
    let workload = &scenario.workload;
    assert_eq!((workload.repeat, workload.max_orders, workload.initial_backlog), (1, None, 0));
    let phase = &workload.phases[0];
    assert_eq!((phase.rate.clone(), phase.duration), (Rate::Constant { rate: 50.0 }, SimDuration::from_secs(60)));
    assert_eq!((&phase.spacing, phase.batch), (&Spacing::Poisson, Batch::Constant { orders: 1 }));
    assert!(!phase.origin && phase.name.is_none());
    let workflow = &scenario.buffered.workflow;
    assert_eq!((workflow.timeout, workflow.heartbeat, workflow.execution_timeout), (None, None, None));
    assert_eq!((workflow.retry, workflow.catch), (RetryPolicy::NONE, TaskErrors::NONE));
    assert_eq!(scenario.direct.workflow, *workflow);
    let queue = scenario.buffered.queue;
    assert_eq!((queue.visibility_timeout, queue.message_retention_period), (None, None));
    assert_eq!((scenario.buffered.delay.length, queue.max_receive_count), (Distribution::constant(0.0), None));
    assert_eq!((queue.returned_to, queue.stale_delete), (ReturnedTo::Back, StaleDelete::Deletes));
    let mapping = scenario.buffered.event_source;
    assert_eq!((mapping.batch_size, mapping.maximum_concurrency), (1, None));
    assert!(!mapping.report_batch_item_failures);
    let function = &scenario.buffered.function;
    assert_eq!(function.duration, Distribution::constant(0.1));
    assert_eq!((function.reserved_concurrency, function.memory_mb, function.timeout), (None, 128, None));
    assert_eq!((function.error_rate, function.poison_rate, function.error_at), (0.0, 0.0, ErrorAt::End));
    assert_eq!((function.on_error, function.batch), (OnError::Throw, BatchMode::OneByOne));
    assert_eq!(function.throw_ends, ThrowEnds::Invocation);
    assert_eq!(scenario.direct.function, *function);
    assert!(scenario.slo.is_empty() && scenario.expect.is_empty());
}

#[test]
fn every_key_reaches_its_place() {
    let scenario = loaded(RICH).scenario;
    assert_eq!((scenario.seed, scenario.title.as_str()), (9, "Every \"key\""));
    assert_eq!(scenario.horizon, Horizon::UntilDrained { max_drain: SimDuration::from_secs(7_200) });
    let phases = &scenario.workload.phases;
    assert_eq!(phases[0].rate, Rate::Ramp { from: 10.0 / 60.0, to: 7.0 });
    assert_eq!(phases[0].spacing, Spacing::Renewal(Distribution::gamma(1.0, 1.0 / 9.0)));
    assert_eq!(phases[0].batch, Batch::Geometric { mean: 2.5 });
    assert_eq!(phases[1].rate, Rate::Decay { from: 70.0, to: 1.0 / 3_600.0 });
    assert_eq!(phases[1].spacing, Spacing::Renewal(Distribution::gamma(1.0, 4.0)));
    assert_eq!((phases[1].batch, phases[1].origin), (Batch::Constant { orders: 3 }, true));
    assert_eq!((phases[2].rate.clone(), phases[2].duration), (Rate::AtOnce { orders: 1_000 }, SimDuration::ZERO));
    assert_eq!(phases[3].spacing, Spacing::Renewal(Distribution::hyperexponential(1.0, 2.0)));
    assert_eq!(phases[4].spacing, Spacing::Even);
    let retry = scenario.buffered.workflow.retry;
    assert_eq!((retry.errors, retry.max_attempts, retry.full_jitter), (TaskErrors::ALL, 2, true));
    assert_eq!((retry.interval, retry.backoff_rate), (SimDuration::from_millis(500), 1.5));
    assert_eq!(retry.max_delay, Some(SimDuration::from_secs(60)));
    assert!(scenario.buffered.workflow.catch.matches(TaskError::OutOfStock));
    assert!(!scenario.buffered.workflow.catch.matches(TaskError::FunctionError));
    let redrive = scenario.buffered.redrive.expect("it is in the file");
    let origin = SimTime::ZERO + phases[0].duration;
    assert_eq!(redrive.at, origin + SimDuration::from_secs(1_800), "after the start of the phase marked origin");
    assert_eq!(redrive.interval, SimDuration::from_millis(20));
    let repaired = (scenario.buffered.function.repaired_at, scenario.direct.function.repaired_at);
    assert_eq!(repaired, (Some(redrive.at), Some(redrive.at)));
    assert_eq!(scenario.direct.workflow.execution_timeout, Some(SimDuration::from_secs(3_600)));
    assert_eq!(scenario.direct.workflow.catch, scenario.buffered.workflow.catch);
    assert_eq!((scenario.direct.workflow.heartbeat, scenario.direct.workflow.retry.max_attempts), (None, 6));
    assert_eq!(scenario.direct.workflow.timeout, Some(SimDuration::from_secs(60)));
    let function = &scenario.direct.function;
    assert_eq!((function.memory_mb, function.batch, function.on_error), (1_024, BatchMode::Parallel, OnError::Report));
    assert_eq!((function.error_at, function.throw_ends), (ErrorAt::Start, ThrowEnds::Record));
    assert_eq!(function.duration, Distribution::log_normal(0.12, 0.7));
    assert_eq!(function.error_rate, 0.07 / 100.0);
    assert_eq!(scenario.expect[0].claim, "the queue holds");
}

#[test]
fn the_keys_of_the_platform_and_the_inventory_reach_their_place() {
    let scenario = loaded(AWS_RICH).scenario;
    let mapping = scenario.buffered.event_source;
    assert_eq!((mapping.batch_size, mapping.maximum_batching_window), (100, SimDuration::from_secs(5)));
    assert_eq!((mapping.pull, mapping.scale_interval), (Pull::WhenFree, Some(SimDuration::from_millis(500))));
    assert_eq!((mapping.maximum_concurrency, mapping.error_backoff), (Some(40), SimDuration::ZERO));
    let function = &scenario.buffered.function;
    assert_eq!(function.cold_start, Distribution::gamma(1.0, 4.0));
    assert_eq!(function.idle_before_reclaim, Some(SimDuration::from_secs(300)));
    assert_eq!(function.recycle_after, Some(Distribution::constant(10_800.0)));
    assert_eq!((function.provisioned_concurrency, function.answers), (10, Answers::FirstDecides));
    assert_eq!(function.skip_older_than, Some(SimDuration::from_secs(900)));
    let direct = &scenario.direct.function;
    assert_eq!((direct.reserved_concurrency, direct.provisioned_concurrency), (None, 0));
    assert_eq!(direct.cold_start, function.cold_start);
    let asynchronous = scenario.direct.asynchronous.expect("it is");
    let settings = asynchronous.queue;
    assert_eq!((settings.maximum_event_age, settings.maximum_retry_attempts), (Some(SimDuration::from_secs(3_600)), 1));
    let workflow = &scenario.direct.workflow;
    let patience = [workflow.timeout, workflow.heartbeat].map(|limit| limit.unwrap().as_secs_f64());
    assert_eq!((patience, asynchronous.destination), ([1_800.0, 1_200.0], true));
    let inventory = scenario.direct.inventory.as_ref().expect("there is a table");
    assert_eq!(scenario.buffered.inventory.as_ref(), Some(inventory));
    assert_eq!(inventory.service_time, Distribution::log_normal_percentiles(0.02, 0.08));
    let settings = inventory.settings;
    assert_eq!((settings.max_connections, settings.when_full), (Some(20), WhenFull::Wait));
    assert_eq!((settings.connect_timeout, settings.stock), (Some(SimDuration::from_secs(2)), Some(1_000)));
    assert_eq!((settings.slowdown, settings.idempotent), (Some(Slowdown { at: 20, factor: 3.0 }), true));
    let platform = &scenario.buffered.platform;
    assert_eq!(platform.latency.send, Distribution::constant(0.01));
    assert_eq!(platform.latency.invoke, Distribution::exponential(0.005));
    assert_eq!((platform.account.concurrency_limit, platform.account.other_concurrency), (Some(3_000), 250));
    let bucket = |size, refill_per_s| Some(BucketSettings { size, refill_per_s });
    assert_eq!((platform.account.start_execution, platform.account.send_task), (bucket(800, 150.0), bucket(100, 1.5)));
    assert_eq!(platform.account.environment_rate, None);
}

#[test]
fn objectives_come_in_the_order_of_measures_each_for_its_designs() {
    let slo = loaded(RICH).scenario.slo;
    let shown: Vec<String> =
        slo.iter().map(|slo| format!("{} {} {}", slo.design.name(), slo.name, slo.written)).collect();
    assert_eq!(
        shown,
        [
            "buffered confirmed >= 98.5%",
            "direct confirmed >= 98.5%",
            "buffered dead_lettered == 0",
            "buffered confirmed_within 2min >= 95%",
            "direct confirmed_within 2min >= 95%",
            "buffered confirmed_within 1h > 99%",
            "direct confirmed_within 1h > 99%",
            "buffered latency_p99 <= 2min",
            "direct latency_p99 <= 2min",
            "buffered drained_within <= 15min",
        ]
    );
    assert_eq!((slo[0].op, slo[0].limit), (Op::AtLeast, 98.5 / 100.0));
    assert_eq!((slo[2].op, slo[2].limit), (Op::Equal, 0.0));
    assert_eq!(slo[5].measure, SloMeasure::ConfirmedWithin(SimDuration::from_secs(3_600)));
    assert_eq!((slo[7].op, slo[7].limit), (Op::AtMost, 120.0));
}

#[test]
fn the_resolved_scenario_means_the_same_and_resolves_to_itself() {
    let flash_sale = include_str!("../../scenarios/flash-sale.toml");
    let textbook = include_str!("../../scenarios/textbook-mmc.toml");
    let aws = SMALL.replace("textbook", "aws");
    for text in [SMALL, RICH, flash_sale, textbook, &aws, AWS_RICH] {
        let first = loaded(text);
        let again = loaded(&first.resolved);
        assert_eq!(again.scenario, first.scenario, "{}", first.resolved);
        assert_eq!(again.fingerprint, first.fingerprint, "{}\n{}", first.resolved, again.resolved);
        assert_eq!(first.fingerprint.len(), 64);
        assert!(!again.resolved.contains("# default"), "{}", again.resolved);
        assert_eq!(loaded(&again.resolved).resolved, again.resolved);
    }
}

#[test]
fn a_number_beyond_whole_ones_resolves_to_itself() {
    let text = RICH.replace("backoff_rate = 1.5", "backoff_rate = 1e308");
    assert_ne!(text, RICH);
    let first = loaded(&text);
    assert!(first.resolved.contains("backoff_rate = 1e308"), "{}", first.resolved);
    assert_eq!(loaded(&first.resolved).fingerprint, first.fingerprint);
}

#[test]
fn the_resolved_scenario_marks_its_defaults() {
    let resolved = loaded(SMALL).resolved;
    for line in [
        "seed = 1  # default",
        "profile = \"textbook\"\n",
        "rate = \"50/s\"\n",
        "spacing = \"poisson\"  # default",
        "# visibility_timeout: none",
        "duration = \"100ms\"  # default",
        "retry = \"none\"  # default",
        "memory_size = \"128MB\"  # default",
        "pull = \"when_free\"  # default",
    ] {
        assert!(resolved.contains(line), "{line}:\n{resolved}");
    }
    assert!(!resolved.contains("shop.toml") && !resolved.contains("[slo]"), "{resolved}");
}

#[test]
fn a_byte_order_mark_and_carriage_returns_change_nothing() {
    let windows = format!("\u{feff}{}", SMALL.replace('\n', "\r\n"));
    assert_eq!(loaded(&windows).fingerprint, loaded(SMALL).fingerprint);
    let wrong = windows.replace("50/s", "50");
    let shown = load(&source(&wrong), &Overrides::default()).expect_err("a rate without unit");
    assert!(shown.contains("shop.toml:3:8") && shown.contains("50/s"), "{shown}");
}

#[test]
fn only_what_counts_moves_the_fingerprint() {
    let plain = loaded(SMALL).fingerprint;
    let commented = format!("# a note\n{}\n[queue]\ndelay = \"0ms\"\n", SMALL.replace("1min", "60s"));
    assert_eq!(loaded(&commented).fingerprint, plain);
    assert_ne!(loaded(&SMALL.replace("50/s", "51/s")).fingerprint, plain);
    let seeded = load(&source(SMALL), &Overrides { seed: Some(2), ..Overrides::default() }).expect("loads");
    assert_ne!(seeded.fingerprint, plain);
    assert!(seeded.resolved.contains("seed = 2\n"), "{}", seeded.resolved);
}

#[test]
fn overrides_replace_what_the_file_says_and_are_resolved() {
    let overrides = Overrides {
        set: vec![
            "seed=3".into(),
            "arrivals[0].rate=60/min".into(),
            "lambda.duration={ mean = \"1s\", distribution = \"exponential\" }".into(),
            "queue.dead_letter.max_receive_count=4".into(),
            "horizon=20min".into(),
        ],
        seed: Some(5),
        replications: Some(1),
    };
    let loaded = load(&source(SMALL), &overrides).unwrap_or_else(|shown| panic!("{shown}"));
    let scenario = &loaded.scenario;
    assert_eq!(scenario.seed, 5, "--seed wins");
    assert_eq!(scenario.workload.phases[0].rate, Rate::Constant { rate: 1.0 });
    assert_eq!(scenario.buffered.function.duration, Distribution::exponential(1.0));
    assert_eq!(scenario.buffered.queue.max_receive_count, Some(4));
    assert_eq!(scenario.horizon, Horizon::At(SimTime(1_200_000_000_000)));
    assert!(loaded.resolved.contains("[queue.dead_letter]\nmax_receive_count = 4\n"), "{}", loaded.resolved);
    let refused = load(&source(SMALL), &Overrides { seed: Some(u64::MAX), replications: Some(0), ..overrides });
    let shown = refused.expect_err("a seed beyond TOML's integers");
    assert!(shown.contains("--seed=18446744073709551615") && shown.contains("--replications=0"), "{shown}");
}

#[test]
fn what_is_unwise_is_noted_and_what_is_plain_is_not() {
    assert_eq!(loaded(SMALL).notes, [""; 0]);
    assert_eq!(loaded(include_str!("../../scenarios/textbook-mmc.toml")).notes, [""; 0]);
    for (more, note) in [
        ("[lambda]\nreserved_concurrency = 0\n", "never runs"),
        ("[lambda]\nerror_rate = \"1%\"\n", "never comes back"),
        ("[lambda]\ntimeout = \"1min\"\n[queue]\nvisibility_timeout = \"30s\"\n", "AWS refuses"),
        ("[lambda]\ntimeout = \"1min\"\n[queue]\nvisibility_timeout = \"2min\"\n", "6 x"),
        ("[queue]\nvisibility_timeout = \"13h\"\n", "AWS takes 0s to 12h"),
        ("[queue.dead_letter]\nmax_receive_count = 3\n", "at least 5"),
        ("[queue]\nmessage_retention_period = \"1d\"\n", "stays open"),
        ("[lambda]\npoison_rate = \"1%\"\n[queue]\nvisibility_timeout = \"1min\"\n", "poisoned"),
        ("[lambda]\nmemory_size = \"64MB\"\n", "128MB to 10240MB"),
        ("[lambda]\nreserved_concurrency = 5\n[event_source]\nmaximum_concurrency = 10\n", "throttled"),
        ("[event_source]\nmaximum_concurrency = 1\n", "2 to 1000"),
        ("[step_functions]\nheartbeat = \"1min\"\n", "no worker sends heartbeats"),
        ("[step_functions]\ntimeout = \"2min\"\nexecution_timeout = \"1min\"\n", "neither"),
        (
            "[lambda]\nduration = \"1s\"\nreserved_concurrency = 1\n[step_functions]\ntimeout = \"1min\"\n",
            "time out while",
        ),
        ("[direct]\nretry = \"documentation\"\n[lambda]\nreserved_concurrency = 1\n", "TooManyRequests"),
        ("[direct]\nretry = { interval = \"5s\", max_delay = \"1s\" }\n", "cut to it"),
        ("[step_functions]\ntimeout = \"1h\"\nretry = {}\n[queue.dead_letter]\nmax_receive_count = 5\n", "20 times"),
    ] {
        let notes = loaded(&format!("{SMALL}{more}")).notes;
        assert!(notes.iter().any(|sentence| sentence.contains(note)), "{more}: {notes:?}");
    }
    let both = "[slo]\napplies_to = [\"direct\", \"buffered\"]\nrefused = \"== 0\"\noldest_message = \"<= 1s\"\n";
    assert_eq!(
        loaded(&format!("{SMALL}{both}")).notes,
        ["slo.oldest_message is held against buffered only: direct has no queue."]
    );
    let drain = loaded(&format!("max_drain = \"1h\"\nhorizon = \"5min\"\n{SMALL}")).notes;
    assert!(drain[0].contains("max_drain"), "{drain:?}");
}

#[test]
fn more_than_the_memory_holds_is_refused_with_the_sum() {
    let loaded = loaded(&format!("{SMALL}[lambda]\nduration = \"1s\"\nreserved_concurrency = 1\n"));
    let parsed = DeTable::parse(SMALL).expect("a valid file");
    let tree = tree::table(parsed.get_ref(), 0, 0);
    let scenario = loaded.scenario;
    let estimate = estimate::of(&scenario.workload, scenario.horizon, &scenario.buffered);
    let refusals = |memory: u64| {
        let mut mistakes = Vec::new();
        check::size(&scenario, &tree, &estimate, memory, &mut mistakes);
        mistakes
    };
    assert!(refusals(1 << 20).is_empty());
    let texts = [Text { shown: "shop.toml".into(), text: SMALL.into() }];
    let shown = render(&texts, refusals(1 << 10));
    assert!(shown.contains("about 2941 orders") && shown.contains("2941 x 160 bytes"), "{shown}");
}

/// Pieces that broken files are made of.
const PIECES: [&str; 24] = [
    "\"",
    "[",
    "]",
    "[[",
    "]]",
    "=",
    "\n",
    "{",
    "}",
    ",",
    ".",
    "#",
    "nan",
    "-1",
    "1e400",
    "inf",
    "é",
    "\u{feff}",
    "\r\n",
    "\0",
    "\"30\"",
    "[queue]",
    "origin = true",
    "999999999999999999999999",
];

proptest::proptest! {
    /// Whatever is in the file, it is either taken or answered; nothing panics.
    #[test]
    fn a_damaged_file_is_taken_or_answered(
        damage in proptest::collection::vec((0.0..1.0_f64, 0..PIECES.len(), 0..40_usize), 1..4),
        aws in proptest::bool::ANY,
        flag in "[a-z_]{1,12}([.\\[=][a-z0-9\"\\]]{0,4}){0,3}",
    ) {
        let mut text = if aws { AWS_RICH } else { RICH }.to_string();
        for (place, piece, removed) in damage {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let first = (place * starts.len() as f64) as usize;
            let (start, end) = (starts[first], starts[(first + removed).min(starts.len() - 1)]);
            text.replace_range(start..end, PIECES[piece]);
        }
        let overrides = Overrides { set: vec![flag], ..Overrides::default() };
        for overrides in [Overrides::default(), overrides] {
            if let Err(shown) = load(&source(&text), &overrides) {
                proptest::prop_assert!(shown.starts_with("error: ") && shown.ends_with("nothing was run\n"));
            }
        }
    }
}

#[test]
fn faults_are_read_counted_from_start_or_origin_and_written_out() {
    let more = r#"
[inventory]
service_time = "10ms"
[[faults]]
at = "90s"
duration = "1min"
target = "inventory"
outage = true
[[faults]]
name = "  lost   answers "
at = "+0.5min"
duration = "10s"
target = "callback"
share = "20%"
drop = "1%"
[[faults]]
at = "0s"
duration = "1s"
target = "queue"
add_delay = "2500ms"
"#;
    let text = format!("{SMALL}[[arrivals]]\nrate = \"5/s\"\nduration = \"1min\"\norigin = true\n{more}");
    let loaded = loaded(&text);
    let scenario = &loaded.scenario;
    let fault = |name: &str, from, to, target, effect, share| FaultSpec {
        name: name.into(),
        from: SimTime::ZERO + SimDuration::from_secs(from),
        to: SimTime::ZERO + SimDuration::from_secs(to),
        target,
        effect,
        share,
    };
    let faults = [
        fault("inventory outage", 90, 150, FaultTarget::Inventory, FaultEffect::Outage, 1.0),
        fault("lost answers", 90, 100, FaultTarget::Callback, FaultEffect::Drop(0.01), 0.2),
        fault("queue add delay", 0, 1, FaultTarget::Queue, FaultEffect::AddDelay(SimDuration::from_millis(2_500)), 1.0),
    ];
    assert_eq!(scenario.faults(), faults);
    assert_eq!(scenario.direct.platform.faults, faults);
    for part in [
        "[[faults]]\nname = \"inventory outage\"  # default\nat = \"1min 30s\"\nduration = \"1min\"\ntarget = \
         \"inventory\"\nshare = \"100%\"  # default\noutage = true\n",
        "[[faults]]\nname = \"lost answers\"\nat = \"+30s\"\nduration = \"10s\"\ntarget = \"callback\"\nshare = \
         \"20%\"\ndrop = \"1%\"\n",
    ] {
        assert!(loaded.resolved.contains(part), "{part}\nin\n{}", loaded.resolved);
    }
    let again = self::loaded(&loaded.resolved);
    assert_eq!((again.scenario.faults(), &again.fingerprint), (scenario.faults(), &loaded.fingerprint));
}
