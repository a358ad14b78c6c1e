//! Every key of the scenario file: what it means, what it may be, and what breaks when it is wrong.
//!
//! `simulate explain`, the JSON Schema and the tests read this; the loader does not. It cannot drift: a test records the
//! keys that the readers of the tables ask for and holds them against this list, in both directions, and every default
//! that is shown is read off a scenario that was loaded ([`default_of`]).

mod arrivals;
mod defaults;
mod inventory;
mod kinds;
mod lambda;
mod platform;
mod promises;
mod queue;
mod run;
mod shapes;
mod workflow;

use crate::facts::{self, Fact};

pub use defaults::{Default, default_of, is_needed, value_at, written};
pub use kinds::{Form, Key, Kind, Mark, Quantity, Table};

/// All tables in the order of a scenario file, then the inline tables.
pub const TABLES: &[&Table] = &[
    &run::TOP,
    &arrivals::ARRIVALS,
    &workflow::STEP_FUNCTIONS,
    &queue::QUEUE,
    &queue::DEAD_LETTER,
    &queue::EVENT_SOURCE,
    &lambda::LAMBDA,
    &inventory::INVENTORY,
    &workflow::DIRECT,
    &platform::LATENCY,
    &platform::ACCOUNT,
    &platform::SDK,
    &inventory::FAULTS,
    &promises::SLO,
    &promises::EXPECT,
    &promises::WHAT_IF,
    &promises::COST,
    &shapes::DISTRIBUTION,
    &shapes::RETRY,
    &arrivals::WAVE,
    &shapes::SPACING,
    &arrivals::BATCH,
    &arrivals::MODULATION,
    &arrivals::SCALE,
    &shapes::SLOWDOWN,
    &shapes::BUCKET,
    &shapes::PRICES,
];

/// Where a path of words leads.
#[derive(Clone, Copy, Debug)]
pub enum Topic {
    /// A key of a table.
    Key(&'static Table, &'static Key),
    /// A table or an inline table.
    Table(&'static Table),
}

impl Table {
    /// The key of this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// How a key of this table is written as a path, or as `--set` takes it.
    pub fn path_of(&self, key: &Key) -> String {
        match self.form {
            Form::Top => key.name.to_string(),
            Form::Table | Form::List => format!("{}.{}", self.path, key.name),
            Form::Shape(host) => format!("{host}.{}", key.name),
        }
    }

    /// The fact that the default of a key of this table is, where it is one; those of a shape go by the shape's name.
    pub fn fact(&self, key: &Key) -> Option<&'static Fact> {
        let path = match self.form {
            Form::Shape(_) => format!("{}.{}", self.path, key.name),
            Form::Top | Form::Table | Form::List => self.path_of(key),
        };
        facts::all().find(|fact| fact.key == path)
    }

    /// As it stands in the file.
    pub fn header(&self) -> String {
        match self.form {
            Form::Top => "the top of the file".to_string(),
            Form::Table => format!("[{}]", self.path),
            Form::List => format!("[[{}]]", self.path),
            Form::Shape(_) => format!("{{ {} }}", self.path),
        }
    }
}

impl Key {
    /// The inline table that this key may be.
    pub fn shape(&self) -> Option<&'static str> {
        self.kinds.iter().find_map(|kind| match kind {
            Kind::Shape(name) => Some(*name),
            Kind::Distribution => Some("distribution"),
            _ => None,
        })
    }

    /// The table that this key opens.
    pub fn table(&self) -> Option<&'static str> {
        self.kinds.iter().find_map(|kind| match kind {
            Kind::Table(name) | Kind::Tables(name) => Some(*name),
            _ => None,
        })
    }
}

/// The table or inline table of this name.
pub fn table(path: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.path == path)
}

/// The top of the file.
pub fn top() -> &'static Table {
    TABLES[0]
}

/// Follows a path such as `queue.visibility_timeout`, `arrivals[0].rate`, `direct.lambda.timeout`, `lambda.duration.p99`, or
/// from an inline table on, `retry.interval`.
pub fn follow(path: &str) -> Option<Topic> {
    let from_shape = path.split_once('.').filter(|(first, _)| top().key(first).is_none());
    let (start, words) = match from_shape.and_then(|(first, rest)| Some((table(first)?, rest))) {
        Some((shape, rest)) => (shape, rest),
        None => (top(), path),
    };
    let mut topic = Topic::Table(start);
    for word in words.split('.') {
        let name = word.split('[').next().unwrap_or_default();
        let inside = match topic {
            Topic::Table(table) => table,
            Topic::Key(_, key) => table(key.table().or(key.shape())?)?,
        };
        topic = Topic::Key(inside, inside.key(name)?);
    }
    match topic {
        Topic::Key(_, key) if key.table().is_some() => table(key.table()?).map(Topic::Table),
        other => Some(other),
    }
}

/// Every key with its path, tables in their order.
pub fn all() -> impl Iterator<Item = (&'static Table, &'static Key, String)> {
    TABLES.iter().flat_map(|table| table.keys.iter().map(|key| (*table, key, table.path_of(key))))
}

/// Keys that go by a name of their own alone, or by AWS's.
pub fn called(name: &str) -> Vec<(&'static Table, &'static Key, String)> {
    let aws = |key: &Key| key.aws.split([',', ';']).any(|word| word.trim().eq_ignore_ascii_case(name));
    all().filter(|(_, key, _)| key.name.eq_ignore_ascii_case(name) || aws(key)).collect()
}

#[cfg(test)]
pub mod recording;

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
