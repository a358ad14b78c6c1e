//! The scenario file: what was typed, and what it means.
//!
//! [`read`] takes a file from disk, [`load`] turns its text into a checked [`Scenario`] or into all its mistakes at once.
//! The text becomes a `tree` of values with their places, command-line `overrides` replace some of them, `files` that it
//! names (`trace`, `samples`) are read into it, and one file per table reads its keys through the collecting `reader`, with
//! what the profile fills in (`defaults`, and under other `assumptions` than the likely ones; `in_force` says which facts of
//! AWS a scenario rests upon). `check` holds
//! what makes no sense in any profile, `rules` what AWS refuses, `advice` what is legal but unwise, `resolved` the file
//! with all defaults filled in and its fingerprint, [`load_curve`] a look at the orders before any run.

mod account;
mod advice;
mod arrivals;
mod assumptions;
mod check;
mod cost;
mod defaults;
mod diagnostics;
mod direct;
mod distributions;
mod estimate;
mod event_source;
mod expect;
mod faults;
mod files;
mod forecast;
mod in_force;
mod inventory;
pub mod keys;
mod lambda;
mod latency;
mod load;
mod load_curve;
mod overrides;
mod provisioning;
mod queue;
mod reader;
mod resolved;
mod retry;
mod rows;
mod rules;
mod run;
mod samples;
pub mod schema;
mod sdk;
mod slo;
mod source;
mod step_functions;
mod trace;
mod tree;
pub mod units;
mod values;
mod what_if;

pub use assumptions::Assumptions;
pub use diagnostics::nearest;
pub use estimate::machine_memory;
pub use forecast::ArrivalsScale;
pub use in_force::{facts_in_force, in_words, range_in_words, table_of_constants};
pub use load::{Loaded, load};
pub use load_curve::{CurvePhase, LoadCurve, load_curve};
pub use overrides::Overrides;
pub use source::{Source, read};

use crate::measure::findings::{Design, Unit};
use crate::measure::prices::PriceList;
use crate::system::spec::FaultSpec;
use crate::system::{BufferedSpec, DirectSpec};
use crate::time::{SimDuration, SimTime};
use crate::workload::WorkloadSpec;

/// A checked scenario: everything a run needs, nothing of the file format.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The file's stem; names the report folder.
    pub name: String,
    /// The file's `title`, or its name.
    pub title: String,
    /// Which profile filled in the defaults.
    pub profile: Profile,
    /// Which end of the ranges of what AWS does not publish.
    pub assumptions: Assumptions,
    /// The seed of every random stream.
    pub seed: u64,
    /// Independent runs.
    pub replications: u32,
    /// The orders as they are forecast; those of a replication are [`Scenario::workload_of`] it.
    pub workload: WorkloadSpec,
    /// How far the forecast may be off; `None`: not at all.
    pub arrivals_scale: Option<ArrivalsScale>,
    /// When the run stops.
    pub horizon: Horizon,
    /// Orders that arrive earlier are not counted.
    pub warm_up: SimDuration,
    /// Orders that arrive within this time of the end of the arrivals are not counted.
    pub cool_down: SimDuration,
    /// The buffered design.
    pub buffered: BufferedSpec,
    /// The direct design.
    pub direct: DirectSpec,
    /// The AWS Region whose quotas and prices were looked up; `None`: nowhere.
    pub region: Option<String>,
    /// What everything costs.
    pub prices: PriceList,
    /// Service level objectives.
    pub slo: Vec<Slo>,
    /// Claims about the results.
    pub expect: Vec<Expect>,
    /// Changed scenarios that are run beside it.
    pub what_if: Vec<Variation>,
}

impl Scenario {
    /// What breaks, and when: the same for both designs.
    pub fn faults(&self) -> &[FaultSpec] {
        &self.buffered.platform.faults
    }
}

/// The scenario with a few settings changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// In words.
    pub change: String,
    /// `KEY=VALUE`, as for `--set`.
    pub set: Vec<String>,
    /// What comes of it; without variations of its own.
    pub scenario: Scenario,
}

/// Where the defaults come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// AWS's defaults and the latency assumptions.
    Aws,
    /// No latency, no limit, no timeout unless the file says so.
    Textbook,
}

/// When a run stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Horizon {
    /// When nothing is left to happen, but at most this long after the arrivals' end.
    UntilDrained {
        /// `max_drain`.
        max_drain: SimDuration,
    },
    /// Before this instant, come what may.
    At(SimTime),
}

/// A comparison operator of an SLO or a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `>`
    Above,
    /// `==`
    Equal,
}

/// One objective for one design.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// As results.json names it, for example `confirmed` or `confirmed_within 10min`.
    pub name: String,
    /// The design it is held against.
    pub design: Design,
    /// What is measured.
    pub measure: SloMeasure,
    /// As written, for example `>= 98.5%`.
    pub written: String,
    /// How it is compared.
    pub op: Op,
    /// With what: shares as fractions, durations in seconds, counts as they are.
    pub limit: f64,
    /// What the limit is, so that it can be printed as it was written.
    pub unit: Unit,
}

/// The quantity an objective is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SloMeasure {
    /// Orders confirmed.
    Confirmed,
    /// Orders declined.
    Declined,
    /// Orders failed.
    Failed,
    /// Orders timed out.
    TimedOut,
    /// Orders refused.
    Refused,
    /// Messages dead-lettered.
    DeadLettered,
    /// Share of all offered orders confirmed within this time.
    ConfirmedWithin(SimDuration),
    /// Median latency over all offered orders.
    LatencyP50,
    /// 90th percentile over all offered orders.
    LatencyP90,
    /// 99th percentile over all offered orders.
    LatencyP99,
    /// Greatest age of the oldest message.
    OldestMessage,
    /// From the last arrival of the phase marked origin to an empty queue.
    DrainedWithin,
    /// Units taken for an order beyond its first.
    Oversold,
    /// USD per 1,000 orders confirmed.
    CostPer1000,
}

/// One claim about the results.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// In words.
    pub claim: String,
    /// The condition as written.
    pub that: String,
    /// Its left side: a path of results.json below `designs`, or below `comparison` with that name in front.
    pub path: String,
    /// How the two sides are compared.
    pub op: Op,
    /// Its right side.
    pub right: Right,
}

/// The right side of a claim's condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Right {
    /// A number; durations in seconds.
    Number(f64),
    /// A fraction of the orders offered to the design on the left side.
    Share(f64),
    /// Another path, times a factor.
    Path {
        /// 1 where none is written.
        factor: f64,
        /// As on the left side.
        path: String,
    },
}
