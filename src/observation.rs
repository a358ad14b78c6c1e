//! The shared vocabulary: everything that can happen to an order, a message or an invocation, in the past tense.
//!
//! Systems say these; recorder, auditor and narrator listen. An observation carries the durations that its listeners
//! need, so none of them keeps a table of orders. There is no `_ =>` arm in any `match` on it: a new observation makes
//! the compiler point at everyone who must have an opinion.

mod stages;

use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

pub use stages::{Stage, Stages};

/// The order an observation is about. Counted windows go by the intended arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRef {
    /// Counts from 0 in order of arrival.
    pub number: u64,
    /// The intended arrival.
    pub arrived_at: SimTime,
}

/// The message an observation is about: in the buffered design that of the queue, in the direct one with asynchronous
/// invocation the event in Lambda's own queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRef {
    /// Unique among the messages that exist at one time; a later message may use the slot with another serial.
    pub handle: Handle,
    /// The order it asks about; `None` for a message of the initial backlog.
    pub order: Option<OrderRef>,
    /// When it was sent (the age of a message counts from here).
    pub sent_at: SimTime,
}

/// How an order ended (design: "the outcome is the result of the inventory task's last attempt").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The callback or direct reply said success in time.
    Confirmed,
    /// A business answer: out of stock.
    Declined,
    /// The task ended in an error other than a timeout, its retries spent.
    Failed,
    /// The task's timeout or heartbeat, or the execution's own timeout, ended it.
    TimedOut,
    /// `StartExecution` was throttled and the caller's tries were spent.
    Refused,
    /// Still waiting when the run stopped.
    Open,
}

impl Outcome {
    /// All outcomes, in the order in which files list them.
    pub const ALL: [Outcome; 6] =
        [Outcome::Confirmed, Outcome::Declined, Outcome::Failed, Outcome::TimedOut, Outcome::Refused, Outcome::Open];

    /// The name used in every file.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Confirmed => "confirmed",
            Outcome::Declined => "declined",
            Outcome::Failed => "failed",
            Outcome::TimedOut => "timed_out",
            Outcome::Refused => "refused",
            Outcome::Open => "open",
        }
    }
}

/// Why an order is neither confirmed nor declined: exactly one for each such order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The function had no free concurrency (429) and the retries were spent.
    Throttled,
    /// The handler threw.
    FunctionError,
    /// The function ran into its timeout.
    FunctionTimeout,
    /// The inventory refused the call.
    InventoryRejected,
    /// An asynchronous invocation was dropped.
    EventDropped,
    /// The message was visible (or delayed) and waiting.
    WaitingInQueue,
    /// The message was in flight, but no handler was working on it.
    InFlight,
    /// A handler held the order.
    Running,
    /// The message had gone to the dead-letter queue.
    DeadLettered,
    /// The message had outlived the retention period.
    Expired,
    /// The work was done or dropped, but no answer reached the task.
    CallbackLost,
    /// `StartExecution` was throttled.
    StartThrottled,
    /// An AWS service refused a call, by a fault of the scenario: the send, the invocation, or `StartExecution`.
    ServiceError,
}

impl Cause {
    /// All causes, in the order in which files list them.
    pub const ALL: [Cause; 13] = [
        Cause::Throttled,
        Cause::FunctionError,
        Cause::FunctionTimeout,
        Cause::InventoryRejected,
        Cause::EventDropped,
        Cause::WaitingInQueue,
        Cause::InFlight,
        Cause::Running,
        Cause::DeadLettered,
        Cause::Expired,
        Cause::CallbackLost,
        Cause::StartThrottled,
        Cause::ServiceError,
    ];

    /// The name used in every file.
    pub const fn name(self) -> &'static str {
        match self {
            Cause::Throttled => "throttled",
            Cause::FunctionError => "function_error",
            Cause::FunctionTimeout => "function_timeout",
            Cause::InventoryRejected => "inventory_rejected",
            Cause::EventDropped => "event_dropped",
            Cause::WaitingInQueue => "waiting_in_queue",
            Cause::InFlight => "in_flight",
            Cause::Running => "running",
            Cause::DeadLettered => "dead_lettered",
            Cause::Expired => "expired",
            Cause::CallbackLost => "callback_lost",
            Cause::StartThrottled => "start_throttled",
            Cause::ServiceError => "service_error",
        }
    }
}

/// Where a message was when it ceased to exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Sent, but not yet visible.
    Delayed,
    /// Waiting to be received.
    Visible,
    /// Received, and not yet deleted.
    InFlight,
}

/// Why Lambda gave up an event of an asynchronous invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// It was older than Lambda keeps trying, or would have been at its next try.
    TooOld,
    /// The function failed, and the retries after function errors were spent.
    RetriesSpent,
    /// Nothing is reserved for the function: it never runs.
    NeverRuns,
}

/// Why a message became visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appearance {
    /// For the first time: it was sent without delay.
    Sent,
    /// For the first time: its delay ended.
    DelayEnded,
    /// Again: its visibility timeout ran out (an event: Lambda put it back for another try).
    Returned,
    /// Still: a receive has handed it out, and a copy of it was not told.
    Duplicated,
}

/// How an invocation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvocationEnd {
    /// The handler returned, possibly with failed items.
    Success,
    /// The handler threw.
    Error,
    /// The function ran into its timeout.
    Timeout,
}

/// What an attempt was good for: useful if its answer ended the order as confirmed or declined, else wasted by the
/// first reason that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// Its answer ended the order.
    Useful,
    /// The task had given up before the attempt began.
    TaskOver,
    /// The task gave up while the attempt ran.
    TooLate,
    /// Another attempt's answer counted.
    Duplicate,
    /// Its record succeeded in a failed batch.
    Batch,
    /// It failed.
    Failed,
    /// A message of the initial backlog: work of no order, neither useful nor wasted.
    NoOrder,
}

/// A limit on how often something may happen: a token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RateLimit {
    /// `StartExecution` calls of the account.
    StartExecution,
    /// State transitions of the account.
    StateTransition,
    /// `SendTaskSuccess` and `SendTaskFailure` calls of the account, a bucket each.
    SendTask,
    /// New environments of the function.
    EnvironmentRate,
    /// Requests of the function.
    RequestRate,
}

impl RateLimit {
    /// All of them, in the order in which files list them.
    pub const ALL: [RateLimit; 5] = [
        RateLimit::StartExecution,
        RateLimit::StateTransition,
        RateLimit::SendTask,
        RateLimit::EnvironmentRate,
        RateLimit::RequestRate,
    ];

    /// The name used in every file.
    pub const fn name(self) -> &'static str {
        match self {
            RateLimit::StartExecution => "start_execution",
            RateLimit::StateTransition => "state_transition",
            RateLimit::SendTask => "send_task",
            RateLimit::EnvironmentRate => "environment_rate",
            RateLimit::RequestRate => "request_rate",
        }
    }
}

/// What the inventory answered about one order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockAnswer {
    /// A unit was taken for an order that had none, or the stock is endless.
    Sold,
    /// A unit more was taken for an order that had one.
    Oversold,
    /// A repeat that took nothing: the inventory is idempotent.
    Repeated,
    /// Nothing was left.
    OutOfStock,
}

/// Something that has happened. The instant is told beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observation {
    /// An order came in (at its intended arrival).
    OrderArrived {
        /// The order.
        order: OrderRef,
    },
    /// A bucket had no token for a call: it was refused or delayed.
    RateLimited {
        /// Which bucket.
        limit: RateLimit,
        /// When the next token comes.
        token_at: SimTime,
        /// How long the caller waits before it goes on or tries again; nothing if it gives up.
        waits: SimDuration,
        /// The order the call was about; `None` for a batch and for messages of the initial backlog.
        order: Option<OrderRef>,
    },
    /// Said once, when the run is over: the most tokens of a bucket that were out at one time.
    RatePeaked {
        /// Which bucket.
        limit: RateLimit,
        /// Tokens.
        used: u64,
    },
    /// A fault of the scenario has hit something; what comes of it is said as well.
    FaultHit {
        /// Its place in the scenario's list.
        fault: u16,
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// Its state machine execution runs: it enters its first state.
    ExecutionStarted {
        /// The order.
        order: OrderRef,
    },
    /// The inventory task was entered or tried again: one state transition.
    TaskAttempted {
        /// The order.
        order: OrderRef,
        /// 0 for the first attempt.
        attempt: u32,
    },
    /// The execution entered the state after the task (by success or Catch): one state transition.
    NextStateEntered {
        /// The order.
        order: OrderRef,
    },
    /// The task failed and will be tried again at `due_at`.
    RetryScheduled {
        /// The order.
        order: OrderRef,
        /// Why the attempt failed.
        cause: Cause,
        /// When the back-off ends.
        due_at: SimTime,
    },
    /// The order stopped waiting for a retry: the back-off ended, or the execution timed out in the middle of it.
    RetryWaitEnded {
        /// The order.
        order: OrderRef,
    },
    /// A message entered the queue. `MessageAppeared` follows at once unless it is delayed.
    MessageSent {
        /// The message.
        message: MessageRef,
        /// Whether it must wait for its delay first.
        delayed: bool,
    },
    /// A message of the dead-letter queue was moved back into the queue, as a new message. `MessageAppeared` follows at once
    /// unless it is delayed.
    MessageRedriven {
        /// The new message.
        message: MessageRef,
        /// Whether it must wait for its delay first.
        delayed: bool,
    },
    /// A message became visible.
    MessageAppeared {
        /// The message.
        message: MessageRef,
        /// Why.
        why: Appearance,
    },
    /// A message was handed out by a receive and is in flight.
    MessageReceived {
        /// The message.
        message: MessageRef,
        /// 1 for the first receive.
        receive_count: u32,
        /// Since it last became visible.
        waited: SimDuration,
        /// The invocation that it was received for: that of its batch.
        batch: Handle,
    },
    /// A message was deleted.
    MessageDeleted {
        /// The message.
        message: MessageRef,
        /// Where it was.
        from: Place,
    },
    /// A delete named a receipt that a newer receive had overtaken, and changed nothing.
    StaleDeleteIgnored {
        /// The message.
        message: MessageRef,
    },
    /// A receive found the message visible and its receives spent: it went to the dead-letter queue.
    MessageDeadLettered {
        /// The message.
        message: MessageRef,
    },
    /// A message outlived the retention period.
    MessageExpired {
        /// The message.
        message: MessageRef,
        /// Where it was.
        from: Place,
    },
    /// Lambda put an event back into its own queue; `MessageAppeared` went before.
    EventWaits {
        /// The event.
        message: MessageRef,
        /// Whether the function had refused it; else it had failed.
        throttled: bool,
        /// Until it is read again, or is too old.
        waits: SimDuration,
    },
    /// Lambda gave up an event.
    EventDropped {
        /// The event.
        message: MessageRef,
        /// Where it was.
        from: Place,
        /// Why.
        why: DropReason,
        /// Whether it went to an on-failure destination.
        sent_on: bool,
    },
    /// The event source mapping may have another number of batches in hand: its ramp's limit.
    PollersScaled {
        /// Batches at once.
        pollers: u32,
    },
    /// A receive call of the mapping came back; a poller that got messages has a batch in hand from now on.
    ReceiveEnded {
        /// How many messages; none: an empty receive.
        messages: u32,
        /// Whether they were added to a batch that was in hand already.
        collected: bool,
    },
    /// A poller is through with its batch (and with the pause after a failure).
    PollerFreed,
    /// The mapping deleted messages of a batch in one go.
    BatchDeleted {
        /// How many it named.
        messages: u32,
    },
    /// The function refused an invocation (429).
    InvocationThrottled {
        /// The order whose task asked (direct), `None` for a batch of the event source mapping.
        order: Option<OrderRef>,
        /// Whether concurrency was used up (and not a rate).
        concurrency: bool,
    },
    /// A batch waits for its invocation to be tried again after a throttle.
    BatchBacksOff {
        /// The invocation asked for.
        batch: Handle,
        /// For how long.
        waits: SimDuration,
    },
    /// Environments were initialised beforehand.
    EnvironmentsProvisioned {
        /// How many.
        environments: u32,
    },
    /// An environment was given a batch.
    InvocationStarted {
        /// The invocation.
        invocation: Handle,
        /// Records in the batch (1 in the direct design).
        records: u32,
        /// Whether a new environment had to be started.
        cold: bool,
    },
    /// The environment of an invocation was given one record of its batch; said of all of them, in their order.
    RecordHandedOver {
        /// The invocation.
        invocation: Handle,
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// An environment was given an order for the first time: the end of its wait.
    OrderHandedOver {
        /// The order.
        order: OrderRef,
        /// Intended arrival → now.
        wait: SimDuration,
    },
    /// The handler turned to one record of its batch.
    AttemptBegan {
        /// The invocation.
        invocation: Handle,
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// The handler has met an order that it cannot work on (`lambda.poison_rate`): this attempt will fail.
    PoisonMet {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// A call of the inventory found no free connection and waits for one.
    ConnectionAwaited {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// A call of the inventory waits no longer: it has its connection, was rejected, or was cut off.
    ConnectionWaitEnded {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
        /// How long it waited.
        waited: SimDuration,
    },
    /// A call of the inventory has its connection.
    InventoryCallBegan {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// A call of the inventory has ended, or was cut off, and its connection is free.
    InventoryCallEnded {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// A call that ended well has its answer about an order; a call for a whole batch has one for each record.
    StockAnswered {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
        /// What it is.
        answer: StockAnswer,
    },
    /// The inventory refused a call for want of a connection.
    InventoryRejected {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
    },
    /// The handler was done with one record, or was stopped in the middle of it.
    AttemptEnded {
        /// The invocation.
        invocation: Handle,
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
        /// Whether the work on the record itself succeeded.
        succeeded: bool,
    },
    /// The worth of an attempt, said at the end of its invocation, when the fate of the batch is known; if its answer is on
    /// its way then, when that has arrived.
    AttemptJudged {
        /// The order; `None` for a message of the initial backlog.
        order: Option<OrderRef>,
        /// What it was good for.
        worth: Worth,
        /// Its even share of the invocation's time.
        share: SimDuration,
        /// Whether it called the inventory.
        called: bool,
        /// Whether its answer was still on its way at the end of its invocation.
        deferred: bool,
    },
    /// An order that ended without being confirmed has had its work done all the same: said at most once per order,
    /// at whichever comes later, the end of the order or the first success of an attempt.
    WorkDoneAfterGivingUp {
        /// The order.
        order: OrderRef,
    },
    /// The invocation is over and its environment idle.
    InvocationEnded {
        /// The invocation.
        invocation: Handle,
        /// How it ended.
        end: InvocationEnd,
        /// Its whole duration.
        ran: SimDuration,
        /// Records that an environment was given but that no attempt was begun on are part of it too.
        records: u32,
        /// Whether its environment was provisioned.
        provisioned: bool,
    },
    /// An idle environment was taken away.
    EnvironmentReclaimed,
    /// An answer with a task token was accepted and ended the task attempt.
    CallbackAccepted {
        /// The order.
        order: OrderRef,
    },
    /// An invocation is over and the answer to one of its records still on its way: that attempt is judged when it arrives.
    AnswerOnItsWay {
        /// The order.
        order: OrderRef,
    },
    /// An answer came for a task attempt that was over (`TaskTimedOut`).
    CallbackLate {
        /// The order.
        order: OrderRef,
    },
    /// The order has ended (or, for [`Outcome::Open`], the run has).
    OrderEnded {
        /// The order.
        order: OrderRef,
        /// How.
        outcome: Outcome,
        /// Why; `None` exactly for confirmed and declined orders.
        cause: Option<Cause>,
        /// Intended arrival → now.
        latency: SimDuration,
        /// Where the time went; `None` unless an answer ended the order (confirmed or declined).
        stages: Option<Stages>,
        /// How often it was tried until now.
        tries: Tries,
    },
}

/// How often an order was tried before it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tries {
    /// Attempts of its task that the workflow began.
    pub task_attempts: u32,
    /// Handlers that turned to it.
    pub attempts: u32,
}
