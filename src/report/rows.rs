//! What a table of a report says, row by row, and the words for promises and limits: written once, set in several ways.

use super::subject::Report;
use super::terminal::measured;
use super::words::{count, duration_or_never, duration_s, mean_count, out_of, usd};
use crate::measure::findings::{DesignFindings, LimitFindings, SloVerdict};

/// A row: what it is, and what each design has to say to it.
pub type Row = (&'static str, fn(&DesignFindings) -> String);

/// What only asynchronous invocation has a row for.
const EVENTS: &str = "events read again / dropped";

/// The rows in their order, without those that none of the designs has anything to say to.
pub fn rows(designs: &[DesignFindings]) -> Vec<Row> {
    let asynchronous = designs.iter().any(|found| found.events.is_some());
    ROWS.into_iter().filter(|(name, _)| *name != EVENTS || asynchronous).collect()
}

/// All rows in their order.
const ROWS: [Row; 22] = [
    ("orders offered", |d| count(d.orders.offered)),
    ("confirmed", |d| out_of(d.orders.confirmed, d.orders.offered)),
    ("declined", |d| count(d.orders.declined)),
    ("failed", |d| count(d.orders.failed)),
    ("timed out", |d| count(d.orders.timed_out)),
    ("refused", |d| count(d.orders.refused)),
    ("open at the end", |d| count(d.orders.open)),
    ("latency p50, all offered", |d| duration_or_never(d.latency.all_offered.p50)),
    ("latency p90, all offered", |d| duration_or_never(d.latency.all_offered.p90)),
    ("latency p99, all offered", |d| duration_or_never(d.latency.all_offered.p99)),
    ("work done after giving up", |d| count(d.work_done_after_giving_up)),
    ("peak backlog", |d| {
        let waiting = d.queue.map(|queue| queue.peak_backlog).or(d.events.map(|events| events.peak_waiting));
        waiting.map_or_else(dash, count)
    }),
    ("redelivered / dead-lettered", |d| {
        d.queue.map_or_else(dash, |queue| format!("{} / {}", count(queue.redelivered), count(queue.dead_lettered)))
    }),
    (EVENTS, |d| {
        d.events.map_or_else(dash, |events| format!("{} / {}", count(events.read_again), count(events.dropped)))
    }),
    ("peak concurrency", |d| count(d.lambda.peak_concurrency)),
    ("throttled invocations", |d| count(d.lambda.throttles)),
    ("cold starts", |d| count(d.lambda.cold_starts)),
    ("wasted attempts", |d| count(d.work.wasted.attempts)),
    ("inventory calls / rejected", |d| format!("{} / {}", count(d.inventory.calls), count(d.inventory.rejected))),
    ("cost", |d| usd(d.cost.total)),
    ("  per 1,000 confirmed", |d| d.cost.per_1000_confirmed.map_or_else(dash, usd)),
    ("  wasted", |d| usd(d.cost.wasted)),
];

/// The path of a number, and how its doubt is written.
type Number = (&'static str, fn(f64) -> String);

/// The number of a row in results.json, below its design, and in what words; none for rows of two numbers.
fn number_of(row: &str) -> Option<Number> {
    Some(match row {
        "orders offered" => ("orders.offered", mean_count),
        "confirmed" => ("orders.confirmed", mean_count),
        "declined" => ("orders.declined", mean_count),
        "failed" => ("orders.failed", mean_count),
        "timed out" => ("orders.timed_out", mean_count),
        "refused" => ("orders.refused", mean_count),
        "open at the end" => ("orders.open", mean_count),
        "latency p50, all offered" => ("latency_s.all_offered.p50", duration_s),
        "latency p90, all offered" => ("latency_s.all_offered.p90", duration_s),
        "latency p99, all offered" => ("latency_s.all_offered.p99", duration_s),
        "work done after giving up" => ("work_done_after_giving_up", mean_count),
        "peak backlog" => ("queue.peak_backlog", mean_count),
        "peak concurrency" => ("lambda.peak_concurrency", mean_count),
        "throttled invocations" => ("lambda.throttles", mean_count),
        "cold starts" => ("lambda.cold_starts", mean_count),
        "wasted attempts" => ("work.wasted_attempts", mean_count),
        "cost" => ("cost_usd.total", usd),
        "  per 1,000 confirmed" => ("cost_usd.per_1000_confirmed", usd),
        "  wasted" => ("cost_usd.wasted", usd),
        _ => return None,
    })
}

/// `± 1.2 s`, half the width of the interval of a row's number; none with one replication, or where all were alike.
pub fn doubt(report: &Report, found: &DesignFindings, row: &str) -> Option<String> {
    let (path, words) = number_of(row)?;
    let interval = report.findings.interval(&format!("designs.{}.{path}", found.design.name()))?;
    (interval.half_width > 0.0).then(|| format!("±\u{a0}{}", words(interval.half_width)))
}

/// The doubt stands behind the number, before its share. Words that are no number (`all but 3`, `never`) have none.
pub fn with_doubt(value: String, doubt: Option<String>) -> String {
    let is_number = value.starts_with(|first: char| first.is_ascii_digit() || first == '$');
    match doubt.filter(|_| is_number) {
        None => value,
        Some(doubt) => match value.split_once(" (") {
            Some((number, share)) => format!("{number} {doubt} ({share}"),
            None => format!("{value} {doubt}"),
        },
    }
}

/// Orders of a replication from which on its 99th percentile is known as surely as its interval says (docs/model.md,
/// measured).
const ENOUGH_FOR_P99: u64 = 8_000;

/// Whether the interval of a 99th percentile is shown that is too narrow: that of short replications.
fn p99_is_doubtful(report: &Report) -> bool {
    let several = u64::from(report.findings.replications());
    report.findings.designs.iter().any(|found| {
        let shown = doubt(report, found, "latency p99, all offered").is_some();
        shown && found.orders.offered < several * ENOUGH_FOR_P99
    })
}

/// How to read the numbers of several replications, in a sentence or two.
pub fn reading(report: &Report) -> Option<String> {
    let several = Some(report.findings.replications()).filter(|several| *several > 1)?;
    let mut said = format!(
        "Counts and money are totals of {} replications, times and peaks their means; ± is half a 95\u{a0}% interval. What \
         runs over time is shown of the first.",
        count(several.into())
    );
    if p99_is_doubtful(report) {
        said.push_str(&format!(
            " With fewer than {} orders in a replication p99 hangs on its few slowest, and ± of p99 is too narrow: with a \
             tenth as many it held the p99 of long runs in three tests of four, not in nineteen of twenty.",
            count(ENOUGH_FOR_P99)
        ));
    }
    Some(said)
}

/// `10 × ` before the length of one of ten replications.
pub fn times(report: &Report) -> String {
    match report.findings.replications() {
        1 => String::new(),
        several => format!("{} × ", count(several.into())),
    }
}

fn dash() -> String {
    "–".to_owned()
}

/// What was promised, and what was measured.
pub fn promise(slo: &SloVerdict) -> (String, String) {
    (format!("{} {} {}", slo.design.name(), slo.name, slo.limit), measured(slo))
}

/// How near a limit was.
pub fn nearness(limit: &LimitFindings) -> String {
    let used = format!("at most {} of {} used", count(limit.peak_use.round() as u64), count(limit.limit as u64));
    match limit.bound_s {
        0.0 => format!("{used}, never in the way"),
        seconds => format!("{used}, in the way for {}", duration_s(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::{Interval, Replicated};
    use crate::report::sample::Example;

    /// Ten replications of so many orders each; p99 of buffered is known ± so many seconds.
    fn said(orders: u64, half_width: f64) -> String {
        let mut example = Example::flash_sale();
        let first = Box::new(example.findings.clone());
        example.findings.designs.iter_mut().for_each(|found| found.orders.offered = 10 * orders);
        let p99 = Interval { low: 9.0 - half_width, high: 9.0 + half_width, half_width };
        example.findings.replicated = Some(Replicated {
            replications: 10,
            intervals: vec![("designs.buffered.latency_s.all_offered.p99".to_owned(), p99)],
            peaks: Vec::new(),
            values: Vec::new(),
            first,
            bands: None,
        });
        reading(&example.report()).unwrap()
    }

    #[test]
    fn the_p99_of_short_replications_is_said_to_be_less_sure_than_its_interval() {
        let doubtful = "With fewer than 8,000 orders in a replication p99 hangs on its few slowest";
        assert!(said(800, 2.0).contains(doubtful), "{}", said(800, 2.0));
        assert!(said(7_999, 2.0).contains(doubtful));
        // Enough orders, or no doubt that is shown.
        assert!(!said(8_000, 2.0).contains(doubtful) && !said(800, 0.0).contains(doubtful));
        assert_eq!(reading(&Example::flash_sale().report()), None);
    }
}
