//! A log-linear histogram of durations, laid out as HdrHistogram lays out three significant digits.
//!
//! Durations are counted in whole microseconds, rounded up, so that a bucket's upper edge is never below what was
//! recorded. Values below 2,048 µs have a bucket each; above, every doubling has 1,024. The crate of that name is not
//! used for counting because its `record` costs some ninety instructions; the layout is the same value by value (tested
//! here), so that its files can be written from these counts.

use crate::measure::findings::{HistogramCounts, Percentiles};
use crate::time::SimDuration;

/// Buckets a doubling = 2^10.
const BITS: u32 = 10;

/// Counts of durations, with their exact sum and maximum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// By bucket; grows to the largest one seen. Of 32 bits, for buckets are touched at random: half the cache.
    counts: Vec<u32>,
    /// The buckets whose counts have run over, once for each time: 2^32 durations more.
    carries: Vec<usize>,
    sum: u128,
    max: SimDuration,
}

impl Histogram {
    /// An empty histogram.
    pub fn new() -> Histogram {
        Histogram::default()
    }

    /// Counts one duration.
    #[inline(always)]
    pub fn record(&mut self, duration: SimDuration) {
        self.sum += u128::from(duration.0);
        if duration > self.max {
            self.max = duration;
        }
        let bucket = bucket_of(micros_up(duration));
        match self.counts.get_mut(bucket) {
            Some(count) => {
                *count = count.wrapping_add(1);
                if *count == 0 {
                    self.carry(bucket);
                }
            }
            None => self.grow(bucket),
        }
    }

    #[cold]
    #[inline(never)]
    fn carry(&mut self, bucket: usize) {
        self.carries.push(bucket);
    }

    /// The exact count of every bucket.
    fn exact(&self) -> impl Iterator<Item = u64> {
        let carried = |bucket| self.carries.iter().filter(|carry| **carry == bucket).count() as u64;
        self.counts.iter().enumerate().map(move |(bucket, count)| (carried(bucket) << 32) + u64::from(*count))
    }

    /// Counts a duration in a bucket beyond all earlier ones, with the rest of that doubling.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, bucket: usize) {
        self.counts.resize((bucket | ((1 << BITS) - 1)) + 1, 0);
        self.counts[bucket] += 1;
    }

    /// Counts `many` durations of no length at once.
    pub fn record_zeros(&mut self, many: u64) {
        if many > 0 {
            self.record(SimDuration::ZERO);
            let zeros = u64::from(self.counts[0]) + (many - 1);
            self.counts[0] = zeros as u32;
            self.carries.extend((0..zeros >> 32).map(|_| 0));
        }
    }

    /// Durations counted (added up from the buckets: nothing for a hot loop).
    pub fn count(&self) -> u64 {
        self.exact().sum()
    }

    /// Durations counted that are not zero.
    pub fn nonzero(&self) -> u64 {
        self.exact().skip(1).sum()
    }

    /// The exact sum in nanoseconds.
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// The exact mean in seconds; `None` without any duration.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum as f64 / count as f64 / 1e9)
    }

    /// The exact maximum in seconds; `None` without any duration.
    pub fn max(&self) -> Option<f64> {
        (!self.counts.is_empty()).then(|| self.max.as_secs_f64())
    }

    /// The nearest-rank percentile, in microseconds: the upper edge of the bucket with the ⌈total × q⌉-th smallest
    /// duration, where `total` ≥ the count ranks the missing ones last. `parts` is q in parts per million. `None`
    /// where that rank was never recorded.
    pub fn percentile_of(&self, total: u64, parts: u64) -> Option<u64> {
        let rank = (u128::from(total) * u128::from(parts)).div_ceil(1_000_000).max(1);
        let mut below = 0u128;
        self.exact().enumerate().find_map(|(bucket, count)| {
            below += u128::from(count);
            (below >= rank).then(|| upper_edge(bucket))
        })
    }

    /// The usual percentiles in seconds, ranked among `total` ≥ the count.
    pub fn percentiles_of(&self, total: u64) -> Percentiles {
        let seconds = |parts| self.percentile_of(total, parts).map(|micros| micros as f64 / 1e6);
        Percentiles {
            p50: seconds(500_000),
            p90: seconds(900_000),
            p95: seconds(950_000),
            p99: seconds(990_000),
            p999: seconds(999_000),
        }
    }

    /// The non-empty buckets.
    pub fn counts(&self) -> HistogramCounts {
        let filled = self.exact().enumerate().filter(|(_, count)| *count > 0);
        HistogramCounts(filled.map(|(bucket, count)| (upper_edge(bucket), count)).collect())
    }
}

/// Whole microseconds, rounded up. The last microsecond of time is beyond any run.
#[inline(always)]
fn micros_up(duration: SimDuration) -> u64 {
    duration.0.wrapping_add(999) / 1_000
}

/// The bucket of a value: with k doublings beyond the first 2,048, `value >> k` lies in 1,024..2,048.
#[inline(always)]
fn bucket_of(micros: u64) -> usize {
    let doublings = (63 - BITS) - (micros | 1 << BITS).leading_zeros();
    (doublings as usize * (1 << BITS)) + (micros >> doublings) as usize
}

/// The highest value in a bucket.
fn upper_edge(bucket: usize) -> u64 {
    let doublings = (bucket >> BITS).saturating_sub(1);
    let lead = (bucket - (doublings << BITS)) as u64;
    ((lead + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    fn crates_own() -> hdrhistogram::Histogram<u64> {
        hdrhistogram::Histogram::new_with_bounds(1, u64::MAX / 2, 3).expect("bounds that the crate allows")
    }

    #[test]
    fn every_bucket_ends_where_the_crate_ends_it() {
        let theirs = crates_own();
        let near_a_power = (0..53).flat_map(|bit: u32| (0..6).map(move |off| (1u64 << bit).saturating_sub(3) + off));
        for value in (0..10_000u64).chain(near_a_power) {
            assert_eq!(upper_edge(bucket_of(value)), theirs.highest_equivalent(value), "value {value}");
        }
    }

    #[test]
    fn durations_are_rounded_up_to_whole_microseconds() {
        let mut histogram = Histogram::new();
        for nanos in [0, 1, 1_000, 1_001] {
            histogram.record(SimDuration(nanos));
        }
        assert_eq!(histogram.counts(), HistogramCounts(vec![(0, 1), (1, 2), (2, 1)]));
        assert_eq!((histogram.sum(), histogram.nonzero()), (2_002, 3));
        assert_eq!(histogram.max(), Some(1.001e-6));
    }

    #[test]
    fn a_rank_that_was_never_recorded_has_no_percentile() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.percentile_of(0, 500_000), None);
        for micros in 1..=98 {
            histogram.record(SimDuration(micros * 1_000));
        }
        assert_eq!(histogram.percentile_of(98, 500_000), Some(49));
        assert_eq!(histogram.percentile_of(100, 980_000), Some(98));
        assert_eq!(histogram.percentile_of(100, 990_000), None);
        assert_eq!(histogram.percentiles_of(100).p90, Some(90e-6));
    }

    #[test]
    fn zeros_counted_at_once_are_zeros_counted_one_by_one() {
        let (mut at_once, mut singly) = (Histogram::new(), Histogram::new());
        at_once.record_zeros(0);
        assert_eq!(at_once, singly);
        at_once.record_zeros(3);
        (0..3).for_each(|_| singly.record(SimDuration::ZERO));
        assert_eq!(at_once, singly);
    }

    #[test]
    fn counts_beyond_32_bits_are_exact() {
        let mut histogram = Histogram::new();
        histogram.record_zeros((3 << 32) + 5);
        histogram.record(SimDuration(2_000));
        histogram.counts[2] = u32::MAX;
        histogram.record(SimDuration(2_000));
        assert_eq!(histogram.counts(), HistogramCounts(vec![(0, (3 << 32) + 5), (2, 1 << 32)]));
        assert_eq!((histogram.count(), histogram.nonzero()), ((4 << 32) + 5, 1 << 32));
    }

    #[test]
    fn the_longest_duration_has_a_bucket() {
        let mut histogram = Histogram::new();
        histogram.record(SimDuration(u64::MAX - 999));
        assert!(histogram.percentile_of(1, 1_000_000).expect("it was recorded") >= u64::MAX / 1_000);
    }

    proptest! {
        #[test]
        fn counts_are_those_of_the_crate(micros in proptest::collection::vec(0u64..1 << 45, 1..300)) {
            let (mut ours, mut theirs) = (Histogram::new(), crates_own());
            for value in &micros {
                ours.record(SimDuration(value * 1_000));
                theirs.record(*value).expect("in bounds");
            }
            let filled = theirs.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value()));
            prop_assert_eq!(ours.counts(), HistogramCounts(filled.collect()));
        }

        #[test]
        fn percentiles_are_nearest_rank(
            mut micros in proptest::collection::vec(0u64..1 << 34, 1..300),
            missing in 0u64..50,
            parts in 0u64..=1_000_000,
        ) {
            let mut histogram = Histogram::new();
            micros.iter().for_each(|value| histogram.record(SimDuration(value * 1_000)));
            micros.sort_unstable();
            let total = micros.len() as u64 + missing;
            let rank = (total * parts).div_ceil(1_000_000).max(1) as usize;
            let expected = micros.get(rank - 1).map(|value| crates_own().highest_equivalent(*value));
            prop_assert_eq!(histogram.percentile_of(total, parts), expected);
        }
    }
}
