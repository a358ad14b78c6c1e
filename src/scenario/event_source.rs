//! `[event_source]`: the mapping from the queue to the function.

use crate::scenario::diagnostics::Mistake;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::values::not_built_yet;
use crate::system::spec::{EventSourceSpec, Pull};
use crate::time::SimDuration;

/// What AWS takes without a batching window.
const LARGEST_BATCH: u64 = 10;
/// What AWS takes with one.
const LARGEST_BATCH_WITH_WINDOW: u64 = 10_000;

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>) -> (EventSourceSpec, Vec<Line>) {
    let batch_size = read_batch_size(&mut reader);
    let maximum_concurrency = reader.whole("maximum_concurrency", 1, u64::from(u32::MAX));
    let report_batch_item_failures = reader.truth_or("report_batch_item_failures", false);
    reader.choice_or("pull", &[("when_free", ())], &["eager"], (), "when_free");
    let spec = EventSourceSpec {
        batch_size,
        maximum_concurrency: maximum_concurrency.map(|found| u32::try_from(found.value).expect("checked")),
        report_batch_item_failures,
        pull: Pull::WhenFree,
        maximum_batching_window: SimDuration::ZERO,
        scale_interval: None,
        error_backoff: SimDuration::ZERO,
    };
    (spec, reader.finish(&["maximum_batching_window", "scale_interval", "error_backoff"]))
}

/// Larger batches need a batching window, which comes later.
fn read_batch_size(reader: &mut Reader<'_, '_>) -> u32 {
    if reader.key_place("batch_size").is_none() {
        return reader.whole_or("batch_size", 1, LARGEST_BATCH, 1) as u32;
    }
    let Some(found) = reader.whole("batch_size", 1, LARGEST_BATCH_WITH_WINDOW) else { return 1 };
    if found.value > LARGEST_BATCH {
        let mistake: Mistake = not_built_yet(found.place, &format!("a batch_size of {}", found.value));
        reader.mistakes.push(mistake.label("more than 10 needs a batching window").help("write 10 or less for now"));
    }
    found.value as u32
}
