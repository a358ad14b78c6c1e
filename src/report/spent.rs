//! What was worked and paid for nothing, in words.

use super::subject::Report;
use super::words::{capitalised, count, percent, share, usd};
use crate::measure::findings::{DesignFindings, WorkAmount};

/// Why an attempt was wasted, in the order of results.json: its name there, and in words.
pub const REASONS: [(&str, &str); 5] = [
    ("task_over", "began after the task had ended"),
    ("too_late", "answered after the task had ended"),
    ("duplicate", "repeated an attempt that counted"),
    ("batch", "succeeded in a batch that failed"),
    ("failed", "failed"),
];

/// The wasted work of a design by reason, in the order of [`REASONS`].
pub fn wasted_by(found: &DesignFindings) -> [WorkAmount; 5] {
    let work = &found.work;
    [work.task_over, work.too_late, work.duplicate, work.batch, work.failed]
}

/// Whether any attempt was made.
pub fn worked(report: &Report) -> bool {
    report.findings.designs.iter().any(|found| attempts(found) > 0)
}

fn attempts(found: &DesignFindings) -> u64 {
    found.work.useful.attempts.saturating_add(found.work.wasted.attempts)
}

/// The heading about attempts.
pub fn attempts_heading(report: &Report) -> String {
    let wasted = |found: &DesignFindings| {
        let (lost, all) = (found.work.wasted.attempts, attempts(found));
        let part = if lost.saturating_mul(1_000) >= all && lost > 0 {
            format!(" ({})", share(lost, all))
        } else {
            String::new()
        };
        format!("{} of {} attempts{part} in {}", count(lost), count(all), found.design.name())
    };
    if report.findings.designs.iter().all(|found| found.work.wasted.attempts == 0) {
        return "No attempt was wasted".to_owned();
    }
    let all: Vec<String> = report.findings.designs.iter().map(wasted).collect();
    format!("Wasted: {}", all.join(", "))
}

/// What happened to the attempts of a design beyond one for each order.
pub fn attempts_sentence(found: &DesignFindings) -> String {
    let mut said = Vec::new();
    let why: Vec<String> = REASONS
        .iter()
        .zip(wasted_by(found))
        .filter(|(_, amount)| amount.attempts > 0)
        .map(|((_, words), amount)| format!("{} {words}", count(amount.attempts)))
        .collect();
    said.push(if why.is_empty() {
        "every attempt counted".to_owned()
    } else {
        format!("of the wasted attempts {}", why.join(", "))
    });
    if let Some(queue) = found.queue {
        said.push(format!("{} receives were repeats", count(queue.redelivered)));
        if queue.dead_lettered > 0 {
            said.push(format!("{} messages were dead-lettered", count(queue.dead_lettered)));
        }
    }
    if found.lambda.throttles > 0 {
        said.push(format!("{} invocations were throttled", count(found.lambda.throttles)));
    }
    if found.callbacks.late > 0 {
        said.push(format!("{} answers came too late", count(found.callbacks.late)));
    }
    if found.work_done_after_giving_up > 0 {
        said.push(format!(
            "for {} orders the stock is gone although the customer was told no",
            count(found.work_done_after_giving_up)
        ));
    }
    if found.inventory.oversold > 0 {
        said.push(format!("{} units were taken twice", count(found.inventory.oversold)));
    }
    format!("{}: {}.", capitalised(found.design.name()), said.join("; "))
}

/// Whether anything costs anything.
pub fn costs(report: &Report) -> bool {
    report.findings.designs.iter().any(|found| found.cost.total > 0.0)
}

/// The heading about money.
pub fn cost_heading(report: &Report) -> String {
    let per_1000: Vec<(&str, Option<f64>)> =
        report.findings.designs.iter().map(|found| (found.design.name(), found.cost.per_1000_confirmed)).collect();
    match per_1000.as_slice() {
        [(one, Some(a)), (other, Some(b))] if usd(*a) != usd(*b) => {
            let ((dear, most), (cheap, least)) = if a > b { ((one, a), (other, b)) } else { ((other, b), (one, a)) };
            format!("A thousand confirmed orders cost {} in {dear}, {} in {cheap}", usd(*most), usd(*least))
        }
        [(_, Some(one)), (_, Some(_))] => format!("A thousand confirmed orders cost {} in either design", usd(*one)),
        [(design, Some(one))] => format!("A thousand confirmed orders cost {} in {design}", usd(*one)),
        _ => "What was spent".to_owned(),
    }
}

/// The wasted part of the bill of each design.
pub fn cost_sentence(found: &DesignFindings) -> String {
    let (name, cost) = (capitalised(found.design.name()), &found.cost);
    if cost.wasted <= 0.0 {
        return format!("{name}: all of {} was spent on orders that were answered.", usd(cost.total));
    }
    format!(
        "{name}: {} of {} ({}) was spent on nothing: orders never answered, and attempts that did not count.",
        usd(cost.wasted),
        usd(cost.total),
        percent(cost.wasted / cost.total)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::{CostFindings, WorkFindings};
    use crate::report::sample::Example;

    #[test]
    fn wasted_attempts_are_said_with_their_reasons() {
        let mut example = Example::flash_sale();
        for found in &mut example.findings.designs {
            found.work = WorkFindings::default();
        }
        assert_eq!(attempts_heading(&example.report()), "No attempt was wasted");
        let direct = &mut example.findings.designs[1];
        direct.work.useful.attempts = 900;
        (direct.work.wasted.attempts, direct.work.failed.attempts, direct.work.too_late.attempts) = (100, 60, 40);
        (direct.lambda.throttles, direct.work_done_after_giving_up) = (1_234, 40);
        let report = example.report();
        let heading = attempts_heading(&report).replace('\u{a0}', " ");
        assert_eq!(heading, "Wasted: 0 of 0 attempts in buffered, 100 of 1,000 attempts (10.0 %) in direct");
        assert_eq!(
            attempts_sentence(&report.findings.designs[1]),
            "Direct: of the wasted attempts 40 answered after the task had ended, 60 failed; 1,234 invocations were \
             throttled; for 40 orders the stock is gone although the customer was told no."
        );
        assert_eq!(
            attempts_sentence(&report.findings.designs[0]),
            "Buffered: every attempt counted; 0 receives were repeats."
        );
    }

    #[test]
    fn money_is_said_with_its_wasted_part_and_no_favourite() {
        let mut example = Example::flash_sale();
        assert!(!costs(&example.report()));
        let bill = |total, per: f64, wasted| CostFindings {
            total,
            per_1000_confirmed: Some(per),
            wasted,
            ..CostFindings::default()
        };
        example.findings.designs[0].cost = bill(2.85, 0.053_2, 0.0);
        example.findings.designs[1].cost = bill(4.24, 0.143, 2.67);
        let report = example.report();
        assert_eq!(cost_heading(&report), "A thousand confirmed orders cost $0.14 in direct, $0.053 in buffered");
        let said: Vec<String> =
            report.findings.designs.iter().map(|found| cost_sentence(found).replace('\u{a0}', " ")).collect();
        assert_eq!(said[0], "Buffered: all of $2.85 was spent on orders that were answered.");
        assert!(said[1].starts_with("Direct: $2.67 of $4.24 (63.0 %) was spent on nothing"), "{}", said[1]);
        example.findings.designs[1].cost = bill(2.0, 0.053_2, 0.0);
        assert_eq!(cost_heading(&example.report()), "A thousand confirmed orders cost $0.053 in either design");
    }
}
