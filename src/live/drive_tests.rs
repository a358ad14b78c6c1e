//! The driver alone, under a paused clock: what it measures is known beforehand.

use std::sync::Arc;
use std::time::Duration;

use super::drive::{Driven, drive};
use super::fake::{Fake, Manners};
use super::guard::{Guard, Rates};
use super::log::Fact;
use super::plan::Plan;
use super::progress::Progress;
use super::reconcile::reconcile;
use super::tell::{Told, tell};
use super::{Lag, Settings, Worker};
use crate::experiment::{Progress as Simulated, RunSettings, run};
use crate::measure::AuditSettings;
use crate::measure::findings::{Design, DesignFindings};
use crate::measure::recorder::RecorderSettings;
use crate::observation::Cause;
use crate::scenario::{Overrides, Scenario, Source, load};
use crate::time::SimDuration;

fn scenario(text: &str) -> Scenario {
    let source = Source { shown: "s.toml".into(), name: "s".into(), text: format!("profile = \"textbook\"\n{text}") };
    load(&source, &Overrides::default()).unwrap_or_else(|wrong| panic!("{wrong}")).scenario
}

fn settings() -> Settings {
    Settings {
        duration: None,
        max_orders: None,
        max_orders_allowed: None,
        speed: 1,
        worker: Worker::Pool,
        workers: None,
        heartbeats: false,
        wait_s: 1,
        max_drain: SimDuration::from_secs(60),
        max_lag: SimDuration::from_millis(100),
        histories_per_s: None,
        guard: None,
    }
}

/// Drives the buffered design, and what comes of it; the auditor finds nothing.
async fn measured(text: &str, settings: Settings, manners: Manners) -> (Driven, Told, Plan) {
    let scenario = scenario(text);
    let plan = Plan::new(&scenario, Design::Buffered, &settings).unwrap();
    let target = Arc::new(Fake::new(manners));
    let watch = (Arc::new(Progress::default()), Arc::new(Guard::new(None, Rates::default())));
    let driven = drive(target.clone(), plan.clone(), &settings, "test", watch).await;
    let found = reconcile(&target, &plan, "test", &driven, None).await.unwrap();
    assert_eq!(found.troubles, Vec::<String>::new());
    let recording = RecorderSettings {
        design: Design::Buffered,
        window: plan.window,
        memory_mb: plan.function.memory_mb,
        resolution: None,
        limits: Vec::new(),
        inventory: plan.inventory.is_some(),
        asynchronous: false,
    };
    let workers = Some(u64::from(plan.workers));
    let audit = AuditSettings { concurrency_limit: workers, maximum_concurrency: workers, ..AuditSettings::default() };
    let told = tell(&plan, &driven, &found, (&recording, &audit));
    assert_eq!(told.breach, None);
    let orders = &told.recorded.findings.orders;
    let ended = orders.confirmed + orders.declined + orders.failed + orders.timed_out + orders.refused + orders.open;
    assert_eq!((orders.offered, ended), (plan.orders.len() as u64, plan.orders.len() as u64));
    (driven, told, plan)
}

/// The buffered design of the same scenario, simulated.
fn simulated(text: &str) -> DesignFindings {
    let runs =
        RunSettings { designs: vec![Design::Buffered], threads: 1, resolution: None, verify: true, orders: false };
    run(&scenario(text), &runs, &Simulated::default()).unwrap().findings.designs.remove(0)
}

fn causes(found: &DesignFindings, cause: Cause) -> u64 {
    found.causes[cause as usize]
}

const EVEN: &str =
    "[[arrivals]]\nrate = '20/s'\nduration = '10s'\nspacing = 'even'\n[lambda]\nreserved_concurrency = 5\n";

/// A clock that counts milliseconds is at most one late.
const TICK: f64 = 0.002;

#[tokio::test(start_paused = true)]
async fn orders_start_at_their_intended_times_however_slowly_the_target_answers() {
    let manners = Manners { start: Duration::from_secs(3), visibility: Duration::from_secs(30), ..Manners::default() };
    let (driven, told, plan) = measured(&format!("{EVEN}duration = '40ms'"), settings(), manners).await;
    let issued = driven.book.facts.iter().filter_map(|(at, fact)| match fact {
        Fact::Issued(order) => Some((*at, *order)),
        _ => None,
    });
    let mut count = 0;
    for (at, order) in issued {
        let late = at.since(plan.orders[order as usize].arrives_at);
        assert!(late <= SimDuration::from_millis(1), "order {order} is {} ns late", late.0);
        count += 1;
    }
    assert_eq!(count, plan.orders.len());
    assert!(driven.lag.max <= 1_000_000, "{:?}", driven.lag);
    // The three seconds belong to the latency, which counts from the intended time.
    let found = &told.recorded.findings;
    assert_eq!(found.orders.confirmed, plan.orders.len() as u64);
    let mean = found.latency.mean.unwrap();
    assert!((3.04..3.06).contains(&mean), "{mean}");
}

#[tokio::test(start_paused = true)]
async fn the_work_is_the_simulations_own() {
    let text = format!(
        "{EVEN}duration = {{ mean = '60ms', distribution = 'exponential' }}\nerror_rate = '10%'\non_error = 'throw'\n\
         [queue]\nvisibility_timeout = '4s'\n"
    );
    let manners = Manners { visibility: Duration::from_secs(4), ..Manners::default() };
    let (_, told, plan) = measured(&text, settings(), manners).await;
    let measured = &told.recorded.findings;
    let simulated = simulated(&text);
    assert_eq!(measured.orders, simulated.orders);
    assert_eq!(measured.work.useful.attempts, simulated.work.useful.attempts);
    assert_eq!(measured.work.failed.attempts, simulated.work.failed.attempts);
    assert!(simulated.work.failed.attempts > 10, "some fail");
    let (queue, expected) = (measured.queue.unwrap(), simulated.queue.unwrap());
    assert_eq!(
        (queue.sent, queue.received, queue.redelivered, queue.deleted),
        (expected.sent, expected.received, expected.redelivered, expected.deleted)
    );
    // Each sleep of the clock is up to a millisecond long.
    let attempts = simulated.work.useful.attempts + simulated.work.failed.attempts;
    let gb = f64::from(plan.function.memory_mb) / 1_024.0;
    let more = (measured.lambda.gb_s - simulated.lambda.gb_s) / gb;
    assert!((0.0..attempts as f64 * TICK).contains(&more), "{more} s more than simulated");
    // A failed message comes again after the visibility timeout, not sooner.
    let again = measured.latency.max.unwrap();
    assert!(again >= 4.0, "{again}");
}

#[tokio::test(start_paused = true)]
async fn the_first_record_that_is_done_decides_for_its_batch() {
    for batch in ["one_by_one", "parallel"] {
        let text = format!(
            "seed = 5\n[[arrivals]]\nat_once = 40\n[step_functions]\ntimeout = '50s'\n\
             [queue]\nvisibility_timeout = '4s'\n[event_source]\nbatch_size = 10\n[lambda]\nreserved_concurrency = 1\n\
             duration = {{ mean = '60ms', distribution = 'exponential' }}\nerror_rate = '20%'\nbatch = '{batch}'\n\
             answers = 'first_decides'\n"
        );
        let manners = Manners {
            visibility: Duration::from_secs(4),
            timeout: Some(Duration::from_secs(50)),
            ..Manners::default()
        };
        let (_, told, _) = measured(&text, settings(), manners).await;
        let measured = &told.recorded.findings;
        let simulated = simulated(&text);
        assert_eq!(measured.orders, simulated.orders, "{batch}");
        assert_eq!(measured.causes, simulated.causes, "{batch}");
        assert!(measured.causes[Cause::CallbackLost as usize] > 0, "{batch}: deleted with a failure in it");
        let (queue, expected) = (measured.queue.unwrap(), simulated.queue.unwrap());
        assert_eq!((queue.received, queue.deleted), (expected.received, expected.deleted), "{batch}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_task_times_out_is_lost_and_its_work_is_wasted() {
    let text = "[[arrivals]]\nat_once = 20\n[lambda]\nreserved_concurrency = 1\nduration = '500ms'\n\
                [step_functions]\ntimeout = '3s'\n[queue]\nvisibility_timeout = '1min'\n";
    let manners =
        Manners { timeout: Some(Duration::from_secs(3)), visibility: Duration::from_secs(60), ..Manners::default() };
    let (_, told, _) = measured(text, settings(), manners).await;
    let found = &told.recorded.findings;
    // Half a second each: five end in time, the sixth at the very instant of the timeout or a moment later.
    assert_eq!((found.orders.confirmed, found.orders.timed_out), (5, 15));
    assert_eq!(causes(found, Cause::WaitingInQueue) + causes(found, Cause::Running), 15);
    assert_eq!(found.callbacks.late, 15);
    assert_eq!(found.work.task_over.attempts + found.work.too_late.attempts, 15);
    assert_eq!(found.work_done_after_giving_up, 15);
    assert!(found.lambda.invocations == 20);
}

#[tokio::test(start_paused = true)]
async fn poison_ends_in_the_dead_letter_queue() {
    let text = format!(
        "{EVEN}duration = '20ms'\npoison_rate = '10%'\n[step_functions]\ntimeout = '10s'\n\
         [queue]\nvisibility_timeout = '2s'\n[queue.dead_letter]\nmax_receive_count = 2\n"
    );
    let manners = Manners {
        timeout: Some(Duration::from_secs(10)),
        visibility: Duration::from_secs(2),
        most_receives: Some(2),
        ..Manners::default()
    };
    let (_, told, plan) = measured(&text, settings(), manners).await;
    let poisoned = plan.orders.iter().filter(|order| plan.fails(order, 0)).count() as u64;
    assert!(poisoned > 5);
    let found = &told.recorded.findings;
    assert_eq!((found.orders.timed_out, causes(found, Cause::DeadLettered)), (poisoned, poisoned));
    let queue = found.queue.unwrap();
    assert_eq!((queue.dead_lettered, queue.redelivered), (poisoned, poisoned));
    assert_eq!(found.orders.confirmed, plan.orders.len() as u64 - poisoned);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_handed_out_twice_confirms_its_order_once() {
    let manners = Manners { visibility: Duration::from_secs(30), twice_every: Some(4), ..Manners::default() };
    let (_, told, plan) = measured(&format!("{EVEN}duration = '100ms'"), settings(), manners).await;
    let found = &told.recorded.findings;
    assert_eq!(found.orders.confirmed, plan.orders.len() as u64);
    let twice = plan.orders.len() as u64 / 4;
    assert_eq!(found.queue.unwrap().duplicated, twice);
    assert_eq!((found.work.duplicate.attempts, found.callbacks.late), (twice, twice));
}

#[tokio::test(start_paused = true)]
async fn a_door_that_throttles_is_knocked_at_three_times() {
    let manners = Manners { visibility: Duration::from_secs(30), throttles_every: Some(1), ..Manners::default() };
    let text = "[[arrivals]]\nrate = '5/s'\nduration = '4s'\nspacing = 'even'\n[lambda]\nduration = '10ms'\n";
    let (_, told, plan) = measured(text, settings(), manners).await;
    let found = &told.recorded.findings;
    let orders = plan.orders.len() as u64;
    assert_eq!((found.orders.refused, causes(found, Cause::StartThrottled)), (orders, orders));
    assert_eq!(found.step_functions.start_throttled, 3 * orders);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_arrived_unheard_is_believed_to_the_services() {
    let manners = Manners { visibility: Duration::from_secs(2), unheard_every: Some(10), ..Manners::default() };
    let (driven, told, plan) = measured(&format!("{EVEN}duration = '20ms'"), settings(), manners).await;
    assert_eq!(told.recorded.findings.orders.confirmed, plan.orders.len() as u64);
    assert!(driven.troubles.iter().any(|words| words.contains("an answer failed")), "and the run is void");
}

#[tokio::test(start_paused = true)]
async fn a_reported_failure_ends_its_order_after_the_work_whatever_the_services_clock_says() {
    let text = format!("{EVEN}duration = '20ms'\npoison_rate = '20%'\non_error = 'report'\n");
    let manners = Manners { visibility: Duration::from_secs(30), ends_early_ms: 3, ..Manners::default() };
    let (_, told, plan) = measured(&text, settings(), manners).await;
    let poisoned = plan.orders.iter().filter(|order| plan.fails(order, 0)).count() as u64;
    assert!(poisoned > 10);
    let found = &told.recorded.findings;
    assert_eq!((found.orders.failed, causes(found, Cause::FunctionError)), (poisoned, poisoned));
    assert_eq!((found.work.failed.attempts, found.work.too_late.attempts), (poisoned, 0));
    assert_eq!((found.callbacks.accepted, found.callbacks.late), (plan.orders.len() as u64, 0));
}

#[tokio::test(start_paused = true)]
async fn a_faster_run_divides_schedule_work_and_timers() {
    let text =
        format!("{EVEN}duration = '200ms'\n[queue]\nvisibility_timeout = '1min'\n[step_functions]\ntimeout = '30s'\n");
    let faster = Settings { speed: 10, ..settings() };
    let plan = Plan::new(&scenario(&text), Design::Buffered, &faster).unwrap();
    let plain = Plan::new(&scenario(&text), Design::Buffered, &settings()).unwrap();
    assert_eq!(plan.orders.len(), plain.orders.len());
    for (fast, slow) in plan.orders.iter().zip(&plain.orders) {
        assert_eq!((fast.key, fast.arrives_at.0), (slow.key, slow.arrives_at.0 / 10));
        assert_eq!(plan.work(fast, 0).0, plain.work(slow, 0).0 / 10);
    }
    assert_eq!(plan.queue.visibility_timeout, SimDuration::from_secs(6));
    assert_eq!(plan.workflow.timeout, Some(SimDuration::from_secs(3)));
    for (speed, key) in [(60, "step_functions.timeout"), (7, "queue.visibility_timeout")] {
        let refused = Plan::new(&scenario(&text), Design::Buffered, &Settings { speed, ..settings() }).unwrap_err();
        assert!(refused.contains(key) && refused.contains("whole seconds"), "{refused}");
    }
}

#[test]
fn a_schedule_is_cut_where_it_is_told_to_be() {
    let scenario = scenario(&format!("{EVEN}duration = '20ms'"));
    let of = |settings: Settings| Plan::new(&scenario, Design::Buffered, &settings);
    assert_eq!(of(Settings { max_orders: Some(7), ..settings() }).unwrap().orders.len(), 7);
    let short = of(Settings { duration: Some(SimDuration::from_secs(2)), ..settings() }).unwrap();
    assert_eq!((short.orders.len(), short.arrivals_end.0), (39, 2_000_000_000));
    let refused = of(Settings { max_orders_allowed: Some(100), ..settings() }).unwrap_err();
    assert!(refused.contains("--max-orders"), "{refused}");
}

#[test]
fn what_real_services_cannot_do_is_refused_all_at_once() {
    let text = "replications = 2\n[[arrivals]]\nrate = '5/s'\nduration = '4s'\n[[faults]]\nname = 'f'\nat = '1s'\n\
                duration = '1s'\ntarget = 'lambda'\noutage = true\n[queue]\ninitial_backlog = 3\n[lambda]\nduration = '10ms'\n";
    let refused = Plan::new(&scenario(text), Design::Buffered, &settings()).unwrap_err();
    for part in ["[[faults]]", "replications=1", "queue.initial_backlog=0"] {
        assert!(refused.contains(part), "{part} in\n{refused}");
    }
}

#[test]
fn lag_is_told_by_nearest_rank() {
    assert_eq!(Lag::of((1..=200).collect()), Lag { p50: 100, p99: 198, max: 200 });
    assert_eq!(Lag::of(Vec::new()), Lag::default());
}
