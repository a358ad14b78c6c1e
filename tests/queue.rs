//! What a queue may do beside handing out its messages in order, in small stories whose every number can be worked out by
//! hand. The textbook profile with the keys of one rule at a time, and the auditor on.

use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::findings::{Design, DesignFindings, LimitFindings, QueueFindings};
use queuecast::scenario::{Overrides, Source, load};

fn buffered(text: &str) -> DesignFindings {
    let text = format!("profile = 'textbook'\n{text}");
    let source = Source { shown: "story.toml".into(), name: "story".into(), text };
    let loaded = load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}"));
    let settings = RunSettings { designs: vec![Design::Buffered], threads: 1, resolution: None, verify: true };
    let outcome = run(&loaded.scenario, &settings, &Progress::default()).unwrap_or_else(|breach| panic!("{breach}"));
    outcome.findings.designs.into_iter().next().expect("one design was run")
}

fn queue(found: &DesignFindings) -> QueueFindings {
    found.queue.expect("buffered has a queue")
}

fn limit(found: &DesignFindings, name: &str) -> LimitFindings {
    found.limits.iter().find(|limit| limit.name == name).expect("the scenario sets it").clone()
}

/// `count` orders at 0, and a second after them.
fn at_once(count: u32) -> String {
    format!("[[arrivals]]\nat_once = {count}\nduration = '1s'\n")
}

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
