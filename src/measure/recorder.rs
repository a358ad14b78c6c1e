//! The recorder: listens to one run and turns it into numbers.
//!
//! It keeps nothing per order (but a bit for each that a fault hits): observations carry the durations. Orders count by their intended arrival, with everything
//! that later happens to them; invocations, throttles and cold starts count where they happen; levels are integrated over
//! the window; peaks, the drain and the timeline are of the whole run. Whatever depends on a level is looked at when the
//! clock moves on, so values that last no time are never seen.

use crate::measure::downstream::Downstream;
use crate::measure::faults::FaultTally;
use crate::measure::findings::Design;
use crate::measure::level::Peak;
use crate::measure::limits::{InUse, LimitSetting, Limits, Uses};
use crate::measure::tally::{EventTally, FunctionTally, MESSAGES_PER_CALL, OrderTally, QueueTally, UsageTally};
use crate::measure::timeline::{Highest, Standing, Timeline};
use crate::measure::window::{Integrals, Levels, Window};
use crate::observation::{
    Appearance, Cause, DropReason, InvocationEnd, MessageRef, Observation, OrderRef, Outcome, Place, RateLimit, Stages,
    StockAnswer, Tries, Worth,
};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

/// What a recorder must know beforehand.
#[derive(Clone, Debug)]
pub struct RecorderSettings {
    /// Which design is watched.
    pub design: Design,
    /// The counted window [from, to); `None`: the whole run, closed at its end.
    pub window: Option<(SimTime, SimTime)>,
    /// Memory of the function in MiB.
    pub memory_mb: u32,
    /// The step of the timeline; `None`: the shortest of the ladder that gives at most 3,600 rows.
    pub resolution: Option<SimDuration>,
    /// The limits, in the order in which files list them.
    pub limits: Vec<LimitSetting>,
    /// Whether there is an inventory.
    pub inventory: bool,
    /// Whether direct invocation is asynchronous: Lambda then has a queue of its own.
    pub asynchronous: bool,
}

/// Records one run. Told of every observation, then [`finish`](Recorder::finish)ed.
#[derive(Clone, Debug)]
pub struct Recorder {
    pub(crate) design: Design,
    pub(crate) memory_mb: u32,
    /// The instant under way.
    pub(crate) last: SimTime,
    /// The next instant at which a row of the timeline ends or the window opens or closes.
    stop: u64,
    pub(crate) window: Window,
    /// Whether the instant under way lies inside the window.
    pub(crate) open: bool,
    /// When that changes next; `u64::MAX` for never.
    edge: u64,
    /// Of the window, once it has closed.
    pub(crate) closed: Option<Integrals>,
    pub(crate) levels: Levels,
    pub(crate) backlog_peak: Peak,
    pub(crate) busy_peak: Peak,
    pub(crate) batches_peak: Peak,
    /// Of messages in flight, only where they are limited.
    pub(crate) in_flight_peak: Peak,
    in_flight_limited: bool,
    /// Whether nothing but messages, environments and batches is looked at in every instant.
    steady: bool,
    /// Whether there is something to see at the end of an instant, also where nothing waits and nothing is higher than before.
    watchful: bool,
    /// Whether messages have been visible at all times since the backlog's peak.
    draining: bool,
    pub(crate) drained_at: Option<SimTime>,
    pub(crate) limits: Limits,
    pub(crate) timeline: Timeline,
    pub(crate) orders: OrderTally,
    pub(crate) queue: QueueTally,
    pub(crate) events: EventTally,
    /// Whether there is a queue: that of the buffered design, or Lambda's own.
    pub(crate) has_queue: bool,
    pub(crate) function: FunctionTally,
    pub(crate) usage: UsageTally,
    /// Milliseconds billed in provisioned environments, and how many of these there are.
    pub(crate) provisioned: (u64, u32),
    /// When so many provisioned environments were asked for, where that was during the run: they are billed from then on.
    pub(crate) provisioned_asked: Option<(u32, SimTime)>,
    pub(crate) has_inventory: bool,
    pub(crate) downstream: Downstream,
    pub(crate) faults: FaultTally,
}

impl Recorder {
    /// A recorder at instant 0, before anything has happened.
    pub fn new(settings: RecorderSettings) -> Recorder {
        let window = Window::new(settings.window);
        let timeline = Timeline::new(settings.resolution);
        let connections = settings.limits.iter().find(|setting| setting.uses == Uses::Connections);
        let limits = Limits::new(&settings.limits);
        let mut recorder = Recorder {
            design: settings.design,
            memory_mb: settings.memory_mb,
            last: SimTime::ZERO,
            stop: 0,
            window,
            open: false,
            edge: window.from.0,
            closed: None,
            levels: Levels::default(),
            backlog_peak: Peak::default(),
            busy_peak: Peak::default(),
            batches_peak: Peak::default(),
            in_flight_peak: Peak::default(),
            in_flight_limited: limits.watch_in_flight(),
            steady: !limits.watch_in_flight() && !settings.inventory,
            watchful: true,
            draining: false,
            drained_at: None,
            limits,
            timeline,
            orders: OrderTally::default(),
            queue: QueueTally::default(),
            events: EventTally::default(),
            has_queue: settings.design == Design::Buffered || settings.asynchronous,
            function: FunctionTally::default(),
            usage: UsageTally::default(),
            provisioned: (0, 0),
            provisioned_asked: None,
            has_inventory: settings.inventory,
            downstream: Downstream::new(connections.map(|setting| setting.limit)),
            faults: FaultTally::default(),
        };
        recorder.cross_edges(SimTime::ZERO);
        recorder
    }

    /// So many provisioned environments are asked for at this instant of the run.
    pub fn with_provisioned_asked(self, asked: Option<(u32, SimTime)>) -> Recorder {
        Recorder { provisioned_asked: asked, ..self }
    }

    /// The instant under way is over: its levels stand from here on.
    #[inline(always)]
    pub(crate) fn settle(&mut self) {
        let (backlog, busy) = (self.levels.backlog.members(), self.levels.busy.members());
        let batches = self.levels.batches.members();
        // As long as nothing waits and nothing is higher than before there is nothing to see.
        let higher = self.busy_peak.is_below(busy) || self.batches_peak.is_below(batches);
        if backlog > 0 || self.watchful || higher {
            if backlog > 0 && !higher && self.steady && self.limits.stand(busy, batches) {
                // The same is at work as before while messages wait: only they can have become more.
                return self.settle_backlog(backlog);
            }
            self.settle_closely(backlog, busy, batches);
        }
    }

    #[inline(always)]
    fn settle_backlog(&mut self, backlog: u64) {
        if self.backlog_peak.settle(backlog, self.last) {
            self.draining = true;
            self.drained_at = None;
        }
    }

    #[inline(always)]
    fn settle_closely(&mut self, backlog: u64, busy: u64, batches: u64) {
        self.settle_backlog(backlog);
        if backlog == 0 && self.draining {
            self.draining = false;
            self.drained_at = Some(self.last);
        }
        self.busy_peak.settle(busy, self.last);
        let mut in_use = InUse { environments: busy, batches, in_flight: 0 };
        if self.in_flight_limited {
            in_use.in_flight = self.levels.in_flight.members();
            self.in_flight_peak.settle(in_use.in_flight, self.last);
        }
        self.batches_peak.settle(batches, self.last);
        let waiting = self.limits.waiting(backlog, self.levels.retries.members());
        if self.limits.stirs(in_use, waiting) {
            self.limits.change(self.last, in_use, waiting, self.levels.backlog.area_until(self.last));
        }
        if self.has_inventory {
            self.downstream.peak.settle(self.downstream.connections.members(), self.last);
            self.downstream.settle(self.last, &self.window);
        }
        self.watchful =
            backlog > 0 || self.draining || self.has_inventory || self.in_flight_limited || !self.limits.rest();
    }

    /// The clock goes past the end of a row or an edge of the window. Says whether a row began and there is a queue.
    #[cold]
    #[inline(never)]
    fn cross(&mut self, last: SimTime, now: SimTime) -> bool {
        self.cross_edges(now);
        let row_begins = now.0 >= self.timeline.next();
        if row_begins {
            let standing = self.standing();
            let highest = self.end_step();
            let carried = self.timeline.cross(last, now, standing, highest);
            self.backlog_peak.carry(carried.backlog);
            self.busy_peak.carry(carried.concurrency);
        }
        self.stop = self.timeline.next().min(self.edge);
        row_begins && self.has_queue
    }

    fn cross_edges(&mut self, now: SimTime) {
        if !self.open && self.closed.is_none() && now >= self.window.from {
            self.open = true;
            self.levels.open(self.window.from);
            self.downstream.connections.open(self.window.from);
            self.downstream.connecting.open(self.window.from);
            self.limits.open(self.window.from, self.levels.backlog.area_until(self.window.from));
            self.edge = self.window.to.0;
        }
        if self.open && now >= self.window.to {
            self.open = false;
            self.closed = Some(self.integrals(self.window.to));
            self.limits.close(self.window.to, self.levels.backlog.area_until(self.window.to));
            self.edge = u64::MAX;
        }
        self.stop = self.timeline.next().min(self.edge);
    }

    /// The integrals from the opening of the window to `until`.
    pub(crate) fn integrals(&self, until: SimTime) -> Integrals {
        Integrals {
            connections: self.downstream.connections.area(until),
            connecting: self.downstream.connecting.area(until),
            ..self.levels.close(until.since(self.window.from), until)
        }
    }

    fn standing(&self) -> Standing {
        Standing {
            backlog: self.levels.backlog.members(),
            in_flight: self.levels.in_flight.members(),
            concurrency: self.levels.busy.members(),
            environments: self.levels.environments.members(),
            retries_waiting: self.levels.retries.members(),
            connections: self.downstream.connections.members(),
        }
    }

    pub(crate) fn end_step(&mut self) -> Highest {
        Highest { backlog: self.backlog_peak.end_step(), concurrency: self.busy_peak.end_step() }
    }

    #[inline(always)]
    fn counts(&self, order: &OrderRef) -> bool {
        self.window.holds(order.arrived_at)
    }

    /// A message of no order counts by its sending.
    #[inline(always)]
    fn counts_message(&self, message: &MessageRef) -> u64 {
        u64::from(self.window.holds(message.order.map_or(message.sent_at, |order| order.arrived_at)))
    }

    #[inline(always)]
    fn order_ended(
        &mut self,
        now: SimTime,
        order: &OrderRef,
        (outcome, cause): (Outcome, Option<Cause>),
        (latency, tries): (SimDuration, Tries),
        stages: &Option<Stages>,
    ) {
        self.levels.orders.fall(now);
        match outcome {
            Outcome::Confirmed => self.timeline.counts.confirmed += 1,
            Outcome::Failed | Outcome::TimedOut | Outcome::Refused => self.timeline.counts.lost += 1,
            Outcome::Declined | Outcome::Open => {}
        }
        if !self.counts(order) {
            return;
        }
        self.orders.tries.count(outcome, tries);
        if let Some(cause) = cause {
            self.orders.causes[cause as usize] += 1;
        }
        if outcome == Outcome::Confirmed {
            self.orders.latency.record(latency);
        }
        if let Some(stages) = stages {
            self.orders.answer(stages);
        }
    }

    /// A message of no order counts in no order's calls.
    #[inline(always)]
    fn counts_maybe(&self, order: &Option<OrderRef>) -> bool {
        order.as_ref().is_some_and(|order| self.counts(order))
    }

    fn rate_limited(
        &mut self,
        now: SimTime,
        limit: RateLimit,
        (token_at, waits): (SimTime, SimDuration),
        order: &Option<OrderRef>,
    ) {
        let counted = u64::from(self.counts_maybe(order));
        match limit {
            RateLimit::StartExecution => self.orders.starts_throttled += counted,
            RateLimit::SendTask => self.orders.callbacks_throttled += counted,
            RateLimit::StateTransition | RateLimit::EnvironmentRate | RateLimit::RequestRate => {}
        }
        self.limits.rate_limited(now, limit, (token_at, waits), &self.window);
    }

    #[inline(always)]
    fn receive_ended(&mut self, now: SimTime, messages: u32, collected: bool) {
        if messages > 0 && !collected {
            self.levels.batches.rise(now);
        }
        let counted = u64::from(self.open);
        self.usage.receives += counted;
        self.usage.empty_receives += counted * u64::from(messages == 0);
    }

    #[inline(always)]
    fn invocation_ended(&mut self, now: SimTime, end: InvocationEnd, ran: SimDuration, provisioned: bool) {
        self.levels.busy.fall(now);
        // Rounded up; the last millisecond of time is beyond any run.
        let milliseconds = ran.0.wrapping_add(999_999) / 1_000_000 * u64::from(self.open);
        let billed = if provisioned { &mut self.provisioned.0 } else { &mut self.usage.milliseconds };
        *billed += milliseconds;
        match end {
            InvocationEnd::Success => {}
            InvocationEnd::Error => self.function.errors += u64::from(self.open),
            InvocationEnd::Timeout => self.function.timeouts += u64::from(self.open),
        }
    }

    /// A message is in the queue; its way there was a request.
    #[inline(always)]
    fn message_entered(&mut self, now: SimTime, delayed: bool) {
        self.usage.sends += u64::from(self.open);
        if delayed {
            self.levels.delayed.rise(now);
        }
    }

    #[inline(always)]
    fn message_appeared(&mut self, now: SimTime, why: Appearance) {
        match why {
            Appearance::Sent => {}
            Appearance::DelayEnded => self.levels.delayed.fall(now),
            Appearance::Returned | Appearance::Duplicated => self.levels.in_flight.fall(now),
        }
        self.levels.backlog.rise(now);
    }

    /// Lambda gave up an event.
    #[cold]
    fn event_dropped(&mut self, now: SimTime, message: &MessageRef, from: Place, (why, sent_on): (DropReason, bool)) {
        self.message_gone(now, message, from);
        self.events.drop(why, sent_on, self.counts_message(message));
        self.usage.sent_on += u64::from(self.open && sent_on);
    }

    #[inline(always)]
    fn message_gone(&mut self, now: SimTime, message: &MessageRef, from: Place) {
        match from {
            Place::Delayed => self.levels.delayed.fall(now),
            Place::Visible => self.levels.backlog.fall(now),
            Place::InFlight => self.levels.in_flight.fall(now),
        }
        self.queue.oldest = self.queue.oldest.max(now.since(message.sent_at));
    }
}

/// Deletes of the queue for so many messages: one at least.
#[inline(always)]
fn calls(messages: u32) -> u64 {
    if messages <= MESSAGES_PER_CALL { 1 } else { u64::from(messages.div_ceil(MESSAGES_PER_CALL)) }
}

impl Observer<Observation> for Recorder {
    #[inline(always)]
    fn reach(&mut self, now: SimTime) -> bool {
        debug_assert!(now >= self.last, "the clock goes back from {} to {} ns", self.last.0, now.0);
        if now == self.last {
            return false;
        }
        self.settle();
        let last = std::mem::replace(&mut self.last, now);
        now.0 >= self.stop && self.cross(last, now)
    }

    /// Also told once at the end of the run, so that the age of what is left in the queue is known.
    fn glance(&mut self, now: SimTime, oldest: Option<SimTime>) {
        if let Some(sent_at) = oldest {
            self.queue.oldest = self.queue.oldest.max(now.since(sent_at));
        }
        self.timeline.glance(now, oldest);
    }

    #[inline(always)]
    fn observe(&mut self, now: SimTime, what: &Observation) {
        match what {
            Observation::OrderArrived { order } => {
                self.levels.orders.rise(now);
                self.timeline.counts.offered += 1;
                self.orders.offered += u64::from(self.counts(order));
            }
            Observation::ExecutionStarted { .. } | Observation::AnswerOnItsWay { .. } => {}
            Observation::RateLimited { limit, token_at, waits, order } => {
                self.rate_limited(now, *limit, (*token_at, *waits), order);
            }
            Observation::FaultHit { fault, order } => {
                if let Some(order) = order.filter(|order| self.counts(order)) {
                    self.faults.hit(*fault, order.number);
                }
            }
            Observation::RatePeaked { limit, used } => self.limits.rate_peaked(*limit, *used),
            Observation::TaskAttempted { order, .. } | Observation::NextStateEntered { order } => {
                self.orders.transitions += u64::from(self.counts(order));
                self.usage.transitions += u64::from(self.open);
            }
            Observation::RetryScheduled { cause, due_at, .. } => {
                self.levels.retries.rise(now);
                if *cause == Cause::Throttled && self.open {
                    self.limits.back_off(due_at.since(now));
                }
            }
            Observation::RetryWaitEnded { .. } => self.levels.retries.fall(now),
            Observation::MessageSent { message, delayed } => {
                self.queue.sent += self.counts_message(message);
                self.message_entered(now, *delayed);
            }
            Observation::MessageRedriven { message, delayed } => {
                self.queue.redriven += self.counts_message(message);
                self.message_entered(now, *delayed);
            }
            Observation::MessageAppeared { message, why } => {
                self.message_appeared(now, *why);
                if *why == Appearance::Duplicated {
                    self.queue.duplicated += self.counts_message(message);
                }
            }
            Observation::MessageReceived { message, receive_count, .. } => {
                self.levels.backlog.fall(now);
                self.levels.in_flight.rise(now);
                let counted = self.counts_message(message);
                self.queue.received += counted;
                if *receive_count > 1 {
                    self.queue.redelivered += counted;
                }
            }
            Observation::MessageDeleted { message, from } => {
                self.message_gone(now, message, *from);
                self.queue.deleted += self.counts_message(message);
            }
            Observation::StaleDeleteIgnored { .. } => {}
            Observation::MessageDeadLettered { message } => {
                self.message_gone(now, message, Place::Visible);
                self.queue.dead_lettered += self.counts_message(message);
            }
            Observation::MessageExpired { message, from } => {
                self.message_gone(now, message, *from);
                self.queue.expired += self.counts_message(message);
            }
            Observation::EventWaits { message, throttled, waits } => {
                self.events.waits(*throttled, self.counts_message(message));
                if *throttled && self.open {
                    self.limits.back_off(*waits);
                }
            }
            Observation::EventDropped { message, from, why, sent_on } => {
                self.event_dropped(now, message, *from, (*why, *sent_on));
            }
            Observation::PollersScaled { pollers } => {
                self.limits.ramp(u64::from(*pollers));
                self.watchful = true;
            }
            Observation::ReceiveEnded { messages, collected } => self.receive_ended(now, *messages, *collected),
            Observation::PollerFreed => self.levels.batches.fall(now),
            Observation::BatchDeleted { messages } => {
                self.usage.deletes += u64::from(self.open) * calls(*messages);
            }
            Observation::BatchBacksOff { .. } => {}
            Observation::EnvironmentsProvisioned { environments } => {
                self.provisioned.1 = *environments;
                (0..*environments).for_each(|_| self.levels.environments.rise(now));
            }
            Observation::ConnectionAwaited { .. } => self.downstream.connecting.rise(now),
            Observation::ConnectionWaitEnded { .. } => self.downstream.connecting.fall(now),
            Observation::InventoryCallBegan { order } => {
                self.downstream.connections.rise(now);
                self.downstream.calls += u64::from(self.counts_maybe(order));
            }
            Observation::InventoryCallEnded { .. } => self.downstream.connections.fall(now),
            Observation::StockAnswered { order, answer } => {
                let oversold = *answer == StockAnswer::Oversold && self.counts_maybe(order);
                self.downstream.oversold += u64::from(oversold);
            }
            Observation::InventoryRejected { order } => self.downstream.reject(self.counts_maybe(order)),
            Observation::InvocationThrottled { .. } => {
                self.timeline.counts.throttles += 1;
                self.limits.throttle();
                self.watchful = true;
                self.function.throttles += u64::from(self.open);
            }
            Observation::InvocationStarted { cold, .. } => {
                self.levels.busy.rise(now);
                self.function.invocations += u64::from(self.open);
                if *cold {
                    self.levels.environments.rise(now);
                    self.function.cold_starts += u64::from(self.open);
                }
            }
            Observation::OrderHandedOver { order, wait } => {
                if self.counts(order) {
                    self.orders.handed_over(*wait);
                }
            }
            Observation::RecordHandedOver { .. }
            | Observation::AttemptBegan { .. }
            | Observation::PoisonMet { .. }
            | Observation::AttemptEnded { .. } => {}
            Observation::AttemptJudged { order, worth, share, called, .. } => {
                if *worth != Worth::NoOrder && order.is_some_and(|order| self.counts(&order)) {
                    self.orders.judge(*worth, *share);
                    self.downstream.useful += u64::from(*called && *worth == Worth::Useful);
                }
            }
            Observation::WorkDoneAfterGivingUp { order } => {
                self.orders.work_done_after_giving_up += u64::from(self.counts(order));
            }
            Observation::InvocationEnded { end, ran, provisioned, .. } => {
                self.invocation_ended(now, *end, *ran, *provisioned);
            }
            Observation::EnvironmentReclaimed => self.levels.environments.fall(now),
            Observation::CallbackAccepted { order } => {
                self.orders.callbacks_accepted += u64::from(self.counts(order));
            }
            Observation::CallbackLate { order } => self.orders.callbacks_late += u64::from(self.counts(order)),
            Observation::OrderEnded { order, outcome, cause, latency, stages, tries } => {
                self.order_ended(now, order, (*outcome, *cause), (*latency, *tries), stages);
            }
        }
    }
}

#[cfg(test)]
#[path = "recorder_tests.rs"]
mod tests;
