//! A batch in the hands of the function: its records, how far each is, and what each attempt was worth.

use crate::model::execution::{Execution, Standing, TaskError};
use crate::model::function::Environment;
use crate::observation::{Stages, Worth};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

use super::ways::Ways;

/// Where a record of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Its turn has not come.
    Waiting,
    /// The handler does its own work.
    Working,
    /// Its call of the inventory waits for a connection.
    Connecting,
    /// Its call of the inventory goes on.
    Calling,
    /// Its answer was throttled and is tried again.
    Answering,
    /// The handler got through with it.
    Succeeded,
    /// The handler dropped it unanswered: its message was too old.
    Skipped,
    /// The work on it failed.
    Failed,
    /// The work was done, but no answer got through.
    Unanswered,
}

/// Stands for an answer that is not on its way.
pub(super) const NO_ANSWER: u32 = u32::MAX;

/// One record of a batch: an order, the token to answer with, and the delivery to delete.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    /// The task token: its slot is the order's record.
    pub(super) token: Handle,
    /// The receipt to delete with; direct: what Lambda's queue calls its event, without meaning in a synchronous invocation.
    pub(super) receipt: Handle,
    /// When its message was sent, first visible, first received, and received this time (direct: asked of the function).
    pub(super) sent_at: SimTime,
    pub(super) visible_at: SimTime,
    pub(super) first_received_at: SimTime,
    pub(super) received_at: SimTime,
    pub(super) began_at: SimTime,
    /// Since when its call of the inventory waits for a connection; later, since when the handler is done with it.
    pub(super) since: SimTime,
    /// The slot of its answer that is on its way.
    pub(super) answer: u32,
    /// The number of this handler's run among those for its order; before it begins, that of this receive.
    pub(super) run: u32,
    /// Calls to answer that were throttled.
    pub(super) throttled: u8,
    pub(super) progress: Progress,
    pub(super) will_fail: bool,
    /// Whether it called the inventory.
    pub(super) called: bool,
    /// Whether that call ends with an error (a fault).
    pub(super) call_fails: bool,
    /// Whether the inventory had a unit for it (or is not asked).
    pub(super) sold: bool,
    /// With what it failed.
    pub(super) failure: TaskError,
    pub(super) standing_at_start: Standing,
    pub(super) worth: Worth,
}

impl Record {
    /// A record just received for the `receive`-th time; `times` are those of its sending, first visibility, first receive,
    /// and this receive.
    #[inline(always)]
    pub(super) fn new(token: Handle, receipt: Handle, times: [SimTime; 4], receive: u32) -> Record {
        let [sent_at, visible_at, first_received_at, received_at] = times;
        Record {
            token,
            receipt,
            sent_at,
            visible_at,
            first_received_at,
            received_at,
            began_at: received_at,
            since: received_at,
            answer: NO_ANSWER,
            run: receive,
            throttled: 0,
            progress: Progress::Waiting,
            will_fail: false,
            called: false,
            call_fails: false,
            sold: true,
            failure: TaskError::FunctionError,
            standing_at_start: Standing::Current,
            worth: Worth::Failed,
        }
    }

    #[inline(always)]
    pub(super) fn was_begun(&self) -> bool {
        self.progress != Progress::Waiting
    }

    /// Where the time of an order went until the handler was done with its record, whose environment was given and whose
    /// handler began at `times`.
    #[inline(always)]
    pub(super) fn stages<W: Ways>(&self, execution: &Execution, [given_at, began_at]: [SimTime; 2]) -> Stages {
        if !W::AWS {
            // Whatever happens next happens at once: only retries, the queue and the work take time.
            return Stages {
                retry: execution.attempt_began_at.since(execution.started_at),
                queue: self.first_received_at.since(self.visible_at),
                redelivery: self.received_at.since(self.first_received_at),
                work: self.since.since(self.began_at),
                ..Stages::default()
            };
        }
        Stages {
            start: execution.started_at.since(execution.arrived_at),
            retry: execution.attempt_began_at.since(execution.started_at),
            send: self.visible_at.since(execution.attempt_began_at),
            queue: self.first_received_at.since(self.visible_at),
            redelivery: self.received_at.since(self.first_received_at),
            invoke: given_at.since(self.received_at),
            cold_start: began_at.since(given_at),
            batch: self.began_at.since(began_at),
            work: self.since.since(self.began_at),
            callback: SimDuration::ZERO,
            transition: SimDuration::ZERO,
        }
    }
}

/// One invocation, from the receive of its batch to its end, in one cache line.
#[repr(align(64))]
pub(super) struct Invocation {
    /// Moves on when an invocation opens and when it is over.
    pub(super) serial: u32,
    /// When an environment was given the batch, and when its handler began.
    pub(super) given_at: SimTime,
    pub(super) began_at: SimTime,
    /// Of the environment it runs in: when that is too old, and whether it is one of those that stay.
    recycle_at: SimTime,
    provisioned: bool,
    /// Records that the handler is at.
    pub(super) running: u16,
    /// How often the mapping asked for it in vain, as far as anybody counts.
    pub(super) refusals: u16,
    /// Whether the handler has thrown for want of an answer.
    pub(super) thrown: bool,
    /// Whether the work on a record failed.
    pub(super) failed: bool,
    /// With `answers = "first_decides"`: whether the first record that was done got its answer through.
    pub(super) decided: Option<bool>,
    pub(super) records: Vec<Record>,
}

impl Invocation {
    pub(super) fn fresh() -> Invocation {
        Invocation {
            serial: 0,
            given_at: SimTime::ZERO,
            began_at: SimTime::ZERO,
            recycle_at: SimTime::NEVER,
            provisioned: false,
            running: 0,
            refusals: 0,
            thrown: false,
            failed: false,
            decided: None,
            records: Vec::with_capacity(1),
        }
    }

    /// It has been given this environment.
    #[inline(always)]
    pub(super) fn runs_in(&mut self, environment: &Environment) {
        self.recycle_at = environment.recycle_at;
        self.provisioned = environment.provisioned;
    }

    /// What it runs in, initialised.
    #[inline(always)]
    pub(super) fn environment(&self) -> Environment {
        Environment { recycle_at: self.recycle_at, must_initialise: false, provisioned: self.provisioned }
    }

    /// A slot used again: another invocation, with an empty batch.
    #[inline(always)]
    pub(super) fn reopen(&mut self) {
        self.serial = self.serial.wrapping_add(1);
        self.running = 0;
        self.refusals = 0;
        self.thrown = false;
        self.failed = false;
        self.decided = None;
        self.records.clear();
    }
}

/// An even split of a duration that adds up to it exactly: the first parts take the remainder, a nanosecond each.
pub(super) struct Shares {
    part: u64,
    remainder: u64,
}

impl Shares {
    /// Among the records whose attempt was begun.
    #[inline(always)]
    pub(super) fn of<W: Ways>(whole: SimDuration, records: &[Record]) -> Shares {
        if !W::AWS || records.len() == 1 {
            return Shares { part: whole.0, remainder: 0 };
        }
        match records.iter().filter(|record| record.was_begun()).count() as u64 {
            0 | 1 => Shares { part: whole.0, remainder: 0 },
            parts => Shares { part: whole.0 / parts, remainder: whole.0 % parts },
        }
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> SimDuration {
        let extra = u64::from(self.remainder > 0);
        self.remainder -= extra;
        SimDuration(self.part + extra)
    }
}

/// What an attempt is worth whose answer did not end the order: by the first reason that fits. A success whose task still
/// waits is lost with its batch.
#[inline(always)]
pub(super) fn worth(at_start: Standing, at_end: Standing, succeeded: bool) -> Worth {
    match (at_start, at_end) {
        (Standing::NoOrder, _) | (_, Standing::NoOrder) => Worth::NoOrder,
        (Standing::GivenUp, _) => Worth::TaskOver,
        (_, Standing::GivenUp) => Worth::TooLate,
        (_, Standing::Answered) => Worth::Duplicate,
        (_, Standing::Current) if succeeded => Worth::Batch,
        (_, Standing::Current) => Worth::Failed,
    }
}
