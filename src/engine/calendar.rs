//! The general structure of the event list: a calendar queue whose days adapt to the traffic.
//!
//! ```text
//!  head: the next entry
//!  near: the entries that follow it in its day, sorted, the next one last
//!  ring: days ahead of the clock, unsorted chains; a bitmap tells which are in use
//!  far:  everything beyond the ring, in a heap
//! ```
//!
//! A day is 2^shift nanoseconds wide; the ring holds the days `[today, today + days)`, where today is the day of the clock
//! (not of the next entry: a booking may come before that). The width follows the mean gap between removals, the number
//! of days the number of entries (Brown, "Calendar queues", CACM 31, 1988; the bitmap spares the search for the next
//! day). Only simulated time decides, so the structure is the same on every machine; and whatever it decides, the order
//! is that of the keys.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::event::Key;
use crate::time::SimTime;

/// After every day: the day at hand of an empty calendar.
const NOT_A_DAY: u64 = u64::MAX;
/// End of a chain.
const NONE: u32 = u32::MAX;
/// Removals between two looks at the width.
const LOOK_EVERY: u32 = 8_192;
/// A day with more entries than this, not all of one instant, is too wide.
const CROWDED: usize = 64;
/// A day is about 2^-this of the mean gap between removals: most days in use then have one entry, which takes no sorting
/// and no guessing how many come next.
const DAYS_PER_GAP_SHIFT: u32 = 2;
/// Days per entry: far enough ahead that few entries are beyond the ring.
const DAYS_PER_ENTRY: usize = 4 << DAYS_PER_GAP_SHIFT;
const FEWEST_DAYS: usize = 1 << 10;
const MOST_DAYS: usize = 1 << 18;
/// About a millisecond, until the traffic is known.
const FIRST_SHIFT: u32 = 20;

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    key: Key,
    event: E,
}

/// An entry in a chain.
#[derive(Clone, Copy, Debug)]
struct Node<E> {
    key: Key,
    event: E,
    next: u32,
}

/// The heap's order is reversed, so that its greatest is the earliest entry.
#[derive(Debug)]
struct Far<E>(Entry<E>);

impl<E> PartialEq for Far<E> {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}
impl<E> Eq for Far<E> {}
impl<E> PartialOrd for Far<E> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Far<E> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.key.cmp(&self.0.key)
    }
}

#[derive(Debug)]
pub(super) struct Calendar<E> {
    /// The key of the next entry, [`Key::NEVER`] without one.
    head: Key,
    /// The next entry's event; `None` only if the calendar is empty.
    head_event: Option<E>,
    /// Entries of day `near_day`, that of the head, and none other. What that day still has in the ring is later than
    /// the head and all of these.
    near: Vec<Entry<E>>,
    near_day: u64,
    today: u64,
    shift: u32,
    /// First node of each day's chain.
    ring: Vec<u32>,
    /// One bit per day of the ring.
    used: Vec<u64>,
    nodes: Vec<Node<E>>,
    free: u32,
    far: BinaryHeap<Far<E>>,
    /// The day of the earliest entry in `far`, or a later one than all.
    far_day: u64,
    len: usize,
    /// More entries than this in one day are too many.
    crowd: usize,
    until_look: u32,
    last_look: SimTime,
}

impl<E: Copy> Calendar<E> {
    pub(super) fn new() -> Calendar<E> {
        Calendar {
            near: Vec::new(),
            near_day: NOT_A_DAY,
            head: Key::NEVER,
            head_event: None,
            today: 0,
            shift: FIRST_SHIFT,
            ring: vec![NONE; FEWEST_DAYS],
            used: vec![0; FEWEST_DAYS / 64],
            nodes: Vec::new(),
            free: NONE,
            far: BinaryHeap::new(),
            far_day: NOT_A_DAY,
            len: 0,
            crowd: CROWDED,
            until_look: LOOK_EVERY,
            last_look: SimTime::ZERO,
        }
    }

    /// The key of the next entry; [`Key::NEVER`] if there is none.
    #[inline(always)]
    pub(super) fn head(&self) -> Key {
        self.head
    }

    /// The next entry's event; there must be one.
    #[inline(always)]
    pub(super) fn head_event(&self) -> &E {
        self.head_event.as_ref().expect("an empty calendar has no next entry")
    }

    /// Puts an entry in. `now` is the clock: no entry is earlier.
    #[inline(always)]
    pub(super) fn insert(&mut self, now: SimTime, key: Key, event: E) {
        self.today = now.0 >> self.shift;
        self.len += 1;
        let day = key.at().0 >> self.shift;
        if day > self.near_day && self.is_in_ring(day) {
            return self.chain(day, key, event);
        }
        // Handed on in a node: as an argument the event would be put together in memory on every way.
        let node = new_node(&mut self.nodes, &mut self.free, Node { key, event, next: NONE });
        self.insert_elsewhere(day, node);
    }

    /// An entry for the day at hand, for one before it, or for one beyond the ring.
    #[inline(never)]
    fn insert_elsewhere(&mut self, day: u64, node: u32) {
        let Node { key, event, .. } = self.nodes[node as usize];
        self.nodes[node as usize].next = self.free;
        self.free = node;
        if day > self.near_day { self.put_away(day, key, event) } else { self.insert_near(day, key, event) }
    }

    /// Takes the next entry out; there must be one.
    #[inline(always)]
    pub(super) fn remove(&mut self) -> (Key, E) {
        let key = self.head;
        let event = self.head_event.expect("an empty calendar has no next entry");
        self.len -= 1;
        match self.near.pop() {
            Some(next) => self.lead(next.key, next.event),
            None => self.turn_to_next_day(key.at().0 >> self.shift),
        }
        self.until_look -= 1;
        if self.until_look == 0 {
            self.look(key.at());
        }
        (key, event)
    }

    #[inline(always)]
    fn lead(&mut self, key: Key, event: E) {
        self.head = key;
        self.head_event = Some(event);
    }

    /// The entry belongs to the day at hand, or to one before it.
    fn insert_near(&mut self, day: u64, key: Key, event: E) {
        if day < self.near_day {
            self.put_near_back();
            self.near_day = day;
            return self.lead(key, event);
        }
        if key < self.head {
            self.near.extend(self.head_event.map(|event| Entry { key: self.head, event }));
            self.lead(key, event);
        } else if self.near.first().is_none_or(|last| key > last.key) {
            return self.put_away(day, key, event);
        } else {
            let place = self.near.partition_point(|other| other.key > key);
            self.near.insert(place, Entry { key, event });
        }
        if self.near.len() > self.crowd {
            self.relieve();
        }
    }

    #[inline(always)]
    fn is_in_ring(&self, day: u64) -> bool {
        day - self.today < self.ring.len() as u64
    }

    fn put_away(&mut self, day: u64, key: Key, event: E) {
        if self.is_in_ring(day) {
            return self.chain(day, key, event);
        }
        self.far_day = self.far_day.min(day);
        self.far.push(Far(Entry { key, event }));
    }

    /// Puts an entry into the chain of its day, which is in the ring.
    #[inline(always)]
    fn chain(&mut self, day: u64, key: Key, event: E) {
        let slot = day as usize & (self.ring.len() - 1);
        let first = &mut self.ring[slot];
        *first = new_node(&mut self.nodes, &mut self.free, Node { key, event, next: *first });
        self.used[slot / 64] |= 1 << (slot % 64);
    }

    /// An entry comes before the day at hand: that day is put away again.
    fn put_near_back(&mut self) {
        let day = self.near_day;
        if let Some(event) = self.head_event.take() {
            self.put_away(day, self.head, event);
        }
        while let Some(entry) = self.near.pop() {
            self.put_away(day, entry.key, entry.event);
        }
    }

    /// The clock has come to `today` and no day is at hand: takes the first one in use, if there is one.
    #[inline(always)]
    fn turn_to_next_day(&mut self, today: u64) {
        self.today = today;
        let start = today as usize & (self.ring.len() - 1);
        // Nearly always it lies in the rest of today's word.
        let rest = self.used[start / 64] >> (start % 64);
        let day = today + u64::from(rest.trailing_zeros());
        if rest == 0 || day >= self.far_day {
            return self.turn_to_distant_day();
        }
        self.near_day = day;
        let more = self.unchain_first(start + rest.trailing_zeros() as usize);
        if more != NONE {
            self.unchain_more(more);
        }
    }

    #[inline(never)]
    fn turn_to_distant_day(&mut self) {
        if self.len == 0 {
            self.near_day = NOT_A_DAY;
            self.head = Key::NEVER;
            self.head_event = None;
            return;
        }
        match self.next_used_day() {
            Some(day) if day < self.far_day => {
                self.near_day = day;
                let more = self.unchain_first(day as usize & (self.ring.len() - 1));
                self.unchain_more(more);
            }
            in_ring => self.turn_to_far_day(in_ring),
        }
    }

    /// The first day in use has entries beyond the ring, and perhaps in it too.
    #[cold]
    fn turn_to_far_day(&mut self, in_ring: Option<u64>) {
        self.near_day = self.far_day;
        self.far_day = NOT_A_DAY;
        while let Some(Far(entry)) = self.far.pop() {
            let day = entry.key.at().0 >> self.shift;
            if day > self.near_day {
                self.far_day = day;
                self.far.push(Far(entry));
                break;
            }
            self.near.push(entry);
        }
        match in_ring {
            Some(day) if day == self.near_day => {
                let more = self.unchain_first(day as usize & (self.ring.len() - 1));
                self.unchain_more(more);
            }
            _ => self.sort_near(),
        }
    }

    /// Takes the first entry of a day out of the ring, to lead: the index of the next.
    #[inline(always)]
    fn unchain_first(&mut self, slot: usize) -> u32 {
        let index = std::mem::replace(&mut self.ring[slot], NONE);
        self.used[slot / 64] &= !(1 << (slot % 64));
        let node = &mut self.nodes[index as usize];
        self.head = node.key;
        self.head_event = Some(node.event);
        std::mem::replace(&mut node.next, std::mem::replace(&mut self.free, index))
    }

    /// The rest of a chain whose first entry leads; and whatever is at hand already comes into order with it.
    #[inline(never)]
    fn unchain_more(&mut self, mut index: u32) {
        self.near.extend(self.head_event.map(|event| Entry { key: self.head, event }));
        while index != NONE {
            let node = &mut self.nodes[index as usize];
            self.near.push(Entry { key: node.key, event: node.event });
            let next = std::mem::replace(&mut node.next, self.free);
            self.free = index;
            index = next;
        }
        self.sort_near();
    }

    /// The day at hand is complete but in no order, and without a head.
    fn sort_near(&mut self) {
        self.near.sort_unstable_by_key(|entry| Reverse(entry.key));
        if let Some(next) = self.near.pop() {
            self.lead(next.key, next.event);
        }
        if self.near.len() > self.crowd {
            self.relieve();
        }
    }

    /// The first day of the ring in use, from today on.
    fn next_used_day(&self) -> Option<u64> {
        let days = self.ring.len();
        let start = self.today as usize & (days - 1);
        let words = days / 64;
        let first = self.used[start / 64] & (u64::MAX << (start % 64));
        let mut word = start / 64;
        let mut bits = first;
        for step in 0..=words {
            if bits != 0 {
                let slot = word * 64 + bits.trailing_zeros() as usize;
                return Some(self.today + (slot.wrapping_sub(start) & (days - 1)) as u64);
            }
            word = (word + 1) & (words - 1);
            // The last word looked at is the first again, now for the days before its start.
            bits = if step + 1 == words { self.used[word] & !(u64::MAX << (start % 64)) } else { self.used[word] };
        }
        None
    }

    /// Every so often: does the width still fit the traffic?
    #[cold]
    fn look(&mut self, now: SimTime) {
        let gap = now.since(self.last_look).0 / u64::from(LOOK_EVERY);
        self.until_look = LOOK_EVERY;
        self.crowd = CROWDED;
        self.last_look = now;
        let fitting = gap.max(1).ilog2().saturating_sub(DAYS_PER_GAP_SHIFT);
        let days = (self.len * DAYS_PER_ENTRY).next_power_of_two().clamp(FEWEST_DAYS, MOST_DAYS);
        if fitting.abs_diff(self.shift) >= 2 || days > self.ring.len() || days * 8 <= self.ring.len() {
            self.rebuild(fitting, days);
        }
    }

    /// Too many entries share a day: it is made narrower, unless they share their instant. Where that does not help, the
    /// next look at the crowd waits until it has doubled.
    #[cold]
    fn relieve(&mut self) {
        let simultaneous = self.near.first().is_none_or(|last| last.key.at() == self.head.at());
        if !simultaneous && self.shift > 0 {
            let spread = (self.near.len() / 8).ilog2();
            self.rebuild(self.shift.saturating_sub(spread), self.ring.len());
        }
        self.crowd = CROWDED.max(2 * self.near.len());
    }

    fn rebuild(&mut self, shift: u32, days: usize) {
        let mut entries = std::mem::take(&mut self.near);
        entries.extend(self.head_event.take().map(|event| Entry { key: self.head, event }));
        for slot in 0..self.ring.len() {
            let mut index = self.ring[slot];
            while index != NONE {
                let node = &self.nodes[index as usize];
                entries.push(Entry { key: node.key, event: node.event });
                index = node.next;
            }
        }
        entries.extend(self.far.drain().map(|far| far.0));
        self.far_day = NOT_A_DAY;
        let now = SimTime(self.today << self.shift);
        self.nodes.clear();
        self.free = NONE;
        self.ring = vec![NONE; days];
        self.used = vec![0; days / 64];
        self.shift = shift;
        self.len = 0;
        self.today = now.0 >> shift;
        // In order: the earliest becomes the day at hand, which then is never put back.
        entries.sort_unstable_by_key(|entry| entry.key);
        self.near_day = NOT_A_DAY;
        self.head = Key::NEVER;
        self.crowd = usize::MAX;
        for entry in entries {
            self.insert(now, entry.key, entry.event);
        }
        self.crowd = CROWDED;
    }
}

/// The index of the node, in the place given back last or in a new one.
#[inline(always)]
fn new_node<E>(nodes: &mut Vec<Node<E>>, free: &mut u32, node: Node<E>) -> u32 {
    let index = *free;
    if let Some(place) = nodes.get_mut(index as usize) {
        *free = place.next;
        *place = node;
        return index;
    }
    nodes.push(node);
    u32::try_from(nodes.len() - 1).expect("more than 2^32 bookings at one time")
}
