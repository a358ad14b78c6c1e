//! `[sdk]`: how the SDKs of those who call Step Functions try again.

use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::values::DURATION;
use crate::system::spec::{SdkSpec, TriesSpec};

/// Calls in all at most: so many that waits have long reached their cap.
pub const MOST_TRIES: u64 = 16;

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>, defaults: &SdkSpec) -> (SdkSpec, Vec<Line>) {
    let spec = SdkSpec {
        start: tries(&mut reader, ["start_tries", "start_backoff"], defaults.start),
        callback: tries(&mut reader, ["callback_tries", "callback_backoff"], defaults.callback),
    };
    (spec, reader.finish())
}

fn tries(reader: &mut Reader<'_, '_>, [tries, backoff]: [&'static str; 2], default: TriesSpec) -> TriesSpec {
    let tries = reader.whole_or(tries, 1, MOST_TRIES, default.tries.into());
    let first = reader.value_or(backoff, &DURATION, default.first);
    TriesSpec { tries: u32::try_from(tries).expect("checked against the largest"), first }
}
