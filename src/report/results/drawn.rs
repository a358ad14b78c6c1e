//! What results.json says besides the findings, so that every page and chart can be drawn from a report's files alone.

use serde_json::{Value, json};

use super::{maybe, number};
use crate::measure::findings::Unit;
use crate::report::subject::{PhaseMark, Subject};

/// The units of objectives, by their words.
pub const UNITS: [(Unit, &str); 4] =
    [(Unit::Share, "share"), (Unit::Count, "count"), (Unit::Duration, "seconds"), (Unit::Usd, "usd")];

/// The word of a unit.
pub(super) fn unit(unit: Unit) -> &'static str {
    UNITS.iter().find(|(known, _)| *known == unit).map_or("share", |(_, word)| word)
}

/// The settings that charts show.
pub(super) fn settings(subject: &Subject) -> Value {
    let limit = subject.concurrency_limit.map(|(limit, key)| json!({ "limit": limit, "key": key }));
    json!({
        "concurrency_limit": limit,
        "capacity_per_s": maybe(subject.capacity_per_s),
        "task_timeout_s": maybe(subject.task_timeout_s),
        "heartbeat_s": maybe(subject.heartbeat_s),
        "visibility_timeout_s": maybe(subject.visibility_timeout_s),
    })
}

/// Adds the phases and the notes.
pub(super) fn add(whole: &mut Value, subject: &Subject) {
    whole["phases"] = subject.phases.iter().map(phase).collect();
    whole["notes"] = json!(subject.notes);
}

/// A peak that the rate does not tell is `null`.
fn phase(phase: &PhaseMark) -> Value {
    json!({
        "name": phase.name,
        "starts_s": number(phase.starts_s),
        "ends_s": number(phase.ends_s),
        "rate": phase.rate,
        "mean_per_s": number(phase.mean_rate),
        "peak_per_s": maybe(Some(phase.peak_rate).filter(|peak| peak.is_finite())),
    })
}
