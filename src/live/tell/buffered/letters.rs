//! The messages of a run, with what its whole log says of each.

use std::collections::{BTreeMap, VecDeque};

use crate::live::drive::Driven;
use crate::live::log::Fact;
use crate::live::plan::Plan;
use crate::live::reconcile::Clock;
use crate::observation::Place;
use crate::time::SimTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unsent,
    At(Place),
    Gone,
}

#[derive(Debug)]
pub(super) struct Letter {
    pub(super) order: u64,
    pub(super) sent_at: SimTime,
    pub(super) state: State,
    pub(super) since: SimTime,
    pub(super) first_visible: SimTime,
    pub(super) first_received: SimTime,
    pub(super) received: SimTime,
    pub(super) receives: u32,
    /// When it will be received, once for each receive to come.
    pub(super) coming: VecDeque<SimTime>,
    /// The place of the last delete in the log that nothing follows; earlier ones did not last.
    pub(super) deleted_by: Option<usize>,
    /// The next message of its order: the task was tried again.
    pub(super) next: Option<usize>,
    /// Handlers that are at it.
    pub(super) working: u32,
}

/// The messages, with what the whole log says of each.
pub(super) fn letters(plan: &Plan, driven: &Driven) -> Vec<Letter> {
    let (clock, _) = Clock::new(driven);
    let book = &driven.book;
    let mut issued = vec![SimTime::ZERO; plan.orders.len()];
    let mut coming: Vec<VecDeque<SimTime>> = vec![VecDeque::new(); book.messages.len()];
    let mut first_seen: Vec<Option<SimTime>> = vec![None; book.messages.len()];
    let mut deleted_by = vec![None; book.messages.len()];
    for (place, (at, fact)) in book.facts.iter().enumerate() {
        match fact {
            Fact::Issued(order) => issued[*order as usize] = *at,
            Fact::Received { message, .. } => {
                coming[*message].push_back(*at);
                first_seen[*message].get_or_insert(*at);
                deleted_by[*message] = None;
            }
            Fact::DeadLettered(message) => _ = first_seen[*message].get_or_insert(*at),
            Fact::Deleted(message) => deleted_by[*message] = Some(place),
            _ => {}
        }
    }
    let mut letters: Vec<Letter> = Vec::with_capacity(book.messages.len());
    for (number, message) in book.messages.iter().enumerate() {
        let seen = first_seen[number].unwrap_or(driven.end);
        let told = message.sent_ms.map_or(seen, |ms| clock.at(ms as f64));
        letters.push(Letter {
            order: message.order,
            sent_at: told.max(issued[message.order as usize]).min(seen),
            state: State::Unsent,
            since: SimTime::ZERO,
            first_visible: SimTime::ZERO,
            first_received: SimTime::ZERO,
            received: SimTime::ZERO,
            receives: 0,
            coming: std::mem::take(&mut coming[number]),
            deleted_by: deleted_by[number],
            next: None,
            working: 0,
        });
    }
    let mut by_order: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    (0..letters.len()).for_each(|number| by_order.entry(letters[number].order).or_default().push(number));
    for numbers in by_order.values_mut() {
        numbers.sort_by_key(|number| letters[*number].sent_at);
        for pair in numbers.windows(2) {
            letters[pair[0]].next = Some(pair[1]);
        }
    }
    letters
}
