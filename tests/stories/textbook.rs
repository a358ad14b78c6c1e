//! Small stories whose every number can be worked out by hand: ties, retries, batches, causes.

use queuecast::measure::findings::{Design, DesignFindings};
use queuecast::observation::{Cause, Stage};

use super::{buffered, cause, direct, queue, stage, tell};

fn seconds(found: &DesignFindings) -> f64 {
    found.end.0 as f64 / 1e9
}

/// One order at 1 s.
const ONE: &str = "[[arrivals]]\nrate = '1/s'\nspacing = 'even'\nduration = '1s'\n";

#[test]
fn an_answer_at_the_very_instant_of_its_deadline_is_in_time() {
    for limit in ["timeout = '2s'", "heartbeat = '2s'", "execution_timeout = '2s'"] {
        let found = buffered(&format!("{ONE}[step_functions]\n{limit}\n[lambda]\nduration = '2s'"));
        assert_eq!((found.orders.confirmed, found.callbacks.late), (1, 0), "{limit}");
        let found = buffered(&format!("{ONE}[step_functions]\n{limit}\n[lambda]\nduration = '2001ms'"));
        assert_eq!((found.orders.timed_out, cause(&found, Cause::Running)), (1, 1), "{limit}");
        assert_eq!(found.work_done_after_giving_up, 1, "{limit}");
    }
    let found = direct(&format!("{ONE}[lambda]\nduration = '2s'\n[direct]\ntimeout = '2s'"));
    assert_eq!(found.orders.confirmed, 1);
}

#[test]
fn a_delete_at_the_very_instant_of_the_visibility_deadline_is_in_time() {
    let found = buffered(&format!("{ONE}[queue]\nvisibility_timeout = '2s'\n[lambda]\nduration = '2s'"));
    assert_eq!((queue(&found).received, queue(&found).redelivered), (1, 0));
    let found = buffered(&format!("{ONE}[queue]\nvisibility_timeout = '2s'\n[lambda]\nduration = '2001ms'"));
    assert_eq!((queue(&found).received, queue(&found).redelivered), (2, 1));
}

#[test]
fn work_that_ends_with_the_functions_timeout_is_done() {
    let found = buffered(&format!("{ONE}[lambda]\nduration = '2s'\ntimeout = '2s'"));
    assert_eq!((found.orders.confirmed, found.lambda.timeouts), (1, 0));
    let found = direct(&format!("{ONE}[lambda]\nduration = '2001ms'\ntimeout = '2s'"));
    assert_eq!((found.orders.failed, found.lambda.timeouts), (1, 1));
    assert_eq!(cause(&found, Cause::FunctionTimeout), 1);
}

#[test]
fn orders_of_one_instant_share_a_batch_and_those_of_the_next_do_not() {
    let text = "[[arrivals]]\nat_once = 7\nduration = '1s'\n[[arrivals]]\nat_once = 5\nduration = '1s'\n\
                [event_source]\nbatch_size = 5\n[lambda]\nduration = '10ms'";
    let found = buffered(text);
    // 5 + 2 at 0 s, 5 at 1 s.
    assert_eq!(found.lambda.invocations, 3);
    assert_eq!((found.orders.confirmed, found.wait.waited), (12, 0));
    // In turn: 10 ms for the first record, 50 ms for the fifth.
    assert_eq!(stage(&found, Stage::Batch), (2.0 * (0.0 + 0.01 + 0.02 + 0.03 + 0.04) + 0.01) / 12.0);
    assert_eq!(found.latency.max, Some(0.05));
}

#[test]
fn the_batch_modes_differ_in_when_records_answer() {
    let text = |mode: &str| {
        format!(
            "[[arrivals]]\nat_once = 4\nduration = '1s'\n[event_source]\nbatch_size = 4\n\
             [lambda]\nduration = '100ms'\nbatch = '{mode}'"
        )
    };
    let mean = |mode: &str| buffered(&text(mode)).latency.mean.unwrap();
    assert_eq!(mean("one_by_one"), 0.25);
    assert_eq!(mean("parallel"), 0.1);
    assert_eq!(mean("together"), 0.1);
    assert_eq!(buffered(&text("one_by_one")).lambda.gb_s, 0.4 * 128.0 / 1024.0);
    assert_eq!(buffered(&text("together")).lambda.gb_s, 0.1 * 128.0 / 1024.0);
}

#[test]
fn a_throttled_attempt_backs_off_and_finds_the_slot_free() {
    // Two orders at once on one slot: the second is refused at 0 s and again at 1 s (the slot is busy until 1.5 s), and
    // tried for the third time at 1 s + 2 s.
    let text = "[[arrivals]]\nat_once = 2\nduration = '1s'\n[lambda]\nduration = '1500ms'\nreserved_concurrency = 1\n\
                [direct]\nretry = { errors = ['Lambda.TooManyRequestsException'], interval = '1s', max_attempts = 3, backoff_rate = 2 }";
    let found = direct(text);
    assert_eq!((found.orders.confirmed, found.lambda.throttles), (2, 2));
    assert_eq!(found.latency.max, Some(4.5));
    assert_eq!(stage(&found, Stage::Retry), 1.5);
    assert_eq!(found.step_functions.transitions, 4 + 2);
    let limit = &found.limits[0];
    assert_eq!(
        (limit.name.as_ref(), limit.peak_use, limit.bound_s, limit.cost_s),
        ("reserved_concurrency", 1.0, 1.5, 3.0)
    );
}

#[test]
fn max_attempts_counts_retries_and_the_last_failure_is_the_cause() {
    let text = "[[arrivals]]\nat_once = 2\nduration = '1s'\n[lambda]\nduration = '1min'\nreserved_concurrency = 1\n\
                [direct]\nretry = { errors = ['Lambda.TooManyRequestsException'], interval = '1s', max_attempts = 2, backoff_rate = 3, max_delay = '2s' }";
    let found = direct(text);
    // Refused at 0 s, 1 s and 1 s + 2 s (capped): three tries.
    assert_eq!((found.orders.failed, found.lambda.throttles, cause(&found, Cause::Throttled)), (1, 3, 1));
    assert_eq!(found.timeline[3].lost, 1);
}

#[test]
fn catch_changes_the_execution_and_not_the_outcome() {
    let text = |catch: &str| format!("{ONE}[step_functions]\ntimeout = '1s'\n{catch}\n[lambda]\nduration = '5s'");
    let (plain, caught) = (buffered(&text("")), buffered(&text("catch = ['States.Timeout']")));
    assert_eq!(plain.orders, caught.orders);
    assert_eq!((plain.step_functions.transitions, caught.step_functions.transitions), (1, 2));
}

#[test]
fn a_retried_task_sends_a_second_message_and_its_first_answer_is_late() {
    // Sent at 1 s; times out at 2 s; sent again at 3 s and received at once. The first work answers at 4.5 s, late; the
    // second at 6.5 s, but that attempt has timed out at 4 s, and with no retry left the order is lost.
    let text = format!(
        "{ONE}[step_functions]\ntimeout = '1s'\nretry = {{ max_attempts = 1, interval = '1s' }}\n[lambda]\nduration = '3500ms'"
    );
    let found = buffered(&text);
    assert_eq!((found.orders.timed_out, found.callbacks.late, queue(&found).sent), (1, 2, 2));
    assert_eq!(found.work_done_after_giving_up, 1);
    assert_eq!((found.work.too_late.attempts, found.work.task_over.attempts), (2, 0));
    assert_eq!(seconds(&found), 6.5);
}

#[test]
fn each_loss_in_the_queue_has_its_cause() {
    let poisoned = "poison_rate = '100%'";
    let dead = buffered(&format!(
        "{ONE}[queue]\nvisibility_timeout = '3s'\n[queue.dead_letter]\nmax_receive_count = 2\n[step_functions]\ntimeout = '1min'\n\
         [lambda]\nduration = '1s'\n{poisoned}"
    ));
    // Received at 1 s and 4 s; moved at the third receive, at 7 s; the task gives up at 61 s.
    assert_eq!((cause(&dead, Cause::DeadLettered), queue(&dead).received, seconds(&dead)), (1, 2, 61.0));
    let expired = buffered(&format!(
        "{ONE}[queue]\nmessage_retention_period = '5s'\n[step_functions]\ntimeout = '1min'\n[lambda]\nreserved_concurrency = 0"
    ));
    assert_eq!((cause(&expired, Cause::Expired), queue(&expired).expired), (1, 1));
    let waiting = buffered(&format!("{ONE}[step_functions]\ntimeout = '1min'\n[lambda]\nreserved_concurrency = 0"));
    assert_eq!(cause(&waiting, Cause::WaitingInQueue), 1);
    let in_flight = buffered(&format!(
        "{ONE}[queue]\nvisibility_timeout = '10min'\n[step_functions]\ntimeout = '1min'\n[lambda]\nduration = '1s'\n{poisoned}"
    ));
    assert_eq!(cause(&in_flight, Cause::InFlight), 1);
    let failed = buffered(&format!("{ONE}[lambda]\nduration = '1s'\n{poisoned}\non_error = 'report'"));
    assert_eq!((failed.orders.failed, cause(&failed, Cause::FunctionError), queue(&failed).deleted), (1, 1, 1));
    let open = buffered(&format!("{ONE}[lambda]\nreserved_concurrency = 0"));
    assert_eq!((open.orders.open, cause(&open, Cause::WaitingInQueue)), (1, 1));
}

#[test]
fn a_delayed_message_waits_out_its_delay_in_the_send_stage() {
    let found = buffered(&format!("{ONE}[queue]\ndelay = '4s'\n[lambda]\nduration = '1s'"));
    assert_eq!((stage(&found, Stage::Send), stage(&found, Stage::Queue), found.latency.max), (4.0, 0.0, Some(5.0)));
}

#[test]
fn one_bad_record_takes_its_batch_along_unless_it_is_reported_alone() {
    // All work succeeds but for that of the one poisoned order of ten.
    let text = |rest: &str| {
        format!(
            "seed = {POISONED_ONE}\n[[arrivals]]\nat_once = 10\nduration = '1s'\n[queue]\nvisibility_timeout = '1min'\n\
             [queue.dead_letter]\nmax_receive_count = 1\n[event_source]\nbatch_size = 10\n{rest}"
        )
    };
    let lambda = "[lambda]\nduration = '1s'\npoison_rate = '10%'\nbatch = 'parallel'";
    let thrown = buffered(&text(lambda));
    // Nine answered and were confirmed, but nothing was deleted: all ten are dead-lettered at their second receive.
    assert_eq!((thrown.orders.confirmed, queue(&thrown).deleted, queue(&thrown).dead_lettered), (9, 0, 10));
    let reported = buffered(&text(&format!("report_batch_item_failures = true\n{lambda}")));
    assert_eq!((reported.orders.confirmed, queue(&reported).deleted, queue(&reported).dead_lettered), (9, 9, 1));
    let together = buffered(&text(&lambda.replace("parallel", "together")));
    assert_eq!((together.orders.confirmed, together.work.batch.attempts, together.work.failed.attempts), (0, 9, 1));
}

/// A seed with which exactly one of the ten orders is poisoned.
const POISONED_ONE: u64 = 1;

#[test]
fn a_throw_ends_a_loop_over_the_batch_at_once_or_after_all_records() {
    let text = |rest: &str| {
        format!(
            "[[arrivals]]\nat_once = 4\nduration = '1s'\n[queue]\nvisibility_timeout = '1min'\n[queue.dead_letter]\nmax_receive_count = 1\n\
             [event_source]\nbatch_size = 4\n[lambda]\nduration = '1s'\npoison_rate = '100%'\n{rest}"
        )
    };
    let at_once = buffered(&text(""));
    assert_eq!((at_once.work.wasted.attempts, at_once.lambda.errors, at_once.lambda.gb_s), (1, 1, 0.125));
    let after_all = buffered(&text("throw_ends = 'record'"));
    assert_eq!((after_all.work.wasted.attempts, after_all.lambda.errors, after_all.lambda.gb_s), (4, 1, 0.5));
    let without_work = buffered(&text("error_at = 'start'"));
    assert_eq!((without_work.work.wasted.attempts, without_work.lambda.gb_s), (1, 0.0));
}

#[test]
fn the_initial_backlog_is_served_first_and_counts_in_no_outcome() {
    let text = "[[arrivals]]\nat_once = 1\nduration = '1s'\n[queue]\ninitial_backlog = 3\n\
                [lambda]\nduration = '1s'\nreserved_concurrency = 1";
    let found = buffered(text);
    assert_eq!((found.orders.offered, found.orders.confirmed, found.wait.max), (1, 1, Some(3.0)));
    assert_eq!((queue(&found).sent, queue(&found).deleted, found.lambda.invocations), (4, 4, 4));
    assert_eq!((found.work.useful.attempts, found.work.wasted.attempts, found.callbacks.accepted), (1, 0, 1));
}

#[test]
fn a_window_counts_orders_by_arrival_and_levels_by_time() {
    // One order a second at 1 s … 10 s, half a second of work: in [2 s, 8 s) six orders arrive.
    let text = "warm_up = '2s'\ncool_down = '2s'\n[[arrivals]]\nrate = '1/s'\nspacing = 'even'\nduration = '10s'\n\
                [lambda]\nduration = '500ms'\nmemory_size = '1024MB'";
    for found in [buffered(text), direct(text)] {
        assert_eq!((found.orders.offered, found.orders.confirmed, found.lambda.invocations), (6, 6, 6));
        assert_eq!((found.lambda.mean_concurrency, found.lambda.gb_s), (0.5, 3.0));
        assert_eq!(found.timeline.iter().map(|row| row.offered).sum::<u64>(), 10);
    }
}

#[test]
fn a_horizon_cuts_the_run_and_what_is_left_is_open() {
    let text = "horizon = '5s'\n[[arrivals]]\nrate = '1/s'\nspacing = 'even'\nduration = '10s'\n\
                [lambda]\nduration = '2s'\nreserved_concurrency = 1";
    let found = buffered(text);
    // Orders at 1, 2, 3, 4 s (the one at 5 s is not seen); the first is done at 3 s, the second would be at 5 s.
    assert_eq!((found.orders.offered, found.orders.confirmed, found.orders.open), (4, 1, 3));
    assert_eq!((cause(&found, Cause::Running), cause(&found, Cause::WaitingInQueue)), (1, 2));
    assert_eq!(seconds(&found), 5.0);
}

#[test]
fn the_drain_is_cut_off_after_max_drain() {
    let text = format!("max_drain = '10s'\n{ONE}[lambda]\nduration = '1h'");
    let found = buffered(&text);
    assert_eq!((found.orders.open, seconds(&found)), (1, 11.0));
}

/// Orders at 1 s, 1 s, 2.5 s with recorded work of 3 s, 200 ms, 1 s.
const TRACE: &str = "[[arrivals]]\ntrace = 'tests/data/three.csv'\n";

#[test]
fn recorded_orders_come_and_are_worked_on_as_recorded_in_both_designs() {
    for design in [Design::Buffered, Design::Direct] {
        let found = tell(design, &format!("{TRACE}[lambda]\nduration = '40s'"));
        assert_eq!(found.orders.confirmed, 3);
        assert_eq!(found.latency.max, Some(3.0));
        assert_eq!(found.latency.mean.map(|mean| (mean * 1e9).round()), Some(1.4e9));
        // The last ends at 4 s; the arrivals were over at 2.5 s.
        assert_eq!(seconds(&found), 4.0);
    }
    // On one slot: 3 s from 1 s, 0.2 s from 4 s, 1 s from 4.2 s.
    let found = buffered(&format!("{TRACE}[lambda]\nduration = '40s'\nreserved_concurrency = 1"));
    assert_eq!((found.wait.waited, seconds(&found)), (2, 5.2));
    assert_eq!(found.wait.mean.map(|mean| (mean * 1e9 * 3.0).round()), Some(4.7e9));
}

#[test]
fn recorded_work_repeats_in_every_attempt() {
    // Each attempt of the first order takes 3 s and is visible again after 2 s: 3 s, 3 s, … for ever, and never in time.
    let text = format!(
        "max_drain = '20s'\n{TRACE}[queue]\nvisibility_timeout = '2s'\n[queue.dead_letter]\nmax_receive_count = 3\n\
         [lambda]\nduration = '1ms'\ntimeout = '2500ms'\nmemory_size = '1024MB'"
    );
    let found = buffered(&text);
    assert_eq!((found.orders.confirmed, found.orders.open), (2, 1));
    // Three runs of 2.5 s each until the timeout, and the others' 0.2 s and 1 s.
    assert_eq!((found.lambda.timeouts, (found.lambda.gb_s * 1e6).round()), (3, 8.7e6));
    // Direct: two retries of a function that times out every time.
    let text = format!(
        "{TRACE}[direct]\nretry = {{ errors = ['States.ALL'], interval = '1s', max_attempts = 2, backoff_rate = 1 }}\n\
         [lambda]\nduration = '1ms'\ntimeout = '2500ms'\nmemory_size = '1024MB'"
    );
    let found = direct(&text);
    assert_eq!((found.orders.confirmed, found.orders.failed, found.lambda.timeouts), (2, 1, 3));
    assert_eq!((found.lambda.gb_s * 1e6).round(), 8.7e6);
}

#[test]
fn a_batch_worked_on_together_takes_the_recorded_work_of_its_first_record() {
    let found = buffered(&format!(
        "{TRACE}[event_source]\nbatch_size = 10\n[lambda]\nduration = '40s'\nbatch = 'together'\nreserved_concurrency = 1"
    ));
    // The first two together from 1 s to 4 s, then the third for its own second.
    assert_eq!((found.lambda.invocations, seconds(&found)), (2, 5.0));
}

#[test]
fn a_free_slot_forgets_the_recorded_work_of_its_last_order() {
    // One order at 3 s after the trace is over at 2.5 s, drawn as 40 ms.
    let found =
        buffered(&format!("{TRACE}{ONE}[lambda]\nduration = '40ms'\nreserved_concurrency = 1\nmemory_size = '1024MB'"));
    assert_eq!((found.orders.confirmed, (found.lambda.gb_s * 1e6).round()), (4, 4.24e6));
}

#[test]
fn what_appears_at_the_very_end_of_a_run_is_in_its_peak_and_in_the_last_row() {
    let text = "[[arrivals]]\nat_once = 1\nduration = '1s'\n[queue]\ndelay = '5s'\n[lambda]\nreserved_concurrency = 0";
    let found = buffered(text);
    let last = found.timeline.last().expect("there are rows");
    assert_eq!((seconds(&found), queue(&found).peak_backlog), (5.0, 1));
    assert_eq!((found.timeline.len(), last.backlog, last.backlog_max), (6, 0, 1));
}
