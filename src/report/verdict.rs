//! What was found, in one or two sentences. Each says only what was measured; no design is the winner by assumption.

use super::chart::{hardly_any_backlog, waiting_in_flight};
use super::subject::Report;
use super::words::{count, duration_or_never, duration_s, rate, share};
use crate::measure::findings::{Design, DesignFindings};

/// A design that loses this share of its orders does not cope.
const FEW: f64 = 0.01;

/// The verdict, and below it what it costs or why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Two sentences at most.
    pub headline: String,
    /// One sentence; empty where there is nothing to add.
    pub lede: String,
}

/// The first that fits.
pub fn verdict(report: &Report) -> Verdict {
    match (report.design(Design::Buffered), report.design(Design::Direct)) {
        (Some(buffered), Some(direct)) => of_both(report, buffered, direct),
        (Some(found), None) | (None, Some(found)) => of_one(found),
        (None, None) => Verdict { headline: "Nothing was run.".into(), lede: String::new() },
    }
}

fn of_both(report: &Report, buffered: &DesignFindings, direct: &DesignFindings) -> Verdict {
    let door = refused_by_both(buffered, direct);
    let Some(admitted) = Some(buffered.orders.offered - door).filter(|admitted| *admitted > 0) else {
        return nobody_let_in(buffered.orders.offered);
    };
    let verdict = of_admitted(report, (buffered, direct), (door, admitted));
    if door == 0 {
        return verdict;
    }
    let offered = buffered.orders.offered;
    let (refused, part) = (count(door), share(door, offered));
    let lede =
        format!("Step Functions refused {refused} orders ({part}) at the door, in both designs. {}", verdict.lede);
    Verdict { lede: lede.trim_end().to_owned(), ..verdict }
}

/// Of the orders that the door let in.
fn of_admitted(
    report: &Report,
    (buffered, direct): (&DesignFindings, &DesignFindings),
    (door, admitted): (u64, u64),
) -> Verdict {
    let (lost_buffered, lost_direct) = (unconfirmed(buffered) - door, unconfirmed(direct) - door);
    let few = |lost: u64| (lost as f64) < FEW * admitted as f64;
    if lost_buffered == 0 && lost_direct == 0 && !had_backlog(report, buffered) {
        return no_buffer_needed(report, (buffered, direct), door);
    }
    if lost_direct < lost_buffered {
        return direct_better(buffered, direct);
    }
    let headline = if few(lost_buffered) && !few(lost_direct) {
        format!(
            "The queue confirmed {}. Direct invocation did not confirm {} ({}).",
            all_or(lost_buffered, admitted, door),
            count(lost_direct),
            share(lost_direct, admitted)
        )
    } else if !few(lost_buffered) && !few(lost_direct) {
        let of = |lost: u64| share(lost, admitted);
        let (buffered, direct) = (of(lost_buffered), of(lost_direct));
        format!("Neither design coped: buffered did not confirm {buffered} of the orders, direct {direct}.")
    } else {
        format!(
            "Buffered confirmed {} of {} orders, direct {}.",
            count(buffered.orders.confirmed),
            count(admitted),
            count(direct.orders.confirmed)
        )
    };
    Verdict { headline, lede: price(buffered) }
}

/// Orders that `StartExecution` refused alike in both designs: neither is to blame.
fn refused_by_both(buffered: &DesignFindings, direct: &DesignFindings) -> u64 {
    if buffered.orders.refused == direct.orders.refused { buffered.orders.refused } else { 0 }
}

fn nobody_let_in(offered: u64) -> Verdict {
    let headline = match offered {
        0 => "No order came in.".to_owned(),
        offered => format!("Step Functions refused all {} orders at the door.", count(offered)),
    };
    Verdict { headline, lede: String::new() }
}

fn no_buffer_needed(report: &Report, (buffered, direct): (&DesignFindings, &DesignFindings), door: u64) -> Verdict {
    let why = match report.subject.capacity_per_s {
        Some(capacity) => format!(" No buffer was needed: the function can confirm {}.", rate(capacity)),
        None => " No buffer was needed: the function has no limit here.".to_owned(),
    };
    let medians = buffered.latency.all_offered.p50.zip(direct.latency.all_offered.p50);
    let lede = medians.map_or_else(String::new, |(with, without)| {
        let added = with - without;
        if added > 0.0 {
            format!("The queue added {} to the median.", duration_s(added))
        } else {
            "The queue added nothing to the median.".to_owned()
        }
    });
    let order = if door == 0 { "order" } else { "order that was let in" };
    Verdict { headline: format!("Both designs confirmed every {order}.{why}"), lede }
}

fn direct_better(buffered: &DesignFindings, direct: &DesignFindings) -> Verdict {
    let headline = format!(
        "Direct invocation confirmed more: {} against {} of {} orders.",
        count(direct.orders.confirmed),
        count(buffered.orders.confirmed),
        count(buffered.orders.offered)
    );
    let zombies = buffered.work.task_over.attempts + buffered.work.too_late.attempts;
    let lede = match zombies {
        0 => String::new(),
        attempts => format!("{} attempts worked on orders that Step Functions had given up.", count(attempts)),
    };
    Verdict { headline, lede }
}

fn of_one(found: &DesignFindings) -> Verdict {
    let orders = &found.orders;
    let headline = match unconfirmed(found) {
        _ if orders.offered == 0 => "No order came in.".to_owned(),
        0 => format!("{} confirmed all {} orders.", capital(found.design), count(orders.offered)),
        lost => format!(
            "{} confirmed {} of {} orders and did not confirm {} ({}).",
            capital(found.design),
            count(orders.confirmed),
            count(orders.offered),
            count(lost),
            share(lost, orders.offered)
        ),
    };
    let median = found.latency.all_offered.p50;
    let lede = match orders.offered {
        0 => String::new(),
        _ => format!("Of all orders offered, half were confirmed within {}.", duration_or_never(median)),
    };
    let lede = if median.is_none() && orders.offered > 0 { "Most orders were never confirmed.".into() } else { lede };
    Verdict { headline, lede }
}

/// What waiting the buffer cost: the median where that is a wait worth the word, else the slowest hundredth.
fn price(buffered: &DesignFindings) -> String {
    let latency = &buffered.latency.all_offered;
    let slow = |seconds: &f64| *seconds >= 1.0;
    match (latency.p50.filter(slow), latency.p99) {
        (Some(median), _) => {
            format!("The price of the buffer is waiting: half of all orders took {} or longer.", duration_s(median))
        }
        (None, Some(p99)) => {
            format!("One order in a hundred took {} or longer in the queue's design.", duration_s(p99))
        }
        (None, None) if latency.p50.is_none() => "Behind the buffer, too, most orders were never confirmed.".to_owned(),
        (None, None) => "Behind the buffer, more than one order in a hundred was never confirmed.".to_owned(),
    }
}

fn all_or(lost: u64, admitted: u64, door: u64) -> String {
    let orders = if door == 0 { "orders" } else { "orders that were let in" };
    match lost {
        0 => format!("all {} {orders}", count(admitted)),
        lost => format!("all but {} of {} {orders}", count(lost), count(admitted)),
    }
}

/// Orders offered and not confirmed; declined ones had their answer.
fn unconfirmed(found: &DesignFindings) -> u64 {
    found.orders.offered - found.orders.confirmed - found.orders.declined
}

/// More than a second of work waited at one time.
fn had_backlog(report: &Report, buffered: &DesignFindings) -> bool {
    let peak = buffered.queue.map_or(0, |queue| queue.peak_backlog);
    let first = report.findings.first();
    let in_flight = first.designs.iter().find_map(|found| waiting_in_flight(report.subject, first, found));
    in_flight.is_some() || !hardly_any_backlog(report.subject, first, peak)
}

fn capital(design: Design) -> &'static str {
    match design {
        Design::Buffered => "Buffered",
        Design::Direct => "Direct",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::cases::cases;
    use crate::report::sample::Example;

    #[test]
    fn every_counter_case_has_its_own_sentence() {
        let mut said = Vec::new();
        for (name, subject, findings) in cases() {
            let example = Example { findings, subject, ..Example::flash_sale() };
            let verdict = verdict(&example.report());
            said.push(format!("{name}: {} {}", verdict.headline, verdict.lede).trim_end().to_owned());
        }
        let said = said.join("\n").replace('\u{a0}', " ") + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/verdicts.txt"), &said).unwrap();
        }
        assert_eq!(said, include_str!("verdicts.txt"));
    }
}
