//! The wirings: each system owns its components, a closed `Event` enum and the only `match` on it.
//!
//! [`buffered`] and [`direct`] differ in how an order reaches the function; they share the state machine around the task
//! ([`workflow`]) and the function at work ([`invocations`]).

pub mod buffered;
pub mod direct;
mod invocations;
pub mod spec;
mod workflow;

pub use buffered::Buffered;
pub use direct::Direct;
pub use spec::{BufferedSpec, DirectSpec};
