//! A Lambda function: its execution environments and the limits on them.
//!
//! ```text
//!   none ──start (cold)──▶ busy ──invocation ends──▶ idle ──idle for too long──▶ none
//!                           ▲ │                       │
//!                           │ └── too old ──▶ none    │
//!                           └────────start (warm)─────┘
//! ```
//!
//! An environment runs one invocation at a time. An invocation is admitted while fewer than the limit are busy, if the
//! function's request rate allows it, and, where a new environment must be started, if the rate of new environments does;
//! else it is throttled (429) ("Understanding Lambda function scaling", "Lambda scaling behavior").
//!
//! * Provisioned environments stay once they are there, and are taken first; among the others the most recently
//!   used idle one is taken (assumed; replays of production traces are right only so). One that has been idle for
//!   `idle_before_reclaim` goes (assumed; unpublished).
//! * An environment older than its age is taken away at the end of its invocation ("every few hours", even when busy).
//! * After a timeout an environment initialises again at its next invocation ("Lambda execution environment lifecycle").
//!
//! Every start without an idle environment is a cold start, also where starting takes no time.

use std::collections::VecDeque;

use crate::model::bucket::{Bucket, BucketSettings};
use crate::time::{SimDuration, SimTime};

/// What limits a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunctionSettings {
    /// Environments busy at most: the reserved concurrency, or what the account leaves; `None`: any number.
    pub concurrency: Option<u32>,
    /// New environments.
    pub environment_rate: Option<BucketSettings>,
    /// Requests.
    pub request_rate: Option<BucketSettings>,
    /// An environment idle for so long is taken away.
    pub idle_before_reclaim: Option<SimDuration>,
}

impl FunctionSettings {
    /// Without any limit.
    pub const UNLIMITED: FunctionSettings =
        FunctionSettings { concurrency: None, environment_rate: None, request_rate: None, idle_before_reclaim: None };
}

/// What an invocation runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// From this instant on it is too old.
    pub recycle_at: SimTime,
    /// Whether it must initialise (again) first.
    pub must_initialise: bool,
    /// Whether it is one of those that stay.
    pub provisioned: bool,
}

impl Environment {
    /// One that is ready, never too old, and not there to stay.
    pub const PLAIN: Environment =
        Environment { recycle_at: SimTime::NEVER, must_initialise: false, provisioned: false };
}

/// Whether and how an invocation is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// In an environment that was idle.
    Warm(Environment),
    /// In a new environment, to be started.
    Cold,
    /// Not at all.
    Throttled(Refusal),
}

/// Why an invocation is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As many environments are busy as may be.
    Concurrency,
    /// Too many new environments; the next may start at this instant.
    EnvironmentRate(SimTime),
    /// Too many requests; the next may come at this instant.
    RequestRate(SimTime),
}

/// What becomes of an environment whose invocation is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It is idle.
    Idle,
    /// It was too old and is gone.
    Gone,
}

/// The environments of one function.
#[derive(Clone, Debug)]
pub struct Function {
    limit: u32,
    busy: u32,
    /// Provisioned ones that are idle, and those of them that must initialise again.
    ready: u32,
    reset: u32,
    /// The others, the most recently used last, and since when each is idle.
    idle: VecDeque<(SimTime, Environment)>,
    idle_before_reclaim: Option<SimDuration>,
    environment_rate: Option<Bucket>,
    request_rate: Option<Bucket>,
    /// Where all environments are alike, idle ones are only counted.
    alike: u32,
}

impl Function {
    /// A function without any environment.
    pub fn new(settings: &FunctionSettings) -> Function {
        Function {
            limit: settings.concurrency.unwrap_or(u32::MAX),
            busy: 0,
            ready: 0,
            reset: 0,
            idle: VecDeque::new(),
            idle_before_reclaim: settings.idle_before_reclaim,
            environment_rate: settings.environment_rate.map(Bucket::new),
            request_rate: settings.request_rate.map(Bucket::new),
            alike: 0,
        }
    }

    /// Environments at work.
    #[inline(always)]
    pub fn busy(&self) -> u32 {
        self.busy
    }

    /// Environments that stay are ready.
    pub fn provision(&mut self, environments: u32) {
        self.ready += environments;
    }

    /// Asks for an environment.
    #[inline(always)]
    pub fn admit(&mut self, now: SimTime) -> Admission {
        if self.busy >= self.limit {
            return Admission::Throttled(Refusal::Concurrency);
        }
        if let Some(rate) = &mut self.request_rate
            && let Err(token_at) = rate.take(now)
        {
            return Admission::Throttled(Refusal::RequestRate(token_at));
        }
        if self.ready > 0 {
            let must_initialise = self.ready == self.reset;
            self.reset -= u32::from(must_initialise);
            self.ready -= 1;
            self.busy += 1;
            return Admission::Warm(Environment { recycle_at: SimTime::NEVER, must_initialise, provisioned: true });
        }
        if let Some((_, environment)) = self.idle.pop_back() {
            self.busy += 1;
            return Admission::Warm(environment);
        }
        if let Some(rate) = &mut self.environment_rate
            && let Err(token_at) = rate.take(now)
        {
            return Admission::Throttled(Refusal::EnvironmentRate(token_at));
        }
        self.busy += 1;
        Admission::Cold
    }

    /// An invocation is over; after a timeout (`reset`) its environment must initialise again.
    #[inline(always)]
    pub fn release(&mut self, now: SimTime, environment: Environment, reset: bool) -> Released {
        self.busy -= 1;
        if environment.provisioned {
            self.ready += 1;
            self.reset += u32::from(reset);
        } else if now >= environment.recycle_at {
            return Released::Gone;
        } else {
            self.idle.push_back((now, Environment { must_initialise: reset, ..environment }));
        }
        Released::Idle
    }

    /// [`admit`](Function::admit) where no rate is limited and environments are all [alike](Environment::PLAIN) and stay.
    #[inline(always)]
    pub fn admit_plain(&mut self) -> Admission {
        if self.busy >= self.limit {
            return Admission::Throttled(Refusal::Concurrency);
        }
        self.busy += 1;
        if self.alike == 0 {
            return Admission::Cold;
        }
        self.alike -= 1;
        Admission::Warm(Environment::PLAIN)
    }

    /// [`release`](Function::release) there.
    #[inline(always)]
    pub fn release_plain(&mut self) {
        self.busy -= 1;
        self.alike += 1;
    }

    /// When the environment that has been idle longest will have been so for too long.
    #[inline(always)]
    pub fn next_reclaim(&self) -> Option<SimTime> {
        let limit = self.idle_before_reclaim?;
        self.idle.front().map(|(since, _)| *since + limit)
    }

    /// Takes away one environment that has been idle for too long; says whether there was one.
    pub fn reclaim(&mut self, now: SimTime) -> bool {
        let due = self.next_reclaim().is_some_and(|at| at <= now);
        if due {
            self.idle.pop_front();
        }
        due
    }

    /// The most tokens that were out at one time: of new environments, and of requests.
    pub fn peak_rates(&self) -> [Option<u64>; 2] {
        [&self.environment_rate, &self.request_rate].map(|rate| rate.as_ref().map(Bucket::peak_use))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YOUNG: Environment = Environment::PLAIN;
    const NOW: SimTime = SimTime(0);

    fn function(settings: FunctionSettings) -> Function {
        Function::new(&settings)
    }

    #[test]
    fn an_invocation_beyond_the_limit_is_throttled_until_one_ends() {
        let mut function = function(FunctionSettings { concurrency: Some(2), ..FunctionSettings::UNLIMITED });
        assert_eq!([function.admit(NOW), function.admit(NOW)], [Admission::Cold; 2]);
        assert_eq!(function.admit(NOW), Admission::Throttled(Refusal::Concurrency));
        assert_eq!(function.release(NOW, YOUNG, false), Released::Idle);
        assert_eq!(function.admit(NOW), Admission::Warm(YOUNG));
        assert_eq!(function.busy(), 2);
    }

    #[test]
    fn a_function_with_reserved_concurrency_zero_never_runs() {
        let mut function = function(FunctionSettings { concurrency: Some(0), ..FunctionSettings::UNLIMITED });
        assert_eq!(function.admit(NOW), Admission::Throttled(Refusal::Concurrency));
    }

    #[test]
    fn without_a_limit_every_invocation_is_admitted() {
        let mut function = function(FunctionSettings::UNLIMITED);
        assert!((0..10_000).all(|_| function.admit(NOW) == Admission::Cold));
    }

    #[test]
    fn the_most_recently_used_environment_is_taken_and_the_longest_idle_goes() {
        let idle_before_reclaim = Some(SimDuration(10));
        let mut function = function(FunctionSettings { idle_before_reclaim, ..FunctionSettings::UNLIMITED });
        let named = |at| Environment { recycle_at: SimTime(at), ..YOUNG };
        for _ in 0..3 {
            function.admit(NOW);
        }
        for (now, name) in [(1, 101), (2, 102), (3, 103)] {
            function.release(SimTime(now), named(name), false);
        }
        assert_eq!(function.admit(SimTime(4)), Admission::Warm(named(103)));
        assert_eq!(function.next_reclaim(), Some(SimTime(11)));
        assert!(!function.reclaim(SimTime(10)) && function.reclaim(SimTime(11)) && !function.reclaim(SimTime(11)));
        assert_eq!(function.admit(SimTime(11)), Admission::Warm(named(102)));
        assert_eq!((function.next_reclaim(), function.admit(SimTime(11))), (None, Admission::Cold));
    }

    #[test]
    fn an_environment_that_is_too_old_goes_and_one_that_timed_out_initialises_again() {
        let mut function = function(FunctionSettings::UNLIMITED);
        function.admit(NOW);
        let old = Environment { recycle_at: SimTime(5), ..YOUNG };
        assert_eq!(function.release(SimTime(5), old, false), Released::Gone);
        function.admit(NOW);
        assert_eq!(function.release(SimTime(4), old, true), Released::Idle);
        assert_eq!(function.admit(SimTime(6)), Admission::Warm(Environment { must_initialise: true, ..old }));
    }

    #[test]
    fn provisioned_environments_are_taken_first_and_spill_over() {
        let mut function = function(FunctionSettings::UNLIMITED);
        function.provision(1);
        let Admission::Warm(first) = function.admit(NOW) else { panic!("it was ready") };
        assert!(first.provisioned);
        assert_eq!(function.admit(NOW), Admission::Cold);
        function.release(SimTime(1), YOUNG, false);
        function.release(SimTime(1), first, true);
        let reset = Environment { must_initialise: true, ..first };
        assert_eq!(function.admit(SimTime(2)), Admission::Warm(reset), "it timed out");
        function.release(SimTime(3), reset, false);
        assert_eq!(function.admit(SimTime(4)), Admission::Warm(first));
    }

    #[test]
    fn rates_refuse_what_concurrency_would_admit() {
        let one = Some(BucketSettings { size: 1, refill_per_s: 1.0 });
        let next = SimTime(1_000_000_000);
        let mut starts = function(FunctionSettings { environment_rate: one, ..FunctionSettings::UNLIMITED });
        assert_eq!(starts.admit(NOW), Admission::Cold);
        assert_eq!(starts.admit(NOW), Admission::Throttled(Refusal::EnvironmentRate(next)));
        starts.release(NOW, YOUNG, false);
        assert_eq!(starts.admit(NOW), Admission::Warm(YOUNG));
        let mut requests = function(FunctionSettings { request_rate: one, ..FunctionSettings::UNLIMITED });
        assert_eq!(requests.admit(NOW), Admission::Cold);
        requests.release(NOW, YOUNG, false);
        assert_eq!(requests.admit(NOW), Admission::Throttled(Refusal::RequestRate(next)));
        assert_eq!((starts.peak_rates(), requests.peak_rates()), ([Some(1), None], [None, Some(1)]));
    }
}
