//! What a person who waits may see of the runs: how far they have come.
//!
//! One way only: a run writes here now and then and reads nothing, so watching changes no number.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::measure::findings::Design;
use crate::observer::Observer;
use crate::time::SimTime;

/// A run whose clock has reached the expected end of its arrivals counts so much, and [`DONE`] when it is over.
const ALMOST: u64 = 950;
/// A run that is over.
pub const DONE: u64 = 1_000;

/// The runs in progress.
#[derive(Debug, Default)]
pub struct Progress {
    clocks: [AtomicU64; 2],
    /// Parts in a thousand of one run, added up over all of them.
    parts: AtomicU64,
    over: AtomicU64,
}

impl Progress {
    /// How far a design has come in the run that last gave a sign.
    pub fn clock(&self, design: Design) -> SimTime {
        SimTime(self.clocks[design as usize].load(Ordering::Relaxed))
    }

    /// How much has been done: [`DONE`] for each run that is over, less for those under way.
    pub fn parts(&self) -> u64 {
        self.parts.load(Ordering::Relaxed)
    }

    /// Runs that are over.
    pub fn over(&self) -> u64 {
        self.over.load(Ordering::Relaxed)
    }

    /// Watches runs whose arrivals are expected to end at this instant.
    pub(super) fn watch(&self, expected_end: SimTime) -> Watch<'_> {
        Watch { progress: self, expected_end }
    }
}

/// Where runs tell how far they have come.
pub(super) struct Watch<'a> {
    progress: &'a Progress,
    expected_end: SimTime,
}

impl<'a> Watch<'a> {
    /// For one run.
    pub(super) fn beat(&self, design: Design) -> Beat<'a> {
        let clock = &self.progress.clocks[design as usize];
        Beat { progress: self.progress, clock, expected_end: self.expected_end.0.max(1), told: 0 }
    }
}

/// Writes how far one run has come into the shared [`Progress`], whenever another observer glances at the run: once per row
/// of the timeline. Dropped when the run is over.
pub(super) struct Beat<'a> {
    progress: &'a Progress,
    clock: &'a AtomicU64,
    expected_end: u64,
    told: u64,
}

impl Beat<'_> {
    fn tell(&mut self, parts: u64) {
        self.progress.parts.fetch_add(parts.saturating_sub(self.told), Ordering::Relaxed);
        self.told = self.told.max(parts);
    }
}

impl Drop for Beat<'_> {
    fn drop(&mut self) {
        self.tell(DONE);
        self.progress.over.fetch_add(1, Ordering::Relaxed);
    }
}

impl<T> Observer<T> for Beat<'_> {
    fn glance(&mut self, now: SimTime, _oldest: Option<SimTime>) {
        self.clock.store(now.0, Ordering::Relaxed);
        let share = u128::from(now.0.min(self.expected_end)) * u128::from(ALMOST) / u128::from(self.expected_end);
        self.tell(share as u64);
    }

    #[inline(always)]
    fn observe(&mut self, _now: SimTime, _what: &T) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_add_up_to_what_there_is_to_do_and_never_fall_back() {
        let progress = Progress::default();
        let watch = progress.watch(SimTime(1_000));
        let mut first = watch.beat(Design::Buffered);
        let glance = |beat: &mut Beat<'_>, at| Observer::<()>::glance(beat, SimTime(at), None);
        glance(&mut first, 500);
        assert_eq!((progress.parts(), progress.over(), progress.clock(Design::Buffered)), (475, 0, SimTime(500)));
        let mut second = watch.beat(Design::Direct);
        glance(&mut second, 5_000);
        assert_eq!(progress.parts(), 475 + ALMOST);
        drop(first);
        drop(second);
        assert_eq!((progress.parts(), progress.over()), (2 * DONE, 2));
    }
}
