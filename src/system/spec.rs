//! What a system is made of, as plain data: the checked form of the scenario, one value per design.

use crate::facts::workflow;
use crate::model::bucket::BucketSettings;
use crate::model::event_queue::EventQueueSettings;
use crate::model::execution::{RetryPolicy, TaskErrors};
use crate::model::inventory::InventorySettings;
use crate::model::queue::QueueSettings;
use crate::random::Distribution;
use crate::time::{SimDuration, SimTime};

/// The buffered design: execution → queue → event source mapping → function → callback.
#[derive(Clone, Debug, PartialEq)]
pub struct BufferedSpec {
    /// The workflow around the callback Task.
    pub workflow: WorkflowSpec,
    /// The queue.
    pub queue: QueueSettings,
    /// The delay of each message.
    pub delay: DelaySpec,
    /// Where the queue is not strict.
    pub noise: NoiseSpec,
    /// When the dead-letter queue is moved back; `None`: never.
    pub redrive: Option<RedriveSpec>,
    /// The event source mapping.
    pub event_source: EventSourceSpec,
    /// The function.
    pub function: FunctionSpec,
    /// What the function calls; `None`: nothing, and the stock is endless.
    pub inventory: Option<InventorySpec>,
    /// How long hops take, and what the account allows.
    pub platform: PlatformSpec,
}

/// The direct design: execution → function → reply, or, asynchronously, execution → Lambda's queue → function → callback.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectSpec {
    /// The workflow around the `lambda:invoke` Task.
    pub workflow: WorkflowSpec,
    /// Invocation type `Event`; `None`: the Task waits for the function's reply.
    pub asynchronous: Option<AsynchronousSpec>,
    /// The function (`[lambda]` overridden by `[direct.lambda]`).
    pub function: FunctionSpec,
    /// What the function calls; `None`: nothing, and the stock is endless.
    pub inventory: Option<InventorySpec>,
    /// How long hops take, and what the account allows.
    pub platform: PlatformSpec,
}

/// How Lambda treats asynchronous invocations of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsynchronousSpec {
    /// Its queue of their events.
    pub queue: EventQueueSettings,
    /// Whether events that are given up go to an on-failure destination, an SQS queue.
    pub destination: bool,
}

/// What both designs stand on: the hops between services, and the account's limits.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformSpec {
    /// How long each hop takes.
    pub latency: LatencySpec,
    /// What the account allows.
    pub account: AccountSpec,
    /// How callers whose calls are refused try again.
    pub sdk: SdkSpec,
    /// What breaks, and when, in the order of the scenario.
    pub faults: Vec<FaultSpec>,
}

impl PlatformSpec {
    /// No hop takes time and the account allows everything: the textbook's platform.
    pub fn ideal() -> PlatformSpec {
        let none = Distribution::constant(0.0);
        let latency = LatencySpec {
            start: none,
            dispatch: none,
            transition: none,
            send: none,
            receive: none,
            invoke: none,
            callback: none,
        };
        let account = AccountSpec {
            concurrency_limit: None,
            other_concurrency: 0,
            start_execution: None,
            state_transition: None,
            send_task: None,
            environment_rate: None,
            requests_per_concurrency: None,
        };
        PlatformSpec { latency, account, sdk: SdkSpec::AWS, faults: Vec::new() }
    }
}

/// How the SDKs of AWS's callers try again (`[sdk]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdkSpec {
    /// Whoever starts executions.
    pub start: TriesSpec,
    /// The worker that answers with the task token.
    pub callback: TriesSpec,
}

impl SdkSpec {
    /// As they are out of the box, by all that is known.
    pub const AWS: SdkSpec = SdkSpec {
        start: TriesSpec { tries: workflow::START_TRIES, first: workflow::START_BACKOFF },
        callback: TriesSpec { tries: workflow::CALLBACK_TRIES, first: workflow::CALLBACK_BACKOFF },
    };
}

/// Calls in all, and the longest wait before the second; waits double from call to call, with full jitter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TriesSpec {
    /// Calls in all, at least 1.
    pub tries: u32,
    /// The longest wait before the second call.
    pub first: SimDuration,
}

/// Something that breaks for a while (`[[faults]]`).
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// What reports call it.
    pub name: String,
    /// The first instant at which it hits.
    pub from: SimTime,
    /// The instant after the last.
    pub to: SimTime,
    /// What it hits.
    pub target: FaultTarget,
    /// What it does to it.
    pub effect: FaultEffect,
    /// The share of those that are hit, in (0, 1].
    pub share: f64,
}

/// What a fault hits (`faults.target`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultTarget {
    /// `StartExecution`.
    Start,
    /// Messages on their way into the queue, or out of it.
    Queue,
    /// The function.
    Lambda,
    /// Calls of the inventory.
    Inventory,
    /// `SendTaskSuccess` and `SendTaskFailure`.
    Callback,
}

impl FaultTarget {
    /// All of them, in the order in which an order meets them.
    pub const ALL: [FaultTarget; 5] =
        [FaultTarget::Start, FaultTarget::Queue, FaultTarget::Lambda, FaultTarget::Inventory, FaultTarget::Callback];

    /// The name used in every file.
    pub const fn name(self) -> &'static str {
        match self {
            FaultTarget::Start => "start",
            FaultTarget::Queue => "queue",
            FaultTarget::Lambda => "lambda",
            FaultTarget::Inventory => "inventory",
            FaultTarget::Callback => "callback",
        }
    }
}

/// What a fault does to its target; shares are fractions in (0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FaultEffect {
    /// It takes so much longer.
    AddDelay(SimDuration),
    /// This share of it fails.
    ErrorRate(f64),
    /// It does not work at all.
    Outage,
    /// This share of it is lost.
    Drop(f64),
    /// This share of it happens twice.
    Duplicate(f64),
}

impl FaultEffect {
    /// The key of the scenario, which is its name in every file.
    pub const fn name(self) -> &'static str {
        match self {
            FaultEffect::AddDelay(_) => "add_delay",
            FaultEffect::ErrorRate(_) => "error_rate",
            FaultEffect::Outage => "outage",
            FaultEffect::Drop(_) => "drop",
            FaultEffect::Duplicate(_) => "duplicate",
        }
    }

    /// The share of what it hits that it has an effect on.
    pub const fn rate(self) -> f64 {
        match self {
            FaultEffect::AddDelay(_) | FaultEffect::Outage => 1.0,
            FaultEffect::ErrorRate(rate) | FaultEffect::Drop(rate) | FaultEffect::Duplicate(rate) => rate,
        }
    }
}

/// How long each hop takes (`[latency]`). A hop that takes no time is a call.
#[derive(Clone, Debug, PartialEq)]
pub struct LatencySpec {
    /// `StartExecution` accepted → the execution enters its first state.
    pub start: Distribution,
    /// The task's state entered → the task started (its timeout counts from there).
    pub dispatch: Distribution,
    /// An answer accepted → the next state entered.
    pub transition: Distribution,
    /// Task started → its message in the queue.
    pub send: Distribution,
    /// A receive hands messages out → the poller has them.
    pub receive: Distribution,
    /// Invocation sent → asked of the function.
    pub invoke: Distribution,
    /// A record's work ends → its answer (or, direct, the reply) reaches the task.
    pub callback: Distribution,
}

/// What the account allows in its Region (`[account]`); `None`: no such limit.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountSpec {
    /// Environments of all functions at once.
    pub concurrency_limit: Option<u32>,
    /// Environments that other functions keep busy all the time.
    pub other_concurrency: u32,
    /// `StartExecution`: beyond it a call is refused.
    pub start_execution: Option<BucketSettings>,
    /// `StateTransition`: beyond it a transition is delayed.
    pub state_transition: Option<BucketSettings>,
    /// `SendTaskSuccess`, `SendTaskFailure`, `SendTaskHeartbeat`, a bucket each: beyond it a call is refused.
    pub send_task: Option<BucketSettings>,
    /// New environments per function: beyond it an invocation is refused.
    pub environment_rate: Option<BucketSettings>,
    /// Requests a second per unit of concurrency (10 on AWS): beyond it an invocation is refused.
    pub requests_per_concurrency: Option<u32>,
}

impl AccountSpec {
    /// Environments that the account leaves to a function without reserved concurrency.
    pub fn shared_concurrency(&self) -> Option<u32> {
        self.concurrency_limit.map(|limit| limit.saturating_sub(self.other_concurrency))
    }
}

/// The downstream that both designs share (`[inventory]`).
#[derive(Clone, Debug, PartialEq)]
pub struct InventorySpec {
    /// Connections, stock, and how it answers.
    pub settings: InventorySettings,
    /// How long a call takes once it has a connection, before any slow-down.
    pub service_time: Distribution,
}

/// One state machine: a task, what comes after it, and its patience.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowSpec {
    /// `TimeoutSeconds` of the task, from the start of each attempt; `None`: patient for ever.
    pub timeout: Option<SimDuration>,
    /// `HeartbeatSeconds` of the task; no worker of ours sends heartbeats, so it is a shorter timeout.
    pub heartbeat: Option<SimDuration>,
    /// The execution's own `TimeoutSeconds`, from its start; it cannot be caught or retried.
    pub execution_timeout: Option<SimDuration>,
    /// The task's Retry.
    pub retry: RetryPolicy,
    /// The errors the task's Catch takes: the execution goes on to its next state. The outcome stays what it is.
    pub catch: TaskErrors,
}

/// `DelaySeconds`, drawn for each message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DelaySpec {
    /// How long.
    pub length: Distribution,
    /// The longest that a sender may ask for, in whole seconds; `None`: any length.
    pub longest: Option<SimDuration>,
}

/// A task that moves the dead-letter queue's messages back into the queue (`StartMessageMoveTask`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedriveSpec {
    /// When it starts.
    pub at: SimTime,
    /// The time from one message to the next.
    pub interval: SimDuration,
}

/// Where a standard queue is not strict: delivery is at least once, and order is best effort.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseSpec {
    /// Share of receives that leave their message visible; below 1.
    pub duplicate_delivery: f64,
    /// A message may be overtaken by others sent within this time; zero: by none.
    pub reorder_window: SimDuration,
}

/// The event source mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSourceSpec {
    /// Messages per invocation at most.
    pub batch_size: u32,
    /// `ScalingConfig.MaximumConcurrency`: batches in flight at most.
    pub maximum_concurrency: Option<u32>,
    /// `ReportBatchItemFailures`: only failed records stay in the queue.
    pub report_batch_item_failures: bool,
    /// Whether messages are received before there is a free slot for them.
    pub pull: Pull,
    /// `MaximumBatchingWindowInSeconds`: how long a batch is collected that is not full; zero: not at all.
    pub maximum_batching_window: SimDuration,
    /// The time between two steps of the ramp; `None`: no ramp.
    pub scale_interval: Option<SimDuration>,
    /// The time after which there are half as many pollers, if no full batch was received meanwhile.
    pub scale_down_interval: SimDuration,
    /// How long a poller pauses after an invocation that failed; zero: not at all.
    pub error_backoff: SimDuration,
    /// How long a throttled batch waits for its first new try; later waits double.
    pub throttle_backoff: SimDuration,
    /// The longest of these waits.
    pub throttle_backoff_limit: SimDuration,
}

/// When the mapping receives (`event_source.pull`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// At the instant a slot of the function is free for the batch.
    WhenFree,
    /// Whenever a poller is free, slot or not; the function's limits then throttle.
    Eager,
}

/// The function and its handler.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionSpec {
    /// The handler's own work on one record.
    pub duration: Distribution,
    /// `ReservedConcurrentExecutions`; `None`: unlimited.
    pub reserved_concurrency: Option<u32>,
    /// Memory in MB as AWS counts it (MiB).
    pub memory_mb: u32,
    /// The function's timeout over the whole invocation.
    pub timeout: Option<SimDuration>,
    /// Share of attempts that fail.
    pub error_rate: f64,
    /// When a failing attempt fails.
    pub error_at: ErrorAt,
    /// Share of orders of which every attempt fails.
    pub poison_rate: f64,
    /// From when on no order is poisoned any more: the handler is repaired; `None`: never.
    pub repaired_at: Option<SimTime>,
    /// What the handler does about a failure.
    pub on_error: OnError,
    /// How the handler goes through its batch.
    pub batch: BatchMode,
    /// Whether a throw ends the whole invocation at once (`docs/model.md`).
    pub throw_ends: ThrowEnds,
    /// How a new environment initialises, and one that was reset after a timeout.
    pub cold_start: Distribution,
    /// An environment idle for so long is taken away; `None`: never.
    pub idle_before_reclaim: Option<SimDuration>,
    /// An environment of this age is taken away when its invocation ends; `None`: never.
    pub recycle_after: Option<Distribution>,
    /// Environments that are initialised beforehand and stay.
    pub provisioned_concurrency: u32,
    /// When they are asked for, and from when on all of them are ready; `None`: they are there from the beginning.
    pub provisioning: Option<Provisioning>,
    /// Which answer decides how the handler ends.
    pub answers: Answers,
    /// The handler drops messages older than this, unanswered.
    pub skip_older_than: Option<SimDuration>,
}

impl FunctionSpec {
    /// Whether one failed record fails its whole batch: it is thrown, and failed records are not reported one by one.
    pub fn fails_whole(&self, report_batch_item_failures: bool) -> bool {
        self.on_error == OnError::Throw && !report_batch_item_failures
    }

    /// Environments that may be busy at once: the reserved concurrency, or what the account leaves.
    pub fn concurrency(&self, account: &AccountSpec) -> Option<u32> {
        self.reserved_concurrency.or(account.shared_concurrency())
    }
}

/// When provisioned environments are asked for during a run, and when they are ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provisioning {
    /// From here on they are billed.
    pub asked_at: SimTime,
    /// From here on they serve, all at once.
    pub ready_at: SimTime,
}

/// Which record's answer decides how the handler ends (`lambda.answers`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answers {
    /// Every record counts.
    Each,
    /// The first to be done decides for the whole batch, as in the AWS tutorial's handler.
    FirstDecides,
}

/// When a failing attempt fails (`lambda.error_at`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorAt {
    /// After its drawn work.
    End,
    /// At once, without any work.
    Start,
}

/// What the handler does about a failed attempt (`lambda.on_error`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It throws: buffered, the message stays and returns at its deadline; direct, the Task fails with the error.
    Throw,
    /// It answers `SendTaskFailure` and the message is deleted.
    Report,
}

/// How the handler goes through its batch (`lambda.batch`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchMode {
    /// Records in turn, each answers when it is done.
    OneByOne,
    /// All at once; each answers when it is done; ends with the slowest.
    Parallel,
    /// One draw for the whole batch, all answer at its end.
    Together,
}

/// What a throw ends when records are worked on one by one (`lambda.throw_ends`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThrowEnds {
    /// The invocation: later records of the batch are not begun.
    Invocation,
    /// Only the record: the others are worked on, then the invocation fails.
    Record,
}
