//! The load curve in characters: what a scenario offers, before anything is run.

use crate::report::words::{count, rate};
use crate::scenario::units::show_duration;
use crate::scenario::{CurvePhase, LoadCurve};
use crate::time::SimDuration;
use crate::workload::spec::Rate;

/// Columns of time. With the margin and a comment sign in front, a line fits into 80.
pub(super) const COLUMNS: usize = 66;
/// Columns left of the curve, the axis included.
const MARGIN: usize = 11;
/// Rows of the curve, of eight steps each.
const ROWS: usize = 5;
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_BLOCKS: [char; 9] = [' ', '.', '.', ':', '-', '=', '+', '*', '#'];
/// Phases that get a letter.
const LETTERS: usize = 26;
/// Distances between labels of the time axis, in seconds.
const STEPS: [u64; 17] =
    [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400, 604_800, 2_592_000];
/// The longest name of a phase that is printed whole.
const LONGEST_NAME: usize = 30;

/// All lines, none wider than `COLUMNS` and the margin; ASCII alone without `unicode`.
pub(super) fn sketch(curve: &LoadCurve, unicode: bool) -> Vec<String> {
    let mut lines = vec![heading(curve), String::new()];
    let highest = curve.rates.iter().copied().chain(curve.peak.map(|(rate, _)| rate)).fold(0.0, f64::max);
    if curve.span_s > 0.0 && highest > 0.0 {
        lines.extend(peak_line(curve, unicode));
        lines.extend(rows(curve, highest, unicode));
        lines.push(axis(curve, unicode));
        lines.push(tick_labels(curve));
        lines.push(letters(curve));
        lines.push(String::new());
    }
    lines.extend(curve.phases.iter().take(LETTERS).enumerate().map(|(index, phase)| phase_line(index, phase, unicode)));
    if let more @ 1.. = curve.phases.len().saturating_sub(LETTERS) {
        lines.push(format!("  and {more} more phases"));
    }
    if curve.repeat > 1 {
        lines.push(format!("  and the list of phases runs {} times", count(curve.repeat)));
    }
    if let Some(most) = curve.max_orders {
        lines.push(format!("  and max_orders stops the arrivals after {}", count(most)));
    }
    lines
}

fn heading(curve: &LoadCurve) -> String {
    format!("Load: about {} orders in {}", count(rounded(curve.orders)), length(curve.span_s))
}

/// To three digits: an expectation is no count.
fn rounded(orders: f64) -> u64 {
    let grain = 10_u64.saturating_pow((orders.max(1.0) as u64).ilog10().saturating_sub(2));
    (orders / grain as f64).round() as u64 * grain
}

fn length(seconds: f64) -> String {
    // To the second where there are hours, to the millisecond where there are none: a label, not a value.
    let grain = if seconds < 3_600.0 { 1e3 } else { 1.0 };
    show_duration(SimDuration::from_secs_f64((seconds * grain).round() / grain))
}

fn column_of(curve: &LoadCurve, at_s: f64) -> usize {
    ((at_s / curve.span_s * COLUMNS as f64) as usize).min(COLUMNS - 1)
}

/// The highest rate, above the column in which it is first reached.
fn peak_line(curve: &LoadCurve, unicode: bool) -> Option<String> {
    let (peak, at_s) = curve.peak?;
    let column = MARGIN + column_of(curve, at_s);
    let mark = if unicode { '▼' } else { 'v' };
    let label = format!("peak {} at {}", rate(peak), length(at_s));
    let line = if column + 2 + label.len() <= MARGIN + COLUMNS {
        format!("{:column$}{mark} {label}", "")
    } else {
        format!("{label:>width$} {mark}", width = column - 1)
    };
    Some(line)
}

fn rows(curve: &LoadCurve, highest: f64, unicode: bool) -> Vec<String> {
    let blocks = if unicode { BLOCKS } else { ASCII_BLOCKS };
    let (tick, bar) = if unicode { ('┤', '│') } else { ('+', '|') };
    let row = |row: usize| {
        let cell = |rate: &f64| {
            let eighths = rate / highest * (ROWS * 8) as f64 - (row * 8) as f64;
            blocks[eighths.ceil().clamp(0.0, 8.0) as usize]
        };
        let cells: String = curve.rates.iter().map(cell).collect();
        let head = if row == ROWS - 1 { format!("{:>9} {tick}", rate(highest)) } else { format!("{:>10}{bar}", "") };
        format!("{head}{}", cells.trim_end())
    };
    (0..ROWS).rev().map(row).collect()
}

/// Columns and labels of the time axis.
fn ticks(curve: &LoadCurve) -> Vec<(usize, String)> {
    let step = STEPS.into_iter().map(|step| step as f64).find(|step| curve.span_s / step <= 6.0);
    let step = step.unwrap_or(curve.span_s / 4.0);
    let last = (curve.span_s / step) as usize;
    (0..=last).map(|index| index as f64 * step).map(|at_s| (column_of(curve, at_s), length(at_s))).collect()
}

fn axis(curve: &LoadCurve, unicode: bool) -> String {
    let (corner, line, mark) = if unicode { ('┼', '─', '┬') } else { ('+', '-', '+') };
    let mut cells = vec![line; COLUMNS];
    for (column, _) in ticks(curve) {
        cells[column] = mark;
    }
    format!("{:>9} {corner}{}", 0, cells.into_iter().collect::<String>())
}

/// Labels under their marks; one that would touch its neighbour is left out.
fn tick_labels(curve: &LoadCurve) -> String {
    let mut line = String::new();
    for (column, label) in ticks(curve) {
        let start = (MARGIN + column).saturating_sub(label.len() / 2);
        if (start > line.len() || line.is_empty()) && start + label.len() <= MARGIN + COLUMNS {
            line = format!("{line:start$}{label}");
        }
    }
    line
}

/// Letters of the phases under their beginnings; the later of two in one column is left out.
fn letters(curve: &LoadCurve) -> String {
    let mut line = String::new();
    for (index, phase) in curve.phases.iter().take(LETTERS).enumerate() {
        let column = MARGIN + column_of(curve, phase.starts_s);
        if phase.starts_s < curve.span_s && column >= line.len() {
            line = format!("{line:column$}{}", letter(index));
        }
    }
    line
}

fn letter(index: usize) -> char {
    char::from(b'a' + (index % LETTERS) as u8)
}

fn phase_line(index: usize, phase: &CurvePhase, unicode: bool) -> String {
    let name = phase.name.as_deref().unwrap_or("(no name)");
    let mut name: String =
        name.chars().map(|c| if c.is_control() || !(unicode || c.is_ascii()) { '?' } else { c }).collect();
    if name.chars().count() > LONGEST_NAME {
        name = name.chars().take(LONGEST_NAME - 3).chain("...".chars()).collect();
    }
    let words = match &phase.rate {
        Rate::Constant { rate: per_s } => rate(*per_s),
        Rate::Ramp { from, to } => format!("{} to {}", rate(*from), rate(*to)),
        Rate::Decay { from, to } => format!("{} falling to {}", rate(*from), rate(*to)),
        Rate::Wave(wave) => format!(
            "{} {} {}% every {}",
            rate(wave.rate),
            if unicode { '±' } else { '~' },
            (wave.amplitude * 1_000.0).round() / 10.0,
            length(wave.period_s)
        ),
        Rate::AtOnce { orders } => format!("{} at once", count(*orders)),
        Rate::Trace(trace) => format!("a trace of {} orders", count(trace.facts.rows)),
    };
    let lasts = if phase.lasts_s > 0.0 { format!(" for {}", length(phase.lasts_s)) } else { String::new() };
    let cv = phase.modulation.map_or(String::new(), |modulation| format!(", cv of the rate {}", modulation.cv));
    let line = format!("  {}  {name:<12} {words}{lasts}{cv}", letter(index));
    if line.chars().count() <= MARGIN + COLUMNS {
        return line;
    }
    line.chars().take(MARGIN + COLUMNS - 3).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Overrides, Source, load, load_curve};

    fn drawn(text: &str, unicode: bool) -> String {
        let text = format!("profile = \"textbook\"\n{text}");
        let source = Source { shown: "s.toml".into(), name: "s".into(), text };
        let scenario = load(&source, &Overrides::default()).unwrap_or_else(|shown| panic!("{shown}")).scenario;
        let lines = sketch(&load_curve(&scenario, COLUMNS), unicode);
        assert!(lines.iter().all(|line| line.chars().count() <= MARGIN + COLUMNS), "{lines:#?}");
        lines.join("\n")
    }

    const SALE: &str = "[[arrivals]]\nname = \"before\"\nrate = \"20/s\"\nduration = \"2min\"\n\
                        [[arrivals]]\nname = \"doors\"\nrate = \"500/s\"\nduration = \"1min\"\n\
                        [[arrivals]]\nrate = \"500/s\"\nramp_to = \"0/s\"\nduration = \"3min\"\n";

    #[test]
    fn a_sale_shows_its_shape_its_phases_and_its_peak() {
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/sketch.txt"), drawn(SALE, true) + "\n")
                .unwrap();
        }
        assert_eq!(drawn(SALE, true) + "\n", include_str!("sketch.txt"));
    }

    #[test]
    fn waves_traces_and_moved_rates_say_what_they_are() {
        let wave = "[[arrivals]]\nname = \"days\"\nrate = \"20/s\"\nduration = \"3d\"\n\
                    wave = { amplitude = \"50%\", period = \"1d\" }\nmodulation = { cv = 0.5, correlation = \"1min\" }\n";
        let drawn_wave = drawn(wave, true);
        assert!(drawn_wave.contains("a  days         20/s ± 50% every 1d for 3d, cv of the rate 0.5"), "{drawn_wave}");
        assert!(drawn_wave.contains("peak 30/s at 6h"), "{drawn_wave}");
        let trace = drawn("[[arrivals]]\nname = \"log\"\ntrace = \"tests/data/orders.csv\"\n", true);
        assert!(
            trace.contains("Load: about 160 orders in") && trace.contains("log          a trace of 160 orders"),
            "{trace}"
        );
        assert!(trace.contains('█'), "{trace}");
    }

    #[test]
    fn any_load_is_drawn_within_the_width_and_in_ascii_where_asked() {
        for text in [
            SALE.to_string(),
            "[[arrivals]]\nat_once = 5000\n".to_string(),
            format!("{SALE}[[arrivals]]\nat_once = 100000\n[[arrivals]]\nrate = \"0/s\"\nduration = \"1h\"\n"),
            format!("repeat = 400\n{SALE}"),
            format!("horizon = \"150s\"\nmax_orders = 90\n{SALE}"),
            SALE.repeat(12).replace("before", "a name of many letters, more than anyone needs: é"),
            "[[arrivals]]\nname = \"a name of many letters, more than anyone needs\"\nrate = \"99999/s\"\n\
             duration = \"1d 23h 59min 59s\"\nwave = { amplitude = \"33.333%\", period = \"1h 59min 59s\" }\n\
             modulation = { cv = 0.12345, correlation = \"10s\" }\n"
                .to_string(),
            "[[arrivals]]\ntrace = \"tests/data/orders.csv\"\n".to_string(),
            "[[arrivals]]\ntrace = \"tests/data/orders.csv\"\nduration = \"1min\"\n".to_string(),
            "[[arrivals]]\nrate = \"1/d\"\nramp_to = \"2/d\"\nduration = \"3650d\"\n".to_string(),
            "[[arrivals]]\nrate = \"9/s\"\ndecay_to = \"90/s\"\nduration = \"1.5ms\"\n".to_string(),
        ] {
            assert!(drawn(&text, false).is_ascii(), "{}", drawn(&text, false));
            drawn(&text, true);
        }
    }
}
