//! The rules of the house that no compiler checks: who may import whom, what the core may not touch, how long a file gets.

use std::fs;
use std::path::{Path, PathBuf};

/// Every room and the rooms it may import. Read with `ARCHITECTURE.md`; a new room is entered here first.
const ROOMS: [(&str, &[&str]); 17] = [
    ("time", &[]),
    ("observer", &["time"]),
    ("slab", &[]),
    ("facts", &["time"]),
    ("random", &["time"]),
    ("engine", &["time", "observer"]),
    ("workload", &["time", "random"]),
    ("observation", &["time", "slab"]),
    ("model", &["time", "slab", "facts", "observation"]),
    ("system", &["time", "slab", "observer", "facts", "random", "engine", "workload", "observation", "model"]),
    ("measure", &["time", "slab", "observer", "facts", "observation"]),
    ("scenario", &["time", "facts", "random", "workload", "model", "system", "measure"]),
    (
        "experiment",
        &["time", "observer", "facts", "random", "engine", "workload", "observation", "system", "measure", "scenario"],
    ),
    ("report", &["time", "slab", "facts", "observation", "measure"]),
    (
        "cli",
        &[
            "time",
            "facts",
            "random",
            "workload",
            "observation",
            "system",
            "measure",
            "scenario",
            "experiment",
            "report",
            "live",
        ],
    ),
    (
        "live",
        &[
            "time",
            "observer",
            "slab",
            "random",
            "workload",
            "observation",
            "model",
            "system",
            "measure",
            "scenario",
            "experiment",
        ],
    ),
    ("main", &["cli"]),
];

/// The pure core: no I/O, no clock, no thread, no way to fail.
const CORE: [&str; 11] =
    ["time", "observer", "slab", "facts", "random", "engine", "workload", "observation", "model", "system", "measure"];

/// What the core may not name, and why.
const FORBIDDEN_IN_CORE: [(&str, &str); 12] = [
    ("std::fs", "no I/O"),
    ("std::io", "no I/O"),
    ("std::net", "no I/O"),
    ("std::env", "no surroundings"),
    ("std::process", "no surroundings"),
    ("std::thread", "no threads"),
    ("std::time", "no clock but the simulated one"),
    ("SystemTime", "no clock but the simulated one"),
    ("println!", "no I/O"),
    ("serde", "files are the report's business"),
    ("Box<dyn", "no dynamic dispatch"),
    ("toml::", "files are the scenario's business"),
];

/// Functions of floating-point numbers that differ between platforms; `libm` has them all.
const PLATFORM_MATHS: [&str; 10] =
    [".ln()", ".exp()", ".powf(", ".powi(", ".log10()", ".log2()", ".sin()", ".cos()", ".ln_1p()", ".exp_m1()"];

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() > 30, "the sources were found");
    found
}

/// The room a file belongs to: its folder below `src`, or its own name.
fn room(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Lines of code outside comments, up to the tests inside a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    lines
        .take_while(|(_, line)| !line.starts_with("mod tests {"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn is_test_file(path: &Path) -> bool {
    path.file_stem().unwrap().to_str().unwrap().ends_with("_tests")
}

/// Rooms named as `crate::room`.
fn imports(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(""))
}

#[test]
fn rooms_import_only_what_stands_below_them() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let room = room(&path);
        if room == "lib" || is_test_file(&path) {
            continue;
        }
        let allowed = ROOMS.iter().find(|(name, _)| *name == room);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{room} is not in the table of rooms"));
        for (number, line) in code(&text) {
            for import in imports(line).filter(|import| *import != room && !allowed.contains(import)) {
                wrong.push(format!("{}:{number}: {room} may not import {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_core_does_no_io_and_knows_no_clock() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if !CORE.contains(&room(&path).as_str()) || is_test_file(&path) {
            continue;
        }
        for (number, line) in code(&text) {
            for (name, why) in FORBIDDEN_IN_CORE.iter().filter(|(name, _)| line.contains(name)) {
                wrong.push(format!("{}:{number}: {name} in the core: {why}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn components_are_machines_without_clock_dice_or_wires() {
    for (path, text) in sources() {
        if room(&path) == "model" && !is_test_file(&path) {
            for (number, line) in code(&text) {
                assert!(!line.contains("super::"), "{}:{number}: a component knows no sibling", path.display());
            }
        }
    }
}

#[test]
fn floating_point_is_the_same_everywhere() {
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for name in PLATFORM_MATHS {
                let found = line.contains(name) && !line.trim_start().starts_with("//");
                assert!(!found, "{}:{}: {name} differs between platforms; use libm", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn one_closed_match_on_events_and_no_catch_all_on_observations() {
    let systems = ["buffered.rs", "direct.rs"];
    for (path, text) in sources() {
        if systems.iter().any(|name| path.ends_with(format!("system/{name}"))) {
            assert_eq!(text.matches("match event {").count(), 2, "{}: handle and is_moot", path.display());
            assert!(!text.contains("_ =>"), "{}: every event is named", path.display());
        }
    }
}

#[test]
fn files_stay_short_enough_to_read() {
    for (path, text) in sources() {
        let limit = if is_test_file(&path) { 700 } else { 600 };
        let lines = text.lines().count();
        assert!(lines <= limit, "{} has {lines} lines: find the wall that is missing", path.display());
    }
}

#[test]
fn nothing_speaks_of_unfinished_work_or_switches_warnings_off() {
    let words = [
        ["to", "do!"].concat(),
        ["unimplemen", "ted!"].concat(),
        ["#[all", "ow("].concat(),
        ["FIX", "ME"].concat(),
        ["TO", "DO"].concat(),
    ];
    for (path, text) in sources() {
        for word in &words {
            assert!(!text.contains(word.as_str()), "{}: {word}", path.display());
        }
    }
}

/// Where paths are named, in words or in comments; CHANGELOG.md tells of what was.
const TEXTS: [&str; 7] = ["src", "tests", "benches", "docs", "ARCHITECTURE.md", "README.md", "Cargo.toml"];

/// All texts at these places, below the project's folder.
fn texts(places: &[&str]) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = places.iter().map(|place| root.join(place)).collect();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push((path, text));
        }
    }
    found.sort();
    found
}

/// The words of a text that may be paths.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"_-./".contains(c)).map(|word| word.trim_end_matches('.'))
}

/// Whether a word looks like the path of a file or a folder of the project.
fn names_a_place(word: &str) -> bool {
    let rooms = ["src/", "docs/", "tests/", "schema/", "benches/"];
    let files = [".rs", ".md", ".schema.json", "/"];
    rooms.iter().any(|room| word.starts_with(room)) && files.iter().any(|ending| word.ends_with(ending))
}

#[test]
fn every_path_that_is_named_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut wrong, mut right) = (Vec::new(), 0);
    for (path, text) in texts(&TEXTS) {
        for (number, line) in text.lines().enumerate() {
            for word in words(line).filter(|word| names_a_place(word)) {
                right += 1;
                if !root.join(word).exists() {
                    wrong.push(format!("{}:{}: there is no {word}", path.display(), number + 1));
                }
            }
        }
    }
    // The map of the house leaves `src/` out.
    let map = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    for named in map.split('`').skip(1).step_by(2).filter(|named| named.contains('/') && !named.contains([' ', '<'])) {
        right += 1;
        if !named.starts_with(".ci/") && !root.join(named).exists() && !root.join("src").join(named).exists() {
            wrong.push(format!("ARCHITECTURE.md: there is no {named}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(right > 60, "{right} paths were found");
}
