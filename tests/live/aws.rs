//! AWS: what a run would do is shown, and nothing is done. No server is needed, and none is asked.

use std::process::Output;

use crate::desk::Desk;

const SALE: &str = "[[arrivals]]\nrate = '20/s'\nduration = '10s'\n[lambda]\nduration = '50ms'\ntimeout = '5s'\n\
                    reserved_concurrency = 5\n[step_functions]\ntimeout = '1min'\n[queue.dead_letter]\nmax_receive_count = 3\n";
const NEEDED: [&str; 12] = [
    "--region",
    "eu-west-1",
    "--account",
    "123456789012",
    "--role-arn",
    "arn:aws:iam::123456789012:role/workflows",
    "--function-role-arn",
    "arn:aws:iam::123456789012:role/functions",
    "--max-orders",
    "100",
    "--max-cost",
    "1",
];

fn run(more: &[&str]) -> Output {
    let desk = Desk::new(SALE);
    let arguments = [&["sale.toml", "--target", "aws"], more].concat();
    // No way to any network, and no credentials, would be needed for what is shown.
    let mut command = desk.command(&arguments);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_PROFILE");
    let output = command.output().unwrap();
    assert!(!desk.path(".simulate-live").exists() && !desk.path("reports").exists());
    output
}

#[test]
fn a_dry_run_shows_resources_permissions_and_cost() {
    let output = run(&NEEDED);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for part in [
        "Nothing was done.",
        "eu-west-1, account 123456789012",
        "SQS queue simulate-<run>-dead-letters",
        "Lambda function simulate-<run>-direct-function",
        "100 executions of the direct design",
        "arn:aws:sqs:eu-west-1:123456789012:simulate-*",
        "iam:PassRole",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    let policies: Vec<&str> = said.split("\n\n").filter_map(|part| part.find('{').map(|at| &part[at..])).collect();
    assert_eq!(policies.len(), 2);
    for policy in policies {
        let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
        assert_eq!(policy["Version"], "2012-10-17");
    }
    // By hand: buffered, one attempt and the next state; direct, four attempts (three retries of the console) and the next.
    let transitions = 100.0 * 2.0 + 100.0 * 5.0;
    let least = transitions * 0.025 / 1e3;
    let cost: f64 = said.split("at most ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(cost >= least && cost < least + 0.01, "{cost} USD, {least} of it for transitions");
}

#[test]
fn a_function_behind_the_queue_needs_more() {
    let output = run(&[&NEEDED[..], &["--worker", "lambda", "--design", "buffered"]].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for part in [
        "Lambda function simulate-<run>-buffered-function",
        "SQS queue simulate-<run>-reports",
        "event source mapping of that function, maximum concurrency 5",
        "lambda:CreateEventSourceMapping",
        "states:SendTaskSuccess",
        "log group /aws/lambda/simulate-",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    // By hand: two transitions an order, and at most three deliveries of its message, each a request to receive, to delete
    // and to report, and an invocation of 50 ms with 128 MB.
    let invocation = 0.2e-6 + 0.05 / 8.0 * 16.6667e-6;
    let order = 2.0 * 25e-6 + 0.4e-6 + 3.0 * (3.0 * 0.4e-6 + invocation);
    let cost: f64 = said.split("at most ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let polls = cost - 100.0 * order;
    assert!((0.0..1e-4).contains(&polls), "{cost} USD, {} of it for orders", 100.0 * order);
}

#[test]
fn each_safeguard_is_needed() {
    for left_out in ["--region", "--account", "--role-arn", "--function-role-arn", "--max-orders", "--max-cost"] {
        let rest: Vec<&str> =
            NEEDED.chunks(2).filter(|pair| pair[0] != left_out).flat_map(|pair| pair.iter().copied()).collect();
        let output = run(&rest);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "without {left_out}: {said}");
        assert!(said.contains(left_out), "{left_out} in\n{said}");
    }
    let mut poor = NEEDED;
    poor[11] = "0.001";
    let output = run(&poor);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--max-cost"));
    let free = run(&[&NEEDED[..], &["--set", "cost.price_list=\"none\""]].concat());
    let said = String::from_utf8_lossy(&free.stderr);
    assert!(free.status.code() == Some(2) && said.contains("--max-cost bounds nothing"), "{said}");
    for nonsense in ["nan", "-1", "inf"] {
        poor[11] = nonsense;
        let output = run(&poor);
        assert_eq!(output.status.code(), Some(2), "{nonsense}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("an amount in USD"), "{nonsense}");
    }
}

#[test]
fn no_variable_sends_the_run_elsewhere() {
    let output = run(&[&NEEDED[..], &["--execute"]].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("AWS_ENDPOINT_URL would send the run elsewhere"), "{said}");
}

#[test]
fn nothing_but_loopback_is_driven() {
    for url in ["http://localhost:4566", "https://sqs.us-east-1.amazonaws.com", "http://192.168.0.1:4566"] {
        let desk = Desk::new(SALE);
        let output = desk.command(&["sale.toml", "--endpoint-url", url]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("only servers on this machine"), "{said}");
    }
}
