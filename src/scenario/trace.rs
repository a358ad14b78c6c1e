//! `trace = "orders.csv"`: the file of a trace, checked whole before any run, then read anew by every run.

use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use crate::scenario::files;
use crate::scenario::rows::{Lines, Trouble, column, fields, is_header, length, shown};
use crate::scenario::units::show_duration;
use crate::time::SimDuration;
use crate::workload::trace::{Counts, Row, RowSource, Trace, TraceFacts};

/// Rows handed over at a time.
const CHUNK: usize = 8_192;
/// Wrong rows that are told before the rest of the file is left unread.
const MOST_TROUBLES: usize = 3;
/// No first order comes so late: the times are counted from somewhere else.
const LATEST_FIRST: SimDuration = SimDuration::from_secs(3_650 * 86_400);

const TIME_NAMES: [&str; 2] = ["time", "arrival"];
const SERVICE_NAMES: [&str; 3] = ["service", "service_time", "duration"];
const NAMES_HELP: &str =
    "call the column of arrival times `time`, and that of service times, if there is one, `service`";
const VALUE_HELP: &str = "write seconds such as 12.5, or a duration such as 12500ms";

/// Where the values of a row stand.
#[derive(Clone, Copy, Debug)]
struct Columns {
    time: usize,
    service: Option<usize>,
    /// How many there must be, where no header names them.
    count: Option<usize>,
}

impl Columns {
    fn of_header(header: &[u8], line: u64) -> Result<Columns, Trouble> {
        let Some(time) = column(header, &TIME_NAMES) else {
            return Err(Trouble::at(line, "no column is called `time` or `arrival`", NAMES_HELP));
        };
        Ok(Columns { time, service: column(header, &SERVICE_NAMES), count: None })
    }

    fn of_first_row(row: &[u8], line: u64) -> Result<Columns, Trouble> {
        let count = fields(row).count();
        if count > 2 {
            let message = format!("has {count} columns, and no header says which is which");
            return Err(Trouble::at(line, message, format!("add a header: {NAMES_HELP}")));
        }
        Ok(Columns { time: 0, service: (count == 2).then_some(1), count: Some(count) })
    }

    /// The row in a line, or what is wrong, without its number.
    fn row(&self, line: &[u8]) -> Result<Row, Trouble> {
        if let Some(count) = self.count {
            let found = fields(line).count();
            if found > count {
                let message = format!("has {found} columns, the lines before it have {count}");
                return Err(Trouble::of_file(message, "give every row the same columns"));
            }
        }
        let at = value(line, self.time, "arrival time")?;
        let service = self.service.map(|column| value(line, column, "service time")).transpose()?;
        Ok(Row { at, service })
    }
}

fn value(line: &[u8], column: usize, what: &str) -> Result<SimDuration, Trouble> {
    match fields(line).nth(column) {
        Some(field) if !field.is_empty() => {
            length(field).map_err(|reason| Trouble::of_file(format!("{} {reason}", shown(field)), VALUE_HELP))
        }
        _ => {
            let help = "every row needs all its values: write it, or remove the row";
            Err(Trouble::of_file(format!("has no {what}"), help))
        }
    }
}

/// What tells a file from its later versions without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(about: &Metadata) -> Stamp {
        Stamp { length: about.len(), modified: about.modified().ok() }
    }
}

/// A trace that was checked.
#[derive(Debug)]
struct TraceFile {
    path: PathBuf,
    columns: Columns,
    /// Bytes before the first row.
    header: u64,
    stamp: Stamp,
    trouble: OnceLock<String>,
}

impl RowSource for TraceFile {
    fn read(&self, place: u64, rows: &mut Vec<Row>) -> u64 {
        let before = rows.len();
        self.chunk(place.max(self.header), rows).unwrap_or_else(|reason| {
            rows.truncate(before);
            let _ = self.trouble.set(format!("{} {reason}; run it again", self.path.display()));
            place
        })
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.get().cloned()
    }
}

impl TraceFile {
    fn chunk(&self, place: u64, rows: &mut Vec<Row>) -> Result<u64, String> {
        let changed = || "has changed since it was checked".to_string();
        let unreadable = |error: std::io::Error| format!("can no longer be read: {error}");
        let mut file = File::open(&self.path).map_err(unreadable)?;
        if Stamp::of(&file.metadata().map_err(unreadable)?) != self.stamp {
            return Err(changed());
        }
        file.seek(SeekFrom::Start(place)).map_err(unreadable)?;
        let mut lines = Lines::new(file, place);
        while rows.len() < CHUNK {
            let Some(line) = lines.next().map_err(|_| changed())? else { break };
            rows.push(self.columns.row(line).map_err(|_| changed())?);
        }
        Ok(lines.place)
    }
}

/// Reads a trace from end to end and keeps what is known of it.
///
/// # Errors
///
/// What is wrong with it, the first few places.
pub fn read(path: &Path) -> Result<Trace, Vec<Trouble>> {
    let (file, about) = files::open(path).map_err(|trouble| vec![trouble])?;
    let mut pass = Pass::default();
    let checked = pass.go_through(Hashed { file, hasher: blake3::Hasher::new() });
    if let Err(trouble) = checked {
        pass.troubles.push(trouble);
    }
    let (Some((columns, header, digest)), []) = (pass.layout, pass.troubles.as_slice()) else {
        return Err(pass.troubles);
    };
    let facts = TraceFacts {
        digest,
        rows: pass.rows,
        first: pass.first,
        last: pass.last,
        mean_service_s: columns.service.map(|_| pass.services as f64 / 1e9 / pass.rows as f64),
        profile: pass.counts.summed(),
    };
    let stamp = Stamp::of(&about);
    let source = TraceFile { path: path.to_path_buf(), columns, header, stamp, trouble: OnceLock::new() };
    Ok(Trace { facts: Arc::new(facts), source: Arc::new(source) })
}

/// One way through the file.
#[derive(Default)]
struct Pass {
    /// Where the values stand, the bytes before the first row, and the hash of the contents.
    layout: Option<(Columns, u64, [u8; 32])>,
    rows: u64,
    first: SimDuration,
    last: SimDuration,
    /// Nanoseconds of all service times.
    services: u128,
    counts: Counts,
    troubles: Vec<Trouble>,
}

impl Pass {
    fn go_through(&mut self, file: Hashed) -> Result<(), Trouble> {
        let mut lines = Lines::new(file, 0);
        let nothing = || Trouble::of_file("it has no rows", "write one arrival time a line");
        let mut header = 0;
        let line = lines.next()?.ok_or_else(nothing)?.to_vec();
        let columns = if is_header(&line) {
            header = lines.place;
            Columns::of_header(&line, lines.number)?
        } else {
            let columns = Columns::of_first_row(&line, lines.number)?;
            self.take(columns.row(&line), lines.number);
            columns
        };
        while self.troubles.len() < MOST_TROUBLES {
            let Some(line) = lines.next()? else { break };
            let row = columns.row(line);
            self.take(row, lines.number);
        }
        if self.rows == 0 && self.troubles.is_empty() {
            return Err(nothing());
        }
        self.layout = Some((columns, header, *lines.into_inner().hasher.finalize().as_bytes()));
        Ok(())
    }

    fn take(&mut self, row: Result<Row, Trouble>, number: u64) {
        let row = match row {
            Ok(row) => row,
            Err(trouble) => return self.troubles.push(Trouble { line: Some(number), ..trouble }),
        };
        if self.rows == 0 {
            self.first = row.at;
            if row.at >= LATEST_FIRST {
                let message = format!("the first order comes only after {}", show_duration(row.at));
                let help = "count the times from the start of the phase, not from 1970";
                self.troubles.push(Trouble::at(number, message, help));
            }
        }
        if row.at < self.last {
            let message = format!("{} comes before the line above it", show_duration(row.at));
            let help = format!("sort the rows by time; the latest so far is {}", show_duration(self.last));
            self.troubles.push(Trouble::at(number, message, help));
        }
        self.last = self.last.max(row.at);
        self.rows += 1;
        self.services += row.service.map_or(0, |service| u128::from(service.0));
        self.counts.add(row.at);
    }
}

/// A file that is hashed as it is read.
struct Hashed {
    file: File,
    hasher: blake3::Hasher,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
#[path = "trace_tests.rs"]
mod tests;
