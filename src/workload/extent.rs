//! What can be said of a workload before any order is made.

use crate::time::{SimDuration, SimTime};
use crate::workload::batches::BatchSizes;
use crate::workload::course::Course;
use crate::workload::spec::{Batch, WorkloadSpec};

impl WorkloadSpec {
    /// The sum of the phases over all repeats. Saturates: whoever checks the specification refuses a span
    /// that reaches the end of time, for orders would come at an instant that never comes.
    pub fn span(&self) -> SimDuration {
        SimDuration(self.once().0.saturating_mul(self.repeat))
    }

    /// The sum of the phases of one repeat (saturating).
    fn once(&self) -> SimDuration {
        self.phases.iter().fold(SimDuration::ZERO, |sum, phase| sum + phase.duration)
    }

    /// Where time is counted from: the first start of the phase marked `origin`, or the beginning.
    pub fn origin(&self) -> SimTime {
        let starts = self.phases.iter().scan(SimTime::ZERO, |clock, phase| {
            let start = *clock;
            *clock = start + phase.duration;
            Some((phase.origin, start))
        });
        starts.filter(|(origin, _)| *origin).map(|(_, start)| start).next().unwrap_or(SimTime::ZERO)
    }

    /// The mean number of orders over all repeats, at most `max_orders`.
    ///
    /// Exact for bursts, even spacing and Poisson arrivals; of a renewal process the integrated rate, which it nears
    /// as the phase gets long.
    pub fn expected_orders(&self) -> f64 {
        let once: f64 = self.phases.iter().map(|phase| Course::of(phase).expected_orders()).sum();
        let all = once * self.repeat as f64;
        self.max_orders.map_or(all, |most| all.min(most as f64))
    }

    /// Every phase in order of time: (repeat from 0, phase from 0, start, end). A phase without length ends where it
    /// starts.
    pub fn phase_starts(&self) -> impl Iterator<Item = (u64, usize, SimTime, SimTime)> + '_ {
        let phases = (0..self.repeat).flat_map(|repeat| self.phases.iter().enumerate().map(move |p| (repeat, p)));
        phases.scan(SimTime::ZERO, |clock, (repeat, (index, phase))| {
            let start = *clock;
            *clock = start + phase.duration;
            Some((repeat, index, start, *clock))
        })
    }
}

impl Batch {
    /// The mean number of orders per instant, at least 1.
    pub fn mean(self) -> f64 {
        BatchSizes::of(self).mean()
    }
}
