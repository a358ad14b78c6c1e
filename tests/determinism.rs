//! The same bytes, whatever the folder, the time zone, the locale or the number of threads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every kind of draw, timer and end in one small scenario.
const EVERYTHING: &str = "
title = 'Everything at once'
profile = 'textbook'
seed = 99
warm_up = '5s'
cool_down = '10s'
repeat = 2
[[arrivals]]
name = 'calm'
rate = '40/s'
duration = '20s'
[[arrivals]]
origin = true
rate = '40/s'
ramp_to = '160/s'
duration = '15s'
batch = { mean = 2.5, distribution = 'geometric' }
[[arrivals]]
rate = '160/s'
decay_to = '10/s'
duration = '15s'
spacing = { cv = 1.5 }
[[arrivals]]
at_once = 200
duration = '20s'
[step_functions]
timeout = '8s'
retry = { errors = ['States.Timeout'], interval = '1s', max_attempts = 2, jitter_strategy = 'FULL' }
catch = ['States.ALL']
[queue]
visibility_timeout = '4s'
message_retention_period = '90s'
returned_to = 'place'
stale_delete = 'ignored'
initial_backlog = 50
[queue.dead_letter]
max_receive_count = 3
[event_source]
batch_size = 5
report_batch_item_failures = true
[lambda]
duration = { p50 = '90ms', p99 = '700ms' }
reserved_concurrency = 12
timeout = '3s'
error_rate = '3%'
poison_rate = '1%'
[direct]
retry = 'console'
";

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn report(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("everything.toml"), EVERYTHING).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().copied())
        .args(["everything.toml", "--out", "report"])
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    files(&folder.join("report"))
}

#[test]
fn surroundings_and_threads_change_no_byte() {
    let place = tempfile::tempdir().unwrap();
    let plain = report(&place.path().join("a"), &[], &["--threads", "1", "--verify"]);
    let far =
        [("TZ", "Pacific/Chatham"), ("LC_ALL", "tr_TR.UTF-8"), ("LANG", "de_DE"), ("HOME", "/nowhere"), ("USER", "x")];
    let elsewhere = report(&place.path().join("b/deeper/with space"), &far, &["--threads", "8"]);
    assert_eq!(plain.len(), 24);
    for (name, bytes) in &plain {
        assert!(elsewhere[name] == *bytes, "{} differs", name.display());
    }
}

#[test]
fn replications_are_gathered_by_number_and_not_by_who_was_faster() {
    let place = tempfile::tempdir().unwrap();
    let several = ["--charts", "none", "--replications", "5", "--threads"];
    let plain = report(&place.path().join("a"), &[], &[&several[..], &["1", "--verify"]].concat());
    let elsewhere = report(&place.path().join("b"), &[], &[&several[..], &["7"]].concat());
    for (name, bytes) in &plain {
        assert!(elsewhere[name] == *bytes, "{} differs", name.display());
    }
    let one = report(&place.path().join("c"), &[], &["--charts", "none"]);
    let timeline = Path::new("timeline.csv");
    assert!(plain[timeline] == one[timeline], "what runs over time is shown of the first replication");
    assert!(plain[Path::new("percentiles.csv")] != one[Path::new("percentiles.csv")]);
}

#[test]
fn another_seed_changes_the_orders_and_one_design_alone_changes_nothing_for_it() {
    let place = tempfile::tempdir().unwrap();
    let arguments = ["--charts", "none", "--threads", "1"];
    let both = report(&place.path().join("a"), &[], &arguments);
    let other = report(&place.path().join("b"), &[], &[&arguments[..], &["--seed", "98"]].concat());
    assert!(both[Path::new("timeline.csv")] != other[Path::new("timeline.csv")]);
    for design in ["buffered", "direct"] {
        let alone = report(&place.path().join(design), &[], &[&arguments[..], &["--design", design]].concat());
        let name = format!("latency-{design}.hgrm");
        assert!(alone[Path::new(&name)] == both[Path::new(&name)], "{name}");
        let found = |files: &BTreeMap<PathBuf, Vec<u8>>| -> serde_json::Value {
            let whole: serde_json::Value = serde_json::from_slice(&files[Path::new("results.json")]).unwrap();
            whole["designs"][design].clone()
        };
        assert_eq!(found(&alone), found(&both));
    }
}
