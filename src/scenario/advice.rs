//! Legal but unwise: one sentence each, with the reason and what to do. What AWS refuses and the textbook profile allows
//! comes first.

use crate::facts::event_source::FIRST_BATCHES;
use crate::facts::limits::{ADVISED_RECEIVES, ADVISED_VISIBILITY};
use crate::measure::findings::Design;
use crate::model::execution::{RetryPolicy, TaskError};
use crate::model::inventory::WhenFull;
use crate::scenario::estimate::{self, Estimate};
use crate::scenario::rules::{self, times};
use crate::scenario::tree::Table;
use crate::scenario::units::{show_duration, show_rate};
use crate::scenario::{Horizon, Profile, Scenario, SloMeasure, assumptions, forecast};
use crate::system::spec::{BatchMode, FaultEffect, FaultSpec, FaultTarget, FunctionSpec, OnError, PlatformSpec, Pull};
use crate::time::{SimDuration, SimTime};

/// Runs of one order beyond which retries multiply an overload.
const MOST_RUNS: u64 = 10;
/// The built-in prices.
const US_EAST_1: &str = "us-east-1-2026-01";
/// A batch that takes this share of a timeout on average is near it.
const NEAR: f64 = 0.8;

/// Every note about a scenario.
pub fn notes(scenario: &Scenario, tree: &Table, estimate: &Estimate) -> Vec<String> {
    let mut notes = Vec::new();
    rules::notes(scenario, &mut notes);
    queue(scenario, &mut notes);
    lost_messages(scenario, &mut notes);
    redrive(scenario, &mut notes);
    pollers(scenario, &mut notes);
    function(scenario, &mut notes);
    batches(scenario, estimate, &mut notes);
    workflow(scenario, estimate, &mut notes);
    retries(scenario, &mut notes);
    asynchronous(scenario, tree, &mut notes);
    account(scenario, &mut notes);
    inventory(scenario, &mut notes);
    faults(scenario, estimate, &mut notes);
    if matches!(scenario.horizon, Horizon::At(_)) && tree.at("max_drain").is_some() {
        notes.push("max_drain has no effect: the horizon stops the run.".to_string());
    }
    objectives(scenario, &mut notes);
    provisioned_in_vain(scenario, tree, &mut notes);
    forecast::note(scenario, &mut notes);
    assumptions::note(scenario, tree, &mut notes);
    notes
}

/// Faults that begin when nothing is left to be hit, or are cut off.
fn faults(scenario: &Scenario, estimate: &Estimate, notes: &mut Vec<String>) {
    let instant = |at: SimTime| show_duration(SimDuration(at.0));
    for fault in scenario.faults() {
        let (name, from, to) = (&fault.name, instant(fault.from), instant(fault.to));
        match scenario.horizon {
            Horizon::At(stop) if fault.from >= stop => notes.push(format!(
                "the fault {name:?} begins at {from}, and the horizon stops the run at {}: it hits nothing; let it begin \
                 earlier.",
                instant(stop)
            )),
            Horizon::At(stop) if fault.to > stop => notes.push(format!(
                "the fault {name:?} would last until {to}, and the horizon stops the run at {}.",
                instant(stop)
            )),
            _ if fault.from.as_secs_f64() >= estimate.span => notes.push(format!(
                "the fault {name:?} begins at {from}, after the last order has come: it can only hit what is still in \
                 progress then."
            )),
            _ => {}
        }
    }
}

/// What the direct design has nothing to hold an objective against.
fn objectives(scenario: &Scenario, notes: &mut Vec<String>) {
    let direct = scenario.slo.iter().any(|slo| slo.design == Design::Direct);
    for slo in scenario.slo.iter().filter(|_| direct) {
        let why = match (slo.measure, scenario.direct.asynchronous) {
            (SloMeasure::DeadLettered, Some(_)) => Some("it is about the SQS queue, not about Lambda's own"),
            (SloMeasure::DeadLettered | SloMeasure::OldestMessage | SloMeasure::DrainedWithin, None) => {
                Some("direct has no queue")
            }
            _ => None,
        };
        if let Some(why) = why {
            notes.push(format!("slo.{} is held against buffered only: {why}.", slo.name));
        }
    }
}

fn queue(scenario: &Scenario, notes: &mut Vec<String>) {
    let settings = &scenario.buffered.queue;
    if let (Some(visibility), Some(timeout)) = (settings.visibility_timeout, scenario.buffered.function.timeout) {
        let window = scenario.buffered.event_source.maximum_batching_window;
        let advised = times(timeout, ADVISED_VISIBILITY.into()) + window;
        let sum = if window.is_zero() { "" } else { " + maximum_batching_window" };
        if visibility >= timeout && visibility < advised {
            notes.push(format!(
                "queue.visibility_timeout ({}) is less than 6 x lambda.timeout{sum}, which AWS advises so that throttled \
                 batches can be tried again; write \"{}\".",
                show_duration(visibility),
                show_duration(advised)
            ));
        }
    }
    if let Some(count) = settings.max_receive_count
        && count < ADVISED_RECEIVES
    {
        notes.push(format!(
            "queue.dead_letter.max_receive_count is {count}: throttled receives count too; AWS advises at least 5 with \
             Lambda."
        ));
    }
    if scenario.profile == Profile::Aws
        && settings.max_receive_count.is_none()
        && let Some(visibility) = settings.visibility_timeout
    {
        let until = match settings.message_retention_period {
            Some(retention) => format!("until it expires after {}", show_duration(retention)),
            None => "for ever".to_string(),
        };
        notes.push(format!(
            "there is no dead-letter queue: a message whose handler keeps failing comes back every {} {until}; set \
             [queue.dead_letter] max_receive_count.",
            show_duration(visibility)
        ));
    }
}

/// A redrive that comes too late.
fn redrive(scenario: &Scenario, notes: &mut Vec<String>) {
    if let (Some(redrive), Horizon::At(horizon)) = (scenario.buffered.redrive, scenario.horizon)
        && redrive.at >= horizon
    {
        notes.push("queue.dead_letter.redrive_at has no effect: the horizon comes first.".to_string());
    }
}

/// Messages that never come back, and orders that wait for them for ever.
fn lost_messages(scenario: &Scenario, notes: &mut Vec<String>) {
    let (settings, function) = (&scenario.buffered.queue, &scenario.buffered.function);
    let throws = function.on_error == OnError::Throw && (function.error_rate > 0.0 || function.poison_rate > 0.0);
    let leaves = throws || function.timeout.is_some();
    if leaves && settings.visibility_timeout.is_none() {
        notes.push(
            "a message whose handler fails never comes back: there is no queue.visibility_timeout; set one."
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
    let buried = settings.max_receive_count.is_some() && scenario.buffered.redrive.is_none();
    let drops = buried || settings.message_retention_period.is_some();
    let workflow = &scenario.buffered.workflow;
    let patient = workflow.timeout.is_none() && workflow.heartbeat.is_none() && workflow.execution_timeout.is_none();
    if drops && patient && scenario.profile == Profile::Textbook {
        notes.push(
            "an order whose message is dead-lettered or expires stays open: step_functions.timeout is not set."
                .to_string(),
        );
    }
}

/// Pollers that fetch whether or not the function is free: what it cannot take is throttled, and receives are used up.
fn pollers(scenario: &Scenario, notes: &mut Vec<String>) {
    let mapping = &scenario.buffered.event_source;
    let Some(reserved) = scenario.buffered.function.reserved_concurrency else { return };
    let throttled = "throttled batches use up receives without being worked on";
    match mapping.maximum_concurrency {
        Some(maximum) if maximum > reserved => {
            let fetch = match mapping.pull {
                Pull::Eager => "the pollers fetch more than the function may run",
                Pull::WhenFree => "on AWS the pollers fetch more than the function may run",
            };
            notes.push(format!(
                "event_source.maximum_concurrency ({maximum}) is more than lambda.reserved_concurrency ({reserved}): \
                 {fetch}, and {throttled}; set both to {}.",
                reserved.max(2)
            ));
        }
        None if mapping.pull == Pull::Eager && reserved > 0 => {
            let first = if reserved < FIRST_BATCHES { ", the first 5 pollers already" } else { "" };
            notes.push(format!(
                "the pollers fetch more than lambda.reserved_concurrency ({reserved}) lets run{first}, and {throttled}; \
                 set event_source.maximum_concurrency = {}.",
                reserved.max(2)
            ));
        }
        _ => {}
    }
}

fn function(scenario: &Scenario, notes: &mut Vec<String>) {
    let (buffered, direct) = (&scenario.buffered, &scenario.direct);
    let never_runs =
        |function: &FunctionSpec, platform: &PlatformSpec| function.concurrency(&platform.account) == Some(0);
    let why = |function: &FunctionSpec, table: &str| match function.reserved_concurrency {
        Some(_) => format!("{table}.reserved_concurrency is 0"),
        None => "account.other_concurrency takes all of account.concurrency_limit".to_string(),
    };
    if never_runs(&buffered.function, &buffered.platform) {
        let reason = why(&buffered.function, "lambda");
        notes.push(format!("{reason}: the function never runs and no order is confirmed."));
    }
    if direct.function != buffered.function && never_runs(&direct.function, &direct.platform) {
        let reason = why(&direct.function, "direct.lambda");
        notes.push(format!("{reason}: the direct design's function never runs."));
    }
    provisioned(&buffered.function, "lambda", notes);
    if direct.function != buffered.function {
        let mut own = Vec::new();
        provisioned(&direct.function, "direct.lambda", &mut own);
        own.retain(|note: &String| !notes.iter().any(|told| note.ends_with(told.as_str())));
        notes.extend(own);
    }
    let alone = [
        ("batch", direct.function.batch != buffered.function.batch),
        ("throw_ends", direct.function.throw_ends != buffered.function.throw_ends),
        ("answers", direct.function.answers != buffered.function.answers),
    ];
    for (key, _) in alone.iter().filter(|(_, differs)| *differs) {
        notes.push(format!("direct.lambda.{key} has no effect: a direct invocation has one order and no batch."));
    }
    if direct.asynchronous.is_none() && direct.function.skip_older_than != buffered.function.skip_older_than {
        notes.push("direct.lambda.skip_older_than has no effect: the direct design has no message.".to_string());
    }
}

/// Keys of provisioned environments that say nothing.
fn provisioned_in_vain(scenario: &Scenario, tree: &Table, notes: &mut Vec<String>) {
    for (table, function) in [("lambda", &scenario.buffered.function), ("direct.lambda", &scenario.direct.function)] {
        let reason = match function.provisioned_concurrency {
            0 => "there is no provisioned_concurrency",
            _ => "the environments are there from the beginning; set provisioned_at",
        };
        let keys: &[&str] = if function.provisioned_concurrency == 0 {
            &["provisioned_at", "provisioned_delay"]
        } else {
            &["provisioned_delay"]
        };
        for key in keys.iter().filter(|key| tree.at(&format!("{table}.{key}")).is_some()) {
            if function.provisioning.is_none() {
                notes.push(format!("{table}.{key} has no effect: {reason}."));
            }
        }
    }
}

/// Provisioned environments that are not there from the beginning.
fn provisioned(function: &FunctionSpec, table: &str, notes: &mut Vec<String>) {
    if let Some(later) = function.provisioning {
        notes.push(format!(
            "{table}.provisioned_at: {} provisioned environments are asked for at {}, billed from then on, and ready at {}, \
             all at once; until then invocations start environments on demand.",
            function.provisioned_concurrency,
            show_duration(later.asked_at.since(SimTime::ZERO)),
            show_duration(later.ready_at.since(SimTime::ZERO))
        ));
    }
}

/// What holds for a batch as a whole.
fn batches(scenario: &Scenario, estimate: &Estimate, notes: &mut Vec<String>) {
    let (mapping, function) = (&scenario.buffered.event_source, &scenario.buffered.function);
    let fails = function.error_rate > 0.0 || function.poison_rate > 0.0;
    let whole = function.on_error == OnError::Throw && !mapping.report_batch_item_failures && mapping.batch_size > 1;
    if fails && whole && scenario.profile == Profile::Aws {
        notes.push(format!(
            "one record that fails brings back its whole batch of up to {}, and the good ones are worked on again; set \
             event_source.report_batch_item_failures = true.",
            mapping.batch_size
        ));
    }
    let records = match function.batch {
        BatchMode::OneByOne => mapping.batch_size,
        BatchMode::Parallel | BatchMode::Together => 1,
    };
    let mean = f64::from(records) * estimate.work;
    for (key, timeout, remedy) in [
        ("lambda.timeout", function.timeout, "the function would be stopped"),
        ("queue.visibility_timeout", scenario.buffered.queue.visibility_timeout, "messages would come back meanwhile"),
    ] {
        if let Some(timeout) = timeout
            && mean >= NEAR * timeout.as_secs_f64()
        {
            notes.push(format!(
                "a batch of {} takes {} on average, and {key} is {}: {remedy}; lower event_source.batch_size or raise \
                 {key}.",
                mapping.batch_size,
                show_duration(SimDuration::from_millis((mean * 1e3).min(1e15) as u64)),
                show_duration(timeout)
            ));
        }
    }
}

fn workflow(scenario: &Scenario, estimate: &Estimate, notes: &mut Vec<String>) {
    let workflow = &scenario.buffered.workflow;
    if workflow.timeout.is_none() && workflow.heartbeat.is_none() && scenario.profile == Profile::Aws {
        let until = match workflow.execution_timeout {
            Some(limit) => format!("until the execution's own timeout ({})", show_duration(limit)),
            None => "for up to a year on AWS".to_string(),
        };
        notes.push(format!(
            "an order whose answer is lost hangs {until}: step_functions.timeout is not set; set it above the longest \
             wait in the queue."
        ));
    }
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
    let limited = scenario.direct.function.concurrency(&scenario.direct.platform.account).is_some();
    let refused = limited && scenario.direct.asynchronous.is_none();
    if direct.max_attempts > 0 && refused && !direct.errors.matches(TaskError::Throttled) {
        notes.push(
            "direct.retry does not take Lambda.TooManyRequestsException: a throttled order fails at once; add it to its \
             errors."
                .to_string(),
        );
    }
    let callback = &scenario.buffered.workflow.retry;
    let runs_out = scenario.buffered.inventory.as_ref().is_some_and(|inventory| inventory.settings.stock.is_some());
    for (key, retry) in [("step_functions.retry", callback), ("direct.retry", direct)] {
        capped_below_start(key, retry, notes);
        if runs_out && retry.max_attempts > 0 && retry.errors.matches(TaskError::OutOfStock) {
            notes.push(format!(
                "{key} takes OutOfStock too: a declined order is tried again, as AWS would; name the errors to retry \
                 without States.ALL, States.TaskFailed and OutOfStock."
            ));
        }
    }
    if let Some(receives) = scenario.buffered.queue.max_receive_count {
        let most = (u64::from(callback.max_attempts) + 1) * u64::from(receives);
        if most > MOST_RUNS {
            notes.push(format!(
                "one order may be worked on up to {most} times: (1 + step_functions.retry.max_attempts) x \
                 max_receive_count; under overload that multiplies the load, so lower one \
                 of them."
            ));
        }
    }
}

/// Events that Lambda keeps trying, and tasks that learn nothing of them.
fn asynchronous(scenario: &Scenario, tree: &Table, notes: &mut Vec<String>) {
    let (direct, workflow) = (&scenario.direct, &scenario.direct.workflow);
    let Some(asynchronous) = &direct.asynchronous else { return };
    let patience = workflow.timeout.into_iter().chain(workflow.heartbeat).min();
    let age = asynchronous.queue.maximum_event_age;
    match (patience, age) {
        (None, _) if workflow.execution_timeout.is_none() && scenario.profile == Profile::Aws => notes.push(
            "an order whose event Lambda drops hangs for up to a year on AWS: direct.timeout is not set; set it above \
             the longest wait for a retry."
                .to_string(),
        ),
        (Some(patience), Some(age)) if age > patience => notes.push(format!(
            "direct.maximum_event_age ({}) is longer than the task waits ({}): Lambda goes on trying events that \
             nobody waits for; write \"{}\".",
            show_duration(age),
            show_duration(patience),
            show_duration(patience.max(SimDuration::from_secs(60)))
        )),
        _ => {}
    }
    if tree.at("direct.retry").is_some() && workflow.retry.max_attempts > 0 && !takes_callbacks(scenario) {
        notes.push(
            "direct.retry has no effect: the task of an asynchronous invocation sees timeouts and reported failures, \
             no throttles and no exceptions; add States.Timeout to its errors, or leave it out."
                .to_string(),
        );
    }
}

/// Whether direct's Retry takes any error that the task of an asynchronous invocation may see.
fn takes_callbacks(scenario: &Scenario) -> bool {
    let errors = &scenario.direct.workflow.retry.errors;
    let reports = scenario.direct.function.on_error == OnError::Report;
    let always = [TaskError::Timeout, TaskError::HeartbeatTimeout, TaskError::OutOfStock];
    let reported = [TaskError::FunctionError, TaskError::InventoryRejected];
    always.iter().any(|error| errors.matches(*error))
        || (reports && reported.iter().any(|error| errors.matches(*error)))
}

/// The door of the account, and where its prices are from.
fn account(scenario: &Scenario, notes: &mut Vec<String>) {
    if let Some(bucket) = scenario.buffered.platform.account.start_execution {
        let beyond = estimate::excess_over(&scenario.workload, bucket.refill_per_s) - f64::from(bucket.size);
        if beyond >= 1.0 {
            notes.push(format!(
                "about {beyond:.0} more orders come at their peak than account.start_execution lets in ({} after a burst \
                 of {}): StartExecution is throttled and callers whose tries run out are refused; ask AWS for a larger \
                 quota, or spread the arrivals.",
                show_rate(bucket.refill_per_s),
                bucket.size
            ));
        }
    }
    if let Some(region) = &scenario.region
        && scenario.prices.name == US_EAST_1
        && region != "us-east-1"
    {
        notes.push(format!(
            "the prices are those of us-east-1, and account.region is {region}: other Regions may charge more; \
             write cost.price_list = {{ base = \"{US_EAST_1}\", … }} with those of yours."
        ));
    }
}

fn inventory(scenario: &Scenario, notes: &mut Vec<String>) {
    let Some(inventory) = &scenario.buffered.inventory else { return };
    let settings = &inventory.settings;
    let limited = settings.max_connections.is_some() || settings.slowdown.is_some();
    if inventory.service_time.is_zero() && limited {
        notes.push(
            "inventory.service_time is 0s: connections are never in use, so max_connections and slowdown have no effect."
                .to_string(),
        );
    }
    let breaks = |fault: &FaultSpec| (fault.target, fault.effect) == (FaultTarget::Inventory, FaultEffect::Outage);
    let out = scenario.faults().iter().any(breaks);
    if let Some(timeout) = settings.connect_timeout {
        let reason = match (settings.max_connections, settings.when_full) {
            // During an outage a call waits, too.
            (None, WhenFull::Wait) if out => return,
            (None, WhenFull::Wait) => "there is no max_connections to wait for",
            (_, WhenFull::Reject) => "when_full = \"reject\" lets nobody wait",
            (Some(_), WhenFull::Wait) => return,
        };
        notes.push(format!("inventory.connect_timeout ({}) has no effect: {reason}.", show_duration(timeout)));
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

#[cfg(test)]
#[path = "advice_tests.rs"]
mod tests;
