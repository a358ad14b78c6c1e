//! `[lambda]` and `[direct.lambda]`: the function and its handler, the same in both designs unless direct overrides it.

use crate::facts::lambda::MEMORY_SIZE;
use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::distributions;
use crate::scenario::provisioning;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::tree::Table;
use crate::scenario::units::Percent;
use crate::scenario::values::{SHARE, SIZE};
use crate::system::spec::{Answers, BatchMode, ErrorAt, FunctionSpec, OnError, ThrowEnds};

/// Reads `[direct.lambda]`: the function of the direct design, and the lines in which it differs.
pub fn read_override(
    mistakes: &mut Vec<Mistake>,
    shared: &Table,
    shared_lines: &[Line],
    (table, place): (&Table, Place),
    defaults: &Defaults,
) -> (FunctionSpec, Vec<Line>) {
    // Its own keys alone, for their mistakes and their lines; then over those of [lambda], whose mistakes are told.
    let (_, mut lines) = read(Reader::open(mistakes, table, place, "[direct.lambda]").overriding(), defaults);
    lines.retain(|line| line.is_given() && !shared_lines.iter().any(|shared| shared.says_the_same(line)));
    let mut told = Vec::new();
    let (function, _) = read(Reader::open(&mut told, &shared.overridden_by(table), place, "[direct.lambda]"), defaults);
    (function, lines)
}

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>, defaults: &Defaults) -> (FunctionSpec, Vec<Line>) {
    let duration = distributions::of_key(&mut reader, "duration", defaults.duration);
    let cold_start = distributions::of_key(&mut reader, "cold_start", defaults.cold_start);
    let why = "write \"none\" for environments that stay";
    let idle_before_reclaim = reader.duration_limit("idle_before_reclaim", defaults.idle_before_reclaim, why);
    let recycle_after = distributions::limit(&mut reader, "recycle_after", defaults.recycle_after);
    let memory_mb = reader.value_or("memory_size", &SIZE, MEMORY_SIZE);
    let why = "write \"none\" for a function without timeout";
    let timeout = reader.duration_limit("timeout", defaults.function_timeout, why);
    let reserved_concurrency = reader.count_limit("reserved_concurrency", 0, None);
    let provisioned_concurrency = reader.whole_or("provisioned_concurrency", 0, u64::from(u32::MAX), 0);
    let provisioned_concurrency = u32::try_from(provisioned_concurrency).expect("checked against the largest");
    let provisioning = provisioning::read(&mut reader, provisioned_concurrency, defaults);
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
    let answers = reader.choice_or(
        "answers",
        &[("each", Answers::Each), ("first_decides", Answers::FirstDecides)],
        &[],
        Answers::Each,
        "each",
    );
    let why = "write \"none\" for a handler that never looks at the age";
    let skip_older_than = reader.duration_limit("skip_older_than", None, why);
    let spec = FunctionSpec {
        duration,
        reserved_concurrency,
        memory_mb,
        timeout,
        error_rate: error_rate.fraction(),
        error_at,
        poison_rate: poison_rate.fraction(),
        repaired_at: None,
        on_error,
        batch,
        throw_ends,
        cold_start,
        idle_before_reclaim,
        recycle_after,
        provisioned_concurrency,
        provisioning,
        answers,
        skip_older_than,
    };
    (spec, reader.finish())
}
