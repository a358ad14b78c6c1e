//! The list of facts: whole, used, and the same in `docs/model.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use queuecast::facts::{self, Mark, Value};
use queuecast::scenario::keys::{self, Topic};
use queuecast::scenario::table_of_constants;

const BEGIN: &str = "<!-- the constants: begin; UPDATE=1 cargo test --test facts writes this anew -->\n";
const END: &str = "<!-- the constants: end -->\n";

/// Constants of `model` and `system` that stand for nothing of AWS.
const INTERNAL: [&str; 15] = [
    "TOKEN",
    "MICRO",
    "FIRST_SWEEP",
    "UNLIMITED",
    "NONE",
    "PLAIN",
    "AFTERWARDS",
    "ALL",
    "NO_MESSAGE",
    "NO_ANSWER",
    "LANES",
    "FUNCTION_LANES",
    "WORKFLOW_LANES",
    "MAPPING_LANES",
    "TRY_BITS",
];

/// Constants whose every number is one of the list.
const MADE_OF_FACTS: [&str; 4] = ["ERROR_WAITS", "AWS", "TEXTBOOK", "AT_ONCE"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder of the sources, or one file; without tests.
fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut places = vec![root().join("src").join(below)];
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()));
        } else if !place.file_stem().unwrap().to_str().unwrap().ends_with("tests") {
            let text = fs::read_to_string(&place).unwrap();
            let code = text.split("\nmod tests {").next().unwrap_or_default();
            let lines: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            found.push((place, lines.join("\n")));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{below}");
    found
}

/// Where an AWS fact could be written down by hand.
fn held() -> Vec<(PathBuf, String)> {
    ["model", "system", "scenario/defaults.rs"].iter().flat_map(|below| sources(below)).collect()
}

#[test]
fn the_table_of_the_document_is_that_of_the_code() {
    let path = root().join("docs/model.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table's beginning is marked");
    let (old, after) = rest.split_once(END).expect("the table's end is marked");
    let new = format!("\n{}", table_of_constants());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{new}{END}{after}")).unwrap();
    } else {
        assert_eq!(old, new, "UPDATE=1 cargo test --test facts writes it anew");
    }
}

#[test]
fn every_fact_says_all_there_is_to_say() {
    let mut keys = BTreeSet::new();
    for fact in facts::all() {
        assert!(keys.insert(fact.key), "{} is there twice", fact.key);
        assert!(fact.says.ends_with('.') && !fact.source.is_empty() && !fact.source.ends_with('.'), "{}", fact.key);
        assert!(!format!("{}{}", fact.says, fact.source).contains('|'), "{}: it would break the table", fact.key);
        let is_assumed = fact.mark == Mark::Assumed;
        assert_eq!(
            fact.range.is_some(),
            is_assumed && !fact.value.is_rule(),
            "{}: an assumed number has a range",
            fact.key
        );
        if let Some(range) = fact.range {
            let kind = std::mem::discriminant::<Value>;
            assert!(kind(&range.low) == kind(&fact.value) && kind(&range.high) == kind(&fact.value), "{}", fact.key);
            let is_key = matches!(keys::follow(fact.key), Some(Topic::Key(..)));
            assert!(is_key, "{}: a scenario can set what is assumed", fact.key);
        }
    }
    assert!(keys.len() > 80, "{}", keys.len());
}

#[test]
fn every_fact_is_used_and_by_its_name() {
    let code: Vec<(PathBuf, String)> = ["model", "system", "measure", "scenario", "experiment"]
        .iter()
        .flat_map(|room| sources(room))
        .filter(|(path, _)| !path.ends_with("scenario/assumptions.rs") && !path.ends_with("scenario/in_force.rs"))
        .collect();
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(ToOwned::to_owned).collect()
    };
    let used: BTreeSet<String> = code.iter().flat_map(|(_, text)| words(text)).collect();
    for fact in facts::all().filter(|fact| !matches!(fact.value, Value::Rule(_))) {
        let in_list = fact.name == "FASTEST_REDRIVE";
        assert!(in_list || used.contains(fact.name), "nothing uses {} ({})", fact.name, fact.key);
    }
}

#[test]
fn no_constant_stands_for_a_fact_that_is_not_listed() {
    let listed: BTreeSet<&str> = facts::all().map(|fact| fact.name).collect();
    let mut wrong = Vec::new();
    for (path, text) in held() {
        for line in text.lines() {
            let Some(rest) = line.split("const ").nth(1).filter(|rest| !rest.starts_with("fn ")) else { continue };
            let Some((name, _)) = rest.split_once(':') else { continue };
            let known = INTERNAL.contains(&name) || MADE_OF_FACTS.contains(&name) || listed.contains(name);
            if !known {
                wrong.push(format!("{}: {name}: list it in src/facts, or here as internal", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A length of time, a rate or a limit that is written as a number in the core or in the defaults would be such a fact.
#[test]
fn no_length_of_time_or_limit_is_written_down_elsewhere() {
    let lengths =
        ["from_secs(", "from_millis(", "from_micros(", "* NANOS_PER_SEC", "Some(", "size: ", "refill_per_s: "];
    // The neutral elements of a sum, a product, a count.
    let neutral = |digits: &str| matches!(digits.trim_end_matches(".0"), "0" | "1");
    let mut wrong = Vec::new();
    for (path, text) in held() {
        // A lane's number is none of these.
        for line in text.lines().filter(|line| !line.contains("=> Some(")) {
            for length in lengths {
                for rest in line.split(length).skip(1) {
                    let digits: String =
                        rest.chars().take_while(|c| c.is_ascii_digit() || *c == '_' || *c == '.').collect();
                    if digits.starts_with(|c: char| c.is_ascii_digit()) && !neutral(&digits) {
                        wrong.push(format!("{}: {}", path.display(), line.trim()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "take these from src/facts:\n{}", wrong.join("\n"));
}
