//! Hops between services, and how long each takes for an order.

use std::marker::PhantomData;

use crate::facts::workflow::LONGEST_SDK_BACKOFF;
use crate::random::{Distribution, Draw, OrderKey, Purpose};
use crate::time::SimDuration;

use super::spec::{LatencySpec, SdkSpec, TriesSpec};
use super::ways::{Aws, Ways};

/// One kind of hop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hop<W: Ways = Aws> {
    length: Distribution,
    purpose: Purpose,
    takes_time: bool,
    ways: PhantomData<W>,
}

impl<W: Ways> Hop<W> {
    pub(super) fn new(length: Distribution, purpose: Purpose) -> Hop<W> {
        Hop { length, purpose, takes_time: !length.is_zero(), ways: PhantomData }
    }

    /// Its length for the order of this key; `number` tells the order's hops of this kind apart.
    #[inline(always)]
    pub(super) fn draw(&self, key: OrderKey, number: u32) -> SimDuration {
        if self.takes_time() { self.drawn(key, number) } else { SimDuration::ZERO }
    }

    /// Whether it is a hop at all, and not a call.
    #[inline(always)]
    pub(super) fn takes_time(&self) -> bool {
        W::AWS && self.takes_time
    }

    #[inline(never)]
    fn drawn(&self, key: OrderKey, number: u32) -> SimDuration {
        self.length.duration(&mut Draw::new(key, self.purpose, u64::from(number)))
    }
}

/// The hops of the workflow.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkflowHops<W: Ways = Aws> {
    pub(super) start: Hop<W>,
    pub(super) dispatch: Hop<W>,
    pub(super) transition: Hop<W>,
    pub(super) callback: Hop<W>,
}

impl<W: Ways> WorkflowHops<W> {
    pub(super) fn new(spec: &LatencySpec) -> WorkflowHops<W> {
        WorkflowHops {
            start: Hop::new(spec.start, Purpose::Start),
            dispatch: Hop::new(spec.dispatch, Purpose::Dispatch),
            transition: Hop::new(spec.transition, Purpose::Transition),
            callback: Hop::new(spec.callback, Purpose::Callback),
        }
    }
}

/// The SDKs of the workflow's callers.
#[derive(Clone, Copy, Debug)]
pub struct Sdk {
    /// Whoever starts executions.
    pub start: SdkRetry,
    /// The worker that answers with the task token.
    pub callback: SdkRetry,
}

impl Sdk {
    /// With these settings.
    pub fn new(spec: &SdkSpec) -> Sdk {
        let of = |TriesSpec { tries, first }, purpose| SdkRetry { tries, first, purpose };
        Sdk { start: of(spec.start, Purpose::StartJitter), callback: of(spec.callback, Purpose::CallbackJitter) }
    }
}

/// Back-off of an AWS SDK: FULL jitter over `first` × 2^k, at most 20 s.
#[derive(Clone, Copy, Debug)]
pub struct SdkRetry {
    /// Calls in all.
    pub tries: u32,
    /// The longest wait before the second call.
    pub first: SimDuration,
    purpose: Purpose,
}

impl SdkRetry {
    /// No wait is longer.
    pub fn longest(&self) -> SimDuration {
        LONGEST_SDK_BACKOFF
    }

    /// The wait after the `made`-th call (from 1) was refused; `None` if that was the last. `number` tells the order's
    /// series of calls apart.
    pub fn wait(&self, key: OrderKey, number: u32, made: u32) -> Option<SimDuration> {
        if made >= self.tries {
            return None;
        }
        let longest = self.first.0.saturating_mul(1 << (made - 1).min(16)).min(self.longest().0);
        let draw = u64::from(number) * u64::from(self.tries) + u64::from(made);
        let share = Draw::new(key, self.purpose, draw).uniform();
        Some(SimDuration::from_secs_f64(SimDuration(longest).as_secs_f64() * share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sdk_waits_a_uniform_share_of_a_doubling_time_and_gives_up_after_its_tries() {
        let start = Sdk::new(&SdkSpec::AWS).start;
        let waits = |made| (0..20_000).map(move |key| start.wait(OrderKey(key), 0, made));
        for (made, longest) in [(1, 1.0), (2, 2.0)] {
            let seconds: Vec<f64> = waits(made).map(|wait| wait.expect("it tries again").as_secs_f64()).collect();
            let mean = seconds.iter().sum::<f64>() / 20_000.0;
            assert!(seconds.iter().all(|wait| *wait < longest) && (mean / longest - 0.5).abs() < 0.01, "{mean}");
        }
        assert!(waits(3).all(|wait| wait.is_none()));
    }
}
