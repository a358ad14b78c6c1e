//! A batch in the hands of the function: its records, how far each is, and what each attempt was worth.

use crate::model::execution::{Beginnings, Standing, TaskError};
use crate::model::function::Environment;
use crate::observation::{Stages, Worth};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

use super::ways::{Aws, Batch, Only, Ways};

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
#[derive(Clone, Copy)]
pub(super) struct Record<W: Ways = Aws> {
    /// The task token: its slot is the order's record.
    pub(super) token: Handle,
    /// The receipt to delete with; direct: what Lambda's queue calls its event, without meaning in a synchronous invocation.
    pub(super) receipt: Handle,
    /// When its message was first visible, first received, and received this time (direct: asked of the function).
    pub(super) visible_at: SimTime,
    pub(super) first_received_at: SimTime,
    pub(super) received_at: SimTime,
    pub(super) progress: Progress,
    pub(super) standing_at_start: Standing,
    pub(super) worth: Worth,
    pub(super) aws: W::Only<AwsRecord>,
}

/// What only AWS's ways ask of a record.
#[derive(Clone, Copy)]
pub(super) struct AwsRecord {
    /// When its message was sent.
    pub(super) sent_at: SimTime,
    pub(super) began_at: SimTime,
    /// Since when its call of the inventory waits for a connection; later, since when the handler is done with it.
    pub(super) since: SimTime,
    /// The slot of its answer that is on its way.
    pub(super) answer: u32,
    /// The number of this handler's run among those for its order; before it begins, that of this receive.
    pub(super) run: u32,
    /// Calls to answer that were throttled.
    pub(super) throttled: u8,
    pub(super) will_fail: bool,
    /// Whether it called the inventory.
    pub(super) called: bool,
    /// Whether that call ends with an error (a fault).
    pub(super) call_fails: bool,
    /// Whether the inventory had a unit for it (or is not asked).
    pub(super) sold: bool,
    /// With what it failed.
    pub(super) failure: TaskError,
}

impl<W: Ways> Record<W> {
    /// A record just received for the `receive`-th time; `times` are those of its sending, first visibility, first receive,
    /// and this receive.
    #[inline(always)]
    pub(super) fn new(token: Handle, receipt: Handle, times: [SimTime; 4], receive: u32) -> Record<W> {
        let [sent_at, visible_at, first_received_at, received_at] = times;
        let aws = AwsRecord {
            sent_at,
            began_at: received_at,
            since: received_at,
            answer: NO_ANSWER,
            run: receive,
            throttled: 0,
            will_fail: false,
            called: false,
            call_fails: false,
            sold: true,
            failure: TaskError::FunctionError,
        };
        Record {
            token,
            receipt,
            visible_at,
            first_received_at,
            received_at,
            progress: Progress::Waiting,
            standing_at_start: Standing::Current,
            worth: Worth::Failed,
            aws: W::Only::new(aws),
        }
    }

    /// Fills the place of a record that has not been received yet.
    fn vacant() -> Record<W> {
        let nothing = Handle { slot: 0, serial: 0 };
        Record::new(nothing, nothing, [SimTime::ZERO; 4], 0)
    }

    /// What AWS's ways ask of it.
    #[inline(always)]
    pub(super) fn aws(&self) -> &AwsRecord {
        self.aws.get()
    }

    /// The same, to be changed.
    #[inline(always)]
    pub(super) fn aws_mut(&mut self) -> &mut AwsRecord {
        self.aws.get_mut()
    }

    #[inline(always)]
    pub(super) fn was_begun(&self) -> bool {
        self.progress != Progress::Waiting
    }

    /// Where the time of an order with these beginnings went until `done_at`, when the handler was done with its record, whose
    /// environment was given and whose handler began at `times`.
    #[inline(always)]
    pub(super) fn stages(
        &self,
        Beginnings { arrived_at, started_at, attempt_began_at }: Beginnings,
        [given_at, began_at]: [SimTime; 2],
        done_at: SimTime,
    ) -> Stages {
        let (queue, redelivery) =
            (self.first_received_at.since(self.visible_at), self.received_at.since(self.first_received_at));
        let retry = attempt_began_at.since(started_at);
        if !W::AWS {
            // Whatever happens next happens at once: only retries, the queue and the work take time.
            return Stages { retry, queue, redelivery, work: done_at.since(self.received_at), ..Stages::default() };
        }
        Stages {
            start: started_at.since(arrived_at),
            retry,
            send: self.visible_at.since(attempt_began_at),
            queue,
            redelivery,
            invoke: given_at.since(self.received_at),
            cold_start: began_at.since(given_at),
            batch: self.aws().began_at.since(began_at),
            work: done_at.since(self.aws().began_at),
            callback: SimDuration::ZERO,
            transition: SimDuration::ZERO,
        }
    }
}

/// One invocation, from the receive of its batch to its end, in one cache line.
#[repr(align(64))]
pub(super) struct Invocation<W: Ways = Aws> {
    /// Moves on when an invocation opens and when it is over.
    pub(super) serial: u32,
    /// When an environment was given the batch.
    pub(super) given_at: SimTime,
    pub(super) records: W::Batch<Record<W>>,
    pub(super) aws: W::Only<AwsInvocation>,
}

/// What only AWS's ways ask of an invocation.
#[derive(Clone, Copy)]
pub(super) struct AwsInvocation {
    /// When its handler began.
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
}

impl AwsInvocation {
    #[inline(always)]
    fn fresh() -> AwsInvocation {
        AwsInvocation {
            began_at: SimTime::ZERO,
            recycle_at: SimTime::NEVER,
            provisioned: false,
            running: 0,
            refusals: 0,
            thrown: false,
            failed: false,
            decided: None,
        }
    }
}

impl<W: Ways> Invocation<W> {
    pub(super) fn fresh() -> Invocation<W> {
        Invocation {
            serial: 0,
            given_at: SimTime::ZERO,
            records: W::Batch::new(Record::vacant()),
            aws: W::Only::new(AwsInvocation::fresh()),
        }
    }

    /// What AWS's ways ask of it.
    #[inline(always)]
    pub(super) fn aws(&self) -> &AwsInvocation {
        self.aws.get()
    }

    /// The same, to be changed.
    #[inline(always)]
    pub(super) fn aws_mut(&mut self) -> &mut AwsInvocation {
        self.aws.get_mut()
    }

    /// When it was given its environment and when its handler began, which is not told apart in the textbook.
    #[inline(always)]
    pub(super) fn times(&self) -> [SimTime; 2] {
        [self.given_at, if W::AWS { self.aws().began_at } else { self.given_at }]
    }

    /// It has been given this environment.
    #[inline(always)]
    pub(super) fn runs_in(&mut self, environment: &Environment) {
        let aws = self.aws_mut();
        aws.recycle_at = environment.recycle_at;
        aws.provisioned = environment.provisioned;
    }

    /// What it runs in, initialised.
    #[inline(always)]
    pub(super) fn environment(&self) -> Environment {
        let AwsInvocation { recycle_at, provisioned, .. } = *self.aws();
        Environment { recycle_at, must_initialise: false, provisioned }
    }

    /// A slot used again: another invocation, with an empty batch.
    #[inline(always)]
    pub(super) fn reopen(&mut self) {
        self.serial = self.serial.wrapping_add(1);
        self.records.clear();
        if W::AWS {
            *self.aws_mut() = AwsInvocation::fresh();
        }
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
    pub(super) fn of<W: Ways>(whole: SimDuration, records: &[Record<W>]) -> Shares {
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
