//! What a run on AWS would create, which permissions it needs, and what it costs: shown before anything is done.

use serde_json::{Value, json};

use crate::live::Settings;
use crate::live::plan::Plan;
use crate::measure::findings::Design;
use crate::measure::prices::PriceList;

/// States that an execution enters for each attempt of its task, and the one after it.
const AFTER_THE_TASK: f64 = 1.0;
/// Requests about one delivery of a message: it is sent, received, deleted.
const REQUESTS_PER_DELIVERY: f64 = 3.0;
/// Deliveries of a message that the estimate allows for where nothing bounds them.
const DELIVERIES: f64 = 2.0;

/// At most so much, in USD, if every retry is used; free tiers are left out.
pub fn cost(plans: &[Plan], prices: &PriceList, settings: &Settings) -> f64 {
    plans.iter().map(|plan| cost_of(plan, prices, settings)).sum()
}

fn cost_of(plan: &Plan, prices: &PriceList, settings: &Settings) -> f64 {
    let orders = plan.orders.len() as f64;
    let attempts = 1.0 + f64::from(plan.workflow.retry.max_attempts);
    let workflow = orders * (attempts + AFTER_THE_TASK) * prices.state_transition;
    match plan.design {
        Design::Buffered => {
            let deliveries = plan.queue.max_receive_count.map_or(DELIVERIES, f64::from) * attempts;
            let lasts = plan.arrivals_end.as_secs_f64() + plan.max_drain.as_secs_f64();
            let polls = f64::from(plan.workers + 1) * (lasts / f64::from(settings.wait_s.max(1)) + 1.0);
            workflow + (orders * deliveries * REQUESTS_PER_DELIVERY + polls) * prices.sqs_request
        }
        Design::Direct => {
            let gb = f64::from(plan.function.memory_mb) / 1_024.0;
            let work = plan.orders.iter().map(|order| (plan.work(order, 0) + plan.service(order, 0)).as_secs_f64());
            let gb_s = work.sum::<f64>() * attempts * gb;
            workflow + orders * attempts * prices.lambda_request + gb_s * prices.lambda_gb_second
        }
    }
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
                    "lambda:PutFunctionConcurrency",
                ],
                "Resource": arn("lambda", "function:simulate-*"),
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

/// What would be created, a line each.
pub fn resources(plans: &[Plan]) -> Vec<String> {
    let mut lines = Vec::new();
    for plan in plans {
        match plan.design {
            Design::Buffered => {
                if plan.queue.max_receive_count.is_some() {
                    lines.push("SQS queue simulate-<run>-dead-letters".to_owned());
                }
                lines.push(format!(
                    "SQS queue simulate-<run>-orders, visibility timeout {} s",
                    plan.queue.visibility_timeout.as_secs_f64()
                ));
                lines.push("Step Functions Standard state machine simulate-<run>-buffered".to_owned());
            }
            Design::Direct => {
                let reserved = plan.function.reserved_concurrency.map(|_| plan.workers);
                let reserved = reserved.map_or_else(String::new, |most| format!(", reserved concurrency {most}"));
                lines
                    .push(format!("Lambda function simulate-<run>-function, {} MB{reserved}", plan.function.memory_mb));
                lines.push("Step Functions Standard state machine simulate-<run>-direct".to_owned());
            }
        }
        lines.push(format!("{} executions of the {} design", plan.orders.len(), plan.design.name()));
    }
    lines
}
