//! The scenario as a tree of values, each with its place: the file's own, or a flag's where a flag replaced it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::scenario::diagnostics::Place;
use crate::scenario::files::DataFile;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where; a table's place is its header.
    pub place: Place,
    /// What.
    pub value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string.
    Text(String),
    /// An integer or a float as written, with its value; a whole number beyond 2^127 has no `whole`.
    Number {
        /// As written.
        written: String,
        /// Where it was written as an integer.
        whole: Option<i128>,
        /// Its value, maybe not finite.
        value: f64,
    },
    /// True or false.
    Truth(bool),
    /// A date or a time of day; no key takes one.
    Date,
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
    /// A file, in the place of its name.
    File(DataFile),
}

/// Keys and values in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Table(pub Vec<Entry>);

/// One key of a table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub key: String,
    /// Where the name stands.
    pub key_place: Place,
    /// Its value.
    pub node: Node,
}

impl Table {
    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    /// The value at a dotted path of keys.
    pub fn at(&self, path: &str) -> Option<&Node> {
        let mut table = self;
        let mut keys = path.split('.').peekable();
        while let Some(key) = keys.next() {
            let node = &table.entry(key)?.node;
            match (&node.value, keys.peek()) {
                (_, None) => return Some(node),
                (Value::Table(inner), Some(_)) => table = inner,
                _ => return None,
            }
        }
        None
    }

    /// These entries, replaced by and followed by those of another table.
    pub fn overridden_by(&self, other: &Table) -> Table {
        let kept = self.0.iter().filter(|entry| other.entry(&entry.key).is_none());
        Table(kept.chain(&other.0).cloned().collect())
    }

    /// Where the value at a dotted path stands.
    pub fn place_of(&self, path: &str) -> Option<Place> {
        self.at(path).map(|node| node.place)
    }
}

impl Value {
    /// The kind of value in TOML's words, with an article.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a string",
            Value::Number { whole: Some(_), .. } => "an integer",
            Value::Number { whole: None, .. } => "a number",
            Value::Truth(_) => "a boolean",
            Value::Date => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::File(_) => "the name of a file",
        }
    }
}

/// Copies a parsed table, its places shifted by `offset` bytes within text number `text`.
pub fn table(parsed: &DeTable<'_>, text: usize, offset: usize) -> Table {
    let mut entries: Vec<Entry> = parsed
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_place: place(text, offset, key.span()),
            node: node(value, text, offset),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_place);
    Table(entries)
}

/// Copies a parsed value.
pub fn node(parsed: &Spanned<DeValue<'_>>, text: usize, offset: usize) -> Node {
    let value = match parsed.get_ref() {
        DeValue::String(string) => Value::Text(string.to_string()),
        DeValue::Integer(integer) => {
            let whole = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
            let value = whole.map_or(f64::INFINITY, |whole| whole as f64);
            Value::Number { written: integer.to_string(), whole, value }
        }
        DeValue::Float(float) => {
            let value = float.as_str().parse().unwrap_or(f64::NAN);
            Value::Number { written: float.to_string(), whole: None, value }
        }
        DeValue::Boolean(truth) => Value::Truth(*truth),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(values) => Value::List(values.iter().map(|value| node(value, text, offset)).collect()),
        DeValue::Table(inner) => Value::Table(table(inner, text, offset)),
    };
    Node { place: place(text, offset, parsed.span()), value }
}

fn place(text: usize, offset: usize, span: Range<usize>) -> Place {
    Place { text, start: offset + span.start, end: offset + span.end }
}
