//! A report's files back to what they were made from. Pages and charts are always drawn from what was written, by the run
//! itself and by `simulate report`: so both draw the same bytes, and a page never shows a digit that no file has.
//!
//! Whatever is missing or does not fit is gathered, so that a report of another version is refused with all its gaps at
//! once.

mod designs;
mod place;
mod scenario;
mod tables;

use std::collections::BTreeMap;

use serde_json::Value;

use self::place::{Place, Wrongs};
use super::results::SCHEMA_VERSION;
use super::subject::{Report, Subject};
use crate::measure::findings::{ClaimVerdict, Findings, SloVerdict, WhatIf};

/// What a report is read from, if it has it: everything drawn comes from these.
pub const READ: [&str; 5] =
    ["results.json", "timeline.csv", "latency.csv", "scenario.resolved.toml", "replications.csv"];

/// Everything that a report is made from, read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    /// What it is about.
    pub subject: Subject,
    /// What was found.
    pub findings: Findings,
    /// How the objectives came out.
    pub slo: Vec<SloVerdict>,
    /// How the claims came out.
    pub claims: Vec<ClaimVerdict>,
    /// How changed scenarios came out.
    pub what_if: Vec<WhatIf>,
    /// `simulated` or `measured`.
    pub source: String,
    /// The document, for those who show it as it is.
    pub document: Value,
}

impl Whole {
    /// As a report.
    pub fn report(&self) -> Report<'_> {
        Report {
            subject: &self.subject,
            findings: &self.findings,
            slo: &self.slo,
            claims: &self.claims,
            what_if: &self.what_if,
        }
    }
}

/// Why files are no report that can be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// results.json is of a contract that is not known.
    Schema(String),
    /// Not there, or not in there: files and paths.
    Lacks(Vec<String>),
    /// There, but not what it should be: sentences.
    Wrong(Vec<String>),
}

/// Reads the report out of its files.
///
/// # Errors
///
/// All that is missing, or else all that is wrong.
pub fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Whole, Unreadable> {
    let needed = READ.iter().take(4).filter(|name| !files.contains_key(**name));
    let missing: Vec<String> = needed.map(|name| (*name).to_owned()).collect();
    let Some(bytes) = files.get("results.json") else { return Err(Unreadable::Lacks(missing)) };
    let document: Value = serde_json::from_slice(bytes).map_err(|error| {
        Unreadable::Wrong(vec![format!("results.json is no JSON from line {}, column {} on", error.line(), error.column())])
    })?;
    check_schema(&document)?;
    let wrongs = Wrongs::with_missing(missing);
    let whole = whole(&document, files, &wrongs);
    wrongs.into_result()?;
    Ok(whole)
}

fn check_schema(document: &Value) -> Result<(), Unreadable> {
    match &document["schema_version"] {
        Value::Number(version) if version.as_u64() == Some(SCHEMA_VERSION.into()) => Ok(()),
        Value::Null => Err(Unreadable::Schema("results.json has no schema_version".to_owned())),
        other => Err(Unreadable::Schema(format!(
            "results.json is of schema_version {other}; this version reads {SCHEMA_VERSION}"
        ))),
    }
}

fn whole(document: &Value, files: &BTreeMap<String, Vec<u8>>, wrongs: &Wrongs) -> Whole {
    let root = Place::root(document, wrongs);
    let subject = scenario::subject(&root, files, wrongs);
    let mut findings = designs::findings(&root);
    tables::add_timelines(&mut findings, files, wrongs);
    tables::add_latencies(&mut findings, files, wrongs);
    tables::add_replications(&mut findings, files, wrongs);
    let source = root.at("source");
    Whole {
        slo: scenario::slo(&root),
        claims: scenario::claims(&root),
        what_if: scenario::what_if(&root),
        source: source.one_of(&["simulated", "measured"]).to_owned(),
        subject,
        findings,
        document: document.clone(),
    }
}
