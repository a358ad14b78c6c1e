//! Simulated time: integer nanoseconds, nothing else.
//!
//! [`SimTime`] is an instant counted from the beginning of the run, [`SimDuration`] a length of time. Both are `u64`
//! nanoseconds (584 years), so every sum and every comparison is exact and the same on every machine. Adding
//! saturates at [`SimTime::NEVER`]: an instant beyond the representable future is one that never comes.

use std::ops::{Add, AddAssign, Sub};

/// Nanoseconds in one second.
pub const NANOS_PER_SEC: u64 = 1_000_000_000;

/// An instant: nanoseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(pub u64);

impl SimTime {
    /// The beginning of the run.
    pub const ZERO: SimTime = SimTime(0);
    /// An instant that never comes. Nothing is ever booked for it.
    pub const NEVER: SimTime = SimTime(u64::MAX);

    /// The time from `earlier` to this instant, which is not before it.
    #[inline(always)]
    pub fn since(self, earlier: SimTime) -> SimDuration {
        debug_assert!(earlier <= self, "{} ns is later than {} ns", earlier.0, self.0);
        SimDuration(self.0.wrapping_sub(earlier.0))
    }

    /// Seconds since the run began, for reports; exact below 2^53 ns (104 days).
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: SimDuration = SimDuration(0);
    /// The longest length of time; adding it to anything gives [`SimTime::NEVER`].
    pub const MAX: SimDuration = SimDuration(u64::MAX);

    /// A whole number of seconds (saturating).
    pub const fn from_secs(seconds: u64) -> SimDuration {
        SimDuration(seconds.saturating_mul(NANOS_PER_SEC))
    }

    /// A whole number of milliseconds (saturating).
    pub const fn from_millis(milliseconds: u64) -> SimDuration {
        SimDuration(milliseconds.saturating_mul(1_000_000))
    }

    /// Seconds to the nearest nanosecond; negative values give zero, too large ones the longest duration.
    ///
    /// Callers refuse NaN beforehand (a NaN would silently become zero).
    #[inline(always)]
    pub fn from_secs_f64(seconds: f64) -> SimDuration {
        debug_assert!(!seconds.is_nan(), "a duration that is not a number");
        let nanos = seconds * NANOS_PER_SEC as f64 + 0.5;
        // A processor converts to signed integers only: up to half of all there is that is enough, and much quicker.
        SimDuration(if nanos < (1u64 << 62) as f64 { (nanos as i64).max(0) as u64 } else { nanos as u64 })
    }

    /// Seconds, for reports; exact below 2^53 ns (104 days).
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SEC as f64
    }

    /// Whether no time passes at all.
    #[inline(always)]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add<SimDuration> for SimTime {
    type Output = SimTime;
    #[inline(always)]
    fn add(self, length: SimDuration) -> SimTime {
        SimTime(self.0.saturating_add(length.0))
    }
}

impl Add for SimDuration {
    type Output = SimDuration;
    #[inline(always)]
    fn add(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0.saturating_add(other.0))
    }
}

impl AddAssign for SimDuration {
    #[inline(always)]
    fn add_assign(&mut self, other: SimDuration) {
        *self = *self + other;
    }
}

impl Sub for SimDuration {
    type Output = SimDuration;
    #[inline(always)]
    fn sub(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0.saturating_sub(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_past_the_end_of_time_gives_never() {
        assert_eq!(SimTime(u64::MAX - 1) + SimDuration(5), SimTime::NEVER);
        assert_eq!(SimTime::ZERO + SimDuration::MAX, SimTime::NEVER);
    }

    #[test]
    fn seconds_are_rounded_to_the_nearest_nanosecond() {
        assert_eq!(SimDuration::from_secs_f64(1.000_000_000_6), SimDuration(1_000_000_001));
        assert_eq!(SimDuration::from_secs_f64(-1.0), SimDuration::ZERO);
        assert_eq!(SimDuration::from_secs_f64(1e300), SimDuration::MAX);
    }
}
