//! Every key of the scenario file changes what it should, and nothing else.
//!
//! A small sale is run twice, without and with one key changed, and the two results.json are held against each other: each
//! path in `changes` must differ, and no path may differ that `may` does not name. The numbers themselves are held by the
//! stories, the theory and the golden reports.

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use queuecast::scenario::keys::{Form, Key, Table, all, table};
use serde_json::Value;

use rows::ROWS;

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

/// What results.json repeats of the scenario, so that pages can be drawn from it alone.
const SCENARIO_ONCE_MORE: [&str; 5] = ["scenario.fingerprint", "assumptions", "notes", "phases", "settings."];

#[test]
fn every_key_changes_what_it_should_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let trace: String = (0..80).map(|order| format!("{}\n", f64::from(order) / 10.0)).collect();
    std::fs::write(place.path().join("orders.csv"), format!("arrival_s\n{trace}")).unwrap();
    let mut known: BTreeMap<&[&str], BTreeMap<String, Value>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (key, with, change, changes, may) in ROWS {
        let before = known.entry(with).or_insert_with(|| results(place.path(), with));
        let after = results(place.path(), &[*with, &[change]].concat());
        let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differ: Vec<&String> = paths
            .into_iter()
            .filter(|path| before.get(*path) != after.get(*path))
            .filter(|path| !SCENARIO_ONCE_MORE.iter().any(|name| path.starts_with(name)))
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

/// Names of things, lengths and marks of phases, and tables whose keys have rows of their own.
const WITHOUT_ROWS: &[&str] =
    &["arrivals.name", "arrivals.duration", "arrivals.origin", "faults.name", "expect.that", "what_if.set"];

#[test]
fn every_key_has_a_row() {
    let rows: BTreeSet<&str> = ROWS.iter().map(|row| row.0).collect();
    let own = |table: &Table| !matches!(table.form, Form::Shape(_));
    let is_table = |key: &Key| key.table().is_some_and(|path| table(path).is_some_and(own));
    let missing: Vec<String> = all()
        .filter(|(table, key, path)| own(table) && !is_table(key) && !rows.contains(path.as_str()))
        .map(|(_, _, path)| path)
        .filter(|path| !WITHOUT_ROWS.contains(&path.as_str()))
        .collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}
