//! A token bucket: how AWS limits the rate of calls.
//!
//! It starts full and refills all the time, up to its size; a call takes a token. A call that finds none is refused
//! ([`take`](Bucket::take): `StartExecution`, `SendTask*`, invocations), or it queues up for the next token
//! ([`reserve`](Bucket::reserve): `StateTransition`, which "is delayed, not failed"; Step Functions service quotas).
//!
//! The level is an integer, in billionths of a millionth of a token: the same on every machine, and never drifting.

use crate::time::{NANOS_PER_SEC, SimDuration, SimTime};

/// Size and refill of a bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketSettings {
    /// Tokens it holds.
    pub size: u32,
    /// Tokens a second, positive.
    pub refill_per_s: f64,
}

/// One token, in units of the level.
const TOKEN: i128 = MICRO * NANOS_PER_SEC as i128;
/// Refills count in millionths of a token a second.
const MICRO: i128 = 1_000_000;

/// A bucket at some instant.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    full: i128,
    /// Level units per nanosecond.
    refill: i128,
    /// Below zero by the tokens that are reserved.
    level: i128,
    at: SimTime,
    lowest: i128,
}

impl Bucket {
    /// A full bucket at time 0.
    pub fn new(settings: BucketSettings) -> Bucket {
        let full = i128::from(settings.size) * TOKEN;
        let refill = ((settings.refill_per_s * MICRO as f64).round() as i128).max(1);
        Bucket { full, refill, level: full, at: SimTime::ZERO, lowest: full }
    }

    fn advance(&mut self, now: SimTime) {
        let gained = i128::from(now.since(self.at).0) * self.refill;
        self.level = (self.level + gained).min(self.full);
        self.at = now;
    }

    /// Takes a token.
    ///
    /// # Errors
    ///
    /// There is none; the next one comes at the instant returned.
    pub fn take(&mut self, now: SimTime) -> Result<(), SimTime> {
        self.advance(now);
        if self.level < TOKEN {
            return Err(self.next_token(TOKEN - self.level));
        }
        self.spend();
        Ok(())
    }

    /// Takes the next token that nobody has reserved: when it is there, which is `now` or later.
    pub fn reserve(&mut self, now: SimTime) -> SimTime {
        self.advance(now);
        let missing = (TOKEN - self.level).max(0);
        self.spend();
        self.next_token(missing)
    }

    fn spend(&mut self) {
        self.level -= TOKEN;
        self.lowest = self.lowest.min(self.level);
    }

    fn next_token(&self, missing: i128) -> SimTime {
        let wait = (missing + self.refill - 1) / self.refill;
        self.at + SimDuration(u64::try_from(wait).unwrap_or(u64::MAX))
    }

    /// The most tokens that were out at one time, those reserved ahead included.
    pub fn peak_use(&self) -> u64 {
        let used = (self.full - self.lowest + TOKEN - 1) / TOKEN;
        u64::try_from(used).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(size: u32, refill_per_s: f64) -> Bucket {
        Bucket::new(BucketSettings { size, refill_per_s })
    }

    #[test]
    fn a_full_bucket_gives_its_size_at_once_and_then_its_refill() {
        let mut bucket = bucket(3, 2.0);
        assert!((0..3).all(|_| bucket.take(SimTime(0)).is_ok()));
        assert_eq!(bucket.take(SimTime(0)), Err(SimTime(500_000_000)));
        assert_eq!(bucket.take(SimTime(499_999_999)), Err(SimTime(500_000_000)));
        assert_eq!(bucket.take(SimTime(500_000_000)), Ok(()));
        assert_eq!(bucket.peak_use(), 3);
    }

    #[test]
    fn a_refused_call_takes_nothing_and_a_bucket_never_overflows() {
        let mut bucket = bucket(1, 1.0);
        assert_eq!(bucket.take(SimTime(0)), Ok(()));
        for at in 1..100 {
            assert!(bucket.take(SimTime(at)).is_err());
        }
        let later = SimTime(3_600 * NANOS_PER_SEC);
        assert_eq!(bucket.take(later), Ok(()));
        assert!(bucket.take(later).is_err());
    }

    #[test]
    fn reservations_queue_up_one_token_apart() {
        let mut bucket = bucket(1, 4.0);
        let times: Vec<u64> = (0..4).map(|_| bucket.reserve(SimTime(0)).0).collect();
        assert_eq!(times, [0, 250_000_000, 500_000_000, 750_000_000]);
        assert_eq!(bucket.reserve(SimTime(2_000_000_000)), SimTime(2_000_000_000));
        assert_eq!(bucket.peak_use(), 4);
    }

    #[test]
    fn thirds_of_a_second_do_not_drift() {
        let mut bucket = bucket(1, 3.0);
        let last = (0..3_000_001).map(|_| bucket.reserve(SimTime(0))).last();
        assert_eq!(last, Some(SimTime(1_000_000 * NANOS_PER_SEC)));
    }
}
