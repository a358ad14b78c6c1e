//! A Step Functions Standard execution with one task: the callback Task of the buffered design, or the `lambda:invoke`
//! Task of the direct one.
//!
//! ```text
//!              begin attempt                 answer accepted           next state entered
//!  starting ────────────────▶ waiting ─────────────────────▶ leaving ─────────────────▶ over (confirmed, declined)
//!      │                        ▲  │ error, retries left
//!      │ refused                │  ▼
//!      ▼                    backing off      error, none left, or not retried
//!  over (refused)                            ───────────────────▶ over (failed, timed out)
//!             the execution's own timeout, before an answer is accepted ──▶ over (timed out)
//! ```
//!
//! Rules, from the AWS Step Functions developer guide:
//!
//! * Each attempt has a new task token; the first answer to it wins, and an answer to an attempt that is over is refused
//!   (`TaskTimedOut`; "Discover service integration patterns", "SendTaskSuccess"). Here a token is the execution's slot and
//!   a serial that moves on whenever an attempt begins or ends.
//! * A timeout cancels nothing: whatever works on the attempt goes on.
//! * The wait before retry k is `min(MaxDelaySeconds, IntervalSeconds × BackoffRate^(k-1))`, with FULL jitter a uniform
//!   share of it ("Handling errors in Step Functions workflows").
//! * The execution's own timeout can be neither retried nor caught.
//!
//! An execution's record outlives it as long as something refers to the order (a message, an invocation): zombie work
//! still belongs to an order. The component is told the time and the jitter, and books nothing.

mod retry;

use crate::observation::Cause;
use crate::slab::{Handle, Slab};
use crate::time::SimTime;

pub use retry::{RetryPolicy, TaskError, TaskErrors};

/// What an execution is doing. One byte without fields, so that comparing is one instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It has not entered its task yet: `StartExecution` is tried, or the execution is on its way to its first state.
    Starting,
    /// A task attempt waits for its answer.
    Waiting,
    /// The last attempt failed; the next one comes after the back-off.
    BackingOff,
    /// An answer has confirmed the order; the next state is not entered yet.
    LeavingConfirmed,
    /// An answer has declined the order; the next state is not entered yet.
    LeavingDeclined,
    /// It has ended as [`End::Confirmed`].
    Confirmed,
    /// It has ended as [`End::Declined`].
    Declined,
    /// It has ended as [`End::GaveUp`].
    GaveUp,
    /// There never was one: the record of a message of the initial backlog.
    NoTask,
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By an answer that confirmed the order.
    Confirmed,
    /// By an answer that declined it.
    Declined,
    /// In any other way: it gave up.
    GaveUp,
}

impl End {
    #[inline(always)]
    fn state(self) -> State {
        match self {
            End::Confirmed => State::Confirmed,
            End::Declined => State::Declined,
            End::GaveUp => State::GaveUp,
        }
    }
}

/// What a task token is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its attempt waits for an answer.
    Current,
    /// Another answer has ended the order.
    Answered,
    /// Its attempt was given up.
    GivenUp,
    /// There never was a task: a message of the initial backlog.
    NoOrder,
}

impl Standing {
    /// By `State as usize`: what a token is worth that is not current. Looked up, for which one it is nobody can foresee.
    const AFTERWARDS: [Standing; State::NoTask as usize + 1] = {
        let mut table = [Standing::GivenUp; State::NoTask as usize + 1];
        table[State::LeavingConfirmed as usize] = Standing::Answered;
        table[State::LeavingDeclined as usize] = Standing::Answered;
        table[State::Confirmed as usize] = Standing::Answered;
        table[State::Declined as usize] = Standing::Answered;
        table[State::NoTask as usize] = Standing::NoOrder;
        table
    };
}

/// What a failed attempt leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The task is tried again at `due_at`; until then `wait` names the back-off.
    Retry {
        /// When.
        due_at: SimTime,
        /// Names the back-off.
        wait: Handle,
    },
    /// The execution is over.
    Over {
        /// Whether Catch took the error: the execution then went on to its next state.
        caught: bool,
    },
}

/// Stands for a message that is not there yet.
pub const NO_MESSAGE: u32 = u32::MAX;

/// Something that happens to an order at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// An environment was given the order.
    HandedOver = 1,
    /// An attempt at the work succeeded.
    WorkDone = 2,
    /// The order has taken a unit of the stock.
    HasUnit = 4,
    /// A message about the order was received.
    Received = 8,
}

/// When an order, its execution, and the execution's current (or last) attempt began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginnings {
    /// The order's intended arrival.
    pub arrived_at: SimTime,
    /// The execution runs.
    pub started_at: SimTime,
    /// The attempt.
    pub attempt_began_at: SimTime,
}

/// One order's execution, in 48 bytes: a backlog holds one of these for each waiting order.
#[derive(Clone, Copy, Debug)]
pub struct Execution {
    /// The order's number.
    pub number: u64,
    /// The order's intended arrival.
    pub arrived_at: SimTime,
    /// The order's key for draws.
    pub key: u64,
    /// The slot of the current (or last) attempt's message, which may be gone; [`NO_MESSAGE`] before it is sent and in the
    /// direct design. While the execution is starting: how often `StartExecution` was called.
    pub message: u32,
    /// Task attempts begun.
    pub attempts: u32,
    /// Handler runs begun for this order, in any attempt: numbers the draws.
    pub runs: u32,
    /// What has happened to the order: bits of [`Mark`].
    marks: u8,
    /// While an attempt waits: what became of its message, once that is gone. During a back-off: why the attempt failed.
    pub cause: Option<Cause>,
    /// The serial of the current token: moves on whenever an attempt begins or fails.
    serial: u32,
    /// What refers to the record: the execution until it is over, messages, invocations.
    references: u32,
    state: State,
    /// Whether it or its attempt began later than the order arrived.
    began_late: bool,
}

impl Execution {
    /// Whether this is an order's record (and not a message of the initial backlog).
    #[inline(always)]
    pub fn is_order(&self) -> bool {
        self.state != State::NoTask
    }

    /// Whether this has happened to the order.
    #[inline(always)]
    pub fn is_marked(&self, mark: Mark) -> bool {
        self.marks & mark as u8 != 0
    }

    /// This happens to the order: whether it does for the first time.
    #[inline(always)]
    pub fn mark(&mut self, mark: Mark) -> bool {
        let first = !self.is_marked(mark);
        self.marks |= mark as u8;
        first
    }

    /// What a token of this order is worth now.
    #[inline(always)]
    pub fn standing(&self, token: Handle) -> Standing {
        if self.state == State::Waiting && self.serial == token.serial {
            return Standing::Current;
        }
        Standing::AFTERWARDS[self.state as usize]
    }

    #[inline(always)]
    fn is_in_progress(&self) -> bool {
        matches!(self.state, State::Starting | State::Waiting | State::BackingOff)
    }

    /// How it ended, or will as soon as it enters its next state; `None` while it is in progress.
    #[inline(always)]
    pub fn ended(&self) -> Option<End> {
        match self.state {
            State::LeavingConfirmed | State::Confirmed => Some(End::Confirmed),
            State::LeavingDeclined | State::Declined => Some(End::Declined),
            State::GaveUp => Some(End::GaveUp),
            State::Starting | State::Waiting | State::BackingOff | State::NoTask => None,
        }
    }

    /// Begins the next attempt of the task: its token.
    #[inline(always)]
    fn begin_attempt(&mut self, slot: u32) -> Handle {
        self.state = State::Waiting;
        self.serial = self.serial.wrapping_add(1);
        self.attempts += 1;
        self.message = NO_MESSAGE;
        self.cause = None;
        Handle { slot, serial: self.serial }
    }

    /// The message of the attempt with this token is gone: if that attempt still waits, this is why it waits in vain. True
    /// if that was the last reference, as [`drop_reference`](Execution::drop_reference) has it.
    #[inline(always)]
    #[must_use]
    pub fn message_gone(&mut self, token: Handle, fate: Cause) -> bool {
        if self.standing(token) == Standing::Current {
            self.cause = Some(fate);
        }
        self.drop_reference()
    }

    /// An answer ends the task; the next state is still to be entered.
    pub fn leave(&mut self, how: End) {
        self.state = if how == End::Declined { State::LeavingDeclined } else { State::LeavingConfirmed };
    }

    /// An answer ends the execution. Whoever answers refers to the record, which therefore stays.
    #[inline(always)]
    pub fn end_answered(&mut self, how: End) {
        self.state = how.state();
        self.references -= 1;
        debug_assert!(self.references > 0, "an answer without a reference");
    }

    /// One more message or invocation refers to the record.
    #[inline(always)]
    pub fn add_reference(&mut self) {
        self.references += 1;
    }

    /// One less. True with the last: its slot must then be [given back](Executions::give_back).
    #[inline(always)]
    #[must_use]
    pub fn drop_reference(&mut self) -> bool {
        self.references -= 1;
        if self.references > 0 {
            return false;
        }
        self.serial = self.serial.wrapping_add(1);
        true
    }

    /// Names the whole execution in its slot, whatever its attempts, as long as it is in progress.
    #[inline(always)]
    pub fn name(&self, slot: u32) -> Handle {
        Handle { slot, serial: self.born() }
    }

    /// The serial at the start, as long as the execution is in progress.
    #[inline(always)]
    fn born(&self) -> u32 {
        let failed = self.attempts.wrapping_sub(u32::from(self.state == State::Waiting && self.attempts > 0));
        self.serial.wrapping_sub(self.attempts.wrapping_add(failed))
    }
}

/// All executions in progress, and the records of orders that something still refers to.
#[derive(Debug)]
pub struct Executions {
    records: Slab<Execution>,
    /// By slot, of those that began late; no room is taken before the first does.
    late: Vec<Beginnings>,
    retry: RetryPolicy,
    catch: TaskErrors,
    /// Orders in progress or leaving, and those of them that back off.
    unfinished: u64,
    backing_off: u64,
}

impl Executions {
    /// None yet. All executions share one Retry and one Catch.
    pub fn new(retry: RetryPolicy, catch: TaskErrors) -> Executions {
        Executions { records: Slab::roomy(), late: Vec::new(), retry, catch, unfinished: 0, backing_off: 0 }
    }

    /// The record of an order that comes in: its execution is starting.
    #[inline(always)]
    pub fn start(&mut self, number: u64, arrived_at: SimTime, key: u64) -> (u32, &mut Execution) {
        self.enter(number, arrived_at, key, true)
    }

    /// A record for a message of no order.
    pub fn enter_backlog(&mut self, now: SimTime, number: u64, key: u64) -> (u32, &mut Execution) {
        self.enter(number, now, key, false)
    }

    #[inline(always)]
    fn enter(&mut self, number: u64, arrived_at: SimTime, key: u64, has_task: bool) -> (u32, &mut Execution) {
        let fresh = || Execution {
            number,
            arrived_at,
            key,
            message: 0,
            attempts: 0,
            runs: 0,
            marks: 0,
            cause: None,
            serial: 0,
            references: u32::from(has_task),
            state: if has_task { State::Starting } else { State::NoTask },
            began_late: false,
        };
        self.unfinished += u64::from(has_task);
        let (slot, record) = self.records.take(fresh);
        *record = Execution { serial: record.serial.wrapping_add(1), ..fresh() };
        (slot, record)
    }

    /// The record in a slot.
    #[inline(always)]
    pub fn get(&self, slot: u32) -> &Execution {
        self.records.get(slot)
    }

    /// The record in a slot, to be changed.
    #[inline(always)]
    pub fn get_mut(&mut self, slot: u32) -> &mut Execution {
        self.records.get_mut(slot)
    }

    /// The record in a slot, to be changed, and when it all began.
    #[inline(always)]
    pub fn get_begun(&mut self, slot: u32) -> (&mut Execution, Beginnings) {
        let record = self.records.get_mut(slot);
        let at = record.arrived_at;
        let beginnings = match record.began_late {
            true => self.late[slot as usize],
            false => Beginnings { arrived_at: at, started_at: at, attempt_began_at: at },
        };
        (record, beginnings)
    }

    /// The execution runs, and with it begins the first attempt of its task: its token.
    #[inline(always)]
    pub fn begin(&mut self, now: SimTime, slot: u32) -> Handle {
        let record = self.records.get_mut(slot);
        if now == record.arrived_at {
            return record.begin_attempt(slot);
        }
        let arrived_at = record.arrived_at;
        self.begin_late(slot, Beginnings { arrived_at, started_at: now, attempt_began_at: now })
    }

    /// A back-off ends, and the next attempt of the task begins: its token.
    pub fn begin_retry(&mut self, now: SimTime, slot: u32) -> Handle {
        self.backing_off -= 1;
        let (_, beginnings) = self.get_begun(slot);
        self.begin_late(slot, Beginnings { attempt_began_at: now, ..beginnings })
    }

    fn begin_late(&mut self, slot: u32, beginnings: Beginnings) -> Handle {
        let index = slot as usize;
        if self.late.len() <= index {
            self.late.resize(index + 1, beginnings);
        }
        self.late[index] = beginnings;
        let record = self.records.get_mut(slot);
        record.began_late = true;
        record.begin_attempt(slot)
    }

    /// What a token is worth now. The record must still exist: whoever holds a token holds a reference.
    #[inline(always)]
    pub fn standing(&self, token: Handle) -> Standing {
        self.records.get(token.slot).standing(token)
    }

    /// Whether a timer on this token still matters. Safe to ask after the record is gone.
    #[inline(always)]
    pub fn awaits(&self, token: Handle) -> bool {
        let record = self.records.get(token.slot);
        record.serial == token.serial && record.state == State::Waiting
    }

    /// Whether a back-off named by `wait` is still going on.
    #[inline(always)]
    pub fn is_backing_off(&self, wait: Handle) -> bool {
        let record = self.records.get(wait.slot);
        record.serial == wait.serial && record.state == State::BackingOff
    }

    /// Whether the execution of that name is still in progress.
    #[inline(always)]
    pub fn is_open(&self, name: Handle) -> bool {
        let record = self.records.get(name.slot);
        record.is_in_progress() && record.born() == name.serial
    }

    /// Whether it waits for a retry (rather than for an answer).
    pub fn waits_for_retry(&self, slot: u32) -> bool {
        self.records.get(slot).state == State::BackingOff
    }

    /// Whether the task would be tried again if its current attempt failed so.
    pub fn retries(&self, slot: u32, error: TaskError) -> bool {
        self.retry.takes(error, self.records.get(slot).attempts)
    }

    /// The current attempt of the task has failed. `jitter` gives a number in [0, 1), asked for only if it matters.
    pub fn fail(&mut self, now: SimTime, slot: u32, error: TaskError, jitter: impl FnOnce(u32) -> f64) -> Failure {
        let record = self.records.get_mut(slot);
        record.serial = record.serial.wrapping_add(1);
        if self.retry.takes(error, record.attempts) {
            record.state = State::BackingOff;
            self.backing_off += 1;
            let retry = record.attempts;
            let share = if self.retry.full_jitter { jitter(retry) } else { 0.0 };
            let due_at = now + self.retry.wait(retry, share);
            return Failure::Retry { due_at, wait: Handle { slot, serial: record.serial } };
        }
        Failure::Over { caught: self.catch.matches(error) }
    }

    /// Ends the execution. The record stays while anything refers to it.
    pub fn end(&mut self, slot: u32, how: End) {
        let record = self.records.get_mut(slot);
        self.backing_off -= u64::from(record.state == State::BackingOff);
        self.unfinished -= 1;
        record.state = how.state();
        self.drop_reference(slot);
    }

    /// An answer has ended an execution whose record [`end_answered`](Execution::end_answered) has told so.
    #[inline(always)]
    pub fn one_is_answered(&mut self) {
        self.unfinished -= 1;
    }

    /// Orders that have not ended.
    pub fn unfinished(&self) -> u64 {
        self.unfinished
    }

    /// Orders that wait for a retry of their task.
    pub fn backing_off(&self) -> u64 {
        self.backing_off
    }

    /// Whether the execution of that name has not begun its first attempt yet.
    pub fn is_starting(&self, name: Handle) -> bool {
        let record = self.records.get(name.slot);
        record.serial == name.serial && record.state == State::Starting
    }

    /// One message or invocation less refers to the record; with the last the slot is free.
    #[inline(always)]
    pub fn drop_reference(&mut self, slot: u32) {
        if self.records.get_mut(slot).drop_reference() {
            self.give_back(slot);
        }
    }

    /// Gives back the slot of a record that nothing refers to any more.
    #[inline(always)]
    pub fn give_back(&mut self, slot: u32) {
        self.records.release(slot);
    }

    /// The slots of all executions still in progress, ascending.
    pub fn open(&self) -> Vec<u32> {
        (0..self.records.slots()).filter(|slot| self.records.get(*slot).is_in_progress()).collect()
    }
}

#[cfg(test)]
#[path = "execution_tests.rs"]
mod tests;
