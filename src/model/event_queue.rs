//! The queue that Lambda itself keeps for asynchronous invocations: it takes every event, invokes the function from there,
//! and tries again what was throttled or failed.
//!
//! ```text
//!            accept             read                 given an environment
//!   (none) ─────────▶ waiting ────────▶ in hand ───────────────────────────▶ running ──success──▶ handled
//!                      ▲  │                │ throttled                          │ error, timeout
//!                      │  │ too old        ▼                                    ▼
//!                      │  └──▶ dropped ◀── too old ──────────── no retry left ──┤
//!                      └────────────────── else ──────────────── else ──────────┘
//! ```
//!
//! Rules, from the AWS Lambda developer guide ("How Lambda handles errors and retries with asynchronous invocation"):
//!
//! * An event is accepted whatever the function's concurrency.
//! * After a throttle it waits 1 s, then `backoff_rate` times as long each time (assumed: twice), at most 5 min, until it is too
//!   old. That counts the throttles in a row (assumed). A function error leads to a retry after 1 min, a second after 2 min; retries after throttles use none of them.
//! * An event whose next try would come after its maximum age is dropped when it reaches that age.
//! * With a reserved concurrency of 0 an event is dropped at once, unread.
//!
//! The component is told the time, keeps no timers, and carries whatever the design gives it as a payload.

use crate::facts::invocation::{FIRST_ERROR_WAIT, FIRST_THROTTLE_WAIT, LONGEST_THROTTLE_WAIT, SECOND_ERROR_WAIT};
use crate::slab::{ByAge, Handle, Slab};
use crate::time::{SimDuration, SimTime};

/// The waits before the first, the second and any further retry after a function error. AWS allows two.
const ERROR_WAITS: [SimDuration; 2] = [FIRST_ERROR_WAIT, SECOND_ERROR_WAIT];
/// Events that the list of accepted ones may hold before it is swept for the first time.
const FIRST_SWEEP: usize = 64;

/// How the queue treats its events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventQueueSettings {
    /// `MaximumEventAgeInSeconds`; `None`: an event may grow as old as it likes.
    pub maximum_event_age: Option<SimDuration>,
    /// `MaximumRetryAttempts`: retries after function errors.
    pub maximum_retry_attempts: u32,
    /// Each wait after a throttle is the one before times this; at least 1.
    pub backoff_rate: f64,
}

/// An event as others see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRef<P> {
    /// Names it as long as it exists.
    pub handle: Handle,
    /// When it was accepted.
    pub accepted_at: SimTime,
    /// What it carries.
    pub payload: P,
}

/// An event that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<P> {
    /// The event.
    pub event: EventRef<P>,
    /// 1 for the first reading.
    pub number: u32,
    /// Since it last began to wait.
    pub waited: SimDuration,
    /// The reading that led to its first run: this one, if there was none yet.
    pub first_run_read_at: SimTime,
}

/// What becomes of an event that could not be handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits, and is read again at this instant.
    ReadAgain(SimTime),
    /// It waits, and will be too old at this instant.
    Expires(SimTime),
    /// It is dropped at once: it is too old already.
    TooOld,
    /// It is dropped at once: its retries after function errors are spent.
    RetriesSpent,
}

/// Where an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventPlace {
    /// In the queue: it waits to be read.
    Waiting,
    /// Read, and on its way to the function.
    InHand,
    /// An invocation has it.
    Running,
}

#[derive(Clone, Debug)]
struct Entry<P> {
    /// Moves on when the event is gone.
    serial: u32,
    payload: P,
    accepted_at: SimTime,
    waiting_since: SimTime,
    read_at: SimTime,
    first_run_read_at: Option<SimTime>,
    readings: u32,
    /// How long it waits after the next throttle.
    throttle_wait: SimDuration,
    errors: u32,
    place: EventPlace,
}

impl<P: Copy> Entry<P> {
    fn reference(&self, slot: u32) -> EventRef<P> {
        let handle = Handle { slot, serial: self.serial };
        EventRef { handle, accepted_at: self.accepted_at, payload: self.payload }
    }
}

/// All events of one function that are neither handled nor dropped.
#[derive(Debug)]
pub struct EventQueue<P> {
    settings: EventQueueSettings,
    entries: Slab<Entry<P>>,
    existing: usize,
    /// In the order of their acceptance.
    accepted: ByAge,
}

impl<P: Copy> EventQueue<P> {
    /// An empty queue.
    pub fn new(settings: EventQueueSettings) -> EventQueue<P> {
        EventQueue { settings, entries: Slab::new(), existing: 0, accepted: ByAge::new(FIRST_SWEEP) }
    }

    /// An event comes in, and waits.
    pub fn accept(&mut self, now: SimTime, payload: P) -> EventRef<P> {
        let fresh = || Entry {
            serial: 0,
            payload,
            accepted_at: now,
            waiting_since: now,
            read_at: now,
            first_run_read_at: None,
            readings: 0,
            throttle_wait: FIRST_THROTTLE_WAIT,
            errors: 0,
            place: EventPlace::Waiting,
        };
        let (slot, entry) = self.entries.take(fresh);
        *entry = Entry { serial: entry.serial.wrapping_add(1), ..fresh() };
        let event = entry.reference(slot);
        self.existing += 1;
        let entries = &self.entries;
        self.accepted.push(event.handle, self.existing, |handle| is_there(entries, handle));
        event
    }

    /// Lambda reads an event that waits, to invoke the function with it.
    pub fn read(&mut self, now: SimTime, event: Handle) -> Reading<P> {
        let entry = self.get_mut(event);
        debug_assert!(entry.place == EventPlace::Waiting, "an event is read while it is {:?}", entry.place);
        entry.place = EventPlace::InHand;
        entry.readings += 1;
        entry.read_at = now;
        Reading {
            event: entry.reference(event.slot),
            number: entry.readings,
            waited: now.since(entry.waiting_since),
            first_run_read_at: entry.first_run_read_at.unwrap_or(now),
        }
    }

    /// An environment was given the event.
    pub fn runs(&mut self, event: Handle) {
        let entry = self.get_mut(event);
        entry.place = EventPlace::Running;
        entry.throttle_wait = FIRST_THROTTLE_WAIT;
        entry.first_run_read_at.get_or_insert(entry.read_at);
    }

    /// The function refused the event: it waits again, or is too old already.
    pub fn throttled(&mut self, now: SimTime, event: Handle) -> Fate {
        let rate = self.settings.backoff_rate;
        let entry = self.get_mut(event);
        let wait = entry.throttle_wait;
        entry.throttle_wait = SimDuration((wait.0 as f64 * rate).round() as u64).min(LONGEST_THROTTLE_WAIT);
        self.wait(now, event, wait)
    }

    /// The invocation with the event failed: it waits for its retry, or has none left.
    pub fn failed(&mut self, now: SimTime, event: Handle) -> Fate {
        let most = self.settings.maximum_retry_attempts;
        let entry = self.get_mut(event);
        if entry.errors >= most {
            return Fate::RetriesSpent;
        }
        let wait = ERROR_WAITS[(entry.errors as usize).min(ERROR_WAITS.len() - 1)];
        entry.errors += 1;
        self.wait(now, event, wait)
    }

    fn wait(&mut self, now: SimTime, event: Handle, wait: SimDuration) -> Fate {
        let maximum = self.settings.maximum_event_age;
        let entry = self.get_mut(event);
        let (due_at, expires_at) = (now + wait, maximum.map_or(SimTime::NEVER, |age| entry.accepted_at + age));
        if now >= expires_at {
            return Fate::TooOld;
        }
        entry.place = EventPlace::Waiting;
        entry.waiting_since = now;
        if due_at <= expires_at { Fate::ReadAgain(due_at) } else { Fate::Expires(expires_at) }
    }

    /// An event is no more, handled or dropped: what it was.
    pub fn remove(&mut self, event: Handle) -> EventRef<P> {
        let entry = self.get_mut(event);
        let gone = entry.reference(event.slot);
        entry.serial = entry.serial.wrapping_add(1);
        self.entries.release(event.slot);
        self.existing -= 1;
        gone
    }

    /// The event of that name, which must exist.
    pub fn get(&self, event: Handle) -> EventRef<P> {
        self.entries.get(event.slot).reference(event.slot)
    }

    fn get_mut(&mut self, event: Handle) -> &mut Entry<P> {
        let entry = self.entries.get_mut(event.slot);
        debug_assert!(entry.serial == event.serial, "an event that is gone");
        entry
    }

    /// Where the event in a slot is.
    pub fn place(&self, slot: u32) -> EventPlace {
        self.entries.get(slot).place
    }

    /// Whether no event exists.
    pub fn is_empty(&self) -> bool {
        self.existing == 0
    }

    /// When the oldest existing event was accepted.
    pub fn oldest(&mut self) -> Option<SimTime> {
        let entries = &self.entries;
        let oldest = self.accepted.oldest(|handle| is_there(entries, handle))?;
        Some(entries.get(oldest.slot).accepted_at)
    }
}

fn is_there<P>(entries: &Slab<Entry<P>>, event: Handle) -> bool {
    entries.get(event.slot).serial == event.serial
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn queue(age: Option<u64>, retries: u32) -> EventQueue<u32> {
        growing(age, retries, 2.0)
    }

    fn growing(age: Option<u64>, retries: u32, backoff_rate: f64) -> EventQueue<u32> {
        let maximum_event_age = age.map(SimDuration::from_secs);
        EventQueue::new(EventQueueSettings { maximum_event_age, maximum_retry_attempts: retries, backoff_rate })
    }

    /// The instants at which an event is tried that the function always refuses, and the one at which it is too old.
    fn tries(age: u64) -> (Vec<SimTime>, SimTime) {
        tries_of(queue(Some(age), 2))
    }

    fn tries_of(mut queue: EventQueue<u32>) -> (Vec<SimTime>, SimTime) {
        let event = queue.accept(at(0), 7).handle;
        let (mut now, mut tried) = (at(0), Vec::new());
        loop {
            queue.read(now, event);
            tried.push(now);
            match queue.throttled(now, event) {
                Fate::ReadAgain(due_at) => now = due_at,
                Fate::Expires(expires_at) => return (tried, expires_at),
                Fate::TooOld | Fate::RetriesSpent => return (tried, now),
            }
        }
    }

    #[test]
    fn a_throttled_event_waits_a_second_doubling_up_to_five_minutes_until_it_is_too_old() {
        let (tried, dropped) = tries(6 * HOUR);
        let first: Vec<SimTime> = [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1_111].map(at).to_vec();
        assert_eq!(tried[..first.len()], first);
        assert!(tried[first.len()..].windows(2).all(|pair| pair[1].since(pair[0]) == SimDuration::from_secs(300)));
        // 1 + 9 doublings up to 511 s, then one every 300 s: (21,600 - 511) / 300 = 70.3.
        assert_eq!((tried.len(), dropped), (80, at(6 * HOUR)));
        assert_eq!(tries(60), ([0, 1, 3, 7, 15, 31].map(at).to_vec(), at(60)));
    }

    #[test]
    fn the_waits_after_throttles_grow_by_the_backoff_rate_up_to_five_minutes() {
        let waits = |rate: f64| -> Vec<f64> {
            let (tried, _) = tries_of(growing(Some(6 * HOUR), 2, rate));
            tried.windows(2).map(|pair| pair[1].since(pair[0]).as_secs_f64()).collect()
        };
        assert_eq!(waits(3.0)[..8], [1.0, 3.0, 9.0, 27.0, 81.0, 243.0, 300.0, 300.0]);
        assert_eq!(waits(1.5)[..5], [1.0, 1.5, 2.25, 3.375, 5.0625]);
        assert!(waits(1.0).iter().all(|wait| *wait == 1.0));
    }

    #[test]
    fn an_event_is_tried_at_its_very_maximum_age_and_not_after_it() {
        assert_eq!(tries(63).0.last(), Some(&at(63)));
        assert_eq!(tries(62).0.last(), Some(&at(31)));
    }

    #[test]
    fn a_failed_event_waits_one_minute_then_two_and_throttles_cost_none_of_its_retries() {
        let mut queue = queue(None, 2);
        let event = queue.accept(at(0), 7).handle;
        assert_eq!(queue.read(at(0), event).first_run_read_at, at(0));
        assert_eq!(queue.throttled(at(0), event), Fate::ReadAgain(at(1)));
        let reading = queue.read(at(1), event);
        assert_eq!((reading.number, reading.waited, reading.first_run_read_at), (2, SimDuration::from_secs(1), at(1)));
        queue.runs(event);
        assert_eq!(queue.failed(at(5), event), Fate::ReadAgain(at(65)));
        assert_eq!(queue.read(at(65), event).first_run_read_at, at(1), "it ran before");
        assert_eq!(queue.throttled(at(65), event), Fate::ReadAgain(at(66)), "the doubling begins anew");
        queue.read(at(66), event);
        queue.runs(event);
        assert_eq!(queue.failed(at(70), event), Fate::ReadAgain(at(190)));
        queue.read(at(190), event);
        queue.runs(event);
        assert_eq!(queue.failed(at(191), event), Fate::RetriesSpent);
        assert_eq!(queue.remove(event).payload, 7);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_retry_beyond_the_maximum_age_never_comes() {
        let mut queue = queue(Some(60), 2);
        let event = queue.accept(at(10), 7).handle;
        queue.read(at(10), event);
        queue.runs(event);
        assert_eq!(queue.failed(at(11), event), Fate::Expires(at(70)));
        queue.remove(event);
        let late = queue.accept(at(10), 8).handle;
        queue.read(at(10), late);
        queue.runs(late);
        assert_eq!(queue.failed(at(70), late), Fate::TooOld);
    }

    #[test]
    fn the_oldest_event_is_known_and_memory_follows_what_exists() {
        let mut queue = queue(None, 0);
        let old = queue.accept(at(1), 0).handle;
        for second in 2..10_000 {
            let event = queue.accept(at(second), 1);
            assert_eq!((event.accepted_at, queue.oldest()), (at(second), Some(at(1))));
            queue.remove(event.handle);
        }
        assert!(queue.accepted.len() <= 2 * FIRST_SWEEP + 1, "{}", queue.accepted.len());
        queue.remove(old);
        assert_eq!(queue.oldest(), None);
    }
}
