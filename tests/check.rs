//! `simulate check`: what it prints, and that it runs nothing.

use std::fs;
use std::process::{Command, Output};

const SALE: &str = "seed = 3\n[[arrivals]]\nname = 'before'\nrate = '20/s'\nduration = '2min'\n\
                    [[arrivals]]\nname = 'doors open'\nrate = '500/s'\nduration = '1min'\n";

fn run(file: &str, text: &str, arguments: &[&str]) -> (Output, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(file), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
    let output = command.current_dir(folder.path()).args(arguments).output().unwrap();
    (output, folder)
}

/// What it printed, having ended well without a word on stderr and without a file.
fn checked(text: &str, arguments: &[&str]) -> String {
    let (output, folder) = run("sale.toml", text, &[&["check", "sale.toml"], arguments].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is written");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_resolved_scenario_comes_with_its_load_and_its_notes() {
    let shown = checked(SALE, &[]);
    for part in [
        "seed = 3\nprofile = \"aws\"  # default\n",
        "batch_size = 10  # default\n",
        "# Load: about 32,400 orders in 3min\n",
        "▼ peak 500/s at 2min\n",
        "#   a  before       20/s for 2min\n#   b  doors open   500/s for 1min\n",
        "# - there is no dead-letter queue: ",
        "StartExecution",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let comments = shown.lines().filter(|line| line.starts_with('#'));
    assert!(comments.clone().all(|line| line.chars().count() <= 80), "{shown}");
    assert!(comments.count() > 20);
}

#[test]
fn what_is_printed_is_a_scenario_that_means_the_same() {
    let changes = ["--set", "lambda.timeout=4s", "--seed", "8", "--replications", "3", "--assumptions", "pessimistic"];
    let first = checked(SALE, &changes);
    for changed in ["seed = 8\n", "timeout = \"4s\"\n", "replications = 3\n", "assumptions = \"pessimistic\"\n"] {
        assert!(first.contains(changed), "{changed}\n{first}");
    }
    let again = checked(&first, &[]);
    // Its notes speak of what was assumed, which now the scenario itself says.
    let settings = |text: &str| {
        let lines = text.lines().filter(|line| !line.starts_with("# -") && !line.starts_with("#   "));
        lines.map(|line| format!("{}\n", line.trim_end_matches("  # default"))).collect::<String>()
    };
    assert_eq!(settings(&again), settings(&first));
}

#[test]
fn mistakes_and_claims_that_lead_nowhere_end_with_status_2() {
    let claim = format!("{SALE}[[expect]]\nclaim = 'x'\nthat = 'buffered.orders.confirmd > 1'\n");
    let zone = format!("{SALE}[account]\nregion = 'us-east-11'\n");
    for (text, words) in [(claim.as_str(), "confirmd"), (zone.as_str(), "did you mean \"us-east-1\"?")] {
        let (output, _folder) = run("sale.toml", text, &["check", "sale.toml"]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
    let (output, _folder) = run("sale.toml", SALE, &["check"]);
    assert_eq!(output.status.code(), Some(2), "check needs a scenario");
}

#[test]
fn a_file_called_check_is_run_by_its_path() {
    let (output, folder) = run("check", SALE, &["./check", "--charts", "none"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(folder.path().join("reports/check/results.json").exists());
}
