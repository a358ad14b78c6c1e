//! Small runs with every number worked out by hand. One second is one billion of the story's nanoseconds, so stories in
//! seconds are stretched by [`seconds`].

use crate::measure::findings::{Design, DesignFindings, Orders, QueueFindings, TimelineRow, WorkAmount};
use crate::measure::limits::{LimitSetting, Uses};
use crate::measure::recorded::Recorded;
use crate::measure::recorder::{Recorder, RecorderSettings};
use crate::measure::story::{
    Told, arrives, begins, confirmed, finishes, lost, message, order, received, sends, served, tell, together,
};
use crate::observation::{Appearance, Cause, InvocationEnd, Observation, OrderRef, Outcome, Place, Stage, Worth};
use crate::observer::Observer;
use crate::time::{NANOS_PER_SEC, SimDuration, SimTime};

const S: u64 = NANOS_PER_SEC;

fn settings(design: Design, window: Option<(u64, u64)>) -> RecorderSettings {
    let window = window.map(|(from, to)| (SimTime(from * S), SimTime(to * S)));
    let limits = vec![LimitSetting { name: "reserved_concurrency", limit: 1, uses: Uses::Environments }];
    RecorderSettings { design, window, memory_mb: 512, resolution: None, limits, inventory: false, asynchronous: false }
}

/// Records a story that ends after `end` seconds.
fn record(settings: RecorderSettings, told: &[(u64, Observation)], end: u64) -> Recorded {
    let mut recorder = Recorder::new(settings);
    tell(&mut recorder, told, end * S);
    recorder.finish(SimTime(end * S))
}

/// Three orders and one environment. Order 0 comes at 1 s and is served at once until 4 s; order 1 comes at 2 s and is
/// served from 4 s to 9 s; order 2 comes at 2 s, times out at 8 s, and is served all the same from 9 s to 10 s.
fn three_orders() -> Told {
    let (third, slot) = (order(2, 2 * S), 2);
    let letter = message(slot, Some(third), 2 * S);
    let received = received(letter, 1, 7 * S);
    let last = [
        arrives(2 * S, 2),
        sends(2 * S, letter),
        lost(8 * S, third, Outcome::TimedOut, Cause::WaitingInQueue),
        vec![(9 * S, received)],
        begins(9 * S, slot, third, false),
        vec![(10 * S, Observation::CallbackLate { order: third })],
        vec![(10 * S, Observation::MessageDeleted { message: letter, from: Place::InFlight })],
        finishes(10 * S, slot, third, 9 * S, Worth::TaskOver),
        vec![(10 * S, Observation::WorkDoneAfterGivingUp { order: third })],
    ];
    let orders = vec![served(0, S, S, 4 * S, true), served(1, 2 * S, 4 * S, 9 * S, false), last.concat()];
    together(orders)
}

fn three(window: Option<(u64, u64)>) -> Recorded {
    record(settings(Design::Buffered, window), &three_orders(), 10)
}

#[test]
fn orders_latency_wait_and_causes_of_three_orders() {
    let found = three(None).findings;
    let expected = Orders { offered: 3, confirmed: 2, timed_out: 1, ..Orders::default() };
    assert_eq!((found.orders, found.end), (expected, SimTime(10 * S)));
    assert_eq!(found.causes[Cause::WaitingInQueue as usize], 1);
    assert_eq!(found.causes.iter().sum::<u64>(), 1);
    assert_eq!(found.work_done_after_giving_up, 1);
    // Latencies 3 s and 7 s; of three offered, the 99th percentile is never.
    assert_eq!((found.latency.count, found.latency.mean, found.latency.max), (2, Some(5.0), Some(7.0)));
    assert_eq!((found.latency.confirmed.p50, found.latency.confirmed.p99), (Some(3.000_319), Some(7.000_063)));
    assert_eq!((found.latency.all_offered.p50, found.latency.all_offered.p99), (Some(7.000_063), None));
    assert_eq!(found.latency.histogram.0, vec![(3_000_319, 1), (7_000_063, 1)]);
    // Waits 0, 2 and 7 s.
    assert_eq!((found.wait.count, found.wait.waited), (3, 2));
    assert_eq!((found.wait.mean, found.wait.max), (Some(3.0), Some(7.0)));
    assert_eq!((found.wait.percentiles.p50, found.wait.percentiles.p90), (Some(2.000_895), Some(7.000_063)));
}

#[test]
fn stages_work_and_function_of_three_orders() {
    let found = three(None).findings;
    let stage = |stage: Stage| found.stages[stage as usize];
    assert_eq!((stage(Stage::Queue).mean, stage(Stage::Work).mean), (Some(1.0), Some(4.0)));
    assert_eq!((stage(Stage::Retry).mean, stage(Stage::Retry).p99), (Some(0.0), Some(0.0)));
    assert_eq!(stage(Stage::Work).p99, Some(5.001_215));
    // 3 + 5 s useful, 1 s wasted, at half a GB.
    let amount = |attempts, gb_s| WorkAmount { attempts, gb_s };
    assert_eq!(found.work.useful, amount(2, 4.0));
    assert_eq!((found.work.wasted, found.work.task_over), (amount(1, 0.5), amount(1, 0.5)));
    let lambda = found.lambda;
    assert_eq!((lambda.invocations, lambda.cold_starts, lambda.peak_concurrency), (3, 1, 1));
    assert_eq!((lambda.mean_concurrency, lambda.mean_environments, lambda.gb_s), (0.9, 0.9, 4.5));
    assert_eq!((found.callbacks.accepted, found.callbacks.late, found.step_functions.transitions), (2, 1, 5));
}

#[test]
fn queue_and_limit_of_three_orders() {
    let found = three(None).findings;
    let expected = QueueFindings {
        sent: 3,
        received: 3,
        deleted: 3,
        peak_backlog: 2,
        peak_backlog_at_s: Some(2.0),
        mean_backlog: 0.9, // 2 s and 7 s visible, in 10 s
        mean_in_flight: 0.9,
        drained_at_s: Some(9.0),
        max_oldest_message_s: 8.0,
        ..QueueFindings::default()
    };
    assert_eq!(found.queue, Some(expected));
    // One environment, busy from 1 s on; messages waited from 2 s to 9 s.
    let limit = &found.limits[0];
    assert_eq!((limit.name.as_ref(), limit.limit, limit.peak_use), ("reserved_concurrency", 1.0, 1.0));
    assert_eq!((limit.bound_s, limit.cost_s), (7.0, 9.0));
    assert_eq!((limit.first_bound_at_s, limit.last_bound_at_s), (Some(2.0), Some(9.0)));
}

#[test]
fn the_timeline_of_three_orders() {
    let found = three(None).findings;
    // The run ends at 10 s with an order's work, but nothing that is counted: no row begins there.
    assert_eq!(found.timeline.len(), 10);
    let row = TimelineRow { time_s: 2.0, offered: 2, backlog_max: 2, ..TimelineRow::default() };
    let busy = TimelineRow { in_flight: 1, concurrency: 1, concurrency_max: 1, environments: 1, ..row };
    assert_eq!(found.timeline[2], busy);
    let later = TimelineRow { time_s: 4.0, offered: 0, confirmed: 1, backlog: 2, backlog_max: 1, ..busy };
    assert_eq!(found.timeline[4], later);
    assert_eq!(found.timeline[8], TimelineRow { time_s: 8.0, confirmed: 0, lost: 1, backlog: 1, ..later });
}

#[test]
fn a_window_counts_orders_by_arrival_and_the_platform_by_the_clock() {
    let recorded = three(Some((2, 6)));
    let found = &recorded.findings;
    assert_eq!(found.orders, Orders { offered: 2, confirmed: 1, timed_out: 1, ..Orders::default() });
    assert_eq!((found.latency.max, found.wait.count), (Some(7.0), 2));
    assert_eq!((found.work.useful.attempts, found.work.wasted.attempts), (1, 1));
    // Only the invocation at 4 s; the environment is busy for all of the four seconds.
    assert_eq!((found.lambda.invocations, found.lambda.cold_starts), (1, 0));
    assert_eq!((found.lambda.mean_concurrency, found.lambda.gb_s), (1.0, 2.0));
    let queue = found.queue.expect("a queue");
    assert_eq!((queue.sent, queue.received, queue.peak_backlog), (2, 2, 2));
    assert_eq!((queue.mean_backlog, queue.drained_at_s), (1.5, Some(9.0)));
    assert_eq!((found.limits[0].bound_s, found.limits[0].cost_s), (4.0, 6.0));
    assert_eq!((found.limits[0].first_bound_at_s, found.limits[0].last_bound_at_s), (Some(2.0), Some(6.0)));
    // Orders 1 and 2 all the time, order 0 for two seconds.
    assert_eq!(recorded.integrals.orders_in_progress, u128::from(10 * S));
    assert_eq!(recorded.integrals.length, SimDuration(4 * S));
}

#[test]
fn a_window_beyond_the_end_is_cut_or_empty() {
    let cut = three(Some((8, 100)));
    assert_eq!(cut.integrals.length, SimDuration(2 * S));
    assert_eq!(cut.findings.lambda.mean_concurrency, 1.0);
    let empty = three(Some((50, 100)));
    assert_eq!((empty.integrals.length, empty.findings.lambda.mean_concurrency), (SimDuration::ZERO, 0.0));
    assert_eq!((empty.findings.orders.offered, empty.findings.queue.expect("a queue").peak_backlog), (0, 2));
}

/// A message of no order in slot `slot`, sent at `at` and received at `taken`.
fn passing(slot: u32, at: u64, taken: u64) -> Told {
    let letter = message(slot, None, at);
    [sends(at, letter), vec![(taken, received(letter, 1, taken - at))]].concat()
}

fn queue_of(told: Vec<Told>, end: u64) -> QueueFindings {
    record(settings(Design::Buffered, None), &together(told), end).findings.queue.expect("a queue")
}

#[test]
fn a_later_higher_peak_is_drained_anew() {
    let low = passing(0, S, 2 * S);
    let (high, higher) = (passing(1, 3 * S, 4 * S), passing(2, 3 * S, 5 * S));
    let once = queue_of(vec![low.clone()], 9);
    assert_eq!((once.peak_backlog, once.peak_backlog_at_s, once.drained_at_s), (1, Some(1.0), Some(2.0)));
    let twice = queue_of(vec![low.clone(), high.clone(), higher], 9);
    assert_eq!((twice.peak_backlog, twice.peak_backlog_at_s, twice.drained_at_s), (2, Some(3.0), Some(5.0)));
    // An equal peak is not a higher one; a queue that is not empty at the end is never drained.
    let equal = queue_of(vec![low, high], 9);
    assert_eq!((equal.peak_backlog_at_s, equal.drained_at_s), (Some(1.0), Some(2.0)));
    let never = queue_of(vec![sends(S, message(0, None, S))], 9);
    assert_eq!((never.peak_backlog, never.drained_at_s), (1, None));
}

#[test]
fn a_backlog_that_lasts_no_time_is_no_peak() {
    let found = queue_of(vec![passing(0, S, S)], 2);
    assert_eq!((found.sent, found.received), (1, 1));
    assert_eq!((found.peak_backlog, found.peak_backlog_at_s, found.drained_at_s), (0, None, Some(0.0)));
}

#[test]
fn delays_redeliveries_dead_letters_and_expiry() {
    let (letter, other) = (message(0, None, 0), message(1, None, 0));
    let received = |receive_count, waited| received(letter, receive_count, waited * S);
    let told = vec![
        (0, Observation::MessageSent { message: letter, delayed: true }),
        (0, Observation::MessageSent { message: other, delayed: true }),
        (2 * S, Observation::MessageAppeared { message: letter, why: Appearance::DelayEnded }),
        (3 * S, received(1, 1)),
        (5 * S, Observation::MessageAppeared { message: letter, why: Appearance::Returned }),
        (6 * S, received(2, 1)),
        (7 * S, Observation::MessageAppeared { message: letter, why: Appearance::Returned }),
        (8 * S, Observation::MessageDeadLettered { message: letter }),
        (9 * S, Observation::MessageExpired { message: other, from: Place::Delayed }),
    ];
    let recorded = record(settings(Design::Buffered, None), &told, 10);
    let found = recorded.findings.queue.expect("a queue");
    assert_eq!((found.sent, found.received, found.redelivered), (2, 2, 1));
    assert_eq!((found.dead_lettered, found.expired, found.deleted), (1, 1, 0));
    assert_eq!((found.mean_backlog, found.mean_in_flight, found.max_oldest_message_s), (0.3, 0.3, 9.0));
    assert_eq!(recorded.integrals.messages_delayed, u128::from(11 * S));
    assert_eq!(recorded.integrals.messages(), u128::from(17 * S));
}

#[test]
fn the_oldest_message_is_asked_for_where_a_row_begins() {
    let mut recorder = Recorder::new(settings(Design::Buffered, None));
    tell(&mut recorder, &sends(S / 2, message(0, None, S / 2)), S / 2);
    assert!(!recorder.reach(SimTime(S - 1)));
    assert!(recorder.reach(SimTime(3 * S)));
    recorder.glance(SimTime(3 * S), Some(SimTime(S / 2)));
    assert!(!recorder.reach(SimTime(3 * S + 1)));
    let found = recorder.finish(SimTime(4 * S)).findings;
    let ages: Vec<Option<f64>> = found.timeline.iter().map(|row| row.oldest_message_s).collect();
    assert_eq!(ages, [None, Some(0.5), Some(1.5), Some(2.5)]);
    assert_eq!(found.queue.expect("a queue").max_oldest_message_s, 2.5);
    assert!(!Recorder::new(settings(Design::Direct, None)).reach(SimTime(5 * S)));
}

/// All within one row, in tenths of a second: one environment is busy with order 0 from 1 to 9; three messages wait from 2 on, of
/// which one is received at 4 and one at 5; a connection of the inventory is in use from 3 to 6.
fn busy_beside_a_backlog() -> Told {
    const T: u64 = S / 10;
    let first = order(0, T);
    let calls = vec![
        (3 * T, Observation::InventoryCallBegan { order: Some(first) }),
        (6 * T, Observation::InventoryCallEnded { order: Some(first) }),
    ];
    let left = sends(2 * T, message(3, None, 2 * T));
    together(vec![served(0, T, T, 9 * T, true), passing(1, 2 * T, 4 * T), passing(2, 2 * T, 5 * T), left, calls])
}

#[test]
fn messages_in_flight_and_connections_are_seen_while_the_same_environments_are_busy_and_messages_wait() {
    let mut limited = settings(Design::Buffered, None);
    limited.limits.push(LimitSetting { name: "in_flight_limit", limit: 3, uses: Uses::InFlight });
    let limits = record(limited, &busy_beside_a_backlog(), 1).findings.limits;
    assert_eq!((limits[0].bound_s, limits[1].peak_use, limits[1].bound_s), (0.7, 3.0, 0.4));
    assert_eq!((limits[1].first_bound_at_s, limits[1].last_bound_at_s), (Some(0.5), Some(0.9)));
    let called = RecorderSettings { inventory: true, ..settings(Design::Buffered, None) };
    let inventory = record(called, &busy_beside_a_backlog(), 1).findings.inventory;
    assert_eq!((inventory.peak_connections, inventory.mean_connections), (1, 0.3));
}

/// Direct with one environment: order 0 works from 0 to 3 s; order 1 is throttled at 1 s, retries at 5 s and works until
/// 6 s; order 2 is throttled at 2 s and fails.
fn direct_orders() -> Told {
    let (second, third): (OrderRef, OrderRef) = (order(1, S), order(2, 2 * S));
    let throttled = |order| Observation::InvocationThrottled { order: Some(order), concurrency: true };
    let retry = Observation::RetryScheduled { order: second, cause: Cause::Throttled, due_at: SimTime(5 * S) };
    let orders = vec![
        [arrives(0, 0), begins(0, 0, order(0, 0), true)].concat(),
        [confirmed(3 * S, order(0, 0), 0), finishes(3 * S, 0, order(0, 0), 0, Worth::Useful)].concat(),
        [arrives(S, 1), vec![(S, throttled(second)), (S, retry)]].concat(),
        vec![(5 * S, Observation::RetryWaitEnded { order: second })],
        vec![(5 * S, Observation::TaskAttempted { order: second, attempt: 1 })],
        begins(5 * S, 1, second, false),
        [confirmed(6 * S, second, 5 * S), finishes(6 * S, 1, second, 5 * S, Worth::Useful)].concat(),
        [arrives(2 * S, 2), vec![(2 * S, throttled(third))]].concat(),
        lost(2 * S, third, Outcome::Failed, Cause::Throttled),
    ];
    let mut told = orders.concat();
    told.sort_by_key(|(now, _)| *now);
    told
}

#[test]
fn direct_throttles_retries_and_limits() {
    let recorded = record(settings(Design::Direct, None), &direct_orders(), 6);
    let found: &DesignFindings = &recorded.findings;
    assert_eq!(found.orders, Orders { offered: 3, confirmed: 2, failed: 1, ..Orders::default() });
    assert_eq!((found.lambda.throttles, found.queue), (2, None));
    assert_eq!(recorded.integrals.retries_waiting, u128::from(4 * S));
    // The environment is taken while order 1 backs off, from 1 s to 3 s; the back-off is 4 s.
    assert_eq!((found.limits[0].bound_s, found.limits[0].cost_s), (2.0, 4.0));
    assert_eq!((found.limits[0].first_bound_at_s, found.limits[0].last_bound_at_s), (Some(1.0), Some(3.0)));
    assert_eq!((found.timeline[1].throttles, found.timeline[2].throttles, found.timeline[2].lost), (1, 1, 1));
    let waiting: Vec<u64> = found.timeline.iter().map(|row| row.retries_waiting).collect();
    // The last order is confirmed at the very end, which thereby has a row.
    assert_eq!(waiting, [0, 0, 1, 1, 1, 1, 0]);
}

#[test]
fn errors_and_timeouts_of_invocations() {
    let over = |end| Observation::InvocationEnded {
        invocation: crate::measure::story::invocation(0),
        end,
        ran: SimDuration(S),
        records: 1,
        provisioned: false,
    };
    let mut told = begins(0, 0, order(0, 0), true);
    told.push((S, over(InvocationEnd::Error)));
    told.extend(begins(S, 0, order(1, S), false));
    told.push((2 * S, over(InvocationEnd::Timeout)));
    told.push((3 * S, Observation::EnvironmentReclaimed));
    let found = record(settings(Design::Direct, None), &told, 4).findings.lambda;
    assert_eq!((found.errors, found.timeouts, found.mean_environments), (1, 1, 0.75));
}
