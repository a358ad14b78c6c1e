//! All files of a report together, as bytes, with the manifest that lists them.

use std::collections::BTreeMap;

use serde_json::json;

use super::chart::{self, Picture, Wanted};
use super::folder::Altered;
use super::reread::{self, Unreadable, Whole};
use super::subject::Report;
use super::{hgrm, markdown, page, results, tables};

/// The manifest's name: a folder that has one is ours.
pub const MANIFEST: &str = "manifest.json";

/// A finished report, not yet on a disk.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Paths below the report's folder and their contents, the manifest included.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Hash of results.json, timeline.csv and percentiles.csv, 64 hexadecimal digits.
    pub result_fingerprint: String,
}

impl Bundle {
    /// A file of words; empty where there is none of that name, or it is a picture.
    pub fn text(&self, name: &str) -> &str {
        self.files.get(name).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// Makes all files, and returns with them the report as they tell it. `results` is the document of
/// [`results::document`], `orders` the table of [`tables::orders`] if it is wanted.
///
/// # Errors
///
/// If what was written cannot be read again: a number that JSON does not have.
pub fn bundle(
    report: &Report,
    results: &serde_json::Value,
    charts: Wanted,
    orders: Option<Vec<u8>>,
) -> Result<(Bundle, Whole), Unreadable> {
    let mut files = BTreeMap::new();
    files.insert("results.json".to_owned(), results::text(results).into_bytes());
    files.insert("timeline.csv".to_owned(), tables::timeline(report));
    files.insert("percentiles.csv".to_owned(), tables::percentiles(report));
    files.insert("latency.csv".to_owned(), tables::latency(report));
    files.extend(tables::replications(report).map(|table| ("replications.csv".to_owned(), table)));
    files.extend(tables::bands(report).map(|table| ("bands.csv".to_owned(), table)));
    files.extend(orders.map(|table| ("orders.csv".to_owned(), table)));
    for found in &report.findings.designs {
        let name = format!("latency-{}.hgrm", found.design.name());
        files.insert(name, hgrm::text(report, found).into_bytes());
    }
    files.insert("scenario.resolved.toml".to_owned(), report.subject.resolved.clone().into_bytes());
    drawn(files, charts, &Altered::default())
}

/// Whether a file of a report is drawn from the others.
pub fn is_drawn(name: &str) -> bool {
    matches!(name, "index.html" | "summary.md" | MANIFEST) || name.starts_with("charts/")
}

/// Adds pages, charts and manifest to the other files of a report, of which alone they are made. `altered` are those that
/// somebody changed or took away since a run wrote them; the pages and the manifest say so.
///
/// # Errors
///
/// If the files are no report that can be drawn.
pub fn drawn(
    mut files: BTreeMap<String, Vec<u8>>,
    charts: Wanted,
    altered: &Altered,
) -> Result<(Bundle, Whole), Unreadable> {
    let mut whole = reread::read(&files)?;
    whole.subject.notes.extend(altered.sentences("", "the run"));
    let report = &whole.report();
    let result_fingerprint = fingerprint(&files);
    files.insert("summary.md".to_owned(), markdown::summary(report).into_bytes());
    add_pictures(&mut files, chart::pictures(report, charts));
    let figures = if charts == Wanted::NONE { Vec::new() } else { chart::figures(report) };
    files.insert("index.html".to_owned(), page::page(report, &result_fingerprint, &figures).into_bytes());
    let manifest = manifest(report, &files, &result_fingerprint, altered);
    files.insert(MANIFEST.to_owned(), manifest.into_bytes());
    Ok((Bundle { files, result_fingerprint }, whole))
}

pub(super) fn add_pictures(files: &mut BTreeMap<String, Vec<u8>>, pictures: Vec<Picture>) {
    for Picture { name, svg, png } in pictures {
        files.extend(svg.map(|svg| (format!("charts/{name}.svg"), svg.into_bytes())));
        files.extend(png.map(|png| (format!("charts/{name}.png"), png)));
    }
}

/// The files that the fingerprint of a result is of.
const RESULT: [&str; 3] = ["percentiles.csv", "results.json", "timeline.csv"];

/// Names and lengths go in too, so that no two sets of files share a hash by running together.
pub(super) fn fingerprint(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in files.iter().filter(|(name, _)| RESULT.contains(&name.as_str())) {
        hasher.update(name.as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// Size and hash of every file.
pub(super) fn listed(files: &BTreeMap<String, Vec<u8>>) -> serde_json::Value {
    let entry = |(name, bytes): (&String, &Vec<u8>)| {
        let hash = blake3::hash(bytes).to_hex().to_string();
        (name.clone(), json!({ "bytes": bytes.len(), "blake3": hash }))
    };
    serde_json::Value::Object(files.iter().map(entry).collect())
}

fn manifest(report: &Report, files: &BTreeMap<String, Vec<u8>>, result_fingerprint: &str, altered: &Altered) -> String {
    let subject = report.subject;
    let mut manifest = json!({
        "schema_version": results::SCHEMA_VERSION,
        "made_by": "queuecast",
        "version": subject.version,
        "model": subject.model,
        "scenario": subject.name,
        "seed": subject.seed,
        "replications": subject.replications,
        "scenario_fingerprint": subject.fingerprint,
        "result_fingerprint": result_fingerprint,
    });
    for (key, names) in [("edited", &altered.edited), ("missing", &altered.missing)] {
        if !names.is_empty() {
            manifest[key] = json!(names);
        }
    }
    manifest["files"] = listed(files);
    results::text(&manifest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    fn example_bundle(wanted: Wanted) -> Bundle {
        let example = Example::flash_sale();
        let report = example.report();
        bundle(&report, &results::document(&report), wanted, None).unwrap().0
    }

    #[test]
    fn the_manifest_lists_every_other_file_with_size_and_hash() {
        let made = example_bundle(Wanted { svg: true, png: false });
        let manifest: serde_json::Value = serde_json::from_slice(&made.files[MANIFEST]).unwrap();
        let listed = manifest["files"].as_object().unwrap();
        assert_eq!(listed.len(), made.files.len() - 1);
        for (name, entry) in listed {
            let bytes = &made.files[name];
            assert_eq!(entry["bytes"], bytes.len());
            assert_eq!(entry["blake3"], blake3::hash(bytes).to_hex().as_str());
        }
        assert_eq!(manifest["result_fingerprint"], made.result_fingerprint.as_str());
    }

    #[test]
    fn pictures_change_no_result_and_every_text_carries_seed_and_fingerprint() {
        let (with, without) = (example_bundle(Wanted { svg: true, png: false }), example_bundle(Wanted::NONE));
        assert_eq!(with.result_fingerprint, without.result_fingerprint);
        let example = Example::flash_sale();
        let short = super::super::words::short_hash(&example.subject.fingerprint);
        for (name, bytes) in &with.files {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let page_without = without.files.get(name).filter(|_| name == "index.html");
            assert!(page_without.is_none_or(|page| page.len() * 3 < bytes.len()), "no pictures in the page either");
            let is_table = name.ends_with(".csv");
            let is_scenario = name == "scenario.resolved.toml";
            assert!(is_table || is_scenario || text.contains(short), "{name} does not say what it is of");
        }
    }
}
