//! The function at work: invocations, the records of their batches, and what each attempt was worth.
//!
//! ```text
//!  open ──admit──▶ begun ──record ends──▶ … ──last record ends, throw, or timeout──▶ over
//!
//!  a record:  waiting ──turn comes──▶ running ──▶ succeeded | failed
//! ```
//!
//! The handler goes through its batch one by one, in parallel, or together (`lambda.batch`). A throw fails the invocation:
//! at once where records are worked on one by one (`lambda.throw_ends`), at its end otherwise. The design decides what the
//! end means for messages and tasks; here it is only said which records failed.

use crate::engine::{Event, Turn};
use crate::model::execution::{Execution, Standing, TaskError};
use crate::model::function::{Admission, Function};
use crate::observation::{Cause, InvocationEnd, Observation, Stages, Worth};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::{Handle, Slab};
use crate::time::{SimDuration, SimTime};

use super::spec::{BatchMode, ErrorAt, FunctionSpec, OnError, ThrowEnds};
use super::workflow::{Workflow, WorkflowEvents, order_of, work_succeeded};

/// What invocations book in their system's event list.
pub(super) trait InvocationEvents: Event {
    /// The work on one record (or, together, on the whole batch) ends.
    fn work_ends(invocation: Handle, record: u16) -> Self;
    /// The function's timeout.
    fn function_times_out(invocation: Handle) -> Self;
}

/// Where a record of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Waiting,
    Running,
    Succeeded,
    Failed,
}

/// One record of a batch: an order, the token to answer with, and the delivery to delete. Aligned to its cache line, for
/// most batches are one record far from all others.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct Record {
    /// The task token: its slot is the order's record.
    pub(super) token: Handle,
    /// The receipt to delete with; meaningless in the direct design.
    pub(super) receipt: Handle,
    /// When its message was first visible, first received, and received this time.
    pub(super) visible_at: SimTime,
    pub(super) first_received_at: SimTime,
    pub(super) received_at: SimTime,
    began_at: SimTime,
    progress: Progress,
    will_fail: bool,
    standing_at_start: Standing,
    worth: Worth,
}

impl Record {
    pub(super) fn new(token: Handle, receipt: Handle, times: [SimTime; 3]) -> Record {
        let [visible_at, first_received_at, received_at] = times;
        Record {
            token,
            receipt,
            visible_at,
            first_received_at,
            received_at,
            began_at: received_at,
            progress: Progress::Waiting,
            will_fail: false,
            standing_at_start: Standing::Current,
            worth: Worth::Failed,
        }
    }

    /// Whether the handler got through with it.
    pub(super) fn succeeded(&self) -> bool {
        self.progress == Progress::Succeeded
    }

    fn was_begun(&self) -> bool {
        self.progress != Progress::Waiting
    }

    fn failed(&self) -> bool {
        self.progress == Progress::Failed
    }
}

/// The handler, and how the function's invocations treat what it does.
struct Handler {
    spec: FunctionSpec,
    /// Whether one failed record fails the whole invocation: it is thrown, and failed records are not reported one by
    /// one (`ReportBatchItemFailures`).
    fails_whole: bool,
}

#[repr(align(64))]
struct Invocation {
    /// Moves on when an invocation opens and when it is over.
    serial: u32,
    began_at: SimTime,
    /// Records at work now.
    running: u32,
    records: Vec<Record>,
}

/// What the end of a record's work leads to.
pub(super) enum Progressed {
    /// The handler goes on.
    Continues,
    /// The invocation is over.
    Over(InvocationEnd),
}

/// All invocations of one function.
pub(super) struct Invocations {
    pub(super) function: Function,
    slab: Slab<Invocation>,
    handler: Handler,
}

impl Invocations {
    pub(super) fn new(spec: &FunctionSpec, report_batch_item_failures: bool) -> Invocations {
        Invocations {
            function: Function::new(spec.reserved_concurrency),
            slab: Slab::new(),
            handler: Handler {
                spec: spec.clone(),
                fails_whole: spec.on_error == OnError::Throw && !report_batch_item_failures,
            },
        }
    }

    /// A slot with an empty batch, to be filled.
    #[inline(always)]
    pub(super) fn open(&mut self) -> (u32, &mut Vec<Record>) {
        let (slot, invocation) = self.slab.take(|| Invocation {
            serial: 0,
            began_at: SimTime::ZERO,
            running: 0,
            records: Vec::with_capacity(1),
        });
        invocation.serial = invocation.serial.wrapping_add(1);
        invocation.running = 0;
        invocation.records.clear();
        (slot, &mut invocation.records)
    }

    /// Gives an opened slot back unused.
    pub(super) fn cancel(&mut self, slot: u32) {
        let invocation = self.slab.get_mut(slot);
        invocation.serial = invocation.serial.wrapping_add(1);
        self.slab.release(slot);
    }

    /// Whether this invocation is still going on.
    #[inline(always)]
    pub(super) fn is_running(&self, invocation: Handle) -> bool {
        self.slab.get(invocation.slot).serial == invocation.serial
    }

    /// Gives the batch to an environment: the handler begins. `admission` is what the function answered.
    #[inline(always)]
    pub(super) fn begin<E: InvocationEvents + WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        admission: Admission,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) {
        let invocation = self.slab.get_mut(slot);
        invocation.began_at = turn.now;
        let handle = Handle { slot, serial: invocation.serial };
        let records = invocation.records.len();
        let cold = admission == Admission::Cold;
        turn.say(&Observation::InvocationStarted { invocation: handle, records: records as u32, cold });
        for record in &invocation.records {
            hand_over(record.token.slot, workflow, turn);
        }
        if let Some(limit) = self.handler.spec.timeout {
            turn.book(turn.now + limit, E::function_times_out(handle));
        }
        match self.handler.spec.batch {
            BatchMode::OneByOne => {
                let work = invocation.begin_record(handle, 0, &self.handler, workflow, turn);
                turn.book(turn.now + work, E::work_ends(handle, 0));
            }
            BatchMode::Parallel => {
                for index in 0..records {
                    let work = invocation.begin_record(handle, index, &self.handler, workflow, turn);
                    turn.book(turn.now + work, E::work_ends(handle, index as u16));
                }
            }
            BatchMode::Together => {
                let work = invocation.begin_together(handle, &self.handler, workflow, turn);
                turn.book(turn.now + work, E::work_ends(handle, 0));
            }
        }
    }

    /// The work on a record (or the whole batch) has ended: it answers, and the handler goes on to the next or is done.
    #[inline(always)]
    pub(super) fn work_ended<E: InvocationEvents + WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: u16,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let handler = &self.handler;
        let invocation = self.slab.get_mut(handle.slot);
        match handler.spec.batch {
            BatchMode::OneByOne => {
                invocation.end_record(handle, index.into(), true, handler, workflow, turn);
                invocation.next_record(handle, index, handler, workflow, turn)
            }
            BatchMode::Parallel => {
                invocation.end_record(handle, index.into(), true, handler, workflow, turn);
                if invocation.running > 0 { Progressed::Continues } else { invocation.all_done(handler) }
            }
            BatchMode::Together => {
                let thrown = handler.fails_whole && invocation.records.iter().any(|record| record.will_fail);
                for index in 0..invocation.records.len() {
                    invocation.end_record(handle, index, !thrown, handler, workflow, turn);
                }
                invocation.all_done(handler)
            }
        }
    }

    /// The function's timeout has run out: whatever runs is stopped.
    pub(super) fn stop<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        workflow: &Workflow,
        turn: &mut Turn<E, O>,
    ) {
        for record in &mut self.slab.get_mut(invocation.slot).records {
            if record.progress == Progress::Running {
                record.progress = Progress::Failed;
                let standing = workflow.executions.standing(record.token);
                record.worth = worth(record.standing_at_start, standing, false);
                let order = workflow.order(record.token.slot);
                turn.say(&Observation::AttemptEnded { invocation, order, succeeded: false });
            }
        }
    }

    /// The invocation is over: its environment is idle, and every attempt is judged. The [`records`](Invocations::records)
    /// stay readable until [`close`](Invocations::close).
    #[inline(always)]
    pub(super) fn over<E: Event, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        end: InvocationEnd,
        workflow: &Workflow,
        turn: &mut Turn<E, O>,
    ) {
        let invocation = self.slab.get_mut(handle.slot);
        invocation.serial = invocation.serial.wrapping_add(1);
        let ran = turn.now.since(invocation.began_at);
        let records = &invocation.records;
        turn.say(&Observation::InvocationEnded { invocation: handle, end, ran, records: records.len() as u32 });
        let mut shares = Shares::of(ran, records);
        for record in records.iter().filter(|record| record.was_begun()) {
            let order = workflow.order(record.token.slot);
            turn.say(&Observation::AttemptJudged { order, worth: record.worth, share: shares.next() });
        }
        self.function.release();
    }

    /// The batch of an invocation.
    #[inline(always)]
    pub(super) fn records(&self, slot: u32) -> &[Record] {
        &self.slab.get(slot).records
    }

    /// Gives the slot of an invocation back that is over.
    #[inline(always)]
    pub(super) fn close(&mut self, slot: u32) {
        self.slab.release(slot);
    }
}

impl Invocation {
    /// The handler turns to one record: how long its work takes.
    #[inline(always)]
    fn begin_record<E: Event, O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        index: usize,
        handler: &Handler,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> SimDuration {
        self.running += 1;
        let record = &mut self.records[index];
        let order = workflow.executions.get_mut(record.token.slot);
        let (key, attempt) = (OrderKey(order.key), u64::from(order.runs));
        order.runs += 1;
        record.began_at = turn.now;
        record.progress = Progress::Running;
        record.standing_at_start = order.standing(record.token);
        record.will_fail = fails(&handler.spec, key, attempt);
        let stops_at_once = record.will_fail && handler.spec.error_at == ErrorAt::Start;
        turn.say(&Observation::AttemptBegan { invocation, order: order_of(order) });
        if stops_at_once {
            return SimDuration::ZERO;
        }
        handler.spec.duration.duration(&mut Draw::new(key, Purpose::Work, attempt))
    }

    /// The handler takes the whole batch at once: one draw, of the first record's key and attempt.
    fn begin_together<E: Event, O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        handler: &Handler,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> SimDuration {
        let first = workflow.executions.get(self.records[0].token.slot);
        let mut draw = Draw::new(OrderKey(first.key), Purpose::Work, u64::from(first.runs));
        for index in 0..self.records.len() {
            self.begin_record(invocation, index, handler, workflow, turn);
        }
        let records = &self.records;
        let stops_at_once = handler.spec.error_at == ErrorAt::Start
            && if handler.fails_whole {
                records.iter().any(|record| record.will_fail)
            } else {
                records.iter().all(|record| record.will_fail)
            };
        if stops_at_once { SimDuration::ZERO } else { handler.spec.duration.duration(&mut draw) }
    }

    /// One by one: after this record the handler turns to the next, unless it is through or a throw ends it all.
    #[inline(always)]
    fn next_record<E: InvocationEvents, O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        index: u16,
        handler: &Handler,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let next = usize::from(index) + 1;
        let ends_all = handler.fails_whole && handler.spec.throw_ends == ThrowEnds::Invocation;
        if next == self.records.len() || (ends_all && self.records[next - 1].failed()) {
            return self.all_done(handler);
        }
        let work = self.begin_record(invocation, next, handler, workflow, turn);
        turn.book(turn.now + work, E::work_ends(invocation, next as u16));
        Progressed::Continues
    }

    /// How the invocation ended now that its handler has come to its end.
    #[inline(always)]
    fn all_done(&self, handler: &Handler) -> Progressed {
        let failed = handler.fails_whole && self.records.iter().any(Record::failed);
        Progressed::Over(if failed { InvocationEnd::Error } else { InvocationEnd::Success })
    }

    /// One record's work has ended. It answers its token, unless its success is lost in a thrown batch (`answers` false).
    #[inline(always)]
    fn end_record<E: WorkflowEvents, O: Observer<Observation>>(
        &mut self,
        invocation: Handle,
        index: usize,
        answers: bool,
        handler: &Handler,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) {
        self.running -= 1;
        let (began_at, now) = (self.began_at, turn.now);
        let record = &mut self.records[index];
        let (token, succeeded) = (record.token, !record.will_fail);
        let order = workflow.executions.get_mut(token.slot);
        turn.say(&Observation::AttemptEnded { invocation, order: order_of(order), succeeded });
        if succeeded {
            record.progress = Progress::Succeeded;
            let answer = answers.then_some(workflow.reply);
            let standing = work_succeeded(order, token, answer, |order| stages(order, record, began_at, now), turn);
            let useful = answers && standing == Standing::Current;
            record.worth = if useful { Worth::Useful } else { worth(record.standing_at_start, standing, true) };
        } else {
            record.progress = Progress::Failed;
            record.worth = worth(record.standing_at_start, order.standing(token), false);
            if handler.spec.on_error == OnError::Report {
                workflow.answer_failure(token, TaskError::FunctionError, Cause::FunctionError, turn);
            }
        }
    }
}

/// An even split of a duration that adds up to it exactly: the first parts take the remainder, a nanosecond each.
struct Shares {
    part: u64,
    remainder: u64,
}

impl Shares {
    /// Among the records whose attempt was begun.
    #[inline(always)]
    fn of(whole: SimDuration, records: &[Record]) -> Shares {
        if records.len() == 1 {
            return Shares { part: whole.0, remainder: 0 };
        }
        match records.iter().filter(|record| record.was_begun()).count() as u64 {
            0 | 1 => Shares { part: whole.0, remainder: 0 },
            parts => Shares { part: whole.0 / parts, remainder: whole.0 % parts },
        }
    }

    #[inline(always)]
    fn next(&mut self) -> SimDuration {
        let extra = u64::from(self.remainder > 0);
        self.remainder -= extra;
        SimDuration(self.part + extra)
    }
}

/// An environment is given an order: the first time ends its wait.
#[inline(always)]
fn hand_over<E: Event, O: Observer<Observation>>(slot: u32, workflow: &mut Workflow, turn: &mut Turn<E, O>) {
    let record = workflow.executions.get_mut(slot);
    let first = !std::mem::replace(&mut record.handed_over, true);
    if let (true, Some(order)) = (first, order_of(record)) {
        turn.say(&Observation::OrderHandedOver { order, wait: turn.now.since(order.arrived_at) });
    }
}

/// Whether this attempt at the order's work fails: the order is poisoned, or the attempt meets an error.
#[inline(always)]
fn fails(spec: &FunctionSpec, key: OrderKey, attempt: u64) -> bool {
    (spec.poison_rate > 0.0 && Draw::new(key, Purpose::Poison, 0).coin(spec.poison_rate))
        || (spec.error_rate > 0.0 && Draw::new(key, Purpose::Error, attempt).coin(spec.error_rate))
}

/// What an attempt is worth at its end, before it answers: by the first reason that fits. A success whose task still
/// waits is lost with its batch unless its answer is accepted after this.
#[inline(always)]
fn worth(at_start: Standing, at_end: Standing, succeeded: bool) -> Worth {
    match (at_start, at_end) {
        (Standing::NoOrder, _) | (_, Standing::NoOrder) => Worth::NoOrder,
        (Standing::GivenUp, _) => Worth::TaskOver,
        (_, Standing::GivenUp) => Worth::TooLate,
        (_, Standing::Answered) => Worth::Duplicate,
        (_, Standing::Current) if succeeded => Worth::Batch,
        (_, Standing::Current) => Worth::Failed,
    }
}

/// Where the time of an order went whose record has just been answered.
#[inline(always)]
fn stages(execution: &Execution, record: &Record, batch_began_at: SimTime, now: SimTime) -> Stages {
    Stages {
        start: execution.started_at.since(execution.arrived_at),
        retry: execution.attempt_began_at.since(execution.started_at),
        send: record.visible_at.since(execution.attempt_began_at),
        queue: record.first_received_at.since(record.visible_at),
        redelivery: record.received_at.since(record.first_received_at),
        cold_start: batch_began_at.since(record.received_at),
        batch: record.began_at.since(batch_began_at),
        work: now.since(record.began_at),
        callback: SimDuration::ZERO,
        transition: SimDuration::ZERO,
    }
}
