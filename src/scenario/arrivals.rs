//! `[[arrivals]]`: phases that follow each other.

use crate::scenario::diagnostics::{Mistake, Place, listed, nearest};
use crate::scenario::distributions::of_spacing;
use crate::scenario::files::Content;
use crate::scenario::reader::{Found, Reader};
use crate::scenario::resolved::{Line, inline};
use crate::scenario::tree::{Node, Table, Value};
use crate::scenario::units::show_duration;
use crate::scenario::values::{RATE, SHARE, quoted, read_number, read_whole, wrong_type};
use crate::time::SimDuration;
use crate::workload::Wave;
use crate::workload::spec::{Batch, Modulation, Phase, Rate, Spacing};
use crate::workload::trace::Trace;

/// Orders at one instant at most; more than that is refused by the estimate anyway.
pub const MOST_ORDERS: u64 = 100_000_000_000;

/// A coefficient of variation of the rate beyond this is a slip of the keyboard: nearly all orders would come in a few
/// moments.
const LARGEST_RATE_CV: f64 = 10.0;

/// Reads all phases, each with its lines for the resolved scenario.
pub fn read(mistakes: &mut Vec<Mistake>, node: &Node) -> Vec<(Phase, Vec<Line>)> {
    let Value::List(phases) = &node.value else {
        let mistake = wrong_type(node, "arrivals", "a list of tables", "write [[arrivals]] with two brackets");
        mistakes.push(mistake);
        return Vec::new();
    };
    let mut read = Vec::new();
    let mut origin: Option<Place> = None;
    for phase in phases {
        let Value::Table(table) = &phase.value else {
            mistakes.push(wrong_type(phase, "arrivals", "a list of tables", "write [[arrivals]] above each phase"));
            continue;
        };
        let reader = Reader::open(mistakes, table, phase.place, "[[arrivals]]");
        let (phase, lines) = read_phase(reader, &mut origin);
        read.push((phase, lines));
    }
    read
}

fn read_phase(mut reader: Reader<'_, '_>, origin: &mut Option<Place>) -> (Phase, Vec<Line>) {
    let name = reader.text("name").map(|found| found.value.to_string());
    if let Some(name) = &name {
        reader.record("name", quoted(name), false);
    }
    let trace = read_trace(&mut reader);
    let has_trace = reader.key_place("trace").is_some();
    let rate = if has_trace { Rate::Constant { rate: 0.0 } } else { read_rate(&mut reader) };
    let duration = reader.positive_duration("duration", "write a longer duration, or leave the phase out");
    let at_once = reader.key_place("at_once").is_some();
    if duration.is_none() && reader.key_place("duration").is_none() && !at_once && !has_trace {
        let place = reader.place;
        reader
            .mistakes
            .push(Mistake::at(place, "this phase has no duration").help("add for example duration = \"1min\""));
    }
    let (spacing, batch, modulation) = if at_once || has_trace {
        refuse_beside(&mut reader, if has_trace { "trace" } else { "at_once" });
        (Spacing::Poisson, Batch::Constant { orders: 1 }, None)
    } else {
        (read_spacing(&mut reader), read_batch(&mut reader), read_modulation(&mut reader))
    };
    let marked = reader.truth_or("origin", false);
    if marked {
        let place = reader.key_place("origin").unwrap_or(reader.place);
        match *origin {
            Some(first) => reader.mistakes.push(
                Mistake::at(place, "two phases are marked as origin")
                    .label("the second")
                    .and(Some(first), "the first")
                    .help("time is counted from one phase: remove one origin = true"),
            ),
            None => *origin = Some(place),
        }
    }
    let (rate, duration) = match trace {
        Some(trace) => {
            refuse_none_in_time(&mut reader, &trace, duration);
            let last = trace.facts.last;
            (Rate::Trace(trace), duration.map_or(last, |found| found.value))
        }
        None => (rate, duration.map_or(SimDuration::ZERO, |found| found.value)),
    };
    let mut lines = reader.finish();
    // Of the kinds of phase only the one it is: the others are not limits that were left out.
    lines.retain(Line::has_value);
    (Phase { name, duration, rate, spacing, batch, modulation, origin: marked }, lines)
}

/// `trace = "orders.csv"`; the file has been read before the tables are.
fn read_trace(reader: &mut Reader<'_, '_>) -> Option<Trace> {
    let node = reader.node("trace")?;
    let Value::File(file) = &node.value else {
        let help = "write for example trace = \"orders.csv\"";
        reader.mistakes.push(wrong_type(node, "trace", "the name of a file", help));
        return None;
    };
    match &file.content {
        Some(Content::Trace(trace)) => {
            reader.record("trace", format!("{}{}", file.name(), file.mark()), false);
            Some(trace.clone())
        }
        _ => None,
    }
}

/// A phase that ends before its trace begins has no orders.
fn refuse_none_in_time(reader: &mut Reader<'_, '_>, trace: &Trace, duration: Option<Found<SimDuration>>) {
    if let Some(found) = duration
        && trace.facts.first > found.value
    {
        let message = format!("the phase is over before its trace begins, at {}", show_duration(trace.facts.first));
        let mistake = Mistake::at(found.place, message).help("leave `duration` out, or write a longer one");
        reader.mistakes.push(mistake);
    }
}

/// `rate` with at most one of `ramp_to`, `decay_to` and `wave`, or `at_once`.
fn read_rate(reader: &mut Reader<'_, '_>) -> Rate {
    let nothing = Rate::Constant { rate: 0.0 };
    let named = |reader: &Reader<'_, '_>, key| reader.key_place(key);
    let at_once = reader.whole("at_once", 1, MOST_ORDERS);
    let rate = reader.value("rate", &RATE);
    let ramp_to = reader.value("ramp_to", &RATE);
    let decay_to = reader.value("decay_to", &RATE);
    let wave = read_wave(reader);
    if let Some(place) = named(reader, "at_once") {
        if let Some((key, other)) = reader.first_of(&["rate", "ramp_to", "decay_to", "wave"]) {
            let message = format!("`at_once` and `{key}` exclude each other");
            reader.mistakes.push(
                Mistake::at(other, message)
                    .label("orders spread over the phase")
                    .and(Some(place), "all orders at its start")
                    .help("keep one of them, or write two phases"),
            );
        }
        return at_once.map_or(nothing, |found| Rate::AtOnce { orders: found.value });
    }
    if named(reader, "rate").is_none() {
        let place = reader.place;
        reader.mistakes.push(
            Mistake::at(place, "this phase has no rate")
                .help("add for example rate = \"50/s\" (\"0/s\" is a pause), or at_once = 1000"),
        );
        return nothing;
    }
    let changes = [("ramp_to", "linear"), ("decay_to", "geometric"), ("wave", "up and down")];
    let mut given = changes.into_iter().filter_map(|(key, how)| named(reader, key).map(|place| (key, how, place)));
    if let (Some((first, how, place)), Some((second, otherwise, other))) = (given.next(), given.next()) {
        reader.mistakes.push(
            Mistake::at(other, format!("`{first}` and `{second}` exclude each other"))
                .label(otherwise)
                .and(Some(place), how)
                .help("keep one of them, or write two phases"),
        );
        return nothing;
    }
    let Some(from) = rate else { return nothing };
    match (ramp_to, decay_to, wave) {
        (Some(to), _, _) => Rate::Ramp { from: from.value, to: to.value },
        (None, Some(to), _) => decay(reader, from, to).unwrap_or(nothing),
        (None, None, Some((amplitude, period_s))) => Rate::Wave(Wave { rate: from.value, amplitude, period_s }),
        (None, None, None) => Rate::Constant { rate: from.value },
    }
}

/// `wave = { amplitude = "50%", period = "1d" }`: the amplitude as a fraction, the period in seconds.
fn read_wave(reader: &mut Reader<'_, '_>) -> Option<(f64, f64)> {
    const EXAMPLE: &str = "write for example wave = { amplitude = \"50%\", period = \"1d\" }";
    let mut inner = parts_of(reader, "wave", EXAMPLE)?;
    let amplitude = inner.value("amplitude", &SHARE);
    let period = inner.positive_duration("period", "write a longer period");
    complete(&mut inner, &["amplitude", "period"], EXAMPLE);
    let lines = inner.finish();
    let (amplitude, period) = (amplitude?, period?);
    reader.record("wave", inline(&lines), false);
    Some((amplitude.value.fraction(), period.value.as_secs_f64()))
}

/// `modulation = { cv = 0.5, correlation = "30s" }`.
fn read_modulation(reader: &mut Reader<'_, '_>) -> Option<Modulation> {
    const EXAMPLE: &str = "write for example modulation = { cv = 0.5, correlation = \"30s\" }";
    let mut inner = parts_of(reader, "modulation", EXAMPLE)?;
    let cv = inner.number("cv", 0.0);
    let correlation = inner.positive_duration("correlation", "write how long the rate keeps its factor");
    complete(&mut inner, &["cv", "correlation"], EXAMPLE);
    let wrong = match cv.map(|cv| cv.value) {
        Some(0.0) => {
            Some(("must be more than zero".to_string(), "a rate without chance is written without `modulation`"))
        }
        Some(value) if value > LARGEST_RATE_CV => Some((format!("{value} is too large"), "the largest is 10")),
        _ => None,
    };
    if let (Some(cv), Some((what, help))) = (cv, wrong) {
        inner.mistakes.push(Mistake::at(cv.place, format!("`cv`: {what}")).help(help));
    }
    let lines = inner.finish();
    let (cv, correlation) = (cv?.value, correlation?.value);
    reader.record("modulation", inline(&lines), false);
    Some(Modulation { cv, correlation })
}

/// The inline table under a key.
fn parts_of<'r, 't>(reader: &'r mut Reader<'_, 't>, key: &'static str, example: &str) -> Option<Reader<'r, 't>> {
    let node = reader.node(key)?;
    match &node.value {
        Value::Table(table) => Some(Reader::open(reader.mistakes, table, node.place, &format!("`{key}`"))),
        _ => {
            reader.mistakes.push(wrong_type(node, key, "a table", example));
            None
        }
    }
}

/// All of these keys must be there.
fn complete(reader: &mut Reader<'_, '_>, keys: &[&str], example: &str) {
    let missing: Vec<&str> = keys.iter().copied().filter(|key| reader.key_place(key).is_none()).collect();
    if !missing.is_empty() {
        let message = format!("{} needs {}", reader.name, listed(&missing));
        reader.mistakes.push(Mistake::at(reader.place, message).help(example));
    }
}

/// A geometric decay never reaches zero, nor leaves it.
fn decay(reader: &mut Reader<'_, '_>, from: Found<f64>, to: Found<f64>) -> Option<Rate> {
    let zero = [from, to].into_iter().find(|found| found.value == 0.0);
    match zero {
        Some(found) => {
            reader.mistakes.push(
                Mistake::at(found.place, "a decay can neither begin nor end at zero")
                    .label("it changes by a factor")
                    .help("write a small rate such as \"0.1/s\", or use ramp_to"),
            );
            None
        }
        None => Some(Rate::Decay { from: from.value, to: to.value }),
    }
}

/// What says how arrivals are spread has no meaning beside a `key` that leaves nothing to say.
fn refuse_beside(reader: &mut Reader<'_, '_>, key: &'static str) {
    let (others, why): (&[&'static str], _) = match key {
        "trace" => (
            &["rate", "ramp_to", "decay_to", "wave", "at_once", "spacing", "batch", "modulation"],
            "it says when each order comes",
        ),
        _ => (&["spacing", "batch", "modulation"], "all orders come at one instant"),
    };
    for other in others {
        if reader.node(other).is_some() {
            let place = reader.key_place(other).expect("its value is there");
            let first = reader.key_place(key);
            reader.mistakes.push(
                Mistake::at(place, format!("`{other}` has no meaning with `{key}`"))
                    .and(first, why)
                    .help("leave it out"),
            );
        }
    }
}

fn read_spacing(reader: &mut Reader<'_, '_>) -> Spacing {
    let Some(node) = reader.node("spacing") else {
        reader.record("spacing", quoted("poisson"), true);
        return Spacing::Poisson;
    };
    match &node.value {
        Value::Text(word) if word == "poisson" => {
            reader.record("spacing", quoted(word), false);
            Spacing::Poisson
        }
        Value::Text(word) if word == "even" => {
            reader.record("spacing", quoted(word), false);
            Spacing::Even
        }
        Value::Table(table) => match of_spacing(reader.mistakes, node, table) {
            Some((distribution, canonical)) => {
                reader.record("spacing", canonical, false);
                Spacing::Renewal(distribution)
            }
            None => Spacing::Poisson,
        },
        Value::Text(word) => {
            let help = match nearest(word, ["poisson", "even"]) {
                Some(candidate) => format!("did you mean {candidate:?}?"),
                None => "write \"poisson\", \"even\" or { cv = 3 }".to_string(),
            };
            reader.mistakes.push(Mistake::at(node.place, format!("`spacing`: unknown word {word:?}")).help(help));
            Spacing::Poisson
        }
        _ => {
            let help = "write \"poisson\", \"even\" or { cv = 3 }";
            reader.mistakes.push(wrong_type(node, "spacing", "a word or a distribution", help));
            Spacing::Poisson
        }
    }
}

fn read_batch(reader: &mut Reader<'_, '_>) -> Batch {
    let single = Batch::Constant { orders: 1 };
    let Some(node) = reader.node("batch") else {
        reader.record("batch", "1", true);
        return single;
    };
    if let Value::Table(table) = &node.value {
        return match read_geometric(reader.mistakes, node, table) {
            Some((batch, canonical)) => {
                reader.record("batch", canonical, false);
                batch
            }
            None => single,
        };
    }
    match read_whole(node, "batch", 1, MOST_ORDERS) {
        Ok(orders) => {
            reader.record("batch", orders.to_string(), false);
            Batch::Constant { orders }
        }
        Err(mistake) => {
            reader.mistakes.push(mistake);
            single
        }
    }
}

/// `{ mean = 3, distribution = "geometric" }`.
fn read_geometric(mistakes: &mut Vec<Mistake>, node: &Node, table: &Table) -> Option<(Batch, String)> {
    const EXAMPLE: &str = "write for example { mean = 3, distribution = \"geometric\" }";
    let before = mistakes.len();
    let mut reader = Reader::open(mistakes, table, node.place, "`batch`");
    let mean = reader.node("mean");
    let mean = match mean.map(|node| read_number(node, "mean", 1.0)) {
        Some(Ok(mean)) if mean <= MOST_ORDERS as f64 => Some(mean),
        Some(Ok(mean)) => {
            let place = reader.place;
            reader.mistakes.push(Mistake::at(place, format!("`mean`: {mean} is too large")).help(EXAMPLE));
            None
        }
        Some(Err(mistake)) => {
            reader.mistakes.push(mistake);
            None
        }
        None => {
            let place = reader.place;
            reader.mistakes.push(Mistake::at(place, "a batch distribution needs `mean`").help(EXAMPLE));
            None
        }
    };
    if let Some(mean) = mean {
        reader.record("mean", mean.to_string(), false);
    }
    match reader.text("distribution") {
        Some(found) if found.value == "geometric" => reader.record("distribution", quoted("geometric"), false),
        Some(found) => {
            let message = format!("`distribution`: a batch cannot be {:?}", found.value);
            reader.mistakes.push(Mistake::at(found.place, message).help(EXAMPLE));
        }
        None if reader.key_place("distribution").is_none() => {
            let place = reader.place;
            reader.mistakes.push(Mistake::at(place, "which distribution is `batch`?").help(EXAMPLE));
        }
        None => {}
    }
    let lines = reader.finish();
    if mistakes.len() > before { None } else { mean.map(|mean| (Batch::Geometric { mean }, inline(&lines))) }
}
