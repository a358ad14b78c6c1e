//! What the services know when a run is over: how orders ended that nobody answered, and, in the direct design, all of it.
//!
//! Lists are cheap (a thousand executions a page) and histories are not (their quota is a few a second), so histories are asked
//! for only where the driver has not seen the end itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::live::Worker;
use crate::live::drive::{Driven, execution_name};
use crate::live::log::{Answer, Book, Fact};
use crate::live::plan::Plan;
use crate::live::target::{CallError, Event, Happened, Listed, Standing, Target};
use crate::measure::findings::Design;
use crate::observation::{Cause, Outcome};
use crate::time::SimTime;

/// How an order ended, by what the services say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// Why, where an error says so.
    pub cause: Option<Cause>,
    /// When, as far as the services' clock can be translated.
    pub at: SimTime,
    /// Whether the execution went on to its next state.
    pub caught: bool,
}

/// One attempt of the direct design's task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The task was scheduled.
    pub began: SimTime,
    /// It ended; `None`: it has not.
    pub ended: Option<SimTime>,
    /// With what.
    pub result: Tried,
    /// When the handler ran, as the function says itself.
    pub ran: Option<(SimTime, SimTime)>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// The function replied.
    Succeeded,
    /// It failed, for this reason.
    Failed(Cause),
    /// The task timed out.
    TimedOut,
    /// It runs.
    Open,
}

/// All that was found out.
#[derive(Debug, Default)]
pub struct Reconciled {
    /// Of orders whose end the services were asked for.
    pub endings: BTreeMap<u64, Ending>,
    /// The attempts of the direct design.
    pub attempts: BTreeMap<u64, Vec<Attempt>>,
    /// Orders whose executions exist.
    pub existing: std::collections::BTreeSet<u64>,
    /// By how much the services' clock is ahead, in milliseconds; zero where that cannot be told from no difference.
    pub offset_ms: f64,
    /// What contradicts what the driver saw.
    pub troubles: Vec<String>,
}

/// Translates the services' clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    zero_ms: f64,
}

impl Clock {
    /// The clock of a run. The offset is that of the quickest `StartExecution`, and none where the call took longer than that.
    pub fn new(driven: &Driven) -> (Clock, f64) {
        let quickest = driven.book.clocks.iter().min_by_key(|(sent, answered, _)| answered.since(*sent));
        let offset = quickest.map_or(0.0, |(sent, answered, told_ms)| {
            let milliseconds = |at: &SimTime| driven.zero_ms + at.as_secs_f64() * 1e3;
            let middle = (milliseconds(sent) + milliseconds(answered)) / 2.0;
            let doubt = answered.since(*sent).as_secs_f64() * 1e3 / 2.0 + 1.0;
            let offset = *told_ms as f64 - middle;
            if offset.abs() <= doubt { 0.0 } else { offset }
        });
        (Clock { zero_ms: driven.zero_ms + offset }, offset)
    }

    /// When that was, not before time zero.
    pub fn at(&self, service_ms: f64) -> SimTime {
        SimTime(((service_ms - self.zero_ms).max(0.0) * 1e6) as u64)
    }
}

/// Asks for whatever the driver cannot know.
///
/// # Errors
///
/// The services could not be asked, in words.
pub async fn reconcile<T: Target>(
    target: &Arc<T>,
    plan: &Plan,
    run: &str,
    driven: &Driven,
    histories_per_s: Option<u32>,
) -> Result<Reconciled, String> {
    let (clock, offset_ms) = Clock::new(driven);
    let mut found = Reconciled { offset_ms, ..Reconciled::default() };
    let listed = target.list().await.map_err(|error| format!("executions could not be listed: {error}"))?;
    let mut by_name: BTreeMap<String, Listed> = BTreeMap::new();
    for one in listed {
        if by_name.insert(one.name.clone(), one).is_some() {
            found.troubles.push("two executions have the same name".into());
        }
    }
    let answers = answers(&driven.book);
    for order in &plan.orders {
        let Some(listed) = by_name.get(&execution_name(run, plan.design, order.number)) else { continue };
        found.existing.insert(order.number);
        let answer = answers.get(&order.number);
        if let Some(trouble) = contradiction(order.number, answer.copied(), listed.standing) {
            found.troubles.push(trouble);
        }
        let answered = answer == Some(&Answer::Done)
            || (answer == Some(&Answer::Declined) && plan.workflow.retry.max_attempts == 0);
        if answered && plan.design == Design::Buffered {
            continue;
        }
        let events = history(target, &listed.arn, histories_per_s).await?;
        if plan.design == Design::Direct {
            found.attempts.insert(order.number, attempts(&events, &clock));
        }
        if let Some(ending) = ending(&events, listed, &clock) {
            let unreported = plan.design == Design::Buffered && plan.worker == Worker::Lambda && answer.is_none();
            if unreported && matches!(ending.outcome, Outcome::Confirmed | Outcome::Declined) {
                let trouble = format!("order {} was answered, and no report of the function says so", order.number);
                found.troubles.push(trouble);
            }
            found.endings.insert(order.number, ending);
        }
    }
    Ok(found)
}

/// The last answer about each order that was accepted; a success is the last.
fn answers(book: &Book) -> BTreeMap<u64, Answer> {
    let mut last = BTreeMap::new();
    for (_, fact) in &book.facts {
        if let Fact::Accepted { message, answer, .. } = fact {
            let entry = last.entry(book.messages[*message].order).or_insert(*answer);
            if *entry != Answer::Done {
                *entry = *answer;
            }
        }
    }
    last
}

/// An accepted success and an execution that has not come to its end go ill together.
fn contradiction(order: u64, answer: Option<Answer>, standing: Standing) -> Option<String> {
    (answer == Some(Answer::Done) && standing != Standing::Succeeded)
        .then(|| format!("order {order}: its success was accepted, and its execution is {standing:?}"))
}

async fn history<T: Target>(target: &Arc<T>, arn: &str, per_s: Option<u32>) -> Result<Vec<Event>, String> {
    for tried in 0_u32..6 {
        if let Some(per_s) = per_s {
            tokio::time::sleep(Duration::from_secs(1) / per_s.max(1)).await;
        }
        match target.history(arn).await {
            Ok(events) => return Ok(events),
            Err(CallError::Throttled) => tokio::time::sleep(Duration::from_millis(250 << tried)).await,
            Err(error) => return Err(format!("a history could not be read: {error}")),
        }
    }
    Err("histories are throttled for good; ask for fewer a second".into())
}

/// How an execution ended by its history: the result of the task's last attempt.
fn ending(events: &[Event], listed: &Listed, clock: &Clock) -> Option<Ending> {
    let stopped = listed.stopped_ms.map(|ms| clock.at(ms as f64));
    let caught = listed.standing == Standing::Succeeded;
    let last = events.iter().rev().find_map(|event| {
        let at = clock.at(event.at_ms as f64);
        match &event.what {
            Happened::Scheduled => None,
            Happened::Succeeded(_) => Some(Ending { outcome: Outcome::Confirmed, cause: None, at, caught }),
            Happened::Failed(error, cause) => Some(failed(error, cause, at, caught)),
            Happened::TimedOut | Happened::ExecutionTimedOut => {
                Some(Ending { outcome: Outcome::TimedOut, cause: None, at, caught })
            }
        }
    });
    match (listed.standing, last) {
        (Standing::Running, _) => None,
        (Standing::TimedOut, Some(last)) if last.outcome != Outcome::TimedOut => {
            Some(Ending { outcome: Outcome::TimedOut, cause: None, at: stopped.unwrap_or(last.at), caught: false })
        }
        (_, Some(last)) => Some(last),
        (Standing::Succeeded, None) => {
            stopped.map(|at| Ending { outcome: Outcome::Confirmed, cause: None, at, caught })
        }
        (_, None) => stopped.map(|at| Ending { outcome: Outcome::TimedOut, cause: None, at, caught }),
    }
}

fn failed(error: &str, cause: &str, at: SimTime, caught: bool) -> Ending {
    match error {
        "OutOfStock" => Ending { outcome: Outcome::Declined, cause: None, at, caught },
        "States.Timeout" | "States.HeartbeatTimeout" => Ending { outcome: Outcome::TimedOut, cause: None, at, caught },
        _ => Ending { outcome: Outcome::Failed, cause: Some(cause_of(error, cause)), at, caught },
    }
}

/// What an error is put down to. Services name a throttle in the error or in its cause.
fn cause_of(error: &str, cause: &str) -> Cause {
    if error.contains("TooManyRequests") || cause.contains("TooManyRequestsException") {
        return Cause::Throttled;
    }
    match error {
        "InventoryRejected" => Cause::InventoryRejected,
        "Sandbox.Timedout" => Cause::FunctionTimeout,
        "Lambda.ServiceException" | "SQS.AmazonSQSException" => Cause::ServiceError,
        _ if cause.contains("Task timed out") => Cause::FunctionTimeout,
        _ => Cause::FunctionError,
    }
}

/// The attempts in a history.
fn attempts(events: &[Event], clock: &Clock) -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = Vec::new();
    for event in events {
        let at = clock.at(event.at_ms as f64);
        let (result, ran) = match &event.what {
            Happened::Scheduled => {
                attempts.push(Attempt { began: at, ended: None, result: Tried::Open, ran: None });
                continue;
            }
            Happened::Succeeded(output) => (Tried::Succeeded, ran(output, clock)),
            Happened::Failed(error, _) if error == "States.Timeout" => (Tried::TimedOut, None),
            Happened::Failed(error, cause) => (Tried::Failed(cause_of(error, cause)), ran(cause, clock)),
            Happened::TimedOut | Happened::ExecutionTimedOut => (Tried::TimedOut, None),
        };
        if let Some(last) = attempts.last_mut().filter(|last| last.ended.is_none()) {
            (last.ended, last.result, last.ran) = (Some(at), result, ran);
        }
    }
    attempts
}

/// The function tells when it ran, in its reply or in what it throws: `{"began": …, "ended": …}` in seconds.
fn ran(text: &str, clock: &Clock) -> Option<(SimTime, SimTime)> {
    let number = |name: &str| {
        let (_, rest) = text.split_once(&format!("{name}="))?;
        let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        digits.parse::<f64>().ok()
    };
    let (began, ended) = (number("began")?, number("ended")?);
    Some((clock.at(began * 1e3), clock.at(ended * 1e3)))
}
