//! What goes wrong, goes wrong as the scenario says: redelivery, dead letters, Catch, timeouts, duplicates.

use queuecast::live::plan::Plan;
use queuecast::live::{Settings, Worker};
use queuecast::measure::findings::Design;
use queuecast::scenario::{Overrides, Source, load};
use queuecast::time::SimDuration;

use crate::desk::{Desk, count, left_on, ministack, sums_hold, turn};

const HEAD: &str = "profile = 'textbook'\nseed = 3\n[[arrivals]]\nrate = '20/s'\nduration = '5s'\nspacing = 'even'\n";

/// Orders of which every attempt fails, by the scenario's own coins.
fn poisoned(text: &str) -> u64 {
    let source = Source { shown: "s.toml".into(), name: "s".into(), text: text.into() };
    let scenario = load(&source, &Overrides::default()).unwrap().scenario;
    let settings = Settings {
        duration: None,
        max_orders: None,
        max_orders_allowed: None,
        speed: 1,
        worker: Worker::Pool,
        workers: None,
        heartbeats: false,
        wait_s: 1,
        max_drain: SimDuration::from_secs(60),
        max_lag: SimDuration::from_secs(1),
        histories_per_s: None,
        guard: None,
    };
    let plan = Plan::new(&scenario, Design::Buffered, &settings).unwrap();
    plan.orders.iter().filter(|order| plan.fails(order, 0)).count() as u64
}

#[test]
fn poison_is_delivered_twice_and_found_in_the_dead_letter_queue() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let text = format!(
        "{HEAD}[step_functions]\ntimeout = '12s'\ncatch = ['States.ALL']\n[queue]\nvisibility_timeout = '2s'\n\
         [queue.dead_letter]\nmax_receive_count = 2\n[lambda]\nduration = '20ms'\nreserved_concurrency = 5\n\
         poison_rate = '10%'\n"
    );
    let poisoned = poisoned(&text);
    assert!(poisoned > 3);
    let results = Desk::new(&text).measure(url, &["--design", "buffered"]);
    sums_hold(&results, "buffered");
    let of = |path: &str| count(&results, &format!("buffered.{path}"));
    assert_eq!((of("orders.timed_out"), of("causes.dead_lettered")), (poisoned, poisoned));
    assert_eq!((of("queue.dead_lettered"), of("queue.redelivered")), (poisoned, poisoned));
    assert_eq!(of("orders.confirmed"), of("orders.offered") - poisoned);
    // Catch: the execution of a lost order goes on to its next state all the same.
    assert_eq!(of("step_functions.transitions"), 2 * of("orders.offered"));
    assert_eq!(left_on(url), Vec::<String>::new());
}

#[test]
fn a_failed_message_comes_again_after_the_visibility_timeout() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let text = format!(
        "{HEAD}[step_functions]\ntimeout = '1min'\n[queue]\nvisibility_timeout = '3s'\n\
         [lambda]\nduration = '20ms'\nreserved_concurrency = 5\nerror_rate = '10%'\n"
    );
    let results = Desk::new(&text).measure(url, &["--design", "buffered"]);
    sums_hold(&results, "buffered");
    let of = |path: &str| count(&results, &format!("buffered.{path}"));
    assert_eq!(of("orders.confirmed"), of("orders.offered"));
    assert!(of("queue.redelivered") > 3);
    assert_eq!(of("queue.redelivered"), of("work.wasted_by.failed.attempts"));
    let slowest = results["designs"]["buffered"]["latency_s"]["confirmed"]["max"].as_f64().unwrap();
    assert!(slowest > 2.9, "{slowest}");
}

#[test]
fn one_worker_is_too_few_and_tasks_time_out() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let text = format!(
        "{HEAD}[step_functions]\ntimeout = '3s'\n[queue]\nvisibility_timeout = '1min'\n\
         [lambda]\nduration = '150ms'\nreserved_concurrency = 1\n"
    );
    let results = Desk::new(&text).measure(url, &["--design", "buffered"]);
    sums_hold(&results, "buffered");
    let of = |path: &str| count(&results, &format!("buffered.{path}"));
    assert!(of("orders.timed_out") > 20, "{}", of("orders.timed_out"));
    assert_eq!(of("causes.waiting_in_queue") + of("causes.running") + of("causes.in_flight"), of("orders.timed_out"));
    // A timeout cancels nothing: the work is done all the same, and its answer comes too late.
    assert_eq!(of("callbacks.late"), of("orders.timed_out"));
    assert_eq!(of("work_done_after_giving_up"), of("orders.timed_out"));
    assert_eq!(
        of("work.wasted_by.task_over.attempts") + of("work.wasted_by.too_late.attempts"),
        of("orders.timed_out")
    );
}

#[test]
fn a_visibility_timeout_shorter_than_the_work_makes_duplicates_and_one_outcome() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    // Received again while it is worked on; the receipt of the first delete is overtaken by then.
    let text = "profile = 'textbook'\nseed = 3\n[[arrivals]]\nrate = '4/s'\nduration = '3s'\nspacing = 'even'\n\
                [step_functions]\ntimeout = '1min'\n[queue]\nvisibility_timeout = '2s'\n\
                [queue.dead_letter]\nmax_receive_count = 2\n[lambda]\nduration = '3s'\nreserved_concurrency = 40\n";
    let results = Desk::new(text).measure(url, &["--design", "buffered"]);
    sums_hold(&results, "buffered");
    let of = |path: &str| count(&results, &format!("buffered.{path}"));
    assert_eq!(of("orders.confirmed"), of("orders.offered"));
    assert_eq!(of("work.wasted_by.duplicate.attempts"), of("orders.offered"), "each is worked on twice");
    assert_eq!(of("queue.redelivered"), of("orders.offered"));
    assert_eq!(of("callbacks.accepted"), of("orders.offered"));
    assert_eq!(of("callbacks.late"), of("orders.offered"));
}

#[test]
fn a_reported_failure_ends_the_order_or_has_it_tried_again() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let text = format!(
        "{HEAD}[step_functions]\ntimeout = '1min'\nretry = {{ errors = ['FunctionError'], interval = '1s', max_attempts = 1 }}\n\
         [queue]\nvisibility_timeout = '1min'\n\
         [lambda]\nduration = '20ms'\nreserved_concurrency = 5\npoison_rate = '10%'\non_error = 'report'\n"
    );
    let poisoned = poisoned(&text);
    let results = Desk::new(&text).measure(url, &["--design", "buffered"]);
    sums_hold(&results, "buffered");
    let of = |path: &str| count(&results, &format!("buffered.{path}"));
    assert_eq!((of("orders.failed"), of("causes.function_error")), (poisoned, poisoned));
    // Each of them was tried twice: a message for each attempt.
    assert_eq!(of("queue.sent"), of("orders.offered") + poisoned);
    assert_eq!(of("work.wasted_by.failed.attempts"), 2 * poisoned);
}
