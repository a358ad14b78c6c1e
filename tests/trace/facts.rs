//! A story says what the rows of orders.csv say, to the nanosecond, and every way to end and everything that may happen on the
//! way is told.

use std::collections::BTreeMap;

use proptest::prelude::*;
use queuecast::experiment::run::simulate;
use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::finder::Trait;
use queuecast::measure::findings::Design;
use queuecast::measure::narrator::{Doing, Narrator, Story, legs};
use queuecast::measure::order_log::OrderRow;
use queuecast::observation::{Observation, Outcome, Stage};
use queuecast::observer::Observer;
use queuecast::report::trace::line;
use queuecast::scenario::Scenario;
use queuecast::time::SimTime;

use super::{ALL, DESIGNS, is_queued, scenario, setting, stories, subject, survey, tale};

fn count(story: &Story, wanted: impl Fn(&Observation) -> bool) -> u32 {
    story.moments.iter().filter(|moment| wanted(&moment.what)).count() as u32
}

/// The story against the order's row.
fn agrees(story: &Story, row: &OrderRow) {
    let ending = story.ending.expect("the run is over");
    assert_eq!((story.order.arrived_at, ending.at), (row.arrived_at, row.ended_at));
    assert_eq!((ending.outcome, ending.cause), (row.outcome, row.cause));
    let own = |order: &Option<_>| *order == Some(story.order);
    let receives = count(story, |what| matches!(what, Observation::MessageReceived { .. }));
    let attempts = count(story, |what| matches!(what, Observation::AttemptBegan { order, .. } if own(order)));
    let throttles = count(story, |what| matches!(what, Observation::InvocationThrottled { .. }));
    assert_eq!((receives, attempts, throttles), (row.receives, row.attempts, row.throttles));
    let wait = story.moments.iter().find(|moment| matches!(moment.what, Observation::OrderHandedOver { .. }));
    assert_eq!(wait.map(|moment| moment.at.since(row.arrived_at)), row.wait);
    let given = story.moments.iter().find(|moment| moment.detail.given.is_some());
    assert_eq!(given.map(|moment| moment.at), wait.map(|moment| moment.at), "the first hand-over ends the wait");
}

/// The legs follow each other without a gap and are the whole latency.
fn adds_up(story: &Story, row: &OrderRow) {
    let ending = story.ending.expect("the run is over");
    let legs = legs(story);
    let mut at = row.arrived_at;
    for leg in &legs {
        assert!(leg.from == at && leg.to > at, "{legs:?}");
        at = leg.to;
    }
    assert_eq!(at, row.ended_at, "{legs:?}");
    let sum: u64 = legs.iter().map(|leg| leg.to.since(leg.from).0).sum();
    assert_eq!(sum, ending.latency.0);
    if let Some(stages) = &ending.stages {
        assert_eq!(Stage::ALL.iter().map(|stage| stages.get(*stage).0).sum::<u64>(), sum);
    }
}

/// At the end of a stage of an answered order something of the right kind has happened. These boundaries come from the
/// recorder's stages, the moments from the observations: neither knows the other.
fn boundaries_are_moments(story: &Story) {
    let Some(stages) = story.ending.and_then(|ending| ending.stages) else { return };
    let own = |order: &Option<_>| *order == Some(story.order);
    let mut at = story.order.arrived_at;
    for stage in Stage::ALL {
        at = at + stages.get(stage);
        let marks = |what: &Observation| match stage {
            Stage::Start => matches!(what, Observation::ExecutionStarted { .. }),
            Stage::Retry => matches!(what, Observation::TaskAttempted { .. }),
            Stage::Send => !story.queued || matches!(what, Observation::MessageAppeared { .. }),
            Stage::Queue | Stage::Redelivery => !story.queued || matches!(what, Observation::MessageReceived { .. }),
            Stage::Invoke => matches!(what, Observation::RecordHandedOver { .. }),
            // The handler begins with some record of the batch; in a trace of its own only with the first or this one.
            Stage::ColdStart => matches!(what, Observation::AttemptBegan { .. }),
            Stage::Batch => matches!(what, Observation::AttemptBegan { order, .. } if own(order)),
            Stage::Work => matches!(what, Observation::AttemptEnded { .. }),
            Stage::Callback => !story.queued || matches!(what, Observation::CallbackAccepted { .. }),
            Stage::Transition => matches!(what, Observation::NextStateEntered { .. }),
        };
        let unseen = !story.queued && matches!(stage, Stage::Send | Stage::Queue | Stage::Redelivery | Stage::Callback);
        let seen = story.moments.iter().any(|moment| moment.at == at && marks(&moment.what));
        assert!(seen || unseen, "{stage:?} ends at {at:?}\n{story:#?}");
    }
}

fn every_story_agrees(scenario: &Scenario, design: Design, step: usize) {
    let (log, seen) = survey(scenario, design);
    let numbers: std::collections::BTreeSet<u64> = (0..log.rows().len() as u64)
        .step_by(step)
        .chain(seen.iter().flat_map(|(_, numbers)| numbers.iter().copied()))
        .collect();
    for story in stories(scenario, design, numbers.into_iter()) {
        let row = &log.rows()[story.order.number as usize];
        agrees(&story, row);
        adds_up(&story, row);
        boundaries_are_moments(&story);
    }
}

#[test]
fn stories_say_what_the_rows_say_and_their_legs_are_the_latency() {
    for (_, text) in ALL {
        let scenario = scenario(text);
        DESIGNS.into_iter().for_each(|design| every_story_agrees(&scenario, design, 50));
    }
}

fn one_of(lines: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(lines)
}

/// Small scenarios of any combination that matters to a story.
fn scenarios() -> impl Strategy<Value = String> {
    let queue = (
        one_of(&["", "visibility_timeout = '500ms'", "visibility_timeout = '3s'"]),
        one_of(&["", "delay = '200ms'"]),
        one_of(&["", "duplicate_delivery = '20%'", "initial_backlog = 20"]),
        one_of(&["", "[queue.dead_letter]\nmax_receive_count = 2\nredrive_at = '6s'"]),
    );
    let lambda = (
        one_of(&["", "reserved_concurrency = 2", "reserved_concurrency = 8"]),
        one_of(&["", "timeout = '400ms'", "cold_start = '300ms'", "skip_older_than = '1s'"]),
        one_of(&["", "error_rate = '30%'", "poison_rate = '20%'", "on_error = 'report'\nerror_rate = '30%'"]),
        one_of(&["batch = 'one_by_one'", "batch = 'parallel'", "batch = 'together'"]),
    );
    let around = (
        one_of(&[
            "",
            "[latency]\nstart = '30ms'\nsend = '15ms'\ninvoke = '5ms'\ncallback = '200ms'\ntransition = '9ms'",
        ]),
        one_of(&["", "[inventory]\nservice_time = '50ms'\nmax_connections = 2\nstock = 60"]),
        one_of(&[
            "",
            "[event_source]\nbatch_size = 7\npull = 'eager'",
            "[event_source]\nmaximum_batching_window = '300ms'\nbatch_size = 5",
        ]),
        one_of(&[
            "",
            "[account]\nstart_execution = { size = 5, refill = '8/s' }\nstate_transition = { size = 4, refill = '30/s' }",
        ]),
        one_of(&["retry = 'console'", "invocation = 'event'", "retry = 'none'\ntimeout = '700ms'"]),
        one_of(&[
            "timeout = '3s'",
            "",
            "timeout = '2s'\nretry = { max_attempts = 2, interval = '500ms' }",
            "execution_timeout = '4s'",
        ]),
    );
    (queue, lambda, around).prop_map(|(queue, lambda, around)| {
        format!(
            "profile = 'textbook'\nmax_drain = '1min'\n[[arrivals]]\nrate = '20/s'\nduration = '6s'\n[step_functions]\n{}\n\
             [queue]\n{}\n{}\n{}\n{}\n[lambda]\nduration = {{ p50 = '150ms', p99 = '900ms' }}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n\
             [direct]\n{}\n",
            around.5,
            queue.0,
            queue.1,
            queue.2,
            queue.3,
            lambda.0,
            lambda.1,
            lambda.2,
            lambda.3,
            around.0,
            around.1,
            around.2,
            around.3,
            around.4
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stories_of_any_scenario_say_what_the_rows_say(text in scenarios()) {
        let scenario = scenario(&text);
        DESIGNS.into_iter().for_each(|design| every_story_agrees(&scenario, design, 7));
    }
}

/// What a line about it says; a trait of which no story tells fails.
fn words(sought: Trait) -> &'static [&'static str] {
    match sought.name() {
        "confirmed" => &["CONFIRMED after"],
        "declined" => &["DECLINED after"],
        "failed" => &["FAILED after"],
        "timed_out" => &["TIMED OUT after", "ran out;"],
        "refused" => &["REFUSED after"],
        "open" => &["OPEN when the run stops"],
        "throttled" => &["throttled (429)", "the function had no free slot"],
        "function_error" => &["the handler failed"],
        "function_timeout" => &["the function is stopped after", "the function ran into its timeout"],
        "inventory_rejected" => &["the inventory refuse"],
        "event_dropped" => &["Lambda gives its event up"],
        "waiting_in_queue" => &["its message was waiting in the queue"],
        "in_flight" => &["its message was in flight, and nobody worked on it"],
        "running" => &["a handler held it"],
        "dead_lettered" => &["its message goes to the dead-letter queue", "its message was in the dead-letter queue"],
        "expired" => &["its message expires", "its message had outlived the retention period"],
        "callback_lost" => &["no answer had reached the task"],
        "start_throttled" => &["StartExecution is throttled", "and no try is left"],
        "service_error" => &["a service refused a call"],
        "late" => &["wasted"],
        "retried" => &["try begins"],
        "redelivered" => &["for the 2nd time"],
        "redriven" => &["moved back from the dead-letter queue"],
        "duplicated" => &["its message stays visible"],
        "stale_delete" => &["the delete is ignored"],
        "cold_start" => &["a new environment", "cold start: none was idle"],
        "rate_limited" => &["no token left"],
        "connection_awaited" => &["it waits for the inventory"],
        "poisoned" => &["the handler cannot work on it"],
        "oversold" => &["a second unit is taken: oversold"],
        "work_done_after_giving_up" => &["its work is done all the same"],
        "fault" => &["the fault “"],
        other => panic!("no words are expected of {other}"),
    }
}

/// All that a story tells.
fn told(scenario: &Scenario, design: Design, story: Story) -> String {
    let (subject, settings) = (subject(scenario), [setting(scenario, design)]);
    let moments = story.moments.len();
    let stories = [(design, story)];
    let tale = tale(&subject, &settings, &stories);
    let lines = (0..moments).filter_map(|index| line(&tale, 0, index));
    lines.map(|line| format!("{}: {}\n", line.what, line.why)).collect()
}

#[test]
fn every_outcome_cause_and_happening_is_told() {
    let mut missing: BTreeMap<&str, Trait> = Trait::all().map(|(one, word)| (word, one)).collect();
    for (_, text) in ALL {
        let scenario = scenario(text);
        for design in DESIGNS {
            let (_, seen) = survey(&scenario, design);
            for (sought, numbers) in seen.into_iter().filter(|(_, numbers)| !numbers.is_empty()) {
                for story in stories(&scenario, design, numbers.into_iter().take(1)) {
                    let told = told(&scenario, design, story);
                    for words in words(sought) {
                        assert!(told.contains(words), "{}: {words}\n{told}", sought.name());
                    }
                }
                missing.remove(sought.name());
            }
        }
    }
    assert_eq!(missing.keys().collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// The narrator's levels at the ends of instants.
struct Peaks {
    narrator: Narrator,
    visible: u64,
    busy: u64,
    connections: u64,
}

impl Observer<Observation> for Peaks {
    fn reach(&mut self, _now: SimTime) -> bool {
        let around = self.narrator.around();
        self.visible = self.visible.max(around.visible);
        self.busy = self.busy.max(around.busy);
        self.connections = self.connections.max(around.connections);
        false
    }

    fn observe(&mut self, now: SimTime, what: &Observation) {
        self.narrator.observe(now, what);
    }
}

#[test]
fn what_is_around_an_order_is_what_the_recorder_counts() {
    for (name, text) in ALL {
        let scenario = scenario(text);
        let settings =
            RunSettings { designs: DESIGNS.to_vec(), threads: 1, resolution: None, verify: false, orders: false };
        let findings = run(&scenario, &settings, &Progress::default()).unwrap().findings;
        for found in findings.designs {
            let narrator = Narrator::new(0, is_queued(&scenario, found.design));
            let mut peaks = Peaks { narrator, visible: 0, busy: 0, connections: 0 };
            let ended = simulate(&scenario, found.design, &mut peaks);
            peaks.reach(ended.at);
            let waiting =
                found.queue.map(|queue| queue.peak_backlog).or(found.events.map(|events| events.peak_waiting));
            let recorded = (waiting.unwrap_or(0), found.lambda.peak_concurrency, found.inventory.peak_connections);
            assert_eq!((peaks.visible, peaks.busy, peaks.connections), recorded, "{name} {}", found.design.name());
        }
    }
}

#[test]
fn an_order_that_is_lost_has_a_leg_for_each_of_its_tries() {
    let scenario = scenario(super::BROKEN);
    let (log, _) = survey(&scenario, Design::Direct);
    let failed = log.rows().iter().position(|row| row.outcome == Outcome::Failed).expect("some fail") as u64;
    let story = stories(&scenario, Design::Direct, std::iter::once(failed)).remove(0);
    let back_offs = legs(&story).iter().filter(|leg| leg.doing == Doing::BackOff).count();
    assert_eq!(back_offs as u32, count(&story, |what| matches!(what, Observation::RetryScheduled { .. })));
    assert!(back_offs == 2, "{back_offs}");
}
