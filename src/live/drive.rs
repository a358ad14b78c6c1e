//! The driver: starts every order at its intended time, whatever happened before, and waits until nothing is left to happen.
//!
//! Open loop: no order waits for another, and a target that answers slowly changes no schedule. How late the driver itself
//! was is the *lag* of an order; latency counts from the intended time all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::live::guard::Guard;
use crate::live::inventory::Inventory;
use crate::live::log::{Book, Fact, Log};
use crate::live::plan::Plan;
use crate::live::progress::Progress;
use crate::live::reports;
use crate::live::target::{CallError, Depth, Standing, Target, Which};
use crate::live::worker::{self, Shared};
use crate::live::{Lag, Settings, Worker};
use crate::measure::findings::Design;
use crate::model::inventory::InventorySettings;
use crate::time::SimTime;
use crate::workload::Order;

/// Between the decision to begin and the first instant of the schedule.
const LEAD: Duration = Duration::from_millis(300);
/// How often the driver asks whether anything is left to happen.
const ASK: Duration = Duration::from_millis(500);

/// What came of a run, before it is looked into.
#[derive(Debug)]
pub struct Driven {
    /// What was seen.
    pub book: Book,
    /// When it was over.
    pub end: SimTime,
    /// This machine's clock at time zero, in milliseconds since 1970.
    pub zero_ms: f64,
    /// How late orders were started.
    pub lag: Lag,
    /// What makes the run void.
    pub troubles: Vec<String>,
    /// Whether the run ended with something left to happen.
    pub cut_short: bool,
}

/// Drives one design. Dropped in the middle, it stops at once.
pub async fn drive<T: Target>(
    target: Arc<T>,
    plan: Plan,
    settings: &Settings,
    run: &str,
    (progress, guard): (Arc<Progress>, Arc<Guard>),
) -> Driven {
    let zero = Instant::now() + LEAD;
    let zero_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| (since + LEAD).as_secs_f64() * 1e3);
    let shared = Arc::new(Shared {
        target,
        run: run.to_owned(),
        log: Log::new(zero, zero_ms),
        progress,
        guard,
        inventory: plan.inventory.as_ref().map(|spec| Inventory::new(faster(&plan, spec.settings))),
        runs: plan.orders.iter().map(|_| AtomicU32::new(0)).collect(),
        plan,
        wait_s: settings.wait_s,
        heartbeats: settings.heartbeats,
        stop: AtomicBool::new(false),
        troubles: Default::default(),
    });
    let mut pool = JoinSet::new();
    let mut collected = None;
    if shared.plan.design == Design::Buffered {
        match shared.plan.worker {
            Worker::Pool => (0..shared.plan.workers).for_each(|_| _ = pool.spawn(worker::work(shared.clone()))),
            Worker::Lambda => collected = Some(tokio::spawn(reports::collect(shared.clone()))),
        }
        if shared.plan.queue.max_receive_count.is_some() {
            pool.spawn(watch_dead_letters(shared.clone()));
        }
    }
    let lags = schedule(&shared).await;
    let cut_short = !until_quiet(&shared).await;
    shared.stop.store(true, Ordering::Relaxed);
    finish(&mut pool, settings.wait_s).await;
    let reports = match collected {
        Some(collected) => collected.await.unwrap_or_default(),
        None => Vec::new(),
    };
    let troubles = shared.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
    let end = shared.log.now();
    let mut driven = Driven { book: shared.log.take(), end, zero_ms, lag: Lag::of(lags), troubles, cut_short };
    reports::merge(reports, &mut driven, &shared.plan);
    driven
}

/// The inventory's own timers divided by the speed.
fn faster(plan: &Plan, settings: InventorySettings) -> InventorySettings {
    InventorySettings { connect_timeout: settings.connect_timeout.map(|limit| plan.faster(limit)), ..settings }
}

/// Starts every order at its time; how late each was, in nanoseconds.
async fn schedule<T: Target>(shared: &Arc<Shared<T>>) -> Vec<u64> {
    let mut calls = JoinSet::new();
    let mut lags = Vec::with_capacity(shared.plan.orders.len());
    let zero = shared.log.zero();
    for order in shared.plan.orders.clone() {
        let due = zero + Duration::from_nanos(order.arrives_at.0);
        sleep_until(due).await;
        let lag = u64::try_from(Instant::now().saturating_duration_since(due).as_nanos()).unwrap_or(u64::MAX);
        lags.push(lag);
        shared.progress.offered(lag);
        calls.spawn(start(shared.clone(), order));
        while calls.try_join_next().is_some() {}
    }
    sleep_until(zero + Duration::from_nanos(shared.plan.arrivals_end.0)).await;
    while calls.join_next().await.is_some() {}
    lags
}

/// How the names of a design's executions begin.
pub fn execution_prefix(run: &str, design: Design) -> String {
    format!("{run}-{}-", design.name())
}

/// The name of an order's execution.
pub fn execution_name(run: &str, design: Design, order: u64) -> String {
    format!("{}{order}", execution_prefix(run, design))
}

async fn start<T: Target>(shared: Arc<Shared<T>>, order: Order) {
    let log = &shared.log;
    let name = execution_name(&shared.run, shared.plan.design, order.number);
    let input = input(&shared.plan, &order, &shared.run);
    log.add(Fact::Issued(order.number));
    shared.guard.execution();
    for made in 1.. {
        let before = log.now();
        let said = shared.target.start(&name, &input).await;
        shared.guard.came_back(&said);
        match said {
            Ok(started_ms) => {
                log.with(|book, now| {
                    book.facts.push((now, Fact::Started(order.number)));
                    book.clocks.push((before, now, started_ms));
                });
                return shared.progress.started();
            }
            Err(CallError::Throttled) => {
                let waits = shared.plan.sdk.start.wait(order.key, 0, made).map(|waits| shared.plan.faster(waits));
                log.add(Fact::StartThrottled(order.number, waits.map(|waits| waits.0)));
                let Some(waits) = waits else { return shared.progress.refused() };
                sleep(Duration::from_nanos(waits.0)).await;
            }
            Err(error) => {
                shared.trouble(format!("StartExecution failed: {error}"));
                log.add(Fact::StartFailed(order.number));
                return shared.progress.refused();
            }
        }
    }
}

/// What an execution is told of its order.
fn input(plan: &Plan, order: &Order, run: &str) -> String {
    let mut input = json!({ "order": order.number, "run": run });
    if plan.worker == Worker::Lambda {
        let (work, fails) = plan.drawn_ahead(order);
        input["work"] = work.into();
        input["fails"] = fails.into();
    }
    input.to_string()
}

/// Reads the dead-letter queue all the time, so that it is known when a message came there.
async fn watch_dead_letters<T: Target>(shared: Arc<Shared<T>>) {
    while !shared.stop.load(Ordering::Relaxed) {
        match shared.receive(Which::DeadLetter, 10, shared.wait_s).await {
            Ok(messages) => {
                let mut receipts = Vec::new();
                for message in messages {
                    if let Some(seen) = worker::read_dead(&message, &shared.run, shared.plan.orders.len()) {
                        shared.log.dead_letter(seen);
                        receipts.push(message.receipt);
                    }
                }
                if !receipts.is_empty() {
                    // What stays there is seen again, and known already.
                    let _ = shared.delete(Which::DeadLetter, &receipts).await;
                }
            }
            Err(_) => sleep(ASK).await,
        }
    }
}

/// Waits until no execution runs and no message is left; false if that takes too long.
async fn until_quiet<T: Target>(shared: &Arc<Shared<T>>) -> bool {
    let until = Instant::now() + Duration::from_nanos(shared.plan.max_drain.0);
    let prefix = execution_prefix(&shared.run, shared.plan.design);
    let mut quiet = 0;
    loop {
        // Whoever waits longer has his answer later, and asks no more often than that.
        let running = shared.target.count(Standing::Running, &prefix).await;
        shared.guard.requests(u64::from(shared.plan.design == Design::Buffered));
        let left = match shared.plan.design {
            Design::Buffered => shared.target.depth(Which::Main).await.map(Depth::messages),
            Design::Direct => Ok(0),
        };
        match (running, left) {
            (Ok(0), Ok(0)) => quiet += 1,
            (Ok(_), Ok(_)) | (Err(CallError::Throttled), _) | (_, Err(CallError::Throttled)) => quiet = 0,
            (Err(error), _) | (_, Err(error)) => {
                shared.trouble(format!("the end of the run could not be seen: {error}"));
                return false;
            }
        }
        // Twice, for a message on its way is neither in an execution's hands nor in the queue.
        if quiet == 2 {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        sleep(ASK.min(until.saturating_duration_since(Instant::now()))).await;
    }
}

/// Lets the workers come to the end of what they have in hand.
async fn finish(pool: &mut JoinSet<()>, wait_s: u32) {
    let patience = Duration::from_secs(u64::from(wait_s) + 5);
    let all = async { while pool.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(patience, all).await;
    pool.shutdown().await;
}
