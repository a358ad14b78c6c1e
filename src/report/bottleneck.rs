//! Which limit held a design back, from when to when, and what that cost. Every part of a report says it with these.

use super::subject::Report;
use super::words::{capitalised, count, duration_s};
use crate::measure::findings::{Design, DesignFindings, LimitFindings};

/// A limit that cost at least this share of what the bottleneck cost is named beside it.
const BESIDE: f64 = 0.5;

/// The limit that cost the most waiting; `None` where none was ever in the way.
pub fn bottleneck(found: &DesignFindings) -> Option<&LimitFindings> {
    let bound = found.limits.iter().filter(|limit| limit.bound_s > 0.0);
    // Of two that cost the same, the earlier in the list: it stands nearer to the door.
    bound.fold(None, |worst: Option<&LimitFindings>, limit| match worst {
        Some(worst) if (worst.cost_s, worst.bound_s) >= (limit.cost_s, limit.bound_s) => Some(worst),
        _ => Some(limit),
    })
}

/// The heading: what the bottleneck of each design is.
pub fn heading(report: &Report) -> String {
    let named = |found: &DesignFindings| {
        let limit = bottleneck(found)?;
        Some((found.design, format!("{} ({})", limit.name, count(limit.limit as u64))))
    };
    let all: Vec<(Design, String)> = report.findings.designs.iter().filter_map(named).collect();
    match (all.as_slice(), report.findings.designs.len()) {
        ([], _) if report.findings.designs.iter().any(throttled_unseen) => {
            "No limit was seen in the way, and yet there were throttles".to_owned()
        }
        ([], _) => "No limit was ever in the way".to_owned(),
        ([(_, one), (_, other)], _) if one == other => format!("The bottleneck of both designs is {one}"),
        ([(_, one), (_, other)], _) => format!("The bottleneck is {one} in buffered, {other} in direct"),
        ([(design, one), ..], 2) => {
            format!("Only {} ran into a limit: its bottleneck is {one}", design.name())
        }
        ([(design, one), ..], _) => format!("The bottleneck of {} is {one}", design.name()),
    }
}

/// The evidence: what was used up, from when to when, and what waiting that cost.
pub fn sentence(report: &Report, found: &DesignFindings) -> String {
    let name = capitalised(found.design.name());
    let Some(worst) = bottleneck(found) else {
        return nearest(&name, found);
    };
    let (limit, lasted) = (count(worst.limit as u64), duration_s(worst.bound_s));
    let mut said = format!("{name}: {} ({limit}) was used up while work waited for {lasted} in all", worst.name);
    if let Some((first, last)) = worst.first_bound_at_s.zip(worst.last_bound_at_s) {
        said += &format!(", between {} and {}", moment(report, first), moment(report, last));
    }
    said += &cost(report, found, worst);
    let beside = found.limits.iter().filter(|limit| limit.name != worst.name && limit.bound_s > 0.0);
    for limit in beside.filter(|limit| limit.cost_s >= BESIDE * worst.cost_s) {
        let (most, lasted) = (count(limit.limit as u64), duration_s(limit.bound_s));
        said += &format!(" So was {} ({most}), for {lasted}.", limit.name);
    }
    said
}

/// What waited meanwhile, and how much that is for each order.
fn cost(report: &Report, found: &DesignFindings, limit: &LimitFindings) -> String {
    if limit.cost_s <= 0.0 || found.orders.offered == 0 {
        return ".".to_owned();
    }
    let per_order = per_order(report, found, limit);
    format!("; {} that time, {} for each order on average.", waited(found.design, &limit.name), duration_s(per_order))
}

/// The waiting that a limit cost, shared among all orders offered, in seconds; the cost is of one replication.
pub fn per_order(report: &Report, found: &DesignFindings, limit: &LimitFindings) -> f64 {
    limit.cost_s * f64::from(report.findings.replications()) / found.orders.offered.max(1) as f64
}

/// Who waits for a limit.
fn waited(design: Design, limit: &str) -> &'static str {
    match (limit, design) {
        ("start_execution" | "state_transition" | "send_task", _) => "callers waited during",
        ("inventory_connections", _) => "calls waited for a connection during",
        (_, Design::Buffered) => "messages waited in the queue during",
        (_, Design::Direct) => "orders backed off from throttles during",
    }
}

/// Where nothing bound: how near the nearest limit was.
/// Whether invocations were throttled though no limit was seen used up: a measurement knows only what it was told.
fn throttled_unseen(found: &DesignFindings) -> bool {
    found.lambda.throttles > 0 && found.limits.iter().all(|limit| limit.peak_use < limit.limit)
}

/// Of a design in which nobody waited for a limit.
fn nearest(name: &str, found: &DesignFindings) -> String {
    let throttles = count(found.lambda.throttles);
    if throttled_unseen(found) {
        return format!(
            "{name}: the services throttled {throttles} invocations by limits that cannot be seen from here."
        );
    }
    let used = |limit: &LimitFindings| limit.peak_use / limit.limit.max(1.0);
    let Some(limit) = found.limits.iter().max_by(|a, b| used(a).total_cmp(&used(b))) else {
        return format!("{name}: no limit is set.");
    };
    let most = count(limit.limit as u64);
    if found.lambda.throttles > 0 {
        return format!("{name}: {} ({most}) throttled {throttles} invocations, and nobody waited for it.", limit.name);
    }
    format!(
        "{name}: no limit was in the way; the nearest was {}, of which at most {} of {most} were used.",
        limit.name,
        count(limit.peak_use.round() as u64)
    )
}

/// An instant on the charts' clock, for example `+2 min` or `−30 s`.
pub fn moment(report: &Report, at_s: f64) -> String {
    match at_s - report.subject.origin_s {
        0.0 => "0".to_owned(),
        after if after > 0.0 => format!("+{}", duration_s(after)),
        before => format!("\u{2212}{}", duration_s(-before)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    fn limit(name: &'static str, bound_s: f64, cost_s: f64) -> LimitFindings {
        let (first, last) = (120.0, 120.0 + 2.0 * bound_s);
        let at = |seconds: f64| (bound_s > 0.0).then_some(seconds);
        LimitFindings {
            name: name.into(),
            limit: 20.0,
            peak_use: 7.0,
            bound_s,
            first_bound_at_s: at(first),
            last_bound_at_s: at(last),
            cost_s,
        }
    }

    fn said(buffered: Vec<LimitFindings>, direct: Vec<LimitFindings>) -> Vec<String> {
        let mut example = Example::flash_sale();
        example.findings.designs.iter_mut().for_each(|found| found.lambda.throttles = 0);
        example.findings.designs[0].limits = buffered;
        example.findings.designs[1].limits = direct;
        let report = example.report();
        let mut said = vec![heading(&report)];
        said.extend(report.findings.designs.iter().map(|found| sentence(&report, found).replace('\u{a0}', " ")));
        said
    }

    #[test]
    fn the_bottleneck_is_the_limit_that_cost_most_with_when_and_what() {
        let buffered = vec![
            limit("event_source_ramp", 12.0, 500.0),
            limit("maximum_concurrency", 100.0, 5_408_500.0),
            limit("reserved_concurrency", 90.0, 4_000_000.0),
        ];
        let said = said(buffered, vec![limit("reserved_concurrency", 60.0, 54_085.0)]);
        assert_eq!(
            said,
            [
                "The bottleneck is maximum_concurrency (20) in buffered, reserved_concurrency (20) in direct",
                "Buffered: maximum_concurrency (20) was used up while work waited for 1 min 40 s in all, between 0 and +3 min \
                 20 s; messages waited in the queue during that time, 1 min 40 s for each order on average. So was \
                 reserved_concurrency (20), for 1 min 30 s.",
                "Direct: reserved_concurrency (20) was used up while work waited for 1 min in all, between 0 and +2 min; \
                 orders backed off from throttles during that time, 1 s for each order on average.",
            ]
        );
    }

    #[test]
    fn where_nothing_bound_the_nearest_limit_is_named() {
        let idle = || limit("reserved_concurrency", 0.0, 0.0);
        let none = said(vec![idle()], vec![]);
        assert_eq!(
            none,
            [
                "No limit was ever in the way",
                "Buffered: no limit was in the way; the nearest was reserved_concurrency, of which at most 7 of 20 were used.",
                "Direct: no limit is set.",
            ]
        );
        let mut measured = Example::flash_sale();
        measured.findings.designs.iter_mut().for_each(|found| found.limits.clear());
        measured.findings.designs[1].lambda.throttles = 2;
        let report = measured.report();
        assert_eq!(heading(&report), "No limit was seen in the way, and yet there were throttles");
        assert_eq!(
            sentence(&report, &report.findings.designs[1]).replace('\u{a0}', " "),
            "Direct: the services throttled 2 invocations by limits that cannot be seen from here."
        );
        measured.findings.designs[1].limits =
            vec![LimitFindings { peak_use: 20.0, ..limit("reserved_concurrency", 0.0, 0.0) }];
        let report = measured.report();
        assert_eq!(
            sentence(&report, &report.findings.designs[1]).replace('\u{a0}', " "),
            "Direct: reserved_concurrency (20) throttled 2 invocations, and nobody waited for it."
        );
        let one = said(vec![idle()], vec![limit("reserved_concurrency", 1.0, 0.0)]);
        assert_eq!(one[0], "Only direct ran into a limit: its bottleneck is reserved_concurrency (20)");
        assert!(one[2].ends_with("between 0 and +2 s."), "{}", one[2]);
        let both = said(vec![limit("start_execution", 1.0, 3.0)], vec![limit("start_execution", 1.0, 3.0)]);
        assert_eq!(both[0], "The bottleneck of both designs is start_execution (20)");
    }
}
