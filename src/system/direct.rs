//! The direct design: order → execution → function → reply. There is no queue: an order that the function has no room for
//! waits, if at all, in the back-off of its task's Retry.
//!
//! ```text
//!  orders ──▶ execution ──invoke──▶ function ──reply──▶ execution
//!                 ▲   throttled (429), error, timeout │
//!                 └──────────── Retry ◀───────────────┘
//! ```

use crate::engine::{Event as Booked, Model, Rank, Turn};
use crate::model::execution::{Execution, Standing, TaskError};
use crate::observation::{Cause, InvocationEnd, Observation, Stages};
use crate::observer::Observer;
use crate::random::{OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::SimTime;
use crate::workload::{Order, Workload};

use super::answers::{Origin, Verdict};
use super::batch::Record;
use super::handler::{Handler, cause_of};
use super::hops::Hop;
use super::invocations::{FunctionEvent, Invocations, Progressed, judge_at_end};
use super::spec::DirectSpec;
use super::workflow::{Next, Reply, Workflow, WorkflowEvent};

/// Everything that can be booked in the direct design.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A step of the workflow.
    Workflow(WorkflowEvent),
    /// A step of the function.
    Function(FunctionEvent),
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

impl Booked for Event {
    const LANES: usize = FunctionEvent::LANES + WorkflowEvent::LANES;

    #[inline(always)]
    fn rank(&self) -> Rank {
        match self {
            Event::Workflow(step) => step.rank(),
            Event::Function(step) => step.rank(),
            Event::InvocationArrives { .. } => Rank::Starts,
        }
    }

    #[inline(always)]
    fn lane(&self) -> Option<usize> {
        match self {
            Event::Function(step) => step.lane(),
            Event::Workflow(step) => step.lane().map(|lane| FunctionEvent::LANES + lane),
            Event::InvocationArrives { .. } => None,
        }
    }
}

/// The direct design, ready to run.
pub struct Direct {
    workload: Workload,
    next_order: Option<Order>,
    workflow: Workflow,
    invocations: Invocations,
    invoke: Hop,
    /// When the run stops, come what may.
    horizon: Option<SimTime>,
}

impl Direct {
    /// The design for one run of the workload, up to its `horizon`; `platform_key` is for draws that belong to no order.
    pub fn new(spec: &DirectSpec, mut workload: Workload, platform_key: OrderKey, horizon: Option<SimTime>) -> Direct {
        let next_order = workload.next_order();
        let (function, platform) = (&spec.function, &spec.platform);
        let handler = Handler::direct(function, spec.inventory.is_some());
        Direct {
            workload,
            next_order,
            workflow: Workflow::new(&spec.workflow, platform, Reply::Direct),
            invocations: Invocations::new(function, spec.inventory.as_ref(), platform, platform_key, handler),
            invoke: Hop::new(platform.latency.invoke, Purpose::Invoke),
            horizon,
        }
    }

    /// Begins: the function's provisioned environments. Call it once, before the run.
    pub fn fill<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        self.invocations.say_provisioned(turn);
    }

    /// The run has stopped at `turn.now`: what is still in progress is said to be open.
    pub fn close<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        self.workflow.close(|_| Cause::Running, turn);
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
        let record = self.workflow.executions.get_mut(token.slot);
        record.add_reference();
        let length = self.invoke.draw(OrderKey(record.key), record.attempts);
        let (slot, batch) = self.invocations.open();
        let nothing = Handle { slot: 0, serial: 0 };
        batch.push(Record::new(token, nothing, [turn.now; 4], 0));
        if length.is_zero() {
            return self.invocation_arrives(slot, turn);
        }
        let invocation = self.invocations.name(slot);
        turn.book(turn.now + length, Event::InvocationArrives { invocation });
    }

    /// The function is asked; if it has no room, the attempt fails at once.
    #[inline(always)]
    fn invocation_arrives<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        let token = self.invocations.records(slot)[0].token;
        let Some(given) = self.invocations.ask(self.workflow.order(token.slot), turn) else {
            self.invocations.cancel(slot);
            if self.workflow.executions.standing(token) == Standing::Current {
                self.workflow.attempt_failed(token.slot, TaskError::Throttled, Cause::Throttled, turn);
            }
            return self.workflow.executions.drop_reference(token.slot);
        };
        if let Some(invocation) = self.invocations.start(slot, given, |_| (), &mut self.workflow, turn) {
            let progressed = self.invocations.begin(invocation, &mut self.workflow, turn);
            self.progressed(progressed, turn);
        }
    }

    /// Whether at `at`, when the run may be over, nothing booked can change anything any more but idle environments.
    fn nothing_left(&self, at: SimTime) -> bool {
        self.next_order.is_none()
            && at >= self.horizon.unwrap_or(self.workload.end())
            && self.invocations.are_over()
            && self.workflow.rests()
    }

    #[inline(always)]
    fn progressed<O: Observer<Observation>>(&mut self, progressed: Progressed, turn: &mut Turn<Event, O>) {
        match progressed {
            Progressed::Continues => {}
            Progressed::Over(invocation, end) => self.invocation_over(invocation, end, turn),
        }
    }

    /// The invocation is over; a failure is the task's failure, if it still waits for this attempt when the reply arrives.
    #[inline(always)]
    fn invocation_over<O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        let (records, mut shares) = self.invocations.over(invocation, end, turn);
        let record = &records[0];
        let Record { token, failure, run, standing_at_start, .. } = *record;
        let Workflow { executions, answers, .. } = &mut self.workflow;
        judge_at_end(record, &mut shares, executions.get(token.slot), answers, turn);
        self.invocations.close(invocation.slot);
        let verdict = match end {
            InvocationEnd::Success => None,
            InvocationEnd::Error => Some(Verdict::Failed(failure, cause_of(failure))),
            InvocationEnd::Timeout => Some(Verdict::Failed(TaskError::FunctionTimeout, Cause::FunctionTimeout)),
        };
        if let Some(verdict) = verdict {
            let origin = Origin { invocation, record: 0, standing_at_start };
            // A failure has no stages.
            let none = |_: &Execution| (SimTime::ZERO, Stages::default());
            let standing = self.workflow.executions.standing(token);
            self.workflow.send_answer((token, standing), verdict, (origin, run, 0), none, turn);
        }
        self.workflow.executions.drop_reference(token.slot);
    }
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
                let next = self.workflow.handle(step, |_| Cause::Running, turn);
                self.go_on(next, turn);
            }
            Event::InvocationArrives { invocation } => self.invocation_arrives(invocation.slot, turn),
        }
    }

    #[inline(always)]
    fn is_moot(&self, at: SimTime, event: &Event) -> bool {
        match event {
            Event::Function(step) => self.invocations.is_moot(step, || self.nothing_left(at)),
            Event::Workflow(step) => self.workflow.is_moot(step),
            Event::InvocationArrives { .. } => false,
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
        None
    }
}
