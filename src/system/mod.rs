//! The wirings: each system owns its components, a closed `Event` enum and the only `match` on it.
//!
//! [`buffered`] and [`direct`] differ in how an order reaches the function. They share the state machine around the task
//! (`workflow`, and `answers` on their way to it) and the function at work (`invocations`, what the `handler` does with a
//! `batch`, `record` by record or all `together`, its `calls` of the inventory); buffered has the event source `mapping`
//! and the `redrive` of its dead-letter queue besides. Each part has a closed enumeration of its own events, and a system's
//! `Event` is made of those. How long a hop takes is in `hops`, what breaks in `faults`, and which [`ways`] an instance may
//! go at all in a file of that name. Direct invocation waits for the function's reply, or is `asynchronous`: then Lambda keeps
//! a queue of its own.

mod answers;
mod asynchronous;
mod batch;
pub mod buffered;
mod calls;
pub mod direct;
mod faults;
mod handler;
mod hops;
mod invocations;
mod mapping;
mod record;
mod redrive;
pub mod spec;
mod together;
pub mod ways;
mod workflow;
mod workflow_events;

pub use hops::{Sdk, SdkRetry};

pub use buffered::Buffered;
pub use direct::Direct;
pub use spec::{BufferedSpec, DirectSpec};
