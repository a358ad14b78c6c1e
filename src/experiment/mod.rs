//! From a scenario to findings: runs both designs on the same orders, and judges the results.
//!
//! * [`mod@run`]: the runs of all replications, on all threads, gathered by number and never by who was faster;
//! * [`limits`]: the limits that a scenario sets;
//! * [`progress`]: what a person who waits may see of a run;
//! * [`what_if`]: the changed scenarios that are run beside it; [`mod@arithmetic`]: what it should give by arithmetic alone;
//! * [`observed`]: the stream of observations of a run, to be compared with another's;
//! * [`slo`]: service level objectives against findings;
//! * [`claims`]: `[[expect]]` against results.json;
//! * [`mod@trace`]: the story of one order.

pub mod arithmetic;
pub mod claims;
mod gather;
pub mod limits;
pub mod observed;
pub mod progress;
pub mod run;
pub mod slo;
pub mod trace;
pub mod what_if;

pub use progress::Progress;
pub use run::{Outcome, RunSettings, run};
