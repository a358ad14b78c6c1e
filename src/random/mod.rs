//! Randomness that belongs to the order, not to the moment.
//!
//! Arrival gaps and one 64-bit key per order come from sequential ChaCha8 [`streams`]; every later draw is a pure
//! function of (key, purpose, attempt) with a small counter-based stream of its own ([`draw`]), so both designs and
//! every what-if face identical orders. [`distribution`] turns such streams into durations with samplers of our own
//! over `libm`, the same on every platform.

pub mod distribution;
pub mod draw;
pub mod numbers;
mod samples;
pub mod streams;
pub mod ziggurat;
mod ziggurat_tables;

pub use distribution::Distribution;
pub use draw::{Draw, OrderKey, Purpose};
pub use numbers::Numbers;
pub use samples::SampleTable;
pub use streams::{Named, Sequential, Streams};

#[cfg(test)]
mod draw_tests;
#[cfg(test)]
mod sampling_tests;
#[cfg(test)]
mod statistics;
#[cfg(test)]
mod ziggurat_tests;
