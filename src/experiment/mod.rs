//! From a scenario to findings: runs both designs on the same orders, and judges the results.
//!
//! * [`mod@run`]: the runs, side by side, gathered by design and never by who was faster;
//! * [`limits`]: the limits that a scenario sets;
//! * [`progress`]: what a person who waits may see of a run;
//! * [`slo`]: service level objectives against findings;
//! * [`claims`]: `[[expect]]` against results.json.

pub mod claims;
pub mod limits;
pub mod progress;
pub mod run;
pub mod slo;

pub use progress::Progress;
pub use run::{Outcome, RunSettings, run};
