//! The worker pool: it stands in for the event source mapping and the function of the buffered design.
//!
//! Each worker is a poller and an environment in one: it waits for messages, works through the batch as `lambda.batch` says,
//! answers the task tokens and deletes what is done.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::live::guard::Guard;
use crate::live::handler::{self, Batch, Record};
use crate::live::inventory::Inventory;
use crate::live::log::{Fact, Log, Message};
use crate::live::plan::Plan;
use crate::live::progress::Progress;
use crate::live::target::{CallError, Received, Target, Which};

/// What all workers of a run share.
#[derive(Debug)]
pub struct Shared<T> {
    /// The services.
    pub target: Arc<T>,
    /// What is driven.
    pub plan: Plan,
    /// This run's own mark in every message.
    pub run: String,
    /// What was seen.
    pub log: Log,
    /// What a person may see of it.
    pub progress: Arc<Progress>,
    /// What ends the run early.
    pub guard: Arc<Guard>,
    /// The stand-in for what the function calls.
    pub inventory: Option<Inventory>,
    /// How often each order was worked on.
    pub runs: Vec<AtomicU32>,
    /// Seconds of a long poll.
    pub wait_s: u32,
    /// Whether workers send heartbeats.
    pub heartbeats: bool,
    /// No more polls.
    pub stop: AtomicBool,
    /// What went wrong that makes the run void.
    pub troubles: std::sync::Mutex<Vec<String>>,
}

impl<T> Shared<T> {
    /// Something that makes the run void; each kind once.
    pub fn trouble(&self, words: String) {
        let mut troubles = self.troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if troubles.len() < 20 && !troubles.contains(&words) {
            troubles.push(words);
        }
    }

    /// [`Target::receive`], counted.
    pub async fn receive(&self, which: Which, most: u32, wait_s: u32) -> Result<Vec<Received>, CallError>
    where
        T: Target,
    {
        self.guard.requests(1);
        self.target.receive(which, most, wait_s).await
    }

    /// [`Target::delete`], counted.
    pub async fn delete(&self, which: Which, receipts: &[String]) -> Result<Vec<Result<(), CallError>>, CallError>
    where
        T: Target,
    {
        self.guard.requests(1);
        self.target.delete(which, receipts).await
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// After a call that failed a worker waits so long.
const PAUSE: Duration = Duration::from_millis(200);

/// One worker, until the run stops.
pub async fn work<T: Target>(shared: Arc<Shared<T>>) {
    while !shared.stopped() {
        let plan = &shared.plan;
        match shared.receive(Which::Main, plan.queue.batch_size, shared.wait_s).await {
            Ok(messages) if messages.is_empty() => _ = shared.log.add(Fact::ReceiveEnded(0)),
            Ok(messages) => invoke(&shared, messages).await,
            Err(error) => {
                if error != CallError::Throttled {
                    shared.trouble(format!("a receive failed: {error}"));
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn invoke<T: Target>(shared: &Shared<T>, messages: Vec<Received>) {
    let mut seen = Vec::new();
    let mut records = Vec::new();
    for message in messages {
        match read(&message, &shared.run, shared.plan.orders.len()) {
            Some((order, token)) => {
                seen.push(Message { id: message.message_id, order, sent_ms: message.sent_ms });
                records.push(Record { order, token, receipt: message.receipt, sent_ms: message.sent_ms, number: 0 });
            }
            None => shared.trouble("the queue holds messages of somebody else, which were left alone".into()),
        }
    }
    if records.is_empty() {
        shared.log.add(Fact::ReceiveEnded(0));
        return;
    }
    let (invocation, numbers) = shared.log.batch(seen);
    records.iter_mut().zip(numbers).for_each(|(record, number)| record.number = number);
    let batch = Batch { invocation, records };
    let beats = beats(shared, &batch);
    let done = tokio::select! {
        done = handler::run(shared, &batch) => done,
        () = beats => unreachable!("heartbeats go on until they are dropped"),
    };
    delete(shared, &batch, &done).await;
    shared.log.add(Fact::WorkerFreed);
}

/// The order's number and the task token in a message of this run.
fn read(message: &Received, run: &str, orders: usize) -> Option<(u64, String)> {
    let body = body_of(&message.body, run)?;
    let order = body["order"].as_u64().filter(|order| (*order as usize) < orders)?;
    Some((order, body["token"].as_str()?.to_owned()))
}

/// The same, for whoever reads the dead-letter queue.
pub fn read_dead(message: &Received, run: &str, orders: usize) -> Option<Message> {
    let (order, _) = read(message, run, orders)?;
    Some(Message { id: message.message_id.clone(), order, sent_ms: message.sent_ms })
}

/// What a message of this run says.
pub(super) fn body_of(body: &str, run: &str) -> Option<Value> {
    serde_json::from_str(body).ok().filter(|body: &Value| body["run"] == run)
}

/// Sends heartbeats for all records of a batch, three in each period, until it is dropped.
async fn beats<T: Target>(shared: &Shared<T>, batch: &Batch) {
    let period = shared.plan.workflow.heartbeat.filter(|_| shared.heartbeats);
    let Some(period) = period else { return std::future::pending().await };
    loop {
        tokio::time::sleep(Duration::from_nanos(period.0 / 3)).await;
        for record in &batch.records {
            // The answer to an attempt that is over tells it; a heartbeat does not have to.
            let _ = shared.target.beat(&record.token).await;
        }
    }
}

/// Deletes what is done, as the mapping does at the end of an invocation.
async fn delete<T: Target>(shared: &Shared<T>, batch: &Batch, done: &[bool]) {
    let records: Vec<&Record> =
        batch.records.iter().zip(done).filter(|(_, done)| **done).map(|(record, _)| record).collect();
    if records.is_empty() {
        return;
    }
    let receipts: Vec<String> = records.iter().map(|record| record.receipt.clone()).collect();
    shared.log.add(Fact::Deletes(records.len() as u32));
    match shared.delete(Which::Main, &receipts).await {
        Ok(results) => {
            for (record, result) in records.iter().zip(results) {
                match result {
                    Ok(()) => _ = shared.log.add(Fact::Deleted(record.number)),
                    Err(CallError::StaleReceipt) => _ = shared.log.add(Fact::StaleDelete(record.number)),
                    Err(error) => shared.trouble(format!("a delete failed: {error}")),
                }
            }
        }
        Err(error) => shared.trouble(format!("a delete failed: {error}")),
    }
}
