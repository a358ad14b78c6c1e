//! The queue against a list of all messages ever, searched from one end to the other.

use proptest::prelude::*;

use queuecast::model::queue::{Deleted, Queue, QueueSettings, Received, ReturnedTo, StaleDelete};
use queuecast::slab::Handle;
use queuecast::time::{SimDuration, SimTime};

use crate::cases;

/// What can be done to a queue.
#[derive(Clone, Debug)]
enum Deed {
    /// Some nanoseconds pass; timers that run out meanwhile are served in their order.
    Wait(u64),
    /// Its place in line is shifted by some nanoseconds.
    Send {
        delay: u64,
        shift: u64,
    },
    Receive,
    /// With the receipt of this receive, counted from the latest.
    Delete(usize),
    /// The message of this receive, counted from the latest, is visible again at once.
    StayVisible(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0_u64..8).prop_map(Deed::Wait),
        4 => (prop_oneof![Just(0_u64), Just(4), 0_u64..20], prop_oneof![Just(0_u64), 0_u64..9])
            .prop_map(|(delay, shift)| Deed::Send { delay, shift }),
        4 => Just(Deed::Receive),
        3 => (0_usize..12).prop_map(Deed::Delete),
        1 => (0_usize..3).prop_map(Deed::StayVisible),
    ];
    prop::collection::vec(deed, 1..150)
}

fn settings() -> impl Strategy<Value = QueueSettings> {
    let times = (prop::option::of(1_u64..15), prop::option::of(5_u64..60));
    (times, prop::option::of(1_u32..6), any::<bool>(), any::<bool>(), prop::option::of(1_u64..5)).prop_map(
        |((visibility, retention), most, back, ignored, in_flight)| QueueSettings {
            visibility_timeout: visibility.map(SimDuration),
            message_retention_period: retention.map(SimDuration),
            max_receive_count: most,
            returned_to: if back { ReturnedTo::Back } else { ReturnedTo::Place },
            stale_delete: if ignored { StaleDelete::Ignored } else { StaleDelete::Deletes },
            in_flight_limit: in_flight,
        },
    )
}

/// A message of the reference: every fact written down, nothing clever.
#[derive(Clone, Debug)]
struct Plain {
    number: u64,
    sent_at: u64,
    shift: u64,
    first_visible_at: u64,
    last_visible_at: u64,
    goes_by_last: bool,
    visible: bool,
    receives: Vec<u64>,
    gone: bool,
}

/// The reference: a list of all messages ever, searched from one end to the other.
struct Reference {
    settings: QueueSettings,
    messages: Vec<Plain>,
}

impl Reference {
    fn receive(&mut self, now: u64) -> Option<(u64, Result<u32, ()>)> {
        let place =
            |m: &Plain| (m.shift + if m.goes_by_last { m.last_visible_at } else { m.first_visible_at }, m.number);
        if self.settings.in_flight_limit.is_some_and(|most| self.in_flight() >= most) {
            return None;
        }
        let next = self.messages.iter_mut().filter(|m| m.visible && !m.gone).min_by_key(|m| place(m))?;
        next.visible = false;
        if self.settings.max_receive_count.is_some_and(|most| next.receives.len() as u32 + 1 > most) {
            next.gone = true;
            return Some((next.number, Err(())));
        }
        next.receives.push(now);
        Some((next.number, Ok(next.receives.len() as u32)))
    }

    /// Received, and neither visible again nor gone.
    fn in_flight(&self) -> u64 {
        self.messages.iter().filter(|m| !m.gone && !m.visible && !m.receives.is_empty()).count() as u64
    }

    fn return_to_line(&mut self, number: u64, receive: usize, now: u64) {
        let patient = self.settings.max_receive_count.is_some_and(|most| most > 3);
        let back = self.settings.returned_to == ReturnedTo::Back;
        let message = &mut self.messages[number as usize];
        if message.gone || message.visible || message.receives.len() != receive {
            return;
        }
        message.visible = true;
        message.last_visible_at = now;
        message.goes_by_last = back || (patient && message.receives.len() >= 3);
    }

    /// Whether the message was there to be deleted.
    fn delete(&mut self, number: u64, receive: usize) -> bool {
        let message = &mut self.messages[number as usize];
        let stale = message.receives.len() != receive && self.settings.stale_delete == StaleDelete::Ignored;
        if message.gone || stale {
            return false;
        }
        message.gone = true;
        true
    }
}

/// A message's payload is its number.
fn number_of(payload: u64) -> u64 {
    payload
}

/// Timers of both: (when, rank by kind, order of booking, what).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Visibility { number: u64, receive: usize },
    Retention { number: u64 },
    Delay { number: u64 },
}

struct Bench {
    queue: Queue<u64>,
    reference: Reference,
    now: u64,
    timers: Vec<(u64, usize, Timer)>,
    handles: Vec<Handle>,
    receipts: Vec<(u64, usize, Handle)>,
}

impl Bench {
    fn new(settings: QueueSettings) -> Bench {
        Bench {
            queue: Queue::new(settings),
            reference: Reference { settings, messages: Vec::new() },
            now: 0,
            timers: Vec::new(),
            handles: Vec::new(),
            receipts: Vec::new(),
        }
    }

    fn book(&mut self, after: u64, timer: Timer) {
        self.timers.push((self.now + after, self.timers.len(), timer));
    }

    fn wait(&mut self, nanos: u64) {
        let until = self.now + nanos;
        while let Some(index) =
            (0..self.timers.len()).filter(|i| self.timers[*i].0 <= until).min_by_key(|i| self.timers[*i])
        {
            let (at, _, timer) = self.timers.remove(index);
            self.now = at.max(self.now);
            self.fire(timer);
        }
        self.now = until;
    }

    fn fire(&mut self, timer: Timer) {
        let now = SimTime(self.now);
        match timer {
            Timer::Visibility { number, receive } => {
                let (_, _, receipt) =
                    *self.receipts.iter().find(|(n, r, _)| (*n, *r) == (number, receive)).expect("it was received");
                self.queue.visibility_timed_out(now, receipt, number_of);
                self.reference.return_to_line(number, receive, self.now);
            }
            Timer::Retention { number } => {
                self.queue.retention_ended(self.handles[number as usize]);
                self.reference.messages[number as usize].gone = true;
            }
            Timer::Delay { number } => {
                self.queue.delay_ended(now, self.handles[number as usize], number_of);
                let message = &mut self.reference.messages[number as usize];
                message.visible = !message.gone;
                message.last_visible_at = self.now;
            }
        }
    }

    fn send(&mut self, delay: u64, shift: u64) {
        let number = self.handles.len() as u64;
        let delay = SimDuration(delay);
        let letter = self.queue.send(SimTime(self.now), number, number, (delay, SimDuration(shift)));
        self.handles.push(letter.handle);
        self.reference.messages.push(Plain {
            number,
            sent_at: self.now,
            shift,
            first_visible_at: self.now + delay.0,
            last_visible_at: self.now,
            goes_by_last: false,
            visible: delay.is_zero(),
            receives: Vec::new(),
            gone: false,
        });
        if !delay.is_zero() {
            self.book(delay.0, Timer::Delay { number });
        }
        if let Some(period) = self.reference.settings.message_retention_period {
            self.book(period.0, Timer::Retention { number });
        }
    }

    fn receive(&mut self) {
        let expected = self.reference.receive(self.now);
        let found = self.queue.receive(SimTime(self.now), number_of).map(|received| match received {
            Received::Delivered(delivery) => {
                let number = delivery.letter.payload;
                let plain = &self.reference.messages[number as usize];
                let times = [plain.first_visible_at, plain.receives[0], self.now - plain.last_visible_at];
                let SimDuration(waited) = delivery.waited;
                assert_eq!([delivery.first_visible_at.0, delivery.first_received_at.0, waited], times);
                self.receipts.push((number, delivery.receive_count as usize, delivery.receipt));
                (number, Ok(delivery.receive_count))
            }
            Received::DeadLettered(dead) => {
                let plain = &self.reference.messages[dead.letter.payload as usize];
                let times = [dead.first_visible_at.0, dead.first_received_at.0];
                assert_eq!(times, [plain.first_visible_at, plain.receives[0]]);
                (dead.letter.payload, Err(()))
            }
        });
        assert_eq!(found, expected);
        if let (Some((number, Ok(count))), Some(timeout)) = (found, self.reference.settings.visibility_timeout) {
            self.book(timeout.0, Timer::Visibility { number, receive: count as usize });
        }
    }

    fn delete(&mut self, back: usize) {
        let Some(index) = self.receipts.len().checked_sub(back + 1) else { return };
        let (number, receive, receipt) = self.receipts[index];
        let expected = self.reference.delete(number, receive);
        let found = matches!(self.queue.delete(receipt), Deleted::InFlight(_) | Deleted::Visible(_));
        assert_eq!(found, expected, "message {number}, receive {receive}");
    }

    fn stay_visible(&mut self, back: usize) {
        let Some(index) = self.receipts.len().checked_sub(back + 1) else { return };
        let (number, receive, receipt) = self.receipts[index];
        if self.reference.messages[number as usize].receives.last() != Some(&self.now) {
            // Only who was not told of a receive as it was made still shows the message.
            return;
        }
        self.queue.stays_visible(SimTime(self.now), receipt, number_of);
        self.reference.return_to_line(number, receive, self.now);
    }

    fn agree(&mut self) {
        let existing = self.reference.messages.iter().filter(|message| !message.gone);
        let visible = existing.clone().filter(|message| message.visible).count() as u64;
        assert_eq!((self.queue.visible(), self.queue.in_flight()), (visible, self.reference.in_flight()));
        let oldest = existing.map(|message| message.sent_at).min();
        assert_eq!(self.queue.oldest().map(|oldest| oldest.1), oldest.map(SimTime));
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn the_queue_does_what_a_searched_list_does(settings in settings(), deeds in deeds()) {
        let mut bench = Bench::new(settings);
        for deed in deeds {
            match deed {
                Deed::Wait(nanos) => bench.wait(nanos),
                Deed::Send { delay, shift } => bench.send(delay, shift),
                Deed::Receive => bench.receive(),
                Deed::Delete(back) => bench.delete(back),
                Deed::StayVisible(back) => bench.stay_visible(back),
            }
            bench.agree();
        }
    }
}
