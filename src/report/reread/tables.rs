//! timeline.csv, latency.csv, replications.csv and bands.csv back into findings.

use std::collections::BTreeMap;

use csv::{ByteRecord, ReaderBuilder};

use super::place::Wrongs;
use crate::measure::bands::{Band, Bands, DesignBands, Series};
use crate::measure::findings::{Design, DesignFindings, Findings, TimelineRow};
use crate::measure::replications::KEPT;
use crate::report::tables::{BAND_COLUMNS, LATENCY_COLUMNS, TIMELINE_COLUMNS, WITHIN};
use crate::time::SimDuration;

/// The first thing wrong with a table ends its reading.
struct Wrong(String);

impl Wrong {
    fn at(line: usize, words: &str) -> Wrong {
        Wrong(format!("line {line}: {words}"))
    }
}

/// A row and its line, field by field.
struct Row<'a> {
    record: &'a ByteRecord,
    line: usize,
    columns: &'a [&'a str],
}

impl Row<'_> {
    fn text(&self, column: usize) -> Result<&str, Wrong> {
        let bytes = self.record.get(column).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| Wrong::at(self.line, "it is not UTF-8"))
    }

    fn maybe<T: std::str::FromStr>(&self, column: usize) -> Result<Option<T>, Wrong> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let wrong = |_| Wrong::at(self.line, &format!("{} is `{text}`, not a number", self.columns[column]));
        text.parse().map(Some).map_err(wrong)
    }

    fn must<T: std::str::FromStr>(&self, column: usize) -> Result<T, Wrong> {
        let empty = || Wrong::at(self.line, &format!("{} is empty", self.columns[column]));
        self.maybe(column)?.ok_or_else(empty)
    }

    /// The design of this row among those of results.json.
    fn design<'f>(&self, column: usize, designs: &'f mut [DesignFindings]) -> Result<&'f mut DesignFindings, Wrong> {
        let name = self.text(column)?;
        let unknown = || Wrong::at(self.line, &format!("results.json has no design `{name}`"));
        designs.iter_mut().find(|found| found.design.name() == name).ok_or_else(unknown)
    }
}

/// Every row of a table with these columns.
fn rows(bytes: &[u8], columns: &[&str], mut take: impl FnMut(Row) -> Result<(), Wrong>) -> Result<(), Wrong> {
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        return Err(Wrong("it breaks off in its last line".to_owned()));
    }
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut line = 0;
    while reader.read_byte_record(&mut record).map_err(|error| Wrong(error.to_string()))? {
        line += 1;
        if line == 1 {
            if !record.iter().eq(columns.iter().map(|column| column.as_bytes())) {
                return Err(Wrong::at(1, &format!("the columns are not {}", columns.join(","))));
            }
            continue;
        }
        if record.len() != columns.len() {
            return Err(Wrong::at(line, &format!("it has {} fields, not {}", record.len(), columns.len())));
        }
        take(Row { record: &record, line, columns })?;
    }
    if line == 0 { Err(Wrong("it is empty".to_owned())) } else { Ok(()) }
}

fn note(wrongs: &Wrongs, name: &str, read: Result<(), Wrong>) {
    if let Err(Wrong(words)) = read {
        wrongs.wrong(format!("{name}, {words}"));
    }
}

/// The rows over time: of the first replication, where there are several.
pub fn add_timelines(findings: &mut Findings, files: &BTreeMap<String, Vec<u8>>, wrongs: &Wrongs) {
    let Some(bytes) = files.get("timeline.csv") else { return };
    let designs = &mut findings.designs;
    let read = rows(bytes, &TIMELINE_COLUMNS, |row| {
        let found = row.design(1, designs)?;
        let next = timeline_row(&row)?;
        if found.timeline.last().is_some_and(|last| last.time_s >= next.time_s) {
            return Err(Wrong::at(row.line, "time does not go on"));
        }
        found.timeline.push(next);
        Ok(())
    });
    note(wrongs, "timeline.csv", read);
    if let Some(replicated) = &mut findings.replicated {
        for (first, found) in replicated.first.designs.iter_mut().zip(&findings.designs) {
            first.timeline.clone_from(&found.timeline);
        }
    }
}

/// A level that has no meaning for a design is none.
fn timeline_row(row: &Row) -> Result<TimelineRow, Wrong> {
    let time_s: f64 = row.must(0)?;
    if !time_s.is_finite() {
        return Err(Wrong::at(row.line, "time_s is not finite"));
    }
    Ok(TimelineRow {
        time_s,
        offered: row.must(2)?,
        confirmed: row.must(3)?,
        lost: row.must(4)?,
        backlog: row.maybe(5)?.unwrap_or(0),
        backlog_max: row.maybe(6)?.unwrap_or(0),
        in_flight: row.maybe(7)?.unwrap_or(0),
        oldest_message_s: row.maybe(8)?,
        concurrency: row.must(9)?,
        concurrency_max: row.must(10)?,
        environments: row.must(11)?,
        throttles: row.must(12)?,
        inventory_connections: row.maybe(13)?,
        retries_waiting: row.must(14)?,
    })
}

/// The histograms of latency.
pub fn add_latencies(findings: &mut Findings, files: &BTreeMap<String, Vec<u8>>, wrongs: &Wrongs) {
    let Some(bytes) = files.get("latency.csv") else { return };
    let designs = &mut findings.designs;
    let read = rows(bytes, &LATENCY_COLUMNS, |row| {
        let found = row.design(0, designs)?;
        let (edge, count): (u64, u64) = (row.must(1)?, row.must(2)?);
        let buckets = &mut found.latency.histogram.0;
        if buckets.last().is_some_and(|last| last.0 >= edge) {
            return Err(Wrong::at(row.line, "up_to_us does not rise"));
        }
        buckets.push((edge, count));
        Ok(())
    });
    note(wrongs, "latency.csv", read);
    for found in designs {
        let confirmed: u128 = found.latency.histogram.0.iter().map(|bucket| u128::from(bucket.1)).sum();
        if confirmed > found.orders.offered.into() {
            wrongs.wrong(format!("latency.csv has more {} orders than were offered", found.design.name()));
        }
    }
}

/// The numbers of each replication, where there are several.
pub fn add_replications(findings: &mut Findings, files: &BTreeMap<String, Vec<u8>>, wrongs: &Wrongs) {
    let Some(replicated) = &mut findings.replicated else { return };
    let Some(bytes) = files.get("replications.csv") else { return wrongs.missing("replications.csv".to_owned()) };
    let names: Vec<Design> = findings.designs.iter().map(|found| found.design).collect();
    let columns: Vec<&str> = ["replication", "design"].into_iter().chain(KEPT).collect();
    let path = |design: Design, column: &str| format!("designs.{}.{column}", design.name());
    // What a design does not have, it has an interval of neither; what is never in some replication, neither.
    let mut values: Vec<(String, Vec<Option<f64>>)> =
        names.iter().flat_map(|design| KEPT.map(|column| (path(*design, column), Vec::new()))).collect();
    let mut seen = 0;
    let read = rows(bytes, &columns, |row| {
        let replication: usize = row.must(0)?;
        let name = row.text(1)?;
        let design = names.iter().position(|design| design.name() == name);
        if replication != seen / names.len().max(1) || design != Some(seen % names.len().max(1)) {
            return Err(Wrong::at(row.line, "it is not the next replication and design"));
        }
        let first = design.unwrap_or(0) * KEPT.len();
        for (column, (_, values)) in values[first..first + KEPT.len()].iter_mut().enumerate() {
            values.push(row.maybe(column + 2)?);
        }
        seen += 1;
        Ok(())
    });
    note(wrongs, "replications.csv", read);
    if seen != replicated.replications as usize * names.len() {
        wrongs.wrong(format!("replications.csv has {seen} rows for {} replications", replicated.replications));
    }
    values.retain(|(_, values)| values.iter().any(Option::is_some));
    replicated.values = values;
}

/// The bands of several replications, one every `step`.
pub fn add_bands(findings: &mut Findings, step: SimDuration, files: &BTreeMap<String, Vec<u8>>, wrongs: &Wrongs) {
    let Some(replicated) = &mut findings.replicated else { return };
    let Some(bytes) = files.get("bands.csv") else { return wrongs.missing("bands.csv".to_owned()) };
    let blank = |found: &DesignFindings| DesignBands {
        design: found.design,
        over_time: std::array::from_fn(|_| Vec::new()),
        within: Vec::new(),
    };
    let mut designs: Vec<DesignBands> = findings.designs.iter().map(blank).collect();
    let read = rows(bytes, &BAND_COLUMNS, |row| {
        let name = row.text(1)?;
        let unknown = |what: &str, name: &str| Wrong::at(row.line, &format!("there is no {what} `{name}`"));
        let design = designs.iter_mut().find(|bands| bands.design.name() == name);
        let design = design.ok_or_else(|| unknown("design", name))?;
        let band = band(&row)?;
        let series = row.text(2)?;
        if series == WITHIN {
            design.within.push((row.must(0)?, band));
            return Ok(());
        }
        let known = Series::ALL.into_iter().find(|known| known.name() == series);
        design.over_time[known.ok_or_else(|| unknown("series", series))? as usize].push(band);
        Ok(())
    });
    note(wrongs, "bands.csv", read);
    replicated.bands = Some(Bands { step, designs });
}

fn band(row: &Row) -> Result<Band, Wrong> {
    Ok(Band { mean: row.must(3)?, low: row.must(4)?, high: row.must(5)?, least: row.must(6)?, most: row.must(7)? })
}
