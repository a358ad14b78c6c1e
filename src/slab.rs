//! A slab: records in numbered slots that are used again, with serial numbers that tell the tenants of a slot apart.
//!
//! Every slot has a serial number that only grows. A [`Handle`] is a slot and the serial it had: it stays valid until
//! the slot's serial is moved on. What a serial means is the owner's business: the queue moves it at each receive, so a
//! handle is a receipt; an execution moves it at each attempt, so a handle is a task token.
//!
//! Free slots are reused first in, first out: orders come and go in about that order, so neighbours in time stay
//! neighbours in memory (a last-in-first-out list scrambles them and every touch of a backlog misses the cache).

use std::collections::VecDeque;

/// A slot and the serial number it had when the handle was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle {
    /// The slot's number.
    pub slot: u32,
    /// The slot's serial at that time.
    pub serial: u32,
}

/// Records of type `T` in reusable slots.
#[derive(Debug, Default)]
pub struct Slab<T> {
    slots: Vec<T>,
    free: VecDeque<u32>,
}

impl<T> Slab<T> {
    /// An empty slab.
    pub fn new() -> Slab<T> {
        Slab { slots: Vec::new(), free: VecDeque::new() }
    }

    /// The longest-free slot, or a new one made by `fresh`. A reused slot holds what its last tenant left: overwrite it,
    /// but move its serial on.
    #[inline(always)]
    pub fn take(&mut self, fresh: impl FnOnce() -> T) -> u32 {
        match self.free.pop_front() {
            Some(slot) => slot,
            None => self.grow(fresh()),
        }
    }

    #[cold]
    fn grow(&mut self, record: T) -> u32 {
        let slot = u32::try_from(self.slots.len()).expect("more than 2^32 records at one time");
        self.slots.push(record);
        slot
    }

    /// Gives a slot back.
    #[inline(always)]
    pub fn release(&mut self, slot: u32) {
        self.free.push_back(slot);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_free_slot_is_reused_first() {
        let mut slab = Slab::new();
        let (a, b, c) = (slab.take(|| 'a'), slab.take(|| 'b'), slab.take(|| 'c'));
        slab.release(b);
        slab.release(a);
        assert_eq!(slab.take(|| 'd'), b);
        assert_eq!(slab.take(|| 'd'), a);
        assert_eq!(slab.take(|| 'd'), 3);
        assert_eq!(*slab.get(c), 'c');
    }
}
