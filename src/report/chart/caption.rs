//! The findings as titles. Each is the first sentence whose guard holds; the last one has none. `None` only where
//! nothing ran. No sentence takes the queue, or direct invocation, for the winner.

use crate::measure::findings::{Design, DesignFindings, Findings, QueueFindings, SloVerdict};
use crate::report::chart::facts;
use crate::report::subject::Subject;
use crate::report::words::{capitalised, count, duration_s, rate, share};

/// Panel 1: what arrives against what the function can do.
pub fn offered_and_confirmed(subject: &Subject, findings: &Findings) -> Option<String> {
    if findings.designs.first()?.orders.offered == 0 {
        return Some("No order arrives".to_owned());
    }
    let peak = facts::peak_rate(subject, findings);
    let Some(capacity) = subject.capacity_per_s else {
        let free = if facts::is_limited(findings) { "" } else { "; no limit holds the function back" };
        return Some(format!("Orders arrive at up to {}{free}", rate(peak)));
    };
    let (peak_words, capacity_words) = (rate(peak), rate(capacity));
    if peak <= capacity {
        return Some(format!("Orders arrive at up to {peak_words}; the function can confirm {capacity_words}"));
    }
    let queue_copes = facts::both(findings).is_some_and(|(buffered, direct)| {
        let few = facts::lost(buffered) * 100 < buffered.orders.offered && buffered.orders.open == 0;
        few && facts::lost(direct) * 100 >= direct.orders.offered
    });
    let keeps_none = facts::of(findings, Design::Direct).is_none_or(|direct| direct.events.is_none());
    Some(if queue_copes && keeps_none {
        format!(
            "Orders arrive at up to {peak_words}, the function confirms {capacity_words}: only the queue keeps the rest"
        )
    } else {
        format!("Orders arrive at up to {peak_words}, but the function can confirm only {capacity_words}")
    })
}

/// Panel 2: how long the backlog grew and drained.
pub fn backlog(subject: &Subject, findings: &Findings) -> Option<String> {
    let Some(queue) = facts::of(findings, Design::Buffered).and_then(|buffered| buffered.queue) else {
        let direct = facts::of(findings, Design::Direct)?;
        if let Some(events) = direct.events {
            return Some(match events.peak_waiting {
                0 => "No backlog: no event has to wait in Lambda\u{2019}s own queue".to_owned(),
                most => format!("Lambda\u{2019}s own queue keeps at most {} events waiting", count(most)),
            });
        }
        return Some(match most_retries(direct) {
            0 => "Direct invocation has no backlog, and no order waits for a retry".to_owned(),
            most => format!("Direct invocation has no backlog: at most {} orders wait for a retry", count(most)),
        });
    };
    let buffered = facts::of(findings, Design::Buffered)?;
    if let Some(in_flight) = facts::waiting_in_flight(subject, findings, buffered) {
        return Some(visible_backlog(subject, findings, (buffered, queue), in_flight));
    }
    if queue.peak_backlog == 0 {
        return Some("No backlog: no message has to wait in the queue".to_owned());
    }
    if facts::hardly_any_backlog(subject, findings, queue.peak_backlog) {
        return Some(format!("Hardly any backlog: at most {} messages", count(queue.peak_backlog)));
    }
    let hills = facts::hills(buffered, queue.peak_backlog);
    if hills > 1 {
        let most = count(queue.peak_backlog);
        return Some(format!("The backlog builds up {hills} times; the highest peak is {most} messages"));
    }
    let peak_at = queue.peak_backlog_at_s.unwrap_or(0.0);
    let grows = duration_s(peak_at - facts::backlog_began(buffered, queue.peak_backlog, peak_at));
    let left = buffered.timeline.last().map_or(0, |row| row.backlog);
    Some(match queue.drained_at_s {
        Some(drained) => {
            format!(
                "The backlog is the buffer: it grows for {grows}, then drains for {}",
                duration_s(drained - peak_at)
            )
        }
        None => format!("The backlog grows for {grows} and is still {} when the run ends", count(left)),
    })
}

/// Where much of what waits is in flight: what became of the messages that are visible, and how many are not.
fn visible_backlog(
    subject: &Subject,
    findings: &Findings,
    (buffered, queue): (&DesignFindings, QueueFindings),
    in_flight: u64,
) -> String {
    let (peak, in_flight) = (queue.peak_backlog, count(in_flight));
    let hills = facts::hills(buffered, peak);
    let peak_at = queue.peak_backlog_at_s.unwrap_or(0.0);
    let visible = if facts::hardly_any_backlog(subject, findings, peak) {
        format!("At most {} messages are visible", count(peak))
    } else if hills > 1 {
        format!("Visible messages pile up {hills} times, to {} at most", count(peak))
    } else {
        let grows = duration_s(peak_at - facts::backlog_began(buffered, peak, peak_at));
        match queue.drained_at_s {
            Some(drained) => {
                format!("Visible messages grow for {grows} and are gone {} later", duration_s(drained - peak_at))
            }
            None => format!("Visible messages grow for {grows} and are not gone when the run ends"),
        }
    };
    format!("{visible}; up to {in_flight} wait in flight or are worked on")
}

/// The most orders that waited for a retry at once.
pub fn most_retries(design: &DesignFindings) -> u64 {
    design.timeline.iter().map(|row| row.retries_waiting).max().unwrap_or(0)
}

/// Where the designs share no limit: who ran into one of its own.
fn own_limits(findings: &Findings, most: u64) -> String {
    let reached = findings.designs.iter().filter_map(|design| {
        let limit = facts::concurrency_limits(design).find(|limit| limit.bound_s > 0.0)?;
        Some(format!("{} runs into {} ({})", design.design.name(), limit.name, count(limit.limit as u64)))
    });
    let reached: Vec<String> = reached.collect();
    match (reached.is_empty(), facts::is_limited(findings)) {
        (false, _) => capitalised(&reached.join("; ")),
        (true, true) => format!("At most {} executions run at once; no limit is reached", count(most)),
        (true, false) => format!("At most {} executions run at once; no limit is set", count(most)),
    }
}

/// Panel 3: who ran into the concurrency limit.
pub fn concurrency(subject: &Subject, findings: &Findings) -> Option<String> {
    let peaks: Vec<(Design, u64)> =
        findings.designs.iter().map(|design| (design.design, design.lambda.peak_concurrency)).collect();
    let most = peaks.iter().map(|peak| peak.1).max()?;
    let Some((limit, _)) = subject.concurrency_limit else {
        return Some(own_limits(findings, most));
    };
    let at_limit: Vec<Design> = peaks.iter().filter(|peak| peak.1 >= limit).map(|peak| peak.0).collect();
    let words = count(limit);
    Some(match (at_limit.as_slice(), peaks.len()) {
        ([_, _], _) => match busy_until(subject, findings) {
            Some((until, busy)) if busy >= 0.95 * limit as f64 => {
                format!("Both run into the same limit of {words}; the queue keeps all {words} busy until +{until}")
            }
            Some((until, busy)) => format!(
                "Both run into the same limit of {words}; while the backlog lasts, until +{until}, buffered keeps {busy:.1} of \
                 them busy on average"
            ),
            None => format!("Both run into the same limit of {words}"),
        },
        ([one], 2) => format!("Only {} reaches the limit of {words}", one.name()),
        ([one], _) => format!("{} runs into the limit of {words}", subject_of(*one)),
        (_, 2) => format!("Neither reaches the limit of {words}; the peak is {}", count(most)),
        _ => format!("The limit of {words} is not reached; the peak is {}", count(most)),
    })
}

/// When the backlog was gone, in words, counted from the origin, and the executions at once that buffered had on average
/// while it lasted; `None` if there was no backlog to speak of, or several, or much of it in flight.
fn busy_until(subject: &Subject, findings: &Findings) -> Option<(String, f64)> {
    let buffered = facts::of(findings, Design::Buffered)?;
    let queue = buffered.queue?;
    let after = queue.drained_at_s? - subject.origin_s;
    let real = !facts::hardly_any_backlog(subject, findings, queue.peak_backlog);
    let once = facts::hills(buffered, queue.peak_backlog) <= 1;
    let began = facts::backlog_began(buffered, queue.peak_backlog, queue.peak_backlog_at_s?);
    let all_seen = facts::waiting_in_flight(subject, findings, buffered).is_none();
    let busy = facts::mean_busy(buffered, began, queue.drained_at_s?)?;
    (real && once && all_seen && after > 0.0).then(|| (duration_s(after), busy))
}

/// A design as the subject of a sentence.
fn subject_of(design: Design) -> &'static str {
    match design {
        Design::Buffered => "Buffered",
        Design::Direct => "Direct invocation",
    }
}

/// Panel 4: what was lost.
pub fn losses(_: &Subject, findings: &Findings) -> Option<String> {
    let first = findings.designs.first()?;
    let counted = |design: &DesignFindings| {
        let (lost, offered) = (facts::lost(design), design.orders.offered);
        let orders = if lost == 1 { "order" } else { "orders" };
        // A small part is a count; its share would be a rounded nothing.
        let part = if lost * 1_000 >= offered { format!(" ({})", share(lost, offered)) } else { String::new() };
        format!("{} loses {} {orders}{part}", subject_of(design.design), count(lost))
    };
    let open: u64 = findings.designs.iter().map(|design| design.orders.open).max().unwrap_or(0);
    let Some((buffered, direct)) = facts::both(findings) else {
        return Some(if facts::lost(first) > 0 { counted(first) } else { none_lost("No order is lost", open) });
    };
    let (worse, better) =
        if facts::lost(buffered) > facts::lost(direct) { (buffered, direct) } else { (direct, buffered) };
    if facts::lost(worse) == 0 {
        return Some(none_lost("No order is lost in either design", open));
    }
    let rest = match (facts::lost(better), better.orders.open) {
        (0, 0) => "none".to_owned(),
        (0, open) => format!("none, but {} are still open when the run ends", count(open)),
        (lost, _) => count(lost),
    };
    Some(format!("{}; {} loses {rest}", counted(worse), better.design.name()))
}

fn none_lost(words: &str, open: u64) -> String {
    match open {
        0 => words.to_owned(),
        open => format!("{words}, but {} are still open when the run ends", count(open)),
    }
}

/// Confirmed-within: which design is ahead, and when.
pub fn within(findings: &Findings, slo: &[SloVerdict]) -> Option<String> {
    let first = findings.designs.first()?;
    if findings.designs.iter().all(|design| design.orders.confirmed == 0) {
        return Some("No order is confirmed".to_owned());
    }
    let goal = facts::goals(slo).into_iter().next_back();
    let reached = |design: &DesignFindings| {
        let confirmed = match goal {
            Some((within_s, goal)) => facts::confirmed_for(design, goal, within_s),
            None => design.orders.confirmed,
        };
        share(confirmed, design.orders.offered)
    };
    let when = goal.map_or("in the end".to_owned(), |(within_s, _)| format!("within {}", duration_s(within_s)));
    let Some((buffered, direct)) = facts::both(findings) else {
        return Some(format!("{} confirms {} of all orders {when}", subject_of(first.design), reached(first)));
    };
    let (of_buffered, of_direct) = (reached(buffered), reached(direct));
    if buffered.latency.histogram == direct.latency.histogram {
        return Some(format!("Both designs confirm {of_buffered} of all orders {when}, equally fast"));
    }
    if facts::direct_always_ahead(buffered, direct) {
        return Some(if of_buffered == of_direct {
            format!("Both designs confirm {of_buffered} of all orders {when}; direct invocation is always ahead")
        } else {
            format!("Direct is ahead at every moment: {of_direct} against {of_buffered} {when}")
        });
    }
    let crossing = facts::overtakes_at(buffered, direct);
    if let (Some(at), Some((within_s, _))) = (crossing, goal)
        && at > within_s
    {
        let after = duration_s(at);
        return Some(format!(
            "Direct confirms {of_direct} of all orders {when}, buffered {of_buffered}: it overtakes only after {after}"
        ));
    }
    // What Lambda keeps and tries again may be answered at any time.
    let in_seconds = direct.events.is_none() && direct.latency.confirmed.p50.is_some_and(|median| median < 60.0);
    if crossing.is_some() && in_seconds && direct.orders.confirmed < buffered.orders.confirmed {
        let stops = share(direct.orders.confirmed, direct.orders.offered);
        return Some(format!(
            "Direct answers in seconds, but stops at {stops}; buffered confirms {of_buffered} {when}"
        ));
    }
    Some(format!("Buffered confirms {of_buffered} of all orders {when}, direct {of_direct}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::EventFindings;
    use crate::report::chart::caption_ends;
    use crate::report::sample::Example;

    /// The sample, with direct invocation asynchronous.
    fn asynchronous() -> Example {
        let mut example = Example::flash_sale();
        let direct = example.findings.designs.iter_mut().find(|found| found.design == Design::Direct).unwrap();
        direct.events = Some(EventFindings { peak_waiting: 1_200, max_event_age_s: 90.0, ..EventFindings::default() });
        example
    }

    #[test]
    fn lambdas_own_queue_keeps_orders_too() {
        let plain = Example::flash_sale();
        let said = |example: &Example| offered_and_confirmed(&example.subject, &example.findings).unwrap();
        assert!(said(&plain).ends_with("only the queue keeps the rest"), "{}", said(&plain));
        let keeps = asynchronous();
        assert!(!said(&keeps).contains("only the queue"), "{}", said(&keeps));
        let answers = |example: &Example| within(&example.findings, &[]).unwrap();
        assert!(answers(&plain).starts_with("Direct answers in seconds, but stops at"), "{}", answers(&plain));
        assert!(answers(&keeps).starts_with("Buffered confirms"), "{}", answers(&keeps));
    }

    #[test]
    fn a_backlog_in_flight_is_not_passed_over() {
        let Example { subject, mut findings, .. } = Example::flash_sale();
        let said = |findings: &Findings| {
            let titles = [backlog(&subject, findings), concurrency(&subject, findings)];
            titles.map(Option::unwrap).join(" | ").replace('\u{a0}', " ")
        };
        assert!(said(&findings).starts_with("The backlog is the buffer: it grows for "), "{}", said(&findings));
        // What environments hold is being worked on: twenty batches of ten.
        findings.designs[0].lambda.invocations = findings.designs[0].work.useful.attempts / 10;
        findings.designs[0].timeline.iter_mut().for_each(|row| row.in_flight = 10 * row.concurrency);
        assert!(said(&findings).starts_with("The backlog is the buffer: it grows for "), "{}", said(&findings));
        // Thousands more are in the hands of pollers that the function refuses.
        findings.designs[0].timeline.iter_mut().for_each(|row| row.in_flight += 12_345);
        let words = said(&findings);
        assert!(words.starts_with("Visible messages grow for "), "{words}");
        assert!(words.contains("; up to 12,545 wait in flight or are worked on | "), "{words}");
        assert!(words.ends_with("| Both run into the same limit of 20"), "{words}");
        findings.designs[0].queue.as_mut().unwrap().peak_backlog = 3;
        assert!(said(&findings).starts_with("At most 3 messages are visible; up to 12,545 "), "{}", said(&findings));
    }

    #[test]
    fn who_keeps_a_limit_busy_is_said_by_what_was_measured() {
        let Example { subject, mut findings, .. } = Example::flash_sale();
        let said = |findings: &Findings| concurrency(&subject, findings).unwrap().replace('\u{a0}', " ");
        assert!(said(&findings).contains("the queue keeps all 20 busy until +"), "{}", said(&findings));
        // A backlog that the function does not get at: an outage behind it.
        findings.designs[0].timeline.iter_mut().for_each(|row| row.concurrency /= 2);
        assert!(said(&findings).contains("buffered keeps 10.0 of them busy on average"), "{}", said(&findings));
    }

    #[test]
    fn alone_asynchronous_direct_speaks_of_lambdas_own_queue() {
        let Example { subject, mut findings, .. } = asynchronous();
        findings.designs.retain(|found| found.design == Design::Direct);
        let titles = [backlog(&subject, &findings), caption_ends::waiting(&subject, &findings)].map(Option::unwrap);
        let said = titles.join(" | ").replace(['\u{a0}', '\u{2019}'], " ");
        assert_eq!(
            said,
            "Lambda s own queue keeps at most 1,200 events waiting | There is no SQS queue; the oldest event in Lambda s \
             own queue grew 1 min 30 s old"
        );
        findings.designs[0].events = Some(EventFindings::default());
        assert!(backlog(&subject, &findings).unwrap().starts_with("No backlog: no event has to wait"));
    }
}
