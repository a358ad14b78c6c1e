//! timeline.csv, percentiles.csv and orders.csv.

use csv::{Writer, WriterBuilder};

use super::results::rounded;
use super::subject::Report;
use crate::measure::bands::{Band, Series};
use crate::measure::findings::{Design, DesignFindings, HistogramCounts, TimelineRow};
use crate::measure::order_log::{OrderLog, OrderRow};
use crate::measure::replications::KEPT;
use crate::observation::{Cause, Outcome};

/// The columns of timeline.csv.
pub const TIMELINE_COLUMNS: [&str; 15] = [
    "time_s",
    "design",
    "offered",
    "confirmed",
    "lost",
    "backlog",
    "backlog_max",
    "in_flight",
    "oldest_message_s",
    "concurrency",
    "concurrency_max",
    "environments",
    "throttles",
    "inventory_connections",
    "retries_waiting",
];

/// What bands.csv calls the share of all offered orders that was confirmed within the time.
pub const WITHIN: &str = "confirmed_within";

/// The columns of bands.csv.
pub const BAND_COLUMNS: [&str; 8] = ["time_s", "design", "series", "mean", "low", "high", "least", "most"];

/// The percentiles listed, in parts per 10,000.
pub(super) const LISTED: [u64; 17] = [
    0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 9_500, 9_800, 9_900, 9_950, 9_990, 9_999, 10_000,
];

/// One row per step and design, by time; a column without meaning for a design is empty.
pub fn timeline(report: &Report) -> Vec<u8> {
    let mut table = table();
    write(&mut table, TIMELINE_COLUMNS.map(str::to_owned).to_vec());
    let designs = &report.findings.designs;
    let longest = designs.iter().map(|found| found.timeline.len()).max().unwrap_or(0);
    for index in 0..longest {
        for found in designs {
            if let Some(row) = found.timeline.get(index) {
                write(&mut table, timeline_row(found, row));
            }
        }
    }
    bytes(table)
}

fn timeline_row(found: &DesignFindings, row: &TimelineRow) -> Vec<String> {
    let has_queue = found.queue.is_some() || found.events.is_some();
    let of_queue = |value: u64| if has_queue { value.to_string() } else { String::new() };
    vec![
        float(row.time_s),
        found.design.name().to_owned(),
        row.offered.to_string(),
        row.confirmed.to_string(),
        row.lost.to_string(),
        of_queue(row.backlog),
        of_queue(row.backlog_max),
        of_queue(row.in_flight),
        row.oldest_message_s.map_or_else(String::new, float),
        row.concurrency.to_string(),
        row.concurrency_max.to_string(),
        row.environments.to_string(),
        row.throttles.to_string(),
        row.inventory_connections.map_or_else(String::new, |count| count.to_string()),
        row.retries_waiting.to_string(),
    ]
}

/// The bands of several replications by design, series and time; `None` of a single one.
pub fn bands(report: &Report) -> Option<Vec<u8>> {
    let bands = report.findings.replicated.as_ref()?.bands.as_ref()?;
    let mut table = table();
    write(&mut table, BAND_COLUMNS.map(str::to_owned).to_vec());
    for found in &bands.designs {
        let mut row = |series: &str, at: f64, band: &Band| {
            let values = [band.mean, band.low, band.high, band.least, band.most].map(float);
            let mut row = vec![float(at), found.design.name().to_owned(), series.to_owned()];
            row.extend(values);
            write(&mut table, row);
        };
        for series in Series::ALL {
            let step = bands.step.as_secs_f64();
            for (index, band) in found.over_time[series as usize].iter().enumerate() {
                row(series.name(), index as f64 * step, band);
            }
        }
        for (within, band) in &found.within {
            row(WITHIN, *within, band);
        }
    }
    Some(bytes(table))
}

/// The columns of latency.csv.
pub const LATENCY_COLUMNS: [&str; 3] = ["design", "up_to_us", "confirmed"];

/// The whole distribution of latency: how many orders were confirmed in each bucket of the histogram, by its upper edge in
/// microseconds. Buckets without orders are left out.
pub fn latency(report: &Report) -> Vec<u8> {
    let mut table = table();
    write(&mut table, LATENCY_COLUMNS.map(str::to_owned).to_vec());
    for found in &report.findings.designs {
        for (edge_us, count) in &found.latency.histogram.0 {
            write(&mut table, vec![found.design.name().to_owned(), edge_us.to_string(), count.to_string()]);
        }
    }
    bytes(table)
}

/// One row per replication and design: the numbers of [`KEPT`], each under its path in results.json. Empty is never, or a
/// number that the design does not have. `None` of one replication, which results.json tells.
pub fn replications(report: &Report) -> Option<Vec<u8>> {
    let replicated = report.findings.replicated.as_ref()?;
    let mut table = table();
    write(&mut table, ["replication", "design"].into_iter().chain(KEPT).map(str::to_owned).collect());
    for replication in 0..replicated.replications as usize {
        for found in &report.findings.designs {
            let name = found.design.name();
            let value = |path: &str| {
                let whole = format!("designs.{name}.{path}");
                let values = replicated.values.iter().find(|(known, _)| *known == whole);
                values.and_then(|(_, values)| *values.get(replication)?).map_or_else(String::new, float)
            };
            let mut row = vec![replication.to_string(), name.to_owned()];
            row.extend(KEPT.map(value));
            write(&mut table, row);
        }
    }
    Some(bytes(table))
}

/// Latency by percentile, ranked over all offered orders and over the confirmed ones; empty is never.
pub fn percentiles(report: &Report) -> Vec<u8> {
    let mut table = table();
    write(&mut table, ["design", "percentile", "all_offered_s", "confirmed_s"].map(str::to_owned).to_vec());
    for found in &report.findings.designs {
        for listed in LISTED {
            let at = |total: u64| percentile(&found.latency.histogram, total, listed).map_or_else(String::new, float);
            let percent = float(listed as f64 / 100.0);
            let row = vec![found.design.name().to_owned(), percent, at(found.orders.offered), at(found.latency.count)];
            write(&mut table, row);
        }
    }
    bytes(table)
}

const ORDER_COLUMNS: [&str; 10] =
    ["order", "design", "arrival_s", "outcome", "cause", "wait_s", "ended_s", "receives", "attempts", "throttles"];

/// One row per order and design, by the order's number. All orders, also those outside a counted
/// window. A column without meaning for a design is empty, and so are the wait of an order that no environment was given
/// and the end of one that is open.
pub fn orders(logs: &[(Design, OrderLog)]) -> Vec<u8> {
    let mut table = table();
    write(&mut table, ORDER_COLUMNS.map(str::to_owned).to_vec());
    let longest = logs.iter().map(|(_, log)| log.rows().len()).max().unwrap_or(0);
    for number in 0..longest {
        for (design, log) in logs {
            if let Some(row) = log.rows().get(number) {
                write(&mut table, order_row(number, *design, row));
            }
        }
    }
    bytes(table)
}

fn order_row(number: usize, design: Design, row: &OrderRow) -> Vec<String> {
    let of = |meant: Design, value: u32| if design == meant { value.to_string() } else { String::new() };
    let ended = if row.outcome == Outcome::Open { String::new() } else { float(row.ended_at.as_secs_f64()) };
    vec![
        number.to_string(),
        design.name().to_owned(),
        float(row.arrived_at.as_secs_f64()),
        row.outcome.name().to_owned(),
        row.cause.map_or("", Cause::name).to_owned(),
        row.wait.map_or_else(String::new, |wait| float(wait.as_secs_f64())),
        ended,
        of(Design::Buffered, row.receives),
        row.attempts.to_string(),
        of(Design::Direct, row.throttles),
    ]
}

/// Nearest rank: the upper edge, in seconds, of the bucket that holds rank ⌈p × total⌉, at least 1; `None` beyond all.
pub(super) fn percentile(histogram: &HistogramCounts, total: u64, per_10_000: u64) -> Option<f64> {
    let rank = (u128::from(total) * u128::from(per_10_000)).div_ceil(10_000).max(1);
    let mut seen = 0;
    for (edge_us, count) in &histogram.0 {
        seen += u128::from(*count);
        if seen >= rank {
            return Some(*edge_us as f64 / 1e6);
        }
    }
    None
}

fn float(value: f64) -> String {
    rounded(value).to_string()
}

fn table() -> Writer<Vec<u8>> {
    WriterBuilder::new().from_writer(Vec::new())
}

fn write(table: &mut Writer<Vec<u8>>, row: Vec<String>) {
    table.write_record(row).expect("writing to memory does not fail");
}

fn bytes(table: Writer<Vec<u8>>) -> Vec<u8> {
    table.into_inner().expect("writing to memory does not fail")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::{Design, EventFindings};
    use crate::report::sample::Example;

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(bytes);
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_timeline_has_a_row_per_step_and_design_and_its_counts_are_all_orders() {
        let sample = Example::flash_sale();
        let report = sample.report();
        let rows = rows(&timeline(&report));
        for found in &report.findings.designs {
            let of_design: Vec<_> = rows.iter().filter(|row| row[1] == found.design.name()).collect();
            assert_eq!(of_design.len(), found.timeline.len());
            let sum = |column: usize| -> u64 { of_design.iter().map(|row| row[column].parse::<u64>().unwrap()).sum() };
            assert_eq!(sum(2), found.orders.offered);
            assert_eq!(sum(3), found.timeline.iter().map(|row| row.confirmed).sum::<u64>());
            let without_queue = of_design.iter().all(|row| row[5].is_empty() && row[8].is_empty());
            assert_eq!(without_queue, found.design == Design::Direct);
        }
    }

    #[test]
    fn a_queue_of_lambdas_own_fills_the_columns_of_direct() {
        let mut sample = Example::flash_sale();
        let direct = sample.findings.designs.iter_mut().find(|found| found.design == Design::Direct).unwrap();
        direct.events = Some(EventFindings::default());
        let rows = rows(&timeline(&sample.report()));
        assert!(rows.iter().all(|row| row[5..8].iter().all(|level| !level.is_empty())));
    }

    #[test]
    fn percentiles_are_nearest_ranks_and_empty_beyond_the_last_confirmed() {
        let histogram = HistogramCounts(vec![(1_000_000, 50), (2_000_000, 50)]);
        assert_eq!(percentile(&histogram, 100, 5_000), Some(1.0));
        assert_eq!(percentile(&histogram, 100, 5_100), Some(2.0));
        assert_eq!(percentile(&histogram, 100, 0), Some(1.0));
        assert_eq!(percentile(&histogram, 200, 5_000), Some(2.0));
        assert_eq!(percentile(&histogram, 200, 6_000), None);
        let sample = Example::flash_sale();
        assert_eq!(rows(&percentiles(&sample.report())).len(), 2 * LISTED.len());
    }
}
