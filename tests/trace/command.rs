//! `simulate trace` from outside: whole stories of the flash sale, other formats, narrow and plain screens, and how it refuses.
//!
//! `UPDATE=1 cargo test --test trace` writes the stories anew; look at the difference before committing it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::MIXED;

fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mixed.toml"), MIXED).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str], columns: &str, input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .current_dir(folder)
        .arg("trace")
        .args(arguments)
        .env("COLUMNS", columns)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments, "80", b"");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn stories_of_the_flash_sale_are_told_as_they_were() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sale = root.join("scenarios/flash-sale.toml");
    let sale = sale.to_str().unwrap();
    let folder = desk();
    let cases: [(&str, &[&str]); 3] = [
        ("doors-open.txt", &[sale, "--order", "4500"]),
        ("slowest.txt", &[sale, "--slowest", "--design", "buffered"]),
        ("refused.md", &[sale, "--where", "refused", "--format", "markdown"]),
    ];
    for (name, arguments) in cases {
        let said = told(folder.path(), arguments);
        let columns = |line: &str| line.chars().count();
        assert!(name.ends_with(".md") || said.lines().all(|line| columns(line) <= 80), "{said}");
        let expected = root.join("tests/trace/told").join(name);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        assert_eq!(fs::read_to_string(&expected).unwrap_or_default(), said, "{name}");
    }
}

#[test]
fn the_example_of_the_readme_is_a_story_of_the_flash_sale() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let story = fs::read_to_string(root.join("tests/trace/told/doors-open.txt")).unwrap();
    let shown = readme.split("$ simulate trace scenarios/flash-sale.toml --order 4500\n").nth(1).expect("the example");
    let shown: Vec<&str> = shown.lines().take_while(|line| *line != "```").filter(|line| line.trim() != "…").collect();
    let mut told = story.lines();
    assert!(shown.len() > 15 && shown.iter().all(|line| told.any(|one| one == *line)), "in this order: {shown:#?}");
}

/// Rows of orders.csv.
fn rows(folder: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.join("report/orders.csv")).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_story_that_is_found_is_that_of_the_row() {
    let folder = desk();
    let written = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .current_dir(folder.path())
        .args(["mixed.toml", "--charts", "none", "--orders", "--out", "report"])
        .output()
        .unwrap();
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    let rows = rows(folder.path());
    let json = |arguments: &[&str]| -> Value {
        let words = told(folder.path(), &[&["mixed.toml", "--format", "json"], arguments].concat());
        serde_json::from_str(&words).unwrap()
    };
    let of = |design: &'static str| rows.iter().filter(move |row| row[1] == design);
    for (wanted, design, column) in
        [("timed_out", "buffered", 3), ("dead_lettered", "buffered", 4), ("throttled", "direct", 4)]
    {
        let row = of(design).filter(|row| row[column] == wanted).nth(1).expect(wanted);
        let found = json(&["--where", &format!("{design}.{wanted}"), "--nth", "2"]);
        assert_eq!(found["order"].to_string(), row[0], "{wanted}");
        let story = &found["designs"][design];
        assert_eq!(story["outcome"], *row[3]);
        assert_eq!(story["cause"], *row[4]);
        let ended = story["ended_at_ns"].as_f64().unwrap() / 1e9;
        assert!((ended - row[6].parse::<f64>().unwrap()).abs() < 1e-6, "{ended} {row:?}");
        let lasted = |leg: &Value| leg["to_ns"].as_u64().unwrap() - leg["from_ns"].as_u64().unwrap();
        let sum: u64 = story["legs"].as_array().unwrap().iter().map(lasted).sum();
        assert_eq!(Some(sum), story["latency_ns"].as_u64());
    }
    let latency = |row: &&Vec<String>| row[6].parse::<f64>().unwrap() - row[2].parse::<f64>().unwrap();
    let slowest =
        of("direct").filter(|row| row[3] == "confirmed").max_by(|one, other| latency(one).total_cmp(&latency(other)));
    let found = json(&["--slowest", "--design", "direct"]);
    assert_eq!(found["order"].to_string(), slowest.unwrap()[0]);
    assert_eq!(found["designs"].as_object().unwrap().keys().collect::<Vec<_>>(), ["direct"]);
}

#[test]
fn it_is_told_on_any_screen_into_any_file_and_from_standard_input() {
    let folder = desk();
    let wide = run(folder.path(), &["mixed.toml", "--order", "100"], "80", b"");
    let piped = run(folder.path(), &["-", "--order", "100"], "80", MIXED.as_bytes());
    assert_eq!(text(&wide.stdout).lines().nth(3), text(&piped.stdout).lines().nth(3));
    let narrow = text(&run(folder.path(), &["mixed.toml", "--order", "100", "--ascii"], "50", b"").stdout);
    assert!(narrow.is_ascii() && narrow.lines().all(|line| line.len() <= 50), "{narrow}");
    assert_eq!(narrow.matches("its age").count(), 2, "one below the other");
    let colour = text(&run(folder.path(), &["mixed.toml", "--order", "100", "--color", "always"], "80", b"").stdout);
    assert!(colour.contains("\u{1b}["));
    let out =
        run(folder.path(), &["mixed.toml", "--order", "100", "--out", "story.txt", "--color", "always"], "50", b"");
    assert_eq!((out.status.code(), text(&out.stdout)), (Some(0), String::new()));
    let kept = fs::read_to_string(folder.path().join("story.txt")).unwrap();
    assert_eq!(kept, text(&wide.stdout), "a file is the same wherever it is written");
    let again = run(folder.path(), &["mixed.toml", "--order", "100", "--threads", "1"], "80", b"");
    assert_eq!(again.stdout, wide.stdout);
}

#[test]
fn who_asks_for_what_is_not_there_is_told_so() {
    let folder = desk();
    fs::write(folder.path().join("many.toml"), format!("replications = 3\n{MIXED}")).unwrap();
    let many = run(folder.path(), &["many.toml", "--order", "5"], "80", b"");
    assert_eq!(text(&many.stderr), "note: the story is that of the first of 3 replications\n");
    assert!(text(&many.stdout).contains("of the first replication"), "{}", text(&many.stdout));
    let cases: [(&[&str], i32, &str); 8] = [
        (&["mixed.toml", "--order", "99999"], 2, "there is no order 99999: the run has 4,"),
        (&["mixed.toml", "--where", "time_out"], 2, "did you mean `timed_out`?"),
        (&["mixed.toml", "--where", "buffred.open"], 2, "did you mean `buffered`?"),
        (&["mixed.toml", "--where", "direct.open", "--design", "buffered"], 2, "--design leaves out"),
        (&["mixed.toml", "--where", "expired"], 1, "no order is found for `expired`\n  = note: buffered: "),
        (&["mixed.toml", "--where", "declined", "--nth", "99999"], 1, "and --nth asks for more"),
        (&["mixed.toml"], 2, "--order <N>|--where <WORD>|--slowest"),
        (&["mixed.toml", "--order", "1", "--slowest"], 2, "cannot be used with"),
    ];
    for (arguments, status, words) in cases {
        let output = run(folder.path(), arguments, "80", b"");
        let said = text(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(status), 0), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    let places: Vec<PathBuf> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(places.len(), 2, "nothing is left behind: {places:?}");
}
