//! `[queue]` and `[queue.dead_letter]`.

use crate::model::queue::{QueueSettings, ReturnedTo, StaleDelete};
use crate::scenario::arrivals::MOST_ORDERS;
use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::tree::Table;
use crate::scenario::units::Percent;
use crate::scenario::values::{DURATION, SHARE};
use crate::system::spec::NoiseSpec;
use crate::time::SimDuration;

/// What the two tables say.
pub struct QueueTables {
    /// The queue.
    pub settings: QueueSettings,
    /// Where it is not strict.
    pub noise: NoiseSpec,
    /// Messages of no order at time 0.
    pub initial_backlog: u64,
    /// Lines of `[queue]`.
    pub lines: Vec<Line>,
    /// Lines of `[queue.dead_letter]`, where there is one.
    pub dead_letter: Option<Vec<Line>>,
}

/// Reads the tables.
pub fn read(mut reader: Reader<'_, '_>, defaults: &Defaults) -> QueueTables {
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
    let delay = reader.value_or("delay", &DURATION, SimDuration::ZERO);
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
        duplicate_delivery: read_duplicate_delivery(&mut reader),
        reorder_window: reader.value_or("reorder_window", &DURATION, SimDuration::ZERO),
    };
    let in_flight_limit = reader.whole_limit("in_flight_limit", 1, u64::from(u32::MAX), defaults.in_flight_limit);
    let dead_letter = reader.inner("dead_letter");
    if dead_letter.is_none() {
        reader.record_none("dead_letter");
    }
    let (max_receive_count, dead_letter) = match dead_letter {
        Some((table, place)) => read_dead_letter(reader.mistakes, table, place),
        None => (None, None),
    };
    let settings = QueueSettings {
        visibility_timeout,
        message_retention_period,
        delay,
        max_receive_count,
        returned_to,
        stale_delete,
        in_flight_limit,
    };
    reader.not_modelled(&["fifo", "content_based_deduplication"], "FIFO queues");
    reader.not_modelled(&["fair", "fair_queue", "fair_queues"], "fair queues");
    let lines = reader.finish(&[]);
    QueueTables { settings, noise, initial_backlog, lines, dead_letter }
}

/// A share of receives, not all: a message that stays visible at every receive is received for ever.
fn read_duplicate_delivery(reader: &mut Reader<'_, '_>) -> f64 {
    let share = reader.value_or("duplicate_delivery", &SHARE, Percent(0.0)).fraction();
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

fn read_dead_letter(mistakes: &mut Vec<Mistake>, table: &Table, place: Place) -> (Option<u32>, Option<Vec<Line>>) {
    let mut reader = Reader::open(mistakes, table, place, "[queue.dead_letter]");
    let count = reader.whole("max_receive_count", 1, u64::from(u32::MAX));
    if reader.key_place("max_receive_count").is_none() {
        reader.mistakes.push(
            Mistake::at(place, "[queue.dead_letter] has no `max_receive_count`")
                .help("add for example max_receive_count = 5, or remove the table"),
        );
    }
    let count = count.map(|found| u32::try_from(found.value).expect("checked against the largest"));
    (count, Some(reader.finish(&["redrive_at"])))
}
