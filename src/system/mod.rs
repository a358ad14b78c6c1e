//! The wirings: each system owns its components, a closed `Event` enum and the only `match` on it.

pub mod spec;

pub use spec::{BufferedSpec, DirectSpec};
