//! The map of the house.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod engine;
pub mod experiment;

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
