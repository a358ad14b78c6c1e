//! `{ samples = "durations.csv" }`: measured durations, one a line, kept in memory for the life of the process.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::random::SampleTable;
use crate::scenario::files;
use crate::scenario::rows::{Lines, Trouble, column, fields, is_header, length, shown};

/// Values of one file at most: 8 MB of memory.
const MOST: usize = 1_000_000;
/// Wrong lines that are told before the rest of the file is left unread.
const MOST_TROUBLES: usize = 3;

const NAMES: [&str; 3] = ["duration", "service", "service_time"];
const HELP: &str = "write seconds such as 0.12, or a duration such as 120ms";

/// Tables by the hash of their values. A distribution is copied into every part of a system that draws from it, so its
/// table must stay; each is kept once, however often its file is read.
static KNOWN: Mutex<BTreeMap<[u8; 32], &'static SampleTable>> = Mutex::new(BTreeMap::new());

/// Reads a file of durations: its table, and the hash of its values in their order.
///
/// # Errors
///
/// What is wrong with it, the first few places.
pub fn read(path: &Path) -> Result<(&'static SampleTable, [u8; 32]), Vec<Trouble>> {
    let (file, _) = files::open(path).map_err(|trouble| vec![trouble])?;
    let mut troubles = Vec::new();
    let values = values(Lines::new(file, 0), &mut troubles).unwrap_or_else(|trouble| {
        troubles.push(trouble);
        Vec::new()
    });
    if !troubles.is_empty() {
        return Err(troubles);
    }
    let mut hasher = blake3::Hasher::new();
    for value in &values {
        hasher.update(&value.to_le_bytes());
    }
    let digest = *hasher.finalize().as_bytes();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let table = known.entry(digest).or_insert_with(|| {
        let seconds = values.iter().map(|nanos| *nanos as f64 / 1e9).collect();
        Box::leak(Box::new(SampleTable::new(seconds)))
    });
    Ok((table, digest))
}

/// The values in nanoseconds.
fn values<R: std::io::Read>(mut lines: Lines<R>, troubles: &mut Vec<Trouble>) -> Result<Vec<u64>, Trouble> {
    let nothing = || Trouble::of_file("it has no values", "write one duration a line");
    let mut values = Vec::new();
    let first = lines.next()?.ok_or_else(nothing)?.to_vec();
    let column = if is_header(&first) {
        column_of(&first, lines.number)?
    } else {
        let count = fields(&first).count();
        if count > 1 {
            let message = format!("has {count} columns, and no header says which holds the durations");
            return Err(Trouble::at(lines.number, message, "add a header and call the column `duration`"));
        }
        take(value(&first, 0), lines.number, &mut values, troubles);
        0
    };
    while troubles.len() < MOST_TROUBLES {
        let Some(line) = lines.next()? else { break };
        let value = value(line, column);
        take(value, lines.number, &mut values, troubles);
        if values.len() > MOST {
            let message = format!("it has more than {MOST} values");
            return Err(Trouble::of_file(message, "give a random part of them: quantiles need no more"));
        }
    }
    if values.is_empty() && troubles.is_empty() {
        return Err(nothing());
    }
    Ok(values)
}

fn column_of(header: &[u8], number: u64) -> Result<usize, Trouble> {
    let only = (fields(header).count() == 1).then_some(0);
    column(header, &NAMES)
        .or(only)
        .ok_or_else(|| Trouble::at(number, "no column is called `duration`", "call the column of durations `duration`"))
}

/// The value in a line, or what is wrong, without its number.
fn value(line: &[u8], column: usize) -> Result<u64, Trouble> {
    match fields(line).nth(column).filter(|field| !field.is_empty()) {
        Some(field) => match length(field) {
            Ok(value) => Ok(value.0),
            Err(reason) => Err(Trouble::of_file(format!("{} {reason}", shown(field)), HELP)),
        },
        None => Err(Trouble::of_file("has no duration", "write it, or remove the row")),
    }
}

fn take(value: Result<u64, Trouble>, number: u64, values: &mut Vec<u64>, troubles: &mut Vec<Trouble>) {
    match value {
        Ok(value) => values.push(value),
        Err(trouble) => troubles.push(Trouble { line: Some(number), ..trouble }),
    }
}

#[cfg(test)]
#[path = "samples_tests.rs"]
mod tests;
