//! Legal but unwise, or refused by AWS though not by the textbook profile: one sentence each, with the reason and what
//! to do.

use crate::measure::findings::Design;
use crate::model::execution::{RetryPolicy, TaskError};
use crate::scenario::estimate::Estimate;
use crate::scenario::tree::Table;
use crate::scenario::units::show_duration;
use crate::scenario::{Horizon, Scenario, SloMeasure};
use crate::system::spec::OnError;
use crate::time::SimDuration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Every note about a scenario.
pub fn notes(scenario: &Scenario, tree: &Table, estimate: &Estimate) -> Vec<String> {
    let mut notes = Vec::new();
    queue(scenario, &mut notes);
    lost_messages(scenario, &mut notes);
    function(scenario, &mut notes);
    workflow(scenario, estimate, &mut notes);
    retries(scenario, &mut notes);
    if matches!(scenario.horizon, Horizon::At(_)) && tree.at("max_drain").is_some() {
        notes.push("max_drain has no effect: the horizon stops the run.".to_string());
    }
    objectives(scenario, &mut notes);
    notes
}

/// The direct design has no queue to hold an objective against.
fn objectives(scenario: &Scenario, notes: &mut Vec<String>) {
    let direct = scenario.slo.iter().any(|slo| slo.design == Design::Direct);
    for slo in scenario.slo.iter().filter(|_| direct) {
        if matches!(slo.measure, SloMeasure::DeadLettered | SloMeasure::OldestMessage | SloMeasure::DrainedWithin) {
            notes.push(format!("slo.{} is held against buffered only: direct has no queue.", slo.name));
        }
    }
}

fn queue(scenario: &Scenario, notes: &mut Vec<String>) {
    let settings = &scenario.buffered.queue;
    if let (Some(visibility), Some(timeout)) = (settings.visibility_timeout, scenario.buffered.function.timeout) {
        let (shown, function) = (show_duration(visibility), show_duration(timeout));
        if visibility < timeout {
            notes.push(format!(
                "queue.visibility_timeout ({shown}) is shorter than lambda.timeout ({function}): AWS refuses such an \
                 event source mapping; messages come back while they are still worked on."
            ));
        } else if visibility.0 / 6 < timeout.0 {
            notes.push(format!(
                "queue.visibility_timeout ({shown}) is less than 6 x lambda.timeout ({function}), which AWS advises so \
                 that throttled batches can be tried again."
            ));
        }
    }
    outside(notes, "queue.visibility_timeout", settings.visibility_timeout, 0, 12 * HOUR);
    outside(notes, "queue.message_retention_period", settings.message_retention_period, MINUTE, 14 * DAY);
    outside(notes, "queue.delay", Some(settings.delay), 0, 15 * MINUTE);
    if let Some(count) = settings.max_receive_count
        && count < 5
    {
        notes.push(format!(
            "queue.dead_letter.max_receive_count is {count}: throttled receives count too; AWS advises at least 5 with \
             Lambda."
        ));
    }
}

/// Messages that never come back, and orders that wait for them for ever.
fn lost_messages(scenario: &Scenario, notes: &mut Vec<String>) {
    let (settings, function) = (&scenario.buffered.queue, &scenario.buffered.function);
    let throws = function.on_error == OnError::Throw && (function.error_rate > 0.0 || function.poison_rate > 0.0);
    let leaves = throws || function.timeout.is_some();
    if leaves && settings.visibility_timeout.is_none() {
        notes.push(
            "a message whose handler fails never comes back: queue.visibility_timeout is not set, and the textbook \
             profile has no default for it."
                .to_string(),
        );
    }
    let circulates = function.on_error == OnError::Throw && function.poison_rate > 0.0;
    if circulates
        && settings.visibility_timeout.is_some()
        && settings.max_receive_count.is_none()
        && settings.message_retention_period.is_none()
    {
        notes.push(
            "poisoned messages come back until the run stops: set [queue.dead_letter] max_receive_count.".to_string(),
        );
    }
    let drops = settings.max_receive_count.is_some() || settings.message_retention_period.is_some();
    let workflow = &scenario.buffered.workflow;
    let patient = workflow.timeout.is_none() && workflow.heartbeat.is_none() && workflow.execution_timeout.is_none();
    if drops && patient {
        notes.push(
            "an order whose message is dead-lettered or expires stays open: step_functions.timeout is not set."
                .to_string(),
        );
    }
}

fn function(scenario: &Scenario, notes: &mut Vec<String>) {
    let function = &scenario.buffered.function;
    if !(128..=10_240).contains(&function.memory_mb) {
        notes.push(format!("lambda.memory_size is {}MB: AWS takes 128MB to 10240MB.", function.memory_mb));
    }
    outside(notes, "lambda.timeout", function.timeout, 1, 15 * MINUTE);
    if function.reserved_concurrency == Some(0) {
        notes.push("lambda.reserved_concurrency is 0: the function never runs and no order is confirmed.".to_string());
    }
    if let Some(maximum) = scenario.buffered.event_source.maximum_concurrency {
        if !(2..=1_000).contains(&maximum) {
            notes.push(format!("event_source.maximum_concurrency is {maximum}: AWS takes 2 to 1000."));
        }
        if let Some(reserved) = function.reserved_concurrency
            && maximum > reserved
        {
            notes.push(format!(
                "event_source.maximum_concurrency ({maximum}) is more than lambda.reserved_concurrency ({reserved}): on \
                 AWS the pollers are throttled and throttles use up receives; set both to {reserved}."
            ));
        }
    }
}

fn workflow(scenario: &Scenario, estimate: &Estimate, notes: &mut Vec<String>) {
    let workflow = &scenario.buffered.workflow;
    if let Some(heartbeat) = workflow.heartbeat {
        notes.push(format!(
            "step_functions.heartbeat ({}) is a shorter timeout: no worker sends heartbeats, and waiting in the queue \
             counts.",
            show_duration(heartbeat)
        ));
    }
    if let (Some(execution), Some(task)) = (workflow.execution_timeout, workflow.timeout)
        && execution < task
    {
        notes.push(format!(
            "step_functions.execution_timeout ({}) ends the execution before its task's timeout ({}), and can be neither \
             caught nor retried.",
            show_duration(execution),
            show_duration(task)
        ));
    }
    let longest = estimate.peak_backlog / estimate.throughput;
    if let Some(timeout) = workflow.timeout
        && longest.is_finite()
        && longest > timeout.as_secs_f64()
    {
        notes.push(format!(
            "the backlog may reach about {:.0} orders, {} of work for the function: longer than step_functions.timeout \
             ({}), so orders will time out while they wait.",
            estimate.peak_backlog,
            show_duration(SimDuration::from_secs(longest.min(1e9) as u64)),
            show_duration(timeout)
        ));
    }
}

fn retries(scenario: &Scenario, notes: &mut Vec<String>) {
    let direct = &scenario.direct.workflow.retry;
    if direct.max_attempts > 0
        && scenario.direct.function.reserved_concurrency.is_some()
        && !direct.errors.matches(TaskError::Throttled)
    {
        notes.push(
            "direct.retry does not take Lambda.TooManyRequestsException: a throttled order fails at once.".to_string(),
        );
    }
    let callback = &scenario.buffered.workflow.retry;
    for (key, retry) in [("step_functions.retry", callback), ("direct.retry", direct)] {
        capped_below_start(key, retry, notes);
    }
    if let Some(receives) = scenario.buffered.queue.max_receive_count {
        let most = (u64::from(callback.max_attempts) + 1) * u64::from(receives);
        if callback.max_attempts > 0 && most > 10 {
            notes.push(format!(
                "one order may be worked on up to {most} times: (1 + step_functions.retry.max_attempts) x \
                 max_receive_count."
            ));
        }
    }
}

fn capped_below_start(key: &str, retry: &RetryPolicy, notes: &mut Vec<String>) {
    if let Some(cap) = retry.max_delay
        && cap < retry.interval
    {
        notes.push(format!(
            "{key}.max_delay ({}) is shorter than its interval ({}): every wait is cut to it.",
            show_duration(cap),
            show_duration(retry.interval)
        ));
    }
}

/// AWS's own range of a duration, in seconds.
fn outside(notes: &mut Vec<String>, key: &str, value: Option<SimDuration>, least: u64, most: u64) {
    let Some(value) = value else { return };
    let (least, most) = (SimDuration::from_secs(least), SimDuration::from_secs(most));
    if value < least || value > most {
        notes.push(format!(
            "{key} is {}: AWS takes {} to {}.",
            show_duration(value),
            show_duration(least),
            show_duration(most)
        ));
    }
}
