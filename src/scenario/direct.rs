//! `[direct]`: what differs in the design without a queue of its own.

use crate::model::event_queue::EventQueueSettings;
use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::lambda;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::retry;
use crate::scenario::step_functions::NO_TIMEOUT;
use crate::scenario::tree::Table;
use crate::system::spec::{AsynchronousSpec, FunctionSpec, WorkflowSpec};

/// Keys that only asynchronous invocation has.
const ASYNCHRONOUS_KEYS: [&str; 5] =
    ["heartbeat", "maximum_event_age", "maximum_retry_attempts", "event_backoff_rate", "destination"];
/// On-failure destinations of AWS that are left out: they differ from a queue only in what they cost.
const OTHER_DESTINATIONS: [&str; 4] = ["sns", "lambda", "eventbridge", "s3"];

/// How the Task calls the function (`direct.invocation`), in the words of Lambda's `InvocationType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Invocation {
    /// The Task waits for the function's reply.
    RequestResponse,
    /// Lambda takes an event with a task token and keeps it until the function can run.
    Event,
}

/// What `[direct]` takes over where it says nothing.
pub struct Shared<'t> {
    /// The workflow of the buffered design: the execution's own timeout and its Catch hold in both.
    pub workflow: &'t WorkflowSpec,
    /// The function of both designs.
    pub function: &'t FunctionSpec,
    /// `[lambda]`.
    pub lambda: &'t Table,
    /// Its lines.
    pub lines: &'t [Line],
}

/// What the tables say.
pub struct DirectTables {
    /// The workflow around the `lambda:invoke` Task.
    pub workflow: WorkflowSpec,
    /// Asynchronous invocation, if it is that.
    pub asynchronous: Option<AsynchronousSpec>,
    /// Its function.
    pub function: FunctionSpec,
    /// Lines of `[direct]`.
    pub lines: Vec<Line>,
    /// Lines of `[direct.lambda]`, where it changes anything.
    pub lambda: Option<Vec<Line>>,
}

/// Reads the tables.
pub fn read(mut reader: Reader<'_, '_>, shared: &Shared<'_>, defaults: &Defaults) -> DirectTables {
    const WORDS: [(&str, Invocation); 2] =
        [("request_response", Invocation::RequestResponse), ("event", Invocation::Event)];
    let invocation = reader.choice_or("invocation", &WORDS, &[], Invocation::RequestResponse, WORDS[0].0);
    let timeout = reader.duration_limit("timeout", None, NO_TIMEOUT);
    let (heartbeat, asynchronous) = match invocation {
        Invocation::Event => {
            let heartbeat = reader.duration_limit("heartbeat", None, "write \"none\" for no heartbeat");
            (heartbeat, Some(read_asynchronous(&mut reader, defaults)))
        }
        Invocation::RequestResponse => {
            refuse_asynchronous_keys(&mut reader);
            (None, None)
        }
    };
    let retry = retry::read(&mut reader, defaults.direct_retry);
    let workflow = WorkflowSpec {
        timeout,
        heartbeat,
        execution_timeout: shared.workflow.execution_timeout,
        retry,
        catch: shared.workflow.catch,
    };
    let (function, lambda) = match reader.inner("lambda") {
        Some(table) => read_lambda(&mut reader, shared, table, defaults),
        None => (shared.function.clone(), None),
    };
    DirectTables { workflow, asynchronous, function, lines: reader.finish(), lambda }
}

/// How Lambda treats events: `PutFunctionEventInvokeConfig` of the Lambda API Reference.
fn read_asynchronous(reader: &mut Reader<'_, '_>, defaults: &Defaults) -> AsynchronousSpec {
    let why = "write \"none\" for events that Lambda keeps trying for ever";
    let maximum_event_age = reader.duration_limit("maximum_event_age", defaults.maximum_event_age, why);
    let most = u64::from(u32::MAX);
    let retries = reader.whole_or("maximum_retry_attempts", 0, most, defaults.maximum_retry_attempts);
    let destinations = [("none", false), ("sqs", true)];
    AsynchronousSpec {
        queue: EventQueueSettings {
            maximum_event_age,
            maximum_retry_attempts: u32::try_from(retries).expect("checked against the largest"),
            backoff_rate: reader.number_or("event_backoff_rate", 1.0, defaults.event_backoff_rate),
        },
        destination: reader.choice_or("destination", &destinations, &OTHER_DESTINATIONS, false, "none"),
    }
}

/// A synchronous invocation has no event that could be kept, tried again or given up, and no worker to send heartbeats.
fn refuse_asynchronous_keys(reader: &mut Reader<'_, '_>) {
    let invocation = reader.key_place("invocation");
    for key in ASYNCHRONOUS_KEYS {
        if let Some(place) = reader.key_place(key) {
            reader.node(key);
            let mistake = Mistake::at(place, format!("`{key}` of [direct] needs asynchronous invocation"))
                .label("a synchronous invocation has no such thing")
                .and(invocation, "this invocation is synchronous")
                .help(format!("write invocation = \"event\", or leave {key} out"));
            reader.mistakes.push(mistake);
        }
    }
}

fn read_lambda(
    reader: &mut Reader<'_, '_>,
    shared: &Shared<'_>,
    table: (&Table, Place),
    defaults: &Defaults,
) -> (FunctionSpec, Option<Vec<Line>>) {
    let (function, lines) = lambda::read_override(reader.mistakes, shared.lambda, shared.lines, table, defaults);
    (function, Some(lines).filter(|lines| !lines.is_empty()))
}
