//! What a worker does with a batch: the handler of the simulation, in real time.
//!
//! Service times, errors and poison are the scenario's own draws, by (key, purpose, attempt), so the work is the same work.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::live::inventory::Line;
use crate::live::log::{Answer, Fact};
use crate::live::target::{CallError, Target};
use crate::live::worker::Shared;
use crate::observation::InvocationEnd;
use crate::system::spec::{BatchMode, OnError, ThrowEnds};
use crate::time::SimDuration;
use crate::workload::Order;

/// A message in a worker's hands.
#[derive(Clone, Debug)]
pub struct Record {
    /// The order's number.
    pub order: u64,
    /// The task token.
    pub token: String,
    /// What a delete names.
    pub receipt: String,
    /// When it was sent, by the service's clock in milliseconds.
    pub sent_ms: Option<u64>,
    /// Its number in the log.
    pub number: usize,
}

/// Messages that were received together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The invocation's number in the log.
    pub invocation: usize,
    /// Its messages.
    pub records: Vec<Record>,
}

/// How the work on a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worked {
    Done,
    Declined,
    Threw,
    Rejected,
    Skipped,
}

/// Where each record of a batch stands, for whoever must clear up after a timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Waiting,
    Begun {
        called: bool,
    },
    /// It failed in a way that throws the batch, or did not; and the mapping may delete it.
    Over {
        deletes: bool,
        throws: bool,
    },
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    Accepted,
    Late,
    Lost,
}

/// Works through a batch; says which of its messages are done and can be deleted.
pub async fn run<T: Target>(shared: &Shared<T>, batch: &Batch) -> Vec<bool> {
    let at = Mutex::new(vec![At::Waiting; batch.records.len()]);
    let course = Course { shared, batch, at, decided: OnceLock::new() };
    let in_time = match shared.plan.function.timeout {
        None => {
            course.go().await;
            true
        }
        Some(limit) => tokio::time::timeout(Duration::from_nanos(limit.0), course.go()).await.is_ok(),
    };
    let end = match (in_time, course.thrown()) {
        (false, _) => InvocationEnd::Timeout,
        (true, true) => InvocationEnd::Error,
        (true, false) => InvocationEnd::Success,
    };
    course.cut_off();
    shared.log.add(Fact::InvocationEnded(batch.invocation, end));
    let all = shared.plan.first_decides();
    let deletes = |at| matches!(at, At::Over { deletes, .. } if end == InvocationEnd::Success && (deletes || all));
    course.states().into_iter().map(deletes).collect()
}

struct Course<'a, T> {
    shared: &'a Shared<T>,
    batch: &'a Batch,
    at: Mutex<Vec<At>>,
    /// With `answers = "first_decides"`: whether the first record that was done got its answer through.
    decided: OnceLock<bool>,
}

/// A record that the handler has taken up: its place in the batch, its order, and the number of this run of its work.
#[derive(Clone, Copy)]
struct Taken<'a> {
    index: usize,
    order: &'a Order,
    run: u64,
}

impl<T: Target> Course<'_, T> {
    fn states(&self) -> Vec<At> {
        self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn set(&self, index: usize, at: At) {
        self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner)[index] = at;
    }

    /// Whether a record has thrown the batch.
    fn thrown(&self) -> bool {
        if self.shared.plan.first_decides() {
            return self.decided.get() == Some(&false);
        }
        self.states().iter().any(|at| matches!(at, At::Over { throws: true, .. }))
    }

    /// Whatever was begun and is not over was stopped in the middle.
    fn cut_off(&self) {
        for (index, at) in self.states().into_iter().enumerate() {
            if let At::Begun { called } = at {
                self.ended(index, false, called);
            }
        }
    }

    async fn go(&self) {
        let records = 0..self.batch.records.len();
        match self.shared.plan.function.batch {
            BatchMode::OneByOne => {
                for index in records {
                    self.record(index).await;
                    if self.thrown() && self.ends_at_once() {
                        return;
                    }
                }
            }
            BatchMode::Parallel => {
                let all = records.map(|index| Box::pin(self.record(index)));
                join(all.collect(), || self.shared.plan.first_decides() && self.thrown()).await;
            }
            BatchMode::Together => self.together().await,
        }
    }

    /// Whether a throw keeps the handler from the records that it has not turned to.
    fn ends_at_once(&self) -> bool {
        self.shared.plan.first_decides() || self.shared.plan.function.throw_ends == ThrowEnds::Invocation
    }

    /// One record from its turn to its answer.
    async fn record(&self, index: usize) {
        let Some(taken) = self.take_up(index).await else { return };
        let worked = self.work(taken).await;
        self.conclude(taken, worked).await;
    }

    /// One draw for the whole batch, of the first record that is worked on; all answer at its end.
    async fn together(&self) {
        let plan = &self.shared.plan;
        let mut taken = Vec::new();
        for index in 0..self.batch.records.len() {
            taken.extend(self.take_up(index).await);
        }
        let Some(first) = taken.first().copied() else { return };
        let fails = |one: &Taken| plan.fails(one.order, one.run);
        let throws = |one: &Taken| plan.throws_at_start(one.order, one.run);
        let thrown = plan.fails_whole() && taken.iter().any(fails);
        if if plan.fails_whole() { taken.iter().any(throws) } else { taken.iter().all(throws) } {
            // Where there is an inventory, nothing was done for any record.
            let all = self.shared.inventory.is_some();
            for one in taken {
                self.conclude_together(one, (all || fails(&one), true), thrown).await;
            }
            return;
        }
        sleep(plan.work(first.order, first.run)).await;
        let called = self.shared.inventory.is_some();
        if called {
            taken.iter().for_each(|one| self.set(one.index, At::Begun { called }));
        }
        let Ok(line) = self.call(first).await else {
            for one in taken {
                self.conclude(one, Worked::Rejected).await;
            }
            return;
        };
        let sold: Vec<bool> = taken.iter().map(|one| sell(*one, line.as_ref())).collect();
        drop(line);
        for (one, sold) in taken.into_iter().zip(sold) {
            self.conclude_together(one, (fails(&one), sold), thrown).await;
        }
    }

    /// A record of a batch that was worked on together. If the batch is thrown nobody answers.
    async fn conclude_together(&self, one: Taken<'_>, (fails, sold): (bool, bool), thrown: bool) {
        match (fails, thrown) {
            (true, _) => self.conclude(one, Worked::Threw).await,
            (false, false) => self.conclude(one, if sold { Worked::Done } else { Worked::Declined }).await,
            (false, true) => {
                let called = self.states()[one.index] == At::Begun { called: true };
                self.ended(one.index, sold, called);
                self.set(one.index, At::Over { deletes: false, throws: false });
            }
        }
    }

    /// The handler turns to a record; it is dropped at once (`None`) if its message is too old.
    async fn take_up(&self, index: usize) -> Option<Taken<'_>> {
        let record = &self.batch.records[index];
        self.set(index, At::Begun { called: false });
        self.shared.log.add(Fact::AttemptBegan(self.batch.invocation, record.number));
        let run = self.shared.runs[record.order as usize].fetch_add(1, Ordering::Relaxed);
        let order = &self.shared.plan.orders[record.order as usize];
        let taken = Taken { index, order, run: run.into() };
        if self.too_old(index) {
            self.conclude(taken, Worked::Skipped).await;
            return None;
        }
        Some(taken)
    }

    /// Whether the handler drops the message for its age.
    fn too_old(&self, index: usize) -> bool {
        let Some(oldest) = self.shared.plan.function.skip_older_than else { return false };
        let log = &self.shared.log;
        let now_ms = log.zero_ms + log.now().as_secs_f64() * 1e3;
        self.batch.records[index].sent_ms.is_some_and(|sent| now_ms - sent as f64 > oldest.as_secs_f64() * 1e3)
    }

    async fn work(&self, taken: Taken<'_>) -> Worked {
        let plan = &self.shared.plan;
        if plan.throws_at_start(taken.order, taken.run) {
            return Worked::Threw;
        }
        sleep(plan.work(taken.order, taken.run)).await;
        if self.shared.inventory.is_some() {
            self.set(taken.index, At::Begun { called: true });
        }
        let Ok(line) = self.call(taken).await else { return Worked::Rejected };
        let sold = sell(taken, line.as_ref());
        match (plan.fails(taken.order, taken.run), sold) {
            (true, _) => Worked::Threw,
            (false, true) => Worked::Done,
            (false, false) => Worked::Declined,
        }
    }

    /// Calls the inventory, if there is one: the line that is open then, or an error if it was rejected.
    async fn call(&self, taken: Taken<'_>) -> Result<Option<Line<'_>>, ()> {
        let Some(inventory) = self.shared.inventory.as_ref() else { return Ok(None) };
        let service = self.shared.plan.service(taken.order, taken.run);
        inventory.call(taken.order.number, service, &self.shared.log).await.map(Some).ok_or(())
    }

    fn ended(&self, index: usize, succeeded: bool, called: bool) {
        let (invocation, message) = (self.batch.invocation, self.batch.records[index].number);
        self.shared.log.add(Fact::AttemptEnded { invocation, message, succeeded, called });
    }

    /// The work on a record is over: the handler answers, or throws.
    async fn conclude(&self, taken: Taken<'_>, worked: Worked) {
        let plan = &self.shared.plan;
        let called = self.states()[taken.index] == At::Begun { called: true };
        self.ended(taken.index, worked == Worked::Done, called);
        let (over, well) = match worked {
            Worked::Skipped => (At::Over { deletes: true, throws: false }, true),
            Worked::Threw | Worked::Rejected if plan.function.on_error == OnError::Throw => {
                (At::Over { deletes: false, throws: plan.fails_whole() }, false)
            }
            _ => {
                // From here on the work is over, whatever becomes of the answer.
                self.set(taken.index, At::Over { deletes: false, throws: false });
                let answered = self.answer(taken, worked).await;
                let lost = answered == Answered::Lost;
                let throws = lost && !plan.queue.report_batch_item_failures;
                (At::Over { deletes: !lost, throws }, answered == Answered::Accepted)
            }
        };
        self.set(taken.index, over);
        self.decided.get_or_init(|| well);
    }

    /// Answers the token.
    async fn answer(&self, taken: Taken<'_>, worked: Worked) -> Answered {
        let (shared, record) = (self.shared, &self.batch.records[taken.index]);
        let (invocation, message) = (self.batch.invocation, record.number);
        for made in 1.. {
            let (said, answer) = self.say(taken, worked).await;
            shared.guard.came_back(&said);
            match said {
                Ok(()) => {
                    shared.log.add(Fact::Accepted { invocation, message, answer });
                    shared.progress.answered(answer);
                    return Answered::Accepted;
                }
                Err(CallError::TaskOver) => {
                    shared.log.add(Fact::Late(message));
                    return Answered::Late;
                }
                Err(CallError::Throttled) => {
                    let run = u32::try_from(taken.run).unwrap_or(u32::MAX);
                    let Some(waits) = shared.plan.sdk.callback.wait(taken.order.key, run, made) else { break };
                    let waits = shared.plan.faster(waits);
                    shared.log.add(Fact::AnswerThrottled(taken.order.number, waits.0));
                    sleep(waits).await;
                }
                Err(error) => {
                    shared.trouble(format!("an answer failed: {error}"));
                    break;
                }
            }
        }
        shared.log.add(Fact::AnswerLost(message));
        Answered::Lost
    }

    /// One call with the answer.
    async fn say(&self, taken: Taken<'_>, worked: Worked) -> (Result<(), CallError>, Answer) {
        let (target, token) = (&self.shared.target, &self.batch.records[taken.index].token);
        match worked {
            Worked::Declined => (target.fail(token, "OutOfStock", "nothing is left").await, Answer::Declined),
            Worked::Threw => (target.fail(token, "FunctionError", "the handler failed").await, Answer::FunctionError),
            Worked::Rejected => {
                (target.fail(token, "InventoryRejected", "no connection").await, Answer::InventoryRejected)
            }
            Worked::Done | Worked::Skipped => {
                (target.succeed(token, &format!("{{\"order\":{}}}", taken.order.number)).await, Answer::Done)
            }
        }
    }
}

/// Whether there is something for the order, by the call on this line.
fn sell(taken: Taken<'_>, line: Option<&Line<'_>>) -> bool {
    line.is_none_or(|line| line.sell(taken.order.number))
}

async fn sleep(length: SimDuration) {
    if !length.is_zero() {
        tokio::time::sleep(Duration::from_nanos(length.0)).await;
    }
}

/// All of them, at once, or until somebody stops them.
async fn join<F: Future<Output = ()> + Unpin>(mut all: Vec<F>, stopped: impl Fn() -> bool) {
    std::future::poll_fn(|context| {
        all.retain_mut(|one| !stopped() && std::pin::Pin::new(one).poll(context).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}
