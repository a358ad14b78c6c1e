//! `[[faults]]`: what breaks, when, for how long, and for whom.
//!
//! ```toml
//! [[faults]]
//! name = "the inventory is down"
//! at = "+30min"            # after the start of the phase marked origin; "30min": after the start of the run
//! duration = "60s"         # open during [at, at + duration)
//! target = "inventory"     # "start", "queue", "lambda", "inventory" or "callback"
//! share = "100%"           # of those that could be hit
//! outage = true            # or one of add_delay, error_rate, drop, duplicate
//! ```

use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::tree::{Node, Value};
use crate::scenario::units::Percent;
use crate::scenario::values::{SHARE, quoted, wrong_type};
use crate::system::spec::{FaultEffect, FaultSpec, FaultTarget};
use crate::time::{SimDuration, SimTime};

/// More than this is a slip, and more than a chart can show.
const MOST: usize = 100;
const EFFECTS: [&str; 5] = ["add_delay", "error_rate", "outage", "drop", "duplicate"];

/// What a fault's keys may refer to.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    /// When the phase marked origin starts; `None`: none is marked.
    pub origin: Option<SimTime>,
    /// Whether there is an `[inventory]` that can break.
    pub inventory: bool,
}

/// Reads all faults, each with its lines for the resolved scenario.
pub fn read(mistakes: &mut Vec<Mistake>, node: &Node, ground: Ground) -> Vec<(FaultSpec, Vec<Line>)> {
    let Value::List(faults) = &node.value else {
        mistakes.push(wrong_type(node, "faults", "a list of tables", "write [[faults]] with two brackets"));
        return Vec::new();
    };
    if let Some(beyond) = faults.get(MOST) {
        let mistake = Mistake::at(beyond.place, format!("{} faults are too many", faults.len()));
        mistakes.push(mistake.help(format!("a scenario may have {MOST}; longer windows and shares need fewer")));
    }
    let mut read = Vec::new();
    for fault in faults.iter().take(MOST) {
        let Value::Table(table) = &fault.value else {
            mistakes.push(wrong_type(fault, "faults", "a list of tables", "write [[faults]] above each fault"));
            continue;
        };
        let reader = Reader::open(mistakes, table, fault.place, "[[faults]]");
        read.extend(read_fault(reader, ground));
    }
    read
}

fn read_fault(mut reader: Reader<'_, '_>, ground: Ground) -> Option<(FaultSpec, Vec<Line>)> {
    let given = reader.text("name").map(|found| found.value.split_whitespace().collect::<Vec<_>>().join(" "));
    let from = read_at(&mut reader, ground.origin);
    let duration = required_duration(&mut reader);
    let target = read_target(&mut reader);
    let share = read_share(&mut reader);
    let effect = read_effect(&mut reader);
    if let (Some(target), Some((effect, place))) = (target, effect) {
        fits(&mut reader, target, effect, place, ground);
    }
    let target_name = target.map_or("", FaultTarget::name);
    let effect_name = effect.map_or("", |(effect, _)| effect.name()).replace('_', " ");
    let unnamed = given.as_ref().is_none_or(String::is_empty);
    let name = given.filter(|name| !name.is_empty()).unwrap_or(format!("{target_name} {effect_name}"));
    reader.record("name", quoted(&name), unnamed);
    let mut lines = reader.finish();
    // Of the effects only the one it has: the others are not limits that were left out.
    lines.retain(Line::has_value);
    // Written last, for it may stand for what comes after it; read first.
    lines.rotate_right(1);
    let (from, target, (effect, _)) = (from?, target?, effect?);
    Some((FaultSpec { name, from, to: from + duration?, target, effect, share }, lines))
}

fn missing(reader: &mut Reader<'_, '_>, key: &'static str, help: &str) {
    let place = reader.place;
    reader.mistakes.push(Mistake::at(place, format!("this fault has no `{key}`")).help(help));
}

/// `"25min"` from the start of the run, `"+5min"` from the origin.
fn read_at(reader: &mut Reader<'_, '_>, origin: Option<SimTime>) -> Option<SimTime> {
    if reader.key_place("at").is_none() {
        reader.node("at");
        let help = "add for example at = \"25min\" (after the start of the run) or at = \"+5min\" (after the origin)";
        missing(reader, "at", help);
        return None;
    }
    reader.instant("at", origin)
}

fn required_duration(reader: &mut Reader<'_, '_>) -> Option<SimDuration> {
    if reader.key_place("duration").is_none() {
        missing(reader, "duration", "add for example duration = \"60s\"");
    }
    let found = reader.positive_duration("duration", "write how long it lasts, or leave the fault out");
    found.map(|found| found.value)
}

fn read_target(reader: &mut Reader<'_, '_>) -> Option<FaultTarget> {
    if reader.key_place("target").is_none() {
        reader.node("target");
        let names = FaultTarget::ALL.map(|target| format!("{:?}", target.name())).join(", ");
        missing(reader, "target", &format!("add target = one of {names}"));
        return None;
    }
    let words = FaultTarget::ALL.map(|target| (target.name(), Some(target)));
    reader.choice_or("target", &words, &[], None, "lambda")
}

/// The share of those that are hit, as a fraction.
fn read_share(reader: &mut Reader<'_, '_>) -> f64 {
    let share = reader.value_or("share", &SHARE, Percent(100.0));
    refuse_nobody(reader, "share", share);
    share.fraction()
}

fn refuse_nobody(reader: &mut Reader<'_, '_>, key: &'static str, share: Percent) {
    if share.0 == 0.0
        && let Some(place) = reader.table.place_of(key)
    {
        let mistake = Mistake::at(place, format!("`{key}`: a share of 0% hits nobody"));
        reader.mistakes.push(mistake.help("write a share above \"0%\", or leave the fault out"));
    }
}

/// Exactly one of the effects, and where its name stands.
fn read_effect(reader: &mut Reader<'_, '_>) -> Option<(FaultEffect, Place)> {
    let mut there: Vec<(&'static str, Place)> =
        EFFECTS.iter().filter_map(|key| reader.key_place(key).map(|place| (*key, place))).collect();
    there.sort_by_key(|(_, place)| *place);
    let before = reader.mistakes.len();
    let mut effects: Vec<(FaultEffect, Place)> = Vec::new();
    for (key, place) in &there {
        effects.extend(effect_of(reader, key).map(|effect| (effect, *place)));
    }
    EFFECTS.iter().filter(|key| !there.iter().any(|(known, _)| known == *key)).for_each(|key| {
        reader.node(key);
    });
    match there.as_slice() {
        [] => {
            let place = reader.place;
            let help =
                "add one of add_delay = \"2s\", error_rate = \"10%\", outage = true, drop = true, duplicate = true";
            reader.mistakes.push(Mistake::at(place, "this fault does nothing").help(help));
        }
        [(first, at), (second, place), ..] => {
            let mistake = Mistake::at(*place, format!("`{first}` and `{second}` are two effects of one fault"));
            reader.mistakes.push(
                mistake
                    .label("the second")
                    .and(Some(*at), "the first")
                    .help("write a [[faults]] for each: faults may overlap"),
            );
        }
        [_] => {}
    }
    if reader.mistakes.len() > before { None } else { effects.first().copied() }
}

fn effect_of(reader: &mut Reader<'_, '_>, key: &'static str) -> Option<FaultEffect> {
    match key {
        "add_delay" => {
            let why = "write how much longer it takes, or leave the fault out";
            reader.positive_duration("add_delay", why).map(|found| FaultEffect::AddDelay(found.value))
        }
        "error_rate" => {
            let found = reader.value("error_rate", &SHARE)?;
            refuse_nobody(reader, "error_rate", found.value);
            Some(FaultEffect::ErrorRate(found.value.fraction()))
        }
        "outage" => {
            if !reader.truth_or("outage", false) {
                said_false(reader, "outage");
            }
            Some(FaultEffect::Outage)
        }
        "drop" => all_or_share(reader, "drop").map(FaultEffect::Drop),
        _ => all_or_share(reader, "duplicate").map(FaultEffect::Duplicate),
    }
}

/// `true` for all, or a share of those that are hit.
fn all_or_share(reader: &mut Reader<'_, '_>, key: &'static str) -> Option<f64> {
    let node = reader.node(key)?;
    match &node.value {
        Value::Truth(true) => {
            reader.record(key, "true", false);
            Some(1.0)
        }
        Value::Truth(false) => {
            said_false(reader, key);
            None
        }
        _ => {
            let found = reader.value(key, &SHARE)?;
            refuse_nobody(reader, key, found.value);
            Some(found.value.fraction())
        }
    }
}

fn said_false(reader: &mut Reader<'_, '_>, key: &'static str) {
    // Anything else than a boolean was answered already.
    if let Some(Value::Truth(false)) = reader.table.at(key).map(|node| &node.value)
        && let Some(place) = reader.table.place_of(key)
    {
        let mistake = Mistake::at(place, format!("`{key}` = false is no fault"));
        reader.mistakes.push(mistake.help("write true, or leave the fault out"));
    }
}

/// Refuses what makes no sense, with the reason.
fn fits(reader: &mut Reader<'_, '_>, target: FaultTarget, effect: FaultEffect, place: Place, ground: Ground) {
    if target == FaultTarget::Inventory && !ground.inventory {
        let place = reader.table.place_of("target").unwrap_or(place);
        let mistake = Mistake::at(place, "there is no inventory that could break");
        reader.mistakes.push(mistake.help("add an [inventory] table, or choose another target"));
    }
    let (reason, help) = match (target, effect) {
        (FaultTarget::Start, FaultEffect::Drop(_)) => {
            ("a call of StartExecution that gets lost is an error for its caller, who tries again", "error_rate")
        }
        (FaultTarget::Start, FaultEffect::Duplicate(_)) => {
            ("StartExecution is idempotent: a second call of that name starts nothing", "add_delay or error_rate")
        }
        (FaultTarget::Queue, FaultEffect::Drop(_)) => {
            ("SQS loses no message that it has accepted", "outage or error_rate for sends that fail")
        }
        (FaultTarget::Lambda, FaultEffect::Drop(_)) => {
            ("an invocation that gets lost is an error for whoever waits for it", "error_rate or outage")
        }
        (FaultTarget::Lambda, FaultEffect::Duplicate(_)) => {
            ("nobody invokes the function twice for one message", "target = \"queue\" for a message delivered twice")
        }
        (FaultTarget::Inventory, FaultEffect::Drop(_)) => (
            "a call that gets lost is an error or a delay for the handler that waits for it",
            "error_rate or add_delay",
        ),
        (FaultTarget::Inventory, FaultEffect::Duplicate(_)) => {
            ("the handler calls the inventory once", "target = \"queue\" for a message delivered, and worked on, twice")
        }
        _ => return,
    };
    let (key, target) = (effect.name(), target.name());
    let mistake = Mistake::at(place, format!("`{key}` makes no sense for target = {target:?}")).label(reason);
    reader.mistakes.push(mistake.help(format!("write {help}")));
}
