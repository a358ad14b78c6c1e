//! What is around an order: the levels that its waiting has to do with.

use crate::observation::{Appearance, Observation, Place};

/// Levels of one design at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around {
    /// Messages (or events of Lambda's own queue) waiting.
    pub visible: u64,
    /// Messages received and not deleted.
    pub in_flight: u64,
    /// Batches in the hands of the mapping.
    pub batches: u64,
    /// Batches that the mapping's ramp allows; 0 where there is no ramp.
    pub pollers: u32,
    /// Environments initialising or working.
    pub busy: u64,
    /// Connections of the inventory in use.
    pub connections: u64,
    /// Calls that wait for one.
    pub connecting: u64,
}

impl Around {
    /// What has happened moves the levels.
    pub(super) fn follow(&mut self, what: &Observation) {
        match what {
            Observation::MessageAppeared { why, .. } => {
                self.visible += 1;
                self.in_flight -= u64::from(matches!(why, Appearance::Returned | Appearance::Duplicated));
            }
            Observation::MessageReceived { .. } => {
                self.visible -= 1;
                self.in_flight += 1;
            }
            Observation::MessageDeleted { from, .. }
            | Observation::MessageExpired { from, .. }
            | Observation::EventDropped { from, .. } => self.gone(*from),
            Observation::MessageDeadLettered { .. } => self.gone(Place::Visible),
            Observation::PollersScaled { pollers } => self.pollers = *pollers,
            Observation::ReceiveEnded { messages, collected } => {
                self.batches += u64::from(*messages > 0 && !*collected);
            }
            Observation::PollerFreed => self.batches -= 1,
            Observation::InvocationStarted { .. } => self.busy += 1,
            Observation::InvocationEnded { .. } => self.busy -= 1,
            Observation::ConnectionAwaited { .. } => self.connecting += 1,
            Observation::ConnectionWaitEnded { .. } => self.connecting -= 1,
            Observation::InventoryCallBegan { .. } => self.connections += 1,
            Observation::InventoryCallEnded { .. } => self.connections -= 1,
            Observation::OrderArrived { .. }
            | Observation::ExecutionStarted { .. }
            | Observation::RateLimited { .. }
            | Observation::FaultHit { .. }
            | Observation::RatePeaked { .. }
            | Observation::TaskAttempted { .. }
            | Observation::NextStateEntered { .. }
            | Observation::RetryScheduled { .. }
            | Observation::RetryWaitEnded { .. }
            | Observation::MessageSent { .. }
            | Observation::MessageRedriven { .. }
            | Observation::StaleDeleteIgnored { .. }
            | Observation::EventWaits { .. }
            | Observation::BatchDeleted { .. }
            | Observation::BatchBacksOff { .. }
            | Observation::EnvironmentsProvisioned { .. }
            | Observation::EnvironmentReclaimed
            | Observation::InvocationThrottled { .. }
            | Observation::RecordHandedOver { .. }
            | Observation::OrderHandedOver { .. }
            | Observation::AttemptBegan { .. }
            | Observation::PoisonMet { .. }
            | Observation::AttemptEnded { .. }
            | Observation::AttemptJudged { .. }
            | Observation::StockAnswered { .. }
            | Observation::InventoryRejected { .. }
            | Observation::WorkDoneAfterGivingUp { .. }
            | Observation::CallbackAccepted { .. }
            | Observation::AnswerOnItsWay { .. }
            | Observation::CallbackLate { .. }
            | Observation::OrderEnded { .. } => {}
        }
    }

    fn gone(&mut self, from: Place) {
        match from {
            Place::Delayed => {}
            Place::Visible => self.visible -= 1,
            Place::InFlight => self.in_flight -= 1,
        }
    }
}
