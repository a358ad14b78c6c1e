//! The direct design: order → execution → function → reply. There is no queue: an order that the function has no room for
//! waits, if at all, in the back-off of its task's Retry.
//!
//! ```text
//!  orders ──▶ execution ──invoke──▶ function ──reply──▶ execution
//!                 ▲   throttled (429), error, timeout │
//!                 └──────────── Retry ◀───────────────┘
//! ```
//!
//! Invoked asynchronously the function answers with the task token, and what it has no room for waits in a queue of Lambda's
//! own: see [`asynchronous`](super::asynchronous). Both ways of invocation share what lies between the execution and the
//! function.

use crate::engine::{Event as Booked, Model, Rank, Turn};
use crate::model::execution::{Execution, Standing, TaskError};
use crate::observation::{Cause, InvocationEnd, Observation, Stages};
use crate::observer::Observer;
use crate::random::{OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};
use crate::workload::{Order, Workload};

use super::answers::{Origin, Verdict};
use super::asynchronous::{Asynchronous, AsynchronousEvent};
use super::batch::Record;
use super::handler::Handler;
use super::hops::Hop;
use super::invocations::{FunctionEvent, Invocations, Progressed, judge_at_end};
use super::record::cause_of;
use super::spec::DirectSpec;
use super::ways::Aws;
use super::workflow::{Next, Reply, Workflow, WorkflowEvent, aim};

/// Everything that can be booked in the direct design.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A step of the workflow.
    Workflow(WorkflowEvent),
    /// A step of the function.
    Function(FunctionEvent),
    /// A step of asynchronous invocation.
    Asynchronous(AsynchronousEvent),
    /// An invocation reaches the function.
    InvocationArrives {
        /// The invocation.
        invocation: Handle,
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

impl From<AsynchronousEvent> for Event {
    #[inline(always)]
    fn from(event: AsynchronousEvent) -> Event {
        Event::Asynchronous(event)
    }
}

impl Booked for Event {
    const LANES: usize = FunctionEvent::LANES + WorkflowEvent::LANES;

    #[inline(always)]
    fn rank(&self) -> Rank {
        match self {
            Event::Workflow(step) => step.rank(),
            Event::Function(step) => step.rank(),
            Event::Asynchronous(step) => step.rank(),
            Event::InvocationArrives { .. } => Rank::Starts,
        }
    }

    #[inline(always)]
    fn lane(&self) -> Option<usize> {
        match self {
            Event::Function(step) => step.lane(),
            Event::Workflow(step) => step.lane().map(|lane| FunctionEvent::LANES + lane),
            Event::Asynchronous(_) | Event::InvocationArrives { .. } => None,
        }
    }
}

/// The direct design, ready to run.
pub struct Direct {
    workload: Workload,
    next_order: Option<Order>,
    pub(super) workflow: Workflow,
    invocations: Invocations,
    pub(super) invoke: Hop,
    /// Lambda's own queue; `None`: the Task waits for the function's reply.
    pub(super) asynchronous: Option<Asynchronous>,
    /// When the run stops, come what may.
    horizon: Option<SimTime>,
}

impl Direct {
    /// The design for one run of the workload, up to its `horizon`; `platform_key` is for draws that belong to no order.
    pub fn new(spec: &DirectSpec, mut workload: Workload, platform_key: OrderKey, horizon: Option<SimTime>) -> Direct {
        let next_order = workload.next_order();
        let (function, platform) = (&spec.function, &spec.platform);
        let calls_inventory = spec.inventory.is_some();
        let (handler, reply): (Handler, Reply) = match spec.asynchronous {
            None => (Handler::direct(function, calls_inventory), Reply::Direct),
            Some(_) => (Handler::new(function, false, calls_inventory), Reply::Callback),
        };
        Direct {
            workload,
            next_order,
            workflow: Workflow::new(&spec.workflow, platform, reply),
            invocations: Invocations::new(function, spec.inventory.as_ref(), platform, platform_key, handler),
            invoke: Hop::new(platform.latency.invoke, Purpose::Invoke),
            asynchronous: Asynchronous::new(spec),
            horizon,
        }
    }

    /// Begins: the function's provisioned environments. Call it once, before the run.
    pub fn fill<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        self.invocations.begin_provisioning(turn);
    }

    /// The run has stopped at `turn.now`: what is still in progress is said to be open.
    pub fn close<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let asynchronous = self.asynchronous.as_ref();
        self.workflow.close(|execution| whereabouts(asynchronous, execution), turn);
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

    /// The task of an attempt starts: it invokes the function. The invocation refers to the record from here on.
    #[inline(always)]
    fn task_starts<O: Observer<Observation>>(&mut self, token: Handle, turn: &mut Turn<Event, O>) {
        if self.asynchronous.is_some() {
            return self.send_event(token, turn);
        }
        let record = self.workflow.executions.get_mut(token.slot);
        record.add_reference();
        let length = self.invoke.draw(OrderKey(record.key), record.attempts);
        let nothing = Handle { slot: 0, serial: 0 };
        let invocation = self.open(Record::new(token, nothing, [turn.now; 4], 0));
        self.take_to_function(invocation, length, turn);
    }

    /// Opens an invocation with this record.
    #[inline(always)]
    pub(super) fn open(&mut self, record: Record) -> Handle {
        let (slot, batch) = self.invocations.open();
        batch.push(record);
        self.invocations.name(slot)
    }

    /// An invocation is on its way to the function.
    #[inline(always)]
    pub(super) fn take_to_function<O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        length: SimDuration,
        turn: &mut Turn<Event, O>,
    ) {
        if length.is_zero() {
            return self.invocation_arrives(invocation.slot, turn);
        }
        turn.book(turn.now + length, Event::InvocationArrives { invocation });
    }

    /// The function is asked for an environment.
    #[inline(always)]
    fn invocation_arrives<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        let token = self.invocations.records(slot)[0].token;
        if self.invocations.faults.exist() && self.is_shut_out(token, turn) {
            return self.refused(slot, (TaskError::LambdaUnavailable, Cause::ServiceError), turn);
        }
        let order = self.workflow.order(token.slot);
        let Some(given) = self.invocations.ask(order, turn) else {
            return self.refused(slot, (TaskError::Throttled, Cause::Throttled), turn);
        };
        if let Some(asynchronous) = &mut self.asynchronous {
            asynchronous.runs(self.invocations.records(slot)[0].receipt);
        }
        if let Some(invocation) = self.invocations.start(slot, given, |_| (), &mut self.workflow, turn) {
            let progressed = self.invocations.begin(invocation, &mut self.workflow, turn);
            self.progressed(progressed, turn);
        }
    }

    /// Whether an outage of the function refuses the invocation.
    #[cold]
    fn is_shut_out<O: Observer<Observation>>(&self, token: Handle, turn: &mut Turn<Event, O>) -> bool {
        let record = self.workflow.executions.get(token.slot);
        self.invocations.faults.shut(&aim(record, record.attempts.into()), std::iter::empty(), turn)
    }

    /// The invocation is refused: its attempt fails, if its task still waits for it, or Lambda keeps its event.
    #[cold]
    fn refused<O: Observer<Observation>>(
        &mut self,
        slot: u32,
        (error, cause): (TaskError, Cause),
        turn: &mut Turn<Event, O>,
    ) {
        let Record { token, receipt, .. } = self.invocations.records(slot)[0];
        self.invocations.cancel(slot);
        if self.asynchronous.is_some() {
            return self.event_throttled(receipt, turn);
        }
        if self.workflow.executions.standing(token) == Standing::Current {
            self.workflow.attempt_failed(token.slot, error, cause, turn);
        }
        self.workflow.executions.drop_reference(token.slot);
    }

    /// Whether at `at`, when the run may be over, nothing booked can change anything any more but idle environments.
    fn nothing_left(&self, at: SimTime) -> bool {
        self.next_order.is_none()
            && at >= self.horizon.unwrap_or(self.workload.end())
            && self.invocations.are_over()
            && self.workflow.rests()
            && self.asynchronous.as_ref().is_none_or(Asynchronous::is_empty)
    }

    #[inline(always)]
    fn progressed<O: Observer<Observation>>(&mut self, progressed: Progressed, turn: &mut Turn<Event, O>) {
        match progressed {
            Progressed::Continues => {}
            Progressed::Over(invocation, end) => self.invocation_over(invocation, end, turn),
        }
    }

    /// The invocation is over: its end is its reply, or what Lambda learns of its event.
    #[inline(always)]
    fn invocation_over<O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        let (records, mut shares) = self.invocations.over(invocation, end, turn);
        let record = records[0];
        let Workflow { executions, answers, .. } = &mut self.workflow;
        judge_at_end::<Aws, Event, O>(&record, &mut shares, executions.get(record.token.slot), answers, turn);
        self.invocations.close(invocation.slot);
        if self.asynchronous.is_some() {
            return self.event_over(record.receipt, end, turn);
        }
        self.reply_failure(invocation, &record, end, turn);
        self.workflow.executions.drop_reference(record.token.slot);
    }

    /// A failure is the task's failure, if it still waits for this attempt when the reply arrives. (The handler has replied to
    /// everything else.)
    #[inline(always)]
    fn reply_failure<O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        record: &Record,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        let verdict = match end {
            InvocationEnd::Success => return,
            InvocationEnd::Error => Verdict::Failed(record.aws().failure, cause_of(record.aws().failure)),
            InvocationEnd::Timeout => Verdict::Failed(TaskError::FunctionTimeout, Cause::FunctionTimeout),
        };
        let origin = Origin { invocation, record: 0, standing_at_start: record.standing_at_start };
        // A failure has no stages.
        let none = |_| (SimTime::ZERO, Stages::default());
        let standing = self.workflow.executions.standing(record.token);
        self.workflow.send_answer((record.token, standing), verdict, (origin, record.aws().run, 0), none, turn);
    }
}

/// Where the attempt of a waiting execution is stuck; a synchronous invocation is with the function or on its way.
fn whereabouts(asynchronous: Option<&Asynchronous>, execution: &Execution) -> Cause {
    asynchronous.map_or(Cause::Running, |asynchronous| asynchronous.whereabouts(execution))
}

impl Model for Direct {
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
                let asynchronous = self.asynchronous.as_ref();
                let next = self.workflow.handle(step, |execution| whereabouts(asynchronous, execution), turn);
                self.go_on(next, turn);
            }
            Event::Asynchronous(step) => self.handle_asynchronous(step, turn),
            Event::InvocationArrives { invocation } => self.invocation_arrives(invocation.slot, turn),
        }
    }

    #[inline(always)]
    fn is_moot(&self, at: SimTime, event: &Event) -> bool {
        match event {
            Event::Function(step) => self.invocations.is_moot(step, || self.nothing_left(at)),
            Event::Workflow(step) => self.workflow.is_moot(step),
            // An event of Lambda's queue has one thing booked at a time, and an invocation on its way arrives.
            Event::Asynchronous(_) | Event::InvocationArrives { .. } => false,
        }
    }

    /// Nothing is pulled here.
    #[inline(always)]
    fn wants_turn(&self) -> bool {
        false
    }

    #[inline(always)]
    fn take_turn<O: Observer<Observation>>(&mut self, _turn: &mut Turn<Event, O>) {}

    fn oldest(&mut self) -> Option<SimTime> {
        self.asynchronous.as_mut().and_then(Asynchronous::oldest)
    }
}
