//! The book of faults: each hits only while it is open, and the recorder has counted whom.

use std::collections::BTreeSet;

use crate::measure::auditor::watch::{AuditSettings, breach};
use crate::measure::findings::FaultHits;
use crate::measure::window::Window;
use crate::observation::OrderRef;
use crate::time::SimTime;

#[derive(Debug)]
pub(super) struct FaultBook {
    window: Window,
    /// When each is open.
    open: Vec<(SimTime, SimTime)>,
    orders: Vec<BTreeSet<u64>>,
    hits: Vec<u64>,
}

impl FaultBook {
    pub(super) fn new(window: Window, settings: &AuditSettings) -> FaultBook {
        let open = settings.faults.clone();
        FaultBook { window, orders: vec![BTreeSet::new(); open.len()], hits: vec![0; open.len()], open }
    }

    pub(super) fn hit(&mut self, now: SimTime, fault: u16, order: &Option<OrderRef>) {
        let place = usize::from(fault);
        match self.open.get(place) {
            Some((from, to)) if *from <= now && now < *to => {}
            Some(_) => breach(now, "a fault", &format!("number {fault} hits while it is not open")),
            None => breach(now, "a fault", &format!("there is no number {fault}")),
        }
        if let Some(order) = order.filter(|order| self.window.holds(order.arrived_at)) {
            self.orders[place].insert(order.number);
            self.hits[place] += 1;
        }
    }

    /// What the recorder must have found: up to the last fault that has hit any.
    pub(super) fn findings(&self) -> Vec<FaultHits> {
        let orders = self.orders.iter().map(|orders| orders.len() as u64);
        let mut found: Vec<FaultHits> =
            orders.zip(&self.hits).map(|(orders, hits)| FaultHits { orders, hits: *hits }).collect();
        while found.last() == Some(&FaultHits::default()) {
            found.pop();
        }
        found
    }
}
