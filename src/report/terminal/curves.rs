//! The curves in block characters: the backlog in four rows, and rates as sparklines over the same columns of time.

use super::{Look, style_of, wrapped};
use crate::measure::findings::{Design, DesignFindings, TimelineRow};
use crate::report::chart::waiting_in_flight;
use crate::report::subject::{FaultMark, Report};
use crate::report::words::{count, duration_s, rate, short_count};

/// Where the columns of time begin, and what stands behind them: the peak of a rate.
const MARGIN: usize = 10;
const BEHIND: usize = 12;
/// Labels of the time axis for each column.
const LABELS: f64 = 6.0 / 56.0;
/// Rows of the backlog, and steps within a row.
const ROWS: usize = 4;
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BLOCKS: [char; 9] = [' ', '.', '.', ':', '-', '=', '+', '*', '#'];
/// Faults that are marked; all of them are told below.
const MOST_FAULTS: usize = 6;
/// Distances between labels of the time axis, in seconds.
const STEPS: [f64; 16] =
    [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0, 86_400.0];

/// All curves, of the first replication where there are several; nothing where there is no time to draw.
pub(super) fn curves(report: &Report, look: Look) -> Vec<String> {
    let report = &Report { findings: report.findings.first(), ..*report };
    let Some(scale) = Scale::of(report, look.text() - MARGIN - BEHIND) else { return Vec::new() };
    let mut lines = Vec::new();
    if let Some(buffered) = report.design(Design::Buffered)
        && buffered.queue.is_some_and(|queue| queue.peak_backlog > 0)
    {
        lines.extend(backlog(report, buffered, &scale, look));
    } else {
        lines.push(axis_labels(report, &scale));
    }
    lines.extend(sparklines(report, &scale, look));
    lines.extend(report.subject.faults.iter().take(MOST_FAULTS).filter_map(|fault| fault_line(fault, &scale)));
    lines.push(String::new());
    lines
}

/// Which rows of a timeline a column shows.
struct Scale {
    step_s: f64,
    shown_s: f64,
    /// Columns of time.
    columns: usize,
}

impl Scale {
    /// From the beginning to a little after the last confirmation or message.
    fn of(report: &Report, columns: usize) -> Option<Scale> {
        let step_s = report.findings.step.as_secs_f64();
        let busy = |row: &TimelineRow| row.offered + row.confirmed + row.backlog_max > 0;
        let last = |found: &DesignFindings| found.timeline.iter().rposition(busy).unwrap_or(0) + 1;
        let rows = report.findings.designs.iter().map(last).max()?;
        (step_s > 0.0).then_some(Scale { step_s, shown_s: rows as f64 * step_s, columns })
    }

    fn column_of(&self, seconds: f64) -> usize {
        ((seconds / self.shown_s * self.columns as f64).max(0.0) as usize).min(self.columns)
    }

    /// The rows of each column; a short run repeats a row rather than leave a hole.
    fn columns<'a>(&self, rows: &'a [TimelineRow]) -> Vec<&'a [TimelineRow]> {
        let per_column = self.shown_s / self.step_s / self.columns as f64;
        let bounds = |column: usize| {
            let from = (column as f64 * per_column) as usize;
            let to = (((column + 1) as f64 * per_column) as usize).max(from + 1);
            rows.get(from.min(rows.len())..to.min(rows.len())).unwrap_or(&[])
        };
        (0..self.columns).map(bounds).collect()
    }
}

fn backlog(report: &Report, found: &DesignFindings, scale: &Scale, look: Look) -> Vec<String> {
    let highest = |rows: &&[TimelineRow]| rows.iter().map(|row| row.backlog_max).max().unwrap_or(0);
    let levels: Vec<u64> = scale.columns(&found.timeline).iter().map(highest).collect();
    let top = levels.iter().copied().max().unwrap_or(0).max(1);
    let head = backlog_head(report, found);
    let mut lines = if head.chars().count() < look.text() { vec![head] } else { wrapped(&head, look.text() - 1) };
    lines.iter_mut().for_each(|line| line.insert(0, ' '));
    for row in (0..ROWS).rev() {
        let cell = |level: &u64| block(*level as f64 / top as f64 * (ROWS * 8) as f64 - (row * 8) as f64, look);
        let label = match row {
            3 => format!("{:>8} ┤", short_count(top as f64)),
            1 => format!("{:>8} ┤", short_count(top as f64 / 2.0)),
            _ => format!("{:>8} │", ""),
        };
        lines.push(label + &levels.iter().map(cell).collect::<String>());
    }
    lines.push(axis_line(report, scale));
    lines.push(axis_labels(report, scale));
    lines
}

/// `backlog   peak 28,399 at +3 min 9 s, empty at +13 min 48 s`, times from the origin.
fn backlog_head(report: &Report, found: &DesignFindings) -> String {
    let Some(queue) = &found.queue else { return "backlog".to_owned() };
    let at = |seconds: Option<f64>| seconds.map(|seconds| from_origin(report, seconds));
    let peak = at(queue.peak_backlog_at_s).map_or_else(String::new, |at| format!(" at {at}"));
    let (seen, gone) = match waiting_in_flight(report.subject, report.findings, found) {
        None => ("", "empty"),
        Some(_) => (" visible", "none visible"),
    };
    let empty =
        at(queue.drained_at_s).map_or_else(|| ", never empty again".to_owned(), |at| format!(", {gone} at {at}"));
    format!("backlog  peak {}{seen}{peak}{empty}", count(queue.peak_backlog))
}

fn from_origin(report: &Report, seconds: f64) -> String {
    let relative = seconds - report.subject.origin_s;
    let sign = if relative < 0.0 { "-" } else { "+" };
    format!("{sign}{}", duration_s(relative.abs()))
}

fn block(eighths: f64, look: Look) -> char {
    let filled = eighths.ceil().clamp(0.0, 8.0) as usize;
    if look.unicode { BLOCKS[filled] } else { ASCII_BLOCKS[filled] }
}

/// Labels of the time axis: column, and words.
fn ticks(report: &Report, scale: &Scale) -> Vec<(usize, String)> {
    let origin = report.subject.origin_s;
    let step = STEPS
        .iter()
        .copied()
        .find(|step| scale.shown_s / step <= scale.columns as f64 * LABELS)
        .unwrap_or(scale.shown_s.max(1.0));
    let first = (-origin / step).ceil() as i64;
    let last = ((scale.shown_s - origin) / step).floor() as i64;
    let label = |index: i64| match index {
        0 => "0".to_owned(),
        _ => from_origin(report, origin + index as f64 * step),
    };
    (first..=last).map(|index| (scale.column_of(origin + index as f64 * step), label(index))).collect()
}

fn axis_line(report: &Report, scale: &Scale) -> String {
    let mut line: Vec<char> = vec!['─'; scale.columns + 1];
    for (column, _) in ticks(report, scale) {
        line[column] = '┬';
    }
    format!("{:>8} ┼{}", 0, line.into_iter().collect::<String>())
}

/// The labels under their marks; one that would touch its neighbour is left out.
fn axis_labels(report: &Report, scale: &Scale) -> String {
    let mut line = String::new();
    for (column, label) in ticks(report, scale) {
        let width = label.chars().count();
        let start = (MARGIN + column).saturating_sub(width / 2);
        let used = line.chars().count();
        if (start > used || used == 0) && start + width <= MARGIN + scale.columns + BEHIND + 1 {
            line.push_str(&" ".repeat(start - used));
            line.push_str(&label);
        }
    }
    line
}

fn sparklines(report: &Report, scale: &Scale, look: Look) -> Vec<String> {
    let Some(first) = report.findings.designs.first() else { return Vec::new() };
    let offered = rates(first, scale, |row| row.offered);
    let mut curves = vec![("offered", None, offered)];
    for found in &report.findings.designs {
        curves.push((found.design.name(), Some(found.design), rates(found, scale, |row| row.confirmed)));
    }
    let top = curves.iter().flat_map(|(_, _, rates)| rates).copied().fold(0.0, f64::max);
    let line = |(name, design, rates): (&str, Option<Design>, Vec<f64>)| {
        let cells: String =
            rates.iter().map(|rate| if top > 0.0 { block(rate / top * 8.0, look) } else { ' ' }).collect();
        let cells = design.map_or(cells.clone(), |design| super::painted(&cells, style_of(design), look));
        let peak = rate(rates.into_iter().fold(0.0, f64::max));
        format!(" {name:<width$}{cells} {peak}", width = MARGIN - 1)
    };
    curves.into_iter().map(line).collect()
}

/// Where a fault was open, over the same columns, and its name beside it where there is more room.
fn fault_line(fault: &FaultMark, scale: &Scale) -> Option<String> {
    if fault.from_s >= scale.shown_s {
        return None;
    }
    let from = scale.column_of(fault.from_s).min(scale.columns - 1);
    // The last column that it reaches into.
    let to = ((fault.to_s / scale.shown_s * scale.columns as f64).ceil() as usize).clamp(from + 1, scale.columns);
    let (before, behind) = (from.saturating_sub(1), scale.columns + BEHIND - to - 1);
    let name = cut(&fault.name, before.max(behind));
    let width = name.chars().count();
    let mark = "▀".repeat(to - from);
    Some(if width <= behind {
        format!(" {:<head$}{}{mark} {name}", "fault", " ".repeat(from), head = MARGIN - 1)
    } else {
        format!(" {:<head$}{}{name} {mark}", "fault", " ".repeat(before - width), head = MARGIN - 1)
    })
}

/// The words, cut where they are longer than that.
fn cut(words: &str, most: usize) -> String {
    if words.chars().count() <= most {
        return words.to_owned();
    }
    words.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Orders per second in each column.
fn rates(found: &DesignFindings, scale: &Scale, of: fn(&TimelineRow) -> u64) -> Vec<f64> {
    let mean = |rows: &&[TimelineRow]| {
        let orders: u64 = rows.iter().map(of).sum();
        orders as f64 / (rows.len().max(1) as f64 * scale.step_s)
    };
    scale.columns(&found.timeline).iter().map(mean).collect()
}
