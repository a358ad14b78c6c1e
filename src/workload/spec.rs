//! What a workload is made of, as plain data: the checked form of the scenario's arrivals.

use crate::random::Distribution;
use crate::time::SimDuration;
use crate::workload::Wave;
use crate::workload::trace::Trace;

/// The arrivals of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadSpec {
    /// Phases that follow each other.
    pub phases: Vec<Phase>,
    /// How often the list of phases runs (at least once).
    pub repeat: u64,
    /// No further order after this many.
    pub max_orders: Option<u64>,
    /// Messages of no order that are visible at time 0 (`queue.initial_backlog`). They have keys of their own.
    pub initial_backlog: u64,
}

/// One phase of the arrivals.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Shown in charts.
    pub name: Option<String>,
    /// How long it lasts; zero only for `at_once` without a duration, and for a trace whose orders all come at 0.
    pub duration: SimDuration,
    /// Orders per second, and how that changes.
    pub rate: Rate,
    /// How the arrivals are spaced at that rate.
    pub spacing: Spacing,
    /// Orders per arrival instant.
    pub batch: Batch,
    /// How the rate goes up and down by chance; `None`: not at all.
    pub modulation: Option<Modulation>,
    /// Charts count time from the start of this phase (first repeat).
    pub origin: bool,
}

/// The rate of a phase in orders per second.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// The same all the time; zero is a pause.
    Constant {
        /// Orders per second.
        rate: f64,
    },
    /// Changes linearly from the start to the end of the phase.
    Ramp {
        /// Orders per second at the start.
        from: f64,
        /// Orders per second at the end.
        to: f64,
    },
    /// Changes geometrically and reaches the target at the end of the phase; both are positive.
    Decay {
        /// Orders per second at the start.
        from: f64,
        /// Orders per second at the end.
        to: f64,
    },
    /// Goes up and down around its mean: rate × (1 + amplitude × sin(2π t / period)), t from the start of the phase.
    Wave(Wave),
    /// So many orders at the start of the phase, then none.
    AtOnce {
        /// How many.
        orders: u64,
    },
    /// As they were recorded: those that come up to the end of the phase.
    Trace(Trace),
}

/// Chance in the rate itself: it is multiplied by a factor that is drawn anew at the start of the phase and after every
/// `correlation`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modulation {
    /// The coefficient of variation of the factors, which are gamma distributed with mean 1; positive.
    pub cv: f64,
    /// How long a factor holds; positive.
    pub correlation: SimDuration,
}

/// How the arrival instants of a phase are spaced, in time rescaled by the integrated rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Spacing {
    /// A (non-homogeneous) Poisson process.
    Poisson,
    /// The same gap every time; the first arrival comes one gap after the start.
    Even,
    /// A renewal process; the distribution has mean 1 second (in rescaled time). The first arrival comes one gap after the start.
    Renewal(Distribution),
}

/// How many orders arrive at one instant. Batch instants come at rate / mean batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Batch {
    /// Always so many (1 for single orders).
    Constant {
        /// How many.
        orders: u64,
    },
    /// Geometric on 1, 2, … with this mean.
    Geometric {
        /// The mean, at least 1.
        mean: f64,
    },
}
