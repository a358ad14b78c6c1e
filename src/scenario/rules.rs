//! What AWS refuses when a queue, a function, a mapping or a workflow is made: mistakes under the aws profile, notes under
//! textbook, where a visibility timeout shorter than the work may be just what is studied.

use crate::facts::invocation::{MAXIMUM_EVENT_AGE, MAXIMUM_RETRY_ATTEMPTS};
use crate::facts::limits::{self, UNRESERVED};
use crate::facts::queue::{FASTEST_REDRIVE, LONGEST_DELAY};
use crate::random::Distribution;
use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::tree::Table;
use crate::scenario::units::show_duration;
use crate::scenario::{Profile, Scenario};
use crate::system::spec::{FunctionSpec, WorkflowSpec};
use crate::time::{NANOS_PER_SEC, SimDuration};

/// The shortest timeout of anything.
const SECOND: SimDuration = SimDuration::from_secs(1);

/// One rule that a scenario breaks.
struct Breach {
    /// The keys it is about; the first that is in the file is the place.
    keys: Vec<String>,
    /// What is the matter.
    what: String,
    /// What AWS says to it.
    answer: &'static str,
    remedy: String,
    /// Nothing to tell under textbook: only the grain of AWS's clocks, or a limit that AWS always has.
    silent_in_textbook: bool,
}

/// Refuses what AWS refuses, under the aws profile.
pub fn refuse(scenario: &Scenario, tree: &Table, mistakes: &mut Vec<Mistake>) {
    if scenario.profile != Profile::Aws {
        return;
    }
    for breach in breaches(scenario) {
        let mut places = breach.keys.iter().filter_map(|key| tree.place_of(key));
        let place = places.next().unwrap_or(Place { text: 0, start: 0, end: 0 });
        let mistake = Mistake::at(place, breach.what).label(breach.answer).and(places.next(), "together with this");
        mistakes.push(mistake.help(breach.remedy));
    }
}

/// The same as sentences, under the other profile.
pub fn notes(scenario: &Scenario, notes: &mut Vec<String>) {
    if scenario.profile != Profile::Aws {
        notes.extend(breaches(scenario).into_iter().map(|breach| format!("{}; {}.", breach.what, breach.answer)));
    }
}

fn breaches(scenario: &Scenario) -> Vec<Breach> {
    let mut found = Vec::new();
    queue(scenario, &mut found);
    event_source(scenario, &mut found);
    functions(scenario, &mut found);
    workflows(scenario, &mut found);
    asynchronous(scenario, &mut found);
    if scenario.profile == Profile::Aws {
        retry(&scenario.buffered.workflow, "step_functions.retry", &mut found);
        retry(&scenario.direct.workflow, "direct.retry", &mut found);
    } else {
        found.retain(|breach| !breach.silent_in_textbook);
    }
    found
}

/// SQS API Reference, CreateQueue and SetQueueAttributes.
fn queue(scenario: &Scenario, found: &mut Vec<Breach>) {
    const REFUSED: &str = "SQS refuses this with InvalidAttributeValue";
    let settings = &scenario.buffered.queue;
    seconds(
        found,
        "queue.visibility_timeout",
        settings.visibility_timeout,
        (SimDuration::ZERO, limits::LONGEST_VISIBILITY_TIMEOUT),
        REFUSED,
    );
    let kept = (limits::SHORTEST_RETENTION, limits::LONGEST_RETENTION);
    seconds(found, "queue.message_retention_period", settings.message_retention_period, kept, REFUSED);
    delay(&scenario.buffered.delay.length, REFUSED, found);
    if let Some(redrive) = scenario.buffered.redrive
        && redrive.interval < SimDuration::from_secs_f64(1.0 / FASTEST_REDRIVE)
    {
        found.push(Breach {
            keys: vec!["queue.dead_letter.redrive_rate".to_string()],
            what: "queue.dead_letter.redrive_rate is more than 500/s".to_string(),
            answer: "SQS refuses such a StartMessageMoveTask",
            remedy: "write at most \"500/s\"".to_string(),
            silent_in_textbook: false,
        });
    }
    if let Some(count) = settings.max_receive_count
        && count > limits::MOST_RECEIVES
    {
        found.push(Breach {
            keys: vec!["queue.dead_letter.max_receive_count".to_string()],
            what: format!("queue.dead_letter.max_receive_count is {count}: AWS takes 1 to 1000"),
            answer: "SQS refuses this with InvalidParameterValue",
            remedy: "write at most 1000".to_string(),
            silent_in_textbook: false,
        });
    }
}

/// SQS API Reference, SendMessage: of a distribution its longest value, or, where there is none, its mean.
fn delay(length: &Distribution, refused: &'static str, found: &mut Vec<Breach>) {
    let range = (SimDuration::ZERO, LONGEST_DELAY);
    let longest = match *length {
        Distribution::Constant { seconds: constant } => {
            let constant = SimDuration::from_secs_f64(constant);
            return seconds(found, "queue.delay", Some(constant), range, refused);
        }
        Distribution::Uniform { max, .. } => max,
        _ => length.mean(),
    };
    if SimDuration::from_secs_f64(longest) > range.1 {
        found.push(Breach {
            keys: vec!["queue.delay".to_string()],
            what: format!(
                "queue.delay is {} {}: AWS takes 0s to 15min",
                show_duration(SimDuration::from_secs_f64(longest)),
                if matches!(length, Distribution::Uniform { .. }) { "at most" } else { "on average" }
            ),
            answer: refused,
            remedy: "write a distribution of shorter delays".to_string(),
            silent_in_textbook: false,
        });
    }
}

/// Lambda API Reference, CreateEventSourceMapping.
fn event_source(scenario: &Scenario, found: &mut Vec<Breach>) {
    const REFUSED: &str = "Lambda refuses this with InvalidParameterValueException";
    let spec = &scenario.buffered.event_source;
    let window = spec.maximum_batching_window;
    seconds(
        found,
        "event_source.maximum_batching_window",
        Some(window),
        (SimDuration::ZERO, limits::LONGEST_WINDOW),
        REFUSED,
    );
    if spec.batch_size > limits::LARGEST_BATCH_WITHOUT_WINDOW && window < limits::SHORTEST_WINDOW {
        found.push(Breach {
            keys: vec!["event_source.batch_size".to_string(), "event_source.maximum_batching_window".to_string()],
            what: format!(
                "event_source.batch_size is {}, and there is no batching window of at least 1s",
                spec.batch_size
            ),
            answer: REFUSED,
            remedy: "write batch_size = 10 or less, or maximum_batching_window = \"1s\" or more".to_string(),
            silent_in_textbook: false,
        });
    }
    if let Some(maximum) = spec.maximum_concurrency
        && !(limits::LEAST_MAXIMUM_CONCURRENCY..=limits::MOST_MAXIMUM_CONCURRENCY).contains(&maximum)
    {
        found.push(Breach {
            keys: vec!["event_source.maximum_concurrency".to_string()],
            what: format!("event_source.maximum_concurrency is {maximum}: AWS takes 2 to 1000"),
            answer: REFUSED,
            remedy: "write a number from 2 to 1000, or leave it out".to_string(),
            silent_in_textbook: false,
        });
    }
    if let (Some(visibility), Some(timeout)) =
        (scenario.buffered.queue.visibility_timeout, scenario.buffered.function.timeout)
        && visibility < timeout
    {
        found.push(Breach {
            keys: vec!["queue.visibility_timeout".to_string(), "lambda.timeout".to_string()],
            what: format!(
                "queue.visibility_timeout ({}) is shorter than lambda.timeout ({})",
                show_duration(visibility),
                show_duration(timeout)
            ),
            answer: "AWS refuses such a mapping with InvalidParameterValueException",
            remedy: format!(
                "write a visibility timeout of 6 x lambda.timeout, \"{}\"",
                show_duration(times(timeout, limits::ADVISED_VISIBILITY.into()))
            ),
            silent_in_textbook: false,
        });
    }
}

/// Both designs' functions; what direct takes over is told once.
fn functions(scenario: &Scenario, found: &mut Vec<Breach>) {
    let limit = scenario.buffered.platform.account.concurrency_limit;
    let shared = &scenario.buffered.function;
    function(shared, "lambda", limit, found);
    let direct = &scenario.direct.function;
    if direct != shared {
        let mut own = Vec::new();
        function(direct, "direct.lambda", limit, &mut own);
        let told: Vec<String> = found.iter().map(|breach| breach.what.replace("lambda.", "direct.lambda.")).collect();
        found.extend(own.into_iter().filter(|breach| !told.contains(&breach.what)));
    }
}

/// Lambda quotas, and PutFunctionConcurrency and PutProvisionedConcurrencyConfig of the Lambda API Reference.
fn function(function: &FunctionSpec, table: &str, limit: Option<u32>, found: &mut Vec<Breach>) {
    const REFUSED: &str = "Lambda refuses this with InvalidParameterValueException";
    const UNRESERVED_REASON: &str = "it would decrease UnreservedConcurrentExecution below its minimum value of 100";
    let key = |name: &str| format!("{table}.{name}");
    seconds(found, &key("timeout"), function.timeout, (SECOND, limits::LONGEST_FUNCTION_TIMEOUT), REFUSED);
    if !(limits::LEAST_MEMORY..=limits::MOST_MEMORY).contains(&function.memory_mb) {
        found.push(Breach {
            keys: vec![key("memory_size")],
            what: format!("{} is {}MB: AWS takes 128MB to 10240MB", key("memory_size"), function.memory_mb),
            answer: REFUSED,
            remedy: "write a size from \"128MB\" to \"10240MB\"".to_string(),
            silent_in_textbook: false,
        });
    }
    let provisioned = function.provisioned_concurrency;
    let (name, taken) = match function.reserved_concurrency {
        Some(reserved) => ("reserved_concurrency", reserved),
        None => ("provisioned_concurrency", provisioned),
    };
    if let Some(limit) = limit
        && taken > limit.saturating_sub(UNRESERVED)
        && taken > 0
    {
        let most = limit.saturating_sub(UNRESERVED);
        found.push(Breach {
            keys: vec![key(name), "account.concurrency_limit".to_string()],
            what: format!("{} ({taken}) leaves less than 100 of the account's {limit} unreserved", key(name)),
            answer: UNRESERVED_REASON,
            remedy: match most {
                0 => "leave it out, or raise account.concurrency_limit: this account is too small for it".to_string(),
                most => format!("write at most {most}, or raise account.concurrency_limit"),
            },
            silent_in_textbook: false,
        });
    }
    if let Some(reserved) = function.reserved_concurrency
        && provisioned > reserved
    {
        found.push(Breach {
            keys: vec![
                key("provisioned_concurrency"),
                key("reserved_concurrency"),
                "lambda.reserved_concurrency".to_string(),
            ],
            what: format!("{} ({provisioned}) is more than is reserved ({reserved})", key("provisioned_concurrency")),
            answer: REFUSED,
            remedy: format!("write at most {reserved}, or reserve more"),
            silent_in_textbook: false,
        });
    }
}

/// Step Functions Developer Guide, "Task workflow state" and "Handling errors": whole seconds everywhere.
fn workflows(scenario: &Scenario, found: &mut Vec<Breach>) {
    const REFUSED: &str = "Step Functions refuses such a definition";
    let callback = &scenario.buffered.workflow;
    let task = (SECOND, limits::LONGEST_TASK);
    seconds(found, "step_functions.timeout", callback.timeout, task, REFUSED);
    seconds(found, "step_functions.heartbeat", callback.heartbeat, task, REFUSED);
    seconds(found, "step_functions.execution_timeout", callback.execution_timeout, task, REFUSED);
    seconds(found, "direct.timeout", scenario.direct.workflow.timeout, task, REFUSED);
    seconds(found, "direct.heartbeat", scenario.direct.workflow.heartbeat, task, REFUSED);
}

/// Lambda API Reference, PutFunctionEventInvokeConfig.
fn asynchronous(scenario: &Scenario, found: &mut Vec<Breach>) {
    const REFUSED: &str = "Lambda refuses this with InvalidParameterValueException";
    let Some(asynchronous) = &scenario.direct.asynchronous else { return };
    let queue = &asynchronous.queue;
    seconds(
        found,
        "direct.maximum_event_age",
        queue.maximum_event_age,
        (limits::SHORTEST_EVENT_AGE, MAXIMUM_EVENT_AGE),
        REFUSED,
    );
    let retries = queue.maximum_retry_attempts;
    if retries > MAXIMUM_RETRY_ATTEMPTS {
        found.push(Breach {
            keys: vec!["direct.maximum_retry_attempts".to_string()],
            what: format!("direct.maximum_retry_attempts is {retries}: AWS takes 0 to 2"),
            answer: REFUSED,
            remedy: "write 0, 1 or 2".to_string(),
            silent_in_textbook: false,
        });
    }
    if queue.maximum_event_age.is_none() {
        found.push(Breach {
            keys: vec!["direct.maximum_event_age".to_string()],
            what: "direct.maximum_event_age is \"none\": AWS keeps no event for longer than 6h".to_string(),
            answer: "there is no such setting",
            remedy: "write at most \"6h\", or leave it out".to_string(),
            silent_in_textbook: true,
        });
    }
}

fn retry(workflow: &WorkflowSpec, key: &str, found: &mut Vec<Breach>) {
    const REFUSED: &str = "Step Functions refuses such a definition";
    let retry = &workflow.retry;
    if retry.max_attempts == 0 {
        return;
    }
    seconds(found, &format!("{key}.interval"), Some(retry.interval), (SECOND, limits::LONGEST_TASK), REFUSED);
    seconds(found, &format!("{key}.max_delay"), retry.max_delay, (SECOND, limits::LONGEST_RETRY_DELAY), REFUSED);
}

/// A duration that AWS takes as whole seconds within a range.
fn seconds(
    found: &mut Vec<Breach>,
    key: &str,
    value: Option<SimDuration>,
    (least, most): (SimDuration, SimDuration),
    answer: &'static str,
) {
    let Some(value) = value else { return };
    let range = format!("{} to {}", show_duration(least), show_duration(most));
    let inside = (least..=most).contains(&value);
    let whole = value.0.is_multiple_of(NANOS_PER_SEC);
    let what = match (inside, whole) {
        (true, true) => return,
        (false, _) => format!("{key} is {}: AWS takes {range}", show_duration(value)),
        (true, false) => format!("{key} is {}: AWS takes whole seconds", show_duration(value)),
    };
    let remedy = if inside { "round it to seconds".to_string() } else { format!("write a duration from {range}") };
    found.push(Breach { keys: vec![key.to_string()], what, answer, remedy, silent_in_textbook: inside });
}

/// A multiple of a duration.
pub fn times(length: SimDuration, factor: u64) -> SimDuration {
    SimDuration(length.0.saturating_mul(factor))
}
