//! What is known of a message beyond what all messages have: that it was delayed or shifted, or has come back.

use crate::time::{SimDuration, SimTime};

/// The past of one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Past {
    pub(super) first_visible_at: SimTime,
    pub(super) visible_since: SimTime,
    /// [`SimTime::NEVER`] before it comes back for the first time.
    pub(super) first_received_at: SimTime,
    /// By how much it is shifted back in the order of service.
    pub(super) shift: SimDuration,
    /// Whether its place is where it last became visible, not where it first did.
    pub(super) goes_by_last: bool,
}

impl Past {
    /// Of a message that was, or is to be, first visible at this instant.
    pub(super) fn new(first_visible_at: SimTime, shift: SimDuration) -> Past {
        let first_received_at = SimTime::NEVER;
        Past { first_visible_at, visible_since: first_visible_at, first_received_at, shift, goes_by_last: false }
    }

    /// Its place in the order of service, with the number that settles it among messages visible since the same instant.
    pub(super) fn place(&self, number: u64) -> (SimTime, u64) {
        let since = if self.goes_by_last { self.visible_since } else { self.first_visible_at };
        (since + self.shift, number)
    }
}

/// The pasts of those messages that have one, by slot; no room is taken before the first has.
#[derive(Debug, Default)]
pub(super) struct Pasts(Vec<Past>);

impl Pasts {
    /// That of the message in this slot, which has one.
    #[inline(always)]
    pub(super) fn of(&self, slot: u32) -> &Past {
        &self.0[slot as usize]
    }

    /// The message in this slot has this past from now on.
    pub(super) fn set(&mut self, slot: u32, past: Past) {
        let slot = slot as usize;
        if self.0.len() <= slot {
            self.0.resize(slot + 1, Past::new(SimTime::ZERO, SimDuration::ZERO));
        }
        self.0[slot] = past;
    }
}
