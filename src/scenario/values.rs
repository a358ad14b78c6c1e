//! Single values: of which kind they are, how each is read, and what is said about one that cannot be.

use crate::scenario::diagnostics::{Mistake, Place, nearest};
use crate::scenario::tree::{Node, Value};
use crate::scenario::units::{self, Instant, Percent, Wrong};
use crate::time::SimDuration;

/// A kind of value that is written as text with a unit.
pub struct Kind<T> {
    /// With its article.
    name: &'static str,
    example: &'static str,
    read: fn(&str) -> Result<T, Wrong>,
    /// Writes the value so that it is read back.
    pub show: fn(T) -> String,
    /// What to write instead of a number without unit.
    with_unit: fn(&str) -> String,
}

/// Durations.
pub const DURATION: Kind<SimDuration> = Kind {
    name: "a duration",
    example: "\"30s\"",
    read: units::duration,
    show: units::show_duration,
    with_unit: |number| format!("add a unit: write \"{number}s\""),
};

/// Instants of a run.
pub const INSTANT: Kind<Instant> = Kind {
    name: "an instant",
    example: "\"+30min\" after the origin, or \"1h\" after the start",
    read: units::instant,
    show: units::show_instant,
    with_unit: |number| format!("add a unit: write \"+{number}s\" after the origin, or \"{number}s\" after the start"),
};

/// Orders per second.
pub const RATE: Kind<f64> = Kind {
    name: "a rate",
    example: "\"500/s\"",
    read: units::rate,
    show: units::show_rate,
    with_unit: |number| format!("add a unit: write \"{number}/s\""),
};

/// Shares.
pub const SHARE: Kind<Percent> = Kind {
    name: "a share",
    example: "\"0.5%\"",
    read: units::share,
    show: units::show_share,
    with_unit: units::share_help,
};

/// Megabytes.
pub const SIZE: Kind<u32> = Kind {
    name: "a size",
    example: "\"512MB\"",
    read: units::megabytes,
    show: units::show_megabytes,
    with_unit: |number| format!("add a unit: write \"{number}MB\""),
};

/// Reads a value with a unit.
pub fn read<T>(node: &Node, key: &str, kind: &Kind<T>) -> Result<T, Mistake> {
    match &node.value {
        Value::Text(text) => (kind.read)(text)
            .map_err(|wrong| Mistake::at(node.place, format!("`{key}`: {}", wrong.message)).help(wrong.help)),
        Value::Number { written, value, .. } if value.is_finite() && *value >= 0.0 => {
            let mistake = Mistake::at(node.place, format!("`{key}`: {written} has no unit"));
            Err(mistake.label(format!("expected {}", kind.name)).help((kind.with_unit)(written)))
        }
        Value::Number { written, value, .. } => {
            let what = if *value < 0.0 { "is negative" } else { "is not a finite number" };
            let mistake = Mistake::at(node.place, format!("`{key}`: {written} {what}"));
            Err(mistake.label(format!("expected {}", kind.name)).help(format!("write for example {}", kind.example)))
        }
        _ => Err(wrong_type(node, key, kind.name, &format!("write for example {}", kind.example))),
    }
}

/// Reads a whole number within bounds.
pub fn read_whole(node: &Node, key: &str, least: u64, most: u64) -> Result<u64, Mistake> {
    let range = if most == u64::MAX { format!("of at least {least}") } else { format!("from {least} to {most}") };
    let Value::Number { written, whole, value } = &node.value else {
        let help = match &node.value {
            Value::Text(text) if text.parse::<u64>().is_ok() => format!("write it without quotes: {text}"),
            _ => format!("write a whole number {range}, without quotes"),
        };
        return Err(wrong_type(node, key, "a whole number", &help));
    };
    let what = match whole.map(u64::try_from) {
        Some(Ok(whole)) if (least..=most).contains(&whole) => return Ok(whole),
        Some(Ok(whole)) if whole < least => "is too small",
        Some(Ok(_)) => "is too large",
        Some(Err(_)) if *value < 0.0 => "is negative",
        Some(Err(_)) => "is too large",
        None if written.bytes().all(|byte| byte.is_ascii_digit()) => "is too large",
        None if value.is_finite() => "is not a whole number",
        None => "is not a finite number",
    };
    let mistake = Mistake::at(node.place, format!("`{key}`: {written} {what}"));
    Err(mistake.help(format!("write a whole number {range}")))
}

/// Reads a plain number.
pub fn read_number(node: &Node, key: &str, least: f64) -> Result<f64, Mistake> {
    let help = format!("write a number of at least {least}");
    let Value::Number { written, value, .. } = &node.value else {
        return Err(wrong_type(node, key, "a number", &help));
    };
    let what = match *value {
        value if !value.is_finite() => "is not a finite number",
        value if value < 0.0 => "is negative",
        value if value < least => "is too small",
        value => return Ok(value),
    };
    Err(Mistake::at(node.place, format!("`{key}`: {written} {what}")).help(help))
}

/// A value of another type than the key takes.
pub fn wrong_type(node: &Node, key: &str, expected: &str, help: &str) -> Mistake {
    let message = format!("`{key}` must be {expected}, not {}", node.value.kind());
    Mistake::at(node.place, message).label(format!("expected {expected}")).help(help)
}

/// A word that is none of the known ones.
pub fn no_such_word(place: Place, key: &str, word: &str, known: &[&str]) -> Mistake {
    let help = match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean {candidate:?}?"),
        None => format!("write {}", alternatives(known)),
    };
    Mistake::at(place, format!("`{key}`: unknown word {word:?}")).help(help)
}

/// A TOML string.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}

pub fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    quoted.join(" or ")
}
