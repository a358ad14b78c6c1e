//! `--orders`: a row per order and design, whose sums are those of results.json.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Every way to end, receives beyond the first, throttles and retries.
const MIXED: &str = "
seed = 5
horizon = '100s'
[[arrivals]]
rate = '30/s'
duration = '30s'
[[arrivals]]
rate = '300/s'
duration = '20s'
batch = 4
[[arrivals]]
rate = '20/s'
duration = '60s'
[account]
start_execution = { size = 200, refill = '150/s' }
[step_functions]
timeout = '25s'
[queue]
visibility_timeout = '12s'
[queue.dead_letter]
max_receive_count = 2
[event_source]
batch_size = 4
maximum_concurrency = 30
[lambda]
duration = { p50 = '120ms', p99 = '900ms' }
reserved_concurrency = 12
timeout = '6s'
error_rate = '4%'
[inventory]
stock = 1500
service_time = '30ms'
[direct]
retry = 'console'
";

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn with(text: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mixed.toml"), text).unwrap();
        Desk { folder }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
        command
            .current_dir(self.folder.path())
            .args(["mixed.toml", "--charts", "none"])
            .args(arguments)
            .output()
            .unwrap()
    }

    fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn results(&self, report: &str) -> Value {
        serde_json::from_slice(&self.read(&format!("{report}/results.json"))).unwrap()
    }
}

type Row = BTreeMap<String, String>;

fn rows(bytes: &[u8]) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(bytes);
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>().join(","),
        "order,design,arrival_s,outcome,cause,wait_s,ended_s,receives,attempts,throttles"
    );
    reader.deserialize().map(Result::unwrap).collect()
}

fn sum(rows: &[&Row], column: &str) -> u64 {
    rows.iter().filter(|row| !row[column].is_empty()).map(|row| row[column].parse::<u64>().unwrap()).sum()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// Counts, causes, receives, attempts, throttles and waits of one design against results.json.
fn adds_up(rows: &[&Row], found: &Value, design: &str, ends_early: bool) {
    let counted = |column: &str, word: &str| rows.iter().filter(|row| row[column] == word).count() as u64;
    for (outcome, count) in found["orders"].as_object().unwrap().iter().filter(|(name, _)| *name != "offered") {
        assert_eq!(count.as_u64(), Some(counted("outcome", outcome)), "{design}: {outcome}");
    }
    assert_eq!(found["orders"]["offered"], rows.len());
    for (cause, count) in found["causes"].as_object().unwrap() {
        assert_eq!(count.as_u64(), Some(counted("cause", cause)), "{design}: {cause}");
    }
    let work = &found["work"];
    let attempts = work["useful_attempts"].as_u64().unwrap() + work["wasted_attempts"].as_u64().unwrap();
    // Attempts are judged at the end of their invocation; the end of the run cuts off at most 12 batches of 4.
    let cut_off = sum(rows, "attempts") - attempts;
    assert!(if ends_early { cut_off <= 48 } else { cut_off == 0 }, "{design}: {cut_off}");
    let waits: Vec<f64> =
        rows.iter().filter(|row| !row["wait_s"].is_empty()).map(|row| number(row, "wait_s")).collect();
    assert_eq!(found["wait_s"]["count"], waits.len());
    let close = |mean: f64, published: &Value| (mean - published.as_f64().unwrap()).abs() < 1e-6 * mean.abs().max(1.0);
    assert!(close(waits.iter().sum::<f64>() / waits.len() as f64, &found["wait_s"]["mean"]), "{design}");
    tries_add_up(rows, found, design);
    let latencies: Vec<f64> = rows
        .iter()
        .filter(|row| row["outcome"] == "confirmed")
        .map(|row| number(row, "ended_s") - number(row, "arrival_s"))
        .collect();
    let mean = latencies.iter().sum::<f64>() / latencies.len() as f64;
    assert!(close(mean, &found["latency_s"]["confirmed"]["mean"]), "{design}");
}

/// How often orders were tried until they ended: sums by outcome, and against the attempts of the whole run, of which those
/// after an order's end are the rest.
fn tries_add_up(rows: &[&Row], found: &Value, design: &str) {
    let tries = found["attempts_per_order"].as_array().unwrap();
    let count = |row: &Value, column: &str| row[column].as_u64().unwrap();
    for (outcome, orders) in found["orders"].as_object().unwrap() {
        assert_eq!(tries.iter().map(|row| count(row, outcome)).sum::<u64>(), orders.as_u64().unwrap(), "{outcome}");
    }
    let until_the_end = |least: u64| -> u64 {
        let tried = tries.iter().filter(|row| count(row, "attempts") >= least);
        tried.map(|row| count(row, "offered")).sum()
    };
    let in_all = |least: u64| rows.iter().filter(|row| sum(&[**row], "attempts") >= least).count() as u64;
    for least in 0..20 {
        let (before, all) = (until_the_end(least), in_all(least));
        // A synchronous caller waits for its answer: nobody works on its order any more when it has ended.
        assert!(if design == "direct" { before == all } else { before <= all }, "{design}: {least}: {before}, {all}");
    }
    // An order that was answered at its first receive was tried once.
    let at_once = |row: &&&Row| row["receives"] == "1" && ["confirmed", "declined"].contains(&row["outcome"].as_str());
    let answered = |row: &&Value| count(row, "attempts") == 1;
    let once: u64 = tries.iter().filter(answered).map(|row| count(row, "confirmed") + count(row, "declined")).sum();
    assert!(design == "direct" || once >= rows.iter().filter(at_once).count() as u64);
    assert!(tries.iter().all(|row| count(row, "refused") == 0 || count(row, "task_attempts") == 0));
}

#[test]
fn the_sums_of_the_rows_are_those_of_the_results() {
    let desk = Desk::with(MIXED);
    let output = desk.run(&["--orders", "--out", "report"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let (rows, results) = (rows(&desk.read("report/orders.csv")), desk.results("report"));
    for design in ["buffered", "direct"] {
        let own: Vec<&Row> = rows.iter().filter(|row| row["design"] == design).collect();
        adds_up(&own, &results["designs"][design], design, true);
        let answered = |row: &&&Row| ["confirmed", "declined"].contains(&row["outcome"].as_str());
        assert!(own.iter().all(|row| row["cause"].is_empty() == answered(&row)));
        assert!(own.iter().all(|row| row["ended_s"].is_empty() == (row["outcome"] == "open")));
    }
    let of = |design: &str| rows.iter().filter(|row| row["design"] == design).collect::<Vec<_>>();
    let (buffered, direct) = (of("buffered"), of("direct"));
    assert_eq!(results["designs"]["buffered"]["queue"]["received"], sum(&buffered, "receives"));
    assert_eq!(results["designs"]["direct"]["lambda"]["throttles"], sum(&direct, "throttles"));
    assert!(buffered.iter().all(|row| row["throttles"].is_empty() && !row["receives"].is_empty()));
    assert!(direct.iter().all(|row| row["receives"].is_empty() && !row["throttles"].is_empty()));
    // The scenario is mixed enough for all of this to say something.
    let outcomes: std::collections::BTreeSet<&str> = rows.iter().map(|row| row["outcome"].as_str()).collect();
    assert_eq!(
        outcomes.into_iter().collect::<Vec<_>>(),
        ["confirmed", "declined", "failed", "open", "refused", "timed_out"]
    );
    assert!(sum(&direct, "throttles") > 0 && buffered.iter().any(|row| row["receives"] == "2"));
}

#[test]
fn rows_go_by_number_then_design_and_both_designs_have_the_same_orders() {
    let desk = Desk::with(MIXED);
    desk.run(&["--orders", "--out", "report"]);
    let rows = rows(&desk.read("report/orders.csv"));
    for (number, pair) in rows.chunks(2).enumerate() {
        let [buffered, direct] = pair else { panic!("a row is alone") };
        assert_eq!((buffered["design"].as_str(), direct["design"].as_str()), ("buffered", "direct"));
        assert_eq!((&buffered["order"], &direct["order"]), (&number.to_string(), &number.to_string()));
        assert_eq!(buffered["arrival_s"], direct["arrival_s"]);
    }
    let arrivals: Vec<f64> = rows.iter().map(|row| number(row, "arrival_s")).collect();
    assert!(arrivals.is_sorted());
    desk.run(&["--orders", "--out", "alone", "--design", "direct"]);
    let alone: Vec<Row> = self::rows(&desk.read("alone/orders.csv"));
    let direct: Vec<Row> = rows.into_iter().filter(|row| row["design"] == "direct").collect();
    assert!(alone == direct, "one design alone has the same rows");
}

#[test]
fn a_counted_window_leaves_rows_out_of_the_results_not_of_the_table() {
    let desk = Desk::with(&format!("warm_up = '20s'\n{}", MIXED.replace("horizon = '100s'\n", "")));
    desk.run(&["--orders", "--out", "report"]);
    let (rows, results) = (rows(&desk.read("report/orders.csv")), desk.results("report"));
    let buffered: Vec<&Row> = rows.iter().filter(|row| row["design"] == "buffered").collect();
    let counted: Vec<&Row> = buffered.iter().filter(|row| number(row, "arrival_s") >= 20.0).copied().collect();
    assert!(counted.len() < buffered.len());
    adds_up(&counted, &results["designs"]["buffered"], "buffered", false);
}

#[test]
fn they_change_no_other_file_are_in_the_manifest_and_go_when_they_are_not_asked_for() {
    let desk = Desk::with(MIXED);
    let said = desk.run(&["--orders", "--out", "report", "--threads", "1", "--verify"]);
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    desk.run(&["--orders", "--out", "again", "--threads", "8"]);
    desk.run(&["--out", "plain"]);
    assert!(desk.read("report/orders.csv") == desk.read("again/orders.csv"), "no thread changes a byte");
    for name in ["results.json", "timeline.csv", "percentiles.csv", "summary.md", "index.html"] {
        assert!(desk.read(&format!("report/{name}")) == desk.read(&format!("plain/{name}")), "{name}");
    }
    let manifest =
        |report: &str| -> Value { serde_json::from_slice(&desk.read(&format!("{report}/manifest.json"))).unwrap() };
    let table = desk.read("report/orders.csv");
    let listed = &manifest("report")["files"]["orders.csv"];
    assert_eq!(listed["bytes"], table.len());
    assert_eq!(listed["blake3"], blake3::hash(&table).to_hex().as_str());
    assert_eq!(manifest("report")["result_fingerprint"], manifest("plain")["result_fingerprint"]);
    assert!(manifest("plain")["files"].get("orders.csv").is_none());
    desk.run(&["--out", "report"]);
    assert!(!Path::new(desk.folder.path()).join("report/orders.csv").exists(), "a stale table goes");
}

#[test]
fn a_table_that_no_machine_holds_is_refused_before_the_run() {
    let desk = Desk::with("[[arrivals]]\nrate = '20000/s'\nduration = '1000h'\n[lambda]\nduration = '1ms'\n");
    let output = desk.run(&["--orders", "--set", "profile=textbook"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("error: --orders would keep a row for each of about 7.2e10 orders: "), "{stderr}");
    assert!(stderr.ends_with("  = help: leave it out, or set max_orders: --set max_orders=1000000\n"), "{stderr}");
    assert_eq!(fs::read_dir(desk.folder.path()).unwrap().count(), 1, "nothing is left behind");
}
