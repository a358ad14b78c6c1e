//! The top of the page: what it is about, the verdict, the answers, the objectives.

use super::{class_of, escape};
use crate::measure::findings::{Design, DesignFindings};
use crate::report::bottleneck::moment;
use crate::report::chart::{hardly_any_backlog, waiting_in_flight};
use crate::report::rows::{promise, times};
use crate::report::subject::Report;
use crate::report::verdict::verdict;
use crate::report::words::{count, duration_or_never, duration_s, out_of, percent, share};
use std::fmt::Write;

/// What one design says to a card.
type Answer = fn(&Report, &DesignFindings) -> String;

/// What it is about, the verdict, and the answers.
pub fn top(report: &Report) -> String {
    let verdict = verdict(report);
    let designs = &report.findings.designs;
    let offered = designs.first().map_or(0, |found| found.orders.offered);
    let same = if designs.len() == 2 { ", the same for both designs" } else { "" };
    let orders = if offered == 1 { "order" } else { "orders" };
    let mut out = format!(
        "<header id=\"verdict\">\n<p class=\"eyebrow\">{}<br>{} {orders} in {}{}{same}</p>\n<h1>",
        escape(&report.subject.title),
        count(offered),
        times(report),
        duration_s(report.subject.arrivals_end_s)
    );
    for sentence in verdict.headline.split_inclusive(". ") {
        let _ = write!(out, "<span>{}</span> ", coloured(sentence.trim_end()));
    }
    out.push_str("</h1>\n");
    if !verdict.lede.is_empty() {
        let _ = writeln!(out, "<p class=\"lede\">{}</p>", escape(&verdict.lede));
    }
    out.push_str("<dl class=\"cards\">\n");
    for (name, answer) in cards(report) {
        let _ = write!(out, "<div><dt>{}</dt>", escape(&name));
        for found in designs {
            let (class, design) = (class_of(found.design), found.design.name());
            let words = escape(&answer(report, found));
            let (big, small) = words
                .split_once("; ")
                .map_or((words.as_str(), String::new()), |(big, small)| (big, format!(" {small}")));
            let _ = write!(out, "<dd class=\"{class}\"><b>{big}</b> <span>{design}{small}</span></dd>");
        }
        out.push_str("</div>\n");
    }
    out.push_str("</dl>\n");
    out.push_str(&objectives(report));
    out.push_str("</header>\n");
    out
}

/// A sentence with the names of the designs in their colours.
fn coloured(sentence: &str) -> String {
    let mut words = escape(sentence);
    for (name, class) in [("The queue", "b"), ("Buffered", "b"), ("Direct invocation", "d")] {
        if words.starts_with(name) {
            words = words.replacen(name, &format!("<i class=\"{class}\">{name}</i>"), 1);
        }
    }
    words
}

/// The four answers: confirmed, in time, the peak of what waits, and when it was gone.
fn cards(report: &Report) -> Vec<(String, Answer)> {
    let within = report
        .slo
        .iter()
        .filter_map(|slo| slo.within_s)
        .fold(None, |last: Option<f64>, within| Some(last.map_or(within, |last| last.max(within))));
    let in_time: (String, Answer) = match within.filter(|within| *within > 0.0) {
        Some(within) => (format!("Confirmed within {}", duration_s(within)), in_time),
        None => ("Half of all orders within".to_owned(), |_, found| duration_or_never(found.latency.all_offered.p50)),
    };
    vec![
        ("Confirmed".to_owned(), |_, found| {
            out_of(found.orders.confirmed, found.orders.offered).replace(" (", "; ").replace(')', "")
        }),
        in_time,
        ("Most that waited".to_owned(), peak),
        ("Nothing waits any more".to_owned(), drained),
    ]
}

fn in_time(report: &Report, found: &DesignFindings) -> String {
    let last = report.slo.iter().filter(|slo| slo.within_s.is_some());
    let last = last.max_by(|a, b| a.within_s.unwrap_or(0.0).total_cmp(&b.within_s.unwrap_or(0.0)));
    match last {
        Some(slo) if slo.design == found.design => slo.measured.map_or_else(|| "never".to_owned(), percent),
        Some(slo) => share(found.confirmed_within(slo.within_s.unwrap_or(0.0)), found.orders.offered),
        None => String::new(),
    }
}

fn peak(report: &Report, found: &DesignFindings) -> String {
    let (most, at, what) = match (found.queue, found.events) {
        (Some(queue), _) => {
            let what = if in_flight(report, found).is_none() { "messages" } else { "visible messages" };
            (queue.peak_backlog, queue.peak_backlog_at_s, what)
        }
        (None, Some(events)) => (events.peak_waiting, events.peak_waiting_at_s, "events"),
        (None, None) => {
            let rows = &report.findings.first().designs;
            let rows = rows.iter().find(|one| one.design == found.design).map_or(&[][..], |one| &one.timeline[..]);
            (rows.iter().map(|row| row.retries_waiting).max().unwrap_or(0), None, "retries")
        }
    };
    let at = at.filter(|_| most > 0).map_or_else(String::new, |at| format!(" at {}", moment(report, at)));
    format!("{}; {what}{at}", count(most))
}

/// Most messages in flight, where many of them only wait.
fn in_flight(report: &Report, found: &DesignFindings) -> Option<u64> {
    let findings = report.findings.first();
    let first = findings.designs.iter().find(|first| first.design == found.design)?;
    waiting_in_flight(report.subject, findings, first)
}

fn drained(report: &Report, found: &DesignFindings) -> String {
    let (peak, at) = match (found.queue, found.events) {
        (Some(queue), _) => (queue.peak_backlog, queue.drained_at_s),
        (None, Some(events)) => (events.peak_waiting, events.drained_at_s),
        (None, None) => return "–; keeps nothing".to_owned(),
    };
    match at {
        Some(at) => match in_flight(report, found) {
            None => moment(report, at),
            Some(most) => format!("{}; none visible, up to {} in flight", moment(report, at), count(most)),
        },
        None if peak == 0 => "–; nothing waited".to_owned(),
        None => "never".to_owned(),
    }
}

/// Objectives, each with its sign and, if missed, the word for it.
fn objectives(report: &Report) -> String {
    if report.slo.is_empty() {
        return String::new();
    }
    let met = report.slo.iter().filter(|slo| slo.met).count();
    let mut out = format!(
        "<h2 class=\"small\">Objectives: {} of {} met</h2>\n<ul class=\"promises\">\n",
        count(met as u64),
        count(report.slo.len() as u64)
    );
    for slo in report.slo {
        let (promise, measured) = promise(slo);
        out.push_str(&badge((slo.met, "Missed:"), &promise, &format!("measured {measured}")));
    }
    out + "</ul>\n"
}

/// Claims of the scenario, each with its sign.
pub fn claims(report: &Report) -> String {
    if report.claims.is_empty() {
        return String::new();
    }
    let held = report.claims.iter().filter(|claim| claim.held).count();
    let all = report.claims.len();
    let heading = if held == all {
        format!("All {} claims of this scenario hold", count(all as u64))
    } else {
        format!("{} of {} claims of this scenario do not hold", count((all - held) as u64), count(all as u64))
    };
    let heading = if all == 1 && held == 1 { "The claim of this scenario holds".to_owned() } else { heading };
    let mut out = format!("<section id=\"claims\">\n<h2>{heading}</h2>\n<ul class=\"promises\">\n");
    for claim in report.claims {
        out.push_str(&badge((claim.held, "Does not hold:"), &claim.claim, &claim.that));
    }
    out + "</ul>\n</section>\n"
}

fn badge((good, bad): (bool, &str), words: &str, detail: &str) -> String {
    let (class, sign, bad) =
        if good { ("met", "✓", String::new()) } else { ("missed", "✗", format!("<b>{bad}</b> ")) };
    format!(
        "<li class=\"{class}\"><i aria-hidden=\"true\">{sign}</i><div>{bad}{}<small>{}</small></div></li>\n",
        escape(words),
        escape(detail)
    )
}

/// The heading above the timeline: what the buffer did, or that there was nothing for it to do.
pub fn hero_heading(report: &Report) -> String {
    let (buffered, direct) = (report.design(Design::Buffered), report.design(Design::Direct));
    let backlog = buffered.and_then(|found| found.queue).map_or(0, |queue| queue.peak_backlog);
    let in_flight = buffered.and_then(|found| in_flight(report, found));
    let kept = match in_flight {
        None => format!("{} orders", count(backlog)),
        Some(in_flight) => format!("{} visible orders and {} in flight", count(backlog), count(in_flight)),
    };
    let real = in_flight.is_some() || !hardly_any_backlog(report.subject, report.findings.first(), backlog);
    let unanswered = |found: &DesignFindings| found.orders.offered - found.orders.confirmed - found.orders.declined;
    match (buffered, direct) {
        (Some(_), Some(_)) if !real => "Nothing had to wait for long: a buffer had nothing to do".to_owned(),
        (Some(buffered), Some(direct)) if unanswered(buffered) < unanswered(direct) => {
            format!("A backlog is time bought: the queue kept up to {kept} that the function could not take yet")
        }
        (Some(buffered), Some(direct)) if unanswered(buffered) > unanswered(direct) => {
            format!("A backlog is no help in itself: up to {kept} waited, and more were lost than without")
        }
        (Some(_), _) => format!("Up to {kept} waited in the queue at once"),
        _ => "What happened over time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::caption::backlog;
    use crate::report::chart::cases::cases;
    use crate::report::sample::Example;

    fn heading_of(wanted: &str) -> String {
        let (_, subject, findings) = cases().into_iter().find(|(name, ..)| *name == wanted).unwrap();
        let example = Example { findings, subject, ..Example::flash_sale() };
        hero_heading(&example.report())
    }

    #[test]
    fn the_heading_over_time_takes_no_design_for_the_winner() {
        assert_eq!(
            heading_of("flash-sale"),
            "A backlog is time bought: the queue kept up to 28,499 orders that the function could not take yet"
                .replace("28,499", &count(cases()[0].2.designs[0].queue.unwrap().peak_backlog))
        );
        assert!(heading_of("buffered-worse").starts_with("A backlog is no help in itself: up to "));
        assert_eq!(heading_of("nothing-lost"), "Nothing had to wait for long: a buffer had nothing to do");
        assert!(heading_of("only-buffered").starts_with("Up to "));
        assert_eq!(heading_of("only-direct"), "What happened over time");
        assert_eq!(heading_of("empty"), "Nothing had to wait for long: a buffer had nothing to do");
    }

    #[test]
    fn the_heading_and_the_chart_below_it_call_the_same_backlog_one() {
        let mut example = Example::flash_sale();
        // Nobody knows how much the function can do: a second of the rush is the measure.
        example.subject.capacity_per_s = None;
        for (peak, is_one) in [(0, false), (1, false), (400, false), (5_000, true)] {
            example.findings.designs[0].queue.as_mut().unwrap().peak_backlog = peak;
            let report = example.report();
            let title = backlog(report.subject, report.findings).unwrap();
            assert_eq!(title.starts_with("The backlog is the buffer"), is_one, "{title}");
            assert_eq!(
                hero_heading(&report).starts_with("A backlog is time bought"),
                is_one,
                "{}",
                hero_heading(&report)
            );
        }
    }

    #[test]
    fn the_cards_answer_for_each_design() {
        let example = Example::flash_sale();
        let html = top(&example.report()).replace('\u{a0}', " ");
        for part in [
            "<dt>Confirmed</dt><dd class=\"b\"><b>all but 3</b> <span>buffered</span></dd><dd class=\"d\"><b>29,636</b> <span>direct 54.8 %</span>",
            "<dt>Confirmed within 10 min</dt>",
            "<dt>Most that waited</dt>",
            "<b>–</b> <span>direct keeps nothing</span>",
            "Objectives: 1 of 4 met",
        ] {
            assert!(html.contains(part), "{part}\nin\n{html}");
        }
    }
}
