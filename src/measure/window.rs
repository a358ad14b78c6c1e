//! The counted window: which orders and instants count, and the levels' integrals over it.

use crate::measure::level::Level;
use crate::time::{SimDuration, SimTime};

/// The part of a run that is counted: [from, to).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first instant.
    pub from: SimTime,
    /// The instant after it; [`SimTime::NEVER`] for a window that the run's end closes.
    pub to: SimTime,
    /// From the one to the other: asked of every order many times.
    length: SimDuration,
}

impl Window {
    /// The whole run, unless a window is given.
    pub fn new(given: Option<(SimTime, SimTime)>) -> Window {
        let (from, to) = given.unwrap_or((SimTime::ZERO, SimTime::NEVER));
        let to = to.max(from);
        Window { from, to, length: to.since(from) }
    }

    /// Whether what happens at `at` is counted.
    #[inline(always)]
    pub fn holds(&self, at: SimTime) -> bool {
        at.0.wrapping_sub(self.from.0) < self.length.0
    }

    /// How long [since, until) lasts inside the window.
    #[inline(always)]
    pub fn overlap(&self, since: SimTime, until: SimTime) -> SimDuration {
        let from = since.max(self.from);
        until.min(self.to).max(from).since(from)
    }
}

/// Everything of which a run has more or less of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Levels {
    /// Orders that came in and have not ended.
    pub(crate) orders: Level,
    /// Messages that wait for their delay.
    pub(crate) delayed: Level,
    /// Messages visible.
    pub(crate) backlog: Level,
    /// Messages in flight.
    pub(crate) in_flight: Level,
    /// Environments initialising or working.
    pub(crate) busy: Level,
    /// Environments busy and idle.
    pub(crate) environments: Level,
    /// Orders that wait for a retry of their task.
    pub(crate) retries: Level,
    /// Batches in the hands of the event source mapping.
    pub(crate) batches: Level,
}

impl Levels {
    /// The window opens at `at`.
    pub(crate) fn open(&mut self, at: SimTime) {
        let all = [
            &mut self.orders,
            &mut self.delayed,
            &mut self.backlog,
            &mut self.in_flight,
            &mut self.busy,
            &mut self.environments,
            &mut self.retries,
            &mut self.batches,
        ];
        all.into_iter().for_each(|level| level.open(at));
    }

    /// The window, open for `length`, closes at `at`.
    pub(crate) fn close(&self, length: SimDuration, at: SimTime) -> Integrals {
        Integrals {
            length,
            orders_in_progress: self.orders.area(at),
            messages_delayed: self.delayed.area(at),
            backlog: self.backlog.area(at),
            in_flight: self.in_flight.area(at),
            concurrency: self.busy.area(at),
            environments: self.environments.area(at),
            retries_waiting: self.retries.area(at),
            batches: self.batches.area(at),
            connections: 0,
            connecting: 0,
        }
    }
}

/// The time integrals of the levels over the window, in members × ns: each equals the sum of the times that its members
/// spent in it inside the window, to the nanosecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Integrals {
    /// How long the window was.
    pub length: SimDuration,
    /// Orders that came in and have not ended.
    pub orders_in_progress: u128,
    /// Messages that wait for their delay.
    pub messages_delayed: u128,
    /// Messages visible.
    pub backlog: u128,
    /// Messages in flight.
    pub in_flight: u128,
    /// Environments initialising or working.
    pub concurrency: u128,
    /// Environments busy and idle.
    pub environments: u128,
    /// Orders that wait for a retry of their task.
    pub retries_waiting: u128,
    /// Batches in the hands of the event source mapping.
    pub batches: u128,
    /// Calls of the inventory under way.
    pub connections: u128,
    /// Calls of the inventory that wait for a connection.
    pub connecting: u128,
}

impl Integrals {
    /// Messages that exist: delayed, visible and in flight.
    pub fn messages(&self) -> u128 {
        self.messages_delayed + self.backlog + self.in_flight
    }

    /// The time average of a level with this integral; 0 over a window of no length.
    pub fn average(&self, integral: u128) -> f64 {
        if self.length.is_zero() { 0.0 } else { integral as f64 / self.length.0 as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_its_first_instant_and_not_its_last() {
        let window = Window::new(Some((SimTime(10), SimTime(20))));
        let held = [9, 10, 19, 20, u64::MAX].map(|at| window.holds(SimTime(at)));
        assert_eq!(held, [false, true, true, false, false]);
        assert!(Window::new(None).holds(SimTime(0)) && Window::new(None).holds(SimTime(u64::MAX - 1)));
        assert!(!Window::new(Some((SimTime(5), SimTime(3)))).holds(SimTime(5)));
    }

    #[test]
    fn only_the_time_inside_the_window_overlaps_it() {
        let window = Window::new(Some((SimTime(10), SimTime(20))));
        assert_eq!(window.overlap(SimTime(5), SimTime(12)), SimDuration(2));
        assert_eq!(window.overlap(SimTime(15), SimTime(50)), SimDuration(5));
        assert_eq!(window.overlap(SimTime(20), SimTime(50)), SimDuration::ZERO);
        assert_eq!(window.overlap(SimTime(0), SimTime(9)), SimDuration::ZERO);
    }
}
