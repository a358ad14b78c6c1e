//! Properties: the queue against a reference that is obviously right, and whole systems under random scenarios with an
//! auditor that checks every observation.

use proptest::prelude::*;

use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::findings::Design;
use queuecast::model::queue::{Deleted, Queue, QueueSettings, Received, ReturnedTo, StaleDelete};
use queuecast::scenario::{Overrides, Source, load};
use queuecast::slab::Handle;
use queuecast::time::{SimDuration, SimTime};

/// What can be done to a queue.
#[derive(Clone, Debug)]
enum Deed {
    /// Some nanoseconds pass; timers that run out meanwhile are served in their order.
    Wait(u64),
    /// Its place in line is shifted by some nanoseconds.
    Send {
        delay: u64,
        shift: u64,
    },
    Receive,
    /// With the receipt of this receive, counted from the latest.
    Delete(usize),
    /// The message of this receive, counted from the latest, is visible again at once.
    StayVisible(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0_u64..8).prop_map(Deed::Wait),
        4 => (prop_oneof![Just(0_u64), Just(4), 0_u64..20], prop_oneof![Just(0_u64), 0_u64..9])
            .prop_map(|(delay, shift)| Deed::Send { delay, shift }),
        4 => Just(Deed::Receive),
        3 => (0_usize..12).prop_map(Deed::Delete),
        1 => (0_usize..3).prop_map(Deed::StayVisible),
    ];
    prop::collection::vec(deed, 1..150)
}

fn settings() -> impl Strategy<Value = QueueSettings> {
    let times = (prop::option::of(1_u64..15), prop::option::of(5_u64..60));
    (times, prop::option::of(1_u32..6), any::<bool>(), any::<bool>(), prop::option::of(1_u64..5)).prop_map(
        |((visibility, retention), most, back, ignored, in_flight)| QueueSettings {
            visibility_timeout: visibility.map(SimDuration),
            message_retention_period: retention.map(SimDuration),
            max_receive_count: most,
            returned_to: if back { ReturnedTo::Back } else { ReturnedTo::Place },
            stale_delete: if ignored { StaleDelete::Ignored } else { StaleDelete::Deletes },
            in_flight_limit: in_flight,
        },
    )
}

/// A message of the reference: every fact written down, nothing clever.
#[derive(Clone, Debug)]
struct Plain {
    number: u64,
    sent_at: u64,
    shift: u64,
    first_visible_at: u64,
    last_visible_at: u64,
    goes_by_last: bool,
    visible: bool,
    receives: Vec<u64>,
    gone: bool,
}

/// The reference: a list of all messages ever, searched from one end to the other.
struct Reference {
    settings: QueueSettings,
    messages: Vec<Plain>,
}

impl Reference {
    fn receive(&mut self, now: u64) -> Option<(u64, Result<u32, ()>)> {
        let place =
            |m: &Plain| (m.shift + if m.goes_by_last { m.last_visible_at } else { m.first_visible_at }, m.number);
        if self.settings.in_flight_limit.is_some_and(|most| self.in_flight() >= most) {
            return None;
        }
        let next = self.messages.iter_mut().filter(|m| m.visible && !m.gone).min_by_key(|m| place(m))?;
        next.visible = false;
        if self.settings.max_receive_count.is_some_and(|most| next.receives.len() as u32 + 1 > most) {
            next.gone = true;
            return Some((next.number, Err(())));
        }
        next.receives.push(now);
        Some((next.number, Ok(next.receives.len() as u32)))
    }

    /// Received, and neither visible again nor gone.
    fn in_flight(&self) -> u64 {
        self.messages.iter().filter(|m| !m.gone && !m.visible && !m.receives.is_empty()).count() as u64
    }

    fn return_to_line(&mut self, number: u64, receive: usize, now: u64) {
        let patient = self.settings.max_receive_count.is_some_and(|most| most > 3);
        let back = self.settings.returned_to == ReturnedTo::Back;
        let message = &mut self.messages[number as usize];
        if message.gone || message.visible || message.receives.len() != receive {
            return;
        }
        message.visible = true;
        message.last_visible_at = now;
        message.goes_by_last = back || (patient && message.receives.len() >= 3);
    }

    /// Whether the message was there to be deleted.
    fn delete(&mut self, number: u64, receive: usize) -> bool {
        let message = &mut self.messages[number as usize];
        let stale = message.receives.len() != receive && self.settings.stale_delete == StaleDelete::Ignored;
        if message.gone || stale {
            return false;
        }
        message.gone = true;
        true
    }
}

/// Timers of both: (when, rank by kind, order of booking, what).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Visibility { number: u64, receive: usize },
    Retention { number: u64 },
    Delay { number: u64 },
}

struct Bench {
    queue: Queue<u64>,
    reference: Reference,
    now: u64,
    timers: Vec<(u64, usize, Timer)>,
    handles: Vec<Handle>,
    receipts: Vec<(u64, usize, Handle)>,
}

impl Bench {
    fn new(settings: QueueSettings) -> Bench {
        Bench {
            queue: Queue::new(settings),
            reference: Reference { settings, messages: Vec::new() },
            now: 0,
            timers: Vec::new(),
            handles: Vec::new(),
            receipts: Vec::new(),
        }
    }

    fn book(&mut self, after: u64, timer: Timer) {
        self.timers.push((self.now + after, self.timers.len(), timer));
    }

    fn wait(&mut self, nanos: u64) {
        let until = self.now + nanos;
        while let Some(index) =
            (0..self.timers.len()).filter(|i| self.timers[*i].0 <= until).min_by_key(|i| self.timers[*i])
        {
            let (at, _, timer) = self.timers.remove(index);
            self.now = at.max(self.now);
            self.fire(timer);
        }
        self.now = until;
    }

    fn fire(&mut self, timer: Timer) {
        let now = SimTime(self.now);
        match timer {
            Timer::Visibility { number, receive } => {
                let (_, _, receipt) =
                    *self.receipts.iter().find(|(n, r, _)| (*n, *r) == (number, receive)).expect("it was received");
                self.queue.visibility_timed_out(now, receipt);
                self.reference.return_to_line(number, receive, self.now);
            }
            Timer::Retention { number } => {
                self.queue.retention_ended(self.handles[number as usize]);
                self.reference.messages[number as usize].gone = true;
            }
            Timer::Delay { number } => {
                self.queue.delay_ended(now, self.handles[number as usize]);
                let message = &mut self.reference.messages[number as usize];
                message.visible = !message.gone;
                message.last_visible_at = self.now;
            }
        }
    }

    fn send(&mut self, delay: u64, shift: u64) {
        let number = self.handles.len() as u64;
        let delay = SimDuration(delay);
        let letter = self.queue.send(SimTime(self.now), number, number, (delay, SimDuration(shift)));
        self.handles.push(letter.handle);
        self.reference.messages.push(Plain {
            number,
            sent_at: self.now,
            shift,
            first_visible_at: self.now + delay.0,
            last_visible_at: self.now,
            goes_by_last: false,
            visible: delay.is_zero(),
            receives: Vec::new(),
            gone: false,
        });
        if !delay.is_zero() {
            self.book(delay.0, Timer::Delay { number });
        }
        if let Some(period) = self.reference.settings.message_retention_period {
            self.book(period.0, Timer::Retention { number });
        }
    }

    fn receive(&mut self) {
        let expected = self.reference.receive(self.now);
        let found = self.queue.receive(SimTime(self.now)).map(|received| match received {
            Received::Delivered(delivery) => {
                let number = delivery.letter.payload;
                self.receipts.push((number, delivery.receive_count as usize, delivery.receipt));
                (number, Ok(delivery.receive_count))
            }
            Received::DeadLettered(dead) => (dead.letter.payload, Err(())),
        });
        assert_eq!(found, expected);
        if let (Some((number, Ok(count))), Some(timeout)) = (found, self.reference.settings.visibility_timeout) {
            self.book(timeout.0, Timer::Visibility { number, receive: count as usize });
        }
    }

    fn delete(&mut self, back: usize) {
        let Some(index) = self.receipts.len().checked_sub(back + 1) else { return };
        let (number, receive, receipt) = self.receipts[index];
        let expected = self.reference.delete(number, receive);
        let found = matches!(self.queue.delete(receipt), Deleted::InFlight(_) | Deleted::Visible(_));
        assert_eq!(found, expected, "message {number}, receive {receive}");
    }

    fn stay_visible(&mut self, back: usize) {
        let Some(index) = self.receipts.len().checked_sub(back + 1) else { return };
        let (number, receive, receipt) = self.receipts[index];
        self.queue.stays_visible(SimTime(self.now), receipt);
        self.reference.return_to_line(number, receive, self.now);
    }

    fn agree(&mut self) {
        let existing = self.reference.messages.iter().filter(|message| !message.gone);
        let visible = existing.clone().filter(|message| message.visible).count() as u64;
        assert_eq!((self.queue.visible(), self.queue.in_flight()), (visible, self.reference.in_flight()));
        let oldest = existing.map(|message| message.sent_at).min();
        assert_eq!(self.queue.oldest().map(|oldest| oldest.1), oldest.map(SimTime));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_does_what_a_searched_list_does(settings in settings(), deeds in deeds()) {
        let mut bench = Bench::new(settings);
        for deed in deeds {
            match deed {
                Deed::Wait(nanos) => bench.wait(nanos),
                Deed::Send { delay, shift } => bench.send(delay, shift),
                Deed::Receive => bench.receive(),
                Deed::Delete(back) => bench.delete(back),
                Deed::StayVisible(back) => bench.stay_visible(back),
            }
            bench.agree();
        }
    }
}

/// Lines of a scenario that may or may not be there.
fn maybe(lines: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(lines)
}

fn scenarios() -> impl Strategy<Value = String> {
    let run = (
        maybe(&[
            "max_drain = '40s'",
            "horizon = '9s'",
            "max_drain = '4s'",
            "max_drain = '30s'\nmax_orders = 37",
            "max_drain = '4min'\nmax_orders = 20",
        ]),
        maybe(&["", "warm_up = '2s'", "warm_up = '1s'\ncool_down = '2s'"]),
        maybe(&["repeat = 1", "repeat = 2"]),
    );
    let arrivals = (
        maybe(&[
            "rate = '30/s'",
            "rate = '2/s'\nramp_to = '60/s'",
            "rate = '80/s'\ndecay_to = '1/s'",
            "rate = '20/s'\nspacing = 'even'",
            "rate = '25/s'\nspacing = { cv = 2 }",
            "rate = '40/s'\nbatch = 7",
            "rate = '40/s'\nbatch = { mean = 3, distribution = 'geometric' }",
            "at_once = 90",
            "rate = '30/s'\nwave = { amplitude = '100%', period = '3s' }",
            "rate = '30/s'\nmodulation = { cv = 1, correlation = '700ms' }",
            "rate = '20/s'\nspacing = 'even'\nbatch = 3\nwave = { amplitude = '50%', period = '90s' }\n\
             modulation = { cv = 0.3, correlation = '2s' }",
            "trace = 'tests/data/orders.csv'",
        ]),
        maybe(&["5s", "8s"]),
    );
    let workflow = (
        maybe(&["", "timeout = '2s'", "timeout = '3s'\nheartbeat = '1500ms'"]),
        maybe(&["", "execution_timeout = '5s'"]),
        maybe(&[
            "",
            "retry = { max_attempts = 2, interval = '500ms', jitter_strategy = 'FULL' }",
            "retry = { errors = ['States.ALL'], interval = '100ms', max_delay = '300ms', max_attempts = 4 }\ncatch = ['States.ALL']",
        ]),
    );
    let queue = (
        maybe(&["", "visibility_timeout = '400ms'", "visibility_timeout = '2s'"]),
        maybe(&["", "message_retention_period = '3s'"]),
        maybe(&["", "delay = '250ms'", "delay = { mean = '500ms', distribution = 'exponential' }"]),
        maybe(&["", "initial_backlog = 25"]),
        maybe(&["returned_to = 'place'", "returned_to = 'back'"]),
        maybe(&["stale_delete = 'ignored'", "stale_delete = 'deletes'"]),
        maybe(&["", "", "in_flight_limit = 5", "in_flight_limit = 1"]),
        maybe(&["", "", "duplicate_delivery = '20%'", "duplicate_delivery = '2%'\nreorder_window = '300ms'"]),
        maybe(&[
            "",
            "[queue.dead_letter]\nmax_receive_count = 2",
            "[queue.dead_letter]\nmax_receive_count = 5",
            "[queue.dead_letter]\nmax_receive_count = 1\nredrive_at = '6s'",
            "[queue.dead_letter]\nmax_receive_count = 2\nredrive_at = '+12s'\nredrive_rate = '20/s'",
        ]),
    );
    let source = (
        maybe(&["batch_size = 1", "batch_size = 4", "batch_size = 10", "batch_size = 64"]),
        maybe(&["", "maximum_concurrency = 3"]),
        maybe(&["", "report_batch_item_failures = true"]),
    );
    let lambda = (
        maybe(&[
            "'150ms'",
            "'0s'",
            "{ mean = '200ms', distribution = 'exponential' }",
            "{ p50 = '100ms', p99 = '1s' }",
            "{ min = '50ms', shape = 1.5, max = '3s', distribution = 'pareto' }",
            "{ samples = 'tests/data/durations.csv' }",
        ]),
        maybe(&["", "reserved_concurrency = 0", "reserved_concurrency = 2", "reserved_concurrency = 9"]),
        maybe(&["", "timeout = '300ms'", "timeout = '2s'"]),
        maybe(&["", "error_rate = '20%'", "error_rate = '100%'", "poison_rate = '10%'"]),
        maybe(&["", "error_at = 'start'"]),
        maybe(&["", "on_error = 'report'"]),
        maybe(&["batch = 'one_by_one'", "batch = 'parallel'", "batch = 'together'", "throw_ends = 'record'"]),
    );
    let direct = (
        maybe(&[
            "",
            "timeout = '1s'",
            "invocation = 'event'",
            "invocation = 'event'\ntimeout = '2500ms'\nheartbeat = '2s'\nmaximum_event_age = '3s'",
            "invocation = 'event'\nmaximum_retry_attempts = 2\ndestination = 'sqs'",
            "invocation = 'event'\nmaximum_event_age = '61s'\nmaximum_retry_attempts = 1",
        ]),
        maybe(&[
            "",
            "retry = 'console'",
            "retry = { errors = ['States.ALL'], interval = '200ms', max_attempts = 5, backoff_rate = 1 }",
        ]),
    );
    (run, arrivals, workflow, queue, source, lambda, direct).prop_map(
        |(run, arrivals, workflow, queue, source, lambda, direct)| {
            format!(
                "profile = 'textbook'\n{}\n{}\n{}\n[[arrivals]]\n{}\nduration = '{}'\n[step_functions]\n{}\n{}\n{}\n\
             [queue]\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n[event_source]\n{}\n{}\n{}\n\
             [lambda]\nduration = {}\n{}\n{}\n{}\n{}\n{}\n{}\n[direct]\n{}\n{}\n",
                run.0,
                run.1,
                run.2,
                arrivals.0,
                arrivals.1,
                workflow.0,
                workflow.1,
                workflow.2,
                queue.0,
                queue.1,
                queue.2,
                queue.3,
                queue.4,
                queue.5,
                queue.6,
                queue.7,
                queue.8,
                source.0,
                source.1,
                source.2,
                lambda.0,
                lambda.1,
                lambda.2,
                lambda.3,
                lambda.4,
                lambda.5,
                lambda.6,
                direct.0,
                direct.1
            )
        },
    )
}

/// The platform of the aws profile, in any combination: more keys of [event_source] and [lambda], and tables of their own.
fn platforms() -> impl Strategy<Value = (String, String, String)> {
    let source = (
        maybe(&["pull = 'when_free'", "pull = 'eager'"]),
        maybe(&["", "scale_interval = '100ms'", "scale_interval = '1s'"]),
        maybe(&["", "error_backoff = '150ms'", "error_backoff = '3s'"]),
        maybe(&["", "", "maximum_batching_window = '300ms'"]),
    );
    let lambda = (
        maybe(&["", "cold_start = '400ms'", "cold_start = { p50 = '100ms', p99 = '500ms' }"]),
        maybe(&["", "idle_before_reclaim = '1s'"]),
        maybe(&["", "recycle_after = { min = '1s', max = '3s', distribution = 'uniform' }"]),
        maybe(&["", "answers = 'first_decides'"]),
        maybe(&["", "skip_older_than = '1s'"]),
        maybe(&[
            "",
            "",
            "provisioned_concurrency = 2",
            "provisioned_concurrency = 2\nprovisioned_at = '1s'\nprovisioned_delay = '2s'",
        ]),
    );
    let latency = (
        maybe(&["", "start = '30ms'\ndispatch = { p50 = '20ms', p99 = '100ms' }"]),
        maybe(&["", "send = '15ms'\nreceive = { p50 = '9ms', p99 = '90ms' }\ninvoke = '5ms'"]),
        maybe(&["", "callback = '20ms'", "callback = { p50 = '200ms', p99 = '2s' }"]),
        maybe(&["", "transition = '25ms'"]),
    );
    let account = (
        maybe(&["", "concurrency_limit = 4\nother_concurrency = 1", "environment_rate = { size = 2, refill = '1/s' }"]),
        maybe(&["", "start_execution = { size = 5, refill = '8/s' }"]),
        maybe(&["", "state_transition = { size = 4, refill = '30/s' }"]),
        maybe(&["", "send_task = { size = 3, refill = '6/s' }"]),
    );
    let inventory = (
        maybe(&["", "", "max_connections = 2", "max_connections = 2\nwhen_full = 'reject'"]),
        maybe(&["", "connect_timeout = '100ms'"]),
        maybe(&["", "slowdown = { at = 3, factor = 2 }"]),
        maybe(&["", "stock = 20", "stock = 20\nidempotent = true"]),
    );
    (source, lambda, latency, account, inventory).prop_map(|(source, lambda, latency, account, inventory)| {
        let lines = |lines: &[&str]| lines.join("\n");
        let called = !inventory.0.is_empty();
        let downstream =
            lines(&["[inventory]", "service_time = '60ms'", inventory.0, inventory.1, inventory.2, inventory.3]);
        let tables = lines(&[
            "[latency]",
            latency.0,
            latency.1,
            latency.2,
            latency.3,
            "[account]",
            account.0,
            account.1,
            account.2,
            account.3,
            if called { &downstream } else { "" },
        ]);
        let source = lines(&[source.0, source.1, source.2, source.3]);
        (source, lines(&[lambda.0, lambda.1, lambda.2, lambda.3, lambda.4, lambda.5]), tables)
    })
}

/// A scenario of the textbook profile with an aws platform under it.
fn on_a_platform(text: &str, (source, lambda, tables): &(String, String, String)) -> String {
    let with_source = text.replace("[event_source]\n", &format!("[event_source]\n{source}\n"));
    let with_lambda = with_source.replace("[lambda]\n", &format!("[lambda]\n{lambda}\n"));
    format!("{with_lambda}\n{tables}\n")
}

/// Faults of every kind, in windows that may overlap, begin with the run or outlast it; those of an inventory are left out
/// where there is none.
fn faults() -> impl Strategy<Value = Vec<String>> {
    let when = (maybe(&["'0s'", "'1s'", "'2500ms'", "'5s'"]), maybe(&["'400ms'", "'2s'", "'30s'"]));
    let what = maybe(&[
        "target = 'start'\nadd_delay = '700ms'",
        "target = 'start'\noutage = true",
        "target = 'start'\nerror_rate = '40%'",
        "target = 'queue'\nadd_delay = '900ms'",
        "target = 'queue'\noutage = true",
        "target = 'queue'\nerror_rate = '30%'",
        "target = 'queue'\nduplicate = true",
        "target = 'lambda'\nadd_delay = '500ms'",
        "target = 'lambda'\nerror_rate = '50%'",
        "target = 'lambda'\noutage = true",
        "target = 'inventory'\nadd_delay = '300ms'",
        "target = 'inventory'\nerror_rate = '50%'",
        "target = 'inventory'\noutage = true",
        "target = 'callback'\nadd_delay = '1s'",
        "target = 'callback'\nerror_rate = '50%'",
        "target = 'callback'\noutage = true",
        "target = 'callback'\ndrop = true",
        "target = 'callback'\nduplicate = true",
    ]);
    let fault =
        (when, what, maybe(&["", "share = '60%'", "share = '10%'"])).prop_map(|((at, duration), what, share)| {
            format!("[[faults]]\nat = {at}\nduration = {duration}\n{what}\n{share}\n")
        });
    prop::collection::vec(fault, 1..5)
}

fn with_faults(mut text: String, faults: &[String]) -> String {
    let has_inventory = text.contains("[inventory]");
    for fault in faults.iter().filter(|fault| has_inventory || !fault.contains("'inventory'")) {
        text.push_str(fault);
    }
    text
}

fn kept_by_both_designs(text: String, seed: u64) -> Result<(), TestCaseError> {
    let source = Source { shown: "random.toml".into(), name: "random".into(), text };
    let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
    let loaded = load(&source, &overrides);
    // A few combinations make no sense and are refused; where most were, proptest would give up.
    prop_assume!(loaded.is_ok(), "{:?}", loaded);
    let designs = vec![Design::Buffered, Design::Direct];
    let settings = RunSettings { designs, threads: 1, resolution: None, verify: true, orders: false };
    let outcome = run(&loaded.expect("just assumed").scenario, &settings, &Progress::default());
    let outcome = outcome.unwrap_or_else(|breach| panic!("{breach}\n{}", source.text));
    let offered: Vec<u64> = outcome.findings.designs.iter().map(|found| found.orders.offered).collect();
    prop_assert_eq!(offered[0], offered[1], "both designs face the same orders");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_scenario_keeps_every_rule_of_the_auditor(text in scenarios(), seed in 0_u64..1_000) {
        kept_by_both_designs(text, seed)?;
    }

    #[test]
    fn so_does_every_scenario_on_an_aws_platform(text in scenarios(), platform in platforms(), seed in 0_u64..1_000) {
        kept_by_both_designs(on_a_platform(&text, &platform), seed)?;
    }

    #[test]
    fn so_does_every_scenario_in_which_something_breaks(
        text in scenarios(), platform in platforms(), faults in faults(), seed in 0_u64..1_000
    ) {
        kept_by_both_designs(with_faults(on_a_platform(&text, &platform), &faults), seed)?;
    }
}
