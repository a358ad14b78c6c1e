//! When something happened: minutes, seconds, milliseconds, so that columns of them can be read down.

use crate::time::SimTime;

/// Since the origin, for example `+1:03.204` or `−0:57.000`.
pub(super) fn origin(at: SimTime, origin: SimTime) -> String {
    if at >= origin { signed('+', at.0 - origin.0) } else { signed('\u{2212}', origin.0 - at.0) }
}

/// Since the order's arrival, for example `+0:00.049`.
pub(super) fn since(at: SimTime, arrival: SimTime) -> String {
    signed('+', at.0.saturating_sub(arrival.0))
}

/// To the nearest millisecond.
fn signed(sign: char, nanos: u64) -> String {
    let milliseconds = nanos / 1_000_000 + u64::from(nanos % 1_000_000 >= 500_000);
    let (seconds, rest) = (milliseconds / 1_000, milliseconds % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes / 60 {
        0 => format!("{sign}{minutes}:{seconds:02}.{rest:03}"),
        hours => format!("{sign}{hours}:{:02}:{seconds:02}.{rest:03}", minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_in_minutes_and_rounded_to_the_millisecond() {
        let at = |nanos| SimTime(nanos);
        assert_eq!(origin(at(183_204_499_999), at(120_000_000_000)), "+1:03.204");
        assert_eq!(origin(at(63_000_000_000), at(120_000_000_000)), "\u{2212}0:57.000");
        assert_eq!(since(at(59_999_500_000), at(0)), "+1:00.000");
        assert_eq!(since(at(3_723_004_000_000), at(0)), "+1:02:03.004");
        assert_eq!(since(at(5), at(5)), "+0:00.000");
    }
}
