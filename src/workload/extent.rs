//! What can be said of a workload before any order is made.

use crate::time::{SimDuration, SimTime};
use crate::workload::batches::BatchSizes;
use crate::workload::course::Course;
use crate::workload::spec::{Batch, Phase, Rate, WorkloadSpec};

/// When the phase marked `origin` starts for the first time; `None`: none is marked.
pub fn marked_origin<'p>(phases: impl IntoIterator<Item = &'p Phase>) -> Option<SimTime> {
    let mut start = SimTime::ZERO;
    for phase in phases {
        if phase.origin {
            return Some(start);
        }
        start = start + phase.duration;
    }
    None
}

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
        marked_origin(&self.phases).unwrap_or(SimTime::ZERO)
    }

    /// The mean number of orders over all repeats, at most `max_orders`.
    ///
    /// Exact for bursts, traces (unless the phase cuts them off), even spacing and Poisson arrivals; of a renewal process the integrated rate, which it nears
    /// as the phase gets long.
    pub fn expected_orders(&self) -> f64 {
        let once: f64 = self.phases.iter().map(|phase| Course::of(phase).expected_orders()).sum();
        let all = once * self.repeat as f64;
        self.max_orders.map_or(all, |most| all.min(most as f64))
    }

    /// The mean time of the handler on an order in seconds, where it is `drawn_s` for those that no trace tells it of.
    pub fn mean_service_s(&self, drawn_s: f64) -> f64 {
        let (mut orders, mut work) = (0.0, 0.0);
        for phase in &self.phases {
            let expected = Course::of(phase).expected_orders();
            let recorded = match &phase.rate {
                Rate::Trace(trace) => trace.facts.mean_service_s,
                _ => None,
            };
            orders += expected;
            work += expected * recorded.unwrap_or(drawn_s);
        }
        let recorded = self.phases.iter().any(|phase| matches!(&phase.rate, Rate::Trace(_)));
        if recorded && orders > 0.0 { work / orders } else { drawn_s }
    }

    /// What went wrong while the traces were read, if anything did: then what came of them is worth nothing.
    pub fn trouble(&self) -> Option<String> {
        self.phases.iter().find_map(|phase| match &phase.rate {
            Rate::Trace(trace) => trace.source.trouble(),
            _ => None,
        })
    }

    /// How often the rate changes by itself over all repeats: phases, and the factors of modulated ones. Saturates.
    pub fn changes(&self) -> u64 {
        let of = |phase: &Phase| match phase.modulation {
            Some(modulation) => phase.duration.0.div_ceil(modulation.correlation.0.max(1)).max(1),
            None => 1,
        };
        let once: u64 = self.phases.iter().map(of).fold(0, u64::saturating_add);
        once.saturating_mul(self.repeat)
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
