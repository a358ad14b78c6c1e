//! A level: how many there are of something, its exact time integral, and its peaks.
//!
//! The integral is kept in the *moment form*. With `members` there now and `moment` = the sum of the instants of all
//! rises less that of all falls, the integral from 0 to T is `members × T − moment`: each rise at t adds `T − t`, each
//! fall takes it away again. So an event costs two additions, and the multiplication is paid where a window opens or
//! closes. All arithmetic wraps: the moment alone may be below zero, the difference never is.

use crate::time::SimTime;

/// A count of members that come and go, and its integral over one window.
#[derive(Clone, Copy, Debug, Default)]
pub struct Level {
    members: u64,
    moment: u128,
    /// The integral from 0 to the opening of the window.
    opened: u128,
}

impl Level {
    /// Members now.
    #[inline(always)]
    pub fn members(&self) -> u64 {
        self.members
    }

    /// One member more, from `now` on.
    #[inline(always)]
    pub fn rise(&mut self, now: SimTime) {
        self.members += 1;
        self.moment = self.moment.wrapping_add(u128::from(now.0));
    }

    /// One member less, from `now` on.
    #[inline(always)]
    pub fn fall(&mut self, now: SimTime) {
        debug_assert!(self.members > 0, "a level falls below zero at {} ns", now.0);
        self.members = self.members.wrapping_sub(1);
        self.moment = self.moment.wrapping_sub(u128::from(now.0));
    }

    /// The window opens at `at`, at or after the last change.
    pub fn open(&mut self, at: SimTime) {
        self.opened = self.area_until(at);
    }

    /// The integral in members × ns from the opening of the window (or 0) to `at`, at or after the last change.
    pub fn area(&self, at: SimTime) -> u128 {
        self.area_until(at).wrapping_sub(self.opened)
    }

    /// The integral from 0 to `at`, at or after the last change.
    pub fn area_until(&self, at: SimTime) -> u128 {
        (u128::from(self.members) * u128::from(at.0)).wrapping_sub(self.moment)
    }
}

/// The highest values of a level at the ends of instants: of the whole run and of one step of the timeline.
///
/// A value that lasts no time is never seen: the level is looked at when the clock moves on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peak {
    step: u64,
    run: u64,
    at: Option<SimTime>,
}

impl Peak {
    /// Whether so many would be a new peak of the step or of the run.
    #[inline(always)]
    pub fn is_below(&self, members: u64) -> bool {
        members > self.step
    }

    /// The instant `last` is over and left the level at `members`. Says whether that is a new peak of the run.
    #[inline(always)]
    pub fn settle(&mut self, members: u64, last: SimTime) -> bool {
        // Whether a step has a new peak is anybody's guess while a backlog grows: no branch.
        self.step = self.step.max(members);
        if members <= self.run {
            return false;
        }
        self.run = members;
        self.at = Some(last);
        true
    }

    /// Ends a step and returns its peak.
    pub fn end_step(&mut self) -> u64 {
        std::mem::take(&mut self.step)
    }

    /// The step begins with `carried`, a level that it inherits for some time.
    pub fn carry(&mut self, carried: u64) {
        self.step = carried;
    }

    /// The peak of the run.
    pub fn run(&self) -> u64 {
        self.run
    }

    /// The first instant at whose end the level stood at the peak; `None` if it never left zero.
    pub fn at(&self) -> Option<SimTime> {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn the_integral_counts_each_member_for_its_time_in_the_window() {
        let mut level = Level::default();
        level.rise(SimTime(10));
        level.rise(SimTime(30));
        level.open(SimTime(40));
        level.fall(SimTime(50));
        assert_eq!(level.area(SimTime(100)), 10 + 60);
        assert_eq!(level.members(), 1);
    }

    #[test]
    fn an_integral_beyond_64_bits_is_exact() {
        let mut level = Level::default();
        for _ in 0..1_000 {
            level.rise(SimTime(1));
        }
        assert_eq!(level.area(SimTime::NEVER), 1_000 * (u128::from(u64::MAX) - 1));
    }

    #[test]
    fn the_peak_is_the_first_of_the_highest_ends() {
        let mut peak = Peak::default();
        assert!(peak.settle(3, SimTime(5)));
        assert!(!peak.settle(1, SimTime(6)));
        assert_eq!(peak.end_step(), 3);
        peak.carry(1);
        assert!(!peak.settle(3, SimTime(7)));
        assert_eq!((peak.run(), peak.at()), (3, Some(SimTime(5))));
        assert_eq!(peak.end_step(), 3);
        assert_eq!(peak.end_step(), 0);
    }

    proptest! {
        /// Steps of (time ahead, rise or fall), against the sum of level × time.
        #[test]
        fn the_moment_form_gives_the_naive_integral(
            steps in proptest::collection::vec((0u64..1_000_000_000_000, any::<bool>()), 1..200),
            open_after in 0usize..200,
        ) {
            let (mut level, mut naive, mut now, mut members) = (Level::default(), 0u128, 0u64, 0u64);
            for (index, (ahead, up)) in steps.iter().enumerate() {
                naive += u128::from(members) * u128::from(*ahead);
                now += ahead;
                if index == open_after {
                    level.open(SimTime(now));
                    naive = 0;
                }
                if *up {
                    members += 1;
                    level.rise(SimTime(now));
                } else if members > 0 {
                    members -= 1;
                    level.fall(SimTime(now));
                }
            }
            assert_eq!(level.area(SimTime(now)), naive);
            assert_eq!(level.members(), members);
        }
    }
}
