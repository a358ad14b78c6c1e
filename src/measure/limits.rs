//! The limits of a run: how near each was, how long it bound, and what that cost.
//!
//! A limit on what runs at once *binds* while it is used up and work waits for it; its cost is that waiting. A rate (a token
//! bucket) binds from a call that found no token until the next token is there; its cost is how long callers waited.

use crate::measure::findings::LimitFindings;
use crate::measure::window::Window;
use crate::observation::RateLimit;
use crate::time::{SimDuration, SimTime};

/// What a limit on what runs at once counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uses {
    /// Environments initialising or working.
    Environments,
    /// Batches in the hands of the event source mapping.
    Batches,
    /// Batches again, but the limit moves: the mapping's ramp.
    Ramp,
    /// Messages in flight.
    InFlight,
    /// Connections of the inventory.
    Connections,
    /// Tokens of this bucket.
    Tokens(RateLimit),
}

/// One limit of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitSetting {
    /// The scenario key it comes from, for example `reserved_concurrency`.
    pub name: &'static str,
    /// So many at most; of a bucket its size.
    pub limit: u64,
    /// Of what.
    pub uses: Uses,
}

/// What a binding limit can be told by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InUse {
    pub(crate) environments: u64,
    pub(crate) batches: u64,
    /// Of messages in flight, only where they are limited.
    pub(crate) in_flight: u64,
}

/// The first and the last instant at which something was so; none if it never was for any time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span(Option<(SimTime, SimTime)>);

impl Span {
    /// It was so from `from` to `to`; pieces come in the order of their beginnings.
    pub(crate) fn add(&mut self, from: SimTime, to: SimTime) {
        if from < to {
            let (first, last) = self.0.unwrap_or((from, to));
            self.0 = Some((first, last.max(to)));
        }
    }

    /// As [`Span::add`], as far as it lies inside the window.
    pub(crate) fn add_inside(&mut self, from: SimTime, to: SimTime, window: &Window) {
        self.add(from.max(window.from), to.min(window.to));
    }

    fn first_s(self) -> Option<f64> {
        self.0.map(|span| span.0.as_secs_f64())
    }

    fn last_s(self) -> Option<f64> {
        self.0.map(|span| span.1.as_secs_f64())
    }
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    setting: LimitSetting,
    /// What is used up at the moment: the ramp's limit moves.
    current: u64,
    /// Since when it binds, and the backlog's integral then, in message-nanoseconds.
    since: Option<(SimTime, u128)>,
    /// While it bound, in nanoseconds.
    time: u64,
    /// The first and the last instant of that time.
    span: Span,
    /// The waiting in that time, in nanoseconds.
    cost: u128,
    /// Of a bucket: until when its last refusal binds, and its peak use.
    until: SimTime,
    peak: u64,
}

impl Bound {
    fn used_up(&self, in_use: InUse) -> bool {
        match self.setting.uses {
            Uses::Environments => in_use.environments >= self.current,
            Uses::Batches => in_use.batches >= self.current,
            Uses::Ramp => in_use.batches >= self.current && self.current < self.setting.limit,
            Uses::InFlight => in_use.in_flight >= self.current,
            Uses::Connections | Uses::Tokens(_) => false,
        }
    }

    /// It has bound until `at`, where the backlog's integral is `area`.
    fn end(&mut self, at: SimTime, area: u128) {
        if let Some((since, before)) = self.since.take() {
            self.time += at.since(since).0;
            self.span.add(since, at);
            self.cost += area.wrapping_sub(before);
        }
    }
}

/// What the recorder knows of use besides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peaks {
    pub(crate) environments: u64,
    pub(crate) batches: u64,
    pub(crate) in_flight: u64,
    pub(crate) connections: u64,
    /// How long calls of the inventory waited for a connection or were turned away, and how much they waited in all.
    pub(crate) connections_bound: (SimDuration, Span),
    pub(crate) connections_waited: u128,
}

/// The limits of one run.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    all: Vec<Bound>,
    /// The least that is used up of environments, of batches and of messages in flight.
    lowest: InUse,
    /// Whether any of them binds, and what was in use when that was last looked at.
    binding: bool,
    in_use: InUse,
    /// Whether the window is open.
    counting: bool,
    /// Whether an invocation has been refused yet.
    throttled: bool,
    /// Back-offs after throttles, in nanoseconds.
    back_off: u128,
}

impl Limits {
    pub(crate) fn new(settings: &[LimitSetting]) -> Limits {
        let bound = |setting: &LimitSetting| Bound {
            setting: *setting,
            current: setting.limit,
            since: None,
            time: 0,
            span: Span::default(),
            cost: 0,
            until: SimTime::ZERO,
            peak: 0,
        };
        let mut limits = Limits {
            all: settings.iter().map(bound).collect(),
            lowest: InUse::default(),
            binding: false,
            in_use: InUse::default(),
            counting: false,
            throttled: false,
            back_off: 0,
        };
        limits.find_lowest();
        limits
    }

    fn find_lowest(&mut self) {
        let least = |of: fn(Uses) -> bool| {
            let fitting = self.all.iter().filter(|bound| of(bound.setting.uses));
            fitting.map(|bound| bound.current).min().unwrap_or(u64::MAX)
        };
        self.lowest = InUse {
            environments: least(|uses| uses == Uses::Environments),
            batches: least(|uses| matches!(uses, Uses::Batches | Uses::Ramp)),
            in_flight: least(|uses| uses == Uses::InFlight),
        };
    }

    /// Whether messages in flight are limited.
    pub(crate) fn watch_in_flight(&self) -> bool {
        self.lowest.in_flight < u64::MAX
    }

    #[inline(always)]
    fn any_used_up(&self, in_use: InUse) -> bool {
        in_use.environments >= self.lowest.environments
            || in_use.batches >= self.lowest.batches
            || in_use.in_flight >= self.lowest.in_flight
    }

    /// Whether work waits: messages (`backlog`), or orders that back off from a throttle (`retries`).
    #[inline(always)]
    pub(crate) fn waiting(&self, backlog: u64, retries: u64) -> bool {
        backlog > 0 || (self.throttled && retries > 0)
    }

    /// Whether no limit binds, and none begins to as long as no message waits.
    #[inline(always)]
    pub(crate) fn rest(&self) -> bool {
        !self.binding && !self.throttled
    }

    /// Whether some limit binds and so many environments and batches are in use as when that was last looked at; where nothing
    /// else is limited it then goes on to bind as long as messages wait.
    #[inline(always)]
    pub(crate) fn stand(&self, environments: u64, batches: u64) -> bool {
        self.binding && self.in_use.environments == environments && self.in_use.batches == batches
    }

    /// Whether, with so many in use, some limit may begin or cease to bind.
    #[inline(always)]
    pub(crate) fn stirs(&self, in_use: InUse, waiting: bool) -> bool {
        let near = waiting && self.any_used_up(in_use);
        near != self.binding || (near && in_use != self.in_use)
    }

    /// From `at` on so many are in use while work waits or does not; `area` is the backlog's integral at that instant.
    #[inline(never)]
    pub(crate) fn change(&mut self, at: SimTime, in_use: InUse, waiting: bool, area: u128) {
        self.in_use = in_use;
        self.binding = waiting && self.any_used_up(in_use);
        for bound in &mut self.all {
            let binds = self.counting && waiting && bound.used_up(in_use);
            if binds && bound.since.is_none() {
                bound.since = Some((at, area));
            } else if !binds {
                bound.end(at, area);
            }
        }
    }

    /// The mapping's ramp allows so many batches from now on; whoever is told looks at the limits again.
    pub(crate) fn ramp(&mut self, pollers: u64) {
        for bound in self.all.iter_mut().filter(|bound| bound.setting.uses == Uses::Ramp) {
            bound.current = pollers;
        }
        self.find_lowest();
        // Whatever is in use, the next look is a new one.
        self.in_use.batches = u64::MAX;
        self.binding = true;
    }

    /// The window opens.
    pub(crate) fn open(&mut self, at: SimTime, area: u128) {
        self.counting = true;
        self.change(at, self.in_use, self.binding, area);
    }

    /// The window closes, or the run ends.
    pub(crate) fn close(&mut self, at: SimTime, area: u128) {
        self.counting = false;
        self.change(at, self.in_use, self.binding, area);
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

    fn bucket(&mut self, limit: RateLimit) -> Option<&mut Bound> {
        self.all.iter_mut().find(|bound| bound.setting.uses == Uses::Tokens(limit))
    }

    /// A bucket had no token for a call before `token_at`, and the caller waits.
    pub(crate) fn rate_limited(
        &mut self,
        now: SimTime,
        limit: RateLimit,
        (token_at, waits): (SimTime, SimDuration),
        window: &Window,
    ) {
        if let Some(bound) = self.bucket(limit) {
            let since = now.max(bound.until);
            bound.until = bound.until.max(token_at);
            bound.time += window.overlap(since, bound.until.max(since)).0;
            bound.span.add_inside(since, bound.until, window);
            bound.cost += u128::from(if window.holds(now) { waits.0 } else { 0 });
        }
    }

    /// The most tokens of a bucket that were out.
    pub(crate) fn rate_peaked(&mut self, limit: RateLimit, used: u64) {
        if let Some(bound) = self.bucket(limit) {
            bound.peak = bound.peak.max(used);
        }
    }

    /// How the limits came out: the cost of what runs at once is waiting messages (`buffered`) or back-offs after throttles
    /// (direct).
    pub(crate) fn findings(&self, buffered: bool, peaks: &Peaks) -> Vec<LimitFindings> {
        let finding = |bound: &Bound| {
            let (peak, time, cost) = match bound.setting.uses {
                Uses::Environments => {
                    (peaks.environments, bound.time, if buffered { bound.cost } else { self.back_off })
                }
                Uses::Batches | Uses::Ramp => (peaks.batches, bound.time, bound.cost),
                Uses::InFlight => (peaks.in_flight, bound.time, bound.cost),
                Uses::Connections => (peaks.connections, peaks.connections_bound.0.0, peaks.connections_waited),
                Uses::Tokens(_) => (bound.peak, bound.time, bound.cost),
            };
            let span = if bound.setting.uses == Uses::Connections { peaks.connections_bound.1 } else { bound.span };
            LimitFindings {
                name: bound.setting.name.into(),
                limit: bound.setting.limit as f64,
                peak_use: peak as f64,
                bound_s: SimDuration(time).as_secs_f64(),
                first_bound_at_s: span.first_s(),
                last_bound_at_s: span.last_s(),
                cost_s: cost as f64 / 1e9,
            }
        };
        self.all.iter().map(finding).collect()
    }
}
