//! The fingerprint of a run at many places of its stream of observations: two runs that differ can be told where.

use crate::measure::fingerprint::Fingerprint;
use crate::observation::Observation;
use crate::observer::Observer;
use crate::time::SimTime;

/// The fingerprint of the first so many observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many.
    pub observations: u64,
    /// When the last of them was made; zero without any.
    pub at: SimTime,
    /// The hash of them all.
    pub digest: u128,
}

/// Hashes what it is told, and keeps the hash every so often: at first of every observation, and whenever there are more
/// than it may keep, half as often. So memory is bounded, and a short run is known to the observation.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    fingerprint: Fingerprint,
    told: u64,
    at: SimTime,
    /// A power of two.
    every: u64,
    most: usize,
    kept: Vec<Checkpoint>,
}

impl Checkpoints {
    /// Of nothing so far; of `most` checkpoints at most, and at least one, besides the end.
    pub fn new(most: usize) -> Checkpoints {
        Checkpoints {
            fingerprint: Fingerprint::new(),
            told: 0,
            at: SimTime::ZERO,
            every: 1,
            most: most.max(1),
            kept: Vec::new(),
        }
    }

    fn now(&self) -> Checkpoint {
        Checkpoint { observations: self.told, at: self.at, digest: self.fingerprint.digest() }
    }

    fn keep(&mut self) {
        while self.kept.len() >= self.most {
            self.every *= 2;
            let every = self.every;
            self.kept.retain(|kept| kept.observations.is_multiple_of(every));
        }
        if self.told.is_multiple_of(self.every) {
            self.kept.push(self.now());
        }
    }

    /// The checkpoints, ascending; the last is the fingerprint of the whole stream.
    pub fn finish(mut self) -> Vec<Checkpoint> {
        if self.kept.last().is_none_or(|last| last.observations < self.told) {
            self.kept.push(self.now());
        }
        self.kept
    }
}

impl Observer<Observation> for Checkpoints {
    fn observe(&mut self, now: SimTime, what: &Observation) {
        self.fingerprint.observe(now, what);
        self.told += 1;
        self.at = now;
        if self.told.is_multiple_of(self.every) {
            self.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(most: usize, observations: u64) -> Vec<Checkpoint> {
        let mut checkpoints = Checkpoints::new(most);
        for number in 0..observations {
            checkpoints.observe(SimTime(10 * number), &Observation::EnvironmentReclaimed);
        }
        checkpoints.finish()
    }

    fn numbers(most: usize, observations: u64) -> Vec<u64> {
        told(most, observations).iter().map(|checkpoint| checkpoint.observations).collect()
    }

    #[test]
    fn as_many_are_kept_as_may_be_evenly_and_the_end() {
        assert_eq!(numbers(4, 0), [0]);
        assert_eq!(numbers(4, 3), [1, 2, 3]);
        assert_eq!(numbers(4, 4), [1, 2, 3, 4]);
        assert_eq!(numbers(4, 5), [2, 4, 5]);
        assert_eq!(numbers(4, 8), [2, 4, 6, 8]);
        assert_eq!(numbers(4, 100), [32, 64, 96, 100]);
        assert_eq!(numbers(1, 9), [8, 9]);
        for observations in 0..300 {
            assert!(told(16, observations).len() <= 17);
        }
    }

    #[test]
    fn a_checkpoint_is_the_fingerprint_of_what_came_before_it() {
        for checkpoint in told(8, 1_000) {
            let mut fingerprint = Fingerprint::new();
            for number in 0..checkpoint.observations {
                fingerprint.observe(SimTime(10 * number), &Observation::EnvironmentReclaimed);
            }
            assert_eq!(checkpoint.digest, fingerprint.digest());
            assert_eq!(checkpoint.at, SimTime(10 * (checkpoint.observations - 1)));
        }
    }
}
