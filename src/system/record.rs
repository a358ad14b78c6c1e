//! One record in the handler's hands: it turns to it, works on it, and answers its token.

use crate::engine::Turn;
use crate::model::execution::{End, Execution, Mark, Standing, TaskError};
use crate::observation::{Cause, Observation, Worth};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

use super::answers::{Origin, Sent, Verdict, end_answered};
use super::batch::{Invocation, Progress, Record, worth};
use super::faults::Faults;
use super::handler::{Handler, HandlerEvents, Step};
use super::invocations::FunctionEvent;
use super::spec::{ErrorAt, FunctionSpec, OnError};
use super::ways::Ways;
use super::workflow::{Workflow, aim, order_of, order_ref, say_answer, work_done};

/// A record that the handler works on: its order, the number of this run among those for it, and whether that will fail.
pub(super) struct TakenUp {
    key: OrderKey,
    run: u32,
    will_fail: bool,
}

/// What the handler does first with a record.
pub(super) enum Begun {
    /// It is at it, or through with it.
    Comes(Step),
    /// It calls the inventory at once.
    Calls,
}

impl<W: Ways> Handler<W> {
    /// The handler turns to one record; its own work is booked, which takes as long as `recorded`, where a trace says so.
    #[inline(always)]
    pub(super) fn begin_record<E: HandlerEvents, O: Observer<Observation>>(
        &self,
        (record, execution): (&mut Record<W>, &mut Execution),
        (handle, index): (Handle, usize),
        recorded: Option<SimDuration>,
        faults: &Faults<W>,
        turn: &mut Turn<E, O>,
    ) -> Begun {
        let taken_up = self.take_up((record, execution), handle, faults, turn);
        let Some(TakenUp { key, run, will_fail }) = taken_up else {
            return Begun::Comes(Step::Done(Progress::Skipped));
        };
        let length = if will_fail && self.spec.error_at == ErrorAt::Start {
            SimDuration::ZERO
        } else {
            let drawn = || self.spec.duration.duration(&mut Draw::new(key, Purpose::Work, u64::from(run)));
            let mut length = recorded.unwrap_or_else(drawn);
            if faults.exist() {
                length += faults.delay(&aim(execution, run.into()), turn);
            }
            if length.is_zero() && self.calls_inventory() {
                return Begun::Calls;
            }
            length
        };
        turn.book(turn.now + length, FunctionEvent::WorkEnds { invocation: handle, record: index as u16 }.into());
        Begun::Comes(Step::UnderWay)
    }

    /// The handler looks at a record: it drops it if its message is too old (`None`), else it begins to work.
    #[inline(always)]
    pub(super) fn take_up<E: HandlerEvents, O: Observer<Observation>>(
        &self,
        (record, execution): (&mut Record<W>, &mut Execution),
        handle: Handle,
        faults: &Faults<W>,
        turn: &mut Turn<E, O>,
    ) -> Option<TakenUp> {
        let run = execution.runs;
        execution.runs += 1;
        if W::AWS {
            (record.aws_mut().run, record.aws_mut().began_at) = (run, turn.now);
        }
        record.standing_at_start = execution.standing(record.token);
        let order = order_of::<W>(execution);
        turn.say(&Observation::AttemptBegan { invocation: handle, order });
        if W::AWS && self.spec.skip_older_than.is_some_and(|oldest| turn.now.since(record.aws().sent_at) > oldest) {
            record.progress = Progress::Skipped;
            record.worth = worth(record.standing_at_start, record.standing_at_start, false);
            turn.say(&Observation::AttemptEnded { invocation: handle, order, succeeded: false });
            return None;
        }
        let key = OrderKey(execution.key);
        record.progress = Progress::Working;
        if !W::AWS {
            return Some(TakenUp { key, run, will_fail: false });
        }
        let poisoned = is_poisoned(&self.spec, turn.now, key);
        if poisoned {
            turn.say(&Observation::PoisonMet { order });
        }
        let mut will_fail = poisoned || meets_error(&self.spec, key, u64::from(run));
        if faults.exist() {
            will_fail |= faults.fail(&aim(execution, run.into()), turn);
        }
        record.aws_mut().will_fail = will_fail;
        Some(TakenUp { key, run, will_fail })
    }

    /// The handler is done with the work on a record, as [`Invocations::conclude`] says.
    #[inline(always)]
    pub(super) fn conclude<E: HandlerEvents, O: Observer<Observation>>(
        &self,
        invocation: &mut Invocation<W>,
        (handle, index): (Handle, usize),
        (sold, answers): (bool, bool),
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Step {
        let times = invocation.times();
        let record = &mut invocation.records[index];
        let (token, failed) = (record.token, record.fails());
        if W::AWS {
            record.aws_mut().since = turn.now;
        }
        let (execution, beginnings) = workflow.executions.get_begun(token.slot);
        let (order, standing) = (order_of::<W>(execution), execution.standing(token));
        turn.say(&Observation::AttemptEnded { invocation: handle, order, succeeded: !failed && sold });
        let current = standing == Standing::Current;
        if !failed && !self.calls_inventory() {
            if current {
                // Whose task still waits has not been given up.
                execution.mark(Mark::WorkDone);
            } else {
                work_done(execution, turn);
            }
        }
        if !W::AWS {
            // Its answer is there at once, and takes it into its next state at once.
            say_answer(workflow.reply, order_ref(execution), standing, turn);
            record.worth = worth(record.standing_at_start, standing, true);
            if current {
                record.worth = Worth::Useful;
                end_answered(execution, End::Confirmed, record.stages(beginnings, times, turn.now), turn);
                workflow.executions.one_is_answered();
            }
            return Step::Done(Progress::Succeeded);
        }
        record.worth = worth(record.standing_at_start, standing, !failed);
        let answered = if failed && self.spec.on_error == OnError::Throw {
            Answered::Settled(Progress::Failed)
        } else if answers {
            (record.progress, record.aws_mut().sold) = (Progress::Answering, sold);
            record.answer(self, (handle, index), standing, times, workflow, turn)
        } else {
            Answered::Settled(Progress::Succeeded)
        };
        self.settle(invocation, index, answered)
    }
}

/// What became of the answer to a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// The handler is through with the record.
    Settled(Progress),
    /// Its SDK tries again.
    Throttled,
    /// Its SDK has given up.
    InVain,
}

impl<W: Ways> Record<W> {
    /// Whether the work on it will fail, or has.
    #[inline(always)]
    fn fails(&self) -> bool {
        W::AWS && self.aws().will_fail
    }

    /// The handler answers the token, which has this standing, for the first time or after a throttle. `times` are those at
    /// which the invocation was given its environment and at which its handler began.
    #[inline(always)]
    pub(super) fn answer<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        handler: &Handler<W>,
        (invocation, index): (Handle, usize),
        standing: Standing,
        times: [SimTime; 2],
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Answered {
        let verdict = match (self.fails(), !W::AWS || self.aws().sold) {
            (true, _) => Verdict::Failed(self.aws().failure, cause_of(self.aws().failure)),
            (false, false) => Verdict::Declined,
            (false, true) => Verdict::Done,
        };
        let origin = Origin { invocation, record: index as u16, standing_at_start: self.standing_at_start };
        let numbers = (origin, self.aws().run, u32::from(self.aws().throttled));
        let done_at = self.aws().since;
        let stages = |beginnings| (done_at, self.stages(beginnings, times, done_at));
        let sent = workflow.send_answer((self.token, standing), verdict, numbers, stages, turn);
        let failed = self.fails();
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
                    self.aws_mut().answer = slot;
                }
                standing
            }
            Sent::Throttled(wait) => {
                self.aws_mut().throttled += 1;
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

impl<W: Ways> Handler<W> {
    /// What becomes of a record whose answer was sent, or was not.
    #[inline(always)]
    pub(super) fn settle(&self, invocation: &mut Invocation<W>, index: usize, answered: Answered) -> Step {
        let progress = match answered {
            Answered::Settled(progress) => progress,
            Answered::Throttled => return Step::UnderWay,
            Answered::InVain => {
                invocation.aws_mut().thrown |= !self.reports_items;
                Progress::Unanswered
            }
        };
        invocation.records[index].progress = progress;
        invocation.aws_mut().failed |= progress == Progress::Failed;
        invocation.aws_mut().running -= 1;
        Step::Done(progress)
    }
}

/// Whether the order is poisoned and the handler not repaired yet.
#[inline(always)]
fn is_poisoned(spec: &FunctionSpec, now: SimTime, key: OrderKey) -> bool {
    spec.poison_rate > 0.0
        && spec.repaired_at.is_none_or(|at| now < at)
        && Draw::new(key, Purpose::Poison, 0).coin(spec.poison_rate)
}

/// Whether this attempt at the order's work meets an error.
#[inline(always)]
fn meets_error(spec: &FunctionSpec, key: OrderKey, attempt: u64) -> bool {
    spec.error_rate > 0.0 && Draw::new(key, Purpose::Error, attempt).coin(spec.error_rate)
}

/// What a failed attempt is put down to.
pub(super) fn cause_of(failure: TaskError) -> Cause {
    if failure == TaskError::InventoryRejected { Cause::InventoryRejected } else { Cause::FunctionError }
}
