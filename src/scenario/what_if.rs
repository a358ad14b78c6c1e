//! `[[what_if]]`: the same scenario with a few settings changed, run beside it for one line in the report.
//!
//! ```toml
//! [[what_if]]
//! change = "the task gives up after 5 min"
//! set = ["step_functions.timeout=5min"]
//! ```

use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::tree::{Node, Value};
use crate::scenario::values::{quoted, wrong_type};

const EXAMPLE: &str = "write for example set = [\"step_functions.timeout=5min\"]";

/// One table that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// In words.
    pub change: String,
    /// `KEY=VALUE`, as for `--set`.
    pub set: Vec<String>,
    /// Where the settings stand.
    pub place: Place,
}

/// Reads all of them, each with its lines for the resolved scenario.
pub fn read(mistakes: &mut Vec<Mistake>, node: &Node) -> Vec<(Change, Vec<Line>)> {
    let Value::List(tables) = &node.value else {
        mistakes.push(wrong_type(node, "what_if", "a list of tables", "write [[what_if]] with two brackets"));
        return Vec::new();
    };
    let mut read = Vec::new();
    for item in tables {
        let Value::Table(table) = &item.value else {
            mistakes.push(wrong_type(item, "what_if", "a list of tables", "write [[what_if]] above each change"));
            continue;
        };
        let mut reader = Reader::open(mistakes, table, item.place, "[[what_if]]");
        let change = words(&mut reader);
        let settings = settings(&mut reader);
        let lines = reader.finish();
        if let (Some(change), Some((set, place))) = (change, settings) {
            read.push((Change { change, set, place }, lines));
        }
    }
    read
}

fn words(reader: &mut Reader<'_, '_>) -> Option<String> {
    let place = reader.place;
    let found = reader.text("change").map(|found| found.value.split_whitespace().collect::<Vec<_>>().join(" "));
    match found {
        Some(text) => {
            reader.record("change", quoted(&text), false);
            Some(text)
        }
        None => {
            if reader.key_place("change").is_none() {
                let mistake = Mistake::at(place, "this what-if has no `change`");
                reader.mistakes.push(mistake.help("say in words what is different"));
            }
            None
        }
    }
}

fn settings(reader: &mut Reader<'_, '_>) -> Option<(Vec<String>, Place)> {
    let place = reader.place;
    let Some(node) = reader.node("set") else {
        reader.mistakes.push(Mistake::at(place, "this what-if changes nothing").help(EXAMPLE));
        return None;
    };
    let Value::List(values) = &node.value else {
        reader.mistakes.push(wrong_type(node, "set", "a list of KEY=VALUE", EXAMPLE));
        return None;
    };
    let mut set = Vec::new();
    for value in values {
        match &value.value {
            Value::Text(text) => set.push(text.clone()),
            _ => reader.mistakes.push(wrong_type(value, "set", "a list of KEY=VALUE", EXAMPLE)),
        }
    }
    if values.is_empty() {
        reader.mistakes.push(Mistake::at(node.place, "`set` changes nothing").help(EXAMPLE));
    }
    let shown: Vec<String> = set.iter().map(|text| quoted(text)).collect();
    reader.record("set", format!("[{}]", shown.join(", ")), false);
    (set.len() == values.len() && !set.is_empty()).then_some((set, node.place))
}
