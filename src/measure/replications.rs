//! Many replications in one result: folded in their order, one at a time, so that memory does not grow with them and no
//! thread can change a digit.
//!
//! Counts and amounts (GB-seconds, USD) add up; levels, peaks, durations and percentiles are means of the replications' own
//! values, none if there is none in any. Intervals are Student's, 95 %, of the value that the path shows: of a mean, or of
//! a total. The latency histograms are merged; what runs over time is kept of the first replication.

use std::collections::BTreeMap;

use crate::measure::findings::{
    Comparison, DesignFindings, Difference, FaultHits, Findings, HistogramCounts, Interval, Replicated,
};
use crate::measure::quantities::{Quantity, each, each_difference};
use crate::measure::student;
use crate::measure::tries::{Tried, add_up};
use crate::time::SimTime;

/// The confidence of every interval.
pub const CONFIDENCE: f64 = 0.95;

/// The numbers kept of every single replication, below a design, so that two results on the same arrivals can be compared
/// pair by pair: `replications.csv`.
pub const KEPT: [&str; 20] = [
    "orders.offered",
    "orders.confirmed",
    "orders.declined",
    "orders.failed",
    "orders.timed_out",
    "orders.refused",
    "orders.open",
    "latency_s.all_offered.p50",
    "latency_s.all_offered.p90",
    "latency_s.all_offered.p99",
    "work_done_after_giving_up",
    "queue.peak_backlog",
    "queue.drained_at_s",
    "lambda.peak_concurrency",
    "lambda.throttles",
    "lambda.cold_starts",
    "work.wasted_attempts",
    "lambda.gb_s",
    "cost_usd.total",
    "cost_usd.per_1000_confirmed",
];

/// Values of one quantity, one of each replication.
#[derive(Clone, Copy, Debug, Default)]
struct Gathered {
    values: u32,
    mean: f64,
    /// Sum of the squared distances from the mean (Welford).
    squares: f64,
    sum: f64,
    /// The exact sum of a count.
    whole: u64,
    /// Some replication has no value.
    missing: bool,
}

impl Gathered {
    fn add(&mut self, value: Option<f64>) {
        let Some(value) = value else {
            self.missing = true;
            return;
        };
        self.values += 1;
        let off = value - self.mean;
        self.mean += off / f64::from(self.values);
        self.squares += off * (value - self.mean);
        self.sum += value;
    }

    fn average(&self) -> Option<f64> {
        (!self.missing && self.values > 0).then_some(self.mean)
    }

    /// Half the width of the interval of the mean; of at least two values.
    fn half_width(&self, t: f64) -> Option<f64> {
        let n = f64::from(self.values);
        (!self.missing && self.values >= 2).then(|| t * (self.squares / (n - 1.0) / n).sqrt())
    }

    /// The interval of the mean, or of the total.
    fn interval(&self, t: f64, adds_up: bool) -> Option<Interval> {
        let times = if adds_up { f64::from(self.values) } else { 1.0 };
        let middle = if adds_up { self.sum } else { self.mean };
        let half_width = self.half_width(t)? * times;
        Some(Interval { low: middle - half_width, high: middle + half_width, half_width })
    }
}

/// One design's replications so far.
#[derive(Clone, Debug, Default)]
struct DesignFold {
    gathered: Vec<Gathered>,
    histogram: BTreeMap<u64, u64>,
    faults: Vec<FaultHits>,
    tried: Vec<Tried>,
    end: Gathered,
    /// Of [`KEPT`], those that the design has, in the order of a walk.
    kept: Vec<(String, Vec<Option<f64>>)>,
}

/// All replications so far.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    replications: u32,
    first: Option<Findings>,
    designs: Vec<DesignFold>,
    differences: Vec<Gathered>,
    end: Gathered,
}

impl Fold {
    /// Takes the next replication, in the order of their numbers.
    pub fn add(&mut self, mut found: Findings) {
        self.replications += 1;
        self.designs.resize_with(found.designs.len(), DesignFold::default);
        self.end.add(Some(found.end.0 as f64));
        for (fold, design) in self.designs.iter_mut().zip(&mut found.designs) {
            fold.add(design);
        }
        if let Some(comparison) = &mut found.comparison {
            let mut index = 0;
            each_difference(comparison, &mut |_, _, difference| {
                slot(&mut self.differences, index).add(difference.difference);
                index += 1;
            });
        }
        self.first.get_or_insert(found);
    }

    /// The result. One replication is left as it is.
    ///
    /// # Panics
    ///
    /// Without any replication.
    pub fn finish(self) -> Findings {
        let first = self.first.expect("a scenario has at least one replication");
        if self.replications < 2 {
            return first;
        }
        let t = student::two_sided(CONFIDENCE, self.replications - 1);
        let mut designs = first.designs.clone();
        let mut comparison = first.comparison;
        let step = first.step;
        let replications = self.replications;
        let mut replicated = Replicated {
            replications,
            intervals: Vec::new(),
            peaks: Vec::new(),
            values: Vec::new(),
            first: Box::new(first),
            bands: None,
        };
        for (fold, design) in self.designs.iter().zip(&mut designs) {
            fold.finish(design, t, &mut replicated);
        }
        if let Some(comparison) = &mut comparison {
            paired(comparison, &self.differences, t);
        }
        let end = SimTime(self.end.mean.round() as u64);
        Findings { designs, end, step, comparison, replicated: Some(replicated) }
    }
}

impl DesignFold {
    fn add(&mut self, found: &mut DesignFindings) {
        self.end.add(Some(found.end.0 as f64));
        for (edge, count) in &found.latency.histogram.0 {
            *self.histogram.entry(*edge).or_default() += count;
        }
        // Of no fixed number: the last faults may have hit nobody.
        self.faults.resize(self.faults.len().max(found.faults.len()), FaultHits::default());
        for (sum, hits) in self.faults.iter_mut().zip(&found.faults) {
            sum.orders += hits.orders;
            sum.hits += hits.hits;
        }
        add_up(&mut self.tried, &found.tried);
        let mut index = 0;
        let mut kept = 0;
        each(found, &mut |path, quantity| {
            if KEPT.contains(&path) {
                if kept == self.kept.len() {
                    self.kept.push((path.to_owned(), Vec::new()));
                }
                self.kept[kept].1.push(quantity.value());
                kept += 1;
            }
            let gathered = slot(&mut self.gathered, index);
            match quantity {
                Quantity::Count(count) => {
                    gathered.whole += *count;
                    gathered.add(Some(*count as f64));
                }
                Quantity::Peak(peak) => gathered.add(Some(*peak as f64)),
                Quantity::Amount(value) | Quantity::Level(value) => gathered.add(Some(*value)),
                Quantity::Maybe(value) => gathered.add(*value),
            }
            index += 1;
        });
    }

    /// Writes the totals and means into the findings of a replication, and the rest into `found`.
    fn finish(&self, design: &mut DesignFindings, t: f64, found: &mut Replicated) {
        let root = format!("designs.{}", design.design.name());
        found.values.extend(self.kept.iter().map(|(path, values)| (format!("{root}.{path}"), values.clone())));
        design.end = SimTime(self.end.mean.round() as u64);
        design.faults.clone_from(&self.faults);
        design.tried.clone_from(&self.tried);
        design.latency.histogram =
            HistogramCounts(self.histogram.iter().map(|(edge, count)| (*edge, *count)).collect());
        let mut index = 0;
        each(design, &mut |path, quantity| {
            let gathered = &self.gathered[index];
            let adds_up = matches!(quantity, Quantity::Count(_) | Quantity::Amount(_));
            match quantity {
                Quantity::Count(count) => *count = gathered.whole,
                Quantity::Amount(value) => *value = gathered.sum,
                Quantity::Level(value) => *value = gathered.mean,
                Quantity::Peak(peak) => {
                    *peak = gathered.mean.round() as u64;
                    found.peaks.push((format!("{root}.{path}"), gathered.mean));
                }
                Quantity::Maybe(value) => *value = gathered.average(),
            }
            let interval = gathered.interval(t, adds_up);
            found.intervals.extend(interval.map(|interval| (format!("{root}.{path}"), interval)));
            index += 1;
        });
    }
}

/// Differences of the same replication's designs, which faced the same orders.
fn paired(comparison: &mut Comparison, gathered: &[Gathered], t: f64) {
    let mut index = 0;
    each_difference(comparison, &mut |_, adds_up, difference| {
        let gathered = &gathered[index];
        let interval = gathered.interval(t, adds_up);
        let middle = if adds_up { gathered.average().map(|_| gathered.sum) } else { gathered.average() };
        *difference = Difference {
            difference: middle,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        };
        index += 1;
    });
}

fn slot(list: &mut Vec<Gathered>, index: usize) -> &mut Gathered {
    if index == list.len() {
        list.push(Gathered::default());
    }
    &mut list[index]
}

#[cfg(test)]
#[path = "replications_tests.rs"]
mod tests;
