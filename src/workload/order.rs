//! An order: the customer of queueing theory, with everything random about it fixed at birth.

use crate::random::OrderKey;
use crate::time::{SimDuration, SimTime};

/// One order of the workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Counts from 0 in order of arrival.
    pub number: u64,
    /// The intended arrival: latency counts from here.
    pub arrives_at: SimTime,
    /// Every later draw of this order is a pure function of (key, purpose, attempt).
    pub key: OrderKey,
    /// How long the handler works on it in every attempt, where its trace says so.
    pub service: Option<SimDuration>,
}
