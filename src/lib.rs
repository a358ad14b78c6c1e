//! Know what your order pipeline will do before the sale opens.
//!
//! queuecast simulates order processing on AWS in two designs on the same orders: **buffered** (Step Functions callback →
//! SQS → Lambda → callback) and **direct** (Step Functions → Lambda). The command is `simulate`.
//!
//! # The map
//!
//! Rooms in the order of the walls; each imports only what stands before it (`tests/tidy.rs` holds the table).
//!
//! * the ground: [`time`] (integer nanoseconds), [`observer`] (who is told what happens), [`slab`] (records in slots)
//! * [`facts`]: every constant that stands for a fact of AWS, with its source and how sure it is
//! * [`random`]: draws that belong to an order, streams, samplers
//! * [`engine`]: the event list and the loop; knows no orders
//! * [`workload`]: the orders, and when they come
//! * [`observation`]: everything that can happen, in the past tense
//! * [`model`]: queue, execution, function: state machines without clock, dice or wires
//! * [`system`]: the two designs wired from them
//! * [`measure`]: observers that end in findings
//! * [`scenario`]: the file, its mistakes, its meaning
//! * [`experiment`]: runs, objectives, claims
//! * [`report`]: findings to files, charts and screen
//! * `live` (a feature): the same orders against real services, into the same findings
//! * [`cli`]: the command line
//!
//! Down to [`measure`] it is a pure core: no I/O, no clock, no threads, no way to fail but a broken invariant.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod engine;
pub mod experiment;
pub mod facts;
#[cfg(feature = "live")]
pub mod live;
pub mod measure;
pub mod model;
pub mod observation;
pub mod observer;
pub mod random;
pub mod report;
pub mod scenario;
pub mod slab;
pub mod system;
pub mod time;
pub mod workload;
