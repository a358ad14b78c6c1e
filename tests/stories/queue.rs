//! What a queue may do beside handing out its messages in order, in small stories whose every number can be worked out by
//! hand. The textbook profile with the keys of one rule at a time, and the auditor on.

use queuecast::measure::findings::Design;
use queuecast::observation::{Cause, Stage};

use super::{at_once, buffered, cause, limit, queue, stage, told};

// --- Messages in flight -----------------------------------------------------------------------------------------------

#[test]
fn with_n_in_flight_and_no_answer_n_messages_are_handed_out_in_each_visibility_timeout() {
    let text = format!(
        "horizon = '100s'\n{}[queue]\nvisibility_timeout = '10s'\nin_flight_limit = 20\n[event_source]\npull = 'eager'\n\
         [lambda]\nduration = '1h'",
        at_once(1_000)
    );
    // At 0, 10, … 90 s: nothing happens at the horizon.
    assert_eq!((queue(&buffered(&text)).received, queue(&buffered(&text)).mean_in_flight), (10 * 20, 20.0));
}

#[test]
fn the_limit_tells_how_long_it_bound_and_how_long_messages_waited_meanwhile() {
    let text = format!(
        "horizon = '100s'\n{}[queue]\nvisibility_timeout = '30s'\nin_flight_limit = 4\n[queue.dead_letter]\nmax_receive_count = 1\n\
         [event_source]\npull = 'eager'\nbatch_size = 3\n[lambda]\nduration = '1h'",
        at_once(10)
    );
    let found = buffered(&text);
    // Batches of 3 and 1 at 0 and at 30 s. At 60 s the last two, and the four of time 0 are dead-lettered (they are not in
    // flight again); so are those of 30 s, and at 90 s the last two.
    assert_eq!((queue(&found).received, queue(&found).dead_lettered, found.lambda.invocations), (10, 10, 5));
    let bound = limit(&found, "in_flight_limit");
    assert_eq!((bound.limit, bound.peak_use), (4.0, 4.0));
    // Six waited until 30 s, and from then on two that were never received and the four that had come back.
    assert_eq!((bound.bound_s, bound.cost_s), (60.0, 6.0 * 30.0 + 6.0 * 30.0));
}

#[test]
fn a_long_poll_past_the_limit_hears_nothing() {
    // One of two orders is in flight for ever. Of five pollers four wait, and from 1 s on eight of nine (the ramp runs on).
    let text = format!(
        "horizon = '100s'\n{}[queue]\nin_flight_limit = 1\n[event_source]\npull = 'eager'\nscale_interval = '1s'\n\
         maximum_concurrency = 9\n[lambda]\nduration = '1h'",
        at_once(2)
    );
    let found = buffered(&text);
    assert_eq!((queue(&found).received, found.orders.open), (1, 2));
    // Four at 20, 40, 60 and 80 s, four at 21, 41, 61 and 81 s.
    assert_eq!(queue(&found).empty_receives, 4 * 4 + 4 * 4);
}

// --- At least once, and in about the order of sending ------------------------------------------------------------------

#[test]
fn a_message_that_stays_visible_uses_up_its_receives_and_can_end_in_the_dead_letter_queue_though_nobody_failed() {
    // Handed out once while it is worked on; where its copy stays visible, the next receive moves it.
    let text = |share: &str| {
        format!(
            "{}[queue]\nduplicate_delivery = '{share}'\n[queue.dead_letter]\nmax_receive_count = 1\n[lambda]\nduration = '1s'",
            at_once(1_000)
        )
    };
    let found = buffered(&text("10%"));
    let moved = queue(&found).dead_lettered;
    assert!((60..140).contains(&moved), "{moved}");
    assert_eq!(
        (queue(&found).received, queue(&found).duplicated, queue(&found).deleted),
        (1_000, moved, 1_000 - moved)
    );
    assert_eq!(
        (found.orders.confirmed, found.latency.max),
        (1_000, Some(1.0)),
        "the first consumer answers all the same"
    );
    // The coin is the order's own: a larger share turns more of the same orders.
    assert!(queue(&buffered(&text("20%"))).dead_lettered > moved);
    assert_eq!(queue(&buffered(&text("0%"))).dead_lettered, 0);
}

#[test]
fn an_order_that_is_handed_out_twice_takes_two_units() {
    let text = |more: &str| {
        format!(
            "{}[queue]\nduplicate_delivery = '10%'\n[inventory]\nservice_time = '10ms'\n{more}\n[lambda]\nduration = '1s'",
            at_once(1_000)
        )
    };
    let found = buffered(&text(""));
    let (oversold, repeats) = (found.inventory.oversold, queue(&found).redelivered);
    assert!(oversold == repeats && repeats == queue(&found).duplicated && repeats > 60, "{oversold} for {repeats}");
    assert_eq!(buffered(&text("idempotent = true")).inventory.oversold, 0);
}

// --- Repair and redrive ------------------------------------------------------------------------------------------------

/// Four poisoned orders at 0, whose messages are dead-lettered at 20 s and moved back from 60 s on.
fn redriven(more: &str, step_functions: &str, lambda: &str) -> String {
    format!(
        "{}[step_functions]\n{step_functions}\n[queue]\nvisibility_timeout = '10s'\n[queue.dead_letter]\nmax_receive_count = 2\n\
         redrive_at = '60s'\n{more}\n[lambda]\nduration = '1s'\n{lambda}",
        at_once(4)
    )
}

const POISONED: &str = "poison_rate = '100%'";

#[test]
fn dead_letters_are_moved_back_and_worked_on_by_the_repaired_handler() {
    let found = buffered(&redriven("", "", POISONED));
    let queue = queue(&found);
    assert_eq!((queue.sent, queue.dead_lettered, queue.redriven, queue.deleted), (4, 4, 4, 4));
    // Received at 0 and 10 s, and once more after the redrive: 500 a second are moved.
    assert_eq!((queue.received, queue.redelivered), (12, 4));
    assert_eq!((found.orders.confirmed, found.latency.max), (4, Some(61.006)));
    // All that time is time between the first receive and the last.
    let spent = (stage(&found, Stage::Queue), stage(&found, Stage::Redelivery), stage(&found, Stage::Work));
    assert_eq!(spent, (0.0, 60.003, 1.0));
    // Four sends, four moves, twelve receives and one that only dead-lettered, four deletes.
    assert_eq!(found.usage.sqs_requests, 4 + 4 + 12 + 1 + 4);
    assert_eq!(buffered(&redriven("redrive_rate = '1/s'", "", POISONED)).latency.max, Some(64.0));
}

#[test]
fn the_task_may_have_timed_out_meanwhile_and_the_answer_is_late() {
    let found = buffered(&redriven("", "timeout = '30s'", POISONED));
    assert_eq!((found.orders.timed_out, cause(&found, Cause::DeadLettered)), (4, 4));
    assert_eq!((found.callbacks.late, found.work.task_over.attempts, found.work_done_after_giving_up), (4, 4, 4));
    assert_eq!((queue(&found).redriven, queue(&found).deleted), (4, 4));
    // One that waits in the dead-letter queue at its end is told so; a retry sends a message of its own.
    let open = buffered(&format!("horizon = '50s'\n{}", redriven("", "", POISONED)));
    assert_eq!((open.orders.open, cause(&open, Cause::DeadLettered), queue(&open).redriven), (4, 4, 0));
}

#[test]
fn only_poison_is_repaired_and_what_fails_again_stays_in_the_dead_letter_queue() {
    let found = buffered(&redriven("", "", "error_rate = '100%'"));
    assert_eq!((queue(&found).dead_lettered, queue(&found).redriven, queue(&found).received), (8, 4, 16));
    assert_eq!((found.orders.open, cause(&found, Cause::DeadLettered)), (4, 4));
}

#[test]
fn a_redriven_message_is_a_new_one_and_its_retention_begins_anew() {
    // It fails at once and is dead-lettered at 10 s; after the redrive the last of four waits until 90 s.
    let text = format!(
        "{}[queue]\nvisibility_timeout = '10s'\nmessage_retention_period = '65s'\n[queue.dead_letter]\nmax_receive_count = 1\n\
         redrive_at = '60s'\n[lambda]\nduration = '10s'\nreserved_concurrency = 1\nerror_at = 'start'\npoison_rate = '100%'",
        at_once(4)
    );
    let found = buffered(&text);
    assert_eq!((found.orders.confirmed, queue(&found).expired, queue(&found).redriven), (4, 0, 4));
    assert_eq!((found.latency.max, queue(&found).max_oldest_message_s), (Some(100.0), 100.0 - 60.006));
}

#[test]
fn the_handler_is_repaired_in_both_designs() {
    let text = "profile = 'textbook'\n[[arrivals]]\nat_once = 1\nduration = '70s'\n[[arrivals]]\nat_once = 1\nduration = '1s'\n\
                [queue.dead_letter]\nmax_receive_count = 1\nredrive_at = '60s'\n[lambda]\npoison_rate = '100%'";
    let found = told(Design::Direct, text);
    assert_eq!((found.orders.failed, found.orders.confirmed), (1, 1));
}

// --- Delays -----------------------------------------------------------------------------------------------------------

#[test]
fn every_message_has_a_delay_of_its_own() {
    let text = format!(
        "{}[queue]\ndelay = {{ min = '1s', max = '3s', distribution = 'uniform' }}\n[lambda]\nduration = '0s'",
        at_once(10_000)
    );
    let found = buffered(&text);
    // Standard error 0.006 s.
    assert!((1.98..2.02).contains(&stage(&found, Stage::Send)), "{}", stage(&found, Stage::Send));
    let longest = found.latency.max.expect("all are confirmed");
    assert!((2.9..3.0).contains(&longest), "{longest}");
}

#[test]
fn on_aws_a_delay_is_of_whole_seconds_and_at_most_fifteen_minutes() {
    let hops = ["start", "dispatch", "transition", "send", "receive", "invoke", "callback"];
    let latency: String = hops.iter().map(|hop| format!("{hop} = '0s'\n")).collect();
    let text = format!(
        "{}[queue]\ndelay = {{ mean = '10min', distribution = 'exponential' }}\n[event_source]\nscale_interval = 'none'\n\
         [lambda]\nduration = '1ms'\n[latency]\n{latency}",
        at_once(200)
    );
    let found = told(Design::Buffered, &text);
    let sum = 200.0 * found.wait.mean.expect("all waited");
    assert!((sum - sum.round()).abs() < 1e-6, "{sum}");
    assert_eq!((found.orders.confirmed, found.wait.max), (200, Some(900.0)));
}

// --- Large batches ----------------------------------------------------------------------------------------------------

#[test]
fn a_batch_of_more_than_ten_is_filled_by_several_receives_each_of_them_paid_for() {
    let text = |batch: &str| {
        format!(
            "{}[event_source]\nbatch_size = {batch}\n[lambda]\nduration = '1s'\nreserved_concurrency = 1\nbatch = 'together'",
            at_once(1_005)
        )
    };
    let found = buffered(&text("100"));
    // Ten batches of 100, and one of 5: ten receives and ten deletes for each of the ten, and one of each for the last.
    assert_eq!((found.lambda.invocations, found.latency.max), (11, Some(11.0)));
    assert_eq!(found.usage.sqs_requests, 1_005 + (100 + 1) + (100 + 1));
    assert_eq!((queue(&found).received, queue(&found).empty_receives), (1_005, 0));
    let largest = buffered(&text("10000"));
    assert_eq!((largest.lambda.invocations, largest.latency.max), (1, Some(1.0)));
    assert_eq!(largest.usage.sqs_requests, 1_005 + 101 + 101);
}

#[test]
fn a_window_collects_a_large_batch_from_many_receives() {
    // One order each 100 ms from 100 ms on: the window of 5 s from the first receive holds those up to 5.1 s, received before
    // the batch is closed there (orders come after timers): 50 of them. The poller has one batch in hand at a time.
    let text = "[[arrivals]]\nrate = '10/s'\nspacing = 'even'\nduration = '10s'\n\
                [event_source]\nbatch_size = 1000\nmaximum_batching_window = '5s'\nmaximum_concurrency = 1\n[lambda]\nduration = '0s'";
    let found = buffered(text);
    assert_eq!((found.orders.confirmed, found.lambda.invocations), (100, 2));
    // Each order is received as it comes; each batch of 50 takes five deletes.
    assert_eq!(found.usage.sqs_requests, 100 + 100 + 2 * 5);
    assert_eq!(found.wait.max, Some(5.0));
}
