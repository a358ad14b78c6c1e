//! `[step_functions]`: the workflow around the callback Task. What concerns the execution as a whole (its own timeout,
//! the Catch) holds in both designs.

use crate::model::execution::TaskErrors;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::retry;
use crate::system::spec::WorkflowSpec;

/// Why a timeout of zero is no timeout.
pub const NO_TIMEOUT: &str = "leave it out for a task that waits for ever";

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>) -> (WorkflowSpec, Vec<Line>) {
    let timeout = reader.positive_duration("timeout", NO_TIMEOUT);
    let heartbeat = reader.positive_duration("heartbeat", "leave it out for no heartbeat");
    let execution_timeout = reader.positive_duration("execution_timeout", "leave it out for no limit");
    let retry = retry::read(&mut reader);
    let catch: TaskErrors = retry::read_errors(&mut reader, "catch", None);
    let spec = WorkflowSpec {
        timeout: timeout.map(|found| found.value),
        heartbeat: heartbeat.map(|found| found.value),
        execution_timeout: execution_timeout.map(|found| found.value),
        retry,
        catch,
    };
    (spec, reader.finish(&[]))
}
