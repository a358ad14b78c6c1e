//! Stories of orders against the rows of orders.csv, against each other, and as they are told.

mod command;
mod facts;
mod viewer;

use queuecast::experiment::limits::limits;
use queuecast::experiment::run::simulate;
use queuecast::measure::finder::{Finder, Trait};
use queuecast::measure::findings::Design;
use queuecast::measure::narrator::{Narrator, Story};
use queuecast::measure::order_log::OrderLog;
use queuecast::observation::Observation;
use queuecast::observer::Observer;
use queuecast::report::subject::{FaultMark, Subject};
use queuecast::report::trace::{Setting, Tale};
use queuecast::scenario::{Overrides, Scenario, Source, load};
use queuecast::time::{SimDuration, SimTime};

pub const DESIGNS: [Design; 2] = [Design::Buffered, Design::Direct];

/// Every way to end in plain platforms: the door, throttles, failures, dead letters, timeouts, the end of the run.
pub const MIXED: &str = "
seed = 5
horizon = '70s'
[[arrivals]]
rate = '60/s'
duration = '10s'
[[arrivals]]
rate = '300/s'
duration = '10s'
batch = 4
[[arrivals]]
rate = '20/s'
duration = '50s'
[account]
start_execution = { size = 100, refill = '150/s' }
[step_functions]
timeout = '25s'
[queue]
visibility_timeout = '12s'
[queue.dead_letter]
max_receive_count = 2
[event_source]
batch_size = 4
maximum_concurrency = 30
[lambda]
duration = { p50 = '120ms', p99 = '900ms' }
reserved_concurrency = 12
timeout = '6s'
error_rate = '4%'
[inventory]
stock = 1500
service_time = '30ms'
[direct]
retry = 'console'
";

/// What goes wrong for good: poison, function timeouts, connections refused, units sold twice, messages redriven or expired,
/// duplicates, deletes that come too late.
pub const BROKEN: &str = "
profile = 'textbook'
seed = 9
max_drain = '100s'
[[arrivals]]
rate = '30/s'
duration = '30s'
[step_functions]
timeout = '20s'
retry = { errors = ['States.Timeout'], interval = '1s', max_attempts = 1 }
[queue]
visibility_timeout = '900ms'
message_retention_period = '31s'
stale_delete = 'ignored'
duplicate_delivery = '4%'
[queue.dead_letter]
max_receive_count = 3
redrive_at = '16s'
[event_source]
batch_size = 3
[lambda]
duration = { p50 = '200ms', p99 = '2s' }
cold_start = '300ms'
reserved_concurrency = 10
timeout = '1500ms'
poison_rate = '4%'
error_rate = '2%'
[inventory]
service_time = '60ms'
max_connections = 3
when_full = 'wait'
connect_timeout = '150ms'
[direct]
retry = { interval = '500ms', max_attempts = 2 }
";

/// Asynchronous invocation, and services that are out.
pub const FAULTS: &str = "
profile = 'textbook'
seed = 3
max_drain = '3min'
[[arrivals]]
rate = '20/s'
duration = '60s'
[step_functions]
timeout = '30s'
[queue]
visibility_timeout = '40s'
message_retention_period = '25s'
[event_source]
maximum_concurrency = 8
batch_size = 2
pull = 'eager'
[lambda]
duration = '300ms'
reserved_concurrency = 7
error_rate = '3%'
[latency]
callback = '20ms'
[account]
send_task = { size = 3, refill = '15/s' }
[inventory]
service_time = '20ms'
[direct]
invocation = 'event'
maximum_event_age = '61s'
maximum_retry_attempts = 0
[[faults]]
name = 'answers get lost'
at = '5s'
duration = '5s'
target = 'callback'
drop = '30%'
[[faults]]
at = '12s'
duration = '4s'
target = 'queue'
error_rate = '40%'
[[faults]]
at = '20s'
duration = '5s'
target = 'inventory'
error_rate = '50%'
[[faults]]
at = '30s'
duration = '8s'
target = 'lambda'
outage = true
[[faults]]
at = '45s'
duration = '3s'
target = 'start'
outage = true
";

/// The task is impatient, its workers are few and slow: what is worked on is given up, and nothing is returned in time.
pub const IMPATIENT: &str = "
profile = 'textbook'
seed = 2
max_drain = '60s'
[[arrivals]]
rate = '8/s'
duration = '20s'
[step_functions]
timeout = '2s'
[queue]
visibility_timeout = '30s'
[lambda]
duration = { p50 = '1s', p99 = '4s' }
reserved_concurrency = 6
timeout = '3s'
error_rate = '20%'
[inventory]
service_time = '300ms'
max_connections = 1
when_full = 'reject'
[direct]
retry = 'none'
timeout = '3s'
";

pub const ALL: [(&str, &str); 4] = [("mixed", MIXED), ("broken", BROKEN), ("faults", FAULTS), ("impatient", IMPATIENT)];

pub fn scenario(text: &str) -> Scenario {
    let source = Source { shown: "told.toml".into(), name: "told".into(), text: text.into() };
    match load(&source, &Overrides::default()) {
        Ok(loaded) => loaded.scenario,
        Err(wrong) => panic!("{text}\n{wrong}"),
    }
}

/// Several observers of one kind.
pub struct Many<T>(pub Vec<T>);

impl<T: Observer<Observation>> Observer<Observation> for Many<T> {
    fn observe(&mut self, now: SimTime, what: &Observation) {
        self.0.iter_mut().for_each(|one| one.observe(now, what));
    }
}

fn is_queued(scenario: &Scenario, design: Design) -> bool {
    design == Design::Buffered || scenario.direct.asynchronous.is_some()
}

/// The stories of these orders.
pub fn stories(scenario: &Scenario, design: Design, numbers: impl Iterator<Item = u64>) -> Vec<Story> {
    let mut watch = Many(numbers.map(|number| Narrator::new(number, is_queued(scenario, design))).collect());
    simulate(scenario, design, &mut watch);
    watch.0.into_iter().map(|narrator| narrator.finish().1.expect("there is such an order")).collect()
}

/// What each order came to, and for each trait the first few orders that have it.
pub fn survey(scenario: &Scenario, design: Design) -> (OrderLog, Vec<(Trait, Vec<u64>)>) {
    let traits: Vec<Trait> = Trait::all().map(|(one, _)| one).collect();
    let mut watch = (OrderLog::new(), Many(traits.iter().map(|sought| Finder::new(*sought)).collect()));
    simulate(scenario, design, &mut watch);
    let found = |finder: &Finder| finder.found().take(3).map(|sighting| sighting.number).collect();
    let seen = watch.1.0.iter().map(found);
    (watch.0, traits.iter().copied().zip(seen).collect())
}

/// As the command fills it in, but for what only texts need.
pub fn setting(scenario: &Scenario, design: Design) -> Setting {
    let buffered = &scenario.buffered;
    let workflow = if design == Design::Buffered { &buffered.workflow } else { &scenario.direct.workflow };
    Setting {
        limits: limits(scenario, design),
        asynchronous: design == Design::Direct && scenario.direct.asynchronous.is_some(),
        patience: workflow.timeout.map(|limit| ("TimeoutSeconds", limit)),
        retries: workflow.retry.max_attempts,
        visibility_timeout: buffered.queue.visibility_timeout,
        retention: buffered.queue.message_retention_period,
        max_receive_count: buffered.queue.max_receive_count,
        connect_timeout: Some(SimDuration::from_millis(150)),
        ..Setting::default()
    }
}

pub fn subject(scenario: &Scenario) -> Subject {
    let fault = |fault: &queuecast::system::spec::FaultSpec| FaultMark {
        name: fault.name.clone(),
        from_s: fault.from.as_secs_f64(),
        to_s: fault.to.as_secs_f64(),
        target: fault.target.name().into(),
        effect: fault.effect.name().into(),
        amount: None,
        share: fault.share,
        designs: DESIGNS.to_vec(),
    };
    Subject {
        name: "told".into(),
        title: "Told".into(),
        seed: scenario.seed,
        replications: 1,
        faults: scenario.faults().iter().map(fault).collect(),
        ..Subject::default()
    }
}

/// The tale of one story.
pub fn tale<'a>(subject: &'a Subject, settings: &'a [Setting], stories: &'a [(Design, Story)]) -> Tale<'a> {
    Tale { subject, origin: SimTime::ZERO, orders: 1, picked: None, settings, stories }
}
