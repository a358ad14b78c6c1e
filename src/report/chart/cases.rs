//! Made-up results that look different.

use crate::measure::findings::{Design, Findings, HistogramCounts, Orders, Percentiles, QueueFindings, TimelineRow};
use crate::observation::Cause;
use crate::report::sample::{Sample, finish, percentiles, with_faults};
use crate::report::subject::{FaultMark, Subject};
use crate::time::SimTime;
use std::collections::BTreeMap;

/// A named result.
pub type Case = (&'static str, Subject, Findings);

/// Results that look different, each with the name of what is special about it.
pub fn cases() -> Vec<Case> {
    let sale = Sample::flash_sale();
    let plain = |name: &'static str, sample: &Sample| (name, sample.subject(), sample.findings());
    let mut cases = vec![plain("flash-sale", &sale)];
    let (_, subject, findings) = cases[0].clone();

    for (name, design) in [("only-buffered", Design::Buffered), ("only-direct", Design::Direct)] {
        let mut one = findings.clone();
        one.designs.retain(|found| found.design == design);
        cases.push((name, subject.clone(), one));
    }
    let mut bare = subject.clone();
    (bare.origin_s, bare.concurrency_limit, bare.capacity_per_s) = (0.0, None, None);
    bare.phases.iter_mut().for_each(|phase| phase.name = None);
    cases.push(("bare", bare, findings.clone()));

    let calm = Sample { phases: vec![(None, 600.0, 30.0)], origin_s: 0.0, buffered_loses: 0, ..sale.clone() };
    cases.push(plain("nothing-lost", &calm));
    let (mut twins, mut twin) = (calm.findings(), calm.findings().designs[1].clone());
    twin.design = Design::Buffered;
    twin.queue = Some(QueueFindings::default());
    twins.designs[0] = twin;
    cases.push(("identical", calm.subject(), twins));

    let mut none = findings.clone();
    for design in &mut none.designs {
        design.orders.timed_out += design.orders.confirmed;
        design.orders.confirmed = 0;
        design.latency.histogram = HistogramCounts::default();
        design.latency.confirmed = Percentiles::default();
        design.latency.all_offered = Percentiles::default();
        design.latency.max = None;
        for row in &mut design.timeline {
            row.lost += row.confirmed;
            row.confirmed = 0;
        }
    }
    cases.push(("nothing-confirmed", subject.clone(), none));

    let mut empty = findings.clone();
    empty.end = SimTime::ZERO;
    for design in &mut empty.designs {
        *design = finish(design.design, vec![TimelineRow::default()], BTreeMap::new(), (0, 0), design.queue, 1.0);
        design.end = SimTime::ZERO;
        design.queue = design.queue.map(|_| QueueFindings::default());
    }
    let mut nowhere = subject.clone();
    (nowhere.phases, nowhere.origin_s, nowhere.arrivals_end_s) = (Vec::new(), 0.0, 0.0);
    cases.push(("empty", nowhere, empty));

    cases.push(every_ending(&subject, &findings));
    let mut door = findings.clone();
    for design in &mut door.designs {
        let refused = design.orders.confirmed.min(575);
        design.orders.confirmed -= refused;
        design.orders.refused += refused;
        design.causes[Cause::StartThrottled as usize] += refused;
    }
    cases.push(("door-shut", subject.clone(), door));
    let day: Vec<_> = (0..24).map(|hour| (None, 3_600.0, if hour == 12 { 900.0 } else { 60.0 })).collect();
    cases
        .push(plain("day", &Sample { phases: day, origin_s: 43_200.0, capacity: 300.0, step_s: 30.0, ..sale.clone() }));
    let five = vec![(Some("burst"), 1.0, 800.0), (Some("after"), 4.0, 10.0)];
    let short = Sample { phases: five, origin_s: 0.0, capacity: 400.0, step_s: 0.1, ..sale.clone() };
    cases.push(plain("five-seconds", &short));
    let worse = Sample { direct_loses: false, buffered_loses: 9_000, ..sale.clone() };
    cases.push(plain("buffered-worse", &worse));
    let millions = Sample {
        phases: vec![(Some("calm"), 120.0, 4_000.0), (Some("rush"), 600.0, 60_000.0), (Some("calm"), 600.0, 4_000.0)],
        capacity: 20_000.0,
        ..sale.clone()
    };
    cases.push(plain("millions", &millions));
    let many = (0..30).map(|i| if i % 2 == 0 { (Some("lull"), 30.0, 10.0) } else { (Some("flash deal"), 15.0, 150.0) });
    cases.push(plain("thirty-phases", &Sample { phases: many.collect(), origin_s: 30.0, ..sale.clone() }));
    let (broken, breakage) = with_faults(subject.clone(), findings.clone());
    cases.push(("faults", broken, breakage));
    cases.push(many_faults(&subject, &findings));
    cases.push(plain("cut-off", &Sample { horizon_s: Some(500.0), ..sale }));
    for design in cases.iter_mut().flat_map(|(_, _, findings)| &mut findings.designs) {
        let Orders { failed, timed_out, refused, open, .. } = design.orders;
        let unconfirmed = failed + timed_out + refused + open;
        if design.causes.iter().sum::<u64>() != unconfirmed {
            design.causes = Cause::ALL.map(|cause| if cause == Cause::Running { unconfirmed } else { 0 });
        }
    }
    cases
}

/// More faults than there are rows for names, some of them long, short, at the very beginning or after everything.
fn many_faults(subject: &Subject, findings: &Findings) -> Case {
    let (mut subject, findings) = with_faults(subject.clone(), findings.clone());
    let first = subject.faults[0].clone();
    let long = "a name that nobody would call short, of a fault that nobody would call long, but there it is";
    for (name, from_s, to_s) in [
        ("at once", 0.0, 5.0),
        (long, 100.0, 100.5),
        ("late", 1_190.0, 1_400.0),
        ("never", 1e6, 2e6),
        (long, 110.0, 900.0),
    ] {
        subject.faults.push(FaultMark { name: name.to_owned(), from_s, to_s, ..first.clone() });
    }
    for second in 0..4 {
        let (from_s, to_s) = (500.0 + f64::from(second), 510.0 + f64::from(second));
        subject.faults.push(FaultMark { name: format!("one of four, the {second}."), from_s, to_s, ..first.clone() });
    }
    ("many-faults", subject, findings)
}

/// Orders that end in every possible way, in one design most of them and in the other a few each; some are late.
fn every_ending(subject: &Subject, findings: &Findings) -> Case {
    let mut every = findings.clone();
    for (design, few) in every.designs.iter_mut().zip([7, 6_000]) {
        let orders = &mut design.orders;
        orders.confirmed = orders.confirmed.min(orders.offered - 5 * few);
        let missing = orders.offered - orders.confirmed;
        (orders.declined, orders.timed_out, orders.refused, orders.open) = (few, few, few, few);
        orders.failed = missing - 4 * few;
        for (edge, _) in design.latency.histogram.0.iter_mut().rev().take(20) {
            *edge += 600_000_000;
        }
        let buckets = &mut design.latency.histogram.0;
        let mut surplus = buckets.iter().map(|bucket| bucket.1).sum::<u64>() - design.orders.confirmed;
        for (_, orders) in buckets.iter_mut() {
            let taken = surplus.min(*orders);
            (*orders, surplus) = (*orders - taken, surplus - taken);
        }
        buckets.retain(|bucket| bucket.1 > 0);
        design.latency.count = design.orders.confirmed;
        let latencies = design.latency.histogram.0.iter().copied().collect();
        design.latency.all_offered = percentiles(&latencies, design.orders.offered);
    }
    ("every-ending", subject.clone(), every)
}
