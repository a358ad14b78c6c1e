//! Hand-made runs for tests: observations with their instants, told to any observer.

use crate::observation::{
    Appearance, Cause, InvocationEnd, MessageRef, Observation, OrderRef, Outcome, Place, Stages, Tries, Worth,
};
use crate::observer::Observer;
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

/// What happened, and when (in ns).
pub(crate) type Told = Vec<(u64, Observation)>;

pub(crate) fn order(number: u64, arrived_at: u64) -> OrderRef {
    OrderRef { number, arrived_at: SimTime(arrived_at) }
}

/// The message in slot `slot`.
pub(crate) fn message(slot: u32, order: Option<OrderRef>, sent_at: u64) -> MessageRef {
    MessageRef { handle: Handle { slot, serial: 0 }, order, sent_at: SimTime(sent_at) }
}

pub(crate) fn invocation(slot: u32) -> Handle {
    Handle { slot, serial: 0 }
}

/// Tells a story up to `end`.
pub(crate) fn tell(observer: &mut impl Observer<Observation>, told: &[(u64, Observation)], end: u64) {
    for (now, what) in told {
        observer.reach(SimTime(*now));
        observer.observe(SimTime(*now), what);
    }
    observer.reach(SimTime(end));
}

/// An order comes in and its task is attempted.
pub(crate) fn arrives(at: u64, number: u64) -> Told {
    let order = order(number, at);
    vec![
        (at, Observation::OrderArrived { order }),
        (at, Observation::ExecutionStarted { order }),
        (at, Observation::TaskAttempted { order, attempt: 0 }),
    ]
}

/// A message of the order in slot `slot`, visible at once.
pub(crate) fn sends(at: u64, message: MessageRef) -> Told {
    vec![
        (at, Observation::MessageSent { message, delayed: false }),
        (at, Observation::MessageAppeared { message, why: Appearance::Sent }),
    ]
}

/// A message is received for the batch of the invocation in its slot.
pub(crate) fn received(message: MessageRef, receive_count: u32, waited: u64) -> Observation {
    let (waited, batch) = (SimDuration(waited), invocation(message.handle.slot));
    Observation::MessageReceived { message, receive_count, waited, batch }
}

/// An environment starts with one record.
pub(crate) fn begins(at: u64, slot: u32, order: OrderRef, cold: bool) -> Told {
    let invocation = invocation(slot);
    vec![
        (at, Observation::InvocationStarted { invocation, records: 1, cold }),
        (at, Observation::RecordHandedOver { invocation, order: Some(order) }),
        (at, Observation::OrderHandedOver { order, wait: SimTime(at).since(order.arrived_at) }),
        (at, Observation::AttemptBegan { invocation, order: Some(order) }),
    ]
}

/// The invocation with one record that began at `since` ends well.
pub(crate) fn finishes(at: u64, slot: u32, order: OrderRef, since: u64, worth: Worth) -> Told {
    let (invocation, ran) = (invocation(slot), SimDuration(at - since));
    let end = InvocationEnd::Success;
    vec![
        (at, Observation::AttemptEnded { invocation, order: Some(order), succeeded: true }),
        (at, Observation::AttemptJudged { order: Some(order), worth, share: ran, called: false, deferred: false }),
        (at, Observation::InvocationEnded { invocation, end, ran, records: 1, provisioned: false }),
    ]
}

/// The order is confirmed after it waited in the queue until `received` and was worked on from there.
pub(crate) fn confirmed(at: u64, order: OrderRef, received: u64) -> Told {
    let (queue, work) = (SimTime(received).since(order.arrived_at), SimDuration(at - received));
    let stages = Some(Stages { queue, work, ..Stages::default() });
    let (outcome, latency) = (Outcome::Confirmed, SimTime(at).since(order.arrived_at));
    let tries = Tries { task_attempts: 1, attempts: 1 };
    vec![
        (at, Observation::CallbackAccepted { order }),
        (at, Observation::NextStateEntered { order }),
        (at, Observation::OrderEnded { order, outcome, cause: None, latency, stages, tries }),
    ]
}

/// The order ends for `cause` without an answer; its task was attempted, and nobody turned to it.
pub(crate) fn lost(at: u64, order: OrderRef, outcome: Outcome, cause: Cause) -> Told {
    let latency = SimTime(at).since(order.arrived_at);
    let tries = Tries { task_attempts: 1, attempts: 0 };
    vec![(at, Observation::OrderEnded { order, outcome, cause: Some(cause), latency, stages: None, tries })]
}

/// The whole way of one order through the queue: sent at `at`, received at `taken`, done at `done`.
pub(crate) fn served(number: u64, at: u64, taken: u64, done: u64, cold: bool) -> Told {
    let (order, slot) = (order(number, at), number as u32);
    let message = message(slot, Some(order), at);
    let mut told = [arrives(at, number), sends(at, message)].concat();
    told.push((taken, received(message, 1, taken - at)));
    told.extend(begins(taken, slot, order, cold));
    told.extend(confirmed(done, order, taken));
    told.push((done, Observation::MessageDeleted { message, from: Place::InFlight }));
    told.extend(finishes(done, slot, order, taken, Worth::Useful));
    told
}

/// Several stories as one: at one instant ends come first, then arrivals, then receives, as in a run.
pub(crate) fn together(stories: Vec<Told>) -> Told {
    let mut told = stories.concat();
    told.sort_by_key(|(now, what)| (*now, rank(what)));
    told
}

fn rank(what: &Observation) -> u8 {
    match what {
        Observation::OrderArrived { .. }
        | Observation::ExecutionStarted { .. }
        | Observation::RateLimited { .. }
        | Observation::FaultHit { .. }
        | Observation::TaskAttempted { .. }
        | Observation::MessageSent { .. }
        | Observation::MessageRedriven { .. }
        | Observation::MessageAppeared { .. } => 1,
        Observation::MessageReceived { .. }
        | Observation::ReceiveEnded { .. }
        | Observation::BatchBacksOff { .. }
        | Observation::ConnectionAwaited { .. }
        | Observation::InventoryRejected { .. }
        | Observation::InventoryCallBegan { .. }
        | Observation::InvocationThrottled { .. }
        | Observation::InvocationStarted { .. }
        | Observation::RecordHandedOver { .. }
        | Observation::OrderHandedOver { .. }
        | Observation::PoisonMet { .. }
        | Observation::AttemptBegan { .. } => 2,
        Observation::NextStateEntered { .. }
        | Observation::RetryScheduled { .. }
        | Observation::RetryWaitEnded { .. }
        | Observation::MessageDeleted { .. }
        | Observation::StaleDeleteIgnored { .. }
        | Observation::MessageDeadLettered { .. }
        | Observation::MessageExpired { .. }
        | Observation::EventWaits { .. }
        | Observation::EventDropped { .. }
        | Observation::AttemptEnded { .. }
        | Observation::AttemptJudged { .. }
        | Observation::WorkDoneAfterGivingUp { .. }
        | Observation::InvocationEnded { .. }
        | Observation::EnvironmentReclaimed
        | Observation::EnvironmentsProvisioned { .. }
        | Observation::RatePeaked { .. }
        | Observation::PollersScaled { .. }
        | Observation::PollerFreed
        | Observation::BatchDeleted { .. }
        | Observation::ConnectionWaitEnded { .. }
        | Observation::InventoryCallEnded { .. }
        | Observation::StockAnswered { .. }
        | Observation::AnswerOnItsWay { .. }
        | Observation::CallbackAccepted { .. }
        | Observation::CallbackLate { .. }
        | Observation::OrderEnded { .. } => 0,
    }
}

/// A queue before `servers` environments, first come, first served. `orders` are (time since the one before, work ≥ 1).
/// Returns the story and when it ends.
pub(crate) fn line(orders: &[(u64, u64)], servers: usize) -> (Told, u64) {
    let mut free_at: Vec<u64> = Vec::new();
    let (mut stories, mut at, mut end) = (Vec::new(), 0, 0);
    for (number, (gap, work)) in orders.iter().enumerate() {
        at += gap;
        free_at.sort_unstable();
        let cold = free_at.first().is_none_or(|free| *free > at) && free_at.len() < servers;
        let received = if cold { at } else { at.max(free_at.remove(0)) };
        let done = received + work;
        free_at.push(done);
        stories.push(served(number as u64, at, received, done, cold));
        end = end.max(done);
    }
    (together(stories), end)
}
