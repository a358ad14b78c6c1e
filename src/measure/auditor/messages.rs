//! The book of messages: each is in exactly one state and moves only as a queue allows.

use std::collections::BTreeMap;

use crate::measure::auditor::watch::breach;
use crate::measure::window::Window;
use crate::observation::{Appearance, MessageRef, Place};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Sent without delay: must appear at once.
    Sent,
    At(Place),
}

#[derive(Debug)]
struct Message {
    reference: MessageRef,
    state: State,
    since: SimTime,
    receive_count: u32,
    /// An event that was put back: when it is read again or dropped.
    waits_until: Option<SimTime>,
}

/// What happened to messages, window or not, and the time they spent.
#[derive(Debug)]
pub(super) struct MessageBook {
    window: Window,
    existing: BTreeMap<Handle, Message>,
    /// How many are in the dead-letter queue, by their order's number.
    dead: BTreeMap<Option<u64>, u64>,
    in_flight: u64,
    /// Of those at most.
    in_flight_limit: Option<u64>,
    /// Messages sent without delay that have not appeared yet.
    unseen: u64,
    /// Those of counted orders, and of no order if sent inside the window.
    pub(super) counted: MessageCounts,
    /// Time inside the window, in nanoseconds.
    pub(super) time_delayed: u128,
    pub(super) time_visible: u128,
    pub(super) time_in_flight: u128,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MessageCounts {
    pub(super) sent: u64,
    pub(super) received: u64,
    pub(super) redelivered: u64,
    pub(super) duplicated: u64,
    pub(super) redriven: u64,
    pub(super) deleted: u64,
    pub(super) dead_lettered: u64,
    pub(super) expired: u64,
    pub(super) dropped: u64,
}

impl MessageBook {
    pub(super) fn new(window: Window, in_flight_limit: Option<u64>) -> MessageBook {
        MessageBook {
            window,
            existing: BTreeMap::new(),
            dead: BTreeMap::new(),
            in_flight: 0,
            in_flight_limit,
            unseen: 0,
            counted: MessageCounts::default(),
            time_delayed: 0,
            time_visible: 0,
            time_in_flight: 0,
        }
    }

    fn counts(&self, message: &MessageRef) -> u64 {
        u64::from(self.window.holds(message.order.map_or(message.sent_at, |order| order.arrived_at)))
    }

    pub(super) fn sent(&mut self, now: SimTime, message: &MessageRef, delayed: bool) {
        self.entered(now, message, delayed);
        self.counted.sent += self.counts(message);
    }

    /// One of its order's messages has come back from the dead-letter queue, as a new one.
    pub(super) fn redriven(&mut self, now: SimTime, message: &MessageRef, delayed: bool) {
        match self.dead.get_mut(&message.order.map(|order| order.number)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => message_breach(now, message, "it is redriven, but its order has no message in the dead-letter queue"),
        }
        self.entered(now, message, delayed);
        self.counted.redriven += self.counts(message);
    }

    fn entered(&mut self, now: SimTime, message: &MessageRef, delayed: bool) {
        if message.sent_at != now {
            message_breach(now, message, "it is sent at another instant than it says");
        }
        let state = if delayed { State::At(Place::Delayed) } else { State::Sent };
        self.unseen += u64::from(!delayed);
        let fresh = Message { reference: *message, state, since: now, receive_count: 0, waits_until: None };
        if self.existing.insert(message.handle, fresh).is_some() {
            message_breach(now, message, "it is sent while another message has its handle");
        }
    }

    /// A message that must exist.
    fn get(&mut self, now: SimTime, message: &MessageRef, what: &str) -> &mut Message {
        match self.existing.get_mut(&message.handle) {
            Some(known) if known.reference == *message => known,
            Some(_) => message_breach(now, message, "it is not the message that has its handle"),
            None => message_breach(now, message, &format!("{what}, but it does not exist")),
        }
    }

    /// Moves a message from `from`, where it must be. Returns the time since it came there.
    fn move_on(&mut self, now: SimTime, message: &MessageRef, from: State, to: State, what: &str) -> SimDuration {
        let known = self.get(now, message, what);
        if known.state != from {
            message_breach(now, message, &format!("{what}, but its state is {:?}", known.state));
        }
        let since = std::mem::replace(&mut known.since, now);
        known.state = to;
        self.in_flight += u64::from(to == State::At(Place::InFlight));
        self.in_flight -= u64::from(from == State::At(Place::InFlight));
        self.spend(from, since, now);
        now.since(since)
    }

    fn spend(&mut self, state: State, since: SimTime, until: SimTime) {
        let time = u128::from(self.window.overlap(since, until).0);
        match state {
            State::Sent => {}
            State::At(Place::Delayed) => self.time_delayed += time,
            State::At(Place::Visible) => self.time_visible += time,
            State::At(Place::InFlight) => self.time_in_flight += time,
        }
    }

    pub(super) fn appeared(&mut self, now: SimTime, message: &MessageRef, why: Appearance) {
        let from = match why {
            Appearance::Sent => State::Sent,
            Appearance::DelayEnded => State::At(Place::Delayed),
            Appearance::Returned | Appearance::Duplicated => State::At(Place::InFlight),
        };
        let there = self.move_on(now, message, from, State::At(Place::Visible), &format!("it appears ({why:?})"));
        if why == Appearance::Duplicated {
            if !there.is_zero() {
                message_breach(now, message, "it stays visible at another instant than that of its receive");
            }
            self.counted.duplicated += self.counts(message);
        }
        self.unseen -= u64::from(why == Appearance::Sent);
    }

    pub(super) fn received(&mut self, now: SimTime, message: &MessageRef, receive_count: u32, waited: SimDuration) {
        let (from, to) = (State::At(Place::Visible), State::At(Place::InFlight));
        if self.move_on(now, message, from, to, "it is received") != waited {
            message_breach(now, message, "it waited for another time than it was visible");
        }
        self.has_waited(now, message);
        if self.in_flight_limit.is_some_and(|limit| self.in_flight > limit) {
            message_breach(now, message, &format!("{} are in flight, more than there may be", self.in_flight));
        }
        let known = self.get(now, message, "it is received");
        known.receive_count += 1;
        if known.receive_count != receive_count {
            message_breach(now, message, &format!("receive {receive_count} is its {}.", known.receive_count));
        }
        let counted = self.counts(message);
        self.counted.received += counted;
        self.counted.redelivered += if receive_count > 1 { counted } else { 0 };
    }

    pub(super) fn stale_delete(&mut self, now: SimTime, message: &MessageRef) {
        if self.get(now, message, "a stale delete names it").receive_count < 2 {
            message_breach(now, message, "a delete is stale, but no newer receive overtook it");
        }
    }

    fn gone(&mut self, now: SimTime, message: &MessageRef, from: Place, what: &str) -> u64 {
        self.move_on(now, message, State::At(from), State::At(from), what);
        self.in_flight -= u64::from(from == Place::InFlight);
        self.existing.remove(&message.handle);
        self.counts(message)
    }

    pub(super) fn deleted(&mut self, now: SimTime, message: &MessageRef, from: Place) {
        self.counted.deleted += self.gone(now, message, from, &format!("it is deleted from {from:?}"));
    }

    pub(super) fn dead_lettered(&mut self, now: SimTime, message: &MessageRef) {
        *self.dead.entry(message.order.map(|order| order.number)).or_default() += 1;
        self.counted.dead_lettered += self.gone(now, message, Place::Visible, "it is dead-lettered");
    }

    pub(super) fn expired(&mut self, now: SimTime, message: &MessageRef, from: Place) {
        self.counted.expired += self.gone(now, message, from, &format!("it expires from {from:?}"));
    }

    /// Lambda put an event back, which must be waiting again since this instant.
    pub(super) fn event_waits(&mut self, now: SimTime, message: &MessageRef, waits: SimDuration) {
        let known = self.get(now, message, "it is put back");
        if (known.state, known.since) != (State::At(Place::Visible), now) || known.receive_count == 0 {
            message_breach(now, message, "it is put back, but it does not wait since now");
        }
        known.waits_until = Some(now + waits);
    }

    /// An event that was put back is read or dropped at the instant that was said, no other.
    fn has_waited(&mut self, now: SimTime, message: &MessageRef) {
        let waits_until = self.get(now, message, "it has waited").waits_until.take();
        if waits_until.is_some_and(|until| until != now) {
            message_breach(now, message, "it was put back until another instant");
        }
    }

    pub(super) fn event_dropped(&mut self, now: SimTime, message: &MessageRef, from: Place) {
        self.has_waited(now, message);
        self.counted.dropped += self.gone(now, message, from, &format!("it is dropped from {from:?}"));
    }

    /// Messages in flight.
    pub(super) fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// The instant `now` is over.
    pub(super) fn settle(&mut self, now: SimTime) {
        if self.unseen > 0 {
            breach(now, "the queue", "a message was sent without delay and has not appeared");
        }
    }

    /// The run is over.
    pub(super) fn finish(&mut self, end: SimTime) {
        let mut left = 0;
        for message in std::mem::take(&mut self.existing).into_values() {
            self.spend(message.state, message.since, end);
            left += self.counts(&message.reference);
        }
        let MessageCounts { sent, redriven, deleted, dead_lettered, expired, dropped, .. } = self.counted;
        if sent + redriven != deleted + dead_lettered + expired + dropped + left {
            breach(
                end,
                "the queue",
                &format!(
                    "{sent} messages were sent and {redriven} redriven, {left} are left, and the rest is not all of it"
                ),
            );
        }
    }
}

#[cold]
fn message_breach(now: SimTime, message: &MessageRef, what: &str) -> ! {
    let Handle { slot, serial } = message.handle;
    let order = message.order.map_or("no order".to_string(), |order| format!("order {}", order.number));
    breach(now, &format!("message {slot}.{serial} of {order}"), what)
}
