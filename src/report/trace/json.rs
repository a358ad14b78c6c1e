//! The story as JSON, with every instant to the nanosecond: the legs of each design add up to its latency exactly.

use serde_json::{Map, Value, json};

use super::{Tale, Tone, line};
use crate::measure::findings::Design;
use crate::measure::narrator::{Around, Leg, Story, legs};
use crate::observation::Stage;

/// The document: what is told, and of each design the order's end, its legs and its moments. All times are whole
/// nanoseconds: `at_ns` since the run began, `since_arrival_ns` since the order's intended arrival.
pub fn document(tale: &Tale) -> Value {
    let designs: Map<String, Value> = (0..tale.stories.len()).map(|place| of_design(tale, place)).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": {
            "name": tale.subject.name,
            "title": tale.subject.title,
            "seed": tale.subject.seed,
            "fingerprint": tale.subject.fingerprint,
        },
        "replication": 0,
        "order": tale.number(),
        "orders": tale.orders,
        "picked": tale.picked,
        "phase": tale.phase(),
        "origin_ns": tale.origin.0,
        "arrived_at_ns": tale.arrived_at().0,
        "designs": designs,
    })
}

fn of_design(tale: &Tale, place: usize) -> (String, Value) {
    let (design, story) = &tale.stories[place];
    let ending = story.ending.as_ref();
    let stages = ending.and_then(|ending| ending.stages).map(|stages| {
        let lasted = |stage: Stage| (stage.name().to_owned(), json!(stages.get(stage).0));
        Stage::ALL.into_iter().map(lasted).collect::<Map<String, Value>>()
    });
    let value = json!({
        "outcome": ending.map(|ending| ending.outcome.name()),
        "cause": ending.and_then(|ending| ending.cause).map(|cause| cause.name()),
        "ended_at_ns": ending.map(|ending| ending.at.0),
        "latency_ns": ending.map(|ending| ending.latency.0),
        "stages_ns": stages,
        "legs": legs(story).iter().map(leg).collect::<Vec<_>>(),
        "moments": moments(tale, place, story),
    });
    (Design::name(*design).to_owned(), value)
}

fn leg(leg: &Leg) -> Value {
    json!({ "doing": leg.doing.name(), "from_ns": leg.from.0, "to_ns": leg.to.0 })
}

fn moments(tale: &Tale, place: usize, story: &Story) -> Vec<Value> {
    let told = story.moments.iter().enumerate().filter_map(|(index, moment)| {
        let said = line(tale, place, index)?;
        Some(json!({
            "at_ns": moment.at.0,
            "since_arrival_ns": moment.at.0.saturating_sub(story.order.arrived_at.0),
            "what": plain(&said.what),
            "why": plain(&said.why),
            "tone": tone(said.tone),
            "around": around(&moment.around),
        }))
    });
    told.collect()
}

/// No-break spaces are for paper.
pub(super) fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

pub(super) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "plain",
        Tone::Trouble => "trouble",
        Tone::Good => "answered",
        Tone::Bad => "lost",
    }
}

/// The levels just before.
pub(super) fn around(around: &Around) -> Value {
    json!({
        "visible": around.visible,
        "in_flight": around.in_flight,
        "batches": around.batches,
        "concurrency": around.busy,
        "inventory_connections": around.connections,
        "inventory_waiting": around.connecting,
    })
}
