//! The buffered design: order → execution → queue → event source mapping → function → callback → the next state.
//!
//! ```text
//!  orders ──▶ execution ──send──▶ queue ──receive──▶ batch ──▶ function ──answer──▶ execution
//!                 ▲  task timeout, Retry │ ▲  visibility timeout │          │
//!                 └──────────────────────┘ └─────────────────────┴──delete──┘
//! ```
//!
//! A receive waits for the end of its instant, so that messages visible together share a batch. How many batches the mapping
//! may have in hand, and what it does with one that the function refuses, is in [`mapping`](super::mapping).

use crate::engine::{Event as Booked, Model, Rank, Turn};
use crate::model::execution::{Execution, Executions, Mark, NO_MESSAGE, Standing, TaskError};
use crate::model::queue::{Deleted, Letter, Queue, Whereabouts};
use crate::observation::{Appearance, Cause, InvocationEnd, MessageRef, Observation, Place};
use crate::observer::Observer;
use crate::random::{Distribution, OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::{NANOS_PER_SEC, SimDuration, SimTime};
use crate::workload::{Order, Workload};

use super::batch::Progress;
use super::faults::Faults;
use super::handler::Handler;
use super::hops::Hop;
use super::invocations::{FunctionEvent, Invocations, Progressed, judge_at_end};
use super::mapping::{Mapping, MappingEvent};
use super::redrive::Redrive;
use super::spec::{Answers, BufferedSpec, FaultTarget, OnError};
use super::ways::{Aws, Ways};
use super::workflow::{Next, Reply, Workflow, WorkflowEvent, aim, order_of};

/// Everything that can be booked in the buffered design.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A step of the workflow.
    Workflow(WorkflowEvent),
    /// A step of the function.
    Function(FunctionEvent),
    /// A step of the event source mapping.
    Mapping(MappingEvent),
    /// A message reaches the queue.
    MessageArrives {
        /// The attempt that sent it.
        token: Handle,
    },
    /// A visibility timeout runs out.
    VisibilityTimesOut {
        /// The receive it belongs to.
        receipt: Handle,
    },
    /// The oldest message may have outlived the retention period.
    RetentionEnds,
    /// A message of the dead-letter queue is moved back.
    Redrives,
    /// A message that was just received is visible again at once (a fault).
    ComesBack {
        /// The receive it belongs to.
        receipt: Handle,
    },
    /// A message's delay ends.
    DelayEnds {
        /// The message.
        message: Handle,
    },
}

impl From<WorkflowEvent> for Event {
    #[inline(always)]
    fn from(event: WorkflowEvent) -> Event {
        Event::Workflow(event)
    }
}

impl From<FunctionEvent> for Event {
    #[inline(always)]
    fn from(event: FunctionEvent) -> Event {
        Event::Function(event)
    }
}

impl From<MappingEvent> for Event {
    #[inline(always)]
    fn from(event: MappingEvent) -> Event {
        Event::Mapping(event)
    }
}

/// Where the lanes of each part begin.
const FUNCTION_LANES: usize = 3;
const WORKFLOW_LANES: usize = FUNCTION_LANES + FunctionEvent::LANES;
const MAPPING_LANES: usize = WORKFLOW_LANES + WorkflowEvent::LANES;

impl Booked for Event {
    const LANES: usize = MAPPING_LANES + MappingEvent::LANES;

    #[inline(always)]
    fn rank(&self) -> Rank {
        match self {
            Event::Workflow(step) => step.rank(),
            Event::Function(step) => step.rank(),
            Event::Mapping(step) => step.rank(),
            Event::VisibilityTimesOut { .. } | Event::ComesBack { .. } | Event::RetentionEnds => Rank::TimerRunsOut,
            Event::MessageArrives { .. } | Event::DelayEnds { .. } | Event::Redrives => Rank::Arrives,
        }
    }

    #[inline(always)]
    fn lane(&self) -> Option<usize> {
        match self {
            Event::VisibilityTimesOut { .. } => Some(0),
            Event::RetentionEnds => Some(1),
            Event::DelayEnds { .. } => Some(2),
            Event::MessageArrives { .. } | Event::ComesBack { .. } | Event::Redrives => None,
            Event::Function(step) => step.lane().map(|lane| FUNCTION_LANES + lane),
            Event::Workflow(step) => step.lane().map(|lane| WORKFLOW_LANES + lane),
            Event::Mapping(step) => step.lane().map(|lane| MAPPING_LANES + lane),
        }
    }
}

/// The buffered design, ready to run.
pub struct Buffered<W: Ways = Aws> {
    workload: Workload,
    next_order: Option<Order>,
    pub(super) workflow: Workflow<W>,
    /// Messages carry their task token; its slot is the order's record.
    pub(super) queue: Queue<Handle>,
    pub(super) invocations: Invocations<W>,
    pub(super) mapping: Mapping<W>,
    send: Hop<W>,
    pub(super) faults: Faults<W>,
    /// The delay of a message, and the longest that may be asked for, in whole seconds.
    delay: Hop<W>,
    longest_delay: Option<SimDuration>,
    /// By how much a message's place in line is shifted.
    reorder: Hop<W>,
    retention: Option<SimDuration>,
    /// Whether the end of the oldest message's retention is booked (or that of an older one, gone since).
    retention_booked: bool,
    /// Whether a handler that does not throw leaves nothing behind.
    settles_all: bool,
    /// Messages of the initial backlog come before every order in the line.
    pub(super) backlog: u64,
    /// The dead-letter queue, where it will be moved back.
    pub(super) redrive: Option<Box<Redrive>>,
    /// When the run stops, come what may.
    horizon: Option<SimTime>,
}

impl<W: Ways> Buffered<W> {
    /// The design for one run of the workload, up to its `horizon`; `platform_key` is for draws that belong to no order.
    pub fn new(
        spec: &BufferedSpec,
        mut workload: Workload,
        platform_key: OrderKey,
        horizon: Option<SimTime>,
    ) -> Buffered<W> {
        let next_order = workload.next_order();
        let reports = spec.event_source.report_batch_item_failures;
        let handler = Handler::<W>::new(&spec.function, reports, spec.inventory.is_some());
        let (function, platform) = (&spec.function, &spec.platform);
        Buffered {
            workload,
            next_order,
            workflow: Workflow::new(&spec.workflow, platform, Reply::Callback),
            queue: Queue::new(spec.queue),
            invocations: Invocations::new(function, spec.inventory.as_ref(), platform, platform_key, handler),
            mapping: Mapping::new(spec),
            send: Hop::new(platform.latency.send, Purpose::Send),
            faults: Faults::of(FaultTarget::Queue, &platform.faults),
            delay: Hop::new(spec.delay.length, Purpose::Delay),
            longest_delay: spec.delay.longest,
            reorder: Hop::new(Distribution::uniform(0.0, spec.noise.reorder_window.as_secs_f64()), Purpose::Reorder),
            retention: spec.queue.message_retention_period,
            retention_booked: false,
            settles_all: function.on_error == OnError::Report || function.answers == Answers::FirstDecides,
            backlog: 0,
            redrive: spec.redrive.map(|redrive| Box::new(Redrive::new(redrive))),
            horizon,
        }
    }

    /// Begins: the function's provisioned environments, and the initial backlog, visible at time 0 whatever the queue's
    /// delay. Call it once, before the run.
    pub fn fill<O: Observer<Observation>>(
        &mut self,
        backlog: impl Iterator<Item = OrderKey>,
        turn: &mut Turn<Event, O>,
    ) {
        self.invocations.begin_provisioning(turn);
        self.begin_polling(turn);
        if let Some(redrive) = &self.redrive {
            turn.book(redrive.at(), Event::Redrives);
        }
        for key in backlog {
            let (slot, record) = self.workflow.executions.enter_backlog(turn.now, self.backlog, key.0);
            let token = record.name(slot);
            self.enter((token, 0), SimDuration::ZERO, false, turn);
            self.backlog += 1;
        }
    }

    /// The run has stopped at `turn.now`: what is still in progress is said to be open.
    pub fn close<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let queue = &self.queue;
        self.workflow.close(|execution| whereabouts(queue, execution), turn);
        self.invocations.say_peaks(turn);
    }

    #[inline(always)]
    fn go_on<O: Observer<Observation>>(&mut self, next: Next, turn: &mut Turn<Event, O>) {
        match next {
            Next::Nothing => {}
            Next::TaskStarts(token) => self.task_starts(token, turn),
            Next::Settled(settled) => self.invocations.judge(settled, &self.workflow, turn),
        }
    }

    /// The task of an attempt starts: it sends a message with its token. The message on its way refers to the record.
    #[inline(always)]
    fn task_starts<O: Observer<Observation>>(&mut self, token: Handle, turn: &mut Turn<Event, O>) {
        if !self.send.takes_time() && !self.faults.exist() {
            return self.message_arrives(token, turn);
        }
        let record = self.workflow.executions.get_mut(token.slot);
        let mut length = self.send.draw(OrderKey(record.key), record.attempts);
        if self.faults.exist() {
            let aim = aim(record, record.attempts.into());
            if self.faults.refuse(&aim, turn) {
                let (error, cause) = (TaskError::QueueUnavailable, Cause::ServiceError);
                return self.workflow.attempt_failed(token.slot, error, cause, turn);
            }
            length += self.faults.delay(&aim, turn);
        }
        if length.is_zero() {
            return self.message_arrives(token, turn);
        }
        record.add_reference();
        self.workflow.in_transit += 1;
        turn.book(turn.now + length, Event::MessageArrives { token });
    }

    #[inline(always)]
    fn message_arrives<O: Observer<Observation>>(&mut self, token: Handle, turn: &mut Turn<Event, O>) {
        let record = self.workflow.executions.get(token.slot);
        let attempts = record.attempts;
        let delay = self.delay_of(OrderKey(record.key), attempts);
        self.enter((token, attempts), delay, false, turn);
    }

    /// The delay of a message; `draws` tells the order's messages apart.
    #[inline(always)]
    pub(super) fn delay_of(&self, key: OrderKey, draws: u32) -> SimDuration {
        let length = self.delay.draw(key, draws);
        if length.is_zero() {
            return length;
        }
        self.longest_delay.map_or(length, |longest| whole_seconds(length).min(longest))
    }

    /// A message with this token enters the queue, for the first time or `again` from the dead-letter queue. It refers to the
    /// record.
    #[inline(always)]
    pub(super) fn enter<O: Observer<Observation>>(
        &mut self,
        (token, draws): (Handle, u32),
        delay: SimDuration,
        again: bool,
        turn: &mut Turn<Event, O>,
    ) -> Handle {
        let number = number_in_line(&self.workflow.executions, self.backlog, token);
        let record = self.workflow.executions.get_mut(token.slot);
        let shift = self.reorder.draw(OrderKey(record.key), draws);
        let letter = self.queue.send(turn.now, number, token, (delay, shift));
        record.add_reference();
        if record.standing(token) == Standing::Current {
            record.message = letter.handle.slot;
        }
        let message = message_ref::<W>(&letter, record);
        let delayed = !delay.is_zero();
        turn.say(&if again {
            Observation::MessageRedriven { message, delayed }
        } else {
            Observation::MessageSent { message, delayed }
        });
        if delay.is_zero() {
            turn.say(&Observation::MessageAppeared { message, why: Appearance::Sent });
            self.message_is_visible(turn);
        } else {
            turn.book(turn.now + delay, Event::DelayEnds { message: letter.handle });
        }
        if W::AWS
            && let (Some(period), false) = (self.retention, self.retention_booked)
        {
            self.retention_booked = true;
            turn.book(turn.now + period, Event::RetentionEnds);
        }
        letter.handle
    }

    #[inline(always)]
    pub(super) fn progressed<O: Observer<Observation>>(&mut self, progressed: Progressed, turn: &mut Turn<Event, O>) {
        match progressed {
            Progressed::Continues => {}
            Progressed::Over(invocation, end) => self.invocation_over(invocation, end, turn),
        }
    }

    /// The invocation is over: unless it failed, the mapping deletes what the handler got through with.
    #[inline(always)]
    fn invocation_over<O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        let (settles_all, first_decides) = (self.settles_all, self.invocations.handler.first_decides());
        let Buffered { invocations, workflow, queue, .. } = self;
        let Workflow { executions, answers, .. } = workflow;
        let (records, mut shares) = invocations.over(invocation, end, turn);
        let mut deleted = 0;
        for record in records {
            let slot = record.token.slot;
            let execution = executions.get_mut(slot);
            judge_at_end::<W, Event, O>(record, &mut shares, execution, answers, turn);
            let settled = match record.progress {
                _ if !W::AWS => true,
                Progress::Succeeded | Progress::Skipped => true,
                Progress::Failed => settles_all,
                Progress::Unanswered => first_decides,
                Progress::Waiting
                | Progress::Working
                | Progress::Connecting
                | Progress::Calling
                | Progress::Answering => false,
            };
            let deletes = end == InvocationEnd::Success && settled;
            deleted += u32::from(deletes);
            let_go::<W, O>(queue, record.receipt, deletes, execution, turn);
            if execution.drop_reference() {
                executions.give_back(slot);
            }
        }
        if deleted > 0 {
            turn.say(&Observation::BatchDeleted { messages: deleted });
        }
        invocations.close(invocation.slot);
        self.poller_is_through(end, turn);
    }

    /// The queue, and the [numbers](number_in_line) that it may ask for.
    fn queue_and_numbers(&mut self) -> (&mut Queue<Handle>, impl Fn(Handle) -> u64) {
        let Buffered { queue, workflow, backlog, .. } = self;
        (queue, |token| number_in_line(&workflow.executions, *backlog, token))
    }

    fn visibility_timed_out<O: Observer<Observation>>(&mut self, receipt: Handle, turn: &mut Turn<Event, O>) {
        let (queue, number) = self.queue_and_numbers();
        if let Some(letter) = queue.visibility_timed_out(turn.now, receipt, number) {
            self.appeared(&letter, Appearance::Returned, turn);
        }
    }

    /// The message of this receive, which has just been made, is visible again.
    #[cold]
    pub(super) fn comes_back<O: Observer<Observation>>(
        &mut self,
        receipt: Handle,
        why: Appearance,
        turn: &mut Turn<Event, O>,
    ) {
        let (queue, number) = self.queue_and_numbers();
        if let Some(letter) = queue.stays_visible(turn.now, receipt, number) {
            self.appeared(&letter, why, turn);
        }
    }

    fn delay_ended<O: Observer<Observation>>(&mut self, message: Handle, turn: &mut Turn<Event, O>) {
        let (queue, number) = self.queue_and_numbers();
        if let Some(letter) = queue.delay_ended(turn.now, message, number) {
            self.appeared(&letter, Appearance::DelayEnded, turn);
        }
    }

    pub(super) fn appeared<O: Observer<Observation>>(
        &mut self,
        letter: &Letter<Handle>,
        why: Appearance,
        turn: &mut Turn<Event, O>,
    ) {
        let message = message_ref::<W>(letter, self.workflow.executions.get(letter.payload.slot));
        turn.say(&Observation::MessageAppeared { message, why });
        self.message_is_visible(turn);
    }

    /// Expires what has outlived the retention period, and waits for the oldest of what is left: messages age in the order in
    /// which they were sent, so one timer is enough, and memory follows what exists.
    fn retention_ended<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let Some(period) = self.retention else { return };
        self.retention_booked = false;
        while let Some((message, sent_at)) = self.queue.oldest() {
            if turn.now < sent_at + period {
                self.retention_booked = true;
                return turn.book(sent_at + period, Event::RetentionEnds);
            }
            self.expire(message, turn);
        }
    }

    fn expire<O: Observer<Observation>>(&mut self, message: Handle, turn: &mut Turn<Event, O>) {
        if let Some((letter, from)) = self.queue.retention_ended(message) {
            let record = self.workflow.executions.get(letter.payload.slot);
            turn.say(&Observation::MessageExpired { message: message_ref::<W>(&letter, record), from });
            message_gone(&letter, Cause::Expired, &mut self.workflow);
        }
    }

    /// Whether messages of the dead-letter queue are still to be moved back.
    fn will_redrive(&self) -> bool {
        self.redrive.as_ref().is_some_and(|redrive| redrive.has_work())
    }

    /// Whether at `at`, when the run may be over, nothing booked can change anything any more but polls, scaling and idle
    /// environments. A run lasts until the end of the arrivals, or its horizon.
    fn nothing_left(&self, at: SimTime) -> bool {
        self.next_order.is_none()
            && at >= self.horizon.unwrap_or(self.workload.end())
            && self.queue.is_empty()
            && self.invocations.are_over()
            && self.workflow.rests()
            && !self.will_redrive()
    }
}

impl<W: Ways> Model for Buffered<W> {
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
        let order = self.next_order.expect("an arrival has an order");
        self.next_order = self.workload.next_order();
        let next = self.workflow.order_arrives(&order, turn);
        self.go_on(next, turn);
    }

    #[inline(always)]
    fn handle<O: Observer<Observation>>(&mut self, event: Event, turn: &mut Turn<Event, O>) {
        match event {
            Event::Function(step) => {
                let progressed = self.invocations.handle(step, &mut self.workflow, turn);
                self.progressed(progressed, turn);
            }
            Event::Workflow(step) => {
                let queue = &self.queue;
                let next = self.workflow.handle(step, |execution| whereabouts(queue, execution), turn);
                self.go_on(next, turn);
            }
            Event::Mapping(step) => self.handle_mapping(step, turn),
            Event::MessageArrives { token } => {
                self.workflow.in_transit -= 1;
                self.message_arrives(token, turn);
                self.workflow.executions.drop_reference(token.slot);
            }
            Event::VisibilityTimesOut { receipt } => self.visibility_timed_out(receipt, turn),
            Event::ComesBack { receipt } => self.comes_back(receipt, Appearance::Returned, turn),
            Event::RetentionEnds => self.retention_ended(turn),
            Event::Redrives => self.redrive(turn),
            Event::DelayEnds { message } => self.delay_ended(message, turn),
        }
    }

    #[inline(always)]
    fn is_moot(&self, at: SimTime, event: &Event) -> bool {
        match event {
            // The textbook's handlers are never stopped.
            Event::Function(step) => W::AWS && self.invocations.is_moot(step, || self.nothing_left(at)),
            Event::Workflow(step) => self.workflow.is_moot(step),
            Event::Mapping(step) => self.mapping_is_moot(step, || self.nothing_left(at)),
            Event::MessageArrives { .. } => false,
            Event::VisibilityTimesOut { receipt } | Event::ComesBack { receipt } => !self.queue.is_current(*receipt),
            Event::RetentionEnds => self.nothing_left(at),
            // Whatever was to be dead-lettered before it has been.
            Event::Redrives => !self.will_redrive(),
            Event::DelayEnds { message } => !self.queue.exists(*message),
        }
    }

    #[inline(always)]
    fn wants_turn(&self) -> bool {
        (if W::AWS { self.queue.hands_out() } else { self.queue.visible() > 0 }) && self.mapping.has_room()
    }

    #[inline(always)]
    fn take_turn<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        self.receive_batch(turn);
    }

    fn oldest(&mut self) -> Option<SimTime> {
        self.queue.oldest().map(|(_, sent_at)| sent_at)
    }
}

/// An invocation lets go of a delivery, and the mapping deletes its message if it `deletes`.
#[inline(always)]
fn let_go<W: Ways, O: Observer<Observation>>(
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
            turn.say(&Observation::StaleDeleteIgnored { message: message_ref::<W>(&letter, record) });
            return;
        }
        Deleted::Already | Deleted::Kept => return,
    };
    turn.say(&Observation::MessageDeleted { message: message_ref::<W>(&letter, record), from });
    let unreferred = record.message_gone(letter.payload, Cause::CallbackLost);
    debug_assert!(!unreferred, "the invocation refers to the record");
}

/// To the nearest second, as a sender asks for a delay.
#[cold]
fn whole_seconds(length: SimDuration) -> SimDuration {
    SimDuration::from_secs((length.0 + NANOS_PER_SEC / 2) / NANOS_PER_SEC)
}

/// What settles the place in line of a message with this token among those visible since the same instant: messages of the
/// initial backlog come first, then orders in their order.
#[inline(always)]
pub(super) fn number_in_line(executions: &Executions, backlog: u64, token: Handle) -> u64 {
    let record = executions.get(token.slot);
    if record.is_order() { record.number + backlog } else { record.number }
}

/// A message has ceased to exist in the queue.
pub(super) fn message_gone<W: Ways>(letter: &Letter<Handle>, fate: Cause, workflow: &mut Workflow<W>) {
    let slot = letter.payload.slot;
    if workflow.executions.get_mut(slot).message_gone(letter.payload, fate) {
        workflow.executions.give_back(slot);
    }
}

#[inline(always)]
pub(super) fn message_ref<W: Ways>(letter: &Letter<Handle>, record: &Execution) -> MessageRef {
    MessageRef { handle: letter.handle, order: order_of::<W>(record), sent_at: letter.sent_at }
}

/// Where the attempt of a waiting execution is stuck.
fn whereabouts(queue: &Queue<Handle>, execution: &Execution) -> Cause {
    match execution.cause {
        Some(fate) => fate,
        // Its message is still on its way into the queue, or nobody ever received one: in a backlog this spares a look at it.
        None if execution.message == NO_MESSAGE || !execution.is_marked(Mark::Received) => Cause::WaitingInQueue,
        None => match queue.whereabouts(execution.message) {
            Some(Whereabouts::Held) => Cause::Running,
            Some(Whereabouts::Delayed | Whereabouts::Visible) => Cause::WaitingInQueue,
            Some(Whereabouts::InFlight) => Cause::InFlight,
            None => Cause::CallbackLost,
        },
    }
}
