//! The inventory against a list of everyone who ever called.

use proptest::prelude::*;

use queuecast::model::inventory::{Connection, Inventory, InventorySettings, Sale, Slowdown, WhenFull};

use crate::cases;

#[derive(Clone, Debug)]
enum Deed {
    Call,
    /// One of those connected, counted from the first.
    HangUp(usize),
    /// One of those who wait.
    GiveUp(usize),
    OutageBegins,
    OutageEnds,
    /// For an order that has its unit already, or not.
    Sell(bool),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        6 => Just(Deed::Call),
        4 => (0_usize..4).prop_map(Deed::HangUp),
        1 => (0_usize..4).prop_map(Deed::GiveUp),
        1 => Just(Deed::OutageBegins),
        1 => Just(Deed::OutageEnds),
        2 => any::<bool>().prop_map(Deed::Sell),
    ];
    prop::collection::vec(deed, 1..120)
}

fn settings() -> impl Strategy<Value = InventorySettings> {
    let slowdown = prop::option::of((1_u32..5, 1_u32..4).prop_map(|(at, f)| Slowdown { at, factor: f64::from(f) }));
    (prop::option::of(1_u32..4), any::<bool>(), slowdown, prop::option::of(0_u64..6), any::<bool>()).prop_map(
        |(max_connections, rejects, slowdown, stock, idempotent)| InventorySettings {
            max_connections,
            when_full: if rejects { WhenFull::Reject } else { WhenFull::Wait },
            connect_timeout: None,
            slowdown,
            stock,
            idempotent,
        },
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Connected,
    Waiting,
    /// Kept from a connection by an outage, since when (counts up).
    HeldSince(usize),
    Gone,
}

struct Reference {
    settings: InventorySettings,
    /// By number of the call; a turn settles who comes first.
    callers: Vec<(Where, i64)>,
    out: bool,
    /// Goes up with each caller held, and down below all others with each that an outage lets go.
    held: usize,
    sold: u64,
}

impl Reference {
    fn connected(&self) -> u32 {
        self.callers.iter().filter(|caller| caller.0 == Where::Connected).count() as u32
    }

    fn has_room(&self) -> bool {
        self.settings.max_connections.is_none_or(|most| self.connected() < most)
    }

    /// A call takes so many times its service time that begins with so many connections in use, its own among them.
    fn slower(&self) -> f64 {
        let slowdown = self.settings.slowdown;
        slowdown.map_or(1.0, |s| 1.0 + (s.factor - 1.0) * f64::from(self.connected()) / f64::from(s.at))
    }

    fn hold(&mut self, caller: usize) {
        self.held += 1;
        self.callers[caller].0 = Where::HeldSince(self.held);
    }

    fn call(&mut self) -> Connection {
        let number = self.callers.len();
        self.callers.push((Where::Gone, number as i64));
        if !self.out && self.has_room() {
            self.callers[number].0 = Where::Connected;
            return Connection::Granted { slower: self.slower() };
        }
        if self.settings.when_full == WhenFull::Reject {
            return Connection::Rejected;
        }
        if self.out {
            self.hold(number)
        } else {
            self.callers[number].0 = Where::Waiting
        }
        Connection::Waits
    }

    fn next_in_line(&self) -> Option<usize> {
        let waiting = (0..self.callers.len()).filter(|caller| self.callers[*caller].0 == Where::Waiting);
        waiting.min_by_key(|caller| self.callers[*caller].1)
    }

    /// Who gets a connection now, if anyone does.
    fn connect_next(&mut self) -> Option<(usize, f64)> {
        let next = self.next_in_line().filter(|_| self.has_room())?;
        self.callers[next].0 = Where::Connected;
        Some((next, self.slower()))
    }

    /// All whom the outage has held up come first in line, in the order in which it met them.
    fn outage_ends(&mut self) {
        self.out = false;
        let first = self.callers.iter().map(|caller| caller.1).min().unwrap_or(0) - self.held as i64 - 1;
        for caller in &mut self.callers {
            if let Where::HeldSince(turn) = caller.0 {
                *caller = (Where::Waiting, first + turn as i64);
            }
        }
        self.held = 0;
    }

    fn sell(&mut self, has_unit: bool) -> Sale {
        match has_unit {
            true if self.settings.idempotent => Sale::Repeated,
            _ if self.settings.stock.is_some_and(|stock| self.sold >= stock) => Sale::OutOfStock,
            _ => {
                self.sold += 1;
                if has_unit { Sale::Oversold } else { Sale::Sold }
            }
        }
    }

    fn nth(&self, n: usize, is: impl Fn(Where) -> bool) -> Option<usize> {
        (0..self.callers.len()).filter(|caller| is(self.callers[*caller].0)).nth(n)
    }
}

/// A connection is free: in an outage whoever would get it is held up, and the next, until none is left.
fn hang_up(inventory: &mut Inventory<usize>, reference: &mut Reference, caller: usize) {
    reference.callers[caller].0 = Where::Gone;
    loop {
        let found = inventory.hang_up();
        if !reference.out {
            assert_eq!(found, reference.connect_next());
            return;
        }
        assert_eq!(found.map(|(caller, _)| caller), reference.next_in_line());
        let Some((caller, _)) = found else { return };
        inventory.hold(caller);
        reference.hold(caller);
    }
}

fn outage_ends(inventory: &mut Inventory<usize>, reference: &mut Reference) {
    let held = inventory.take_held();
    inventory.line_up_first(held);
    reference.outage_ends();
    loop {
        let found = inventory.admit();
        assert_eq!(found, reference.connect_next());
        if found.is_none() {
            return;
        }
    }
}

fn give_up(inventory: &mut Inventory<usize>, reference: &mut Reference, n: usize) {
    let waits = |place| matches!(place, Where::Waiting | Where::HeldSince(_));
    if let Some(caller) = reference.nth(n, waits) {
        inventory.give_up(caller);
        reference.callers[caller].0 = Where::Gone;
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn the_inventory_does_what_a_list_of_callers_does(settings in settings(), deeds in deeds()) {
        let mut inventory = Inventory::new(settings);
        let mut reference = Reference { settings, callers: Vec::new(), out: false, held: 0, sold: 0 };
        for deed in deeds {
            match deed {
                Deed::Call => {
                    let caller = reference.callers.len();
                    let found = if reference.out { inventory.call_shut(caller) } else { inventory.call(caller) };
                    prop_assert_eq!(found, reference.call());
                }
                Deed::HangUp(n) => {
                    if let Some(caller) = reference.nth(n, |place| place == Where::Connected) {
                        hang_up(&mut inventory, &mut reference, caller);
                    }
                }
                Deed::GiveUp(n) => give_up(&mut inventory, &mut reference, n),
                Deed::OutageBegins => reference.out = true,
                Deed::OutageEnds => outage_ends(&mut inventory, &mut reference),
                Deed::Sell(has_unit) => prop_assert_eq!(inventory.sell(has_unit), reference.sell(has_unit)),
            }
            let held = reference.nth(0, |place| matches!(place, Where::HeldSince(_))).is_some();
            prop_assert_eq!(inventory.holds_any(), held);
        }
    }
}
