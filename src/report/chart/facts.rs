//! What the charts and their captions both need to know about a result.

use crate::measure::findings::{Design, DesignFindings, Findings, LimitFindings, SloVerdict, TimelineRow, Unit};
use crate::report::chart::series::step_s;
use crate::report::subject::Subject;
use crate::report::words::duration_s;

/// The findings of one design, if it ran.
pub fn of(findings: &Findings, design: Design) -> Option<&DesignFindings> {
    findings.designs.iter().find(|found| found.design == design)
}

/// Both designs, if both ran.
pub fn both(findings: &Findings) -> Option<(&DesignFindings, &DesignFindings)> {
    Some((of(findings, Design::Buffered)?, of(findings, Design::Direct)?))
}

/// The limits on executions at once that bear on a design; the mapping's ramp is none.
pub fn concurrency_limits(design: &DesignFindings) -> impl Iterator<Item = &LimitFindings> {
    design.limits.iter().filter(|limit| limit.name.ends_with("concurrency"))
}

/// Whether any limit on executions at once, or on connections, bears on a design.
pub fn is_limited(findings: &Findings) -> bool {
    let connections = |design: &DesignFindings| design.limits.iter().any(|limit| limit.name == "inventory_connections");
    findings.designs.iter().any(|design| concurrency_limits(design).next().is_some() || connections(design))
}

/// Orders that failed, timed out or were refused.
pub fn lost(design: &DesignFindings) -> u64 {
    design.orders.failed + design.orders.timed_out + design.orders.refused
}

/// The most orders per second: of a phase, or (without phases) of a step of the timeline.
pub fn peak_rate(subject: &Subject, findings: &Findings) -> f64 {
    let peak = subject.phases.iter().map(|phase| phase.peak_rate).fold(0.0, f64::max);
    if peak > 0.0 && peak.is_finite() {
        return peak;
    }
    let rows = findings.designs.first().map_or(&[][..], |design| &design.timeline[..]);
    rows.iter().map(|row| row.offered).max().unwrap_or(0) as f64 / step_s(findings)
}

/// Whether the backlog never holds more than about one second of work.
pub fn hardly_any_backlog(subject: &Subject, findings: &Findings, peak: u64) -> bool {
    peak as f64 <= subject.capacity_per_s.unwrap_or_else(|| peak_rate(subject, findings)).max(1.0)
}

/// Most messages in flight at one time, where many of them only waited: received, but in no environment. An environment
/// counts as holding as many as an invocation had, rounded up. `None` where never more than a second of work waited so,
/// or less than a third of what was visible: then the visible backlog is all there is to tell.
pub fn waiting_in_flight(subject: &Subject, findings: &Findings, found: &DesignFindings) -> Option<u64> {
    let queue = found.queue?;
    let attempts = found.work.useful.attempts + found.work.wasted.attempts;
    let of_one = attempts.div_ceil(found.lambda.invocations.max(1));
    let waiting = |row: &TimelineRow| row.in_flight.saturating_sub(row.concurrency.saturating_mul(of_one));
    let most = found.timeline.iter().map(waiting).max()?;
    let few = most.saturating_mul(3) < queue.peak_backlog || hardly_any_backlog(subject, findings, most);
    if few { None } else { found.timeline.iter().map(|row| row.in_flight).max() }
}

/// When the backlog was largest and when it was gone, if it was one to speak of: seconds since the run began.
pub fn backlog_marks(subject: &Subject, findings: &Findings) -> Vec<f64> {
    let queue = of(findings, Design::Buffered).and_then(|buffered| buffered.queue);
    let real = queue.filter(|queue| !hardly_any_backlog(subject, findings, queue.peak_backlog));
    real.map_or(Vec::new(), |queue| [queue.peak_backlog_at_s, queue.drained_at_s].into_iter().flatten().collect())
}

/// The last time before the backlog's peak at which it was almost nothing: seconds since the run began.
pub fn backlog_began(design: &DesignFindings, peak: u64, peak_at_s: f64) -> f64 {
    let low = |row: &&TimelineRow| row.time_s <= peak_at_s && row.backlog * 100 <= peak;
    design.timeline.iter().rev().find(low).map_or(0.0, |row| row.time_s)
}

/// Executions at once on average from one time to another.
pub fn mean_busy(design: &DesignFindings, from_s: f64, until_s: f64) -> Option<f64> {
    let rows = design.timeline.iter().skip_while(|row| row.time_s < from_s);
    let rows: Vec<u64> = rows.take_while(|row| row.time_s < until_s).map(|row| row.concurrency).collect();
    (!rows.is_empty()).then(|| rows.iter().sum::<u64>() as f64 / rows.len() as f64)
}

/// How often the backlog builds up: rises above a fifth of its peak, having been almost nothing.
pub fn hills(design: &DesignFindings, peak: u64) -> usize {
    let (mut hills, mut up) = (0, false);
    for row in &design.timeline {
        if !up && row.backlog * 5 > peak {
            (hills, up) = (hills + 1, true);
        } else if up && row.backlog * 50 <= peak {
            up = false;
        }
    }
    hills
}

/// Orders confirmed within the time of an objective: as measured for it, else as the histogram tells.
pub fn confirmed_for(design: &DesignFindings, goal: &SloVerdict, within_s: f64) -> u64 {
    match goal.measured {
        Some(share) if goal.design == design.design => (share * design.orders.offered as f64).round() as u64,
        _ => design.confirmed_within(within_s),
    }
}

/// The objectives about a share of orders within a time: seconds and share, each once, by time.
pub fn goals(slo: &[SloVerdict]) -> Vec<(f64, &SloVerdict)> {
    let mut goals: Vec<(f64, &SloVerdict)> = Vec::new();
    for verdict in slo.iter().filter(|verdict| verdict.unit == Unit::Share) {
        let Some(within) = verdict.within_s.filter(|within| *within > 0.0) else { continue };
        if !goals.iter().any(|(other, goal)| *other == within && goal.limit_value == verdict.limit_value) {
            goals.push((within, verdict));
        }
    }
    goals.sort_by(|a, b| a.0.total_cmp(&b.0));
    goals
}

/// When buffered, having been behind direct, first has confirmed as large a share of all orders: seconds.
pub fn overtakes_at(buffered: &DesignFindings, direct: &DesignFindings) -> Option<f64> {
    let (mine, theirs) = (buffered.orders.offered.max(1) as f64, direct.orders.offered.max(1) as f64);
    let mut events: Vec<(u64, bool, u64)> = Vec::new();
    for (design, is_buffered) in [(buffered, true), (direct, false)] {
        events.extend(design.latency.histogram.0.iter().map(|(edge, count)| (*edge, is_buffered, *count)));
    }
    events.sort_unstable();
    let (mut ahead, mut crossing) = ((0, 0), None);
    let mut was_behind = false;
    for same in events.chunk_by(|a, b| a.0 == b.0) {
        for (_, is_buffered, count) in same {
            if *is_buffered { ahead.0 += count } else { ahead.1 += count }
        }
        let lead = ahead.0 as f64 / mine - ahead.1 as f64 / theirs;
        // Being a hair's breadth behind is not being behind.
        if lead < -0.01 {
            (was_behind, crossing) = (true, None);
        } else if was_behind && lead > 0.0 && crossing.is_none() {
            crossing = Some(same[0].0 as f64 / 1e6);
        }
    }
    crossing
}

/// Whether buffered is never ahead of direct by more than a hair's breadth, and behind at some time.
pub fn direct_always_ahead(buffered: &DesignFindings, direct: &DesignFindings) -> bool {
    let edges = buffered.latency.histogram.0.iter().chain(direct.latency.histogram.0.iter());
    let share = |design: &DesignFindings, seconds: f64| {
        design.confirmed_within(seconds) as f64 / design.orders.offered.max(1) as f64
    };
    // At each percentile-like point of either curve; a histogram has some thousand buckets at most.
    let mut behind = false;
    for (i, (edge, _)) in edges.enumerate() {
        if i % 16 != 0 {
            continue;
        }
        let seconds = *edge as f64 / 1e6;
        let lead = share(buffered, seconds) - share(direct, seconds);
        if lead > 0.001 {
            return false;
        }
        behind |= lead < -0.01;
    }
    behind && buffered.orders.confirmed <= direct.orders.confirmed
}

/// How an order ended, as a chart tells it apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// Confirmed within so many seconds, which were promised.
    InTime(f64),
    /// Confirmed after them.
    Late(f64),
    /// Confirmed, where nothing was promised about the time.
    Confirmed,
    /// Answered with no.
    Declined,
    /// Its task ended in an error.
    Failed,
    /// Its task was given up.
    TimedOut,
    /// It was not let in.
    Refused,
    /// Still waiting when the run stopped.
    Open,
}

impl Ending {
    /// Whether the order was confirmed.
    pub fn confirmed(self) -> bool {
        matches!(self, Ending::InTime(_) | Ending::Late(_) | Ending::Confirmed)
    }

    /// Behind a number of orders.
    pub fn words(self) -> String {
        match self {
            Ending::InTime(within_s) => format!("confirmed within {}", duration_s(within_s)),
            Ending::Late(_) => "confirmed later".to_owned(),
            Ending::Confirmed => "confirmed".to_owned(),
            Ending::Declined => "declined".to_owned(),
            Ending::Failed => "failed".to_owned(),
            Ending::TimedOut => "timed out".to_owned(),
            Ending::Refused => "refused".to_owned(),
            Ending::Open => "still open".to_owned(),
        }
    }
}

/// How the orders of a design ended: those endings that occurred, with their orders, which sum to all offered.
pub fn endings(found: &DesignFindings, goal: Option<(f64, &SloVerdict)>) -> Vec<(Ending, u64)> {
    let orders = found.orders;
    let mut endings = match goal {
        Some((within_s, verdict)) => {
            let in_time = confirmed_for(found, verdict, within_s).min(orders.confirmed);
            vec![(Ending::InTime(within_s), in_time), (Ending::Late(within_s), orders.confirmed - in_time)]
        }
        None => vec![(Ending::Confirmed, orders.confirmed)],
    };
    endings.extend([
        (Ending::Declined, orders.declined),
        (Ending::Failed, orders.failed),
        (Ending::TimedOut, orders.timed_out),
        (Ending::Refused, orders.refused),
        (Ending::Open, orders.open),
    ]);
    endings.retain(|(_, orders)| *orders > 0);
    endings
}
