//! `[direct]`: what differs in the design without a queue.

use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::retry;
use crate::scenario::step_functions::NO_TIMEOUT;
use crate::system::spec::WorkflowSpec;

/// Keys of the format that are not built yet.
const LATER: [&str; 5] = ["lambda", "invocation", "maximum_event_age", "maximum_retry_attempts", "destination"];

/// Reads the table; the execution's own timeout and its Catch are those of `[step_functions]`.
pub fn read(mut reader: Reader<'_, '_>, shared: &WorkflowSpec) -> (WorkflowSpec, Vec<Line>) {
    let timeout = reader.positive_duration("timeout", NO_TIMEOUT);
    let retry = retry::read(&mut reader);
    let spec = WorkflowSpec {
        timeout: timeout.map(|found| found.value),
        heartbeat: None,
        execution_timeout: shared.execution_timeout,
        retry,
        catch: shared.catch,
    };
    (spec, reader.finish(&LATER))
}
