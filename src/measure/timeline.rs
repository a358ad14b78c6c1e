//! The timeline: what happened in each step of a run, from 0 to its end.
//!
//! Nobody knows beforehand how long a run will be, and the step that files show is the shortest of a ladder (1 s, 2 s,
//! 5 s … 1 min, 5 min …) that gives at most 3,600 rows. So rows are recorded at a finer step and merged: the recording
//! steps 1 s, 10 s, 1 min, 10 min, 1 h, 6 h, 1 d, 10 d … each divide every step of the ladder that is not shorter than
//! they are, and a recording step is left for the next one as soon as the run is too long for every step in between. Counts
//! add up, levels are those of the first row, maxima are the largest: merging is exact, and memory is bounded.

use crate::measure::findings::TimelineRow;
use crate::time::{NANOS_PER_SEC, SimDuration, SimTime};

/// Most rows of a timeline whose step was not asked for.
const MOST_ROWS: u64 = 3_600;
/// Most rows of a timeline with a step that was asked for; beyond, the step doubles.
const MOST_ROWS_AT_A_FIXED_STEP: u64 = 1 << 20;
/// The ladder of steps up to a day, in seconds; it goes on with 2, 5, 10, 20, 50 … days.
const LADDER: [u64; 14] = [1, 2, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, DAY];
/// The recording steps up to a day, in seconds; they go on with 10, 100 … days.
const RECORDING: [u64; 7] = [1, 10, 60, 600, 3_600, 21_600, DAY];
const DAY: u64 = 86_400;

/// What is counted in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Orders that came in.
    pub offered: u64,
    /// Orders confirmed.
    pub confirmed: u64,
    /// Orders that failed, timed out or were refused.
    pub lost: u64,
    /// Invocations refused.
    pub throttles: u64,
}

/// The levels between two instants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Messages visible.
    pub backlog: u64,
    /// Messages in flight.
    pub in_flight: u64,
    /// Environments busy.
    pub concurrency: u64,
    /// Environments busy and idle.
    pub environments: u64,
    /// Orders waiting for a retry of their task.
    pub retries_waiting: u64,
    /// Inventory connections in use.
    pub connections: u64,
}

/// The highest levels at the end of an instant of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Highest {
    /// Messages visible.
    pub backlog: u64,
    /// Environments busy.
    pub concurrency: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    counts: Counts,
    /// At the beginning of the row, before its events.
    standing: Standing,
    highest: Highest,
    /// When the oldest message was sent that existed at the beginning of the row.
    oldest: Option<SimTime>,
}

impl Row {
    /// Takes the row that follows this one into it.
    fn absorb(&mut self, next: &Row) {
        self.counts.offered += next.counts.offered;
        self.counts.confirmed += next.counts.confirmed;
        self.counts.lost += next.counts.lost;
        self.counts.throttles += next.counts.throttles;
        self.highest.backlog = self.highest.backlog.max(next.highest.backlog);
        self.highest.concurrency = self.highest.concurrency.max(next.highest.concurrency);
    }
}

/// A timeline under way.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// What happens is counted here, in the row under way.
    pub counts: Counts,
    step: u64,
    /// Whether the step was asked for.
    fixed: bool,
    /// The rows that are over, each one step long, from 0.
    rows: Vec<Row>,
    /// The row under way, without its counts.
    current: Row,
    /// When the row under way ends.
    next: u64,
    /// The last crossing came from this instant to that one.
    crossed: (SimTime, SimTime),
}

impl Timeline {
    /// An empty timeline; `resolution` is the step to show, or `None` for the ladder's.
    pub fn new(resolution: Option<SimDuration>) -> Timeline {
        let step = resolution.map_or(NANOS_PER_SEC, |asked| asked.0.max(1));
        Timeline {
            counts: Counts::default(),
            step,
            fixed: resolution.is_some(),
            rows: Vec::new(),
            current: Row::default(),
            next: step,
            crossed: (SimTime::ZERO, SimTime::ZERO),
        }
    }

    /// When the row under way ends: the first instant that needs [`cross`](Timeline::cross).
    #[inline(always)]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The clock goes from `last` to `now`, past the end of the row under way. Between the two the levels stood at
    /// `standing`; `highest` are the peaks of the row that is over, the instant `last` included.
    ///
    /// Returns what the levels of the row that contains `now` have been at least: those at `standing`, unless `now` is its
    /// very beginning, so that they last no time in it.
    pub fn cross(&mut self, last: SimTime, now: SimTime, standing: Standing, highest: Highest) -> Highest {
        let carried = Highest { backlog: standing.backlog, concurrency: standing.concurrency };
        self.current.highest = highest;
        self.crossed = (last, now);
        while now.0 >= self.next && self.next < u64::MAX {
            self.current.counts = std::mem::take(&mut self.counts);
            self.rows.push(self.current);
            self.current = Row { standing, highest: carried, ..Row::default() };
            self.next = self.end_of_current();
            self.coarsen_if_full();
        }
        if self.start_of(self.rows.len() as u64) == now.0 { Highest::default() } else { carried }
    }

    /// The rows begun at the last crossing learn of the oldest message that existed then.
    pub fn glance(&mut self, now: SimTime, oldest: Option<SimTime>) {
        let (since, until) = self.crossed;
        if now != until || oldest.is_none() {
            return;
        }
        if self.start_of(self.rows.len() as u64) > since.0 {
            self.current.oldest = oldest;
        }
        let first = (since.0 / self.step + 1).min(self.rows.len() as u64);
        for row in &mut self.rows[first as usize..] {
            row.oldest = oldest;
        }
    }

    fn start_of(&self, row: u64) -> u64 {
        row.saturating_mul(self.step)
    }

    fn end_of_current(&self) -> u64 {
        self.start_of(self.rows.len() as u64 + 1)
    }

    /// Merges rows once the run is too long for every step shorter than the next recording step.
    fn coarsen_if_full(&mut self) {
        let (factor, most) = match self.fixed {
            true => (2, MOST_ROWS_AT_A_FIXED_STEP),
            false => {
                let (coarser, longest_run) = next_recording(self.step);
                (coarser / self.step, longest_run / self.step)
            }
        };
        // The rows must fill whole ones, so that the row under way begins where a merged one does.
        if self.rows.len() as u64 >= most + factor && (self.rows.len() as u64).is_multiple_of(factor) {
            self.rows = merged(&self.rows, factor);
            self.step *= factor;
            self.next = self.end_of_current();
        }
    }

    /// The run is over at `end`, all rows up to there crossed; `highest` are the peaks of the row under way.
    pub fn finish(mut self, end: SimTime, highest: Highest) -> RecordedTimeline {
        self.current.highest = highest;
        self.current.counts = self.counts;
        // What happened at the very end belongs to a row that begins there, if one does; else that row is none.
        let counted = self.counts != Counts::default();
        let begun_with = self.current.standing;
        let rose = highest.backlog > begun_with.backlog || highest.concurrency > begun_with.concurrency;
        let length = end.0.saturating_add(u64::from(counted || rose)).max(1);
        self.rows.push(self.current);
        self.rows.truncate(length.div_ceil(self.step) as usize);
        RecordedTimeline { recorded: self.step, fixed: self.fixed, length, rows: self.rows }
    }
}

/// The timeline of a run that is over.
#[derive(Clone, Debug)]
pub struct RecordedTimeline {
    recorded: u64,
    fixed: bool,
    /// Just beyond the last instant that has a row.
    length: u64,
    rows: Vec<Row>,
}

impl RecordedTimeline {
    /// The step to show: the one asked for (doubled while that gave too many rows), or the shortest of the ladder that
    /// gives at most 3,600 rows. Two timelines are shown side by side at the longer of their steps.
    pub fn step(&self) -> SimDuration {
        if self.fixed { SimDuration(self.recorded) } else { SimDuration(ladder_step(self.length)) }
    }

    /// The rows as they were recorded, and their step.
    pub fn recorded(&self, has_inventory: bool) -> (Vec<TimelineRow>, SimDuration) {
        (self.rows(SimDuration(self.recorded), has_inventory), SimDuration(self.recorded))
    }

    /// The rows at `step`: that of [`step`](RecordedTimeline::step), or a longer one of the same ladder.
    /// `has_inventory` says whether its connections mean anything.
    pub fn rows(&self, step: SimDuration, has_inventory: bool) -> Vec<TimelineRow> {
        assert!(step.0 >= self.recorded, "a timeline recorded at {} ns is wanted at {} ns", self.recorded, step.0);
        assert!(step.0.is_multiple_of(self.recorded), "{} ns are no multiple of {} ns", step.0, self.recorded);
        let rows = merged(&self.rows, step.0 / self.recorded);
        rows.iter().enumerate().map(|(index, row)| shown(SimTime(index as u64 * step.0), row, has_inventory)).collect()
    }
}

/// The end of the last step in which more than a thousandth of all endings was still to come, in seconds since the run
/// began: after it there are only stragglers.
pub fn busy_until(rows: &[TimelineRow], step_s: f64) -> f64 {
    let ended = |row: &TimelineRow| row.confirmed + row.lost;
    let total: u64 = rows.iter().map(ended).sum();
    let mut to_come = total;
    let mut busy = 0.0;
    for row in rows {
        if to_come * 1_000 > total || row.offered > 0 {
            busy = row.time_s + step_s;
        }
        to_come -= ended(row);
    }
    busy
}

fn shown(start: SimTime, row: &Row, has_inventory: bool) -> TimelineRow {
    TimelineRow {
        time_s: start.as_secs_f64(),
        offered: row.counts.offered,
        confirmed: row.counts.confirmed,
        lost: row.counts.lost,
        backlog: row.standing.backlog,
        backlog_max: row.highest.backlog,
        in_flight: row.standing.in_flight,
        oldest_message_s: row.oldest.map(|sent_at| start.since(sent_at).as_secs_f64()),
        concurrency: row.standing.concurrency,
        concurrency_max: row.highest.concurrency,
        environments: row.standing.environments,
        throttles: row.counts.throttles,
        inventory_connections: has_inventory.then_some(row.standing.connections),
        retries_waiting: row.standing.retries_waiting,
    }
}

/// Every `factor` rows as one; the last may stand for fewer.
fn merged(rows: &[Row], factor: u64) -> Vec<Row> {
    let merge = |group: &[Row]| {
        let mut whole = group[0];
        group[1..].iter().for_each(|row| whole.absorb(row));
        whole
    };
    rows.chunks(usize::try_from(factor).unwrap_or(usize::MAX)).map(merge).collect()
}

/// The shortest step of the ladder that gives a run of `length` ns at most 3,600 rows.
fn ladder_step(length: u64) -> u64 {
    let fits = |step: &u64| length.div_ceil(*step) <= MOST_ROWS;
    ladder().find(fits).expect("a ladder that reaches centuries")
}

/// The ladder in nanoseconds.
fn ladder() -> impl Iterator<Item = u64> {
    let decades = std::iter::successors(Some(DAY), |days| days.checked_mul(10));
    let days = decades.take(5).flat_map(|decade| [2 * decade, 5 * decade, 10 * decade]);
    LADDER.into_iter().chain(days).map_while(|seconds| seconds.checked_mul(NANOS_PER_SEC))
}

/// After the recording step `step`: the next one, and the longest run that still needs `step`. In nanoseconds.
fn next_recording(step: u64) -> (u64, u64) {
    let whole_days = std::iter::successors(Some(10 * DAY), |days| days.checked_mul(10));
    let mut all = RECORDING.into_iter().chain(whole_days).map_while(|seconds| seconds.checked_mul(NANOS_PER_SEC));
    let coarser = all.find(|recording| *recording > step).unwrap_or(step.saturating_mul(10));
    let last_finer = ladder().take_while(|shown| *shown < coarser).last().unwrap_or(step);
    (coarser, last_finer.saturating_mul(MOST_ROWS))
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
