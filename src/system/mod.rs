//! The wirings: each system owns its components, a closed `Event` enum and the only `match` on it.
//!
//! [`buffered`] and [`direct`] differ in how an order reaches the function; they share the state machine around the task
//! ([`workflow`]) and the function at work ([`invocations`]).

mod answers;
mod batch;
pub mod buffered;
pub mod direct;
mod handler;
mod hops;
mod invocations;
mod mapping;
pub mod spec;
mod workflow;

pub use crate::model::event_source::MOST_POLLERS;
pub use buffered::Buffered;
pub use direct::Direct;
pub use spec::{BufferedSpec, DirectSpec};
