//! What a function on the target reports of its invocations: read while it runs, and put into the log when it is over.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::live::drive::Driven;
use crate::live::log::{Answer, Fact, Message};
use crate::live::plan::Plan;
use crate::live::reconcile::Clock;
use crate::live::target::{Target, Which};
use crate::live::worker::{Shared, body_of};
use crate::observation::InvocationEnd;
use crate::time::SimTime;

/// Receives in a row that find nothing before it is believed that nothing is left.
const EMPTY: u32 = 3;
/// Seconds of a long poll once the run is over.
const SHORT_WAIT_S: u32 = 1;
const PAUSE: Duration = Duration::from_millis(200);

/// One invocation, in the function's own words. Instants are seconds since 1970, by its clock; records go by their place in
/// the batch.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Report {
    began: f64,
    over: f64,
    end: End,
    /// Message, order, when it was sent.
    records: Vec<(String, u64, f64)>,
    facts: Vec<Noted>,
    /// Records that the mapping deletes.
    deletes: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    Success,
    Error,
    Timeout,
}

/// Something that the function noted: when, what, of which record, and more.
type Noted = (f64, Kind, usize, Value);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Began,
    Ended,
    Accepted,
    Late,
    Throttled,
    Lost,
}

/// Reads reports until the run is over and no more come.
pub async fn collect<T: Target>(shared: Arc<Shared<T>>) -> Vec<Report> {
    let mut reports = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut empty = 0;
    while empty < EMPTY {
        let over = shared.stop.load(Ordering::Relaxed);
        let wait_s = if over { SHORT_WAIT_S } else { shared.wait_s };
        let Ok(messages) = shared.receive(Which::Reports, 10, wait_s).await else {
            empty += u32::from(over);
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        if messages.is_empty() {
            empty += u32::from(over);
            continue;
        }
        let mut receipts = Vec::new();
        for message in messages {
            let body = body_of(&message.body, &shared.run);
            match body.and_then(|body| serde_json::from_value::<Report>(body).ok()) {
                // A standard queue may hand out a message twice.
                Some(report) if seen.insert(message.message_id) => {
                    report.progress(&shared);
                    reports.push(report);
                }
                Some(_) => {}
                None => shared.trouble("a report of the function could not be read".into()),
            }
            receipts.push(message.receipt);
        }
        let _ = shared.delete(Which::Reports, &receipts).await;
    }
    reports
}

impl Report {
    /// What a person may see of it, and what makes the run void.
    fn progress<T>(&self, shared: &Shared<T>) {
        for (_, kind, _, more) in &self.facts {
            shared.guard.heard(matches!(kind, Kind::Throttled | Kind::Lost));
            match (kind, more) {
                (Kind::Accepted, more) => shared.progress.answered(answer(more)),
                (Kind::Lost, Value::String(why)) => shared.trouble(format!("an answer failed: {why}")),
                _ => {}
            }
        }
    }

    /// Its facts at their times; the log gives numbers to the invocation and its messages.
    fn facts(&self, driven: &mut Driven, clock: &Clock) -> Vec<(SimTime, Fact)> {
        let (began, over) = (clock.at(self.began * 1e3), clock.at(self.over * 1e3));
        let seen = |(id, order, sent): &(String, u64, f64)| Message {
            id: id.clone(),
            order: *order,
            sent_ms: Some((sent * 1e3) as u64),
        };
        let (invocation, messages) = driven.book.numbers(self.records.iter().map(seen));
        let mut facts = vec![(began, Fact::ReceiveEnded(messages.len() as u32))];
        facts.extend(messages.iter().map(|message| (began, Fact::Received { message: *message, invocation })));
        facts.push((began, Fact::InvocationStarted { invocation, messages: messages.clone() }));
        let mut under_way: Vec<usize> = Vec::new();
        for (at, kind, index, more) in &self.facts {
            let Some(message) = messages.get(*index).copied() else { continue };
            let at = clock.at(at * 1e3);
            match kind {
                Kind::Began => under_way.push(message),
                Kind::Ended => under_way.retain(|one| *one != message),
                _ => {}
            }
            let order = driven.book.messages[message].order;
            facts.push((at, fact(*kind, (invocation, message), order, more)));
        }
        for message in under_way {
            facts.push((over, Fact::AttemptEnded { invocation, message, succeeded: false, called: false }));
        }
        let end = match self.end {
            End::Success => InvocationEnd::Success,
            End::Error => InvocationEnd::Error,
            End::Timeout => InvocationEnd::Timeout,
        };
        facts.push((over, Fact::InvocationEnded(invocation, end)));
        // The mapping deletes what is done when the function has returned.
        if !self.deletes.is_empty() {
            facts.push((over, Fact::Deletes(self.deletes.len() as u32)));
        }
        let deleted = self.deletes.iter().filter_map(|index| messages.get(*index).copied());
        facts.extend(deleted.map(|message| (over, Fact::Deleted(message))));
        facts.push((over, Fact::WorkerFreed));
        facts
    }
}

/// Of an accepted answer: whether it told of a failure.
fn answer(failed: &Value) -> Answer {
    match failed.as_bool() {
        Some(true) => Answer::FunctionError,
        _ => Answer::Done,
    }
}

fn fact(kind: Kind, (invocation, message): (usize, usize), order: u64, more: &Value) -> Fact {
    match kind {
        Kind::Began => Fact::AttemptBegan(invocation, message),
        Kind::Ended => {
            let succeeded = more.as_bool().unwrap_or(false);
            Fact::AttemptEnded { invocation, message, succeeded, called: false }
        }
        Kind::Accepted => Fact::Accepted { invocation, message, answer: answer(more) },
        Kind::Late => Fact::Late(message),
        Kind::Throttled => {
            let waits = more.as_f64().unwrap_or(0.0);
            Fact::AnswerThrottled(order, (waits * 1e9) as u64)
        }
        Kind::Lost => Fact::AnswerLost(message),
    }
}

/// Puts reports into the log of a run, each fact at its time.
pub fn merge(mut reports: Vec<Report>, driven: &mut Driven, plan: &Plan) {
    if reports.is_empty() {
        return;
    }
    let (clock, _) = Clock::new(driven);
    reports.retain(|report| report.records.iter().all(|(_, order, ..)| (*order as usize) < plan.orders.len()));
    reports.sort_by(|a, b| a.began.total_cmp(&b.began));
    for report in reports {
        let facts = report.facts(driven, &clock);
        driven.book.facts.extend(facts);
    }
    driven.book.facts.sort_by_key(|(at, _)| *at);
    let last = driven.book.facts.last().map_or(driven.end, |(at, _)| *at);
    driven.end = driven.end.max(last);
}
