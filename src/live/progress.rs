//! What a person who waits may see of a measurement: written by the driver, read by whoever shows it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::live::log::Answer;

/// Counts of the run under way. Reading or not reading them changes nothing.
#[derive(Debug, Default)]
pub struct Progress {
    offered: AtomicU64,
    started: AtomicU64,
    refused: AtomicU64,
    answered: AtomicU64,
    confirmed: AtomicU64,
    ended: AtomicU64,
    lag_ns: AtomicU64,
}

/// What there is to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Orders whose time has come.
    pub offered: u64,
    /// Orders offered whose end nobody has heard of yet.
    pub in_flight: u64,
    /// Orders whose answer was a success; in the direct design executions that came to their end.
    pub confirmed: u64,
    /// How late the last order was started, in nanoseconds.
    pub lag_ns: u64,
}

impl Progress {
    /// An order was due and is started so much later.
    pub fn offered(&self, lag_ns: u64) {
        self.offered.fetch_add(1, Ordering::Relaxed);
        self.lag_ns.store(lag_ns, Ordering::Relaxed);
    }

    /// An execution was started.
    pub fn started(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// An execution was not started.
    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// An answer was accepted.
    pub fn answered(&self, answer: Answer) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if answer == Answer::Done {
            self.confirmed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// So many executions run, as the services say: whatever else was started has ended.
    pub fn running(&self, running: u64) {
        self.ended.store(self.started.load(Ordering::Relaxed).saturating_sub(running), Ordering::Relaxed);
    }

    /// So many have come to their end, as the services say, where nobody here hears the answers.
    pub fn succeeded(&self, succeeded: u64) {
        self.confirmed.store(succeeded, Ordering::Relaxed);
    }

    /// What stands now.
    pub fn shown(&self) -> Shown {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let offered = of(&self.offered);
        let over = of(&self.answered).max(of(&self.ended)) + of(&self.refused);
        Shown {
            offered,
            in_flight: offered.saturating_sub(over),
            confirmed: of(&self.confirmed),
            lag_ns: of(&self.lag_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_timed_out_is_in_flight_no_more() {
        let progress = Progress::default();
        (0..10).for_each(|_| progress.offered(5));
        (0..9).for_each(|_| progress.started());
        progress.refused();
        (0..4).for_each(|_| progress.answered(Answer::Done));
        progress.answered(Answer::Declined);
        assert_eq!(progress.shown(), Shown { offered: 10, in_flight: 4, confirmed: 4, lag_ns: 5 });
        progress.running(1);
        assert_eq!(progress.shown(), Shown { offered: 10, in_flight: 1, confirmed: 4, lag_ns: 5 });
    }
}
