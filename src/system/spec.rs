//! What a system is made of, as plain data: the checked form of the scenario, one value per design.

use crate::model::execution::{RetryPolicy, TaskErrors};
use crate::model::queue::QueueSettings;
use crate::random::Distribution;
use crate::time::SimDuration;

/// The buffered design: execution → queue → event source mapping → function → callback.
#[derive(Clone, Debug, PartialEq)]
pub struct BufferedSpec {
    /// The workflow around the callback Task.
    pub workflow: WorkflowSpec,
    /// The queue.
    pub queue: QueueSettings,
    /// The event source mapping.
    pub event_source: EventSourceSpec,
    /// The function.
    pub function: FunctionSpec,
}

/// The direct design: execution → function → reply.
#[derive(Clone, Debug, PartialEq)]
pub struct DirectSpec {
    /// The workflow around the `lambda:invoke` Task.
    pub workflow: WorkflowSpec,
    /// The function (`[lambda]` overridden by `[direct.lambda]`).
    pub function: FunctionSpec,
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

/// The event source mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSourceSpec {
    /// Messages per invocation at most.
    pub batch_size: u32,
    /// `ScalingConfig.MaximumConcurrency`: batches in flight at most.
    pub maximum_concurrency: Option<u32>,
    /// `ReportBatchItemFailures`: only failed records stay in the queue.
    pub report_batch_item_failures: bool,
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
    /// What the handler does about a failure.
    pub on_error: OnError,
    /// How the handler goes through its batch.
    pub batch: BatchMode,
    /// Whether a throw ends the whole invocation at once (`docs/model.md`).
    pub throw_ends: ThrowEnds,
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
