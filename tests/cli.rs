//! The binary from outside: what it prints, what it leaves on the disk, how it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const SMALL: &str = "profile = 'textbook'\nseed = 3\n[[arrivals]]\nrate = '50/s'\nduration = '20s'\n\
                     [lambda]\nduration = '100ms'\nreserved_concurrency = 4\n";

/// A folder with a scenario in it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn with(text: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("small.toml"), text).unwrap();
        Desk { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
        command.current_dir(self.folder.path()).args(arguments).env_remove("RUST_BACKTRACE");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn names(&self) -> Vec<String> {
        names(self.folder.path())
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Ended with this status, said this on stderr, wrote nothing to stdout, and did not panic.
fn refused(output: &Output, status: i32, words: &str) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert!(stderr.contains(words), "{words:?} is not in {stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn the_main_job_prints_a_summary_and_writes_a_report() {
    let desk = Desk::with(SMALL);
    let output = desk.run(&["small.toml"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    let stdout = text(&output.stdout);
    assert!(stdout.contains("orders in 20 s, the same orders for both designs"), "{stdout}");
    assert!(stdout.contains(" Report  reports/small/\n"), "{stdout}");
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    let report = desk.path("reports/small");
    assert_eq!(
        names(&report),
        [
            "charts",
            "index.html",
            "latency-buffered.hgrm",
            "latency-direct.hgrm",
            "latency.csv",
            "manifest.json",
            "percentiles.csv",
            "results.json",
            "scenario.resolved.toml",
            "summary.md",
            "timeline.csv"
        ]
    );
    let charts = ["attempts", "confirmed-within", "outcomes", "percentiles", "stages", "timeline", "waiting"];
    let charts: Vec<String> =
        charts.iter().flat_map(|name| ["png", "svg"].map(|kind| format!("{name}.{kind}"))).collect();
    assert_eq!(names(&report.join("charts")), charts);
    let page = fs::read_to_string(report.join("index.html")).unwrap();
    assert_eq!(page.matches("<figure data-chart").count(), 7);
    assert_eq!(names(&desk.path("reports")), ["small"]);
}

#[test]
fn json_on_stdout_is_results_json_and_its_orders_add_up() {
    let desk = Desk::with(SMALL);
    let output = desk.run(&["small.toml", "--format", "json", "--charts", "none"]);
    assert_eq!(text(&output.stdout), fs::read_to_string(desk.path("reports/small/results.json")).unwrap());
    let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: serde_json::Value = serde_json::from_str(include_str!("../schema/results.schema.json")).unwrap();
    assert!(jsonschema::is_valid(&schema, &results));
    for design in ["buffered", "direct"] {
        let found = &results["designs"][design];
        let count = |of: &serde_json::Value, key: &str| of[key].as_u64().unwrap();
        let lost: u64 = ["failed", "timed_out", "refused", "open"].iter().map(|key| count(&found["orders"], key)).sum();
        let answered: u64 = ["confirmed", "declined"].iter().map(|key| count(&found["orders"], key)).sum();
        assert_eq!(count(&found["orders"], "offered"), answered + lost);
        let causes: u64 = found["causes"].as_object().unwrap().values().map(|cause| cause.as_u64().unwrap()).sum();
        assert_eq!(causes, lost);
    }
    assert_eq!(names(&desk.path("reports/small")).iter().filter(|name| *name == "charts").count(), 0);
}

#[test]
fn markdown_on_stdout_is_summary_md() {
    let desk = Desk::with(SMALL);
    let output = desk.run(&["small.toml", "--format", "markdown", "--charts", "none"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    assert_eq!(text(&output.stdout), fs::read_to_string(desk.path("reports/small/summary.md")).unwrap());
    assert!(text(&output.stdout).starts_with("# "), "{}", text(&output.stdout));
    let page = fs::read_to_string(desk.path("reports/small/index.html")).unwrap();
    assert!(!page.contains("<svg"), "--charts none draws nothing, in the page neither");
}

#[test]
fn changed_runs_go_to_folders_of_their_own_and_out_goes_anywhere() {
    let desk = Desk::with(SMALL);
    for arguments in [
        vec!["small.toml", "--set", "lambda.reserved_concurrency=8"],
        vec!["small.toml", "--seed", "4"],
        vec!["small.toml", "--design", "direct"],
        vec!["small.toml", "--replications", "2"],
        vec!["small.toml", "--out", "elsewhere/deep"],
    ] {
        let output = desk.run(&[arguments, vec!["--charts", "none"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let folders = names(&desk.path("reports"));
    assert_eq!(folders.len(), 4, "{folders:?}");
    assert!(folders.iter().all(|name| name.len() == "small-01234567".len()), "{folders:?}");
    assert!(desk.path("elsewhere/deep/results.json").exists());
    assert!(!desk.path("reports/small").exists());
}

#[test]
fn several_replications_show_their_doubt() {
    let desk = Desk::with(SMALL);
    let output = desk.run(&["small.toml", "--replications", "4", "--out", "r"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    let stdout = text(&output.stdout);
    for words in ["orders in 4 × 20 s, the same", " ± ", "totals of 4 replications", " · seed 3 · 4 replications · "]
    {
        assert!(stdout.contains(words), "{words:?} is not in {stdout}");
    }
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    for (name, words) in [
        ("summary.md", "\u{a0}s ±\u{a0}"),
        ("index.html", "totals of 4 replications"),
        ("charts/timeline.svg", "4 replications, the first of them"),
        ("charts/percentiles.svg", " · 4 replications · "),
    ] {
        let file = fs::read_to_string(desk.path("r").join(name)).unwrap();
        assert!(file.contains(words), "{words:?} is not in {name}: {file}");
    }
    let bands = fs::read_to_string(desk.path("r/bands.csv")).unwrap();
    assert!(bands.starts_with("time_s,design,series,mean,low,high,least,most\n0,buffered,confirmed_per_s,"), "{bands}");
    assert!(bands.contains(",direct,confirmed_within,"), "{bands}");
    let svg = fs::read_to_string(desk.path("r/charts/timeline.svg")).unwrap();
    assert!(svg.contains("bands: from the lowest to the highest of all of them"), "{svg}");
    let results = fs::read_to_string(desk.path("r/results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&results).unwrap();
    let schema: serde_json::Value = serde_json::from_str(include_str!("../schema/results.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&results).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(results["scenario"]["replications"], 4);
    let peak = &results["intervals"]["designs.buffered.queue.peak_backlog"];
    let middle = (peak["low"].as_f64().unwrap() + peak["high"].as_f64().unwrap()) / 2.0;
    let mean = results["designs"]["buffered"]["queue"]["peak_backlog"].as_f64().unwrap();
    assert!((mean - middle).abs() < 1e-6 * mean, "the mean of the peaks, not its nearest whole number: {mean}");
    // Every interval belongs to a number that is there.
    for path in results["intervals"].as_object().unwrap().keys() {
        let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
        assert!(results.pointer(&pointer).is_some_and(serde_json::Value::is_number), "{path} leads nowhere");
    }
    assert!(results["comparison"]["confirmed"]["low"].is_number());
}

#[test]
fn assumptions_are_switched_and_said() {
    let desk = Desk::with("[[arrivals]]\nrate = '5/s'\nduration = '20s'\n[lambda]\nduration = '100ms'\n");
    let arguments = |end| ["small.toml", "--charts", "none", "--assumptions", end];
    let output = desk.run(&arguments("pessimistic"));
    assert_eq!(output.status.code(), Some(0));
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(stdout.contains(" · pessimistic assumptions · "), "{stdout}");
    assert!(stdout.lines().all(|line| line.chars().count() <= 80), "{stdout}");
    assert!(stderr.contains("event_source.error_backoff 5.6s (not 2.8s)"), "{stderr}");
    assert!(!stderr.contains("lambda.duration"), "the scenario sets it: {stderr}");
    let folder = desk.path("reports").join(&names(&desk.path("reports"))[0]);
    let file = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(file("summary.md").contains("pessimistic assumptions: what AWS does not publish"));
    assert!(file("scenario.resolved.toml").contains("error_backoff = \"5.6s\"  # default\n"));
    let results: serde_json::Value = serde_json::from_str(&file("results.json")).unwrap();
    assert_eq!(results["scenario"]["assumptions"], "pessimistic");
    let median = |output: &Output| -> f64 {
        let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        results["designs"]["buffered"]["latency_s"]["all_offered"]["p50"].as_f64().unwrap()
    };
    let at = |end| median(&desk.run(&[&arguments(end)[..], &["--format", "json"]].concat()));
    let (worse, usual, better) = (at("pessimistic"), at("likely"), at("optimistic"));
    assert!(worse > usual && usual > better, "{worse} s, {usual} s, {better} s");
    refused(&desk.run(&arguments("hopeful")), 2, "possible values: pessimistic, likely, optimistic");
}

#[test]
fn one_design_alone_has_only_its_own_numbers() {
    let desk = Desk::with(SMALL);
    let output = desk.run(&["small.toml", "--design", "buffered", "--format", "json", "--charts", "none"]);
    let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(results["designs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["buffered"]);
    assert!(results.get("comparison").is_none());
}

#[test]
fn a_missed_objective_or_claim_ends_with_three_and_a_whole_report() {
    for promise in [
        "[slo]\nconfirmed_within = { '1ms' = '>= 99%' }\n",
        "[[expect]]\nclaim = 'nobody waits'\nthat = 'buffered.wait_s.waited == 0'\n",
    ] {
        let desk = Desk::with(&format!("{SMALL}{promise}"));
        let output = desk.run(&["small.toml", "--charts", "none"]);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains('✗'), "{}", text(&output.stdout));
        assert!(desk.path("reports/small/results.json").exists());
    }
}

#[test]
fn a_claim_about_nothing_is_refused_before_the_run() {
    let claim = "[[expect]]\nclaim = 'x'\nthat = 'buffered.orders.confirmd == 1'\n";
    let desk = Desk::with(&format!("{SMALL}{claim}"));
    refused(&desk.run(&["small.toml"]), 2, "there is no `confirmd` in `buffered.orders`, only offered, confirmed");
    assert_eq!(desk.names(), ["small.toml"]);
}

#[test]
fn wrong_input_is_refused_with_two_and_leaves_nothing_behind() {
    let desk = Desk::with(SMALL);
    fs::write(desk.path("broken.toml"), "profile = 'textbook'\n[[arrivals]]\nrate = '5'\nduration = '-3s'\n").unwrap();
    fs::write(desk.path("bytes.toml"), [0xff, 0xfe, 0x00]).unwrap();
    fs::create_dir(desk.path("folder.toml")).unwrap();
    let before = desk.names();
    for (arguments, words) in [
        (&["smal.toml"][..], "small.toml"),
        (&["folder.toml"], "folder"),
        (&["bytes.toml"], "UTF-8"),
        (&["broken.toml"], "broken.toml:3"),
        (&["broken.toml"], "2 mistakes; nothing was run"),
        (&["small.toml", "--set", "lambda.reserved_concurency=3"], "reserved_concurrency"),
        (&["small.toml", "--set", "nonsense"], "KEY=VALUE"),
        (&["small.toml", "--seed", "-1"], "--seed"),
        (&["small.toml", "--replications", "0"], "is too small"),
        (&["small.toml", "--design", "both-of-them"], "buffered"),
        (&["small.toml", "--resolution", "0s"], "resolution"),
        (&["small.toml", "--resolution", "5"], "resolution"),
        (&["small.toml", "--threads", "0"], "threads"),
        (&["small.toml", "--charts", "none,svg"], "--charts"),
        (&["small.toml", "--charts", "gif"], "svg"),
        (&["small.toml", "--format", "yaml"], "markdown"),
        (&["small.toml", "--sett", "a=b"], "--set"),
        (&["small.toml", "--set", "profile=\"aw\""], "did you mean \"aws\"?"),
        (
            &["small.toml", "--set", "arrivals[0].duration=\"800000h\"", "--set", "arrivals[0].rate=\"1000000/s\""],
            "orders",
        ),
        (&[], "SCENARIO"),
    ] {
        refused(&desk.run(arguments), 2, words);
        assert_eq!(desk.names(), before, "{arguments:?}");
    }
}

#[test]
fn an_output_that_cannot_be_written_ends_with_one_and_leaves_nothing_half_done() {
    let desk = Desk::with(SMALL);
    fs::write(desk.path("file"), "precious").unwrap();
    fs::create_dir(desk.path("foreign")).unwrap();
    fs::write(desk.path("foreign/results.json"), "precious").unwrap();
    for (out, words) in [("file", "is a file"), ("file/below", "--out"), ("foreign", "was not written by simulate")] {
        refused(&desk.run(&["small.toml", "--charts", "none", "--out", out]), 1, words);
    }
    assert_eq!(fs::read_to_string(desk.path("file")).unwrap(), "precious");
    assert_eq!(names(&desk.path("foreign")), ["results.json"]);
    assert_eq!(desk.names(), ["file", "foreign", "small.toml"]);
}

#[test]
fn timing_and_verification_speak_on_stderr_and_change_no_file() {
    let desk = Desk::with(SMALL);
    let plain = desk.run(&["small.toml", "--charts", "none", "--out", "a"]);
    let spoken = desk.run(&["small.toml", "--charts", "none", "--out", "b", "--timing", "--verify"]);
    let stderr = text(&spoken.stderr);
    assert!(stderr.contains("ns per order"), "{stderr}");
    assert!(stderr.contains("verified: buffered kept every rule; stream of observations "), "{stderr}");
    assert_eq!(text(&plain.stdout).replace("  a/", "  b/"), text(&spoken.stdout));
    assert_eq!(fs::read(desk.path("a/manifest.json")).unwrap(), fs::read(desk.path("b/manifest.json")).unwrap());
}

#[test]
fn the_resolved_scenario_gives_the_same_results() {
    let desk = Desk::with(SMALL);
    desk.run(&["small.toml", "--charts", "none", "--set", "queue.visibility_timeout=30s"]);
    let folder = desk.path("reports").join(&names(&desk.path("reports"))[0]);
    fs::copy(folder.join("scenario.resolved.toml"), desk.path("again.toml")).unwrap();
    let output = desk.run(&["again.toml", "--charts", "none", "--out", "again"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for name in ["timeline.csv", "percentiles.csv"] {
        assert!(fs::read(folder.join(name)).unwrap() == fs::read(desk.path("again").join(name)).unwrap(), "{name}");
    }
    let fingerprint = |manifest: PathBuf| -> serde_json::Value {
        let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(manifest).unwrap()).unwrap();
        manifest["scenario_fingerprint"].clone()
    };
    assert_eq!(fingerprint(folder.join("manifest.json")), fingerprint(desk.path("again/manifest.json")));
}

#[test]
fn the_timeline_adds_up_to_the_orders() {
    let desk = Desk::with(SMALL);
    let output = desk.run(&["small.toml", "--charts", "none", "--format", "json", "--resolution", "2s"]);
    let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut reader = csv::Reader::from_path(desk.path("reports/small/timeline.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for design in ["buffered", "direct"] {
        let of_design: Vec<_> = rows.iter().filter(|row| &row[1] == design).collect();
        let sum = |column: usize| -> u64 { of_design.iter().map(|row| row[column].parse::<u64>().unwrap()).sum() };
        let orders = &results["designs"][design]["orders"];
        let lost: u64 = ["failed", "timed_out", "refused"].iter().map(|key| orders[key].as_u64().unwrap()).sum();
        assert_eq!(orders["offered"], sum(2));
        assert_eq!(orders["confirmed"], sum(3));
        assert_eq!(lost, sum(4));
        let times: Vec<&str> = of_design.iter().map(|row| &row[0]).take(3).collect();
        assert_eq!(times, ["0", "2", "4"]);
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let desk = Desk::with(SMALL);
    let mut child = desk
        .command(&["small.toml", "--charts", "none"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_with_one_and_leaves_nothing_behind() {
    let desk = Desk::with(SMALL);
    // Hours of work if nobody interrupts.
    let long = ["small.toml", "--set", "arrivals[0].duration=30000h", "--set", "lambda.reserved_concurrency=50"];
    let mut child = desk.command(&long).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700));
    assert!(child.try_wait().unwrap().is_none(), "the run is still going on");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let asked = Instant::now();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(asked.elapsed() < Duration::from_secs(20));
    assert_eq!(desk.names(), ["small.toml"]);
}

#[test]
fn help_and_version_are_there() {
    let desk = Desk::with(SMALL);
    let help = text(&desk.run(&["--help"]).stdout);
    for word in [
        "--set",
        "--seed",
        "--design",
        "--out",
        "--charts",
        "--format",
        "summary.md",
        "--timing",
        "--threads",
        "--resolution",
        "--verify",
        "Exit status",
    ] {
        assert!(help.contains(word), "{word} is not in {help}");
    }
    assert_eq!(text(&desk.run(&["--version"]).stdout), format!("simulate {}\n", env!("CARGO_PKG_VERSION")));
}

/// A scenario by a trace, in a folder of its own.
fn desk_with_trace() -> Desk {
    let desk = Desk::with(SMALL);
    fs::create_dir(desk.path("sale")).unwrap();
    let text = "profile = 'textbook'\n[[arrivals]]\ntrace = 'orders.csv'\n\
                [lambda]\nduration = { samples = 'work.csv' }\nreserved_concurrency = 2\n";
    fs::write(desk.path("sale/sale.toml"), text).unwrap();
    fs::write(desk.path("sale/orders.csv"), "time\n0.25\n1.5\n1.5\n4s\n").unwrap();
    fs::write(desk.path("sale/work.csv"), "0.1\n0.4\n").unwrap();
    desk
}

#[test]
fn files_are_found_beside_the_scenario_and_their_contents_count() {
    let desk = desk_with_trace();
    let run = |arguments: &[&str]| {
        let mut all = vec!["--charts", "none", "--format", "json", "--out", "out"];
        all.extend(arguments);
        let output = desk.run(&all);
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let fingerprint = |results: &serde_json::Value| results["scenario"]["fingerprint"].as_str().unwrap().to_string();
    let first = run(&["sale/sale.toml"]);
    assert_eq!(first["designs"]["direct"]["orders"]["offered"], 4);
    let resolved = fs::read_to_string(desk.path("out/scenario.resolved.toml")).unwrap();
    let hash = "  # blake3 ";
    assert!(resolved.contains(&format!("trace = \"orders.csv\"{hash}")), "{resolved}");
    assert!(resolved.contains(&format!("duration = {{ samples = \"work.csv\" }}{hash}")), "{resolved}");
    // The resolved scenario beside the same files is the same scenario.
    fs::write(desk.path("sale/again.toml"), resolved).unwrap();
    assert_eq!(fingerprint(&run(&["sale/again.toml"])), fingerprint(&first));
    // Another row is another scenario, as is another value.
    fs::write(desk.path("sale/work.csv"), "0.1\n0.5\n").unwrap();
    let second = run(&["sale/sale.toml"]);
    fs::write(desk.path("sale/orders.csv"), "time\n0.25\n1.5\n1.5\n4.5s\n").unwrap();
    let third = run(&["sale/sale.toml"]);
    assert_ne!(fingerprint(&first), fingerprint(&second));
    assert_ne!(fingerprint(&second), fingerprint(&third));
    assert_eq!(third["designs"]["buffered"]["orders"]["confirmed"], 4);
}

#[test]
fn the_orders_of_a_trace_arrive_exactly_when_it_says() {
    let desk = desk_with_trace();
    let output = desk.run(&["sale/sale.toml", "--charts", "none", "--resolution", "250ms", "--out", "out", "--verify"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let timeline = fs::read_to_string(desk.path("out/timeline.csv")).unwrap();
    let rows = timeline.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let offered = rows.filter(|row| row.get(1) == Some(&"direct") && row[2] != "0");
    let arrivals: Vec<(String, String)> = offered.map(|row| (row[0].to_string(), row[2].to_string())).collect();
    let expected = [("0.25", "1"), ("1.5", "2"), ("4", "1")].map(|(at, count)| (at.to_string(), count.to_string()));
    assert_eq!(arrivals, expected);
}

#[test]
fn a_wrong_row_is_refused_with_its_file_and_line_and_nothing_is_written() {
    let desk = desk_with_trace();
    fs::write(desk.path("sale/orders.csv"), "time\n0.25\n1.5\n0.5\n").unwrap();
    refused(&desk.run(&["sale/sale.toml"]), 2, "sale/orders.csv, line 4: 500ms comes before the line above it");
    refused(&desk.run(&["check", "sale/sale.toml"]), 2, "sale/orders.csv, line 4");
    assert_eq!(desk.names(), ["sale", "small.toml"]);
}

/// The default build has no SDK and says how to get it.
#[cfg(not(feature = "live"))]
#[test]
fn a_build_without_the_feature_says_how_to_measure() {
    let desk = Desk::with(SMALL);
    refused(&desk.run(&["live", "small.toml"]), 2, "cargo install --path . --features live");
    refused(&desk.run(&["live", "cleanup"]), 2, "cannot measure");
    assert_eq!(desk.names(), ["small.toml"]);
}
