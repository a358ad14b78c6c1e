//! The simulator against queueing theory, through the scenario file and nothing else.
//!
//! Each scenario is run with several seeds; the mean over the seeds must lie within four standard errors (estimated from
//! the seeds) of the exact value, and the standard error must be small enough for that to mean something.

mod formulas;
mod harness;
mod intervals;

mod arrivals;
mod asynchronous;
mod loss;
mod queueing;
mod receives;
mod transients;
