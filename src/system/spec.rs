//! What a system is made of, as plain data: the checked form of the scenario, one value per design.

use crate::model::bucket::BucketSettings;
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

/// The direct design: execution → function → reply.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectSpec {
    /// The workflow around the `lambda:invoke` Task.
    pub workflow: WorkflowSpec,
    /// The function (`[lambda]` overridden by `[direct.lambda]`).
    pub function: FunctionSpec,
    /// What the function calls; `None`: nothing, and the stock is endless.
    pub inventory: Option<InventorySpec>,
    /// How long hops take, and what the account allows.
    pub platform: PlatformSpec,
}

/// What both designs stand on: the hops between services, and the account's limits.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformSpec {
    /// How long each hop takes.
    pub latency: LatencySpec,
    /// What the account allows.
    pub account: AccountSpec,
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
        PlatformSpec { latency, account }
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
    /// How long a poller pauses after an invocation that failed; zero: not at all.
    pub error_backoff: SimDuration,
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
    /// Which answer decides how the handler ends.
    pub answers: Answers,
    /// The handler drops messages older than this, unanswered.
    pub skip_older_than: Option<SimDuration>,
}

impl FunctionSpec {
    /// Environments that may be busy at once: the reserved concurrency, or what the account leaves.
    pub fn concurrency(&self, account: &AccountSpec) -> Option<u32> {
        self.reserved_concurrency.or(account.shared_concurrency())
    }
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
