//! Faults in words: what broke, when, and whom that hit. Every part of a report says it with these.

use super::subject::{FaultMark, Report, Subject};
use super::words::{count, duration_s, percent};
use crate::measure::findings::{Design, FaultHits};

/// What a fault is besides its name, for example `inventory outage` or `callback dropped, 2.0 % of them`.
pub fn nature(fault: &FaultMark) -> String {
    let amount = fault.amount.unwrap_or(1.0);
    let (effect, rate) = match fault.effect.as_ref() {
        "add_delay" => (format!("{} slower", duration_s(amount)), 1.0),
        "error_rate" => ("errors".to_owned(), amount),
        "drop" => ("dropped".to_owned(), amount),
        "duplicate" => ("duplicated".to_owned(), amount),
        other => (other.to_owned(), 1.0),
    };
    let hit = rate * fault.share;
    let share = if hit < 1.0 { format!(", {} of them", percent(hit)) } else { String::new() };
    format!("{} {effect}{share}", fault.target)
}

/// The name, and what it is where the name does not say so.
fn named(fault: &FaultMark) -> String {
    let nature = nature(fault);
    let unnamed = format!("{} {}", fault.target, fault.effect.replace('_', " "));
    if fault.name == unnamed { nature } else { format!("{} ({nature})", fault.name) }
}

/// When it was open, on the charts' clock.
fn span(subject: &Subject, fault: &FaultMark) -> String {
    let at = |at_s: f64| match at_s - subject.origin_s {
        after if after >= 0.0 => format!("+{}", duration_s(after)),
        before => format!("\u{2212}{}", duration_s(-before)),
    };
    let from = if fault.from_s == 0.0 && subject.origin_s == 0.0 { "0".to_owned() } else { at(fault.from_s) };
    format!("{from} to {}", at(fault.to_s))
}

/// Whom the fault at this place has hit in a design; `None` where the design does not have its target.
pub fn hits(report: &Report, place: usize, design: Design) -> Option<FaultHits> {
    let fault = report.subject.faults.get(place)?;
    let found = report.design(design).filter(|_| fault.designs.contains(&design))?;
    Some(found.faults.get(place).copied().unwrap_or_default())
}

/// One sentence for each fault: what, when, and whom it hit.
pub fn sentences(report: &Report) -> Vec<String> {
    let subject = report.subject;
    let sentence = |(place, fault): (usize, &FaultMark)| {
        let whom = report.findings.designs.iter().map(|found| {
            let name = found.design.name();
            match hits(report, place, found.design) {
                None => format!("does not touch {name}"),
                Some(FaultHits { orders: 1, .. }) => format!("hit 1 order in {name}"),
                Some(FaultHits { orders, .. }) => format!("hit {} orders in {name}", count(orders)),
            }
        });
        format!("{}, {}: {}", named(fault), span(subject, fault), whom.collect::<Vec<_>>().join(", "))
    };
    subject.faults.iter().enumerate().map(sentence).collect()
}

/// All faults in one line, for charts without an axis of time; nothing where there is none.
pub fn line(subject: &Subject) -> Option<String> {
    let said: Vec<String> =
        subject.faults.iter().map(|fault| format!("{}, {}", named(fault), span(subject, fault))).collect();
    let word = if said.len() == 1 { "Fault" } else { "Faults" };
    (!said.is_empty()).then(|| format!("{word}: {}.", said.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    #[test]
    fn a_fault_is_said_with_its_nature_its_time_and_whom_it_hit() {
        let example = Example::flash_sale().with_faults();
        let said: Vec<String> =
            sentences(&example.report()).iter().map(|sentence| sentence.replace('\u{a0}', " ")).collect();
        assert_eq!(
            said,
            [
                "the inventory is down (inventory outage), +1 min to +2 min: hit 4,000 orders in buffered, hit 0 orders in direct",
                "callback dropped, 2.0 % of them, −30 s to +5 min: hit 1 order in buffered, does not touch direct",
            ]
        );
        let line = line(&example.subject).map(|line| line.replace('\u{a0}', " "));
        let said = "Faults: the inventory is down (inventory outage), +1 min to +2 min; callback dropped, 2.0 % of them, −30 s to +5 min.";
        assert_eq!(line.as_deref(), Some(said));
        assert_eq!(super::line(&Example::flash_sale().subject), None);
    }
}
