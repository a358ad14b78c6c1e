//! Arrivals that were recorded: a trace says when each order comes, and maybe how long the handler works on it.
//!
//! The core does no I/O. A [`RowSource`], made by whoever reads files, hands the rows over some thousands at a time,
//! from any place it is asked for, so that both designs and every replication read the trace anew and none keeps it.

use std::fmt::Debug;
use std::sync::Arc;

use crate::time::SimDuration;

/// One arrival of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// When it comes, from the start of the phase.
    pub at: SimDuration,
    /// The handler's own work on it, the same in every attempt; `None`: as `lambda.duration` says.
    pub service: Option<SimDuration>,
}

/// Where the rows of a trace come from.
pub trait RowSource: Debug + Send + Sync {
    /// Appends rows in ascending order of time, some thousands or as many as are left, from a place that an earlier call
    /// gave back (0: the first row), and gives back the place behind them. After the last row it appends none.
    ///
    /// It cannot fail: what goes wrong ends the trace, and [`trouble`](RowSource::trouble) tells.
    fn read(&self, place: u64, rows: &mut Vec<Row>) -> u64;

    /// What went wrong in any call so far, as a whole sentence. Whoever runs a workload asks at the end.
    fn trouble(&self) -> Option<String>;
}

/// What is known of a trace before any run.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceFacts {
    /// Tells the contents from any other: equal digests, equal rows.
    pub digest: [u8; 32],
    /// How many orders.
    pub rows: u64,
    /// The first arrival.
    pub first: SimDuration,
    /// The last arrival.
    pub last: SimDuration,
    /// The mean service time in seconds, where the trace has any.
    pub mean_service_s: Option<f64>,
    /// When the orders come, roughly.
    pub profile: Profile,
}

/// A trace: what is known of it, and where its rows are. Two with the same contents are equal.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What is known before any run.
    pub facts: Arc<TraceFacts>,
    /// Its rows.
    pub source: Arc<dyn RowSource>,
}

impl PartialEq for Trace {
    fn eq(&self, other: &Trace) -> bool {
        self.facts.digest == other.facts.digest
    }
}

impl Trace {
    /// How many orders come in the first so many seconds, to the grain of the profile.
    pub fn orders_until(&self, seconds: f64) -> f64 {
        if seconds >= self.facts.last.as_secs_f64() {
            return self.facts.rows as f64;
        }
        self.facts.profile.orders_until(seconds)
    }
}

/// Counts of orders in equal steps of time, kept small by doubling the step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    step: SimDuration,
    counts: Vec<u64>,
}

/// Steps at most.
const MOST_STEPS: usize = 4_096;

impl Default for Counts {
    fn default() -> Counts {
        Counts { step: SimDuration::from_millis(1), counts: Vec::new() }
    }
}

impl Counts {
    /// Counts an order.
    pub fn add(&mut self, at: SimDuration) {
        let mut index = at.0 / self.step.0;
        while index >= MOST_STEPS as u64 {
            self.counts = self.counts.chunks(2).map(|pair| pair.iter().sum()).collect();
            self.step = self.step + self.step;
            index = at.0 / self.step.0;
        }
        let index = index as usize;
        if self.counts.len() <= index {
            self.counts.resize(index + 1, 0);
        }
        self.counts[index] += 1;
    }

    /// What they come to over time.
    pub fn summed(self) -> Profile {
        let sum_up = |sum: &mut u64, count: u64| {
            let before = *sum;
            *sum += count;
            Some(before)
        };
        // One step more than there is, so that the last has an end.
        let before = self.counts.into_iter().chain([0]).scan(0, sum_up).collect();
        Profile { step_s: self.step.as_secs_f64(), before }
    }
}

/// How many orders have come at the beginning of each of equal steps of time, and at the end of the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    step_s: f64,
    before: Vec<u64>,
}

impl Profile {
    /// Orders in the first so many seconds; within a step they are taken to come evenly.
    fn orders_until(&self, seconds: f64) -> f64 {
        let steps = (seconds / self.step_s).max(0.0);
        let last = self.before.len() - 1;
        let whole = (steps as usize).min(last);
        let (before, after) = (self.before[whole], self.before[(whole + 1).min(last)]);
        before as f64 + (after - before) as f64 * steps.fract()
    }
}

/// Goes through a trace row by row.
#[derive(Clone, Debug)]
pub(super) struct TraceReader {
    source: Arc<dyn RowSource>,
    place: u64,
    rows: Vec<Row>,
    next: usize,
    /// Rows after this belong to no phase.
    until: SimDuration,
    over: bool,
}

impl TraceReader {
    /// From the first row up to `until`.
    pub fn new(trace: &Trace, until: SimDuration) -> TraceReader {
        TraceReader { source: trace.source.clone(), place: 0, rows: Vec::new(), next: 0, until, over: false }
    }

    /// The next row; none after the last, however often asked.
    pub fn next_row(&mut self) -> Option<Row> {
        if self.next == self.rows.len() && !self.over {
            self.rows.clear();
            self.next = 0;
            self.place = self.source.read(self.place, &mut self.rows);
        }
        let row = self.rows.get(self.next).filter(|row| row.at <= self.until && !self.over);
        self.over = row.is_none();
        self.next += usize::from(row.is_some());
        row.copied()
    }
}
