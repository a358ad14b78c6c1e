//! The buffered design: order → execution → queue → event source mapping → function → callback → the next state.
//!
//! ```text
//!  orders ──▶ execution ──send──▶ queue ──receive──▶ batch ──▶ function ──answer──▶ execution
//!                 ▲  task timeout, Retry │ ▲  visibility timeout │          │
//!                 └──────────────────────┘ └─────────────────────┴──delete──┘
//! ```
//!
//! The mapping pulls when a slot of the function is free (`event_source.pull = "when_free"`): a receive waits for the end
//! of its instant, so that messages visible together share a batch.

use crate::engine::{Event as Booked, Model, Rank, Turn};
use crate::model::execution::Execution;
use crate::model::queue::{Deleted, Delivery, Letter, Queue, Received, Whereabouts};
use crate::observation::{Appearance, Cause, InvocationEnd, MessageRef, Observation, Place};
use crate::observer::Observer;
use crate::random::OrderKey;
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};
use crate::workload::{Order, Workload};

use super::invocations::{InvocationEvents, Invocations, Progressed, Record};
use super::spec::{BufferedSpec, OnError};
use super::workflow::{Reply, Workflow, WorkflowEvents, order_of};

/// Everything that can be booked in the buffered design.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The work on one record of an invocation (or on the whole batch) ends.
    WorkEnds {
        /// The invocation.
        invocation: Handle,
        /// The record's place in the batch.
        record: u16,
    },
    /// A visibility timeout runs out.
    VisibilityTimesOut {
        /// The receive it belongs to.
        receipt: Handle,
    },
    /// The function's timeout runs out.
    FunctionTimesOut {
        /// The invocation.
        invocation: Handle,
    },
    /// The task's timeout or heartbeat runs out.
    TaskTimesOut {
        /// The attempt.
        token: Handle,
    },
    /// The execution's own timeout runs out.
    ExecutionTimesOut {
        /// The execution.
        execution: Handle,
    },
    /// A message outlives the retention period.
    RetentionEnds {
        /// The message.
        message: Handle,
    },
    /// A message's delay ends.
    DelayEnds {
        /// The message.
        message: Handle,
    },
    /// A back-off ends.
    RetryDue {
        /// The back-off.
        wait: Handle,
    },
}

impl Booked for Event {
    const LANES: usize = 6;

    #[inline(always)]
    fn rank(&self) -> Rank {
        match self {
            Event::WorkEnds { .. } => Rank::WorkEnds,
            Event::VisibilityTimesOut { .. }
            | Event::FunctionTimesOut { .. }
            | Event::TaskTimesOut { .. }
            | Event::ExecutionTimesOut { .. }
            | Event::RetentionEnds { .. } => Rank::TimerRunsOut,
            Event::DelayEnds { .. } | Event::RetryDue { .. } => Rank::Arrives,
        }
    }

    #[inline(always)]
    fn lane(&self) -> Option<usize> {
        match self {
            Event::WorkEnds { .. } | Event::RetryDue { .. } => None,
            Event::VisibilityTimesOut { .. } => Some(0),
            Event::TaskTimesOut { .. } => Some(1),
            Event::FunctionTimesOut { .. } => Some(2),
            Event::ExecutionTimesOut { .. } => Some(3),
            Event::RetentionEnds { .. } => Some(4),
            Event::DelayEnds { .. } => Some(5),
        }
    }
}

impl WorkflowEvents for Event {
    #[inline(always)]
    fn task_times_out(token: Handle) -> Event {
        Event::TaskTimesOut { token }
    }
    #[inline(always)]
    fn execution_times_out(execution: Handle) -> Event {
        Event::ExecutionTimesOut { execution }
    }
    #[inline(always)]
    fn retry_due(wait: Handle) -> Event {
        Event::RetryDue { wait }
    }
}

impl InvocationEvents for Event {
    #[inline(always)]
    fn work_ends(invocation: Handle, record: u16) -> Event {
        Event::WorkEnds { invocation, record }
    }
    #[inline(always)]
    fn function_times_out(invocation: Handle) -> Event {
        Event::FunctionTimesOut { invocation }
    }
}

/// The buffered design, ready to run.
pub struct Buffered {
    workload: Workload,
    next_order: Option<Order>,
    workflow: Workflow,
    /// Messages carry their task token; its slot is the order's record.
    queue: Queue<Handle>,
    invocations: Invocations,
    spec: BufferedSpec,
    /// Batches that may be in flight: the smaller of maximum concurrency and the function's limit.
    most_batches: u32,
    /// Messages of the initial backlog come before every order in the line.
    backlog: u64,
}

impl Buffered {
    /// The design for one run of the workload.
    pub fn new(spec: &BufferedSpec, mut workload: Workload) -> Buffered {
        let maximum = spec.event_source.maximum_concurrency.unwrap_or(u32::MAX);
        let next_order = workload.next_order();
        Buffered {
            workload,
            next_order,
            workflow: Workflow::new(&spec.workflow, Reply::Callback),
            queue: Queue::new(spec.queue),
            invocations: Invocations::new(&spec.function, spec.event_source.report_batch_item_failures),
            spec: spec.clone(),
            most_batches: maximum.min(spec.function.reserved_concurrency.unwrap_or(u32::MAX)),
            backlog: 0,
        }
    }

    /// Puts the initial backlog into the queue, visible at time 0 whatever the queue's delay. Call it once, before the run.
    pub fn fill<O: Observer<Observation>>(
        &mut self,
        backlog: impl Iterator<Item = OrderKey>,
        turn: &mut Turn<Event, O>,
    ) {
        for key in backlog {
            let (slot, record) = self.workflow.executions.enter_backlog(turn.now, self.backlog, key.0);
            let token = record.name(slot);
            send(&mut self.queue, record, token, self.backlog, SimDuration::ZERO, turn);
            self.backlog += 1;
        }
    }

    /// The run has stopped at `turn.now`: what is still in progress is said to be open.
    pub fn close<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let queue = &self.queue;
        self.workflow.close(|execution| whereabouts(queue, execution), turn);
    }

    #[inline(always)]
    fn begin_attempt<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        let (token, record) = self.workflow.begin_attempt(slot, turn);
        let (number, delay) = (record.number + self.backlog, self.spec.queue.delay);
        record.message = send(&mut self.queue, record, token, number, delay, turn).slot;
    }

    /// One receive: up to a batch of visible messages goes to a free slot of the function.
    #[inline(always)]
    fn receive_batch<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let (slot, batch) = self.invocations.open();
        while batch.len() < self.spec.event_source.batch_size as usize {
            match self.queue.receive(turn.now) {
                None => break,
                Some(Received::Delivered(delivery)) => {
                    let record = self.workflow.executions.get_mut(delivery.letter.payload.slot);
                    batch.push(take_delivery(&delivery, record, turn));
                }
                Some(Received::DeadLettered(letter)) => {
                    let record = self.workflow.executions.get(letter.payload.slot);
                    turn.say(&Observation::MessageDeadLettered { message: message_ref(&letter, record) });
                    message_gone(&letter, Cause::DeadLettered, &mut self.workflow);
                }
            }
        }
        if batch.is_empty() {
            return self.invocations.cancel(slot);
        }
        let admission = self.invocations.function.admit();
        self.invocations.begin(slot, admission, &mut self.workflow, turn);
    }

    /// The invocation is over: unless it failed, the mapping deletes what the handler got through with.
    #[inline(always)]
    fn invocation_over<O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        let settles_all = self.spec.function.on_error == OnError::Report;
        let Buffered { invocations, workflow, queue, .. } = self;
        invocations.over(invocation, end, workflow, turn);
        for record in invocations.records(invocation.slot) {
            let deletes = end == InvocationEnd::Success && (settles_all || record.succeeded());
            let slot = record.token.slot;
            let order = workflow.executions.get_mut(slot);
            let_go(queue, record.receipt, deletes, order, turn);
            if order.drop_reference() {
                workflow.executions.give_back(slot);
            }
        }
        invocations.close(invocation.slot);
    }

    fn visibility_timed_out<O: Observer<Observation>>(&mut self, receipt: Handle, turn: &mut Turn<Event, O>) {
        if let Some(letter) = self.queue.visibility_timed_out(turn.now, receipt) {
            let message = message_ref(&letter, self.workflow.executions.get(letter.payload.slot));
            turn.say(&Observation::MessageAppeared { message, why: Appearance::Returned });
        }
    }

    fn delay_ended<O: Observer<Observation>>(&mut self, message: Handle, turn: &mut Turn<Event, O>) {
        if let Some(letter) = self.queue.delay_ended(turn.now, message) {
            let message = message_ref(&letter, self.workflow.executions.get(letter.payload.slot));
            turn.say(&Observation::MessageAppeared { message, why: Appearance::DelayEnded });
        }
    }

    fn retention_ended<O: Observer<Observation>>(&mut self, message: Handle, turn: &mut Turn<Event, O>) {
        if let Some((letter, from)) = self.queue.retention_ended(message) {
            let record = self.workflow.executions.get(letter.payload.slot);
            turn.say(&Observation::MessageExpired { message: message_ref(&letter, record), from });
            message_gone(&letter, Cause::Expired, &mut self.workflow);
        }
    }

    fn function_timed_out<O: Observer<Observation>>(&mut self, invocation: Handle, turn: &mut Turn<Event, O>) {
        if self.invocations.is_running(invocation) {
            self.invocations.stop(invocation, &self.workflow, turn);
            self.invocation_over(invocation, InvocationEnd::Timeout, turn);
        }
    }
}

impl Model for Buffered {
    type Event = Event;
    type Observation = Observation;

    #[inline(always)]
    fn next_arrival(&self) -> SimTime {
        self.next_order.map_or(SimTime::NEVER, |order| order.arrives_at)
    }

    fn arrivals_end(&self) -> SimTime {
        self.workload.end()
    }

    #[inline(always)]
    fn arrive<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let order = self.next_order.take().expect("an arrival has an order");
        self.next_order = self.workload.next_order();
        let slot = self.workflow.order_arrives(&order, turn);
        self.begin_attempt(slot, turn);
    }

    #[inline(always)]
    fn handle<O: Observer<Observation>>(&mut self, event: Event, turn: &mut Turn<Event, O>) {
        match event {
            Event::WorkEnds { invocation, record } => {
                match self.invocations.work_ended(invocation, record, &mut self.workflow, turn) {
                    Progressed::Continues => {}
                    Progressed::Over(end) => self.invocation_over(invocation, end, turn),
                }
            }
            Event::VisibilityTimesOut { receipt } => self.visibility_timed_out(receipt, turn),
            Event::FunctionTimesOut { invocation } => self.function_timed_out(invocation, turn),
            Event::TaskTimesOut { token } => {
                let queue = &self.queue;
                self.workflow.task_timed_out(token, |execution| whereabouts(queue, execution), turn);
            }
            Event::ExecutionTimesOut { execution } => {
                let queue = &self.queue;
                self.workflow.execution_timed_out(execution, |execution| whereabouts(queue, execution), turn);
            }
            Event::RetentionEnds { message } => self.retention_ended(message, turn),
            Event::DelayEnds { message } => self.delay_ended(message, turn),
            Event::RetryDue { wait } => {
                if self.workflow.retry_due(wait, turn) {
                    self.begin_attempt(wait.slot, turn);
                }
            }
        }
    }

    #[inline(always)]
    fn is_moot(&self, event: &Event) -> bool {
        match event {
            Event::WorkEnds { invocation, .. } | Event::FunctionTimesOut { invocation } => {
                !self.invocations.is_running(*invocation)
            }
            Event::VisibilityTimesOut { receipt } => !self.queue.is_current(*receipt),
            Event::TaskTimesOut { token } => !self.workflow.executions.awaits(*token),
            Event::ExecutionTimesOut { execution } => !self.workflow.executions.is_open(*execution),
            Event::RetentionEnds { message } | Event::DelayEnds { message } => !self.queue.exists(*message),
            Event::RetryDue { wait } => !self.workflow.executions.is_backing_off(*wait),
        }
    }

    #[inline(always)]
    fn wants_turn(&self) -> bool {
        self.queue.visible() > 0 && self.invocations.function.busy() < self.most_batches
    }

    #[inline(always)]
    fn take_turn<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        self.receive_batch(turn);
    }

    fn oldest(&mut self) -> Option<SimTime> {
        self.queue.oldest_sent_at()
    }
}

/// A message about the order of `record` enters the queue: its name. The message refers to the record.
#[inline(always)]
fn send<O: Observer<Observation>>(
    queue: &mut Queue<Handle>,
    record: &mut Execution,
    token: Handle,
    number: u64,
    delay: SimDuration,
    turn: &mut Turn<Event, O>,
) -> Handle {
    let letter = queue.send(turn.now, number, token, delay);
    record.add_reference();
    let message = message_ref(&letter, record);
    turn.say(&Observation::MessageSent { message, delayed: !delay.is_zero() });
    if delay.is_zero() {
        turn.say(&Observation::MessageAppeared { message, why: Appearance::Sent });
    } else {
        turn.book(turn.now + delay, Event::DelayEnds { message: letter.handle });
    }
    if let Some(period) = queue.settings().message_retention_period {
        turn.book(turn.now + period, Event::RetentionEnds { message: letter.handle });
    }
    letter.handle
}

/// A message has been received for an invocation, which refers to the order's `record` from now on.
#[inline(always)]
fn take_delivery<O: Observer<Observation>>(
    delivery: &Delivery<Handle>,
    record: &mut Execution,
    turn: &mut Turn<Event, O>,
) -> Record {
    turn.say(&Observation::MessageReceived {
        message: message_ref(&delivery.letter, record),
        receive_count: delivery.receive_count,
        waited: delivery.waited,
    });
    if let Some(at) = delivery.visible_again_at {
        turn.book(at, Event::VisibilityTimesOut { receipt: delivery.receipt });
    }
    record.add_reference();
    let times = [delivery.first_visible_at, delivery.first_received_at, turn.now];
    Record::new(delivery.letter.payload, delivery.receipt, times)
}

/// An invocation lets go of a delivery, and the mapping deletes its message if it `deletes`.
#[inline(always)]
fn let_go<O: Observer<Observation>>(
    queue: &mut Queue<Handle>,
    receipt: Handle,
    deletes: bool,
    record: &mut Execution,
    turn: &mut Turn<Event, O>,
) {
    let (letter, from) = match queue.let_go(receipt, deletes) {
        Deleted::InFlight(letter) => (letter, Place::InFlight),
        Deleted::Visible(letter) => (letter, Place::Visible),
        Deleted::Stale(letter) => {
            turn.say(&Observation::StaleDeleteIgnored { message: message_ref(&letter, record) });
            return;
        }
        Deleted::Already | Deleted::Kept => return,
    };
    turn.say(&Observation::MessageDeleted { message: message_ref(&letter, record), from });
    let unreferred = record.message_gone(letter.payload, Cause::CallbackLost);
    debug_assert!(!unreferred, "the invocation refers to the record");
}

/// A message has ceased to exist in the queue.
fn message_gone(letter: &Letter<Handle>, fate: Cause, workflow: &mut Workflow) {
    let slot = letter.payload.slot;
    if workflow.executions.get_mut(slot).message_gone(letter.payload, fate) {
        workflow.executions.give_back(slot);
    }
}

#[inline(always)]
fn message_ref(letter: &Letter<Handle>, record: &Execution) -> MessageRef {
    MessageRef { handle: letter.handle, order: order_of(record), sent_at: letter.sent_at }
}

/// Where the attempt of a waiting execution is stuck.
fn whereabouts(queue: &Queue<Handle>, execution: &Execution) -> Cause {
    match execution.cause {
        Some(fate) => fate,
        // The message exists and nobody ever received it: in a backlog this spares a look at it.
        None if !execution.handed_over => Cause::WaitingInQueue,
        None => match queue.whereabouts(execution.message) {
            Some(Whereabouts::Held) => Cause::Running,
            Some(Whereabouts::Delayed | Whereabouts::Visible) => Cause::WaitingInQueue,
            Some(Whereabouts::InFlight) => Cause::InFlight,
            None => Cause::CallbackLost,
        },
    }
}
