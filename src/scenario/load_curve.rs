//! The orders a scenario offers over time, by its integrated rates: for a look before any run.

use crate::scenario::estimate::{self, orders_of_part};
use crate::scenario::{Horizon, Scenario};
use crate::workload::spec::{Modulation, Phase, Rate};

/// The expected load in equal steps of time.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadCurve {
    /// Length of the arrivals, all repeats together, or the horizon if that is shorter; in seconds.
    pub span_s: f64,
    /// Orders per second in each step: the highest rate in it, and what comes at once on average.
    pub rates: Vec<f64>,
    /// Orders expected in all.
    pub orders: f64,
    /// The phases of the first run of the list.
    pub phases: Vec<CurvePhase>,
    /// How often the list runs.
    pub repeat: u64,
    /// `max_orders`, where it may stop the arrivals before their end.
    pub max_orders: Option<u64>,
    /// The highest rate, and when it is first reached, in seconds; `None` where all orders
    /// come at once or by a trace.
    pub peak: Option<(f64, f64)>,
}

/// Parts of a step whose rates are looked at.
const PARTS: usize = 16;

/// One phase.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePhase {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// When it begins, in seconds.
    pub starts_s: f64,
    /// How long it lasts, in seconds.
    pub lasts_s: f64,
    /// Its rate.
    pub rate: Rate,
    /// How the rate goes up and down by chance.
    pub modulation: Option<Modulation>,
}

/// The curve of a scenario in so many steps.
pub fn load_curve(scenario: &Scenario, steps: usize) -> LoadCurve {
    let workload = &scenario.workload;
    let cycle_s: f64 = workload.phases.iter().map(|phase| phase.duration.as_secs_f64()).sum();
    let whole_s = cycle_s * workload.repeat as f64;
    let span_s = match scenario.horizon {
        Horizon::At(end) => whole_s.min(end.as_secs_f64()),
        Horizon::UntilDrained { .. } => whole_s,
    };
    let rates = if span_s > 0.0 { rates(&workload.phases, cycle_s, span_s / steps as f64, steps) } else { Vec::new() };
    let phases = phases(scenario);
    let peak = peak(&phases, span_s);
    let orders = estimate::of(workload, scenario.horizon, &scenario.buffered).orders;
    let max_orders = workload.max_orders.filter(|most| *most as f64 <= orders);
    LoadCurve { span_s, rates, orders, phases, repeat: workload.repeat, max_orders, peak }
}

/// Per step the highest rate of the flow in it, and on top of it what comes at once or by a trace, spread over the step.
fn rates(phases: &[Phase], cycle_s: f64, step_s: f64, steps: usize) -> Vec<f64> {
    let mut flow = phases.to_vec();
    for phase in &mut flow {
        if let Rate::AtOnce { .. } | Rate::Trace(_) = phase.rate {
            phase.rate = Rate::Constant { rate: 0.0 };
        }
    }
    let until = |phases: &[Phase], at_s: f64| {
        let cycles = (at_s / cycle_s).floor();
        orders_of_part(phases, f64::INFINITY) * cycles + orders_of_part(phases, at_s - cycles * cycle_s)
    };
    let within =
        |phases: &[Phase], from_s: f64, length_s: f64| until(phases, from_s + length_s) - until(phases, from_s);
    let rate_of = |step: usize| {
        let starts_s = step as f64 * step_s;
        let part_s = step_s / PARTS as f64;
        let in_part = |part: usize| within(&flow, starts_s + part as f64 * part_s, part_s) / part_s;
        let highest = (0..PARTS).map(in_part).fold(0.0, f64::max);
        let at_once = (within(phases, starts_s, step_s) - within(&flow, starts_s, step_s)) / step_s;
        highest + at_once.max(0.0)
    };
    (0..steps).map(rate_of).collect()
}

fn phases(scenario: &Scenario) -> Vec<CurvePhase> {
    let mut starts_s = 0.0;
    let mut phases = Vec::new();
    for phase in &scenario.workload.phases {
        let lasts_s = phase.duration.as_secs_f64();
        let (name, rate, modulation) = (phase.name.clone(), phase.rate.clone(), phase.modulation);
        phases.push(CurvePhase { name, starts_s, lasts_s, rate, modulation });
        starts_s += lasts_s;
    }
    phases
}

/// Only what lies before the end of the arrivals.
fn peak(phases: &[CurvePhase], span_s: f64) -> Option<(f64, f64)> {
    let mut highest: Option<(f64, f64)> = None;
    for phase in phases.iter().filter(|phase| phase.starts_s < span_s) {
        let ends_s = (phase.starts_s + phase.lasts_s).min(span_s);
        let share = if phase.lasts_s > 0.0 { (ends_s - phase.starts_s) / phase.lasts_s } else { 1.0 };
        let (rate, at_s) = match phase.rate {
            Rate::Constant { rate } => (rate, phase.starts_s),
            Rate::Ramp { from, to } if to > from => (from + (to - from) * share, ends_s),
            Rate::Decay { from, to } if to > from => (from * libm::pow(to / from, share), ends_s),
            Rate::Ramp { from, .. } | Rate::Decay { from, .. } => (from, phase.starts_s),
            Rate::Wave(wave) => {
                let (rate, at_s) = wave.highest(ends_s - phase.starts_s);
                (rate, phase.starts_s + at_s)
            }
            // In the columns of a sketch it is as high as in them.
            Rate::Trace(_) | Rate::AtOnce { .. } => continue,
        };
        if rate > 0.0 && highest.is_none_or(|(known, _)| rate > known) {
            highest = Some((rate, at_s));
        }
    }
    highest
}
