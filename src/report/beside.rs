//! What stands beside the result: the arithmetic that a reader can check it with, and how changed scenarios came out.

use super::chart::waiting_in_flight;
use super::subject::Report;
use super::words::{count, duration_s, rate, share};
use crate::measure::findings::{Design, WhatIf, WhatIfDesign};

/// One figure twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Which.
    pub what: &'static str,
    /// By arithmetic.
    pub by_hand: String,
    /// In the simulation.
    pub simulated: String,
}

/// What the arithmetic assumes, in one sentence.
pub fn assumption(report: &Report) -> Option<String> {
    let capacity = rate(report.subject.arithmetic?.capacity_per_s);
    Some(format!("Orders as a fluid, {capacity} of them confirmed at most; no chance, no latency, no retries."))
}

/// The figures that arithmetic and simulation both have; empty where the scenario is not overloaded.
pub fn figures(report: &Report) -> Vec<Figure> {
    let Some(by_hand) = report.subject.arithmetic else { return Vec::new() };
    let mut figures = Vec::new();
    // The arithmetic is of one run.
    let of_one = |total: u64| count((total as f64 / f64::from(report.findings.replications())).round() as u64);
    if let Some(queue) = report.design(Design::Buffered).and_then(|found| found.queue) {
        let first = report.findings.first();
        let buffered = first.designs.iter().find(|found| found.design == Design::Buffered);
        let in_flight = buffered.and_then(|found| waiting_in_flight(report.subject, first, found));
        // The arithmetic knows of no message in flight that only waits.
        let seen = if in_flight.is_some() { ", visible ones" } else { "" };
        figures.push(Figure {
            what: "peak backlog",
            by_hand: count(by_hand.peak_backlog.round() as u64),
            simulated: format!("{}{seen}", count(queue.peak_backlog)),
        });
        figures.push(Figure {
            what: "nothing waits any more at",
            by_hand: instant(report, by_hand.drained_at_s),
            simulated: format!("{}{seen}", instant(report, queue.drained_at_s)),
        });
    }
    if let Some((found, direct_confirmed)) = report.design(Design::Direct).zip(by_hand.direct_confirmed) {
        figures.push(Figure {
            what: "direct confirms",
            by_hand: count(direct_confirmed.round() as u64),
            simulated: of_one(found.orders.confirmed),
        });
    }
    if let Some(found) = report.findings.designs.first().filter(|_| by_hand.throttled_at_the_door > 0.0) {
        figures.push(Figure {
            what: "refused at the door",
            by_hand: format!("at most {}", count(by_hand.throttled_at_the_door.round() as u64)),
            simulated: of_one(found.orders.refused),
        });
    }
    figures
}

/// An instant on the charts' clock.
fn instant(report: &Report, at_s: Option<f64>) -> String {
    match at_s {
        None => "never".to_owned(),
        Some(at) if at < report.subject.origin_s => format!("-{}", duration_s(report.subject.origin_s - at)),
        Some(at) => format!("+{}", duration_s(at - report.subject.origin_s)),
    }
}

/// How a changed scenario came out, in one sentence: what each design confirms then, and before; where that is the same, how
/// soon half of the orders are confirmed.
pub fn what_if(report: &Report, changed: &WhatIf) -> String {
    let said = changed.designs.iter().map(|found| outcome(report, found));
    format!("{}: {}", changed.change, said.collect::<Vec<_>>().join(", "))
}

fn outcome(report: &Report, changed: &WhatIfDesign) -> String {
    let name = changed.design.name();
    let now = share(changed.orders.confirmed, changed.orders.offered);
    let Some(before) = report.design(changed.design) else { return format!("{name} {now}") };
    let was = share(before.orders.confirmed, before.orders.offered);
    if was != now {
        return format!("{name} {now} (not {was})");
    }
    let (half, was_half) = (median(changed.latency_p50_s), median(before.latency.all_offered.p50));
    if half == was_half {
        return format!("{name} {now} as before");
    }
    format!("{name} {now} as before, half of all within {half} (not {was_half})")
}

fn median(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "never".to_owned(), duration_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::{Arithmetic, Orders};
    use crate::report::sample::Example;

    #[test]
    fn figures_stand_side_by_side_and_only_where_there_is_arithmetic() {
        let mut example = Example::flash_sale();
        assert_eq!((figures(&example.report()), assumption(&example.report())), (Vec::new(), None));
        example.subject.arithmetic = Some(Arithmetic {
            capacity_per_s: 66.3,
            peak_backlog: 23_843.6,
            peak_backlog_at_s: 240.0,
            drained_at_s: Some(example.subject.origin_s + 635.0),
            throttled_at_the_door: 700.2,
            direct_confirmed: Some(29_452.0),
        });
        let shown = figures(&example.report());
        let by_hand: Vec<&str> = shown.iter().map(|figure| figure.by_hand.as_str()).collect();
        assert_eq!(by_hand, ["23,844", "+10\u{a0}min\u{a0}35\u{a0}s", "29,452", "at most 700"]);
        assert_eq!(shown[2].simulated, count(example.findings.designs[1].orders.confirmed));
    }

    #[test]
    fn a_what_if_says_what_is_confirmed_then_and_before() {
        let example = Example::flash_sale();
        let direct = example.findings.designs[1].orders;
        let design = |design, orders| WhatIfDesign {
            design,
            orders,
            latency_p50_s: example.findings.designs[1].latency.all_offered.p50,
            latency_p99_s: None,
            drained_at_s: None,
            cost_usd: 0.0,
        };
        let half = Orders { offered: 100, confirmed: 50, ..Orders::default() };
        let changed = WhatIf {
            change: "half the patience".to_owned(),
            set: vec!["step_functions.timeout=5min".to_owned()],
            designs: vec![design(Design::Buffered, half), design(Design::Direct, direct)],
        };
        let said = what_if(&example.report(), &changed).replace('\u{a0}', " ");
        assert!(said.starts_with("half the patience: buffered 50.0 % (not 99.99"), "{said}");
        assert!(said.ends_with("% as before"), "{said}");
    }
}
