//! The stand-in for the inventory, beside the workers: connections, stock, and calls that take their time.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::live::log::{Fact, Log};
use crate::model::inventory::{InventorySettings, WhenFull};
use crate::observation::StockAnswer;
use crate::time::SimDuration;

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Called {
    /// It ended well: the order has its unit.
    Sold,
    /// It ended well: nothing was left.
    OutOfStock,
    /// It was refused.
    Rejected,
}

/// The inventory of one run.
#[derive(Debug)]
pub struct Inventory {
    settings: InventorySettings,
    connections: Option<Semaphore>,
    connected: AtomicU64,
    sales: Mutex<Sales>,
}

#[derive(Debug)]
struct Sales {
    left: Option<u64>,
    /// Orders that have a unit.
    served: BTreeSet<u64>,
}

impl Inventory {
    /// With all its stock and nobody connected.
    pub fn new(settings: InventorySettings) -> Inventory {
        let connections = settings.max_connections.map(|most| Semaphore::new(most as usize));
        let sales = Mutex::new(Sales { left: settings.stock, served: BTreeSet::new() });
        Inventory { settings, connections, connected: AtomicU64::new(0), sales }
    }

    /// A call about an order that takes `service` without slow-down. Dropped in the middle it hangs up.
    pub async fn call(&self, order: u64, service: SimDuration, log: &Log) -> Called {
        let mut line = Line { log, order, state: At::Nowhere, connected: &self.connected };
        let permit = match &self.connections {
            None => None,
            Some(connections) => match connections.try_acquire() {
                Ok(permit) => Some(permit),
                Err(_) if self.settings.when_full == WhenFull::Reject => {
                    log.add(Fact::Rejected(order));
                    return Called::Rejected;
                }
                Err(_) => match self.wait(connections, &mut line).await {
                    Some(permit) => Some(permit),
                    None => return Called::Rejected,
                },
            },
        };
        let connected = self.connected.fetch_add(1, Ordering::Relaxed) + 1;
        log.add(Fact::CallBegan(order));
        line.state = At::Connected;
        let slower = self
            .settings
            .slowdown
            .map_or(1.0, |slow| 1.0 + (slow.factor - 1.0) * connected as f64 / f64::from(slow.at));
        tokio::time::sleep(Duration::from_nanos(SimDuration::from_secs_f64(service.as_secs_f64() * slower).0)).await;
        let called = self.sell(order, log);
        // Hung up before the connection is free for another.
        drop(line);
        drop(permit);
        called
    }

    async fn wait<'s>(
        &self,
        connections: &'s Semaphore,
        line: &mut Line<'_>,
    ) -> Option<tokio::sync::SemaphorePermit<'s>> {
        line.log.add(Fact::ConnectionAwaited(line.order));
        line.state = At::Waiting;
        let permit = match self.settings.connect_timeout {
            None => connections.acquire().await.ok(),
            Some(limit) => {
                let patient = tokio::time::timeout(Duration::from_nanos(limit.0), connections.acquire());
                patient.await.ok().and_then(Result::ok)
            }
        };
        line.state = At::Nowhere;
        line.log.add(Fact::ConnectionWaitEnded(line.order));
        if permit.is_none() {
            line.log.add(Fact::Rejected(line.order));
        }
        permit
    }

    fn sell(&self, order: u64, log: &Log) -> Called {
        let mut sales = self.sales.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let repeat = sales.served.contains(&order);
        let answer = if repeat && self.settings.idempotent {
            StockAnswer::Repeated
        } else if sales.left == Some(0) {
            StockAnswer::OutOfStock
        } else {
            sales.left = sales.left.map(|left| left - 1);
            sales.served.insert(order);
            if repeat { StockAnswer::Oversold } else { StockAnswer::Sold }
        };
        log.add(Fact::Stock(order, answer));
        if answer == StockAnswer::OutOfStock { Called::OutOfStock } else { Called::Sold }
    }
}

/// A caller, who hangs up or leaves the line when it is dropped.
struct Line<'a> {
    log: &'a Log,
    order: u64,
    state: At,
    connected: &'a AtomicU64,
}

#[derive(PartialEq, Eq)]
enum At {
    Nowhere,
    Waiting,
    Connected,
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        match self.state {
            At::Nowhere => {}
            At::Waiting => _ = self.log.add(Fact::ConnectionWaitEnded(self.order)),
            At::Connected => {
                self.connected.fetch_sub(1, Ordering::Relaxed);
                self.log.add(Fact::CallEnded(self.order));
            }
        }
    }
}
