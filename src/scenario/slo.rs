//! `[slo]`: what is promised, as `"<op> <quantity>"`, and for which design.

use crate::measure::findings::{Design, Unit};
use crate::scenario::diagnostics::{Mistake, suggestion};
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::tree::{Node, Value};
use crate::scenario::units::{self, Wrong, plain_number, show_duration, show_share};
use crate::scenario::values::{quoted, wrong_type};
use crate::scenario::{Op, Slo, SloMeasure};

/// What a measure may be compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quantity {
    ShareOrCount,
    Share,
    Duration,
    Usd,
}

/// Whom a measure has a meaning for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    /// Every design.
    Always,
    /// A design that keeps what waits: buffered, and direct if it is asynchronous, by Lambda's own queue.
    WithQueue,
    /// Buffered.
    Sqs,
}

/// The measures with a key of their own, and whom they are for.
const MEASURES: [(&str, SloMeasure, Quantity, Meant); 13] = [
    ("confirmed", SloMeasure::Confirmed, Quantity::ShareOrCount, Meant::Always),
    ("declined", SloMeasure::Declined, Quantity::ShareOrCount, Meant::Always),
    ("failed", SloMeasure::Failed, Quantity::ShareOrCount, Meant::Always),
    ("timed_out", SloMeasure::TimedOut, Quantity::ShareOrCount, Meant::Always),
    ("refused", SloMeasure::Refused, Quantity::ShareOrCount, Meant::Always),
    ("oversold", SloMeasure::Oversold, Quantity::ShareOrCount, Meant::Always),
    ("dead_lettered", SloMeasure::DeadLettered, Quantity::ShareOrCount, Meant::Sqs),
    ("latency_p50", SloMeasure::LatencyP50, Quantity::Duration, Meant::Always),
    ("latency_p90", SloMeasure::LatencyP90, Quantity::Duration, Meant::Always),
    ("latency_p99", SloMeasure::LatencyP99, Quantity::Duration, Meant::Always),
    ("oldest_message", SloMeasure::OldestMessage, Quantity::Duration, Meant::WithQueue),
    ("drained_within", SloMeasure::DrainedWithin, Quantity::Duration, Meant::WithQueue),
    ("cost_per_1000", SloMeasure::CostPer1000, Quantity::Usd, Meant::Always),
];

/// Operators, the longer before those they begin with.
const OPS: [(&str, Op); 5] =
    [(">=", Op::AtLeast), ("<=", Op::AtMost), ("==", Op::Equal), ("<", Op::Below), (">", Op::Above)];

/// An operator at the start of a text, and the rest.
pub fn leading_op(text: &str) -> Option<(&'static str, Op, &str)> {
    OPS.iter().find_map(|(written, op)| text.strip_prefix(written).map(|rest| (*written, *op, rest)))
}

/// One limit that was read.
struct Limit {
    written: String,
    op: Op,
    limit: f64,
    unit: Unit,
}

/// Reads the table: objectives in the order of the measures, each for every design it applies to. `asynchronous`: whether
/// direct is, and so has a queue.
pub fn read(mut reader: Reader<'_, '_>, asynchronous: bool) -> (Vec<Slo>, Vec<Line>) {
    let designs = read_designs(&mut reader);
    let mut objectives = Vec::new();
    let mut hold = |name: &str, measure: SloMeasure, limit: &Limit, designs: &[Design]| {
        for &design in designs {
            objectives.push(Slo {
                name: name.to_string(),
                design,
                measure,
                written: limit.written.clone(),
                op: limit.op,
                limit: limit.limit,
                unit: limit.unit,
            });
        }
    };
    for (key, measure, quantity, meant) in MEASURES {
        // The shares of orders come first, then "within", then durations.
        if measure == SloMeasure::LatencyP50 {
            for (name, measure, limit) in read_within(&mut reader) {
                hold(&name, measure, &limit, &designs);
            }
        }
        let Some(node) = reader.node(key) else { continue };
        let Some(limit) = take(reader.mistakes, node, key, quantity) else { continue };
        reader.record(key, quoted(&limit.written), false);
        let in_direct = match meant {
            Meant::Always => true,
            Meant::WithQueue => asynchronous,
            Meant::Sqs => false,
        };
        let fitting: Vec<Design> =
            designs.iter().copied().filter(|design| in_direct || *design == Design::Buffered).collect();
        if fitting.is_empty() {
            let mistake = Mistake::at(node.place, format!("`{key}` has no meaning for the direct design"));
            let label = if asynchronous { "its queue is Lambda's own" } else { "there is no queue" };
            reader.mistakes.push(mistake.label(label).help("add \"buffered\" to applies_to"));
        }
        hold(key, measure, &limit, &fitting);
    }
    (objectives, reader.finish())
}

fn read_designs(reader: &mut Reader<'_, '_>) -> Vec<Design> {
    const HELP: &str = "write for example [\"buffered\", \"direct\"]";
    let Some(node) = reader.node("applies_to") else {
        reader.record("applies_to", "[\"buffered\"]", true);
        return vec![Design::Buffered];
    };
    let Value::List(values) = &node.value else {
        reader.mistakes.push(wrong_type(node, "applies_to", "a list of designs", HELP));
        return vec![Design::Buffered];
    };
    let mut designs = Vec::new();
    for value in values {
        match &value.value {
            Value::Text(name) if name == "buffered" => designs.push(Design::Buffered),
            Value::Text(name) if name == "direct" => designs.push(Design::Direct),
            Value::Text(name) => {
                let mistake = Mistake::at(value.place, format!("unknown design {name:?}"));
                reader.mistakes.push(mistake.help(suggestion(name, &["buffered", "direct"])));
            }
            _ => reader.mistakes.push(wrong_type(value, "applies_to", "a list of designs", HELP)),
        }
    }
    if values.is_empty() {
        let mistake = Mistake::at(node.place, "`applies_to` names no design");
        reader.mistakes.push(mistake.help("write [\"buffered\"], or remove the table"));
    }
    if designs.is_empty() {
        // The mistake is told; going on with every design tells no other.
        return vec![Design::Buffered, Design::Direct];
    }
    designs.sort();
    designs.dedup();
    let names: Vec<String> = designs.iter().map(|design| quoted(design.name())).collect();
    reader.record("applies_to", format!("[{}]", names.join(", ")), false);
    designs
}

/// `confirmed_within = { "2min" = ">= 95%" }`, the shortest first.
fn read_within(reader: &mut Reader<'_, '_>) -> Vec<(String, SloMeasure, Limit)> {
    const EXAMPLE: &str = "write for example { \"2min\" = \">= 95%\" }";
    let Some(node) = reader.node("confirmed_within") else { return Vec::new() };
    let Value::Table(table) = &node.value else {
        reader.mistakes.push(wrong_type(node, "confirmed_within", "a table", EXAMPLE));
        return Vec::new();
    };
    let mut limits = Vec::new();
    for entry in &table.0 {
        let within = match units::duration(&entry.key) {
            Ok(within) if !within.is_zero() => within,
            Ok(_) => {
                let mistake = Mistake::at(entry.key_place, "nothing is confirmed within no time");
                reader.mistakes.push(mistake.help(EXAMPLE));
                continue;
            }
            Err(Wrong { message, help }) => {
                reader.mistakes.push(Mistake::at(entry.key_place, format!("`confirmed_within`: {message}")).help(help));
                continue;
            }
        };
        if let Some(limit) = take(reader.mistakes, &entry.node, "confirmed_within", Quantity::Share) {
            limits.push((within, limit));
        }
    }
    limits.sort_by_key(|(within, _)| *within);
    let parts: Vec<String> = limits
        .iter()
        .map(|(within, limit)| format!("{} = {}", quoted(&show_duration(*within)), quoted(&limit.written)))
        .collect();
    reader.record("confirmed_within", format!("{{ {} }}", parts.join(", ")), false);
    limits
        .into_iter()
        .map(|(within, limit)| {
            (format!("confirmed_within {}", show_duration(within)), SloMeasure::ConfirmedWithin(within), limit)
        })
        .collect()
}

fn take(mistakes: &mut Vec<Mistake>, node: &Node, key: &str, quantity: Quantity) -> Option<Limit> {
    let example = match quantity {
        Quantity::ShareOrCount => "write for example \">= 98.5%\" or \"== 0\"",
        Quantity::Share => "write for example \">= 98.5%\"",
        Quantity::Duration => "write for example \"<= 2min\"",
        Quantity::Usd => "write an amount in USD, for example \"<= 0.10\"",
    };
    let Value::Text(text) = &node.value else {
        mistakes.push(wrong_type(node, key, "an operator and a quantity in quotes", example));
        return None;
    };
    let Some((written, op, rest)) = leading_op(text.trim()) else {
        let mistake =
            Mistake::at(node.place, format!("`{key}`: {text:?} has no operator")).label("one of >= <= > < ==");
        mistakes.push(mistake.help(example));
        return None;
    };
    match read_quantity(rest.trim(), quantity, example) {
        Ok((shown, limit, unit)) => Some(Limit { written: format!("{written} {shown}"), op, limit, unit }),
        Err(wrong) => {
            mistakes.push(Mistake::at(node.place, format!("`{key}`: {}", wrong.message)).help(wrong.help));
            None
        }
    }
}

fn read_quantity(text: &str, quantity: Quantity, example: &str) -> Result<(String, f64, Unit), Wrong> {
    if quantity == Quantity::Duration {
        let length = units::duration(text)?;
        return Ok((show_duration(length), length.as_secs_f64(), Unit::Duration));
    }
    if quantity == Quantity::Usd {
        return match plain_number(text) {
            Some(amount) if amount.is_finite() => Ok((amount.to_string(), amount, Unit::Usd)),
            _ => Err(Wrong::new(format!("{text:?} is not an amount of money"), example)),
        };
    }
    if quantity == Quantity::ShareOrCount
        && let Some(count) = plain_number(text)
    {
        return if count.fract() == 0.0 {
            Ok((count.to_string(), count, Unit::Count))
        } else {
            Err(Wrong::new(format!("{text:?} is neither a share nor a whole number"), units::share_help(text)))
        };
    }
    if !text.ends_with('%') && units::duration(text).is_ok() {
        return Err(Wrong::new(format!("{text:?} is a duration, not a share"), example));
    }
    let share = units::share(text)?;
    Ok((show_share(share), share.fraction(), Unit::Share))
}
