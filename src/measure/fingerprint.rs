//! A fingerprint of a whole run: a hash of every observation, its instant and its fields, in order.
//!
//! Two builds that agree on it have done the same things at the same nanoseconds. The bytes are spelled out field by field,
//! so neither a compiler's layout nor a library's hash can change it. It finds differences; it withstands no attacker.

use crate::observation::{MessageRef, Observation, OrderRef, Stage, Stages};
use crate::observer::Observer;
use crate::slab::Handle;
use crate::time::SimTime;

/// Odd constants with well-mixed bits (the fractional parts of √2, √3 and √5).
const KEYS: [u64; 3] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b];

/// Hashes what it is told.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    low: u64,
    high: u64,
}

impl Default for Fingerprint {
    fn default() -> Fingerprint {
        Fingerprint::new()
    }
}

impl Fingerprint {
    /// The fingerprint of nothing.
    pub fn new() -> Fingerprint {
        Fingerprint { low: KEYS[0], high: KEYS[1] }
    }

    /// The hash of everything told so far.
    pub fn digest(&self) -> u128 {
        let mut last = self.clone();
        last.word(KEYS[2]);
        last.word(KEYS[2]);
        u128::from(last.high) << 64 | u128::from(last.low)
    }

    /// Two lanes, each a multiplication whose upper half is folded back; each word reaches both.
    #[inline(always)]
    fn word(&mut self, word: u64) {
        let low = u128::from(self.low ^ word) * u128::from(KEYS[1]);
        let high = u128::from(self.high.rotate_left(29) ^ word) * u128::from(KEYS[2]);
        self.low = (low >> 64) as u64 ^ low as u64 ^ self.high;
        self.high = (high >> 64) as u64 ^ (high as u64).wrapping_add(self.low);
    }

    fn order(&mut self, order: &OrderRef) {
        self.word(order.number);
        self.word(order.arrived_at.0);
    }

    fn maybe_order(&mut self, order: &Option<OrderRef>) {
        self.word(u64::from(order.is_some()));
        if let Some(order) = order {
            self.order(order);
        }
    }

    fn handle(&mut self, handle: Handle) {
        self.word(u64::from(handle.slot) << 32 | u64::from(handle.serial));
    }

    fn message(&mut self, message: &MessageRef) {
        self.handle(message.handle);
        self.maybe_order(&message.order);
        self.word(message.sent_at.0);
    }

    fn stages(&mut self, stages: &Option<Stages>) {
        self.word(u64::from(stages.is_some()));
        if let Some(stages) = stages {
            Stage::ALL.iter().for_each(|stage| self.word(stages.get(*stage).0));
        }
    }

    fn fields(&mut self, what: &Observation) {
        match what {
            Observation::OrderArrived { order }
            | Observation::ExecutionStarted { order }
            | Observation::NextStateEntered { order }
            | Observation::RetryWaitEnded { order }
            | Observation::WorkDoneAfterGivingUp { order }
            | Observation::CallbackAccepted { order }
            | Observation::CallbackLate { order } => self.order(order),
            Observation::TaskAttempted { order, attempt } => {
                self.order(order);
                self.word(u64::from(*attempt));
            }
            Observation::RetryScheduled { order, cause, due_at } => {
                self.order(order);
                self.word(*cause as u64);
                self.word(due_at.0);
            }
            Observation::MessageSent { message, delayed } | Observation::MessageRedriven { message, delayed } => {
                self.message(message);
                self.word(u64::from(*delayed));
            }
            Observation::MessageAppeared { message, why } => {
                self.message(message);
                self.word(*why as u64);
            }
            Observation::MessageReceived { message, receive_count, waited, batch } => {
                self.message(message);
                self.word(u64::from(*receive_count));
                self.word(waited.0);
                self.handle(*batch);
            }
            Observation::MessageDeleted { message, from } | Observation::MessageExpired { message, from } => {
                self.message(message);
                self.word(*from as u64);
            }
            Observation::StaleDeleteIgnored { message } | Observation::MessageDeadLettered { message } => {
                self.message(message);
            }
            Observation::EventWaits { message, throttled, waits } => {
                self.message(message);
                self.word(u64::from(*throttled));
                self.word(waits.0);
            }
            Observation::EventDropped { message, from, why, sent_on } => {
                self.message(message);
                self.word(*from as u64);
                self.word(*why as u64);
                self.word(u64::from(*sent_on));
            }
            Observation::OrderHandedOver { order, wait } => {
                self.order(order);
                self.word(wait.0);
            }
            Observation::OrderEnded { order, outcome, cause, latency, stages, tries } => {
                self.order(order);
                self.word(*outcome as u64);
                self.word(cause.map_or(u64::MAX, |cause| cause as u64));
                self.word(latency.0);
                self.stages(stages);
                self.word(u64::from(tries.task_attempts));
                self.word(u64::from(tries.attempts));
            }
            Observation::AnswerOnItsWay { order } => self.order(order),
            Observation::RateLimited { limit, token_at, waits, order } => {
                self.word(*limit as u64);
                self.word(token_at.0);
                self.word(waits.0);
                self.maybe_order(order);
            }
            Observation::FaultHit { fault, order } => {
                self.word(u64::from(*fault));
                self.maybe_order(order);
            }
            Observation::RatePeaked { limit, used } => {
                self.word(*limit as u64);
                self.word(*used);
            }
            Observation::PollersScaled { pollers: number }
            | Observation::BatchDeleted { messages: number }
            | Observation::EnvironmentsProvisioned { environments: number } => self.word(u64::from(*number)),
            Observation::ReceiveEnded { messages, collected } => {
                self.word(u64::from(*messages));
                self.word(u64::from(*collected));
            }
            Observation::BatchBacksOff { batch, waits } => {
                self.handle(*batch);
                self.word(waits.0);
            }
            Observation::InvocationThrottled { order, concurrency } => {
                self.maybe_order(order);
                self.word(u64::from(*concurrency));
            }
            Observation::ConnectionAwaited { order }
            | Observation::PoisonMet { order }
            | Observation::InventoryCallBegan { order }
            | Observation::InventoryCallEnded { order }
            | Observation::InventoryRejected { order } => self.maybe_order(order),
            Observation::ConnectionWaitEnded { order, waited } => {
                self.maybe_order(order);
                self.word(waited.0);
            }
            Observation::StockAnswered { order, answer } => {
                self.maybe_order(order);
                self.word(*answer as u64);
            }
            Observation::InvocationStarted { invocation, records, cold } => {
                self.handle(*invocation);
                self.word(u64::from(*records));
                self.word(u64::from(*cold));
            }
            Observation::AttemptBegan { invocation, order } | Observation::RecordHandedOver { invocation, order } => {
                self.handle(*invocation);
                self.maybe_order(order);
            }
            Observation::AttemptEnded { invocation, order, succeeded } => {
                self.handle(*invocation);
                self.maybe_order(order);
                self.word(u64::from(*succeeded));
            }
            Observation::AttemptJudged { order, worth, share, called, deferred } => {
                self.maybe_order(order);
                self.word(*worth as u64);
                self.word(share.0);
                self.word(u64::from(*called) << 1 | u64::from(*deferred));
            }
            Observation::InvocationEnded { invocation, end, ran, records, provisioned } => {
                self.word(u64::from(*provisioned));
                self.handle(*invocation);
                self.word(*end as u64);
                self.word(ran.0);
                self.word(u64::from(*records));
            }
            Observation::EnvironmentReclaimed | Observation::PollerFreed => {}
        }
    }
}

/// One number a kind, for ever: a new kind takes the next.
#[inline(always)]
fn kind(what: &Observation) -> u64 {
    match what {
        Observation::OrderArrived { .. } => 1,
        Observation::ExecutionStarted { .. } => 2,
        Observation::TaskAttempted { .. } => 3,
        Observation::NextStateEntered { .. } => 4,
        Observation::RetryScheduled { .. } => 5,
        Observation::RetryWaitEnded { .. } => 6,
        Observation::MessageSent { .. } => 7,
        Observation::MessageAppeared { .. } => 8,
        Observation::MessageReceived { .. } => 9,
        Observation::MessageDeleted { .. } => 10,
        Observation::StaleDeleteIgnored { .. } => 11,
        Observation::MessageDeadLettered { .. } => 12,
        Observation::MessageExpired { .. } => 13,
        Observation::InvocationThrottled { .. } => 14,
        Observation::InvocationStarted { .. } => 15,
        Observation::OrderHandedOver { .. } => 16,
        Observation::AttemptBegan { .. } => 17,
        Observation::AttemptEnded { .. } => 18,
        Observation::AttemptJudged { .. } => 19,
        Observation::WorkDoneAfterGivingUp { .. } => 20,
        Observation::InvocationEnded { .. } => 21,
        Observation::EnvironmentReclaimed => 22,
        Observation::CallbackAccepted { .. } => 23,
        Observation::CallbackLate { .. } => 24,
        Observation::OrderEnded { .. } => 25,
        Observation::RateLimited { .. } => 26,
        Observation::RatePeaked { .. } => 27,
        Observation::PollersScaled { .. } => 28,
        Observation::ReceiveEnded { .. } => 29,
        Observation::PollerFreed => 30,
        Observation::BatchDeleted { .. } => 31,
        Observation::BatchBacksOff { .. } => 32,
        Observation::EnvironmentsProvisioned { .. } => 33,
        Observation::ConnectionAwaited { .. } => 34,
        Observation::ConnectionWaitEnded { .. } => 35,
        Observation::InventoryCallBegan { .. } => 36,
        Observation::InventoryCallEnded { .. } => 37,
        Observation::InventoryRejected { .. } => 38,
        Observation::AnswerOnItsWay { .. } => 39,
        Observation::StockAnswered { .. } => 40,
        Observation::EventWaits { .. } => 41,
        Observation::EventDropped { .. } => 42,
        Observation::FaultHit { .. } => 48,
        Observation::MessageRedriven { .. } => 49,
        Observation::RecordHandedOver { .. } => 50,
        Observation::PoisonMet { .. } => 51,
    }
}

impl Observer<Observation> for Fingerprint {
    fn observe(&mut self, now: SimTime, what: &Observation) {
        self.word(now.0);
        self.word(kind(what));
        self.fields(what);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Appearance, Cause, DropReason, Outcome, Place, Tries};
    use crate::time::SimDuration;

    const ORDER: OrderRef = OrderRef { number: 0, arrived_at: SimTime(0) };

    fn digest(told: &[(u64, Observation)]) -> u128 {
        let mut fingerprint = Fingerprint::new();
        told.iter().for_each(|(now, what)| fingerprint.observe(SimTime(*now), what));
        fingerprint.digest()
    }

    fn ended(cause: Option<Cause>, stages: Option<Stages>) -> Observation {
        let (outcome, latency, tries) = (Outcome::Open, SimDuration(0), Tries::default());
        Observation::OrderEnded { order: ORDER, outcome, cause, latency, stages, tries }
    }

    /// Streams that differ from one another in one thing only.
    fn variants() -> Vec<Vec<(u64, Observation)>> {
        let message = MessageRef { handle: Handle { slot: 0, serial: 0 }, order: None, sent_at: SimTime(0) };
        let later = MessageRef { handle: Handle { slot: 0, serial: 1 }, ..message };
        let ordered = MessageRef { order: Some(ORDER), ..message };
        let deleted = |message, from| vec![(0, Observation::MessageDeleted { message, from })];
        let waits = |throttled| vec![(0, Observation::EventWaits { message, throttled, waits: SimDuration(1) })];
        let dropped =
            |why, sent_on| vec![(0, Observation::EventDropped { message, from: Place::InFlight, why, sent_on })];
        vec![
            waits(true),
            waits(false),
            dropped(DropReason::TooOld, false),
            dropped(DropReason::TooOld, true),
            dropped(DropReason::RetriesSpent, false),
            vec![],
            vec![(0, Observation::EnvironmentReclaimed)],
            vec![(1, Observation::EnvironmentReclaimed)],
            vec![(0, Observation::EnvironmentReclaimed), (0, Observation::EnvironmentReclaimed)],
            vec![(0, Observation::OrderArrived { order: ORDER })],
            vec![(0, Observation::ExecutionStarted { order: ORDER })],
            vec![(0, Observation::OrderArrived { order: ORDER }), (0, Observation::ExecutionStarted { order: ORDER })],
            vec![(0, Observation::ExecutionStarted { order: ORDER }), (0, Observation::OrderArrived { order: ORDER })],
            deleted(message, Place::InFlight),
            deleted(message, Place::Visible),
            deleted(later, Place::InFlight),
            deleted(ordered, Place::InFlight),
            vec![(0, Observation::MessageExpired { message, from: Place::InFlight })],
            vec![(0, Observation::MessageAppeared { message, why: Appearance::Sent })],
            vec![(0, Observation::MessageAppeared { message, why: Appearance::Returned })],
            vec![(0, ended(None, None))],
            vec![(0, ended(Some(Cause::Throttled), None))],
            vec![(0, ended(None, Some(Stages::default())))],
            vec![(0, ended(None, Some(Stages { work: SimDuration(1), ..Stages::default() })))],
            vec![(0, ended(None, Some(Stages { transition: SimDuration(1), ..Stages::default() })))],
        ]
    }

    #[test]
    fn any_difference_in_instant_kind_field_or_order_shows() {
        let mut digests: Vec<u128> = variants().iter().map(|told| digest(told)).collect();
        let told = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), told);
    }

    #[test]
    fn the_hash_is_the_same_on_every_machine() {
        assert_eq!(digest(&[]), 0x4c5905af1e24f4f2d6e80ba72dd4ae59);
        assert_eq!(digest(&[(7, Observation::EnvironmentReclaimed)]), 0x615943ebe6afd018b1cc11ee822db3e8);
    }
}
