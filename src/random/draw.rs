//! Counter-based draws: a pure function of (order key, purpose, attempt).
//!
//! Whoever asks, whenever and in whatever order, gets the same numbers: two designs and every point of a sweep decide
//! the same about the same order. The first word is the SplitMix64 finaliser of `key + A * purpose + B * attempt`;
//! further words of the same draw continue SplitMix64 from there, so a sampler that rejects may use as many as it
//! likes without moving the numbers of another draw.

use crate::random::numbers::{GOLDEN, Numbers, mix, unit};

/// Odd constants without small multiples near each other or near [`GOLDEN`], so that the starting points of the
/// draws of one order lie far apart (both from the fractional parts of square roots: of 3 and of 7).
const PER_PURPOSE: u64 = 0xbb67_ae85_84ca_a73b;
const PER_ATTEMPT: u64 = 0xa54f_f53a_5f1d_36f1;

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
    /// The hop from `StartExecution` to the execution.
    Start = 5,
    /// The hop from the task's state to the task.
    Dispatch = 6,
    /// The hop of a message into the queue.
    Send = 7,
    /// The hop of a batch to the poller.
    Receive = 8,
    /// The hop of an invocation to the function.
    Invoke = 9,
    /// The hop of an answer to the task.
    Callback = 10,
    /// The hop to the next state.
    Transition = 11,
    /// How an environment initialises, by the first record of its batch.
    ColdStart = 12,
    /// A call of the inventory.
    Inventory = 13,
    /// The back-off of whoever starts executions.
    StartJitter = 14,
    /// The back-off of a worker whose answer was throttled.
    CallbackJitter = 15,
    /// The age at which an environment is taken away; its key is that of the platform.
    Recycle = 16,
    /// Whether a message stays visible although it was received.
    Duplicate = 24,
    /// By how much a message's place in line is shifted.
    Reorder = 25,
    /// The delay of a message.
    Delay = 26,
    /// Whether a fault hits a call of `StartExecution`. Of faults, 32 and on: the attempt holds the fault's place too.
    FaultStart = 32,
    /// Whether a fault hits the sending or the delivery of a message.
    FaultQueue = 33,
    /// Whether a fault hits the function.
    FaultLambda = 34,
    /// Whether a fault hits a call of the inventory.
    FaultInventory = 35,
    /// Whether a fault hits an answer with a task token.
    FaultCallback = 36,
}

/// The private stream of one draw. A variate may use as many numbers as it likes without moving another.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    state: u64,
}

impl Draw {
    /// The stream of this order's `attempt` (counted by the caller) at `purpose`.
    #[inline(always)]
    pub fn new(key: OrderKey, purpose: Purpose, attempt: u64) -> Draw {
        let purpose = PER_PURPOSE.wrapping_mul(purpose as u64);
        let attempt = PER_ATTEMPT.wrapping_mul(attempt);
        Draw { state: key.0.wrapping_add(purpose).wrapping_add(attempt) }
    }

    /// The next word of this draw.
    #[inline(always)]
    pub fn next_u64(&mut self) -> u64 {
        let word = mix(self.state);
        self.state = self.state.wrapping_add(GOLDEN);
        word
    }

    /// Uniform on [0, 1).
    #[inline(always)]
    pub fn uniform(&mut self) -> f64 {
        unit(self.next_u64())
    }

    /// True with probability `p`: never for p <= 0, always for p >= 1. By inversion, so a larger `p` turns false into
    /// true for some orders and never true into false.
    #[inline(always)]
    pub fn coin(&mut self, p: f64) -> bool {
        self.uniform() < p
    }
}

impl Numbers for Draw {
    #[inline(always)]
    fn next_u64(&mut self) -> u64 {
        Draw::next_u64(self)
    }
}
