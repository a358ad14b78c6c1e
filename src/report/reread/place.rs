//! A value of results.json and where it stands: whoever asks for what is not there gets nothing, and that is noted.

use std::cell::RefCell;

use serde_json::Value;

use super::Unreadable;
use crate::time::{SimDuration, SimTime};

const NANOS: f64 = 1e9;
static NOTHING: Value = Value::Null;

/// All that was missing or wrong so far.
#[derive(Debug, Default)]
pub struct Wrongs {
    missing: RefCell<Vec<String>>,
    wrong: RefCell<Vec<String>>,
}

impl Wrongs {
    /// So much is missing from the beginning.
    pub fn with_missing(missing: Vec<String>) -> Wrongs {
        Wrongs { missing: RefCell::new(missing), wrong: RefCell::default() }
    }

    /// Something is not there.
    pub fn missing(&self, what: String) {
        self.missing.borrow_mut().push(what);
    }

    /// Something is not what it should be.
    pub fn wrong(&self, sentence: String) {
        self.wrong.borrow_mut().push(sentence);
    }

    /// Nothing, or what there was; gaps first, for they explain the rest.
    pub fn into_result(self) -> Result<(), Unreadable> {
        match (self.missing.into_inner(), self.wrong.into_inner()) {
            (missing, _) if !missing.is_empty() => Err(Unreadable::Lacks(missing)),
            (_, wrong) if !wrong.is_empty() => Err(Unreadable::Wrong(wrong)),
            _ => Ok(()),
        }
    }
}

/// A place in the document.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    value: Option<&'a Value>,
    path: String,
    wrongs: &'a Wrongs,
}

impl<'a> Place<'a> {
    /// The whole document.
    pub fn root(document: &'a Value, wrongs: &'a Wrongs) -> Place<'a> {
        Place { value: Some(document), path: String::new(), wrongs }
    }

    /// What stands under a key, which must be there.
    pub fn at(&self, key: &str) -> Place<'a> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let value = self.value.and_then(|value| value.get(key));
        if value.is_none() && self.value.is_some() {
            self.wrongs.missing(path.clone());
        }
        Place { value, path, wrongs: self.wrongs }
    }

    /// What stands under a path such as `limits[2].bound_s`.
    pub fn along(&self, path: &str) -> Place<'a> {
        let steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
        steps.fold(self.clone(), |place, step| match step.parse::<usize>() {
            Ok(index) => place.list().into_iter().nth(index).unwrap_or_else(|| place.nowhere()),
            Err(_) => place.at(step),
        })
    }

    fn nowhere(&self) -> Place<'a> {
        Place { value: None, path: self.path.clone(), wrongs: self.wrongs }
    }

    /// What stands under a key, if it is there and not null.
    pub fn perhaps(&self, key: &str) -> Option<Place<'a>> {
        let there = self.value.and_then(|value| value.get(key)).is_some_and(|value| !value.is_null());
        there.then(|| self.at(key))
    }

    /// The place itself, unless it is null.
    pub fn unless_null(self) -> Option<Place<'a>> {
        if self.value.is_some_and(Value::is_null) { None } else { Some(self) }
    }

    /// The items of a list.
    pub fn list(&self) -> Vec<Place<'a>> {
        let items = self.read("a list", Value::as_array).map_or(&[][..], Vec::as_slice);
        let item =
            |(index, value)| Place { value: Some(value), path: format!("{}[{index}]", self.path), wrongs: self.wrongs };
        items.iter().enumerate().map(item).collect()
    }

    /// The entries of a table.
    pub fn entries(&self) -> Vec<(&'a str, Place<'a>)> {
        let Some(table) = self.read("a table", Value::as_object) else { return Vec::new() };
        table.keys().map(|key| (key.as_str(), self.at_exactly(key))).collect()
    }

    /// A key that may have dots in it.
    fn at_exactly(&self, key: &str) -> Place<'a> {
        let value = self.value.and_then(|value| value.get(key));
        Place { value, path: format!("{}.\"{key}\"", self.path), wrongs: self.wrongs }
    }

    fn read<T: 'a>(&self, what: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.value?;
        let found = read(value);
        if found.is_none() {
            let text = value.to_string();
            let shown: String = text.chars().take(40).collect();
            let dots = if shown.len() < text.len() { "…" } else { "" };
            self.wrongs.wrong(format!("{} is {shown}{dots}, not {what}", self.path));
        }
        found
    }

    /// A number.
    pub fn number(&self) -> f64 {
        self.read("a number", Value::as_f64).unwrap_or(0.0)
    }

    /// A number, or null.
    pub fn maybe(&self) -> Option<f64> {
        let value = self.value.unwrap_or(&NOTHING);
        if value.is_null() { None } else { Some(self.number()) }
    }

    /// A whole number that is not negative.
    pub fn count(&self) -> u64 {
        self.read("a whole number", Value::as_u64).unwrap_or(0)
    }

    /// A text.
    pub fn text(&self) -> &'a str {
        self.read("a text", Value::as_str).unwrap_or_default()
    }

    /// A text that is one of several words.
    pub fn one_of(&self, words: &[&'static str]) -> &'static str {
        let known = |text: &str| words.iter().find(|word| **word == text).copied();
        let what = format!("one of {}", words.join(", "));
        self.read(&what, |value| value.as_str().and_then(known)).unwrap_or(words[0])
    }

    /// Yes or no.
    pub fn flag(&self) -> bool {
        self.read("true or false", Value::as_bool).unwrap_or(false)
    }

    /// An instant, in seconds since the run began.
    pub fn instant(&self) -> SimTime {
        SimTime((self.seconds() * NANOS).round() as u64)
    }

    /// A length of time in seconds.
    pub fn length(&self) -> SimDuration {
        SimDuration((self.seconds() * NANOS).round() as u64)
    }

    /// A number that is not negative.
    pub fn seconds(&self) -> f64 {
        self.read("a number of seconds", |value| value.as_f64().filter(|seconds| *seconds >= 0.0)).unwrap_or(0.0)
    }

    /// Notes that what stands here is wrong.
    pub fn refuse(&self, sentence: &str) {
        self.wrongs.wrong(format!("{} {sentence}", self.path));
    }
}
