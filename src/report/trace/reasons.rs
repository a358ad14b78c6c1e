//! Why something happened: what else of the story, of the levels around it and of the settings has to do with it.

use super::super::words::{count, duration_s};
use super::Setting;
use super::words::{View, is_begin};
use crate::measure::narrator::Around;
use crate::observation::{DropReason, InvocationEnd, MessageRef, Observation, StockAnswer};
use crate::slab::Handle;
use crate::time::SimDuration;

/// A length of time as reports write it; below a millisecond in microseconds.
pub(super) fn lasting(length: SimDuration) -> String {
    match length.0 {
        1..=999_499 => format!("{}\u{a0}µs", length.0.div_ceil(1_000)),
        _ => duration_s(length.as_secs_f64()),
    }
}

/// `1st`, `2nd`, `23rd`.
pub(super) fn nth(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// `all 20 slots busy (reserved_concurrency)`.
pub(super) fn slots(setting: &Setting, around: &Around) -> String {
    match setting.slots() {
        Some((name, most)) if around.busy >= most => format!("{} busy ({name})", all(most, "slot")),
        Some((_, most)) => format!("{} of {} slots busy", count(around.busy), count(most)),
        None => format!("{} slots busy", count(around.busy)),
    }
}

/// What keeps a message in the queue waiting: whatever is used up, the function's slots first.
pub(super) fn holds_up(setting: &Setting, around: &Around) -> String {
    let full = |name: &str, used: u64| setting.limit(name).filter(|most| used >= *most);
    if setting.slots().is_some_and(|(_, most)| around.busy >= most) {
        slots(setting, around)
    } else if let Some(most) = full("maximum_concurrency", around.batches) {
        format!("{} in hand (maximum_concurrency)", all_of(most, "batch", "batches"))
    } else if around.pollers > 0 && around.batches >= u64::from(around.pollers) {
        format!("{} busy (the mapping's ramp)", all(around.pollers.into(), "poller"))
    } else if let Some(most) = full("in_flight_limit", around.in_flight) {
        format!("{} in flight (in_flight_limit)", all(most, "message"))
    } else {
        slots(setting, around)
    }
}

/// `all 20 slots`, or `the only slot`.
pub(super) fn all(number: u64, what: &str) -> String {
    all_of(number, what, &format!("{what}s"))
}

fn all_of(number: u64, one: &str, several: &str) -> String {
    if number == 1 { format!("the only {one}") } else { format!("all {} {several}", count(number)) }
}

/// `3 of 20 connections in use`, with that of this call.
pub(super) fn connections(view: &View) -> String {
    let used = view.moment().around.connections + 1;
    view.setting
        .limit("inventory_connections")
        .map_or_else(String::new, |most| format!("{} of {} connections in use", count(used), count(most)))
}

/// Why the inventory refused.
pub(super) fn rejected(view: &View) -> String {
    let at = view.moment().at;
    let waited = view.before().take_while(|moment| moment.at == at).find_map(|moment| {
        if let Observation::ConnectionWaitEnded { waited, .. } = moment.what { Some(waited) } else { None }
    });
    let most = view.setting.limit("inventory_connections").unwrap_or(0);
    match waited {
        Some(waited) => format!("no connection after {} (connect_timeout)", lasting(waited)),
        None if most > 0 && view.moment().around.connections >= most => {
            format!("{} in use", all(most, "connection"))
        }
        None => "no call gets through".to_owned(),
    }
}

/// Why a message is visible again: which receive's timer has run out.
pub(super) fn returned(view: &View, message: &MessageRef) -> String {
    let is_receive = |what: &Observation| matches!(what, Observation::MessageReceived { message: taken, .. } if taken.handle == message.handle);
    let received = view.before().find(|moment| is_receive(&moment.what)).map(|moment| moment.at);
    match (received, view.setting.visibility_timeout) {
        (Some(at), Some(timeout)) if at + timeout == view.moment().at => {
            format!("the visibility timeout of {} since {} ran out", lasting(timeout), view.clock(at))
        }
        _ => "it was delivered twice".to_owned(),
    }
}

/// With whom it was received, and until when it is hidden.
pub(super) fn batch_and_deadline(view: &View) -> String {
    let moment = view.moment();
    let own = view.story.order.number;
    let others = moment.detail.batch.len().saturating_sub(1) as u64;
    let numbers = || moment.detail.batch.iter().flatten().filter(|number| **number != own);
    let mates = match (others, numbers().min(), numbers().max()) {
        (0, ..) => String::new(),
        (1, Some(mate), _) => format!("with order {}", count(*mate)),
        (1, None, _) => "with a message of no order".to_owned(),
        (_, Some(first), Some(last)) if last - first < 2 * others => {
            format!("with {} others, {} to {}", count(others), count(*first), count(*last))
        }
        _ => format!("with {} others", count(others)),
    };
    let hidden =
        view.setting.visibility_timeout.map(|timeout| format!("hidden until {}", view.clock(moment.at + timeout)));
    [Some(mates).filter(|mates| !mates.is_empty()), hidden].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Why Lambda gave an event up.
pub(super) fn dropped(why: DropReason) -> &'static str {
    match why {
        DropReason::TooOld => "older than its maximum age, or would be at the next try",
        DropReason::RetriesSpent => "the function failed, and no retry is left",
        DropReason::NeverRuns => "nothing is reserved for the function: it never runs",
    }
}

/// What an attempt that failed came to, and why.
pub(super) fn failed(view: &View, invocation: Handle) -> (&'static str, String) {
    let attempt = || view.before().take_while(|moment| !is_begin(moment, invocation, view.story));
    let met = |wanted: fn(&Observation) -> bool| attempt().any(|moment| wanted(&moment.what));
    let at = view.moment().at;
    let mut later = view.story.moments[view.index..].iter().take_while(|moment| moment.at == at);
    let stopped =
        later.any(|moment| matches!(moment.what, Observation::InvocationEnded { end: InvocationEnd::Timeout, .. }));
    let began_now = view.before().any(|moment| is_begin(moment, invocation, view.story) && moment.at == at);
    if met(|what| matches!(what, Observation::StockAnswered { answer: StockAnswer::OutOfStock, .. })) {
        ("answered", "out of stock".to_owned())
    } else if stopped {
        ("cut off", "the function's timeout ran out".to_owned())
    } else if met(|what| matches!(what, Observation::PoisonMet { .. })) {
        ("failed", "it is poisoned".to_owned())
    } else if met(|what| matches!(what, Observation::InventoryRejected { .. })) {
        ("failed", "the inventory refused".to_owned())
    } else if met(|what| matches!(what, Observation::FaultHit { .. })) {
        ("failed", "a fault hit it".to_owned())
    } else if began_now && view.setting.skip_older_than.is_some() {
        ("dropped unanswered", "older than lambda.skip_older_than".to_owned())
    } else {
        ("failed", "the handler threw".to_owned())
    }
}
