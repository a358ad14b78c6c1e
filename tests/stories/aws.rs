//! AWS's ways in small stories whose every number can be worked out by hand: pollers and their ramp, throttled batches, the
//! door, environments, answers on their way, the inventory. The textbook profile with the keys of one rule at a time.

use queuecast::measure::findings::{Design, DesignFindings};
use queuecast::observation::{Cause, Stage};
use queuecast::scenario::{Overrides, Source, load};
use queuecast::time::SimTime;

use super::{at_once, buffered, cause, direct, limit, queue, stage, tell, told};

/// One order at 1 s, another at 11 s.
const TWO: &str = "[[arrivals]]\nrate = '1/s'\nspacing = 'even'\nduration = '1s'\n[[arrivals]]\nrate = '0.1/s'\nspacing = 'even'\nduration = '10s'\n";

// --- Pollers ----------------------------------------------------------------------------------------------------------

#[test]
fn five_pollers_at_once_and_five_more_each_second_up_to_the_maximum() {
    let text = |maximum: &str| {
        format!(
            "horizon = '10min'\n{}[queue]\ninitial_backlog = 5000\n\
             [event_source]\npull = 'eager'\nscale_interval = '1s'\n{maximum}\n[lambda]\nduration = '1h'",
            at_once(1)
        )
    };
    let concurrency = |found: &DesignFindings| found.timeline.iter().map(|row| row.concurrency).collect::<Vec<_>>();
    let found = concurrency(&buffered(&text("")));
    // Levels are those before the events of their instant: the first five began at 0, five more at each second after it.
    let ramp: Vec<u64> = (0..600).map(|second| (5 * second).min(1_250)).collect();
    assert_eq!(found, ramp);
    let bounded = buffered(&text("maximum_concurrency = 42"));
    assert_eq!(concurrency(&bounded)[..12], [0, 5, 10, 15, 20, 25, 30, 35, 40, 42, 42, 42]);
    let bound = (limit(&bounded, "event_source_ramp").bound_s, limit(&bounded, "maximum_concurrency").bound_s);
    assert_eq!(bound, (8.0, 592.0), "the ramp holds it back to 8 s, its end from then on");
}

#[test]
fn idle_pollers_receive_nothing_every_twenty_seconds_and_a_message_is_received_at_once() {
    // An idle mapping with a maximum concurrency has five pollers. One of them has the order from 65 s to 70 s.
    let text = "horizon = '100s'\n[[arrivals]]\nrate = '0/s'\nduration = '65s'\n[[arrivals]]\nat_once = 1\nduration = '1s'\n\
                [event_source]\npull = 'eager'\nscale_interval = '1s'\nmaximum_concurrency = 9\n[lambda]\nduration = '5s'";
    let found = buffered(text);
    assert_eq!((found.wait.max, found.latency.max), (Some(0.0), Some(5.0)));
    // Five at 20, 40 and 60 s, four at 80 s, and at 90 s the one that began again at 70 s; nothing happens at the horizon.
    assert_eq!(queue(&found).empty_receives, 15 + 4 + 1);
    assert_eq!(found.usage.sqs_requests, 1 + (1 + 20) + 1, "a send, receives, a delete");
}

#[test]
fn a_throttled_batch_is_tried_again_until_its_messages_are_visible_again() {
    let text = format!(
        "max_drain = '10min'\n{}[step_functions]\ntimeout = '5min'\n[queue]\nvisibility_timeout = '30s'\n\
         [queue.dead_letter]\nmax_receive_count = 2\n[event_source]\npull = 'eager'\nmaximum_concurrency = 1\n\
         [lambda]\nreserved_concurrency = 0\nduration = '1s'",
        at_once(1)
    );
    let found = buffered(&text);
    // Asked at 0, 1, 3, 7, 15 and 25 s, dropped at 30 s, and the same again; the third receive, at 60 s, dead-letters.
    assert_eq!(found.lambda.throttles, 12);
    assert_eq!((queue(&found).received, queue(&found).dead_lettered), (2, 1));
    assert_eq!((found.orders.timed_out, cause(&found, Cause::DeadLettered)), (1, 1));
    assert_eq!(found.wait.count, 0, "no environment was ever given it");
    // Asked at 0, 2, 6 and 14 s: the next wait, 16 s, ends at the very end of the visibility timeout. Then at 0, 0.5, 1.5, 3.5
    // and 7.5 s, and every 5 s up to 27.5 s.
    for (first, longest, a_receive) in [("2s", "20s", 4), ("500ms", "5s", 9)] {
        let own = format!("pull = 'eager'\nthrottle_backoff = '{first}'\nthrottle_backoff_limit = '{longest}'\n");
        assert_eq!(buffered(&text.replace("pull = 'eager'\n", &own)).lambda.throttles, 2 * a_receive, "{first}");
    }
}

/// Healthy orders end in the dead-letter queue because throttles use up their receives (adobe/spacecat-audit-worker, PR
/// 2876 and others); a maximum concurrency cures that.
#[test]
fn pollers_fetch_more_than_reserved_concurrency_lets_run_and_maximum_concurrency_cures_it() {
    let text = |cure: &str| {
        format!(
            "seed = 3\n[[arrivals]]\nrate = '200/s'\nduration = '30s'\n[queue]\nvisibility_timeout = '30s'\n\
             [queue.dead_letter]\nmax_receive_count = 3\n[event_source]\n{cure}\n\
             [lambda]\nreserved_concurrency = 5\nduration = '100ms'\n[step_functions]\ntimeout = '1h'"
        )
    };
    let overpull = told(Design::Buffered, &text(""));
    let lost = queue(&overpull).dead_lettered;
    assert!(lost > 100 && overpull.lambda.throttles > 1_000, "{lost} dead-lettered");
    assert_eq!(overpull.lambda.errors + overpull.lambda.timeouts, 0, "no handler ever failed");
    let cured = told(Design::Buffered, &text("maximum_concurrency = 5"));
    assert_eq!((queue(&cured).dead_lettered, cured.lambda.throttles), (0, 0));
    assert_eq!(cured.orders.confirmed, cured.orders.offered);
}

/// The reading of the one public measurement of the mapping's back-off ("SQS Lambda ESM Scaling Behaviour"): a poller that
/// pauses 2.8 s after a failure works m / (m + 2.8) of the time, m = 0.05 s / p. At 10 % that leaves 15 %, as was seen.
#[test]
fn pollers_pause_after_failures_and_a_tenth_of_errors_leaves_a_sixth_of_the_throughput() {
    let throughput = |errors: &str| {
        let text = format!(
            "horizon = '60s'\n{}[queue]\ninitial_backlog = 100000\nvisibility_timeout = '1h'\n\
             [event_source]\nmaximum_concurrency = 60\npull = 'eager'\nerror_backoff = '2.8s'\n\
             [lambda]\nduration = '50ms'\nerror_rate = '{errors}'",
            at_once(1)
        );
        buffered(&text).lambda.invocations as f64 / 60.0
    };
    let (before, tenth, hundredth) = (throughput("0%"), throughput("10%"), throughput("1%"));
    assert_eq!(before, 1_200.0, "60 pollers of 50 ms");
    assert!((tenth / before - 0.5 / 3.3).abs() < 0.01, "{tenth} of {before}");
    assert!((hundredth / before - 5.0 / 7.8).abs() < 0.02, "{hundredth} of {before}");
}

#[test]
fn reported_failures_do_not_make_pollers_pause() {
    let text = "[queue]\nvisibility_timeout = '10s'\n[event_source]\nmaximum_concurrency = 1\npull = 'eager'\nerror_backoff = '1min'\n";
    let lambda = "[lambda]\nduration = '1s'\npoison_rate = '100%'\n";
    let run = format!("max_drain = '5s'\n{}", at_once(2));
    assert_eq!(buffered(&format!("{run}{text}{lambda}")).lambda.invocations, 1);
    assert_eq!(buffered(&format!("{run}{text}report_batch_item_failures = true\n{lambda}")).lambda.invocations, 2);
}

#[test]
fn a_batching_window_collects_until_it_is_over_or_the_batch_is_full() {
    // Orders at 1, 2 … 6 s; a window of 2.5 s from the first receive: 1, 2, 3 and 4, 5, 6.
    let arrivals = "[[arrivals]]\nrate = '1/s'\nspacing = 'even'\nduration = '6s'\n";
    let text = |size: u32| {
        format!(
            "{arrivals}[event_source]\nbatch_size = {size}\nmaximum_batching_window = '2500ms'\n[lambda]\nduration = '0s'"
        )
    };
    let found = buffered(&text(10));
    assert_eq!(found.lambda.invocations, 2);
    assert_eq!(stage(&found, Stage::Invoke), (2.5 + 1.5 + 0.5) / 3.0);
    let full = buffered(&text(2));
    assert_eq!((full.lambda.invocations, full.wait.max), (3, Some(1.0)));
}

// --- The door and the token buckets -----------------------------------------------------------------------------------

#[test]
fn the_door_refuses_whoever_finds_no_token_three_times() {
    // Two tokens and one in a thousand seconds: the other four call three times each.
    for design in [Design::Buffered, Design::Direct] {
        let found =
            tell(design, &format!("{}[account]\nstart_execution = {{ size = 2, refill = '0.001/s' }}", at_once(6)));
        assert_eq!((found.orders.confirmed, found.orders.refused), (2, 4));
        assert_eq!((cause(&found, Cause::StartThrottled), found.step_functions.start_throttled), (4, 12));
        assert_eq!(found.step_functions.transitions, 4, "refused orders never ran");
        assert_eq!((limit(&found, "start_execution").limit, limit(&found, "start_execution").peak_use), (2.0, 2.0));
        for tries in [1, 5] {
            let own = format!(
                "{}[sdk]\nstart_tries = {tries}\n[account]\nstart_execution = {{ size = 2, refill = '0.001/s' }}",
                at_once(6)
            );
            let found = tell(design, &own);
            assert_eq!((found.orders.refused, found.step_functions.start_throttled), (4, 4 * tries));
        }
    }
}

#[test]
fn a_transition_without_a_token_is_delayed_not_failed() {
    // One token, one a second. The three orders enter their task at 0, 1 and 2 s; each takes half a second; their ways into
    // the next state take the tokens of 3, 4 and 5 s.
    let text = format!(
        "{}[account]\nstate_transition = {{ size = 1, refill = '1/s' }}\n[lambda]\nduration = '500ms'",
        at_once(3)
    );
    let found = buffered(&text);
    assert_eq!((found.latency.mean, found.latency.max), (Some(4.0), Some(5.0)));
    assert_eq!((stage(&found, Stage::Start), stage(&found, Stage::Transition)), (1.0, 2.5));
    let bound = limit(&found, "state_transition");
    assert_eq!((bound.cost_s, bound.bound_s), (1.0 + 2.0 + 3.0 * 2.5, 5.0));
}

#[test]
fn a_throttled_answer_is_repeated_and_then_its_message_comes_back() {
    // One token for answers and none after it: the second order's answers are throttled, three calls a receive.
    let text = format!(
        "max_drain = '1min'\n{}[queue]\nvisibility_timeout = '20s'\n[queue.dead_letter]\nmax_receive_count = 2\n\
         [account]\nsend_task = {{ size = 1, refill = '0.0001/s' }}\n[lambda]\nduration = '1s'\n[step_functions]\ntimeout = '50s'",
        at_once(2)
    );
    let found = buffered(&text);
    assert_eq!((found.orders.confirmed, found.orders.timed_out), (1, 1));
    assert_eq!((found.callbacks.throttled, found.callbacks.accepted), (6, 1));
    assert_eq!((queue(&found).dead_lettered, found.lambda.errors), (1, 2));
    assert_eq!(found.work_done_after_giving_up, 1, "its work was done all the same");
    let stubborn = buffered(&format!("{text}\n[sdk]\ncallback_tries = 5\ncallback_backoff = '1s'"));
    assert_eq!((stubborn.callbacks.throttled, stubborn.lambda.errors), (10, 2));
    assert!(stubborn.lambda.gb_s > found.lambda.gb_s, "the handler waits for its SDK");
}

// --- Latencies --------------------------------------------------------------------------------------------------------

#[test]
fn every_hop_is_a_stage_and_the_stages_add_up() {
    let hops = "[latency]\nstart = '40ms'\ndispatch = '30ms'\nsend = '10ms'\nreceive = '9ms'\ninvoke = '5ms'\ncallback = '20ms'\ntransition = '25ms'\n";
    let lambda = "[lambda]\nduration = '1s'\ncold_start = '200ms'\n";
    let found = buffered(&format!("{TWO}{hops}{lambda}"));
    let stages = [
        Stage::Start,
        Stage::Send,
        Stage::Queue,
        Stage::Invoke,
        Stage::ColdStart,
        Stage::Work,
        Stage::Callback,
        Stage::Transition,
    ];
    let seconds = stages.map(|wanted| stage(&found, wanted));
    // The first order's environment starts cold, the second's is warm.
    assert_eq!(seconds, [0.04, 0.04, 0.0, 0.014, 0.1, 1.0, 0.02, 0.025]);
    assert_eq!((found.latency.max, found.wait.mean), (Some(1.339), Some(0.094)));
    let found = direct(&format!("{TWO}{hops}{lambda}"));
    assert_eq!((stage(&found, Stage::Send), stage(&found, Stage::Invoke)), (0.03, 0.005));
    assert_eq!((found.latency.max, found.wait.mean), (Some(1.32), Some(0.075)));
}

#[test]
fn an_answer_on_its_way_when_the_task_times_out_is_late_and_its_work_was_in_vain() {
    let text = |callback: &str| {
        format!(
            "{}[latency]\ncallback = '{callback}'\n[step_functions]\ntimeout = '2s'\n[lambda]\nduration = '1s'",
            at_once(1)
        )
    };
    let late = buffered(&text("1001ms"));
    assert_eq!((late.orders.timed_out, late.callbacks.late, late.work.too_late.attempts), (1, 1, 1));
    assert_eq!((late.work_done_after_giving_up, late.work.useful.attempts), (1, 0));
    let in_time = buffered(&text("1s"));
    assert_eq!((in_time.orders.confirmed, in_time.work.useful.attempts, in_time.latency.max), (1, 1, Some(2.0)));
    assert_eq!(in_time.work.useful.gb_s, 128.0 / 1024.0, "the handler did not wait for its answer");
}

// --- Environments -----------------------------------------------------------------------------------------------------

#[test]
fn an_environment_goes_when_it_was_idle_for_too_long_and_then_the_next_start_is_cold() {
    let cold = |idle: &str| direct(&format!("{TWO}[lambda]\nduration = '1s'\ncold_start = '2s'\n{idle}"));
    let kept = cold("");
    assert_eq!((kept.lambda.cold_starts, stage(&kept, Stage::ColdStart)), (1, 1.0));
    // Idle from 4 s (1 s + 2 s + 1 s) to the order at 11 s, 7 s.
    assert_eq!(cold("idle_before_reclaim = '7001ms'").lambda.cold_starts, 1);
    assert_eq!(cold("idle_before_reclaim = '7s'").lambda.cold_starts, 2);
    let found = cold("idle_before_reclaim = '6s'");
    assert_eq!(found.lambda.cold_starts, 2);
    // Busy 1 to 4 s, idle to 10 s, busy 11 to 14 s, of 14 s.
    assert_eq!(found.lambda.mean_environments, (9.0 + 3.0) / 14.0);
}

#[test]
fn idle_environments_expire_up_to_the_horizon_also_when_nothing_else_is_left() {
    // Busy from 1 s to 3 s and from 11 s to 13 s. Idle for 10 s it lives from 1 s to 23 s; idle for 5 s there are two, from
    // 1 s to 8 s and from 11 s to 18 s; idle for 50 s it is there until 63 s; and for ever, until the horizon.
    let environments = |run: fn(&str) -> DesignFindings, idle: &str| {
        run(&format!("horizon = '100s'\n{TWO}[lambda]\nduration = '2s'\nidle_before_reclaim = '{idle}'"))
    };
    for run in [buffered, direct] {
        for (idle, alive, cold_starts) in [("10s", 22.0, 1), ("5s", 14.0, 2), ("50s", 62.0, 1), ("none", 99.0, 1)] {
            let found = environments(run, idle);
            assert_eq!((found.orders.confirmed, found.end.as_secs_f64()), (2, 100.0));
            assert_eq!(
                (found.lambda.mean_environments, found.lambda.cold_starts),
                (alive / 100.0, cold_starts),
                "{idle}"
            );
            assert_eq!(found.lambda.mean_concurrency, 4.0 / 100.0);
        }
        // Levels are those before the events of their instant.
        let rows = environments(run, "10s").timeline;
        let seen = [0, 1, 2, 11, 14, 23, 24, 99].map(|second| rows[second].environments);
        assert_eq!(seen, [0, 0, 1, 1, 1, 1, 0, 0]);
    }
}

#[test]
fn an_old_environment_is_recycled_and_one_that_timed_out_initialises_again() {
    let lambda = "[lambda]\nduration = '1s'\ncold_start = '2s'\n";
    let recycled = direct(&format!("{TWO}{lambda}recycle_after = '3s'"));
    assert_eq!(recycled.lambda.cold_starts, 2, "3 s old at the end of its first invocation");
    // The first order runs into the timeout of 500 ms; so does the second, after another 2 s of initialisation.
    let reset = direct(&format!("{TWO}{lambda}timeout = '500ms'"));
    assert_eq!((reset.lambda.cold_starts, reset.lambda.timeouts), (1, 2));
    assert_eq!(reset.lambda.gb_s, 2.0 * 2.5 * 128.0 / 1024.0, "initialising is billed");
}

#[test]
fn provisioned_environments_start_warm_and_the_account_bounds_what_is_on_demand() {
    let found = direct(&format!(
        "{}[lambda]\nduration = '1s'\ncold_start = '1s'\nprovisioned_concurrency = 2\n[account]\nconcurrency_limit = 5\nother_concurrency = 1",
        at_once(6)
    ));
    assert_eq!((found.lambda.cold_starts, found.lambda.throttles, found.orders.confirmed), (2, 2, 4));
    assert_eq!((found.usage.provisioned_run_gb_s, found.usage.gb_s), (2.0 / 8.0, 2.0 * 2.0 / 8.0));
    assert_eq!(found.usage.provisioned_gb_s, 2.0 * 2.0 / 8.0, "they were there for the 2 s of the run");
    assert_eq!(limit(&found, "account_concurrency").limit, 4.0);
}

/// Three orders at 0 and three at 100 s, each of 1 s of work after a cold start of 1 s; two environments are provisioned.
fn provisioned_later(when: &str) -> String {
    format!(
        "[[arrivals]]\nat_once = 3\nduration = '100s'\n[[arrivals]]\nat_once = 3\n[lambda]\nduration = '1s'\ncold_start = '1s'\n\
         provisioned_concurrency = 2\n{when}"
    )
}

#[test]
fn provisioned_environments_spill_over_until_all_of_them_are_ready() {
    for design in [Design::Buffered, Design::Direct] {
        let found = tell(design, &provisioned_later("provisioned_at = '10s'\nprovisioned_delay = '1min'"));
        // Ready at 70 s: the first three start cold on demand; of the last three two are provisioned, one finds an idle one.
        assert_eq!((found.orders.confirmed, found.lambda.cold_starts, found.lambda.invocations), (6, 3, 6));
        assert_eq!((found.usage.provisioned_run_gb_s, found.usage.gb_s), (2.0 / 8.0, (3.0 * 2.0 + 1.0) / 8.0));
        // Billed from when they were asked for to the end at 101 s; there from 70 s.
        assert_eq!(found.usage.provisioned_gb_s, 2.0 * 91.0 / 8.0);
        let environments = (3.0 * 101.0 + 2.0 * 31.0) / 101.0;
        assert!((found.lambda.mean_environments - environments).abs() < 1e-9, "{}", found.lambda.mean_environments);
    }
}

#[test]
fn provisioned_environments_that_come_too_late_are_paid_for_and_keep_no_run_going() {
    let late = direct(&provisioned_later("provisioned_at = '1s'\nprovisioned_delay = '1h'"));
    assert_eq!((late.end, late.lambda.cold_starts), (SimTime(101_000_000_000), 3));
    assert_eq!((late.usage.provisioned_run_gb_s, late.usage.provisioned_gb_s), (0.0, 2.0 * 100.0 / 8.0));
    let never = direct(&provisioned_later("provisioned_at = '2h'"));
    assert_eq!((never.usage.provisioned_gb_s, never.end), (0.0, late.end));
    // Asked for before the run, they are there and billed from 0 on.
    let before = direct(&provisioned_later("provisioned_at = 'before'"));
    assert_eq!(before, direct(&provisioned_later("")));
    assert_eq!((before.lambda.cold_starts, before.usage.provisioned_gb_s), (1, 2.0 * 101.0 / 8.0));
}

#[test]
fn aws_begins_after_a_minute_or_two_and_allocates_six_thousand_a_minute() {
    let text = "[[arrivals]]\nrate = '1/s'\nduration = '1s'\n[lambda]\nprovisioned_concurrency = 300\nprovisioned_at = '1min'\n";
    let source = Source { shown: "story.toml".into(), name: "story".into(), text: text.into() };
    let loaded = load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}"));
    let later = loaded.scenario.buffered.function.provisioning.expect("asked for during the run");
    let at = |seconds: u64| SimTime(seconds * 1_000_000_000);
    assert_eq!((later.asked_at, later.ready_at), (at(60), at(60 + 90 + 3)));
    let words = "300 provisioned environments are asked for at 1min, billed from then on, and ready at 2min 33s";
    assert!(loaded.notes.iter().any(|note| note.contains(words)), "{:?}", loaded.notes);
    assert!(loaded.resolved.contains("provisioned_at = \"1min\"\nprovisioned_delay = \"1min 30s\"  # default\n"));
}

#[test]
fn new_environments_and_requests_have_rates_of_their_own() {
    let rate = "[account]\nenvironment_rate = { size = 3, refill = '0.001/s' }\n";
    let found = direct(&format!("{}[lambda]\nduration = '1s'\n{rate}", at_once(5)));
    assert_eq!((found.orders.confirmed, found.lambda.throttles), (3, 2));
    assert_eq!(limit(&found, "environment_rate").peak_use, 3.0);
    // Ten requests a second for each of two environments; each lasts 1 ms, so concurrency would take far more.
    let text = "[[arrivals]]\nrate = '100/s'\nspacing = 'even'\nduration = '1s'\n[lambda]\nduration = '1ms'\nreserved_concurrency = 2\n\
                timeout = '3s'\n[latency]\nstart = '0s'\n";
    let found = told(
        Design::Direct,
        &format!("{text}dispatch = '0s'\ninvoke = '0s'\ncallback = '0s'\ntransition = '0s'\n[direct]\nretry = 'none'"),
    );
    // 20 tokens and 20/s against 100/s: all until 20 / 80 s, then one in five. The first start is cold and long.
    assert!((38..=42).contains(&found.orders.confirmed), "{}", found.orders.confirmed);
    let bound = limit(&found, "request_rate").bound_s;
    assert!((0.4..0.8).contains(&bound), "{bound}");
}

// --- The handler ------------------------------------------------------------------------------------------------------

#[test]
fn the_first_callback_decides_for_the_whole_batch() {
    // The tutorial's handler, both records at once. Poisoned orders fail after 1 s.
    let text = |errors: &str, at: &str| {
        format!(
            "max_drain = '40s'\n{}[queue]\nvisibility_timeout = '30s'\n[event_source]\nbatch_size = 2\n[step_functions]\ntimeout = '25s'\n\
             [lambda]\nduration = '1s'\nbatch = 'parallel'\nanswers = 'first_decides'\n{errors}\n{at}",
            at_once(2)
        )
    };
    let good = buffered(&text("", ""));
    assert_eq!((good.orders.confirmed, queue(&good).deleted, good.lambda.errors), (2, 2, 0));
    // Both fail at their start: the first decides, the invocation fails, and the batch comes back after 30 s.
    let bad = buffered(&text("poison_rate = '100%'", "error_at = 'start'"));
    assert_eq!((bad.orders.timed_out, bad.lambda.errors, queue(&bad).redelivered), (2, 2, 2));
    // One of the two orders is poisoned (seed 5) and fails later than the other succeeds: it is deleted with the batch.
    let mixed = (0..40).map(|seed| buffered(&format!("seed = {seed}\n{}", text("poison_rate = '50%'", ""))));
    let lost = mixed.filter(|found| cause(found, Cause::CallbackLost) == 1 && queue(found).deleted == 2).count();
    assert!(lost > 3, "{lost} of 40 pairs lose the order that failed second");
}

/// The second record of the batch never gets an answer through; the first has decided.
#[test]
fn what_the_first_callback_decided_holds_for_records_without_an_answer() {
    // Two orders in one batch; one token for answers: the first answers, the second is throttled in vain.
    let text = format!(
        "max_drain = '1min'\n{}[queue]\nvisibility_timeout = '20s'\n[event_source]\nbatch_size = 2\n[step_functions]\ntimeout = '50s'\n\
         [account]\nsend_task = {{ size = 1, refill = '0.0001/s' }}\n[lambda]\nduration = '1s'\nbatch = 'parallel'\nanswers = 'first_decides'",
        at_once(2)
    );
    let found = buffered(&text);
    assert_eq!((queue(&found).received, queue(&found).deleted, found.lambda.errors), (2, 2, 0));
    assert_eq!((found.orders.confirmed, cause(&found, Cause::CallbackLost)), (1, 1));
    // A reported failure found its task waiting: nothing comes back.
    let text = format!(
        "{}[lambda]\nduration = '1s'\npoison_rate = '100%'\non_error = 'report'\nanswers = 'first_decides'",
        at_once(3)
    );
    let reported = buffered(&text);
    assert_eq!((queue(&reported).received, queue(&reported).deleted, reported.orders.failed), (3, 3, 3));
    let late = direct(&format!(
        "{}[direct]\ntimeout = '500ms'\n[lambda]\nduration = '1s'\nanswers = 'first_decides'",
        at_once(3)
    ));
    assert_eq!((late.orders.timed_out, late.lambda.errors), (3, 0), "a reply is no callback");
}

#[test]
fn a_batch_that_is_collected_for_longer_than_its_visibility_timeout_is_dropped_when_it_is_refused() {
    let text = "seed = 4\n[[arrivals]]\nrate = '5/s'\nduration = '1min'\n[step_functions]\ntimeout = '1min'\n\
                [queue]\nvisibility_timeout = '3s'\n[queue.dead_letter]\nmax_receive_count = 3\n\
                [event_source]\nbatch_size = 10\npull = 'eager'\nmaximum_batching_window = '5s'\nscale_interval = '1s'\n\
                [lambda]\nduration = '100ms'\nidle_before_reclaim = '1s'\n[account]\nenvironment_rate = { size = 1, refill = '1/min' }";
    let found = buffered(text);
    assert_eq!(found.orders.confirmed + found.orders.timed_out, found.orders.offered);
    assert!(found.lambda.throttles > 10);
}

#[test]
fn a_receive_that_only_dead_letters_is_an_empty_one_and_its_poll_begins_again() {
    // Received at 0 s, visible again and dead-lettered at 10 s. The poller that had the batch until 5 s polls again from then on.
    let text = format!(
        "horizon = '31s'\n{}[queue]\nvisibility_timeout = '10s'\n[queue.dead_letter]\nmax_receive_count = 1\n\
         [event_source]\npull = 'eager'\nscale_interval = '1s'\nmaximum_concurrency = 5\n[lambda]\nduration = '5s'\nerror_rate = '100%'",
        at_once(1)
    );
    let found = buffered(&text);
    assert_eq!(queue(&found).dead_lettered, 1);
    // At 10 s the oldest poll, at 20 s the other three of time 0, at 25 s that of 5 s, at 30 s that of 10 s.
    assert_eq!(queue(&found).empty_receives, 1 + 3 + 1 + 1);
}

#[test]
fn stale_work_is_dropped_unanswered() {
    let text = |skip: &str| {
        format!(
            "{}[step_functions]\ntimeout = '1s'\n[lambda]\nduration = '1s'\nreserved_concurrency = 1\n{skip}",
            at_once(5)
        )
    };
    let zombies = buffered(&text(""));
    assert_eq!((zombies.orders.confirmed, zombies.orders.timed_out, zombies.work.wasted.attempts), (1, 4, 4));
    assert_eq!(zombies.lambda.gb_s, 5.0 / 8.0);
    let dropped = buffered(&text("skip_older_than = '900ms'"));
    assert_eq!((dropped.orders.confirmed, dropped.orders.timed_out, queue(&dropped).deleted), (1, 4, 5));
    assert_eq!((dropped.lambda.gb_s, dropped.work.task_over.attempts), (1.0 / 8.0, 4));
}

// --- The inventory ----------------------------------------------------------------------------------------------------

#[test]
fn calls_wait_for_a_connection_are_turned_away_or_give_up() {
    let text = |inventory: &str| {
        format!(
            "{}[lambda]\nduration = '100ms'\n[inventory]\nmax_connections = 1\nservice_time = '1s'\n{inventory}",
            at_once(3)
        )
    };
    let waits = direct(&text(""));
    assert_eq!((waits.orders.confirmed, waits.latency.mean, waits.inventory.calls), (3, Some(2.1), 3));
    let bound = limit(&waits, "inventory_connections");
    assert_eq!((bound.peak_use, bound.bound_s, bound.cost_s), (1.0, 2.0, 1.0 + 2.0));
    assert_eq!(waits.inventory.mean_connections, 3.0e9 / 3.1e9);
    let rejects = direct(&text("when_full = 'reject'"));
    assert_eq!((rejects.orders.confirmed, rejects.inventory.rejected), (1, 2));
    assert_eq!(cause(&rejects, Cause::InventoryRejected), 2);
    let gives_up = direct(&text("connect_timeout = '1500ms'"));
    assert_eq!((gives_up.orders.confirmed, gives_up.inventory.rejected, gives_up.inventory.calls), (2, 1, 2));
}

#[test]
fn a_crowded_inventory_slows_down() {
    // Each call is alone for an instant: 1, 2, 3 connections, so 1 + 1/2, 1 + 2/2, 1 + 3/2 times a second.
    let text = format!(
        "{}[inventory]\nservice_time = '1s'\nslowdown = {{ at = 2, factor = 2 }}\n[lambda]\nduration = '0s'",
        at_once(3)
    );
    assert_eq!(direct(&text).latency.mean, Some((1.5 + 2.0 + 2.5) / 3.0));
}

#[test]
fn out_of_stock_is_an_answer() {
    for design in [Design::Buffered, Design::Direct] {
        let found = tell(
            design,
            &format!("{}[inventory]\nservice_time = '1s'\nstock = 2\n[lambda]\nduration = '0s'", at_once(5)),
        );
        assert_eq!((found.orders.confirmed, found.orders.declined), (2, 3));
        assert_eq!((found.work.useful.attempts, found.inventory.useful_calls, found.lambda.errors), (5, 5, 0));
        assert_eq!(found.causes.iter().sum::<u64>(), 0);
    }
}

#[test]
fn a_repeat_takes_another_unit_unless_the_inventory_is_idempotent() {
    // The work outlasts the visibility timeout: each message is received twice and each receive takes a unit.
    let text = |idempotent: bool| {
        format!(
            "{}[queue]\nvisibility_timeout = '1s'\n[inventory]\nservice_time = '1500ms'\nidempotent = {idempotent}\n[lambda]\nduration = '0s'",
            at_once(4)
        )
    };
    let oversold = buffered(&text(false));
    assert_eq!((oversold.inventory.calls, oversold.inventory.oversold, oversold.orders.confirmed), (8, 4, 4));
    assert_eq!((oversold.inventory.useful_calls, oversold.work.duplicate.attempts), (4, 4));
    assert_eq!(buffered(&text(true)).inventory.oversold, 0);
}

// --- The bill ---------------------------------------------------------------------------------------------------------

#[test]
fn the_bill_is_what_was_counted_times_its_price() {
    let text = format!(
        "{}[event_source]\nbatch_size = 10\n[lambda]\nduration = '100ms'\nmemory_size = '256MB'\n[cost]\nprice_list = 'us-east-1-2026-01'",
        at_once(1)
    );
    let found = buffered(&text);
    // One callback order in a batch of its own (fact sheet: Step Functions is about 96 % of the bill).
    let expected = 2.0 * 0.025e-3 + 3.0 * 0.4e-6 + 0.2e-6 + 0.25 * 0.1 * 0.000_016_666_7;
    assert!((found.cost.total - expected).abs() < 1e-12, "{} for {expected}", found.cost.total);
    assert!((0.96..0.97).contains(&(found.cost.step_functions / found.cost.total)));
}
