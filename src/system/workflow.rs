//! The state machine around the task, as both designs have it: starts executions, begins attempts, and gives up. It books
//! the workflow's timers and hops and says what happened; what a task *does* when it starts is the design's business.
//! Answers to tasks are in [`answers`](super::answers).
//!
//! ```text
//!  order ──StartExecution──▶ starting ──transition──▶ task entered ──dispatch──▶ task starts
//!             │ throttled: the caller's SDK tries again, then the order is refused
//! ```

use crate::engine::{Event, Turn};
use crate::model::bucket::Bucket;
use crate::model::execution::{End, Execution, Executions, Failure, Mark, Standing, TaskError};
use crate::observation::{Cause, Observation, OrderRef, Outcome, RateLimit, Tries};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::{Handle, Slab};
use crate::time::{SimDuration, SimTime};
use crate::workload::Order;

use super::answers::{Answer, Settled};
use super::faults::{Aim, Faults};
use super::hops::{Sdk, WorkflowHops};
use super::spec::{FaultTarget, PlatformSpec, WorkflowSpec};
use super::ways::{Aws, Ways};

pub use super::workflow_events::WorkflowEvent;

/// What the design must do after a step of the workflow.
pub(super) enum Next {
    /// Nothing.
    Nothing,
    /// The task of the attempt with this token starts.
    TaskStarts(Handle),
    /// An answer has arrived.
    Settled(Settled),
}

/// How an answer reaches the task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// `SendTaskSuccess` or `SendTaskFailure` with the task token.
    Callback,
    /// The synchronous reply of the function.
    Direct,
}

pub(super) struct Workflow<W: Ways = Aws> {
    pub(super) executions: Executions,
    pub(super) reply: Reply,
    pub(super) hops: WorkflowHops<W>,
    pub(super) sdk: Sdk,
    /// The task's patience, and the error that ends it: the shorter of timeout and heartbeat.
    patience: Option<(SimDuration, TaskError)>,
    execution_timeout: Option<SimDuration>,
    /// Whether nothing lies between an order and its first state.
    starts_at_once: bool,
    start_execution: Option<Bucket>,
    pub(super) state_transition: Option<Bucket>,
    /// `SendTaskSuccess`, `SendTaskFailure`.
    pub(super) send_task: [Option<Bucket>; 2],
    pub(super) answers: Slab<Answer>,
    /// Of `StartExecution`, and of `SendTask*`; a direct reply is no call of its own.
    start_faults: Faults<W>,
    pub(super) callback_faults: Faults<W>,
    /// Steps on their way that no timer of the order can overtake.
    pub(super) in_transit: u64,
    /// By the slot of its record: how long the handler works on an order, where its trace says so. Empty up to the first
    /// such order.
    services: Vec<Option<SimDuration>>,
}

impl<W: Ways> Workflow<W> {
    pub(super) fn new(spec: &WorkflowSpec, platform: &PlatformSpec, reply: Reply) -> Workflow<W> {
        let timeout = spec.timeout.map(|limit| (limit, TaskError::Timeout));
        let heartbeat = spec.heartbeat.map(|limit| (limit, TaskError::HeartbeatTimeout));
        let send_task = platform.account.send_task.filter(|_| reply == Reply::Callback).map(Bucket::new);
        let callback_faults = if reply == Reply::Callback { &platform.faults[..] } else { &[] };
        let hops = WorkflowHops::new(&platform.latency);
        let start_faults = Faults::of(FaultTarget::Start, &platform.faults);
        let account = &platform.account;
        let starts_at_once = !hops.start.takes_time()
            && account.start_execution.is_none()
            && account.state_transition.is_none()
            && !start_faults.exist();
        Workflow {
            executions: Executions::new(spec.retry, spec.catch),
            hops,
            sdk: Sdk::new(&platform.sdk),
            starts_at_once,
            patience: timeout.into_iter().chain(heartbeat).min_by_key(|(limit, _)| *limit),
            execution_timeout: spec.execution_timeout,
            reply,
            start_execution: account.start_execution.map(Bucket::new),
            state_transition: account.state_transition.map(Bucket::new),
            send_task: [send_task; 2],
            answers: Slab::new(),
            start_faults,
            callback_faults: Faults::of(FaultTarget::Callback, callback_faults),
            in_transit: 0,
            services: Vec::new(),
        }
    }

    /// How long the handler works on the order in this slot, where its trace says so.
    #[inline(always)]
    pub(super) fn recorded_service(&self, slot: u32) -> Option<SimDuration> {
        if W::AWS { self.services.get(slot as usize).copied().flatten() } else { None }
    }

    #[inline(never)]
    fn keep_service(&mut self, slot: u32, service: Option<SimDuration>) {
        let slot = slot as usize;
        if self.services.len() <= slot {
            self.services.resize(slot + 1, None);
        }
        self.services[slot] = service;
    }

    /// The order an observation about this record is about; `None` for the initial backlog.
    #[inline(always)]
    pub(super) fn order(&self, slot: u32) -> Option<OrderRef> {
        order_of::<W>(self.executions.get(slot))
    }

    /// Whether nothing booked can change anything any more, as far as orders are concerned.
    pub(super) fn rests(&self) -> bool {
        let timeless = self.patience.is_none() && self.execution_timeout.is_none();
        let unfinished = self.executions.unfinished();
        self.in_transit == 0 && (unfinished == 0 || (timeless && self.executions.backing_off() == 0))
    }

    /// An order comes in: `StartExecution` is called.
    #[inline(always)]
    pub(super) fn order_arrives<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        order: &Order,
        turn: &mut Turn<E, O>,
    ) -> Next {
        let (slot, record) = self.executions.start(order.number, order.arrives_at, order.key.0);
        turn.say(&Observation::OrderArrived { order: order_ref(record) });
        if W::AWS && (order.service.is_some() || !self.services.is_empty()) {
            self.keep_service(slot, order.service);
        }
        if !W::AWS || self.starts_at_once {
            return self.execution_runs(slot, turn);
        }
        self.call_start(slot, turn)
    }

    /// `StartExecution` is called, for the first time or again.
    fn call_start<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        turn: &mut Turn<E, O>,
    ) -> Next {
        if self.start_faults.exist() && self.start_fails(slot, turn) {
            self.start_refused(slot, None, turn);
            return Next::Nothing;
        }
        if let Some(bucket) = &mut self.start_execution
            && let Err(token_at) = bucket.take(turn.now)
        {
            self.start_refused(slot, Some(token_at), turn);
            return Next::Nothing;
        }
        let record = self.executions.get(slot);
        let mut length = self.hops.start.draw(OrderKey(record.key), 0);
        if self.start_faults.exist() {
            length += self.start_faults.delay(&aim(record, record.message.into()), turn);
        }
        if length.is_zero() {
            return self.enter_task(record.name(slot), turn);
        }
        self.in_transit += 1;
        turn.book(turn.now + length, WorkflowEvent::ExecutionRuns { execution: record.name(slot) }.into());
        Next::Nothing
    }

    /// Whether a fault refuses this call of `StartExecution`.
    #[cold]
    fn start_fails<E: Event, O: Observer<Observation>>(&self, slot: u32, turn: &mut Turn<E, O>) -> bool {
        let record = self.executions.get(slot);
        self.start_faults.refuse(&aim(record, record.message.into()), turn)
    }

    /// `StartExecution` was throttled until `token_at`, or refused by a fault: the caller's SDK waits and tries again, or the
    /// order is refused.
    #[cold]
    fn start_refused<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        token_at: Option<SimTime>,
        turn: &mut Turn<E, O>,
    ) {
        let record = self.executions.get_mut(slot);
        record.message += 1;
        let wait = self.sdk.start.wait(OrderKey(record.key), 0, record.message);
        let (order, execution) = (Some(order_ref(record)), record.name(slot));
        let waits = wait.unwrap_or(SimDuration::ZERO);
        if let Some(token_at) = token_at {
            turn.say(&Observation::RateLimited { limit: RateLimit::StartExecution, token_at, waits, order });
        }
        let cause = if token_at.is_some() { Cause::StartThrottled } else { Cause::ServiceError };
        match wait {
            Some(wait) => {
                self.in_transit += 1;
                turn.book(turn.now + wait, WorkflowEvent::StartDue { execution }.into());
            }
            None => self.give_up(slot, Outcome::Refused, cause, turn),
        }
    }

    /// A state transition leads into the task, at once if it gets its token at once. `from` names the execution that
    /// starts, or the back-off that ends.
    #[inline(always)]
    fn enter_task<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        from: Handle,
        turn: &mut Turn<E, O>,
    ) -> Next {
        let order = order_ref(self.executions.get(from.slot));
        let at = self.transition_at(order, turn);
        if at > turn.now {
            self.in_transit += 1;
            turn.book(at, WorkflowEvent::TaskEntered { from }.into());
            return Next::Nothing;
        }
        self.task_entered(from, turn)
    }

    /// When a state transition may be made: it takes the next token.
    #[inline(always)]
    pub(super) fn transition_at<E: Event, O: Observer<Observation>>(
        &mut self,
        order: OrderRef,
        turn: &mut Turn<E, O>,
    ) -> SimTime {
        let Some(bucket) = self.state_transition.as_mut().filter(|_| W::AWS) else { return turn.now };
        let at = bucket.reserve(turn.now);
        if at > turn.now {
            let (limit, waits) = (RateLimit::StateTransition, at.since(turn.now));
            turn.say(&Observation::RateLimited { limit, token_at: at, waits, order: Some(order) });
        }
        at
    }

    /// The task is entered, for the first time or again: its attempt begins, and its task starts after the dispatch.
    #[inline(always)]
    fn task_entered<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        from: Handle,
        turn: &mut Turn<E, O>,
    ) -> Next {
        if self.executions.is_starting(from) {
            return self.execution_runs(from.slot, turn);
        }
        if self.executions.is_backing_off(from) {
            turn.say(&Observation::RetryWaitEnded { order: order_ref(self.executions.get(from.slot)) });
            let token = self.executions.begin_retry(turn.now, from.slot);
            return self.attempt_begun(token, turn);
        }
        Next::Nothing
    }

    /// An execution that was starting enters its first state.
    #[inline(always)]
    fn execution_runs<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        turn: &mut Turn<E, O>,
    ) -> Next {
        let record = self.executions.get(slot);
        turn.say(&Observation::ExecutionStarted { order: order_ref(record) });
        if let Some(limit) = self.execution_timeout {
            turn.book(turn.now + limit, WorkflowEvent::ExecutionTimesOut { execution: record.name(slot) }.into());
        }
        let token = self.executions.begin(turn.now, slot);
        self.attempt_begun(token, turn)
    }

    /// An attempt of the task has begun; its task starts after the dispatch, and with it its timeout.
    #[inline(always)]
    fn attempt_begun<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        token: Handle,
        turn: &mut Turn<E, O>,
    ) -> Next {
        let record = self.executions.get(token.slot);
        turn.say(&Observation::TaskAttempted { order: order_ref(record), attempt: record.attempts - 1 });
        if self.hops.dispatch.takes_time() {
            let length = self.hops.dispatch.draw(OrderKey(record.key), record.attempts);
            if !length.is_zero() {
                self.in_transit += 1;
                turn.book(turn.now + length, WorkflowEvent::TaskStarts { token }.into());
                return Next::Nothing;
            }
        }
        self.task_starts(token, turn)
    }

    /// The task of an attempt that waits starts, and with it its timeout.
    #[inline(always)]
    fn task_starts<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        token: Handle,
        turn: &mut Turn<E, O>,
    ) -> Next {
        if let Some((limit, _)) = self.patience {
            turn.book(turn.now + limit, WorkflowEvent::TaskTimesOut { token }.into());
        }
        Next::TaskStarts(token)
    }

    /// One of the workflow's events has come. `cause` says where the attempt of a waiting execution is stuck.
    #[inline(always)]
    pub(super) fn handle<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        event: WorkflowEvent,
        cause: impl FnOnce(&Execution) -> Cause,
        turn: &mut Turn<E, O>,
    ) -> Next {
        match event {
            WorkflowEvent::StartDue { execution } => {
                self.in_transit -= 1;
                return self.call_start(execution.slot, turn);
            }
            WorkflowEvent::ExecutionRuns { execution } => {
                self.in_transit -= 1;
                return self.enter_task(execution, turn);
            }
            WorkflowEvent::TaskEntered { from } => {
                self.in_transit -= 1;
                return self.task_entered(from, turn);
            }
            WorkflowEvent::TaskStarts { token } => {
                self.in_transit -= 1;
                // Unless the execution has timed out meanwhile.
                return if self.executions.awaits(token) { self.task_starts(token, turn) } else { Next::Nothing };
            }
            WorkflowEvent::RetryDue { wait } if self.executions.is_backing_off(wait) => {
                return self.enter_task(wait, turn);
            }
            WorkflowEvent::RetryDue { .. } => {}
            WorkflowEvent::TaskTimesOut { token } => self.task_timed_out(token, cause, turn),
            WorkflowEvent::ExecutionTimesOut { execution } => self.execution_timed_out(execution, cause, turn),
            WorkflowEvent::AnswerArrives { answer } => return Next::Settled(self.answer_arrives(answer, turn)),
            WorkflowEvent::NextStateEntered { answer } => self.next_state_entered(answer.slot, turn),
        }
        Next::Nothing
    }

    /// Whether one of its events no longer matters. Steps that are counted as in transit always do.
    #[inline(always)]
    pub(super) fn is_moot(&self, event: &WorkflowEvent) -> bool {
        match event {
            WorkflowEvent::TaskTimesOut { token } => !self.executions.awaits(*token),
            WorkflowEvent::ExecutionTimesOut { execution } => !self.executions.is_open(*execution),
            WorkflowEvent::RetryDue { wait } => !self.executions.is_backing_off(*wait),
            WorkflowEvent::StartDue { .. }
            | WorkflowEvent::ExecutionRuns { .. }
            | WorkflowEvent::TaskEntered { .. }
            | WorkflowEvent::TaskStarts { .. }
            | WorkflowEvent::AnswerArrives { .. }
            | WorkflowEvent::NextStateEntered { .. } => false,
        }
    }

    /// The current attempt has failed: the task is retried, or the order ends.
    pub(super) fn attempt_failed<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
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
                turn.book(due_at, WorkflowEvent::RetryDue { wait }.into());
            }
            Failure::Over { caught } => {
                if caught {
                    // The order is over with the failure; the way into the next state takes its token all the same.
                    self.transition_at(order, turn);
                    turn.say(&Observation::NextStateEntered { order });
                }
                self.give_up(slot, outcome_of(error), cause, turn);
            }
        }
    }

    /// The task's timeout or heartbeat has run out for the attempt with this token; `cause` says where it was stuck.
    fn task_timed_out<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
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
    fn execution_timed_out<E: Event, O: Observer<Observation>>(
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

    /// The run stops: an order whose answer was accepted is confirmed or declined all the same; every other one still in
    /// progress ends as open.
    pub(super) fn close<E: Event, O: Observer<Observation>>(
        &mut self,
        cause: impl Fn(&Execution) -> Cause,
        turn: &mut Turn<E, O>,
    ) {
        for slot in self.leaving() {
            self.next_state_entered(slot, turn);
        }
        for slot in self.executions.open() {
            let cause = self.stuck(slot, &cause);
            self.give_up(slot, Outcome::Open, cause, turn);
        }
        let buckets = [
            (RateLimit::StartExecution, self.start_execution),
            (RateLimit::StateTransition, self.state_transition),
            (RateLimit::SendTask, self.send_task[0]),
            (RateLimit::SendTask, self.send_task[1]),
        ];
        for (limit, bucket) in buckets.into_iter().filter_map(|(limit, bucket)| Some((limit, bucket?))) {
            turn.say(&Observation::RatePeaked { limit, used: bucket.peak_use() });
        }
    }

    /// Why an order in progress is not further: not admitted yet, the failure it backs off from, or where its attempt is.
    fn stuck(&self, slot: u32, cause: impl FnOnce(&Execution) -> Cause) -> Cause {
        let record = self.executions.get(slot);
        match record.cause {
            Some(last) if self.executions.waits_for_retry(slot) => last,
            _ if record.attempts == 0 => Cause::StartThrottled,
            _ => cause(record),
        }
    }

    pub(super) fn give_up<E: Event, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        outcome: Outcome,
        cause: Cause,
        turn: &mut Turn<E, O>,
    ) {
        let record = self.executions.get(slot);
        let order = order_ref(record);
        let work_done = record.is_marked(Mark::WorkDone);
        turn.say(&Observation::OrderEnded {
            order,
            outcome,
            cause: Some(cause),
            latency: turn.now.since(order.arrived_at),
            stages: None,
            tries: tries_of(record),
        });
        if work_done {
            turn.say(&Observation::WorkDoneAfterGivingUp { order });
        }
        self.executions.end(slot, End::GaveUp);
    }
}

/// The work on an order is done: said if that comes after the order was given up.
#[inline(always)]
pub(super) fn work_done<E: Event, O: Observer<Observation>>(record: &mut Execution, turn: &mut Turn<E, O>) {
    if record.mark(Mark::WorkDone) && record.is_order() && record.ended().is_some_and(|end| end != End::Confirmed) {
        turn.say(&Observation::WorkDoneAfterGivingUp { order: order_ref(record) });
    }
}

/// Of a direct reply nothing is said: it is not a call of its own.
#[inline(always)]
pub(super) fn say_answer<E: Event, O: Observer<Observation>>(
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
pub(super) fn order_of<W: Ways>(record: &Execution) -> Option<OrderRef> {
    (!W::AWS || record.is_order()).then(|| order_ref(record))
}

#[inline(always)]
pub(super) fn order_ref(record: &Execution) -> OrderRef {
    OrderRef { number: record.number, arrived_at: record.arrived_at }
}

/// How often the order of this record was tried so far.
#[inline(always)]
pub(super) fn tries_of(record: &Execution) -> Tries {
    Tries { task_attempts: record.attempts, attempts: record.runs }
}

/// What a fault may hit of this record's order: its try of this number.
#[inline(always)]
pub(super) fn aim(record: &Execution, number: u64) -> Aim {
    Aim { key: OrderKey(record.key), number, order: order_of::<Aws>(record) }
}

/// The outcome of an order whose last attempt ended in this error.
fn outcome_of(error: TaskError) -> Outcome {
    match error {
        TaskError::Timeout | TaskError::HeartbeatTimeout => Outcome::TimedOut,
        TaskError::OutOfStock => Outcome::Declined,
        TaskError::Throttled
        | TaskError::FunctionError
        | TaskError::FunctionTimeout
        | TaskError::InventoryRejected
        | TaskError::LambdaUnavailable
        | TaskError::QueueUnavailable => Outcome::Failed,
    }
}
