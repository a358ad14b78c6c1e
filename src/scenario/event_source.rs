//! `[event_source]`: the mapping from the queue to the function.

use crate::facts::limits::LARGEST_BATCH;
use crate::scenario::defaults::Defaults;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::values::DURATION;
use crate::system::spec::{EventSourceSpec, Pull};
use crate::time::SimDuration;

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>, defaults: &Defaults) -> (EventSourceSpec, Vec<Line>) {
    let batch_size = reader.whole_or("batch_size", 1, LARGEST_BATCH.into(), defaults.batch_size);
    let maximum_batching_window = reader.value_or("maximum_batching_window", &DURATION, SimDuration::ZERO);
    let maximum_concurrency = reader.count_limit("maximum_concurrency", 1, None);
    let report_batch_item_failures = reader.truth_or("report_batch_item_failures", false);
    let (word, default) = defaults.pull;
    let pull = reader.choice_or("pull", &[("when_free", Pull::WhenFree), ("eager", Pull::Eager)], &[], default, word);
    let why = "write \"none\" for pollers that are all there from the start";
    let scale_interval = reader.duration_limit("scale_interval", defaults.scale_interval, why);
    let why = "a mapping looks after some time whether it has too many pollers";
    let scale_down_interval = positive_or(&mut reader, "scale_down_interval", defaults.scale_down_interval, why);
    let error_backoff = reader.value_or("error_backoff", &DURATION, defaults.error_backoff);
    let why = "a throttled batch would be tried again and again at one instant";
    let throttle_backoff = positive_or(&mut reader, "throttle_backoff", defaults.throttle_backoff, why);
    let throttle_backoff_limit =
        positive_or(&mut reader, "throttle_backoff_limit", defaults.throttle_backoff_limit, why);
    let provisioned = ["provisioned_pollers", "provisioned_poller_config", "minimum_pollers", "maximum_pollers"];
    reader.not_modelled(&provisioned, "provisioned pollers");
    let spec = EventSourceSpec {
        batch_size: u32::try_from(batch_size).expect("checked against the largest"),
        maximum_concurrency,
        report_batch_item_failures,
        pull,
        maximum_batching_window,
        scale_interval,
        scale_down_interval,
        error_backoff,
        throttle_backoff,
        throttle_backoff_limit,
    };
    (spec, reader.finish())
}

/// A duration longer than zero, or its default.
fn positive_or(reader: &mut Reader<'_, '_>, key: &'static str, default: SimDuration, why: &str) -> SimDuration {
    if reader.key_place(key).is_none() {
        return reader.value_or(key, &DURATION, default);
    }
    reader.positive_duration(key, why).map_or(default, |found| found.value)
}
