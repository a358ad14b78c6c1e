//! The event list: everything that is booked, handed out in the one order of time, rank and booking.
//!
//! Behind the one [`schedule`](Agenda::schedule) there is a first-in-first-out lane for each kind that is booked a constant
//! time ahead, and a calendar for the rest. The caller never knows: a booking that would break the order of its lane goes
//! into the calendar.

use super::calendar::Calendar;
use super::event::{Event, Key, Moot};
use super::lane::{Booking, Lane, Spare};
use crate::time::SimTime;

/// Where the next event stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stand {
    /// At the head of the first lane.
    Lane,
    /// At that of the calendar.
    Calendar,
}

/// The event list.
#[derive(Debug)]
pub struct Agenda<E> {
    now: SimTime,
    lanes: Vec<Lane<E>>,
    spare: Spare<E>,
    /// The key of each lane's head; [`Key::NEVER`] where it is empty.
    heads: Vec<Key>,
    /// The least of `heads`, whose it is, and the least of the others.
    first: Key,
    first_lane: usize,
    second: Key,
    calendar: Calendar<E>,
    bookings: u64,
}

impl<E: Event> Default for Agenda<E> {
    fn default() -> Self {
        Agenda::new()
    }
}

impl<E: Event> Agenda<E> {
    /// An empty event list; its clock stands at 0.
    pub fn new() -> Agenda<E> {
        Agenda {
            now: SimTime::ZERO,
            lanes: (0..E::LANES).map(|_| Lane::new()).collect(),
            spare: Spare::new(),
            heads: vec![Key::NEVER; E::LANES],
            first: Key::NEVER,
            first_lane: 0,
            second: Key::NEVER,
            calendar: Calendar::new(),
            bookings: 0,
        }
    }

    /// Books an event for `at`, which is not in the past. An event that never comes is not booked.
    #[inline(always)]
    pub fn schedule(&mut self, at: SimTime, event: E) {
        debug_assert!(at >= self.now, "booked for the past");
        if at == SimTime::NEVER {
            return;
        }
        let number = self.next_number();
        if let Some(lane) = event.lane() {
            let queue = &mut self.lanes[lane];
            if queue.is_empty() {
                queue.push(Booking { at, number, event }, &mut self.spare);
                return self.lane_has_head(lane, Key::new(at, event.rank(), number));
            }
            if queue.last_at() <= at {
                return queue.push(Booking { at, number, event }, &mut self.spare);
            }
        }
        self.calendar.insert(self.now, Key::new(at, event.rank(), number), event);
    }

    /// Numbers a booking that is kept elsewhere: the next arrival.
    #[inline(always)]
    pub(super) fn next_number(&mut self) -> u64 {
        self.bookings += 1;
        self.bookings
    }

    /// The key of the next booking, moot or not; [`Key::NEVER`] if there is none.
    #[inline(always)]
    pub(super) fn head(&self) -> Key {
        self.first.min(self.calendar.head())
    }

    #[inline(always)]
    pub(super) fn set_clock(&mut self, now: SimTime) {
        self.now = now;
    }

    /// Where the next event stands that comes before `limit` and is not moot. Moot events on the way vanish; at the head of a
    /// lane all those that follow it vanish with it.
    ///
    /// It stays in place until it is [taken](Agenda::take): handed out from here, an event that may not be there would be
    /// carried through every turn of the loop.
    #[inline(always)]
    pub(super) fn next_before(&mut self, limit: Key, model: &impl Moot<E>) -> Option<Stand> {
        loop {
            let general = self.calendar.head();
            if self.first < general {
                if self.first >= limit {
                    return None;
                }
                if !self.drop_moot(model) {
                    return Some(Stand::Lane);
                }
            } else {
                if general >= limit {
                    return None;
                }
                if !model.is_moot(general.at(), self.calendar.head_event()) {
                    return Some(Stand::Calendar);
                }
                self.calendar.remove();
            }
        }
    }

    /// Takes out the next event that comes before `limit` and is not moot.
    #[cfg(test)]
    pub(super) fn pop_before(&mut self, limit: Key, model: &impl Moot<E>) -> Option<(SimTime, E)> {
        self.next_before(limit, model).map(|stand| self.take(stand))
    }

    /// Takes out the next event, which stands there.
    #[inline(always)]
    pub(super) fn take(&mut self, stand: Stand) -> (SimTime, E) {
        match stand {
            Stand::Calendar => {
                let (key, event) = self.calendar.remove();
                (key.at(), event)
            }
            Stand::Lane => {
                let head = self.lanes[self.first_lane].pop(&mut self.spare).expect("it stands there");
                self.lane_has_moved();
                (head.at, head.event)
            }
        }
    }

    /// Drops what is moot at the head of the first lane: whether there was anything.
    #[inline(always)]
    fn drop_moot(&mut self, model: &impl Moot<E>) -> bool {
        let lane = &mut self.lanes[self.first_lane];
        let starts_moot = |lane: &Lane<E>| lane.first().is_some_and(|head| model.is_moot(head.at, &head.event));
        if !starts_moot(lane) {
            return false;
        }
        loop {
            lane.pop(&mut self.spare);
            if !starts_moot(lane) {
                break;
            }
        }
        self.lane_has_moved();
        true
    }

    /// The first lane has another head, or none.
    #[inline(always)]
    fn lane_has_moved(&mut self) {
        let lane = self.first_lane;
        let queue = &self.lanes[lane];
        let head = queue.first().map_or(Key::NEVER, |head| Key::new(head.at, head.event.rank(), head.number));
        self.heads[lane] = head;
        self.first = head;
        if head >= self.second {
            self.find_first();
        }
    }

    /// An empty lane has its first booking.
    #[inline(always)]
    fn lane_has_head(&mut self, lane: usize, key: Key) {
        self.heads[lane] = key;
        if key < self.first {
            self.second = self.first;
            self.first = key;
            self.first_lane = lane;
        } else if key < self.second {
            self.second = key;
        }
    }

    fn find_first(&mut self) {
        self.first = Key::NEVER;
        self.second = Key::NEVER;
        for lane in 0..self.heads.len() {
            self.lane_has_head(lane, self.heads[lane]);
        }
    }
}
