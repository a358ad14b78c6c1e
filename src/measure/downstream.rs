//! What the recorder keeps of the inventory: connections, and calls that wait for one or are turned away.

use crate::measure::findings::InventoryFindings;
use crate::measure::level::{Level, Peak};
use crate::measure::limits::Span;
use crate::measure::window::{Integrals, Window};
use crate::time::{SimDuration, SimTime};

/// The calls of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Downstream {
    /// Calls under way, and those that wait for a connection.
    pub(crate) connections: Level,
    pub(crate) connecting: Level,
    pub(crate) peak: Peak,
    /// Of counted orders.
    pub(crate) calls: u64,
    pub(crate) useful: u64,
    pub(crate) rejected: u64,
    pub(crate) oversold: u64,
    /// Connections at most, and whether a call was turned away since they were used up.
    limit: Option<u64>,
    turned_away: bool,
    /// Since when the limit binds, how long it has bound inside the window, and from when to when.
    since: Option<SimTime>,
    bound: u64,
    span: Span,
}

impl Downstream {
    pub(crate) fn new(limit: Option<u64>) -> Downstream {
        Downstream { limit, ..Downstream::default() }
    }

    /// The instant `last` is over.
    #[inline(always)]
    pub(crate) fn settle(&mut self, last: SimTime, window: &Window) {
        if let Some(limit) = self.limit {
            self.settle_limit(limit, last, window);
        }
    }

    #[inline(never)]
    fn settle_limit(&mut self, limit: u64, last: SimTime, window: &Window) {
        let connections = self.connections.members();
        self.turned_away &= connections >= limit;
        let binds = connections >= limit && (self.connecting.members() > 0 || self.turned_away);
        if binds && self.since.is_none() {
            self.since = Some(last);
        } else if !binds {
            self.end(last, window);
        }
    }

    fn end(&mut self, at: SimTime, window: &Window) {
        if let Some(since) = self.since.take() {
            self.bound += window.overlap(since, at).0;
            self.span.add_inside(since, at, window);
        }
    }

    /// A call is turned away for want of a connection.
    pub(crate) fn reject(&mut self, counted: bool) {
        self.turned_away = true;
        self.rejected += u64::from(counted);
    }

    /// The run is over at `end`: how long the limit has bound, and from when to when.
    pub(crate) fn bound(&mut self, end: SimTime, window: &Window) -> (SimDuration, Span) {
        self.end(end, window);
        (SimDuration(self.bound), self.span)
    }

    pub(crate) fn findings(&self, integrals: &Integrals) -> InventoryFindings {
        InventoryFindings {
            calls: self.calls,
            useful_calls: self.useful,
            wasted_calls: self.calls - self.useful,
            rejected: self.rejected,
            peak_connections: self.peak.run(),
            mean_connections: integrals.average(integrals.connections),
            oversold: self.oversold,
        }
    }
}
