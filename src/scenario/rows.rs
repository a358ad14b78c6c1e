//! Files of numbers beside a scenario: lines of fields between commas, read a line at a time.
//!
//! Lines are cut here and not by a library, because a library would gather a quoted field or a line without end in
//! memory, however long it is.

use std::io::{BufRead, BufReader, Read};

use crate::scenario::units::{self, LONGEST};
use crate::time::SimDuration;

/// Bytes of one line at most.
const LONGEST_LINE: u64 = 10_000;
/// Bytes read at a time.
const BUFFER: usize = 1 << 16;
/// Characters of a value that a message shows.
const SHOWN: usize = 40;

/// What is the matter with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Which line, from 1; `None`: the file as a whole.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Trouble {
    /// About a line.
    pub fn at(line: u64, message: impl Into<String>, help: impl Into<String>) -> Trouble {
        Trouble { line: Some(line), message: message.into(), help: help.into() }
    }

    /// About the whole file.
    pub fn of_file(message: impl Into<String>, help: impl Into<String>) -> Trouble {
        Trouble { line: None, message: message.into(), help: help.into() }
    }
}

/// The lines of a file that say something: no empty ones, none that begin with `#`.
pub struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    /// The number of the latest line, from 1.
    pub number: u64,
    /// Bytes up to the end of the latest line.
    pub place: u64,
}

impl<R: Read> Lines<R> {
    /// The lines of what is read from here on, which begins `place` bytes into the file.
    pub fn new(input: R, place: u64) -> Lines<R> {
        Lines { input: BufReader::with_capacity(BUFFER, input), line: Vec::new(), number: 0, place }
    }

    /// The next line without its end; none at the end of the file.
    pub fn next(&mut self) -> Result<Option<&[u8]>, Trouble> {
        loop {
            self.line.clear();
            self.number += 1;
            let read = (&mut self.input)
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut self.line)
                .map_err(|error| Trouble::of_file(format!("it cannot be read: {error}"), "make it readable for you"))?;
            if read == 0 {
                return Ok(None);
            }
            if read as u64 == LONGEST_LINE && self.line.last() != Some(&b'\n') {
                let message = format!("is longer than {LONGEST_LINE} bytes");
                return Err(Trouble::at(self.number, message, "give a text file with one row a line"));
            }
            let begins_file = self.place == 0;
            self.place += read as u64;
            if begins_file && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            let line = self.line.trim_ascii();
            if !line.is_empty() && line[0] != b'#' {
                // Borrowed anew: what was found cannot leave the loop.
                return Ok(Some(self.line.trim_ascii()));
            }
        }
    }

    /// What has been read from, its buffer left behind.
    pub fn into_inner(self) -> R {
        self.input.into_inner()
    }
}

/// The fields of a line, without spaces and quotes around them.
pub fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b',').map(|field| {
        let field = field.trim_ascii();
        let unquoted = field.strip_prefix(b"\"").and_then(|field| field.strip_suffix(b"\""));
        unquoted.unwrap_or(field).trim_ascii()
    })
}

/// Whether a first line names columns: its first field begins with a letter.
pub fn is_header(line: &[u8]) -> bool {
    fields(line).next().and_then(|field| field.first()).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
        && !fields(line).next().is_some_and(|field| matches!(field.to_ascii_lowercase().as_slice(), b"nan" | b"inf"))
}

/// The first column with one of these names, which may end in `_s`.
pub fn column(header: &[u8], names: &[&str]) -> Option<usize> {
    fields(header).position(|field| {
        let name = String::from_utf8_lossy(field).to_lowercase();
        names.contains(&name.strip_suffix("_s").unwrap_or(&name))
    })
}

/// A value as a message shows it.
pub fn shown(field: &[u8]) -> String {
    let text = String::from_utf8_lossy(field);
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    let beginning: String = text.chars().take(SHOWN).collect();
    format!("{beginning:?}…")
}

/// A length of time: seconds as a decimal number, or a value with units as in a scenario. What is wrong, in words that
/// follow the value's own.
pub fn length(field: &[u8]) -> Result<SimDuration, String> {
    if let Some(nanos) = seconds(field) {
        return within(nanos);
    }
    let Ok(text) = std::str::from_utf8(field) else { return Err("is not UTF-8 text".to_string()) };
    let unsigned = text.trim_start_matches(['+', '-']).to_lowercase();
    if unsigned.starts_with("nan") || unsigned.starts_with("inf") {
        return Err("is not a finite number".to_string());
    }
    if text.starts_with('-') {
        return Err("is negative".to_string());
    }
    match units::duration(text) {
        Ok(length) => Ok(length),
        Err(wrong) if wrong.message.ends_with("longer than a hundred years") => within(u128::MAX),
        Err(_) => Err("is neither seconds nor a duration".to_string()),
    }
}

fn within(nanos: u128) -> Result<SimDuration, String> {
    match u64::try_from(nanos) {
        Ok(nanos) if nanos <= LONGEST.0 => Ok(SimDuration(nanos)),
        _ => Err("is longer than a hundred years".to_string()),
    }
}

/// A decimal number of seconds, maybe with an exponent, to the nearest nanosecond; `None` if it is no such number.
fn seconds(field: &[u8]) -> Option<u128> {
    let (number, exponent) = match field.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&field[..at], whole(&field[at + 1..])?),
        None => (field, 0),
    };
    let (mut digits, mut any, mut point) = (0_u128, false, false);
    // The power of ten that the digits are nanoseconds times.
    let mut power = 9 + exponent;
    for byte in number {
        match byte {
            b'0'..=b'9' => {
                any = true;
                // Beyond thirty digits nothing is left to tell below a nanosecond or within a hundred years.
                if digits < 10_u128.pow(29) {
                    digits = digits * 10 + u128::from(byte - b'0');
                    power -= i64::from(point);
                } else {
                    power += i64::from(!point);
                }
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    any.then(|| scaled(digits, power))
}

/// `digits` × 10^`power`, to the nearest whole, saturating.
fn scaled(digits: u128, power: i64) -> u128 {
    match power {
        _ if digits == 0 => 0,
        0.. => 10_u128.checked_pow(power.min(1_000) as u32).map_or(u128::MAX, |scale| digits.saturating_mul(scale)),
        _ => match 10_u128.checked_pow(power.unsigned_abs().min(1_000) as u32) {
            Some(scale) => (digits + scale / 2) / scale,
            None => 0,
        },
    }
}

/// A whole number with a sign, not larger than any that could matter.
fn whole(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] => (1, digits),
        digits => (1, digits),
    };
    let valid = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    valid.then(|| sign * digits.iter().fold(0_i64, |sum, digit| (sum * 10 + i64::from(digit - b'0')).min(100_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(text: &str) -> Result<u64, String> {
        length(text.as_bytes()).map(|length| length.0)
    }

    #[test]
    fn lengths_are_seconds_or_have_units_and_are_exact_to_the_nanosecond() {
        for (text, expected) in [
            ("0", 0),
            ("1", 1_000_000_000),
            ("0.1", 100_000_000),
            (".5", 500_000_000),
            ("2.", 2_000_000_000),
            ("1.0000000004", 1_000_000_000),
            ("1.0000000005", 1_000_000_001),
            ("5e-05", 50_000),
            ("1.5E3", 1_500_000_000_000),
            ("1e-400", 0),
            ("0e999999999999", 0),
            ("000000000000000000000000000000000000001.5", 1_500_000_000),
            ("0.000000000000000000000000000000000000001e39", 1_000_000_000),
            ("123456.123456789", 123_456_123_456_789),
            ("250ms", 250_000_000),
            ("1h 30min", 5_400_000_000_000),
            ("1.5s", 1_500_000_000),
        ] {
            assert_eq!(nanos(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_length_says_why() {
        for (text, why) in [
            ("-1", "is negative"),
            ("-2ms", "is negative"),
            ("nan", "is not a finite number"),
            ("-inf", "is not a finite number"),
            ("", "is neither"),
            (".", "is neither"),
            ("1.2.3", "is neither"),
            ("1e", "is neither"),
            ("e5", "is neither"),
            ("5/s", "is neither"),
            ("1_000", "is neither"),
            ("abc", "is neither"),
            ("3155760001", "is longer than a hundred years"),
            ("99999999999999999999999999999999999999999999", "is longer"),
            ("1e400", "is longer"),
            ("40000d", "is longer"),
        ] {
            let found = nanos(text).expect_err(text);
            assert!(found.starts_with(why), "{text}: {found}");
        }
        assert_eq!(length(b"1\xff"), Err("is not UTF-8 text".to_string()));
        assert_eq!(nanos("3155760000"), Ok(LONGEST.0));
    }

    fn all(text: &[u8]) -> Result<Vec<(u64, String)>, Trouble> {
        let mut lines = Lines::new(text, 0);
        let mut found = Vec::new();
        while let Some(line) = lines.next()? {
            let line = String::from_utf8_lossy(line).into_owned();
            found.push((lines.number, line));
        }
        assert_eq!(lines.place, text.len() as u64);
        Ok(found)
    }

    #[test]
    fn lines_are_numbered_and_those_that_say_nothing_are_passed_over() {
        let found = all(b"\xef\xbb\xbf# sale\r\n\r\n 1.5 ,2\r\n   \n#3\n\"4\" , 5").expect("lines");
        assert_eq!(found, [(3, "1.5 ,2".to_string()), (6, "\"4\" , 5".to_string())]);
        let of = |line: &'static [u8]| fields(line).collect::<Vec<_>>();
        assert_eq!(of(b"\"4\" , 5"), [b"4", b"5"]);
        assert_eq!(of(b"1,,\" \""), [b"1".as_slice(), b"", b""]);
        assert_eq!(all(b""), Ok(vec![]));
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let endless = std::io::repeat(b'1').take(1 << 40);
        let trouble = Lines::new(endless, 0).next().expect_err("too long");
        assert_eq!((trouble.line, trouble.message.as_str()), (Some(1), "is longer than 10000 bytes"));
    }

    #[test]
    fn a_header_is_told_by_a_letter_and_columns_by_their_names() {
        assert!(is_header(b"time,service") && is_header(b"_id") && is_header(b"\"Arrival\""));
        assert!(!is_header(b"1.5,time") && !is_header(b"-1") && !is_header(b"nan") && !is_header(b""));
        assert_eq!(column(b"id, Arrival_s ,service", &["time", "arrival"]), Some(1));
        assert_eq!(column(b"id,arrivals", &["time", "arrival"]), None);
    }
}
