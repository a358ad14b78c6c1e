//! The numbers behind the charts, as tables: for who cannot see a chart, for who wants to copy a number, and for the page's
//! cross-hair, which reads its values here.

use super::{class_of, escape};
use crate::measure::findings::{Design, DesignFindings, TimelineRow};
use crate::observation::{Cause, Stage};
use crate::report::bottleneck::moment;
use crate::report::chart::window;
use crate::report::spent::{REASONS, wasted_by};
use crate::report::subject::Report;
use crate::report::tables::{LISTED, percentile};
use crate::report::words::{count, duration_or_never, duration_s, rate, share};
use std::fmt::Write;

/// Rows of a table over time, about: one for every few px of a chart.
const ROWS: usize = 150;
/// Times at which a table asks how many are confirmed, in each decade.
const TIMES: [f64; 10] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0];

/// A column and what it says.
struct Column {
    design: Option<Design>,
    /// Its head.
    name: &'static str,
    /// Which plot of the chart it belongs to, from above, for the cross-hair.
    plot: usize,
    cells: Vec<String>,
}

/// A table with a row for every place on the axis.
struct Table {
    /// What the rows are.
    first: &'static str,
    /// The names of the rows, and where they are on the chart's axis.
    rows: Vec<(String, Option<f64>)>,
    columns: Vec<Column>,
}

/// How a table stands on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Folded, below its chart.
    Behind,
    /// Open, where no chart shows its numbers.
    Alone,
}

/// The table of a chart; nothing for one whose numbers are not known here.
pub fn table(name: &str, report: &Report, stands: Stands) -> String {
    let table = match name {
        "timeline" => timeline(report),
        "confirmed-within" => within(report),
        "outcomes" => outcomes(report),
        "waiting" => waiting(report),
        "percentiles" => percentiles(report),
        "stages" => stages(report),
        "attempts" => attempts(report),
        _ => return String::new(),
    };
    if table.rows.is_empty() || table.columns.is_empty() {
        return String::new();
    }
    html(name, &table, stands)
}

fn html(name: &str, table: &Table, stands: Stands) -> String {
    let (how, summary) = match stands {
        Stands::Behind => ("class=\"data\"", "The numbers behind this chart"),
        Stands::Alone => ("class=\"data alone\" open", "The numbers"),
    };
    let mut out = format!(
        "<details {how}>\n<summary>{summary}</summary>\n<div class=\"scroll\" tabindex=\"0\" \
         role=\"group\" aria-label=\"Numbers behind {name}\"><table class=\"behind\" id=\"{name}-data\">\n<thead><tr><th \
         scope=\"col\">{}</th>",
        table.first
    );
    for column in &table.columns {
        let (class, design) = match column.design {
            Some(design) => (class_of(design), design.name()),
            None => ("o", ""),
        };
        let name = if design.is_empty() || column.name.is_empty() {
            format!("{design}{}", column.name)
        } else {
            format!("{design}<br>{}", column.name)
        };
        let short = if design.is_empty() { column.name } else { design };
        let _ = write!(
            out,
            "<th scope=\"col\" class=\"{class}\" data-plot=\"{}\" data-short=\"{short}\">{name}</th>",
            column.plot
        );
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (index, (row, at)) in table.rows.iter().enumerate() {
        let at = at.map_or_else(String::new, |at| format!(" data-at=\"{}\"", crate::report::results::rounded(at)));
        let _ = write!(out, "<tr{at}><th scope=\"row\">{}</th>", escape(row));
        for column in &table.columns {
            let _ = write!(out, "<td>{}</td>", escape(column.cells.get(index).map_or("", String::as_str)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n</details>\n");
    out
}

/// The beginnings of the rows of a table over time, as indices into the timelines.
fn instants(report: &Report) -> (Vec<usize>, usize, f64) {
    let findings = report.findings.first();
    let step = findings.step.as_secs_f64();
    let shown = window(report.subject, findings, None).end_s;
    let longest = findings.designs.iter().map(|found| found.timeline.len()).max().unwrap_or(0);
    let rows = if step > 0.0 { longest.min((shown / step).ceil() as usize) } else { longest.min(1) };
    let stride = rows.div_ceil(ROWS).max(1);
    ((0..rows).step_by(stride).collect(), stride, step)
}

/// The names of the rows of a table over time, and where they are on the axis.
fn moments(report: &Report, instants: &[usize]) -> Vec<(String, Option<f64>)> {
    let step = report.findings.first().step.as_secs_f64();
    let name = |index: &usize| {
        let at = *index as f64 * step;
        (moment(report, at), Some(at))
    };
    instants.iter().map(name).collect()
}

/// What a design's timeline says at the beginnings of the rows.
fn cells(found: &DesignFindings, instants: &[usize], cell: impl Fn(&[TimelineRow], usize) -> String) -> Vec<String> {
    instants.iter().map(|index| cell(&found.timeline, *index)).collect()
}

fn timeline(report: &Report) -> Table {
    let (instants, stride, step) = instants(report);
    let rows = moments(report, &instants);
    let cells = |found: &DesignFindings, cell: &dyn Fn(&[TimelineRow], usize) -> String| cells(found, &instants, cell);
    let findings = report.findings.first();
    let per_second = |rows: &[TimelineRow], from: usize, value: fn(&TimelineRow) -> u64| {
        let of: Vec<u64> = rows.iter().skip(from).take(stride).map(value).collect();
        if of.is_empty() {
            return "–".to_owned();
        }
        rate(of.iter().sum::<u64>() as f64 / (of.len() as f64 * if step > 0.0 { step } else { 1.0 }))
    };
    let at = |rows: &[TimelineRow], from: usize, value: fn(&TimelineRow) -> u64| {
        rows.get(from).map_or_else(|| "–".to_owned(), |row| count(value(row)))
    };
    let mut columns = Vec::new();
    if let Some(longest) = findings.designs.iter().max_by_key(|found| found.timeline.len()) {
        let cells = cells(longest, &|rows, from| per_second(rows, from, |row| row.offered));
        columns.push(Column { design: None, name: "offered", plot: 0, cells });
    }
    for found in &findings.designs {
        let design = Some(found.design);
        let column = |name, plot, cells| Column { design, name, plot, cells };
        let queues = found.queue.is_some() || found.events.is_some();
        let (waiting, level): (&str, fn(&TimelineRow) -> u64) =
            if queues { ("waiting", |row| row.backlog) } else { ("waiting for a retry", |row| row.retries_waiting) };
        let lost = |rows: &[TimelineRow], from: usize| count(rows.iter().take(from).map(|row| row.lost).sum());
        columns.push(column("confirmed", 0, cells(found, &|rows, from| per_second(rows, from, |row| row.confirmed))));
        columns.push(column(waiting, 1, cells(found, &|rows, from| at(rows, from, level))));
        columns.push(column("busy", 2, cells(found, &|rows, from| at(rows, from, |row| row.concurrency))));
        columns.push(column("lost so far", 3, cells(found, &lost)));
    }
    // One plot after the other, as the chart has them.
    columns.sort_by_key(|column| column.plot);
    Table { first: "time", rows, columns }
}

fn waiting(report: &Report) -> Table {
    let (instants, ..) = instants(report);
    let rows = moments(report, &instants);
    let cells = |found: &DesignFindings, cell: &dyn Fn(&[TimelineRow], usize) -> String| cells(found, &instants, cell);
    let age = |rows: &[TimelineRow], from: usize| {
        let age = rows.get(from).and_then(|row| row.oldest_message_s);
        age.map_or_else(|| "none".to_owned(), duration_s)
    };
    let with_queue =
        report.findings.first().designs.iter().filter(|found| found.queue.is_some() || found.events.is_some());
    let column = |found: &DesignFindings| Column {
        design: Some(found.design),
        name: "oldest",
        plot: 0,
        cells: cells(found, &age),
    };
    Table { first: "time", columns: with_queue.map(column).collect(), rows }
}

fn within(report: &Report) -> Table {
    let designs = &report.findings.designs;
    let edges = || designs.iter().flat_map(|found| &found.latency.histogram.0).map(|bucket| bucket.0 as f64 / 1e6);
    let (fastest, slowest) = (edges().fold(f64::INFINITY, f64::min), edges().fold(0.0, f64::max));
    let decades = (-3..7).flat_map(|decade| TIMES.map(|time| time * libm::pow(10.0, f64::from(decade))));
    let mut times: Vec<f64> = decades.filter(|time| *time * 1.3 >= fastest && *time <= slowest * 1.3).collect();
    times.extend(report.slo.iter().filter_map(|slo| slo.within_s).filter(|within| *within > 0.0));
    times.sort_by(f64::total_cmp);
    times.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
    let column = |found: &DesignFindings| {
        let confirmed = |time: &f64| share(found.confirmed_within(*time), found.orders.offered);
        Column { design: Some(found.design), name: "", plot: 0, cells: times.iter().map(confirmed).collect() }
    };
    let columns = designs.iter().map(column).collect();
    Table {
        first: "confirmed within",
        rows: times.iter().map(|time| (duration_s(*time), Some(*time))).collect(),
        columns,
    }
}

fn percentiles(report: &Report) -> Table {
    let listed = LISTED.into_iter().filter(|listed| *listed < 10_000);
    let nines = |listed: u64| -libm::log10(1.0 - listed as f64 / 10_000.0);
    let name = |listed: u64| (format!("p{}", listed as f64 / 100.0), Some(nines(listed).max(0.0)));
    let column = |found: &DesignFindings| {
        let at = |listed| duration_or_never(percentile(&found.latency.histogram, found.orders.offered, listed));
        Column { design: Some(found.design), name: "", plot: 0, cells: listed.clone().map(at).collect() }
    };
    let columns = report.findings.designs.iter().map(column).collect();
    Table { first: "percentile of all offered", rows: listed.clone().map(name).collect(), columns }
}

fn plain(names: &[&str]) -> Vec<(String, Option<f64>)> {
    names.iter().map(|name| (name.replace('_', " "), None)).collect()
}

fn outcomes(report: &Report) -> Table {
    let names = ["confirmed", "declined", "failed", "timed out", "refused", "still open"];
    let mut rows = plain(&names);
    let occurred: Vec<usize> = (0..Cause::ALL.len())
        .filter(|cause| report.findings.designs.iter().any(|found| found.causes[*cause] > 0))
        .collect();
    rows.extend(
        occurred.iter().map(|cause| (format!("because: {}", Cause::ALL[*cause].name().replace('_', " ")), None)),
    );
    let column = |found: &DesignFindings| {
        let orders = found.orders;
        let counts = [orders.confirmed, orders.declined, orders.failed, orders.timed_out, orders.refused, orders.open];
        let causes = occurred.iter().map(|cause| found.causes[*cause]);
        Column {
            design: Some(found.design),
            name: "",
            plot: 0,
            cells: counts.into_iter().chain(causes).map(count).collect(),
        }
    };
    let columns = report.findings.designs.iter().map(column).collect();
    Table { first: "ending", rows, columns }
}

/// What a stage is, in words.
fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Start => "start of the workflow",
        Stage::Retry => "earlier tries and their back-off",
        Stage::Send => "sending",
        Stage::Queue => "waiting in the queue",
        Stage::Redelivery => "waiting for a redelivery",
        Stage::Invoke => "invocation",
        Stage::ColdStart => "cold start",
        Stage::Batch => "waiting for its turn in the batch",
        Stage::Work => "work",
        Stage::Callback => "answer",
        Stage::Transition => "next state",
    }
}

/// A length of time of which nothing is rounded away.
fn short_time(seconds: f64) -> String {
    match seconds {
        0.0 => "0".to_owned(),
        tiny if tiny < 0.000_5 => "under 1\u{a0}ms".to_owned(),
        seconds => duration_s(seconds),
    }
}

/// The stages of answered orders.
fn stages(report: &Report) -> Table {
    let mut columns = Vec::new();
    for found in report.findings.designs.iter().filter(|found| found.stages.iter().any(|stage| stage.mean.is_some())) {
        let of = |name, value: fn(&crate::measure::findings::StageFindings) -> Option<f64>| {
            let cell = |stage: Stage| {
                let known = found.stages.iter().find(|known| known.stage == stage).and_then(value);
                known.map_or_else(|| "–".to_owned(), short_time)
            };
            Column { design: Some(found.design), name, plot: 0, cells: Stage::ALL.map(cell).to_vec() }
        };
        columns.push(of("mean", |stage| stage.mean));
        columns.push(of("p99", |stage| stage.p99));
    }
    Table {
        first: "stage",
        rows: Stage::ALL.iter().map(|stage| (stage_words(*stage).to_owned(), None)).collect(),
        columns,
    }
}

/// Attempts and what they were good for.
fn attempts(report: &Report) -> Table {
    let mut rows = plain(&["useful attempts", "wasted attempts"]);
    rows.extend(REASONS.iter().map(|(_, words)| (format!("wasted: {words}"), None)));
    rows.extend(plain(&["invocations", "throttled", "redelivered", "dead-lettered", "late answers", "oversold"]));
    let column = |found: &DesignFindings| {
        let queue = found.queue.unwrap_or_default();
        let mut counts = vec![found.work.useful.attempts, found.work.wasted.attempts];
        counts.extend(wasted_by(found).map(|amount| amount.attempts));
        counts.extend([found.lambda.invocations, found.lambda.throttles, queue.redelivered, queue.dead_lettered]);
        counts.extend([found.callbacks.late, found.inventory.oversold]);
        Column { design: Some(found.design), name: "", plot: 0, cells: counts.into_iter().map(count).collect() }
    };
    let columns = report.findings.designs.iter().map(column).collect();
    Table { first: "attempts", rows, columns }
}
