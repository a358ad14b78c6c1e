//! Values with units: durations, rates, shares and sizes, read from and written to text.
//!
//! What [`show_duration`] and its sisters write is read back as the very same value, so a resolved scenario means what
//! its original meant.

use crate::time::{NANOS_PER_SEC, SimDuration};

/// The longest duration a scenario can say: 100 years of 365.25 days. Sums of a few of them still fit the clock.
pub const LONGEST: SimDuration = SimDuration::from_secs(36_525 * 86_400);

/// The highest rate a scenario can say, in orders per second: one each nanosecond, the grain of the clock.
pub const FASTEST: f64 = 1e9;

/// Why a text is not the value it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is the matter, naming the value.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Wrong {
    /// A reason and a remedy.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Wrong {
        Wrong { message: message.into(), help: help.into() }
    }
}

/// A share of something, in percent as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(pub f64);

impl Percent {
    /// The share as a fraction of one.
    pub fn fraction(self) -> f64 {
        self.0 / 100.0
    }
}

/// Units of duration and their nanoseconds, the longest first.
const DURATION_UNITS: [(&str, u64); 7] = [
    ("d", 86_400 * NANOS_PER_SEC),
    ("h", 3_600 * NANOS_PER_SEC),
    ("min", 60 * NANOS_PER_SEC),
    ("s", NANOS_PER_SEC),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Spellings people try, and ours.
const OTHER_SPELLINGS: [(&str, &str); 17] = [
    ("m", "min"),
    ("mins", "min"),
    ("minute", "min"),
    ("minutes", "min"),
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("hr", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("day", "d"),
    ("days", "d"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("milliseconds", "ms"),
    ("usec", "us"),
];

/// Reads `"250ms"`, `"0.5s"`, `"1h 30min"`; digits beyond a nanosecond are rounded.
pub fn duration(text: &str) -> Result<SimDuration, Wrong> {
    const EXAMPLE: &str = "write for example \"30s\", \"250ms\" or \"1h 30min\"";
    let not_one = |reason: &str| Wrong::new(format!("{text:?} is not a duration{reason}"), EXAMPLE);
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(not_one(": it is empty"));
    }
    refuse_special(rest, "duration", EXAMPLE)?;
    let mut nanos: u128 = 0;
    let mut seen: Vec<&str> = Vec::new();
    while !rest.is_empty() {
        let (number, after) = rest.split_at(digits(rest));
        if number.is_empty() {
            return Err(not_one(""));
        }
        let after = after.trim_start();
        let unit = &after[..after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len())];
        let Some((name, size)) = duration_unit(unit) else {
            return Err(duration_unit_wrong(text, number, unit, after));
        };
        if seen.contains(&name) {
            return Err(Wrong::new(
                format!("{text:?} names the unit {name:?} twice"),
                "write each unit once, for example \"1h 30min\"",
            ));
        }
        seen.push(name);
        nanos = nanos.saturating_add(scaled(number, size).ok_or_else(|| not_one(""))?);
        rest = after[unit.len()..].trim_start();
    }
    if nanos > u128::from(LONGEST.0) {
        return Err(Wrong::new(format!("{text:?} is longer than a hundred years"), "write a shorter duration"));
    }
    Ok(SimDuration(u64::try_from(nanos).expect("a hundred years fit")))
}

/// An instant of a run, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// Whether it counts from the start of the phase marked `origin`, and not from the beginning.
    pub after_origin: bool,
    /// How long after that.
    pub length: SimDuration,
}

/// Reads `"+45s"` (after the origin) or `"45s"` (after the beginning).
pub fn instant(text: &str) -> Result<Instant, Wrong> {
    let after = text.trim().strip_prefix('+');
    let length = duration(after.unwrap_or(text))?;
    Ok(Instant { after_origin: after.is_some(), length })
}

/// Writes an instant so that it is read back.
pub fn show_instant(instant: Instant) -> String {
    format!("{}{}", if instant.after_origin { "+" } else { "" }, show_duration(instant.length))
}

/// Reads `"22.5/s"`, `"90/min"`: orders per second, not negative.
pub fn rate(text: &str) -> Result<f64, Wrong> {
    const EXAMPLE: &str = "write for example \"500/s\" or \"90/min\"";
    refuse_special(text.trim(), "rate", EXAMPLE)?;
    let Some((number, unit)) = text.split_once('/') else {
        let help = match plain_number(text.trim()) {
            Some(_) => format!("add a unit: write \"{}/s\"", text.trim()),
            None => EXAMPLE.to_string(),
        };
        return Err(Wrong::new(format!("{text:?} is not a rate"), help));
    };
    let number = plain_number(number.trim())
        .ok_or_else(|| Wrong::new(format!("{text:?} is not a rate: {:?} is not a number", number.trim()), EXAMPLE))?;
    let seconds = match unit.trim() {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        other => {
            return Err(Wrong::new(
                format!("{text:?} is not a rate: unknown unit {:?}", format!("/{other}")),
                "rates are per /s, /min, /h or /d: write for example \"500/s\"",
            ));
        }
    };
    let per_second = number / seconds;
    if per_second > FASTEST {
        return Err(Wrong::new(
            format!("{text:?} is more than 1000000000/s, one order each nanosecond"),
            "write a lower rate, or `at_once` for orders that come together",
        ));
    }
    Ok(per_second)
}

/// Reads `"0.5%"`, from 0 % to 100 %.
pub fn share(text: &str) -> Result<Percent, Wrong> {
    const EXAMPLE: &str = "write for example \"0.5%\"";
    refuse_special(text.trim(), "share", EXAMPLE)?;
    let Some(number) = text.trim().strip_suffix('%') else {
        return Err(Wrong::new(format!("{text:?} is not a share"), share_help(text.trim())));
    };
    let number = plain_number(number.trim()).ok_or_else(|| Wrong::new(format!("{text:?} is not a share"), EXAMPLE))?;
    if number > 100.0 {
        return Err(Wrong::new(format!("{text:?} is more than the whole"), "a share lies between \"0%\" and \"100%\""));
    }
    Ok(Percent(number))
}

/// What to write instead of a bare number where a share belongs: `0.02` was probably meant as 2 %.
pub fn share_help(number: &str) -> String {
    match plain_number(number) {
        Some(value) if value <= 1.0 => format!("add a unit: write \"{}%\"", tidy(value * 100.0)),
        Some(value) => format!("add a unit: write \"{value}%\""),
        None => "write for example \"0.5%\"".to_string(),
    }
}

/// Reads `"512MB"`, `"1GB"`; MB is what AWS calls it, 2^20 bytes.
pub fn megabytes(text: &str) -> Result<u32, Wrong> {
    const EXAMPLE: &str = "write for example \"512MB\" or \"1GB\"";
    let trimmed = text.trim();
    refuse_special(trimmed, "size", EXAMPLE)?;
    let (number, unit) = trimmed.split_at(digits(trimmed));
    let Some(number) = plain_number(number) else {
        return Err(Wrong::new(format!("{text:?} is not a size"), EXAMPLE));
    };
    let size = match unit.trim() {
        "MB" | "MiB" => number,
        "GB" | "GiB" => number * 1_024.0,
        "" => {
            return Err(Wrong::new(format!("{text:?} has no unit"), format!("add a unit: write \"{trimmed}MB\"")));
        }
        other => {
            return Err(Wrong::new(
                format!("{text:?} is not a size: unknown unit {other:?}"),
                "sizes are in MB or GB: write for example \"512MB\"",
            ));
        }
    };
    if size.fract() != 0.0 || size < 1.0 || size > f64::from(u32::MAX) {
        return Err(Wrong::new(format!("{text:?} is not a whole number of MB that a function could have"), EXAMPLE));
    }
    Ok(size as u32)
}

/// Writes a duration so that [`duration`] reads the same nanoseconds.
pub fn show_duration(length: SimDuration) -> String {
    if length.is_zero() {
        return "0s".to_string();
    }
    if length.0 < NANOS_PER_SEC {
        let (name, size) =
            DURATION_UNITS.into_iter().find(|(_, size)| length.0 >= *size).expect("at least a nanosecond");
        return format!("{}{name}", fraction(length.0, size));
    }
    let mut left = length.0;
    let mut parts = Vec::new();
    for (name, size) in &DURATION_UNITS[..3] {
        if left >= *size {
            parts.push(format!("{}{name}", left / size));
            left %= size;
        }
    }
    if left > 0 {
        parts.push(format!("{}s", fraction(left, NANOS_PER_SEC)));
    }
    parts.join(" ")
}

/// Writes orders per second so that [`rate`] reads the same number.
pub fn show_rate(per_second: f64) -> String {
    format!("{per_second}/s")
}

/// Writes a share so that [`share`] reads the same number.
pub fn show_share(share: Percent) -> String {
    format!("{}%", share.0)
}

/// Writes a plain number so that TOML reads the same: its whole numbers have 64 bits, so larger ones get an exponent.
pub fn show_number(value: f64) -> String {
    if value < 1e18 { value.to_string() } else { format!("{value:e}") }
}

/// Writes megabytes so that [`megabytes`] reads the same number.
pub fn show_megabytes(megabytes: u32) -> String {
    format!("{megabytes}MB")
}

/// A number of digits with at most one point: no sign, no exponent, no separators.
pub fn plain_number(text: &str) -> Option<f64> {
    let well_formed = digits(text) == text.len() && text.bytes().filter(|byte| *byte == b'.').count() <= 1;
    (well_formed && text.bytes().any(|byte| byte.is_ascii_digit())).then(|| text.parse().expect("digits and a point"))
}

/// Removes the noise of binary fractions from a suggestion: 0.07 × 100 is 7, not 7.000000000000001.
fn tidy(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// How many bytes at the start are digits or points.
fn digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len())
}

/// `nanos / size` with as many decimals as it needs; `size` is a power of ten.
fn fraction(nanos: u64, size: u64) -> String {
    let decimals = size.ilog10() as usize;
    if decimals == 0 {
        return nanos.to_string();
    }
    let text = format!("{}.{:0decimals$}", nanos / size, nanos % size);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

/// A decimal number times `size`, to the nearest whole.
fn scaled(number: &str, size: u64) -> Option<u128> {
    plain_number(number)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    // More than eighteen decimals of a day are far below a nanosecond.
    let decimals = &decimals[..decimals.len().min(18)];
    let size = u128::from(size);
    let whole = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u128::MAX) };
    let mut nanos = u128::saturating_mul(whole, size);
    if !decimals.is_empty() {
        let scale = 10_u128.pow(decimals.len() as u32);
        let part: u128 = decimals.parse().ok()?;
        nanos = nanos.saturating_add((part * size + scale / 2) / scale);
    }
    Some(nanos)
}

fn duration_unit(unit: &str) -> Option<(&'static str, u64)> {
    let unit = if unit == "µs" || unit == "μs" { "us" } else { unit };
    DURATION_UNITS.into_iter().find(|(name, _)| *name == unit)
}

fn duration_unit_wrong(text: &str, number: &str, unit: &str, after: &str) -> Wrong {
    if after.starts_with('/') {
        return Wrong::new(format!("{text:?} is a rate, not a duration"), "write for example \"30s\"");
    }
    if after.starts_with(',') || after.starts_with('_') {
        return Wrong::new(format!("{text:?} is not a duration"), "write digits without separators");
    }
    if unit.is_empty() && after.is_empty() {
        return Wrong::new(format!("{text:?} has no unit"), format!("add a unit: write \"{}s\"", text.trim()));
    }
    if unit.is_empty() {
        return Wrong::new(
            format!("{text:?} is not a duration"),
            "write for example \"30s\", \"250ms\" or \"1h 30min\"",
        );
    }
    let help = match OTHER_SPELLINGS.into_iter().find(|(tried, _)| *tried == unit.to_lowercase()) {
        Some((_, ours)) => format!("write \"{number}{ours}\"; units are ns, us, ms, s, min, h and d"),
        None => format!("units are ns, us, ms, s, min, h and d: write for example \"{number}s\""),
    };
    Wrong::new(format!("{text:?} is not a duration: unknown unit {unit:?}"), help)
}

/// Negative and non-finite values get a reason of their own.
fn refuse_special(text: &str, what: &str, example: &str) -> Result<(), Wrong> {
    let lower = text.trim_start_matches(['+', '-']).to_lowercase();
    if lower.starts_with("nan") || lower.starts_with("inf") {
        return Err(Wrong::new(format!("{text:?} is not a {what}: it must be a finite number"), example));
    }
    if text.starts_with('-') {
        return Err(Wrong::new(
            format!("{text:?} is negative"),
            format!("a {what} cannot be less than zero: {example}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
#[path = "units_tests.rs"]
mod tests;
