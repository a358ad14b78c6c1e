//! The function against a list of its environments.

use proptest::prelude::*;

use queuecast::model::bucket::{Bucket, BucketSettings};
use queuecast::model::function::{Admission, Environment, Function, FunctionSettings, Refusal, Released};
use queuecast::time::{SimDuration, SimTime};

use crate::cases;

/// One unit of time in these tests, so that instants can carry a number that tells environments apart.
const UNIT: u64 = 1_000;

#[derive(Clone, Debug)]
enum Deed {
    /// Units of time pass; the idle are taken away when their time is over.
    Wait(u64),
    /// Somebody asks; a new environment lives for so many units.
    Ask(u64),
    /// One of those at work ends, counted from the first, after a timeout or not.
    End(usize, bool),
    /// So many environments that stay are ready.
    Provision(u32),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0_u64..6).prop_map(Deed::Wait),
        5 => prop_oneof![Just(1_000), 0_u64..12].prop_map(Deed::Ask),
        4 => (0_usize..4, prop::bool::weighted(0.2)).prop_map(|(nth, reset)| Deed::End(nth, reset)),
        1 => (1_u32..3).prop_map(Deed::Provision),
    ];
    prop::collection::vec(deed, 1..150)
}

fn settings() -> impl Strategy<Value = FunctionSettings> {
    let rate = || prop::option::of((1_u32..4).prop_map(|size| BucketSettings { size, refill_per_s: 3e5 }));
    (prop::option::of(0_u32..5), rate(), rate(), prop::option::of(1_u64..6)).prop_map(
        |(concurrency, environment_rate, request_rate, idle)| FunctionSettings {
            concurrency,
            environment_rate,
            request_rate,
            idle_before_reclaim: idle.map(|units| SimDuration(units * UNIT)),
        },
    )
}

/// An environment of the reference.
#[derive(Clone, Copy, Debug)]
struct Plain {
    environment: Environment,
    busy: bool,
    /// The instant of its last release, and how many releases there were before it.
    idle_since: (u64, usize),
}

struct Reference {
    settings: FunctionSettings,
    environments: Vec<Plain>,
    /// Held against their meaning in `buckets.rs`.
    new_environments: Option<Bucket>,
    requests: Option<Bucket>,
    releases: usize,
    started: u64,
}

impl Reference {
    fn busy(&self) -> u32 {
        self.environments.iter().filter(|plain| plain.busy).count() as u32
    }

    fn admit(&mut self, now: u64) -> Admission {
        if self.settings.concurrency.is_some_and(|most| self.busy() >= most) {
            return Admission::Throttled(Refusal::Concurrency);
        }
        if let Some(Err(at)) = self.requests.as_mut().map(|bucket| bucket.take(SimTime(now))) {
            return Admission::Throttled(Refusal::RequestRate(at));
        }
        let idle = (0..self.environments.len()).filter(|index| !self.environments[*index].busy);
        // Those that stay first, the initialised ones before the others; then the most recently used one.
        let best = idle.max_by_key(|index| {
            let Plain { environment, idle_since, .. } = self.environments[*index];
            let stays = environment.provisioned;
            (stays, stays && !environment.must_initialise, idle_since)
        });
        if let Some(index) = best {
            self.environments[index].busy = true;
            return Admission::Warm(self.environments[index].environment);
        }
        match self.new_environments.as_mut().map(|bucket| bucket.take(SimTime(now))) {
            Some(Err(at)) => Admission::Throttled(Refusal::EnvironmentRate(at)),
            _ => Admission::Cold,
        }
    }

    /// The `n`-th of those at work.
    fn at_work(&self, n: usize) -> Option<usize> {
        (0..self.environments.len()).filter(|index| self.environments[*index].busy).nth(n)
    }

    fn release(&mut self, index: usize, now: u64, reset: bool) -> Released {
        self.releases += 1;
        let plain = &mut self.environments[index];
        if !plain.environment.provisioned && now >= plain.environment.recycle_at.0 {
            self.environments.remove(index);
            return Released::Gone;
        }
        plain.busy = false;
        plain.idle_since = (now, self.releases);
        plain.environment.must_initialise = reset;
        Released::Idle
    }

    /// Those that have been idle for too long go; how many did.
    fn reclaim(&mut self, now: u64) -> usize {
        let Some(most) = self.settings.idle_before_reclaim else { return 0 };
        let before = self.environments.len();
        self.environments.retain(|p| p.busy || p.environment.provisioned || now < p.idle_since.0 + most.0);
        before - self.environments.len()
    }

    fn next_reclaim(&self) -> Option<SimTime> {
        let most = self.settings.idle_before_reclaim?;
        let idle = self.environments.iter().filter(|plain| !plain.busy && !plain.environment.provisioned);
        idle.map(|plain| SimTime(plain.idle_since.0) + most).min()
    }

    /// A new environment, whose end of life is its name.
    fn start(&mut self, now: u64, life: u64) {
        self.started += 1;
        let recycle_at = SimTime(now + life * UNIT + self.started);
        let environment = Environment { recycle_at, must_initialise: false, provisioned: false };
        self.environments.push(Plain { environment, busy: true, idle_since: (0, 0) });
    }

    fn provision(&mut self, environments: u32) {
        let environment = Environment { recycle_at: SimTime::NEVER, must_initialise: false, provisioned: true };
        let plain = Plain { environment, busy: false, idle_since: (0, 0) };
        self.environments.extend((0..environments).map(|_| plain));
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn the_function_does_what_a_list_of_environments_does(settings in settings(), deeds in deeds()) {
        let mut function = Function::new(&settings);
        let mut reference = Reference {
            settings,
            environments: Vec::new(),
            new_environments: settings.environment_rate.map(Bucket::new),
            requests: settings.request_rate.map(Bucket::new),
            releases: 0,
            started: 0,
        };
        let mut now = 0;
        for deed in deeds {
            match deed {
                Deed::Wait(units) => {
                    now += units * UNIT;
                    let gone = std::iter::from_fn(|| function.reclaim(SimTime(now)).then_some(())).count();
                    prop_assert_eq!(gone, reference.reclaim(now));
                }
                Deed::Ask(life) => {
                    let expected = reference.admit(now);
                    prop_assert_eq!(function.admit(SimTime(now)), expected);
                    if expected == Admission::Cold {
                        reference.start(now, life);
                    }
                }
                Deed::End(nth, reset) => {
                    if let Some(index) = reference.at_work(nth) {
                        let environment = reference.environments[index].environment;
                        let found = function.release(SimTime(now), environment, reset);
                        prop_assert_eq!(found, reference.release(index, now, reset));
                    }
                }
                Deed::Provision(environments) => {
                    function.provision(environments);
                    reference.provision(environments);
                }
            }
            prop_assert_eq!(function.busy(), reference.busy());
            prop_assert_eq!(function.next_reclaim(), reference.next_reclaim());
        }
    }
}
