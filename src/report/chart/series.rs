//! Timelines to lines: means over bins, levels and sums at a few px, and how much of the run is worth showing.

use crate::measure::findings::{Findings, TimelineRow};
use crate::measure::timeline::busy_until;
use crate::report::chart::facts;
use crate::report::subject::Subject;

/// Widths of bins in seconds; the step of the timeline is always one of them or a multiple of it.
const BINS: [f64; 20] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
    21_600.0, 86_400.0,
];

/// The width of a plot on a screen.
const WIDE_PX: f64 = 794.0;

/// The part of the run that a chart shows, in seconds since the run began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Where it ends (it begins with the run).
    pub end_s: f64,
    /// How much of the run is left out behind it.
    pub left_out_s: f64,
}

/// The step of the timelines in seconds (never zero).
pub fn step_s(findings: &Findings) -> f64 {
    let step = findings.step.as_secs_f64();
    if step > 0.0 { step } else { 1.0 }
}

/// Everything up to the end of the arrivals and the last time that more than stragglers happened, and a tenth more; not
/// less than up to `until_s`.
pub fn window(subject: &Subject, findings: &Findings, until_s: Option<f64>) -> Window {
    let step = step_s(findings);
    let run_end = findings.end.as_secs_f64().max(step);
    let busy = findings.designs.iter().map(|design| busy_until(&design.timeline, step));
    let busy = busy.fold(subject.arrivals_end_s, f64::max);
    let end_s = (busy * 1.1).clamp(step, run_end);
    // A little that is left is shown rather than explained.
    let end_s = if run_end - end_s < run_end * 0.1 { run_end } else { end_s };
    let end_s = end_s.max(until_s.unwrap_or(0.0));
    Window { end_s, left_out_s: (run_end - end_s).max(0.0) }
}

/// A mean over part of a timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Where it begins, in seconds since the run began.
    pub from_s: f64,
    /// Where it ends.
    pub to_s: f64,
    /// The mean.
    pub mean: f64,
    /// Whether a jump at its beginning is real: a phase begins, or the backlog is gone.
    pub after_jump: bool,
}

/// How timelines are cut into bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    /// Their width in seconds.
    pub width_s: f64,
    origin_s: f64,
    step: f64,
    jumps: Vec<f64>,
}

impl Bins {
    /// About a hundred bins, aligned to the origin, cut at the beginnings of phases: the same in every layout, so that what
    /// is short is lost in none. `step_s` is their width where bands give it.
    pub fn new(subject: &Subject, findings: &Findings, window: Window, step_s: Option<f64>) -> Bins {
        let step = self::step_s(findings);
        let wanted = window.end_s / WIDE_PX * 7.5;
        let fits = |width: &f64| *width >= step * 0.999 && *width >= wanted * 0.75;
        let found = || BINS.into_iter().find(fits).unwrap_or((wanted / step).ceil() * step);
        let width_s = step_s.unwrap_or_else(found).max(step);
        let mut jumps: Vec<f64> = subject.phases.iter().map(|phase| phase.starts_s).collect();
        // Phases shorter than a bin are averaged like anything else.
        jumps.dedup_by(|next, kept| *next - *kept < width_s * 0.75);
        jumps.push(subject.arrivals_end_s);
        if step_s.is_none() {
            // So is what breaks and what drains, unless it lasts long enough to be seen.
            let mut others: Vec<f64> = subject.faults.iter().flat_map(|fault| [fault.from_s, fault.to_s]).collect();
            others.extend(facts::backlog_marks(subject, findings));
            others.sort_by(f64::total_cmp);
            for other in others {
                if jumps.iter().all(|jump| (other - jump).abs() >= width_s * 0.4) {
                    jumps.push(other);
                }
            }
        }
        Bins { width_s, origin_s: subject.origin_s, step, jumps }
    }

    /// Whether the bins are wider than the steps they are made of.
    pub fn are_means(&self) -> bool {
        self.width_s > self.step * 1.001
    }

    /// The means of `value` over the bins of `rows`, up to `end_s`; `drained_s` is one more jump.
    pub fn means(
        &self,
        rows: &[TimelineRow],
        end_s: f64,
        drained_s: Option<f64>,
        value: impl Fn(&TimelineRow) -> f64,
    ) -> Vec<Piece> {
        let mut jumps: Vec<u64> = self.jumps.iter().chain(drained_s.iter()).map(|at| self.row_at(*at)).collect();
        jumps.sort_unstable();
        let mut pieces: Vec<Piece> = Vec::new();
        let (mut sum, mut from) = (0.0, 0_usize);
        for (i, row) in rows.iter().enumerate().take_while(|(_, row)| row.time_s < end_s) {
            sum += value(row);
            let next = i + 1;
            let jump = jumps.binary_search(&(next as u64)).is_ok();
            let last = rows.get(next).is_none_or(|row| row.time_s >= end_s);
            if !(jump || last || self.bin_of(next) != self.bin_of(i)) {
                continue;
            }
            let (from_s, to_s) = (from as f64 * self.step, next as f64 * self.step);
            let mean = sum / (next - from) as f64;
            let after_jump = jumps.binary_search(&(from as u64)).is_ok();
            push_piece(&mut pieces, Piece { from_s, to_s, mean, after_jump }, self.width_s);
            (sum, from) = (0.0, next);
        }
        pieces
    }

    fn row_at(&self, seconds: f64) -> u64 {
        (seconds / self.step).round().max(0.0) as u64
    }

    /// The bin that a row lies in.
    fn bin_of(&self, row: usize) -> i64 {
        (((row as f64 + 0.5) * self.step - self.origin_s) / self.width_s).floor() as i64
    }
}

/// Adds a piece; slivers of less than half a bin are merged into the neighbour on their side of a jump.
fn push_piece(pieces: &mut Vec<Piece>, piece: Piece, width: f64) {
    let length = |piece: &Piece| piece.to_s - piece.from_s;
    match pieces.last_mut() {
        Some(last) if !piece.after_jump && (length(&piece) < width * 0.5 || length(last) < width * 0.5) => {
            last.mean = (last.mean * length(last) + piece.mean * length(&piece)) / (piece.to_s - last.from_s);
            last.to_s = piece.to_s;
        }
        _ => pieces.push(piece),
    }
}

/// Corners of a line through the middles of the pieces, vertical at jumps: (seconds, value).
pub fn through_middles(pieces: &[Piece]) -> Vec<(f64, f64)> {
    let mut corners = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        if i == 0 || piece.after_jump {
            corners.push((piece.from_s, piece.mean));
        }
        corners.push(((piece.from_s + piece.to_s) / 2.0, piece.mean));
        if pieces.get(i + 1).is_none_or(|next| next.after_jump) {
            corners.push((piece.to_s, piece.mean));
        }
    }
    corners
}

/// Corners of steps along the pieces: (seconds, value).
pub fn steps(pieces: &[Piece]) -> Vec<(f64, f64)> {
    pieces.iter().flat_map(|piece| [(piece.from_s, piece.mean), (piece.to_s, piece.mean)]).collect()
}

/// A level at its true value, at most every `seconds` seconds, lowest and highest kept: (seconds, value). `level` is
/// the value at the beginning of a row, `highest` the most within it.
pub fn levels(
    rows: &[TimelineRow],
    end_s: f64,
    seconds: f64,
    level: impl Fn(&TimelineRow) -> f64,
    highest: impl Fn(&TimelineRow) -> f64,
) -> Vec<(f64, f64)> {
    let shown = &rows[..rows.partition_point(|row| row.time_s < end_s)];
    let bucket = |row: &TimelineRow| (row.time_s / seconds).floor();
    let mut corners = Vec::new();
    for rows in shown.chunk_by(|a, b| bucket(a) == bucket(b)) {
        let first = (rows[0].time_s, level(&rows[0]));
        let mut low = first;
        let mut high = first;
        for row in rows {
            if level(row) < low.1 {
                low = (row.time_s, level(row));
            }
            if highest(row).max(level(row)) > high.1 {
                high = (row.time_s, highest(row).max(level(row)));
            }
        }
        corners.push(first);
        let (earlier, later) = if low.0 <= high.0 { (low, high) } else { (high, low) };
        for extreme in [earlier, later] {
            if extreme != first {
                corners.push(extreme);
            }
        }
    }
    corners
}

/// The sum of a count up to each moment, every `seconds` seconds: (seconds, value); it starts at nought.
pub fn sums(
    rows: &[TimelineRow],
    end_s: f64,
    (step, seconds): (f64, f64),
    value: impl Fn(&TimelineRow) -> u64,
) -> Vec<(f64, f64)> {
    let mut corners = vec![(0.0, 0.0)];
    let (mut sum, mut drawn_at) = (0, 0.0);
    for (i, row) in rows.iter().enumerate().take_while(|(_, row)| row.time_s < end_s) {
        let before = sum;
        sum += value(row);
        let (from, to) = (row.time_s, row.time_s + step);
        let next = rows.get(i + 1);
        let last = next.is_none_or(|row| row.time_s >= end_s);
        // The corner where it begins to climb and the one where it stops are kept.
        if sum > before && corners.last().is_some_and(|corner| corner.1 == before as f64 && corner.0 < from) {
            corners.push((from, before as f64));
            drawn_at = from;
        }
        let stops = sum > before && next.is_some_and(|next| value(next) == 0);
        if last || stops || (sum > before && to - drawn_at >= seconds) {
            corners.push((to, sum as f64));
            drawn_at = to;
        }
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::{Bins, levels, steps, sums, through_middles};
    use crate::measure::findings::TimelineRow;

    fn rows(offered: &[u64]) -> Vec<TimelineRow> {
        let row = |(i, offered): (usize, &u64)| TimelineRow {
            time_s: i as f64,
            offered: *offered,
            backlog: *offered,
            backlog_max: *offered,
            ..TimelineRow::default()
        };
        offered.iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_mean_does_not_rise_before_the_sale() {
        let bins = Bins { width_s: 4.0, origin_s: 6.0, step: 1.0, jumps: vec![6.0] };
        let rows = rows(&[2, 2, 2, 2, 2, 2, 50, 50, 50, 50, 50, 50, 50, 50]);
        let pieces = bins.means(&rows, 14.0, None, |row| row.offered as f64);
        let corners = through_middles(&pieces);
        assert!(corners.iter().all(|(at, mean)| *mean == if *at < 6.0 { 2.0 } else { 50.0 } || *at == 6.0));
        assert!(corners.contains(&(6.0, 2.0)) && corners.contains(&(6.0, 50.0)));
        assert_eq!(steps(&pieces)[0], (0.0, 2.0));
    }

    #[test]
    fn bins_keep_the_sum() {
        let bins = Bins { width_s: 3.0, origin_s: 1.0, step: 1.0, jumps: vec![4.0, 9.0] };
        let rows = rows(&[5, 1, 7, 3, 9, 2, 8, 8, 1, 0, 4]);
        let pieces = bins.means(&rows, 11.0, Some(7.0), |row| row.offered as f64);
        let sum: f64 = pieces.iter().map(|piece| piece.mean * (piece.to_s - piece.from_s)).sum();
        assert!((sum - 48.0).abs() < 1e-9);
        assert!(pieces.windows(2).all(|pair| pair[0].to_s == pair[1].from_s));
    }

    #[test]
    fn a_peak_of_a_level_survives_thinning() {
        let mut values = vec![3; 1_000];
        values[617] = 99;
        values[618] = 0;
        let thin = levels(&rows(&values), 1_000.0, 50.0, |row| row.backlog as f64, |row| row.backlog_max as f64);
        assert!(thin.len() < 30 && thin.contains(&(617.0, 99.0)) && thin.contains(&(618.0, 0.0)));
        assert!(thin.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn a_sum_is_flat_before_the_first_and_after_the_last() {
        let corners = sums(&rows(&[0, 0, 0, 4, 4, 0, 0, 0]), 8.0, (1.0, 2.5), |row| row.offered);
        assert_eq!(corners, [(0.0, 0.0), (3.0, 0.0), (5.0, 8.0), (8.0, 8.0)]);
        assert_eq!(sums(&[], 8.0, (1.0, 2.5), |row| row.offered), [(0.0, 0.0)]);
    }
}
