//! The one formatter: every number a person reads passes through here.

/// A no-break space: a number never parts from its unit.
const NBSP: char = '\u{a0}';

/// A whole number with thousands separators, for example `28,499`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count that may be a mean: whole, or with the decimals that make it more than nothing, for example `0.4`.
pub fn mean_count(n: f64) -> String {
    let rounded = n.round();
    if n >= 10.0 || n == rounded || n <= 0.0 {
        return count(rounded.max(0.0) as u64);
    }
    let texts = (1..9).map(|decimals| format!("{n:.decimals$}"));
    let shown = texts.map(|text| text.trim_end_matches('0').trim_end_matches('.').to_owned()).find(|text| text != "0");
    shown.unwrap_or_else(|| n.to_string())
}

/// `part` of `whole` in percent: one decimal, and as many more as it takes to be neither 100 % while one is missing nor
/// 0 % while one is there; `–` of nothing.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    if part == 0 || part >= whole {
        return format!("{}{NBSP}%", if part == 0 { 0 } else { 100 });
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let mut unit = 10;
    let mut decimals = 1;
    loop {
        let rounded = (part * 100 * unit + whole / 2) / whole;
        if rounded > 0 && rounded < 100 * unit {
            return format!("{}.{:0decimals$}{NBSP}%", rounded / unit, rounded % unit);
        }
        unit *= 10;
        decimals += 1;
    }
}

/// A fraction in percent, with the same care as [`share`].
pub fn percent(fraction: f64) -> String {
    if fraction <= 0.0 || fraction == 1.0 {
        return format!("{}{NBSP}%", if fraction == 1.0 { 100 } else { 0 });
    }
    let percent = fraction * 100.0;
    for decimals in 1..12 {
        let text = format!("{percent:.decimals$}");
        let rounded: f64 = text.parse().unwrap_or(percent);
        if rounded != 100.0 && rounded != 0.0 {
            return format!("{text}{NBSP}%");
        }
    }
    format!("{percent}{NBSP}%")
}

/// How many of all: `all`, `all but 3`, or the number with its share.
pub fn out_of(part: u64, whole: u64) -> String {
    match whole - part.min(whole) {
        _ if whole == 0 => "none".to_owned(),
        0 => "all".to_owned(),
        missing if missing <= 9 && part > 0 => format!("all but {missing}"),
        _ => format!("{} ({})", count(part), share(part, whole)),
    }
}

/// A length of time that may be never.
pub fn duration_or_never(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "never".to_owned(), duration_s)
}

/// The first eight digits of a fingerprint: enough to tell two apart by eye.
pub fn short_hash(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}

/// A length of time in seconds, for example `490 ms`, `5.8 s`, `4 min 47 s`, `2 h 5 min`.
pub fn duration_s(seconds: f64) -> String {
    let pair = |big: u64, unit: &str, small: u64, sub: &str| match small {
        0 => format!("{big}{NBSP}{unit}"),
        _ => format!("{big}{NBSP}{unit}{NBSP}{small}{NBSP}{sub}"),
    };
    if seconds < 0.9995 {
        return format!("{}{NBSP}ms", (seconds * 1000.0).round());
    }
    if seconds < 9.95 {
        let tenths = (seconds * 10.0).round() as u64;
        return if tenths.is_multiple_of(10) {
            format!("{}{NBSP}s", tenths / 10)
        } else {
            format!("{}.{}{NBSP}s", tenths / 10, tenths % 10)
        };
    }
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole}{NBSP}s"),
        60..3_600 => pair(whole / 60, "min", whole % 60, "s"),
        _ => pair(whole / 3_600, "h", whole % 3_600 / 60, "min"),
    }
}

/// Words as the beginning of a sentence.
pub fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// US dollars, with the cents, and below a cent with two digits that count.
pub fn usd(amount: f64) -> String {
    if amount == 0.0 || amount >= 0.095 {
        return format!("${amount:.2}");
    }
    let mut decimals = 3;
    let mut least = 0.0095;
    while amount < least && decimals < 12 {
        decimals += 1;
        least /= 10.0;
    }
    format!("${amount:.decimals$}")
}

/// Orders per second, for example `67/s` or `2.5/s`.
pub fn rate(per_second: f64) -> String {
    if per_second >= 9.95 || per_second.fract() == 0.0 {
        return format!("{}/s", count(per_second.round() as u64));
    }
    format!("{:.1}/s", per_second)
}

/// A count in short, for example `30k` or `1.5M`.
pub fn short_count(n: f64) -> String {
    let (value, unit) = match n {
        n if n >= 1e6 => (n / 1e6, "M"),
        n if n >= 1e3 => (n / 1e3, "k"),
        n => (n, ""),
    };
    let tenths = (value * 10.0).round() as u64;
    if tenths.is_multiple_of(10) {
        format!("{}{unit}", tenths / 10)
    } else {
        format!("{}.{}{unit}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::{count, duration_or_never, duration_s, out_of, percent, rate, share, short_count, usd};

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(28_499), "28,499");
        assert_eq!(share(573, 1_000), "57.3\u{a0}%");
        assert_eq!(share(999_999, 1_000_000), "99.9999\u{a0}%");
        assert_eq!(share(1, 30_000), "0.003\u{a0}%");
        assert_eq!([share(0, 5), share(5, 5), share(0, 0)], ["0\u{a0}%", "100\u{a0}%", "–"]);
        assert_eq!([out_of(5, 5), out_of(49_741, 49_744), out_of(0, 3)], ["all", "all but 3", "0 (0\u{a0}%)"]);
        assert_eq!([percent(0.98_2), percent(0.999_94), percent(1.0)], ["98.2\u{a0}%", "99.99\u{a0}%", "100\u{a0}%"]);
        assert_eq!([out_of(0, 0), duration_or_never(None)], ["none", "never"]);
        assert_eq!(duration_s(287.0), "4\u{a0}min\u{a0}47\u{a0}s");
        assert_eq!(duration_s(0.49), "490\u{a0}ms");
        assert_eq!(
            [usd(0.0), usd(12.345), usd(0.1), usd(0.0512), usd(0.000_042)],
            ["$0.00", "$12.35", "$0.10", "$0.051", "$0.000042"]
        );
        assert_eq!(rate(67.2), "67/s");
        assert_eq!(short_count(30_000.0), "30k");
    }
}
