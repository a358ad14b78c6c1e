//! The inventory: the downstream that both designs share.
//!
//! ```text
//!              connection free, or without limit
//!   call ──────────────────────────────────────▶ connected ──service time──▶ hung up
//!    │                                              ▲
//!    ├── all in use, `wait` ──▶ waiting ────────────┘
//!    │                             └── connect timeout ──▶ rejected
//!    └── all in use, `reject` ─────────────────────────▶ rejected
//! ```
//!
//! During an outage (whose coming and going it is told) callers are held apart instead, or rejected; afterwards those that
//! still wait come first in line.
//!
//! Waiting callers are served first come, first served. A call slows down with the connections in use when it starts, its
//! own among them: service time × (1 + (factor − 1) × connections / at).
//!
//! The stock goes down when a call ends well. A repeat for an order that has its unit takes another one (that is
//! *oversold*), unless the inventory is idempotent. The component is told how long calls take, and books nothing.

use std::collections::VecDeque;

use crate::time::SimDuration;

/// How an inventory is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InventorySettings {
    /// Calls at once; `None`: any number.
    pub max_connections: Option<u32>,
    /// What becomes of a call that finds no free connection.
    pub when_full: WhenFull,
    /// How long a call waits for a connection; `None`: for ever.
    pub connect_timeout: Option<SimDuration>,
    /// How calls slow down with the connections in use.
    pub slowdown: Option<Slowdown>,
    /// Units at the start; `None`: endless.
    pub stock: Option<u64>,
    /// Whether a repeat for an order takes nothing.
    pub idempotent: bool,
}

/// What becomes of a call that finds no free connection (`inventory.when_full`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It waits.
    Wait,
    /// It is rejected.
    Reject,
}

/// With `at` connections in use a call takes `factor` times as long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slowdown {
    /// Connections, at least 1.
    pub at: u32,
    /// At least 1.
    pub factor: f64,
}

/// What a call meets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Connection {
    /// A connection: the call takes so many times its service time.
    Granted {
        /// 1 without slow-down.
        slower: f64,
    },
    /// It waits for one.
    Waits,
    /// It is rejected.
    Rejected,
}

/// What a call that ended well did to the stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sale {
    /// A unit was taken for an order that had none.
    Sold,
    /// A unit more was taken for an order that had one.
    Oversold,
    /// The order has its unit and nothing was taken.
    Repeated,
    /// Nothing is left.
    OutOfStock,
}

/// An inventory whose callers are named by a `C`.
#[derive(Debug)]
pub struct Inventory<C> {
    settings: InventorySettings,
    connected: u32,
    waiting: VecDeque<C>,
    /// Callers that an outage keeps from a connection, in the order in which it met them.
    held: Vec<C>,
    stock: Option<u64>,
}

impl<C: Copy + PartialEq> Inventory<C> {
    /// With all its stock and nobody connected.
    pub fn new(settings: InventorySettings) -> Inventory<C> {
        Inventory { settings, connected: 0, waiting: VecDeque::new(), held: Vec::new(), stock: settings.stock }
    }

    /// How it is set.
    pub fn settings(&self) -> &InventorySettings {
        &self.settings
    }

    /// Asks for a connection.
    pub fn call(&mut self, caller: C) -> Connection {
        if self.settings.max_connections.is_none_or(|most| self.connected < most) {
            self.connected += 1;
            return Connection::Granted { slower: self.slower() };
        }
        match self.settings.when_full {
            WhenFull::Wait => {
                self.waiting.push_back(caller);
                Connection::Waits
            }
            WhenFull::Reject => Connection::Rejected,
        }
    }

    /// Asks for a connection in vain: there is an outage.
    pub fn call_shut(&mut self, caller: C) -> Connection {
        match self.settings.when_full {
            WhenFull::Wait => {
                self.hold(caller);
                Connection::Waits
            }
            WhenFull::Reject => Connection::Rejected,
        }
    }

    /// An outage keeps this caller, who waits, from a connection.
    pub fn hold(&mut self, caller: C) {
        self.held.push(caller);
    }

    /// Whether an outage holds up anyone.
    pub fn holds_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// Everyone whom an outage has held up, in their order.
    pub fn take_held(&mut self) -> Vec<C> {
        std::mem::take(&mut self.held)
    }

    /// These wait for a connection, before everyone else.
    pub fn line_up_first(&mut self, callers: Vec<C>) {
        callers.into_iter().rev().for_each(|caller| self.waiting.push_front(caller));
    }

    /// Gives the next caller in line a connection, if one is free: who that is, and how many times its service time its call
    /// takes.
    pub fn admit(&mut self) -> Option<(C, f64)> {
        if self.settings.max_connections.is_some_and(|most| self.connected >= most) {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.connected += 1;
        Some((next, self.slower()))
    }

    fn slower(&self) -> f64 {
        match self.settings.slowdown {
            Some(Slowdown { at, factor }) => 1.0 + (factor - 1.0) * f64::from(self.connected) / f64::from(at),
            None => 1.0,
        }
    }

    /// A connection is free again: who gets it, and how many times its service time that call takes.
    pub fn hang_up(&mut self) -> Option<(C, f64)> {
        match self.waiting.pop_front() {
            Some(next) => Some((next, self.slower())),
            None => {
                self.connected -= 1;
                None
            }
        }
    }

    /// The caller waits no longer.
    pub fn give_up(&mut self, caller: C) {
        if let Some(place) = self.waiting.iter().position(|waiting| *waiting == caller) {
            self.waiting.remove(place);
            return;
        }
        let place = self.held.iter().position(|held| *held == caller);
        self.held.remove(place.expect("a caller that gives up was waiting"));
    }

    /// A call for an order ends well; `has_unit` says whether the order has taken a unit before.
    pub fn sell(&mut self, has_unit: bool) -> Sale {
        if has_unit && self.settings.idempotent {
            return Sale::Repeated;
        }
        match &mut self.stock {
            Some(0) => return Sale::OutOfStock,
            Some(left) => *left -= 1,
            None => {}
        }
        if has_unit { Sale::Oversold } else { Sale::Sold }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: InventorySettings = InventorySettings {
        max_connections: Some(2),
        when_full: WhenFull::Wait,
        connect_timeout: None,
        slowdown: None,
        stock: Some(2),
        idempotent: false,
    };

    #[test]
    fn callers_beyond_the_connections_wait_in_their_order() {
        let mut inventory = Inventory::new(PLAIN);
        assert_eq!(inventory.call(1), Connection::Granted { slower: 1.0 });
        assert_eq!(inventory.call(2), Connection::Granted { slower: 1.0 });
        assert_eq!([inventory.call(3), inventory.call(4)], [Connection::Waits; 2]);
        inventory.give_up(3);
        assert_eq!(inventory.hang_up(), Some((4, 1.0)));
        assert_eq!([inventory.hang_up(), inventory.hang_up()], [None; 2]);
        assert_eq!(inventory.call(5), Connection::Granted { slower: 1.0 });
    }

    #[test]
    fn callers_held_up_by_an_outage_come_first_afterwards_in_their_order() {
        let mut inventory = Inventory::new(PLAIN);
        assert_eq!(inventory.call(1), Connection::Granted { slower: 1.0 });
        assert_eq!([2, 3, 4, 5].map(|caller| inventory.call_shut(caller)), [Connection::Waits; 4]);
        inventory.give_up(3);
        let held = inventory.take_held();
        assert_eq!((&held[..], inventory.holds_any()), (&[2, 4, 5][..], false));
        inventory.line_up_first(held);
        assert_eq!([inventory.admit(), inventory.admit()], [Some((2, 1.0)), None]);
        assert_eq!(inventory.call(6), Connection::Waits);
        assert_eq!(
            [inventory.hang_up(), inventory.hang_up(), inventory.hang_up()].map(|next| next.map(|next| next.0)),
            [Some(4), Some(5), Some(6)]
        );
        let mut inventory = Inventory::new(InventorySettings { when_full: WhenFull::Reject, ..PLAIN });
        assert_eq!((inventory.call_shut(1), inventory.holds_any()), (Connection::Rejected, false));
    }

    #[test]
    fn a_full_inventory_that_rejects_keeps_nobody() {
        let mut inventory = Inventory::new(InventorySettings { when_full: WhenFull::Reject, ..PLAIN });
        inventory.call(1);
        inventory.call(2);
        assert_eq!(inventory.call(3), Connection::Rejected);
        assert_eq!(inventory.hang_up(), None);
    }

    #[test]
    fn calls_slow_down_with_the_connections_in_use() {
        let slowdown = Some(Slowdown { at: 2, factor: 3.0 });
        let mut inventory = Inventory::new(InventorySettings { slowdown, ..PLAIN });
        assert_eq!(inventory.call(1), Connection::Granted { slower: 2.0 });
        assert_eq!(inventory.call(2), Connection::Granted { slower: 3.0 });
    }

    #[test]
    fn a_repeat_takes_another_unit_unless_the_inventory_is_idempotent() {
        let mut inventory = Inventory::<u8>::new(PLAIN);
        assert_eq!([inventory.sell(false), inventory.sell(true)], [Sale::Sold, Sale::Oversold]);
        assert_eq!([inventory.sell(false), inventory.sell(true)], [Sale::OutOfStock; 2]);
        let mut inventory = Inventory::<u8>::new(InventorySettings { idempotent: true, ..PLAIN });
        assert_eq!([inventory.sell(false), inventory.sell(true)], [Sale::Sold, Sale::Repeated]);
        assert_eq!([inventory.sell(false), inventory.sell(false)], [Sale::Sold, Sale::OutOfStock]);
    }
}
