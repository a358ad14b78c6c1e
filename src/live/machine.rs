//! The state machines' definitions, in the Amazon States Language, from the scenario's own settings.

use serde_json::{Value, json};

use crate::live::Worker;
use crate::live::plan::Plan;
use crate::model::execution::{RetryPolicy, TaskError, TaskErrors};
use crate::system::spec::WorkflowSpec;
use crate::time::{NANOS_PER_SEC, SimDuration};

/// Error names as the services raise them, with what the model calls them.
const NAMES: [(&str, TaskError); 9] = [
    ("States.Timeout", TaskError::Timeout),
    ("States.HeartbeatTimeout", TaskError::HeartbeatTimeout),
    ("Lambda.TooManyRequestsException", TaskError::Throttled),
    ("FunctionError", TaskError::FunctionError),
    ("Sandbox.Timedout", TaskError::FunctionTimeout),
    ("InventoryRejected", TaskError::InventoryRejected),
    ("OutOfStock", TaskError::OutOfStock),
    ("Lambda.ServiceException", TaskError::LambdaUnavailable),
    ("SQS.AmazonSQSException", TaskError::QueueUnavailable),
];

/// The buffered design: a callback Task that sends the order and its token to the queue.
pub fn buffered(plan: &Plan, queue_url: &str) -> Value {
    let mut task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {
            "QueueUrl": queue_url,
            "MessageBody": {
                "order.$": "$.order",
                "run.$": "$.run",
                "token.$": "$$.Task.Token",
                "attempt.$": "$$.State.RetryCount",
            },
        },
    });
    if plan.worker == Worker::Lambda {
        // The draws of the work travel with the message.
        for name in ["work", "fails"] {
            task["Parameters"]["MessageBody"][format!("{name}.$")] = format!("$.{name}").into();
        }
    }
    definition(task, &plan.workflow, &[])
}

/// The direct design: a Task that invokes the function and waits for its reply. `throttle_names` are further names under
/// which the services raise a throttle.
pub fn direct(plan: &Plan, function: &str, throttle_names: &[&str]) -> Value {
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {
            "FunctionName": function,
            "Payload": {
                "order.$": "$.order",
                "work.$": "$.work",
                "fails.$": "$.fails",
                "attempt.$": "$$.State.RetryCount",
            },
        },
        "OutputPath": "$.Payload",
    });
    definition(task, &plan.workflow, throttle_names)
}

fn definition(mut task: Value, workflow: &WorkflowSpec, throttle_names: &[&str]) -> Value {
    // Without a timeout a lost answer would hold its execution for years, and whoever waits for it.
    task["TimeoutSeconds"] = seconds(workflow.timeout.unwrap_or(SimDuration::from_secs(99_999_999)));
    if let Some(heartbeat) = workflow.heartbeat {
        task["HeartbeatSeconds"] = seconds(heartbeat);
    }
    if workflow.retry.max_attempts > 0 {
        task["Retry"] = json!([retrier(&workflow.retry, throttle_names)]);
    }
    if workflow.catch != TaskErrors::NONE {
        task["Catch"] = json!([{ "ErrorEquals": names(workflow.catch), "ResultPath": "$.error", "Next": "Caught" }]);
    }
    task["Next"] = "Done".into();
    let mut machine = json!({
        "Comment": "A measurement of queuecast; it is removed when that is over",
        "StartAt": "Inventory",
        "States": {
            "Inventory": task,
            "Done": { "Type": "Succeed" },
        },
    });
    if workflow.catch != TaskErrors::NONE {
        machine["States"]["Caught"] = json!({ "Type": "Pass", "End": true });
    }
    if let Some(limit) = workflow.execution_timeout {
        machine["TimeoutSeconds"] = seconds(limit);
    }
    machine
}

fn retrier(retry: &RetryPolicy, throttle_names: &[&str]) -> Value {
    let mut names = names(retry.errors);
    if retry.errors != TaskErrors::ALL && retry.errors.matches(TaskError::Throttled) {
        names.extend(throttle_names.iter().map(|name| (*name).to_owned()));
    }
    let mut value = json!({
        "ErrorEquals": names,
        "IntervalSeconds": seconds(retry.interval),
        "MaxAttempts": retry.max_attempts,
        "BackoffRate": retry.backoff_rate,
    });
    if let Some(delay) = retry.max_delay {
        value["MaxDelaySeconds"] = seconds(delay);
    }
    if retry.full_jitter {
        value["JitterStrategy"] = "FULL".into();
    }
    value
}

/// A set of errors as an `ErrorEquals` list.
fn names(errors: TaskErrors) -> Vec<String> {
    if errors == TaskErrors::ALL {
        return vec!["States.ALL".into()];
    }
    NAMES.iter().filter(|(_, error)| errors.matches(*error)).map(|(name, _)| (*name).to_owned()).collect()
}

fn seconds(length: SimDuration) -> Value {
    (length.0 / NANOS_PER_SEC).into()
}
