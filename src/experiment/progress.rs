//! What a person who waits may see of a run: how far each design's clock has come.
//!
//! One way only: a run writes here now and then and reads nothing, so watching changes no number.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::measure::findings::Design;
use crate::observer::Observer;
use crate::time::SimTime;

/// Instants between two beats: often enough for a person, too seldom to cost anything.
const INSTANTS_PER_BEAT: u32 = 1 << 16;

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

/// Writes the clock of one run into the shared [`Progress`].
pub(super) struct Beat<'a> {
    clock: &'a AtomicU64,
    instants: u32,
}

impl<'a> Beat<'a> {
    pub(super) fn of(progress: &'a Progress, design: Design) -> Beat<'a> {
        Beat { clock: &progress.clocks[design as usize], instants: 0 }
    }
}

impl<T> Observer<T> for Beat<'_> {
    #[inline(always)]
    fn reach(&mut self, now: SimTime) -> bool {
        self.instants += 1;
        if self.instants == INSTANTS_PER_BEAT {
            self.instants = 0;
            self.clock.store(now.0, Ordering::Relaxed);
        }
        false
    }

    #[inline(always)]
    fn observe(&mut self, _now: SimTime, _what: &T) {}
}
