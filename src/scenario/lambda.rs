//! `[lambda]`: the function and its handler, the same in both designs.

use crate::random::Distribution;
use crate::scenario::distributions::of_durations;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::units::Percent;
use crate::scenario::values::{SHARE, SIZE, quoted};
use crate::system::spec::{Answers, BatchMode, ErrorAt, FunctionSpec, OnError, ThrowEnds};

/// The handler's work where a scenario says nothing: an assumption, not a measurement.
const ASSUMED_DURATION: &str = "100ms";
/// AWS's default memory in MB.
const DEFAULT_MEMORY: u32 = 128;

/// Keys of the format that are not built yet.
const LATER: [&str; 6] =
    ["cold_start", "idle_before_reclaim", "recycle_after", "provisioned_concurrency", "answers", "skip_older_than"];

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>) -> (FunctionSpec, Vec<Line>) {
    let duration = read_duration(&mut reader);
    let memory_mb = reader.value_or("memory_size", &SIZE, DEFAULT_MEMORY);
    let timeout = reader.positive_duration("timeout", "leave it out for a function without timeout");
    let reserved_concurrency = reader.whole("reserved_concurrency", 0, u64::from(u32::MAX));
    let error_rate = reader.value_or("error_rate", &SHARE, Percent(0.0));
    let error_at =
        reader.choice_or("error_at", &[("end", ErrorAt::End), ("start", ErrorAt::Start)], &[], ErrorAt::End, "end");
    let poison_rate = reader.value_or("poison_rate", &SHARE, Percent(0.0));
    let on_error = reader.choice_or(
        "on_error",
        &[("throw", OnError::Throw), ("report", OnError::Report)],
        &[],
        OnError::Throw,
        "throw",
    );
    let batch = reader.choice_or(
        "batch",
        &[("one_by_one", BatchMode::OneByOne), ("parallel", BatchMode::Parallel), ("together", BatchMode::Together)],
        &[],
        BatchMode::OneByOne,
        "one_by_one",
    );
    let throw_ends = reader.choice_or(
        "throw_ends",
        &[("invocation", ThrowEnds::Invocation), ("record", ThrowEnds::Record)],
        &[],
        ThrowEnds::Invocation,
        "invocation",
    );
    let spec = FunctionSpec {
        duration,
        reserved_concurrency: reserved_concurrency.map(|found| u32::try_from(found.value).expect("checked")),
        memory_mb,
        timeout: timeout.map(|found| found.value),
        error_rate: error_rate.fraction(),
        error_at,
        poison_rate: poison_rate.fraction(),
        on_error,
        batch,
        throw_ends,
        cold_start: Distribution::constant(0.0),
        idle_before_reclaim: None,
        recycle_after: None,
        provisioned_concurrency: 0,
        answers: Answers::Each,
        skip_older_than: None,
    };
    (spec, reader.finish(&LATER))
}

fn read_duration(reader: &mut Reader<'_, '_>) -> Distribution {
    let assumed = Distribution::constant(0.1);
    let Some(node) = reader.node("duration") else {
        reader.record("duration", quoted(ASSUMED_DURATION), true);
        return assumed;
    };
    match of_durations(reader.mistakes, node, "duration") {
        Some((distribution, canonical)) => {
            reader.record("duration", canonical, false);
            distribution
        }
        None => assumed,
    }
}
