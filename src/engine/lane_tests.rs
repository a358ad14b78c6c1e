//! The lane against a standard library's list, and how much memory it takes.

use std::collections::VecDeque;

use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

use super::lane::{Booking, CHUNK, Lane, Spare};
use crate::time::SimTime;

/// A lane with its spare chunks; each event is the number of its booking.
struct Kept {
    lane: Lane<u64>,
    spare: Spare<u64>,
    booked: u64,
}

impl Kept {
    fn new() -> Kept {
        Kept { lane: Lane::new(), spare: Spare::new(), booked: 0 }
    }

    fn push(&mut self) -> u64 {
        let number = self.booked;
        self.booked += 1;
        self.lane.push(Booking { at: SimTime(number / 3), number, event: number }, &mut self.spare);
        number
    }

    fn pop(&mut self) -> Option<u64> {
        let first = self.lane.first().map(|booking| booking.number);
        let taken = self.lane.pop(&mut self.spare);
        assert_eq!(taken.map(|booking| booking.number), first);
        assert!(
            taken.is_none_or(|booking| booking.at == SimTime(booking.number / 3) && booking.event == booking.number)
        );
        first
    }

    fn spare_room(&self) -> usize {
        self.spare.iter().map(Vec::capacity).sum()
    }
}

#[test]
fn a_lane_hands_out_what_was_booked_in_order() {
    let mut kept = Kept::new();
    let many = 10 * CHUNK as u64 + 7;
    for number in 0..many {
        assert_eq!(kept.push(), number);
        assert_eq!(kept.lane.last_at(), SimTime(number / 3));
    }
    for number in 0..many {
        assert!(!kept.lane.is_empty());
        assert_eq!(kept.pop(), Some(number));
    }
    assert!(kept.lane.is_empty());
    assert_eq!(kept.pop(), None);
}

#[test]
fn a_lane_in_which_a_handful_is_pending_walks_through_a_handful_of_places() {
    for pending in [0, 1, 5, 30] {
        let mut kept = Kept::new();
        for _ in 0..pending {
            kept.push();
        }
        for number in 0..100_000 {
            kept.push();
            assert_eq!(kept.pop(), Some(number));
        }
        assert!(kept.lane.room() <= 4 * pending + 8, "{pending} pending: room for {}", kept.lane.room());
        assert_eq!(kept.spare_room(), 0);
    }
}

#[test]
fn the_room_of_a_backlog_is_what_it_needs_and_is_given_back_when_it_has_drained() {
    let mut kept = Kept::new();
    let many = 100_000;
    for _ in 0..2 {
        for _ in 0..many {
            kept.push();
        }
        assert!(kept.lane.room() < many + 2 * CHUNK, "room for {}", kept.lane.room());
        assert_eq!(kept.spare_room(), 0, "the second time what the first left is used again");
        for _ in 0..many {
            kept.pop();
        }
        assert!(kept.lane.is_empty());
        assert!(kept.lane.room() <= 2 * CHUNK, "room for {}", kept.lane.room());
        assert!(kept.lane.room() + kept.spare_room() < many + 3 * CHUNK, "nothing was asked for again");
    }
}

#[test]
fn what_was_read_up_last_is_written_first() {
    let mut kept = Kept::new();
    for _ in 0..20 * CHUNK {
        kept.push();
    }
    for _ in 0..10 * CHUNK {
        kept.pop();
    }
    let last = kept.spare.last().map(|chunk| chunk.as_ptr());
    let chunks = kept.spare.len();
    while kept.spare.len() == chunks {
        kept.push();
    }
    assert!(kept.spare.len() < chunks && kept.spare.iter().all(|chunk| Some(chunk.as_ptr()) != last));
}

proptest! {
    /// Runs of pushes and pops, long enough for chunks to be filled, drained and used again.
    #[test]
    fn any_run_of_pushes_and_pops_agrees_with_a_ring(runs in prop::collection::vec((any::<bool>(), 0_usize..1_200), 1..40)) {
        let (mut kept, mut ring) = (Kept::new(), VecDeque::new());
        for (pushes, length) in runs {
            for _ in 0..length {
                if pushes {
                    ring.push_back(kept.push());
                } else {
                    prop_assert_eq!(kept.pop(), ring.pop_front());
                }
            }
            prop_assert_eq!(kept.lane.is_empty(), ring.is_empty());
            prop_assert_eq!(kept.lane.first().map(|booking| booking.number), ring.front().copied());
            prop_assert!(kept.lane.room() < ring.len() + 3 * CHUNK);
        }
    }
}
