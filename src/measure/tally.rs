//! What the recorder counts, besides levels and the timeline.

use crate::measure::histogram::Histogram;
use crate::measure::tries::TriesTally;
use crate::observation::{Cause, DropReason, Stage, Stages, Worth};
use crate::time::SimDuration;

/// Kinds of [`Worth`], [`Worth::NoOrder`] included.
const WORTHS: usize = Worth::NoOrder as usize + 1;

/// Orders inside the window, and what became of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrderTally {
    pub(crate) offered: u64,
    /// By outcome and by how often they were tried.
    pub(crate) tries: TriesTally,
    /// By `Cause as usize`, which is its place in [`Cause::ALL`].
    pub(crate) causes: [u64; Cause::ALL.len()],
    pub(crate) work_done_after_giving_up: u64,
    /// Of confirmed orders.
    pub(crate) latency: Histogram,
    pub(crate) wait: Histogram,
    /// Orders that did not wait at all: most of them, mostly. They are counted in `wait` at the end.
    pub(crate) waited_not: u64,
    /// Orders that an answer ended.
    pub(crate) answered: u64,
    /// By `Stage as usize`, without the orders that spent no time in it.
    pub(crate) stages: [Histogram; Stage::ALL.len()],
    pub(crate) transitions: u64,
    pub(crate) callbacks_accepted: u64,
    pub(crate) callbacks_late: u64,
    pub(crate) callbacks_throttled: u64,
    pub(crate) starts_throttled: u64,
    pub(crate) work: [Amount; WORTHS],
}

/// Attempts and their shares of invocations.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Amount {
    pub(crate) attempts: u64,
    /// In nanoseconds.
    pub(crate) time: u128,
}

impl OrderTally {
    /// An environment was given an order, which had waited for so long.
    #[inline(always)]
    pub(crate) fn handed_over(&mut self, wait: SimDuration) {
        if wait.is_zero() {
            self.waited_not += 1;
        } else {
            self.wait.record(wait);
        }
    }

    /// An answer ended an order.
    #[inline(always)]
    pub(crate) fn answer(&mut self, stages: &Stages) {
        self.answered += 1;
        // Taken apart by name, so that none can be left out; a loop over them would be a jump a stage.
        let Stages { start, retry, send, queue, redelivery, invoke, cold_start, batch, work, callback, transition } =
            *stages;
        self.spend(Stage::Start, start);
        self.spend(Stage::Retry, retry);
        self.spend(Stage::Send, send);
        self.spend(Stage::Queue, queue);
        self.spend(Stage::Redelivery, redelivery);
        self.spend(Stage::Invoke, invoke);
        self.spend(Stage::ColdStart, cold_start);
        self.spend(Stage::Batch, batch);
        self.spend(Stage::Work, work);
        self.spend(Stage::Callback, callback);
        self.spend(Stage::Transition, transition);
    }

    /// Most stages of most orders take no time: those are counted at the end, as the rest.
    #[inline(always)]
    fn spend(&mut self, stage: Stage, spent: SimDuration) {
        if !spent.is_zero() {
            self.stages[stage as usize].record(spent);
        }
    }

    #[inline(always)]
    pub(crate) fn judge(&mut self, worth: Worth, share: SimDuration) {
        let amount = &mut self.work[worth as usize];
        amount.attempts += 1;
        amount.time += u128::from(share.0);
    }
}

/// Messages of counted orders, and of no order if they were sent inside the window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct QueueTally {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) redelivered: u64,
    pub(crate) deleted: u64,
    pub(crate) dead_lettered: u64,
    pub(crate) expired: u64,
    pub(crate) duplicated: u64,
    pub(crate) redriven: u64,
    /// The greatest age that a message reached, whole run.
    pub(crate) oldest: SimDuration,
}

/// Events of asynchronous invocations, of counted orders. What they have in common with messages is counted as those are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EventTally {
    pub(crate) waits_after_throttle: u64,
    pub(crate) waits_after_error: u64,
    /// By `DropReason as usize`.
    pub(crate) dropped: [u64; DropReason::NeverRuns as usize + 1],
    pub(crate) sent_on: u64,
}

impl EventTally {
    pub(crate) fn waits(&mut self, throttled: bool, counted: u64) {
        *(if throttled { &mut self.waits_after_throttle } else { &mut self.waits_after_error }) += counted;
    }

    pub(crate) fn drop(&mut self, why: DropReason, sent_on: bool, counted: u64) {
        self.dropped[why as usize] += counted;
        self.sent_on += if sent_on { counted } else { 0 };
    }
}

/// Calls that are paid for, as far as they happen inside the window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct UsageTally {
    pub(crate) transitions: u64,
    pub(crate) sends: u64,
    pub(crate) receives: u64,
    pub(crate) empty_receives: u64,
    pub(crate) deletes: u64,
    /// Events that went to their on-failure destination.
    pub(crate) sent_on: u64,
    /// Milliseconds billed.
    pub(crate) milliseconds: u64,
}

/// Messages that one call of the queue takes at most.
pub(crate) use crate::facts::queue::MESSAGES_PER_CALL;

/// Invocations, as far as they happen inside the window.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FunctionTally {
    pub(crate) invocations: u64,
    pub(crate) throttles: u64,
    pub(crate) errors: u64,
    pub(crate) timeouts: u64,
    pub(crate) cold_starts: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerations_index_their_tables() {
        assert!(Cause::ALL.iter().enumerate().all(|(place, cause)| *cause as usize == place));
        assert!(Stage::ALL.iter().enumerate().all(|(place, stage)| *stage as usize == place));
    }

    #[test]
    fn every_stage_is_counted_so_that_they_add_up_to_the_latency() {
        let [start, retry, send, queue, redelivery, invoke, cold_start, batch, work, callback, transition] =
            std::array::from_fn(|stage| SimDuration::from_secs(stage as u64 + 1));
        let stages =
            Stages { start, retry, send, queue, redelivery, invoke, cold_start, batch, work, callback, transition };
        let mut tally = OrderTally::default();
        tally.answer(&stages);
        for stage in Stage::ALL {
            assert_eq!(tally.stages[stage as usize].count(), 1, "{}", stage.name());
            assert_eq!(stages.get(stage), SimDuration::from_secs(stage as u64 + 1), "{}", stage.name());
        }
    }
}
