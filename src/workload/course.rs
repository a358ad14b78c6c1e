//! The course of one phase: its rate integrated over time, and the way back.
//!
//! Arrivals are placed in rescaled time, in which exactly one batch instant is due per unit. The instant at which the
//! integrated rate reaches a given amount has a closed form for every rate but the wave, whose inverse is a root found
//! to the last bit. So placing is exact: no steps in time, no thinning, no draw thrown away.

use crate::random::{Distribution, Numbers, ziggurat};
use crate::time::SimDuration;
use crate::workload::batches::BatchSizes;
use crate::workload::spec::{Modulation, Phase, Rate, Spacing};
use crate::workload::wave::Wave;

/// Rounding of the integrated rate that must not cost the last arrival of an evenly spaced phase.
const SLACK: f64 = 1e-12;

/// A phase made ready to be walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    /// How long the phase lasts.
    pub duration: SimDuration,
    /// Orders at the very start of the phase.
    pub at_start: u64,
    /// Orders of its trace.
    recorded: f64,
    /// The integrated rate of the whole phase: the mean number of batch instants.
    pub total: f64,
    /// The last amount at which an instant still belongs to the phase; negative if none does.
    pub last: f64,
    /// Orders per instant.
    pub batch: BatchSizes,
    /// The factors of the rate, where it has any.
    pub factors: Option<Factors>,
    gaps: Gaps,
    rate: Integrated,
}

/// The factors of a modulated rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factors {
    /// Mean 1.
    distribution: Distribution,
    /// How long each holds.
    correlation: SimDuration,
}

/// The smallest factor. A gamma variate of a small shape can be so near 0 that its inverse is no number.
const LEAST_FACTOR: f64 = 1e-200;

impl Factors {
    fn of(modulation: Modulation) -> Factors {
        let Modulation { cv, correlation } = modulation;
        Factors { distribution: Distribution::gamma(1.0, 1.0 / (cv * cv)), correlation }
    }

    /// The next factor.
    pub fn draw(&self, numbers: &mut impl Numbers) -> f64 {
        self.distribution.sample(numbers).max(LEAST_FACTOR)
    }
}

/// The gaps between instants in rescaled time; all have mean 1.
#[derive(Clone, Copy, Debug)]
enum Gaps {
    Exponential,
    Even,
    Renewal(Distribution),
}

/// A rate in batch instants per second, in the form its inverse wants.
#[derive(Clone, Copy, Debug)]
enum Integrated {
    /// rate
    Constant { rate: f64 },
    /// from + slope t
    Ramp { from: f64, slope: f64 },
    /// from e^(growth t)
    Decay { from: f64, growth: f64 },
    /// rate (1 + amplitude sin(2π t / period))
    Wave(Wave),
}

impl Course {
    /// The course of this phase.
    pub fn of(phase: &Phase) -> Course {
        let length = phase.duration.as_secs_f64();
        let batch = BatchSizes::of(phase.batch);
        let rate = Integrated::of(&phase.rate, length, batch.mean());
        let (at_start, gaps) = match (&phase.rate, &phase.spacing) {
            // Bursts and traces have no gaps to space: a Poisson process before them runs on behind them.
            (Rate::AtOnce { orders }, _) => (*orders, Gaps::Exponential),
            (Rate::Trace(_), _) => (0, Gaps::Exponential),
            (_, Spacing::Poisson) => (0, Gaps::Exponential),
            (_, Spacing::Even) => (0, Gaps::Even),
            (_, Spacing::Renewal(distribution)) => (0, Gaps::Renewal(*distribution)),
        };
        let total = rate.total(length);
        let last = match gaps {
            _ if total <= 0.0 => -1.0,
            Gaps::Exponential => total,
            Gaps::Even | Gaps::Renewal(_) => total * (1.0 + SLACK),
        };
        let factors = phase.modulation.filter(|_| total > 0.0).map(Factors::of);
        let recorded = match &phase.rate {
            Rate::Trace(trace) => trace.orders_until(length),
            _ => 0.0,
        };
        Course { duration: phase.duration, at_start, recorded, total, last, batch, factors, gaps, rate }
    }

    /// The mean number of orders; exact where the arrivals are not random.
    pub fn expected_orders(&self) -> f64 {
        let instants = match self.gaps {
            Gaps::Even if self.factors.is_none() => self.last.max(0.0).floor(),
            Gaps::Even | Gaps::Exponential | Gaps::Renewal(_) => self.total,
        };
        self.at_start as f64 + self.recorded + instants * self.batch.mean()
    }

    /// The next gap in rescaled time.
    #[inline(always)]
    pub fn gap(&self, numbers: &mut impl Numbers) -> f64 {
        match self.gaps {
            Gaps::Exponential => ziggurat::exponential(numbers),
            Gaps::Even => 1.0,
            Gaps::Renewal(distribution) => distribution.sample(numbers),
        }
    }

    /// Whether an amount left over when the phase ends counts on in the next: a Poisson process runs on through a
    /// change of rate, all others start anew.
    pub fn runs_on(&self) -> bool {
        matches!(self.gaps, Gaps::Exponential)
    }

    /// The amount at which the `number`-th factor (from 0) ends to hold, and whether it is the last of the phase. Without
    /// factors the whole phase is of one piece.
    pub fn piece(&self, number: u64) -> (f64, bool) {
        let whole = (self.last, true);
        let Some(factors) = &self.factors else { return whole };
        let end = SimDuration(factors.correlation.0.saturating_mul(number + 1));
        if end >= self.duration { whole } else { (self.rate.total(end.as_secs_f64()), false) }
    }

    /// When the integrated rate reaches `amount` (at most [`Course::last`]), counted from the phase's start.
    #[inline(always)]
    pub fn when(&self, amount: f64) -> SimDuration {
        SimDuration::from_secs_f64(self.rate.seconds_to(amount)).min(self.duration)
    }
}

impl Integrated {
    fn of(rate: &Rate, length: f64, mean_batch: f64) -> Integrated {
        match *rate {
            Rate::Constant { rate } => Integrated::Constant { rate: rate / mean_batch },
            Rate::AtOnce { .. } | Rate::Trace(_) => Integrated::Constant { rate: 0.0 },
            Rate::Ramp { from, to } if from != to && length > 0.0 => {
                Integrated::Ramp { from: from / mean_batch, slope: (to - from) / length / mean_batch }
            }
            Rate::Decay { from, to } if libm::log(to / from) != 0.0 && length > 0.0 => {
                Integrated::Decay { from: from / mean_batch, growth: libm::log(to / from) / length }
            }
            Rate::Wave(wave) => Integrated::Wave(Wave { rate: wave.rate / mean_batch, ..wave }),
            Rate::Ramp { from, .. } | Rate::Decay { from, .. } => Integrated::Constant { rate: from / mean_batch },
        }
    }

    /// The integral over the first `length` seconds.
    fn total(&self, length: f64) -> f64 {
        match *self {
            Integrated::Constant { rate } => rate * length,
            Integrated::Ramp { from, slope } => length * (from + 0.5 * slope * length),
            Integrated::Decay { from, growth } => from * libm::expm1(growth * length) / growth,
            Integrated::Wave(ref wave) => wave.total(length),
        }
    }

    /// The time in seconds at which the integral reaches `amount`; infinite if it never does.
    #[inline(always)]
    fn seconds_to(&self, amount: f64) -> f64 {
        match *self {
            Integrated::Constant { rate } => amount / rate,
            Integrated::Ramp { from, slope } => ramp_seconds(from, slope, amount),
            Integrated::Decay { from, growth } => libm::log1p((growth * amount / from).max(-1.0)) / growth,
            Integrated::Wave(ref wave) => wave.seconds_to(amount),
        }
    }
}

/// The root of `from t + slope t^2 / 2 = amount`, in the form that never subtracts like from like.
#[inline]
fn ramp_seconds(from: f64, slope: f64, amount: f64) -> f64 {
    let rate_then = (from * from + 2.0 * slope * amount).max(0.0).sqrt();
    // The mean of the rates at both ends; zero only where nothing has come yet on a ramp from zero.
    let mean_rate = 0.5 * (from + rate_then);
    if mean_rate > 0.0 { amount / mean_rate } else { 0.0 }
}
