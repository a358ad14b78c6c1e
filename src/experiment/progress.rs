//! What a person who waits may see of a run: how far each design's clock has come.
//!
//! One way only: a run writes here now and then and reads nothing, so watching changes no number.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::measure::findings::Design;
use crate::observer::Observer;
use crate::time::SimTime;

/// The clocks of the runs in progress.
#[derive(Debug, Default)]
pub struct Progress {
    clocks: [AtomicU64; 2],
}

impl Progress {
    /// How far a design has come, to the last beat.
    pub fn clock(&self, design: Design) -> SimTime {
        SimTime(self.clocks[design as usize].load(Ordering::Relaxed))
    }
}

/// Writes the clock of one run into the shared [`Progress`], whenever another observer glances at the run: once per row of
/// the timeline.
pub(super) struct Beat<'a> {
    clock: &'a AtomicU64,
}

impl<'a> Beat<'a> {
    pub(super) fn of(progress: &'a Progress, design: Design) -> Beat<'a> {
        Beat { clock: &progress.clocks[design as usize] }
    }
}

impl<T> Observer<T> for Beat<'_> {
    fn glance(&mut self, now: SimTime, _oldest: Option<SimTime>) {
        self.clock.store(now.0, Ordering::Relaxed);
    }

    #[inline(always)]
    fn observe(&mut self, _now: SimTime, _what: &T) {}
}
