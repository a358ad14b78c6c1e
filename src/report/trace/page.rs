//! The story as markdown, for an issue or a lesson.

use std::collections::BTreeMap;

use super::super::words::short_hash;
use super::{Tale, clock, line, time_spent};
use crate::time::SimTime;

/// A table of what happened by time, and one of where the time went.
pub fn page(tale: &Tale) -> String {
    let names: Vec<&str> = tale.stories.iter().map(|(design, _)| design.name()).collect();
    let mut out = format!("# {}\n\n{}\n\n", tale.heading(), tale.counting());
    out.push_str(&format!("| clock | its age | {} |\n|---:|---:|{}\n", names.join(" | "), "---|".repeat(names.len())));
    let arrived_at = tale.arrived_at();
    for (at, cells) in by_time(tale) {
        let (origin, since) = (clock::origin(at, tale.origin), clock::since(at, arrived_at));
        let cells: Vec<String> = cells.iter().map(|told| told.join("<br>")).collect();
        out.push_str(&format!("| {origin} | {since} | {} |\n", cells.join(" | ")));
    }
    out.push_str(&format!("\n| where the time went | {} |\n|---|{}\n", names.join(" | "), "---:|".repeat(names.len())));
    let places: Vec<usize> = (0..tale.stories.len()).collect();
    for (label, values) in time_spent(tale, &places) {
        out.push_str(&format!("| {label} | {} |\n", values.join(" | ")));
    }
    let hash = short_hash(&tale.subject.fingerprint);
    out.push_str(&format!("\nsimulate {} · seed {} · scenario {hash}\n", env!("CARGO_PKG_VERSION"), tale.subject.seed));
    out
}

fn by_time(tale: &Tale) -> BTreeMap<SimTime, Vec<Vec<String>>> {
    let mut rows: BTreeMap<SimTime, Vec<Vec<String>>> = BTreeMap::new();
    for (column, (_, story)) in tale.stories.iter().enumerate() {
        for (index, moment) in story.moments.iter().enumerate() {
            if let Some(told) = line(tale, column, index) {
                let what = escaped(&told.what);
                let said = if told.why.is_empty() { what } else { format!("{what}: *{}*", escaped(&told.why)) };
                rows.entry(moment.at).or_insert_with(|| vec![Vec::new(); tale.stories.len()])[column].push(said);
            }
        }
    }
    rows
}

/// Names are the scenario's own, and a bar would end the cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}
