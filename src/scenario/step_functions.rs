//! `[step_functions]`: the workflow around the callback Task. What concerns the execution as a whole (its own timeout,
//! the Catch) holds in both designs.

use crate::model::execution::TaskErrors;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::retry::{self, DefaultRetry};
use crate::system::spec::WorkflowSpec;

/// Why a timeout of zero is no timeout.
pub const NO_TIMEOUT: &str = "write \"none\" for a task that waits for ever";

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>) -> (WorkflowSpec, Vec<Line>) {
    let timeout = reader.duration_limit("timeout", None, NO_TIMEOUT);
    let heartbeat = reader.duration_limit("heartbeat", None, "write \"none\" for no heartbeat");
    let execution_timeout = reader.duration_limit("execution_timeout", None, "write \"none\" for no limit");
    let retry = retry::read(&mut reader, DefaultRetry::None);
    let catch: TaskErrors = retry::read_errors(&mut reader, "catch", None);
    let spec = WorkflowSpec { timeout, heartbeat, execution_timeout, retry, catch };
    (spec, reader.finish())
}
