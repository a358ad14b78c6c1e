//! Runs that hold, and each rule broken once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::proptest;

use super::*;
use crate::measure::findings::Design;
use crate::measure::recorder::{Recorder, RecorderSettings};
use crate::measure::story::{
    Told, arrives, begins, confirmed, finishes, invocation, line, lost, message, order, received, sends, served, tell,
};
use crate::observation::{Appearance, Cause, DropReason, InvocationEnd, Outcome, Place, Stages, StockAnswer, Tries};

fn recorder(window: Option<(SimTime, SimTime)>) -> Recorder {
    let design = Design::Buffered;
    Recorder::new(RecorderSettings {
        design,
        window,
        memory_mb: 1_024,
        resolution: None,
        limits: Vec::new(),
        inventory: false,
        asynchronous: false,
    })
}

/// Audits a story, and what the recorder makes of `recorded`.
fn audit(told: &[(u64, Observation)], recorded: &[(u64, Observation)], end: u64) {
    let settings = AuditSettings {
        concurrency_limit: Some(2),
        maximum_concurrency: Some(1),
        in_flight_limit: Some(1),
        max_connections: Some(1),
        window: None,
        ..AuditSettings::default()
    };
    let (mut auditor, mut recorder) = (Auditor::new(settings), recorder(None));
    tell(&mut auditor, told, end);
    tell(&mut recorder, recorded, end);
    auditor.finish(SimTime(end), &recorder.finish(SimTime(end)));
}

/// What the auditor says of a story that breaks a rule.
fn breach_in(told: &[(u64, Observation)]) -> String {
    let end = told.iter().map(|(now, _)| *now).max().unwrap_or(0);
    let panic = catch_unwind(AssertUnwindSafe(|| audit(told, told, end))).expect_err("the auditor let it pass");
    *panic.downcast::<String>().expect("a message")
}

/// A run of one order in which the observations that `change` names are put in place of the `place`-th.
fn with(place: usize, change: Vec<Observation>) -> Told {
    let mut told = served(0, 5, 10, 30, true);
    let now = told[place].0;
    told.splice(place..=place, change.into_iter().map(|what| (now, what)));
    told
}

fn assert_breaches(cases: &[(Told, &str)]) {
    for (told, expected) in cases {
        let said = breach_in(told);
        assert!(said.contains(expected), "expected {expected:?}, the auditor said {said:?}");
    }
}

/// The order of [`with`], its message and its place in the story.
const ORDER: OrderRef = OrderRef { number: 0, arrived_at: SimTime(5) };
const TASK_ATTEMPTED: usize = 2;
const APPEARED: usize = 4;
const RECEIVED: usize = 5;
const STARTED: usize = 6;
const GIVEN: usize = 7;
const HANDED_OVER: usize = 8;
const BEGAN: usize = 9;
const ORDER_ENDED: usize = 12;
const DELETED: usize = 13;
const ATTEMPT_ENDED: usize = 14;
const JUDGED: usize = 15;
const INVOCATION_ENDED: usize = 16;

fn stages(queue: u64, work: u64) -> Option<Stages> {
    Some(Stages { queue: SimDuration(queue), work: SimDuration(work), ..Stages::default() })
}

fn ended(outcome: Outcome, cause: Option<Cause>, latency: u64, stages: Option<Stages>) -> Observation {
    let tries = Tries { task_attempts: 1, attempts: 1 };
    Observation::OrderEnded { order: ORDER, outcome, cause, latency: SimDuration(latency), stages, tries }
}

#[test]
fn a_run_by_the_rules_passes() {
    let told = served(0, 5, 10, 30, true);
    audit(&told, &told, 30);
}

proptest! {
    #[test]
    fn integrals_are_the_members_times_in_any_window(
        orders in proptest::collection::vec((0u64..50, 1u64..100), 1..60),
        servers in 1usize..5,
        (from, length) in (0u64..1_500, 0u64..1_500),
    ) {
        let (told, end) = line(&orders, servers);
        for window in [None, Some((SimTime(from), SimTime(from + length)))] {
            let settings = AuditSettings { window, concurrency_limit: Some(servers as u64), ..AuditSettings::default() };
            let mut both = (Auditor::new(settings), recorder(window));
            tell(&mut both, &told, end);
            both.0.finish(SimTime(end), &both.1.finish(SimTime(end)));
        }
    }
}

#[test]
fn the_clock_goes_forward_and_nothing_happens_beside_it() {
    let mut told = served(0, 5, 10, 30, true);
    told.push((29, Observation::EnvironmentReclaimed));
    assert_breaches(&[(told, "audit at 30 ns: the clock: it goes back to 29 ns")]);
    let mut auditor = Auditor::new(AuditSettings::default());
    let unreached = catch_unwind(AssertUnwindSafe(|| auditor.observe(SimTime(3), &Observation::EnvironmentReclaimed)));
    assert!(unreached.is_err());
}

#[test]
fn orders_come_in_once_and_end_once() {
    let end_again = lost(30, ORDER, Outcome::Failed, Cause::FunctionError).remove(0).1;
    let end = ended(Outcome::Confirmed, None, 25, stages(5, 20));
    assert_breaches(&[
        (arrives(5, 1), "audit at 5 ns: order 1: 0 orders came in before it"),
        (vec![(6, Observation::OrderArrived { order: ORDER })], "its intended arrival is another instant"),
        (with(ORDER_ENDED, vec![end, end_again]), "order 0: it ends, but it has ended"),
        (lost(9, order(7, 5), Outcome::Failed, Cause::Running), "order 7: it never came in"),
        (arrives(5, 0), "order 0: the run is over and it has not ended"),
        (with(1, vec![]), "order 0: its task is attempted while it does not run"),
    ]);
}

#[test]
fn ends_have_the_right_cause_latency_and_stages() {
    let case = |end, expected| (with(ORDER_ENDED, vec![end]), expected);
    let cause = Some(Cause::Throttled);
    assert_breaches(&[
        case(ended(Outcome::Confirmed, cause, 25, stages(5, 20)), "a cause goes exactly with"),
        case(ended(Outcome::Failed, None, 25, None), "a cause goes exactly with"),
        case(ended(Outcome::Confirmed, None, 24, stages(5, 19)), "its latency is not the time since its arrival"),
        case(ended(Outcome::Confirmed, None, 25, stages(5, 21)), "its stages add up to 26 ns, its latency is 25 ns"),
        case(ended(Outcome::Confirmed, None, 25, stages(4, 21)), "it waited 5 ns, its stages before the work are 4"),
        case(ended(Outcome::Confirmed, None, 25, None), "stages go exactly with"),
        case(ended(Outcome::Failed, cause, 25, stages(5, 20)), "stages go exactly with"),
        case(ended(Outcome::Refused, Some(Cause::StartThrottled), 25, None), "an order is refused exactly if"),
    ]);
}

#[test]
fn an_order_is_handed_over_once_before_it_is_worked_on() {
    let given = |wait| Observation::OrderHandedOver { order: ORDER, wait: SimDuration(wait) };
    assert_breaches(&[
        (with(HANDED_OVER, vec![given(5), given(5)]), "it is handed over for the first time twice"),
        (with(HANDED_OVER, vec![given(4)]), "its wait is not the time since its arrival"),
        (with(HANDED_OVER, vec![]), "it is answered, but no environment was given it"),
    ]);
    let unseen =
        [arrives(0, 0), begins(1, 0, order(0, 0), true), finishes(2, 0, order(0, 0), 1, Worth::Failed)].concat();
    let unseen = unseen.into_iter().filter(|(_, what)| !matches!(what, Observation::OrderHandedOver { .. })).collect();
    assert_breaches(&[(unseen, "it is worked on, but no environment was given it")]);
}

#[test]
fn attempts_are_numbered_and_separated_by_back_offs() {
    let attempt = |attempt| Observation::TaskAttempted { order: ORDER, attempt };
    let due_at = SimTime(40);
    let retry = Observation::RetryScheduled { order: ORDER, cause: Cause::Throttled, due_at };
    let early = Observation::RetryScheduled { order: ORDER, cause: Cause::Throttled, due_at: SimTime(4) };
    let waited = Observation::RetryWaitEnded { order: ORDER };
    let accepted = Observation::CallbackAccepted { order: ORDER };
    let case = |told: Vec<Observation>, expected| (with(TASK_ATTEMPTED, told), expected);
    assert_breaches(&[
        case(vec![attempt(1)], "attempt 1 follows 0 attempts"),
        case(vec![attempt(0), attempt(0)], "attempt 0 follows 1 attempts"),
        case(vec![retry], "a retry is scheduled before the first attempt"),
        case(vec![attempt(0), early], "a retry is due in the past"),
        case(vec![attempt(0), retry, retry], "it waits for two retries"),
        case(vec![attempt(0), retry, attempt(1)], "while it does not run or backs off"),
        case(vec![attempt(0), waited], "it was not waiting for a retry"),
        case(vec![attempt(0), retry], "it has ended and still waits for a retry"),
        case(vec![attempt(0), accepted], "more answers are accepted than attempts were made"),
    ]);
    let mut late = [arrives(5, 0), vec![(6, retry), (41, waited)]].concat();
    late.extend(lost(41, ORDER, Outcome::TimedOut, Cause::Throttled));
    assert_breaches(&[(late, "its retry comes late")]);
}

/// The same story, in which so many handlers are said to have turned to the order before it ended.
fn tried(mut story: Told, handlers: u32) -> Told {
    for (_, what) in &mut story {
        if let Observation::OrderEnded { tries, .. } = what {
            tries.attempts = handlers;
        }
    }
    story
}

/// One order that times out at 20 while it is worked on until 30; `told` is said then.
fn given_up(told: usize, worth: Worth) -> Told {
    let mut story = [arrives(5, 0), begins(10, 0, ORDER, true)].concat();
    story.extend(tried(lost(20, ORDER, Outcome::TimedOut, Cause::Running), 1));
    story.extend(finishes(30, 0, ORDER, 10, worth));
    story.extend(vec![(30, Observation::WorkDoneAfterGivingUp { order: ORDER }); told]);
    story
}

#[test]
fn work_done_after_giving_up_is_told_once_and_truly() {
    let good = given_up(1, Worth::TooLate);
    audit(&good, &good, 30);
    let told = Observation::WorkDoneAfterGivingUp { order: ORDER };
    assert_breaches(&[
        (given_up(0, Worth::TooLate), "its work was done after giving up, and nobody said so"),
        (given_up(2, Worth::TooLate), "its work is done after giving up twice"),
        (given_up(1, Worth::Useful), "it is lost, but an attempt was useful"),
        (
            with(BEGAN, vec![Observation::AttemptBegan { invocation: invocation(0), order: Some(ORDER) }, told]),
            "not done",
        ),
        ([served(0, 5, 10, 30, true), vec![(30, told)]].concat(), "not done or not given up"),
    ]);
}

#[test]
fn messages_move_as_a_queue_allows() {
    let letter = message(0, Some(ORDER), 5);
    let another = message(1, None, 6);
    let taken = received(another, 1, 0);
    let received = |receive_count, waited| received(letter, receive_count, waited);
    let dead = Observation::MessageDeadLettered { message: another };
    let redriven = Observation::MessageRedriven { message: another, delayed: true };
    let duplicated = Observation::MessageAppeared { message: letter, why: Appearance::Duplicated };
    let returned = Observation::MessageAppeared { message: letter, why: Appearance::Returned };
    let deleted = |from| Observation::MessageDeleted { message: letter, from };
    let stale = Observation::StaleDeleteIgnored { message: letter };
    let stranger = Observation::StaleDeleteIgnored { message: message(0, None, 5) };
    assert_breaches(&[
        (with(APPEARED, vec![deleted(Place::Visible)]), "its state is Sent"),
        (sends(5, letter)[..1].to_vec(), "the queue: a message was sent without delay and has not appeared"),
        (sends(6, letter), "it is sent at another instant than it says"),
        ([sends(5, letter), sends(5, letter)].concat(), "while another message has its handle"),
        (with(RECEIVED, vec![received(1, 5), received(2, 0)]), "it is received, but its state is At(InFlight)"),
        (
            [sends(5, letter), vec![(5, received(1, 0))], sends(6, another), vec![(6, taken)]].concat(),
            "2 are in flight, more than there may be",
        ),
        (with(RECEIVED, vec![received(1, 4)]), "it waited for another time than it was visible"),
        (with(RECEIVED, vec![received(2, 5)]), "receive 2 is its 1."),
        (
            [sends(5, letter), vec![(5, received(1, 0)), (6, duplicated)]].concat(),
            "it stays visible at another instant than that of its receive",
        ),
        (with(RECEIVED, vec![returned]), "it appears (Returned), but its state is At(Visible)"),
        (with(DELETED, vec![deleted(Place::Visible)]), "it is deleted from Visible, but its state is At(InFlight)"),
        (with(DELETED, vec![deleted(Place::InFlight); 2]), "but it does not exist"),
        (with(DELETED, vec![Observation::MessageDeadLettered { message: letter }]), "it is dead-lettered, but"),
        (vec![(6, redriven)], "it is redriven, but its order has no message in the dead-letter queue"),
        (
            [sends(6, another), vec![(6, dead), (6, redriven), (6, redriven)]].concat(),
            "it is redriven, but its order has no message in the dead-letter queue",
        ),
        (with(DELETED, vec![stale]), "a delete is stale, but no newer receive overtook it"),
        (with(DELETED, vec![stranger]), "it is not the message that has its handle"),
    ]);
}

#[test]
fn lambdas_own_events_wait_as_long_as_was_said_and_go_once() {
    let event = message(0, Some(ORDER), 5);
    let returned = Observation::MessageAppeared { message: event, why: Appearance::Returned };
    let waits = |waits| Observation::EventWaits { message: event, throttled: true, waits: SimDuration(waits) };
    let (why, sent_on) = (DropReason::TooOld, false);
    let dropped = |from| Observation::EventDropped { message: event, from, why, sent_on };
    let again = received(event, 2, 4);
    let received = received(event, 1, 0);
    // Read at 5, put back for `length`, then `next` at 9.
    let story = |length, next| {
        let read = vec![(5, received), (5, returned), (5, waits(length)), (9, next)];
        [arrives(5, 0), sends(5, event), read, lost(9, ORDER, Outcome::TimedOut, Cause::WaitingInQueue)].concat()
    };
    let good = story(4, dropped(Place::Visible));
    let settings = AuditSettings { asynchronous: true, ..AuditSettings::default() };
    let recorder = Recorder::new(RecorderSettings {
        design: Design::Direct,
        window: None,
        memory_mb: 1_024,
        resolution: None,
        limits: Vec::new(),
        inventory: false,
        asynchronous: true,
    });
    let mut both = (Auditor::new(settings.clone()), recorder);
    tell(&mut both, &good, 9);
    let recorded = both.1.finish(SimTime(9));
    both.0.finish(SimTime(9), &recorded);
    let events = recorded.findings.events.expect("Lambda has a queue");
    assert_eq!((events.accepted, events.dropped, events.too_old, events.waits_after_throttle), (1, 1, 1, 1));
    assert_eq!((events.peak_waiting, events.max_event_age_s), (1, 4e-9));
    assert_breaches(&[
        (story(3, again), "it was put back until another instant"),
        (story(5, dropped(Place::Visible)), "it was put back until another instant"),
        (story(4, dropped(Place::InFlight)), "it is dropped from InFlight, but its state is At(Visible)"),
        (with(RECEIVED, vec![waits(4)]), "it is put back, but it does not wait since now"),
        (with(DELETED, vec![dropped(Place::InFlight); 2]), "but it does not exist"),
    ]);
    let mut idle = Auditor::new(settings);
    let run = Observation::InvocationStarted { invocation: invocation(0), records: 1, cold: true };
    idle.observe(SimTime(0), &run);
    let said = catch_unwind(AssertUnwindSafe(|| idle.reach(SimTime(1)))).expect_err("it runs without an event");
    let said = *said.downcast::<String>().expect("a message");
    assert!(said.contains("more invocations run than events are in flight"), "{said}");
}

#[test]
fn batches_and_connections_come_and_go_within_their_limits() {
    let received = Observation::ReceiveEnded { messages: 1, collected: false };
    let call = Observation::InventoryCallBegan { order: None };
    let answered = |answer| Observation::StockAnswered { order: Some(ORDER), answer };
    let judged = Observation::AttemptJudged {
        order: Some(ORDER),
        worth: Worth::Useful,
        share: SimDuration(0),
        called: false,
        deferred: true,
    };
    assert_breaches(&[
        (with(STARTED, vec![received, received]), "batches in hand: 2 are more than there may be"),
        (
            with(STARTED, vec![Observation::ReceiveEnded { messages: 11, collected: false }]),
            "the mapping: one receive returns 11 messages",
        ),
        (with(STARTED, vec![Observation::PollerFreed]), "batches in hand: one goes, but none is there"),
        (with(STARTED, vec![call, call]), "connections of the inventory: 2 are more than there may be"),
        (with(STARTED, vec![answered(StockAnswer::Oversold)]), "its call is a repeat, but it has no unit"),
        (
            with(STARTED, vec![answered(StockAnswer::Sold), answered(StockAnswer::Sold)]),
            "it takes its first unit twice",
        ),
        (with(STARTED, vec![judged]), "judged late, but no answer was on its way"),
    ]);
}

#[test]
fn invocations_keep_the_limits_and_add_up() {
    let start = |slot, records, cold| Observation::InvocationStarted { invocation: invocation(slot), records, cold };
    let began = Observation::AttemptBegan { invocation: invocation(0), order: Some(ORDER) };
    let given = Observation::RecordHandedOver { invocation: invocation(0), order: Some(ORDER) };
    let over = |ran, records| {
        let (invocation, end, ran) = (invocation(0), InvocationEnd::Success, SimDuration(ran));
        Observation::InvocationEnded { invocation, end, ran, records, provisioned: false }
    };
    let judged = |worth, share| {
        let share = SimDuration(share);
        Observation::AttemptJudged { order: Some(ORDER), worth, share, called: false, deferred: false }
    };
    let useful = judged(Worth::Useful, 20);
    assert_breaches(&[
        (with(STARTED, vec![start(0, 1, false)]), "it starts warm, but no environment is idle"),
        (with(STARTED, vec![start(0, 0, true)]), "its batch is empty"),
        (with(STARTED, vec![start(0, 1, true); 2]), "it starts while it runs"),
        (with(BEGAN, vec![began, began]), "it begins more attempts than it was given records"),
        (with(GIVEN, vec![given, given]), "it is given a record after its start, or more than its batch has"),
        (with(GIVEN, vec![]), "it begins more attempts than it was given records"),
        (tried(with(BEGAN, vec![]), 0), "it ends an attempt on Some(0) that never began"),
        (
            tried(served(0, 5, 10, 30, true), 2),
            "attempts: 2 } is said of it, but it had Tries { task_attempts: 1, attempts: 1 }",
        ),
        (with(ATTEMPT_ENDED, vec![]), "it ends with attempts that have not ended"),
        (with(JUDGED, vec![]), "1 attempts are over, 0 were judged and 0 wait for their answer"),
        (with(JUDGED, vec![useful, useful]), "two of its attempts were useful"),
        (with(JUDGED, vec![judged(Worth::Useful, 21)]), "21 ns were shared out of 20 ns"),
        (with(JUDGED, vec![judged(Worth::NoOrder, 20)]), "it is of no order exactly if its worth is"),
        (with(INVOCATION_ENDED, vec![over(19, 1)]), "it ran for another time than since its start"),
        (with(INVOCATION_ENDED, vec![over(20, 2)]), "it started with 1 records"),
        (with(INVOCATION_ENDED, vec![over(20, 1), over(20, 1)]), "it ends, but it does not run"),
        (with(STARTED, vec![Observation::EnvironmentReclaimed]), "reclaimed, but none is idle"),
        (
            with(BEGAN, vec![began, Observation::InvocationThrottled { order: None, concurrency: true }]),
            "throttled though there is room",
        ),
    ]);
}

#[test]
fn no_more_environments_are_busy_than_the_limit() {
    let mut auditor = Auditor::new(AuditSettings { concurrency_limit: Some(1), ..AuditSettings::default() });
    let start = |slot| Observation::InvocationStarted { invocation: invocation(slot), records: 1, cold: true };
    auditor.observe(SimTime(0), &start(0));
    auditor.observe(SimTime(0), &Observation::InvocationThrottled { order: None, concurrency: true });
    let second = catch_unwind(AssertUnwindSafe(|| auditor.observe(SimTime(0), &start(1))));
    let said = *second.expect_err("two are busy").downcast::<String>().expect("a message");
    assert!(said.contains("more environments are busy than the concurrency limit allows"), "{said}");
}

#[test]
fn the_recorder_is_held_to_the_books() {
    let told = served(0, 5, 10, 30, true);
    let cases = [
        (with(HANDED_OVER, vec![]), "orders handed over"),
        (
            with(STARTED, vec![Observation::InvocationStarted { invocation: invocation(0), records: 1, cold: false }]),
            "cold",
        ),
        ([served(0, 5, 11, 30, true)].concat(), "time of messages visible"),
        ([arrives(5, 0), confirmed(29, ORDER, 10)].concat(), "time of orders in progress"),
        (
            with(
                DELETED,
                vec![Observation::MessageExpired { message: message(0, Some(ORDER), 5), from: Place::InFlight }],
            ),
            "messages",
        ),
    ];
    for (recorded, expected) in cases {
        let panic = catch_unwind(AssertUnwindSafe(|| audit(&told, &recorded, 30))).expect_err(expected);
        let said = *panic.downcast::<String>().expect("a message");
        assert!(said.contains("audit of the end") && said.contains(expected), "{expected}: {said}");
    }
}
