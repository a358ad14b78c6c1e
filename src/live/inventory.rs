//! The stand-in for the inventory, beside the workers: the model's own inventory, in real time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::live::log::{Fact, Log};
use crate::model::inventory::{Connection, Inventory as Model, InventorySettings, Sale};
use crate::observation::StockAnswer;
use crate::time::SimDuration;

/// The inventory of one run.
#[derive(Debug)]
pub struct Inventory {
    connect_timeout: Option<SimDuration>,
    desk: Mutex<Desk>,
}

#[derive(Debug)]
struct Desk {
    model: Model<u64>,
    /// Callers so far.
    callers: u64,
    /// Who waits for a connection, and is told how many times its service time the call takes.
    waiting: BTreeMap<u64, oneshot::Sender<f64>>,
    /// Orders that have a unit.
    served: BTreeSet<u64>,
}

impl Inventory {
    /// With all its stock and nobody connected.
    pub fn new(settings: InventorySettings) -> Inventory {
        let model = Model::new(settings);
        let desk = Desk { model, callers: 0, waiting: BTreeMap::new(), served: BTreeSet::new() };
        Inventory { connect_timeout: settings.connect_timeout, desk: Mutex::new(desk) }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call about an order that takes `service` without slow-down; the line is open until it is dropped. `None`: the call
    /// was rejected. Dropped in the middle it hangs up.
    pub async fn call<'a>(&'a self, order: u64, service: SimDuration, log: &'a Log) -> Option<Line<'a>> {
        let (caller, met, connected) = self.ring();
        let mut line = Line { inventory: self, log, order, caller, state: At::Nowhere };
        let slower = match met {
            Connection::Granted { slower } => slower,
            Connection::Rejected => {
                log.add(Fact::Rejected(order));
                return None;
            }
            Connection::Waits => {
                log.add(Fact::ConnectionAwaited(order));
                line.state = At::Waiting;
                let slower = self.wait(connected).await;
                if slower.is_none() {
                    drop(line);
                    log.add(Fact::Rejected(order));
                    return None;
                }
                log.add(Fact::ConnectionWaitEnded(order));
                slower?
            }
        };
        line.state = At::Connected;
        log.add(Fact::CallBegan(order));
        let lasts = SimDuration::from_secs_f64(service.as_secs_f64() * slower);
        tokio::time::sleep(Duration::from_nanos(lasts.0)).await;
        Some(line)
    }

    fn ring(&self) -> (u64, Connection, oneshot::Receiver<f64>) {
        let (connect, connected) = oneshot::channel();
        let mut desk = self.desk();
        let caller = desk.callers;
        desk.callers += 1;
        let met = desk.model.call(caller);
        if met == Connection::Waits {
            desk.waiting.insert(caller, connect);
        }
        (caller, met, connected)
    }

    async fn wait(&self, connected: oneshot::Receiver<f64>) -> Option<f64> {
        match self.connect_timeout {
            None => connected.await.ok(),
            Some(limit) => tokio::time::timeout(Duration::from_nanos(limit.0), connected).await.ok()?.ok(),
        }
    }
}

impl Desk {
    /// The connection goes to the next in line; one that has just given up hangs up when its line is dropped.
    fn hang_up(&mut self) {
        if let Some((next, slower)) = self.model.hang_up() {
            let _ = self.waiting.remove(&next).map(|connect| connect.send(slower));
        }
    }
}

/// A caller, who hangs up or leaves the line when it is dropped.
#[derive(Debug)]
pub struct Line<'a> {
    inventory: &'a Inventory,
    log: &'a Log,
    order: u64,
    caller: u64,
    state: At,
}

impl Line<'_> {
    /// The call ends well and takes a unit for an order; false: nothing is left.
    pub fn sell(&self, order: u64) -> bool {
        let mut desk = self.inventory.desk();
        let has_unit = desk.served.contains(&order);
        let answer = match desk.model.sell(has_unit) {
            Sale::Sold => StockAnswer::Sold,
            Sale::Oversold => StockAnswer::Oversold,
            Sale::Repeated => StockAnswer::Repeated,
            Sale::OutOfStock => StockAnswer::OutOfStock,
        };
        if answer == StockAnswer::Sold {
            desk.served.insert(order);
        }
        self.log.add(Fact::Stock(order, answer));
        answer != StockAnswer::OutOfStock
    }
}

#[derive(Debug, PartialEq, Eq)]
enum At {
    Nowhere,
    Waiting,
    Connected,
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let mut desk = self.inventory.desk();
        match self.state {
            At::Nowhere => {}
            At::Waiting => {
                self.log.add(Fact::ConnectionWaitEnded(self.order));
                match desk.waiting.remove(&self.caller) {
                    Some(_) => desk.model.give_up(self.caller),
                    // A connection was given to it at this very moment.
                    None => desk.hang_up(),
                }
            }
            At::Connected => {
                self.log.add(Fact::CallEnded(self.order));
                desk.hang_up();
            }
        }
    }
}
