//! The textbook's instance of the buffered design against the one that asks for every way of AWS's.

use super::*;
use crate::model::bucket::BucketSettings;
use crate::model::inventory::{InventorySettings, WhenFull};
use crate::random::Distribution;
use crate::scenario::{Overrides, Source, load};
use crate::system::BufferedSpec;
use crate::system::spec::{Answers, BatchMode, FaultEffect, FaultSpec, FaultTarget, InventorySpec, Pull, RedriveSpec};

fn textbook(top: &str, rest: &str) -> Scenario {
    let text = format!(
        "{top}profile = \"textbook\"\nseed = 7\nmax_orders = 20000\nrepeat = 5\n[[arrivals]]\nrate = \"60/s\"\nduration = \"40s\"\n\
         [[arrivals]]\nrate = \"20/s\"\nduration = \"60s\"\n{rest}"
    );
    let source = Source { shown: "t.toml".into(), name: "t".into(), text };
    load(&source, &Overrides::default()).expect("it is right").scenario
}

const SERVERS: &str = "duration = { mean = \"1s\", distribution = \"exponential\" }\nreserved_concurrency = 50\n";

/// Every scenario goes by the textbook; some lose patience, retry, receive twice, dead-letter and stop in the middle.
fn scenarios() -> Vec<Scenario> {
    let lambda = |more: &str| textbook("", &format!("{more}\n[lambda]\n{SERVERS}"));
    vec![
        lambda(""),
        lambda("[queue]\nvisibility_timeout = \"2s\"\n[step_functions]\ntimeout = \"9s\""),
        lambda(
            "[queue]\nvisibility_timeout = \"1500ms\"\ndead_letter = { max_receive_count = 3 }\nreturned_to = \"place\"\n\
             stale_delete = \"ignored\"\n[step_functions]\ntimeout = \"4s\"\nexecution_timeout = \"11s\"\n\
             [step_functions.retry]\nmax_attempts = 2\ninterval = \"1s\"\nbackoff_rate = 2.0\njitter_strategy = \"FULL\"",
        ),
        lambda("[queue]\nvisibility_timeout = \"3s\"\n[event_source]\nmaximum_concurrency = 20"),
        textbook("horizon = \"77s\"\n", "[lambda]\nduration = \"900ms\"\nreserved_concurrency = 20\n"),
    ]
}

#[test]
fn the_textbooks_instance_does_what_the_other_one_does_to_the_observation() {
    for (place, scenario) in scenarios().iter().enumerate() {
        assert!(go_by_the_textbook(&scenario.buffered, &scenario.workload), "scenario {place}");
        let mut digests = [Fingerprint::new(), Fingerprint::new()];
        let [all, plain] = &mut digests;
        let ended =
            [replicate_buffered::<Aws, _>(scenario, 0, all), replicate_buffered::<Textbook, _>(scenario, 0, plain)];
        assert_eq!(ended[0], ended[1], "scenario {place}");
        assert_eq!(digests[0].digest(), digests[1].digest(), "scenario {place}");
        assert_ne!(digests[0].digest(), Fingerprint::new().digest(), "scenario {place}");
    }
}

#[test]
fn any_one_of_awss_ways_leads_away_from_the_textbook() {
    let one = Distribution::constant(1.0);
    let second = SimDuration::from_secs(1);
    let bucket = Some(BucketSettings { size: 1, refill_per_s: 1.0 });
    let fault = FaultSpec {
        name: "outage".into(),
        target: FaultTarget::Queue,
        from: SimTime::ZERO,
        to: SimTime::NEVER,
        share: 1.0,
        effect: FaultEffect::Outage,
    };
    let settings = InventorySettings {
        max_connections: None,
        when_full: WhenFull::Wait,
        connect_timeout: None,
        slowdown: None,
        stock: None,
        idempotent: false,
    };
    let inventory = InventorySpec { settings, service_time: one };
    type Way<'a> = &'a dyn Fn(&mut BufferedSpec);
    let ways: [Way; 33] = [
        &|spec| spec.queue.message_retention_period = Some(second),
        &|spec| spec.queue.in_flight_limit = Some(1),
        &|spec| spec.delay.length = one,
        &|spec| spec.noise.duplicate_delivery = 0.1,
        &|spec| spec.noise.reorder_window = second,
        &|spec| spec.redrive = Some(RedriveSpec { at: SimTime::ZERO, interval: second }),
        &|spec| spec.inventory = Some(inventory.clone()),
        &|spec| spec.event_source.pull = Pull::Eager,
        &|spec| spec.event_source.batch_size = 2,
        &|spec| spec.event_source.maximum_batching_window = second,
        &|spec| spec.event_source.scale_interval = Some(second),
        &|spec| spec.function.timeout = Some(second),
        &|spec| spec.function.error_rate = 0.1,
        &|spec| spec.function.poison_rate = 0.1,
        &|spec| spec.function.skip_older_than = Some(second),
        &|spec| spec.function.batch = BatchMode::Together,
        &|spec| spec.function.answers = Answers::FirstDecides,
        &|spec| spec.function.cold_start = one,
        &|spec| spec.function.recycle_after = Some(one),
        &|spec| spec.function.idle_before_reclaim = Some(second),
        &|spec| spec.function.provisioned_concurrency = 1,
        &|spec| spec.platform.latency.start = one,
        &|spec| spec.platform.latency.dispatch = one,
        &|spec| spec.platform.latency.transition = one,
        &|spec| spec.platform.latency.send = one,
        &|spec| spec.platform.latency.receive = one,
        &|spec| spec.platform.latency.invoke = one,
        &|spec| spec.platform.latency.callback = one,
        &|spec| spec.platform.account.start_execution = bucket,
        &|spec| spec.platform.account.state_transition = bucket,
        &|spec| spec.platform.account.send_task = bucket,
        &|spec| spec.platform.account.environment_rate = bucket,
        &|spec| spec.platform.faults.push(fault.clone()),
    ];
    let scenario = textbook("", &format!("[lambda]\n{SERVERS}"));
    for (place, way) in ways.iter().enumerate() {
        let mut spec = scenario.buffered.clone();
        way(&mut spec);
        assert_ne!(spec, scenario.buffered, "way {place}");
        assert!(!go_by_the_textbook(&spec, &scenario.workload), "way {place}");
    }
    let mut with_backlog = scenario.workload.clone();
    with_backlog.initial_backlog = 1;
    assert!(!go_by_the_textbook(&scenario.buffered, &with_backlog));
}
