//! The findings as titles of the charts about outcomes, waiting and percentiles, by the same rules as the others: the
//! first sentence whose guard holds; no design is the winner by assumption; `None` only where nothing ran.

use crate::measure::findings::{Design, DesignFindings, Findings, SloVerdict};
use crate::report::chart::facts::{self, Ending};
use crate::report::subject::Subject;
use crate::report::words::{count, duration_s, share};

/// Outcomes: what became of the orders that were not confirmed, or how many were late.
pub fn outcomes(findings: &Findings, slo: &[SloVerdict]) -> Option<String> {
    let first = findings.designs.first()?;
    if first.orders.offered == 0 {
        return Some("No order came in".to_owned());
    }
    let goal = facts::goals(slo).into_iter().next();
    if let Some((buffered, direct)) = facts::both(findings) {
        if facts::endings(buffered, goal) == facts::endings(direct, goal) {
            return Some(format!("In either design, {}", ended(first, goal)));
        }
        let missing = |found: &DesignFindings| found.orders.offered - found.orders.confirmed;
        let buffered_worse = missing(buffered) > missing(direct);
        let (worse, better) = if buffered_worse { (buffered, direct) } else { (direct, buffered) };
        let (one, other) = (worse.design.name(), better.design.name());
        return Some(format!("In {one}, {}; in {other}, {}", ended(worse, goal), ended(better, goal)));
    }
    Some(format!("In {}, {}", first.design.name(), ended(first, goal)))
}

/// A clause about one design's orders.
fn ended(found: &DesignFindings, goal: Option<(f64, &SloVerdict)>) -> String {
    let offered = found.orders.offered;
    let endings = facts::endings(found, goal);
    let not_confirmed: Vec<&(Ending, u64)> = endings.iter().filter(|(ending, _)| !ending.confirmed()).collect();
    let late = endings.iter().find_map(|(ending, orders)| match ending {
        Ending::Late(within_s) if orders * 100 >= offered => {
            Some(format!(", {} of them only after {}", count(*orders), duration_s(*within_s)))
        }
        _ => None,
    });
    // A small part is a count; its share would be a rounded nothing.
    let part =
        |orders: u64| if orders * 1_000 >= offered { format!(" ({})", share(orders, offered)) } else { String::new() };
    match not_confirmed.as_slice() {
        [] if offered == 1 => "the only order is confirmed".to_owned(),
        [] => format!("all {} orders are confirmed{}", count(offered), late.unwrap_or_default()),
        [(ending, orders)] if *orders == offered => format!("every order {}", verb(*ending, 1)),
        [(ending, orders)] => {
            let noun = if *orders == 1 { "order" } else { "orders" };
            format!("{} {noun} {}{}", count(*orders), verb(*ending, *orders), part(*orders))
        }
        [(one, orders), (other, more)] => {
            let noun = if *orders == 1 { "order" } else { "orders" };
            let (first, second) = (verb(*one, *orders), verb(*other, *more));
            format!("{} {noun} {first}{} and {} {second}{}", count(*orders), part(*orders), count(*more), part(*more))
        }
        parts => {
            let missing: u64 = parts.iter().map(|(_, orders)| orders).sum();
            format!("{} orders are not confirmed{}", count(missing), part(missing))
        }
    }
}

/// What so many orders do.
fn verb(ending: Ending, orders: u64) -> &'static str {
    match (ending, orders == 1) {
        (Ending::Declined, true) => "is declined",
        (Ending::Declined, false) => "are declined",
        (Ending::Failed, true) => "fails",
        (Ending::Failed, false) => "fail",
        (Ending::TimedOut, true) => "times out",
        (Ending::TimedOut, false) => "time out",
        (Ending::Refused, true) => "is refused",
        (Ending::Refused, false) => "are refused",
        (Ending::Open, true) => "is still open when the run ends",
        (Ending::Open, false) => "are still open when the run ends",
        (_, true) => "is confirmed",
        (_, false) => "are confirmed",
    }
}

/// Waiting: how old the oldest message grew, against the task's patience.
pub fn waiting(subject: &Subject, findings: &Findings) -> Option<String> {
    findings.designs.first()?;
    let Some(queue) = facts::of(findings, Design::Buffered).and_then(|buffered| buffered.queue) else {
        return Some(match facts::of(findings, Design::Direct)?.events {
            Some(events) => {
                let age = duration_s(events.max_event_age_s);
                format!("There is no SQS queue; the oldest event in Lambda\u{2019}s own queue grew {age} old")
            }
            None => "Direct invocation has no queue: no message waits in one".to_owned(),
        });
    };
    let orders = facts::of(findings, Design::Buffered)?.orders;
    let oldest = queue.max_oldest_message_s;
    if queue.sent == 0 && oldest == 0.0 {
        return Some("No message was sent, so none grew old".to_owned());
    }
    if oldest == 0.0 {
        return Some("No message waited: each was dealt with the moment it was sent".to_owned());
    }
    let grew = format!("The oldest message grew {} old", duration_s(oldest));
    let Some((name, limit)) = patience(subject) else {
        return Some(format!("{grew}; nothing limits how long a task waits for it"));
    };
    let words = duration_s(limit);
    Some(match orders.timed_out {
        0 if oldest > limit => format!("{grew}, longer than the {name} of {words}, but no order timed out"),
        1 if oldest > limit => format!("{grew}, longer than the {name} of {words}: 1 order timed out"),
        lost if oldest > limit => {
            format!("{grew}, longer than the {name} of {words}: {} orders timed out", count(lost))
        }
        _ if duration_s(oldest) == words => format!("{grew}, just within the {name}"),
        _ => format!("{grew}, {} short of the {name}", duration_s(limit - oldest)),
    })
}

/// What ends a task's waiting first: its name and its length in seconds.
pub fn patience(subject: &Subject) -> Option<(&'static str, f64)> {
    let limits = [("heartbeat timeout", subject.heartbeat_s), ("task timeout", subject.task_timeout_s)];
    let known = limits.into_iter().filter_map(|(name, limit)| Some((name, limit?)));
    known.min_by(|one, other| one.1.total_cmp(&other.1))
}

/// The percentiles that titles speak of: name, orders per thousand beyond it.
const NAMED: [(&str, u64); 4] = [("p50", 500), ("p90", 100), ("p99", 10), ("p99.9", 1)];
/// So many orders must lie beyond a percentile for it to say anything.
pub const SAMPLES: u64 = 10;

/// Percentiles: the highest that each design reaches.
pub fn percentiles(findings: &Findings) -> Option<String> {
    let first = findings.designs.first()?;
    let offered = first.orders.offered;
    if offered == 0 {
        return Some("No order came in, so there are no percentiles".to_owned());
    }
    if findings.designs.iter().all(|found| found.orders.confirmed == 0) {
        return Some("Counting every order, every percentile is \u{201c}never\u{201d}: none was confirmed".to_owned());
    }
    if named(first).is_empty() {
        let orders = if offered == 1 { "1 order is".to_owned() } else { format!("{} orders are", count(offered)) };
        return Some(format!("{orders} too few for percentiles"));
    }
    let Some((buffered, direct)) = facts::both(findings) else {
        return Some(format!("Counting every order, {} {}", first.design.name(), reached(first)));
    };
    if reached(buffered) == reached(direct) {
        return Some(format!("Counting every order, either design {}", reached(first)));
    }
    let rank = |found: &DesignFindings| named(found).iter().filter(|(_, at)| at.is_some()).count();
    let (one, other) = if rank(buffered) < rank(direct) { (buffered, direct) } else { (direct, buffered) };
    let (first, second) = (one.design.name(), other.design.name());
    Some(format!("Counting every order, {first} {}; {second} {}", reached(one), reached(other)))
}

/// The percentiles of a design that have enough orders beyond them: name, and seconds or never.
pub fn named(found: &DesignFindings) -> Vec<(&'static str, Option<f64>)> {
    let of = &found.latency.all_offered;
    let values = [of.p50, of.p90, of.p99, of.p999];
    let enough = |parts: u64| found.orders.offered * parts >= SAMPLES * 1_000;
    NAMED.iter().zip(values).filter(|((_, parts), _)| enough(*parts)).map(|((name, _), at)| (*name, at)).collect()
}

/// `reaches p50 in 2 s, but never p90`.
fn reached(found: &DesignFindings) -> String {
    let named = named(found);
    let last = named.iter().rev().find_map(|(name, at)| at.map(|at| (*name, at)));
    let next = named.iter().find(|(_, at)| at.is_none());
    match (last, next) {
        (None, _) => "has no median: p50 is \u{201c}never\u{201d}".to_owned(),
        (Some((name, at)), None) => format!("reaches {name} in {}", duration_s(at)),
        (Some((name, at)), Some((never, _))) => format!("reaches {name} in {}, but never {never}", duration_s(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::{outcomes, percentiles, waiting};
    use crate::measure::findings::{Findings, Orders, Percentiles};
    use crate::report::sample::Sample;
    use crate::report::subject::Subject;

    fn sale() -> (Subject, Findings) {
        (Sample::flash_sale().subject(), Sample::flash_sale().findings())
    }

    fn said(caption: Option<String>) -> String {
        caption.expect("something ran").replace('\u{a0}', " ")
    }

    #[test]
    fn every_kind_of_ending_has_its_words_and_one_is_no_plural() {
        let (_, mut findings) = sale();
        findings.designs.truncate(1);
        let mut with = |orders: Orders| {
            findings.designs[0].orders = orders;
            said(outcomes(&findings, &[]))
        };
        let one = Orders { offered: 10_000, confirmed: 9_999, ..Orders::default() };
        assert_eq!(with(Orders { declined: 1, ..one }), "In buffered, 1 order is declined");
        assert_eq!(with(Orders { refused: 1, ..one }), "In buffered, 1 order is refused");
        assert_eq!(with(Orders { open: 1, ..one }), "In buffered, 1 order is still open when the run ends");
        let two = Orders { offered: 10_000, confirmed: 7_999, failed: 2_000, timed_out: 1, ..Orders::default() };
        assert_eq!(with(two), "In buffered, 2,000 orders fail (20.0 %) and 1 times out");
        let all = Orders { offered: 7, failed: 7, ..Orders::default() };
        assert_eq!(with(all), "In buffered, every order fails");
        let three = Orders { offered: 4, confirmed: 1, failed: 1, timed_out: 1, open: 1, ..Orders::default() };
        assert_eq!(with(three), "In buffered, 3 orders are not confirmed (75.0 %)");
        assert_eq!(
            with(Orders { offered: 1, confirmed: 1, ..Orders::default() }),
            "In buffered, the only order is confirmed"
        );
    }

    #[test]
    fn waiting_speaks_of_the_limit_that_ends_it_first() {
        let (mut subject, mut findings) = sale();
        let mut with = |oldest: f64, timed_out: u64, limits: (Option<f64>, Option<f64>)| {
            (subject.task_timeout_s, subject.heartbeat_s) = limits;
            findings.designs[0].orders.timed_out = timed_out;
            findings.designs[0].queue.as_mut().expect("a queue").max_oldest_message_s = oldest;
            said(waiting(&subject, &findings))
        };
        let grew = "The oldest message grew 5 min old";
        assert_eq!(with(300.0, 0, (Some(900.0), None)), format!("{grew}, 10 min short of the task timeout"));
        assert_eq!(with(300.0, 0, (Some(900.0), Some(301.0))), format!("{grew}, 1 s short of the heartbeat timeout"));
        assert_eq!(with(300.0, 0, (Some(300.2), None)), format!("{grew}, just within the task timeout"));
        assert_eq!(with(300.0, 0, (None, None)), format!("{grew}; nothing limits how long a task waits for it"));
        let longer = format!("{grew}, longer than the task timeout of 4 min");
        assert_eq!(with(300.0, 0, (Some(240.0), None)), format!("{longer}, but no order timed out"));
        assert_eq!(with(300.0, 1, (Some(240.0), None)), format!("{longer}: 1 order timed out"));
        assert_eq!(with(300.0, 7, (Some(240.0), None)), format!("{longer}: 7 orders timed out"));
        let at_once = "No message waited: each was dealt with the moment it was sent";
        findings.designs[0].queue.as_mut().expect("a queue").sent = 9;
        findings.designs[0].queue.as_mut().expect("a queue").max_oldest_message_s = 0.0;
        assert_eq!(said(waiting(&subject, &findings)), at_once);
    }

    #[test]
    fn a_percentile_with_few_orders_beyond_it_is_not_spoken_of() {
        let (_, mut findings) = sale();
        findings.designs.truncate(1);
        let values = Percentiles { p50: Some(1.0), p90: Some(2.0), p95: None, p99: Some(3.0), p999: Some(4.0) };
        findings.designs[0].latency.all_offered = values;
        let mut with = |offered: u64| {
            findings.designs[0].orders.offered = offered;
            said(percentiles(&findings))
        };
        assert_eq!(with(10_000), "Counting every order, buffered reaches p99.9 in 4 s");
        assert_eq!(with(9_999), "Counting every order, buffered reaches p99 in 3 s");
        assert_eq!(with(20), "Counting every order, buffered reaches p50 in 1 s");
        assert_eq!(with(19), "19 orders are too few for percentiles");
        assert_eq!(with(1), "1 order is too few for percentiles");
    }

    #[test]
    fn without_a_design_there_is_nothing_to_say() {
        let (subject, mut findings) = sale();
        findings.designs.clear();
        assert_eq!(
            (outcomes(&findings, &[]), waiting(&subject, &findings), percentiles(&findings)),
            (None, None, None)
        );
    }
}
