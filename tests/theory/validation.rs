//! `docs/validation.md`: every quantity of every family, and how often the intervals cover. One list is the test and the
//! document; this file only prints it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use queuecast::measure::findings::Design;

use super::FAMILIES;
use super::harness::{BOUND, FIRST_SEED, Measured, Row};
use super::intervals::{Coverage, EXPERIMENTS, SETS, coverage};

#[test]
fn the_committed_document_is_what_the_runs_give() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let text = document();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let first = committed.lines().zip(text.lines()).position(|(old, new)| old != new);
    assert!(
        committed == text,
        "docs/validation.md differs from line {:?} on: UPDATE=1 cargo test --test theory writes it anew",
        first.map(|line| line + 1)
    );
}

fn document() -> String {
    let mut text = head();
    for family in FAMILIES {
        write!(text, "\n## {}\n\n{}\n", family.title, family.about).unwrap();
        for system in family.measured() {
            section(&mut text, system);
        }
    }
    text.push_str(&intervals());
    text
}

fn rows() -> impl Iterator<Item = &'static Row> {
    FAMILIES.iter().flat_map(|family| family.measured()).flat_map(|system| &system.rows)
}

fn head() -> String {
    let systems: usize = FAMILIES.iter().map(|family| family.measured().len()).sum();
    let offs: Vec<f64> = rows().filter_map(Row::off).collect();
    let sure = rows().count() - offs.len();
    let beyond = |bound: f64| offs.iter().filter(|off| off.abs() > bound).count();
    let largest = offs.iter().fold(0.0_f64, |largest, off| largest.max(off.abs()));
    let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / offs.len() as f64);
    format!(
        "# Validation\n\n\
         The simulator against queueing theory: {all} quantities of {systems} systems. `UPDATE=1 cargo test --test theory` writes \
         this file anew, byte for byte; `cargo test` fails when it differs, when a quantity lies more than {BOUND} standard errors from its \
         exact value, or when its standard error is too large for that to mean something.\n\n\
         Each system is a scenario file, loaded as `simulate` loads it, and shown in full: run it with the seeds from {FIRST_SEED} on (`--seed`), \
         and results.json has the numbers under the paths given. The simulated value is the mean over the seeds; its standard error (s.e.) comes from the \
         differences between the seeds, which are independent, never from within a run, where waits resemble their neighbours. z is the error in \
         standard errors. Quantities of one system share their runs, so their errors are correlated. Percentiles are those of single runs, averaged.\n\n\
         | | of {n} | | expected |\n|---|---:|---:|---:|\n\
         | z beyond ±1 | {one} | {one_share} | 31.7 % |\n\
         | z beyond ±2 | {two} | {two_share} | 4.6 % |\n\
         | z beyond ±3 | {three} | {three_share} | 0.3 % |\n\
         | largest | {largest:.2} | | |\n\n\
         {sure} quantities know no chance and are met exactly (to 9 digits). Exact values are computed in `tests/theory/formulas/`; *Source* says where a formula is from, \
         *checked* by what other means its values were re-derived once.\n",
        all = rows().count(),
        n = offs.len(),
        one = beyond(1.0),
        one_share = share(beyond(1.0)),
        two = beyond(2.0),
        two_share = share(beyond(2.0)),
        three = beyond(3.0),
        three_share = share(beyond(3.0)),
    )
}

fn section(text: &mut String, system: &Measured) {
    let Measured { name, design, text: scenario, seeds, source, checked, rows } = system;
    assert!(!source.is_empty() && !checked.is_empty(), "{name} says where it is from");
    let design = match design {
        Design::Buffered => "buffered",
        Design::Direct => "direct",
    };
    let source = source.trim_end_matches('.');
    let checked = checked.trim_end_matches('.');
    write!(
        text,
        "\n### {name}\n\n```toml\n{scenario}```\n\n`--design {design}`, {seeds} seeds. *Source:* {source}. *Checked:* {checked}.\n\n\
         | quantity | in the results | exact | simulated | error | % | s.e. | z |\n|---|---|---:|---:|---:|---:|---:|---:|\n"
    )
    .unwrap();
    for row in rows {
        let error = row.simulated - row.exact;
        let digits = decimals(row.exact, 6);
        let (off, error) = match row.off() {
            Some(off) => (format!("{off:+.2}"), error),
            None => ("–".to_owned(), 0.0),
        };
        writeln!(
            text,
            "| {} | {} | {:.digits$} | {:.digits$} | {error:+.digits$} | {:+.2} | {:.digits$} | {off} |",
            row.quantity,
            place(&row.from),
            row.exact,
            row.simulated,
            100.0 * error / row.exact,
            row.error,
        )
        .unwrap();
    }
}

/// Paths as code, sentences as they are.
fn place(from: &str) -> String {
    if from.contains(':') { from.to_owned() } else { format!("`{from}`") }
}

/// Decimals that show so many significant digits of a value, none of a large one.
fn decimals(value: f64, digits: i32) -> usize {
    let magnitude = libm::floor(libm::log10(value.abs())) as i32;
    usize::try_from(digits - 1 - magnitude).unwrap_or(0)
}

fn intervals() -> String {
    let mut text = format!(
        "\n## Intervals of replications\n\n\
         With `replications` results.json gives 95 % intervals by Student's t (`intervals`). {SETS} sets of ten replications, with the seeds 1 to {SETS}: \
         how many of the intervals cover the exact value. 950 are expected, and 930 to 970 are allowed (2.9 standard errors of a count).\n"
    );
    for (index, experiment) in EXPERIMENTS.iter().enumerate() {
        write!(
            text,
            "\n```toml\nprofile = 'textbook'\n{}\n```\n\n| quantity | in the results | exact | covered, of {SETS} |\n|---|---|---:|---:|\n",
            experiment.text
        )
        .unwrap();
        for found in coverage().iter().filter(|found| found.experiment == index) {
            let Coverage { quantity, path, exact, covered, nominal, .. } = found;
            let mark = if *nominal { "" } else { " ¹" };
            let digits = decimals(*exact, 6);
            writeln!(text, "| {quantity} | `intervals[\"{path}\"]` | {exact:.digits$} | {covered}{mark} |").unwrap();
        }
    }
    text.push_str(NOTE);
    text
}

const NOTE: &str = "\n¹ Not nominal, and not held to it. The 99th percentile of 800 orders is decided by the eight longest waits, which come \
    from one or two busy stretches: on average it is 0.341 s (by another program), a tenth too low, and no number of \
    replications mends that. The mean wait of 300 orders from empty has the right middle but is skewed, and ten of them \
    are too few for Student's t; those of 800 orders above are enough. Longer runs help both, more of them narrow an \
    interval only.\n";
