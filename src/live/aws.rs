//! What a run on AWS would create, which permissions it needs, and what it costs: shown before anything is done.

use serde_json::{Value, json};

use crate::live::guard::Rates;
use crate::live::plan::Plan;
use crate::live::provision::Given;
use crate::live::{Settings, Worker};
use crate::measure::findings::Design;
use crate::measure::prices::PriceList;

/// States that an execution enters after those of the attempts of its task.
const AFTER_THE_TASK: f64 = 1.0;
/// Deliveries of a message that the estimate allows for where nothing bounds them.
const DELIVERIES: f64 = 2.0;
/// Pollers of an event source mapping in standard mode, and seconds of their long poll.
const MAPPING_POLLS_PER_S: f64 = 5.0 / 20.0;

/// At most so much, in USD, if every retry is used; free tiers are left out.
pub fn cost(plans: &[Plan], prices: &PriceList, settings: &Settings) -> f64 {
    plans.iter().map(|plan| cost_of(plan, prices, settings)).sum()
}

fn cost_of(plan: &Plan, prices: &PriceList, settings: &Settings) -> f64 {
    let rates = rates(plan, prices);
    let orders = plan.orders.len() as f64;
    let lasts = plan.arrivals_end.as_secs_f64() + plan.max_drain.as_secs_f64();
    let polls = lasts / f64::from(settings.wait_s.max(1)) + 1.0;
    let requests = match (plan.design, plan.worker) {
        // A receive and a delete for each delivery, and the long polls of workers and of who watches the dead letters.
        (Design::Buffered, Worker::Pool) => {
            orders * messages(plan) * deliveries(plan) * 2.0 + f64::from(plan.workers + 1) * polls
        }
        (Design::Buffered, Worker::Lambda) => lasts * MAPPING_POLLS_PER_S + 2.0 * polls,
        (Design::Direct, _) => 0.0,
    };
    orders * rates.execution + requests * rates.request
}

/// Messages, or invocations, of an order at most: one for each attempt of its task.
fn messages(plan: &Plan) -> f64 {
    1.0 + f64::from(plan.workflow.retry.max_attempts)
}

fn deliveries(plan: &Plan) -> f64 {
    plan.queue.max_receive_count.map_or(DELIVERIES, f64::from)
}

/// What an execution costs at most by itself, and a request that the driver makes.
pub fn rates(plan: &Plan, prices: &PriceList) -> Rates {
    let states = messages(plan) + AFTER_THE_TASK + f64::from(prices.extra_transitions);
    let transitions = states * prices.state_transition;
    let message = match (plan.design, plan.worker) {
        (Design::Buffered, Worker::Pool) => prices.sqs_request,
        // It is sent; each delivery is received, deleted and reported.
        (Design::Buffered, Worker::Lambda) => {
            prices.sqs_request + deliveries(plan) * (3.0 * prices.sqs_request + invocation(plan, prices))
        }
        (Design::Direct, _) => invocation(plan, prices),
    };
    Rates { execution: transitions + messages(plan) * message, request: prices.sqs_request }
}

/// An invocation for one order, with the mean of their work.
fn invocation(plan: &Plan, prices: &PriceList) -> f64 {
    let gb = f64::from(plan.function.memory_mb) / 1_024.0;
    let work = plan.orders.iter().map(|order| (plan.work(order, 0) + plan.service(order, 0)).as_secs_f64());
    let mean = work.sum::<f64>() / plan.orders.len().max(1) as f64;
    prices.lambda_request + mean * gb * prices.lambda_gb_second
}

/// The permissions of whoever runs it, for names that begin with `simulate-`.
pub fn policy(region: &str, account: &str, roles: &[&str]) -> Value {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{region}:{account}:{rest}");
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Queues",
                "Effect": "Allow",
                "Action": [
                    "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:TagQueue",
                    "sqs:ListQueueTags", "sqs:ReceiveMessage", "sqs:DeleteMessage",
                ],
                "Resource": arn("sqs", "simulate-*"),
            },
            {
                "Sid": "Workflows",
                "Effect": "Allow",
                "Action": [
                    "states:CreateStateMachine", "states:DeleteStateMachine", "states:TagResource",
                    "states:ListTagsForResource", "states:StartExecution", "states:StopExecution",
                    "states:ListExecutions", "states:GetExecutionHistory", "states:SendTaskSuccess",
                    "states:SendTaskFailure", "states:SendTaskHeartbeat",
                ],
                "Resource": [arn("states", "stateMachine:simulate-*"), arn("states", "execution:simulate-*:*")],
            },
            {
                "Sid": "Lists",
                "Effect": "Allow",
                "Action": ["states:ListStateMachines", "sts:GetCallerIdentity"],
                "Resource": "*",
            },
            {
                "Sid": "Functions",
                "Effect": "Allow",
                "Action": [
                    "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:GetFunction", "lambda:TagResource",
                    "lambda:PutFunctionConcurrency", "lambda:InvokeFunction",
                ],
                "Resource": arn("lambda", "function:simulate-*"),
            },
            {
                "Sid": "Mappings",
                "Effect": "Allow",
                "Action": [
                    "lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping",
                    "lambda:GetEventSourceMapping", "lambda:ListEventSourceMappings",
                ],
                "Resource": "*",
            },
            {
                "Sid": "Roles",
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": roles,
                "Condition": {
                    "StringEquals": { "iam:PassedToService": ["states.amazonaws.com", "lambda.amazonaws.com"] },
                },
            },
        ],
    })
}

/// What the state machines' role must allow; its trust is for `states.amazonaws.com`.
pub fn workflow_policy(region: &str, account: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Resource": format!("arn:aws:sqs:{region}:{account}:simulate-*"),
            },
            {
                "Effect": "Allow",
                "Action": "lambda:InvokeFunction",
                "Resource": format!("arn:aws:lambda:{region}:{account}:function:simulate-*"),
            },
        ],
    })
}

/// What the function behind the queue must be allowed by its role; its trust is for `lambda.amazonaws.com`.
pub fn function_policy(region: &str, account: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"],
                "Resource": format!("arn:aws:sqs:{region}:{account}:simulate-*"),
            },
            {
                "Effect": "Allow",
                "Action": ["states:SendTaskSuccess", "states:SendTaskFailure", "states:SendTaskHeartbeat"],
                "Resource": format!("arn:aws:states:{region}:{account}:stateMachine:simulate-*"),
            },
        ],
    })
}

/// Whether a function is created for a plan: a state machine that is given invokes one of its own.
pub fn makes_function(plan: &Plan, given: &Given) -> bool {
    plan.worker == Worker::Lambda && (plan.design == Design::Buffered || given.machine.is_none())
}

/// What would be created, a line each; what is given is used.
pub fn resources(plans: &[Plan], given: &Given) -> Vec<String> {
    let mut lines = Vec::new();
    for plan in plans {
        let design = plan.design.name();
        if plan.design == Design::Buffered {
            if plan.queue.max_receive_count.is_some() && given.queue.is_none() && given.dead_letters.is_none() {
                lines.push("SQS queue simulate-<run>-dead-letters".to_owned());
            }
            if given.queue.is_none() {
                let visibility = plan.queue.visibility_timeout.as_secs_f64();
                lines.push(format!("SQS queue simulate-<run>-orders, visibility timeout {visibility} s"));
            }
        }
        if makes_function(plan, given) {
            let reserved = plan.function.reserved_concurrency.map(|_| plan.workers);
            let reserved = reserved.map_or_else(String::new, |most| format!(", reserved concurrency {most}"));
            let memory = plan.function.memory_mb;
            lines.push(format!("Lambda function simulate-<run>-{design}-function, {memory} MB{reserved}"));
        }
        if (plan.design, plan.worker) == (Design::Buffered, Worker::Lambda) {
            lines.push("SQS queue simulate-<run>-reports".to_owned());
            lines.push(format!("event source mapping of that function, maximum concurrency {}", plan.workers));
        }
        if given.machine.is_none() {
            lines.push(format!("Step Functions Standard state machine simulate-<run>-{design}"));
        }
        lines.push(format!("{} executions of the {design} design", plan.orders.len()));
    }
    lines
}
