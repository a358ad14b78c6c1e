//! `lambda.provisioned_at` and `lambda.provisioned_delay`: when provisioned concurrency is asked for, and how long it takes.

use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::nearest;
use crate::scenario::reader::Reader;
use crate::scenario::tree::Value;
use crate::scenario::units::show_duration;
use crate::scenario::values::{DURATION, quoted, read as read_value, wrong_type};
use crate::system::spec::Provisioning;
use crate::time::{SimDuration, SimTime};

/// Asked for so long before the run that everything is ready at its beginning.
const BEFORE: &str = "before";
const MINUTE_NANOS: u128 = 60_000_000_000;

/// Reads the keys; `None`: the environments are there from the beginning. Without provisioned concurrency, and without a
/// time of asking, nothing is written down of what has no effect.
pub fn read(reader: &mut Reader<'_, '_>, environments: u32, defaults: &Defaults) -> Option<Provisioning> {
    let asked_at = asked_at(reader, environments);
    let given = reader.key_place("provisioned_delay").is_some();
    let delay = if asked_at.is_some() || given {
        reader.value_or("provisioned_delay", &DURATION, defaults.provisioned_delay)
    } else {
        reader.node("provisioned_delay");
        defaults.provisioned_delay
    };
    let asked_at = asked_at?;
    let allocating = allocating(environments, defaults.provisioned_per_minute);
    (environments > 0).then(|| Provisioning { asked_at, ready_at: asked_at + delay + allocating })
}

/// `"before"`, or how long after the beginning of the run.
fn asked_at(reader: &mut Reader<'_, '_>, environments: u32) -> Option<SimTime> {
    const KEY: &str = "provisioned_at";
    let help = "write a duration such as \"2min\" from the beginning of the run, or \"before\"";
    let Some(node) = reader.node(KEY) else {
        if environments > 0 {
            reader.record(KEY, quoted(BEFORE), true);
        }
        return None;
    };
    match &node.value {
        Value::Text(word) if word == BEFORE => {
            reader.record(KEY, quoted(BEFORE), false);
            None
        }
        Value::Text(word) => match read_value(node, KEY, &DURATION) {
            Ok(length) => {
                reader.record(KEY, quoted(&show_duration(length)), false);
                Some(SimTime::ZERO + length)
            }
            Err(mistake) => {
                let meant = nearest(word, [BEFORE]).map(|meant| format!("did you mean {meant:?}?"));
                reader.mistakes.push(mistake.help(meant.unwrap_or_else(|| help.to_string())));
                None
            }
        },
        _ => {
            reader.mistakes.push(wrong_type(node, KEY, "a duration or \"before\"", help));
            None
        }
    }
}

/// How long it takes to allocate all of them.
fn allocating(environments: u32, per_minute: Option<u32>) -> SimDuration {
    let nanos = |per_minute: u32| (u128::from(environments) * MINUTE_NANOS).div_ceil(u128::from(per_minute));
    SimDuration(per_minute.map_or(0, |per_minute| u64::try_from(nanos(per_minute)).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_thousand_environments_are_allocated_in_a_minute() {
        let seconds = |environments, rate| allocating(environments, rate).as_secs_f64();
        assert_eq!((seconds(6_000, Some(6_000)), seconds(50, Some(6_000)), seconds(6_000, None)), (60.0, 0.5, 0.0));
    }
}
