//! The story as markdown, for an issue or a lesson.

use super::{Line, Tale, by_time, clock, made_by, time_spent};

/// A table of what happened by time, and one of where the time went.
pub fn page(tale: &Tale) -> String {
    let names: Vec<&str> = tale.stories.iter().map(|(design, _)| design.name()).collect();
    let mut out = format!("# {}\n\n{}\n\n", tale.heading(), tale.counting());
    out.push_str(&format!("| clock | its age | {} |\n|---:|---:|{}\n", names.join(" | "), "---|".repeat(names.len())));
    let arrived_at = tale.arrived_at();
    let places: Vec<usize> = (0..tale.stories.len()).collect();
    for (at, cells) in by_time(tale, &places) {
        let (origin, since) = (clock::origin(at, tale.origin), clock::since(at, arrived_at));
        let cells: Vec<String> = cells.iter().map(|told| cell(told)).collect();
        out.push_str(&format!("| {origin} | {since} | {} |\n", cells.join(" | ")));
    }
    out.push_str(&format!("\n| where the time went | {} |\n|---|{}\n", names.join(" | "), "---:|".repeat(names.len())));
    for (label, values) in time_spent(tale, &places) {
        out.push_str(&format!("| {label} | {} |\n", values.join(" | ")));
    }
    out + &format!("\n{}\n", made_by(tale))
}

/// What a design tells of an instant.
fn cell(told: &[Line]) -> String {
    let said = |line: &Line| {
        let what = escaped(&line.what);
        if line.why.is_empty() { what } else { format!("{what}: *{}*", escaped(&line.why)) }
    };
    told.iter().map(said).collect::<Vec<String>>().join("<br>")
}

/// Names are the scenario's own, and a bar would end the cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}
