//! `[latency]`, `[account]` and `[sdk]`.

use super::kinds::{COUNT, Form, Key, Kind, Mark, NONE, POSITIVE, Table};
use crate::scenario::sdk::MOST_TRIES;

const fn hop(name: &'static str, meaning: &'static str, wrong: &'static str, example: &'static str) -> Key {
    Key {
        name,
        kinds: &[Kind::Distribution],
        meaning,
        aws: "no key: AWS promises no latency and publishes none",
        mark: Mark::Listed,
        source: "",
        wrong,
        example,
    }
}

pub const LATENCY: Table = Table {
    path: "latency",
    form: Form::Table,
    about: "how long each hop takes that is not work",
    least: "",
    keys: &[
        hop(
            "start",
            "StartExecution until the execution enters its first state.",
            "It is the same in both designs, so it decides no comparison.",
            "start = \"40ms\"",
        ),
        hop(
            "dispatch",
            "The state is entered until its Task starts; the Task's timeout counts from there.",
            "It is the same in both designs, so it decides no comparison.",
            "dispatch = \"30ms\"",
        ),
        hop(
            "transition",
            "The answer is accepted until the next state is entered: the end of an order's latency.",
            "It is the same in both designs, so it decides no comparison.",
            "transition = \"25ms\"",
        ),
        hop(
            "send",
            "SendMessage: the Task starts until its message is in the queue. Buffered only.",
            "It is part of what a queue adds in quiet times.",
            "send = \"10ms\"",
        ),
        hop(
            "receive",
            "A message is received until the poller has its batch. Buffered only; drawn once a batch.",
            "It is part of what a queue adds in quiet times; the poller is taken meanwhile.",
            "receive = \"9ms\"",
        ),
        hop("invoke", "A call of the function until Lambda has it.", "Little, beside the work.", "invoke = \"5ms\""),
        hop(
            "callback",
            "The handler's answer until Step Functions has it: SendTaskSuccess, or the reply in direct. The handler does \
             not wait for it.",
            "A handler that waits for its call has a longer lambda.duration instead.",
            "callback = \"20ms\"",
        ),
    ],
};

const STEP_FUNCTIONS: &str = "\"Step Functions service quotas\", Standard workflows";

pub const ACCOUNT: Table = Table {
    path: "account",
    form: Form::Table,
    about: "the Region and what an account may do there",
    least: "",
    keys: &[
        Key {
            name: "region",
            kinds: &[Kind::Text],
            meaning: "The AWS Region: its quotas of Step Functions are filled in, in either profile. \"none\" is nowhere.",
            aws: "us-east-1, us-west-2 and eu-west-1 have the larger quotas",
            mark: Mark::High,
            source: STEP_FUNCTIONS,
            wrong: "In all Regions but three a sale is let in at half the rate.",
            example: "region = \"eu-central-1\"",
        },
        Key {
            name: "concurrency_limit",
            kinds: &[POSITIVE, NONE],
            meaning: "Environments of all functions of the account that may work at once in the Region.",
            aws: "concurrent executions, 1,000 by default; new accounts start lower",
            mark: Mark::Listed,
            source: "",
            wrong: "A new account has 10 or 50 where the plan reckons with 1,000.",
            example: "concurrency_limit = 3000",
        },
        Key {
            name: "other_concurrency",
            kinds: &[COUNT],
            meaning: "How much of that the account's other functions use all the time.",
            aws: "no key: look at ConcurrentExecutions in CloudWatch",
            mark: Mark::Ours,
            source: "",
            wrong: "0 gives the whole account to this function; a sale is when the neighbours are busy, too.",
            example: "other_concurrency = 200",
        },
        Key {
            name: "start_execution",
            kinds: &[Kind::Shape("bucket"), NONE],
            meaning: "StartExecution calls. Without a token the caller's SDK tries three times in all, then the order is \
                      refused.",
            aws: "1,300 and 300/s in three Regions, 800 and 150/s elsewhere; can be raised",
            mark: Mark::Listed,
            source: "",
            wrong: "This is the door of both designs: no setting behind it lets more orders in.",
            example: "start_execution = { size = 1300, refill = \"600/s\" }",
        },
        Key {
            name: "state_transition",
            kinds: &[Kind::Shape("bucket"), NONE],
            meaning: "State transitions. Without a token the transition waits; two an order, and one for each retry.",
            aws: "5,000 and 5,000/s in three Regions, 800 and 800/s elsewhere; can be raised",
            mark: Mark::Listed,
            source: "",
            wrong: "Retries eat it up: every order of the account waits then.",
            example: "state_transition = { size = 5000, refill = \"5000/s\" }",
        },
        Key {
            name: "send_task",
            kinds: &[Kind::Shape("bucket"), NONE],
            meaning: "SendTaskSuccess and SendTaskFailure calls, a bucket each. Without a token the worker's SDK tries \
                      three times in all.",
            aws: "3,000 and 500/s in three Regions, 1,500 and 300/s elsewhere; can be raised",
            mark: Mark::Listed,
            source: "",
            wrong: "More confirmed a second than this: answers are lost, and their messages come back.",
            example: "send_task = { size = 3000, refill = \"500/s\" }",
        },
        Key {
            name: "environment_rate",
            kinds: &[Kind::Shape("bucket"), NONE],
            meaning: "New environments of one function. Without a token and without an idle environment the invocation is \
                      throttled.",
            aws: "1,000 every 10 s per function, refilled all the time",
            mark: Mark::Listed,
            source: "",
            wrong: "It binds in the first seconds of a sale of slow functions.",
            example: "environment_rate = { size = 1000, refill = \"100/s\" }",
        },
    ],
};

const fn caller(
    name: &'static str,
    kinds: &'static [Kind],
    meaning: &'static str,
    aws: &'static str,
    wrong: &'static str,
    example: &'static str,
) -> Key {
    Key { name, kinds, meaning, aws, mark: Mark::Listed, source: "", wrong, example }
}

pub const SDK: Table = Table {
    path: "sdk",
    form: Form::Table,
    about: "how callers of Step Functions try again when they are throttled",
    least: "",
    keys: &[
        caller(
            "start_tries",
            &[Kind::Whole(1, MOST_TRIES)],
            "Calls of StartExecution in all; then the order is refused.",
            "max_attempts of whoever starts executions",
            "1: an order that comes when the bucket is empty is lost at the door. Many: the door is as busy as the sale.",
            "start_tries = 5",
        ),
        caller(
            "start_backoff",
            &[Kind::Duration],
            "The longest wait before the second call of StartExecution, with full jitter; it doubles from call to call, to 20 s.",
            "fixed in the SDK",
            "Short: all tries are spent before the bucket has refilled.",
            "start_backoff = \"500ms\"",
        ),
        caller(
            "callback_tries",
            &[Kind::Whole(1, MOST_TRIES)],
            "Calls in all with which the handler answers a task; then its record counts as failed.",
            "max_attempts of the function's SDK",
            "Few: good work is thrown away when answers are throttled, and its message comes back.",
            "callback_tries = 5",
        ),
        caller(
            "callback_backoff",
            &[Kind::Duration],
            "The longest wait before the second call to answer, with full jitter; it doubles from call to call, to 20 s. The \
             handler waits, and is billed.",
            "fixed in the SDK",
            "Short: all tries are spent before the bucket has refilled. Long: the function waits instead of working.",
            "callback_backoff = \"1s\"",
        ),
    ],
};
