//! The runs of one scenario: all replications of both designs, on all threads, gathered by number.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use cpu_time::ThreadTime;

use super::gather::gather;
use super::limits::{concurrency_limit, has_inventory, is_asynchronous, limits, memory_mb, provisioned_asked};
use super::progress::{Progress, Watch};
use crate::engine::{Agenda, Model, Stop, Turn, run as engine_run};
use crate::measure::auditor::{AuditSettings, Auditor};
use crate::measure::bands::BandFold;
use crate::measure::comparison::compare;
use crate::measure::cost::cost;
use crate::measure::findings::{Design, DesignFindings, Findings};
use crate::measure::fingerprint::Fingerprint;
use crate::measure::order_log::OrderLog;
use crate::measure::prices::PriceList;
use crate::measure::recorded::Recorded;
use crate::measure::recorder::{Recorder, RecorderSettings};
use crate::measure::replications::Fold;
use crate::observation::Observation;
use crate::observer::Observer;
use crate::random::Streams;
use crate::scenario::{Horizon, Scenario};
use crate::system::ways::{Aws, Textbook, Ways, go_by_the_textbook};
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
    /// The findings of all designs, over all replications.
    pub findings: Findings,
    /// The end of the arrivals, A: the mean over the replications.
    pub arrivals_end: SimTime,
    /// With `verify`: each design's hash of its whole stream of observations; of several replications, a hash of theirs.
    pub digests: Vec<(Design, u128)>,
    /// With `orders`: what each design did to each order of the first replication.
    pub logs: Vec<(Design, OrderLog)>,
    /// CPU time of the runs, without files.
    pub cpu: Duration,
}

/// One design's run of one replication, before the designs are put together.
struct Finished {
    recorded: Recorded,
    ended: Ended,
    digest: Option<u128>,
    log: Option<OrderLog>,
    cpu: Duration,
}

/// Runs the designs in all replications.
///
/// # Errors
///
/// A trace that could no longer be read, or a broken invariant of ours, in words: the auditor's finding, or a panic inside a
/// run.
pub fn run(scenario: &Scenario, settings: &RunSettings, progress: &Progress) -> Result<Outcome, String> {
    let designs = &settings.designs;
    let mut gathered = Gathered::new(scenario, settings);
    let replications = usize::try_from(scenario.replications).unwrap_or(usize::MAX);
    let watch = progress.watch(latest_arrivals_end(scenario));
    // The designs of a replication are neighbours: little of it waits for its other half.
    let job = |index: usize| {
        let (replication, design) = ((index / designs.len()) as u32, designs[index % designs.len()]);
        guarded(|| run_design(scenario, design, replication, settings, &watch))
    };
    gather(replications.saturating_mul(designs.len()), settings.threads, job, |finished| {
        gathered.add(finished?, &scenario.prices);
        Ok::<(), String>(())
    })?;
    match scenario.workload.trouble() {
        Some(trouble) => Err(trouble),
        None => Ok(gathered.finish(designs)),
    }
}

/// What the replications have come to so far.
struct Gathered {
    fold: Fold,
    /// With several replications only.
    bands: Option<BandFold>,
    /// The replication that is not complete yet.
    open: Vec<Finished>,
    replications: u32,
    arrivals_end: u128,
    /// Of each design, those of its replications; none without an auditor.
    digests: Vec<Vec<u128>>,
    logs: Vec<OrderLog>,
    cpu: Duration,
}

impl Gathered {
    fn new(scenario: &Scenario, settings: &RunSettings) -> Gathered {
        let bands = || BandFold::new(&settings.designs, settings.resolution);
        Gathered {
            fold: Fold::default(),
            bands: (scenario.replications > 1).then(bands),
            open: Vec::new(),
            replications: 0,
            arrivals_end: 0,
            digests: vec![Vec::new(); settings.designs.len()],
            logs: Vec::new(),
            cpu: Duration::ZERO,
        }
    }

    fn add(&mut self, mut finished: Finished, prices: &PriceList) {
        self.cpu += finished.cpu;
        self.logs.extend(finished.log.take());
        self.digests[self.open.len()].extend(finished.digest);
        self.open.push(finished);
        if self.open.len() < self.digests.len() {
            return;
        }
        let end = self.open.iter().map(|run| run.ended.at).max().unwrap_or(SimTime::ZERO);
        let arrivals_end = self.open.first().map_or(SimTime::ZERO, |run| run.ended.arrivals_end);
        self.arrivals_end += u128::from(arrivals_end.0);
        if let Some(bands) = &mut self.bands {
            add_bands(bands, arrivals_end, &self.open);
        }
        let recorded = self.open.drain(..).map(|run| run.recorded).collect();
        self.fold.add(put_together(recorded, end, prices));
        self.replications += 1;
    }

    fn finish(self, designs: &[Design]) -> Outcome {
        let mean_end = self.arrivals_end / u128::from(self.replications.max(1));
        let digests = designs.iter().zip(&self.digests).filter_map(|(design, all)| Some((*design, digest_of(all)?)));
        let mut findings = self.fold.finish();
        if let Some(replicated) = &mut findings.replicated {
            replicated.bands = self.bands.and_then(BandFold::finish);
        }
        Outcome {
            findings,
            arrivals_end: SimTime(u64::try_from(mean_end).unwrap_or(u64::MAX)),
            digests: digests.collect(),
            logs: designs.iter().copied().zip(self.logs).collect(),
            cpu: self.cpu,
        }
    }
}

/// The designs of one replication go into the bands.
fn add_bands(bands: &mut BandFold, arrivals_end: SimTime, runs: &[Finished]) {
    let rows = |run: &Finished| run.recorded.timeline.recorded(run.recorded.has_inventory);
    let recorded: Vec<_> = runs.iter().map(rows).collect();
    let found: Vec<_> = runs
        .iter()
        .zip(&recorded)
        .map(|(run, (rows, step))| (&run.recorded.findings, rows.as_slice(), *step))
        .collect();
    bands.add(arrivals_end.as_secs_f64(), &found);
}

/// That of a single replication as it is, a hash over those of several; `None` without any.
fn digest_of(replications: &[u128]) -> Option<u128> {
    if let [single] = replications {
        return Some(*single);
    }
    let mut hasher = blake3::Hasher::new();
    replications.iter().for_each(|digest| _ = hasher.update(&digest.to_le_bytes()));
    let first = *hasher.finalize().as_bytes().first_chunk()?;
    (!replications.is_empty()).then(|| u128::from_be_bytes(first))
}

/// Side by side: the timelines at the longer of their steps, the bills, and the comparison.
pub(crate) fn put_together(recorded: Vec<Recorded>, end: SimTime, prices: &PriceList) -> Findings {
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
    Findings { designs, end, step, comparison, replicated: None }
}

/// A panic in the core is an error of ours: it is told, and nothing half-done is left.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| words(panic.as_ref()))
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a rule of the simulation was broken: {}", text.unwrap_or("a run stopped for an unknown reason"))
}

fn run_design(
    scenario: &Scenario,
    design: Design,
    replication: u32,
    settings: &RunSettings,
    progress: &Watch,
) -> Finished {
    let watch = ThreadTime::now();
    let recorder = Recorder::new(recorder_settings(scenario, design, replication, settings))
        .with_provisioned_asked(provisioned_asked(scenario, design));
    let beat = progress.beat(design);
    let orders = settings.orders && replication == 0;
    let (ended, recorder, verified, log) = if settings.verify || orders {
        let auditor = || (Auditor::new(audit_settings(scenario, design, replication)), Fingerprint::new());
        let (verified, log) = (settings.verify.then(auditor), orders.then(OrderLog::new));
        let mut observer = ((recorder, beat), (verified, log));
        let ended = replicate(scenario, design, replication, &mut observer);
        let ((recorder, _), (verified, log)) = observer;
        (ended, recorder, verified, log)
    } else {
        let mut observer = (recorder, beat);
        let ended = replicate_fast(scenario, design, replication, &mut observer);
        (ended, observer.0, None, None)
    };
    let cpu = watch.elapsed();
    let recorded = recorder.finish(ended.at);
    let digest = verified.map(|(auditor, fingerprint)| {
        auditor.finish(ended.at, &recorded);
        fingerprint.digest()
    });
    Finished { recorded, ended, digest, log, cpu }
}

/// When a run and its arrivals ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The end of the run.
    pub at: SimTime,
    /// The end of the arrivals, A; not beyond the horizon.
    pub arrivals_end: SimTime,
}

/// One design of the first replication, watched by any observer.
pub fn simulate<O: Observer<Observation>>(scenario: &Scenario, design: Design, watch: &mut O) -> Ended {
    replicate(scenario, design, 0, watch)
}

/// One design from the first order to the end of the run, watched by any observer.
///
/// The observer is told through a pointer: one instance of each design serves all of them but the recorder's own.
pub fn replicate<O: Observer<Observation>>(
    scenario: &Scenario,
    design: Design,
    replication: u32,
    watch: &mut O,
) -> Ended {
    let mut watch: &mut dyn Observer<Observation> = watch;
    match design {
        Design::Buffered => replicate_buffered::<Aws, _>(scenario, replication, &mut watch),
        Design::Direct => replicate_direct(scenario, replication, &mut watch),
    }
}

/// [`replicate`] in instances made for this observer: for the run of every scenario, which is worth them.
fn replicate_fast<O: Observer<Observation>>(
    scenario: &Scenario,
    design: Design,
    replication: u32,
    watch: &mut O,
) -> Ended {
    match design {
        Design::Buffered if go_by_the_textbook(&scenario.buffered, &scenario.workload) => {
            replicate_buffered::<Textbook, O>(scenario, replication, watch)
        }
        Design::Buffered => replicate_buffered::<Aws, O>(scenario, replication, watch),
        Design::Direct => replicate_direct(scenario, replication, watch),
    }
}

fn replicate_buffered<W: Ways, O: Observer<Observation>>(
    scenario: &Scenario,
    replication: u32,
    watch: &mut O,
) -> Ended {
    let streams = Streams::new(scenario.seed, replication);
    let workload = Workload::new(&scenario.workload_of(replication), &streams);
    let mut agenda: Agenda<buffered::Event> = Agenda::new();
    let mut model: Buffered<W> = Buffered::new(&scenario.buffered, workload, platform_key(&streams), horizon(scenario));
    let keys = backlog_keys(&scenario.workload, &streams);
    model.fill(keys, &mut Turn { now: SimTime::ZERO, agenda: &mut agenda, watch });
    let ended = live(&mut model, &mut agenda, watch, scenario);
    model.close(&mut Turn { now: ended.at, agenda: &mut agenda, watch });
    ended
}

fn replicate_direct<O: Observer<Observation>>(scenario: &Scenario, replication: u32, watch: &mut O) -> Ended {
    let streams = Streams::new(scenario.seed, replication);
    let workload = Workload::new(&scenario.workload_of(replication), &streams);
    let mut agenda: Agenda<direct::Event> = Agenda::new();
    let mut model = Direct::new(&scenario.direct, workload, platform_key(&streams), horizon(scenario));
    model.fill(&mut Turn { now: SimTime::ZERO, agenda: &mut agenda, watch });
    let ended = live(&mut model, &mut agenda, watch, scenario);
    model.close(&mut Turn { now: ended.at, agenda: &mut agenda, watch });
    ended
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
fn window(scenario: &Scenario, replication: u32) -> Option<(SimTime, SimTime)> {
    if scenario.warm_up.is_zero() && scenario.cool_down.is_zero() {
        return None;
    }
    let end = arrivals_end(scenario, replication);
    Some((SimTime::ZERO + scenario.warm_up, SimTime(end.0.saturating_sub(scenario.cool_down.0))))
}

/// The end of the arrivals before any run. Where `max_orders` may cut them short, the workload is gone through to find out.
fn arrivals_end(scenario: &Scenario, replication: u32) -> SimTime {
    let mut workload = Workload::new(&scenario.workload_of(replication), &Streams::new(scenario.seed, replication));
    if scenario.workload.max_orders.is_some() {
        while workload.next_order().is_some() {}
    }
    until_horizon(scenario, workload.end())
}

/// Not before the end of the arrivals: all phases, up to the horizon.
pub fn latest_arrivals_end(scenario: &Scenario) -> SimTime {
    until_horizon(scenario, SimTime::ZERO + scenario.workload.span())
}

fn recorder_settings(
    scenario: &Scenario,
    design: Design,
    replication: u32,
    settings: &RunSettings,
) -> RecorderSettings {
    RecorderSettings {
        design,
        window: window(scenario, replication),
        memory_mb: memory_mb(scenario, design),
        resolution: settings.resolution,
        limits: limits(scenario, design),
        inventory: has_inventory(scenario, design),
        asynchronous: is_asynchronous(scenario, design),
    }
}

fn audit_settings(scenario: &Scenario, design: Design, replication: u32) -> AuditSettings {
    let limit_called = |name: &str| limits(scenario, design).iter().find(|limit| limit.name == name).map(|l| l.limit);
    AuditSettings {
        window: window(scenario, replication),
        concurrency_limit: concurrency_limit(scenario, design),
        maximum_concurrency: limit_called("maximum_concurrency").filter(|_| design == Design::Buffered),
        in_flight_limit: limit_called("in_flight_limit"),
        max_connections: limit_called("inventory_connections"),
        asynchronous: is_asynchronous(scenario, design),
        faults: scenario.faults().iter().map(|fault| (fault.from, fault.to)).collect(),
    }
}

/// A design's findings.
pub fn findings_of(findings: &Findings, design: Design) -> Option<&DesignFindings> {
    findings.designs.iter().find(|found| found.design == design)
}

#[cfg(test)]
#[path = "ways_tests.rs"]
mod ways_tests;
