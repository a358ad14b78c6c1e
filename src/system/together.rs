//! The handler that takes its whole batch at once (`lambda.batch = "together"`): one draw of its work, one call of the
//! inventory, and all records answer at its end.

use crate::engine::Turn;
use crate::observation::Observation;
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::SimDuration;

use super::batch::Progress;
use super::handler::{HandlerEvents, Step};
use super::invocations::{FunctionEvent, Invocations, Progressed};
use super::spec::ErrorAt;
use super::ways::Ways;
use super::workflow::{Workflow, aim};

impl<W: Ways> Invocations<W> {
    /// The handler takes the whole batch at once: one draw, of the first record's key and attempt.
    #[inline(never)]
    pub(super) fn begin_together<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let slot = self.slab.get(handle.slot).records[0].token.slot;
        let recorded = workflow.recorded_service(slot);
        let first = workflow.executions.get(slot);
        let (mut draw, aim) =
            (Draw::new(OrderKey(first.key), Purpose::Work, u64::from(first.runs)), aim(first, u64::from(first.runs)));
        let Invocations { slab, handler, faults, .. } = self;
        let invocation = slab.get_mut(handle.slot);
        let mut running = 0;
        for record in invocation.records.iter_mut() {
            let execution = workflow.executions.get_mut(record.token.slot);
            let taken_up = handler.take_up((record, execution), handle, faults, turn);
            running += u16::from(taken_up.is_some());
        }
        invocation.aws_mut().running = running;
        if running == 0 {
            return handler.all_done(invocation, handle);
        }
        let length = if self.throws_at_start(handle) {
            SimDuration::ZERO
        } else {
            let others = self.slab.get(handle.slot).records[1..].iter().map(|other| workflow.order(other.token.slot));
            let delay =
                if self.faults.exist() { self.faults.delay_batch(&aim, others, turn) } else { SimDuration::ZERO };
            recorded.unwrap_or_else(|| self.handler.spec.duration.duration(&mut draw)) + delay
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
                working.any(|record| record.aws().will_fail)
            } else {
                working.all(|record| record.aws().will_fail)
            }
    }

    /// Together: the work on the batch, or its call of the inventory, has ended.
    #[inline(never)]
    pub(super) fn work_together_ended<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let records = &self.slab.get(handle.slot).records;
        let thrown = self.handler.fails_whole && records.iter().any(|record| record.aws().will_fail);
        let caller = records.iter().position(|record| record.progress == Progress::Calling);
        let called = records.iter().any(|record| record.aws().called);
        if caller.is_none() && !called && self.inventory.is_some() && !self.throws_at_start(handle) {
            let first = records.iter().position(|record| record.progress == Progress::Working);
            let step = self.call(handle, first.expect("the batch is worked on"), workflow, turn);
            return self.after_all(handle, step, workflow, turn);
        }
        if let Some(caller) = caller {
            let fails = records[caller].aws().call_fails;
            self.hang_up(handle, caller, workflow, turn);
            if fails {
                let step = self.reject(handle, caller, workflow, turn);
                return self.after_all(handle, step, workflow, turn);
            }
        } else if self.inventory.is_some() && !called {
            // It threw before it had called: nothing is done for any record.
            self.slab.get_mut(handle.slot).records.iter_mut().for_each(|record| record.aws_mut().will_fail = true);
        }
        for index in 0..self.slab.get(handle.slot).records.len() {
            if matches!(self.slab.get(handle.slot).records[index].progress, Progress::Working | Progress::Calling) {
                let sold = caller.is_none() || self.take_unit(handle, index, workflow, turn);
                self.conclude(handle, index, (sold, !thrown), workflow, turn);
            }
        }
        let first = self.slab.get(handle.slot).records[0].progress;
        self.after(handle, 0, Step::Done(first), workflow, turn)
    }

    /// After a step of the caller: if it is done, so are all, and the first record speaks for them.
    fn after_all<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        step: Step,
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Progressed {
        let first = self.slab.get(handle.slot).records[0].progress;
        let step = if step == Step::UnderWay { step } else { Step::Done(first) };
        self.after(handle, 0, step, workflow, turn)
    }
}
