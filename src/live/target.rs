//! The seam to whatever is measured: what the driver asks of services, and what it hears from them.
//!
//! [`Target`] is implemented by the SDK's clients (`sdk`) and, in tests, by services that live in memory under a paused clock.
//! Times that a service tells are milliseconds of its own clock since 1970.

use std::fmt;
use std::future::Future;

/// Why a call did not succeed, as far as the driver treats it differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallError {
    /// Too many calls: the service asks to try again.
    Throttled,
    /// The task attempt that the token belongs to is over (`TaskTimedOut`, `TaskDoesNotExist`, `InvalidToken`: services differ).
    TaskOver,
    /// The receipt of the message is good no more.
    StaleReceipt,
    /// An execution of this name is there.
    NameTaken,
    /// Anything else, in the service's words.
    Other(String),
}

impl fmt::Display for CallError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Throttled => out.write_str("throttled"),
            CallError::TaskOver => out.write_str("the task is over"),
            CallError::StaleReceipt => out.write_str("the receipt is no longer valid"),
            CallError::NameTaken => out.write_str("an execution of this name exists"),
            CallError::Other(words) => out.write_str(words),
        }
    }
}

/// A message as a receive hands it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The service's name for it, the same at every receive.
    pub message_id: String,
    /// What a delete names.
    pub receipt: String,
    /// What was sent.
    pub body: String,
    /// When it was sent, by the service's clock, in milliseconds.
    pub sent_ms: Option<u64>,
}

/// Which queue is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The queue of the buffered design.
    Main,
    /// Its dead-letter queue.
    DeadLetter,
    /// Where a function on the target reports what it did.
    Reports,
}

/// How an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    Running,
    /// It came to its end.
    Succeeded,
    /// It failed.
    Failed,
    /// Its own `TimeoutSeconds` ran out.
    TimedOut,
    /// Somebody stopped it.
    Aborted,
}

/// An execution in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name, which the driver gave it.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// How it stands.
    pub standing: Standing,
    /// When it ended, by the service's clock, in milliseconds.
    pub stopped_ms: Option<u64>,
}

/// One event of an execution's history, as far as the driver reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// By the service's clock, in milliseconds.
    pub at_ms: u64,
    /// What happened.
    pub what: Happened,
}

/// What an event of a history says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The task was scheduled: an attempt begins.
    Scheduled,
    /// The task succeeded with this output (JSON).
    Succeeded(String),
    /// The task failed: error and cause.
    Failed(String, String),
    /// The task, or the execution, timed out.
    TimedOut,
    /// The execution itself timed out.
    ExecutionTimedOut,
}

/// What is in a queue, as far as the service knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Visible or delayed.
    pub waiting: u64,
    /// Received and not deleted.
    pub in_flight: u64,
}

impl Depth {
    /// All of them.
    pub fn messages(self) -> u64 {
        self.waiting + self.in_flight
    }
}

/// Services that answer like SQS and Step Functions.
///
/// No call is retried by itself: a retry that nobody sees would distort what is measured.
pub trait Target: Send + Sync + 'static {
    /// Starts an execution of this name with this input (JSON); the service's clock in milliseconds when it began.
    fn start(&self, name: &str, input: &str) -> impl Future<Output = Result<u64, CallError>> + Send;
    /// Waits up to `wait_s` seconds for up to `most` messages.
    fn receive(
        &self,
        which: Which,
        most: u32,
        wait_s: u32,
    ) -> impl Future<Output = Result<Vec<Received>, CallError>> + Send;
    /// Deletes messages; each receipt's own result.
    fn delete(
        &self,
        which: Which,
        receipts: &[String],
    ) -> impl Future<Output = Result<Vec<Result<(), CallError>>, CallError>> + Send;
    /// What is in the queue.
    fn depth(&self, which: Which) -> impl Future<Output = Result<Depth, CallError>> + Send;
    /// `SendTaskSuccess` with this output (JSON).
    fn succeed(&self, token: &str, output: &str) -> impl Future<Output = Result<(), CallError>> + Send;
    /// `SendTaskFailure`.
    fn fail(&self, token: &str, error: &str, cause: &str) -> impl Future<Output = Result<(), CallError>> + Send;
    /// `SendTaskHeartbeat`.
    fn beat(&self, token: &str) -> impl Future<Output = Result<(), CallError>> + Send;
    /// How many executions of a name that begins so stand so.
    fn count(&self, standing: Standing, prefix: &str) -> impl Future<Output = Result<u64, CallError>> + Send;
    /// All executions.
    fn list(&self) -> impl Future<Output = Result<Vec<Listed>, CallError>> + Send;
    /// What happened to one of them.
    fn history(&self, arn: &str) -> impl Future<Output = Result<Vec<Event>, CallError>> + Send;
}
