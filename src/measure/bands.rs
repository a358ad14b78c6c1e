//! Bands: what runs over time and how soon orders are confirmed, over all replications, step by step.
//!
//! Replications are folded in their order, one at a time, each into cells at every step of a ladder that may turn out to be
//! the one to show; memory grows neither with their number nor with their length. A run that has ended counts on with
//! nothing waiting and nothing running, and with the orders it has lost.

use crate::measure::findings::{Design, DesignFindings, TimelineRow};
use crate::measure::replications::CONFIDENCE;
use crate::measure::student;
use crate::measure::timeline::busy_until;
use crate::time::{NANOS_PER_SEC, SimDuration};

/// Cells at most; the step shown is the shortest that gives no more.
const CELLS: usize = 150;
/// Steps in seconds, where none was asked for; they go on with 2, 5, 10 … days.
const STEPS: [u64; 18] =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800];
/// Doublings of a step that was asked for.
const DOUBLINGS: u32 = 30;
/// Points a decade of the times until orders are confirmed, and the decades: from a millisecond to ten million seconds.
const POINTS: i32 = 40;
const DECADES: (i32, i32) = (-3, 7);
/// So much of the run is shown beyond the last time that more than stragglers happened.
const BEYOND: f64 = 1.1;

/// What runs over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// Orders confirmed per second.
    Confirmed,
    /// Orders lost so far.
    Lost,
    /// Messages visible, or events waiting in Lambda's own queue.
    Backlog,
    /// Orders waiting for a retry of their task.
    RetriesWaiting,
    /// Environments busy.
    Concurrency,
    /// Age of the oldest message or event, in seconds; 0 without one.
    OldestMessage,
}

impl Series {
    /// All of them, in the order in which files list them.
    pub const ALL: [Series; 6] = [
        Series::Confirmed,
        Series::Lost,
        Series::Backlog,
        Series::RetriesWaiting,
        Series::Concurrency,
        Series::OldestMessage,
    ];

    /// The name used in files.
    pub const fn name(self) -> &'static str {
        match self {
            Series::Confirmed => "confirmed_per_s",
            Series::Lost => "lost",
            Series::Backlog => "backlog",
            Series::RetriesWaiting => "retries_waiting",
            Series::Concurrency => "concurrency",
            Series::OldestMessage => "oldest_message_s",
        }
    }
}

/// Many replications at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Band {
    /// The mean of the replications' means over the step.
    pub mean: f64,
    /// The lower end of its 95 % interval (Student's t).
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The lowest value of any replication in the step.
    pub least: f64,
    /// The highest.
    pub most: f64,
}

/// One design's bands.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignBands {
    /// Which.
    pub design: Design,
    /// By `Series as usize`, one band a step, from 0.
    pub over_time: [Vec<Band>; Series::ALL.len()],
    /// Seconds since an order's arrival, and the share of all offered orders confirmed within them.
    pub within: Vec<(f64, Band)>,
}

/// The bands of all designs.
#[derive(Clone, Debug, PartialEq)]
pub struct Bands {
    /// The length of a step.
    pub step: SimDuration,
    /// Buffered first.
    pub designs: Vec<DesignBands>,
}

impl Bands {
    /// Where the last step ends, in seconds since the run began.
    pub fn end_s(&self) -> f64 {
        let steps = self.designs.first().map_or(0, |design| design.over_time[0].len());
        steps as f64 * self.step.as_secs_f64()
    }
}

/// Values of one quantity at one time, one of each replication.
#[derive(Clone, Copy, Debug)]
struct Spread {
    values: u32,
    mean: f64,
    /// Sum of the squared distances from the mean (Welford).
    squares: f64,
    least: f64,
    most: f64,
}

impl Spread {
    const NONE: Spread = Spread { values: 0, mean: 0.0, squares: 0.0, least: f64::INFINITY, most: f64::NEG_INFINITY };

    fn add(&mut self, cell: Cell) {
        self.values += 1;
        let off = cell.mean - self.mean;
        self.mean += off / f64::from(self.values);
        self.squares += off * (cell.mean - self.mean);
        self.least = self.least.min(cell.least);
        self.most = self.most.max(cell.most);
    }

    fn band(&self, t: f64) -> Band {
        let n = f64::from(self.values);
        let half = t * (self.squares / (n - 1.0) / n).sqrt();
        Band { mean: self.mean, low: self.mean - half, high: self.mean + half, least: self.least, most: self.most }
    }
}

/// One replication in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cell {
    mean: f64,
    least: f64,
    most: f64,
}

impl Cell {
    const fn of(value: f64) -> Cell {
        Cell { mean: value, least: value, most: value }
    }

    /// The mean and the extremes of a level: its values, and the most between them.
    fn level(rows: &[TimelineRow], value: impl Fn(&TimelineRow) -> f64, most: impl Fn(&TimelineRow) -> f64) -> Cell {
        let mut cell = Cell { mean: 0.0, least: f64::INFINITY, most: f64::NEG_INFINITY };
        for row in rows {
            cell.mean += value(row);
            cell.least = cell.least.min(value(row));
            cell.most = cell.most.max(most(row).max(value(row)));
        }
        cell.mean /= rows.len() as f64;
        cell
    }
}

type Cells = Vec<[Spread; Series::ALL.len()]>;

/// The cells of all designs at one step.
#[derive(Clone, Debug)]
struct Rung {
    step: u64,
    /// Some replication was recorded at a step that does not fill this one.
    unfit: bool,
    designs: Vec<Cells>,
}

/// All replications so far.
#[derive(Clone, Debug)]
pub struct BandFold {
    rungs: Vec<Rung>,
    within: Vec<Vec<Spread>>,
    designs: Vec<Design>,
    /// The last time that more than stragglers happened in any of them, and the end of the longest, in seconds.
    busy_s: f64,
    end_s: f64,
    replications: u32,
}

impl BandFold {
    /// No replication so far; `asked` is the step of the timelines, where one was asked for.
    pub fn new(designs: &[Design], asked: Option<SimDuration>) -> BandFold {
        let rung = |step: u64| {
            let cells = vec![[Spread::NONE; Series::ALL.len()]; CELLS];
            Rung { step, unfit: false, designs: vec![cells; designs.len()] }
        };
        BandFold {
            rungs: ladder(asked).into_iter().map(rung).collect(),
            within: vec![vec![Spread::NONE; grid().len()]; designs.len()],
            designs: designs.to_vec(),
            busy_s: 0.0,
            end_s: 0.0,
            replications: 0,
        }
    }

    /// Takes the next replication, whose arrivals end at `arrivals_end_s`: each design's findings with its timeline at the
    /// step it was recorded at.
    pub fn add(&mut self, arrivals_end_s: f64, found: &[(&DesignFindings, &[TimelineRow], SimDuration)]) {
        self.replications += 1;
        self.busy_s = self.busy_s.max(arrivals_end_s);
        for (index, (findings, rows, step)) in found.iter().enumerate() {
            self.busy_s = self.busy_s.max(busy_until(rows, step.as_secs_f64()));
            self.end_s = self.end_s.max(findings.end.as_secs_f64());
            for rung in &mut self.rungs {
                rung.add(index, rows, step.0);
            }
            let offered = findings.orders.offered.max(1) as f64;
            let (mut confirmed, mut buckets) = (0, findings.latency.histogram.0.iter().peekable());
            for (spread, at) in self.within[index].iter_mut().zip(grid()) {
                while let Some((_, count)) = buckets.next_if(|(edge, _)| *edge as f64 <= at * 1e6) {
                    confirmed += count;
                }
                spread.add(Cell::of(confirmed as f64 / offered));
            }
        }
    }

    /// The bands; `None` of fewer than two replications.
    pub fn finish(self) -> Option<Bands> {
        if self.replications < 2 {
            return None;
        }
        let t = student::two_sided(CONFIDENCE, self.replications - 1);
        let end = (self.busy_s * BEYOND).min(self.end_s) * NANOS_PER_SEC as f64;
        let rung = self.rungs.iter().find(|rung| !rung.unfit && rung.step as f64 * CELLS as f64 >= end)?;
        let cells = ((end / rung.step as f64).ceil() as usize).clamp(1, CELLS);
        let design = |(index, design): (usize, &Design)| {
            let series = |series: Series| -> Vec<Band> {
                rung.designs[index][..cells].iter().map(|cell| cell[series as usize].band(t)).collect()
            };
            let within: Vec<(f64, Band)> =
                grid().zip(&self.within[index]).map(|(at, spread)| (at, spread.band(t))).collect();
            DesignBands { design: *design, over_time: Series::ALL.map(series), within: changing(within) }
        };
        let designs = self.designs.iter().enumerate().map(design).collect();
        Some(Bands { step: SimDuration(rung.step), designs })
    }
}

impl Rung {
    fn add(&mut self, design: usize, rows: &[TimelineRow], recorded: u64) {
        if self.unfit || recorded == 0 || !self.step.is_multiple_of(recorded) {
            self.unfit = true;
            return;
        }
        let in_one = usize::try_from(self.step / recorded).unwrap_or(usize::MAX);
        let (mut lost, mut groups) = (0.0, rows.chunks(in_one));
        for cell in &mut self.designs[design] {
            let group = groups.next().unwrap_or(&[]);
            for (spread, cell) in cell.iter_mut().zip(cells_of(group, self.step, &mut lost)) {
                spread.add(cell);
            }
        }
    }
}

/// One replication in one step, by `Series as usize`; `lost` is the sum so far. Without rows its run is over.
fn cells_of(rows: &[TimelineRow], step: u64, lost: &mut f64) -> [Cell; Series::ALL.len()] {
    let before = *lost;
    *lost += rows.iter().map(|row| row.lost).sum::<u64>() as f64;
    let over = rows.is_empty();
    let level = |value: fn(&TimelineRow) -> f64, most: fn(&TimelineRow) -> f64| match over {
        true => Cell::default(),
        false => Cell::level(rows, value, most),
    };
    Series::ALL.map(|series| match series {
        Series::Confirmed => {
            let confirmed: u64 = rows.iter().map(|row| row.confirmed).sum();
            Cell::of(confirmed as f64 / (step as f64 / NANOS_PER_SEC as f64))
        }
        Series::Lost => Cell { mean: *lost, least: before, most: *lost },
        Series::Backlog => level(|row| row.backlog as f64, |row| row.backlog_max as f64),
        Series::RetriesWaiting => level(|row| row.retries_waiting as f64, |row| row.retries_waiting as f64),
        Series::Concurrency => Cell::of(level(|row| row.concurrency as f64, |_| 0.0).mean),
        Series::OldestMessage => {
            level(|row| row.oldest_message_s.unwrap_or(0.0), |row| row.oldest_message_s.unwrap_or(0.0))
        }
    })
}

/// The steps that bands may have, in nanoseconds, ascending.
fn ladder(asked: Option<SimDuration>) -> Vec<u64> {
    if let Some(asked) = asked {
        return (0..DOUBLINGS).map_while(|doubling| asked.0.max(1).checked_mul(1 << doubling)).collect();
    }
    let days = (0..5).flat_map(|power| [5, 10, 20].map(|days| days * 10_u64.pow(power) * 86_400));
    STEPS.into_iter().chain(days).map_while(|seconds| seconds.checked_mul(NANOS_PER_SEC)).collect()
}

/// The times until orders are confirmed at which their shares are taken, in seconds, to four digits.
fn grid() -> impl ExactSizeIterator<Item = f64> {
    (DECADES.0 * POINTS..DECADES.1 * POINTS + 1).map(|point| {
        let at = libm::exp10(f64::from(point) / f64::from(POINTS));
        let unit = libm::exp10(f64::from(point.div_euclid(POINTS) - 3));
        (at / unit).round() * unit
    })
}

/// From the last time at which nothing is confirmed to the first from which nothing changes.
fn changing(within: Vec<(f64, Band)>) -> Vec<(f64, Band)> {
    let last = within.last().map_or(Band::default(), |last| last.1);
    let from = within.iter().take_while(|(_, band)| band.most == 0.0).count().saturating_sub(1);
    let still = within.iter().rev().take_while(|(_, band)| *band == last).count();
    let to = (within.len() - still + 1).clamp(from, within.len());
    within[from..to].to_vec()
}

#[cfg(test)]
#[path = "bands_tests.rs"]
mod tests;
