//! The runs of one scenario: both designs on the same orders, each on a thread of its own if there are two.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cpu_time::ThreadTime;

use super::limits::{concurrency_limit, has_inventory, limits, memory_mb};
use super::progress::{Beat, Progress};
use crate::engine::{Agenda, Model, Stop, Turn, run as engine_run};
use crate::measure::auditor::{AuditSettings, Auditor};
use crate::measure::comparison::compare;
use crate::measure::cost::cost;
use crate::measure::findings::{Design, DesignFindings, Findings};
use crate::measure::fingerprint::Fingerprint;
use crate::measure::order_log::OrderLog;
use crate::measure::prices::PriceList;
use crate::measure::recorded::Recorded;
use crate::measure::recorder::{Recorder, RecorderSettings};
use crate::observation::Observation;
use crate::observer::Observer;
use crate::random::Streams;
use crate::scenario::{Horizon, Scenario};
use crate::system::{Buffered, Direct, buffered, direct};
use crate::time::{SimDuration, SimTime};
use crate::workload::{Workload, backlog_keys, platform_key};

/// What is wanted of a run besides the scenario.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// Which designs, buffered first.
    pub designs: Vec<Design>,
    /// Threads at most; changes no number.
    pub threads: usize,
    /// The step of the timelines; the shortest of the ladder that gives at most 3,600 rows if `None`.
    pub resolution: Option<SimDuration>,
    /// Whether an auditor checks every observation and the stream of observations is hashed.
    pub verify: bool,
    /// Whether a row is kept per order.
    pub orders: bool,
}

/// What came out of the runs.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The findings of all designs.
    pub findings: Findings,
    /// The end of the arrivals, A.
    pub arrivals_end: SimTime,
    /// With `verify`: each design's hash of its whole stream of observations.
    pub digests: Vec<(Design, u128)>,
    /// With `orders`: what each design did to each order.
    pub logs: Vec<(Design, OrderLog)>,
    /// CPU time of the runs, without files.
    pub cpu: Duration,
}

/// One design's run, before the designs are put together.
struct Finished {
    ended: Ended,
    recorder: Recorder,
    verified: Option<(Auditor, Fingerprint)>,
    log: Option<OrderLog>,
    cpu: Duration,
}

/// Runs the designs.
///
/// # Errors
///
/// A broken invariant of ours, in words: the auditor's finding, or a panic inside a run.
pub fn run(scenario: &Scenario, settings: &RunSettings, progress: &Progress) -> Result<Outcome, String> {
    let finished = run_designs(scenario, settings, progress)?;
    let cpu = finished.iter().map(|(_, run)| run.cpu).sum();
    let end = finished.iter().map(|(_, run)| run.ended.at).max().unwrap_or(SimTime::ZERO);
    let arrivals_end = finished.first().map_or(SimTime::ZERO, |(_, run)| run.ended.arrivals_end);
    let mut recorded = Vec::new();
    let (mut digests, mut logs) = (Vec::new(), Vec::new());
    for (design, run) in finished {
        logs.extend(run.log.map(|log| (design, log)));
        let record = run.recorder.finish(run.ended.at);
        if let Some((auditor, fingerprint)) = run.verified {
            guarded(|| auditor.finish(run.ended.at, &record))?;
            digests.push((design, fingerprint.digest()));
        }
        recorded.push(record);
    }
    Ok(Outcome { findings: put_together(recorded, end, &scenario.prices), arrivals_end, digests, logs, cpu })
}

/// Side by side: the timelines at the longer of their steps, the bills, and the comparison.
fn put_together(recorded: Vec<Recorded>, end: SimTime, prices: &PriceList) -> Findings {
    let step = recorded.iter().map(|record| record.timeline.step()).max().unwrap_or(SimDuration::ZERO);
    let at_step = |record: Recorded| {
        let timeline = record.timeline.rows(step, record.has_inventory);
        DesignFindings { timeline, cost: cost(&record.findings, prices), ..record.findings }
    };
    let designs: Vec<DesignFindings> = recorded.into_iter().map(at_step).collect();
    let comparison = match designs.as_slice() {
        [buffered, direct] => Some(compare(buffered, direct)),
        _ => None,
    };
    Findings { designs, end, step, comparison }
}

fn run_designs(
    scenario: &Scenario,
    settings: &RunSettings,
    progress: &Progress,
) -> Result<Vec<(Design, Finished)>, String> {
    let one = |design: Design| guarded(|| run_design(scenario, design, settings, progress)).map(|run| (design, run));
    if settings.threads < 2 || settings.designs.len() < 2 {
        return settings.designs.iter().map(|design| one(*design)).collect();
    }
    std::thread::scope(|scope| {
        let handles: Vec<_> = settings.designs.iter().map(|design| scope.spawn(move || one(*design))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|panic| Err(words(panic.as_ref())))).collect()
    })
}

/// A panic in the core is an error of ours: it is told, and nothing half-done is left.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| words(panic.as_ref()))
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a run stopped for an unknown reason").to_owned()
}

fn run_design(scenario: &Scenario, design: Design, settings: &RunSettings, progress: &Progress) -> Finished {
    let watch = ThreadTime::now();
    let recorder = Recorder::new(recorder_settings(scenario, design, settings));
    let beat = Beat::of(progress, design);
    let mut finished = if settings.verify || settings.orders {
        let auditor = || (Auditor::new(audit_settings(scenario, design)), Fingerprint::new());
        let (verified, log) = (settings.verify.then(auditor), settings.orders.then(OrderLog::new));
        let mut observer = ((recorder, beat), (verified, log));
        let ended = simulate(scenario, design, &mut observer);
        let ((recorder, _), (verified, log)) = observer;
        Finished { ended, recorder, verified, log, cpu: Duration::ZERO }
    } else {
        let mut observer = (recorder, beat);
        let ended = simulate(scenario, design, &mut observer);
        Finished { ended, recorder: observer.0, verified: None, log: None, cpu: Duration::ZERO }
    };
    finished.cpu = watch.elapsed();
    finished
}

/// When a run and its arrivals ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The end of the run.
    pub at: SimTime,
    /// The end of the arrivals, A; not beyond the horizon.
    pub arrivals_end: SimTime,
}

/// One design from the first order to the end of the run, watched by any observer.
pub fn simulate<O: Observer<Observation>>(scenario: &Scenario, design: Design, watch: &mut O) -> Ended {
    let streams = Streams::new(scenario.seed, 0);
    let workload = Workload::new(&scenario.workload, &streams);
    match design {
        Design::Buffered => {
            let mut agenda: Agenda<buffered::Event> = Agenda::new();
            let mut model = Buffered::new(&scenario.buffered, workload, platform_key(&streams), horizon(scenario));
            let keys = backlog_keys(&scenario.workload, &streams);
            model.fill(keys, &mut Turn { now: SimTime::ZERO, agenda: &mut agenda, watch });
            let ended = live(&mut model, &mut agenda, watch, scenario);
            model.close(&mut Turn { now: ended.at, agenda: &mut agenda, watch });
            ended
        }
        Design::Direct => {
            let mut agenda: Agenda<direct::Event> = Agenda::new();
            let mut model = Direct::new(&scenario.direct, workload, platform_key(&streams), horizon(scenario));
            model.fill(&mut Turn { now: SimTime::ZERO, agenda: &mut agenda, watch });
            let ended = live(&mut model, &mut agenda, watch, scenario);
            model.close(&mut Turn { now: ended.at, agenda: &mut agenda, watch });
            ended
        }
    }
}

fn live<M: Model<Observation = Observation>, O: Observer<Observation>>(
    model: &mut M,
    agenda: &mut Agenda<M::Event>,
    watch: &mut O,
    scenario: &Scenario,
) -> Ended {
    let stop = match scenario.horizon {
        Horizon::UntilDrained { max_drain } => Stop { horizon: None, max_drain },
        Horizon::At(at) => Stop { horizon: Some(at), max_drain: SimDuration::MAX },
    };
    let at = engine_run(model, agenda, watch, stop);
    Ended { at, arrivals_end: until_horizon(scenario, model.arrivals_end()) }
}

fn horizon(scenario: &Scenario) -> Option<SimTime> {
    match scenario.horizon {
        Horizon::At(at) => Some(at),
        Horizon::UntilDrained { .. } => None,
    }
}

fn until_horizon(scenario: &Scenario, at: SimTime) -> SimTime {
    match scenario.horizon {
        Horizon::At(horizon) => at.min(horizon),
        Horizon::UntilDrained { .. } => at,
    }
}

/// The counted window: all orders that arrive in [`from`, `to`); `None` is the whole run.
fn window(scenario: &Scenario) -> Option<(SimTime, SimTime)> {
    if scenario.warm_up.is_zero() && scenario.cool_down.is_zero() {
        return None;
    }
    let end = arrivals_end(scenario);
    Some((SimTime::ZERO + scenario.warm_up, SimTime(end.0.saturating_sub(scenario.cool_down.0))))
}

/// The end of the arrivals before any run. Where `max_orders` may cut them short, the workload is gone through to find out.
fn arrivals_end(scenario: &Scenario) -> SimTime {
    let mut workload = Workload::new(&scenario.workload, &Streams::new(scenario.seed, 0));
    if scenario.workload.max_orders.is_some() {
        while workload.next_order().is_some() {}
    }
    until_horizon(scenario, workload.end())
}

/// Not before the end of the arrivals: all phases, up to the horizon.
pub fn latest_arrivals_end(scenario: &Scenario) -> SimTime {
    until_horizon(scenario, SimTime::ZERO + scenario.workload.span())
}

fn recorder_settings(scenario: &Scenario, design: Design, settings: &RunSettings) -> RecorderSettings {
    RecorderSettings {
        design,
        window: window(scenario),
        memory_mb: memory_mb(scenario, design),
        resolution: settings.resolution,
        limits: limits(scenario, design),
        inventory: has_inventory(scenario, design),
    }
}

fn audit_settings(scenario: &Scenario, design: Design) -> AuditSettings {
    let limit_called = |name: &str| limits(scenario, design).iter().find(|limit| limit.name == name).map(|l| l.limit);
    AuditSettings {
        window: window(scenario),
        concurrency_limit: concurrency_limit(scenario, design),
        maximum_concurrency: limit_called("maximum_concurrency").filter(|_| design == Design::Buffered),
        in_flight_limit: limit_called("in_flight_limit"),
        max_connections: limit_called("inventory_connections"),
    }
}

/// A design's findings.
pub fn findings_of(findings: &Findings, design: Design) -> Option<&DesignFindings> {
    findings.designs.iter().find(|found| found.design == design)
}
