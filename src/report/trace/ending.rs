//! How an order ended, and why, in words.

use super::super::words::duration_s;
use super::Setting;
use crate::measure::narrator::{Ending, Moment, Story};
use crate::observation::{Cause, Observation, Outcome};
use crate::time::SimTime;

/// `confirmed after 4 min 47 s`.
pub(super) fn verdict(ending: &Ending) -> String {
    let after = duration_s(ending.latency.as_secs_f64());
    match ending.outcome {
        Outcome::Confirmed => format!("CONFIRMED after {after}"),
        Outcome::Declined => format!("DECLINED after {after}"),
        Outcome::Failed => format!("FAILED after {after}"),
        Outcome::TimedOut => format!("TIMED OUT after {after}"),
        Outcome::Refused => format!("REFUSED after {after}"),
        Outcome::Open => format!("OPEN when the run stops, after {after}"),
    }
}

/// Why an order ended so; nothing for a confirmed one.
pub(super) fn reason(setting: &Setting, story: &Story, ending: &Ending) -> String {
    let stuck = ending.cause.map_or("", cause);
    match ending.outcome {
        Outcome::Confirmed => String::new(),
        Outcome::Declined => "out of stock is an answer, not an error".to_owned(),
        Outcome::TimedOut => format!("{}; {stuck}", limit(setting, story, ending)),
        Outcome::Failed if setting.retries > 0 => format!("{stuck}; no retry is left"),
        Outcome::Failed | Outcome::Refused | Outcome::Open => stuck.to_owned(),
    }
}

/// Which timeout ended it.
fn limit(setting: &Setting, story: &Story, ending: &Ending) -> String {
    let last = |wanted: fn(&Observation) -> bool| {
        let mut before = story.moments.iter().filter(|moment| moment.at <= ending.at && wanted(&moment.what));
        before.next_back().map(|moment: &Moment| moment.at)
    };
    let started = last(|what| matches!(what, Observation::ExecutionStarted { .. }));
    let ran_out = |since: Option<SimTime>, limit| since.is_some_and(|since| since + limit == ending.at);
    match (setting.execution_timeout, setting.patience) {
        (Some(limit), _) if ran_out(started, limit) => {
            format!("the execution's timeout of {} ran out", duration_s(limit.as_secs_f64()))
        }
        (_, Some((name, limit))) => format!("the task's {name} of {} ran out", duration_s(limit.as_secs_f64())),
        _ => "a timeout ran out".to_owned(),
    }
}

/// Where the order was stuck, or what it failed for.
pub(super) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Throttled => "the function had no free slot",
        Cause::FunctionError => "the handler failed",
        Cause::FunctionTimeout => "the function ran into its timeout",
        Cause::InventoryRejected => "the inventory refused",
        Cause::EventDropped => "Lambda had given its event up",
        Cause::WaitingInQueue => "its message was waiting in the queue",
        Cause::InFlight => "its message was in flight, and nobody worked on it",
        Cause::Running => "a handler held it",
        Cause::DeadLettered => "its message was in the dead-letter queue",
        Cause::Expired => "its message had outlived the retention period",
        Cause::CallbackLost => "no answer had reached the task",
        Cause::StartThrottled => "StartExecution was throttled",
        Cause::ServiceError => "a service refused a call",
    }
}

/// The name of a failure; none for one by a timeout, which the cause says more about.
pub(super) fn failure(failed: Cause) -> Option<&'static str> {
    match failed {
        Cause::Throttled => Some("throttled"),
        Cause::FunctionError => Some("the handler threw"),
        Cause::FunctionTimeout => Some("function timeout"),
        Cause::InventoryRejected => Some("inventory refused"),
        Cause::ServiceError => Some("a service refused"),
        Cause::StartThrottled => Some("start throttled"),
        Cause::WaitingInQueue
        | Cause::InFlight
        | Cause::Running
        | Cause::EventDropped
        | Cause::DeadLettered
        | Cause::Expired
        | Cause::CallbackLost => None,
    }
}
