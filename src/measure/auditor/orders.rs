//! The book of orders: each comes in once, ends once, and is accounted for.

use std::collections::BTreeMap;

use crate::measure::auditor::watch::breach;
use crate::measure::findings::Orders;
use crate::measure::window::Window;
use crate::observation::{Cause, OrderRef, Outcome, RateLimit, Stage, Stages, StockAnswer, Tries, Worth};
use crate::time::{SimDuration, SimTime};

/// What is remembered of every order that ever came in, in one byte: how it ended (0: in progress), and these marks.
type Fate = u8;
const OUTCOME: Fate = 0b111;
/// An environment was given it.
const HANDED_OVER: Fate = 1 << 3;
/// An attempt of it succeeded.
const WORK_DONE: Fate = 1 << 4;
/// It was said that its work was done though it was not confirmed.
const TOLD: Fate = 1 << 5;
/// An attempt of it was judged useful.
const USEFUL: Fate = 1 << 6;
/// It has taken a unit.
const HAS_UNIT: Fate = 1 << 7;

const fn fate_of(outcome: Outcome) -> Fate {
    outcome as Fate + 1
}

#[derive(Debug)]
struct OpenOrder {
    arrived_at: SimTime,
    started: bool,
    attempts: u32,
    accepted: u32,
    receives: u32,
    /// Handlers that turned to it.
    handled: u32,
    wait: Option<SimDuration>,
}

#[derive(Debug)]
pub(super) struct OrderBook {
    window: Window,
    fates: Vec<Fate>,
    in_progress: BTreeMap<u64, OpenOrder>,
    /// Orders that wait for a retry: since when, until when.
    backing_off: BTreeMap<u64, (SimTime, SimTime)>,
    /// Orders that ended in the instant under way.
    ended_now: Vec<u64>,
    /// Orders of which it was said in the instant under way that their work was done all the same.
    told_now: Vec<u64>,
    /// Counted orders.
    pub(super) counted: Orders,
    pub(super) causes: [u64; Cause::ALL.len()],
    pub(super) handed_over: u64,
    pub(super) told: u64,
    /// Units taken for counted orders beyond their first.
    pub(super) oversold: u64,
    /// All orders, counted or not.
    pub(super) confirmed: u64,
    pub(super) lost: u64,
    /// Time that orders were in progress inside the window, in nanoseconds.
    pub(super) time_in_progress: u128,
    /// Time that orders waited for a retry inside the window, in nanoseconds.
    pub(super) time_backing_off: u128,
}

impl OrderBook {
    pub(super) fn new(window: Window) -> OrderBook {
        OrderBook {
            window,
            fates: Vec::new(),
            in_progress: BTreeMap::new(),
            backing_off: BTreeMap::new(),
            ended_now: Vec::new(),
            told_now: Vec::new(),
            counted: Orders::default(),
            causes: [0; Cause::ALL.len()],
            handed_over: 0,
            told: 0,
            oversold: 0,
            confirmed: 0,
            lost: 0,
            time_in_progress: 0,
            time_backing_off: 0,
        }
    }

    /// All orders that came in.
    pub(super) fn offered(&self) -> u64 {
        self.fates.len() as u64
    }

    pub(super) fn arrived(&mut self, now: SimTime, order: &OrderRef) {
        if order.number != self.offered() {
            order_breach(now, order.number, &format!("{} orders came in before it", self.offered()));
        }
        if order.arrived_at != now {
            order_breach(now, order.number, "its intended arrival is another instant");
        }
        self.fates.push(0);
        let fresh = OpenOrder {
            arrived_at: now,
            started: false,
            attempts: 0,
            accepted: 0,
            receives: 0,
            handled: 0,
            wait: None,
        };
        self.in_progress.insert(order.number, fresh);
        self.counted.offered += u64::from(self.window.holds(now));
    }

    /// An order that must be in progress.
    fn open(&mut self, now: SimTime, order: &OrderRef, what: &str) -> &mut OpenOrder {
        self.fate(now, order);
        let Some(open) = self.in_progress.get_mut(&order.number) else {
            order_breach(now, order.number, &format!("{what}, but it has ended"));
        };
        if open.arrived_at != order.arrived_at {
            order_breach(now, order.number, "its arrival is not what it was");
        }
        open
    }

    /// An order that must have come in.
    fn fate(&mut self, now: SimTime, order: &OrderRef) -> &mut Fate {
        match self.fates.get_mut(order.number as usize) {
            Some(fate) => fate,
            None => order_breach(now, order.number, "it never came in"),
        }
    }

    pub(super) fn came_in(&mut self, now: SimTime, order: &OrderRef) {
        self.fate(now, order);
    }

    /// A bucket had no token for a call about an order.
    pub(super) fn rate_limited(&mut self, now: SimTime, order: &OrderRef, limit: RateLimit, token_at: SimTime) {
        self.came_in(now, order);
        if token_at <= now {
            order_breach(now, order.number, "a bucket refuses it, but has a token");
        }
        // A retry that is due may have to wait for its transition.
        if limit == RateLimit::StateTransition
            && let Some((_, due_at)) = self.backing_off.get_mut(&order.number)
        {
            *due_at = token_at.max(*due_at);
        }
    }

    /// The inventory has answered about an order: whoever took a unit has done the work.
    pub(super) fn stock_answered(&mut self, now: SimTime, order: &OrderRef, answer: StockAnswer) {
        let fate = self.fate(now, order);
        let had_unit = *fate & HAS_UNIT != 0;
        match answer {
            StockAnswer::Sold => {
                if had_unit {
                    order_breach(now, order.number, "it takes its first unit twice");
                }
                *fate |= HAS_UNIT | WORK_DONE;
            }
            StockAnswer::Oversold | StockAnswer::Repeated if !had_unit => {
                order_breach(now, order.number, "its call is a repeat, but it has no unit");
            }
            StockAnswer::Oversold => self.oversold += u64::from(self.window.holds(order.arrived_at)),
            StockAnswer::Repeated | StockAnswer::OutOfStock => {}
        }
    }

    pub(super) fn execution_started(&mut self, now: SimTime, order: &OrderRef) {
        let open = self.open(now, order, "its execution starts");
        if std::mem::replace(&mut open.started, true) {
            order_breach(now, order.number, "its execution starts twice");
        }
    }

    pub(super) fn task_attempted(&mut self, now: SimTime, order: &OrderRef, attempt: u32) {
        let backing_off = self.backing_off.contains_key(&order.number);
        let open = self.open(now, order, "its task is attempted");
        if !open.started || backing_off {
            order_breach(now, order.number, "its task is attempted while it does not run or backs off");
        }
        if attempt != open.attempts {
            order_breach(now, order.number, &format!("attempt {attempt} follows {} attempts", open.attempts));
        }
        open.attempts += 1;
    }

    pub(super) fn retry_scheduled(&mut self, now: SimTime, order: &OrderRef, due_at: SimTime) {
        if self.open(now, order, "a retry is scheduled").attempts == 0 {
            order_breach(now, order.number, "a retry is scheduled before the first attempt");
        }
        if due_at < now {
            order_breach(now, order.number, "a retry is due in the past");
        }
        if self.backing_off.insert(order.number, (now, due_at)).is_some() {
            order_breach(now, order.number, "it waits for two retries");
        }
    }

    pub(super) fn retry_wait_ended(&mut self, now: SimTime, order: &OrderRef) {
        match self.backing_off.remove(&order.number) {
            Some((since, due_at)) if now <= due_at => {
                self.time_backing_off += u128::from(self.window.overlap(since, now).0);
            }
            Some(_) => order_breach(now, order.number, "its retry comes late"),
            None => order_breach(now, order.number, "it was not waiting for a retry"),
        }
    }

    pub(super) fn handed_over(&mut self, now: SimTime, order: &OrderRef, wait: SimDuration) {
        let fate = self.fate(now, order);
        if *fate & HANDED_OVER != 0 {
            order_breach(now, order.number, "it is handed over for the first time twice");
        }
        *fate |= HANDED_OVER;
        if wait != now.since(order.arrived_at) {
            order_breach(now, order.number, "its wait is not the time since its arrival");
        }
        if let Some(open) = self.in_progress.get_mut(&order.number) {
            open.wait = Some(wait);
        }
        self.handed_over += u64::from(self.window.holds(order.arrived_at));
    }

    /// A message about the order was received.
    pub(super) fn received(&mut self, order: &OrderRef) {
        if let Some(open) = self.in_progress.get_mut(&order.number) {
            open.receives += 1;
        }
    }

    /// A handler turned to the order.
    pub(super) fn attempt_began(&mut self, order: &OrderRef) {
        if let Some(open) = self.in_progress.get_mut(&order.number) {
            open.handled += 1;
        }
    }

    /// The order ends, and it is said how often it was tried.
    pub(super) fn tried(&mut self, now: SimTime, order: &OrderRef, tries: Tries) {
        let open = self.open(now, order, "it ends");
        let told = Tries { task_attempts: open.attempts, attempts: open.handled };
        if tries != told {
            order_breach(now, order.number, &format!("{tries:?} is said of it, but it had {told:?}"));
        }
    }

    pub(super) fn attempt_ended(&mut self, now: SimTime, order: &OrderRef, succeeded: bool) {
        let fate = self.fate(now, order);
        if *fate & HANDED_OVER == 0 {
            order_breach(now, order.number, "it is worked on, but no environment was given it");
        }
        if succeeded {
            *fate |= WORK_DONE;
        }
    }

    pub(super) fn judged(&mut self, now: SimTime, order: &OrderRef, worth: Worth) {
        let fate = self.fate(now, order);
        if worth == Worth::Useful {
            if *fate & USEFUL != 0 {
                order_breach(now, order.number, "two of its attempts were useful");
            }
            *fate |= USEFUL;
        }
    }

    pub(super) fn callback_accepted(&mut self, now: SimTime, order: &OrderRef) {
        if self.ended_now.contains(&order.number) {
            return;
        }
        let open = self.open(now, order, "an answer is accepted");
        open.accepted += 1;
        if open.accepted > open.attempts {
            order_breach(now, order.number, "more answers are accepted than attempts were made");
        }
    }

    pub(super) fn work_done_after_giving_up(&mut self, now: SimTime, order: &OrderRef) {
        let fate = self.fate(now, order);
        if *fate & TOLD != 0 {
            order_breach(now, order.number, "its work is done after giving up twice");
        }
        *fate |= TOLD;
        self.told_now.push(order.number);
        self.told += u64::from(self.window.holds(order.arrived_at));
    }

    pub(super) fn ended(
        &mut self,
        now: SimTime,
        order: &OrderRef,
        (outcome, cause): (Outcome, Option<Cause>),
        latency: SimDuration,
        stages: &Option<Stages>,
    ) {
        let started = self.open(now, order, "it ends").started;
        if started == (outcome == Outcome::Refused) && outcome != Outcome::Open {
            order_breach(now, order.number, "an order is refused exactly if its execution never started");
        }
        let answered = matches!(outcome, Outcome::Confirmed | Outcome::Declined);
        if answered == cause.is_some() {
            order_breach(now, order.number, "a cause goes exactly with an order neither confirmed nor declined");
        }
        if latency != now.since(order.arrived_at) {
            order_breach(now, order.number, "its latency is not the time since its arrival");
        }
        match (answered, stages) {
            (true, Some(stages)) => self.check_stages(now, order, latency, stages),
            (false, None) => {}
            _ => order_breach(now, order.number, "stages go exactly with an order that an answer ended"),
        }
        self.in_progress.remove(&order.number);
        self.fates[order.number as usize] |= fate_of(outcome);
        self.ended_now.push(order.number);
        self.time_in_progress += u128::from(self.window.overlap(order.arrived_at, now).0);
        self.count_end(order, outcome, cause);
    }

    fn check_stages(&self, now: SimTime, order: &OrderRef, latency: SimDuration, stages: &Stages) {
        let sum: u128 = Stage::ALL.iter().map(|stage| u128::from(stages.get(*stage).0)).sum();
        if sum != u128::from(latency.0) {
            order_breach(now, order.number, &format!("its stages add up to {sum} ns, its latency is {} ns", latency.0));
        }
        let OpenOrder { wait, receives, .. } = self.in_progress[&order.number];
        let Some(wait) = wait else {
            order_breach(now, order.number, "it is answered, but no environment was given it");
        };
        // Received once at most, its wait is what lies before the environment; else another receive may have ended it sooner.
        let before = stages.start + stages.retry + stages.send + stages.queue + stages.redelivery + stages.invoke;
        if wait > before || (receives <= 1 && stages.retry.is_zero() && wait != before) {
            let what = format!("it waited {} ns, its stages before the work are {} ns", wait.0, before.0);
            order_breach(now, order.number, &what);
        }
    }

    fn count_end(&mut self, order: &OrderRef, outcome: Outcome, cause: Option<Cause>) {
        match outcome {
            Outcome::Confirmed => self.confirmed += 1,
            Outcome::Failed | Outcome::TimedOut | Outcome::Refused => self.lost += 1,
            Outcome::Declined | Outcome::Open => {}
        }
        if !self.window.holds(order.arrived_at) {
            return;
        }
        *match outcome {
            Outcome::Confirmed => &mut self.counted.confirmed,
            Outcome::Declined => &mut self.counted.declined,
            Outcome::Failed => &mut self.counted.failed,
            Outcome::TimedOut => &mut self.counted.timed_out,
            Outcome::Refused => &mut self.counted.refused,
            Outcome::Open => &mut self.counted.open,
        } += 1;
        if let Some(place) = Cause::ALL.iter().position(|known| Some(*known) == cause) {
            self.causes[place] += 1;
        }
    }

    /// The instant `now` is over.
    pub(super) fn settle(&mut self, now: SimTime) {
        for number in std::mem::take(&mut self.ended_now) {
            let open = self.fates[number as usize] & OUTCOME == fate_of(Outcome::Open);
            if !open && self.backing_off.contains_key(&number) {
                order_breach(now, number, "it has ended and still waits for a retry");
            }
        }
        for number in std::mem::take(&mut self.told_now) {
            let fate = self.fates[number as usize];
            let given_up = fate & OUTCOME != 0 && fate & OUTCOME != fate_of(Outcome::Confirmed);
            if !given_up || fate & WORK_DONE == 0 {
                order_breach(now, number, "its work is done after giving up, but it is not done or not given up");
            }
        }
    }

    /// The run is over.
    pub(super) fn finish(&mut self, end: SimTime) {
        if let Some(number) = self.in_progress.keys().next() {
            order_breach(end, *number, "the run is over and it has not ended");
        }
        for (since, _) in std::mem::take(&mut self.backing_off).into_values() {
            self.time_backing_off += u128::from(self.window.overlap(since, end).0);
        }
        for (number, fate) in self.fates.iter().enumerate() {
            let is = |outcome| fate & OUTCOME == fate_of(outcome);
            let lost = is(Outcome::Failed) || is(Outcome::TimedOut) || is(Outcome::Refused);
            if lost && fate & WORK_DONE != 0 && fate & TOLD == 0 {
                order_breach(end, number as u64, "its work was done after giving up, and nobody said so");
            }
            if lost && fate & USEFUL != 0 {
                order_breach(end, number as u64, "it is lost, but an attempt was useful");
            }
        }
    }
}

#[cold]
fn order_breach(now: SimTime, number: u64, what: &str) -> ! {
    breach(now, &format!("order {number}"), what)
}
