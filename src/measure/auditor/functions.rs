//! The book of invocations: never more than the limit, and each one's attempts add up.

use std::collections::BTreeMap;

use crate::measure::auditor::watch::{AuditSettings, breach};
use crate::measure::window::Window;
use crate::observation::OrderRef;
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

#[derive(Debug)]
struct Running {
    since: SimTime,
    records: u32,
    handed_over: u32,
    begun: u32,
    /// The orders (`None`: a message of the initial backlog) that the handler is at.
    in_hand: Vec<Option<u64>>,
}

#[derive(Debug)]
pub(super) struct FunctionBook {
    window: Window,
    concurrency_limit: Option<u64>,
    running: BTreeMap<Handle, Running>,
    environments: u64,
    /// Attempts of invocations that are over, how many of them have been judged, and how many wait for their answer.
    attempts_over: u64,
    judged: u64,
    deferred: u64,
    /// The time of invocations that are over, and how much of it has been shared out, in nanoseconds.
    time_over: u128,
    shared: u128,
    /// Inside the window.
    pub(super) invocations: u64,
    pub(super) cold_starts: u64,
    pub(super) throttles: u64,
    /// Window or not.
    pub(super) throttles_ever: u64,
    /// Time that environments were busy inside the window, in nanoseconds.
    pub(super) time_busy: u128,
}

impl FunctionBook {
    pub(super) fn new(window: Window, settings: &AuditSettings) -> FunctionBook {
        FunctionBook {
            window,
            concurrency_limit: settings.concurrency_limit,
            running: BTreeMap::new(),
            environments: 0,
            attempts_over: 0,
            judged: 0,
            deferred: 0,
            time_over: 0,
            shared: 0,
            invocations: 0,
            cold_starts: 0,
            throttles: 0,
            throttles_ever: 0,
            time_busy: 0,
        }
    }

    pub(super) fn busy(&self) -> u64 {
        self.running.len() as u64
    }

    pub(super) fn provisioned(&mut self, environments: u32) {
        self.environments += u64::from(environments);
    }

    pub(super) fn throttled(&mut self, now: SimTime, concurrency: bool) {
        if concurrency && self.concurrency_limit.is_none_or(|limit| self.busy() < limit) {
            breach(now, "the function", "an invocation is throttled though there is room");
        }
        self.throttles += u64::from(self.window.holds(now));
        self.throttles_ever += 1;
    }

    pub(super) fn started(&mut self, now: SimTime, invocation: Handle, records: u32, cold: bool) {
        if cold {
            self.environments += 1;
        } else if self.busy() >= self.environments {
            invocation_breach(now, invocation, "it starts warm, but no environment is idle");
        }
        if records == 0 {
            invocation_breach(now, invocation, "its batch is empty");
        }
        let fresh = Running { since: now, records, handed_over: 0, begun: 0, in_hand: Vec::new() };
        if self.running.insert(invocation, fresh).is_some() {
            invocation_breach(now, invocation, "it starts while it runs");
        }
        if self.concurrency_limit.is_some_and(|limit| self.busy() > limit) {
            invocation_breach(now, invocation, "more environments are busy than the concurrency limit allows");
        }
        self.invocations += u64::from(self.window.holds(now));
        self.cold_starts += u64::from(cold && self.window.holds(now));
    }

    fn get(&mut self, now: SimTime, invocation: Handle) -> &mut Running {
        match self.running.get_mut(&invocation) {
            Some(running) => running,
            None => invocation_breach(now, invocation, "it does not run"),
        }
    }

    /// The environment of an invocation is given one more record.
    pub(super) fn handed_over(&mut self, now: SimTime, invocation: Handle) {
        let running = self.get(now, invocation);
        running.handed_over += 1;
        if running.since != now || running.handed_over > running.records {
            invocation_breach(now, invocation, "it is given a record after its start, or more than its batch has");
        }
    }

    pub(super) fn attempt_began(&mut self, now: SimTime, invocation: Handle, order: &Option<OrderRef>) {
        let running = self.get(now, invocation);
        running.begun += 1;
        running.in_hand.push(order.map(|order| order.number));
        if running.begun > running.handed_over {
            invocation_breach(now, invocation, "it begins more attempts than it was given records");
        }
    }

    pub(super) fn attempt_ended(&mut self, now: SimTime, invocation: Handle, order: &Option<OrderRef>) {
        let number = order.map(|order| order.number);
        let running = self.get(now, invocation);
        match running.in_hand.iter().position(|held| *held == number) {
            Some(place) => running.in_hand.swap_remove(place),
            None => invocation_breach(now, invocation, &format!("it ends an attempt on {number:?} that never began")),
        };
    }

    pub(super) fn judged(&mut self, now: SimTime, share: SimDuration, deferred: bool) {
        if deferred {
            match self.deferred.checked_sub(1) {
                Some(left) => self.deferred = left,
                None => breach(now, "the function", "an attempt is judged late, but no answer was on its way"),
            }
        }
        self.judged += 1;
        self.shared += u128::from(share.0);
    }

    /// An attempt is judged when its answer has arrived.
    pub(super) fn deferred(&mut self) {
        self.deferred += 1;
    }

    pub(super) fn ended(&mut self, now: SimTime, invocation: Handle, ran: SimDuration, records: u32) {
        let Some(running) = self.running.remove(&invocation) else {
            invocation_breach(now, invocation, "it ends, but it does not run");
        };
        if ran != now.since(running.since) {
            invocation_breach(now, invocation, "it ran for another time than since its start");
        }
        if records != running.records {
            invocation_breach(now, invocation, &format!("it started with {} records", running.records));
        }
        if !running.in_hand.is_empty() {
            invocation_breach(now, invocation, "it ends with attempts that have not ended");
        }
        self.attempts_over += u64::from(running.begun);
        self.time_over += u128::from(ran.0);
        self.time_busy += u128::from(self.window.overlap(running.since, now).0);
    }

    pub(super) fn reclaimed(&mut self, now: SimTime) {
        if self.environments <= self.busy() {
            breach(now, "the function", "an environment is reclaimed, but none is idle");
        }
        self.environments -= 1;
    }

    /// The instant `now` is over.
    pub(super) fn settle(&mut self, now: SimTime) {
        if self.judged + self.deferred != self.attempts_over {
            let (over, judged, deferred) = (self.attempts_over, self.judged, self.deferred);
            let what = format!("{over} attempts are over, {judged} were judged and {deferred} wait for their answer");
            breach(now, "the function", &what);
        }
        if self.shared > self.time_over {
            let what = format!("{} ns were shared out of {} ns", self.shared, self.time_over);
            breach(now, "the function", &what);
        }
    }

    /// The run is over.
    pub(super) fn finish(&mut self, end: SimTime) {
        for running in std::mem::take(&mut self.running).into_values() {
            self.time_busy += u128::from(self.window.overlap(running.since, end).0);
        }
    }
}

#[cold]
fn invocation_breach(now: SimTime, invocation: Handle, what: &str) -> ! {
    breach(now, &format!("invocation {}.{}", invocation.slot, invocation.serial), what)
}
