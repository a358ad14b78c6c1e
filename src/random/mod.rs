//! Randomness that belongs to the order, not to the moment.
//!
//! Arrival gaps and one 64-bit key per order come from sequential ChaCha8 [`streams`]; every later draw is a pure
//! function of (key, purpose, attempt) with a small counter-based stream of its own ([`draw`]), so both designs and
//! every what-if face identical orders. [`distribution`] turns such streams into durations with samplers of our own
//! over `libm`, the same on every platform.

pub mod distribution;
pub mod draw;
pub mod streams;

pub use distribution::Distribution;
pub use draw::{Draw, OrderKey, Purpose};
