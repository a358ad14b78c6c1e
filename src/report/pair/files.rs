//! All files of a page of two reports.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Pair, Side, document, markdown, page};
use crate::report::bundle::{Bundle, MANIFEST, add_pictures, listed};
use crate::report::chart::{Wanted, pair};
use crate::report::results;

/// Makes them, with the manifest.
pub fn bundle(pair: &Pair, charts: Wanted) -> Bundle {
    let mut files = BTreeMap::new();
    files.insert("comparison.json".to_owned(), results::text(&document::document(pair)).into_bytes());
    files.insert("summary.md".to_owned(), markdown::summary(pair).into_bytes());
    add_pictures(&mut files, pair::pictures(pair, charts));
    let figures = if charts == Wanted::NONE { Vec::new() } else { pair::figures(pair) };
    files.insert("index.html".to_owned(), page::page(pair, &figures).into_bytes());
    let result_fingerprint = blake3::hash(&files["comparison.json"]).to_hex().to_string();
    let side = |side: &Side| {
        json!({
            "scenario_fingerprint": side.whole.subject.fingerprint,
            "result_fingerprint": side.result_fingerprint,
        })
    };
    let manifest = json!({
        "schema_version": results::SCHEMA_VERSION,
        "made_by": "queuecast",
        "version": results::VERSION,
        "beside": { "a": side(&pair.a), "b": side(&pair.b) },
        "files": listed(&files),
    });
    files.insert(MANIFEST.to_owned(), results::text(&manifest).into_bytes());
    Bundle { files, result_fingerprint }
}
