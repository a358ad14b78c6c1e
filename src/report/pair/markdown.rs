//! summary.md of two reports, for a pull request.

use super::Pair;
use crate::report::results::VERSION;

/// The whole of it.
pub fn summary(pair: &Pair) -> String {
    let mut out = format!("# {}\n\n**{}**", pair.title(), pair.verdict.headline);
    if !pair.verdict.lede.is_empty() {
        out.push_str(&format!(" {}", pair.verdict.lede));
    }
    out.push_str(&format!("\n\n- A: {}\n- B: {}\n", pair.a.origin(), pair.b.origin()));
    out.push_str("\n## Settings that differ\n\n");
    if pair.settings.is_empty() {
        out.push_str("None.\n");
    } else {
        out.push_str("| setting | A | B |\n|---|---|---|\n");
        for setting in &pair.settings {
            let (a, b) = setting.words();
            out.push_str(&format!("| `{}` | {} | {} |\n", setting.key, cell(&a), cell(&b)));
        }
    }
    if !pair.warnings.is_empty() {
        let said: String = pair.warnings.iter().map(|warning| format!("- {warning}\n")).collect();
        out.push_str(&format!("\n## Before you compare\n\n{said}"));
    }
    for design in pair.designs() {
        out.push_str(&format!(
            "\n## {}\n\n| of one run | A | B | B \u{2212} A |\n|---|---:|---:|---:|\n",
            design.name()
        ));
        for row in pair.rows.iter().filter(|row| row.design == design) {
            let (a, b) = (row.words(row.a), row.words(row.b));
            out.push_str(&format!("| {} | {a} | {b} | {} |\n", row.number.label, row.difference_words()));
        }
    }
    if let Some(reading) = reading(pair) {
        out.push_str(&format!("\n{reading}\n"));
    }
    out + &format!("\nsimulate {VERSION}\n")
}

/// A bar would end a cell.
fn cell(words: &str) -> String {
    words.replace('|', "\\|")
}

/// How to read the doubts, in one sentence.
pub(super) fn reading(pair: &Pair) -> Option<String> {
    let doubt = pair.rows.iter().find_map(|row| row.doubt)?;
    let how = if doubt.paired {
        "replication by replication on the same orders"
    } else {
        "from independent replications (Welch)"
    };
    Some(format!("± is half a 95\u{a0}% interval of the difference, {how}; a difference within it is no clear one."))
}
