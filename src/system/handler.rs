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

use std::marker::PhantomData;

use crate::engine::{Event, Turn};
use crate::observation::{InvocationEnd, Observation};
use crate::observer::Observer;
use crate::slab::Handle;

use super::batch::{Invocation, Progress, worth};
use super::invocations::{FunctionEvent, Invocations, Progressed};
use super::record::Begun;
use super::spec::{Answers, BatchMode, ErrorAt, FunctionSpec, OnError, ThrowEnds};
use super::ways::{Aws, Ways};
use super::workflow::{Workflow, WorkflowEvent};

/// The handler's settings, and how the function's invocations treat what it does.
pub(super) struct Handler<W: Ways = Aws> {
    pub(super) spec: FunctionSpec,
    /// Whether one failed record fails the whole invocation: it is thrown, and failed records are not reported one by
    /// one.
    pub(super) fails_whole: bool,
    /// `ReportBatchItemFailures`: the handler names the records that failed.
    pub(super) reports_items: bool,
    /// Whether its work goes on with a call of the inventory.
    calls_inventory: bool,
    ways: PhantomData<W>,
}

impl<W: Ways> Handler<W> {
    pub(super) fn new(spec: &FunctionSpec, report_batch_item_failures: bool, calls_inventory: bool) -> Handler<W> {
        Handler {
            spec: spec.clone(),
            fails_whole: spec.fails_whole(report_batch_item_failures),
            reports_items: report_batch_item_failures,
            calls_inventory,
            ways: PhantomData,
        }
    }

    /// Whether its work goes on with a call of the inventory.
    #[inline(always)]
    pub(super) fn calls_inventory(&self) -> bool {
        W::AWS && self.calls_inventory
    }

    /// In which of the ways it takes the records of a batch.
    #[inline(always)]
    pub(super) fn batch(&self) -> BatchMode {
        if W::AWS { self.spec.batch } else { BatchMode::OneByOne }
    }

    /// Whether the first record that is done decides for its batch.
    #[inline(always)]
    pub(super) fn first_decides(&self) -> bool {
        W::AWS && self.spec.answers == Answers::FirstDecides
    }

    /// For direct invocations, which answer by returning: every one for itself, and none has a message that can be too old.
    pub(super) fn direct(spec: &FunctionSpec, calls_inventory: bool) -> Handler<W> {
        let spec = FunctionSpec { answers: Answers::Each, skip_older_than: None, ..spec.clone() };
        Handler::new(&spec, false, calls_inventory)
    }

    /// Whether a record in this state decides well for its batch: its answer, a reported failure too, found the task waiting.
    fn decides_well(&self, progress: Progress) -> bool {
        let reported = progress == Progress::Failed && self.spec.on_error == OnError::Report;
        reported || progress == Progress::Succeeded || progress == Progress::Skipped
    }

    /// How the invocation ended now that its handler has come to its end.
    #[inline(always)]
    pub(super) fn all_done(&self, invocation: &Invocation<W>, handle: Handle) -> Progressed {
        let failed = || invocation.aws().thrown || (self.fails_whole && invocation.aws().failed);
        let failed = W::AWS && !self.first_decides() && failed();
        Progressed::Over(handle, if failed { InvocationEnd::Error } else { InvocationEnd::Success })
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

/// What a design's event list must take to run handlers.
pub(super) trait HandlerEvents: Event + From<FunctionEvent> + From<WorkflowEvent> {}
impl<E: Event + From<FunctionEvent> + From<WorkflowEvent>> HandlerEvents for E {}

impl<W: Ways> Invocations<W> {
    /// One of the function's events has come, other than the end of idleness.
    #[inline(always)]
    pub(super) fn handle<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        event: FunctionEvent,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        if let FunctionEvent::WorkEnds { invocation, record } = event {
            let record = if W::AWS { record } else { 0 };
            return self.work_ended(invocation, record, workflow, turn);
        }
        assert!(W::AWS, "in the textbook only work ends");
        self.handle_rare(event, workflow, turn)
    }

    /// An event that most invocations never see.
    #[inline(never)]
    fn handle_rare<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        event: FunctionEvent,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let (invocation, record, step) = match event {
            FunctionEvent::WorkEnds { invocation, record } => {
                return self.work_ended(invocation, record, workflow, turn);
            }
            FunctionEvent::InitialisationEnds { invocation } => {
                self.slab.get_mut(invocation.slot).aws_mut().began_at = turn.now;
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
        handle: Handle,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        if W::AWS
            && let Some(limit) = self.handler.spec.timeout
        {
            turn.book(turn.now + limit, FunctionEvent::FunctionTimesOut { invocation: handle }.into());
        }
        match self.handler.batch() {
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
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        loop {
            let invocation = self.slab.get(handle.slot);
            if index == invocation.records.len() {
                return self.handler.all_done(invocation, handle);
            }
            let step = self.turn_to((handle, index), workflow, turn);
            let Step::Done(progress) = step else { return Progressed::Continues };
            if let Some(over) = self.ends_all(handle, progress, workflow, turn) {
                return over;
            }
            index += 1;
        }
    }

    /// The handler turns to the record at this place of the batch.
    #[inline(always)]
    fn turn_to<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        (handle, index): (Handle, usize),
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let Invocations { slab, handler, faults, .. } = self;
        let invocation = slab.get_mut(handle.slot);
        let record = &mut invocation.records[index];
        let recorded = workflow.recorded_service(record.token.slot);
        let execution = workflow.executions.get_mut(record.token.slot);
        let begun = handler.begin_record((record, execution), (handle, index), recorded, faults, turn);
        if let Begun::Comes(Step::Done(progress)) = begun {
            return Step::Done(progress);
        }
        invocation.aws_mut().running += 1;
        match begun {
            Begun::Comes(step) => step,
            Begun::Calls => self.call(handle, index, workflow, turn),
        }
    }

    /// In parallel: the handler turns to all records.
    #[inline(never)]
    fn begin_all<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let mut first_done = None;
        for index in 0..self.slab.get(handle.slot).records.len() {
            if let Step::Done(_) = self.turn_to((handle, index), workflow, turn) {
                first_done.get_or_insert(index);
            }
        }
        let Some(index) = first_done else { return Progressed::Continues };
        let step = Step::Done(self.slab.get(handle.slot).records[index].progress);
        self.after(handle, index, step, workflow, turn)
    }

    /// The handler's own work, or a call of the inventory, has ended: it calls, or it is done, and goes on.
    #[inline(always)]
    fn work_ended<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: u16,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let index = usize::from(index);
        if self.handler.batch() == BatchMode::Together {
            return self.work_together_ended(handle, workflow, turn);
        }
        let step = if self.handler.calls_inventory() {
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
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let record = &self.slab.get(handle.slot).records[index];
        let thrown = record.aws().will_fail && self.handler.spec.error_at == ErrorAt::Start;
        if record.progress == Progress::Calling {
            self.call_ended(handle, index, workflow, turn)
        } else if thrown {
            self.conclude(handle, index, (true, true), workflow, turn)
        } else {
            self.call(handle, index, workflow, turn)
        }
    }

    /// After a step of a record: the handler goes on to the next, or is done.
    #[inline(always)]
    pub(super) fn after<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        step: Step,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let Step::Done(progress) = step else { return Progressed::Continues };
        if !W::AWS {
            return self.handler.all_done(self.slab.get(handle.slot), handle);
        }
        if let Some(over) = self.ends_all(handle, progress, workflow, turn) {
            return over;
        }
        if self.handler.batch() == BatchMode::OneByOne {
            return self.next_record(handle, index + 1, workflow, turn);
        }
        let invocation = self.slab.get(handle.slot);
        if invocation.aws().running > 0 { Progressed::Continues } else { self.handler.all_done(invocation, handle) }
    }

    /// Whether a record that has come to this ends the whole invocation.
    #[inline(always)]
    fn ends_all<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        progress: Progress,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Option<Progressed> {
        if progress == Progress::Succeeded && !self.handler.first_decides() {
            return None;
        }
        let invocation = self.slab.get_mut(handle.slot);
        if self.handler.first_decides() {
            if !*invocation.aws_mut().decided.get_or_insert(self.handler.decides_well(progress)) {
                self.stop(handle, workflow, turn);
                return Some(Progressed::Over(handle, InvocationEnd::Error));
            }
            return None;
        }
        let throws = match progress {
            Progress::Failed => self.handler.fails_whole,
            Progress::Unanswered => invocation.aws().thrown,
            _ => false,
        };
        let at_once =
            self.handler.batch() == BatchMode::OneByOne && self.handler.spec.throw_ends == ThrowEnds::Invocation;
        (throws && at_once).then(|| self.handler.all_done(invocation, handle))
    }

    /// The handler is done with the work on a record and answers, unless its success is lost in a thrown batch (`answers`
    /// false). `sold` is false where nothing was in stock.
    pub(super) fn conclude<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        said: (bool, bool),
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        self.handler.conclude(self.slab.get_mut(handle.slot), (handle, index), said, workflow, turn)
    }

    /// The handler answers the token of a record again after a throttle.
    fn answer_again<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        index: usize,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let invocation = self.slab.get_mut(handle.slot);
        let times = invocation.times();
        let record = &mut invocation.records[index];
        let standing = workflow.executions.standing(record.token);
        let answered = record.answer(&self.handler, (handle, index), standing, times, workflow, turn);
        self.handler.settle(invocation, index, answered)
    }

    /// The function's timeout has run out: whatever runs is stopped.
    fn time_out<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        self.stop(handle, workflow, turn);
        Progressed::Over(handle, InvocationEnd::Timeout)
    }

    /// Whatever the handler is at is stopped: waiting calls first, so that no connection goes to one of them.
    fn stop<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow<W>,
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
