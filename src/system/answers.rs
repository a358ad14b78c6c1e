//! Answers to tasks: a callback with a task token, or the reply of a direct invocation, on its way from the handler to the
//! task and, once accepted, from there into the next state.
//!
//! ```text
//!  handler ──SendTask*──▶ on its way ──▶ accepted ──transition──▶ next state entered
//!     ▲  throttled │           └──▶ late: the task was over
//!     └────────────┘
//! ```
//!
//! The handler waits for its SDK while that backs off from a throttle, and for nothing else: the way of an answer is a stage
//! of the order, not time of the function.

use crate::engine::{Event, Turn};
use crate::model::execution::{Beginnings, End, Execution, Standing, TaskError};
use crate::observation::{Cause, Observation, OrderRef, Outcome, RateLimit, Stages, Tries};
use crate::observer::Observer;
use crate::random::OrderKey;
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

use super::faults::AnswerFate;
use super::hops::SdkRetry;
use super::ways::Ways;
use super::workflow::{Reply, Workflow, WorkflowEvent, aim, order_ref, say_answer, tries_of};

/// What a handler has to say about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Success.
    Done,
    /// Out of stock.
    Declined,
    /// A failure.
    Failed(TaskError, Cause),
}

/// Which attempt an answer belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// The invocation, and the record's place in its batch.
    pub(super) invocation: Handle,
    pub(super) record: u16,
    /// What the token was worth when the attempt began.
    pub(super) standing_at_start: Standing,
}

/// An answer on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    serial: u32,
    token: Handle,
    verdict: Verdict,
    origin: Origin,
    /// When the handler was done, and, from there on, when the answer was accepted.
    since: SimTime,
    /// Without callback and transition.
    stages: Stages,
    /// Whether it was accepted and the next state is still to be entered.
    leaving: bool,
    /// Whether another one comes right behind it (a fault).
    twice: bool,
    /// The attempt's share of its invocation's time and whether it called the inventory, once that is over.
    pub(super) share: Option<(SimDuration, bool)>,
}

/// An answer has come to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub(super) token: Handle,
    pub(super) origin: Origin,
    /// What the token was worth when it arrived, and whether it has ended the order.
    pub(super) standing: Standing,
    pub(super) ended: bool,
    pub(super) verdict: Verdict,
    /// As in [`Answer`].
    pub(super) share: Option<(SimDuration, bool)>,
}

/// What becomes of an answer that is sent.
pub(super) enum Sent {
    /// It has arrived at once.
    Arrived {
        /// What its token was worth.
        standing: Standing,
        /// Whether it has ended the order.
        ended: bool,
    },
    /// It is on its way.
    OnItsWay {
        /// Its slot.
        slot: u32,
        /// What its token is worth now.
        standing: Standing,
    },
    /// It never arrives, and nobody knows (a fault).
    Lost,
    /// It was throttled; the SDK tries again after this time.
    Throttled(SimDuration),
    /// It was throttled (or refused by a fault) and the SDK has given up.
    GivenUp,
}

impl<W: Ways> Workflow<W> {
    /// Sends an answer with a token of this standing. `numbers` are the attempt it belongs to, the handler's run among those
    /// for this order, and how many calls were made for it before and throttled; `stages` says when the handler was done and
    /// where the time went until then.
    #[inline(always)]
    pub(super) fn send_answer<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        (token, standing): (Handle, Standing),
        verdict: Verdict,
        numbers: (Origin, u32, u32),
        stages: impl FnOnce(Beginnings) -> (SimTime, Stages),
        turn: &mut Turn<E, O>,
    ) -> Sent {
        if W::AWS && standing == Standing::NoOrder {
            return Sent::Arrived { standing, ended: false };
        }
        let faults = self.callback_faults.exist();
        if faults
            && self
                .callback_faults
                .refuse(&aim(self.executions.get(token.slot), call_of(numbers, &self.sdk.callback)), turn)
        {
            let key = OrderKey(self.executions.get(token.slot).key);
            let wait = self.sdk.callback.wait(key, numbers.1, numbers.2 + 1);
            return wait.map_or(Sent::GivenUp, Sent::Throttled);
        }
        let bucket = &mut self.send_task[usize::from(verdict != Verdict::Done)];
        if W::AWS
            && let Some(Err(token_at)) = bucket.as_mut().map(|bucket| bucket.take(turn.now))
        {
            return throttled(self.executions.get(token.slot), token_at, numbers, &self.sdk.callback, turn);
        }
        if self.hops.callback.takes_time() || faults {
            // An answer that is late already will never be accepted: its attempt's times are no longer the order's.
            let late = standing != Standing::Current;
            let stages =
                if late { (turn.now, Stages::default()) } else { stages(self.executions.get_begun(token.slot).1) };
            return self.send_off((token, standing), verdict, numbers, stages, turn);
        }
        let ended = self.answered((token, standing), verdict, stages, turn);
        Sent::Arrived { standing, ended }
    }

    /// An answer is on its way, unless that takes no time; a fault may lose, delay or double it.
    #[inline(never)]
    fn send_off<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        (token, standing): (Handle, Standing),
        verdict: Verdict,
        (origin, run, calls): (Origin, u32, u32),
        (done_at, stages): (SimTime, Stages),
        turn: &mut Turn<E, O>,
    ) -> Sent {
        let record = self.executions.get_mut(token.slot);
        let mut fate = AnswerFate::default();
        if self.callback_faults.exist() {
            fate = self.callback_faults.fate(&aim(record, call_of((origin, run, calls), &self.sdk.callback)), turn);
        }
        if fate.lost {
            return Sent::Lost;
        }
        let length = self.hops.callback.draw(OrderKey(record.key), run) + fate.delay;
        if length.is_zero() {
            let order = order_ref(record);
            let ended = self.answered((token, standing), verdict, |_| (done_at, stages), turn);
            if fate.twice {
                say_answer(self.reply, order, Standing::Answered, turn);
            }
            return Sent::Arrived { standing, ended };
        }
        record.add_reference();
        let (since, twice) = (done_at, fate.twice);
        let fresh = Answer { serial: 0, token, verdict, origin, since, stages, leaving: false, twice, share: None };
        let answer = self.keep(fresh);
        turn.book(turn.now + length, WorkflowEvent::AnswerArrives { answer }.into());
        Sent::OnItsWay { slot: answer.slot, standing }
    }

    fn keep(&mut self, fresh: Answer) -> Handle {
        self.in_transit += 1;
        let (slot, kept) = self.answers.take(|| fresh);
        *kept = Answer { serial: kept.serial.wrapping_add(1), ..fresh };
        Handle { slot, serial: kept.serial }
    }

    /// An answer is there, whose token has this standing: whether it ends the order. If its attempt still waits it ends that,
    /// and with `Done` or `Declined` the execution goes on to its next state.
    #[inline(always)]
    fn answered<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        (token, standing): (Handle, Standing),
        verdict: Verdict,
        stages: impl FnOnce(Beginnings) -> (SimTime, Stages),
        turn: &mut Turn<E, O>,
    ) -> bool {
        let (record, beginnings) = self.executions.get_begun(token.slot);
        say_answer(self.reply, order_ref(record), standing, turn);
        if standing != Standing::Current {
            return false;
        }
        let (done_at, mut stages) = stages(beginnings);
        if W::AWS {
            stages.callback = turn.now.since(done_at);
        }
        if verdict != Verdict::Done {
            return self.answered_no(token, verdict, stages, turn);
        }
        if W::AWS && (self.hops.transition.takes_time() || self.state_transition.is_some()) {
            self.leave(token, End::Confirmed, stages, turn);
        } else {
            end_answered(record, End::Confirmed, stages, turn);
            self.executions.one_is_answered();
        }
        true
    }

    /// A failure, or out of stock: the attempt has failed, or the order is declined. Whether that ends the order.
    #[inline(never)]
    fn answered_no<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        token: Handle,
        verdict: Verdict,
        stages: Stages,
        turn: &mut Turn<E, O>,
    ) -> bool {
        if let Verdict::Failed(error, cause) = verdict {
            self.attempt_failed(token.slot, error, cause, turn);
            return false;
        }
        // A Retry that takes every error takes `OutOfStock` too; a direct reply is no error.
        if self.reply == Reply::Callback && self.executions.retries(token.slot, TaskError::OutOfStock) {
            self.attempt_failed(token.slot, TaskError::OutOfStock, Cause::InventoryRejected, turn);
            return false;
        }
        self.leave(token, End::Declined, stages, turn);
        true
    }

    /// The task is over by an answer: the next state is entered, at once if the way takes no time.
    #[inline(never)]
    fn leave<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        token: Handle,
        how: End,
        stages: Stages,
        turn: &mut Turn<E, O>,
    ) {
        let record = self.executions.get(token.slot);
        let length = self.hops.transition.draw(OrderKey(record.key), record.attempts);
        let at = self.transition_at(order_ref(record), turn) + length;
        if at == turn.now {
            end_answered(self.executions.get_mut(token.slot), how, stages, turn);
            return self.executions.one_is_answered();
        }
        let record = self.executions.get_mut(token.slot);
        record.leave(how);
        record.add_reference();
        let verdict = if how == End::Confirmed { Verdict::Done } else { Verdict::Declined };
        let origin = Origin { invocation: token, record: 0, standing_at_start: Standing::Current };
        let since = turn.now;
        let answer =
            Answer { serial: 0, token, verdict, origin, since, stages, leaving: true, twice: false, share: None };
        let answer = self.keep(answer);
        turn.book(at, WorkflowEvent::NextStateEntered { answer }.into());
    }

    /// An answer has arrived.
    pub(super) fn answer_arrives<E: Event + From<WorkflowEvent>, O: Observer<Observation>>(
        &mut self,
        answer: Handle,
        turn: &mut Turn<E, O>,
    ) -> Settled {
        let Answer { token, verdict, origin, since, stages, twice, share, .. } = *self.answers.get(answer.slot);
        self.let_go(answer.slot);
        let standing = self.executions.standing(token);
        let ended = self.answered((token, standing), verdict, |_| (since, stages), turn);
        if twice {
            // Whatever the first was worth, its attempt is over.
            say_answer(self.reply, order_ref(self.executions.get(token.slot)), Standing::Answered, turn);
        }
        self.executions.drop_reference(token.slot);
        Settled { token, origin, standing, ended, verdict, share }
    }

    /// An execution whose task was answered enters its next state (or is stopped on the way to it by the run's end).
    pub(super) fn next_state_entered<E: Event, O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<E, O>) {
        let Answer { token, verdict, since, mut stages, .. } = *self.answers.get(slot);
        self.let_go(slot);
        stages.transition = turn.now.since(since);
        let how = if verdict == Verdict::Declined { End::Declined } else { End::Confirmed };
        end_answered(self.executions.get_mut(token.slot), how, stages, turn);
        self.executions.one_is_answered();
        self.executions.drop_reference(token.slot);
    }

    fn let_go(&mut self, slot: u32) {
        self.in_transit -= 1;
        let answer = self.answers.get_mut(slot);
        answer.serial = answer.serial.wrapping_add(1);
        answer.leaving = false;
        self.answers.release(slot);
    }

    /// The slots of answers that were accepted and whose next state is not entered yet.
    pub(super) fn leaving(&self) -> Vec<u32> {
        (0..self.answers.slots()).filter(|slot| self.answers.get(*slot).leaving).collect()
    }
}

/// Tells the calls to answer for one order apart: its run, and the call among those for it.
fn call_of((_, run, calls): (Origin, u32, u32), sdk: &SdkRetry) -> u64 {
    u64::from(run) * u64::from(sdk.tries) + u64::from(calls)
}

/// A call to answer was throttled: the SDK tries again, or gives up.
#[cold]
fn throttled<E: Event, O: Observer<Observation>>(
    record: &Execution,
    token_at: SimTime,
    (_, run, calls): (Origin, u32, u32),
    sdk: &SdkRetry,
    turn: &mut Turn<E, O>,
) -> Sent {
    let wait = sdk.wait(OrderKey(record.key), run, calls + 1);
    let waits = wait.unwrap_or(SimDuration::ZERO);
    let order = Some(order_ref(record));
    turn.say(&Observation::RateLimited { limit: RateLimit::SendTask, token_at, waits, order });
    wait.map_or(Sent::GivenUp, Sent::Throttled)
}

/// An execution whose task was answered has entered its next state.
#[inline(always)]
pub(super) fn end_answered<E: Event, O: Observer<Observation>>(
    record: &mut Execution,
    how: End,
    stages: Stages,
    turn: &mut Turn<E, O>,
) {
    let (order, tries) = (order_ref(record), tries_of(record));
    turn.say(&Observation::NextStateEntered { order });
    // Said with the outcome spelt out, so that whoever listens knows it beforehand.
    match how {
        End::Confirmed | End::GaveUp => say_end((order, tries), Outcome::Confirmed, stages, turn),
        End::Declined => say_end((order, tries), Outcome::Declined, stages, turn),
    }
    record.end_answered(how);
}

#[inline(always)]
fn say_end<E: Event, O: Observer<Observation>>(
    (order, tries): (OrderRef, Tries),
    outcome: Outcome,
    stages: Stages,
    turn: &mut Turn<E, O>,
) {
    let latency = turn.now.since(order.arrived_at);
    turn.say(&Observation::OrderEnded { order, outcome, cause: None, latency, stages: Some(stages), tries });
}
