//! What a worker does with a batch: the handler of the simulation, in real time.
//!
//! Service times, errors and poison are the scenario's own draws, by (key, purpose, attempt), so the work is the same work.

use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::live::inventory::Called;
use crate::live::log::{Answer, Fact};
use crate::live::target::{CallError, Target};
use crate::live::worker::Shared;
use crate::observation::InvocationEnd;
use crate::random::{Draw, Purpose};
use crate::system::spec::{BatchMode, ErrorAt, OnError, ThrowEnds};
use crate::time::SimDuration;
use crate::workload::Order;

/// Tries of an answer in all, as an SDK makes them.
const TRIES: u32 = 3;

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
    Begun { called: bool },
    Over { deletes: bool, failed: bool },
}

/// Works through a batch; says which of its messages are done and can be deleted.
pub async fn run<T: Target>(shared: &Shared<T>, batch: &Batch) -> Vec<bool> {
    let course = Course { shared, batch, at: Mutex::new(vec![At::Waiting; batch.records.len()]) };
    let function = &shared.plan.function;
    let in_time = match function.timeout {
        None => {
            course.go().await;
            true
        }
        Some(limit) => tokio::time::timeout(Duration::from_nanos(limit.0), course.go()).await.is_ok(),
    };
    let failed = course.failed();
    let whole = !shared.plan.queue.report_batch_item_failures && function.on_error == OnError::Throw;
    let end = match (in_time, failed && whole) {
        (false, _) => InvocationEnd::Timeout,
        (true, true) => InvocationEnd::Error,
        (true, false) => InvocationEnd::Success,
    };
    course.cut_off();
    shared.log.add(Fact::InvocationEnded(batch.invocation, end));
    let deletes = |at: At| end == InvocationEnd::Success && matches!(at, At::Over { deletes: true, .. });
    course.states().into_iter().map(deletes).collect()
}

struct Course<'a, T> {
    shared: &'a Shared<T>,
    batch: &'a Batch,
    at: Mutex<Vec<At>>,
}

impl<T: Target> Course<'_, T> {
    fn states(&self) -> Vec<At> {
        self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn set(&self, index: usize, at: At) {
        self.at.lock().unwrap_or_else(std::sync::PoisonError::into_inner)[index] = at;
    }

    fn failed(&self) -> bool {
        self.states().iter().any(|at| matches!(at, At::Over { failed: true, .. }))
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
        let function = &self.shared.plan.function;
        match function.batch {
            BatchMode::OneByOne => {
                for index in 0..self.batch.records.len() {
                    self.record(index).await;
                    let ends = self.failed()
                        && function.throw_ends == ThrowEnds::Invocation
                        && function.on_error == OnError::Throw
                        && !self.shared.plan.queue.report_batch_item_failures;
                    if ends {
                        return;
                    }
                }
            }
            BatchMode::Parallel => {
                let all = (0..self.batch.records.len()).map(|index| Box::pin(self.record(index)));
                join(all.collect()).await;
            }
            BatchMode::Together => self.together().await,
        }
    }

    /// One record from its turn to its answer.
    async fn record(&self, index: usize) {
        let (order, run) = self.take_up(index);
        let worked = match self.too_old(index) {
            true => Worked::Skipped,
            false => self.work(index, order, (order, run)).await,
        };
        self.conclude(index, (order, run), worked).await;
    }

    /// One draw for the whole batch, of the first record; all answer at its end.
    async fn together(&self) {
        let taken: Vec<(&Order, u64)> = (0..self.batch.records.len()).map(|index| self.take_up(index)).collect();
        let Some(first) = taken.first().copied() else { return };
        let worked = self.work_for_all(first).await;
        let called = self.shared.inventory.is_some();
        (0..taken.len()).for_each(|index| self.set(index, At::Begun { called }));
        let whole =
            self.shared.plan.function.on_error == OnError::Throw && !self.shared.plan.queue.report_batch_item_failures;
        let fails = |(order, run): (&Order, u64)| self.shared.plan.fails(order, run);
        let any = worked != Worked::Done || taken.iter().any(|one| fails(*one));
        for (index, one) in taken.into_iter().enumerate() {
            let own = if worked == Worked::Rejected {
                Worked::Rejected
            } else if fails(one) {
                Worked::Threw
            } else {
                worked
            };
            if any && whole && own == Worked::Done {
                // The whole batch is thrown: nobody answers.
                self.ended(index, true, called);
                self.set(index, At::Over { deletes: false, failed: false });
                continue;
            }
            self.conclude(index, one, own).await;
        }
    }

    /// The handler turns to a record: its order, and the number of this run of its work.
    fn take_up(&self, index: usize) -> (&Order, u64) {
        let record = &self.batch.records[index];
        self.set(index, At::Begun { called: false });
        self.shared.log.add(Fact::AttemptBegan(self.batch.invocation, record.number));
        let run = self.shared.runs[record.order as usize].fetch_add(1, Ordering::Relaxed);
        (&self.shared.plan.orders[record.order as usize], u64::from(run))
    }

    /// Whether the handler drops the message for its age.
    fn too_old(&self, index: usize) -> bool {
        let Some(oldest) = self.shared.plan.function.skip_older_than else { return false };
        let log = &self.shared.log;
        let now_ms = log.zero_ms + log.now().as_secs_f64() * 1e3;
        self.batch.records[index].sent_ms.is_some_and(|sent| now_ms - sent as f64 > oldest.as_secs_f64() * 1e3)
    }

    async fn work_for_all(&self, first: (&Order, u64)) -> Worked {
        let plan = &self.shared.plan;
        sleep(plan.work(first.0, first.1)).await;
        match self.call(first.0, first.1).await {
            None | Some(Called::Sold) => Worked::Done,
            Some(Called::OutOfStock) => Worked::Declined,
            Some(Called::Rejected) => Worked::Rejected,
        }
    }

    async fn work(&self, index: usize, order: &Order, (_, run): (&Order, u64)) -> Worked {
        let plan = &self.shared.plan;
        let fails = plan.fails(order, run);
        sleep(plan.work(order, run)).await;
        if fails && plan.function.error_at == ErrorAt::Start {
            return Worked::Threw;
        }
        if self.shared.inventory.is_some() {
            self.set(index, At::Begun { called: true });
        }
        match self.call(order, run).await {
            Some(Called::Rejected) => Worked::Rejected,
            _ if fails => Worked::Threw,
            Some(Called::OutOfStock) => Worked::Declined,
            None | Some(Called::Sold) => Worked::Done,
        }
    }

    async fn call(&self, order: &Order, run: u64) -> Option<Called> {
        let inventory = self.shared.inventory.as_ref()?;
        Some(inventory.call(order.number, self.shared.plan.service(order, run), &self.shared.log).await)
    }

    fn ended(&self, index: usize, succeeded: bool, called: bool) {
        let (invocation, message) = (self.batch.invocation, self.batch.records[index].number);
        self.shared.log.add(Fact::AttemptEnded { invocation, message, succeeded, called });
    }

    /// The work on a record is over: the handler answers, or throws.
    async fn conclude(&self, index: usize, (order, run): (&Order, u64), worked: Worked) {
        let called = self.states()[index] == At::Begun { called: true };
        self.ended(index, worked == Worked::Done, called);
        let reports = self.shared.plan.function.on_error == OnError::Report;
        let over = match worked {
            Worked::Skipped => At::Over { deletes: true, failed: false },
            Worked::Threw | Worked::Rejected if !reports => At::Over { deletes: false, failed: true },
            _ => {
                // From here on the work is over, whatever becomes of the answer.
                self.set(index, At::Over { deletes: false, failed: false });
                let arrived = self.answer(index, (order, run), worked).await;
                At::Over { deletes: arrived, failed: !arrived }
            }
        };
        self.set(index, over);
    }

    /// Answers the token; false if the answer is lost.
    async fn answer(&self, index: usize, (order, run): (&Order, u64), worked: Worked) -> bool {
        let (shared, record) = (self.shared, &self.batch.records[index]);
        let (invocation, message) = (self.batch.invocation, record.number);
        for tried in 0..TRIES {
            let (said, answer) = match worked {
                Worked::Declined => {
                    (shared.target.fail(&record.token, "OutOfStock", "nothing is left").await, Answer::Declined)
                }
                Worked::Threw => (
                    shared.target.fail(&record.token, "FunctionError", "the handler failed").await,
                    Answer::FunctionError,
                ),
                Worked::Rejected => (
                    shared.target.fail(&record.token, "InventoryRejected", "no connection").await,
                    Answer::InventoryRejected,
                ),
                Worked::Done | Worked::Skipped => (
                    shared.target.succeed(&record.token, &format!("{{\"order\":{}}}", order.number)).await,
                    Answer::Done,
                ),
            };
            match said {
                Ok(()) => {
                    shared.log.add(Fact::Accepted { invocation, message, answer });
                    shared.progress.answered(order.number, answer);
                    return true;
                }
                Err(CallError::TaskOver) => {
                    shared.log.add(Fact::Late { invocation, message });
                    return true;
                }
                Err(CallError::Throttled) if tried + 1 < TRIES => {
                    let most = SimDuration::from_secs(1 << tried);
                    let number = run * u64::from(TRIES) + u64::from(tried);
                    let share = Draw::new(order.key, Purpose::CallbackJitter, number).uniform();
                    let waits = SimDuration::from_secs_f64(most.as_secs_f64() * share);
                    shared.log.add(Fact::AnswerThrottled(order.number, waits.0));
                    sleep(waits).await;
                }
                Err(error) => {
                    if error != CallError::Throttled {
                        shared.trouble(format!("an answer failed: {error}"));
                    }
                    break;
                }
            }
        }
        shared.log.add(Fact::AnswerLost(message));
        false
    }
}

async fn sleep(length: SimDuration) {
    if !length.is_zero() {
        tokio::time::sleep(Duration::from_nanos(length.0)).await;
    }
}

/// All of them, at once.
async fn join<F: Future<Output = ()> + Unpin>(mut all: Vec<F>) {
    std::future::poll_fn(|context| {
        all.retain_mut(|one| std::pin::Pin::new(one).poll(context).is_pending());
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
}
