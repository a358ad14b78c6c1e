//! What can be booked, and in which order it happens.

use crate::time::SimTime;

/// What goes first within one instant. Within a rank the order of booking decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rank {
    /// Work ends, and its answers and deletes arrive: an answer at the very instant of its deadline is in time.
    WorkEnds = 0,
    /// Timers run out.
    TimerRunsOut = 1,
    /// Orders arrive, delayed messages and back-offs come due.
    Arrives = 2,
    /// Receives and starts: what is visible together can share a batch.
    Starts = 3,
}

/// Something that can be booked. A closed `enum` in each system.
pub trait Event: Copy {
    /// How many lanes the kinds of this event use.
    const LANES: usize;

    /// Its rank within its instant.
    fn rank(&self) -> Rank;

    /// The lane of its kind, below [`LANES`](Event::LANES); `None` for kinds without one.
    ///
    /// A lane is for kinds that are nearly always booked a constant time ahead, hence in ascending order; all events of
    /// a lane have one rank. It is a hint: a booking out of order is as right as any other, only slower.
    fn lane(&self) -> Option<usize>;
}

/// Knows which bookings no longer matter.
pub(super) trait Moot<E> {
    /// Whether this event, due at `at`, may be dropped unseen.
    fn is_moot(&self, at: SimTime, event: &E) -> bool;
}

/// The total order of everything that happens: time, then rank, then booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u128);

const RANK_SHIFT: u32 = 62;

impl Key {
    /// After everything.
    pub(super) const NEVER: Key = Key(u128::MAX);

    #[inline(always)]
    pub(super) fn new(at: SimTime, rank: Rank, booking: u64) -> Key {
        Key(u128::from(at.0) << 64 | u128::from((rank as u64) << RANK_SHIFT | booking))
    }

    /// Before everything of this rank at this instant.
    #[inline(always)]
    pub(super) fn first_of(at: SimTime, rank: Rank) -> Key {
        Key::new(at, rank, 0)
    }

    #[inline(always)]
    pub(super) fn at(self) -> SimTime {
        SimTime((self.0 >> 64) as u64)
    }
}
