//! The state machine around the task, as both designs have it: starts executions, begins attempts, takes answers, and
//! gives up. It books the workflow's timers and says what happened; what an attempt *does* is the design's business.

use crate::engine::{Event, Turn};
use crate::model::execution::{End, Execution, Executions, Failure, Standing, TaskError};
use crate::observation::{Cause, Observation, OrderRef, Outcome, Stages};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::SimDuration;
use crate::workload::Order;

use super::spec::WorkflowSpec;

/// The timers a workflow books in its system's event list.
pub(super) trait WorkflowEvents: Event {
    /// The task's timeout or heartbeat for the attempt with this token.
    fn task_times_out(token: Handle) -> Self;
    /// The execution's own timeout.
    fn execution_times_out(execution: Handle) -> Self;
    /// The end of a back-off.
    fn retry_due(wait: Handle) -> Self;
}

/// How an answer reaches the task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// `SendTaskSuccess` or `SendTaskFailure` with the task token.
    Callback,
    /// The synchronous reply of the function.
    Direct,
}

pub(super) struct Workflow {
    pub(super) executions: Executions,
    pub(super) reply: Reply,
    /// The task's patience, and the error that ends it: the shorter of timeout and heartbeat.
    patience: Option<(SimDuration, TaskError)>,
    execution_timeout: Option<SimDuration>,
}

impl Workflow {
    pub(super) fn new(spec: &WorkflowSpec, reply: Reply) -> Workflow {
        let timeout = spec.timeout.map(|limit| (limit, TaskError::Timeout));
        let heartbeat = spec.heartbeat.map(|limit| (limit, TaskError::HeartbeatTimeout));
        Workflow {
            executions: Executions::new(spec.retry, spec.catch),
            patience: timeout.into_iter().chain(heartbeat).min_by_key(|(limit, _)| *limit),
            execution_timeout: spec.execution_timeout,
            reply,
        }
    }

    /// The order an observation about this record is about; `None` for the initial backlog.
    #[inline(always)]
    pub(super) fn order(&self, slot: u32) -> Option<OrderRef> {
        order_of(self.executions.get(slot))
    }

    /// An order comes in and its execution runs. The caller begins the first attempt at once.
    #[inline(always)]
    pub(super) fn order_arrives<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        order: &Order,
        turn: &mut Turn<E, O>,
    ) -> u32 {
        let (slot, record) = self.executions.start(turn.now, order.number, order.arrives_at, order.key.0);
        let order = order_ref(record);
        turn.say(&Observation::OrderArrived { order });
        turn.say(&Observation::ExecutionStarted { order });
        if let Some(limit) = self.execution_timeout {
            turn.book(turn.now + limit, E::execution_times_out(record.name(slot)));
        }
        slot
    }

    /// Enters the task, or tries it again: the attempt's token and the order's record.
    #[inline(always)]
    pub(super) fn begin_attempt<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        turn: &mut Turn<E, O>,
    ) -> (Handle, &mut Execution) {
        let (token, record) = self.executions.begin_attempt(turn.now, slot);
        turn.say(&Observation::TaskAttempted { order: order_ref(record), attempt: record.attempts - 1 });
        if let Some((limit, _)) = self.patience {
            turn.book(turn.now + limit, E::task_times_out(token));
        }
        (token, record)
    }

    /// An answer of failure, by token or in reply.
    pub(super) fn answer_failure<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        token: Handle,
        error: TaskError,
        cause: Cause,
        turn: &mut Turn<E, O>,
    ) {
        if self.accepts(token, turn) {
            self.attempt_failed(token.slot, error, cause, turn);
        }
    }

    /// Whether an answer with this token still finds its attempt waiting.
    fn accepts<E: WorkflowEvents, O: Observer<Observation>>(&self, token: Handle, turn: &mut Turn<E, O>) -> bool {
        let record = self.executions.get(token.slot);
        let standing = record.standing(token);
        if standing != Standing::NoOrder {
            say_answer(self.reply, order_ref(record), standing, turn);
        }
        standing == Standing::Current
    }

    /// The current attempt has failed: the task is retried, or the order ends.
    pub(super) fn attempt_failed<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        error: TaskError,
        cause: Cause,
        turn: &mut Turn<E, O>,
    ) {
        let key = OrderKey(self.executions.get(slot).key);
        let jitter = |retry: u32| Draw::new(key, Purpose::RetryJitter, u64::from(retry)).uniform();
        let failure = self.executions.fail(turn.now, slot, error, jitter);
        let record = self.executions.get_mut(slot);
        record.cause = Some(cause);
        let order = order_ref(record);
        match failure {
            Failure::Retry { due_at, wait } => {
                turn.say(&Observation::RetryScheduled { order, cause, due_at });
                turn.book(due_at, E::retry_due(wait));
            }
            Failure::Over { caught } => {
                if caught {
                    turn.say(&Observation::NextStateEntered { order });
                }
                self.give_up(slot, outcome_of(error), cause, turn);
            }
        }
    }

    /// A back-off is over; the caller begins the next attempt. Answers whether there was still one to end.
    pub(super) fn retry_due<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        wait: Handle,
        turn: &mut Turn<E, O>,
    ) -> bool {
        let waits = self.executions.is_backing_off(wait);
        if waits {
            turn.say(&Observation::RetryWaitEnded { order: order_ref(self.executions.get(wait.slot)) });
        }
        waits
    }

    /// The task's timeout or heartbeat has run out for the attempt with this token; `cause` says where it was stuck.
    pub(super) fn task_timed_out<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        token: Handle,
        cause: impl FnOnce(&Execution) -> Cause,
        turn: &mut Turn<E, O>,
    ) {
        if let (true, Some((_, error))) = (self.executions.awaits(token), self.patience) {
            let cause = cause(self.executions.get(token.slot));
            self.attempt_failed(token.slot, error, cause, turn);
        }
    }

    /// The execution's own timeout has run out: it can be neither retried nor caught.
    pub(super) fn execution_timed_out<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        execution: Handle,
        cause: impl FnOnce(&Execution) -> Cause,
        turn: &mut Turn<E, O>,
    ) {
        if !self.executions.is_open(execution) {
            return;
        }
        let slot = execution.slot;
        if self.executions.waits_for_retry(slot) {
            turn.say(&Observation::RetryWaitEnded { order: order_ref(self.executions.get(slot)) });
        }
        let cause = self.stuck(slot, cause);
        self.give_up(slot, Outcome::TimedOut, cause, turn);
    }

    /// The run stops: every order still in progress ends as open.
    pub(super) fn close<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        cause: impl Fn(&Execution) -> Cause,
        turn: &mut Turn<E, O>,
    ) {
        for slot in self.executions.open() {
            let cause = self.stuck(slot, &cause);
            self.give_up(slot, Outcome::Open, cause, turn);
        }
    }

    /// Why an order in progress is not further: the failure it backs off from, or where its attempt is.
    fn stuck(&self, slot: u32, cause: impl FnOnce(&Execution) -> Cause) -> Cause {
        let record = self.executions.get(slot);
        match record.cause {
            Some(last) if self.executions.waits_for_retry(slot) => last,
            _ => cause(record),
        }
    }

    fn give_up<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        outcome: Outcome,
        cause: Cause,
        turn: &mut Turn<E, O>,
    ) {
        let record = self.executions.get(slot);
        let order = order_ref(record);
        let work_done = record.work_done;
        turn.say(&Observation::OrderEnded {
            order,
            outcome,
            cause: (outcome != Outcome::Declined).then_some(cause),
            latency: turn.now.since(order.arrived_at),
            stages: None,
        });
        if work_done {
            turn.say(&Observation::WorkDoneAfterGivingUp { order });
        }
        self.executions.end(slot, if outcome == Outcome::Declined { End::Declined } else { End::GaveUp });
    }
}

/// An attempt at the work of an order has succeeded, and answers with this token if it has an `answer`. The answer is
/// accepted, and the order confirmed, if the token's attempt still waits; `stages` then says where its time went.
/// Returns what the token was worth before.
#[inline(always)]
pub(super) fn work_succeeded<E: WorkflowEvents, O: Observer<Observation>>(
    record: &mut Execution,
    token: Handle,
    answer: Option<Reply>,
    stages: impl FnOnce(&Execution) -> Stages,
    turn: &mut Turn<E, O>,
) -> Standing {
    let standing = record.standing(token);
    let first = !std::mem::replace(&mut record.work_done, true);
    if standing == Standing::NoOrder {
        return standing;
    }
    let order = order_ref(record);
    if first && record.ended().is_some_and(|end| end != End::Confirmed) {
        turn.say(&Observation::WorkDoneAfterGivingUp { order });
    }
    if let Some(reply) = answer {
        let stages = (standing == Standing::Current).then(|| stages(record));
        say_answer(reply, order, standing, turn);
        if standing == Standing::Current {
            turn.say(&Observation::NextStateEntered { order });
            let latency = turn.now.since(order.arrived_at);
            turn.say(&Observation::OrderEnded { order, outcome: Outcome::Confirmed, cause: None, latency, stages });
            record.end_answered(End::Confirmed);
        }
    }
    standing
}

/// Of a direct reply nothing is said: it is not a call of its own.
#[inline(always)]
fn say_answer<E: Event, O: Observer<Observation>>(
    reply: Reply,
    order: OrderRef,
    token: Standing,
    turn: &mut Turn<E, O>,
) {
    if reply == Reply::Callback {
        if token == Standing::Current {
            turn.say(&Observation::CallbackAccepted { order });
        } else {
            turn.say(&Observation::CallbackLate { order });
        }
    }
}

/// The order an observation about this record is about; `None` for the initial backlog.
#[inline(always)]
pub(super) fn order_of(record: &Execution) -> Option<OrderRef> {
    record.is_order().then(|| order_ref(record))
}

#[inline(always)]
fn order_ref(record: &Execution) -> OrderRef {
    OrderRef { number: record.number, arrived_at: record.arrived_at }
}

/// The outcome of an order whose last attempt ended in this error.
fn outcome_of(error: TaskError) -> Outcome {
    match error {
        TaskError::Timeout | TaskError::HeartbeatTimeout => Outcome::TimedOut,
        TaskError::OutOfStock => Outcome::Declined,
        TaskError::Throttled | TaskError::FunctionError | TaskError::FunctionTimeout | TaskError::InventoryRejected => {
            Outcome::Failed
        }
    }
}
