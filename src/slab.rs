//! A slab: records in numbered slots that are used again, with serial numbers that tell the tenants of a slot apart.
//!
//! Every slot has a serial number that only grows. A [`Handle`] is a slot and the serial it had: it stays valid until
//! the slot's serial is moved on. What a serial means is the owner's business: the queue moves it at each receive, so a
//! handle is a receipt; an execution moves it at each attempt, so a handle is a task token.
//!
//! The slots given back last are taken first, but only a few of them: they are still in the cache. Then the lowest free slot
//! is taken: orders leave in about the order in which they came, so after a backlog has drained the next one is laid out
//! in memory in the order of its arrivals again. (A whole last-in-first-out list scrambles the slots; a first-in-first-out
//! list walks through all that a peak ever needed.)

use std::collections::VecDeque;

/// A slot and the serial number it had when the handle was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle {
    /// The slot's number.
    pub slot: u32,
    /// The slot's serial at that time.
    pub serial: u32,
}

/// Records that a roomy slab has room for from the start. What is never used costs addresses, but no memory; what grows beyond
/// is moved each time its room doubles. (Not for queues: a ring walks through all the room it has.)
const ROOM: usize = 1 << 18;
/// Slots told apart by one bit of a word.
const WORD: usize = 64;
/// Slots that are taken again in the reverse order of their release.
const RECENT: usize = 16;

/// Records of type `T` in reusable slots.
#[derive(Debug, Default)]
pub struct Slab<T> {
    slots: Vec<T>,
    free: FreeSlots,
}

impl<T> Slab<T> {
    /// An empty slab.
    pub fn new() -> Slab<T> {
        Slab { slots: Vec::new(), free: FreeSlots::default() }
    }

    /// An empty slab with room for as many records as a large backlog has.
    pub fn roomy() -> Slab<T> {
        Slab { slots: Vec::with_capacity(ROOM), free: FreeSlots::default() }
    }

    /// A free slot, or a new one made by `fresh`, and what it holds. A reused slot holds what its last tenant left:
    /// overwrite it, but move its serial on.
    #[inline(always)]
    pub fn take(&mut self, fresh: impl FnOnce() -> T) -> (u32, &mut T) {
        let slot = match self.free.take() {
            Some(slot) => slot,
            None => self.grow(fresh()),
        };
        (slot, self.get_mut(slot))
    }

    #[inline(never)]
    fn grow(&mut self, record: T) -> u32 {
        let slot = u32::try_from(self.slots.len()).expect("more than 2^32 records at one time");
        self.slots.push(record);
        self.free.make_room(self.slots.len());
        slot
    }

    /// Gives a slot back.
    #[inline(always)]
    pub fn release(&mut self, slot: u32) {
        self.free.insert(slot);
    }

    /// The record in a slot.
    #[inline(always)]
    pub fn get(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }

    /// The record in a slot, to be changed.
    #[inline(always)]
    pub fn get_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }

    /// Slots ever made, in use or free.
    pub fn slots(&self) -> u32 {
        self.slots.len() as u32
    }
}

/// A set of slots: the recent ones in a stack, the others with a bit each, and above it a bit for each word that is not
/// empty.
///
/// Where the next free slot lies is a coin flip to the processor, so the search does not branch on it.
#[derive(Debug, Default)]
struct FreeSlots {
    recent: [u32; RECENT],
    recent_count: usize,
    bits: Vec<u64>,
    words: Vec<u64>,
    /// No word of `words` before this one has a bit set.
    first: usize,
}

impl FreeSlots {
    fn make_room(&mut self, slots: usize) {
        if slots > self.bits.len() * WORD {
            self.bits.push(0);
            self.words.resize(self.bits.len().div_ceil(WORD), 0);
        }
    }

    #[inline(always)]
    fn insert(&mut self, slot: u32) {
        if let Some(place) = self.recent.get_mut(self.recent_count) {
            *place = slot;
            self.recent_count += 1;
        } else {
            self.mark(slot);
        }
    }

    #[inline(always)]
    fn take(&mut self) -> Option<u32> {
        match self.recent.get(self.recent_count.wrapping_sub(1)) {
            Some(slot) => {
                self.recent_count -= 1;
                Some(*slot)
            }
            None => self.take_lowest(),
        }
    }

    fn mark(&mut self, slot: u32) {
        let word = slot as usize / WORD;
        self.bits[word] |= 1 << (slot % WORD as u32);
        self.words[word / WORD] |= 1 << (word % WORD);
        self.first = self.first.min(word / WORD);
    }

    fn take_lowest(&mut self) -> Option<u32> {
        while *self.words.get(self.first)? == 0 {
            self.first += 1;
        }
        let words = &mut self.words[self.first];
        let place = words.trailing_zeros();
        let word = self.first * WORD + place as usize;
        let bits = &mut self.bits[word];
        let slot = (word * WORD) as u32 + bits.trailing_zeros();
        *bits &= *bits - 1;
        *words &= !(u64::from(*bits == 0) << place);
        Some(slot)
    }
}

/// Handles in the order in which their tenants came, out of which the gone ones are swept, so that memory follows what exists.
///
/// That is, when its room is full and most are gone. Whether one is gone is asked of its record, and where most exist, as in a
/// backlog that grows, all records would be loaded for little: there its room grows, by a quarter. Beyond what it had from the
/// start it is at most two and a half times what ever existed.
#[derive(Debug)]
pub struct ByAge {
    names: VecDeque<Handle>,
}

impl ByAge {
    /// Nothing has come yet; there is room for so many, gone or not.
    pub fn new(room: usize) -> ByAge {
        ByAge { names: VecDeque::with_capacity(room) }
    }

    /// One more has come: so many exist now, itself among them.
    #[inline(always)]
    pub fn push(&mut self, name: Handle, existing: usize, exists: impl Fn(Handle) -> bool) {
        if self.names.len() == self.names.capacity() {
            self.make_room(existing, exists);
        }
        self.names.push_back(name);
    }

    /// The oldest that exists.
    pub fn oldest(&mut self, exists: impl Fn(Handle) -> bool) -> Option<Handle> {
        let gone = self.names.iter().take_while(|name| !exists(**name)).count();
        self.names.drain(..gone);
        self.names.front().copied()
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, existing: usize, exists: impl Fn(Handle) -> bool) {
        let listed = self.names.len();
        if listed >= 2 * existing {
            self.names.retain(|name| exists(*name));
        } else {
            self.names.reserve_exact(listed / 4 + 1);
        }
    }

    /// Names that there is room for.
    #[cfg(test)]
    pub(crate) fn room(&self) -> usize {
        self.names.capacity()
    }

    /// Names listed, gone or not.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_last_few_slots_are_reused_first_and_then_the_lowest() {
        let mut slab = Slab::new();
        let slots: Vec<u32> = (0..100).map(|_| slab.take(|| ()).0).collect();
        assert_eq!(slots, (0..100).collect::<Vec<_>>());
        for slot in (0..40).rev() {
            slab.release(slot);
        }
        // 39 to 24 are the recent ones; then comes the lowest of the others.
        let again: Vec<u32> = (0..20).map(|_| slab.take(|| ()).0).collect();
        assert_eq!(again, (24..40).chain(0..4).collect::<Vec<_>>());
    }

    #[test]
    fn as_long_as_most_names_exist_nobody_asks_them_one_by_one() {
        let name = |serial: u32| Handle { slot: serial, serial };
        let mut by_age = ByAge::new(16);
        for serial in 0..10_000 {
            by_age.push(name(serial), serial as usize + 1, |_| panic!("asked of a growing backlog"));
        }
        // Others come while it drains, and the first half of it has gone.
        for serial in 10_000..15_000 {
            by_age.push(name(serial), 10_000, |_| panic!("asked while most exist"));
        }
        assert_eq!(by_age.oldest(|name| name.slot >= 5_000), Some(name(5_000)));
    }

    #[test]
    fn there_is_room_for_at_most_two_and_a_half_times_as_many_names_as_ever_existed() {
        // A crowd comes and goes, again and again; of those who come in between each is gone when the next one has come.
        for crowd in [0, 1, 100, 6_000, 10_000] {
            let mut by_age = ByAge::new(16);
            for serial in 0..10 * crowd + 1_000 {
                let in_crowd = serial % (2 * crowd + 100) < crowd;
                let existing = if in_crowd { serial % (2 * crowd + 100) + 1 } else { 1 };
                let since = serial + 1 - existing;
                by_age.push(Handle { slot: serial, serial }, existing as usize, |name| name.slot >= since);
                let enough = 16.max(5 * crowd as usize / 2 + 1);
                assert!(by_age.room() <= enough, "{crowd}: room for {}", by_age.room());
            }
        }
    }

    #[test]
    fn any_mix_of_taking_and_giving_back_agrees_with_a_stack_and_a_sorted_set() {
        let mut slab = Slab::new();
        let (mut recent, mut free) = (Vec::new(), BTreeSet::new());
        let mut used = Vec::new();
        let mut state = 1_u64;
        for step in 0..200_000_u64 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let growing = step % 50_000 < 30_000;
            if used.is_empty() || (state >> 60 < if growing { 11 } else { 5 }) {
                let expected = recent.pop().or_else(|| free.pop_first()).unwrap_or(slab.slots());
                assert_eq!(slab.take(|| ()).0, expected);
                used.push(expected);
            } else {
                let slot = used.swap_remove((state >> 20) as usize % used.len());
                slab.release(slot);
                if recent.len() < RECENT {
                    recent.push(slot);
                } else {
                    free.insert(slot);
                }
            }
        }
        assert!(slab.slots() > 4_096 * 2, "both levels were used");
    }
}
