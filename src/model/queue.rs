//! An SQS standard queue.
//!
//! ```text
//!            send                       receive
//!  ──────────┬──────────▶ visible ───────────────────▶ in flight ──▶ deleted
//!            │               ▲  │                        │   │
//!            ▼  delay ends   │  │ receives spent         │   │ retention
//!         delayed ───────────┘  ▼                        │   ▼
//!                         dead-lettered                  │  expired (from any state)
//!                            ▲  visibility timeout       │
//!                            └────── visible ◀───────────┘
//! ```
//!
//! Rules, each from the Amazon SQS developer guide or API reference:
//!
//! * The visibility timer starts at the receive, and each receive yields a new receipt handle ("Amazon SQS visibility
//!   timeout", "ReceiveMessage"). Here a receipt is the message's slot and a serial that grows with each receive.
//! * The receive count grows at the receive, whether or not any consumer code ran.
//! * A message is moved to the dead-letter queue when its receive count would exceed `maxReceiveCount`: with limit N it
//!   is handed out N times and the (N+1)th attempt to receive it moves it ("CreateQueue", `RedrivePolicy`). Nothing moves
//!   while nobody polls.
//! * A delete needs the newest handle: one that a newer receive has overtaken changes nothing
//!   ([`StaleDelete::Ignored`]); one whose timer ran out but that nobody overtook still deletes.
//! * The retention period counts from the sending and wins over everything ("MessageRetentionPeriod").
//! * While as many messages are in flight as may be, a receive returns nothing, and a long poll no error either ("Amazon SQS
//!   standard queue quotas").
//! * Delivery is at least once and order is best effort ("Amazon SQS at-least-once delivery"): whoever holds the dice may
//!   have a message [stay visible](Queue::stays_visible) at a receive, or shift its place in line when it sends it.
//!
//! Left out on purpose: FIFO and fair queues, short polling. The queue is told the time and returns deadlines; it books
//! nothing. What settles the order among messages visible since the same instant, the numbers of their orders, it asks of
//! whoever knows the payload, where it matters.

mod letter;
mod past;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::facts::queue::RECEIVES_BEFORE_THE_BACK;
use crate::observation::Place;
use crate::slab::{ByAge, Handle, Slab};
use crate::time::{SimDuration, SimTime};

use past::{Past, Pasts};

pub use letter::{DeadLetter, Deleted, Delivery, Letter, Received, Whereabouts};

/// How a queue is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// `VisibilityTimeout`; `None`: a received message never returns.
    pub visibility_timeout: Option<SimDuration>,
    /// `MessageRetentionPeriod`, from the sending; `None`: for ever.
    pub message_retention_period: Option<SimDuration>,
    /// `maxReceiveCount` of the redrive policy; `None`: no dead-letter queue.
    pub max_receive_count: Option<u32>,
    /// Where a message that comes back queues up.
    pub returned_to: ReturnedTo,
    /// What a delete with an overtaken receipt does.
    pub stale_delete: StaleDelete,
    /// Messages in flight at most; `None`: any number.
    pub in_flight_limit: Option<u64>,
}

impl QueueSettings {
    /// Whether a message goes to the back after so many receives without a delete.
    fn sends_to_the_back(&self, receives: u32) -> bool {
        self.max_receive_count.is_some_and(|limit| limit > RECEIVES_BEFORE_THE_BACK)
            && receives >= RECEIVES_BEFORE_THE_BACK
    }
}

/// Where a message that comes back queues up (`queue.returned_to`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnedTo {
    /// The place of its first sending (aws, assumed; after the third receive, with `maxReceiveCount` > 3, the back).
    Place,
    /// Behind all visible ones (textbook).
    Back,
}

/// What a delete does whose receipt a newer receive has overtaken (`queue.stale_delete`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleDelete {
    /// Nothing (aws).
    Ignored,
    /// It deletes the message (textbook).
    Deletes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Gone,
    Delayed,
    Visible,
    InFlight,
}

/// Half a cache line: a backlog of these is what a run's memory mostly holds. Without a [`Past`] it is or was visible since
/// its sending, once.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Message<P> {
    payload: P,
    sent_at: SimTime,
    /// Moves on at each receive and at the message's end, so receipts can be told apart.
    serial: u32,
    receive_count: u32,
    /// Invocations that hold a delivery of it.
    holders: u32,
    state: State,
    has_past: bool,
}

impl<P> Message<P> {
    /// The serial when it was sent: receipts from here to `serial` are this message's.
    #[inline(always)]
    fn born(&self) -> u32 {
        self.serial.wrapping_sub(self.receive_count)
    }

    /// Whether this is the message of that name, and exists.
    #[inline(always)]
    fn is_called(&self, handle: Handle) -> bool {
        // Its end moves the serial on, so a message that is gone answers to no name.
        self.born() == handle.serial
    }

    /// Whether the receipt is of a receive of this message, the last or an earlier one, and it exists.
    #[inline(always)]
    fn was_received_as(&self, receipt: Handle) -> bool {
        self.state != State::Gone && self.serial.wrapping_sub(receipt.serial) <= self.receive_count
    }

    /// Whether a place in line still stands for this message, visible.
    #[inline(always)]
    fn is_waiting(&self, place: Handle) -> bool {
        // Whatever ends its being visible moves the serial on.
        self.serial == place.serial
    }
}

impl<P: Copy> Message<P> {
    #[inline(always)]
    fn letter(&self, slot: u32) -> Letter<P> {
        Letter { handle: Handle { slot, serial: self.born() }, payload: self.payload, sent_at: self.sent_at }
    }

    /// Ends it: makes every handle to it invalid.
    #[inline(always)]
    fn end(&mut self) {
        self.state = State::Gone;
        self.serial = self.serial.wrapping_add(1);
    }
}

/// Sent messages listed before the gone ones are swept out for the first time.
const FIRST_SWEEP: usize = 16_384;

/// What is visible, waiting in the order of service, and its key: (turn, number).
type Ticket = (SimTime, u64, Handle);

/// A standard queue whose messages carry a payload of type `P`.
#[derive(Debug)]
pub struct Queue<P> {
    settings: QueueSettings,
    messages: Slab<Message<P>>,
    pasts: Pasts,
    /// Visible messages that became visible in the order of service, nearly all of them: only slots and serials, for the
    /// key follows from the message. An entry whose serial is not its message's any more is skipped.
    line: VecDeque<Handle>,
    /// The key of the last message put in line.
    last_in_line: (SimTime, u64),
    /// Visible messages whose place lies before the last in line.
    returned: BinaryHeap<Reverse<Ticket>>,
    visible: u64,
    delayed: u64,
    /// Messages that exist.
    existing: u64,
    /// Messages in flight at most.
    most_in_flight: u64,
    /// Messages in order of sending.
    sent: ByAge,
}

impl<P: Copy> Queue<P> {
    /// An empty queue.
    pub fn new(settings: QueueSettings) -> Queue<P> {
        Queue {
            settings,
            messages: Slab::roomy(),
            pasts: Pasts::default(),
            line: VecDeque::new(),
            last_in_line: (SimTime::ZERO, 0),
            returned: BinaryHeap::new(),
            visible: 0,
            delayed: 0,
            existing: 0,
            most_in_flight: settings.in_flight_limit.unwrap_or(u64::MAX),
            sent: ByAge::new(FIRST_SWEEP),
        }
    }

    /// How it is set.
    #[inline(always)]
    pub fn settings(&self) -> &QueueSettings {
        &self.settings
    }

    /// Messages visible now: the backlog.
    #[inline(always)]
    pub fn visible(&self) -> u64 {
        self.visible
    }

    /// Messages in flight now.
    #[inline(always)]
    pub fn in_flight(&self) -> u64 {
        self.existing - self.visible - self.delayed
    }

    /// Whether a receive would find a message: one is visible, and one more may be in flight.
    #[inline(always)]
    pub fn hands_out(&self) -> bool {
        self.visible > 0 && !self.is_full()
    }

    /// Whether as many messages are in flight as may be; without a limit nobody counts.
    #[inline(always)]
    fn is_full(&self) -> bool {
        self.most_in_flight != u64::MAX && self.in_flight() >= self.most_in_flight
    }

    /// Whether no message exists.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.existing == 0
    }

    /// The oldest existing message, and when it was sent.
    pub fn oldest(&mut self) -> Option<(Handle, SimTime)> {
        let messages = &self.messages;
        let oldest = self.sent.oldest(|handle| messages.get(handle.slot).is_called(handle))?;
        Some((oldest, messages.get(oldest.slot).sent_at))
    }

    /// Where the message in a slot is; `None` if there is none.
    pub fn whereabouts(&self, slot: u32) -> Option<Whereabouts> {
        let message = self.messages.get(slot);
        match message.state {
            State::Gone => None,
            _ if message.holders > 0 => Some(Whereabouts::Held),
            State::Delayed => Some(Whereabouts::Delayed),
            State::Visible => Some(Whereabouts::Visible),
            State::InFlight => Some(Whereabouts::InFlight),
        }
    }

    /// Puts a message in; `number` settles the order among messages visible since the same instant, and others may overtake
    /// it that are sent less than `shift` later.
    ///
    /// Without a delay it is visible at once, else the caller books [`delay_ended`](Queue::delay_ended) for
    /// `now` + `delay`.
    #[inline(always)]
    pub fn send(
        &mut self,
        now: SimTime,
        number: u64,
        payload: P,
        (delay, shift): (SimDuration, SimDuration),
    ) -> Letter<P> {
        let fresh = || Message {
            payload,
            sent_at: now,
            serial: 0,
            receive_count: 0,
            holders: 0,
            state: if delay.is_zero() { State::Visible } else { State::Delayed },
            has_past: !delay.is_zero() || !shift.is_zero(),
        };
        let (slot, message) = self.messages.take(fresh);
        let serial = message.serial.wrapping_add(1);
        *message = Message { serial, ..fresh() };
        self.existing += 1;
        let (messages, existing) = (&self.messages, self.existing as usize);
        self.sent.push(Handle { slot, serial }, existing, |handle| messages.get(handle.slot).is_called(handle));
        if !delay.is_zero() || !shift.is_zero() {
            self.pasts.set(slot, Past::new(now + delay, shift));
        }
        if delay.is_zero() {
            self.visible += 1;
            self.line_up((now + shift, number), Handle { slot, serial });
        } else {
            self.delayed += 1;
        }
        Letter { handle: Handle { slot, serial }, payload, sent_at: now }
    }

    /// The delay of a message is over: it is visible, unless it is gone.
    pub fn delay_ended(&mut self, now: SimTime, handle: Handle, number: impl Fn(P) -> u64) -> Option<Letter<P>> {
        let message = self.messages.get_mut(handle.slot);
        if !message.is_called(handle) || message.state != State::Delayed {
            return None;
        }
        let letter = message.letter(handle.slot);
        self.delayed -= 1;
        self.appear(handle.slot, now, *self.pasts.of(handle.slot), number(letter.payload));
        Some(letter)
    }

    /// Takes the next message in the order of service; `None` when none is visible, or too many are in flight.
    #[inline(always)]
    pub fn receive(&mut self, now: SimTime, number: impl Fn(P) -> u64) -> Option<Received<P>> {
        self.hand_out(now, false, number)
    }

    /// [`receive`](Queue::receive); if it is `held`, an invocation takes [hold](Queue::hold) of the delivery at once.
    #[inline(always)]
    pub fn hand_out(&mut self, now: SimTime, held: bool, number: impl Fn(P) -> u64) -> Option<Received<P>> {
        if self.visible == 0 {
            self.line.clear();
            self.returned.clear();
            return None;
        }
        if self.is_full() {
            return None;
        }
        self.visible -= 1;
        if !self.returned.is_empty() {
            self.merge_returned(number);
        }
        let (slot, message) = loop {
            let place = self.line.pop_front().expect("a visible message waits somewhere");
            let message = self.messages.get_mut(place.slot);
            if message.is_waiting(place) {
                break (place.slot, message);
            }
        };
        let letter = message.letter(slot);
        if self.settings.max_receive_count.is_some_and(|limit| message.receive_count >= limit) {
            let (first_visible_at, first_received_at) = match message.has_past {
                true => (self.pasts.of(slot).first_visible_at, self.pasts.of(slot).first_received_at),
                false => (message.sent_at, SimTime::NEVER),
            };
            message.end();
            self.release(slot);
            return Some(Received::DeadLettered(DeadLetter { letter, first_visible_at, first_received_at }));
        }
        message.state = State::InFlight;
        message.receive_count += 1;
        message.holders += u32::from(held);
        message.serial = message.serial.wrapping_add(1);
        let mut past = Past { first_received_at: now, ..Past::new(message.sent_at, SimDuration::ZERO) };
        if message.has_past {
            past = *self.pasts.of(slot);
            past.first_received_at = past.first_received_at.min(now);
        }
        Some(Received::Delivered(Delivery {
            letter,
            receipt: Handle { slot, serial: message.serial },
            receive_count: message.receive_count,
            waited: now.since(past.visible_since),
            first_visible_at: past.first_visible_at,
            first_received_at: past.first_received_at,
            visible_again_at: self.settings.visibility_timeout.map(|timeout| now + timeout),
        }))
    }

    /// Whether the visibility timeout of a receipt still matters: its message is in flight on that very receive.
    #[inline(always)]
    pub fn is_current(&self, receipt: Handle) -> bool {
        let message = self.messages.get(receipt.slot);
        message.serial == receipt.serial && message.state == State::InFlight
    }

    /// The visibility timeout of a receive has run out: the message is visible again, unless it was settled meanwhile.
    pub fn visibility_timed_out(
        &mut self,
        now: SimTime,
        receipt: Handle,
        number: impl Fn(P) -> u64,
    ) -> Option<Letter<P>> {
        let timeout = self.settings.visibility_timeout.unwrap_or(SimDuration::ZERO);
        self.come_back(now, receipt, SimTime(now.0.saturating_sub(timeout.0)), number)
    }

    /// A copy of the message was not told of this receive, which has just been made: it is visible again at once, as if its
    /// visibility timeout had run out. The receipt stays good until another receive.
    pub fn stays_visible(&mut self, now: SimTime, receipt: Handle, number: impl Fn(P) -> u64) -> Option<Letter<P>> {
        self.come_back(now, receipt, now, number)
    }

    /// The message that was received at `received_at` is visible again, unless it was settled meanwhile.
    fn come_back(
        &mut self,
        now: SimTime,
        receipt: Handle,
        received_at: SimTime,
        number: impl Fn(P) -> u64,
    ) -> Option<Letter<P>> {
        if !self.is_current(receipt) {
            return None;
        }
        let message = self.messages.get(receipt.slot);
        let mut past = match message.has_past {
            true => *self.pasts.of(receipt.slot),
            false => Past::new(message.sent_at, SimDuration::ZERO),
        };
        past.first_received_at = past.first_received_at.min(received_at);
        past.goes_by_last = match self.settings.returned_to {
            ReturnedTo::Back => true,
            ReturnedTo::Place => self.settings.sends_to_the_back(message.receive_count),
        };
        let letter = message.letter(receipt.slot);
        self.appear(receipt.slot, now, past, number(letter.payload));
        Some(letter)
    }

    /// An invocation takes hold of the delivery of this receipt, until it [lets go](Queue::let_go) of it.
    #[inline(always)]
    pub fn hold(&mut self, receipt: Handle) {
        let message = self.messages.get_mut(receipt.slot);
        message.holders += u32::from(message.was_received_as(receipt));
    }

    /// An invocation lets go of the delivery of this receipt, and deletes its message if it `deletes`.
    #[inline(always)]
    pub fn let_go(&mut self, receipt: Handle, deletes: bool) -> Deleted<P> {
        let message = self.messages.get_mut(receipt.slot);
        if !message.was_received_as(receipt) {
            return Deleted::Already;
        }
        message.holders -= 1;
        if deletes { self.delete(receipt) } else { Deleted::Kept }
    }

    /// Deletes the message of a receipt.
    #[inline(always)]
    pub fn delete(&mut self, receipt: Handle) -> Deleted<P> {
        let message = self.messages.get_mut(receipt.slot);
        if !message.was_received_as(receipt) {
            return Deleted::Already;
        }
        let letter = message.letter(receipt.slot);
        if receipt.serial != message.serial && self.settings.stale_delete == StaleDelete::Ignored {
            return Deleted::Stale(letter);
        }
        let was_visible = message.state == State::Visible;
        message.end();
        self.release(receipt.slot);
        if was_visible {
            self.visible -= 1;
            return Deleted::Visible(letter);
        }
        Deleted::InFlight(letter)
    }

    /// Whether a message still exists.
    #[inline(always)]
    pub fn exists(&self, handle: Handle) -> bool {
        self.messages.get(handle.slot).is_called(handle)
    }

    /// The retention period of a message is over: it is gone, and this says from where; `None` if it was gone already.
    pub fn retention_ended(&mut self, handle: Handle) -> Option<(Letter<P>, Place)> {
        let message = self.messages.get_mut(handle.slot);
        if !message.is_called(handle) {
            return None;
        }
        let from = match message.state {
            State::Visible => {
                self.visible -= 1;
                Place::Visible
            }
            State::Delayed => {
                self.delayed -= 1;
                Place::Delayed
            }
            State::InFlight | State::Gone => Place::InFlight,
        };
        let letter = message.letter(handle.slot);
        message.end();
        self.release(handle.slot);
        Some((letter, from))
    }

    /// The message of a slot has ceased to exist.
    #[inline(always)]
    fn release(&mut self, slot: u32) {
        self.existing -= 1;
        self.messages.release(slot);
    }

    /// The message with this past becomes visible, after its delay or again.
    fn appear(&mut self, slot: u32, now: SimTime, past: Past, number: u64) {
        let past = Past { visible_since: now, ..past };
        self.pasts.set(slot, past);
        let message = self.messages.get_mut(slot);
        message.has_past = true;
        message.state = State::Visible;
        let serial = message.serial;
        self.visible += 1;
        self.line_up(past.place(number), Handle { slot, serial });
    }

    /// The place of this slot's message in the order of service.
    fn place(&self, slot: u32, number: impl Fn(P) -> u64) -> (SimTime, u64) {
        let message = self.messages.get(slot);
        let number = number(message.payload);
        if message.has_past { self.pasts.of(slot).place(number) } else { (message.sent_at, number) }
    }

    /// A visible message takes its place in the order of service.
    #[inline(always)]
    fn line_up(&mut self, key: (SimTime, u64), handle: Handle) {
        if self.line.is_empty() || key >= self.last_in_line {
            self.line.push_back(handle);
            self.last_in_line = key;
        } else {
            self.returned.push(Reverse((key.0, key.1, handle)));
        }
    }

    /// If the first of the returned messages comes before the first in line, it goes to the head of the line.
    #[cold]
    #[inline(never)]
    fn merge_returned(&mut self, number_of: impl Fn(P) -> u64) {
        while self.line.front().is_some_and(|front| !self.is_waiting(*front)) {
            self.line.pop_front();
        }
        while self.returned.peek().is_some_and(|Reverse(ticket)| !self.is_waiting(ticket.2)) {
            self.returned.pop();
        }
        let front = self.line.front().map(|front| self.place(front.slot, number_of));
        if let Some(Reverse((since, number, handle))) = self.returned.peek().copied()
            && front.is_none_or(|front| (since, number) < front)
        {
            self.returned.pop();
            self.line.push_front(handle);
        }
    }

    #[inline(always)]
    fn is_waiting(&self, place: Handle) -> bool {
        self.messages.get(place.slot).is_waiting(place)
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
