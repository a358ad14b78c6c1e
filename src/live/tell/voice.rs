//! Whoever tells: keeps the clock, the ages of messages, and how many environments were seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::observation::{Observation, OrderRef, Tries};
use crate::observer::Observer;
use crate::slab::Handle;
use crate::time::SimTime;
use crate::workload::Order;

/// Tells observations to a watch, in the order of time.
pub(crate) struct Voice<'w, O> {
    watch: &'w mut O,
    now: SimTime,
    /// When the messages that exist were sent.
    ages: BTreeSet<(SimTime, usize)>,
    busy: u64,
    environments: u64,
    /// How often each order was tried so far.
    tries: BTreeMap<u64, Tries>,
}

impl<'w, O: Observer<Observation>> Voice<'w, O> {
    pub(crate) fn new(watch: &'w mut O) -> Voice<'w, O> {
        Voice { watch, now: SimTime::ZERO, ages: BTreeSet::new(), busy: 0, environments: 0, tries: BTreeMap::new() }
    }

    /// The instant under way.
    pub(crate) fn now(&self) -> SimTime {
        self.now
    }

    /// Time goes on, never back.
    pub(crate) fn reach(&mut self, at: SimTime) {
        if at > self.now {
            self.now = at;
            if self.watch.reach(at) {
                self.watch.glance(at, self.oldest());
            }
        }
    }

    fn oldest(&self) -> Option<SimTime> {
        self.ages.first().map(|(sent_at, _)| *sent_at)
    }

    /// Now.
    pub(crate) fn say(&mut self, what: &Observation) {
        match what {
            Observation::TaskAttempted { order, .. } => self.tries.entry(order.number).or_default().task_attempts += 1,
            Observation::AttemptBegan { order: Some(order), .. } => {
                self.tries.entry(order.number).or_default().attempts += 1;
            }
            _ => {}
        }
        self.watch.observe(self.now, what);
    }

    /// How often an order was tried so far.
    pub(crate) fn tries(&self, order: u64) -> Tries {
        self.tries.get(&order).copied().unwrap_or_default()
    }

    /// A message begins to exist, now.
    pub(crate) fn message_exists(&mut self, message: usize) {
        self.ages.insert((self.now, message));
    }

    /// A message is gone.
    pub(crate) fn message_gone(&mut self, sent_at: SimTime, message: usize) {
        self.ages.remove(&(sent_at, message));
    }

    /// An environment is given a batch of these orders: the first to be busy at its time is a new one.
    pub(crate) fn invocation_starts(&mut self, invocation: usize, given: &[OrderRef]) {
        let records = u32::try_from(given.len()).unwrap_or(u32::MAX);
        let cold = self.busy == self.environments;
        self.environments += u64::from(cold);
        self.busy += 1;
        let invocation = handle(invocation);
        self.say(&Observation::InvocationStarted { invocation, records, cold });
        for order in given {
            self.say(&Observation::RecordHandedOver { invocation, order: Some(*order) });
        }
    }

    /// It is free again; the caller has said how its invocation ended.
    pub(crate) fn environment_free(&mut self) {
        self.busy -= 1;
    }

    /// The run is over.
    pub(crate) fn finish(&mut self, end: SimTime) -> SimTime {
        self.reach(end);
        self.watch.glance(self.now, self.oldest());
        self.now
    }
}

/// Of a message or an invocation of this number.
pub(crate) fn handle(number: usize) -> Handle {
    Handle { slot: u32::try_from(number).unwrap_or(u32::MAX), serial: 1 }
}

/// As observations name an order.
pub(crate) fn order_ref(order: &Order) -> OrderRef {
    OrderRef { number: order.number, arrived_at: order.arrives_at }
}
