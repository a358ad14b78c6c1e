//! Reads one table of the scenario key by key. It collects every mistake instead of stopping at the first, remembers
//! which keys there are, and writes down each value (given or default) for the resolved scenario.

use crate::scenario::diagnostics::{Mistake, Place, listed, nearest, wrapped};
#[cfg(test)]
use crate::scenario::keys::recording;
use crate::scenario::resolved::Line;
use crate::scenario::tree::{Node, Table, Value};
use crate::scenario::units;
use crate::scenario::values::{
    DURATION, INSTANT, Kind, alternatives, no_such_word, quoted, read, read_number, read_whole, wrong_type,
};
use crate::time::{SimDuration, SimTime};

/// What messages call the table that holds all others.
pub const TOP_OF_FILE: &str = "the scenario";

/// A value that was read, and its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// One table being read.
pub struct Reader<'m, 't> {
    /// All mistakes so far.
    pub mistakes: &'m mut Vec<Mistake>,
    /// The table.
    pub table: &'t Table,
    /// Its header, or where its first key stands.
    pub place: Place,
    /// Its name in messages, for example `[queue]`.
    pub name: String,
    lines: Vec<Line>,
    known: Vec<&'static str>,
    /// Keys that are answered with a mistake of their own.
    answered: Vec<&'static str>,
    /// Where this table overrides another: "none" is said even where it is the default.
    overrides: bool,
}

/// What people write for "none".
const OTHER_NONES: [&str; 8] = ["unlimited", "infinite", "infinity", "inf", "never", "off", "null", "disabled"];

/// Says that there is no such limit, where a profile has one.
pub const NONE: &str = "none";

impl<'m, 't> Reader<'m, 't> {
    /// Begins to read a table.
    pub fn open(mistakes: &'m mut Vec<Mistake>, table: &'t Table, place: Place, name: &str) -> Reader<'m, 't> {
        let (lines, known, answered) = (Vec::new(), Vec::new(), Vec::new());
        Reader { mistakes, table, place, name: name.to_string(), lines, known, answered, overrides: false }
    }

    /// The table overrides another one: its values are written down whatever the defaults are.
    pub fn overriding(mut self) -> Reader<'m, 't> {
        self.overrides = true;
        self
    }

    /// Refuses keys that stand for what is outside the model, with the reason.
    pub fn not_modelled(&mut self, keys: &[&'static str], what: &str) {
        for key in keys {
            if let Some(place) = self.key_place(key) {
                let mistake = Mistake::at(place, format!("{what} are not modelled"));
                self.mistakes.push(
                    mistake
                        .label(format!("`{key}`"))
                        .help("leave it out; the model has standard queues and on-demand pollers"),
                );
                self.answered.push(key);
            }
        }
    }

    /// Refuses every key that was not asked for.
    pub fn finish(self) -> Vec<Line> {
        #[cfg(test)]
        recording::table(&self.name, &self.known);
        for entry in &self.table.0 {
            let key = entry.key.as_str();
            if self.known.contains(&key) || self.answered.contains(&key) {
                continue;
            }
            let mistake = self.unknown(key, entry.key_place);
            self.mistakes.push(mistake);
        }
        self.lines
    }

    fn unknown(&self, key: &str, place: Place) -> Mistake {
        let help = match nearest(key, self.known.iter().copied()) {
            Some(candidate) => format!("did you mean `{candidate}`?"),
            None => wrapped(&format!("its keys are {}", listed(&self.known))),
        };
        Mistake::at(place, format!("unknown key `{key}` in {}", self.name)).label("not a key of this table").help(help)
    }

    /// The raw value of a key.
    pub fn node(&mut self, key: &'static str) -> Option<&'t Node> {
        self.known.push(key);
        self.table.entry(key).map(|entry| &entry.node)
    }

    /// Writes down a value for the resolved scenario.
    pub fn record(&mut self, key: &str, value: impl Into<String>, default: bool) {
        self.lines.push(Line::value(key, value, default));
    }

    /// Writes down that a key has no value.
    pub fn record_none(&mut self, key: &str) {
        self.lines.push(Line::none(key));
    }

    /// A value with a unit.
    pub fn value<T: Copy>(&mut self, key: &'static str, kind: &Kind<T>) -> Option<Found<T>> {
        let Some(node) = self.node(key) else {
            self.record_none(key);
            return None;
        };
        match read(node, key, kind) {
            Ok(value) => {
                self.record(key, quoted(&(kind.show)(value)), false);
                Some(Found { value, place: node.place })
            }
            Err(mistake) => {
                self.mistakes.push(mistake);
                None
            }
        }
    }

    /// An instant: `"25min"` after the start of the run, or `"+5min"` after `origin`, the start of the phase so marked.
    pub fn instant(&mut self, key: &'static str, origin: Option<SimTime>) -> Option<SimTime> {
        let Found { value, place } = self.value(key, &INSTANT)?;
        if !value.after_origin {
            return Some(SimTime::ZERO + value.length);
        }
        if origin.is_none() {
            let what = format!("`{key}` counts from the origin, but no phase is marked as origin");
            let shown = (DURATION.show)(value.length);
            self.mistakes.push(Mistake::at(place, what).label("the + says so").help(format!(
                "write origin = true in the phase that time is counted from, or {key} = \"{shown}\" after the start of \
                 the run"
            )));
        }
        Some(origin? + value.length)
    }

    /// A value with a unit, or its default.
    pub fn value_or<T: Copy>(&mut self, key: &'static str, kind: &Kind<T>, default: T) -> T {
        if self.table.entry(key).is_none() {
            self.known.push(key);
            self.record(key, quoted(&(kind.show)(default)), true);
            return default;
        }
        self.value(key, kind).map_or(default, |found| found.value)
    }

    /// Whether the key is there and says "none".
    fn says_none(&self, key: &str) -> bool {
        matches!(self.table.entry(key).map(|entry| &entry.node.value), Some(Value::Text(word)) if word == NONE)
    }

    /// Writes down that there is no such limit: as a comment where that is the default, else as a value.
    fn record_limit_none(&mut self, key: &str, is_default: bool) {
        if is_default && !self.overrides {
            self.record_none(key);
        } else {
            self.record(key, quoted(NONE), false);
        }
    }

    /// A limit that a scenario may switch off with "none": given or default. `read` is only asked for other values; it
    /// records them itself.
    pub fn limit<T>(
        &mut self,
        key: &'static str,
        default: Option<(T, String)>,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.table.entry(key).is_none() {
            self.known.push(key);
            return match default {
                Some((value, canonical)) => {
                    self.record(key, canonical, true);
                    Some(value)
                }
                None => {
                    self.record_none(key);
                    None
                }
            };
        }
        if self.says_none(key) {
            self.known.push(key);
            self.record_limit_none(key, default.is_none());
            return None;
        }
        if let Some(Value::Text(word)) = self.table.entry(key).map(|entry| &entry.node.value)
            && OTHER_NONES.contains(&word.to_lowercase().as_str())
            && let Some(node) = self.node(key)
        {
            let mistake = Mistake::at(node.place, format!("`{key}`: unknown word {word:?}"));
            self.mistakes.push(mistake.help("write \"none\" for no such limit"));
            return default.map(|(value, _)| value);
        }
        read(self).or(default.map(|(value, _)| value))
    }

    /// A positive duration that a scenario may switch off with "none"; `why` says so for zero.
    pub fn duration_limit(
        &mut self,
        key: &'static str,
        default: Option<SimDuration>,
        why: &str,
    ) -> Option<SimDuration> {
        let shown = default.map(|length| (length, quoted(&(DURATION.show)(length))));
        self.limit(key, shown, |reader| reader.positive_duration(key, why).map(|found| found.value))
    }

    /// A whole number that a scenario may switch off with "none".
    pub fn whole_limit(&mut self, key: &'static str, least: u64, most: u64, default: Option<u64>) -> Option<u64> {
        let shown = default.map(|number| (number, number.to_string()));
        self.limit(key, shown, |reader| reader.whole(key, least, most).map(|found| found.value))
    }

    /// A count of at least `least` that a scenario may switch off with "none".
    pub fn count_limit(&mut self, key: &'static str, least: u32, default: Option<u32>) -> Option<u32> {
        let found = self.whole_limit(key, u64::from(least), u64::from(u32::MAX), default.map(u64::from));
        found.map(|count| u32::try_from(count).expect("checked against the largest"))
    }

    /// A duration that must not be zero.
    pub fn positive_duration(&mut self, key: &'static str, why: &str) -> Option<Found<SimDuration>> {
        let found = self.value(key, &DURATION)?;
        if found.value.is_zero() {
            self.mistakes.push(
                Mistake::at(found.place, format!("`{key}` must be longer than zero")).label("no time at all").help(why),
            );
            return None;
        }
        Some(found)
    }

    /// A whole number within bounds.
    pub fn whole(&mut self, key: &'static str, least: u64, most: u64) -> Option<Found<u64>> {
        #[cfg(test)]
        recording::bounds(&self.name, key, least, most);
        let Some(node) = self.node(key) else {
            self.record_none(key);
            return None;
        };
        match read_whole(node, key, least, most) {
            Ok(value) => {
                self.record(key, value.to_string(), false);
                Some(Found { value, place: node.place })
            }
            Err(mistake) => {
                self.mistakes.push(mistake);
                None
            }
        }
    }

    /// A whole number within bounds, or its default.
    pub fn whole_or(&mut self, key: &'static str, least: u64, most: u64, default: u64) -> u64 {
        if self.table.entry(key).is_none() {
            self.known.push(key);
            self.record(key, default.to_string(), true);
            return default;
        }
        self.whole(key, least, most).map_or(default, |found| found.value)
    }

    /// A plain number of at least `least`.
    pub fn number(&mut self, key: &'static str, least: f64) -> Option<Found<f64>> {
        let Some(node) = self.node(key) else {
            self.record_none(key);
            return None;
        };
        match read_number(node, key, least) {
            Ok(value) => {
                self.record(key, units::show_number(value), false);
                Some(Found { value, place: node.place })
            }
            Err(mistake) => {
                self.mistakes.push(mistake);
                None
            }
        }
    }

    /// A plain number of at least `least`, or its default.
    pub fn number_or(&mut self, key: &'static str, least: f64, default: f64) -> f64 {
        if self.table.entry(key).is_none() {
            self.known.push(key);
            self.record(key, units::show_number(default), true);
            return default;
        }
        self.number(key, least).map_or(default, |found| found.value)
    }

    /// True or false, or the default.
    pub fn truth_or(&mut self, key: &'static str, default: bool) -> bool {
        let Some(node) = self.node(key) else {
            self.record(key, default.to_string(), true);
            return default;
        };
        match &node.value {
            Value::Truth(truth) => {
                self.record(key, truth.to_string(), false);
                *truth
            }
            _ => {
                self.mistakes.push(wrong_type(node, key, "a boolean", "write true or false, without quotes"));
                default
            }
        }
    }

    /// A string.
    pub fn text(&mut self, key: &'static str) -> Option<Found<&'t str>> {
        let node = self.node(key)?;
        match &node.value {
            Value::Text(text) => Some(Found { value: text.as_str(), place: node.place }),
            _ => {
                let help = match &node.value {
                    Value::Number { written, .. } => format!("write it in quotes: \"{written}\""),
                    _ => "write it in quotes".to_string(),
                };
                self.mistakes.push(wrong_type(node, key, "a string", &help));
                None
            }
        }
    }

    /// One word out of a list; `left_out` are words of AWS that are not modelled.
    pub fn choice_or<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&'static str, T)],
        left_out: &[&str],
        default: T,
        default_word: &str,
    ) -> T {
        #[cfg(test)]
        recording::words(&self.name, key, words.iter().map(|(word, _)| *word));
        if self.table.entry(key).is_none() {
            self.known.push(key);
            self.record(key, quoted(default_word), true);
            return default;
        }
        let Some(found) = self.text(key) else { return default };
        if let Some((word, value)) = words.iter().find(|(word, _)| *word == found.value) {
            self.record(key, quoted(word), false);
            return *value;
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        if left_out.contains(&found.value) {
            let mistake = Mistake::at(found.place, format!("{key} = {:?} is not modelled", found.value));
            self.mistakes.push(mistake.help(format!("write {}", alternatives(&names))));
        } else {
            self.mistakes.push(no_such_word(found.place, key, found.value, &names));
        }
        default
    }

    /// The table under a key.
    pub fn inner(&mut self, key: &'static str) -> Option<(&'t Table, Place)> {
        let node = self.node(key)?;
        match &node.value {
            Value::Table(table) => Some((table, node.place)),
            _ => {
                self.mistakes.push(wrong_type(node, key, "a table", &format!("write it as a table: [{key}]")));
                None
            }
        }
    }

    /// The first of these keys that is there, and where its name stands.
    pub fn first_of(&self, keys: &[&'static str]) -> Option<(&'static str, Place)> {
        keys.iter().find_map(|key| self.table.entry(key).map(|entry| (*key, entry.key_place)))
    }

    /// Where a key's name stands.
    pub fn key_place(&self, key: &str) -> Option<Place> {
        self.table.entry(key).map(|entry| entry.key_place)
    }
}
