//! A measurement from the first thing created to the last removed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::experiment::limits::{has_inventory, limits, memory_mb};
use crate::experiment::run::put_together;
use crate::live::aws;
use crate::live::cleanup::clear;
use crate::live::drive::{Driven, drive, execution_prefix};
use crate::live::guard::Guard;
use crate::live::manifest::Manifest;
use crate::live::plan::Plan;
use crate::live::progress::{Progress, Shown};
use crate::live::provision::{Given, Site, Stopped};
use crate::live::reconcile::{Reconciled, reconcile};
use crate::live::sdk::{Clients, Place};
use crate::live::server::Server;
use crate::live::target::{Standing, Target};
use crate::live::tell::{Told, tell};
use crate::live::{Lag, Settings, Worker};
use crate::measure::findings::{Design, Findings};
use crate::measure::limits::LimitSetting;
use crate::measure::order_log::OrderLog;
use crate::measure::recorder::RecorderSettings;
use crate::measure::{AuditSettings, Recorded};
use crate::scenario::Scenario;
use crate::time::{SimDuration, SimTime};

/// How often whoever waits is told.
const TELL: Duration = Duration::from_millis(1_000);
/// Every so many times the services are asked how many executions run.
const ASK_EVERY: u32 = 3;
/// Limits that the driver itself keeps, or the function of the target.
const KEPT: [&str; 3] = ["maximum_concurrency", "reserved_concurrency", "inventory_connections"];

/// Where the services of a measurement are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// An emulator that the run starts itself, from the virtual environment in this folder.
    Own(PathBuf),
    /// Somewhere already.
    There(Place),
}

/// What is to be measured, where, and how.
#[derive(Debug)]
pub struct Job<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// One plan per design, buffered first.
    pub plans: Vec<Plan>,
    /// How.
    pub settings: &'a Settings,
    /// Where.
    pub at: Where,
    /// What is there already.
    pub given: Given,
    /// The folder of manifests.
    pub manifests: &'a Path,
    /// The step of the timeline.
    pub resolution: Option<SimDuration>,
    /// On AWS: the account that the credentials must belong to.
    pub account: Option<String>,
}

/// What was measured.
#[derive(Debug)]
pub struct Outcome {
    /// The findings of all designs.
    pub findings: Findings,
    /// What became of each order.
    pub logs: Vec<(Design, OrderLog)>,
    /// The end of the arrivals.
    pub arrivals_end: SimTime,
    /// What the client itself was like, by design.
    pub clients: Vec<Client>,
    /// Why the numbers must not be used; empty: they may.
    pub void: Vec<String>,
}

/// What the client itself was like during the run of one design.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Which design.
    pub design: Design,
    /// Batches in hand at once, or environments.
    pub workers: u32,
    /// How late orders were started.
    pub lag: Lag,
    /// By how much the services' clock was ahead, in seconds.
    pub clock_offset_s: f64,
    /// Whether the run ended with something left to happen.
    pub cut_short: bool,
}

/// Why there is no result.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody interrupted; what could not be removed.
    Interrupted(Vec<String>),
    /// Something went wrong, in words; what could not be removed.
    Failed(String, Vec<String>),
}

/// Measures. `show` is told about every second how things stand; `stop` becomes true when somebody interrupts, and whatever
/// was created is removed before this returns.
///
/// # Errors
///
/// See [`Ended`].
pub fn measure(
    job: &Job<'_>,
    stop: &watch::Receiver<bool>,
    show: impl Fn(Design, Shown, Duration) + Send + Sync + 'static,
) -> Result<Outcome, Ended> {
    let stopped = || *stop.borrow();
    let (server, place) = match &job.at {
        Where::There(place) => (None, place.clone()),
        Where::Own(folder) => match Server::start(folder, stopped) {
            Ok(server) => {
                let place = Place::Loopback(server.url().to_owned());
                (Some(server), place)
            }
            Err(_) if stopped() => return Err(Ended::Interrupted(Vec::new())),
            Err(words) => return Err(Ended::Failed(words, Vec::new())),
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Ended::Failed(format!("error: no runtime: {error}"), Vec::new()))?;
    let measured = runtime.block_on(at(job, &place, server.is_some(), stop.clone(), Arc::new(show)));
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop(server);
    measured
}

type Show = dyn Fn(Design, Shown, Duration) + Send + Sync;

async fn at(
    job: &Job<'_>,
    place: &Place,
    own_server: bool,
    stop: watch::Receiver<bool>,
    show: Arc<Show>,
) -> Result<Outcome, Ended> {
    let clients = Clients::new(place, job.settings.wait_s).await;
    if let Some(account) = &job.account {
        let found = clients.account().await.map_err(|words| Ended::Failed(format!("error: {words}"), Vec::new()))?;
        if found != *account {
            let words = format!("error: these credentials are of another account than {account}; nothing was created");
            return Err(Ended::Failed(words, Vec::new()));
        }
    }
    let run = run_id();
    let mut manifest = Manifest::create(job.manifests, &run, (place, job.account.as_deref()), own_server)
        .map_err(|words| Ended::Failed(words, Vec::new()))?;
    let mut done = Vec::new();
    let mut ended = Ok(());
    for plan in &job.plans {
        match design(job, plan, (&clients, &mut manifest), &stop, &show).await {
            Ok(one) => done.push(one),
            Err(stopped) => {
                ended = Err(stopped);
                break;
            }
        }
    }
    let cleared = clear(&clients, &mut manifest).await;
    match ended {
        Err(Stopped::Interrupted) => Err(Ended::Interrupted(cleared.left)),
        Err(Stopped::Failed(words)) => Err(Ended::Failed(words, cleared.left)),
        Ok(()) if !cleared.is_clean() => {
            Err(Ended::Failed("error: not everything that was created could be removed".into(), cleared.left))
        }
        Ok(()) => Ok(outcome(job, done)),
    }
}

/// A name that no other run has: the time and the process, in letters and digits.
fn run_id() -> String {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let mut number = nanos / 1_000 * 65_536 + u128::from(std::process::id() % 65_536);
    let mut letters = Vec::new();
    while number > 0 {
        letters.push(char::from_digit((number % 36) as u32, 36).unwrap_or('0'));
        number /= 36;
    }
    format!("simulate-{}", letters.into_iter().rev().collect::<String>())
}

struct Done {
    plan: Plan,
    driven: Driven,
    found: Reconciled,
}

async fn design(
    job: &Job<'_>,
    plan: &Plan,
    (clients, manifest): (&Clients, &mut Manifest),
    stop: &watch::Receiver<bool>,
    show: &Arc<Show>,
) -> Result<Done, Stopped> {
    let run = manifest.run.clone();
    let heartbeats = job.settings.heartbeats;
    let mut site = Site { clients, manifest, given: &job.given, heartbeats, stop: stop.clone() };
    let target = Arc::new(site.create(plan).await?);
    let guard = Arc::new(Guard::new(job.settings.guard, aws::rates(plan, &job.scenario.prices)));
    let measured = one(&target, plan, job.settings, (&run, show.clone(), guard.clone()));
    let (driven, found) = tokio::select! {
        measured = measured => measured.map_err(Stopped::Failed)?,
        why = guard.ended() => {
            let design = plan.design.name();
            return Err(Stopped::Failed(format!("error: {design}: stopped early, and no report was written: {why}")));
        }
        () = interrupted(stop.clone()) => return Err(Stopped::Interrupted),
    };
    Ok(Done { plan: plan.clone(), driven, found })
}

async fn interrupted(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Drives one design and asks afterwards.
async fn one<T: Target>(
    target: &Arc<T>,
    plan: &Plan,
    settings: &Settings,
    (run, show, guard): (&str, Arc<Show>, Arc<Guard>),
) -> Result<(Driven, Reconciled), String> {
    let progress = Arc::new(Progress::default());
    let teller = tell_how_it_stands(target.clone(), (plan.design, run), progress.clone(), show);
    let driven = tokio::select! {
        driven = drive(target.clone(), plan.clone(), settings, run, (progress, guard)) => driven,
        () = teller => unreachable!("it tells until it is dropped"),
    };
    let found = reconcile(target, plan, run, &driven, settings.histories_per_s).await?;
    Ok((driven, found))
}

/// Shows how things stand, and asks the services now and then what the driver cannot hear.
async fn tell_how_it_stands<T: Target>(
    target: Arc<T>,
    (design, run): (Design, &str),
    progress: Arc<Progress>,
    show: Arc<Show>,
) {
    let prefix = execution_prefix(run, design);
    let began = tokio::time::Instant::now();
    let mut ticks = tokio::time::interval_at(began + TELL, TELL);
    for tick in 1_u32.. {
        ticks.tick().await;
        if tick.is_multiple_of(ASK_EVERY) {
            if let Ok(running) = target.count(Standing::Running, &prefix).await {
                progress.running(running);
            }
            if design == Design::Direct
                && let Ok(succeeded) = target.count(Standing::Succeeded, &prefix).await
            {
                progress.succeeded(succeeded);
            }
        }
        show(design, progress.shown(), began.elapsed());
    }
}

fn kept(job: &Job<'_>, plan: &Plan) -> Vec<LimitSetting> {
    let mut all = limits(job.scenario, plan.design);
    all.retain(|limit| KEPT.contains(&limit.name));
    match (plan.design, plan.worker) {
        (Design::Buffered, Worker::Pool) => {}
        // Environments share no connections.
        (Design::Buffered, Worker::Lambda) => all.retain(|limit| limit.name != "inventory_connections"),
        (Design::Direct, _) => all.retain(|limit| limit.name == "reserved_concurrency"),
    }
    all
}

fn recording(job: &Job<'_>, plan: &Plan) -> RecorderSettings {
    RecorderSettings {
        design: plan.design,
        window: plan.window,
        memory_mb: memory_mb(job.scenario, plan.design),
        resolution: job.resolution,
        limits: kept(job, plan),
        inventory: plan.worker == Worker::Pool && has_inventory(job.scenario, plan.design),
        asynchronous: false,
    }
}

fn audit(plan: &Plan) -> AuditSettings {
    let own_pool = plan.worker == Worker::Pool;
    let connections = plan.inventory.as_ref().and_then(|inventory| inventory.settings.max_connections);
    AuditSettings {
        window: plan.window,
        concurrency_limit: own_pool.then_some(plan.workers.into()),
        maximum_concurrency: own_pool.then_some(plan.workers.into()),
        max_connections: connections.filter(|_| own_pool).map(u64::from),
        in_flight_limit: None,
        asynchronous: false,
        faults: Vec::new(),
    }
}

fn outcome(job: &Job<'_>, done: Vec<Done>) -> Outcome {
    let mut void = Vec::new();
    let mut clients = Vec::new();
    let mut logs = Vec::new();
    let mut recorded: Vec<Recorded> = Vec::new();
    let mut end = SimTime::ZERO;
    for Done { plan, driven, found } in done {
        let told = tell(&plan, &driven, &found, (&recording(job, &plan), &audit(&plan)));
        let name = plan.design.name();
        void.extend(
            reasons(&plan, &told, &driven, &found, job.settings).into_iter().map(|words| format!("{name}: {words}")),
        );
        clients.push(Client {
            design: plan.design,
            workers: plan.workers,
            lag: driven.lag,
            clock_offset_s: found.offset_ms / 1e3,
            cut_short: driven.cut_short,
        });
        logs.push((plan.design, told.log));
        recorded.push(told.recorded);
        end = end.max(told.end);
    }
    let arrivals_end = job.plans.iter().map(|plan| plan.arrivals_end).max().unwrap_or(SimTime::ZERO);
    Outcome { findings: put_together(recorded, end, &job.scenario.prices), logs, arrivals_end, clients, void }
}

/// Why a design's numbers must not be used.
fn reasons(plan: &Plan, told: &Told, driven: &Driven, found: &Reconciled, settings: &Settings) -> Vec<String> {
    let mut reasons = driven.troubles.clone();
    reasons.extend(found.troubles.iter().cloned());
    reasons.extend(told.breach.iter().cloned());
    if driven.lag.p99 > settings.max_lag.0 {
        let milliseconds = |nanos: u64| nanos.div_ceil(1_000_000);
        reasons.push(format!(
            "one order in a hundred was started {} ms late or later, and {} ms were allowed",
            milliseconds(driven.lag.p99),
            milliseconds(settings.max_lag.0)
        ));
    }
    let counted = told.log.rows().len();
    if counted != plan.orders.len() {
        reasons.push(format!("{counted} orders were accounted for, and {} came in", plan.orders.len()));
    }
    reasons
}
