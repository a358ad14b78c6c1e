//! What a key is where a scenario does not say: read off a scenario that was loaded, so that it is the code's own.

use super::kinds::{Form, Key, Table};
use crate::scenario::{Overrides, Profile, Source, load};

/// The default of a key under one profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Default {
    /// TOML.
    Value(String),
    /// No such limit, or no such thing.
    None,
    /// It must be given.
    Needed,
    /// It must be given, unless another key stands in its place.
    Alternative,
}

/// A phase of arrivals, without which no scenario is whole.
const ARRIVALS: &str = "[[arrivals]]\nrate = \"1/s\"\nduration = \"1min\"\norigin = true\n";

/// What the code fills in for a key under a profile.
pub fn default_of(table: &Table, key: &Key, profile: Profile) -> Default {
    if is_needed(table, key) {
        return Default::Needed;
    }
    if has(table.least, key) {
        return Default::Alternative;
    }
    // Of the profile itself there is only one default.
    let given = (key.name != "profile").then_some(profile);
    let Ok(loaded) = load(&source(&scenario_with(table, table.least, given)), &Overrides::default()) else {
        return Default::None;
    };
    let resolved: toml::Table = loaded.resolved.parse().unwrap_or_default();
    let at = match table.form {
        Form::Top => resolved.get(key.name).cloned(),
        Form::Table | Form::List => walk(&resolved, table.path).and_then(|found| found.get(key.name).cloned()),
        Form::Shape(host) => walk(&resolved, host).and_then(|found| found.get(key.name).cloned()),
    };
    match at {
        Some(value) if key.table().is_none() => Default::Value(written(&value)),
        _ => Default::None,
    }
}

/// Whether the table cannot do without the key: it is in the least body and in every example.
pub fn is_needed(table: &Table, key: &Key) -> bool {
    let everywhere = has(table.least, key) && table.keys.iter().all(|other| has(other.example, key));
    everywhere || (table.form == Form::Top && key.name == "arrivals")
}

fn has(body: &str, key: &Key) -> bool {
    body.lines().any(|line| line.split(" = ").next() == Some(key.name))
}

/// A whole scenario with this body in this table.
pub(super) fn scenario_with(table: &Table, body: &str, profile: Option<Profile>) -> String {
    let profile = match profile {
        Some(Profile::Textbook) => "profile = \"textbook\"\n",
        Some(Profile::Aws) => "profile = \"aws\"\n",
        None => "",
    };
    let rest = if body.contains("[[arrivals]]") || table.path == "arrivals" { "" } else { ARRIVALS };
    match table.form {
        Form::Top if body.contains(" = \"textbook\"") => format!("{body}\n{rest}"),
        Form::Top => format!("{profile}{body}\n{rest}"),
        Form::Table => format!("{profile}{rest}[{}]\n{body}\n", table.path),
        Form::List => format!("{profile}{rest}[[{}]]\n{body}\n", table.path),
        Form::Shape(host) => {
            let value = format!("{{ {} }}", body.replace('\n', ", "));
            match host.split_once('.') {
                None => format!("{profile}{host} = {value}\n{rest}"),
                Some(("arrivals", key)) => format!("{profile}{ARRIVALS}{key} = {value}\n"),
                Some((above, key)) => format!("{profile}{rest}[{above}]\n{key} = {value}\n"),
            }
        }
    }
}

fn source(text: &str) -> Source {
    Source { shown: "an example".to_string(), name: "example".to_string(), text: text.to_string() }
}

/// The table at a dotted path; of a list its last.
fn walk<'t>(from: &'t toml::Table, path: &str) -> Option<&'t toml::Table> {
    path.split('.').try_fold(from, |table, word| match table.get(word)? {
        toml::Value::Table(inner) => Some(inner),
        toml::Value::Array(list) => list.last()?.as_table(),
        _ => None,
    })
}

/// The value at a dotted path of a resolved scenario.
pub fn value_at<'t>(resolved: &'t toml::Table, path: &str) -> Option<&'t toml::Value> {
    match path.rsplit_once('.') {
        None => resolved.get(path),
        Some((table, key)) => walk(resolved, table)?.get(key),
    }
}

/// TOML on one line, tables with the spaces that people write.
pub fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let parts: Vec<String> = table.iter().map(|(key, value)| format!("{key} = {}", written(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        toml::Value::Array(list) => format!("[{}]", list.iter().map(written).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
