//! Hand-made runs, and the story that the narrator keeps of one of their orders.

use super::*;
use crate::measure::story::{confirmed, invocation, lost, message, order, received, sends, served, tell, together};
use crate::observation::{Appearance, Stage};

fn story(told: &[(u64, Observation)], number: u64, end: u64) -> Story {
    let mut narrator = Narrator::new(number, true);
    tell(&mut narrator, told, end);
    narrator.finish().1.expect("there is such an order")
}

#[test]
fn only_what_concerns_the_order_is_kept_with_what_was_around() {
    let told = together(vec![served(0, 10, 40, 90, true), served(1, 20, 50, 60, true)]);
    let second = story(&told, 1, 100);
    let at: Vec<u64> = second.moments.iter().map(|moment| moment.at.0).collect();
    assert_eq!((at.first(), at.last(), second.order.arrived_at), (Some(&20), Some(&60), SimTime(20)));
    let visible = second.moments.iter().find(|moment| matches!(moment.what, Observation::MessageAppeared { .. }));
    assert_eq!(visible.map(|moment| moment.around.visible), Some(1), "the first order's waits before it");
    let given = second.moments.iter().find_map(|moment| Some((moment.detail.given?, moment.around.busy)));
    assert_eq!(given, Some((Given { cold: true, place: 0, records: 1 }, 2)), "both environments are there by then");
    let mut narrator = Narrator::new(7, true);
    tell(&mut narrator, &told, 100);
    assert_eq!(narrator.finish(), (2, None));
}

#[test]
fn a_batch_is_known_whole_to_each_of_its_receives() {
    let [first, second] = [order(0, 5), order(1, 6)];
    let letters = [message(3, Some(first), 5), message(3, Some(second), 6), message(3, None, 7)];
    let mut told =
        vec![(5, Observation::OrderArrived { order: first }), (6, Observation::OrderArrived { order: second })];
    for letter in letters {
        told.push((8, Observation::MessageAppeared { message: letter, why: Appearance::Sent }));
    }
    told.extend(letters.map(|letter| (9, received(letter, 1, 1))));
    let kept = story(&told, 1, 20);
    let batch = kept.moments.last().map(|moment| moment.detail.batch.clone());
    assert_eq!(batch, Some(vec![Some(0), Some(1), None]));
}

#[test]
fn the_legs_of_an_answered_order_are_its_stages_and_of_another_what_it_did() {
    let one = order(0, 10);
    let answered =
        story(&[vec![(10, Observation::OrderArrived { order: one })], confirmed(90, one, 40)].concat(), 0, 99);
    let leg = |doing, from, to| Leg { doing, from: SimTime(from), to: SimTime(to) };
    assert_eq!(legs(&answered), [leg(Doing::Stage(Stage::Queue), 10, 40), leg(Doing::Stage(Stage::Work), 40, 90)]);
    let letter = message(0, Some(one), 20);
    let told = [
        vec![(10, Observation::OrderArrived { order: one }), (15, Observation::ExecutionStarted { order: one })],
        vec![(15, Observation::TaskAttempted { order: one, attempt: 0 })],
        sends(20, letter),
        vec![(30, received(letter, 1, 10))],
        vec![(60, Observation::MessageAppeared { message: letter, why: Appearance::Returned })],
        vec![(70, Observation::MessageDeadLettered { message: letter })],
        lost(95, one, Outcome::TimedOut, Cause::DeadLettered),
    ];
    let given_up = story(&told.concat(), 0, 99);
    let [start, send, queue, invoke] = [Stage::Start, Stage::Send, Stage::Queue, Stage::Invoke].map(Doing::Stage);
    let expected = [
        leg(start, 10, 15),
        leg(send, 15, 20),
        leg(queue, 20, 30),
        leg(invoke, 30, 60),
        leg(queue, 60, 70),
        leg(Doing::InVain, 70, 95),
    ];
    assert_eq!(legs(&given_up), expected);
}

/// What the batch of order 0 is said to have been refused for, after `before` had happened.
fn refused_for(before: &[Observation]) -> Option<Refusal> {
    let (one, batch) = (order(0, 5), invocation(3));
    let letter = message(3, Some(one), 5);
    let mut told = vec![(5, Observation::OrderArrived { order: one })];
    told.extend(sends(5, letter));
    told.push((5, received(letter, 1, 0)));
    told.push((5, Observation::ReceiveEnded { messages: 1, collected: false }));
    told.extend(before.iter().map(|what| (7, *what)));
    told.push((9, Observation::BatchBacksOff { batch, waits: SimDuration(20) }));
    story(&told, 0, 20).moments.last().and_then(|moment| moment.detail.refused)
}

#[test]
fn a_batch_is_told_its_own_refusal_and_no_other() {
    let (limit, token_at, waits) = (RateLimit::EnvironmentRate, SimTime(8), SimDuration::ZERO);
    let limited = Observation::RateLimited { limit, token_at, waits, order: None };
    let full = Observation::InvocationThrottled { order: None, concurrency: true };
    let rate = Observation::InvocationThrottled { order: None, concurrency: false };
    assert_eq!(refused_for(&[full]), Some(Refusal::Concurrency));
    assert_eq!(refused_for(&[rate, limited]), Some(Refusal::Rate(limit)));
    // Another batch was refused at its deadline and let go of; ours meets an outage, which refuses nothing.
    let other = Observation::ReceiveEnded { messages: 1, collected: false };
    assert_eq!(refused_for(&[other, full, Observation::PollerFreed]), None);
}
