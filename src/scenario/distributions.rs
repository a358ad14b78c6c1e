//! Distributions: `"120ms"`, `{ p50, p99 }`, `{ mean, distribution = "exponential" }` and so on, for durations and, without
//! a mean of their own, for the spacing of arrivals.

use toml::de::DeValue;

use crate::random::Distribution;
use crate::scenario::diagnostics::{Mistake, Place, listed, suggestion};
use crate::scenario::files::Content;
use crate::scenario::reader::{Found, Reader};
use crate::scenario::resolved::inline;
use crate::scenario::tree::{self, Node, Table, Value};
use crate::scenario::values::{DURATION, quoted, read, wrong_type};
use crate::time::SimDuration;

/// The keys that each named distribution of durations takes: one of the sets, whole.
const OF_DURATIONS: [(&str, &[&[&str]]); 7] = [
    ("lognormal", &[&["p50", "p99"], &["mean", "cv"]]),
    ("exponential", &[&["mean"]]),
    ("hyperexponential", &[&["mean", "cv"]]),
    ("gamma", &[&["mean", "shape"], &["mean", "cv"]]),
    ("erlang", &[&["mean", "shape"]]),
    ("uniform", &[&["min", "max"]]),
    ("pareto", &[&["min", "shape"], &["min", "shape", "max"]]),
];

/// The same for spacings, whose mean is given by the rate.
const OF_SPACINGS: [(&str, &[&[&str]]); 6] = [
    ("exponential", &[&[]]),
    ("lognormal", &[&["cv"]]),
    ("hyperexponential", &[&["cv"]]),
    ("gamma", &[&["shape"], &["cv"]]),
    ("erlang", &[&["shape"]]),
    ("pareto", &[&["shape"]]),
];

/// A coefficient of variation beyond this is a slip of the keyboard; its square must stay a sensible number.
const LARGEST_CV: f64 = 1_000.0;
/// The same for a shape; the smallest is where a cv of 1,000 would put it.
const LARGEST_SHAPE: f64 = 1e6;
const SMALLEST_SHAPE: f64 = 1e-6;

/// What a distribution's table says.
#[derive(Clone, Copy, Debug)]
struct Parts {
    p50: Option<Found<SimDuration>>,
    p99: Option<Found<SimDuration>>,
    mean: Option<Found<SimDuration>>,
    cv: Option<Found<f64>>,
    shape: Option<Found<f64>>,
    min: Option<Found<SimDuration>>,
    max: Option<Found<SimDuration>>,
}

/// Reads a distribution of durations and its canonical text; `None` after a mistake.
pub fn of_durations(mistakes: &mut Vec<Mistake>, node: &Node, key: &str) -> Option<(Distribution, String)> {
    let Value::Table(table) = &node.value else {
        return match read(node, key, &DURATION) {
            Ok(length) => {
                let canonical = quoted(&crate::scenario::units::show_duration(length));
                Some((Distribution::constant(length.as_secs_f64()), canonical))
            }
            Err(mistake) => {
                mistakes.push(mistake);
                None
            }
        };
    };
    let before = mistakes.len();
    let mut reader = Reader::open(mistakes, table, node.place, &format!("`{key}`"));
    if reader.key_place("samples").is_some() {
        return of_samples(reader);
    }
    let parts = Parts {
        p50: reader.value("p50", &DURATION),
        p99: reader.value("p99", &DURATION),
        mean: reader.value("mean", &DURATION),
        cv: reader.number("cv", 0.0),
        shape: reader.number("shape", 0.0),
        min: reader.value("min", &DURATION),
        max: reader.value("max", &DURATION),
    };
    let name = name_of(&mut reader, &OF_DURATIONS, inferred_for_durations);
    let lines = reader.finish();
    let name = name?;
    fits(mistakes, node, table, name, sets_of(&OF_DURATIONS, name));
    check(mistakes, name, &parts);
    if mistakes.len() > before {
        return None;
    }
    Some((build(name, &parts), inline(&lines)))
}

/// `{ samples = "durations.csv" }`; the file has been read before the tables are.
fn of_samples(mut reader: Reader<'_, '_>) -> Option<(Distribution, String)> {
    let node = reader.node("samples")?;
    let file = match &node.value {
        Value::File(file) => Some(file),
        _ => {
            let help = "write for example samples = \"durations.csv\"";
            reader.mistakes.push(wrong_type(node, "samples", "the name of a file", help));
            None
        }
    };
    let alone = reader.table.0.len() == 1;
    if let Some(entry) = reader.table.0.iter().find(|entry| entry.key != "samples") {
        let mistake = Mistake::at(entry.key_place, format!("`{}` does not belong to samples", entry.key));
        reader.mistakes.push(mistake.help("measured values say all there is to say: leave it out"));
    }
    if alone {
        reader.finish();
    }
    match file?.content.as_ref()? {
        Content::Samples(table, _) if alone => {
            let canonical = format!("{{ samples = {} }}{}", file?.name(), file?.mark());
            Some((Distribution::samples(table), canonical))
        }
        _ => None,
    }
}

/// Reads a distribution of durations of a table; where it is missing, `default` is read, which is in canonical form.
pub fn of_key(reader: &mut Reader<'_, '_>, key: &'static str, default: &str) -> Distribution {
    let assumed = by_default(default);
    let Some(node) = reader.node(key) else {
        reader.record(key, default, true);
        return assumed;
    };
    match of_durations(reader.mistakes, node, key) {
        Some((distribution, canonical)) => {
            reader.record(key, canonical, false);
            distribution
        }
        None => assumed,
    }
}

/// A distribution that a scenario may switch off with "none".
pub fn limit(reader: &mut Reader<'_, '_>, key: &'static str, default: Option<&str>) -> Option<Distribution> {
    let shown = default.map(|text| (by_default(text), text.to_string()));
    reader.limit(key, shown, |reader| {
        let node = reader.node(key)?;
        let (distribution, canonical) = of_durations(reader.mistakes, node, key)?;
        reader.record(key, canonical, false);
        Some(distribution)
    })
}

/// A default in TOML; a test reads them all.
fn by_default(text: &str) -> Distribution {
    let parsed = DeValue::parse(text).expect("a default is TOML");
    of_durations(&mut Vec::new(), &tree::node(&parsed, 0, 0), "a default").expect("a default is a distribution").0
}

/// Reads the table of a renewal spacing: a distribution of mean one second, and its canonical text.
pub fn of_spacing(mistakes: &mut Vec<Mistake>, node: &Node, table: &Table) -> Option<(Distribution, String)> {
    let before = mistakes.len();
    if let Some(entry) = table.entry("samples") {
        let mistake = Mistake::at(entry.key_place, "a spacing cannot be given by samples");
        mistakes.push(mistake.help("for recorded arrivals write trace = \"orders.csv\" instead of a rate"));
    }
    for key in ["mean", "p50", "p99", "min", "max"] {
        if let Some(entry) = table.entry(key) {
            mistakes.push(
                Mistake::at(entry.key_place, format!("a spacing has no `{key}` of its own"))
                    .label("the rate gives the mean gap")
                    .help("leave it out; say the shape alone, for example { cv = 3 }"),
            );
        }
    }
    if mistakes.len() > before {
        return None;
    }
    let mut reader = Reader::open(mistakes, table, node.place, "`spacing`");
    let one_second = Some(Found { value: SimDuration::from_secs(1), place: node.place });
    let parts = Parts {
        p50: None,
        p99: None,
        mean: one_second,
        cv: reader.number("cv", 0.0),
        shape: reader.number("shape", 0.0),
        min: None,
        max: None,
    };
    let name = name_of(&mut reader, &OF_SPACINGS, inferred_for_spacing);
    let lines = reader.finish();
    let name = name?;
    fits(mistakes, node, table, name, sets_of(&OF_SPACINGS, name));
    check(mistakes, name, &parts);
    if mistakes.len() > before {
        return None;
    }
    Some((build(name, &parts), inline(&lines)))
}

/// The distribution's name, given or inferred from the keys.
fn name_of(
    reader: &mut Reader<'_, '_>,
    names: &[(&'static str, &[&[&str]])],
    infer: fn(&Table) -> Result<&'static str, &'static str>,
) -> Option<&'static str> {
    if reader.key_place("distribution").is_none() {
        reader.node("distribution");
        return match infer(reader.table) {
            Ok(name) => {
                reader.record("distribution", quoted(name), true);
                Some(name)
            }
            Err(help) => {
                let place = reader.place;
                reader.mistakes.push(Mistake::at(place, format!("which distribution is {}?", reader.name)).help(help));
                None
            }
        };
    }
    let found = reader.text("distribution")?;
    if let Some((name, _)) = names.iter().find(|(name, _)| *name == found.value) {
        reader.record("distribution", quoted(name), false);
        return Some(name);
    }
    let known: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    let message = format!("`distribution`: unknown word {:?}", found.value);
    reader.mistakes.push(Mistake::at(found.place, message).help(suggestion(found.value, &known)));
    None
}

fn inferred_for_durations(table: &Table) -> Result<&'static str, &'static str> {
    let has = |key| table.entry(key).is_some();
    if has("p50") || has("p99") {
        return Ok("lognormal");
    }
    Err(match (has("cv"), has("shape"), has("min") || has("max")) {
        (true, _, _) => "add distribution = \"lognormal\", \"hyperexponential\" or \"gamma\"",
        (_, true, true) => "add distribution = \"pareto\"",
        (_, true, false) => "add distribution = \"gamma\" or \"erlang\"",
        (_, _, true) => "add distribution = \"uniform\"",
        _ => "add distribution = \"exponential\", or write the duration alone if it is constant",
    })
}

fn inferred_for_spacing(table: &Table) -> Result<&'static str, &'static str> {
    match (table.entry("cv"), table.entry("shape")) {
        (Some(_), None) => Ok("gamma"),
        (None, None) => Err("write for example { cv = 3 }, or spacing = \"poisson\""),
        _ => Err("add distribution = \"erlang\", \"gamma\" or \"pareto\""),
    }
}

fn sets_of<'a>(names: &[(&str, &'a [&'a [&'a str]])], name: &str) -> &'a [&'a [&'a str]] {
    names.iter().find(|(known, _)| *known == name).map_or(&[], |(_, sets)| *sets)
}

/// The keys given must be exactly one of the sets.
fn fits(mistakes: &mut Vec<Mistake>, node: &Node, table: &Table, name: &str, sets: &[&[&str]]) {
    let given: Vec<(&str, Place)> = table
        .0
        .iter()
        .filter(|entry| ["p50", "p99", "mean", "cv", "shape", "min", "max"].contains(&entry.key.as_str()))
        .map(|entry| (entry.key.as_str(), entry.key_place))
        .collect();
    let overlap = |set: &[&str]| given.iter().filter(|(key, _)| set.contains(key)).count();
    let set = sets.iter().copied().rev().max_by_key(|set| overlap(set)).unwrap_or_default();
    let article = if name.starts_with(['e', 'u']) && name != "uniform" { "an" } else { "a" };
    let keys = sets.iter().map(|set| listed(set)).collect::<Vec<_>>().join(", or ");
    let help = if set.is_empty() { "it needs no more than its name".to_string() } else { format!("it takes {keys}") };
    let missing: Vec<&str> = set.iter().copied().filter(|key| table.entry(key).is_none()).collect();
    if !missing.is_empty() {
        let message = format!("{article} {name} distribution needs {}", listed(&missing));
        mistakes.push(Mistake::at(node.place, message).help(help.clone()));
    }
    for (key, place) in given.iter().filter(|(key, _)| !set.contains(key)) {
        let message = format!("`{key}` does not belong to {article} {name} distribution");
        mistakes.push(Mistake::at(*place, message).help(help.clone()));
    }
}

/// What each value may be.
fn check(mistakes: &mut Vec<Mistake>, name: &str, parts: &Parts) {
    let shortest = parts.min.filter(|_| name == "pareto");
    for (key, found) in [("p50", parts.p50), ("mean", parts.mean), ("min", shortest)] {
        if let Some(found) = found
            && found.value.is_zero()
        {
            let mistake = Mistake::at(found.place, format!("`{key}` must be longer than zero"));
            mistakes.push(mistake.help("write \"0s\" alone for work that takes no time"));
        }
    }
    if let (Some(p50), Some(p99)) = (parts.p50, parts.p99)
        && p99.value < p50.value
    {
        let mistake = Mistake::at(p99.place, "`p99` is shorter than `p50`").label("the 99th percentile");
        let help = "99 % of the values lie below `p99`, 50 % below `p50`";
        mistakes.push(mistake.and(Some(p50.place), "the median").help(help));
    }
    if let (Some(min), Some(max)) = (parts.min, parts.max)
        && max.value <= min.value
    {
        let mistake = Mistake::at(max.place, "`max` is not longer than `min`").and(Some(min.place), "the shortest");
        mistakes.push(mistake.help("write a longer `max`, or the duration alone if it is constant"));
    }
    mistakes.extend(parts.cv.and_then(|cv| wrong_cv(name, cv)));
    mistakes.extend(parts.shape.and_then(|shape| wrong_shape(name, shape, parts.max.is_some())));
}

fn wrong_cv(name: &str, cv: Found<f64>) -> Option<Mistake> {
    let (message, help) = match cv.value {
        0.0 => {
            ("must be more than zero".to_string(), "a constant is written as \"120ms\", an even spacing as \"even\"")
        }
        value if name == "hyperexponential" && value < 1.0 => (
            format!("{value} is less than 1, which a hyperexponential distribution cannot have"),
            "write cv = 1 or more; below 1 use \"gamma\" or \"lognormal\"",
        ),
        value if value > LARGEST_CV => (format!("{value} is too large"), "the largest is 1000"),
        _ => return None,
    };
    Some(Mistake::at(cv.place, format!("`cv`: {message}")).help(help))
}

fn wrong_shape(name: &str, shape: Found<f64>, cut_off: bool) -> Option<Mistake> {
    let value = shape.value;
    let (message, help) = if name == "erlang" && (value < 1.0 || value.fract() != 0.0) {
        (
            format!("{value} is not a whole number, which an erlang distribution needs"),
            "write 1, 2, 3 and so on, or distribution = \"gamma\"",
        )
    } else if name == "pareto" && value <= 1.0 && !cut_off {
        (
            format!("a pareto distribution of shape {value} has no finite mean"),
            "write a shape above 1; a duration may also have a `max`",
        )
    } else if (SMALLEST_SHAPE..=LARGEST_SHAPE).contains(&value) {
        return None;
    } else {
        (format!("{value} is out of bounds"), "it lies between 0.000001 and 1000000")
    };
    Some(Mistake::at(shape.place, format!("`shape`: {message}")).help(help))
}

/// Only called without mistakes, when the keys of the form are all there.
fn build(name: &str, parts: &Parts) -> Distribution {
    let seconds = |found: Option<Found<SimDuration>>| found.expect("the form's keys are there").value.as_secs_f64();
    let number = |found: Option<Found<f64>>| found.expect("the form's keys are there").value;
    match name {
        "lognormal" if parts.p50.is_some() => {
            Distribution::log_normal_percentiles(seconds(parts.p50), seconds(parts.p99))
        }
        "lognormal" => Distribution::log_normal(seconds(parts.mean), number(parts.cv)),
        "exponential" => Distribution::exponential(seconds(parts.mean)),
        "hyperexponential" => Distribution::hyperexponential(seconds(parts.mean), number(parts.cv)),
        "gamma" if parts.cv.is_some() => {
            let cv = number(parts.cv);
            Distribution::gamma(seconds(parts.mean), 1.0 / (cv * cv))
        }
        "uniform" => Distribution::uniform(seconds(parts.min), seconds(parts.max)),
        // A spacing has a mean of one second.
        "pareto" if parts.min.is_none() => {
            let shape = number(parts.shape);
            Distribution::pareto((shape - 1.0) / shape, shape, None)
        }
        "pareto" => {
            let max = parts.max.map(|max| max.value.as_secs_f64());
            Distribution::pareto(seconds(parts.min), number(parts.shape), max)
        }
        _ => Distribution::gamma(seconds(parts.mean), number(parts.shape)),
    }
}

#[cfg(test)]
#[path = "distributions_tests.rs"]
mod tests;
