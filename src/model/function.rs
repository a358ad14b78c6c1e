//! A Lambda function: its execution environments and the limit on them.
//!
//! ```text
//!   none ──start (cold)──▶ busy ──invocation ends──▶ idle
//!                           ▲                         │
//!                           └────────start (warm)─────┘
//! ```
//!
//! An environment runs one invocation at a time. An invocation is admitted while fewer than the limit are busy, else it is
//! throttled (429) ("Understanding Lambda function scaling"). It takes an idle environment if there is one, else a new one is
//! started: a cold start, also where starting takes no time.
//!
//! Left out on purpose, until the account's limits are modelled: idle expiry, initialisation time, scaling rates,
//! provisioned concurrency.

/// Whether and how an invocation is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// In an environment that was idle.
    Warm,
    /// In a new environment.
    Cold,
    /// Not at all: the limit is reached.
    Throttled,
}

/// The environments of one function.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// `ReservedConcurrentExecutions`; without one every invocation is admitted.
    limit: u32,
    busy: u32,
    idle: u32,
}

impl Function {
    /// A function without environments. `limit` is its reserved concurrency.
    pub fn new(limit: Option<u32>) -> Function {
        Function { limit: limit.unwrap_or(u32::MAX), busy: 0, idle: 0 }
    }

    /// Environments at work.
    #[inline(always)]
    pub fn busy(&self) -> u32 {
        self.busy
    }

    /// Whether an invocation would be admitted now.
    #[inline(always)]
    pub fn has_room(&self) -> bool {
        self.busy < self.limit
    }

    /// Asks for an environment.
    #[inline(always)]
    pub fn admit(&mut self) -> Admission {
        if !self.has_room() {
            return Admission::Throttled;
        }
        self.busy += 1;
        if self.idle > 0 {
            self.idle -= 1;
            Admission::Warm
        } else {
            Admission::Cold
        }
    }

    /// An invocation is over: its environment is idle.
    #[inline(always)]
    pub fn release(&mut self) {
        self.busy -= 1;
        self.idle += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invocation_beyond_the_limit_is_throttled_until_one_ends() {
        let mut function = Function::new(Some(2));
        assert_eq!(function.admit(), Admission::Cold);
        assert_eq!(function.admit(), Admission::Cold);
        assert_eq!(function.admit(), Admission::Throttled);
        function.release();
        assert_eq!(function.admit(), Admission::Warm);
        assert_eq!(function.busy(), 2);
    }

    #[test]
    fn a_function_with_reserved_concurrency_zero_never_runs() {
        assert_eq!(Function::new(Some(0)).admit(), Admission::Throttled);
    }

    #[test]
    fn without_a_limit_every_invocation_is_admitted() {
        let mut function = Function::new(None);
        for _ in 0..10_000 {
            assert_eq!(function.admit(), Admission::Cold);
        }
    }
}
