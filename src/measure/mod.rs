//! Measurement as observers: they listen to a run and end in [`findings`].

pub mod findings;

pub use findings::Findings;
