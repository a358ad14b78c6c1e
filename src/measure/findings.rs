//! Findings: everything a report may say, simulated or measured. Numbers, no formatting.
//!
//! Durations are in seconds, instants in seconds since the run began, counts are integers. `None` means "never" for a
//! percentile (that rank was never confirmed) and "has no meaning here" elsewhere; files write it as `null` or leave
//! the column empty.

mod verdicts;

use std::borrow::Cow;

use crate::measure::bands::Bands;
use crate::measure::tries::Tried;
use crate::observation::{Cause, Stage};
use crate::time::{SimDuration, SimTime};

pub use verdicts::{Arithmetic, ClaimVerdict, SloVerdict, Unit, WhatIf, WhatIfDesign};

/// The result of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Always before direct; one of them is missing with `--design`.
    pub designs: Vec<DesignFindings>,
    /// When the run of the longer design ended.
    pub end: SimTime,
    /// The step of the timelines.
    pub step: SimDuration,
    /// Direct against buffered, where both ran.
    pub comparison: Option<Comparison>,
    /// With two replications or more: what only several runs can tell. The fields above are then totals and means over all of
    /// them (`measure::replications`), the timelines those of the first.
    pub replicated: Option<Replicated>,
}

impl Findings {
    /// What runs over time: the findings of the first replication.
    pub fn first(&self) -> &Findings {
        self.replicated.as_ref().map_or(self, |replicated| &replicated.first)
    }

    /// How many runs the totals are over.
    pub fn replications(&self) -> u32 {
        self.replicated.as_ref().map_or(1, |replicated| replicated.replications)
    }

    /// The interval of the number at a path of results.json, for example `designs.buffered.wait_s.mean`.
    pub fn interval(&self, path: &str) -> Option<Interval> {
        let intervals = &self.replicated.as_ref()?.intervals;
        intervals.iter().find(|(known, _)| known == path).map(|(_, interval)| *interval)
    }
}

/// What only several replications can tell.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicated {
    /// How many, at least two.
    pub replications: u32,
    /// The intervals of the numbers that every replication has, by their paths in results.json, in the order of a walk
    /// through the findings.
    pub intervals: Vec<(String, Interval)>,
    /// The exact means of the whole-numbered peaks, by path.
    pub peaks: Vec<(String, f64)>,
    /// The numbers of [`crate::measure::replications::KEPT`] that the designs have, by path, of each replication in order.
    pub values: Vec<(String, Vec<Option<f64>>)>,
    /// The first replication alone.
    pub first: Box<Findings>,
    /// What runs over time, of all of them.
    pub bands: Option<Bands>,
}

/// A 95 % interval (Student's t) around a mean, or around a total where the number is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Half its width.
    pub half_width: f64,
}

/// The two designs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Design {
    /// Step Functions callback → SQS → Lambda.
    Buffered,
    /// Step Functions → Lambda.
    Direct,
}

impl Design {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Design::Buffered => "buffered",
            Design::Direct => "direct",
        }
    }
}

/// What one design did.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignFindings {
    /// Which.
    pub design: Design,
    /// When its run ended (after the last order, message and invocation, or at the horizon).
    pub end: SimTime,
    /// How the orders ended; they sum to `offered`.
    pub orders: Orders,
    /// One cause per order that is neither confirmed nor declined, indexed as [`Cause::ALL`].
    pub causes: [u64; Cause::ALL.len()],
    /// Orders not confirmed whose work succeeded all the same.
    pub work_done_after_giving_up: u64,
    /// Intended arrival → answer accepted, confirmed orders.
    pub latency: LatencyFindings,
    /// Intended arrival → an environment is given the order.
    pub wait: WaitFindings,
    /// Where the time of answered orders went, in the order of [`Stage::ALL`].
    pub stages: [StageFindings; Stage::ALL.len()],
    /// Buffered only.
    pub queue: Option<QueueFindings>,
    /// Direct with asynchronous invocation only.
    pub events: Option<EventFindings>,
    /// How often orders were tried before they ended, ascending; the orders sum to those of `orders`, outcome by outcome.
    pub tried: Vec<Tried>,
    /// What the attempts were good for.
    pub work: WorkFindings,
    /// The function.
    pub lambda: LambdaFindings,
    /// The downstream; all zero without one.
    pub inventory: InventoryFindings,
    /// What is paid for.
    pub usage: Usage,
    /// What that costs.
    pub cost: CostFindings,
    /// Answers with a task token.
    pub callbacks: CallbackFindings,
    /// The workflow.
    pub step_functions: StepFunctionsFindings,
    /// Whom each fault has hit, in the order of the scenario; shorter where the last have hit nobody.
    pub faults: Vec<FaultHits>,
    /// How near each limit was.
    pub limits: Vec<LimitFindings>,
    /// One row per step from 0 to the end of this design's run.
    pub timeline: Vec<TimelineRow>,
}

impl DesignFindings {
    /// Orders confirmed within so many seconds: those in buckets of the histogram that lie wholly within, which agrees with
    /// the percentiles, for these are upper edges.
    pub fn confirmed_within(&self, seconds: f64) -> u64 {
        let limit_us = (seconds * 1e6).round() as u64;
        let within = self.latency.histogram.0.iter().filter(|(edge_us, _)| *edge_us <= limit_us);
        within.map(|(_, count)| count).sum()
    }
}

/// Whom a fault has hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultHits {
    /// Orders that it has hit at least once.
    pub orders: u64,
    /// How often it has hit them.
    pub hits: u64,
}

/// Counts of orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// All that came in (inside the counted window).
    pub offered: u64,
    /// See [`crate::observation::Outcome::Confirmed`].
    pub confirmed: u64,
    /// See [`crate::observation::Outcome::Declined`].
    pub declined: u64,
    /// See [`crate::observation::Outcome::Failed`].
    pub failed: u64,
    /// See [`crate::observation::Outcome::TimedOut`].
    pub timed_out: u64,
    /// See [`crate::observation::Outcome::Refused`].
    pub refused: u64,
    /// See [`crate::observation::Outcome::Open`].
    pub open: u64,
}

/// Percentiles of a set of durations, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// Median.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// 99.9th percentile.
    pub p999: Option<f64>,
}

/// Latency of confirmed orders, and of all offered ones with the rest as never.
#[derive(Clone, Debug, PartialEq)]
pub struct LatencyFindings {
    /// Confirmed orders.
    pub count: u64,
    /// Their exact mean, in seconds.
    pub mean: Option<f64>,
    /// Their exact maximum, in seconds.
    pub max: Option<f64>,
    /// Confirmed only.
    pub confirmed: Percentiles,
    /// Ranked over all offered orders.
    pub all_offered: Percentiles,
    /// Counts of confirmed orders in a log-linear histogram.
    pub histogram: HistogramCounts,
}

/// Non-empty buckets of a log-linear histogram, ascending: (upper edge in microseconds, count).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistogramCounts(pub Vec<(u64, u64)>);

/// Waiting for an environment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WaitFindings {
    /// Orders that an environment was given.
    pub count: u64,
    /// Those of them that waited at all.
    pub waited: u64,
    /// Exact mean over `count`, in seconds.
    pub mean: Option<f64>,
    /// Exact maximum, in seconds.
    pub max: Option<f64>,
    /// Percentiles over `count`.
    pub percentiles: Percentiles,
}

/// One stage of the answered orders' way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageFindings {
    /// Which.
    pub stage: Stage,
    /// Exact mean over answered orders, in seconds.
    pub mean: Option<f64>,
    /// 99th percentile, in seconds.
    pub p99: Option<f64>,
}

/// The queue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueueFindings {
    /// Messages sent (the initial backlog included).
    pub sent: u64,
    /// Messages handed out by receives, repeats included.
    pub received: u64,
    /// Receive calls that returned nothing.
    pub empty_receives: u64,
    /// Messages deleted.
    pub deleted: u64,
    /// Receives beyond a message's first.
    pub redelivered: u64,
    /// Receives that left their message visible (`queue.duplicate_delivery`).
    pub duplicated: u64,
    /// Messages moved to the dead-letter queue.
    pub dead_lettered: u64,
    /// Messages moved back from there (`queue.dead_letter.redrive_at`), none of them among those sent.
    pub redriven: u64,
    /// Messages that outlived the retention period.
    pub expired: u64,
    /// Most messages visible at the end of an instant, whole run (of several replications: the nearest to the mean).
    pub peak_backlog: u64,
    /// When that was first.
    pub peak_backlog_at_s: Option<f64>,
    /// Time average over the window.
    pub mean_backlog: f64,
    /// Time average of messages in flight over the window.
    pub mean_in_flight: f64,
    /// The first instant after the peak with no visible message.
    pub drained_at_s: Option<f64>,
    /// The greatest age of a message that still existed.
    pub max_oldest_message_s: f64,
}

/// Lambda's own queue of asynchronous invocations. Accepted events are handled, dropped, or still there at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EventFindings {
    /// Events that Lambda accepted (`AsyncEventsReceived`).
    pub accepted: u64,
    /// Times that events were read, to invoke the function with them.
    pub read: u64,
    /// Readings beyond an event's first.
    pub read_again: u64,
    /// Events whose invocation did not fail.
    pub handled: u64,
    /// Times that events were put back because the function had no room.
    pub waits_after_throttle: u64,
    /// Times that events were put back because the function failed.
    pub waits_after_error: u64,
    /// Events that Lambda gave up (`AsyncEventsDropped`); the sum of the three below.
    pub dropped: u64,
    /// See [`crate::observation::DropReason::TooOld`].
    pub too_old: u64,
    /// See [`crate::observation::DropReason::RetriesSpent`].
    pub retries_spent: u64,
    /// See [`crate::observation::DropReason::NeverRuns`].
    pub never_runs: u64,
    /// Events among those given up that went to an on-failure destination.
    pub sent_to_destination: u64,
    /// Most events waiting at the end of an instant, whole run.
    pub peak_waiting: u64,
    /// When that was first.
    pub peak_waiting_at_s: Option<f64>,
    /// Time average over the window.
    pub mean_waiting: f64,
    /// The first instant after the peak with no event waiting.
    pub drained_at_s: Option<f64>,
    /// The greatest age of an event that still existed (`AsyncEventAge`).
    pub max_event_age_s: f64,
}

/// Attempts and GB-seconds of some worth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WorkAmount {
    /// Attempts.
    pub attempts: u64,
    /// GB-seconds.
    pub gb_s: f64,
}

/// What the attempts were good for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WorkFindings {
    /// Their answers ended orders.
    pub useful: WorkAmount,
    /// The rest; the sum of the five below.
    pub wasted: WorkAmount,
    /// See [`crate::observation::Worth::TaskOver`].
    pub task_over: WorkAmount,
    /// See [`crate::observation::Worth::TooLate`].
    pub too_late: WorkAmount,
    /// See [`crate::observation::Worth::Duplicate`].
    pub duplicate: WorkAmount,
    /// See [`crate::observation::Worth::Batch`].
    pub batch: WorkAmount,
    /// See [`crate::observation::Worth::Failed`].
    pub failed: WorkAmount,
}

/// The function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LambdaFindings {
    /// Invocations that an environment was given.
    pub invocations: u64,
    /// Invocations refused (429).
    pub throttles: u64,
    /// Invocations that ended because the handler threw.
    pub errors: u64,
    /// Invocations that ran into the function's timeout.
    pub timeouts: u64,
    /// Invocations that found no free environment.
    pub cold_starts: u64,
    /// Most environments busy at the end of an instant, whole run (of several replications: the nearest to the mean).
    pub peak_concurrency: u64,
    /// Time average over the window.
    pub mean_concurrency: f64,
    /// Time average of environments busy and idle over the window.
    pub mean_environments: f64,
    /// Duration × memory of the invocations inside the window.
    pub gb_s: f64,
}

/// The inventory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InventoryFindings {
    /// Calls that got a connection.
    pub calls: u64,
    /// Calls of useful attempts.
    pub useful_calls: u64,
    /// The others.
    pub wasted_calls: u64,
    /// Calls turned away for want of a connection.
    pub rejected: u64,
    /// Most connections in use at the end of an instant, whole run (of several replications: the nearest to the mean).
    pub peak_connections: u64,
    /// Time average over the window.
    pub mean_connections: f64,
    /// Units taken for orders beyond their first.
    pub oversold: u64,
}

/// What AWS counts for its bill, as far as it happened inside the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// State transitions.
    pub transitions: u64,
    /// SQS requests: sends, receives (empty ones too) and deletes, a call of up to ten messages each.
    pub sqs_requests: u64,
    /// Receives among them that returned nothing.
    pub empty_receives: u64,
    /// Invocations.
    pub lambda_requests: u64,
    /// GB-seconds of invocations on demand, each rounded up to a millisecond.
    pub gb_s: f64,
    /// GB-seconds of invocations in provisioned environments, rounded alike.
    pub provisioned_run_gb_s: f64,
    /// GB-seconds that provisioned environments were configured.
    pub provisioned_gb_s: f64,
}

/// The bill in USD, without free tiers and volume discounts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CostFindings {
    /// All of it.
    pub total: f64,
    /// State transitions.
    pub step_functions: f64,
    /// Requests.
    pub sqs: f64,
    /// Requests and GB-seconds.
    pub lambda: f64,
    /// All of it, for each thousand orders confirmed; `None` of none.
    pub per_1000_confirmed: Option<f64>,
    /// The part that served no order that was answered.
    pub wasted: f64,
}

/// Answers with a task token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallbackFindings {
    /// Ended a task attempt.
    pub accepted: u64,
    /// Came for a task attempt that was over.
    pub late: u64,
    /// Refused by the `SendTask*` bucket.
    pub throttled: u64,
}

/// The workflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepFunctionsFindings {
    /// State transitions: task attempts and states entered after the task.
    pub transitions: u64,
    /// `StartExecution` calls refused.
    pub start_throttled: u64,
}

/// One limit: how near it was, how long it bound, what that cost.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitFindings {
    /// The scenario key it comes from, for example `reserved_concurrency`.
    pub name: Cow<'static, str>,
    /// Its value.
    pub limit: f64,
    /// The most that was used of it.
    pub peak_use: f64,
    /// Seconds during which it was used up while work waited for it.
    pub bound_s: f64,
    /// The first instant at which it was, in seconds since the run began; `None` if it never was.
    pub first_bound_at_s: Option<f64>,
    /// The last instant at which it was.
    pub last_bound_at_s: Option<f64>,
    /// Waiting during that time: message-seconds (buffered) or back-off seconds after throttles (direct, of orders or of
    /// Lambda's events).
    pub cost_s: f64,
}

/// One step of a timeline. Counts are over [time_s, time_s + step), levels those at time_s before its events.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimelineRow {
    /// The beginning of the step.
    pub time_s: f64,
    /// Orders that came in.
    pub offered: u64,
    /// Orders confirmed.
    pub confirmed: u64,
    /// Orders that failed, timed out or were refused.
    pub lost: u64,
    /// Messages visible (buffered), or events waiting in Lambda's own queue (direct, asynchronous).
    pub backlog: u64,
    /// Most of them at the end of an instant of the step.
    pub backlog_max: u64,
    /// Messages in flight (buffered), or events read by Lambda and not done with (direct, asynchronous).
    pub in_flight: u64,
    /// Age of the oldest message or event that still exists; `None` without one (and in direct without a queue).
    pub oldest_message_s: Option<f64>,
    /// Environments busy.
    pub concurrency: u64,
    /// Most environments busy at the end of an instant of the step.
    pub concurrency_max: u64,
    /// Environments busy and idle.
    pub environments: u64,
    /// Invocations refused.
    pub throttles: u64,
    /// Inventory connections in use; `None` without an inventory.
    pub inventory_connections: Option<u64>,
    /// Orders waiting for a retry of their task.
    pub retries_waiting: u64,
}

/// A paired difference, direct minus buffered; `low` and `high` bound its 95 % interval with two replications or more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Direct minus buffered; `None` where either is never.
    pub difference: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// Direct against buffered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Confirmed orders.
    pub confirmed: Difference,
    /// 99th percentile of latency over all offered orders, in seconds.
    pub latency_p99_s: Difference,
    /// 50th percentile of latency over all offered orders, in seconds.
    pub latency_p50_s: Difference,
    /// GB-seconds of the function.
    pub gb_s: Difference,
    /// The bill, in USD.
    pub cost_usd: Difference,
}
