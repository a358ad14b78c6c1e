//! A lane: bookings in the order in which they come due, first in, first out.
//!
//! It lies in chunks, so that its memory follows what is pending. One chunk is read, another one is written, and the full ones
//! wait between them. When the first is read up and nothing waits between, the two change places: a lane in which a handful is
//! pending walks to and fro in as many places as that handful takes, and stays in the nearest cache. (A ring walks through all
//! the room that a peak ever needed, and doubles it.)

use std::collections::VecDeque;

use crate::time::SimTime;

/// Bookings in a chunk.
pub(super) const CHUNK: usize = 256;

/// An event that is booked for `at` as the `number`-th of all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booking<E> {
    pub(super) at: SimTime,
    pub(super) number: u64,
    pub(super) event: E,
}

/// Empty chunks for all lanes, the one read up last on top: it is still in the cache.
pub(super) type Spare<E> = Vec<Vec<Booking<E>>>;

/// A first-in-first-out list of bookings.
#[derive(Debug)]
pub(super) struct Lane<E> {
    /// The chunk that is read, up to `read`. It is read up only when the lane is empty, and then is empty itself.
    front: Vec<Booking<E>>,
    read: usize,
    /// Full ones.
    between: VecDeque<Vec<Booking<E>>>,
    /// The chunk that is written.
    back: Vec<Booking<E>>,
    /// For when the last one was booked.
    last_at: SimTime,
}

impl<E: Copy> Lane<E> {
    pub(super) fn new() -> Lane<E> {
        Lane { front: Vec::new(), read: 0, between: VecDeque::new(), back: Vec::new(), last_at: SimTime::ZERO }
    }

    /// The next booking.
    #[inline(always)]
    pub(super) fn first(&self) -> Option<&Booking<E>> {
        self.front.get(self.read)
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.front.is_empty()
    }

    /// For when the last one was booked that ever came in, gone or not.
    #[inline(always)]
    pub(super) fn last_at(&self) -> SimTime {
        self.last_at
    }

    /// One more at the end.
    #[inline(always)]
    pub(super) fn push(&mut self, booking: Booking<E>, spare: &mut Spare<E>) {
        self.last_at = booking.at;
        if self.front.is_empty() {
            return self.front.push(booking);
        }
        if self.back.len() == self.back.capacity() {
            self.make_room(spare);
        }
        self.back.push(booking);
    }

    /// Takes out the first.
    #[inline(always)]
    pub(super) fn pop(&mut self, spare: &mut Spare<E>) -> Option<Booking<E>> {
        let first = *self.front.get(self.read)?;
        self.read += 1;
        if self.read == self.front.len() {
            self.turn_to_next(spare);
        }
        Some(first)
    }

    /// Up to a whole chunk the room doubles; then another chunk is written.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, spare: &mut Spare<E>) {
        if self.back.len() < CHUNK {
            return self.back.reserve(1);
        }
        let fresh = spare.pop().unwrap_or_else(|| Vec::with_capacity(CHUNK));
        self.between.push_back(std::mem::replace(&mut self.back, fresh));
    }

    /// The chunk that was read is read up.
    #[inline(never)]
    fn turn_to_next(&mut self, spare: &mut Spare<E>) {
        self.front.clear();
        self.read = 0;
        match self.between.pop_front() {
            Some(next) => spare.push(std::mem::replace(&mut self.front, next)),
            None => std::mem::swap(&mut self.front, &mut self.back),
        }
    }

    /// Bookings that all its chunks have room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.front.capacity() + self.back.capacity() + self.between.iter().map(Vec::capacity).sum::<usize>()
    }
}
