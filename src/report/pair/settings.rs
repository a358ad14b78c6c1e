//! The settings that differ between two resolved scenarios.

use toml::Value;

/// One that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its path, as for `--set`.
    pub key: String,
    /// In A; `None` where it is not set there.
    pub a: Option<String>,
    /// In B.
    pub b: Option<String>,
}

impl Setting {
    /// Both values in words.
    pub fn words(&self) -> (String, String) {
        let words = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        (words(&self.a), words(&self.b))
    }
}

/// What changes no number of a run: words, claims, and other runs.
const NO_SETTINGS: [&str; 3] = ["title", "expect", "what_if"];

/// All that differ, in the order of A's file, then B's.
///
/// # Errors
///
/// In words, where one of them is no TOML.
pub fn differing(a: &str, b: &str) -> Result<Vec<Setting>, String> {
    let read = |text: &str, which: &str| {
        let table: Result<toml::Table, _> = text.parse();
        table.map(Value::Table).map_err(|error| {
            let reason = error.message();
            format!("scenario.resolved.toml of {which} is no TOML: {reason}\n  = help: run its scenario again")
        })
    };
    let mut found = Vec::new();
    compare("", Some(&read(a, "A")?), Some(&read(b, "B")?), &mut found);
    found.retain(|setting| {
        let table = setting.key.split(['.', '[']).next().unwrap_or_default();
        !NO_SETTINGS.contains(&table)
    });
    Ok(found)
}

/// Whether the arrivals of a resolved scenario come from a file; one that is no TOML may read any.
pub(super) fn arrivals_read_files(resolved: &str) -> bool {
    let read: Result<toml::Table, _> = resolved.parse();
    read.map_or(true, |table| table.get("arrivals").is_some_and(reads_a_file))
}

fn reads_a_file(value: &Value) -> bool {
    match value {
        Value::Table(table) => {
            table.iter().any(|(key, value)| ["trace", "samples"].contains(&key.as_str()) || reads_a_file(value))
        }
        Value::Array(items) => items.iter().any(reads_a_file),
        _ => false,
    }
}

/// Tables key by key, lists of tables item by item; everything else, a distribution too, as one value.
fn compare(key: &str, a: Option<&Value>, b: Option<&Value>, found: &mut Vec<Setting>) {
    match (a, b) {
        (Some(a), Some(b)) if a == b => {}
        (a, b) if is_deep(a) && is_deep(b) => {
            let (a, b) = (parts(a), parts(b));
            for (name, value) in &a {
                let other = b.iter().find(|(other, _)| other == name).map(|(_, value)| *value);
                compare(&joined(key, name), Some(value), other, found);
            }
            for (name, value) in b.iter().filter(|(name, _)| !a.iter().any(|(other, _)| other == name)) {
                compare(&joined(key, name), None, Some(value), found);
            }
        }
        (a, b) => found.push(Setting { key: key.to_owned(), a: a.map(text), b: b.map(text) }),
    }
}

fn joined(key: &str, name: &str) -> String {
    if key.is_empty() || name.starts_with('[') { format!("{key}{name}") } else { format!("{key}.{name}") }
}

/// Whether it has parts that are settings of their own; what is absent has.
fn is_deep(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(Value::Table(table)) => !is_one_value(table),
        Some(Value::Array(items)) => !items.is_empty() && items.iter().all(Value::is_table),
        Some(_) => false,
    }
}

/// Distributions, buckets and the like are written between braces, as one value.
fn is_one_value(table: &toml::Table) -> bool {
    let marks = ["distribution", "p50", "mean", "samples", "size", "cv", "min", "factor", "amplitude", "max_attempts"];
    marks.iter().any(|mark| table.contains_key(*mark))
}

fn parts(value: Option<&Value>) -> Vec<(String, &Value)> {
    match value {
        Some(Value::Table(table)) => table.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Some(Value::Array(items)) => {
            items.iter().enumerate().map(|(index, value)| (format!("[{index}]"), value)).collect()
        }
        _ => Vec::new(),
    }
}

/// As in the file, texts without their quotes.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(a: &str, b: &str) -> Vec<String> {
        let line = |setting: &Setting| {
            let (a, b) = setting.words();
            format!("{}: {a} → {b}", setting.key)
        };
        differing(a, b).unwrap().iter().map(line).collect()
    }

    #[test]
    fn settings_are_told_by_their_paths_and_words_are_none() {
        let a =
            "title = 'x'\nseed = 1\n[[arrivals]]\nrate = '5/s'\n[lambda]\nduration = '1s'\n[[expect]]\nclaim = 'c'\n";
        let b = "title = 'y'\nseed = 1\n[[arrivals]]\nrate = '6/s'\n[[arrivals]]\nrate = '1/s'\nduration = '2s'\n\
                 [lambda]\nduration = { p50 = '1s', p99 = '2s' }\nmemory_size = '512MB'\n[queue.dead_letter]\nmax_receive_count = 3\n";
        assert_eq!(
            said(a, b),
            [
                "arrivals[0].rate: 5/s → 6/s",
                "arrivals[1].rate: none → 1/s",
                "arrivals[1].duration: none → 2s",
                "lambda.duration: 1s → { p50 = \"1s\", p99 = \"2s\" }",
                "lambda.memory_size: none → 512MB",
                "queue.dead_letter.max_receive_count: none → 3",
            ]
        );
        assert_eq!(said(b, b), Vec::<String>::new());
        assert!(!arrivals_read_files(b) && arrivals_read_files("x"));
        assert!(arrivals_read_files("[[arrivals]]\ntrace = 'orders.csv'\n"));
        assert!(arrivals_read_files("[[arrivals]]\nspacing = { samples = 'gaps.csv' }\n"));
        assert!(differing("x", "").unwrap_err().contains("of A is no TOML"));
    }
}
