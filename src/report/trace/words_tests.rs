//! Lines of hand-made moments.

use super::super::super::sample::Example;
use super::*;
use crate::measure::findings::Design;
use crate::measure::limits::{LimitSetting, Uses};
use crate::measure::narrator::{Around, Detail, Ending, Given};
use crate::observation::{Outcome, Tries};
use crate::time::NANOS_PER_SEC;

const S: u64 = NANOS_PER_SEC;
const ORDER: OrderRef = OrderRef { number: 7, arrived_at: SimTime(10 * S) };

fn letter() -> MessageRef {
    MessageRef { handle: Handle { slot: 1, serial: 0 }, order: Some(ORDER), sent_at: SimTime(11 * S) }
}

fn setting() -> Setting {
    let slots = LimitSetting { name: "reserved_concurrency", limit: 20, uses: Uses::Environments };
    Setting {
        limits: vec![slots],
        patience: Some(("TimeoutSeconds", SimDuration::from_secs(60))),
        retries: 3,
        visibility_timeout: Some(SimDuration::from_secs(30)),
        max_receive_count: Some(5),
        ..Setting::default()
    }
}

fn moment(at: u64, what: Observation) -> Moment {
    let around = Around { visible: 8_214, busy: 20, ..Around::default() };
    Moment { at: SimTime(at * S), what, around, detail: Detail::default() }
}

/// The lines of these moments, `what: why`.
fn told(moments: Vec<Moment>) -> Vec<String> {
    let example = Example::flash_sale();
    let ending = Ending {
        at: SimTime(70 * S),
        outcome: Outcome::TimedOut,
        cause: Some(Cause::InFlight),
        latency: SimDuration::from_secs(60),
        stages: None,
    };
    let all = moments.len();
    let stories = [(Design::Buffered, Story { order: ORDER, queued: true, moments, ending: Some(ending) })];
    let settings = [setting()];
    let tale = Tale {
        subject: &example.subject,
        origin: SimTime(10 * S),
        orders: 9,
        picked: None,
        settings: &settings,
        stories: &stories,
    };
    let lines = (0..all).filter_map(|index| line(&tale, 0, index));
    lines.map(|line| format!("{}: {}", line.what, line.why).replace('\u{a0}', " ")).collect()
}

fn received(at: u64, receive_count: u32, batch: Vec<Option<u64>>) -> Moment {
    let what = Observation::MessageReceived {
        message: letter(),
        receive_count,
        waited: SimDuration::from_secs(4),
        batch: Handle { slot: 3, serial: 1 },
    };
    Moment { detail: Detail { batch, ..Detail::default() }, ..moment(at, what) }
}

#[test]
fn a_wait_says_how_many_were_before_and_how_long_it_is_hidden() {
    let sent = Observation::MessageAppeared { message: letter(), why: Appearance::Sent };
    let back = Observation::MessageAppeared { message: letter(), why: Appearance::Returned };
    let mates = vec![Some(5), Some(6), Some(7), Some(8)];
    let lines = told(vec![
        moment(11, sent),
        received(15, 1, mates),
        moment(45, back),
        received(49, 2, vec![Some(7)]),
        moment(50, Observation::MessageDeadLettered { message: letter() }),
    ]);
    assert_eq!(
        lines,
        [
            "its message is in the queue: 8,214 visible before it; all 20 slots busy (reserved_concurrency)",
            "received after 4 s: with 3 others, 5 to 8; hidden until +0:35.000",
            "its message is visible again: the visibility timeout of 30 s since +0:05.000 ran out",
            "received for the 2nd time after 4 s: hidden until +1:09.000",
            "its message goes to the dead-letter queue: it was received 5 times already (maxReceiveCount)",
        ]
    );
}

#[test]
fn a_failure_says_what_it_came_of_and_what_comes_next() {
    let throttled = Observation::InvocationThrottled { order: Some(ORDER), concurrency: true };
    let retry = |cause| Observation::RetryScheduled { order: ORDER, cause, due_at: SimTime(14 * S) };
    let late = Observation::CallbackLate { order: ORDER };
    let ended = Observation::OrderEnded {
        order: ORDER,
        outcome: Outcome::TimedOut,
        cause: Some(Cause::InFlight),
        latency: SimDuration::from_secs(60),
        stages: None,
        tries: Tries { task_attempts: 1, attempts: 0 },
    };
    let lines = told(vec![
        moment(12, throttled),
        moment(12, retry(Cause::Throttled)),
        moment(13, retry(Cause::Running)),
        moment(70, ended),
        moment(80, late),
    ]);
    assert_eq!(
        lines,
        [
            "throttled (429): all 20 slots busy (reserved_concurrency)",
            "retry 1 of 3 in 2 s: ",
            "the task gives up waiting: a handler held it; retry 2 of 3 in 1 s",
            "TIMED OUT after 1 min: the task's TimeoutSeconds of 1 min ran out; its message was in flight, and nobody worked on it",
            "its answer comes too late (TaskTimedOut): its task was over at +1:00.000",
        ]
    );
}

#[test]
fn a_hand_over_says_which_environment_and_which_place_in_the_batch() {
    let invocation = Handle { slot: 3, serial: 1 };
    let given = |cold| Moment {
        detail: Detail { given: Some(Given { cold, place: 3, records: 10 }), ..Detail::default() },
        ..moment(20, Observation::RecordHandedOver { invocation, order: Some(ORDER) })
    };
    let began = |order| Observation::AttemptBegan { invocation, order };
    let other = OrderRef { number: 6, ..ORDER };
    let ended = |succeeded| Observation::AttemptEnded { invocation, order: Some(ORDER), succeeded };
    let lines = told(vec![
        given(true),
        moment(21, began(Some(other))),
        moment(24, began(Some(ORDER))),
        moment(24, Observation::PoisonMet { order: Some(ORDER) }),
        moment(25, ended(false)),
    ]);
    assert_eq!(
        lines,
        [
            "a new environment takes it: cold start: none was idle; record 4 of 10",
            "the handler begins with its batch: others come before it",
            "its turn: the handler works on it: ",
            "the handler cannot work on it: lambda.poison_rate: each try at this order fails",
            "failed after 1 s: it is poisoned",
        ]
    );
    let at_once = told(vec![given(false), moment(20, began(Some(ORDER))), moment(21, ended(true))]);
    assert_eq!(at_once, ["a warm environment works on it: record 4 of 10", "done after 1 s: "]);
}

#[test]
fn what_holds_a_message_up_is_what_is_used_up() {
    let mut setting = setting();
    let batches = LimitSetting { name: "maximum_concurrency", limit: 30, uses: Uses::Batches };
    let in_flight = LimitSetting { name: "in_flight_limit", limit: 1, uses: Uses::InFlight };
    setting.limits.extend([batches, in_flight]);
    let said = |busy, batches, pollers, in_flight| {
        reasons::holds_up(&setting, &Around { busy, batches, pollers, in_flight, ..Around::default() })
    };
    assert_eq!(said(20, 30, 30, 1), "all 20 slots busy (reserved_concurrency)");
    assert_eq!(said(19, 30, 30, 1), "all 30 batches in hand (maximum_concurrency)");
    assert_eq!(said(4, 5, 5, 1), "all 5 pollers busy (the mapping's ramp)");
    assert_eq!(said(4, 4, 5, 1), "the only message in flight (in_flight_limit)");
    assert_eq!(said(4, 4, 0, 0), "4 of 20 slots busy");
}

#[test]
fn numbers_are_counted_as_people_count() {
    assert_eq!([1, 2, 3, 4, 11, 12, 13, 21, 112].map(nth).join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st 112th");
    assert_eq!([all(1, "slot"), all(1_000, "slot")], ["the only slot", "all 1,000 slots"]);
    assert_eq!(lasting(SimDuration(1_500)), "2\u{a0}µs");
    assert_eq!(lasting(SimDuration(1_500_000_000)), "1.5\u{a0}s");
}
