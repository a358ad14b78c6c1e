//! The finder: listens to one run and remembers which orders something happened to, so that one of them can be told of.

use crate::observation::{Appearance, Cause, Observation, OrderRef, Outcome, StockAnswer, Worth};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

/// What can be asked of an order, besides its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// An answer came, or work was done, too late for its task.
    Late,
    /// Its task was tried again.
    Retried,
    /// One of its messages was received more than once.
    Redelivered,
    /// One of its messages was moved back from the dead-letter queue.
    Redriven,
    /// One of its messages stayed visible when it was received.
    Duplicated,
    /// A delete of one of its messages was ignored.
    StaleDelete,
    /// A new environment was started for it.
    ColdStart,
    /// It met an empty bucket.
    RateLimited,
    /// Its call of the inventory waited for a connection.
    ConnectionAwaited,
    /// The handler could not work on it.
    Poisoned,
    /// More than one unit was taken for it.
    Oversold,
    /// It was not confirmed, but its work was done.
    WorkDoneAfterGivingUp,
    /// A fault hit it.
    Fault,
}

/// What an order is sought for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// Nothing: any order.
    Any,
    /// How it ended.
    Outcome(Outcome),
    /// Why it was lost.
    Cause(Cause),
    /// What happened to it, before its end or after.
    Met(Happening),
}

const HAPPENINGS: [(Happening, &str); 13] = [
    (Happening::Late, "late"),
    (Happening::Retried, "retried"),
    (Happening::Redelivered, "redelivered"),
    (Happening::Redriven, "redriven"),
    (Happening::Duplicated, "duplicated"),
    (Happening::StaleDelete, "stale_delete"),
    (Happening::ColdStart, "cold_start"),
    (Happening::RateLimited, "rate_limited"),
    (Happening::ConnectionAwaited, "connection_awaited"),
    (Happening::Poisoned, "poisoned"),
    (Happening::Oversold, "oversold"),
    (Happening::WorkDoneAfterGivingUp, "work_done_after_giving_up"),
    (Happening::Fault, "fault"),
];

impl Trait {
    /// Every trait that has a word, with it: outcomes, causes, happenings.
    pub fn all() -> impl Iterator<Item = (Trait, &'static str)> {
        let outcomes = Outcome::ALL.into_iter().map(|outcome| (Trait::Outcome(outcome), outcome.name()));
        let causes = Cause::ALL.into_iter().map(|cause| (Trait::Cause(cause), cause.name()));
        outcomes.chain(causes).chain(HAPPENINGS.into_iter().map(|(happening, word)| (Trait::Met(happening), word)))
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        Trait::all().find(|(one, _)| *one == self).map_or("any", |(_, word)| word)
    }
}

/// An order that has the trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The order's number, from 0.
    pub number: u64,
    /// Intended arrival → end.
    pub latency: SimDuration,
}

/// Listens to one run; 16 bytes an order.
#[derive(Clone, Debug)]
pub struct Finder {
    sought: Trait,
    /// By number: latency, and whether it has the trait.
    orders: Vec<(SimDuration, bool)>,
    outcomes: [u64; Outcome::ALL.len()],
    /// Whether the invocation that is being given its records is cold.
    cold: bool,
}

impl Finder {
    /// For orders with this trait.
    pub fn new(sought: Trait) -> Finder {
        Finder { sought, orders: Vec::new(), outcomes: [0; Outcome::ALL.len()], cold: false }
    }

    /// The orders that have it, by number.
    pub fn found(&self) -> impl Iterator<Item = Sighting> {
        let numbered = (0_u64..).zip(&self.orders);
        numbered.filter(|(_, (_, has))| *has).map(|(number, (latency, _))| Sighting { number, latency: *latency })
    }

    /// How many orders ended how, in the order of [`Outcome::ALL`].
    pub fn outcomes(&self) -> [u64; Outcome::ALL.len()] {
        self.outcomes
    }

    fn mark(&mut self, order: &OrderRef, has: Trait) {
        self.orders[order.number as usize].1 |= has == self.sought;
    }

    fn met(&mut self, order: &Option<OrderRef>, happening: Happening) {
        if let Some(order) = order {
            self.mark(order, Trait::Met(happening));
        }
    }

    fn ended(&mut self, order: &OrderRef, outcome: Outcome, cause: Option<Cause>, latency: SimDuration) {
        self.outcomes[outcome as usize] += 1;
        let (known, has) = &mut self.orders[order.number as usize];
        *known = latency;
        *has |= match self.sought {
            Trait::Any => true,
            Trait::Outcome(sought) => sought == outcome,
            Trait::Cause(sought) => Some(sought) == cause,
            Trait::Met(_) => false,
        };
    }
}

impl Observer<Observation> for Finder {
    fn observe(&mut self, _now: SimTime, what: &Observation) {
        match what {
            Observation::OrderArrived { .. } => self.orders.push((SimDuration::ZERO, false)),
            Observation::OrderEnded { order, outcome, cause, latency, .. } => {
                self.ended(order, *outcome, *cause, *latency);
            }
            Observation::CallbackLate { order } => self.mark(order, Trait::Met(Happening::Late)),
            Observation::AttemptJudged { order, worth: Worth::TooLate | Worth::TaskOver, .. } => {
                self.met(order, Happening::Late);
            }
            Observation::RetryScheduled { order, .. } => self.mark(order, Trait::Met(Happening::Retried)),
            Observation::MessageReceived { message, receive_count: 2.., .. } => {
                self.met(&message.order, Happening::Redelivered);
            }
            Observation::MessageRedriven { message, .. } => self.met(&message.order, Happening::Redriven),
            Observation::MessageAppeared { message, why: Appearance::Duplicated } => {
                self.met(&message.order, Happening::Duplicated);
            }
            Observation::StaleDeleteIgnored { message } => self.met(&message.order, Happening::StaleDelete),
            Observation::InvocationStarted { cold, .. } => self.cold = *cold,
            Observation::RecordHandedOver { order, .. } if self.cold => self.met(order, Happening::ColdStart),
            Observation::RateLimited { order, .. } => self.met(order, Happening::RateLimited),
            Observation::ConnectionAwaited { order } => self.met(order, Happening::ConnectionAwaited),
            Observation::PoisonMet { order } => self.met(order, Happening::Poisoned),
            Observation::StockAnswered { order, answer: StockAnswer::Oversold } => {
                self.met(order, Happening::Oversold);
            }
            Observation::WorkDoneAfterGivingUp { order } => {
                self.mark(order, Trait::Met(Happening::WorkDoneAfterGivingUp));
            }
            Observation::FaultHit { order, .. } => self.met(order, Happening::Fault),
            Observation::ExecutionStarted { .. }
            | Observation::RatePeaked { .. }
            | Observation::TaskAttempted { .. }
            | Observation::NextStateEntered { .. }
            | Observation::RetryWaitEnded { .. }
            | Observation::MessageSent { .. }
            | Observation::MessageAppeared { .. }
            | Observation::MessageReceived { .. }
            | Observation::MessageDeleted { .. }
            | Observation::MessageDeadLettered { .. }
            | Observation::MessageExpired { .. }
            | Observation::EventWaits { .. }
            | Observation::EventDropped { .. }
            | Observation::PollersScaled { .. }
            | Observation::ReceiveEnded { .. }
            | Observation::PollerFreed
            | Observation::BatchDeleted { .. }
            | Observation::InvocationThrottled { .. }
            | Observation::BatchBacksOff { .. }
            | Observation::EnvironmentsProvisioned { .. }
            | Observation::RecordHandedOver { .. }
            | Observation::OrderHandedOver { .. }
            | Observation::AttemptBegan { .. }
            | Observation::ConnectionWaitEnded { .. }
            | Observation::InventoryCallBegan { .. }
            | Observation::InventoryCallEnded { .. }
            | Observation::StockAnswered { .. }
            | Observation::InventoryRejected { .. }
            | Observation::AttemptEnded { .. }
            | Observation::AttemptJudged { .. }
            | Observation::InvocationEnded { .. }
            | Observation::EnvironmentReclaimed
            | Observation::CallbackAccepted { .. }
            | Observation::AnswerOnItsWay { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::story::{lost, order, served, tell, together};

    fn find(sought: Trait) -> Vec<Sighting> {
        let third = order(2, 30);
        let gone = [vec![(30, Observation::OrderArrived { order: third })]];
        let end = lost(90, third, Outcome::TimedOut, Cause::InFlight);
        let told = together(vec![served(0, 10, 40, 90, true), served(1, 20, 30, 50, false), gone.concat(), end]);
        let mut finder = Finder::new(sought);
        tell(&mut finder, &told, 100);
        assert_eq!(finder.outcomes(), [2, 0, 0, 1, 0, 0]);
        finder.found().collect()
    }

    #[test]
    fn orders_are_found_by_their_end_their_cause_and_what_they_met() {
        let seen = |number, latency| Sighting { number, latency: SimDuration(latency) };
        assert_eq!(find(Trait::Outcome(Outcome::Confirmed)), [seen(0, 80), seen(1, 30)]);
        assert_eq!(find(Trait::Cause(Cause::InFlight)), [seen(2, 60)]);
        assert_eq!(find(Trait::Met(Happening::ColdStart)), [seen(0, 80)]);
        assert_eq!(find(Trait::Met(Happening::Late)), []);
        assert_eq!(find(Trait::Any).len(), 3);
    }

    #[test]
    fn every_word_names_one_trait() {
        let mut words: Vec<&str> = Trait::all().map(|(_, word)| word).collect();
        assert!(Trait::all().all(|(one, word)| one.name() == word));
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!((words.len(), Trait::Any.name()), (all, "any"));
    }
}
