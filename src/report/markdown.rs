//! summary.md: the result for a pull request.

use super::assumed;
use super::beside::{assumption, figures, what_if};
use super::faults::sentences;
use super::rows::{doubt, nearness, promise, reading, rows, with_doubt};
use super::subject::Report;
use super::verdict::verdict;
use super::words::{count, short_hash};
use crate::measure::findings::DesignFindings;

/// The page.
pub fn summary(report: &Report) -> String {
    let mut out = format!("# {}\n\n", report.subject.title);
    let verdict = verdict(report);
    out.push_str(&format!("**{}**", verdict.headline));
    if !verdict.lede.is_empty() {
        out.push_str(&format!(" {}", verdict.lede));
    }
    out.push_str("\n\n");
    out.push_str(&table(report));
    out.push_str(&faults(report));
    out.push_str(&objectives(report));
    out.push_str(&claims(report));
    out.push_str(&beside(report));
    out.push_str(&limits(&report.findings.designs));
    out.push_str(&assumed::section(report));
    out.push_str(&notes(report));
    out.push_str(&format!("\n{}\n", made_by(report)));
    out
}

/// What made this, and from what: enough to make it again.
pub fn made_by(report: &Report) -> String {
    let subject = report.subject;
    format!(
        "simulate {} · {} · seed {}{}{} · scenario {}",
        subject.version,
        subject
            .measured
            .as_ref()
            .map_or_else(|| format!("model {}", subject.model), |found| format!("measured against {}", found.target)),
        subject.seed,
        replications(report),
        subject.assumptions.map_or_else(String::new, |end| format!(" · {end} assumptions")),
        short_hash(&subject.fingerprint)
    )
}

fn replications(report: &Report) -> String {
    match report.findings.replications() {
        1 => String::new(),
        several => format!(" · {} replications", count(several.into())),
    }
}

fn table(report: &Report) -> String {
    let designs = &report.findings.designs;
    let names: Vec<&str> = designs.iter().map(|found| found.design.name()).collect();
    let mut out = format!("| | {} |\n|---|{}\n", names.join(" | "), "---:|".repeat(names.len()));
    for (name, value) in rows(designs) {
        let values: Vec<String> =
            designs.iter().map(|found| with_doubt(value(found), doubt(report, found, name))).collect();
        out.push_str(&format!("| {name} | {} |\n", values.join(" | ")));
    }
    if let Some(reading) = reading(report) {
        out.push_str(&format!("\n{reading}\n"));
    }
    out
}

fn faults(report: &Report) -> String {
    let said: String = sentences(report).iter().map(|sentence| format!("- {sentence}\n")).collect();
    if said.is_empty() { said } else { format!("\n## Faults\n\n{said}") }
}

fn objectives(report: &Report) -> String {
    if report.slo.is_empty() {
        return String::new();
    }
    let mut out = "\n## Objectives\n\n".to_owned();
    for slo in report.slo {
        let sign = if slo.met { "✓" } else { "✗ missed:" };
        let (promise, measured) = promise(slo);
        out.push_str(&format!("- {sign} {promise}: {measured}\n"));
    }
    out
}

fn claims(report: &Report) -> String {
    if report.claims.is_empty() {
        return String::new();
    }
    let mut out = "\n## Claims\n\n".to_owned();
    for claim in report.claims {
        let sign = if claim.held { "✓" } else { "✗ does not hold:" };
        out.push_str(&format!("- {sign} {} (`{}`)\n", claim.claim, claim.that));
    }
    out
}

/// The arithmetic, and what-ifs.
fn beside(report: &Report) -> String {
    let mut out = String::new();
    if let Some(assumption) = assumption(report) {
        out.push_str(&format!("\n## By hand\n\n{assumption}\n\n| | by hand | simulated |\n|---|---:|---:|\n"));
        for figure in figures(report) {
            out.push_str(&format!("| {} | {} | {} |\n", figure.what, figure.by_hand, figure.simulated));
        }
    }
    if !report.what_if.is_empty() {
        out.push_str("\n## What if\n\n");
        for changed in report.what_if {
            out.push_str(&format!("- {} (`{}`)\n", what_if(report, changed), changed.set.join("`, `")));
        }
    }
    out
}

fn limits(designs: &[DesignFindings]) -> String {
    let mut out = String::new();
    for found in designs {
        for limit in &found.limits {
            out.push_str(&format!("- {} `{}`: {}\n", found.design.name(), limit.name, nearness(limit)));
        }
    }
    if out.is_empty() { out } else { format!("\n## Limits\n\n{out}") }
}

fn notes(report: &Report) -> String {
    if report.subject.notes.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = report.subject.notes.iter().map(|note| format!("- {note}\n")).collect();
    format!("\n## Notes\n\n{}", lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    #[test]
    fn the_page_says_the_verdict_the_numbers_and_what_was_missed() {
        let mut example = Example::flash_sale();
        example.subject.notes.push("A note.".into());
        let page = summary(&example.report());
        let orders = &example.findings.designs[0].orders;
        for part in [
            "| | buffered | direct |\n|---|---:|---:|\n",
            &format!("| confirmed | all but {}", orders.offered - orders.confirmed),
            "✗ missed: ",
            "- ✗ does not hold: nobody waits (`buffered.wait_s.waited == 0`)",
            "## Notes\n\n- A note.\n",
            "· seed ",
        ] {
            assert!(page.contains(part), "{part}\nin\n{page}");
        }
    }
}
