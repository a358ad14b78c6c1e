//! Every number that a report says is in its results: over scenarios made to fail in every way that has words. The
//! committed scenarios are held to the same by `tests/golden.rs`, which runs them.

mod check;
mod numbers;
mod texts;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(scenario: &Path, place: &Path, more: &[&str]) -> PathBuf {
    let folder = place.join(scenario.file_stem().unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg(scenario)
        .args(["--charts", "svg", "--out"])
        .arg(&folder)
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}: {said}", scenario.display());
    folder
}

fn scenario(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sentences/scenarios").join(format!("{name}.toml"))
}

/// A counter-case, and what its page says.
const CASES: [(&str, &str); 5] = [
    ("direct-is-fine", "Both designs confirmed every order."),
    ("queue-is-worse", "Direct invocation confirmed more:"),
    ("both-fail", "Neither design coped:"),
    ("nothing-lost", "No order is lost in either design"),
    ("refused-at-the-door", "at the door, in both designs."),
];

#[test]
fn every_number_of_every_sentence_is_in_the_results() {
    let place = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (name, words) in CASES {
        let folder = run(&scenario(name), place.path(), &[]);
        let all = texts::sentences(&folder);
        assert!(all.len() > 100, "{name}: {} sentences", all.len());
        let with_numbers = all.iter().filter(|(_, said)| !numbers::numbers(said).is_empty()).count();
        assert!(with_numbers > 60, "{name}: {with_numbers} sentences with numbers");
        let verdict: String = all.iter().map(|(_, said)| said.as_str()).collect::<Vec<_>>().join(" ");
        let verdict = verdict.split_whitespace().collect::<Vec<_>>().join(" ");
        if !verdict.contains(words) {
            wrong.push(format!("{name} does not say {words}: {}", verdict.chars().take(500).collect::<String>()));
        }
        wrong.extend(check::complaints(&folder));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn several_replications_say_nothing_else_either() {
    let place = tempfile::tempdir().unwrap();
    let folder = run(&scenario("both-fail"), place.path(), &["--replications", "3"]);
    let wrong = check::complaints(&folder);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_number_is_found_out() {
    let place = tempfile::tempdir().unwrap();
    let folder = run(&scenario("queue-is-worse"), place.path(), &[]);
    let page = fs::read_to_string(folder.join("index.html")).unwrap();
    let results: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("results.json")).unwrap()).unwrap();
    let confirmed = results["designs"]["direct"]["orders"]["confirmed"].as_u64().unwrap();
    let said = queuecast::report::words::count(confirmed);
    let wrong = queuecast::report::words::count(confirmed + 1_003);
    assert!(page.contains(&said));
    fs::write(folder.join("index.html"), page.replace(&said, &wrong)).unwrap();
    let complaints = check::complaints(&folder);
    assert!(complaints.iter().all(|complaint| complaint.contains(&wrong)) && !complaints.is_empty(), "{complaints:?}");
}
