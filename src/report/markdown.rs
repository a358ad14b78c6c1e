//! summary.md: the result for a pull request.

use super::subject::Report;
use super::verdict::verdict;
use super::words::{count, duration_or_never, duration_s, out_of, short_hash};
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
    out.push_str(&table(&report.findings.designs));
    out.push_str(&objectives(report));
    out.push_str(&claims(report));
    out.push_str(&limits(&report.findings.designs));
    out.push_str(&notes(report));
    out.push_str(&format!("\n{}\n", made_by(report)));
    out
}

/// What made this, and from what: enough to make it again.
pub fn made_by(report: &Report) -> String {
    let subject = report.subject;
    format!(
        "simulate {} · model {} · seed {} · scenario {}",
        env!("CARGO_PKG_VERSION"),
        super::results::MODEL_VERSION,
        subject.seed,
        short_hash(&subject.fingerprint)
    )
}

/// A row of the table: what it is, and what each design has to say to it.
type Row = (&'static str, fn(&DesignFindings) -> String);

const ROWS: [Row; 16] = [
    ("orders offered", |d| count(d.orders.offered)),
    ("confirmed", |d| out_of(d.orders.confirmed, d.orders.offered)),
    ("declined", |d| count(d.orders.declined)),
    ("failed", |d| count(d.orders.failed)),
    ("timed out", |d| count(d.orders.timed_out)),
    ("refused", |d| count(d.orders.refused)),
    ("open at the end", |d| count(d.orders.open)),
    ("latency p50, all offered", |d| duration_or_never(d.latency.all_offered.p50)),
    ("latency p90, all offered", |d| duration_or_never(d.latency.all_offered.p90)),
    ("latency p99, all offered", |d| duration_or_never(d.latency.all_offered.p99)),
    ("work done after giving up", |d| count(d.work_done_after_giving_up)),
    ("peak backlog", |d| d.queue.map_or_else(dash, |queue| count(queue.peak_backlog))),
    ("redelivered / dead-lettered", |d| {
        d.queue.map_or_else(dash, |queue| format!("{} / {}", count(queue.redelivered), count(queue.dead_lettered)))
    }),
    ("peak concurrency", |d| count(d.lambda.peak_concurrency)),
    ("throttled invocations", |d| count(d.lambda.throttles)),
    ("wasted attempts", |d| count(d.work.wasted.attempts)),
];

fn dash() -> String {
    "–".to_owned()
}

fn table(designs: &[DesignFindings]) -> String {
    let names: Vec<&str> = designs.iter().map(|found| found.design.name()).collect();
    let mut out = format!("| | {} |\n|---|{}\n", names.join(" | "), "---:|".repeat(names.len()));
    for (name, value) in ROWS {
        let values: Vec<String> = designs.iter().map(value).collect();
        out.push_str(&format!("| {name} | {} |\n", values.join(" | ")));
    }
    out
}

fn objectives(report: &Report) -> String {
    if report.slo.is_empty() {
        return String::new();
    }
    let mut out = "\n## Objectives\n\n".to_owned();
    for slo in report.slo {
        let sign = if slo.met { "✓" } else { "✗ missed:" };
        let measured = super::terminal::measured(slo);
        out.push_str(&format!("- {sign} {} {} {}: {measured}\n", slo.design.name(), slo.name, slo.limit));
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

fn limits(designs: &[DesignFindings]) -> String {
    let mut out = String::new();
    for found in designs {
        for limit in &found.limits {
            let used = format!("at most {} of {} used", count(limit.peak_use as u64), count(limit.limit as u64));
            let bound = match limit.bound_s {
                0.0 => "never in the way".to_owned(),
                seconds => format!("in the way for {}", duration_s(seconds)),
            };
            out.push_str(&format!("- {} `{}`: {used}, {bound}\n", found.design.name(), limit.name));
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
