//! Service level objectives against findings.

use super::run::findings_of;
use crate::measure::findings::{DesignFindings, Findings, SloVerdict, Unit};
use crate::random::Streams;
use crate::scenario::{Horizon, Op, Scenario, Slo, SloMeasure};
use crate::time::SimTime;
use crate::workload::Workload;

/// Judges every objective whose design was run. One about a queue is held against the queue that the design has: SQS in
/// buffered, Lambda's own in direct with asynchronous invocation; where there is none, it is not judged.
pub fn judge(scenario: &Scenario, findings: &Findings) -> Vec<SloVerdict> {
    let drained = scenario.slo.iter().any(|slo| slo.measure == SloMeasure::DrainedWithin);
    let last_of_origin = if drained { mean_last_arrival_of_origin(scenario) } else { 0.0 };
    let verdict = |slo: &Slo| {
        let found = findings_of(findings, slo.design)?;
        let measured = measure(slo, found, findings.replications(), last_of_origin)?;
        Some(verdict(slo, measured))
    };
    scenario.slo.iter().filter_map(verdict).collect()
}

fn verdict(slo: &Slo, measured: Measured) -> SloVerdict {
    let (value, met) = match measured {
        Measured::Value(value) => (Some(value), holds(value, slo.op, slo.limit)),
        Measured::Never => (None, never_meets(slo.op)),
        Measured::Nothing => (None, false),
    };
    let within_s = match slo.measure {
        SloMeasure::ConfirmedWithin(within) => Some(within.as_secs_f64()),
        _ => None,
    };
    SloVerdict {
        name: slo.name.clone(),
        design: slo.design,
        limit: slo.written.clone(),
        limit_value: slo.limit,
        measured: value,
        unit: slo.unit,
        met,
        within_s,
    }
}

/// Never is longer than any limit: it meets only an objective that asks for more.
fn never_meets(op: Op) -> bool {
    match op {
        Op::AtLeast | Op::Above => true,
        Op::AtMost | Op::Below | Op::Equal => false,
    }
}

/// Whether a comparison holds.
pub fn holds(left: f64, op: Op, right: f64) -> bool {
    match op {
        Op::AtLeast => left >= right,
        Op::AtMost => left <= right,
        Op::Below => left < right,
        Op::Above => left > right,
        Op::Equal => left == right,
    }
}

enum Measured {
    Value(f64),
    /// Longer than any time.
    Never,
    /// A share of no orders at all: no objective is met by it.
    Nothing,
}

/// The measured value in the objective's unit; `None` where it has no meaning for the design. A count is that of one
/// replication on average: an objective speaks of one run.
fn measure(slo: &Slo, found: &DesignFindings, replications: u32, last_of_origin: f64) -> Option<Measured> {
    let orders = &found.orders;
    let counted = |count: u64| match slo.unit {
        Unit::Share if orders.offered == 0 => Measured::Nothing,
        Unit::Share => Measured::Value(count as f64 / orders.offered as f64),
        Unit::Count | Unit::Duration | Unit::Usd => Measured::Value(count as f64 / f64::from(replications)),
    };
    let latency = |value: Option<f64>| value.map_or(Measured::Never, Measured::Value);
    Some(match slo.measure {
        SloMeasure::Confirmed => counted(orders.confirmed),
        SloMeasure::Declined => counted(orders.declined),
        SloMeasure::Failed => counted(orders.failed),
        SloMeasure::TimedOut => counted(orders.timed_out),
        SloMeasure::Refused => counted(orders.refused),
        SloMeasure::DeadLettered => counted(found.queue?.dead_lettered),
        SloMeasure::ConfirmedWithin(within) => counted(found.confirmed_within(within.as_secs_f64())),
        SloMeasure::LatencyP50 => latency(found.latency.all_offered.p50),
        SloMeasure::LatencyP90 => latency(found.latency.all_offered.p90),
        SloMeasure::LatencyP99 => latency(found.latency.all_offered.p99),
        SloMeasure::OldestMessage => Measured::Value(stock(found)?.oldest_s),
        SloMeasure::DrainedWithin => drained_after(&stock(found)?, last_of_origin),
        SloMeasure::Oversold => counted(found.inventory.oversold),
        SloMeasure::CostPer1000 => found.cost.per_1000_confirmed.map_or(Measured::Nothing, Measured::Value),
    })
}

/// What a queue kept, SQS's or Lambda's own.
struct Stock {
    peak: u64,
    drained_at_s: Option<f64>,
    oldest_s: f64,
}

fn stock(found: &DesignFindings) -> Option<Stock> {
    let sqs = found.queue.map(|queue| Stock {
        peak: queue.peak_backlog,
        drained_at_s: queue.drained_at_s,
        oldest_s: queue.max_oldest_message_s,
    });
    let lambda = found.events.map(|events| Stock {
        peak: events.peak_waiting,
        drained_at_s: events.drained_at_s,
        oldest_s: events.max_event_age_s,
    });
    sqs.or(lambda)
}

fn drained_after(queue: &Stock, last_of_origin: f64) -> Measured {
    match queue.drained_at_s {
        Some(at) => Measured::Value((at - last_of_origin).max(0.0)),
        None if queue.peak == 0 => Measured::Value(0.0),
        None => Measured::Never,
    }
}

/// [`last_arrival_of_origin`] in seconds, averaged over the replications.
fn mean_last_arrival_of_origin(scenario: &Scenario) -> f64 {
    let all = (0..scenario.replications).map(|replication| last_arrival_of_origin(scenario, replication).as_secs_f64());
    all.sum::<f64>() / f64::from(scenario.replications)
}

/// The last arrival of the first run of the phase marked `origin`; of all orders, where none is marked.
fn last_arrival_of_origin(scenario: &Scenario, replication: u32) -> SimTime {
    let ends = scenario.workload.phases.iter().scan(SimTime::ZERO, |start, phase| {
        *start = *start + phase.duration;
        Some((phase.origin, *start))
    });
    let mut end = ends.filter(|(origin, _)| *origin).map(|(_, end)| end).next().unwrap_or(SimTime::NEVER);
    if let Horizon::At(at) = scenario.horizon {
        end = end.min(at);
    }
    let mut workload = Workload::new(&scenario.workload_of(replication), &Streams::new(scenario.seed, replication));
    let mut last = SimTime::ZERO;
    while let Some(order) = workload.next_order() {
        if order.arrives_at > end {
            break;
        }
        last = order.arrives_at;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_hold_at_their_edges_as_written() {
        for (op, below, equal, above) in [
            (Op::AtLeast, false, true, true),
            (Op::AtMost, true, true, false),
            (Op::Below, true, false, false),
            (Op::Above, false, false, true),
            (Op::Equal, false, true, false),
        ] {
            assert_eq!(
                [holds(1.0, op, 2.0), holds(2.0, op, 2.0), holds(3.0, op, 2.0)],
                [below, equal, above],
                "{op:?}"
            );
        }
    }

    #[test]
    fn a_latency_that_is_never_misses_every_upper_limit() {
        assert!(!never_meets(Op::AtMost) && !never_meets(Op::Below) && !never_meets(Op::Equal));
        assert!(never_meets(Op::AtLeast) && never_meets(Op::Above));
    }
}
