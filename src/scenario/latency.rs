//! `[latency]`: how long each hop takes.

use crate::scenario::defaults::LatencyDefaults;
use crate::scenario::distributions::of_key;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::system::spec::LatencySpec;

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>, defaults: &LatencyDefaults) -> (LatencySpec, Vec<Line>) {
    let spec = LatencySpec {
        start: of_key(&mut reader, "start", defaults.start),
        dispatch: of_key(&mut reader, "dispatch", defaults.dispatch),
        transition: of_key(&mut reader, "transition", defaults.transition),
        send: of_key(&mut reader, "send", defaults.send),
        receive: of_key(&mut reader, "receive", defaults.receive),
        invoke: of_key(&mut reader, "invoke", defaults.invoke),
        callback: of_key(&mut reader, "callback", defaults.callback),
    };
    (spec, reader.finish())
}
