//! Writes down what the readers of the tables ask for, so that tests can hold it against the list of keys.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What was asked of one table, by its name in messages.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Keys that a reader took or would have taken.
    pub known: BTreeSet<String>,
    /// The words that a key of words takes.
    pub words: BTreeMap<String, BTreeSet<String>>,
    /// The bounds of a whole number.
    pub bounds: BTreeMap<String, (u64, u64)>,
}

thread_local! {
    static ASKED: RefCell<BTreeMap<String, Asked>> = const { RefCell::new(BTreeMap::new()) };
}

/// A table was read.
pub fn table(name: &str, known: &[&'static str]) {
    with(name, |asked| {
        asked.known.extend(known.iter().map(ToString::to_string));
    });
}

/// A key of words was read.
pub fn words<'a>(name: &str, key: &str, words: impl Iterator<Item = &'a str>) {
    with(name, |asked| asked.words.entry(key.to_string()).or_default().extend(words.map(ToString::to_string)));
}

/// A whole number was read.
pub fn bounds(name: &str, key: &str, least: u64, most: u64) {
    with(name, |asked| {
        asked.bounds.insert(key.to_string(), (least, most));
    });
}

fn with(name: &str, note: impl FnOnce(&mut Asked)) {
    ASKED.with_borrow_mut(|all| note(all.entry(name.to_string()).or_default()));
}

/// What was asked during some work on this thread.
pub fn during(work: impl FnOnce()) -> BTreeMap<String, Asked> {
    ASKED.take();
    work();
    ASKED.take()
}
