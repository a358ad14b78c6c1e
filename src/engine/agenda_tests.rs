//! The event list against a sorted map that is obviously right.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::{Strategy, prop, prop_oneof, proptest};

use super::agenda::Agenda;
use super::event::{Event, Key, Moot, Rank};
use crate::time::SimTime;

/// Kind 0 and 1 have lanes, the others have none. The number names the booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Booked {
    kind: u8,
    name: u32,
}

impl Event for Booked {
    const LANES: usize = 2;

    fn rank(&self) -> Rank {
        match self.kind {
            0 | 1 => Rank::TimerRunsOut,
            2 => Rank::WorkEnds,
            3 => Rank::Arrives,
            _ => Rank::Starts,
        }
    }

    fn lane(&self) -> Option<usize> {
        (self.kind < 2).then_some(usize::from(self.kind))
    }
}

/// SplitMix64: enough for a test, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// What has been made moot, by name.
struct Names<'a>(&'a BTreeSet<u32>);

impl Moot<Booked> for Names<'_> {
    fn is_moot(&self, _at: SimTime, event: &Booked) -> bool {
        self.0.contains(&event.name)
    }
}

/// Both lists side by side.
struct Pair {
    agenda: Agenda<Booked>,
    naive: BTreeMap<(SimTime, Rank, u32), Booked>,
    moot: RefCell<BTreeSet<u32>>,
    booked: u32,
    now: SimTime,
}

impl Pair {
    fn new() -> Pair {
        Pair {
            agenda: Agenda::new(),
            naive: BTreeMap::new(),
            moot: RefCell::new(BTreeSet::new()),
            booked: 0,
            now: SimTime::ZERO,
        }
    }

    fn book(&mut self, delay: u64, kind: u8) {
        let event = Booked { kind, name: self.booked };
        self.booked += 1;
        let at = SimTime(self.now.0 + delay);
        self.agenda.schedule(at, event);
        self.naive.insert((at, event.rank(), event.name), event);
    }

    /// Makes one of the last hundred bookings moot.
    fn make_moot(&mut self, back: u64) {
        self.moot.borrow_mut().insert(self.booked.saturating_sub(back as u32));
    }

    /// Takes the next event out of both.
    fn pop(&mut self) -> bool {
        let moot = self.moot.borrow();
        let found = self.agenda.pop_before(Key::NEVER, &Names(&moot));
        let expected = loop {
            match self.naive.pop_first() {
                Some((_, event)) if moot.contains(&event.name) => {}
                other => break other.map(|((at, _, _), event)| (at, event)),
            }
        };
        assert_eq!(found, expected, "after {} bookings", self.booked);
        if let Some((at, _)) = found {
            self.now = at;
            self.agenda.set_clock(at);
        }
        found.is_some()
    }

    fn drain(&mut self) {
        while self.pop() {}
    }
}

/// Delays that stress every part: none, equal, spread over nine powers of ten, constant for the lanes.
fn delay(dice: &mut Dice, kind: u8, style: u64) -> u64 {
    match (kind, style) {
        (0, _) => 5_000_000,
        (1, _) if dice.below(50) > 0 => 70_000_000,
        (_, 0) => dice.below(3) * 1_000,
        (_, 1) => dice.below(1_000_000_000),
        (_, 2) => 10_u64.pow(dice.below(12) as u32) + dice.below(7),
        _ => 1_000_000 * dice.below(4),
    }
}

fn stress(seed: u64, style: u64, pending: u64, steps: u32) {
    let mut dice = Dice(seed);
    let mut pair = Pair::new();
    for step in 0..steps {
        let kind = dice.below(5) as u8;
        let delay = delay(&mut dice, kind, style);
        pair.book(delay, kind);
        if dice.below(4) == 0 {
            let back = dice.below(100);
            pair.make_moot(back);
        }
        if u64::from(step) > pending {
            pair.pop();
        }
        if dice.below(5_000) == 0 {
            pair.drain();
        }
    }
    pair.drain();
}

#[test]
fn hands_out_what_a_sorted_map_hands_out() {
    for style in 0..4 {
        stress(style + 1, style, 10, 30_000);
        stress(style + 11, style, 2_000, 60_000);
    }
}

#[test]
fn a_burst_within_a_nanosecond_and_one_straggler_keep_their_order_and_cost_no_search() {
    let mut pair = Pair::new();
    for _ in 0..50_000 {
        pair.book(1_000_000_000, 2);
    }
    pair.book(1_000_000_001, 2);
    for _ in 0..50_000 {
        pair.book(1_000_000_000, 3);
    }
    pair.drain();
    assert_eq!(pair.now, SimTime(1_000_000_001));
}

#[test]
fn a_booking_before_the_day_at_hand_goes_first_even_when_that_day_is_beyond_the_ring() {
    let mut pair = Pair::new();
    pair.book(3_600_000_000_000, 2);
    for k in 0..1_000 {
        pair.book(7_000_000 - 5_000 * k, 2);
    }
    pair.book(3_599_999_999_999, 2);
    pair.drain();
}

#[test]
fn within_an_instant_ranks_decide_and_then_the_order_of_booking() {
    let mut pair = Pair::new();
    for kind in [4, 3, 2, 1, 0, 4, 3, 2, 1, 0] {
        pair.book(1_000, kind);
    }
    let mut names = Vec::new();
    while let Some((_, event)) = pair.agenda.pop_before(Key::NEVER, &Names(&BTreeSet::new())) {
        names.push(event.name);
    }
    assert_eq!(names, [2, 7, 3, 4, 8, 9, 1, 6, 0, 5]);
}

#[test]
fn nothing_at_or_after_the_limit_is_handed_out_and_nothing_that_never_comes_is_booked() {
    let mut agenda = Agenda::new();
    agenda.schedule(SimTime(10), Booked { kind: 2, name: 0 });
    agenda.schedule(SimTime(20), Booked { kind: 0, name: 1 });
    agenda.schedule(SimTime::NEVER, Booked { kind: 0, name: 2 });
    let limit = Key::first_of(SimTime(20), Rank::TimerRunsOut);
    assert_eq!(agenda.pop_before(limit, &Names(&BTreeSet::new())).map(|(at, _)| at), Some(SimTime(10)));
    assert_eq!(agenda.pop_before(limit, &Names(&BTreeSet::new())), None);
    assert_eq!(agenda.pop_before(Key::NEVER, &Names(&BTreeSet::new())).map(|(at, _)| at), Some(SimTime(20)));
    assert_eq!(agenda.pop_before(Key::NEVER, &Names(&BTreeSet::new())), None);
}

/// What can be done to the list, small enough to be made smaller still when something fails.
#[derive(Clone, Debug)]
enum Deed {
    /// So far ahead, of this kind.
    Book(u64, u8),
    /// One of the last bookings does not matter any more.
    MakeMoot(u64),
    Pop,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let ahead =
        prop_oneof![0_u64..3, 0_u64..1_000, 0_u64..100_000_000_000, (0_u32..14).prop_map(|power| 10_u64.pow(power))];
    let deed = prop_oneof![
        5 => (ahead, 0_u8..5).prop_map(|(ahead, kind)| Deed::Book(ahead, kind)),
        1 => (0_u64..20).prop_map(Deed::MakeMoot),
        4 => prop::strategy::Just(Deed::Pop),
    ];
    prop::collection::vec(deed, 1..400)
}

proptest! {
    #[test]
    fn any_deeds_agree_with_a_sorted_map(deeds in deeds()) {
        let mut pair = Pair::new();
        for deed in deeds {
            match deed {
                Deed::Book(ahead, kind) => pair.book(ahead, kind),
                Deed::MakeMoot(back) => pair.make_moot(back),
                Deed::Pop => _ = pair.pop(),
            }
        }
        pair.drain();
    }
}
