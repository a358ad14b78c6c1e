//! The orders, and when they come: knows neither simulator nor AWS.

pub mod order;
pub mod spec;

pub use order::Order;
pub use spec::WorkloadSpec;
