//! What a scenario should give by arithmetic alone: orders as a fluid, the function as a pipe. Printed beside the simulation,
//! so that a reader can check the one against the other.
//!
//! The door lets orders in as its bucket allows; what it lets in beyond the capacity waits. Left out: chance, latencies, cold
//! starts, the ramp, redeliveries, retries, and the tries that a caller's SDK saves at the door.

use std::borrow::Cow;

use crate::measure::findings::{Arithmetic, Design};
use crate::scenario::{Horizon, Scenario};
use crate::system::spec::{BatchMode, FunctionSpec, InventorySpec};
use crate::workload::Wave;
use crate::workload::spec::{Phase, Rate};

use super::limits::concurrency_limit;

/// Pieces into which a phase with a changing rate is cut.
const PIECES: u32 = 256;
/// The same for a trace.
const TRACE_PIECES: u64 = 4_096;
/// Phases (over all repeats) that are followed at most.
const MOST_PHASES: u64 = 10_000;
/// Pieces (over all repeats) that are followed at most.
const MOST_PIECES: u64 = 3_000_000;

/// The arithmetic; `None` where nothing is to be said: without a limit, within the capacity, with faults, or with a longer list
/// of phases than a page of arithmetic would hold.
pub fn arithmetic(scenario: &Scenario) -> Option<Arithmetic> {
    // Of several replications, which differ in their factors, the forecast itself.
    let workload = match scenario.replications {
        1 => scenario.workload_of(0),
        _ => Cow::Borrowed(&scenario.workload),
    };
    let steps = workload.repeat.checked_mul(workload.phases.len() as u64)?;
    let whole = matches!(scenario.horizon, Horizon::UntilDrained { .. }) && workload.max_orders.is_none();
    let plain = whole
        && pieces(&workload.phases).saturating_mul(workload.repeat) <= MOST_PIECES
        && scenario.buffered.function.poison_rate == 0.0
        && scenario.faults().is_empty()
        && steps <= MOST_PHASES;
    let buffered = capacity(scenario, Design::Buffered).filter(|_| plain)?;
    let mut fluid = Fluid::new(scenario, buffered, capacity(scenario, Design::Direct));
    for _ in 0..workload.repeat {
        workload.phases.iter().for_each(|phase| fluid.follow(phase));
    }
    (fluid.peak > buffered).then(|| fluid.end())
}

/// Pieces of one run of the phases.
fn pieces(phases: &[Phase]) -> u64 {
    let of = |phase: &Phase| match phase.rate {
        Rate::Constant { .. } | Rate::AtOnce { .. } => 1,
        Rate::Ramp { .. } | Rate::Decay { .. } => u64::from(PIECES),
        Rate::Wave(wave) => wave_pieces(phase, wave),
        Rate::Trace(_) => TRACE_PIECES,
    };
    phases.iter().map(of).fold(0, u64::saturating_add)
}

/// Pieces of a phase with a wave: so many for each period begun.
fn wave_pieces(phase: &Phase, wave: Wave) -> u64 {
    let periods = (phase.duration.as_secs_f64() / wave.period_s).ceil() as u64;
    periods.saturating_mul(u64::from(PIECES)).max(1)
}

/// Orders that a design can confirm in a second: slots over the mean work, less the share that fails; `None` without limit,
/// or where no mean tells.
pub fn capacity(scenario: &Scenario, design: Design) -> Option<f64> {
    let (function, inventory) = match design {
        Design::Buffered => (&scenario.buffered.function, scenario.buffered.inventory.as_ref()),
        Design::Direct => (&scenario.direct.function, scenario.direct.inventory.as_ref()),
    };
    let mut slots = concurrency_limit(scenario, design);
    if let (Design::Buffered, Some(most)) = (design, scenario.buffered.event_source.maximum_concurrency) {
        slots = Some(slots.map_or(u64::from(most), |slots| slots.min(u64::from(most))));
    }
    let call = inventory.map_or(0.0, |inventory| service(inventory, slots.map(|slots| slots as f64)));
    let work = scenario.workload.mean_service_s(function.duration.mean()) + call;
    let at_once = at_once(scenario, design, function)?;
    let by_slots = slots.filter(|_| work > 0.0).map(|slots| slots as f64 * at_once / work);
    let by_connections = inventory.and_then(connections);
    let calls = match (by_slots, by_connections) {
        (Some(slots), Some(calls)) => Some(slots.min(calls)),
        (slots, calls) => slots.or(calls),
    };
    calls.map(|calls| calls * (1.0 - function.error_rate) * (1.0 - function.poison_rate))
}

/// Records that a slot works on at once; `None` where a batch lasts as long as its slowest record, which no mean tells.
fn at_once(scenario: &Scenario, design: Design, function: &FunctionSpec) -> Option<f64> {
    let batch_size = scenario.buffered.event_source.batch_size;
    match (design, function.batch) {
        (Design::Direct, _) | (_, BatchMode::OneByOne) => Some(1.0),
        (Design::Buffered, BatchMode::Together) => Some(f64::from(batch_size)),
        (Design::Buffered, BatchMode::Parallel) => (batch_size == 1).then_some(1.0),
    }
}

/// Calls a second with every connection in use.
fn connections(inventory: &InventorySpec) -> Option<f64> {
    let most = f64::from(inventory.settings.max_connections?);
    let service = service(inventory, None);
    (service > 0.0).then(|| most / service)
}

/// Mean length of a call in seconds, with every connection in use or as many as there are `callers`.
fn service(inventory: &InventorySpec, callers: Option<f64>) -> f64 {
    let most = inventory.settings.max_connections.map(f64::from);
    let in_use = match (most, callers) {
        (Some(most), Some(callers)) => most.min(callers),
        (most, callers) => most.or(callers).unwrap_or(0.0),
    };
    let slowdown = inventory.settings.slowdown;
    let slower = slowdown.map_or(1.0, |slow| 1.0 + (slow.factor - 1.0) * in_use / f64::from(slow.at));
    inventory.service_time.mean() * slower
}

/// The state of the fluid at some time, in seconds and orders.
struct Fluid {
    capacity: f64,
    direct_capacity: f64,
    /// Whether direct invocation waits for a reply.
    synchronous: bool,
    /// Share of attempts that do not fail; below capacity direct loses the others.
    good: f64,
    /// The door: what its bucket holds, its size and its refill.
    tokens: f64,
    size: f64,
    refill: f64,
    time: f64,
    backlog: f64,
    peak: f64,
    peak_at: f64,
    empty_at: Option<f64>,
    refused: f64,
    offered: f64,
    direct: f64,
}

impl Fluid {
    fn new(scenario: &Scenario, capacity: f64, direct_capacity: Option<f64>) -> Fluid {
        let door = scenario.buffered.platform.account.start_execution;
        let (size, refill) = door.map_or((0.0, f64::INFINITY), |door| (f64::from(door.size), door.refill_per_s));
        let backlog = scenario.workload.initial_backlog as f64;
        Fluid {
            capacity,
            direct_capacity: direct_capacity.unwrap_or(f64::INFINITY),
            synchronous: scenario.direct.asynchronous.is_none(),
            good: 1.0 - scenario.direct.function.error_rate,
            tokens: size,
            size,
            refill,
            time: 0.0,
            backlog,
            peak: backlog,
            peak_at: 0.0,
            empty_at: None,
            refused: 0.0,
            offered: 0.0,
            direct: 0.0,
        }
    }

    fn follow(&mut self, phase: &Phase) {
        let length = phase.duration.as_secs_f64();
        let piece = length / f64::from(PIECES);
        let middle = |index: u32| (f64::from(index) + 0.5) / f64::from(PIECES);
        match phase.rate {
            Rate::Constant { rate } => self.arrive(rate, length),
            Rate::Ramp { from, to } => (0..PIECES).for_each(|i| self.arrive(from + (to - from) * middle(i), piece)),
            Rate::Decay { from, to } => {
                (0..PIECES).for_each(|i| self.arrive(from * libm::pow(to / from, middle(i)), piece));
            }
            Rate::Wave(wave) => {
                let pieces = wave_pieces(phase, wave);
                let piece = length / pieces as f64;
                let until = |index: u64| wave.total(length * index as f64 / pieces as f64);
                (0..pieces).for_each(|i| self.arrive((until(i + 1) - until(i)) / piece, piece));
            }
            Rate::Trace(ref trace) if length > 0.0 => {
                let until = |index: u64| trace.orders_until(length * index as f64 / TRACE_PIECES as f64);
                let piece = length / TRACE_PIECES as f64;
                (0..TRACE_PIECES).for_each(|i| self.arrive((until(i + 1) - until(i)) / piece, piece));
            }
            Rate::Trace(ref trace) => self.burst(trace.facts.rows as f64, 0.0),
            Rate::AtOnce { orders } => self.burst(orders as f64, length),
        }
    }

    /// Orders that come at one instant: the door has its tokens, direct its slots, which this arithmetic counts as none.
    fn burst(&mut self, orders: f64, length: f64) {
        let admitted = if self.refill.is_finite() { orders.min(self.tokens) } else { orders };
        self.tokens -= if self.refill.is_finite() { admitted } else { 0.0 };
        self.offered += orders;
        self.refused += orders - admitted;
        self.backlog += admitted;
        self.note_peak();
        self.arrive(0.0, length);
    }

    /// Orders come at a constant rate: as long as the door has tokens all of them get in, then as many as it refills.
    fn arrive(&mut self, rate: f64, length: f64) {
        self.offered += rate * length;
        if rate <= self.refill {
            self.tokens = if self.refill.is_finite() {
                (self.tokens + (self.refill - rate) * length).min(self.size)
            } else {
                0.0
            };
            return self.admit(rate, length);
        }
        let open = (self.tokens / (rate - self.refill)).min(length);
        self.tokens -= (rate - self.refill) * open;
        self.admit(rate, open);
        self.refused += (rate - self.refill) * (length - open);
        self.admit(self.refill, length - open);
    }

    fn admit(&mut self, rate: f64, length: f64) {
        self.direct += if rate * self.good <= self.direct_capacity {
            rate * self.good * length
        } else {
            self.direct_capacity * length
        };
        let growth = rate - self.capacity;
        if growth < 0.0 && self.backlog + growth * length <= 0.0 {
            if self.backlog > 0.0 {
                self.empty_at = Some(self.time + self.backlog / -growth);
            }
            self.backlog = 0.0;
        } else {
            self.backlog += growth * length;
        }
        self.time += length;
        self.note_peak();
    }

    fn note_peak(&mut self) {
        if self.backlog > self.peak {
            (self.peak, self.peak_at, self.empty_at) = (self.backlog, self.time, None);
        }
    }

    /// No more orders come: what waits is worked off.
    fn end(self) -> Arithmetic {
        let drained = (self.capacity > 0.0).then(|| self.time + self.backlog / self.capacity);
        Arithmetic {
            capacity_per_s: self.capacity,
            peak_backlog: self.peak,
            peak_backlog_at_s: self.peak_at,
            drained_at_s: self.empty_at.or(drained),
            throttled_at_the_door: self.refused,
            direct_confirmed: self.synchronous.then_some(self.direct.min(self.offered)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Overrides, Source, load};

    fn of(text: &str) -> Option<Arithmetic> {
        let source = Source { shown: "a.toml".into(), name: "a".into(), text: text.into() };
        arithmetic(&load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}")).scenario)
    }

    #[test]
    fn a_rush_beyond_the_capacity_piles_up_and_drains() {
        // 10/s can be confirmed: (30 - 10) x 10 = 200 wait at 20 s and take 200 / (10 - 5) = 40 s.
        let found = of("profile = 'textbook'\n\
            [[arrivals]]\nrate = '5/s'\nduration = '10s'\n[[arrivals]]\nrate = '30/s'\nduration = '10s'\n\
            [[arrivals]]\nrate = '5/s'\nduration = '60s'\n\
            [lambda]\nduration = '1s'\nreserved_concurrency = 10")
        .expect("it is overloaded");
        assert_eq!((found.capacity_per_s, found.peak_backlog, found.peak_backlog_at_s), (10.0, 200.0, 20.0));
        assert_eq!((found.drained_at_s, found.throttled_at_the_door), (Some(60.0), 0.0));
        assert_eq!(found.direct_confirmed, Some(50.0 + 100.0 + 300.0));
    }

    #[test]
    fn what_lambda_keeps_and_tries_again_is_no_fluid() {
        let found = of("profile = 'textbook'\n[[arrivals]]\nrate = '30/s'\nduration = '10s'\n\
            [lambda]\nduration = '1s'\nreserved_concurrency = 10\n[direct]\ninvocation = 'event'")
        .expect("it is overloaded");
        assert_eq!((found.peak_backlog, found.direct_confirmed), (200.0, None));
    }

    #[test]
    fn the_door_lets_its_bucket_and_its_refill_in() {
        // 500/s against 100 tokens and 300/s: all get in for half a second, then 200/s are turned away.
        let found = of("profile = 'textbook'\n[account]\nstart_execution = { size = 100, refill = '300/s' }\n\
            [[arrivals]]\nrate = '500/s'\nduration = '10s'\n[lambda]\nduration = '1s'\nreserved_concurrency = 100")
        .expect("it is overloaded");
        assert_eq!(found.throttled_at_the_door, 200.0 * 9.5);
        assert_eq!(found.peak_backlog, 400.0 * 0.5 + 200.0 * 9.5);
    }

    #[test]
    fn within_the_capacity_there_is_nothing_to_say() {
        let calm = "profile = 'textbook'\n[[arrivals]]\nrate = '5/s'\nduration = '10s'\n[lambda]\nduration = '1s'\n";
        assert_eq!(of(calm), None);
        assert_eq!(of(&format!("{calm}reserved_concurrency = 10")), None);
    }
}
