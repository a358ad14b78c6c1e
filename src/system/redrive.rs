//! The dead-letter queue of a run that will move it back (`queue.dead_letter.redrive_at`).
//!
//! ```text
//!  receives spent ──▶ dead letter ──redrive_at, the oldest first, one each interval──▶ a new message of the same token
//! ```
//!
//! Until the task starts, dead letters are kept, and each refers to its order's record. From then on the queue's dead letters
//! are none of our business: nothing will move them.

use std::collections::{BTreeMap, VecDeque};

use crate::engine::Turn;
use crate::model::execution::Standing;
use crate::model::queue::{DeadLetter, Letter};
use crate::observation::{Cause, Observation};
use crate::observer::Observer;
use crate::random::OrderKey;
use crate::slab::Handle;
use crate::time::SimTime;

use super::batch::Record;
use super::buffered::{Buffered, Event, message_gone};
use super::spec::RedriveSpec;
use super::ways::Ways;
use super::workflow::Workflow;

/// Dead letters that wait for the task, and what it has moved.
pub(super) struct Redrive {
    spec: RedriveSpec,
    begun: bool,
    /// The oldest first.
    dead: VecDeque<DeadLetter<Handle>>,
    /// When the messages that were moved had first been visible and received, in their first life: an order's time in the
    /// dead-letter queue is time between two receives.
    before: BTreeMap<Handle, [SimTime; 2]>,
}

impl Redrive {
    pub(super) fn new(spec: RedriveSpec) -> Redrive {
        Redrive { spec, begun: false, dead: VecDeque::new(), before: BTreeMap::new() }
    }

    /// When the task starts.
    pub(super) fn at(&self) -> SimTime {
        self.spec.at
    }

    /// Whether there is something to move.
    pub(super) fn has_work(&self) -> bool {
        !self.dead.is_empty()
    }

    /// A redriven message has been received: its record remembers its first life.
    #[cold]
    pub(super) fn look_back<W: Ways>(&self, letter: &Letter<Handle>, record: &mut Record<W>) {
        if let Some([visible_at, received_at]) = self.before.get(&letter.handle) {
            (record.visible_at, record.first_received_at) = (*visible_at, *received_at);
        }
    }
}

/// A message has gone to the dead-letter queue.
pub(super) fn dead_lettered<W: Ways>(
    dead: &DeadLetter<Handle>,
    redrive: &mut Option<Box<Redrive>>,
    workflow: &mut Workflow<W>,
) {
    if let Some(redrive) = redrive.as_mut().filter(|redrive| !redrive.begun) {
        workflow.executions.get_mut(dead.letter.payload.slot).add_reference();
        redrive.dead.push_back(*dead);
    }
    message_gone(&dead.letter, Cause::DeadLettered, workflow);
}

impl<W: Ways> Buffered<W> {
    /// The task moves one message, and will move the next.
    pub(super) fn redrive<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let Some(redrive) = &mut self.redrive else { return };
        redrive.begun = true;
        let Some(dead) = redrive.dead.pop_front() else { return };
        if redrive.has_work() {
            turn.book(turn.now + redrive.spec.interval, Event::Redrives);
        }
        let token = dead.letter.payload;
        let record = self.workflow.executions.get_mut(token.slot);
        if record.standing(token) == Standing::Current {
            record.cause = None;
        }
        // Numbers the draws of messages that were moved from behind: no attempt comes near.
        let (key, draws) = (OrderKey(record.key), u32::MAX - record.attempts);
        let delay = self.delay_of(key, draws);
        let handle = self.enter((token, draws), delay, true, turn);
        self.workflow.executions.drop_reference(token.slot);
        if let Some(redrive) = &mut self.redrive {
            redrive.before.insert(handle, [dead.first_visible_at, dead.first_received_at]);
        }
    }
}
