//! The token bucket against its meaning: in no stretch of time more than its size and what has been refilled meanwhile.

use proptest::prelude::*;

use queuecast::model::bucket::{Bucket, BucketSettings};
use queuecast::time::SimTime;

use crate::cases;

/// Millionths of a token times nanoseconds of a second: in these units a refill a nanosecond is a whole number.
const TOKEN: i128 = 1_000_000 * 1_000_000_000;

/// Every call that was granted, in order. No level is kept: a stretch from any of them until now may have had the size, and
/// what came in since. Stretches that begin elsewhere are longer and hold no more calls.
struct Reference {
    size: i128,
    /// In millionths of a token a second.
    refill: i128,
    granted: Vec<u64>,
}

impl Reference {
    /// Tokens out after one more call now, in the units above: the most that any stretch has had beyond its refill.
    fn used_with_one_more(&self, now: u64) -> i128 {
        let stretches = (0..self.granted.len()).map(|first| {
            let calls = (self.granted.len() - first + 1) as i128;
            calls * TOKEN - self.refill * i128::from(now - self.granted[first])
        });
        stretches.max().unwrap_or(0).max(TOKEN)
    }

    fn allows(&self, now: u64) -> bool {
        self.used_with_one_more(now) <= self.size * TOKEN
    }
}

/// Sizes and rates, some of them with a refill that no whole number of nanoseconds divides.
fn settings() -> impl Strategy<Value = BucketSettings> {
    (1_u32..6, prop::sample::select(&[0.1, 1.0, 3.0, 7.3, 1_000.0, 333_333.333_333][..]))
        .prop_map(|(size, refill_per_s)| BucketSettings { size, refill_per_s })
}

/// Gaps between calls, in thirds of the time that a token takes to come: now and then so long that the bucket is full.
fn gaps() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![Just(0), 0_u64..5, 0_u64..40], 1..80)
}

fn reference(settings: BucketSettings) -> (Reference, u64) {
    let refill = (settings.refill_per_s * 1e6).round() as i128;
    let third = TOKEN / refill / 3;
    (Reference { size: i128::from(settings.size), refill, granted: Vec::new() }, third as u64)
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn a_bucket_grants_what_no_stretch_of_time_forbids(settings in settings(), gaps in gaps()) {
        let (mut reference, third) = reference(settings);
        let (mut bucket, mut now, mut peak) = (Bucket::new(settings), 0, 0);
        for gap in gaps {
            now += gap * third;
            let expected = reference.allows(now);
            match bucket.take(SimTime(now)) {
                Ok(()) => {
                    prop_assert!(expected, "granted at {now}");
                    peak = peak.max(reference.used_with_one_more(now));
                    reference.granted.push(now);
                }
                Err(next) => {
                    prop_assert!(!expected, "refused at {now}");
                    prop_assert!(next.0 > now && reference.allows(next.0) && !reference.allows(next.0 - 1), "{next:?}");
                }
            }
            prop_assert_eq!(i128::from(bucket.peak_use()), (peak + TOKEN - 1) / TOKEN);
        }
    }

    /// Who reserves gets the first instant that no stretch of time forbids, behind all that came before: to the fraction of
    /// a nanosecond, for tokens do not wait for whole ones.
    #[test]
    fn reservations_take_the_first_instants_that_no_stretch_forbids(settings in settings(), gaps in gaps()) {
        let (reference, third) = reference(settings);
        let (mut bucket, mut now) = (Bucket::new(settings), 0);
        // When each token came, in nanoseconds times the refill.
        let mut tokens: Vec<i128> = Vec::new();
        for gap in gaps {
            now += gap * third;
            // A stretch that begins with an earlier token and ends with this one, and what it has beyond the size must have
            // come in meanwhile.
            let stretches = (0..tokens.len()).map(|first| {
                let calls = (tokens.len() - first + 1) as i128;
                tokens[first] + (calls - reference.size) * TOKEN
            });
            let before = tokens.last().copied().unwrap_or(0);
            let token = stretches.max().unwrap_or(0).max(before).max(i128::from(now) * reference.refill);
            let at = (token + reference.refill - 1) / reference.refill;
            prop_assert_eq!(i128::from(bucket.reserve(SimTime(now)).0), at);
            tokens.push(token);
        }
    }
}
