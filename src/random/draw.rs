//! Counter-based draws: a pure function of (order key, purpose, attempt).

/// The 64-bit key an order is born with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderKey(pub u64);

/// What a draw decides. Numbers are part of the determinism contract: never reuse or reorder them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// The handler's own work.
    Work = 1,
    /// Whether an attempt fails.
    Error = 2,
    /// Whether every attempt of the order fails (drawn once, attempt 0).
    Poison = 3,
    /// The jitter of a retry of the task.
    RetryJitter = 4,
}

/// The private stream of one draw. A variate may use as many numbers as it likes without moving another.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    state: u64,
}
