//! Values with units, read and written.

use super::*;

fn nanos(text: &str) -> u64 {
    duration(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}")).0
}

#[test]
fn durations_take_every_unit_decimals_and_sums() {
    for (text, expected) in [
        ("250ms", 250_000_000),
        ("0.5s", 500_000_000),
        ("1h 30min", 5_400_000_000_000),
        ("1h30min", 5_400_000_000_000),
        ("4d", 345_600_000_000_000),
        ("7us", 7_000),
        ("7µs", 7_000),
        ("3 ns", 3),
        (".5s", 500_000_000),
        ("0s", 0),
        ("36525d", LONGEST.0),
    ] {
        assert_eq!(nanos(text), expected, "{text}");
    }
}

#[test]
fn digits_beyond_a_nanosecond_are_rounded() {
    assert_eq!(nanos("0.4ns"), 0);
    assert_eq!(nanos("0.5ns"), 1);
    assert_eq!(nanos("1.0000000004s"), 1_000_000_000);
    assert_eq!(nanos("1.00000000060000000000000000000001s"), 1_000_000_001);
}

#[test]
fn what_is_not_a_duration_is_refused_with_a_remedy() {
    for (text, message, help) in [
        ("30", "has no unit", "write \"30s\""),
        ("30m", "unknown unit \"m\"", "write \"30min\""),
        ("3 parsecs", "unknown unit \"parsecs\"", "\"3s\""),
        ("-1s", "negative", "less than zero"),
        ("NaN", "finite", "30s"),
        ("inf", "finite", "30s"),
        ("1s 2s", "twice", "once"),
        ("30/s", "is a rate", "30s"),
        ("1.2.3s", "not a duration", "30s"),
        ("2,5s", "not a duration", "separators"),
        ("soon", "not a duration", "30s"),
        ("", "empty", "30s"),
        ("36526d", "a hundred years", "shorter"),
        ("99999999999999999999999999999999999999999999999d", "a hundred years", "shorter"),
        ("1s!", "not a duration", "30s"),
    ] {
        let wrong = duration(text).expect_err(text);
        assert!(wrong.message.contains(message) && wrong.help.contains(help), "{text}: {wrong:?}");
    }
}

#[test]
fn rates_are_per_second_minute_hour_or_day() {
    for (text, expected) in [("22.5/s", 22.5), ("90/min", 1.5), ("36 / h", 0.01), ("864/d", 0.01), ("0/s", 0.0)] {
        assert_eq!(rate(text).ok(), Some(expected), "{text}");
    }
    for (text, message) in [
        ("5000", "not a rate"),
        ("30s", "not a rate"),
        ("-1/s", "negative"),
        ("NaN/s", "finite"),
        ("inf/s", "finite"),
        ("5/week", "unknown unit \"/week\""),
        ("x/s", "not a number"),
        ("1e5/s", "not a number"),
        ("1000000001/s", "nanosecond"),
    ] {
        let wrong = rate(text).expect_err(text);
        assert!(wrong.message.contains(message), "{text}: {wrong:?}");
    }
    assert_eq!(rate("5000").expect_err("no unit").help, "add a unit: write \"5000/s\"");
}

#[test]
fn shares_need_their_sign_and_stay_within_the_whole() {
    assert_eq!(share("0.5%"), Ok(Percent(0.5)));
    assert_eq!(share("100 %").map(Percent::fraction), Ok(1.0));
    for (text, message) in [("0.02", "not a share"), ("101%", "whole"), ("-1%", "negative"), ("nan%", "finite")] {
        let wrong = share(text).expect_err(text);
        assert!(wrong.message.contains(message), "{text}: {wrong:?}");
    }
    assert_eq!(share_help("0.07"), "add a unit: write \"7%\"");
    assert_eq!(share_help("7"), "add a unit: write \"7%\"");
}

#[test]
fn sizes_are_whole_megabytes() {
    assert_eq!(megabytes("512MB"), Ok(512));
    assert_eq!(megabytes("0.5 GB"), Ok(512));
    assert_eq!(megabytes("128MiB"), Ok(128));
    for text in ["512", "0MB", "1.5MB", "12KB", "-1MB", "9999999GB", "MB"] {
        assert!(megabytes(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_written_is_read_back_exactly() {
    for nanos in [0, 1, 999, 1_000, 1_500, 259_500_000, 1_000_000_001, 5_400_000_000_000, 90_061_000_000_001, LONGEST.0]
    {
        let length = SimDuration(nanos);
        assert_eq!(duration(&show_duration(length)), Ok(length), "{}", show_duration(length));
    }
    for value in [0.0, 1.0 / 3.0, 10.0 / 60.0, 22.5, 1e-7, 123_456_789.25] {
        assert_eq!(rate(&show_rate(value)), Ok(value));
        let share_of = Percent(value.min(100.0));
        assert_eq!(share(&show_share(share_of)), Ok(share_of));
    }
    for value in [0.0, 2.0, 0.1, 5e-324, 999_999_999_999_999_900.0, 1e18, 1e39, f64::MAX] {
        let file: toml::Table = format!("value = {}", show_number(value)).parse().expect("TOML");
        let read = &file["value"];
        assert_eq!(read.as_float().or(read.as_integer().map(|whole| whole as f64)), Some(value), "{read}");
    }
    assert_eq!(show_duration(SimDuration(259_500_000)), "259.5ms");
    assert_eq!(show_duration(SimDuration(62_500_000_000)), "1min 2.5s");
}
