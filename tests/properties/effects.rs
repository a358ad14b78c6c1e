//! What theory promises of a change: on the same orders, so order by order and not only on average. And where both designs
//! must agree, they do to the nanosecond.
//!
//! Each promise stands with its argument; what no argument holds is not tested, however plausible. (A longer retention, for
//! one, keeps messages that use the servers for longer, and so may let others expire; with servers without number it holds.)

use std::collections::BTreeMap;

use proptest::prelude::*;

use queuecast::experiment::run::simulate;
use queuecast::measure::findings::Design;
use queuecast::observation::{Observation, Outcome};
use queuecast::observer::Observer;
use queuecast::scenario::{Overrides, Source, load};
use queuecast::time::{SimDuration, SimTime};

use crate::cases;

/// How an order fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fared {
    outcome: Option<Outcome>,
    latency: SimDuration,
    receives: u32,
    expired: bool,
    dead_lettered: bool,
}

/// Writes down how each order fared, by its number.
#[derive(Debug, Default)]
struct Fates(BTreeMap<u64, Fared>);

impl Observer<Observation> for Fates {
    fn observe(&mut self, _now: SimTime, what: &Observation) {
        let (Observation::OrderEnded { order, .. } | Observation::OrderArrived { order }) = what else {
            if let Observation::MessageReceived { message, .. }
            | Observation::MessageExpired { message, .. }
            | Observation::MessageDeadLettered { message } = what
            {
                let fared = self.0.entry(message.order.expect("no initial backlog").number).or_default();
                match what {
                    Observation::MessageReceived { .. } => fared.receives += 1,
                    Observation::MessageExpired { .. } => fared.expired = true,
                    _ => fared.dead_lettered = true,
                }
            }
            return;
        };
        let fared = self.0.entry(order.number).or_default();
        if let Observation::OrderEnded { outcome, latency, .. } = what {
            (fared.outcome, fared.latency) = (Some(*outcome), *latency);
        }
    }
}

impl Fates {
    fn all(&self) -> impl Iterator<Item = Fared> {
        self.0.values().copied()
    }

    fn confirmed(&self) -> Vec<u64> {
        self.with(|fared| fared.outcome == Some(Outcome::Confirmed))
    }

    fn with(&self, is: impl Fn(&Fared) -> bool) -> Vec<u64> {
        self.0.iter().filter(|(_, fared)| is(fared)).map(|(number, _)| *number).collect()
    }
}

/// The fates of the orders of a textbook scenario: `lines`, and these settings.
fn fates(design: Design, lines: &str, settings: &[String], seed: u64) -> Fates {
    let source =
        Source { shown: "effect.toml".into(), name: "effect".into(), text: format!("profile = 'textbook'\n{lines}") };
    let overrides = Overrides { seed: Some(seed), set: settings.to_vec(), ..Overrides::default() };
    let scenario = load(&source, &overrides).unwrap_or_else(|mistakes| panic!("{mistakes}\n{}", source.text)).scenario;
    let mut fates = Fates::default();
    simulate(&scenario, design, &mut fates);
    assert!(fates.all().all(|fared| fared.outcome.is_some()), "every order ends");
    fates
}

fn set(key: &str, value: impl std::fmt::Display) -> Vec<String> {
    vec![format!("{key}={value}")]
}

/// Whether all of these are among those.
fn within(these: &[u64], those: &[u64]) -> bool {
    these.iter().all(|number| those.binary_search(number).is_ok())
}

fn arrivals() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "[[arrivals]]\nrate = '20/s'\nduration = '20s'\n",
            "[[arrivals]]\nrate = '3/s'\nramp_to = '40/s'\nduration = '15s'\nbatch = { mean = 2, distribution = 'geometric' }\n",
            "[[arrivals]]\nat_once = 120\nduration = '5s'\n[[arrivals]]\nrate = '15/s'\nspacing = { cv = 2 }\nduration = '10s'\n",
            "[[arrivals]]\nrate = '25/s'\nwave = { amplitude = '90%', period = '6s' }\nduration = '18s'\n\
             modulation = { cv = 0.8, correlation = '2s' }\n",
            "[[arrivals]]\nrate = '10/s'\nspacing = 'even'\nbatch = 3\nduration = '12s'\n",
        ][..],
    )
}

fn work() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &[
            "[lambda]\nduration = { mean = '400ms', distribution = 'exponential' }\n",
            "[lambda]\nduration = '300ms'\n",
            "[lambda]\nduration = { p50 = '200ms', p99 = '3s' }\n",
            "[lambda]\nduration = { min = '50ms', shape = 1.4, max = '20s', distribution = 'pareto' }\n",
        ][..],
    )
}

proptest! {
    #![proptest_config(cases(150))]

    /// First come, first served, and nobody leaves the line: a task's timeout cancels nothing, so every order is served
    /// after the same work whatever became of its task. In such a queue each service begins no later with a server more
    /// (Kiefer and Wolfowitz's vector of remaining work is smaller in every place), and no order's work depends on when it
    /// is served. So no order's latency is longer, and whoever was confirmed in time still is.
    #[test]
    fn more_servers_make_no_order_of_the_buffered_design_later(
        arrivals in arrivals(), work in work(), servers in 1_u32..12, more in 1_u32..6, seed in 0_u64..1_000,
    ) {
        let (one, other) = (set("lambda.reserved_concurrency", servers), set("lambda.reserved_concurrency", servers + more));
        let lines = format!("{arrivals}{work}");
        let (few, many) = (fates(Design::Buffered, &lines, &one, seed), fates(Design::Buffered, &lines, &other, seed));
        prop_assert!(few.all().zip(many.all()).all(|(few, many)| many.latency <= few.latency));
        let patient = format!("{lines}[step_functions]\ntimeout = '2s'\n");
        let (few, many) = (fates(Design::Buffered, &patient, &one, seed), fates(Design::Buffered, &patient, &other, seed));
        prop_assert!(within(&few.confirmed(), &many.confirmed()));
    }

    /// Without a line: by induction over arrivals and ends of work, those at work with c servers are among those at work with
    /// c + 1, which has at most one more. Whoever finds a free one of c finds a free one of c + 1; then both take the
    /// order; only where c are busy in both may c + 1 take one alone. Ends of work come at the same instants in both.
    #[test]
    fn more_servers_refuse_no_order_of_the_direct_design_that_fewer_take(
        arrivals in arrivals(), work in work(), servers in 1_u32..12, seed in 0_u64..1_000,
    ) {
        let of = |servers| fates(Design::Direct, &format!("{arrivals}{work}"), &set("lambda.reserved_concurrency", servers), seed);
        let (few, many) = (of(servers), of(servers + 1));
        prop_assert!(within(&few.confirmed(), &many.confirmed()));
    }

    /// The line does not know of the timeout (see above): an order is confirmed if its latency without any is not longer.
    #[test]
    fn a_longer_task_timeout_only_confirms_more_and_exactly_those_that_take_no_longer(
        arrivals in arrivals(), work in work(), servers in 1_u32..12, timeout in 1_u64..6_000, seed in 0_u64..1_000,
    ) {
        let lines = format!("{arrivals}{work}reserved_concurrency = {servers}\n");
        let patient = fates(Design::Buffered, &lines, &[], seed);
        let timed = fates(Design::Buffered, &lines, &set("step_functions.timeout", format!("{timeout}ms")), seed);
        let in_time = patient.with(|fared| fared.latency <= SimDuration::from_millis(timeout));
        prop_assert_eq!(timed.confirmed(), in_time);
    }

    /// With servers without number, a message is received as soon as it is visible: at 0, V, 2V … after it was sent, until
    /// one of these runs is over, the i-th after i V and its own work. So it is received once more as long as no run i of
    /// the n so far has ended after n V, that is none has less work than (n - i) V: a longer V makes that rarer. The work of
    /// the n-th run is the order's own, whatever V. (If a stale handle deletes nothing, only the newest run counts, and the
    /// same holds; then a message may come back for ever, so the run is cut off: at every instant there were no more.) With a limit on the servers it would not: who comes back sooner may find a free one.
    #[test]
    fn a_longer_visibility_timeout_never_adds_a_receive_where_servers_are_without_number(
        arrivals in arrivals(), work in work(), visibility in 120_u64..2_000, longer in 1_u64..2_000,
        stale in prop::sample::select(&["deletes", "ignored"][..]), seed in 0_u64..1_000,
    ) {
        let lines = format!("max_drain = '8s'\n{arrivals}{work}[queue]\nstale_delete = '{stale}'\n");
        let of = |ms| fates(Design::Buffered, &lines, &set("queue.visibility_timeout", format!("{ms}ms")), seed);
        let (short, long) = (of(visibility), of(visibility + longer));
        prop_assert!(short.all().zip(long.all()).all(|(short, long)| long.receives <= short.receives));
        // Nobody is received a third time, then, whom two receives were enough for: dead letters go by receives alone.
        let dead = |ms| {
            let settings = [set("queue.visibility_timeout", format!("{ms}ms")), set("queue.dead_letter.max_receive_count", 2)];
            fates(Design::Buffered, &lines, &settings.concat(), seed).with(|fared| fared.dead_lettered)
        };
        prop_assert!(within(&dead(visibility + longer), &dead(visibility)));
    }

    /// Dead-lettered is who would be received more often than that; with servers without number nobody's receives depend on
    /// anybody else's.
    #[test]
    fn more_receives_never_dead_letter_more_where_servers_are_without_number(
        arrivals in arrivals(), work in work(), receives in 1_u32..5, seed in 0_u64..1_000,
    ) {
        let lines = format!("{arrivals}{work}[queue]\nvisibility_timeout = '150ms'\n");
        let free = fates(Design::Buffered, &lines, &[], seed);
        let limited = fates(Design::Buffered, &lines, &set("queue.dead_letter.max_receive_count", receives), seed);
        prop_assert_eq!(limited.with(|fared| fared.dead_lettered), free.with(|fared| fared.receives > receives));
    }

    /// With servers without number a message exists until its first run is over, and expires if that is longer than its
    /// retention: the same orders and some more with a shorter one.
    #[test]
    fn a_longer_retention_never_lets_more_expire_where_servers_are_without_number(
        arrivals in arrivals(), work in work(), retention in 50_u64..2_000, longer in 1_u64..2_000, seed in 0_u64..1_000,
    ) {
        let of = |ms| fates(Design::Buffered, &format!("{arrivals}{work}"), &set("queue.message_retention_period", format!("{ms}ms")), seed);
        let (short, long) = (of(retention), of(retention + longer));
        prop_assert!(within(&long.with(|f| f.expired), &short.with(|f| f.expired)));
        prop_assert_eq!(short.with(|f| f.expired), short.with(|f| f.latency > SimDuration::from_millis(retention)));
    }

    /// Sold out or not, an answer is an answer: it takes the same time and deletes the message, so the calls are the same, in
    /// the same order, and the k-th gets a unit if there are k. That holds with redeliveries and with a limit, too.
    #[test]
    fn more_stock_never_declines_more(
        arrivals in arrivals(), work in work(), servers in 2_u32..12, stock in 0_u32..200, more in 1_u32..100, seed in 0_u64..1_000,
    ) {
        let lines = format!("{arrivals}{work}reserved_concurrency = {servers}\n[queue]\nvisibility_timeout = '4s'\n\
                             [inventory]\nservice_time = '30ms'\nmax_connections = 4\n");
        for design in [Design::Buffered, Design::Direct] {
            let of = |stock| fates(design, &lines, &set("inventory.stock", stock), seed);
            let declined = |fates: &Fates| fates.with(|fared| fared.outcome == Some(Outcome::Declined));
            prop_assert!(within(&declined(&of(stock + more)), &declined(&of(stock))));
        }
    }

    /// Whether the n-th attempt of an order fails is the order's own coin, and with servers without number each attempt
    /// runs: an order is confirmed if one of its coins so far falls well.
    #[test]
    fn more_retries_never_lose_an_order_where_servers_are_without_number(
        arrivals in arrivals(), work in work(), retries in 0_u32..4, seed in 0_u64..1_000,
    ) {
        let lines = format!("{arrivals}{work}error_rate = '40%'\n");
        let of = |retries: u32| {
            let retry = format!("{{ errors = [\"States.ALL\"], interval = \"100ms\", max_attempts = {retries} }}");
            fates(Design::Direct, &lines, &set("direct.retry", retry), seed)
        };
        prop_assert!(within(&of(retries).confirmed(), &of(retries + 1).confirmed()));
    }

    /// Without limits, latencies and failures a queue is passed in no time: both designs give every order the same work at
    /// the same instants, whatever the inventory does with it, and end it at the same nanosecond. A timeout of the task
    /// ends the same ones.
    #[test]
    fn both_designs_agree_order_by_order_where_nothing_limits_or_fails(
        arrivals in arrivals(), work in work(),
        inventory in prop::sample::select(&[
            "",
            "[inventory]\nservice_time = '80ms'\n",
            "[inventory]\nservice_time = { mean = '80ms', distribution = 'exponential' }\nstock = 70\n",
            "[inventory]\nservice_time = '60ms'\nslowdown = { at = 5, factor = 2 }\n",
        ][..]),
        timeout in prop::sample::select(&["none", "700ms", "5s"][..]),
        seed in 0_u64..1_000,
    ) {
        let lines = format!("{arrivals}{work}{inventory}[step_functions]\ntimeout = '{timeout}'\n[direct]\ntimeout = '{timeout}'\n");
        let of = |design| fates(design, &lines, &[], seed);
        let ends = |fates: &Fates| fates.all().map(|fared| (fared.outcome, fared.latency)).collect::<Vec<_>>();
        let (buffered, direct) = (of(Design::Buffered), of(Design::Direct));
        prop_assert!(buffered.all().all(|fared| fared.receives == 1));
        prop_assert_eq!(ends(&buffered), ends(&direct));
    }
}
