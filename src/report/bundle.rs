//! All files of a report together, as bytes, with the manifest that lists them.

use std::collections::BTreeMap;

use serde_json::json;

use super::chart::{self, Wanted};
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

/// Makes all files. `results` is the document of [`results::document`], `orders` the table of [`tables::orders`] if it is
/// wanted.
pub fn bundle(report: &Report, results: &serde_json::Value, charts: Wanted, orders: Option<Vec<u8>>) -> Bundle {
    let mut files = BTreeMap::new();
    files.insert("results.json".to_owned(), results::text(results).into_bytes());
    files.insert("timeline.csv".to_owned(), tables::timeline(report));
    files.insert("percentiles.csv".to_owned(), tables::percentiles(report));
    let result_fingerprint = fingerprint(&files);
    if let Some(table) = tables::bands(report) {
        files.insert("bands.csv".to_owned(), table);
    }
    if let Some(table) = orders {
        files.insert("orders.csv".to_owned(), table);
    }
    for found in &report.findings.designs {
        let name = format!("latency-{}.hgrm", found.design.name());
        files.insert(name, hgrm::text(report, found).into_bytes());
    }
    files.insert("summary.md".to_owned(), markdown::summary(report).into_bytes());
    files.insert("scenario.resolved.toml".to_owned(), report.subject.resolved.clone().into_bytes());
    add_charts(&mut files, report, charts);
    let figures = if charts == Wanted::NONE { Vec::new() } else { chart::figures(report) };
    files.insert("index.html".to_owned(), page::page(report, &result_fingerprint, &figures).into_bytes());
    let manifest = manifest(report, &files, &result_fingerprint);
    files.insert(MANIFEST.to_owned(), manifest.into_bytes());
    Bundle { files, result_fingerprint }
}

fn add_charts(files: &mut BTreeMap<String, Vec<u8>>, report: &Report, wanted: Wanted) {
    for picture in chart::pictures(report, wanted) {
        let name = picture.name;
        if let Some(svg) = picture.svg {
            files.insert(format!("charts/{name}.svg"), svg.into_bytes());
        }
        if let Some(png) = picture.png {
            files.insert(format!("charts/{name}.png"), png);
        }
    }
}

/// Names and lengths go in too, so that no two sets of files share a hash by running together.
fn fingerprint(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in files {
        hasher.update(name.as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    hasher.finalize().to_hex().to_string()
}

fn manifest(report: &Report, files: &BTreeMap<String, Vec<u8>>, result_fingerprint: &str) -> String {
    let subject = report.subject;
    let listed: serde_json::Map<String, serde_json::Value> = files
        .iter()
        .map(|(name, bytes)| {
            let hash = blake3::hash(bytes).to_hex().to_string();
            (name.clone(), json!({ "bytes": bytes.len(), "blake3": hash }))
        })
        .collect();
    results::text(&json!({
        "schema_version": results::SCHEMA_VERSION,
        "made_by": "queuecast",
        "version": env!("CARGO_PKG_VERSION"),
        "model": results::MODEL_VERSION,
        "scenario": subject.name,
        "seed": subject.seed,
        "replications": subject.replications,
        "scenario_fingerprint": subject.fingerprint,
        "result_fingerprint": result_fingerprint,
        "files": listed,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    fn example_bundle(wanted: Wanted) -> Bundle {
        let example = Example::flash_sale();
        let report = example.report();
        bundle(&report, &results::document(&report), wanted, None)
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
