//! `[queue]` and `[queue.dead_letter]`.

use crate::model::queue::{QueueSettings, ReturnedTo, StaleDelete};
use crate::scenario::arrivals::MOST_ORDERS;
use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::distributions;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::tree::Table;
use crate::scenario::units::Percent;
use crate::scenario::values::{DURATION, RATE, SHARE};
use crate::system::spec::{DelaySpec, NoiseSpec};
use crate::time::SimTime;

/// What the two tables say.
pub struct QueueTables {
    /// The queue.
    pub settings: QueueSettings,
    /// The delay of each message.
    pub delay: DelaySpec,
    /// Where it is not strict.
    pub noise: NoiseSpec,
    /// Messages of no order at time 0.
    pub initial_backlog: u64,
    /// When the dead-letter queue is moved back.
    pub redrive: Option<RedriveKeys>,
    /// Lines of `[queue]`.
    pub lines: Vec<Line>,
    /// Lines of `[queue.dead_letter]`, where there is one.
    pub dead_letter: Option<Vec<Line>>,
}

/// The redrive of the dead-letter queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RedriveKeys {
    /// When it starts.
    pub at: SimTime,
    /// Messages a second.
    pub rate: f64,
}

/// Reads the tables. `origin` is the start of the phase so marked.
pub fn read(mut reader: Reader<'_, '_>, defaults: &Defaults, origin: Option<SimTime>) -> QueueTables {
    let visibility_timeout = reader.duration_limit(
        "visibility_timeout",
        defaults.visibility_timeout,
        "a received message would come back at once, for ever; write \"none\" if it never comes back",
    );
    let message_retention_period = reader.duration_limit(
        "message_retention_period",
        defaults.message_retention_period,
        "write \"none\" to keep messages for ever",
    );
    let length = distributions::of_key(&mut reader, "delay", "\"0s\"");
    let initial_backlog = reader.whole_or("initial_backlog", 0, MOST_ORDERS, 0);
    let returned_to = reader.choice_or(
        "returned_to",
        &[("place", ReturnedTo::Place), ("back", ReturnedTo::Back)],
        &[],
        defaults.returned_to.1,
        defaults.returned_to.0,
    );
    let stale_delete = reader.choice_or(
        "stale_delete",
        &[("ignored", StaleDelete::Ignored), ("deletes", StaleDelete::Deletes)],
        &[],
        defaults.stale_delete.1,
        defaults.stale_delete.0,
    );
    let noise = NoiseSpec {
        duplicate_delivery: read_duplicate_delivery(&mut reader, Percent(defaults.duplicate_delivery)),
        reorder_window: reader.value_or("reorder_window", &DURATION, defaults.reorder_window),
    };
    let in_flight_limit = reader.whole_limit("in_flight_limit", 1, u64::from(u32::MAX), defaults.in_flight_limit);
    let dead_letter = reader.inner("dead_letter");
    if dead_letter.is_none() {
        reader.record_none("dead_letter");
    }
    let dead_letter = dead_letter
        .map(|(table, place)| read_dead_letter(reader.mistakes, (table, place), origin, defaults.redrive_rate));
    let (max_receive_count, redrive) = dead_letter.as_ref().map_or((None, None), |read| (read.count, read.redrive));
    let settings = QueueSettings {
        visibility_timeout,
        message_retention_period,
        max_receive_count,
        returned_to,
        stale_delete,
        in_flight_limit,
    };
    reader.not_modelled(&["fifo", "content_based_deduplication"], "FIFO queues");
    reader.not_modelled(&["fair", "fair_queue", "fair_queues"], "fair queues");
    let lines = reader.finish();
    let delay = DelaySpec { length, longest: defaults.longest_delay };
    QueueTables {
        settings,
        delay,
        noise,
        redrive,
        initial_backlog,
        lines,
        dead_letter: dead_letter.map(|read| read.lines),
    }
}

/// A share of receives, not all: a message that stays visible at every receive is received for ever.
fn read_duplicate_delivery(reader: &mut Reader<'_, '_>, default: Percent) -> f64 {
    let share = reader.value_or("duplicate_delivery", &SHARE, default).fraction();
    if share < 1.0 {
        return share;
    }
    if let Some(node) = reader.node("duplicate_delivery") {
        let mistake = Mistake::at(node.place, "`duplicate_delivery`: not every receive can leave its message visible");
        reader.mistakes.push(
            mistake
                .label("it would be received for ever")
                .help("write a share below \"100%\"; AWS says that it is rare"),
        );
    }
    0.0
}

/// What `[queue.dead_letter]` says.
struct DeadLetterTable {
    count: Option<u32>,
    redrive: Option<RedriveKeys>,
    lines: Vec<Line>,
}

fn read_dead_letter(
    mistakes: &mut Vec<Mistake>,
    (table, place): (&Table, Place),
    origin: Option<SimTime>,
    redrive_rate: f64,
) -> DeadLetterTable {
    let mut reader = Reader::open(mistakes, table, place, "[queue.dead_letter]");
    let count = reader.whole("max_receive_count", 1, u64::from(u32::MAX));
    if reader.key_place("max_receive_count").is_none() {
        reader.mistakes.push(
            Mistake::at(place, "[queue.dead_letter] has no `max_receive_count`")
                .help("add for example max_receive_count = 5, or remove the table"),
        );
    }
    let count = count.map(|found| u32::try_from(found.value).expect("checked against the largest"));
    let redrive = read_redrive(&mut reader, origin, redrive_rate);
    DeadLetterTable { count, redrive, lines: reader.finish() }
}

fn read_redrive(reader: &mut Reader<'_, '_>, origin: Option<SimTime>, default: f64) -> Option<RedriveKeys> {
    let at = reader.instant("redrive_at", origin);
    if reader.key_place("redrive_at").is_none() {
        let rate = reader.node("redrive_rate");
        reader.mistakes.extend(rate.map(|node| {
            let mistake = Mistake::at(node.place, "`redrive_rate` without `redrive_at`: nothing is ever redriven");
            mistake.help("add for example redrive_at = \"+30min\", or leave it out")
        }));
        return None;
    }
    let rate = reader.value_or("redrive_rate", &RATE, default);
    if rate == 0.0
        && let Some(node) = reader.node("redrive_rate")
    {
        let mistake = Mistake::at(node.place, "`redrive_rate`: at this rate nothing is ever moved");
        reader.mistakes.push(mistake.help("write a rate from \"1/s\" to \"500/s\", or leave it out"));
    }
    at.map(|at| RedriveKeys { at, rate })
}
