//! The simulator against queueing theory, through the scenario file and nothing else.
//!
//! Each scenario is run with several seeds; the mean over the seeds must lie within four standard errors (estimated from
//! the seeds) of the exact value, and the standard error must be small enough for that to mean something. The same list of
//! systems is printed as `docs/validation.md`: `UPDATE=1 cargo test --test theory` writes it anew.

mod formulas;
mod harness;
mod intervals;

mod arrivals;
mod asynchronous;
mod bulk;
mod environments;
mod limits;
mod loss;
mod patience;
mod receives;
mod single;
mod transients;
mod unlimited;
mod waiting;

mod validation;

use harness::Family;

/// The chapters of the document.
static FAMILIES: [&Family; 16] = [
    &waiting::MARKOV,
    &waiting::CONSTANT,
    &single::FAMILY,
    &arrivals::RENEWALS,
    &arrivals::BATCHES,
    &arrivals::STREAMS,
    &bulk::FAMILY,
    &limits::FAMILY,
    &loss::FAMILY,
    &unlimited::FAMILY,
    &unlimited::CHANGING,
    &transients::FAMILY,
    &patience::FAMILY,
    &receives::FAMILY,
    &environments::FAMILY,
    &asynchronous::FAMILY,
];
