//! The book of what else there is a limited number of: batches in the hands of the mapping, connections of the inventory.

use crate::measure::auditor::watch::{AuditSettings, breach};
use crate::measure::window::Window;
use crate::time::SimTime;

/// Members of some kind, which come and go in no order: the sum of their times is that of the ends less that of the starts.
#[derive(Debug)]
struct Members {
    what: &'static str,
    limit: Option<u64>,
    since: Vec<SimTime>,
    /// Inside the window, in nanoseconds.
    time: u128,
}

impl Members {
    fn new(what: &'static str, limit: Option<u64>) -> Members {
        Members { what, limit, since: Vec::new(), time: 0 }
    }

    fn come(&mut self, now: SimTime) {
        self.since.push(now);
        if self.limit.is_some_and(|limit| self.since.len() as u64 > limit) {
            breach(now, self.what, &format!("{} are more than there may be", self.since.len()));
        }
    }

    /// Which of them goes does not matter to the sum of their times over a window.
    fn go(&mut self, now: SimTime, window: &Window) {
        match self.since.pop() {
            Some(since) => self.time += u128::from(window.overlap(since, now).0),
            None => breach(now, self.what, "one goes, but none is there"),
        }
    }

    fn finish(&mut self, end: SimTime, window: &Window) -> u128 {
        while !self.since.is_empty() {
            self.go(end, window);
        }
        self.time
    }
}

#[derive(Debug)]
pub(super) struct ServiceBook {
    window: Window,
    batches: Members,
    connections: Members,
    connecting: Members,
}

impl ServiceBook {
    pub(super) fn new(window: Window, settings: &AuditSettings) -> ServiceBook {
        ServiceBook {
            window,
            batches: Members::new("batches in hand", settings.maximum_concurrency),
            connections: Members::new("connections of the inventory", settings.max_connections),
            connecting: Members::new("calls waiting for a connection", None),
        }
    }

    pub(super) fn batch_received(&mut self, now: SimTime) {
        self.batches.come(now);
    }

    pub(super) fn poller_freed(&mut self, now: SimTime) {
        self.batches.go(now, &self.window);
    }

    pub(super) fn call_began(&mut self, now: SimTime) {
        self.connections.come(now);
    }

    pub(super) fn call_ended(&mut self, now: SimTime) {
        self.connections.go(now, &self.window);
    }

    pub(super) fn wait_began(&mut self, now: SimTime) {
        self.connecting.come(now);
    }

    pub(super) fn wait_ended(&mut self, now: SimTime) {
        self.connecting.go(now, &self.window);
    }

    /// The run is over: the times of batches, of calls, and of calls that waited.
    pub(super) fn finish(&mut self, end: SimTime) -> [u128; 3] {
        [&mut self.batches, &mut self.connections, &mut self.connecting]
            .map(|members| members.finish(end, &self.window))
    }
}
