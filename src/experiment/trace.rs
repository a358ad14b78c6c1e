//! The life of one order: finds it, if it is not named, and has its story kept while the designs run again.

use super::gather::gather;
use super::limits::is_asynchronous;
use super::run::{guarded, simulate};
use crate::measure::finder::{Finder, Sighting, Trait};
use crate::measure::findings::Design;
use crate::measure::narrator::{Narrator, Story};
use crate::observation::Outcome;
use crate::scenario::Scenario;

/// Which order is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// That of this number, from 0.
    Number(u64),
    /// One of those with a trait.
    Found(Search),
}

/// Which of the orders with a trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Only what happened in this design; `None`: in any that is told of.
    pub design: Option<Design>,
    /// What it is sought for; `None`: confirmed orders, or any where none was confirmed.
    pub sought: Option<Trait>,
    /// The slowest first, and not the first to come.
    pub slowest: bool,
    /// Which of them, from 1.
    pub nth: u64,
}

/// What was found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Orders of the run.
    pub orders: u64,
    /// Why this order: the design in which it was found, and for what; `None` if it was named.
    pub found: Option<(Design, Trait)>,
    /// The order's story in each design.
    pub stories: Vec<(Design, Story)>,
}

/// Why there is no story.
#[derive(Clone, Debug, PartialEq)]
pub enum Untold {
    /// The run has only so many orders.
    NoSuchOrder {
        /// Orders of the run.
        orders: u64,
    },
    /// So many orders have the trait: fewer than were asked for.
    NotFound {
        /// How many have it.
        found: u64,
        /// How the orders of each design that was searched ended, in the order of [`Outcome::ALL`].
        outcomes: Vec<(Design, [u64; Outcome::ALL.len()])>,
    },
    /// A trace that could no longer be read, or a broken invariant of ours.
    Broken(String),
}

/// Tells the life of one order of the first replication in these designs.
///
/// # Errors
///
/// There is no such order, or the run could not be finished.
pub fn trace(scenario: &Scenario, designs: &[Design], choice: Choice, threads: usize) -> Result<Told, Untold> {
    let (number, found) = match choice {
        Choice::Number(number) => (number, None),
        Choice::Found(search) => {
            let (number, design, sought) = find(scenario, designs, search, threads)?;
            (number, Some((design, sought)))
        }
    };
    let mut orders = 0;
    let mut stories = Vec::new();
    each(
        scenario,
        designs,
        threads,
        |design| narrate(scenario, design, number),
        |design, (seen, story)| {
            orders = orders.max(seen);
            stories.extend(story.map(|story| (design, story)));
        },
    )?;
    if stories.len() < designs.len() {
        return Err(Untold::NoSuchOrder { orders });
    }
    Ok(Told { orders, found, stories })
}

fn narrate(scenario: &Scenario, design: Design, number: u64) -> (u64, Option<Story>) {
    let queued = design == Design::Buffered || is_asynchronous(scenario, design);
    let mut narrator = Narrator::new(number, queued);
    simulate(scenario, design, &mut narrator);
    narrator.finish()
}

/// The order that is sought, and the design in which it was found, for what.
fn find(
    scenario: &Scenario,
    designs: &[Design],
    search: Search,
    threads: usize,
) -> Result<(u64, Design, Trait), Untold> {
    let searched: Vec<Design> =
        designs.iter().copied().filter(|design| search.design.is_none_or(|only| only == *design)).collect();
    let alternatives = search.sought.map_or(vec![Trait::Outcome(Outcome::Confirmed), Trait::Any], |one| vec![one]);
    let (mut found, mut outcomes) = (0, Vec::new());
    for sought in alternatives {
        let mut sightings = Vec::new();
        outcomes.clear();
        let listen = |design| {
            let mut finder = Finder::new(sought);
            simulate(scenario, design, &mut finder);
            finder
        };
        each(scenario, &searched, threads, listen, |design, finder| {
            sightings.extend(finder.found().map(|sighting| (design, sighting)));
            outcomes.push((design, finder.outcomes()));
        })?;
        let ranked = ranked(sightings, search.slowest);
        found = ranked.len() as u64;
        let place = usize::try_from(search.nth.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some((design, sighting)) = ranked.get(place) {
            return Ok((sighting.number, *design, sought));
        }
        if found > 0 {
            break;
        }
    }
    Err(Untold::NotFound { found, outcomes })
}

/// By number, or the slowest first; each order once.
fn ranked(mut sightings: Vec<(Design, Sighting)>, slowest: bool) -> Vec<(Design, Sighting)> {
    if slowest {
        sightings.sort_by_key(|(_, sighting)| (std::cmp::Reverse(sighting.latency), sighting.number));
    } else {
        sightings.sort_by_key(|(_, sighting)| sighting.number);
    }
    let mut seen = std::collections::BTreeSet::new();
    sightings.retain(|(_, sighting)| seen.insert(sighting.number));
    sightings
}

/// Runs each design and takes what came out, buffered first.
fn each<T: Send>(
    scenario: &Scenario,
    designs: &[Design],
    threads: usize,
    run: impl Fn(Design) -> T + Sync,
    mut take: impl FnMut(Design, T),
) -> Result<(), Untold> {
    let job = |index: usize| guarded(|| (designs[index], run(designs[index])));
    gather(designs.len(), threads, job, |result| {
        let (design, result) = result.map_err(Untold::Broken)?;
        take(design, result);
        Ok(())
    })?;
    scenario.workload.trouble().map_or(Ok(()), |trouble| Err(Untold::Broken(trouble)))
}
