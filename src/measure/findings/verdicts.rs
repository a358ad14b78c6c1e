//! How objectives, claims, arithmetic and what-ifs came out.

use super::{Design, Orders};

/// How one service level objective came out.
#[derive(Clone, Debug, PartialEq)]
pub struct SloVerdict {
    /// The objective, for example `confirmed` or `confirmed_within 10min`.
    pub name: String,
    /// The design it was held against.
    pub design: Design,
    /// The objective as written, for example `>= 98.5%`.
    pub limit: String,
    /// The number in `limit`: shares as fractions, durations in seconds.
    pub limit_value: f64,
    /// What was measured, in the same unit; `None` is never.
    pub measured: Option<f64>,
    /// The unit of both.
    pub unit: Unit,
    /// Whether it was met.
    pub met: bool,
    /// For `confirmed_within`: the time in seconds.
    pub within_s: Option<f64>,
}

/// The unit of an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction of the orders offered.
    Share,
    /// A number of orders or messages.
    Count,
    /// Seconds.
    Duration,
    /// US dollars.
    Usd,
}

/// How one claim came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimVerdict {
    /// In words.
    pub claim: String,
    /// The condition as written.
    pub that: String,
    /// Whether it holds.
    pub held: bool,
}

/// What a scenario should give by arithmetic alone: orders as a fluid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arithmetic {
    /// Orders that the function can confirm in a second.
    pub capacity_per_s: f64,
    /// Messages that wait at the peak.
    pub peak_backlog: f64,
    /// When that is.
    pub peak_backlog_at_s: f64,
    /// When nothing waits any more; `None`: never.
    pub drained_at_s: Option<f64>,
    /// Orders whose first `StartExecution` finds no token; the caller's further tries save some of them.
    pub throttled_at_the_door: f64,
    /// Orders that synchronous direct invocation confirms without its retries; `None` where it is asynchronous.
    pub direct_confirmed: Option<f64>,
}

/// How a changed scenario came out.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIf {
    /// The change in words.
    pub change: String,
    /// `KEY=VALUE`, as for `--set`.
    pub set: Vec<String>,
    /// Buffered before direct.
    pub designs: Vec<WhatIfDesign>,
}

/// What one design did in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhatIfDesign {
    /// Which.
    pub design: Design,
    /// How the orders ended.
    pub orders: Orders,
    /// Median over all offered orders, in seconds; `None`: never.
    pub latency_p50_s: Option<f64>,
    /// 99th percentile over all offered orders, in seconds; `None`: never.
    pub latency_p99_s: Option<f64>,
    /// When no message was visible any more after the peak.
    pub drained_at_s: Option<f64>,
    /// The bill.
    pub cost_usd: f64,
}
