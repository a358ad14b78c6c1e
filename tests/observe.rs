//! The stream of observations from outside: what `simulate observe` prints, where `simulate first-difference` says that two
//! of them part, and the committed fingerprints.
//!
//! `UPDATE=1 cargo test --test observe` writes the fingerprints anew: whatever changed must be meant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Five orders, one each second, each with 150 ms of work and then 50 ms in the inventory, which has three units.
const FIVE: &str = "
profile = 'textbook'
[[arrivals]]
rate = '1/s'
duration = '5s'
spacing = 'even'
[lambda]
duration = '150ms'
[inventory]
service_time = '50ms'
stock = 3
";

/// A sale in which timers, batches, failures and limits meet.
const SALE: &str = "
seed = 5
[[arrivals]]
rate = '40/s'
duration = '20s'
[step_functions]
timeout = '8s'
[queue]
visibility_timeout = '6s'
[queue.dead_letter]
max_receive_count = 3
[event_source]
batch_size = 5
[lambda]
duration = { p50 = '90ms', p99 = '700ms' }
timeout = '3s'
error_rate = '3%'
reserved_concurrency = 6
[direct]
timeout = '30s'
";

fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("five.toml"), FIVE).unwrap();
    fs::write(folder.path().join("sale.toml"), SALE).unwrap();
    folder
}

fn simulate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_simulate")).current_dir(folder).args(arguments).output().unwrap()
}

/// stdout of a command that ends so.
fn said(folder: &Path, arguments: &[&str], status: i32) -> String {
    let output = simulate(folder, arguments);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {words}");
    String::from_utf8(output.stdout).unwrap()
}

/// Writes what `simulate observe` prints.
fn observe(folder: &Path, name: &str, arguments: &[&str]) {
    fs::write(folder.join(name), said(folder, &[&["observe"], arguments].concat(), 0)).unwrap();
}

fn first_difference(folder: &Path, one: &str, other: &str, status: i32) -> String {
    said(folder, &["first-difference", one, other], status)
}

/// The options that print the part in question of this design.
fn part<'a>(text: &'a str, design: &str) -> Vec<&'a str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("to see it, of both: simulate observe SCENARIO "));
    let options = lines.map(|line| line.split(' ').collect::<Vec<_>>());
    options.into_iter().find(|options| options[1] == design).unwrap_or_else(|| panic!("{text}"))
}

/// The row of a stream with this number.
fn row(folder: &Path, arguments: &[&str], number: u64) -> String {
    let number = number.to_string();
    let whole = said(folder, &[&["observe"], arguments, &["--from", &number, "--to", &number]].concat(), 0);
    whole.lines().nth(1).expect("a row").to_string()
}

/// With four units instead of three the fourth order is the first that fares differently. It arrives at 4 s, and its call
/// ends 200 ms later. An order makes as many observations as the others before it, so that one's number is known, too.
#[test]
fn the_first_differing_observation_is_named_with_its_instant() {
    let desk = desk();
    let folder = desk.path();
    let more = ["five.toml", "--set", "inventory.stock=4"];
    for design in ["buffered", "direct"] {
        let all = said(folder, &["observe", "five.toml", "--design", design, "--from", "1"], 0);
        let number_of = |what: &str, order: u64| {
            let order = format!("number: {order},");
            let found = all.lines().position(|line| line.contains(what) && line.contains(&order));
            found.unwrap_or_else(|| panic!("{what} {order} in {all}")) as u64
        };
        let each = number_of("OrderArrived", 1) - number_of("OrderArrived", 0);
        assert_eq!(number_of("OrderArrived", 3), 3 * each + 1);
        let expected = number_of("StockAnswered", 0) + 3 * each;
        for most in ["1", "4", "4096"] {
            let only = ["--design", design, "--checkpoints", most];
            observe(folder, "three.csv", &[&["five.toml"], &only[..]].concat());
            observe(folder, "four.csv", &[&more[..], &only[..]].concat());
            let places = first_difference(folder, "three.csv", "four.csv", 3);
            if most == "4096" {
                let exact = format!("{design}: first difference at observation {expected}, at 4.2 s\n");
                assert!(places.starts_with(&exact), "{places}");
            }
            observe(folder, "a.csv", &[&["five.toml"], &part(&places, design)[..]].concat());
            observe(folder, "b.csv", &[&more[..], &part(&places, design)[..]].concat());
            let named = first_difference(folder, "a.csv", "b.csv", 3);
            let lines: Vec<&str> = named.lines().collect();
            assert_eq!(lines[0], format!("first difference: {design}, observation {expected}"), "{named}");
            assert!(lines[1].starts_with("  a.csv: at 4.2 s: StockAnswered {"), "{named}");
            assert!(lines[1].contains("answer: OutOfStock") && lines[2].contains("answer: Sold"), "{named}");
            assert!(lines[2].starts_with("  b.csv: at 4.2 s: StockAnswered {"), "{named}");
        }
    }
}

#[test]
fn equal_runs_are_the_same_whatever_is_compared() {
    let desk = desk();
    let folder = desk.path();
    observe(folder, "fine.csv", &["sale.toml"]);
    observe(folder, "coarse.csv", &["sale.toml", "--checkpoints", "7"]);
    let text = first_difference(folder, "fine.csv", "coarse.csv", 0);
    let count = |design: &str| {
        let rows = fs::read_to_string(folder.join("coarse.csv")).unwrap();
        let last = rows.lines().rfind(|line| line.starts_with(design)).unwrap().split(',').nth(2).unwrap().to_string();
        last.parse::<usize>().unwrap()
    };
    let grouped = |number: usize| format!("{},{:03}", number / 1_000, number % 1_000);
    let (buffered, direct) = (count("buffered"), count("direct"));
    let expected = format!(
        "buffered: the same {} observations\ndirect: the same {} observations\n",
        grouped(buffered),
        grouped(direct)
    );
    assert_eq!(text, expected);
    observe(folder, "words.csv", &["sale.toml", "--from", "1"]);
    let words = fs::read_to_string(folder.join("words.csv")).unwrap();
    assert_eq!(words.lines().count(), 1 + buffered + direct, "a row for every observation");
    let text = first_difference(folder, "words.csv", "words.csv", 0);
    assert_eq!(text, format!("the same {} observations\n", grouped(buffered + direct)));
}

/// Listeners change nothing: with the auditor, the rows per order, the report and its charts, and with nobody but the
/// hash, the same happens. The last checkpoint is what `--verify` says.
#[test]
fn the_last_checkpoint_is_the_fingerprint_of_the_audited_and_recorded_run() {
    let desk = desk();
    let folder = desk.path();
    observe(folder, "bare.csv", &["sale.toml", "--checkpoints", "3"]);
    let bare = fs::read_to_string(folder.join("bare.csv")).unwrap();
    for arguments in [&["--verify", "--orders"][..], &["--verify", "--charts", "none", "--threads", "1"]] {
        let output = simulate(folder, &[&["sale.toml"], arguments].concat());
        let words = String::from_utf8(output.stderr).unwrap();
        for design in ["buffered", "direct"] {
            let digest = bare.lines().rfind(|line| line.starts_with(design)).unwrap().rsplit(',').next().unwrap();
            let verified = format!("verified: {design} kept every rule; stream of observations {digest}");
            assert!(words.contains(&verified), "{verified}:\n{words}");
        }
    }
}

/// The threads share nothing but the list of runs: whoever was faster, each run did the same.
#[test]
fn threads_change_no_observation_of_any_replication() {
    let desk = desk();
    let folder = desk.path();
    let verified = ["1", "7"].map(|threads| {
        let several = ["sale.toml", "--replications", "3", "--verify", "--charts", "none", "--threads", threads];
        let words = String::from_utf8(simulate(folder, &several).stderr).unwrap();
        words.lines().filter(|line| line.starts_with("verified: ")).map(ToString::to_string).collect::<Vec<_>>()
    });
    assert_eq!(verified[0].len(), 2, "a line for each design");
    assert_eq!(verified[0], verified[1]);
}

#[test]
fn a_replication_has_orders_of_its_own_and_a_stream_that_ends_earlier_is_said_to_end() {
    let desk = desk();
    let folder = desk.path();
    observe(folder, "first.csv", &["sale.toml", "--from", "1", "--to", "1"]);
    observe(folder, "second.csv", &["sale.toml", "--from", "1", "--to", "1", "--replication", "2"]);
    let rows = ["first.csv", "second.csv"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    assert!(rows[0].contains("buffered,1,1,") && rows[1].contains("buffered,2,1,") && rows[0] != rows[1]);
    // The last order arrives at 5 s: before that nothing differs, and one run has nothing more.
    for (name, horizon) in [("short.csv", "4.9s"), ("long.csv", "5.1s")] {
        let horizon = format!("horizon={horizon}");
        observe(folder, name, &["five.toml", "--design", "direct", "--set", &horizon]);
    }
    let places = first_difference(folder, "short.csv", "long.csv", 3);
    for (name, horizon) in [("s.csv", "4.9s"), ("l.csv", "5.1s")] {
        let horizon = format!("horizon={horizon}");
        observe(folder, name, &[&["five.toml", "--set", &horizon], &part(&places, "direct")[..]].concat());
    }
    let named = first_difference(folder, "s.csv", "l.csv", 3);
    assert!(named.contains("  s.csv: there is none\n  l.csv: at 5 s: OrderArrived {"), "{named}");
    let last = named.lines().next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(row(folder, &["five.toml", "--design", "direct"], last).contains("OrderArrived"));
    let beyond = simulate(folder, &["observe", "five.toml", "--design", "direct", "--from", "1000"]);
    let words = String::from_utf8(beyond.stderr).unwrap();
    assert!(words.starts_with("note: direct has ") && words.ends_with("none from 1,000 on\n"), "{words}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let desk = desk();
    let folder = desk.path();
    observe(folder, "both.csv", &["five.toml"]);
    observe(folder, "direct.csv", &["five.toml", "--design", "direct"]);
    observe(folder, "words.csv", &["five.toml", "--from", "1"]);
    observe(folder, "later.csv", &["five.toml", "--from", "2"]);
    fs::write(folder.join("cut.csv"), "design,replication,observations,time_s,digest\nbuffered,1,7,0.5,ab\n").unwrap();
    for (one, other, words) in [
        ("both.csv", "words.csv", "error: both.csv has checkpoints, words.csv has observations\n"),
        ("both.csv", "direct.csv", "error: both.csv has buffered, direct.csv has not\n"),
        ("direct.csv", "both.csv", "error: both.csv has buffered, direct.csv has not\n"),
        ("words.csv", "later.csv", "error: words.csv begins at observation 1 of buffered, later.csv at 2\n"),
        ("five.toml", "both.csv", "error: five.toml, line 1: not what `simulate observe` prints\n"),
        ("both.csv", "cut.csv", "error: cut.csv, line 2: not what `simulate observe` prints\n"),
        ("both.csv", "none.csv", "error: cannot read none.csv: "),
    ] {
        let output = simulate(folder, &["first-difference", one, other]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
        assert!(said.starts_with(words) && said.contains("\n  = help: "), "{said}");
    }
}

/// Checkpoints kept in a committed fingerprint: enough to see about where a run changed.
const KEPT: &str = "16";
/// Orders at most: the sales are run whole, the long days and the benchmarks begun.
const MOST_ORDERS: &str = "max_orders=60000";

/// The scenarios with a committed fingerprint.
fn fingerprinted(root: &Path) -> Vec<PathBuf> {
    let in_folder = |folder: &str| fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files = in_folder("scenarios").chain(in_folder("benches/scenarios"));
    let mut scenarios: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    scenarios.sort();
    scenarios
}

/// Whatever the simulation does otherwise than before shows here, even where no result file has moved.
#[test]
fn every_scenario_has_its_committed_fingerprint() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = root.join("tests/fingerprints");
    let desk = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    let mut changed = String::new();
    for scenario in fingerprinted(root) {
        let name = format!("{}.csv", scenario.file_stem().unwrap().to_str().unwrap());
        let path = scenario.to_str().unwrap();
        let fresh = said(root, &["observe", path, "--checkpoints", KEPT, "--set", MOST_ORDERS], 0);
        let (old, new) = (committed.join(&name), desk.path().join(&name));
        fs::write(&new, &fresh).unwrap();
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&old, &fresh).unwrap();
        }
        if fs::read_to_string(&old).ok().as_deref() != Some(fresh.as_str()) {
            let both = [old.to_str().unwrap(), new.to_str().unwrap()];
            let output = simulate(root, &["first-difference", both[0], both[1]]);
            let words = [output.stdout, output.stderr].concat();
            changed.push_str(&format!("{name}\n{}", String::from_utf8(words).unwrap()));
        }
        names.push(name);
    }
    assert!(
        changed.is_empty(),
        "what happens has changed: if it is meant, UPDATE=1 cargo test --test observe\n{changed}"
    );
    let mut there: Vec<String> =
        fs::read_dir(committed).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    names.sort();
    assert_eq!(there, names, "no fingerprint without its scenario");
}
