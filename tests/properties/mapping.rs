//! The event source mapping against a list of its pollers.

use proptest::prelude::*;

use queuecast::model::event_source::{EventSource, EventSourceSettings};
use queuecast::time::{NANOS_PER_SEC, SimDuration, SimTime};

use crate::cases;

#[derive(Clone, Debug)]
enum Deed {
    /// Seconds; long polls that are over meanwhile end in their order.
    Wait(u64),
    /// A batch is received, if one more may be; whether it turns out to be a full one.
    Take(bool),
    /// A batch is over.
    Free,
    /// A receive finds nothing after all.
    ReceiveNothing,
    /// A step of the ramp's clock with messages visible.
    Step,
    /// A minute is over; whether messages are visible.
    Look(bool),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0_u64..30).prop_map(Deed::Wait),
        8 => prop::bool::weighted(0.1).prop_map(Deed::Take),
        6 => Just(Deed::Free),
        1 => Just(Deed::ReceiveNothing),
        2 => Just(Deed::Step),
        2 => prop::bool::weighted(0.2).prop_map(Deed::Look),
    ];
    prop::collection::vec(deed, 1..200)
}

fn settings() -> impl Strategy<Value = EventSourceSettings> {
    let limit = || prop::option::of(prop_oneof![1_u32..8, 8_u32..40]);
    (limit(), limit(), any::<bool>()).prop_map(|(maximum, slots, ramps)| EventSourceSettings {
        maximum,
        slots,
        scale_interval: ramps.then_some(SimDuration(NANOS_PER_SEC)),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Poller {
    PollsSince(u64),
    HasBatch,
}

/// Pollers in the order in which their polls began; how many there should be is another matter while some have batches.
struct Reference {
    ramps: bool,
    most: usize,
    floor: usize,
    /// How many there should be.
    wanted: usize,
    pollers: Vec<Poller>,
    full_batch: bool,
}

impl Reference {
    /// "Lambda starts with five"; 1,250 or the maximum at most; an idle mapping without a maximum keeps two. Without a ramp
    /// all are there from the beginning.
    fn new(settings: &EventSourceSettings) -> Reference {
        let maximum = settings.maximum.map_or(usize::MAX, |most| most as usize);
        let slots = settings.slots.map_or(usize::MAX, |slots| slots as usize);
        let ramps = settings.scale_interval.is_some();
        let (most, floor) = match (ramps, settings.maximum) {
            (true, None) => (1_250, 2),
            (true, Some(_)) => (maximum.min(1_250), maximum.min(5)),
            (false, _) => (maximum, maximum),
        };
        let (most, floor) = (most.min(slots), floor.min(slots));
        let mut reference = Reference { ramps, most, floor, wanted: floor, pollers: Vec::new(), full_batch: false };
        reference.adjust(0);
        reference
    }

    fn with_batch(&self) -> usize {
        self.pollers.iter().filter(|poller| **poller == Poller::HasBatch).count()
    }

    /// While there are too few, another begins to poll; while there are too many, the one goes that began last, but none
    /// that has a batch.
    fn adjust(&mut self, now: u64) {
        while self.ramps && self.pollers.len() < self.wanted {
            self.pollers.push(Poller::PollsSince(now));
        }
        while self.pollers.len() > self.wanted {
            let last = self.pollers.iter().rposition(|poller| *poller != Poller::HasBatch);
            let Some(last) = last else { return };
            self.pollers.remove(last);
        }
    }

    /// Five batches may be in hand as soon as messages come, however few pollers there were.
    fn has_room(&self) -> bool {
        let with_batch = self.with_batch();
        with_batch < self.wanted || (self.ramps && with_batch < self.most.min(5))
    }

    /// The message goes to the one that has polled longest.
    fn take(&mut self, now: u64) {
        if self.with_batch() >= self.wanted {
            self.wanted = self.most.min(5);
            self.pollers.push(Poller::PollsSince(now));
        } else if !self.ramps {
            self.pollers.push(Poller::PollsSince(now));
        }
        let longest = self.pollers.iter().position(|poller| *poller != Poller::HasBatch);
        self.pollers.remove(longest.expect("there was room"));
        self.pollers.push(Poller::HasBatch);
        self.adjust(now);
    }

    fn free(&mut self, now: u64) {
        let batch = self.pollers.iter().position(|poller| *poller == Poller::HasBatch).expect("one has a batch");
        self.pollers.remove(batch);
        self.adjust(now);
    }

    /// The poll that began first, and when.
    fn longest(&self) -> Option<(usize, u64)> {
        self.pollers.iter().enumerate().find_map(|(index, poller)| match poller {
            Poller::PollsSince(since) => Some((index, *since)),
            Poller::HasBatch => None,
        })
    }

    /// That poll ends without a message, and another begins.
    fn poll_again(&mut self, now: u64) {
        if let Some((index, _)) = self.longest() {
            self.pollers.remove(index);
            self.pollers.push(Poller::PollsSince(now));
        }
    }

    fn look(&mut self, now: u64, visible: bool) -> bool {
        if !self.full_batch && !visible {
            self.wanted = self.floor.max(self.wanted / 2);
            self.adjust(now);
        }
        self.full_batch = false;
        self.wanted > self.floor
    }
}

/// Long polls end 20 s after they began.
fn wait(source: &mut EventSource, reference: &mut Reference, now: u64, until: u64) {
    for second in now..=until {
        while let Some((_, since)) = reference.longest().filter(|(_, since)| since + 20 <= second) {
            assert_eq!(source.next_empty_receive(), Some(at(since + 20)));
            assert!(source.end_poll(at(second)));
            reference.poll_again(second);
        }
        assert!(!source.end_poll(at(second)));
    }
}

fn at(seconds: u64) -> SimTime {
    SimTime(seconds * NANOS_PER_SEC)
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn the_mapping_does_what_a_list_of_pollers_does(settings in settings(), deeds in deeds()) {
        let (mut source, mut reference, mut now) = (EventSource::new(settings), Reference::new(&settings), 0);
        for deed in deeds {
            match deed {
                Deed::Wait(seconds) => {
                    wait(&mut source, &mut reference, now, now + seconds);
                    now += seconds;
                }
                Deed::Take(full) => {
                    if reference.has_room() {
                        source.take(at(now));
                        reference.take(now);
                        if full {
                            source.batch_was_full();
                            reference.full_batch = true;
                        }
                    }
                }
                Deed::Free => {
                    if reference.with_batch() > 0 {
                        source.free(at(now));
                        reference.free(now);
                    }
                }
                Deed::ReceiveNothing => {
                    source.receive_nothing(at(now));
                    reference.poll_again(now);
                }
                Deed::Step => {
                    if reference.ramps {
                        source.step(at(now));
                        reference.wanted = reference.most.min(reference.wanted + 5);
                        reference.adjust(now);
                    }
                }
                Deed::Look(visible) => {
                    prop_assert_eq!(source.look(at(now), visible), reference.look(now, visible));
                }
            }
            prop_assert_eq!(source.in_use() as usize, reference.with_batch());
            prop_assert_eq!(source.has_room(), reference.has_room());
            prop_assert_eq!(source.has_scaled_up(), reference.wanted > reference.floor);
            let longest = reference.longest().map(|(_, since)| at(since + 20));
            prop_assert_eq!(source.next_empty_receive(), longest);
        }
    }
}
