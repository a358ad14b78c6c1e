//! A Lambda event source mapping for SQS: how many batches it may have in hand, and its long polls.
//!
//! ```text
//!            message appears                    batch over
//!   polling ─────────────────▶ batch in hand ───────────────▶ polling
//!      │ ▲                          │ failed
//!      └─┘ 20 s: empty receive      └────────▶ pausing ──error_backoff──▶ polling
//! ```
//!
//! A poller that has a batch in hand invokes the function with it and waits for the end; so pollers in use are batches in
//! flight. Idle pollers hold a long poll of 20 s each: a message sent to an idle queue is received at once. The rules
//! ("Configuring scaling behavior for SQS event source mappings"; the sizes of the steps and the way down are assumed):
//!
//! * Five batches are possible at once as soon as messages come. While visible messages remain at a step of the ramp's
//!   clock, five more; up to 1,250, or `MaximumConcurrency`.
//! * After each minute without a full batch, and with nothing visible at its end, the pollers are halved, down to five, and
//!   to two without `MaximumConcurrency`.
//! * `MaximumConcurrency` stops the receives, not the invocations: what cannot run is not fetched.
//!
//! Without a ramp as many pollers as may be are there from the beginning, and nobody counts their polls.

use std::collections::VecDeque;

use crate::facts::event_source::{FIRST_BATCHES, IDLE_POLLERS, LONG_POLL, MOST_POLLERS, POLLERS_PER_STEP};
use crate::time::{SimDuration, SimTime};

/// How a mapping is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSourceSettings {
    /// `MaximumConcurrency`.
    pub maximum: Option<u32>,
    /// Batches that the function has slots for, where the mapping receives only what can run at once.
    pub slots: Option<u32>,
    /// The time between two steps of the ramp; `None`: no ramp.
    pub scale_interval: Option<SimDuration>,
}

/// A mapping at some instant.
#[derive(Clone, Debug)]
pub struct EventSource {
    settings: EventSourceSettings,
    /// The ramp's limit at most, and what it falls back to.
    most: u32,
    floor: u32,
    /// Batches that may be in hand now: the ramp's limit.
    pollers: u32,
    in_use: u32,
    /// When each idle poller's receive began, the oldest first.
    polls: VecDeque<SimTime>,
    /// Whether a full batch was received since the last look.
    full_batch: bool,
}

impl EventSource {
    /// A mapping that has seen no message yet.
    pub fn new(settings: EventSourceSettings) -> EventSource {
        let maximum = settings.maximum.unwrap_or(u32::MAX);
        let (most, floor) = match settings.scale_interval {
            Some(_) => (
                MOST_POLLERS.min(maximum),
                if settings.maximum.is_none() { IDLE_POLLERS } else { FIRST_BATCHES.min(maximum) },
            ),
            None => (maximum, maximum),
        };
        let mut source = EventSource {
            settings,
            most: most.min(settings.slots.unwrap_or(u32::MAX)),
            floor: floor.min(settings.slots.unwrap_or(u32::MAX)),
            pollers: 0,
            in_use: 0,
            polls: VecDeque::new(),
            full_batch: false,
        };
        source.pollers = source.floor;
        source.poll(SimTime::ZERO);
        source
    }

    fn ramps(&self) -> bool {
        self.settings.scale_interval.is_some()
    }

    /// Batches in hand, or pausing after one.
    #[inline(always)]
    pub fn in_use(&self) -> u32 {
        self.in_use
    }

    /// The ramp's limit now.
    pub fn pollers(&self) -> u32 {
        self.pollers
    }

    /// Whether one more batch may be received. Five may as soon as messages come, however few pollers there were.
    #[inline(always)]
    pub fn has_room(&self) -> bool {
        self.in_use < self.pollers || (self.ramps() && self.in_use < FIRST_BATCHES.min(self.most))
    }

    /// A poller's receive has returned messages.
    #[inline(always)]
    pub fn take(&mut self, now: SimTime) {
        self.in_use += 1;
        if self.ramps() {
            self.poller_is_in_use(now);
        }
    }

    #[inline(never)]
    fn poller_is_in_use(&mut self, now: SimTime) {
        if self.in_use > self.pollers {
            self.pollers = FIRST_BATCHES.min(self.most);
        }
        self.polls.pop_front();
        self.poll(now);
    }

    /// A poller's receive came back with nothing, and it begins another.
    pub fn receive_nothing(&mut self, now: SimTime) {
        if self.polls.pop_front().is_some() {
            self.polls.push_back(now);
        }
    }

    /// A batch turned out to be a full one.
    #[inline(always)]
    pub fn batch_was_full(&mut self) {
        self.full_batch = true;
    }

    /// A poller is through with its batch.
    #[inline(always)]
    pub fn free(&mut self, now: SimTime) {
        self.in_use -= 1;
        if self.ramps() {
            self.poll(now);
        }
    }

    /// As many polls as idle pollers.
    fn poll(&mut self, now: SimTime) {
        if self.ramps() {
            self.polls.resize(self.pollers.saturating_sub(self.in_use) as usize, now);
        }
    }

    /// A step of the ramp's clock while messages are visible.
    pub fn step(&mut self, now: SimTime) {
        self.pollers = (self.pollers + POLLERS_PER_STEP).min(self.most);
        self.poll(now);
    }

    /// A minute is over: fewer pollers, unless a full batch was received in it or messages are visible. Says whether another
    /// look may find less.
    pub fn look(&mut self, now: SimTime, visible: bool) -> bool {
        if !std::mem::take(&mut self.full_batch) && !visible {
            self.pollers = (self.pollers / 2).max(self.floor);
            self.poll(now);
        }
        self.pollers > self.floor
    }

    /// Whether there are more pollers than an idle mapping has.
    pub fn has_scaled_up(&self) -> bool {
        self.pollers > self.floor
    }

    /// When the oldest poll will have waited in vain.
    pub fn next_empty_receive(&self) -> Option<SimTime> {
        self.polls.front().map(|since| *since + LONG_POLL)
    }

    /// Ends one poll that has waited for too long and begins another; says whether there was one.
    pub fn end_poll(&mut self, now: SimTime) -> bool {
        let due = self.next_empty_receive().is_some_and(|at| at <= now);
        if due {
            self.polls.pop_front();
            self.polls.push_back(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::NANOS_PER_SEC;

    fn mapping(maximum: Option<u32>) -> EventSource {
        let scale_interval = Some(SimDuration::from_secs(1));
        EventSource::new(EventSourceSettings { maximum, slots: None, scale_interval })
    }

    /// Takes batches as long as there is room.
    fn fill(source: &mut EventSource, now: SimTime) -> u32 {
        let before = source.in_use();
        while source.has_room() {
            source.take(now);
        }
        source.in_use() - before
    }

    #[test]
    fn an_idle_mapping_takes_five_batches_at_once_and_five_more_at_each_step() {
        let mut source = mapping(None);
        assert_eq!(source.pollers(), 2);
        let taken: Vec<u32> = (1..4)
            .map(|second| {
                let taken = fill(&mut source, SimTime(second * NANOS_PER_SEC));
                source.step(SimTime(second * NANOS_PER_SEC));
                taken
            })
            .collect();
        assert_eq!(taken, [5, 5, 5]);
        (0..400).for_each(|_| source.step(SimTime(9 * NANOS_PER_SEC)));
        assert_eq!(source.pollers(), MOST_POLLERS);
    }

    #[test]
    fn maximum_concurrency_bounds_the_ramp_from_the_start() {
        let mut source = mapping(Some(7));
        assert_eq!(source.pollers(), 5);
        assert_eq!(fill(&mut source, SimTime(0)), 5);
        source.step(SimTime(1));
        assert_eq!((fill(&mut source, SimTime(1)), source.has_room()), (2, false));
        let mut source = mapping(Some(2));
        assert_eq!(fill(&mut source, SimTime(0)), 2);
    }

    #[test]
    fn pollers_are_halved_after_a_minute_without_a_full_batch() {
        let mut source = mapping(None);
        (0..7).for_each(|_| source.step(SimTime(0)));
        let up = source.pollers();
        source.batch_was_full();
        assert!(source.look(SimTime(1), false) && source.look(SimTime(1), true) && source.pollers() == up);
        let down: Vec<u32> = (0..6)
            .map(|_| {
                source.look(SimTime(2), false);
                source.pollers()
            })
            .collect();
        assert_eq!((up, down), (37, vec![18, 9, 4, 2, 2, 2]));
    }

    #[test]
    fn idle_pollers_receive_nothing_every_twenty_seconds() {
        let mut source = mapping(None);
        let mut empty = 0;
        for second in 0..=60 {
            while source.end_poll(SimTime(second * NANOS_PER_SEC)) {
                empty += 1;
            }
        }
        assert_eq!(empty, 2 * 3);
        source.take(SimTime(65 * NANOS_PER_SEC));
        assert_eq!(source.next_empty_receive(), Some(SimTime(80 * NANOS_PER_SEC)));
        source.free(SimTime(70 * NANOS_PER_SEC));
        source.end_poll(SimTime(80 * NANOS_PER_SEC));
        assert_eq!(source.next_empty_receive(), Some(SimTime(90 * NANOS_PER_SEC)));
    }

    #[test]
    fn without_a_ramp_there_are_as_many_pollers_as_may_be() {
        let settings = EventSourceSettings { maximum: Some(9), slots: Some(4), scale_interval: None };
        let mut source = EventSource::new(settings);
        assert_eq!((fill(&mut source, SimTime(0)), source.next_empty_receive()), (4, None));
    }
}
