//! Limits on what runs at once: how long each was used up while work waited for it, and what that cost.

use crate::measure::findings::LimitFindings;
use crate::time::{SimDuration, SimTime};

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
    /// Since when it binds, and the backlog's integral then, in message-nanoseconds.
    since: Option<(SimTime, u128)>,
    /// While it bound, in nanoseconds.
    time: u64,
    /// The backlog's integral in that time.
    backlog: u128,
}

impl Bound {
    /// It has bound until `at`, where the backlog's integral is `area`.
    fn end(&mut self, at: SimTime, area: u128) {
        if let Some((since, before)) = self.since.take() {
            self.time += at.since(since).0;
            self.backlog += area.wrapping_sub(before);
        }
    }
}

/// The limits of one run. A limit *binds* while it is used up and work waits for it.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    all: Vec<Bound>,
    lowest: u64,
    /// Whether any of them binds, and how many environments were busy when that was last looked at.
    binding: bool,
    busy: u64,
    /// Whether the window is open.
    counting: bool,
    /// Whether an invocation has been refused yet.
    throttled: bool,
    /// Back-offs after throttles, in nanoseconds.
    back_off: u128,
}

impl Limits {
    pub(crate) fn new(settings: &[LimitSetting]) -> Limits {
        let bound = |setting: &LimitSetting| Bound { setting: *setting, since: None, time: 0, backlog: 0 };
        Limits {
            all: settings.iter().map(bound).collect(),
            lowest: settings.iter().map(|setting| setting.limit).min().unwrap_or(u64::MAX),
            binding: false,
            busy: 0,
            counting: false,
            throttled: false,
            back_off: 0,
        }
    }

    /// Whether work waits: messages (`backlog`), or orders that back off from a throttle (`retries`).
    #[inline(always)]
    pub(crate) fn waiting(&self, backlog: u64, retries: u64) -> bool {
        backlog > 0 || (self.throttled && retries > 0)
    }

    /// Whether, with so many busy, some limit may begin or cease to bind.
    #[inline(always)]
    pub(crate) fn stirs(&self, busy: u64, waiting: bool) -> bool {
        let near = waiting && busy >= self.lowest;
        near != self.binding || (near && busy != self.busy)
    }

    /// From `at` on so many are busy while work waits or does not; `area` is the backlog's integral at that instant.
    #[inline(never)]
    pub(crate) fn change(&mut self, at: SimTime, busy: u64, waiting: bool, area: u128) {
        self.busy = busy;
        self.binding = waiting && busy >= self.lowest;
        for bound in &mut self.all {
            let binds = self.counting && waiting && busy >= bound.setting.limit;
            if binds && bound.since.is_none() {
                bound.since = Some((at, area));
            } else if !binds {
                bound.end(at, area);
            }
        }
    }

    /// The window opens.
    pub(crate) fn open(&mut self, at: SimTime, area: u128) {
        self.counting = true;
        self.change(at, self.busy, self.binding, area);
    }

    /// The window closes, or the run ends.
    pub(crate) fn close(&mut self, at: SimTime, area: u128) {
        self.counting = false;
        self.change(at, self.busy, self.binding, area);
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
