//! `simulate observe`: everything that happens in a run, as checkpoints of its fingerprint or in words, as CSV.

use std::io::BufWriter;

use super::options::ObserveOptions;
use super::{Ending, load_changed, say};
use crate::experiment::observed::{checkpoints, observations};
use crate::measure::findings::Design;
use crate::report::words::count;
use crate::scenario::Scenario;
use crate::time::{NANOS_PER_SEC, SimTime};

/// The header of checkpoints: the hash of so many observations, and the instant of the last of them.
pub(super) const CHECKPOINTS: [&str; 5] = ["design", "replication", "observations", "time_s", "digest"];
/// The header of observations.
pub(super) const OBSERVATIONS: [&str; 5] = ["design", "replication", "observation", "time_s", "what"];

/// Does it.
pub(super) fn observe(options: &ObserveOptions) -> Result<(), Ending> {
    let part = part(options)?;
    let scenario = load_changed(&options.scenario, &options.changes, None)?.scenario;
    let mut table = Table::open(if part.is_some() { OBSERVATIONS } else { CHECKPOINTS });
    for design in options.design.list() {
        match part {
            Some(part) => write_part(&mut table, (&scenario, design), options.replication, part)?,
            None => write_checkpoints(&mut table, (&scenario, design), options)?,
        }
    }
    table.close()
}

/// The numbers of the first and the last observation that are wanted in words, if any are.
fn part(options: &ObserveOptions) -> Result<Option<(u64, u64)>, Ending> {
    let Some(from) = options.from else { return Ok(None) };
    let to = options.to.unwrap_or(u64::MAX);
    if to < from {
        return Err(Ending::Refused(format!(
            "error: --to {to} comes before --from {from}\n  = help: observations are counted from 1; write for example \
             --from {to} --to {from}"
        )));
    }
    Ok(Some((from, to)))
}

fn write_checkpoints(
    table: &mut Table,
    (scenario, design): (&Scenario, Design),
    options: &ObserveOptions,
) -> Result<(), Ending> {
    let run = (design, options.replication - 1);
    for checkpoint in checkpoints(scenario, run, usize::from(options.checkpoints)).map_err(broken)? {
        let digest = format!("{:032x}", checkpoint.digest);
        table.row(design, options.replication, checkpoint.observations, (checkpoint.at, &digest));
    }
    Ok(())
}

fn write_part(
    table: &mut Table,
    (scenario, design): (&Scenario, Design),
    replication: u32,
    (from, to): (u64, u64),
) -> Result<(), Ending> {
    let hear = |number, at, what: String| table.row(design, replication, number, (at, &what));
    let all = observations(scenario, (design, replication - 1), (from, to), hear).map_err(broken)?;
    if all < from {
        say(&format!("note: {} has {} observations, none from {} on", design.name(), count(all), count(from)));
    }
    Ok(())
}

fn broken(breach: String) -> Ending {
    Ending::Failed(format!("error: {breach}"))
}

/// Rows on stdout, as they come.
struct Table {
    rows: csv::Writer<BufWriter<std::io::Stdout>>,
    /// What went wrong first; nothing is written after it.
    failed: Option<csv::Error>,
}

impl Table {
    fn open(header: [&str; 5]) -> Table {
        let mut table = Table { rows: csv::Writer::from_writer(BufWriter::new(std::io::stdout())), failed: None };
        table.failed = table.rows.write_record(header).err();
        table
    }

    fn row(&mut self, design: Design, replication: u32, number: u64, (at, last): (SimTime, &str)) {
        if self.failed.is_none() {
            let (replication, number) = (replication.to_string(), number.to_string());
            let row = [design.name(), &replication, &number, &seconds(at), last];
            self.failed = self.rows.write_record(row).err();
        }
    }

    /// Whoever closed the pipe has read enough.
    fn close(mut self) -> Result<(), Ending> {
        let failed = self.failed.take().map(std::io::Error::from).or_else(|| self.rows.flush().err());
        match failed {
            Some(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Ending::Failed(format!("error: cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }
}

/// Since the start of the run, to the nanosecond.
fn seconds(at: SimTime) -> String {
    format!("{}.{:09}", at.0 / NANOS_PER_SEC, at.0 % NANOS_PER_SEC)
}
