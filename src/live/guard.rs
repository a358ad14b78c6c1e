//! What ends a run early: it has cost too much, or too many calls fail.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::live::target::CallError;

/// Calls that are looked back upon.
const LOOK_BACK: usize = 200;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// USD.
    pub max_cost: f64,
    /// The share of the last 200 calls to start or answer that may be throttled or fail.
    pub max_failed: f64,
}

/// What a thing that is counted costs, in USD.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Everything that an execution may cost by itself: its transitions and invocations, with all retries.
    pub execution: f64,
    /// A request to SQS.
    pub request: f64,
}

/// Counts what costs, and what fails.
#[derive(Debug)]
pub struct Guard {
    limits: Option<Limits>,
    rates: Rates,
    executions: AtomicU64,
    requests: AtomicU64,
    /// Of the last calls, whether each failed.
    heard: Mutex<VecDeque<bool>>,
    why: Mutex<Option<String>>,
    stop: Notify,
}

impl Guard {
    /// With nothing counted.
    pub fn new(limits: Option<Limits>, rates: Rates) -> Guard {
        Guard {
            limits,
            rates,
            executions: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            heard: Mutex::default(),
            why: Mutex::default(),
            stop: Notify::new(),
        }
    }

    /// An execution is about to be started.
    pub fn execution(&self) {
        self.executions.fetch_add(1, Ordering::Relaxed);
        self.count();
    }

    /// So many requests to SQS are about to be made.
    pub fn requests(&self, number: u64) {
        self.requests.fetch_add(number, Ordering::Relaxed);
        self.count();
    }

    /// At most so much, in USD, for what was counted so far.
    pub fn cost(&self) -> f64 {
        let of = |count: &AtomicU64, rate: f64| count.load(Ordering::Relaxed) as f64 * rate;
        of(&self.executions, self.rates.execution) + of(&self.requests, self.rates.request)
    }

    fn count(&self) {
        let Some(limits) = self.limits else { return };
        let cost = self.cost();
        if cost > limits.max_cost {
            self.end(format!("it may have cost {cost:.4} USD already, and --max-cost is {}", limits.max_cost));
        }
    }

    /// A call to start or to answer came back: with whether it was throttled or failed. That a task is over is no failure.
    pub fn came_back<T>(&self, said: &Result<T, CallError>) {
        self.heard(matches!(said, Err(CallError::Throttled | CallError::Other(_))));
    }

    /// A call to start or to answer was throttled or failed, or was not.
    pub fn heard(&self, failed: bool) {
        let Some(limits) = self.limits else { return };
        let mut heard = self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        heard.push_back(failed);
        if heard.len() > LOOK_BACK {
            heard.pop_front();
        }
        let count = heard.iter().filter(|failed| **failed).count();
        if heard.len() == LOOK_BACK && count as f64 > limits.max_failed * LOOK_BACK as f64 {
            self.end(format!("{count} of the last {LOOK_BACK} calls were throttled or failed"));
        }
    }

    /// The first reason counts.
    fn end(&self, why: String) {
        self.why.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(why);
        self.stop.notify_one();
    }

    /// Waits until there is a reason to stop, and says it.
    pub async fn ended(&self) -> String {
        loop {
            self.stop.notified().await;
            let why = self.why.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
            if let Some(why) = why {
                return why;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        let rates = Rates { execution: 0.01, request: 0.001 };
        Guard::new(Some(Limits { max_cost: 0.5, max_failed: 0.5 }), rates)
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_ends_where_it_may_have_cost_too_much() {
        let guard = guard();
        (0..40).for_each(|_| guard.execution());
        guard.requests(90);
        assert_eq!(*guard.why.lock().unwrap(), None, "{}", guard.cost());
        guard.requests(11);
        assert_eq!(guard.ended().await, "it may have cost 0.5010 USD already, and --max-cost is 0.5");
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_ends_where_more_than_half_its_calls_fail() {
        let guard = guard();
        (0..100).for_each(|_| guard.heard(true));
        (0..100).for_each(|_| guard.heard(false));
        assert_eq!(*guard.why.lock().unwrap(), None, "half of them is no more than half");
        (0..199).for_each(|_| guard.heard(false));
        (0..101).for_each(|_| guard.heard(true));
        assert!(guard.ended().await.starts_with("101 of the last 200 calls"));
    }

    #[test]
    fn without_limits_nothing_ends_a_run() {
        let guard = Guard::new(None, Rates { execution: 1e9, request: 1e9 });
        guard.execution();
        (0..1_000).for_each(|_| guard.heard(true));
        assert_eq!(*guard.why.lock().unwrap(), None);
    }
}
