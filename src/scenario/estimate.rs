//! What a scenario will ask for, by fluid arithmetic: orders, time, and the peak of waiting orders. Good enough to
//! refuse what cannot be run; never part of a result.

use crate::facts::event_source::MOST_POLLERS;
use crate::scenario::Horizon;
use crate::system::BufferedSpec;
use crate::system::spec::{BatchMode, FunctionSpec, InventorySpec, LatencySpec};
use crate::workload::WorkloadSpec;
use crate::workload::spec::{Phase, Rate};
use crate::workload::trace::Trace;

/// Bytes that one order in progress takes in the engine, with its message, its execution and their bookings.
pub const BYTES_PER_ORDER: f64 = 160.0;
/// Memory assumed where the machine does not tell, in bytes.
const ASSUMED_MEMORY: u64 = 8 << 30;
/// Slices into which a phase with a changing rate is cut.
const SLICES: u32 = 64;
/// Slices of a phase that goes up and down, at most.
const MOST_SLICES: u32 = 4_096;

/// A scenario in round figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Length of all phases over all repeats, or the horizon if that is shorter, in seconds.
    pub span: f64,
    /// Orders expected within it.
    pub orders: f64,
    /// Highest backlog of the buffered design.
    pub peak_backlog: f64,
    /// Orders per second that the function can work off; infinite without a limit.
    pub throughput: f64,
    /// Orders in progress at once at most.
    pub peak_in_progress: f64,
    /// Mean time a handler spends on one order, its inventory call included, in seconds.
    pub work: f64,
}

/// Estimates a scenario.
pub fn of(workload: &WorkloadSpec, horizon: Horizon, buffered: &BufferedSpec) -> Estimate {
    let cycle: f64 = workload.phases.iter().map(|phase| phase.duration.as_secs_f64()).sum();
    let whole_span = cycle * workload.repeat as f64;
    let span = match horizon {
        Horizon::At(end) => whole_span.min(end.as_secs_f64()),
        Horizon::UntilDrained { .. } => whole_span,
    };
    let per_cycle: f64 = workload.phases.iter().map(|phase| orders_until(phase, f64::INFINITY)).sum();
    let mut orders = if span < whole_span {
        let cycles = (span / cycle).floor();
        per_cycle * cycles + orders_of_part(&workload.phases, span - cycles * cycle)
    } else {
        per_cycle * workload.repeat as f64
    };
    if let Some(most) = workload.max_orders {
        orders = orders.min(most as f64);
    }
    let cycles = if cycle > 0.0 { (span / cycle).ceil() } else { workload.repeat as f64 };
    let work = work(workload, &buffered.function, buffered.inventory.as_ref());
    let throughput = throughput(buffered, work);
    let all = orders + workload.initial_backlog as f64;
    let peak_backlog = peak_backlog(workload, cycles, throughput).min(kept(workload, buffered)).min(all);
    let fastest = fastest(workload);
    let at_work = if throughput.is_finite() {
        f64::from(slots(buffered).unwrap_or(0)) * f64::from(buffered.event_source.batch_size)
    } else {
        fastest * (work + on_the_way(&buffered.platform.latency)) + largest_burst(workload)
    };
    Estimate { span, orders, peak_backlog, throughput, peak_in_progress: (peak_backlog + at_work).min(all), work }
}

/// The most orders that a flow of `per_s` leaves waiting at one instant: what a token bucket must hold for all of them.
pub fn excess_over(workload: &WorkloadSpec, per_s: f64) -> f64 {
    follow(&workload.phases, 0.0, per_s).1
}

/// The highest rate of any phase, in orders per second; of a modulated one, what it seldom exceeds.
fn fastest(workload: &WorkloadSpec) -> f64 {
    workload.phases.iter().map(highest_rate).fold(0.0, f64::max)
}

/// Mean time of a handler on one order in seconds: its own work and the call, without waiting for a connection.
fn work(workload: &WorkloadSpec, function: &FunctionSpec, inventory: Option<&InventorySpec>) -> f64 {
    workload.mean_service_s(function.duration.mean()) + inventory.map_or(0.0, |inventory| inventory.service_time.mean())
}

/// Mean time that an order spends between the services, in seconds.
fn on_the_way(latency: &LatencySpec) -> f64 {
    let LatencySpec { start, dispatch, transition, send, receive, invoke, callback } = latency;
    [start, dispatch, transition, send, receive, invoke, callback].map(|hop| hop.mean()).iter().sum()
}

/// Total memory of this machine in bytes.
pub fn machine_memory() -> u64 {
    std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_of(&text)).unwrap_or(ASSUMED_MEMORY)
}

fn total_of(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

/// Invocations at once: the smallest of all limits.
fn slots(buffered: &BufferedSpec) -> Option<u32> {
    let pollers = buffered.event_source.scale_interval.map(|_| MOST_POLLERS);
    let limits =
        [buffered.function.concurrency(&buffered.platform.account), buffered.event_source.maximum_concurrency, pollers];
    limits.into_iter().flatten().min()
}

/// Orders per second that slots and connections let through.
fn throughput(buffered: &BufferedSpec, mean: f64) -> f64 {
    let at_once = match buffered.function.batch {
        BatchMode::OneByOne => 1.0,
        BatchMode::Parallel | BatchMode::Together => f64::from(buffered.event_source.batch_size),
    };
    let by_slots = match slots(buffered) {
        Some(0) => 0.0,
        Some(slots) if mean > 0.0 => f64::from(slots) * at_once / mean,
        _ => f64::INFINITY,
    };
    by_slots.min(buffered.inventory.as_ref().map_or(f64::INFINITY, by_connections))
}

/// Calls per second with every connection in use.
fn by_connections(inventory: &InventorySpec) -> f64 {
    let Some(connections) = inventory.settings.max_connections.map(f64::from) else { return f64::INFINITY };
    let slower = inventory
        .settings
        .slowdown
        .map_or(1.0, |slowdown| 1.0 + (slowdown.factor - 1.0) * connections / f64::from(slowdown.at));
    let service = inventory.service_time.mean() * slower;
    if service > 0.0 { connections / service } else { f64::INFINITY }
}

/// Retention bounds what can wait, however long the queue grows.
fn kept(workload: &WorkloadSpec, buffered: &BufferedSpec) -> f64 {
    let Some(retention) = buffered.queue.message_retention_period else { return f64::INFINITY };
    let fastest = fastest(workload);
    let bursts = (retention.as_secs_f64() / shortest_burst_distance(workload)).ceil().max(1.0);
    fastest * retention.as_secs_f64() + largest_burst(workload) * bursts + workload.initial_backlog as f64
}

fn shortest_burst_distance(workload: &WorkloadSpec) -> f64 {
    let cycle: f64 = workload.phases.iter().map(|phase| phase.duration.as_secs_f64()).sum();
    cycle.max(1e-9)
}

fn largest_burst(workload: &WorkloadSpec) -> f64 {
    workload
        .phases
        .iter()
        .map(|phase| match phase.rate {
            Rate::AtOnce { orders } => orders as f64,
            _ => 0.0,
        })
        .sum()
}

fn highest_rate(phase: &Phase) -> f64 {
    let rate = match phase.rate {
        Rate::Constant { rate } => rate,
        Rate::Ramp { from, to } | Rate::Decay { from, to } => from.max(to),
        Rate::Wave(wave) => wave.highest(phase.duration.as_secs_f64()).0,
        Rate::Trace(ref trace) => busiest(phase, trace),
        Rate::AtOnce { .. } => 0.0,
    };
    rate * (1.0 + 2.0 * phase.modulation.map_or(0.0, |modulation| modulation.cv))
}

/// The highest rate of a trace in any of its slices, in orders per second; all of its orders where they come at one instant.
fn busiest(phase: &Phase, trace: &Trace) -> f64 {
    let slice = phase.duration.as_secs_f64() / f64::from(SLICES);
    if slice == 0.0 {
        return trace.facts.rows as f64;
    }
    let until = |index: u32| trace.orders_until(slice * f64::from(index));
    (0..SLICES).map(|index| (until(index + 1) - until(index)) / slice).fold(0.0, f64::max)
}

/// Slices that show how a phase changes.
fn slices(phase: &Phase) -> u32 {
    match phase.rate {
        Rate::Wave(wave) => {
            let periods = phase.duration.as_secs_f64() / wave.period_s;
            (periods * f64::from(SLICES)).clamp(f64::from(SLICES), f64::from(MOST_SLICES)) as u32
        }
        Rate::Trace(_) => MOST_SLICES,
        _ => SLICES,
    }
}

/// Two cycles are followed; from the second on the backlog grows by the same amount each time.
fn peak_backlog(workload: &WorkloadSpec, cycles: f64, throughput: f64) -> f64 {
    let start = workload.initial_backlog as f64;
    let (first_end, first_peak) = follow(&workload.phases, start, throughput);
    if cycles < 2.0 {
        return first_peak;
    }
    let (second_end, second_peak) = follow(&workload.phases, first_end, throughput);
    let growth = (second_end - first_end).max(0.0);
    first_peak.max(second_peak + growth * (cycles - 2.0))
}

/// The level at the end of the phases, and its peak.
fn follow(phases: &[Phase], start: f64, throughput: f64) -> (f64, f64) {
    let (mut level, mut peak) = (start, start);
    for phase in phases {
        let length = phase.duration.as_secs_f64();
        let mut before = 0.0;
        let slices = slices(phase);
        for slice in 1..=slices {
            let until = length * f64::from(slice) / f64::from(slices);
            let so_far = orders_until(phase, until);
            let worked_off = throughput * length / f64::from(slices);
            let burst = if slice == 1 && matches!(phase.rate, Rate::AtOnce { .. }) { so_far } else { 0.0 };
            peak = peak.max(level + burst);
            level += so_far - before;
            level = if worked_off.is_nan() { level } else { (level - worked_off).max(0.0) };
            before = so_far;
            peak = peak.max(level);
        }
    }
    (level, peak)
}

/// Expected orders in the first `length` seconds of one run of the phases.
pub fn orders_of_part(phases: &[Phase], length: f64) -> f64 {
    let mut left = length;
    let mut orders = 0.0;
    for phase in phases {
        if left <= 0.0 {
            break;
        }
        orders += orders_until(phase, left);
        left -= phase.duration.as_secs_f64();
    }
    orders
}

/// Expected orders of a phase until `until` seconds after its start.
fn orders_until(phase: &Phase, until: f64) -> f64 {
    let length = phase.duration.as_secs_f64();
    let until = until.min(length);
    match phase.rate {
        Rate::Constant { rate } => rate * until,
        Rate::Ramp { .. } if length == 0.0 => 0.0,
        Rate::Ramp { from, to } => from * until + (to - from) * until * until / (2.0 * length),
        Rate::Decay { from, to } => {
            let steepness = libm::log(to / from);
            if steepness.abs() < 1e-9 || length == 0.0 {
                from * until
            } else {
                from * length / steepness * (libm::exp(steepness * until / length) - 1.0)
            }
        }
        Rate::Wave(wave) => wave.total(until),
        Rate::Trace(ref trace) => trace.orders_until(until),
        Rate::AtOnce { orders } => orders as f64,
    }
}

#[cfg(test)]
#[path = "estimate_tests.rs"]
mod tests;
