//! Asynchronous direct invocation in small stories whose every number can be worked out by hand: Lambda's own queue, its
//! back-offs, retries and drops. The textbook profile unless a story is about AWS's quotas.

use proptest::prelude::*;

use queuecast::experiment::{Progress, RunSettings, run, slo};
use queuecast::measure::findings::{Design, DesignFindings, EventFindings, Orders, SloVerdict};
use queuecast::observation::{Cause, Stage};
use queuecast::random::Streams;
use queuecast::scenario::{Overrides, Source, load};
use queuecast::workload::Workload;

use super::{cause, limit, stage, told};

/// `count` orders at 0, and a second after them; `direct` are lines of `[direct]`.
fn tell(count: u32, direct: &str, lambda: &str) -> DesignFindings {
    told(
        Design::Direct,
        &format!(
            "profile = 'textbook'\n[[arrivals]]\nat_once = {count}\nduration = '1s'\n\
         [direct]\ninvocation = 'event'\n{direct}\n[lambda]\n{lambda}"
        ),
    )
}

fn events(found: &DesignFindings) -> EventFindings {
    found.events.expect("Lambda has a queue of its own")
}

#[test]
fn what_finds_no_room_is_tried_after_1_2_4_and_so_on_up_to_300_seconds() {
    // The first order keeps the only environment for 800 s. The second is tried at 0, 1, 3, 7, 15, 31, 63, 127, 255 and
    // 511 s in vain, then every 300 s: at 811 s it runs, until 1,611 s.
    let found = tell(2, "", "duration = '800s'\nreserved_concurrency = 1");
    assert_eq!((found.orders.confirmed, found.lambda.throttles, found.end.as_secs_f64()), (2, 10, 1_611.0));
    assert_eq!((found.wait.waited, found.wait.max, found.latency.max), (1, Some(811.0), Some(1_611.0)));
    assert_eq!((stage(&found, Stage::Queue), stage(&found, Stage::Redelivery)), (811.0 / 2.0, 0.0));
    let queue = events(&found);
    assert_eq!((queue.accepted, queue.read, queue.read_again, queue.handled, queue.dropped), (2, 12, 10, 2, 0));
    assert_eq!((queue.waits_after_throttle, queue.waits_after_error), (10, 0));
    assert_eq!((queue.peak_waiting, queue.peak_waiting_at_s, queue.drained_at_s), (1, Some(0.0), Some(811.0)));
    assert!((queue.mean_waiting - 811.0 / 1_611.0).abs() < 1e-12, "{}", queue.mean_waiting);
    assert_eq!(queue.max_event_age_s, 1_611.0);
    let reserved = limit(&found, "reserved_concurrency");
    assert_eq!((reserved.bound_s, reserved.cost_s), (800.0, 811.0), "used up for 800 s; 811 s of back-off");
    let row = &found.timeline[100];
    assert_eq!((row.backlog, row.in_flight, row.retries_waiting, row.oldest_message_s), (1, 1, 0, Some(100.0)));
}

#[test]
fn objectives_about_a_queue_are_held_against_lambdas_own() {
    // As above: the second event waits until 811 s and is 1,611 s old at its end; the last order came at 0.
    let text = |limits: [&str; 2]| {
        format!(
            "profile = 'textbook'\n[[arrivals]]\nat_once = 2\nduration = '1s'\n[direct]\ninvocation = 'event'\n[lambda]\n\
             duration = '800s'\nreserved_concurrency = 1\n[slo]\napplies_to = ['buffered', 'direct']\n\
             oldest_message = '{}'\ndrained_within = '{}'\n",
            limits[0], limits[1]
        )
    };
    let judged = |limits| {
        let source = Source { shown: "story.toml".into(), name: "story".into(), text: text(limits) };
        let scenario = load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}")).scenario;
        let settings = RunSettings {
            designs: vec![Design::Buffered, Design::Direct],
            threads: 1,
            resolution: None,
            verify: true,
            orders: false,
        };
        let found = run(&scenario, &settings, &Progress::default()).unwrap_or_else(|breach| panic!("{breach}"));
        let verdicts = slo::judge(&scenario, &found.findings);
        let told = |one: &SloVerdict| (one.design, one.name.clone(), one.measured.unwrap(), one.met);
        verdicts.iter().map(told).collect::<Vec<_>>()
    };
    let told = |design, name: &str, measured, met| (design, name.to_owned(), measured, met);
    let expected = |met: [bool; 4]| {
        [
            // The queue hands the second message over when the first is done.
            told(Design::Buffered, "oldest_message", 1_600.0, met[0]),
            told(Design::Direct, "oldest_message", 1_611.0, met[1]),
            told(Design::Buffered, "drained_within", 800.0, met[2]),
            told(Design::Direct, "drained_within", 811.0, met[3]),
        ]
    };
    assert_eq!(judged(["<= 1600s", "<= 800s"]), expected([true, false, true, false]));
    assert_eq!(judged(["<= 1611s", "<= 811s"]), expected([true; 4]));
}

#[test]
fn a_function_that_fails_is_tried_again_after_one_minute_and_after_two_and_then_its_event_is_dropped() {
    // It fails at 1 s, at 1 + 60 + 1 = 62 s and at 62 + 120 + 1 = 183 s. Nobody tells the task, which waits for its timeout.
    let failing = "duration = '1s'\nerror_rate = '100%'";
    let patient = "timeout = '10min'\nmaximum_retry_attempts = 2\n";
    let found = tell(1, &format!("{patient}destination = 'sqs'"), failing);
    assert_eq!(found.orders, Orders { offered: 1, timed_out: 1, ..Orders::default() });
    assert_eq!((cause(&found, Cause::EventDropped), found.end.as_secs_f64()), (1, 600.0));
    assert_eq!((found.lambda.invocations, found.lambda.errors, found.lambda.throttles), (3, 3, 0));
    assert_eq!((found.work.failed.attempts, found.step_functions.transitions), (3, 1));
    let queue = events(&found);
    assert_eq!((queue.waits_after_error, queue.dropped, queue.retries_spent), (2, 1, 1));
    assert_eq!((queue.max_event_age_s, queue.sent_to_destination, found.usage.sqs_requests), (183.0, 1, 1));
    assert_eq!(found.usage.lambda_requests, 3);
    let lost = tell(1, patient, failing);
    assert_eq!((events(&lost).dropped, events(&lost).sent_to_destination, lost.usage.sqs_requests), (1, 0, 0));
    let once = tell(1, "timeout = '10min'\nmaximum_retry_attempts = 0", failing);
    assert_eq!((once.lambda.invocations, events(&once).max_event_age_s), (1, 1.0));
}

#[test]
fn a_function_that_times_out_has_failed() {
    let found = tell(1, "maximum_retry_attempts = 1", "duration = '5s'\ntimeout = '2s'");
    // 2 s, a minute, 2 s.
    assert_eq!((found.lambda.timeouts, events(&found).max_event_age_s), (2, 64.0));
    assert_eq!((found.orders.open, cause(&found, Cause::EventDropped)), (1, 1));
}

#[test]
fn an_event_that_would_be_too_old_at_its_next_try_is_dropped_when_it_is() {
    // Tried at 0, 1, 3, 7, 15 and 31 s; the next try would be at 63 s.
    let found = tell(2, "maximum_event_age = '60s'", "duration = '800s'\nreserved_concurrency = 1");
    assert_eq!((found.orders.confirmed, found.orders.open, cause(&found, Cause::EventDropped)), (1, 1, 1));
    assert_eq!((found.lambda.throttles, events(&found).too_old, events(&found).drained_at_s), (6, 1, Some(60.0)));
}

#[test]
fn a_function_without_any_concurrency_never_sees_its_events() {
    let found = tell(3, "timeout = '30s'\ndestination = 'sqs'", "reserved_concurrency = 0");
    let queue = events(&found);
    assert_eq!((queue.accepted, queue.read, queue.never_runs, queue.sent_to_destination), (3, 0, 3, 3));
    assert_eq!((found.lambda.throttles, queue.peak_waiting, cause(&found, Cause::EventDropped)), (0, 0, 3));
    assert_eq!(found.orders.timed_out, 3);
}

#[test]
fn the_answer_comes_by_token_and_may_come_too_late() {
    let found = tell(1, "timeout = '1s'", "duration = '2s'");
    assert_eq!((found.orders.timed_out, cause(&found, Cause::Running)), (1, 1));
    assert_eq!((found.callbacks.accepted, found.callbacks.late, found.work.too_late.attempts), (0, 1, 1));
    assert_eq!((found.work_done_after_giving_up, events(&found).handled), (1, 1));
    let waiting = tell(2, "heartbeat = '1500ms'\ntimeout = '30s'", "duration = '2s'\nreserved_concurrency = 1");
    // The second, tried at 0, 1 and 3 s, was between two tries when its task gave up; it is worked on all the same.
    let causes = (cause(&waiting, Cause::Running), cause(&waiting, Cause::WaitingInQueue));
    assert_eq!((waiting.orders.timed_out, causes), (2, (1, 1)));
    assert_eq!((waiting.work.too_late.attempts, waiting.work.task_over.attempts), (1, 1));
}

#[test]
fn a_handler_that_throws_for_a_late_answer_is_tried_again() {
    // The tutorial's handler fails when its answer is refused: at 2 s, and at 2 + 60 + 2 s. By itself a late answer is no
    // error.
    let lambda = |answers: &str| format!("duration = '2s'\nanswers = '{answers}'");
    let direct = "timeout = '1s'\nmaximum_retry_attempts = 1";
    let decides = tell(1, direct, &lambda("first_decides"));
    assert_eq!((decides.lambda.errors, decides.callbacks.late, events(&decides).retries_spent), (2, 2, 1));
    assert_eq!((decides.work.too_late.attempts, decides.work.task_over.attempts), (1, 1));
    let each = tell(1, direct, &lambda("each"));
    assert_eq!((each.lambda.errors, each.callbacks.late, events(&each).handled), (0, 1, 1));
}

#[test]
fn the_inventory_sells_once_to_an_event_that_is_tried_again_only_if_it_is_idempotent() {
    // The handler calls the inventory and throws after it: three runs, three calls, one unit or three.
    let text = |more: &str| {
        format!("duration = '1s'\nerror_rate = '100%'\n[inventory]\nservice_time = '1s'\nstock = 9\n{more}")
    };
    let direct = "timeout = '10min'\nmaximum_retry_attempts = 2";
    let (plain, idempotent) = (tell(1, direct, &text("")), tell(1, direct, &text("idempotent = true")));
    assert_eq!((plain.inventory.calls, plain.inventory.oversold), (3, 2));
    assert_eq!((idempotent.inventory.calls, idempotent.inventory.oversold), (3, 0));
    assert_eq!((plain.work_done_after_giving_up, plain.inventory.wasted_calls), (1, 3));
    // Without a unit left the order is declined, by SendTaskFailure.
    let declined = tell(2, "", "duration = '1s'\n[inventory]\nservice_time = '1s'\nstock = 1");
    assert_eq!((declined.orders.confirmed, declined.orders.declined, declined.callbacks.accepted), (1, 1, 2));
}

#[test]
fn a_reported_failure_reaches_the_task_and_contents_lambda() {
    let retry = "retry = { errors = ['FunctionError'], interval = '5s', max_attempts = 1 }";
    let found = tell(1, &format!("maximum_retry_attempts = 2\n{retry}"), "error_rate = '100%'\non_error = 'report'");
    // Two attempts of the task, each with an event of its own.
    assert_eq!((found.orders.failed, cause(&found, Cause::FunctionError)), (1, 1));
    assert_eq!((events(&found).accepted, events(&found).handled, found.lambda.errors), (2, 2, 0));
    assert_eq!((found.callbacks.accepted, found.step_functions.transitions), (2, 2));
}

#[test]
fn a_handler_that_drops_old_work_leaves_its_order_without_an_answer() {
    let lambda = "duration = '2s'\nreserved_concurrency = 1\nskip_older_than = '1s'";
    let found = tell(2, "", lambda);
    assert_eq!((found.orders.confirmed, found.orders.open, cause(&found, Cause::CallbackLost)), (1, 1, 1));
    // A synchronous invocation has no message that could be too old, however long its environment initialises.
    let slow = "[lambda]\nduration = '2s'\ncold_start = '5s'\nskip_older_than = '1s'";
    let synchronous =
        told(Design::Direct, &format!("profile = 'textbook'\n[[arrivals]]\nat_once = 1\nduration = '1s'\n{slow}"));
    assert_eq!((synchronous.orders.confirmed, synchronous.events), (1, None));
}

#[test]
fn throttled_answers_fail_the_invocation_and_lambda_tries_again() {
    // The bucket has a token for one answer, and none again for the next 1,000 s. The other order's SDK tries three times;
    // then its invocation has failed, and so has its second run a minute later.
    let text = "profile = 'textbook'\nhorizon = '10min'\n[[arrivals]]\nat_once = 2\nduration = '1s'\n\
                [account]\nsend_task = { size = 1, refill = '0.001/s' }\n\
                [direct]\ninvocation = 'event'\nmaximum_retry_attempts = 1\n[lambda]\nduration = '1s'";
    let found = told(Design::Direct, text);
    assert_eq!((found.orders.confirmed, found.callbacks.throttled), (1, 6));
    assert_eq!((found.lambda.invocations, found.lambda.errors, events(&found).retries_spent), (3, 2, 1));
    assert_eq!((limit(&found, "send_task").limit, cause(&found, Cause::EventDropped)), (1.0, 1));
}

#[test]
fn requests_a_second_bind_synchronous_invocations_only() {
    // 50 a second of a millisecond each fit into one environment, but one environment may have ten requests a second.
    let text = |invocation: &str| {
        format!(
            "[[arrivals]]\nrate = '50/s'\nspacing = 'even'\nduration = '2s'\n[direct]\ninvocation = '{invocation}'\nretry = 'none'\n\
             [lambda]\nduration = '1ms'\ncold_start = '0s'\nreserved_concurrency = 1\n\
             [latency]\nstart = '0s'\ndispatch = '0s'\nsend = '0s'\nreceive = '0s'\ninvoke = '0s'"
        )
    };
    let asynchronous = told(Design::Direct, &text("event"));
    assert_eq!((asynchronous.orders.confirmed, asynchronous.lambda.throttles), (100, 0));
    assert!(asynchronous.limits.iter().all(|limit| limit.name != "request_rate"));
    let synchronous = told(Design::Direct, &text("request_response"));
    // Ten at once, and ten a second from then on.
    assert_eq!(synchronous.orders.failed, synchronous.lambda.throttles);
    assert!((28..=30).contains(&synchronous.orders.confirmed), "{}", synchronous.orders.confirmed);
}

#[test]
fn a_retried_task_leaves_its_old_event_with_lambda() {
    // The only environment initialises until 4 s and is done with the first order at 5 s, when both tasks have given up (at
    // 4.5 s). At 5.5 s both send an event again: the first is done at 6.5 s, the second, tried at 5.5 s and 6.5 s, at
    // 7.5 s. Its old event, tried at 0, 1, 3 and 7 s, is worked on from 15 s to 16 s, for nobody.
    let direct = "timeout = '4500ms'\nretry = { errors = ['States.Timeout'], interval = '1s', max_attempts = 3 }";
    let found = tell(2, direct, "duration = '1s'\nreserved_concurrency = 1\ncold_start = '4s'");
    assert_eq!((found.orders.confirmed, found.latency.max, found.end.as_secs_f64()), (2, Some(7.5), 16.0));
    let queue = events(&found);
    assert_eq!((queue.accepted, queue.handled, queue.waits_after_throttle), (4, 4, 5));
    let work = found.work;
    assert_eq!((work.useful.attempts, work.too_late.attempts, work.duplicate.attempts), (2, 1, 1));
    assert_eq!((found.callbacks.accepted, found.callbacks.late), (2, 2));
}

/// What asynchronous invocation does, in the plainest way: a list of tries, searched for the earliest. Orders as they come,
/// work of one length, no error. Latencies in nanoseconds, ascending; throttles; events given up.
fn by_the_list(arrivals: &[u64], work: u64, slots: usize, age: Option<u64>) -> (Vec<u64>, u64, u64) {
    const SECOND: u64 = 1_000_000_000;
    let mut tries: Vec<(u64, u64, u32)> = arrivals.iter().map(|at| (*at, *at, 0)).collect();
    let (mut ends, mut latencies, mut throttles, mut lost) = (Vec::new(), Vec::new(), 0, 0);
    while let Some(next) = (0..tries.len()).min_by_key(|index| tries[*index].0) {
        let (now, arrived, refused) = tries.swap_remove(next);
        ends.retain(|end| *end > now);
        if ends.len() < slots {
            ends.push(now + work);
            latencies.push(now + work - arrived);
            continue;
        }
        throttles += 1;
        let due = now + SECOND * (1 << refused.min(20)).min(300);
        match age.is_some_and(|age| due > arrived + age) {
            true => lost += 1,
            false => tries.push((due, arrived, refused + 1)),
        }
    }
    latencies.sort_unstable();
    (latencies, throttles, lost)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn events_are_tried_and_given_up_as_a_plain_list_of_tries_says(
        (rate, seconds, work_ms, slots) in (1_u32..25, 1_u32..15, 1_u64..2_000, 1_usize..6),
        age_s in prop::option::of(1_u64..400),
        seed in 0_u64..1_000,
    ) {
        let age = age_s.map_or(String::new(), |age| format!("maximum_event_age = '{age}s'\n"));
        let text = format!(
            "profile = 'textbook'\nseed = {seed}\nmax_drain = '90d'\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{seconds}s'\n\
             [direct]\ninvocation = 'event'\n{age}[lambda]\nduration = '{work_ms}ms'\nreserved_concurrency = {slots}"
        );
        let source = Source { shown: "list.toml".into(), name: "list".into(), text: text.clone() };
        let scenario = load(&source, &Overrides::default()).expect("a sound scenario").scenario;
        let mut workload = Workload::new(&scenario.workload, &Streams::new(seed, 0));
        let arrivals: Vec<u64> = std::iter::from_fn(|| workload.next_order()).map(|order| order.arrives_at.0).collect();
        let (latencies, throttles, lost) =
            by_the_list(&arrivals, work_ms * 1_000_000, slots, age_s.map(|age| age * 1_000_000_000));
        let found = told(Design::Direct, &text);
        prop_assert_eq!((found.orders.confirmed, found.lambda.throttles), (latencies.len() as u64, throttles));
        prop_assert_eq!((events(&found).dropped, cause(&found, Cause::EventDropped)), (lost, lost));
        let slowest = latencies.last().map(|slowest| *slowest as f64 / 1e9);
        prop_assert_eq!(found.latency.max, slowest);
        let sum: u64 = latencies.iter().sum();
        let mean = found.latency.mean.unwrap_or(0.0) * latencies.len() as f64;
        prop_assert!((mean - sum as f64 / 1e9).abs() < 1e-6 * (1.0 + mean), "{mean} {sum}");
    }
}
