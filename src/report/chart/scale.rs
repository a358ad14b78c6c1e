//! Scales: from values to px, and where the ticks are.

use crate::report::words;

/// The least distance between two tick labels, in px.
pub const TICK_GAP: f64 = 6.0;

/// A straight scale from values to px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear {
    from: (f64, f64),
    to: (f64, f64),
}

impl Linear {
    /// Maps the values of `domain` to the px of `range`; a domain without extent is taken as one unit wide.
    pub fn new(domain: (f64, f64), range: (f64, f64)) -> Linear {
        let end = if domain.1 > domain.0 { domain.1 } else { domain.0 + 1.0 };
        Linear { from: (domain.0, end), to: range }
    }

    /// The px of a value.
    pub fn px(&self, value: f64) -> f64 {
        self.to.0 + (value - self.from.0) / (self.from.1 - self.from.0) * (self.to.1 - self.to.0)
    }

    /// The px of a value, kept within the range.
    pub fn px_inside(&self, value: f64) -> f64 {
        self.px(value.clamp(self.from.0, self.from.1))
    }

    /// How much one px is.
    pub fn per_px(&self) -> f64 {
        (self.from.1 - self.from.0) / (self.to.1 - self.to.0).abs()
    }
}

/// A logarithmic scale from seconds to px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logarithmic {
    linear: Linear,
    least: f64,
}

impl Logarithmic {
    /// Maps the seconds of `domain` (both positive) to the px of `range`.
    pub fn new(domain: (f64, f64), range: (f64, f64)) -> Logarithmic {
        Logarithmic { linear: Linear::new((libm::log10(domain.0), libm::log10(domain.1)), range), least: domain.0 }
    }

    /// The px of a length of time, kept within the range.
    pub fn px(&self, seconds: f64) -> f64 {
        self.linear.px_inside(libm::log10(seconds.max(self.least)))
    }
}

/// Round values from 0 to at most `most`: at most `steps` steps of 1, 2 or 5 times a power of ten, of at least one if
/// the values are whole numbers.
pub fn round_values(most: f64, steps: u32, whole: bool) -> Vec<f64> {
    let mut power = 1e-3;
    loop {
        for factor in [1.0, 2.0, 5.0] {
            let step = power * factor;
            let lines = (most / step + 1e-9).floor();
            if lines <= f64::from(steps) && (!whole || step >= 0.999) {
                return (0..=lines as u64).map(|i| i as f64 * step).collect();
            }
        }
        power *= 10.0;
    }
}

/// The label of a value on a vertical axis.
pub fn value_label(value: f64) -> String {
    if value.fract() == 0.0 { words::count(value as u64) } else { format!("{}", (value * 1000.0).round() / 1000.0) }
}

/// Steps of time axes, in seconds.
const TIME_STEPS: [f64; 26] = [
    0.1,
    0.2,
    0.5,
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    1_200.0,
    1_800.0,
    3_600.0,
    7_200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    432_000.0,
    864_000.0,
    2_592_000.0,
    8_640_000.0,
];

/// Ticks of a time axis from `first` to `last` seconds, at most one per `least` seconds: their place and their label,
/// for example `0`, `+2 min`, `−30 s`.
pub fn time_ticks(first: f64, last: f64, least: f64) -> Vec<(f64, String)> {
    let step = TIME_STEPS.into_iter().find(|step| *step >= least).unwrap_or(least);
    let (unit, name) = match step {
        step if step < 60.0 => (1.0, "s"),
        step if step < 3_600.0 => (60.0, "min"),
        step if step < 86_400.0 => (3_600.0, "h"),
        _ => (86_400.0, "d"),
    };
    let mut ticks = Vec::new();
    let mut index = (first / step - 1e-9).ceil();
    while index * step <= last + step * 1e-9 {
        let at = index * step;
        let amount = (at.abs() / unit * 10.0).round() / 10.0;
        let label = match index {
            0.0 => "0".to_owned(),
            index if index < 0.0 => format!("\u{2212}{amount}\u{a0}{name}"),
            _ => format!("+{amount}\u{a0}{name}"),
        };
        // A negative zero is a zero.
        ticks.push((at + 0.0, label));
        index += 1.0;
    }
    ticks
}

/// Ticks of an axis of durations: seconds, and whether the tick is one of the important ones.
const DURATION_TICKS: [(f64, bool); 19] = [
    (0.001, true),
    (0.003, false),
    (0.01, true),
    (0.03, false),
    (0.1, true),
    (0.3, false),
    (1.0, true),
    (3.0, false),
    (10.0, true),
    (30.0, false),
    (60.0, true),
    (180.0, false),
    (600.0, true),
    (1_800.0, false),
    (3_600.0, true),
    (10_800.0, false),
    (36_000.0, true),
    (86_400.0, true),
    (345_600.0, true),
];

/// Steps of an axis of durations that is not logarithmic, in seconds.
const DURATION_STEPS: [f64; 29] = [
    0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    900.0, 1_800.0, 3_600.0, 7_200.0, 18_000.0, 36_000.0, 86_400.0, 172_800.0, 432_000.0, 864_000.0,
];

/// Round durations from 0 to at most `most` seconds, at most five of them.
pub fn duration_steps(most: f64) -> Vec<f64> {
    let step = DURATION_STEPS.into_iter().find(|step| most / step <= 4.5).unwrap_or(most);
    let lines = if step > 0.0 { (most / step).floor() as u64 } else { 0 };
    (0..=lines).map(|i| i as f64 * step).collect()
}

/// The first tick under a length of time.
pub fn duration_tick_under(seconds: f64) -> f64 {
    DURATION_TICKS.iter().rev().map(|tick| tick.0).find(|tick| *tick < seconds).unwrap_or(DURATION_TICKS[0].0)
}

/// Ticks from `first` to `last` seconds on a scale, without those whose labels come too near to a more important one.
pub fn duration_ticks(first: f64, last: f64, scale: &Logarithmic, width: impl Fn(&str) -> f64) -> Vec<(f64, String)> {
    let mut kept: Vec<(f64, String)> = Vec::new();
    for important in [true, false] {
        for (seconds, _) in DURATION_TICKS.iter().filter(|tick| tick.1 == important) {
            if *seconds < first * 0.999 || *seconds > last * 1.001 {
                continue;
            }
            let label = words::duration_s(*seconds);
            let free = kept.iter().all(|(other, words)| {
                let apart = (scale.px(*other) - scale.px(*seconds)).abs();
                apart >= (width(words) + width(&label)) / 2.0 + TICK_GAP
            });
            if free {
                kept.push((*seconds, label));
            }
        }
    }
    kept.sort_by(|a, b| a.0.total_cmp(&b.0));
    kept
}

#[cfg(test)]
mod tests {
    use super::{Logarithmic, duration_steps, duration_tick_under, duration_ticks, round_values, time_ticks};

    #[test]
    fn lines_stand_at_round_values() {
        assert_eq!(round_values(293.0, 4, true), [0.0, 100.0, 200.0]);
        assert_eq!(round_values(22.0, 3, true), [0.0, 10.0, 20.0]);
        assert_eq!(round_values(28_499.0 * 1.12, 4, true), [0.0, 10_000.0, 20_000.0, 30_000.0]);
        assert_eq!(round_values(1.1, 4, true), [0.0, 1.0]);
        assert_eq!(round_values(0.9, 4, false), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8]);
        assert_eq!(round_values(0.0, 4, true), [0.0]);
        for most in 3..5_000_u32 {
            let lines = round_values(f64::from(most), 4, true).len();
            assert!((2..=5).contains(&lines), "{most} gives {lines} lines");
        }
    }

    #[test]
    fn durations_stand_at_round_lengths() {
        assert_eq!(duration_steps(1_026.0), [0.0, 300.0, 600.0, 900.0]);
        assert_eq!(duration_steps(0.0), [0.0]);
        for most in 1..100_000_u32 {
            let lines = duration_steps(f64::from(most) / 10.0).len();
            assert!((2..=5).contains(&lines), "{most} gives {lines} lines");
        }
    }

    #[test]
    fn time_counts_from_the_origin_in_both_directions() {
        let labels: Vec<String> = time_ticks(-120.0, 250.0, 90.0).into_iter().map(|tick| tick.1).collect();
        assert_eq!(labels, ["\u{2212}2\u{a0}min", "0", "+2\u{a0}min", "+4\u{a0}min"]);
        let labels: Vec<String> = time_ticks(0.0, 86_400.0, 7_000.0).into_iter().map(|tick| tick.1).collect();
        assert_eq!(labels.len(), 13);
        assert_eq!(labels[12], "+24\u{a0}h");
    }

    #[test]
    fn the_less_important_of_two_near_ticks_is_dropped() {
        let narrow = Logarithmic::new((0.1, 3_600.0), (0.0, 348.0));
        let labels: Vec<String> =
            duration_ticks(0.1, 3_600.0, &narrow, |_| 40.0).into_iter().map(|tick| tick.1).collect();
        assert_eq!(
            labels,
            ["100\u{a0}ms", "1\u{a0}s", "10\u{a0}s", "1\u{a0}min", "10\u{a0}min", "1\u{a0}h"].map(str::to_owned),
            "every 3 is too near to its 1"
        );
        let wide = Logarithmic::new((0.1, 3_600.0), (0.0, 900.0));
        assert_eq!(duration_ticks(0.1, 3_600.0, &wide, |_| 40.0).len(), 11);
        assert_eq!(duration_tick_under(0.49), 0.3);
    }
}
