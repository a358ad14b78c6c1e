//! The auditor itself: keeps the clock, passes observations to the books, and settles with the recorder.

use std::fmt::Debug;

use crate::measure::auditor::faults::FaultBook;
use crate::measure::auditor::functions::FunctionBook;
use crate::measure::auditor::messages::{MessageBook, MessageCounts};
use crate::measure::auditor::orders::OrderBook;
use crate::measure::auditor::services::ServiceBook;
use crate::measure::findings::{DesignFindings, TimelineRow};
use crate::measure::recorded::Recorded;
use crate::measure::tally::MESSAGES_PER_CALL;
use crate::measure::window::Window;
use crate::observation::{Observation, OrderRef, Worth};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

/// What an auditor must know beforehand.
#[derive(Clone, Debug, Default)]
pub struct AuditSettings {
    /// The counted window [from, to); `None`: the whole run, closed at its end.
    pub window: Option<(SimTime, SimTime)>,
    /// Environments busy at most.
    pub concurrency_limit: Option<u64>,
    /// Batches in flight at most.
    pub maximum_concurrency: Option<u64>,
    /// Messages in flight at most.
    pub in_flight_limit: Option<u64>,
    /// Connections of the inventory at most.
    pub max_connections: Option<u64>,
    /// Whether direct invocation is asynchronous: whatever runs is then an event in flight.
    pub asynchronous: bool,
    /// When each fault is open: [from, to).
    pub faults: Vec<(SimTime, SimTime)>,
}

/// Audits one run: panics with the instant, the order and the matter at the first breach.
#[derive(Debug)]
pub struct Auditor {
    now: SimTime,
    orders: OrderBook,
    messages: MessageBook,
    functions: FunctionBook,
    services: ServiceBook,
    asynchronous: bool,
    faults: FaultBook,
}

impl Auditor {
    /// An auditor at instant 0, before anything has happened.
    pub fn new(settings: AuditSettings) -> Auditor {
        let window = Window::new(settings.window);
        Auditor {
            now: SimTime::ZERO,
            orders: OrderBook::new(window),
            messages: MessageBook::new(window, settings.in_flight_limit),
            functions: FunctionBook::new(window, &settings),
            services: ServiceBook::new(window, &settings),
            asynchronous: settings.asynchronous,
            faults: FaultBook::new(window, &settings),
        }
    }

    fn settle(&mut self) {
        self.orders.settle(self.now);
        self.messages.settle(self.now);
        self.functions.settle(self.now);
        if self.asynchronous && self.functions.busy() > self.messages.in_flight() {
            breach(self.now, "Lambda's queue", "more invocations run than events are in flight");
        }
    }

    /// The run is over at `end`: holds what the recorder says against the books.
    pub fn finish(mut self, end: SimTime, recorded: &Recorded) {
        self.reach(end);
        self.settle();
        self.orders.finish(end);
        self.messages.finish(end);
        self.functions.finish(end);
        let times = self.services.finish(end);
        self.hold_integrals(recorded);
        let integrals = &recorded.integrals;
        let levels = [integrals.batches, integrals.connections, integrals.connecting];
        same("time of batches, of calls, and of calls waiting", levels, times);
        self.hold_orders(&recorded.findings);
        self.hold_platform(&recorded.findings);
        self.hold_timeline(&recorded.findings);
    }

    /// The integral identity: level × time is the sum of the members' times.
    fn hold_integrals(&self, recorded: &Recorded) {
        let integrals = &recorded.integrals;
        same("time of orders in progress", integrals.orders_in_progress, self.orders.time_in_progress);
        same("time of orders waiting for a retry", integrals.retries_waiting, self.orders.time_backing_off);
        same("time of messages delayed", integrals.messages_delayed, self.messages.time_delayed);
        same("time of messages visible", integrals.backlog, self.messages.time_visible);
        same("time of messages in flight", integrals.in_flight, self.messages.time_in_flight);
        same("time of environments busy", integrals.concurrency, self.functions.time_busy);
    }

    fn hold_orders(&self, findings: &DesignFindings) {
        let orders = &findings.orders;
        same("orders", *orders, self.orders.counted);
        let lost = orders.failed + orders.timed_out + orders.refused + orders.open;
        same("outcomes against orders offered", orders.confirmed + orders.declined + lost, orders.offered);
        same("causes", findings.causes, self.orders.causes);
        same("causes against orders lost or open", findings.causes.iter().sum::<u64>(), lost);
        same("work done after giving up", findings.work_done_after_giving_up, self.orders.told);
        same("latencies against orders confirmed", findings.latency.count, orders.confirmed);
        same(
            "counts of the latency histogram",
            findings.latency.histogram.0.iter().map(|(_, n)| n).sum(),
            orders.confirmed,
        );
        same("orders handed over", findings.wait.count, self.orders.handed_over);
    }

    fn hold_platform(&self, findings: &DesignFindings) {
        let lambda = &findings.lambda;
        same("invocations", lambda.invocations, self.functions.invocations);
        same("cold starts", lambda.cold_starts, self.functions.cold_starts);
        same("throttles", lambda.throttles, self.functions.throttles);
        same("messages", message_counts(findings), self.messages.counted);
        same("whom faults have hit", findings.faults.clone(), self.faults.findings());
        same("orders that took more than their unit", findings.inventory.oversold, self.orders.oversold);
    }

    fn hold_timeline(&self, findings: &DesignFindings) {
        let sum = |of: fn(&TimelineRow) -> u64| findings.timeline.iter().map(of).sum::<u64>();
        same("offered in the timeline", sum(|row| row.offered), self.orders.offered());
        same("confirmed in the timeline", sum(|row| row.confirmed), self.orders.confirmed);
        same("lost in the timeline", sum(|row| row.lost), self.orders.lost);
        same("throttles in the timeline", sum(|row| row.throttles), self.functions.throttles_ever);
        let most = |of: fn(&TimelineRow) -> u64| findings.timeline.iter().map(of).max().unwrap_or(0);
        same("highest concurrency of the timeline", most(|row| row.concurrency_max), findings.lambda.peak_concurrency);
        let peak_waiting = findings.events.map_or(0, |events| events.peak_waiting);
        let peak_backlog = findings.queue.map_or(peak_waiting, |queue| queue.peak_backlog);
        same("highest backlog of the timeline", most(|row| row.backlog_max), peak_backlog);
    }

    fn attempt_judged(
        &mut self,
        now: SimTime,
        order: &Option<OrderRef>,
        worth: Worth,
        share: SimDuration,
        deferred: bool,
    ) {
        if order.is_none() != (worth == Worth::NoOrder) {
            breach(now, "an attempt", "it is of no order exactly if its worth is");
        }
        self.functions.judged(now, share, deferred);
        order.iter().for_each(|order| self.orders.judged(now, order, worth));
    }
}

impl Observer<Observation> for Auditor {
    fn reach(&mut self, now: SimTime) -> bool {
        if now < self.now {
            breach(self.now, "the clock", &format!("it goes back to {} ns", now.0));
        }
        if now > self.now {
            self.settle();
            self.now = now;
        }
        false
    }

    fn observe(&mut self, now: SimTime, what: &Observation) {
        if now != self.now {
            breach(self.now, "the clock", &format!("something happens at {} ns", now.0));
        }
        let (orders, messages, functions) = (&mut self.orders, &mut self.messages, &mut self.functions);
        let services = &mut self.services;
        match what {
            Observation::OrderArrived { order } => orders.arrived(now, order),
            Observation::ExecutionStarted { order } => orders.execution_started(now, order),
            Observation::TaskAttempted { order, attempt } => orders.task_attempted(now, order, *attempt),
            Observation::NextStateEntered { order } | Observation::CallbackLate { order } => orders.came_in(now, order),
            Observation::RetryScheduled { order, due_at, .. } => orders.retry_scheduled(now, order, *due_at),
            Observation::RetryWaitEnded { order } => orders.retry_wait_ended(now, order),
            Observation::MessageSent { message, delayed } => messages.sent(now, message, *delayed),
            Observation::MessageRedriven { message, delayed } => {
                message.order.iter().for_each(|order| orders.came_in(now, order));
                messages.redriven(now, message, *delayed);
            }
            Observation::MessageAppeared { message, why } => messages.appeared(now, message, *why),
            Observation::MessageReceived { message, receive_count, waited, .. } => {
                message.order.iter().for_each(|order| orders.received(order));
                messages.received(now, message, *receive_count, *waited);
            }
            Observation::MessageDeleted { message, from } => messages.deleted(now, message, *from),
            Observation::StaleDeleteIgnored { message } => messages.stale_delete(now, message),
            Observation::MessageDeadLettered { message } => messages.dead_lettered(now, message),
            Observation::MessageExpired { message, from } => messages.expired(now, message, *from),
            Observation::EventWaits { message, waits, .. } => messages.event_waits(now, message, *waits),
            Observation::EventDropped { message, from, .. } => messages.event_dropped(now, message, *from),
            Observation::RateLimited { limit, token_at, order, .. } => {
                order.iter().for_each(|order| orders.rate_limited(now, order, *limit, *token_at));
            }
            Observation::FaultHit { fault, order } => {
                order.iter().for_each(|order| orders.came_in(now, order));
                self.faults.hit(now, *fault, order);
            }
            Observation::RatePeaked { .. } | Observation::PollersScaled { .. } | Observation::BatchBacksOff { .. } => {}
            Observation::ReceiveEnded { messages, collected } => {
                if *messages > MESSAGES_PER_CALL {
                    breach(now, "the mapping", &format!("one receive returns {messages} messages"));
                }
                if *messages > 0 && !*collected {
                    services.batch_received(now);
                }
            }
            Observation::PollerFreed => services.poller_freed(now),
            Observation::BatchDeleted { messages } => {
                if *messages == 0 {
                    breach(now, "the mapping", "it deletes nothing");
                }
            }
            Observation::EnvironmentsProvisioned { environments } => functions.provisioned(*environments),
            Observation::ConnectionAwaited { .. } => services.wait_began(now),
            Observation::ConnectionWaitEnded { .. } => services.wait_ended(now),
            Observation::InventoryCallBegan { .. } => services.call_began(now),
            Observation::InventoryCallEnded { .. } => services.call_ended(now),
            Observation::StockAnswered { order, answer } => {
                order.iter().for_each(|order| orders.stock_answered(now, order, *answer));
            }
            Observation::InventoryRejected { order } => order.iter().for_each(|order| orders.came_in(now, order)),
            Observation::AnswerOnItsWay { order } => {
                orders.came_in(now, order);
                functions.deferred();
            }
            Observation::InvocationThrottled { order, concurrency } => {
                order.iter().for_each(|order| orders.came_in(now, order));
                functions.throttled(now, *concurrency);
            }
            Observation::InvocationStarted { invocation, records, cold } => {
                functions.started(now, *invocation, *records, *cold);
            }
            Observation::OrderHandedOver { order, wait } => orders.handed_over(now, order, *wait),
            Observation::RecordHandedOver { invocation, order } => {
                order.iter().for_each(|order| orders.came_in(now, order));
                functions.handed_over(now, *invocation);
            }
            Observation::PoisonMet { order } => order.iter().for_each(|order| orders.came_in(now, order)),
            Observation::AttemptBegan { invocation, order } => {
                functions.attempt_began(now, *invocation, order);
                order.iter().for_each(|order| orders.attempt_began(order));
            }
            Observation::AttemptEnded { invocation, order, succeeded } => {
                functions.attempt_ended(now, *invocation, order);
                order.iter().for_each(|order| orders.attempt_ended(now, order, *succeeded));
            }
            Observation::AttemptJudged { order, worth, share, deferred, .. } => {
                self.attempt_judged(now, order, *worth, *share, *deferred);
            }
            Observation::WorkDoneAfterGivingUp { order } => orders.work_done_after_giving_up(now, order),
            Observation::InvocationEnded { invocation, ran, records, .. } => {
                functions.ended(now, *invocation, *ran, *records);
            }
            Observation::EnvironmentReclaimed => functions.reclaimed(now),
            Observation::CallbackAccepted { order } => orders.callback_accepted(now, order),
            Observation::OrderEnded { order, outcome, cause, latency, stages, tries } => {
                orders.tried(now, order, *tries);
                orders.ended(now, order, (*outcome, *cause), *latency, stages);
            }
        }
    }
}

/// What the recorder says of messages, or of the events in Lambda's own queue.
fn message_counts(findings: &DesignFindings) -> MessageCounts {
    match (findings.queue, findings.events) {
        (Some(queue), _) => MessageCounts {
            sent: queue.sent,
            received: queue.received,
            redelivered: queue.redelivered,
            duplicated: queue.duplicated,
            redriven: queue.redriven,
            deleted: queue.deleted,
            dead_lettered: queue.dead_lettered,
            expired: queue.expired,
            dropped: 0,
        },
        (None, Some(events)) => MessageCounts {
            sent: events.accepted,
            received: events.read,
            redelivered: events.read_again,
            deleted: events.handled,
            dropped: events.dropped,
            ..MessageCounts::default()
        },
        (None, None) => MessageCounts::default(),
    }
}

fn same<T: PartialEq + Debug>(what: &str, recorded: T, audited: T) {
    assert!(recorded == audited, "audit of the end: {what}: recorded {recorded:?}, audited {audited:?}");
}

/// The first breach ends the run.
#[cold]
pub(super) fn breach(now: SimTime, who: &str, what: &str) -> ! {
    panic!("audit at {} ns: {who}: {what}", now.0)
}

#[cfg(test)]
#[path = "auditor_tests.rs"]
mod tests;
