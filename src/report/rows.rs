//! What a table of a report says, row by row, and the words for promises and limits: written once, set in several ways.

use super::terminal::measured;
use super::words::{count, duration_or_never, duration_s, out_of, usd};
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

fn dash() -> String {
    "–".to_owned()
}

/// What was promised, and what was measured.
pub fn promise(slo: &SloVerdict) -> (String, String) {
    (format!("{} {} {}", slo.design.name(), slo.name, slo.limit), measured(slo))
}

/// How near a limit was.
pub fn nearness(limit: &LimitFindings) -> String {
    let used = format!("at most {} of {} used", count(limit.peak_use as u64), count(limit.limit as u64));
    match limit.bound_s {
        0.0 => format!("{used}, never in the way"),
        seconds => format!("{used}, in the way for {}", duration_s(seconds)),
    }
}
