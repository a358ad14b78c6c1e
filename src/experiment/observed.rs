//! The stream of observations of one run: its checkpoints, or what was observed in words.

use super::run::{guarded, replicate};
use crate::measure::checkpoints::{Checkpoint, Checkpoints};
use crate::measure::findings::Design;
use crate::observation::Observation;
use crate::observer::Observer;
use crate::scenario::Scenario;
use crate::time::SimTime;

/// Which run: a design and the number of a replication, from 0.
pub type Run = (Design, u32);

/// Checkpoints of a run, `most` and its end at most.
///
/// # Errors
///
/// A trace that could no longer be read, or a broken invariant of ours, in words.
pub fn checkpoints(scenario: &Scenario, run: Run, most: usize) -> Result<Vec<Checkpoint>, String> {
    Ok(watched(scenario, run, Checkpoints::new(most))?.finish())
}

/// Tells `hear` of the observations with numbers `from` to `to`, both included, counted from 1: number, instant, and all
/// fields in words. Says how many observations there were in all.
///
/// # Errors
///
/// As [`checkpoints`].
pub fn observations(
    scenario: &Scenario,
    run: Run,
    (from, to): (u64, u64),
    hear: impl FnMut(u64, SimTime, String),
) -> Result<u64, String> {
    Ok(watched(scenario, run, Words { told: 0, from, to, hear })?.told)
}

fn watched<O: Observer<Observation>>(scenario: &Scenario, (design, replication): Run, watch: O) -> Result<O, String> {
    let watch = guarded(|| {
        let mut watch = watch;
        replicate(scenario, design, replication, &mut watch);
        watch
    })?;
    scenario.workload.trouble().map_or(Ok(watch), Err)
}

/// Puts a part of the stream into words.
struct Words<H> {
    told: u64,
    from: u64,
    to: u64,
    hear: H,
}

impl<H: FnMut(u64, SimTime, String)> Observer<Observation> for Words<H> {
    fn observe(&mut self, now: SimTime, what: &Observation) {
        self.told += 1;
        if (self.from..=self.to).contains(&self.told) {
            (self.hear)(self.told, now, format!("{what:?}"));
        }
    }
}
