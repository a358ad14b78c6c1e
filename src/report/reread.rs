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
pub const READ: [&str; 6] =
    ["results.json", "timeline.csv", "latency.csv", "scenario.resolved.toml", "replications.csv", "bands.csv"];

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
        Unreadable::Wrong(vec![format!(
            "results.json is no JSON from line {}, column {} on",
            error.line(),
            error.column()
        )])
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
    if let Some(step) = root.perhaps("bands_step_s") {
        tables::add_bands(&mut findings, step.length(), files, wrongs);
    }
    let source = root.at("source");
    Whole {
        slo: scenario::slo(&root),
        claims: scenario::claims(&root),
        what_if: scenario::what_if(&root),
        source: source.one_of(&["simulated", "measured"]).to_owned(),
        subject,
        findings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::EventFindings;
    use crate::report::bundle::bundle;
    use crate::report::chart::Wanted;
    use crate::report::chart::cases::cases;
    use crate::report::folder::Altered;
    use crate::report::results;
    use crate::report::sample::Example;

    /// What a report's own files say of it.
    fn again(report: &Report) -> (BTreeMap<String, Vec<u8>>, Whole) {
        let (made, whole) = bundle(report, &results::document(report), Wanted::NONE, None).unwrap();
        (made.files, whole)
    }

    #[test]
    fn what_is_read_back_is_written_alike_and_reads_as_itself() {
        let mut examples: Vec<Example> = cases()
            .into_iter()
            .map(|(_, subject, findings)| Example { findings, subject, ..Example::flash_sale() })
            .collect();
        examples.push(Example::flash_sale().with_faults());
        let mut asynchronous = Example::flash_sale();
        asynchronous.findings.designs[1].events = Some(EventFindings { peak_waiting: 7, ..EventFindings::default() });
        asynchronous.subject.assumptions = Some("optimistic");
        asynchronous.subject.arrivals_factors = vec![0.9, 1.1];
        examples.push(asynchronous);
        for example in &examples {
            let (files, whole) = again(&example.report());
            let document = results::document(&whole.report());
            assert!(results::text(&document).into_bytes() == files["results.json"]);
            let (files_again, whole_again) = again(&whole.report());
            // Those of HdrHistogram have the run's own digits, and are left as they are; the manifest has their hashes.
            let own = |name: &str| name.ends_with(".hgrm") || name == "manifest.json";
            for (name, bytes) in files.iter().filter(|(name, _)| !own(name)) {
                let (one, other) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&files_again[name]));
                assert_eq!(one, other, "{name}");
            }
            assert!(files.len() == files_again.len() && whole == whole_again);
            assert_eq!(whole.findings.designs[0].latency.histogram, example.findings.designs[0].latency.histogram);
        }
    }

    /// However a number or word of results.json is changed, there is a report or a reason, never a panic.
    #[test]
    fn any_value_may_be_anything() {
        let (files, _) = again(&Example::flash_sale().with_faults().report());
        let written: Value = serde_json::from_slice(&files["results.json"]).unwrap();
        let mut paths = Vec::new();
        collect(&written, String::new(), &mut paths);
        assert!(paths.len() > 250, "{}", paths.len());
        let odd =
            [Value::Null, Value::from(-1), Value::from(1e300), Value::from("x"), Value::from(u64::MAX), Value::from(0)];
        let (mut drawn, mut refused) = (0, 0);
        for (index, path) in paths.iter().enumerate() {
            let mut document = written.clone();
            *document.pointer_mut(path).unwrap() = odd[index % odd.len()].clone();
            let mut files = files.clone();
            files.insert("results.json".into(), document.to_string().into_bytes());
            match crate::report::bundle::drawn(files, Wanted::NONE, &Altered::default()) {
                Ok(_) => drawn += 1,
                Err(_) => refused += 1,
            }
        }
        assert!(drawn > 20 && refused > 100, "{drawn} drawn, {refused} refused");
    }

    fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
        match value {
            Value::Object(table) => {
                table.iter().for_each(|(key, value)| collect(value, format!("{path}/{key}"), paths))
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, value)| collect(value, format!("{path}/{index}"), paths));
            }
            _ => paths.push(path),
        }
    }
}
