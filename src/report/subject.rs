//! What a report is about besides the findings: plain data, filled in by whoever asks for the report.

use std::borrow::Cow;

use crate::facts::InForce;
use crate::measure::findings::{Arithmetic, ClaimVerdict, Design, DesignFindings, Findings, SloVerdict, WhatIf};

/// The scenario, as far as a report speaks of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// Names the report folder.
    pub name: String,
    /// The heading.
    pub title: String,
    /// The seed.
    pub seed: u64,
    /// Independent runs.
    pub replications: u32,
    /// Hash of the resolved scenario and of every file it reads, 64 hexadecimal digits.
    pub fingerprint: String,
    /// The resolved scenario (`scenario.resolved.toml`).
    pub resolved: String,
    /// The phases of the arrivals in order of time, all repeats.
    pub phases: Vec<PhaseMark>,
    /// Charts count time from here, in seconds since the run began.
    pub origin_s: f64,
    /// The end of the arrivals, in seconds since the run began.
    pub arrivals_end_s: f64,
    /// The concurrency limit both designs share, where they share one, with its scenario key.
    pub concurrency_limit: Option<(u64, &'static str)>,
    /// Orders per second that the function can confirm at that limit, by arithmetic; `None` where there is no limit.
    pub capacity_per_s: Option<f64>,
    /// `TimeoutSeconds` of the callback Task, in seconds.
    pub task_timeout_s: Option<f64>,
    /// `HeartbeatSeconds` of the callback Task, in seconds.
    pub heartbeat_s: Option<f64>,
    /// `VisibilityTimeout` of the queue, in seconds.
    pub visibility_timeout_s: Option<f64>,
    /// What the scenario should give by arithmetic alone, where it is overloaded.
    pub arithmetic: Option<Arithmetic>,
    /// The factors on all arrivals that the replications have drawn; empty where the forecast is taken as it is.
    pub arrivals_factors: Vec<f64>,
    /// `pessimistic` or `optimistic`, where what AWS does not publish was assumed so.
    pub assumptions: Option<&'static str>,
    /// The facts of AWS that it rests upon, with the values that are in force.
    pub facts: Vec<InForce>,
    /// What broke, in the order of the scenario.
    pub faults: Vec<FaultMark>,
    /// Warnings and notes about the scenario, one sentence each.
    pub notes: Vec<String>,
    /// The version of the program that found the results, which a later one may draw.
    pub version: String,
    /// The version of its rules.
    pub model: u32,
    /// What was measured, and by whom; `None`: nothing was, it is a simulation.
    pub measured: Option<Measured>,
}

/// A measurement: what was driven, and the limits of who drove it. Times are in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// What was driven, by name.
    pub target: String,
    /// The measurement is void if one order in a hundred was started later than this.
    pub max_lag_s: f64,
    /// How long a poll waits for messages.
    pub long_poll_s: u32,
    /// By how much everything was faster than the scenario says.
    pub speed: u64,
    /// How long after the last arrival the end was waited for at most.
    pub max_drain_s: f64,
    /// The driver, in the run of each design.
    pub clients: Vec<ClientFacts>,
    /// Why the numbers must not be used; empty: they may.
    pub void: Vec<String>,
}

/// What the driver was like in the run of one design. Times are in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientFacts {
    /// Which design.
    pub design: Design,
    /// Batches in hand at once, or environments of a function.
    pub workers: u32,
    /// How late orders were started: the median.
    pub lag_p50_s: f64,
    /// Of a hundred orders one was started later.
    pub lag_p99_s: f64,
    /// The latest.
    pub lag_max_s: f64,
    /// By how much the target's clock was ahead.
    pub clock_offset_s: f64,
    /// Whether the run ended with something left to happen.
    pub cut_short: bool,
}

/// One phase in the strip above the charts.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseMark {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its start, in seconds since the run began.
    pub starts_s: f64,
    /// Its end, in seconds since the run began.
    pub ends_s: f64,
    /// Its rate in words, for example `500/s` or `500/s → 20/s` or `1,000 at once`.
    pub rate: String,
    /// Mean orders per second over the phase (what marks the rush).
    pub mean_rate: f64,
    /// Most orders per second in it, as far as its rate tells: 0 for orders at once, infinite where orders come in
    /// batches or by a trace, or chance moves the rate.
    pub peak_rate: f64,
}

/// Something that broke for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultMark {
    /// Its name.
    pub name: String,
    /// The first instant at which it hit, in seconds since the run began.
    pub from_s: f64,
    /// The instant after the last, in seconds since the run began.
    pub to_s: f64,
    /// What it hit: a word of the scenario.
    pub target: Cow<'static, str>,
    /// What it did: a key of the scenario.
    pub effect: Cow<'static, str>,
    /// Seconds of an `add_delay`, the share of an `error_rate`, `drop` or `duplicate`.
    pub amount: Option<f64>,
    /// The share of those that were hit.
    pub share: f64,
    /// The designs that have what it hit.
    pub designs: Vec<Design>,
}

/// All that a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What it is about.
    pub subject: &'a Subject,
    /// What was found.
    pub findings: &'a Findings,
    /// How the objectives came out.
    pub slo: &'a [SloVerdict],
    /// How the claims came out.
    pub claims: &'a [ClaimVerdict],
    /// How changed scenarios came out.
    pub what_if: &'a [WhatIf],
}

impl Report<'_> {
    /// The findings of a design, if it was run.
    pub fn design(&self, design: Design) -> Option<&DesignFindings> {
        self.findings.designs.iter().find(|found| found.design == design)
    }

    /// Whether no objective and no claim was missed.
    pub fn all_met(&self) -> bool {
        self.slo.iter().all(|slo| slo.met) && self.claims.iter().all(|claim| claim.held)
    }
}
