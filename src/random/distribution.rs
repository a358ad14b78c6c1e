//! Distributions of durations.
/// A distribution (to be written).
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution;
