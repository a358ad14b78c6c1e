//! What is to be driven: the scenario's own orders and settings, checked for what real services can do.

use crate::live::checks::Checks;
use crate::live::{Settings, Worker};
use crate::measure::findings::Design;
use crate::random::{Draw, Purpose, Streams};
use crate::scenario::{Horizon, Scenario};
use crate::system::Sdk;
use crate::system::spec::{Answers, ErrorAt, FunctionSpec, InventorySpec, WorkflowSpec};
use crate::time::{SimDuration, SimTime};
use crate::workload::{Order, Workload};

/// Workers where the scenario sets no limit on concurrency.
const WORKERS_WITHOUT_LIMIT: u32 = 10;
/// Attempts whose draws travel with an order to a function that runs elsewhere, where nothing bounds them.
const DRAWN_AHEAD: u32 = 12;
/// And where much bounds them.
const MOST_DRAWN_AHEAD: u32 = 64;

/// One design of one scenario, ready to be driven. All times are as driven: divided by `--speed`.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which design.
    pub design: Design,
    /// The orders in ascending order of their intended arrival.
    pub orders: Vec<Order>,
    /// The end of the arrivals.
    pub arrivals_end: SimTime,
    /// The counted window; `None`: the whole run.
    pub window: Option<(SimTime, SimTime)>,
    /// After this long beyond the arrivals' end nothing is waited for any more.
    pub max_drain: SimDuration,
    /// The workflow, its timers as driven.
    pub workflow: WorkflowSpec,
    /// The function, its timers as driven; its durations still those of the scenario.
    pub function: FunctionSpec,
    /// What it calls; service times still those of the scenario.
    pub inventory: Option<InventorySpec>,
    /// The queue's settings, as driven.
    pub queue: QueuePlan,
    /// Who works: always a function on the target in the direct design.
    pub worker: Worker,
    /// How refused calls are tried again.
    pub sdk: Sdk,
    /// Batches in hand at once, or environments of a function.
    pub workers: u32,
    /// By how much everything is faster.
    pub speed: u64,
    /// What the target does not do as the scenario says, a sentence each.
    pub notes: Vec<String>,
}

/// The queue and the mapping of the buffered design.
#[derive(Clone, Copy, Debug)]
pub struct QueuePlan {
    /// `VisibilityTimeout`.
    pub visibility_timeout: SimDuration,
    /// `MessageRetentionPeriod`.
    pub retention: Option<SimDuration>,
    /// `DelaySeconds`.
    pub delay: SimDuration,
    /// `maxReceiveCount`.
    pub max_receive_count: Option<u32>,
    /// Messages per receive.
    pub batch_size: u32,
    /// Only failed records stay in the queue.
    pub report_batch_item_failures: bool,
}

impl Plan {
    /// Makes the plan.
    ///
    /// # Errors
    ///
    /// Everything about the scenario that real services cannot be made to do, with the remedy, a paragraph each.
    pub fn new(scenario: &Scenario, design: Design, settings: &Settings) -> Result<Plan, String> {
        let mut checks = Checks { speed: settings.speed, wrong: Vec::new(), notes: Vec::new() };
        checks.scenario(scenario, design);
        let (workflow, function, inventory) = match design {
            Design::Buffered => {
                let spec = &scenario.buffered;
                (&spec.workflow, &spec.function, &spec.inventory)
            }
            Design::Direct => {
                let spec = &scenario.direct;
                (&spec.workflow, &spec.function, &spec.inventory)
            }
        };
        let worker = if design == Design::Direct { Worker::Lambda } else { settings.worker };
        checks.function(function, inventory.as_ref(), (design, worker), settings);
        let workflow = checks.workflow(workflow);
        let mut function = function.clone();
        function.timeout = function.timeout.map(|limit| match worker {
            Worker::Pool => checks.divided(limit),
            Worker::Lambda => checks.timer("lambda.timeout", limit),
        });
        function.skip_older_than = function.skip_older_than.map(|limit| checks.divided(limit));
        let before = checks.wrong.len();
        let queue = checks.queue(scenario);
        if design == Design::Direct {
            // It has no queue that could be wrong.
            checks.wrong.truncate(before);
        }
        let (orders, arrivals_end) = orders(scenario, settings);
        if orders.is_empty() {
            checks.refuse("no order comes in the part of the schedule that is driven", "use a longer --duration");
        }
        let too_many = |most: &u64| settings.max_orders.is_none() && orders.len() as u64 > *most;
        if let Some(most) = settings.max_orders_allowed.filter(too_many) {
            let words = format!("more than {most} orders come in, and without --max-orders no more are sent");
            checks.refuse(&words, "bound the run with --duration or --max-orders");
        }
        let workers = workers(scenario, design, settings, &mut checks.notes);
        if (design, worker) == (Design::Buffered, Worker::Lambda) {
            checks.mapping(&queue, &function, workers);
        }
        let plan = Plan {
            design,
            orders,
            arrivals_end,
            window: window(scenario, arrivals_end, settings.speed),
            max_drain: settings.max_drain.min(scenario_drain(scenario, arrivals_end, settings.speed)),
            workflow,
            function,
            inventory: inventory.clone(),
            queue,
            worker,
            sdk: Sdk::new(&scenario.buffered.platform.sdk),
            workers,
            speed: settings.speed,
            notes: checks.notes,
        };
        if checks.wrong.is_empty() { Ok(plan) } else { Err(checks.wrong.join("\n")) }
    }

    /// Whether one failed record fails its whole batch: it is thrown, and failed records are not reported one by one.
    pub fn fails_whole(&self) -> bool {
        self.function.fails_whole(self.queue.report_batch_item_failures)
    }

    /// Whether the first record that is done decides for its batch.
    pub fn first_decides(&self) -> bool {
        self.function.answers == Answers::FirstDecides
    }

    /// Whether this run of an order's work throws before it has done any.
    pub fn throws_at_start(&self, order: &Order, run: u64) -> bool {
        self.function.error_at == ErrorAt::Start && self.fails(order, run)
    }

    /// How long the handler's own work on an order takes in this run of it, as driven.
    pub fn work(&self, order: &Order, run: u64) -> SimDuration {
        let drawn = || self.function.duration.duration(&mut Draw::new(order.key, Purpose::Work, run));
        self.faster(order.service.unwrap_or_else(drawn))
    }

    /// How long a call of the inventory takes, as driven, before any slow-down.
    pub fn service(&self, order: &Order, run: u64) -> SimDuration {
        let drawn =
            |spec: &InventorySpec| spec.service_time.duration(&mut Draw::new(order.key, Purpose::Inventory, run));
        self.faster(self.inventory.as_ref().map_or(SimDuration::ZERO, drawn))
    }

    /// Whether this run of an order's work fails: by the same coins as in the simulation.
    pub fn fails(&self, order: &Order, run: u64) -> bool {
        let function = &self.function;
        Draw::new(order.key, Purpose::Poison, 0).coin(function.poison_rate)
            || Draw::new(order.key, Purpose::Error, run).coin(function.error_rate)
    }

    /// The draws of an order's first attempts, for a function that runs elsewhere: seconds of work with its call of the
    /// inventory, and whether it fails.
    pub fn drawn_ahead(&self, order: &Order) -> (Vec<f64>, Vec<bool>) {
        let bound = (self.workflow.retry.max_attempts.saturating_add(1)).saturating_mul(self.draws_per_message());
        let runs = 0..u64::from(bound.min(MOST_DRAWN_AHEAD));
        let work = runs.clone().map(|run| (self.work(order, run) + self.service(order, run)).as_secs_f64());
        (work.collect(), runs.map(|run| self.fails(order, run)).collect())
    }

    /// How many runs of the work on one message are drawn beforehand. A direct invocation has no message, and one run.
    pub fn draws_per_message(&self) -> u32 {
        match self.design {
            Design::Direct => 1,
            Design::Buffered => self.queue.max_receive_count.unwrap_or(DRAWN_AHEAD),
        }
    }

    /// As driven.
    pub fn faster(&self, length: SimDuration) -> SimDuration {
        SimDuration(length.0 / self.speed)
    }
}

/// The orders that are driven, their intended times divided by the speed, and the end of their arrivals.
fn orders(scenario: &Scenario, settings: &Settings) -> (Vec<Order>, SimTime) {
    let until = settings.duration.map_or(SimTime::NEVER, |length| SimTime::ZERO + length);
    let horizon = match scenario.horizon {
        Horizon::At(at) => SimTime(at.0 / settings.speed),
        Horizon::UntilDrained { .. } => SimTime::NEVER,
    };
    let until = until.min(horizon);
    let most = settings.max_orders.unwrap_or(u64::MAX);
    let mut workload = Workload::new(&scenario.workload_of(0), &Streams::new(scenario.seed, 0));
    let mut orders = Vec::new();
    let mut cut = false;
    while let Some(order) = workload.next_order() {
        let arrives_at = SimTime(order.arrives_at.0 / settings.speed);
        if orders.len() as u64 == most || arrives_at >= until {
            cut = true;
            break;
        }
        orders.push(Order { arrives_at, ..order });
        if settings.max_orders.is_none() && orders.len() as u64 > settings.max_orders_allowed.unwrap_or(u64::MAX) {
            break;
        }
    }
    let last = orders.last().map_or(SimTime::ZERO, |order| order.arrives_at);
    let whole = SimTime(workload.end().0 / settings.speed);
    let end = match (cut, orders.len() as u64 == most) {
        (true, true) => last,
        (true, false) => until,
        (false, _) => whole.min(until),
    };
    (orders, end)
}

fn window(scenario: &Scenario, arrivals_end: SimTime, speed: u64) -> Option<(SimTime, SimTime)> {
    if scenario.warm_up.is_zero() && scenario.cool_down.is_zero() {
        return None;
    }
    let from = SimTime(scenario.warm_up.0 / speed);
    Some((from, SimTime(arrivals_end.0.saturating_sub(scenario.cool_down.0 / speed)).max(from)))
}

fn scenario_drain(scenario: &Scenario, arrivals_end: SimTime, speed: u64) -> SimDuration {
    match scenario.horizon {
        Horizon::UntilDrained { max_drain } => SimDuration(max_drain.0 / speed),
        Horizon::At(at) => SimDuration((at.0 / speed).saturating_sub(arrivals_end.0)),
    }
}

/// As many as may work at once.
fn workers(scenario: &Scenario, design: Design, settings: &Settings, notes: &mut Vec<String>) -> u32 {
    let (function, mapping) = match design {
        Design::Buffered => (&scenario.buffered.function, scenario.buffered.event_source.maximum_concurrency),
        Design::Direct => (&scenario.direct.function, None),
    };
    let limit = [function.reserved_concurrency, mapping].into_iter().flatten().min();
    match (settings.workers, limit) {
        (Some(workers), _) => workers,
        (None, Some(limit)) => limit,
        (None, None) => {
            notes.push(format!(
                "{}: the scenario limits no concurrency; {WORKERS_WITHOUT_LIMIT} at once were driven (--workers)",
                design.name()
            ));
            WORKERS_WITHOUT_LIMIT
        }
    }
}
