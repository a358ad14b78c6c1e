//! The direct design: order → execution → function → reply. There is no queue: an order that the function has no room for
//! waits, if at all, in the back-off of its task's Retry.
//!
//! ```text
//!  orders ──▶ execution ──invoke──▶ function ──reply──▶ execution
//!                 ▲   throttled (429), error, timeout │
//!                 └──────────── Retry ◀───────────────┘
//! ```

use crate::engine::{Event as Booked, Model, Rank, Turn};
use crate::model::execution::TaskError;
use crate::model::function::Admission;
use crate::observation::{Cause, InvocationEnd, Observation};
use crate::observer::Observer;
use crate::slab::Handle;
use crate::time::SimTime;
use crate::workload::{Order, Workload};

use super::invocations::{InvocationEvents, Invocations, Progressed, Record};
use super::spec::DirectSpec;
use super::workflow::{Reply, Workflow, WorkflowEvents, order_of};

/// Everything that can be booked in the direct design.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The work of an invocation ends.
    WorkEnds {
        /// The invocation.
        invocation: Handle,
    },
    /// The function's timeout runs out.
    FunctionTimesOut {
        /// The invocation.
        invocation: Handle,
    },
    /// The task's timeout runs out.
    TaskTimesOut {
        /// The attempt.
        token: Handle,
    },
    /// The execution's own timeout runs out.
    ExecutionTimesOut {
        /// The execution.
        execution: Handle,
    },
    /// A back-off ends.
    RetryDue {
        /// The back-off.
        wait: Handle,
    },
}

impl Booked for Event {
    const LANES: usize = 3;

    #[inline(always)]
    fn rank(&self) -> Rank {
        match self {
            Event::WorkEnds { .. } => Rank::WorkEnds,
            Event::FunctionTimesOut { .. } | Event::TaskTimesOut { .. } | Event::ExecutionTimesOut { .. } => {
                Rank::TimerRunsOut
            }
            Event::RetryDue { .. } => Rank::Arrives,
        }
    }

    #[inline(always)]
    fn lane(&self) -> Option<usize> {
        match self {
            Event::WorkEnds { .. } | Event::RetryDue { .. } => None,
            Event::TaskTimesOut { .. } => Some(0),
            Event::FunctionTimesOut { .. } => Some(1),
            Event::ExecutionTimesOut { .. } => Some(2),
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
    fn work_ends(invocation: Handle, _record: u16) -> Event {
        Event::WorkEnds { invocation }
    }
    #[inline(always)]
    fn function_times_out(invocation: Handle) -> Event {
        Event::FunctionTimesOut { invocation }
    }
}

/// The direct design, ready to run.
pub struct Direct {
    workload: Workload,
    next_order: Option<Order>,
    workflow: Workflow,
    invocations: Invocations,
}

impl Direct {
    /// The design for one run of the workload.
    pub fn new(spec: &DirectSpec, mut workload: Workload) -> Direct {
        let next_order = workload.next_order();
        Direct {
            workload,
            next_order,
            workflow: Workflow::new(&spec.workflow, Reply::Direct),
            invocations: Invocations::new(&spec.function, false),
        }
    }

    /// The run has stopped at `turn.now`: what is still in progress is said to be open.
    pub fn close<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        self.workflow.close(|_| Cause::Running, turn);
    }

    /// Enters the task and asks the function at once.
    #[inline(always)]
    fn begin_attempt<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        let (token, execution) = self.workflow.begin_attempt(slot, turn);
        let admission = self.invocations.function.admit();
        if admission == Admission::Throttled {
            turn.say(&Observation::InvocationThrottled { order: order_of(execution) });
            self.workflow.attempt_failed(slot, TaskError::Throttled, Cause::Throttled, turn);
            return;
        }
        execution.add_reference();
        let (invocation, batch) = self.invocations.open();
        let nothing = Handle { slot: 0, serial: 0 };
        batch.push(Record::new(token, nothing, [turn.now; 3]));
        self.invocations.begin(invocation, admission, &mut self.workflow, turn);
    }

    /// The invocation is over; a failure is the task's failure, if it still waits for this attempt.
    #[inline(always)]
    fn invocation_over<O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        let token = self.invocations.records(invocation.slot)[0].token;
        self.invocations.over(invocation, end, &self.workflow, turn);
        self.invocations.close(invocation.slot);
        match end {
            InvocationEnd::Success => {}
            InvocationEnd::Error => {
                self.workflow.answer_failure(token, TaskError::FunctionError, Cause::FunctionError, turn);
            }
            InvocationEnd::Timeout => {
                self.workflow.answer_failure(token, TaskError::FunctionTimeout, Cause::FunctionTimeout, turn);
            }
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
        let slot = self.workflow.order_arrives(&order, turn);
        self.begin_attempt(slot, turn);
    }

    #[inline(always)]
    fn handle<O: Observer<Observation>>(&mut self, event: Event, turn: &mut Turn<Event, O>) {
        match event {
            Event::WorkEnds { invocation } => {
                match self.invocations.work_ended(invocation, 0, &mut self.workflow, turn) {
                    Progressed::Continues => {}
                    Progressed::Over(end) => self.invocation_over(invocation, end, turn),
                }
            }
            Event::FunctionTimesOut { invocation } => {
                if self.invocations.is_running(invocation) {
                    self.invocations.stop(invocation, &self.workflow, turn);
                    self.invocation_over(invocation, InvocationEnd::Timeout, turn);
                }
            }
            Event::TaskTimesOut { token } => self.workflow.task_timed_out(token, |_| Cause::Running, turn),
            Event::ExecutionTimesOut { execution } => {
                self.workflow.execution_timed_out(execution, |_| Cause::Running, turn);
            }
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
            Event::WorkEnds { invocation } | Event::FunctionTimesOut { invocation } => {
                !self.invocations.is_running(*invocation)
            }
            Event::TaskTimesOut { token } => !self.workflow.executions.awaits(*token),
            Event::ExecutionTimesOut { execution } => !self.workflow.executions.is_open(*execution),
            Event::RetryDue { wait } => !self.workflow.executions.is_backing_off(*wait),
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
