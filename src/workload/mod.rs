//! The orders, and when they come: knows neither simulator nor AWS.
//!
//! [`WorkloadSpec`] says it as data, [`Workload`] makes the orders one after the other. Phases follow each other; in
//! each, arrivals are placed in time rescaled by the integrated rate and mapped back exactly. A `wave` has no closed
//! inverse; its root is found to the last bit.

pub mod arrivals;
mod batches;
mod course;
mod extent;
pub mod order;
mod scale;
pub mod spec;
pub mod trace;
mod wave;

pub use arrivals::{Workload, backlog_keys, platform_key};
pub use extent::marked_origin;
pub use order::Order;
pub use spec::WorkloadSpec;
pub use wave::Wave;

#[cfg(test)]
mod arrivals_tests;
#[cfg(test)]
mod course_tests;
#[cfg(test)]
mod trace_tests;
