//! Lambda's own queue of events against a list of all events ever.

use proptest::prelude::*;

use queuecast::model::event_queue::{EventPlace, EventQueue, EventQueueSettings, Fate};
use queuecast::slab::Handle;
use queuecast::time::{NANOS_PER_SEC, SimDuration, SimTime};

use crate::cases;

/// Of those there are, counted from the first.
#[derive(Clone, Debug)]
enum Deed {
    /// Seconds.
    Wait(u64),
    Accept,
    /// One that waits, due or not.
    Read(usize),
    /// One that was read.
    Throttle(usize),
    Run(usize),
    /// One that runs.
    Fail(usize),
    Remove(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        2 => prop_oneof![0_u64..5, 0_u64..700].prop_map(Deed::Wait),
        2 => Just(Deed::Accept),
        6 => (0_usize..4).prop_map(Deed::Read),
        4 => (0_usize..3).prop_map(Deed::Throttle),
        2 => (0_usize..3).prop_map(Deed::Run),
        2 => (0_usize..3).prop_map(Deed::Fail),
        1 => (0_usize..6).prop_map(Deed::Remove),
    ];
    prop::collection::vec(deed, 1..150)
}

/// What has happened to an event, in seconds.
struct Plain {
    handle: Handle,
    accepted_at: u64,
    /// When it last began to wait, and when it was last read.
    waits_since: u64,
    read_at: u64,
    first_run_read_at: Option<u64>,
    readings: u32,
    /// Throttles since it last ran, and function errors.
    throttles: Vec<u64>,
    errors: Vec<u64>,
    place: Option<EventPlace>,
}

struct Reference {
    maximum_age: Option<u64>,
    retries: usize,
    events: Vec<Plain>,
}

impl Reference {
    fn nth(&self, n: usize, places: &[EventPlace]) -> Option<usize> {
        let there = |index: &usize| self.events[*index].place.is_some_and(|place| places.contains(&place));
        (0..self.events.len()).filter(there).nth(n)
    }

    /// It waits so many seconds: unless it is too old now, or will be before that.
    fn waits(&mut self, index: usize, now: u64, seconds: u64) -> Fate {
        let event = &mut self.events[index];
        let too_old_at = self.maximum_age.map(|age| event.accepted_at + age);
        if too_old_at.is_some_and(|at| at <= now) {
            return Fate::TooOld;
        }
        event.place = Some(EventPlace::Waiting);
        event.waits_since = now;
        match too_old_at {
            Some(at) if at < now + seconds => Fate::Expires(instant(at)),
            _ => Fate::ReadAgain(instant(now + seconds)),
        }
    }

    /// The first throttle in a row costs a second, each further one twice as much, none more than five minutes.
    fn throttled(&mut self, index: usize, now: u64) -> Fate {
        let before = self.events[index].throttles.len();
        self.events[index].throttles.push(now);
        let doubled = (0..before).fold(1, |seconds: u64, _| (2 * seconds).min(300));
        self.waits(index, now, doubled)
    }

    /// A minute before the first retry, two before every other.
    fn failed(&mut self, index: usize, now: u64) -> Fate {
        let errors = &mut self.events[index].errors;
        if errors.len() == self.retries {
            return Fate::RetriesSpent;
        }
        errors.push(now);
        let seconds = if errors.len() == 1 { 60 } else { 120 };
        self.waits(index, now, seconds)
    }
}

fn instant(seconds: u64) -> SimTime {
    SimTime(seconds * NANOS_PER_SEC)
}

struct Bench {
    queue: EventQueue<usize>,
    reference: Reference,
    now: u64,
}

impl Bench {
    fn accept(&mut self) {
        let event = self.queue.accept(instant(self.now), self.reference.events.len());
        assert_eq!(event.accepted_at, instant(self.now));
        self.reference.events.push(Plain {
            handle: event.handle,
            accepted_at: self.now,
            waits_since: self.now,
            read_at: 0,
            first_run_read_at: None,
            readings: 0,
            throttles: Vec::new(),
            errors: Vec::new(),
            place: Some(EventPlace::Waiting),
        });
    }

    fn read(&mut self, index: usize) {
        let event = &mut self.reference.events[index];
        event.place = Some(EventPlace::InHand);
        event.readings += 1;
        event.read_at = self.now;
        let reading = self.queue.read(instant(self.now), event.handle);
        let first = event.first_run_read_at.unwrap_or(self.now);
        assert_eq!((reading.event.payload, reading.number), (index, event.readings));
        assert_eq!(reading.waited, SimDuration::from_secs(self.now - event.waits_since));
        assert_eq!(reading.first_run_read_at, instant(first));
    }

    fn run(&mut self, index: usize) {
        let event = &mut self.reference.events[index];
        self.queue.runs(event.handle);
        event.place = Some(EventPlace::Running);
        event.throttles.clear();
        event.first_run_read_at.get_or_insert(event.read_at);
    }

    /// What has no future is removed, as its owner does.
    fn settle(&mut self, index: usize, found: Fate, expected: Fate) {
        assert_eq!(found, expected);
        if matches!(expected, Fate::TooOld | Fate::RetriesSpent) {
            self.remove(index);
        }
    }

    fn remove(&mut self, index: usize) {
        let event = &mut self.reference.events[index];
        event.place = None;
        let gone = self.queue.remove(event.handle);
        assert_eq!((gone.payload, gone.accepted_at), (index, instant(event.accepted_at)));
    }

    fn agree(&mut self) {
        let existing: Vec<&Plain> = self.reference.events.iter().filter(|event| event.place.is_some()).collect();
        assert_eq!(self.queue.is_empty(), existing.is_empty());
        let oldest = existing.iter().map(|event| instant(event.accepted_at)).min();
        for event in existing {
            assert_eq!(Some(self.queue.place(event.handle.slot)), event.place);
        }
        assert_eq!(self.queue.oldest(), oldest);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn lambdas_queue_does_what_a_list_of_events_does(
        age in prop::option::of(prop_oneof![0_u64..10, 60_u64..2_000]),
        retries in 0_u32..4,
        deeds in deeds(),
    ) {
        let maximum_event_age = age.map(SimDuration::from_secs);
        let settings = EventQueueSettings { maximum_event_age, maximum_retry_attempts: retries, backoff_rate: 2.0 };
        let reference = Reference { maximum_age: age, retries: retries as usize, events: Vec::new() };
        let mut bench = Bench { queue: EventQueue::new(settings), reference, now: 0 };
        use EventPlace::{InHand, Running, Waiting};
        for deed in deeds {
            let now = instant(bench.now);
            let nth = |n, places: &[EventPlace]| bench.reference.nth(n, places);
            match deed {
                Deed::Wait(seconds) => bench.now += seconds,
                Deed::Accept => bench.accept(),
                Deed::Read(n) => if let Some(index) = nth(n, &[Waiting]) { bench.read(index) },
                Deed::Run(n) => if let Some(index) = nth(n, &[InHand]) { bench.run(index) },
                Deed::Throttle(n) => if let Some(index) = nth(n, &[InHand]) {
                    let found = bench.queue.throttled(now, bench.reference.events[index].handle);
                    let expected = bench.reference.throttled(index, bench.now);
                    bench.settle(index, found, expected);
                },
                Deed::Fail(n) => if let Some(index) = nth(n, &[Running]) {
                    let found = bench.queue.failed(now, bench.reference.events[index].handle);
                    let expected = bench.reference.failed(index, bench.now);
                    bench.settle(index, found, expected);
                },
                Deed::Remove(n) => {
                    if let Some(index) = nth(n, &[Waiting, InHand, Running]) { bench.remove(index) }
                }
            }
            bench.agree();
        }
    }
}
