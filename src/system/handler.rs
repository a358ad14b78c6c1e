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
use super::invocations::{FunctionEvent, Invocations, Progressed};
use super::spec::{Answers, BatchMode, ErrorAt, FunctionSpec, OnError, ThrowEnds};
use super::workflow::{Workflow, WorkflowEvent, order_of, work_done};

/// The handler's settings, and how the function's invocations treat what it does.
pub(super) struct Handler {
    pub(super) spec: FunctionSpec,
    /// Whether one failed record fails the whole invocation: it is thrown, and failed records are not reported one by
    /// one.
    pub(super) fails_whole: bool,
    /// `ReportBatchItemFailures`: the handler names the records that failed.
    reports_items: bool,
    /// Whether its work goes on with a call of the inventory.
    calls_inventory: bool,
}

impl Handler {
    pub(super) fn new(spec: &FunctionSpec, report_batch_item_failures: bool, calls_inventory: bool) -> Handler {
        Handler {
            spec: spec.clone(),
            fails_whole: spec.on_error == OnError::Throw && !report_batch_item_failures,
            reports_items: report_batch_item_failures,
            calls_inventory,
        }
    }

    /// Whether the first record that is done decides for its batch.
    pub(super) fn first_decides(&self) -> bool {
        self.spec.answers == Answers::FirstDecides
    }

    /// For direct invocations, which answer by returning: every one for itself.
    pub(super) fn direct(spec: &FunctionSpec, calls_inventory: bool) -> Handler {
        Handler::new(&FunctionSpec { answers: Answers::Each, ..spec.clone() }, false, calls_inventory)
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
    Done(Progress),
}

/// A record that the handler works on: its order, the number of this run among those for it, and whether that will fail.
struct TakenUp {
    key: OrderKey,
    run: u32,
    will_fail: bool,
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
                self.slab.get_mut(invocation.slot).began_at = turn.now;
                return self.begin(invocation, workflow, turn);
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
            FunctionEvent::IdleEnds => {
                self.reclaim(turn);
                return Progressed::Continues;
            }
        };
        self.after(invocation, record.into(), step, workflow, turn)
    }

    /// The handler of an invocation begins.
    #[inline(always)]
    pub(super) fn begin<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        if let Some(limit) = self.handler.spec.timeout {
            turn.book(turn.now + limit, FunctionEvent::FunctionTimesOut { invocation: handle }.into());
        }
        match self.handler.spec.batch {
            BatchMode::OneByOne => self.next_record(handle, 0, workflow, turn),
            BatchMode::Parallel => self.begin_all(handle, workflow, turn),
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
            let invocation = self.slab.get_mut(handle.slot);
            if index == invocation.records.len() {
                return self.handler.all_done(invocation, handle);
            }
            let step = match self.handler.begin_record(invocation, (handle, index), workflow, turn) {
                Begun::Comes(step) => step,
                Begun::Calls => self.call(handle, index, workflow, turn),
            };
            let Step::Done(progress) = step else { return Progressed::Continues };
            if let Some(over) = self.ends_all(handle, progress, workflow, turn) {
                return over;
            }
            index += 1;
        }
    }

    /// In parallel: the handler turns to all records.
    #[inline(never)]
    fn begin_all<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let mut first_done = None;
        for index in 0..self.slab.get(handle.slot).records.len() {
            let invocation = self.slab.get_mut(handle.slot);
            let step = match self.handler.begin_record(invocation, (handle, index), workflow, turn) {
                Begun::Comes(step) => step,
                Begun::Calls => self.call(handle, index, workflow, turn),
            };
            if let Step::Done(_) = step {
                first_done.get_or_insert(index);
            }
        }
        let Some(index) = first_done else { return Progressed::Continues };
        let step = Step::Done(self.slab.get(handle.slot).records[index].progress);
        self.after(handle, index, step, workflow, turn)
    }

    /// The handler takes the whole batch at once: one draw, of the first record's key and attempt.
    #[inline(never)]
    fn begin_together<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let first = workflow.executions.get(self.slab.get(handle.slot).records[0].token.slot);
        let mut draw = Draw::new(OrderKey(first.key), Purpose::Work, u64::from(first.runs));
        let records = self.slab.get(handle.slot).records.len();
        let Invocations { slab, handler, .. } = self;
        let invocation = slab.get_mut(handle.slot);
        let begun = (0..records)
            .filter(|index| handler.take_up(invocation, (handle, *index), workflow, turn).is_some())
            .count();
        if begun == 0 {
            return handler.all_done(invocation, handle);
        }
        let length = if self.throws_at_start(handle) {
            SimDuration::ZERO
        } else {
            self.handler.spec.duration.duration(&mut draw)
        };
        turn.book(turn.now + length, FunctionEvent::WorkEnds { invocation: handle, record: 0 }.into());
        Progressed::Continues
    }

    /// Together: whether the batch throws before it has done any work.
    fn throws_at_start(&self, handle: Handle) -> bool {
        let mut working =
            self.slab.get(handle.slot).records.iter().filter(|record| record.progress == Progress::Working);
        self.handler.spec.error_at == ErrorAt::Start
            && if self.handler.fails_whole {
                working.any(|record| record.will_fail)
            } else {
                working.all(|record| record.will_fail)
            }
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
        let step = if self.handler.calls_inventory {
            self.own_work_or_call_ended(handle, index, workflow, turn)
        } else {
            self.handler.conclude(self.slab.get_mut(handle.slot), (handle, index), (true, true), workflow, turn)
        };
        self.after(handle, index, step, workflow, turn)
    }

    /// Where there is an inventory: the handler calls it after its own work, and is done after the call.
    fn own_work_or_call_ended<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let record = &self.slab.get(handle.slot).records[index];
        let thrown = record.will_fail && self.handler.spec.error_at == ErrorAt::Start;
        if record.progress == Progress::Calling {
            self.call_ended(handle, index, workflow, turn)
        } else if thrown {
            self.conclude(handle, index, (true, true), workflow, turn)
        } else {
            self.call(handle, index, workflow, turn)
        }
    }

    /// Together: the work on the batch, or its call of the inventory, has ended.
    #[inline(never)]
    fn work_together_ended<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let records = &self.slab.get(handle.slot).records;
        let thrown = self.handler.fails_whole && records.iter().any(|record| record.will_fail);
        let caller = records.iter().position(|record| record.progress == Progress::Calling);
        let called = records.iter().any(|record| record.called);
        if caller.is_none() && !called && self.inventory.is_some() && !self.throws_at_start(handle) {
            let first = records.iter().position(|record| record.progress == Progress::Working);
            let step = match self.call(handle, first.expect("the batch is worked on"), workflow, turn) {
                Step::Done(_) => Step::Done(self.slab.get(handle.slot).records[0].progress),
                Step::UnderWay => Step::UnderWay,
            };
            return self.after(handle, 0, step, workflow, turn);
        }
        if let Some(caller) = caller {
            self.hang_up(handle, caller, workflow, turn);
        } else if self.inventory.is_some() && !called {
            // It threw before it had called: nothing is done for any record.
            self.slab.get_mut(handle.slot).records.iter_mut().for_each(|record| record.will_fail = true);
        }
        for index in 0..self.slab.get(handle.slot).records.len() {
            if matches!(self.slab.get(handle.slot).records[index].progress, Progress::Working | Progress::Calling) {
                let sold = caller.is_none() || self.take_unit(handle, index, workflow, turn);
                self.conclude(handle, index, (sold, !thrown), workflow, turn);
            }
        }
        let step = Step::Done(self.slab.get(handle.slot).records[0].progress);
        self.after(handle, 0, step, workflow, turn)
    }

    /// After a step of a record: the handler goes on to the next, or is done.
    #[inline(always)]
    fn after<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        step: Step,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let Step::Done(progress) = step else { return Progressed::Continues };
        if let Some(over) = self.ends_all(handle, progress, workflow, turn) {
            return over;
        }
        if self.handler.spec.batch == BatchMode::OneByOne {
            return self.next_record(handle, index + 1, workflow, turn);
        }
        let invocation = self.slab.get(handle.slot);
        if invocation.running > 0 { Progressed::Continues } else { self.handler.all_done(invocation, handle) }
    }

    /// Whether a record that has come to this ends the whole invocation.
    #[inline(always)]
    fn ends_all<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        progress: Progress,
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Option<Progressed> {
        if progress == Progress::Succeeded && !self.handler.first_decides() {
            return None;
        }
        let invocation = self.slab.get_mut(handle.slot);
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
        (throws && at_once).then(|| self.handler.all_done(invocation, handle))
    }

    /// The handler is done with the work on a record and answers, unless its success is lost in a thrown batch (`answers`
    /// false). `sold` is false where nothing was in stock.
    pub(super) fn conclude<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        said: (bool, bool),
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Step {
        self.handler.conclude(self.slab.get_mut(handle.slot), (handle, index), said, workflow, turn)
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
        let standing = workflow.executions.standing(record.token);
        let answered = record.answer(&self.handler, (handle, index), standing, times, workflow, turn);
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

/// What the handler does first with a record.
enum Begun {
    /// It is at it, or through with it.
    Comes(Step),
    /// It calls the inventory at once.
    Calls,
}

impl Handler {
    /// The handler turns to one record; its own work is booked.
    #[inline(always)]
    fn begin_record<E: HandlerEvents, O: Observer<Observation>>(
        &self,
        invocation: &mut Invocation,
        (handle, index): (Handle, usize),
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Begun {
        let Some(TakenUp { key, run, will_fail }) = self.take_up(invocation, (handle, index), workflow, turn) else {
            return Begun::Comes(Step::Done(Progress::Skipped));
        };
        let length = if will_fail && self.spec.error_at == ErrorAt::Start {
            SimDuration::ZERO
        } else {
            let length = self.spec.duration.duration(&mut Draw::new(key, Purpose::Work, u64::from(run)));
            if length.is_zero() && self.calls_inventory {
                return Begun::Calls;
            }
            length
        };
        turn.book(turn.now + length, FunctionEvent::WorkEnds { invocation: handle, record: index as u16 }.into());
        Begun::Comes(Step::UnderWay)
    }

    /// The handler looks at a record: it drops it if its message is too old (`None`), else it begins to work.
    #[inline(always)]
    fn take_up<E: HandlerEvents, O: Observer<Observation>>(
        &self,
        invocation: &mut Invocation,
        (handle, index): (Handle, usize),
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Option<TakenUp> {
        let record = &mut invocation.records[index];
        let execution = workflow.executions.get_mut(record.token.slot);
        record.run = execution.runs;
        execution.runs += 1;
        record.began_at = turn.now;
        record.standing_at_start = execution.standing(record.token);
        let order = order_of(execution);
        turn.say(&Observation::AttemptBegan { invocation: handle, order });
        if self.spec.skip_older_than.is_some_and(|oldest| turn.now.since(record.sent_at) > oldest) {
            record.progress = Progress::Skipped;
            record.worth = worth(record.standing_at_start, record.standing_at_start, false);
            turn.say(&Observation::AttemptEnded { invocation: handle, order, succeeded: false });
            return None;
        }
        let key = OrderKey(execution.key);
        record.progress = Progress::Working;
        record.will_fail = fails(&self.spec, key, u64::from(record.run));
        invocation.running += 1;
        Some(TakenUp { key, run: record.run, will_fail: record.will_fail })
    }

    /// The handler is done with the work on a record, as [`Invocations::conclude`] says.
    #[inline(always)]
    fn conclude<E: HandlerEvents, O: Observer<Observation>>(
        &self,
        invocation: &mut Invocation,
        (handle, index): (Handle, usize),
        (sold, answers): (bool, bool),
        workflow: &mut Workflow,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let times = [invocation.given_at, invocation.began_at];
        let record = &mut invocation.records[index];
        let (token, failed) = (record.token, record.will_fail);
        record.since = turn.now;
        let execution = workflow.executions.get_mut(token.slot);
        let (order, standing) = (order_of(execution), execution.standing(token));
        turn.say(&Observation::AttemptEnded { invocation: handle, order, succeeded: !failed && sold });
        if !failed && !self.calls_inventory {
            work_done(execution, turn);
        }
        record.worth = worth(record.standing_at_start, standing, !failed);
        let answered = if failed && self.spec.on_error == OnError::Throw {
            Answered::Settled(Progress::Failed)
        } else if answers {
            (record.progress, record.sold) = (Progress::Answering, sold);
            record.answer(self, (handle, index), standing, times, workflow, turn)
        } else {
            Answered::Settled(Progress::Succeeded)
        };
        invocation.settle(index, answered, self)
    }

    /// How the invocation ended now that its handler has come to its end.
    #[inline(always)]
    fn all_done(&self, invocation: &Invocation, handle: Handle) -> Progressed {
        let failed = !self.first_decides() && (invocation.thrown || (self.fails_whole && invocation.failed));
        Progressed::Over(handle, if failed { InvocationEnd::Error } else { InvocationEnd::Success })
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
    /// The handler answers the token, which has this standing, for the first time or after a throttle. `times` are those at
    /// which the invocation was given its environment and at which its handler began.
    #[inline(always)]
    fn answer<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handler: &Handler,
        (invocation, index): (Handle, usize),
        standing: Standing,
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
        let sent = workflow.send_answer((self.token, standing), verdict, numbers, stages, turn);
        let failed = self.will_fail;
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
        let progress = match answered {
            Answered::Settled(progress) => progress,
            Answered::Throttled => return Step::UnderWay,
            Answered::InVain => {
                self.thrown |= !handler.reports_items;
                Progress::Unanswered
            }
        };
        self.records[index].progress = progress;
        self.failed |= progress == Progress::Failed;
        self.running -= 1;
        Step::Done(progress)
    }
}

/// Whether this attempt at the order's work fails: the order is poisoned, or the attempt meets an error.
#[inline(always)]
fn fails(spec: &FunctionSpec, key: OrderKey, attempt: u64) -> bool {
    (spec.poison_rate > 0.0 && Draw::new(key, Purpose::Poison, 0).coin(spec.poison_rate))
        || (spec.error_rate > 0.0 && Draw::new(key, Purpose::Error, attempt).coin(spec.error_rate))
}

/// What a failed attempt is put down to.
pub(super) fn cause_of(failure: TaskError) -> Cause {
    if failure == TaskError::InventoryRejected { Cause::InventoryRejected } else { Cause::FunctionError }
}
