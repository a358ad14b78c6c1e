//! What a task attempt can fail with, which of it `ErrorEquals` means, and the Retry.

use crate::time::SimDuration;

/// What a task attempt can fail with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TaskError {
    /// `States.Timeout`: the task's `TimeoutSeconds` ran out.
    Timeout = 0,
    /// The task's `HeartbeatSeconds` ran out: `States.Timeout`, and matched by `States.HeartbeatTimeout` too.
    HeartbeatTimeout = 1,
    /// `Lambda.TooManyRequestsException`: the function refused the invocation.
    Throttled = 2,
    /// The handler threw, or reported a failure: error name `FunctionError`.
    FunctionError = 3,
    /// `Sandbox.Timedout`: the function ran into its timeout.
    FunctionTimeout = 4,
    /// `InventoryRejected`.
    InventoryRejected = 5,
    /// `OutOfStock`: a business answer.
    OutOfStock = 6,
    /// `Lambda.ServiceException`: Lambda itself refused the invocation (a fault).
    LambdaUnavailable = 7,
    /// `SQS.AmazonSQSException`: the queue refused the message (a fault).
    QueueUnavailable = 8,
}

/// A set of [`TaskError`]s, as an `ErrorEquals` list means it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskErrors(u16);

impl TaskErrors {
    /// No error at all.
    pub const NONE: TaskErrors = TaskErrors(0);
    /// Every error.
    pub const ALL: TaskErrors = TaskErrors(0x1ff);

    /// This set and one error more.
    pub const fn with(self, error: TaskError) -> TaskErrors {
        TaskErrors(self.0 | 1 << error as u8)
    }

    /// This set without one error.
    pub const fn without(self, error: TaskError) -> TaskErrors {
        TaskErrors(self.0 & !(1 << error as u8))
    }

    /// Both sets together.
    pub const fn union(self, other: TaskErrors) -> TaskErrors {
        TaskErrors(self.0 | other.0)
    }

    /// Whether the list matches the error.
    pub const fn matches(self, error: TaskError) -> bool {
        self.0 & 1 << error as u8 != 0
    }

    /// What an error name in `ErrorEquals` matches; `None` for a name this model does not know.
    ///
    /// Names of faults that the model never raises (`Lambda.SdkClientException` …) match nothing, as in AWS.
    pub fn named(name: &str) -> Option<TaskErrors> {
        Some(match name {
            "States.ALL" => TaskErrors::ALL,
            "States.TaskFailed" => TaskErrors::ALL.without(TaskError::Timeout).without(TaskError::HeartbeatTimeout),
            "States.Timeout" => TaskErrors::NONE.with(TaskError::Timeout).with(TaskError::HeartbeatTimeout),
            "States.HeartbeatTimeout" => TaskErrors::NONE.with(TaskError::HeartbeatTimeout),
            "Lambda.TooManyRequestsException" => TaskErrors::NONE.with(TaskError::Throttled),
            "FunctionError" => TaskErrors::NONE.with(TaskError::FunctionError),
            "Sandbox.Timedout" | "Lambda.Unknown" => TaskErrors::NONE.with(TaskError::FunctionTimeout),
            "InventoryRejected" => TaskErrors::NONE.with(TaskError::InventoryRejected),
            "OutOfStock" => TaskErrors::NONE.with(TaskError::OutOfStock),
            "Lambda.ServiceException" => TaskErrors::NONE.with(TaskError::LambdaUnavailable),
            "SQS.AmazonSQSException" => TaskErrors::NONE.with(TaskError::QueueUnavailable),
            "Lambda.AWSLambdaException"
            | "Lambda.SdkClientException"
            | "Lambda.ClientExecutionTimeoutException"
            | "SQS.SdkClientException" => TaskErrors::NONE,
            _ => return None,
        })
    }
}

/// A Retry with one retrier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Which errors it takes.
    pub errors: TaskErrors,
    /// `IntervalSeconds`: the wait before the first retry.
    pub interval: SimDuration,
    /// `MaxAttempts`: retries, not tries.
    pub max_attempts: u32,
    /// `BackoffRate`: factor per retry, at least 1.
    pub backoff_rate: f64,
    /// `MaxDelaySeconds`: the cap of each wait, before jitter.
    pub max_delay: Option<SimDuration>,
    /// `JitterStrategy` FULL: uniform between 0 and the computed wait.
    pub full_jitter: bool,
}

impl RetryPolicy {
    /// No Retry at all.
    pub const NONE: RetryPolicy = RetryPolicy {
        errors: TaskErrors::NONE,
        interval: SimDuration::ZERO,
        max_attempts: 0,
        backoff_rate: 1.0,
        max_delay: None,
        full_jitter: false,
    };

    /// Whether an attempt that failed is tried again, after so many attempts in all.
    pub(super) fn takes(&self, error: TaskError, attempts: u32) -> bool {
        self.errors.matches(error) && attempts <= self.max_attempts
    }

    /// The wait before retry `k` (from 1); `jitter` in [0, 1) matters with full jitter only.
    pub fn wait(&self, k: u32, jitter: f64) -> SimDuration {
        let grown = self.interval.as_secs_f64() * libm::pow(self.backoff_rate, f64::from(k - 1));
        let computed = SimDuration::from_secs_f64(grown);
        let capped = self.max_delay.map_or(computed, |cap| computed.min(cap));
        if self.full_jitter { SimDuration::from_secs_f64(capped.as_secs_f64() * jitter) } else { capped }
    }
}
