//! The log of a measurement: what the driver saw, in the order in which it saw it.
//!
//! Every fact gets its time while the log is locked, so times never decrease. What they mean is found out when the run is
//! over ([`tell`](crate::live::tell)).

use std::sync::Mutex;

use tokio::time::Instant;

use crate::time::SimTime;

/// Something the driver saw. Orders, messages and invocations go by number.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Its `StartExecution` was sent off.
    Issued(u64),
    /// It was accepted.
    Started(u64),
    /// It was throttled; the caller tries again after so many nanoseconds, or gives up.
    StartThrottled(u64, Option<u64>),
    /// It failed for good.
    StartFailed(u64),
    /// A receive came back with so many messages.
    ReceiveEnded(u32),
    /// A message came.
    Received {
        /// Its number.
        message: usize,
        /// Of the batch that it came with.
        invocation: usize,
    },
    /// A batch was given to a worker.
    InvocationStarted {
        /// Its number.
        invocation: usize,
        /// The messages in it.
        messages: Vec<usize>,
    },
    /// The worker turned to a message.
    AttemptBegan(usize, usize),
    /// A call of the inventory found no connection.
    ConnectionAwaited(u64),
    /// It waits no longer.
    ConnectionWaitEnded(u64),
    /// A call has its connection.
    CallBegan(u64),
    /// A call is over.
    CallEnded(u64),
    /// The inventory answered.
    Stock(u64, crate::observation::StockAnswer),
    /// The inventory refused.
    Rejected(u64),
    /// The worker was done with the work on a message.
    AttemptEnded {
        /// The invocation.
        invocation: usize,
        /// The message.
        message: usize,
        /// Whether the work succeeded.
        succeeded: bool,
        /// Whether it called the inventory.
        called: bool,
    },
    /// An answer was accepted.
    Accepted {
        /// The invocation.
        invocation: usize,
        /// The message.
        message: usize,
        /// What it said.
        answer: Answer,
    },
    /// An answer about a message came for a task that was over.
    Late(usize),
    /// An answer was throttled, and comes again after so many nanoseconds.
    AnswerThrottled(u64, u64),
    /// An answer was lost: the call failed, or its tries were spent.
    AnswerLost(usize),
    /// The invocation is over.
    InvocationEnded(usize, crate::observation::InvocationEnd),
    /// A delete of so many messages was sent.
    Deletes(u32),
    /// A message was deleted.
    Deleted(usize),
    /// A delete was refused: a newer receive has overtaken its receipt.
    StaleDelete(usize),
    /// The worker is free.
    WorkerFreed,
    /// A message was found in the dead-letter queue.
    DeadLettered(usize),
}

/// What an answer said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Success.
    Done,
    /// Out of stock.
    Declined,
    /// The handler failed and said so.
    FunctionError,
    /// The inventory refused and the handler said so.
    InventoryRejected,
}

/// A message as it was seen.
#[derive(Clone, Debug)]
pub struct Message {
    /// The service's name for it.
    pub id: String,
    /// The order's number.
    pub order: u64,
    /// When it was sent, by the service's clock in milliseconds.
    pub sent_ms: Option<u64>,
}

/// The log under way.
#[derive(Debug)]
pub struct Log {
    zero: Instant,
    /// The service's clock at time zero, in milliseconds since 1970, by this machine's.
    pub zero_ms: f64,
    book: Mutex<Book>,
}

/// What is in it.
#[derive(Debug, Default)]
pub struct Book {
    /// Facts and their times, which never decrease.
    pub facts: Vec<(SimTime, Fact)>,
    /// Messages in the order in which they were first seen.
    pub messages: Vec<Message>,
    /// How many invocations there were.
    pub invocations: usize,
    /// Of each `StartExecution`: when it was sent and answered, and what the service's clock said in between.
    pub clocks: Vec<(SimTime, SimTime, u64)>,
    ids: std::collections::BTreeMap<String, usize>,
}

impl Log {
    /// Time zero is `zero`, at which this machine's clock shows `zero_ms`.
    pub fn new(zero: Instant, zero_ms: f64) -> Log {
        Log { zero, zero_ms, book: Mutex::default() }
    }

    /// Time zero.
    pub fn zero(&self) -> Instant {
        self.zero
    }

    /// How long the run lasts; nothing before time zero.
    pub fn now(&self) -> SimTime {
        SimTime(u64::try_from(Instant::now().saturating_duration_since(self.zero).as_nanos()).unwrap_or(u64::MAX))
    }

    /// Writes down what happened just now.
    pub fn add(&self, fact: Fact) -> SimTime {
        self.with(|book, now| book.facts.push((now, fact)))
    }

    /// Writes down whatever `write` writes, at one time.
    pub fn with(&self, write: impl FnOnce(&mut Book, SimTime)) -> SimTime {
        let mut book = self.book.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = self.now();
        write(&mut book, now);
        now
    }

    /// A batch came: numbers for its messages and its invocation, and the facts of it.
    pub fn batch(&self, seen: Vec<Message>) -> (usize, Vec<usize>) {
        let mut given = (0, Vec::new());
        self.with(|book, now| {
            book.facts.push((now, Fact::ReceiveEnded(seen.len() as u32)));
            let (invocation, messages) = book.numbers(seen);
            for message in &messages {
                book.facts.push((now, Fact::Received { message: *message, invocation }));
            }
            book.facts.push((now, Fact::InvocationStarted { invocation, messages: messages.clone() }));
            given = (invocation, messages);
        });
        given
    }

    /// A message was found in the dead-letter queue.
    pub fn dead_letter(&self, message: Message) {
        self.with(|book, now| {
            let message = book.number(message);
            book.facts.push((now, Fact::DeadLettered(message)));
        });
    }

    /// The whole book, at the end.
    pub fn take(&self) -> Book {
        std::mem::take(&mut *self.book.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Book {
    /// Numbers for an invocation and the messages that it was given.
    pub fn numbers(&mut self, given: impl IntoIterator<Item = Message>) -> (usize, Vec<usize>) {
        let messages = given.into_iter().map(|message| self.number(message)).collect();
        self.invocations += 1;
        (self.invocations - 1, messages)
    }

    /// A message keeps its number from receive to receive.
    fn number(&mut self, message: Message) -> usize {
        if let Some(known) = self.ids.get(&message.id) {
            return *known;
        }
        let number = self.messages.len();
        self.ids.insert(message.id.clone(), number);
        self.messages.push(message);
        number
    }
}
