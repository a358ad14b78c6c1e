//! The life of one order in words: side by side on a screen, as a table, as JSON, and for a trace viewer.
//!
//! * [`words`]: a moment as what happened and why; [`ending`]: how it ended; [`clock`]: when;
//! * [`screen`]: 80 columns; [`page`]: markdown; [`json`]: all of it with exact times; [`perfetto`]: Trace Event Format.

mod clock;
mod ending;
pub mod json;
mod page;
pub mod perfetto;
mod reasons;
mod screen;
mod words;

use std::collections::BTreeMap;

use super::results::{MODEL_VERSION, VERSION};
use super::subject::{PhaseMark, Subject};
use super::words::{count, short_hash};
use crate::measure::findings::Design;
use crate::measure::limits::LimitSetting;
use crate::measure::narrator::{Doing, Story, legs};
use crate::time::{SimDuration, SimTime};

pub use page::page;
pub use screen::screen;
pub use words::{Line, Tone, line};

/// All that the story of an order is told from.
#[derive(Clone, Copy, Debug)]
pub struct Tale<'a> {
    /// The scenario.
    pub subject: &'a Subject,
    /// Charts and stories count time from here.
    pub origin: SimTime,
    /// Orders of the run.
    pub orders: u64,
    /// Why this order, for example `the slowest order that was confirmed in buffered`; `None` if it was named.
    pub picked: Option<&'a str>,
    /// What was set, for each design that is told of.
    pub settings: &'a [Setting],
    /// The order's story in each of them, in the same order; one at least.
    pub stories: &'a [(Design, Story)],
}

/// What a design was set to, as far as a story speaks of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// Its limits.
    pub limits: Vec<LimitSetting>,
    /// Whether the function is invoked asynchronously, out of Lambda's own queue.
    pub asynchronous: bool,
    /// What ends the task's patience: `TimeoutSeconds` or `HeartbeatSeconds`.
    pub patience: Option<(&'static str, SimDuration)>,
    /// The execution's own `TimeoutSeconds`.
    pub execution_timeout: Option<SimDuration>,
    /// Retries of the task at most.
    pub retries: u32,
    /// `VisibilityTimeout`.
    pub visibility_timeout: Option<SimDuration>,
    /// `MessageRetentionPeriod`.
    pub retention: Option<SimDuration>,
    /// `maxReceiveCount`.
    pub max_receive_count: Option<u32>,
    /// The handler drops messages older than this.
    pub skip_older_than: Option<SimDuration>,
    /// How long a call of the inventory waits for its connection.
    pub connect_timeout: Option<SimDuration>,
}

impl Setting {
    /// The limit of this name.
    fn limit(&self, name: &str) -> Option<u64> {
        self.limits.iter().find(|limit| limit.name == name).map(|limit| limit.limit)
    }

    /// What the function's slots are limited by.
    fn slots(&self) -> Option<(&'static str, u64)> {
        ["reserved_concurrency", "account_concurrency"].into_iter().find_map(|name| Some((name, self.limit(name)?)))
    }
}

impl Tale<'_> {
    /// The intended arrival, the same in every design.
    fn arrived_at(&self) -> SimTime {
        self.stories.first().map_or(SimTime::ZERO, |(_, story)| story.order.arrived_at)
    }

    fn number(&self) -> u64 {
        self.stories.first().map_or(0, |(_, story)| story.order.number)
    }

    /// The phase in which the order came, if it has a name.
    fn phase(&self) -> Option<&str> {
        let at = self.arrived_at().as_secs_f64();
        let holds = |phase: &&PhaseMark| phase.starts_s <= at && (at < phase.ends_s || phase.starts_s == phase.ends_s);
        self.subject.phases.iter().rev().find(holds).and_then(|phase| phase.name.as_deref())
    }

    /// `Order 12,345 of 54,105 arrived at +1:03.204, in "rush"`.
    fn heading(&self) -> String {
        let phase = self.phase().map_or_else(String::new, |name| format!(", in “{name}”"));
        let at = clock::origin(self.arrived_at(), self.origin);
        format!("Order {} of {} arrived at {at}{phase}", count(self.number()), count(self.orders))
    }

    /// How the order was picked and how it is counted.
    fn counting(&self) -> String {
        let picked = self.picked.map_or_else(String::new, |picked| format!("It is {picked}. "));
        let replications = match self.subject.replications {
            1 => "",
            _ => ", of the first replication",
        };
        format!("{picked}Orders are numbered from 0 as in orders.csv{replications}; times are minutes:seconds.")
    }
}

/// Each instant at which something is told, with what each design tells.
fn by_time(tale: &Tale, places: &[usize]) -> BTreeMap<SimTime, Vec<Vec<Line>>> {
    let mut rows: BTreeMap<SimTime, Vec<Vec<Line>>> = BTreeMap::new();
    for (column, place) in places.iter().enumerate() {
        for (index, moment) in tale.stories[*place].1.moments.iter().enumerate() {
            if let Some(told) = line(tale, *place, index) {
                rows.entry(moment.at).or_insert_with(|| vec![Vec::new(); places.len()])[column].push(told);
            }
        }
    }
    rows
}

/// What tells it, and from what: enough to tell it again.
fn made_by(tale: &Tale) -> String {
    let hash = short_hash(&tale.subject.fingerprint);
    format!("simulate {VERSION} · model {MODEL_VERSION} · seed {} · scenario {hash}", tale.subject.seed)
}

/// Rows of a table of where the time went: what the order was doing, and how long in each design; the last row is all of it.
fn time_spent(tale: &Tale, places: &[usize]) -> Vec<(String, Vec<String>)> {
    let mut rows: BTreeMap<Doing, Vec<u64>> = BTreeMap::new();
    for (column, place) in places.iter().enumerate() {
        for leg in legs(&tale.stories[*place].1) {
            let lasted = leg.to.since(leg.from).0;
            rows.entry(leg.doing).or_insert_with(|| vec![0; places.len()])[column] += lasted;
        }
    }
    let words = |nanos: u64| if nanos == 0 { "–".to_owned() } else { reasons::lasting(SimDuration(nanos)) };
    let row = |(doing, lasted): (&Doing, &Vec<u64>)| {
        (doing.name().replace('_', " "), lasted.iter().map(|nanos| words(*nanos)).collect())
    };
    let mut table: Vec<(String, Vec<String>)> = rows.iter().map(row).collect();
    let whole = |place: &usize| {
        let ending = tale.stories[*place].1.ending.as_ref();
        ending.map_or_else(String::new, |ending| reasons::lasting(ending.latency))
    };
    table.push(("in all".to_owned(), places.iter().map(whole).collect()));
    table
}
