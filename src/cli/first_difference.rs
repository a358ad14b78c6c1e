//! `simulate first-difference`: where two streams of observations part, as `simulate observe` has printed them.
//!
//! Checkpoints say between which observations; the observations of that part, printed of both, say which one it is.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::observe::{CHECKPOINTS, OBSERVATIONS};
use super::options::FirstDifferenceOptions;
use super::{Ending, print};
use crate::report::words::count;
use crate::time::NANOS_PER_SEC;

/// Does it; true if the streams are the same.
pub(super) fn first_difference(options: &FirstDifferenceOptions) -> Result<bool, Ending> {
    let (mut one, mut other) = (Stream::open(&options.one)?, Stream::open(&options.other)?);
    if one.kind != other.kind {
        let help = "print both with the same options of `simulate observe`";
        return Err(refused(
            &format!("{} has {}, {} has {}", one.name, one.kind.name(), other.name, other.kind.name()),
            help,
        ));
    }
    let (same, text) = match one.kind {
        Kind::Checkpoints => by_checkpoints(&mut one, &mut other)?,
        Kind::Observations => by_observations(&mut one, &mut other)?,
    };
    print(&text)?;
    Ok(same)
}

fn refused(what: &str, help: &str) -> Ending {
    Ending::Refused(format!("error: {what}\n  = help: {help}"))
}

/// What a file has a row of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Checkpoints,
    Observations,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Checkpoints => "checkpoints",
            Kind::Observations => "observations",
        }
    }
}

/// A row, and what it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// Design and replication.
    run: (String, u32),
    number: u64,
    /// Nanoseconds.
    at: u64,
    /// The digest, or what was observed.
    what: String,
}

/// A file read row by row: whatever its length, it takes no memory.
struct Stream {
    name: String,
    kind: Kind,
    rows: csv::StringRecordsIntoIter<Box<dyn Read>>,
}

impl Stream {
    fn open(path: &Path) -> Result<Stream, Ending> {
        let is_input = path == Path::new("-");
        let name = if is_input { "standard input".to_string() } else { path.display().to_string() };
        let source: Box<dyn Read> = if is_input {
            Box::new(std::io::stdin())
        } else {
            let opened = File::open(path);
            Box::new(opened.map_err(|error| {
                refused(&format!("cannot read {name}: {error}"), "give a file that `simulate observe` has printed")
            })?)
        };
        let mut rows = csv::Reader::from_reader(source);
        let header = rows.headers().map(|header| header.iter().map(ToString::to_string).collect::<Vec<_>>());
        let kind = match header {
            Ok(header) if header == CHECKPOINTS => Kind::Checkpoints,
            Ok(header) if header == OBSERVATIONS => Kind::Observations,
            _ => return Err(not_printed(&name, 1)),
        };
        Ok(Stream { name, kind, rows: rows.into_records() })
    }

    /// The next row; `None` at the end.
    fn next(&mut self) -> Result<Option<Row>, Ending> {
        let line = self.rows.reader().position().line();
        match self.rows.next() {
            None => Ok(None),
            Some(record) => match record.ok().as_ref().and_then(row) {
                Some(row) => Ok(Some(row)),
                None => Err(not_printed(&self.name, line)),
            },
        }
    }

    fn all(&mut self) -> Result<Vec<Row>, Ending> {
        let mut all = Vec::new();
        while let Some(row) = self.next()? {
            all.push(row);
        }
        Ok(all)
    }
}

fn not_printed(name: &str, line: u64) -> Ending {
    refused(
        &format!("{name}, line {line}: not what `simulate observe` prints"),
        "give it as it was printed: simulate observe SCENARIO > one.csv",
    )
}

fn row(record: &csv::StringRecord) -> Option<Row> {
    let field = |index: usize| record.get(index);
    let (whole, part) = field(3)?.split_once('.')?;
    let at = whole.parse::<u64>().ok()?.checked_mul(NANOS_PER_SEC)?.checked_add(part.parse::<u64>().ok()?)?;
    Some(Row {
        run: (field(0)?.to_string(), field(1)?.parse().ok()?),
        number: field(2)?.parse().ok()?,
        at: if part.len() == 9 { at } else { return None },
        what: field(4)?.to_string(),
    })
}

fn by_checkpoints(one: &mut Stream, other: &mut Stream) -> Result<(bool, String), Ending> {
    let (ones, others) = (one.all()?, other.all()?);
    let (runs, other_runs) = (runs(&ones), runs(&others));
    let lacks = |runs: &[(String, u32)], all: &[(String, u32)]| all.iter().find(|run| !runs.contains(run)).cloned();
    let missing = lacks(&other_runs, &runs).map(|run| (run, &other.name, &one.name));
    let missing = missing.or_else(|| lacks(&runs, &other_runs).map(|run| (run, &one.name, &other.name)));
    if let Some((run, without, with)) = missing {
        let help = "print both with the same --design and --replication";
        return Err(refused(&format!("{with} has {}, {without} has not", named(&run)), help));
    }
    let (mut text, mut parts) = (String::new(), String::new());
    for run in &runs {
        let of = |rows: &[Row]| rows.iter().filter(|row| row.run == *run).cloned().collect::<Vec<_>>();
        match part_of(&of(&ones), &of(&others)) {
            None => {
                let all = of(&ones).last().map_or(0, |row| row.number);
                text.push_str(&format!("{}: the same {} observations\n", named(run), count(all)));
            }
            Some(part) => {
                text.push_str(&format!("{}: first difference {}\n", named(run), part.place()));
                parts.push_str(&format!(
                    "to see it, of both: simulate observe SCENARIO --design {} --replication {} --from {} --to {}\n",
                    run.0, run.1, part.from, part.to
                ));
            }
        }
    }
    let same = parts.is_empty();
    Ok((same, text + &parts))
}

/// The runs of a file, each once, in their order.
fn runs(rows: &[Row]) -> Vec<(String, u32)> {
    let mut runs: Vec<(String, u32)> = Vec::new();
    for row in rows {
        if !runs.contains(&row.run) {
            runs.push(row.run.clone());
        }
    }
    runs
}

fn named((design, replication): &(String, u32)) -> String {
    if *replication == 1 { design.clone() } else { format!("{design}, replication {replication}") }
}

/// Where the first difference lies: numbers of observations, both included, and the instants between which they happen.
struct Part {
    from: u64,
    to: u64,
    begins_at: u64,
    ends_at: u64,
}

impl Part {
    fn place(&self) -> String {
        if self.from == self.to {
            return format!("at observation {}, at {}", count(self.from), instant(self.ends_at));
        }
        format!(
            "within observations {} to {}, from {} to {}",
            count(self.from),
            count(self.to),
            instant(self.begins_at),
            instant(self.ends_at)
        )
    }
}

/// The part of a run in which two lists of its checkpoints part. A digest is of all that came before it: where two agree,
/// so did everything before.
fn part_of(ones: &[Row], others: &[Row]) -> Option<Part> {
    let digest = |rows: &[Row], number: u64| rows.iter().find(|row| row.number == number).map(|row| row.what.clone());
    let agrees = |row: &&Row| digest(others, row.number).as_ref() == Some(&row.what);
    let agreed = ones.iter().rev().find(agrees).map_or((0, 0), |row| (row.number, row.at));
    let ends = [ones.last(), others.last()].map(|row| row.map_or(0, |row| row.number));
    if ends == [agreed.0; 2] {
        return None;
    }
    // The first place where both were looked at again and differed; else the end of the longer one.
    let later = |rows: &[Row]| rows.iter().filter(|row| row.number > agreed.0).cloned().collect::<Vec<_>>();
    let (ones, others) = (later(ones), later(others));
    let last = [ones.last(), others.last()].into_iter().flatten().max_by_key(|row| row.number);
    let met = ones.iter().find(|row| digest(&others, row.number).is_some());
    let to = met.or(last).map_or((agreed.0 + 1, agreed.1), |row| (row.number, row.at));
    Some(Part { from: agreed.0 + 1, to: to.0, begins_at: agreed.1, ends_at: to.1 })
}

fn by_observations(one: &mut Stream, other: &mut Stream) -> Result<(bool, String), Ending> {
    let mut compared = 0_u64;
    let mut begun: Option<(String, u32)> = None;
    loop {
        let (left, right) = (one.next()?, other.next()?);
        match (&left, &right) {
            (None, None) => return Ok((true, format!("the same {} observations\n", count(compared)))),
            (Some(left), Some(right)) if left == right => {
                compared += 1;
                begun = Some(left.run.clone());
            }
            (Some(left), Some(right)) if left.run == right.run && left.number != right.number => {
                let what = format!(
                    "{} begins at observation {} of {}, {} at {}",
                    one.name,
                    count(left.number),
                    named(&left.run),
                    other.name,
                    count(right.number)
                );
                return Err(refused(&what, "print both with the same --from"));
            }
            _ => return Ok((false, parting((one, left), (other, right), begun.as_ref()))),
        }
    }
}

/// The first observation in which they differ, as each has it. Of two rows of different runs, one belongs to the run that
/// the other has not any more.
fn parting(
    (one, left): (&Stream, Option<Row>),
    (other, right): (&Stream, Option<Row>),
    begun: Option<&(String, u32)>,
) -> String {
    let goes_on = |row: &Option<Row>| row.as_ref().is_some_and(|row| Some(&row.run) == begun);
    let (left, right) = match (&left, &right) {
        (Some(l), Some(r)) if l.run != r.run && goes_on(&left) => (left, None),
        (Some(l), Some(r)) if l.run != r.run && goes_on(&right) => (None, right),
        _ => (left, right),
    };
    let Some(first) = left.as_ref().or(right.as_ref()) else { return String::new() };
    let mut text = format!("first difference: {}, observation {}\n", named(&first.run), count(first.number));
    for (stream, row) in [(one, &left), (other, &right)] {
        let seen = match row {
            Some(row) => format!("at {}: {}", instant(row.at), row.what),
            None => "there is none".to_string(),
        };
        text.push_str(&format!("  {}: {seen}\n", stream.name));
    }
    text
}

/// Time since the start of the run, to the nanosecond, without zeros at its end.
fn instant(nanos: u64) -> String {
    let (seconds, rest) = (nanos / NANOS_PER_SEC, nanos % NANOS_PER_SEC);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let exact = format!("{seconds}.{rest:09}");
    let exact = exact.trim_end_matches('0').trim_end_matches('.');
    match (hours, minutes) {
        (0, 0) => format!("{exact} s"),
        (0, _) => format!("{minutes} min {exact} s"),
        _ => format!("{hours} h {minutes} min {exact} s"),
    }
}
