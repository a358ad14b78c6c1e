//! Queues and a state machine that are there already: they are used, and left as they were.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_sfn::types::ExecutionStatus;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;

use crate::desk::{Desk, ask, count, left_on, ministack, sums_hold, turn};

const SALE: &str = "profile = 'textbook'\nseed = 3\n[[arrivals]]\nrate = '20/s'\nduration = '4s'\nspacing = 'even'\n\
                    [step_functions]\ntimeout = '20s'\ncatch = ['States.ALL']\n[queue]\nvisibility_timeout = '2s'\n\
                    [queue.dead_letter]\nmax_receive_count = 2\n[lambda]\nduration = '20ms'\nreserved_concurrency = 5\n\
                    poison_rate = '10%'\n";

/// Somebody's own queue, dead-letter queue and state machine.
struct Own {
    url: &'static str,
    queue: String,
    dead_letters: String,
    machine: String,
}

impl Own {
    fn make(url: &'static str, name: &str) -> Own {
        let (queue, dead_letters, machine) = ask(url, async |clients| {
            let dead = clients.sqs.create_queue().queue_name(format!("{name}-dead")).send().await.unwrap();
            let dead = dead.queue_url().unwrap().to_owned();
            let asked =
                clients.sqs.get_queue_attributes().queue_url(&dead).attribute_names(QueueAttributeName::QueueArn);
            let arn = asked.send().await.unwrap().attributes().unwrap()[&QueueAttributeName::QueueArn].clone();
            let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 2 }).to_string();
            let call =
                clients.sqs.create_queue().queue_name(name).attributes(QueueAttributeName::RedrivePolicy, redrive);
            let call = call.attributes(QueueAttributeName::VisibilityTimeout, "2");
            let queue = call.send().await.unwrap().queue_url().unwrap().to_owned();
            let body = json!({ "order.$": "$.order", "run.$": "$.run", "token.$": "$$.Task.Token" });
            let task = json!({
                "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TimeoutSeconds": 20,
                "Parameters": { "QueueUrl": queue, "MessageBody": body },
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Lost" }], "Next": "Done",
            });
            let states =
                json!({ "Inventory": task, "Done": { "Type": "Succeed" }, "Lost": { "Type": "Pass", "End": true } });
            let call = clients.sfn.create_state_machine().name(name).role_arn("arn:aws:iam::000000000000:role/own");
            let call = call.definition(json!({ "StartAt": "Inventory", "States": states }).to_string());
            (queue, dead, call.send().await.unwrap().state_machine_arn().to_owned())
        });
        Own { url, queue, dead_letters, machine }
    }

    fn options(&self) -> Vec<&str> {
        let (queue, dead) = (self.queue.as_str(), self.dead_letters.as_str());
        vec!["--design", "buffered", "--queue-url", queue, "--dead-letter-queue-url", dead, "--state-machine-arn"]
            .into_iter()
            .chain([self.machine.as_str()])
            .collect()
    }

    fn running(&self) -> usize {
        ask(self.url, async |clients| {
            let call = clients.sfn.list_executions().state_machine_arn(&self.machine);
            call.status_filter(ExecutionStatus::Running).send().await.unwrap().executions().len()
        })
    }

    fn messages(&self) -> u64 {
        ask(self.url, async |clients| {
            let mut count = 0;
            for queue in [&self.queue, &self.dead_letters] {
                let said = clients.sqs.get_queue_attributes().queue_url(queue).attribute_names(QueueAttributeName::All);
                let said = said.send().await.unwrap();
                for (name, value) in said.attributes().unwrap() {
                    if name.as_str().starts_with("ApproximateNumberOfMessages") {
                        count += value.parse::<u64>().unwrap();
                    }
                }
            }
            count
        })
    }
}

#[test]
fn what_is_given_is_used_and_stays() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let own = Own::make(url, "our-own-orders");
    let results = Desk::new(SALE).measure(url, &own.options());
    sums_hold(&results, "buffered");
    let of = |path: &str| count(&results, &format!("buffered.{path}"));
    assert!(of("causes.dead_lettered") > 2, "{}", of("causes.dead_lettered"));
    assert_eq!(of("orders.confirmed") + of("causes.dead_lettered"), of("orders.offered"));
    assert_eq!(left_on(url), Vec::<String>::new());
    assert_eq!((own.running(), own.messages()), (0, 0), "both are there, and empty again");
}

#[test]
fn an_interrupt_takes_the_runs_own_out_of_what_was_given() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let own = Own::make(url, "our-own-interrupted");
    let desk = Desk::new(&SALE.replace("'20ms'", "'1500ms'").replace("'4s'", "'20s'"));
    let mut arguments = vec!["sale.toml", "--endpoint-url", url, "--out", "out"];
    arguments.extend(own.options());
    let mut child = desk.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    while own.running() < 20 {
        assert!(Instant::now() < until && child.try_wait().unwrap().is_none(), "nothing was started");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!((own.running(), desk.path("out").exists()), (0, false));
    // What workers had in hand comes back after the visibility timeout, and is taken out then.
    std::thread::sleep(Duration::from_secs(3));
    let output = desk.command(&["cleanup"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(own.messages(), 0);
    assert!(!desk.path(".simulate-live").exists());
}

#[test]
fn what_is_given_must_fit() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let own = Own::make(url, "our-own-refused");
    ask(url, async |clients| {
        clients.sqs.send_message().queue_url(&own.queue).message_body("{}").send().await.unwrap();
    });
    let desk = Desk::new(SALE);
    let run = |more: &[&str]| {
        let output = desk.run(url, more);
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = run(&own.options());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("holds 1 messages already") && said.contains("give an empty queue"), "{said}");
    assert_eq!(own.messages(), 1, "it is left alone");
    let (code, said) = run(&["--state-machine-arn", &own.machine]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("one state machine cannot be that of both designs"), "{said}");
    let (code, said) = run(&["--design", "direct", "--queue-url", &own.queue]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the direct design has no queue"), "{said}");
    assert!(!desk.path(".simulate-live").exists());
}
