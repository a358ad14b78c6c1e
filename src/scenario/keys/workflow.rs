//! `[step_functions]` and `[direct]`.

use super::kinds::{Form, Key, Kind, Mark, NONE, Table};

const TASK_STATE: &str = "Step Functions Developer Guide, \"Task workflow state\"";
const ERRORS: &str = "Step Functions Developer Guide, \"Handling errors in Step Functions workflows\"";
const ASYNC: &str = "Lambda Developer Guide, \"How Lambda handles errors and retries with asynchronous invocation\"";
const PRESETS: Kind = Kind::Word(&["none", "console", "documentation"]);

pub const STEP_FUNCTIONS: Table = Table {
    path: "step_functions",
    form: Form::Table,
    about: "the workflow around the callback Task",
    least: "",
    keys: &[
        Key {
            name: "timeout",
            kinds: &[Kind::Duration, NONE],
            meaning: "How long the callback Task waits for its answer, from the start of the Task on: the time in the \
                      queue counts.",
            aws: "TimeoutSeconds, 1 s to 99,999,999 s, whole seconds",
            mark: Mark::High,
            source: TASK_STATE,
            wrong: "Shorter than the longest wait in the queue: orders time out, and their messages are worked on all \
                    the same. None: an order whose answer is lost waits for a year.",
            example: "timeout = \"15min\"",
        },
        Key {
            name: "heartbeat",
            kinds: &[Kind::Duration, NONE],
            meaning: "How long the Task waits for a sign of life. No worker sends heartbeats here, least of all while the \
                      order waits in the queue, so it is a shorter timeout.",
            aws: "HeartbeatSeconds, less than TimeoutSeconds, whole seconds",
            mark: Mark::High,
            source: TASK_STATE,
            wrong: "Below the wait in the queue it ends orders that would have been confirmed in time.",
            example: "heartbeat = \"10min\"",
        },
        Key {
            name: "execution_timeout",
            kinds: &[Kind::Duration, NONE],
            meaning: "How long the whole execution may take, in both designs. It can neither be retried nor caught.",
            aws: "TimeoutSeconds of the state machine, whole seconds",
            mark: Mark::High,
            source: "Step Functions Developer Guide, \"State machine structure in Amazon States Language\"",
            wrong: "Shorter than the Task's timeout it wins, and Retry and Catch never have their turn.",
            example: "execution_timeout = \"30min\"",
        },
        Key {
            name: "retry",
            kinds: &[PRESETS, Kind::Shape("retry")],
            meaning: "The Retry of the callback Task. A retry sends a new message with a new token; the old message \
                      stays where it is.",
            aws: "Retry; nothing is added to a callback Task by default",
            mark: Mark::Medium,
            source: "exports of the console",
            wrong: "A retry after a timeout puts a second message behind the backlog that caused it: zombie work.",
            example: "retry = { max_attempts = 2, interval = \"5s\" }",
        },
        Key {
            name: "catch",
            kinds: &[Kind::Errors],
            meaning: "The errors after which the execution goes on to its next state. The order's outcome stays what it \
                      was. It holds in both designs.",
            aws: "Catch, ErrorEquals",
            mark: Mark::High,
            source: ERRORS,
            wrong: "[\"States.ALL\"] makes executions of lost orders end as SUCCEEDED: no alarm goes off.",
            example: "catch = [\"States.Timeout\"]",
        },
    ],
};

pub const DIRECT: Table = Table {
    path: "direct",
    form: Form::Table,
    about: "the design without a queue: the Task invokes the function",
    least: "",
    keys: &[
        Key {
            name: "timeout",
            kinds: &[Kind::Duration, NONE],
            meaning: "How long the lambda:invoke Task waits for the reply.",
            aws: "TimeoutSeconds, 1 s to 99,999,999 s, whole seconds",
            mark: Mark::High,
            source: TASK_STATE,
            wrong: "Shorter than the function's own timeout: the Task fails while the function runs on and holds its \
                    slot and its connection.",
            example: "timeout = \"1min\"",
        },
        Key {
            name: "retry",
            kinds: &[PRESETS, Kind::Shape("retry")],
            meaning: "The Retry of the lambda:invoke Task: all the patience that this design has. \"console\" is what the \
                      console writes (throttles too), \"documentation\" the developer guide's snippet (no throttles).",
            aws: "Retry",
            mark: Mark::Medium,
            source: "exports of the console; Step Functions Developer Guide, \"Handling errors\"",
            wrong: "The waits together are as long as a peak may be: 7 s with the console's. Errors of the function are \
                    in neither preset.",
            example: "retry = \"documentation\"",
        },
        Key {
            name: "invocation",
            kinds: &[Kind::Word(&["request_response", "event"])],
            meaning: "Synchronous, or asynchronous with a task token: then Lambda's own queue of events stands before the \
                      function.",
            aws: "InvocationType: RequestResponse or Event",
            mark: Mark::High,
            source: ASYNC,
            wrong: "\"event\" never sees a throttle: Lambda retries by itself for up to six hours, then the event is gone.",
            example: "invocation = \"event\"",
        },
        Key {
            name: "heartbeat",
            kinds: &[Kind::Duration, NONE],
            meaning: "With invocation = \"event\": how long the Task waits for a sign of life. Nobody sends one, so it is a \
                      shorter timeout.",
            aws: "as step_functions.heartbeat: less than the timeout, whole seconds",
            mark: Mark::High,
            source: TASK_STATE,
            wrong: "Below the wait in Lambda's own queue it ends orders that would have been confirmed in time.",
            example: "invocation = \"event\"\nheartbeat = \"10min\"",
        },
        Key {
            name: "maximum_event_age",
            kinds: &[Kind::Duration, NONE],
            meaning: "How long Lambda keeps an event of an asynchronous invocation.",
            aws: "MaximumEventAgeInSeconds, 60 s to 21,600 s (6 h), whole seconds",
            mark: Mark::Listed,
            source: "",
            wrong: "Shorter than the backlog of events: orders are dropped without an answer.",
            example: "invocation = \"event\"\nmaximum_event_age = \"1h\"",
        },
        Key {
            name: "maximum_retry_attempts",
            kinds: &[Kind::Whole(0, u32::MAX as u64)],
            meaning: "How often Lambda runs a failed event again: after 1 min, then after 2 min.",
            aws: "MaximumRetryAttempts, 0 to 2",
            mark: Mark::Listed,
            source: "",
            wrong: "0: one error of the function loses the order. Any: the handler must bear being run twice.",
            example: "invocation = \"event\"\nmaximum_retry_attempts = 1",
        },
        Key {
            name: "event_backoff_rate",
            kinds: &[Kind::Number(1.0)],
            meaning: "With invocation = \"event\": each wait of an event that the function has no room for is the one before \
                      times this, from 1 s to 5 min.",
            aws: "no key: \"exponentially\", without the factor",
            mark: Mark::Listed,
            source: "",
            wrong: "Large: events sleep while slots are free. Small: they are read, and refused, the more often.",
            example: "invocation = \"event\"\nevent_backoff_rate = 1.5",
        },
        Key {
            name: "destination",
            kinds: &[Kind::Word(&["none", "sqs"])],
            meaning: "Where an event goes that is given up: an on-failure destination, where it can be found, or nowhere.",
            aws: "DestinationConfig, OnFailure: a queue; topics, functions, event buses and buckets are not modelled",
            mark: Mark::High,
            source: ASYNC,
            wrong: "Without one a dropped event leaves no trace but an execution that waits.",
            example: "invocation = \"event\"\ndestination = \"sqs\"",
        },
        Key {
            name: "lambda",
            kinds: &[Kind::Table("lambda")],
            meaning: "Overrides any key of [lambda] for this design alone: \"just let it scale\" is the commonest rival of \
                      a queue.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Two things changed at once are no comparison: override one key.",
            example: "[direct.lambda]\nreserved_concurrency = \"none\"",
        },
    ],
};
