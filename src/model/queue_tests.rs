//! Stories of one queue, each a rule of the header.

use super::*;

const SECOND: u64 = 1_000_000_000;

fn at(seconds: u64) -> SimTime {
    SimTime(seconds * SECOND)
}

fn settings() -> QueueSettings {
    QueueSettings {
        visibility_timeout: Some(SimDuration::from_secs(30)),
        message_retention_period: None,
        max_receive_count: None,
        returned_to: ReturnedTo::Place,
        stale_delete: StaleDelete::Ignored,
        in_flight_limit: None,
    }
}

/// A queue that holds messages 0, 1, … sent at those seconds.
fn queue_of(messages: u64, settings: QueueSettings) -> Queue<u64> {
    let mut queue = Queue::new(settings);
    for number in 0..messages {
        queue.send(at(number), number, number, (SimDuration::ZERO, SimDuration::ZERO));
    }
    queue
}

/// Payloads here are the numbers of their orders.
fn number(payload: u64) -> u64 {
    payload
}

fn receive(queue: &mut Queue<u64>, seconds: u64) -> Delivery<u64> {
    match queue.receive(at(seconds), number) {
        Some(Received::Delivered(delivery)) => delivery,
        other => panic!("expected a delivery, got {other:?}"),
    }
}

#[test]
fn a_message_is_half_a_cache_line() {
    assert_eq!(size_of::<Message<Handle>>(), 32);
}

#[test]
fn messages_are_received_in_the_order_in_which_they_became_visible() {
    let mut queue = queue_of(3, settings());
    let order: Vec<u64> = (0..3).map(|_| receive(&mut queue, 10).letter.payload).collect();
    assert_eq!(order, [0, 1, 2]);
    assert_eq!(queue.receive(at(10), number), None);
}

#[test]
fn messages_visible_since_the_same_instant_go_by_order_number() {
    let mut queue = Queue::new(settings());
    for number in [5, 3, 9, 4] {
        queue.send(at(0), number, number, (SimDuration::ZERO, SimDuration::ZERO));
    }
    let order: Vec<u64> = (0..4).map(|_| receive(&mut queue, 1).letter.payload).collect();
    assert_eq!(order, [3, 4, 5, 9]);
}

#[test]
fn a_receive_starts_the_visibility_timer_and_its_end_makes_the_message_visible_again() {
    let mut queue = queue_of(1, settings());
    let first = receive(&mut queue, 5);
    assert_eq!(first.visible_again_at, Some(at(35)));
    assert_eq!((queue.visible(), first.waited), (0, SimDuration::from_secs(5)));
    assert!(queue.visibility_timed_out(at(35), first.receipt, number).is_some());
    let second = receive(&mut queue, 40);
    assert_eq!((second.receive_count, second.waited), (2, SimDuration::from_secs(5)));
    assert_eq!(second.first_received_at, at(5));
}

#[test]
fn the_timer_of_an_overtaken_or_deleted_receive_changes_nothing() {
    let mut queue = queue_of(1, settings());
    let first = receive(&mut queue, 0);
    queue.visibility_timed_out(at(30), first.receipt, number);
    let second = receive(&mut queue, 31);
    assert!(queue.visibility_timed_out(at(32), first.receipt, number).is_none());
    assert_eq!(queue.delete(second.receipt), Deleted::InFlight(second.letter));
    assert!(queue.visibility_timed_out(at(61), second.receipt, number).is_none());
    assert_eq!(queue.visible(), 0);
}

#[test]
fn a_returned_message_takes_its_first_place_or_goes_to_the_back() {
    for (returned_to, expected) in [(ReturnedTo::Place, [0, 1, 2]), (ReturnedTo::Back, [1, 2, 0])] {
        let mut queue = queue_of(3, QueueSettings { returned_to, ..settings() });
        let first = receive(&mut queue, 5);
        queue.visibility_timed_out(at(35), first.receipt, number);
        let order: Vec<u64> = (0..3).map(|_| receive(&mut queue, 36).letter.payload).collect();
        assert_eq!(order, expected, "{returned_to:?}");
    }
}

#[test]
fn after_three_receives_a_message_goes_to_the_back_only_if_more_than_three_are_allowed() {
    for (max_receive_count, last) in [(Some(4), 0), (Some(3), 1), (None, 1)] {
        let mut queue = queue_of(2, QueueSettings { max_receive_count, ..settings() });
        let mut now = 10;
        for _ in 0..3 {
            let delivery = receive(&mut queue, now);
            assert_eq!(delivery.letter.payload, 0);
            now += 30;
            queue.visibility_timed_out(at(now), delivery.receipt, number);
        }
        let mut order = Vec::new();
        while let Some(received) = queue.receive(at(now), number) {
            if let Received::Delivered(delivery) = received {
                order.push(delivery.letter.payload);
            }
        }
        assert_eq!(order.last(), Some(&last), "maxReceiveCount {max_receive_count:?}");
    }
}

#[test]
fn with_a_limit_of_two_a_message_is_handed_out_twice_and_the_third_receive_moves_it() {
    let mut queue = queue_of(1, QueueSettings { max_receive_count: Some(2), ..settings() });
    for receive_count in 1..=2 {
        let delivery = receive(&mut queue, 30 * u64::from(receive_count));
        assert_eq!(delivery.receive_count, receive_count);
        queue.visibility_timed_out(at(30 * u64::from(receive_count) + 30), delivery.receipt, number);
        assert_eq!(queue.visible(), 1, "nothing moves while nobody receives");
    }
    assert!(
        matches!(queue.receive(at(90), number), Some(Received::DeadLettered(dead)) if dead.letter.payload == 0 && dead.first_received_at == at(30))
    );
    assert_eq!((queue.visible(), queue.oldest().map(|oldest| oldest.1)), (0, None));
}

#[test]
fn a_delete_whose_timer_ran_out_but_that_nobody_overtook_still_deletes() {
    for stale_delete in [StaleDelete::Ignored, StaleDelete::Deletes] {
        let mut queue = queue_of(1, QueueSettings { stale_delete, ..settings() });
        let first = receive(&mut queue, 0);
        queue.visibility_timed_out(at(30), first.receipt, number);
        assert_eq!(queue.delete(first.receipt), Deleted::Visible(first.letter));
        assert_eq!(queue.receive(at(31), number), None);
    }
}

#[test]
fn a_delete_that_a_newer_receive_has_overtaken_is_ignored_or_deletes_by_the_setting() {
    let mut aws = queue_of(1, settings());
    let mut textbook = queue_of(1, QueueSettings { stale_delete: StaleDelete::Deletes, ..settings() });
    for queue in [&mut aws, &mut textbook] {
        let first = receive(queue, 0);
        queue.visibility_timed_out(at(30), first.receipt, number);
        receive(queue, 31);
    }
    let stale = Handle { slot: 0, serial: 2 };
    assert!(matches!(aws.delete(stale), Deleted::Stale(_)));
    assert!(matches!(textbook.delete(stale), Deleted::InFlight(_)));
    assert_eq!(aws.oldest().map(|oldest| oldest.1), Some(at(0)));
    assert_eq!(textbook.oldest().map(|oldest| oldest.1), None);
}

#[test]
fn a_receipt_of_an_earlier_message_in_the_same_slot_deletes_nothing() {
    let mut queue = queue_of(1, QueueSettings { stale_delete: StaleDelete::Deletes, ..settings() });
    let first = receive(&mut queue, 0);
    queue.delete(first.receipt);
    let second = queue.send(at(1), 7, 7, (SimDuration::ZERO, SimDuration::ZERO));
    assert_eq!(second.handle.slot, first.receipt.slot);
    assert_eq!(queue.delete(first.receipt), Deleted::Already);
    assert_eq!(queue.visible(), 1);
}

#[test]
fn retention_wins_over_every_state() {
    let delay = SimDuration::from_secs(100);
    let mut queue = Queue::new(settings());
    let delayed = queue.send(at(0), 0, 0, (delay, SimDuration::ZERO));
    let in_flight = queue.send(at(0), 1, 1, (SimDuration::ZERO, SimDuration::ZERO));
    let visible = queue.send(at(0), 2, 2, (SimDuration::ZERO, SimDuration::ZERO));
    receive(&mut queue, 1);
    assert_eq!(queue.retention_ended(delayed.handle), Some((delayed, Place::Delayed)));
    assert_eq!(queue.retention_ended(in_flight.handle), Some((in_flight, Place::InFlight)));
    assert_eq!(queue.retention_ended(visible.handle), Some((visible, Place::Visible)));
    assert_eq!(queue.retention_ended(visible.handle), None);
    assert_eq!(
        (queue.visible(), queue.receive(at(2), number), queue.delay_ended(at(100), delayed.handle, number)),
        (0, None, None)
    );
}

#[test]
fn no_more_messages_are_in_flight_than_may_be_and_every_end_of_one_makes_room() {
    let mut queue = queue_of(6, QueueSettings { in_flight_limit: Some(2), ..settings() });
    queue.send(at(6), 6, 6, (SimDuration::from_secs(1_000), SimDuration::ZERO));
    let (first, second) = (receive(&mut queue, 10), receive(&mut queue, 10));
    assert_eq!((queue.receive(at(10), number), queue.visible(), queue.in_flight()), (None, 4, 2));
    assert!(!queue.hands_out());
    queue.delete(first.receipt);
    let third = receive(&mut queue, 11);
    assert_eq!((third.letter.payload, queue.receive(at(11), number)), (2, None));
    queue.visibility_timed_out(at(40), second.receipt, number);
    assert_eq!((receive(&mut queue, 40).letter.payload, queue.receive(at(40), number)), (1, None), "in flight again");
    queue.retention_ended(third.letter.handle);
    assert_eq!((queue.hands_out(), receive(&mut queue, 41).letter.payload), (true, 3));
}

#[test]
fn a_message_that_stays_visible_is_handed_out_again_and_its_first_receipt_is_good_until_then() {
    let mut queue = queue_of(2, settings());
    let first = receive(&mut queue, 5);
    assert_eq!(queue.stays_visible(at(5), first.receipt, number), Some(first.letter));
    assert_eq!((queue.visible(), queue.in_flight()), (2, 0));
    assert!(queue.visibility_timed_out(at(35), first.receipt, number).is_none(), "it is visible already");
    let second = receive(&mut queue, 36);
    assert_eq!((second.letter, second.receive_count, second.waited), (first.letter, 2, SimDuration::from_secs(31)));
    assert!(queue.stays_visible(at(36), first.receipt, number).is_none(), "its receive was overtaken");
    assert!(matches!(queue.delete(first.receipt), Deleted::Stale(_)));
    let third = receive(&mut queue, 36);
    queue.stays_visible(at(36), third.receipt, number);
    assert_eq!(queue.delete(third.receipt), Deleted::Visible(third.letter), "nobody will see the copy");
}

#[test]
fn a_shifted_message_is_overtaken_by_those_sent_within_its_shift_and_by_no_others() {
    let mut queue = Queue::new(settings());
    for (number, shift) in [(0, 25), (1, 0), (2, 0), (3, 0), (4, 9)] {
        queue.send(at(10 * number), number, number, (SimDuration::ZERO, SimDuration::from_secs(shift)));
    }
    assert_eq!(queue.visible(), 5, "its place is shifted, not its sight");
    let order: Vec<u64> = (0..5).map(|_| receive(&mut queue, 50).letter.payload).collect();
    assert_eq!(order, [1, 2, 0, 3, 4]);
    // A slot's next message has a shift of its own.
    let last = queue.send(at(60), 9, 9, (SimDuration::ZERO, SimDuration::ZERO));
    queue.send(at(61), 10, 10, (SimDuration::ZERO, SimDuration::ZERO));
    assert_eq!(receive(&mut queue, 62).letter, last);
}

#[test]
fn a_delayed_message_is_visible_when_its_delay_ends() {
    let mut queue = Queue::new(settings());
    let letter = queue.send(at(0), 0, 0, (SimDuration::from_secs(5), SimDuration::ZERO));
    assert_eq!((queue.visible(), queue.receive(at(1), number)), (0, None));
    assert_eq!(queue.delay_ended(at(5), letter.handle, number), Some(letter));
    let delivery = receive(&mut queue, 6);
    assert_eq!((delivery.first_visible_at, delivery.waited), (at(5), SimDuration::from_secs(1)));
}

#[test]
fn the_oldest_message_is_the_oldest_that_still_exists_in_flight_or_not() {
    let mut queue = queue_of(3, settings());
    let (first, second) = (receive(&mut queue, 5), receive(&mut queue, 5));
    assert_eq!(queue.oldest().map(|oldest| oldest.1), Some(at(0)));
    queue.delete(second.receipt);
    assert_eq!(queue.oldest().map(|oldest| oldest.1), Some(at(0)));
    queue.delete(first.receipt);
    assert_eq!(queue.oldest().map(|oldest| oldest.1), Some(at(2)));
}
