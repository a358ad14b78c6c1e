//! The handler: what it does with the records of its batch, one by one, in parallel, or together (`lambda.batch`).
//!
//! ```text
//!  a record:  waiting ──turn──▶ working ──▶ connecting ──▶ calling ──▶ succeeded | failed
//!                │ too old                      │ rejected, timed out     │ answer throttled
//!                ▼                              ▼                         ▼
//!             skipped                        failed                   answering ──▶ succeeded | unanswered
//! ```
//!
//! A throw fails the invocation: at once where records are worked on one by one (`lambda.throw_ends`), at its end
//! otherwise. With `lambda.answers = "first_decides"` the first record that is done decides for all, as in a handler that
//! calls back once per record.

use crate::engine::{Event, Turn};
use crate::model::execution::{Execution, Standing, TaskError};
use crate::observation::{Cause, InvocationEnd, Observation, Worth};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

use super::answers::{Origin, Sent, Verdict};
use super::batch::{Invocation, Progress, Record, worth};
use super::faults::Aim;
use super::invocations::{FunctionEvent, Invocations, Progressed};
use super::spec::{Answers, BatchMode, ErrorAt, FunctionSpec, OnError, ThrowEnds};
use super::workflow::{Workflow, WorkflowEvent, order_of};

/// The handler's settings, and how the function's invocations treat what it does.
pub(super) struct Handler {
    pub(super) spec: FunctionSpec,
    /// Whether one failed record fails the whole invocation: it is thrown, and failed records are not reported one by
    /// one.
    pub(super) fails_whole: bool,
    /// `ReportBatchItemFailures`: the handler names the records that failed.
    reports_items: bool,
}

impl Handler {
    pub(super) fn new(spec: &FunctionSpec, report_batch_item_failures: bool) -> Handler {
        Handler {
            spec: spec.clone(),
            fails_whole: spec.on_error == OnError::Throw && !report_batch_item_failures,
            reports_items: report_batch_item_failures,
        }
    }

    /// Whether the first record that is done decides for its batch.
    pub(super) fn first_decides(&self) -> bool {
        self.spec.answers == Answers::FirstDecides
    }

    /// For direct invocations, which answer by returning: every one for itself, and none has a message that can be too old.
    pub(super) fn direct(spec: &FunctionSpec) -> Handler {
        Handler::new(&FunctionSpec { answers: Answers::Each, skip_older_than: None, ..spec.clone() }, false)
    }

    /// Whether a record in this state decides well for its batch: its answer, a reported failure too, found the task waiting.
    fn decides_well(&self, progress: Progress) -> bool {
        let reported = progress == Progress::Failed && self.spec.on_error == OnError::Report;
        reported || progress == Progress::Succeeded || progress == Progress::Skipped
    }
}

/// How far a record has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The handler is at it.
    UnderWay,
    /// The handler is through with it, one way or another.
    Done,
}

/// A record that the handler works on: its order, the number of this run among those for it, whether that will fail, and how
/// long it takes where a trace says so.
pub(super) struct TakenUp {
    key: OrderKey,
    run: u32,
    will_fail: bool,
    recorded: Option<SimDuration>,
}

/// What a design's event list must take to run handlers.
pub(super) trait HandlerEvents: Event + From<FunctionEvent> + From<WorkflowEvent> {}
impl<E: Event + From<FunctionEvent> + From<WorkflowEvent>> HandlerEvents for E {}

impl Invocations {
    /// One of the function's events has come, other than the end of idleness.
    #[inline(always)]
    pub(super) fn handle<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        event: FunctionEvent,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        if let FunctionEvent::WorkEnds { invocation, record } = event {
            return self.work_ended(invocation, record, workflow, turn);
        }
        self.handle_rare(event, workflow, turn)
    }

    /// An event that most invocations never see.
    #[inline(never)]
    fn handle_rare<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        event: FunctionEvent,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let (invocation, record, step) = match event {
            FunctionEvent::WorkEnds { invocation, record } => {
                return self.work_ended(invocation, record, workflow, turn);
            }
            FunctionEvent::InitialisationEnds { invocation } => {
                return self.begin(invocation.slot, workflow, turn);
            }
            FunctionEvent::FunctionTimesOut { invocation } => {
                return self.time_out(invocation, workflow, turn);
            }
            FunctionEvent::ConnectTimesOut { invocation, record } => {
                (invocation, record, self.connect_timed_out(invocation, record, workflow, turn))
            }
            FunctionEvent::AnswerDue { invocation, record } => {
                (invocation, record, self.answer_again(invocation, record.into(), workflow, turn))
            }
            FunctionEvent::InventoryReturns => {
                self.inventory_returns(workflow, turn);
                return Progressed::Continues;
            }
            FunctionEvent::IdleEnds => {
                self.reclaim(turn);
                return Progressed::Continues;
            }
            FunctionEvent::ProvisionedReady => {
                self.provision(turn);
                return Progressed::Continues;
            }
        };
        self.after(invocation, record.into(), step, workflow, turn)
    }

    /// The handler of an invocation begins.
    #[inline(always)]
    pub(super) fn begin<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let invocation = self.slab.get_mut(slot);
        invocation.began_at = turn.now;
        let (handle, records) = (Handle { slot, serial: invocation.serial }, invocation.records.len());
        if let Some(limit) = self.handler.spec.timeout {
            turn.book(turn.now + limit, FunctionEvent::FunctionTimesOut { invocation: handle }.into());
        }
        match self.handler.spec.batch {
            BatchMode::OneByOne => self.next_record(handle, 0, workflow, turn),
            BatchMode::Parallel => {
                let mut first_done = None;
                for index in 0..records {
                    if self.begin_record(handle, index, workflow, turn) == Step::Done {
                        first_done.get_or_insert(index);
                    }
                }
                let after = first_done.map(|index| self.after(handle, index, Step::Done, workflow, turn));
                after.unwrap_or(Progressed::Continues)
            }
            BatchMode::Together => self.begin_together(handle, workflow, turn),
        }
    }

    /// One by one: the handler turns to this record, and to those after it as long as they take no time.
    #[inline(always)]
    fn next_record<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        mut index: usize,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        loop {
            if index == self.slab.get(handle.slot).records.len() {
                return self.all_done(handle);
            }
            if self.begin_record(handle, index, workflow, turn) == Step::UnderWay {
                return Progressed::Continues;
            }
            if let Some(over) = self.ends_all(handle, index, workflow, turn) {
                return over;
            }
            index += 1;
        }
    }

    /// The handler turns to one record; its own work is booked.
    #[inline(always)]
    fn begin_record<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let Some(TakenUp { key, run, will_fail, recorded }) = self.take_up(handle, index, workflow, turn) else {
            return Step::Done;
        };
        let spec = &self.handler.spec;
        let length = if will_fail && spec.error_at == ErrorAt::Start {
            SimDuration::ZERO
        } else {
            let drawn = || spec.duration.duration(&mut Draw::new(key, Purpose::Work, u64::from(run)));
            let mut length = recorded.unwrap_or_else(drawn);
            if self.faults.exist() {
                let order = workflow.order(self.slab.get(handle.slot).records[index].token.slot);
                length += self.faults.delay(&Aim { key, number: run.into(), order }, turn);
            }
            if length.is_zero() && self.inventory.is_some() {
                return self.call(handle, index, workflow, turn);
            }
            length
        };
        turn.book(turn.now + length, FunctionEvent::WorkEnds { invocation: handle, record: index as u16 }.into());
        Step::UnderWay
    }

    /// The handler looks at a record: it drops it if its message is too old (`None`), else it begins to work.
    #[inline(always)]
    pub(super) fn take_up<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Option<TakenUp> {
        let invocation = self.slab.get_mut(handle.slot);
        let record = &mut invocation.records[index];
        let execution = workflow.executions.get_mut(record.token.slot);
        record.run = execution.runs;
        execution.runs += 1;
        record.began_at = turn.now;
        record.standing_at_start = execution.standing(record.token);
        let order = order_of(execution);
        turn.say(&Observation::AttemptBegan { invocation: handle, order });
        if self.handler.spec.skip_older_than.is_some_and(|oldest| turn.now.since(record.sent_at) > oldest) {
            record.progress = Progress::Skipped;
            record.worth = worth(record.standing_at_start, record.standing_at_start, false);
            turn.say(&Observation::AttemptEnded { invocation: handle, order, succeeded: false });
            return None;
        }
        record.progress = Progress::Working;
        let (key, run) = (OrderKey(execution.key), record.run);
        record.will_fail = fails(&self.handler.spec, turn.now, key, u64::from(run));
        if self.faults.exist() {
            record.will_fail |= self.faults.fail(&Aim { key, number: run.into(), order }, turn);
        }
        let recorded = workflow.recorded_service(record.token.slot);
        let taken_up = TakenUp { key, run, will_fail: record.will_fail, recorded };
        invocation.running += 1;
        Some(taken_up)
    }

    /// The handler's own work, or a call of the inventory, has ended: it calls, or it is done, and goes on.
    #[inline(always)]
    fn work_ended<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: u16,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let index = usize::from(index);
        if self.handler.spec.batch == BatchMode::Together {
            return self.work_together_ended(handle, workflow, turn);
        }
        let record = &self.slab.get(handle.slot).records[index];
        let thrown = record.will_fail && self.handler.spec.error_at == ErrorAt::Start;
        let step = if record.progress == Progress::Calling {
            self.call_ended(handle, index, workflow, turn)
        } else if self.inventory.is_some() && !thrown {
            self.call(handle, index, workflow, turn)
        } else {
            self.conclude(handle, index, (true, true), workflow, turn)
        };
        self.after(handle, index, step, workflow, turn)
    }

    /// After a step of a record: the handler goes on to the next, or is done.
    #[inline(always)]
    pub(super) fn after<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        step: Step,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        if step == Step::UnderWay {
            return Progressed::Continues;
        }
        if let Some(over) = self.ends_all(handle, index, workflow, turn) {
            return over;
        }
        match self.handler.spec.batch {
            BatchMode::OneByOne => self.next_record(handle, index + 1, workflow, turn),
            BatchMode::Parallel | BatchMode::Together => {
                if self.slab.get(handle.slot).running > 0 {
                    Progressed::Continues
                } else {
                    self.all_done(handle)
                }
            }
        }
    }

    /// Whether this record, now done, ends the whole invocation.
    #[inline(always)]
    fn ends_all<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Option<Progressed> {
        let invocation = self.slab.get_mut(handle.slot);
        let progress = invocation.records[index].progress;
        if progress == Progress::Succeeded && !self.handler.first_decides() {
            return None;
        }
        if self.handler.first_decides() {
            if !*invocation.decided.get_or_insert(self.handler.decides_well(progress)) {
                self.stop(handle, workflow, turn);
                return Some(Progressed::Over(handle, InvocationEnd::Error));
            }
            return None;
        }
        let throws = match progress {
            Progress::Failed => self.handler.fails_whole,
            Progress::Unanswered => invocation.thrown,
            _ => false,
        };
        let spec = &self.handler.spec;
        let at_once = spec.batch == BatchMode::OneByOne && spec.throw_ends == ThrowEnds::Invocation;
        (throws && at_once).then(|| self.all_done(handle))
    }

    /// How the invocation ended now that its handler has come to its end.
    #[inline(always)]
    pub(super) fn all_done(&self, handle: Handle) -> Progressed {
        let invocation = self.slab.get(handle.slot);
        let failed = !self.handler.first_decides()
            && (invocation.thrown
                || (self.handler.fails_whole && invocation.records.iter().any(|record| record.failed())));
        Progressed::Over(handle, if failed { InvocationEnd::Error } else { InvocationEnd::Success })
    }

    /// The handler is done with the work on a record and answers, unless its success is lost in a thrown batch (`answers`
    /// false). `sold` is false where nothing was in stock.
    #[inline(always)]
    pub(super) fn conclude<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        (sold, answers): (bool, bool),
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let invocation = self.slab.get_mut(handle.slot);
        let times = [invocation.given_at, invocation.began_at];
        let record = &mut invocation.records[index];
        let (token, failed) = (record.token, record.will_fail);
        record.since = turn.now;
        let execution = workflow.executions.get(token.slot);
        let (order, standing) = (order_of(execution), execution.standing(token));
        turn.say(&Observation::AttemptEnded { invocation: handle, order, succeeded: !failed && sold });
        if !failed && self.inventory.is_none() {
            workflow.work_done(token.slot, turn);
        }
        record.worth = worth(record.standing_at_start, standing, !failed);
        let answered = if failed && self.handler.spec.on_error == OnError::Throw {
            Answered::Settled(Progress::Failed)
        } else if answers {
            (record.progress, record.sold) = (Progress::Answering, sold);
            record.answer(&self.handler, (handle, index), times, workflow, turn)
        } else {
            Answered::Settled(Progress::Succeeded)
        };
        invocation.settle(index, answered, &self.handler)
    }

    /// The handler answers the token of a record again after a throttle.
    fn answer_again<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let invocation = self.slab.get_mut(handle.slot);
        let times = [invocation.given_at, invocation.began_at];
        let record = &mut invocation.records[index];
        let answered = record.answer(&self.handler, (handle, index), times, workflow, turn);
        invocation.settle(index, answered, &self.handler)
    }

    /// The function's timeout has run out: whatever runs is stopped.
    fn time_out<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        self.stop(handle, workflow, turn);
        Progressed::Over(handle, InvocationEnd::Timeout)
    }

    /// Whatever the handler is at is stopped: waiting calls first, so that no connection goes to one of them.
    fn stop<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) {
        for index in 0..self.slab.get(handle.slot).records.len() {
            if self.is_connecting(handle, index as u16) {
                self.stop_waiting((handle, index as u16), workflow, turn);
                self.slab.get_mut(handle.slot).records[index].progress = Progress::Working;
            }
        }
        for index in 0..self.slab.get(handle.slot).records.len() {
            let record = &self.slab.get(handle.slot).records[index];
            let (progress, token) = (record.progress, record.token);
            if !matches!(progress, Progress::Working | Progress::Calling | Progress::Answering) {
                continue;
            }
            let order = workflow.order(token.slot);
            if progress == Progress::Calling {
                self.hang_up(handle, index, workflow, turn);
            }
            let record = &mut self.slab.get_mut(handle.slot).records[index];
            record.worth = worth(record.standing_at_start, workflow.executions.standing(token), false);
            if progress == Progress::Answering {
                record.progress = Progress::Unanswered;
            } else {
                record.progress = Progress::Failed;
                turn.say(&Observation::AttemptEnded { invocation: handle, order, succeeded: false });
            }
        }
    }
}

/// What became of the answer to a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answered {
    /// The handler is through with the record.
    Settled(Progress),
    /// Its SDK tries again.
    Throttled,
    /// Its SDK has given up.
    InVain,
}

impl Record {
    /// The handler answers the token, for the first time or after a throttle. `times` are those at which the invocation was
    /// given its environment and at which its handler began.
    #[inline(always)]
    fn answer<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handler: &Handler,
        (invocation, index): (Handle, usize),
        times: [SimTime; 2],
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Answered {
        let verdict = match (self.will_fail, self.sold) {
            (true, _) => Verdict::Failed(self.failure, cause_of(self.failure)),
            (false, false) => Verdict::Declined,
            (false, true) => Verdict::Done,
        };
        let origin = Origin { invocation, record: index as u16, standing_at_start: self.standing_at_start };
        let numbers = (origin, self.run, u32::from(self.throttled));
        let stages = |execution: &Execution| (self.since, self.stages(execution, times));
        let failed = self.will_fail;
        let sent = workflow.send_answer(self.token, verdict, numbers, stages, turn);
        let standing = match sent {
            Sent::Arrived { standing, ended } => {
                if !failed && standing == Standing::Current {
                    // An answer that was accepted and retried all the same has ended nothing.
                    self.worth = if ended { Worth::Useful } else { Worth::Failed };
                }
                standing
            }
            Sent::OnItsWay { slot, standing } => {
                if !failed {
                    self.answer = slot;
                }
                standing
            }
            Sent::Throttled(wait) => {
                self.throttled += 1;
                let event = FunctionEvent::AnswerDue { invocation, record: index as u16 };
                turn.book(turn.now + wait, event.into());
                return Answered::Throttled;
            }
            Sent::Lost => {
                if !failed && self.worth == Worth::Batch {
                    // No batch failed it: its answer is gone.
                    self.worth = Worth::Failed;
                }
                Standing::Current
            }
            Sent::GivenUp => return Answered::InVain,
        };
        let late = handler.first_decides() && matches!(standing, Standing::Answered | Standing::GivenUp);
        Answered::Settled(match (late, failed) {
            (true, _) => Progress::Unanswered,
            (false, true) => Progress::Failed,
            (false, false) => Progress::Succeeded,
        })
    }
}

impl Invocation {
    /// What becomes of a record whose answer was sent, or was not.
    #[inline(always)]
    fn settle(&mut self, index: usize, answered: Answered, handler: &Handler) -> Step {
        self.records[index].progress = match answered {
            Answered::Settled(progress) => progress,
            Answered::Throttled => return Step::UnderWay,
            Answered::InVain => {
                self.thrown |= !handler.reports_items;
                Progress::Unanswered
            }
        };
        self.running -= 1;
        Step::Done
    }
}

/// Whether this attempt at the order's work fails: the order is poisoned and the handler not repaired yet, or the attempt
/// meets an error.
#[inline(always)]
fn fails(spec: &FunctionSpec, now: SimTime, key: OrderKey, attempt: u64) -> bool {
    (spec.poison_rate > 0.0
        && spec.repaired_at.is_none_or(|at| now < at)
        && Draw::new(key, Purpose::Poison, 0).coin(spec.poison_rate))
        || (spec.error_rate > 0.0 && Draw::new(key, Purpose::Error, attempt).coin(spec.error_rate))
}

/// What a failed attempt is put down to.
pub(super) fn cause_of(failure: TaskError) -> Cause {
    if failure == TaskError::InventoryRejected { Cause::InventoryRejected } else { Cause::FunctionError }
}
