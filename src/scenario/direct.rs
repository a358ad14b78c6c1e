//! `[direct]`: what differs in the design without a queue.

use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::Place;
use crate::scenario::lambda;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::retry;
use crate::scenario::step_functions::NO_TIMEOUT;
use crate::scenario::tree::Table;
use crate::system::spec::{FunctionSpec, WorkflowSpec};

/// Keys of the format that are not built yet.
const LATER: [&str; 4] = ["invocation", "maximum_event_age", "maximum_retry_attempts", "destination"];

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
    /// Its function.
    pub function: FunctionSpec,
    /// Lines of `[direct]`.
    pub lines: Vec<Line>,
    /// Lines of `[direct.lambda]`, where it changes anything.
    pub lambda: Option<Vec<Line>>,
}

/// Reads the tables.
pub fn read(mut reader: Reader<'_, '_>, shared: &Shared<'_>, defaults: &Defaults) -> DirectTables {
    let timeout = reader.duration_limit("timeout", None, NO_TIMEOUT);
    let retry = retry::read(&mut reader, defaults.direct_retry);
    let workflow = WorkflowSpec {
        timeout,
        heartbeat: None,
        execution_timeout: shared.workflow.execution_timeout,
        retry,
        catch: shared.workflow.catch,
    };
    let (function, lambda) = match reader.inner("lambda") {
        Some(table) => read_lambda(&mut reader, shared, table, defaults),
        None => (shared.function.clone(), None),
    };
    DirectTables { workflow, function, lines: reader.finish(&LATER), lambda }
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
