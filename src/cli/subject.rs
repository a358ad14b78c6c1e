//! What the report says of a scenario besides what was found.

use crate::experiment::arithmetic;
use crate::measure::findings::Design;
use crate::report::subject::{FaultMark, PhaseMark};
use crate::report::words::{count, rate};
use crate::report::{Subject, results};
use crate::scenario::{Assumptions, Loaded, Scenario, facts_in_force};
use crate::system::spec::{FaultEffect, FaultSpec, FaultTarget};
use crate::time::{SimDuration, SimTime};
use crate::workload::spec::{Phase, Rate};

/// Fills it in; `arrivals_end` is what the run found, or what is expected of it.
pub(super) fn subject(loaded: &Loaded, arrivals_end: SimTime) -> Subject {
    let scenario = &loaded.scenario;
    Subject {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        seed: scenario.seed,
        replications: scenario.replications,
        fingerprint: loaded.fingerprint.clone(),
        resolved: loaded.resolved.clone(),
        phases: phases(scenario, arrivals_end),
        origin_s: scenario.workload.origin().as_secs_f64(),
        arrivals_end_s: arrivals_end.as_secs_f64(),
        concurrency_limit: shared_limit(scenario),
        capacity_per_s: shared_capacity(scenario),
        task_timeout_s: seconds(scenario.buffered.workflow.timeout),
        heartbeat_s: seconds(scenario.buffered.workflow.heartbeat),
        visibility_timeout_s: seconds(scenario.buffered.queue.visibility_timeout),
        arithmetic: arithmetic::arithmetic(scenario),
        arrivals_factors: scenario.arrivals_factors(),
        assumptions: Some(scenario.assumptions).filter(|one| *one != Assumptions::Likely).map(Assumptions::name),
        facts: facts_in_force(loaded),
        faults: scenario.faults().iter().map(|one| fault(scenario, one)).collect(),
        notes: loaded.notes.clone(),
        version: results::VERSION.to_owned(),
        model: results::MODEL_VERSION,
        measured: None,
    }
}

/// All times and rates of a scenario that is driven so many times as fast.
#[cfg(feature = "live")]
pub(super) fn faster(subject: &mut Subject, speed: u64) {
    if speed == 1 {
        return;
    }
    let by = speed as f64;
    for phase in &mut subject.phases {
        phase.starts_s /= by;
        phase.ends_s /= by;
        phase.mean_rate *= by;
        phase.peak_rate *= by;
        phase.rate = format!("{speed} × {}", phase.rate);
    }
    subject.origin_s /= by;
    subject.capacity_per_s = None;
    for limit in [&mut subject.task_timeout_s, &mut subject.heartbeat_s, &mut subject.visibility_timeout_s] {
        *limit = limit.map(|seconds| seconds / by);
    }
}

fn fault(scenario: &Scenario, fault: &FaultSpec) -> FaultMark {
    let amount = match fault.effect {
        FaultEffect::AddDelay(delay) => Some(delay.as_secs_f64()),
        FaultEffect::ErrorRate(share) | FaultEffect::Drop(share) | FaultEffect::Duplicate(share) => Some(share),
        FaultEffect::Outage => None,
    };
    // Direct has no queue, and calls with a task token only if it is asynchronous.
    let designs = match fault.target {
        FaultTarget::Queue => vec![Design::Buffered],
        FaultTarget::Callback if scenario.direct.asynchronous.is_none() => vec![Design::Buffered],
        FaultTarget::Start | FaultTarget::Lambda | FaultTarget::Inventory | FaultTarget::Callback => {
            vec![Design::Buffered, Design::Direct]
        }
    };
    FaultMark {
        name: fault.name.clone(),
        from_s: fault.from.as_secs_f64(),
        to_s: fault.to.as_secs_f64(),
        target: fault.target.name().into(),
        effect: fault.effect.name().into(),
        amount,
        share: fault.share,
        designs,
    }
}

fn seconds(limit: Option<SimDuration>) -> Option<f64> {
    limit.map(SimDuration::as_secs_f64)
}

/// What the function can confirm a second, where that is the same in both designs.
fn shared_capacity(scenario: &Scenario) -> Option<f64> {
    let (buffered, direct) =
        (arithmetic::capacity(scenario, Design::Buffered)?, arithmetic::capacity(scenario, Design::Direct)?);
    ((buffered - direct).abs() <= 0.001 * direct).then_some(buffered)
}

fn shared_limit(scenario: &Scenario) -> Option<(u64, &'static str)> {
    let (buffered, direct) = (&scenario.buffered.function, &scenario.direct.function);
    let limit = buffered.reserved_concurrency.filter(|limit| direct.reserved_concurrency == Some(*limit))?;
    Some((u64::from(limit), "reserved_concurrency"))
}

/// The phases up to the end of the arrivals. A list that repeats more often than a strip can show is left out.
fn phases(scenario: &Scenario, end: SimTime) -> Vec<PhaseMark> {
    const MOST: u64 = 200;
    // Charts over time show the first replication.
    let spec = &scenario.workload_of(0);
    if spec.repeat.saturating_mul(spec.phases.len() as u64) > MOST {
        return Vec::new();
    }
    let mut start = SimTime::ZERO;
    let mut marks = Vec::new();
    for _ in 0..spec.repeat {
        for phase in &spec.phases {
            let ends = (start + phase.duration).min(end);
            if start < end || phase.duration.is_zero() {
                marks.push(mark(phase, start, ends));
            }
            start = start + phase.duration;
        }
    }
    marks
}

fn mark(phase: &Phase, start: SimTime, end: SimTime) -> PhaseMark {
    let length = phase.duration.as_secs_f64();
    let peak_rate = match phase.rate {
        _ if phase.batch.mean() > 1.0 || phase.modulation.is_some() => f64::INFINITY,
        Rate::Constant { rate } => rate,
        Rate::Ramp { from, to } | Rate::Decay { from, to } => from.max(to),
        Rate::Wave(wave) => wave.highest(length).0,
        Rate::Trace(_) => f64::INFINITY,
        Rate::AtOnce { .. } => 0.0,
    };
    let (words, mean_rate) = match phase.rate {
        Rate::Constant { rate: per_s } => (rate(per_s), per_s),
        Rate::Ramp { from, to } => (format!("{} → {}", rate(from), rate(to)), (from + to) / 2.0),
        Rate::Decay { from, to } if from == to => (rate(from), from),
        Rate::Decay { from, to } => (format!("{} → {}", rate(from), rate(to)), (from - to) / libm::log(from / to)),
        Rate::Wave(wave) => (format!("{} ± {}%", rate(wave.rate), wave.amplitude * 100.0), wave.rate),
        Rate::AtOnce { orders } => (format!("{} at once", count(orders)), per_second(orders as f64, length)),
        Rate::Trace(ref trace) => {
            let orders = trace.orders_until(length);
            (format!("a trace of {} orders", count(orders as u64)), per_second(orders, length))
        }
    };
    PhaseMark {
        name: phase.name.clone(),
        starts_s: start.as_secs_f64(),
        ends_s: end.as_secs_f64(),
        rate: words,
        mean_rate,
        peak_rate,
    }
}

/// On average over the phase; 0 for one without length.
fn per_second(orders: f64, length: f64) -> f64 {
    if length > 0.0 { orders / length } else { 0.0 }
}
