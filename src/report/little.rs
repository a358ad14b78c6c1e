//! Little's law, held against the run: orders on their way = rate of arrivals × mean time on the way.
//!
//! The left side is counted from the timeline, the right side is made of the latencies: two independent ways through the
//! same run. Only where nearly every order was confirmed, for of the others the time on the way is not in the latencies.

use super::subject::Report;
use super::words::{count, duration_s, mean_count, percent, rate};
use crate::measure::findings::{Design, DesignFindings, TimelineRow};

/// Of so many orders at most one may not have been confirmed.
const NEARLY_ALL: u64 = 100;

/// Both sides of the law for a design.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Little {
    /// Which.
    pub design: Design,
    /// Orders per second that came in over the run.
    pub rate_per_s: f64,
    /// Mean latency of the confirmed ones, in seconds.
    pub mean_s: f64,
    /// Orders on their way, averaged over the timeline.
    pub counted: f64,
}

impl Little {
    /// Orders on their way by the law.
    pub fn computed(&self) -> f64 {
        self.rate_per_s * self.mean_s
    }

    /// The law in words.
    pub fn words(&self) -> String {
        format!("{}: {} × {}", self.design.name(), rate(self.rate_per_s), duration_s(self.mean_s))
    }

    /// Both sides, as a table shows them.
    pub fn sides(&self) -> [String; 2] {
        // One decimal is as much as a timeline of whole steps can tell.
        [self.computed(), self.counted].map(|side| mean_count((side * 10.0).round() / 10.0))
    }
}

/// The law for the designs to which it can be applied.
pub fn little(report: &Report) -> Vec<Little> {
    let findings = report.findings.first();
    let step = findings.step.as_secs_f64();
    findings.designs.iter().filter_map(|found| of(found, step)).collect()
}

fn of(found: &DesignFindings, step: f64) -> Option<Little> {
    let orders = &found.orders;
    let counted: u64 = found.timeline.iter().map(|row| row.offered).sum();
    // A counted window leaves orders out, which the timeline still shows; what is declined leaves it unseen.
    let whole = counted == orders.offered && orders.declined == 0 && orders.offered > 0;
    let nearly_all = orders.offered.saturating_sub(orders.confirmed).saturating_mul(NEARLY_ALL) <= orders.offered;
    let length = found.timeline.len() as f64 * step;
    let mean_s = found.latency.mean.filter(|_| whole && nearly_all && length > 0.0)?;
    Some(Little {
        design: found.design,
        rate_per_s: orders.offered as f64 / length,
        mean_s,
        counted: on_their_way(&found.timeline),
    })
}

/// The mean over all steps of the orders that came in and had not ended, each step at the mean of its two ends.
fn on_their_way(rows: &[TimelineRow]) -> f64 {
    let (mut inside, mut sum) = (0_i128, 0_i128);
    for row in rows {
        let next = inside + i128::from(row.offered) - i128::from(row.confirmed) - i128::from(row.lost);
        sum += inside + next;
        inside = next;
    }
    sum as f64 / 2.0 / rows.len().max(1) as f64
}

/// How busy the shared limit was on average, in words; only where there is one.
pub fn utilisation(report: &Report) -> Vec<String> {
    let Some((limit, name)) = report.subject.concurrency_limit.filter(|limit| limit.0 > 0) else { return Vec::new() };
    let of = |found: &DesignFindings| {
        let busy = percent((found.lambda.mean_concurrency / limit as f64).min(1.0));
        let design = found.design.name();
        format!("{design} kept {busy} of {name} ({}) busy on average over the counted time", count(limit))
    };
    report.findings.designs.iter().filter(|found| found.lambda.mean_concurrency > 0.0).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    #[test]
    fn both_sides_agree_on_orders_that_stay_two_steps_each() {
        let mut example = Example::flash_sale();
        example.findings.step = crate::time::SimDuration(1_000_000_000);
        let found = &mut example.findings.designs[0];
        // Ten orders a step for ten steps, each confirmed two steps later: 100 orders, 12 steps, 2 s each.
        let row = |i: u64| TimelineRow {
            time_s: i as f64,
            offered: if i < 10 { 10 } else { 0 },
            confirmed: if i >= 2 { 10 } else { 0 },
            ..TimelineRow::default()
        };
        found.timeline = (0..12).map(row).collect();
        (found.orders.offered, found.orders.confirmed, found.latency.mean) = (100, 100, Some(2.0));
        found.orders.timed_out = 0;
        let laws = little(&example.report());
        let law = laws.iter().find(|law| law.design == Design::Buffered).unwrap();
        assert!((law.computed() - 100.0 / 12.0 * 2.0).abs() < 1e-9);
        assert!((law.counted - law.computed()).abs() < 1e-9, "{} against {}", law.counted, law.computed());
        assert_eq!(law.words().replace('\u{a0}', " "), "buffered: 8.3/s × 2 s");
        assert_eq!(law.sides(), ["17", "17"]);
        assert!(laws.iter().all(|law| law.design != Design::Direct), "direct loses almost half of its orders");
    }

    #[test]
    fn a_run_of_which_a_part_is_counted_is_left_alone() {
        let mut example = Example::flash_sale();
        example.findings.designs[0].latency.mean = Some(100.0);
        assert_eq!(little(&example.report()).len(), 1);
        example.findings.designs[0].orders.offered -= 1_000;
        assert_eq!(little(&example.report()), []);
    }

    #[test]
    fn utilisation_is_of_the_limit_that_both_share() {
        let mut example = Example::flash_sale();
        assert_eq!(utilisation(&example.report()), Vec::<String>::new());
        example.findings.designs[0].lambda.mean_concurrency = 15.0;
        let said = utilisation(&example.report());
        assert_eq!(
            said[0].replace('\u{a0}', " "),
            "buffered kept 75.0 % of reserved_concurrency (20) busy on average over the counted time"
        );
        example.subject.concurrency_limit = None;
        assert!(utilisation(&example.report()).is_empty());
    }
}
