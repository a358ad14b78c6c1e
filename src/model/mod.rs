//! The components: state machines without clock, dice or wires.
//!
//! A component is told the time, is given any random quantity as a number, and returns what happened and which deadlines
//! it needs. It never sees the event list, an observer or a neighbour, so each can be read and tested alone.

pub mod bucket;
pub mod event_source;
pub mod execution;
pub mod function;
pub mod inventory;
pub mod queue;
