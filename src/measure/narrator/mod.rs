//! The narrator: listens to one run and keeps the life of one order, with what was around when it happened.
//!
//! It hears the same observations as recorder and auditor, so what it tells cannot differ from what they count. What the
//! order's wait has to do with (how many wait before it, how many slots are busy) is noted as it was just before.

mod around;
mod legs;

use crate::observation::{Cause, Observation, OrderRef, Outcome, RateLimit, Stages};
use crate::observer::Observer;
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

pub use around::Around;
pub use legs::{Doing, Leg, legs};

/// The life of one order in one design.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// The order.
    pub order: OrderRef,
    /// Whether its work goes through a queue (SQS, or Lambda's own) and is answered by callback.
    pub queued: bool,
    /// What happened to it, in order of time; also after its end.
    pub moments: Vec<Moment>,
    /// How it ended.
    pub ending: Option<Ending>,
}

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ending {
    /// When; of an open order the end of the run.
    pub at: SimTime,
    /// How.
    pub outcome: Outcome,
    /// Why, unless it was answered.
    pub cause: Option<Cause>,
    /// Intended arrival → end.
    pub latency: SimDuration,
    /// Where the time of an answered order went.
    pub stages: Option<Stages>,
}

/// Something that happened to the order.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: Observation,
    /// What was around just before.
    pub around: Around,
    /// What else is known of it.
    pub detail: Detail,
}

/// What is known of a moment besides the observation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// Of a receive: whom the batch is for, in its order, as far as that became known; `None` for a message of the initial
    /// backlog.
    pub batch: Vec<Option<u64>>,
    /// Of a hand-over.
    pub given: Option<Given>,
    /// Of a batch that backs off: what the function refused it for; `None` where a fault did.
    pub refused: Option<Refusal>,
}

/// An invocation that was given a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Whether a new environment had to be started.
    pub cold: bool,
    /// The record's place in the batch, from 0.
    pub place: u32,
    /// Records of the batch.
    pub records: u32,
}

/// Why the function refused an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No slot was free.
    Concurrency,
    /// A bucket was empty.
    Rate(RateLimit),
}

/// An invocation that holds the order.
#[derive(Clone, Copy, Debug)]
struct Held {
    invocation: Handle,
    /// Whether its handler has begun.
    begun: bool,
}

/// Listens to one run for one order.
#[derive(Clone, Debug)]
pub struct Narrator {
    number: u64,
    queued: bool,
    orders: u64,
    story: Option<Story>,
    around: Around,
    /// The batch that messages are being received for.
    receiving: (Option<Handle>, Vec<Option<u64>>),
    /// Batches that the order's messages were received for, and the moments of these receives.
    batches: Vec<(Handle, usize)>,
    /// The invocation that is being given its records: whether cold, how many, and how many it has.
    starting: Given,
    held: Vec<Held>,
    /// What a batch has just been refused for: it backs off next, or is let go of at its deadline.
    refused: Option<Refusal>,
}

impl Narrator {
    /// For the order of this number, counted from 0; `queued`: whether the design has a queue, of its own or Lambda's.
    pub fn new(number: u64, queued: bool) -> Narrator {
        Narrator {
            number,
            queued,
            orders: 0,
            story: None,
            around: Around::default(),
            receiving: (None, Vec::new()),
            batches: Vec::new(),
            starting: Given { cold: false, place: 0, records: 0 },
            held: Vec::new(),
            refused: None,
        }
    }

    /// The orders of the run, and the story; `None` if there was no such order.
    pub fn finish(self) -> (u64, Option<Story>) {
        (self.orders, self.story)
    }

    /// What is around now.
    pub fn around(&self) -> &Around {
        &self.around
    }

    fn is_ours(&self, order: &Option<OrderRef>) -> bool {
        order.is_some_and(|order| order.number == self.number)
    }

    fn tell(&mut self, at: SimTime, what: &Observation, detail: Detail) {
        if let Some(story) = &mut self.story {
            story.moments.push(Moment { at, what: *what, around: self.around, detail });
        }
    }

    fn tell_if(&mut self, ours: bool, at: SimTime, what: &Observation) {
        if ours {
            self.tell(at, what, Detail::default());
        }
    }

    fn arrived(&mut self, at: SimTime, order: &OrderRef, what: &Observation) {
        self.orders += 1;
        if order.number == self.number {
            self.story = Some(Story { order: *order, queued: self.queued, moments: Vec::new(), ending: None });
            self.tell(at, what, Detail::default());
        }
    }

    /// A message joins the batch that is being received.
    fn received(&mut self, at: SimTime, what: &Observation, order: &Option<OrderRef>, batch: Handle) {
        if self.receiving.0 != Some(batch) {
            self.receiving = (Some(batch), Vec::new());
        }
        self.receiving.1.push(order.map(|order| order.number));
        if self.is_ours(order) {
            let index = self.story.as_ref().map_or(0, |story| story.moments.len());
            self.batches.push((batch, index));
            self.tell(at, what, Detail::default());
        }
        let Some(story) = &mut self.story else { return };
        for (_, index) in self.batches.iter().rev().take_while(|(held, _)| *held == batch) {
            story.moments[*index].detail.batch.clone_from(&self.receiving.1);
        }
    }

    fn handed_over(&mut self, at: SimTime, what: &Observation, order: &Option<OrderRef>, invocation: Handle) {
        if self.is_ours(order) {
            let given = Some(self.starting);
            self.tell(at, what, Detail { given, ..Detail::default() });
            self.held.push(Held { invocation, begun: false });
        }
        self.starting.place += 1;
    }

    /// A handler turns to a record: to ours, or to the first of a batch that holds ours.
    fn attempt_began(&mut self, at: SimTime, what: &Observation, order: &Option<OrderRef>, invocation: Handle) {
        let ours = self.is_ours(order);
        let mut first = false;
        for held in self.held.iter_mut().filter(|held| held.invocation == invocation && !held.begun) {
            (held.begun, first) = (true, true);
        }
        self.tell_if(ours || first, at, what);
    }

    fn invocation_ended(&mut self, at: SimTime, what: &Observation, invocation: Handle) {
        let before = self.held.len();
        self.held.retain(|held| held.invocation != invocation);
        self.tell_if(self.held.len() < before, at, what);
    }

    fn throttled(&mut self, at: SimTime, what: &Observation, order: &Option<OrderRef>) {
        match order {
            Some(_) => self.tell_if(self.is_ours(order), at, what),
            None => self.refused = Some(Refusal::Concurrency),
        }
    }

    fn rate_limited(&mut self, at: SimTime, what: &Observation, order: &Option<OrderRef>, limit: RateLimit) {
        match order {
            Some(_) => self.tell_if(self.is_ours(order), at, what),
            None => self.refused = Some(Refusal::Rate(limit)),
        }
    }

    fn batch_backs_off(&mut self, at: SimTime, what: &Observation, batch: Handle) {
        let refused = self.refused.take();
        if self.batches.iter().any(|(held, _)| *held == batch) {
            self.tell(at, what, Detail { refused, ..Detail::default() });
        }
    }

    fn ended(&mut self, at: SimTime, what: &Observation, order: &OrderRef, ending: Ending) {
        if order.number == self.number {
            self.tell(at, what, Detail::default());
            if let Some(story) = &mut self.story {
                story.ending = Some(ending);
            }
        }
    }
}

impl Observer<Observation> for Narrator {
    fn observe(&mut self, now: SimTime, what: &Observation) {
        match what {
            Observation::OrderArrived { order } => self.arrived(now, order, what),
            Observation::MessageReceived { message, batch, .. } => self.received(now, what, &message.order, *batch),
            Observation::BatchBacksOff { batch, .. } => self.batch_backs_off(now, what, *batch),
            Observation::InvocationThrottled { order, .. } => self.throttled(now, what, order),
            Observation::RateLimited { order, limit, .. } => self.rate_limited(now, what, order, *limit),
            Observation::InvocationStarted { records, cold, .. } => {
                self.starting = Given { cold: *cold, place: 0, records: *records };
            }
            Observation::RecordHandedOver { invocation, order } => self.handed_over(now, what, order, *invocation),
            Observation::AttemptBegan { invocation, order } => self.attempt_began(now, what, order, *invocation),
            Observation::InvocationEnded { invocation, .. } => self.invocation_ended(now, what, *invocation),
            Observation::OrderEnded { order, outcome, cause, latency, stages, tries: _ } => {
                let (outcome, cause, latency, stages) = (*outcome, *cause, *latency, *stages);
                self.ended(now, what, order, Ending { at: now, outcome, cause, latency, stages });
            }
            Observation::ExecutionStarted { order }
            | Observation::TaskAttempted { order, .. }
            | Observation::NextStateEntered { order }
            | Observation::RetryScheduled { order, .. }
            | Observation::RetryWaitEnded { order }
            | Observation::OrderHandedOver { order, .. }
            | Observation::WorkDoneAfterGivingUp { order }
            | Observation::CallbackAccepted { order }
            | Observation::AnswerOnItsWay { order }
            | Observation::CallbackLate { order } => self.tell_if(order.number == self.number, now, what),
            Observation::MessageSent { message, .. }
            | Observation::MessageRedriven { message, .. }
            | Observation::MessageAppeared { message, .. }
            | Observation::MessageDeleted { message, .. }
            | Observation::StaleDeleteIgnored { message }
            | Observation::MessageDeadLettered { message }
            | Observation::MessageExpired { message, .. }
            | Observation::EventWaits { message, .. }
            | Observation::EventDropped { message, .. } => self.tell_if(self.is_ours(&message.order), now, what),
            Observation::FaultHit { order, .. }
            | Observation::PoisonMet { order }
            | Observation::ConnectionAwaited { order }
            | Observation::ConnectionWaitEnded { order, .. }
            | Observation::InventoryCallBegan { order }
            | Observation::InventoryCallEnded { order }
            | Observation::StockAnswered { order, .. }
            | Observation::InventoryRejected { order }
            | Observation::AttemptEnded { order, .. }
            | Observation::AttemptJudged { order, .. } => self.tell_if(self.is_ours(order), now, what),
            Observation::RatePeaked { .. }
            | Observation::PollersScaled { .. }
            | Observation::ReceiveEnded { .. }
            | Observation::BatchDeleted { .. }
            | Observation::EnvironmentsProvisioned { .. }
            | Observation::EnvironmentReclaimed => {}
            Observation::PollerFreed => self.refused = None,
        }
        self.around.follow(what);
    }
}

#[cfg(test)]
#[path = "narrator_tests.rs"]
mod tests;
