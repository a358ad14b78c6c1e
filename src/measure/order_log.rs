//! One row per order, kept only where it is asked for: what a run did to each.

use crate::observation::{Cause, Observation, OrderRef, Outcome};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

/// What a run did to one order. 48 bytes, kept to the end of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// The intended arrival.
    pub arrived_at: SimTime,
    /// When it ended; of an open order the end of the run.
    pub ended_at: SimTime,
    /// Intended arrival → the first environment that was given it; `None` if none was.
    pub wait: Option<SimDuration>,
    /// Receives of its messages, all of them.
    pub receives: u32,
    /// Handlers that turned to it.
    pub attempts: u32,
    /// Invocations for it that the function refused; a batch that is refused belongs to no single order.
    pub throttles: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, unless it was answered.
    pub cause: Option<Cause>,
}

/// Listens to one run and keeps a row per order, in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct OrderLog {
    rows: Vec<OrderRow>,
}

impl OrderLog {
    /// Nothing has happened yet.
    pub fn new() -> OrderLog {
        OrderLog::default()
    }

    /// By the orders' numbers.
    pub fn rows(&self) -> &[OrderRow] {
        &self.rows
    }

    fn row(&mut self, order: &OrderRef) -> &mut OrderRow {
        &mut self.rows[order.number as usize]
    }

    fn arrived(&mut self, order: &OrderRef) {
        assert_eq!(order.number, self.rows.len() as u64, "orders arrive in the order of their numbers");
        self.rows.push(OrderRow {
            arrived_at: order.arrived_at,
            ended_at: order.arrived_at,
            wait: None,
            receives: 0,
            attempts: 0,
            throttles: 0,
            outcome: Outcome::Open,
            cause: None,
        });
    }
}

impl Observer<Observation> for OrderLog {
    fn observe(&mut self, now: SimTime, what: &Observation) {
        match what {
            Observation::OrderArrived { order } => self.arrived(order),
            Observation::OrderHandedOver { order, wait } => self.row(order).wait = Some(*wait),
            Observation::MessageReceived { message, .. } => {
                if let Some(order) = &message.order {
                    self.row(order).receives += 1;
                }
            }
            Observation::AttemptBegan { order: Some(order), .. } => self.row(order).attempts += 1,
            Observation::InvocationThrottled { order: Some(order), .. } => self.row(order).throttles += 1,
            Observation::OrderEnded { order, outcome, cause, .. } => {
                let row = self.row(order);
                (row.ended_at, row.outcome, row.cause) = (now, *outcome, *cause);
            }
            Observation::AttemptBegan { order: None, .. }
            | Observation::InvocationThrottled { order: None, .. }
            | Observation::ExecutionStarted { .. }
            | Observation::RateLimited { .. }
            | Observation::FaultHit { .. }
            | Observation::RatePeaked { .. }
            | Observation::TaskAttempted { .. }
            | Observation::NextStateEntered { .. }
            | Observation::RetryScheduled { .. }
            | Observation::RetryWaitEnded { .. }
            | Observation::MessageSent { .. }
            | Observation::MessageAppeared { .. }
            | Observation::MessageDeleted { .. }
            | Observation::StaleDeleteIgnored { .. }
            | Observation::MessageDeadLettered { .. }
            | Observation::MessageExpired { .. }
            | Observation::EventWaits { .. }
            | Observation::EventDropped { .. }
            | Observation::PollersScaled { .. }
            | Observation::ReceiveEnded { .. }
            | Observation::PollerFreed
            | Observation::BatchDeleted { .. }
            | Observation::BatchBacksOff { .. }
            | Observation::EnvironmentsProvisioned { .. }
            | Observation::InvocationStarted { .. }
            | Observation::RecordHandedOver { .. }
            | Observation::PoisonMet { .. }
            | Observation::ConnectionAwaited { .. }
            | Observation::ConnectionWaitEnded { .. }
            | Observation::InventoryCallBegan { .. }
            | Observation::InventoryCallEnded { .. }
            | Observation::StockAnswered { .. }
            | Observation::InventoryRejected { .. }
            | Observation::AttemptEnded { .. }
            | Observation::AttemptJudged { .. }
            | Observation::WorkDoneAfterGivingUp { .. }
            | Observation::InvocationEnded { .. }
            | Observation::EnvironmentReclaimed
            | Observation::CallbackAccepted { .. }
            | Observation::AnswerOnItsWay { .. }
            | Observation::MessageRedriven { .. }
            | Observation::CallbackLate { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::story::{lost, served, together};

    #[test]
    fn each_order_has_its_row_whatever_the_order_of_the_ends() {
        let story = together(vec![served(0, 10, 40, 90, true), served(1, 20, 30, 50, false)]);
        let mut log = OrderLog::new();
        for (now, what) in &story {
            log.observe(SimTime(*now), what);
        }
        let [first, second] = log.rows() else { panic!("two orders: {:?}", log.rows()) };
        assert_eq!((first.arrived_at, first.ended_at, first.wait), (SimTime(10), SimTime(90), Some(SimDuration(30))));
        assert_eq!(
            (second.arrived_at, second.ended_at, second.wait),
            (SimTime(20), SimTime(50), Some(SimDuration(10)))
        );
        assert_eq!((first.receives, first.attempts, first.throttles), (1, 1, 0));
        assert_eq!((first.outcome, first.cause), (Outcome::Confirmed, None));
        assert!(std::mem::size_of::<OrderRow>() <= 48, "its size is what the help says");
    }

    #[test]
    fn an_order_that_nobody_worked_on_says_why() {
        let mut log = OrderLog::new();
        let order = OrderRef { number: 0, arrived_at: SimTime(5) };
        log.observe(SimTime(5), &Observation::OrderArrived { order });
        let throttled = Observation::InvocationThrottled { order: Some(order), concurrency: true };
        log.observe(SimTime(6), &throttled);
        for (now, what) in lost(9, order, Outcome::Failed, Cause::Throttled) {
            log.observe(SimTime(now), &what);
        }
        let row = log.rows()[0];
        assert_eq!((row.wait, row.attempts, row.throttles, row.ended_at), (None, 0, 1, SimTime(9)));
        assert_eq!((row.outcome, row.cause), (Outcome::Failed, Some(Cause::Throttled)));
    }
}
