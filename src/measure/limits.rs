//! Limits on what runs at once: how long each was used up while work waited for it, and what that cost.

use crate::measure::findings::LimitFindings;
use crate::time::SimDuration;

/// A limit on the environments that may be busy at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSetting {
    /// The scenario key it comes from, for example `reserved_concurrency`.
    pub name: &'static str,
    /// Environments (or batches in flight) at most.
    pub limit: u64,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    setting: LimitSetting,
    /// While it bound, in nanoseconds.
    time: u64,
    /// The backlog's integral in that time, in message-nanoseconds.
    backlog: u128,
}

/// The limits of one run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    all: Vec<Bound>,
    lowest: u64,
    /// Whether an invocation has been refused yet.
    throttled: bool,
    /// Back-offs after throttles, in nanoseconds.
    back_off: u128,
}

impl Limits {
    pub(crate) fn new(settings: &[LimitSetting]) -> Limits {
        Limits {
            all: settings.iter().map(|setting| Bound { setting: *setting, time: 0, backlog: 0 }).collect(),
            lowest: settings.iter().map(|setting| setting.limit).min().unwrap_or(u64::MAX),
            throttled: false,
            back_off: 0,
        }
    }

    /// Whether any limit is used up by `busy`.
    #[inline(always)]
    pub(crate) fn reached_by(&self, busy: u64) -> bool {
        busy >= self.lowest
    }

    /// For a `length` of time inside the window, `busy` were at work while messages (`backlog`) or throttled orders
    /// (`retries`) waited.
    #[inline(never)]
    pub(crate) fn hold(&mut self, length: SimDuration, busy: u64, backlog: u64, retries: u64) {
        let waiting = backlog > 0 || (self.throttled && retries > 0);
        for bound in self.all.iter_mut().filter(|bound| waiting && busy >= bound.setting.limit) {
            bound.time += length.0;
            bound.backlog += u128::from(backlog) * u128::from(length.0);
        }
    }

    /// An invocation was refused.
    #[inline(always)]
    pub(crate) fn throttle(&mut self) {
        self.throttled = true;
    }

    /// A throttled order waits this long for its retry.
    #[inline(always)]
    pub(crate) fn back_off(&mut self, length: SimDuration) {
        self.back_off += u128::from(length.0);
    }

    /// How the limits came out: the cost is waiting messages (`buffered`) or back-offs after throttles (direct).
    pub(crate) fn findings(&self, buffered: bool, peak_use: u64) -> Vec<LimitFindings> {
        let finding = |bound: &Bound| LimitFindings {
            name: bound.setting.name,
            limit: bound.setting.limit as f64,
            peak_use: peak_use as f64,
            bound_s: SimDuration(bound.time).as_secs_f64(),
            cost_s: if buffered { bound.backlog } else { self.back_off } as f64 / 1e9,
        };
        self.all.iter().map(finding).collect()
    }
}
