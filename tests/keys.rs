//! Every key of the scenario file changes what it should, and nothing else.
//!
//! A small sale is run twice, without and with one key changed, and the two results.json are held against each other: each
//! path in `changes` must differ, and no path may differ that `may` does not name. The numbers themselves are held by the
//! stories, the theory and the golden reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A key, settings for both runs, its change, the paths that must differ, and those that may (a path, the beginning of one,
/// or a name anywhere in one).
type Row = (&'static str, &'static [&'static str], &'static str, &'static [&'static str], &'static [&'static str]);

/// What a key of both designs may change: their numbers, and what is made of them.
const ANY: &[&str] = &["designs.buffered", "designs.direct", "comparison", "end_s", "arithmetic", "slo"];
/// What a key of the buffered design alone may change: not a single number of the direct one.
const BUFFERED: &[&str] = &["designs.buffered", "comparison", "end_s", "timeline_step_s", "arithmetic", "slo"];
/// And the other way round.
const DIRECT: &[&str] = &["designs.direct", "comparison", "end_s", "arithmetic"];
/// The orders themselves.
const ORDERS: &[&str] = &["designs", "comparison", "end_s", "arrivals_end_s", "arithmetic", "slo", "timeline_step_s"];

const ROWS: &[Row] = &[
    ("title", &[], r#"title="Other""#, &["scenario.title"], &["scenario.title"]),
    (
        "seed",
        &[],
        "seed=8",
        &["scenario.seed", "designs.buffered.orders.offered"],
        &[
            "scenario.seed",
            "arrivals_end_s",
            "designs.buffered",
            "designs.direct",
            "comparison",
            "end_s",
            "arithmetic",
            "slo",
        ],
    ),
    (
        "profile",
        &[],
        r#"profile="textbook""#,
        &[
            "designs.buffered.cost_usd.total",
            "designs.buffered.stages_s.start.mean",
            "designs.direct.stages_s.start.mean",
        ],
        ANY,
    ),
    (
        "horizon",
        &[],
        r#"horizon="50s""#,
        &["end_s", "designs.buffered.orders.open"],
        &["arrivals_end_s", "designs.buffered", "designs.direct", "comparison", "end_s", "arithmetic", "slo"],
    ),
    (
        "max_drain",
        &[
            "lambda.poison_rate=100%",
            "lambda.error_rate=0%",
            "queue.dead_letter.max_receive_count=50",
            "step_functions.timeout=20min",
        ],
        r#"max_drain="5s""#,
        &["end_s", "designs.buffered.orders.open"],
        &["designs.buffered", "comparison", "end_s", "slo", "timeline_step_s"],
    ),
    ("warm_up", &[], r#"warm_up="30s""#, &["designs.buffered.orders.offered", "designs.direct.orders.offered"], ANY),
    (
        "cool_down",
        &[],
        r#"cool_down="30s""#,
        &["designs.buffered.orders.offered", "designs.direct.orders.offered"],
        ANY,
    ),
    (
        "repeat",
        &[],
        "repeat=2",
        &["designs.buffered.orders.offered", "arrivals_end_s"],
        &["arrivals_end_s", "designs.buffered", "designs.direct", "comparison", "end_s", "arithmetic", "slo"],
    ),
    (
        "max_orders",
        &[],
        "max_orders=300",
        &["designs.buffered.orders.offered"],
        &["arrivals_end_s", "designs.buffered", "designs.direct", "comparison", "end_s", "arithmetic", "slo"],
    ),
    (
        "step_functions.timeout",
        &[],
        r#"step_functions.timeout="20s""#,
        &["designs.buffered.orders.timed_out"],
        &["designs.buffered", "comparison", "end_s", "slo", "arithmetic"],
    ),
    (
        "step_functions.heartbeat",
        &[],
        r#"step_functions.heartbeat="20s""#,
        &["designs.buffered.orders.timed_out"],
        BUFFERED,
    ),
    (
        "step_functions.execution_timeout",
        &[],
        r#"step_functions.execution_timeout="20s""#,
        &["designs.buffered.orders.timed_out"],
        ANY,
    ),
    (
        "step_functions.retry",
        &[],
        r#"step_functions.retry={interval="2s",max_attempts=2}"#,
        &["designs.buffered.stages_s.retry.mean", "designs.buffered.orders.confirmed"],
        BUFFERED,
    ),
    (
        "step_functions.catch",
        &[],
        r#"step_functions.catch=["States.ALL"]"#,
        &["designs.buffered.step_functions.transitions", "designs.buffered.cost_usd.step_functions"],
        &["designs.buffered", "comparison", "end_s", "slo", "designs.direct"],
    ),
    (
        "queue.visibility_timeout",
        &[],
        r#"queue.visibility_timeout="60s""#,
        &["designs.buffered.stages_s.redelivery.mean"],
        BUFFERED,
    ),
    (
        "queue.message_retention_period",
        &[],
        r#"queue.message_retention_period="1min""#,
        &["designs.buffered.queue.expired"],
        BUFFERED,
    ),
    ("queue.delay", &[], r#"queue.delay="5s""#, &["designs.buffered.stages_s.send.mean"], BUFFERED),
    (
        "queue.initial_backlog",
        &[],
        "queue.initial_backlog=100",
        &["designs.buffered.queue.sent", "designs.buffered.wait_s.mean"],
        &["designs.buffered", "comparison", "end_s", "slo", "arithmetic"],
    ),
    ("queue.returned_to", &[], r#"queue.returned_to="back""#, &["designs.buffered.stages_s.redelivery.mean"], BUFFERED),
    (
        "queue.stale_delete",
        &[r#"profile="textbook""#, r#"queue.visibility_timeout="300ms""#],
        r#"queue.stale_delete="ignored""#,
        &["designs.buffered.queue.redelivered"],
        BUFFERED,
    ),
    (
        "queue.dead_letter.max_receive_count",
        &[],
        "queue.dead_letter.max_receive_count=1",
        &["designs.buffered.queue.dead_lettered"],
        BUFFERED,
    ),
    (
        "event_source.batch_size",
        &[],
        "event_source.batch_size=1",
        &["designs.buffered.lambda.invocations", "designs.buffered.stages_s.batch.mean"],
        &["designs.buffered", "comparison", "end_s", "slo", "arithmetic"],
    ),
    (
        "event_source.maximum_batching_window",
        &[],
        r#"event_source.maximum_batching_window="5s""#,
        &["designs.buffered.wait_s.mean"],
        BUFFERED,
    ),
    (
        "event_source.maximum_concurrency",
        &[],
        "event_source.maximum_concurrency=3",
        &["designs.buffered.lambda.peak_concurrency"],
        &["designs.buffered", "comparison", "end_s", "slo", "arithmetic"],
    ),
    (
        "event_source.report_batch_item_failures",
        &[],
        "event_source.report_batch_item_failures=true",
        &["designs.buffered.queue.redelivered"],
        BUFFERED,
    ),
    (
        "event_source.pull",
        &["event_source.maximum_concurrency=none"],
        r#"event_source.pull="when_free""#,
        &["designs.buffered.lambda.throttles"],
        BUFFERED,
    ),
    (
        "event_source.scale_interval",
        &["event_source.maximum_concurrency=none", "lambda.reserved_concurrency=none"],
        r#"event_source.scale_interval="20s""#,
        &["designs.buffered.lambda.peak_concurrency"],
        BUFFERED,
    ),
    (
        "event_source.error_backoff",
        &[],
        r#"event_source.error_backoff="10s""#,
        &["designs.buffered.wait_s.mean"],
        BUFFERED,
    ),
    (
        "lambda.duration",
        &[],
        r#"lambda.duration="400ms""#,
        &["designs.buffered.stages_s.work.mean", "designs.direct.stages_s.work.mean"],
        ANY,
    ),
    (
        "lambda.cold_start",
        &[],
        r#"lambda.cold_start="3s""#,
        &["designs.buffered.stages_s.cold_start.mean", "designs.direct.stages_s.cold_start.mean"],
        ANY,
    ),
    (
        "lambda.idle_before_reclaim",
        &[],
        r#"lambda.idle_before_reclaim="2s""#,
        &["designs.buffered.lambda.cold_starts", "designs.direct.lambda.cold_starts"],
        ANY,
    ),
    (
        "lambda.recycle_after",
        &[],
        r#"lambda.recycle_after="5s""#,
        &["designs.buffered.lambda.cold_starts", "designs.direct.lambda.cold_starts"],
        ANY,
    ),
    (
        "lambda.memory_size",
        &[],
        r#"lambda.memory_size="256MB""#,
        &["designs.buffered.lambda.gb_s", "designs.buffered.cost_usd.lambda", "designs.direct.lambda.gb_s"],
        &["gb_s", "billed_gb_s", "useful_gb_s", "wasted_gb_s", "cost_usd"],
    ),
    ("lambda.timeout", &[], r#"lambda.timeout="1s""#, &["designs.buffered.lambda.timeouts"], ANY),
    (
        "lambda.reserved_concurrency",
        &[],
        "lambda.reserved_concurrency=4",
        &["designs.direct.lambda.peak_concurrency", "designs.buffered.lambda.throttles"],
        ANY,
    ),
    (
        "lambda.provisioned_concurrency",
        &[],
        "lambda.provisioned_concurrency=4",
        &[
            "designs.buffered.lambda.cold_starts",
            "designs.buffered.usage.provisioned_gb_s",
            "designs.direct.lambda.cold_starts",
        ],
        ANY,
    ),
    (
        "lambda.error_rate",
        &[],
        r#"lambda.error_rate="20%""#,
        &["designs.buffered.lambda.errors", "designs.direct.lambda.errors"],
        ANY,
    ),
    (
        "lambda.error_at",
        &[],
        r#"lambda.error_at="start""#,
        &["designs.buffered.inventory.calls", "designs.direct.inventory.calls"],
        ANY,
    ),
    (
        "lambda.poison_rate",
        &[],
        r#"lambda.poison_rate="5%""#,
        &["designs.buffered.queue.dead_lettered", "designs.direct.causes.function_error"],
        ANY,
    ),
    (
        "lambda.on_error",
        &[],
        r#"lambda.on_error="report""#,
        &["designs.buffered.causes.function_error"],
        &["designs.buffered", "comparison", "end_s", "slo", "designs.direct"],
    ),
    (
        "lambda.batch",
        &[],
        r#"lambda.batch="parallel""#,
        &["designs.buffered.stages_s.batch.mean"],
        &["designs.buffered", "comparison", "end_s", "slo", "arithmetic"],
    ),
    ("lambda.throw_ends", &[], r#"lambda.throw_ends="record""#, &["designs.buffered.queue.redelivered"], BUFFERED),
    ("lambda.answers", &[], r#"lambda.answers="first_decides""#, &["designs.buffered.orders.confirmed"], BUFFERED),
    (
        "lambda.skip_older_than",
        &[],
        r#"lambda.skip_older_than="10s""#,
        &["designs.buffered.orders.timed_out"],
        BUFFERED,
    ),
    (
        "inventory.max_connections",
        &[],
        "inventory.max_connections=2",
        &["designs.buffered.inventory.peak_connections", "designs.direct.inventory.peak_connections"],
        ANY,
    ),
    (
        "inventory.service_time",
        &[],
        r#"inventory.service_time="300ms""#,
        &["designs.buffered.stages_s.work.mean", "designs.direct.stages_s.work.mean"],
        ANY,
    ),
    (
        "inventory.when_full",
        &["inventory.max_connections=2"],
        r#"inventory.when_full="reject""#,
        &["designs.buffered.inventory.rejected", "designs.direct.inventory.rejected"],
        ANY,
    ),
    (
        "inventory.connect_timeout",
        &["inventory.max_connections=2"],
        r#"inventory.connect_timeout="50ms""#,
        &["designs.buffered.inventory.rejected", "designs.direct.inventory.rejected"],
        ANY,
    ),
    (
        "inventory.slowdown",
        &[],
        "inventory.slowdown={at=5,factor=3}",
        &["designs.buffered.stages_s.work.mean", "designs.direct.stages_s.work.mean"],
        ANY,
    ),
    (
        "inventory.stock",
        &[],
        "inventory.stock=100",
        &["designs.buffered.orders.declined", "designs.direct.orders.declined"],
        ANY,
    ),
    (
        "inventory.idempotent",
        &[],
        "inventory.idempotent=true",
        &["designs.buffered.inventory.oversold"],
        &["designs.buffered.inventory.oversold", "designs.direct.inventory.oversold"],
    ),
    ("direct.timeout", &[], r#"direct.timeout="1s""#, &["designs.direct.orders.timed_out"], DIRECT),
    (
        "direct.retry",
        &[],
        r#"direct.retry="none""#,
        &["designs.direct.step_functions.transitions", "designs.direct.causes.throttled"],
        &["designs.direct", "comparison", "end_s", "arithmetic"],
    ),
    (
        "latency.start",
        &[],
        r#"latency.start="1s""#,
        &["designs.buffered.stages_s.start.mean", "designs.direct.stages_s.start.mean"],
        ANY,
    ),
    (
        "latency.dispatch",
        &[],
        r#"latency.dispatch="1s""#,
        &["designs.buffered.stages_s.send.mean", "designs.direct.stages_s.send.mean"],
        ANY,
    ),
    (
        "latency.transition",
        &[],
        r#"latency.transition="1s""#,
        &["designs.buffered.stages_s.transition.mean", "designs.direct.stages_s.transition.mean"],
        &[
            "designs.buffered.stages_s.transition",
            "designs.direct.stages_s.transition",
            "designs.buffered.latency_s",
            "designs.direct.latency_s",
            "comparison.latency",
            "end_s",
            "slo",
            "mean_connections",
            "mean_concurrency",
            "mean_environments",
            "mean_backlog",
            "mean_in_flight",
        ],
    ),
    ("latency.send", &[], r#"latency.send="1s""#, &["designs.buffered.stages_s.send.mean"], BUFFERED),
    ("latency.receive", &[], r#"latency.receive="1s""#, &["designs.buffered.stages_s.invoke.mean"], BUFFERED),
    (
        "latency.invoke",
        &[],
        r#"latency.invoke="1s""#,
        &["designs.buffered.stages_s.invoke.mean", "designs.direct.stages_s.invoke.mean"],
        ANY,
    ),
    (
        "latency.callback",
        &[],
        r#"latency.callback="1s""#,
        &["designs.buffered.stages_s.callback.mean", "designs.direct.stages_s.callback.mean"],
        ANY,
    ),
    (
        "account.region",
        &[],
        r#"account.region="eu-north-1""#,
        &["designs.buffered.limits"],
        &["designs.buffered.limits", "designs.direct.limits"],
    ),
    (
        "account.concurrency_limit",
        &["lambda.reserved_concurrency=none"],
        "account.concurrency_limit=4",
        &["designs.direct.lambda.peak_concurrency"],
        ANY,
    ),
    (
        "account.other_concurrency",
        &["lambda.reserved_concurrency=none"],
        "account.other_concurrency=995",
        &["designs.direct.lambda.peak_concurrency"],
        ANY,
    ),
    (
        "account.start_execution",
        &[],
        r#"account.start_execution={size=10,refill="5/s"}"#,
        &["designs.buffered.orders.refused", "designs.direct.orders.refused"],
        ANY,
    ),
    (
        "account.state_transition",
        &[],
        r#"account.state_transition={size=10,refill="20/s"}"#,
        &["designs.buffered.limits"],
        ANY,
    ),
    (
        "account.send_task",
        &[],
        r#"account.send_task={size=1,refill="2/s"}"#,
        &["designs.buffered.callbacks.throttled"],
        BUFFERED,
    ),
    (
        "account.environment_rate",
        &[],
        r#"account.environment_rate={size=1,refill="0.1/s"}"#,
        &["designs.buffered.lambda.throttles", "designs.direct.lambda.throttles"],
        ANY,
    ),
    (
        "cost.price_list",
        &[],
        "cost.price_list={state_transition_per_1000=1}",
        &["designs.buffered.cost_usd.total", "designs.direct.cost_usd.total"],
        &["cost_usd"],
    ),
    ("slo.confirmed", &[], r#"slo.confirmed=">= 99%""#, &["slo"], &["slo"]),
    (
        "arrivals.rate",
        &[],
        r#"phase: rate = "70/s""#,
        &["designs.buffered.orders.offered", "designs.direct.orders.offered"],
        ORDERS,
    ),
    ("arrivals.ramp_to", &[], r#"phase: ramp_to = "5/s""#, &["designs.buffered.orders.offered"], ORDERS),
    ("arrivals.decay_to", &[], r#"phase: decay_to = "5/s""#, &["designs.buffered.orders.offered"], ORDERS),
    (
        "arrivals.wave",
        &[],
        r#"phase: wave = { amplitude = "80%", period = "10s" }"#,
        &["designs.buffered.latency_s.confirmed.mean"],
        ORDERS,
    ),
    ("arrivals.at_once", &[], "phase: at_once = 300", &["designs.buffered.queue.peak_backlog"], ORDERS),
    ("arrivals.spacing", &[], r#"phase: spacing = "even""#, &["designs.buffered.orders.offered"], ORDERS),
    ("arrivals.batch", &[], "phase: batch = 10", &["designs.buffered.orders.offered"], ORDERS),
    (
        "arrivals.modulation",
        &[],
        r#"phase: modulation = { cv = 0.5, correlation = "2s" }"#,
        &["designs.buffered.orders.offered"],
        ORDERS,
    ),
];

/// The sale; `PHASE` is where keys of an `[[arrivals]]` phase are put.
const SALE: &str = r#"
title = "Every key"
seed = 7

[[arrivals]]
name = "calm"
rate = "4/s"
duration = "30s"

[[arrivals]]
name = "sale"
origin = true
RATE
duration = "10s"
PHASE

[[arrivals]]
name = "after"
rate = "1/s"
duration = "1min"

[step_functions]
timeout = "40s"

[queue]
visibility_timeout = "30s"

[queue.dead_letter]
max_receive_count = 3

[event_source]
batch_size = 5
maximum_concurrency = 6

[lambda]
duration = { mean = "200ms", distribution = "exponential" }
timeout = "5s"
reserved_concurrency = 8
error_rate = "3%"

[inventory]
max_connections = 5
service_time = { mean = "100ms", distribution = "exponential" }

[direct]
timeout = "30s"

[slo]
confirmed = ">= 50%"
"#;

/// The results of the sale with these settings, flat: path and value.
fn results(folder: &Path, settings: &[&str]) -> BTreeMap<String, Value> {
    let scenario = folder.join("sale.toml");
    std::fs::write(&scenario, scenario_text(settings)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
    command.args([&scenario, Path::new("--out"), &folder.join("report")]);
    command.args(["--charts", "none", "--format", "json", "--threads", "1"]);
    for setting in settings.iter().filter(|setting| !is_text(setting)) {
        command.args(["--set", setting]);
    }
    let output = command.output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{settings:?}: {words}");
    let mut flat = BTreeMap::new();
    flatten(String::new(), serde_json::from_slice(&output.stdout).unwrap(), &mut flat);
    flat
}

/// Settings that are lines of the file: keys of the sale's phase (`phase: …`) and tables (`[[…`), which no option can set.
fn is_text(setting: &str) -> bool {
    setting.starts_with("phase: ") || setting.starts_with('[')
}

fn scenario_text(settings: &[&str]) -> String {
    let lines: Vec<&str> = settings.iter().filter_map(|setting| setting.strip_prefix("phase: ")).collect();
    let own_rate = lines.iter().any(|line| ["rate", "at_once", "trace"].iter().any(|key| line.starts_with(key)));
    let tables: Vec<&str> = settings.iter().filter(|setting| setting.starts_with('[')).copied().collect();
    let sale = SALE.replace("RATE", if own_rate { "" } else { "rate = \"50/s\"" }).replace("PHASE", &lines.join("\n"));
    format!("{sale}\n{}\n", tables.join("\n"))
}

fn flatten(path: String, value: Value, flat: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                flatten(if path.is_empty() { name } else { format!("{path}.{name}") }, field, flat);
            }
        }
        other => {
            flat.insert(path, other);
        }
    }
}

fn is_named_by(path: &str, name: &str) -> bool {
    path.starts_with(name) || path.split('.').any(|part| part == name)
}

#[test]
fn every_key_changes_what_it_should_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let mut known: BTreeMap<&[&str], BTreeMap<String, Value>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (key, with, change, changes, may) in ROWS {
        let before = known.entry(with).or_insert_with(|| results(place.path(), with));
        let after = results(place.path(), &[*with, &[change]].concat());
        let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differ: Vec<&String> = paths
            .into_iter()
            .filter(|path| before.get(*path) != after.get(*path) && *path != "scenario.fingerprint")
            .collect();
        for path in changes.iter().filter(|path| !differ.iter().any(|other| is_named_by(other, path))) {
            wrong.push(format!("{key}: {change} leaves {path} as it is"));
        }
        for path in differ.iter().filter(|path| !may.iter().any(|name| is_named_by(path, name))) {
            wrong.push(format!("{key}: {change} changes {path}, too"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
