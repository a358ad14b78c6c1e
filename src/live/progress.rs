//! What a person who waits may see of a measurement: written by the driver, read by whoever shows it.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::live::log::Answer;

/// Counts of the run under way. Reading or not reading them changes nothing.
#[derive(Debug, Default)]
pub struct Progress {
    offered: AtomicU64,
    over: AtomicU64,
    confirmed: AtomicU64,
    lag_ns: AtomicU64,
}

/// What there is to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Orders whose time has come.
    pub offered: u64,
    /// Orders offered that nobody has answered yet, as far as the driver has heard.
    pub in_flight: u64,
    /// Orders whose answer was a success.
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

    /// An answer was accepted.
    pub fn answered(&self, _order: u64, answer: Answer) {
        self.over.fetch_add(1, Ordering::Relaxed);
        if answer == Answer::Done {
            self.confirmed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// An order ended without an answer.
    pub fn lost(&self) {
        self.over.fetch_add(1, Ordering::Relaxed);
    }

    /// What stands now.
    pub fn shown(&self) -> Shown {
        let offered = self.offered.load(Ordering::Relaxed);
        Shown {
            offered,
            in_flight: offered.saturating_sub(self.over.load(Ordering::Relaxed)),
            confirmed: self.confirmed.load(Ordering::Relaxed),
            lag_ns: self.lag_ns.load(Ordering::Relaxed),
        }
    }
}
