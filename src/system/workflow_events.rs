//! What the workflow books: in which order it comes within an instant, and in which lane it waits.

use crate::engine::Rank;
use crate::slab::Handle;

/// What a workflow books in its system's event list.
#[derive(Clone, Copy, Debug)]
pub enum WorkflowEvent {
    /// `StartExecution` is called again after a throttle.
    StartDue {
        /// The execution.
        execution: Handle,
    },
    /// An execution is about to enter its first state.
    ExecutionRuns {
        /// The execution.
        execution: Handle,
    },
    /// A state transition had to wait for its token: the task is entered.
    TaskEntered {
        /// The execution, or the back-off that ends.
        from: Handle,
    },
    /// The task of an attempt starts.
    TaskStarts {
        /// The attempt.
        token: Handle,
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
    /// A back-off ends.
    RetryDue {
        /// The back-off.
        wait: Handle,
    },
    /// An answer reaches its task.
    AnswerArrives {
        /// The answer.
        answer: Handle,
    },
    /// An execution whose task was answered enters its next state.
    NextStateEntered {
        /// The answer.
        answer: Handle,
    },
}

impl WorkflowEvent {
    /// Lanes that these events use, from 0.
    pub(super) const LANES: usize = 2;

    #[inline(always)]
    pub(super) fn rank(&self) -> Rank {
        match self {
            WorkflowEvent::AnswerArrives { .. } | WorkflowEvent::NextStateEntered { .. } => Rank::WorkEnds,
            WorkflowEvent::TaskTimesOut { .. } | WorkflowEvent::ExecutionTimesOut { .. } => Rank::TimerRunsOut,
            WorkflowEvent::StartDue { .. }
            | WorkflowEvent::ExecutionRuns { .. }
            | WorkflowEvent::TaskEntered { .. }
            | WorkflowEvent::TaskStarts { .. }
            | WorkflowEvent::RetryDue { .. } => Rank::Arrives,
        }
    }

    #[inline(always)]
    pub(super) fn lane(&self) -> Option<usize> {
        match self {
            WorkflowEvent::TaskTimesOut { .. } => Some(0),
            WorkflowEvent::ExecutionTimesOut { .. } => Some(1),
            WorkflowEvent::StartDue { .. }
            | WorkflowEvent::ExecutionRuns { .. }
            | WorkflowEvent::TaskEntered { .. }
            | WorkflowEvent::TaskStarts { .. }
            | WorkflowEvent::RetryDue { .. }
            | WorkflowEvent::AnswerArrives { .. }
            | WorkflowEvent::NextStateEntered { .. } => None,
        }
    }
}
