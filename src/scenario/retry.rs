//! The Retry of a task and the error names of Retry and Catch.

use crate::facts::limits::MOST_RETRIES;
use crate::facts::workflow;
use crate::model::execution::{RetryPolicy, TaskErrors};
use crate::scenario::diagnostics::{Mistake, nearest};
use crate::scenario::reader::Reader;
use crate::scenario::resolved::inline;
use crate::scenario::tree::{Node, Value};
use crate::scenario::values::{DURATION, quoted, wrong_type};
use crate::time::SimDuration;

/// The names that `ErrorEquals` may list here.
const ERROR_NAMES: [&str; 15] = [
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "FunctionError",
    "InventoryRejected",
    "SQS.AmazonSQSException",
    "SQS.SdkClientException",
];
/// The business answer; it is a name too.
const OUT_OF_STOCK: &str = "OutOfStock";

/// The default of `errors`: `States.Timeout` and `States.TaskFailed` less `OutOfStock`, spelt out.
const DEFAULT_ERRORS: [&str; 7] = [
    "States.Timeout",
    "Lambda.TooManyRequestsException",
    "FunctionError",
    "Sandbox.Timedout",
    "InventoryRejected",
    "Lambda.ServiceException",
    "SQS.AmazonSQSException",
];

/// `retry = "console"`: what the Step Functions console writes under a new Lambda Task.
const CONSOLE_ERRORS: [&str; 4] = [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
];
/// `retry = "documentation"`: the developer guide's snippet and CDK's default, without TooManyRequests.
const DOCUMENTATION_ERRORS: [&str; 4] = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
];

/// Interval and retries of the two.
const CONSOLE: (SimDuration, u32) = (workflow::CONSOLE_INTERVAL, workflow::CONSOLE_MAX_ATTEMPTS);
const DOCUMENTATION: (SimDuration, u32) = (workflow::DOCUMENTATION_INTERVAL, workflow::DOCUMENTATION_MAX_ATTEMPTS);

/// What a table's `retry` is where the file does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultRetry {
    /// No Retry.
    None,
    /// What the console writes under a Lambda Task.
    Console,
}

/// Reads `retry` of a table.
pub fn read(reader: &mut Reader<'_, '_>, default: DefaultRetry) -> RetryPolicy {
    let Some(node) = reader.node("retry") else {
        let (policy, canonical) = match default {
            DefaultRetry::None => (RetryPolicy::NONE, quoted("none")),
            DefaultRetry::Console => preset_policy(&CONSOLE_ERRORS, CONSOLE, true),
        };
        reader.record("retry", canonical, true);
        return policy;
    };
    match of_node(reader.mistakes, node) {
        Some((policy, canonical)) => {
            reader.record("retry", canonical, false);
            policy
        }
        None => RetryPolicy::NONE,
    }
}

fn of_node(mistakes: &mut Vec<Mistake>, node: &Node) -> Option<(RetryPolicy, String)> {
    let policy = match &node.value {
        Value::Text(preset) => match preset.as_str() {
            "none" => return Some((RetryPolicy::NONE, quoted("none"))),
            "console" => preset_policy(&CONSOLE_ERRORS, CONSOLE, true),
            "documentation" => preset_policy(&DOCUMENTATION_ERRORS, DOCUMENTATION, false),
            word => {
                let help = match nearest(word, ["console", "documentation", "none"]) {
                    Some(candidate) => format!("did you mean {candidate:?}?"),
                    None => "write \"console\", \"documentation\", \"none\" or a table".to_string(),
                };
                mistakes.push(Mistake::at(node.place, format!("`retry`: unknown preset {word:?}")).help(help));
                return None;
            }
        },
        Value::Table(_) => return of_table(mistakes, node),
        _ => {
            let help = "write \"console\", \"documentation\", \"none\" or { interval = \"1s\", max_attempts = 3 }";
            mistakes.push(wrong_type(node, "retry", "a preset or a table", help));
            return None;
        }
    };
    Some(policy)
}

fn preset_policy(
    names: &[&str],
    (interval, max_attempts): (SimDuration, u32),
    full_jitter: bool,
) -> (RetryPolicy, String) {
    let backoff_rate = workflow::RETRY_BACKOFF_RATE;
    let policy =
        RetryPolicy { errors: set_of(names), interval, max_attempts, backoff_rate, max_delay: None, full_jitter };
    let jitter = if full_jitter { "FULL" } else { "NONE" };
    let canonical = format!(
        "{{ errors = {}, interval = \"{}\", max_attempts = {max_attempts}, backoff_rate = {backoff_rate}, jitter_strategy = \"{jitter}\" }}",
        list_of(names),
        (DURATION.show)(interval)
    );
    (policy, canonical)
}

fn of_table(mistakes: &mut Vec<Mistake>, node: &Node) -> Option<(RetryPolicy, String)> {
    let Value::Table(table) = &node.value else { return None };
    let before = mistakes.len();
    let mut reader = Reader::open(mistakes, table, node.place, "`retry`");
    let errors = read_errors(&mut reader, "errors", Some(&DEFAULT_ERRORS));
    let interval = reader.value_or("interval", &DURATION, workflow::RETRY_INTERVAL);
    let max_attempts = reader.whole_or("max_attempts", 0, MOST_RETRIES.into(), workflow::RETRY_MAX_ATTEMPTS.into());
    let backoff_rate = reader.number_or("backoff_rate", 1.0, workflow::RETRY_BACKOFF_RATE);
    let max_delay = reader.positive_duration("max_delay", "leave it out for no cap");
    let full_jitter = read_jitter(&mut reader);
    let lines = reader.finish();
    if mistakes.len() > before {
        return None;
    }
    let policy = RetryPolicy {
        errors,
        interval,
        max_attempts: u32::try_from(max_attempts).expect("checked against the largest"),
        backoff_rate,
        max_delay: max_delay.map(|found| found.value),
        full_jitter,
    };
    Some((policy, inline(&lines)))
}

/// `jitter_strategy`, in any case of letters, as people copy it from either console or code.
fn read_jitter(reader: &mut Reader<'_, '_>) -> bool {
    if reader.key_place("jitter_strategy").is_none() {
        reader.node("jitter_strategy");
        reader.record("jitter_strategy", quoted("NONE"), true);
        return false;
    }
    let Some(found) = reader.text("jitter_strategy") else { return false };
    let word = found.value.to_uppercase();
    if word == "FULL" || word == "NONE" {
        reader.record("jitter_strategy", quoted(&word), false);
    } else {
        let message = format!("`jitter_strategy`: unknown word {:?}", found.value);
        reader.mistakes.push(Mistake::at(found.place, message).help("write \"FULL\" or \"NONE\""));
    }
    word == "FULL"
}

/// Reads a list of error names; the default is `default`, or no error at all.
pub fn read_errors(reader: &mut Reader<'_, '_>, key: &'static str, default: Option<&[&str]>) -> TaskErrors {
    let Some(node) = reader.node(key) else {
        match default {
            Some(names) => reader.record(key, list_of(names), true),
            None => reader.record(key, "[]", true),
        }
        return set_of(default.unwrap_or_default());
    };
    let Value::List(values) = &node.value else {
        let mistake = wrong_type(node, key, "a list of error names", "write for example [\"States.Timeout\"]");
        reader.mistakes.push(mistake);
        return TaskErrors::NONE;
    };
    if values.is_empty() && default.is_some() {
        let help = "name at least one, or write retry = \"none\"";
        reader.mistakes.push(Mistake::at(node.place, format!("`{key}` names no error")).help(help));
    }
    let mut names = Vec::new();
    for value in values {
        match &value.value {
            Value::Text(name) if known(name) => names.push(name.as_str()),
            Value::Text(name) => {
                let mistake = unknown_error(value, name);
                reader.mistakes.push(mistake);
            }
            _ => {
                let help = "error names are strings, for example \"States.Timeout\"";
                reader.mistakes.push(wrong_type(value, key, "a list of error names", help));
            }
        }
    }
    reader.record(key, list_of(&names), false);
    set_of(&names)
}

fn known(name: &str) -> bool {
    TaskErrors::named(name).is_some()
}

fn unknown_error(node: &Node, name: &str) -> Mistake {
    let names = ERROR_NAMES.into_iter().chain([OUT_OF_STOCK]);
    let mistake = Mistake::at(node.place, format!("unknown error name {name:?}"));
    match nearest(name, names.clone()) {
        Some(candidate) => mistake.help(format!("did you mean {candidate:?}?")),
        None if name.starts_with("States.") => {
            mistake.help("write States.ALL, States.TaskFailed, States.Timeout or States.HeartbeatTimeout")
        }
        None => mistake.help("a handler's own error is called \"FunctionError\" here"),
    }
}

fn set_of(names: &[&str]) -> TaskErrors {
    names.iter().filter_map(|name| TaskErrors::named(name)).fold(TaskErrors::NONE, TaskErrors::union)
}

fn list_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::execution::TaskError;

    #[test]
    fn the_default_errors_are_all_but_out_of_stock() {
        let timeout_and_failed = set_of(&["States.Timeout", "States.TaskFailed"]);
        assert_eq!(set_of(&DEFAULT_ERRORS), timeout_and_failed.without(TaskError::OutOfStock));
    }

    #[test]
    fn every_suggested_error_name_is_one() {
        for name in ERROR_NAMES.into_iter().chain([OUT_OF_STOCK]) {
            assert!(known(name), "{name}");
        }
    }

    #[test]
    fn the_documentation_preset_does_not_retry_throttles_and_the_console_does() {
        let console = preset_policy(&CONSOLE_ERRORS, CONSOLE, true).0;
        let documentation = preset_policy(&DOCUMENTATION_ERRORS, DOCUMENTATION, false).0;
        assert!(console.errors.matches(TaskError::Throttled));
        assert!(!documentation.errors.matches(TaskError::Throttled));
        assert!(!console.errors.matches(TaskError::FunctionError));
    }
}
