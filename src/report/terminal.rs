//! The summary for a screen of 80 columns: verdict first, then one table, the curves, what was promised.

mod curves;

use anstyle::{AnsiColor, Style};

use super::beside::{Figure, figures, what_if};
use super::faults::sentences;
use super::markdown::made_by;
use super::rows::{doubt, promise, reading, times, with_doubt};
use super::subject::Report;
use super::verdict::verdict;
use super::words::{count, duration_or_never, duration_s, mean_count, out_of, percent, short_hash, usd};
use crate::measure::findings::{Design, DesignFindings, SloVerdict, Unit};

/// Nothing is wider.
const WIDTH: usize = 78;
const LABEL: usize = 30;
const COLUMN: usize = 24;
/// What a promise takes before what was measured.
const PROMISE: usize = 42;

/// How it may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// With colour; nothing is told by colour alone.
    pub colour: bool,
    /// With block characters and signs beyond ASCII.
    pub unicode: bool,
    /// Columns of the screen, 40 or more; beyond 80 they stay empty.
    pub width: usize,
}

impl Look {
    /// Columns that are written on.
    fn text(self) -> usize {
        self.width.saturating_sub(2).clamp(38, WIDTH)
    }

    /// Columns beside a head and a sign, which is a word where there is only ASCII.
    fn beside_sign(self) -> usize {
        self.text() - if self.unicode { 11 } else { 14 }
    }

    /// Whether both designs fit side by side.
    fn is_wide(self) -> bool {
        self.text() == WIDTH
    }
}

/// The summary. `folder` is where the report is, as the reader may type it.
pub fn summary(report: &Report, folder: &str, result_fingerprint: &str, look: Look) -> String {
    let width = look.text();
    let mut lines = wrapped(&report.subject.title, width);
    lines.extend(wrapped(&offered(report), width));
    lines.push(String::new());
    let verdict = verdict(report);
    lines.extend(wrapped(&verdict.headline, width));
    lines.extend(wrapped(&verdict.lede, width));
    lines.push(String::new());
    lines.extend(if look.is_wide() { table(report, look) } else { blocks(report, look) });
    lines.push(String::new());
    lines.extend(curves::curves(report, look));
    lines.extend(promises(report, look));
    lines.extend(headed("Fault", &sentences(report), width));
    lines.extend(beside(report, width));
    // A path is never broken: it is there to be copied.
    lines.push(format!(" Report  {folder}"));
    let (made_by, result) = (made_by(report), format!("result {}", short_hash(result_fingerprint)));
    let whole = format!("{made_by} · {result}");
    let lines_of =
        |words: &str| wrapped(words, width - 1).into_iter().map(|line| format!(" {line}")).collect::<Vec<_>>();
    if whole.chars().count() < width {
        lines.extend(lines_of(&whole));
    } else {
        lines.extend([lines_of(&made_by), lines_of(&result)].concat());
    }
    let text =
        lines.into_iter().map(|line| line.trim_end().to_owned() + "\n").collect::<String>().replace('\u{a0}', " ");
    if look.unicode { text } else { ascii(&text) }
}

fn offered(report: &Report) -> String {
    let orders = report.findings.designs.first().map_or(0, |found| found.orders.offered);
    let span = duration_s(report.subject.arrivals_end_s);
    let same = if report.findings.designs.len() == 2 { ", the same orders for both designs" } else { "" };
    format!("{} orders in {}{span}{same}", count(orders), times(report))
}

/// A row of the table: label, and what each design has to say to it.
type Row<'a> = (String, Box<dyn Fn(&DesignFindings) -> String + 'a>);
/// A value with its doubt takes a column at most, and a space before it.
const WITH_DOUBT: usize = COLUMN - 1;

fn rows<'a>(report: &'a Report) -> Vec<Row<'a>> {
    let mut rows: Vec<Row> = vec![("confirmed".into(), Box::new(|d| out_of(d.orders.confirmed, d.orders.offered)))];
    if let Some(within_s) = report.slo.iter().find_map(|slo| slo.within_s) {
        let label = format!("  within {}", duration_s(within_s));
        rows.push((label, Box::new(move |d| within(d, within_s))));
    }
    let any = |of: fn(&DesignFindings) -> bool| report.findings.designs.iter().any(of);
    rows.push((
        "failed / timed out / open".into(),
        Box::new(|d| format!("{} / {} / {}", count(d.orders.failed), count(d.orders.timed_out), count(d.orders.open))),
    ));
    if any(|d| d.orders.refused > 0 || d.orders.declined > 0) {
        let words = |d: &DesignFindings| format!("{} / {}", count(d.orders.refused), count(d.orders.declined));
        rows.push(("refused at the door / declined".into(), Box::new(words)));
    }
    rows.push(("latency p50, all offered".into(), Box::new(|d| duration_or_never(d.latency.all_offered.p50))));
    rows.push(("        p99, all offered".into(), Box::new(|d| duration_or_never(d.latency.all_offered.p99))));
    if any(|d| d.lambda.throttles > 0) {
        rows.push(("throttled invocations".into(), Box::new(|d| count(d.lambda.throttles))));
    }
    if any(|d| d.work.wasted.attempts > 0) {
        rows.push(("wasted attempts".into(), Box::new(|d| count(d.work.wasted.attempts))));
    }
    if any(|d| d.cost.total > 0.0) {
        let words = |d: &DesignFindings| format!("{} / {}", usd(d.cost.total), usd(d.cost.wasted));
        rows.push(("cost / of it wasted".into(), Box::new(words)));
    }
    rows
}

fn within(found: &DesignFindings, seconds: f64) -> String {
    super::words::share(found.confirmed_within(seconds), found.orders.offered)
}

fn table(report: &Report, look: Look) -> Vec<String> {
    let designs = &report.findings.designs;
    let heads = designs.iter().map(|found| {
        let name = format!("{:>COLUMN$}", found.design.name());
        painted(&name, style_of(found.design), look)
    });
    let mut lines = vec![format!("{:LABEL$}{}", "", heads.collect::<String>())];
    for (label, value) in rows(report) {
        lines.extend(row(report, &label, |found| value(found)));
    }
    if let Some(reading) = reading(report) {
        lines.push(String::new());
        lines.extend(wrapped(&reading, WIDTH));
    }
    lines
}

/// One design under the other, for a screen on which they do not fit side by side. A value that does not fit beside its
/// label stands below it.
fn blocks(report: &Report, look: Look) -> Vec<String> {
    let width = look.text();
    let mut lines = Vec::new();
    for found in &report.findings.designs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(painted(found.design.name(), style_of(found.design), look));
        for (label, value) in rows(report) {
            let value = with_doubt(value(found), doubt(report, found, name_of(&label)));
            let room = width.saturating_sub(1 + label.chars().count());
            if value.chars().count() < room {
                lines.push(format!(" {label}{value:>room$}"));
            } else {
                lines.push(format!(" {label}"));
                lines.push(format!("{value:>width$}"));
            }
        }
    }
    if let Some(reading) = reading(report) {
        lines.push(String::new());
        lines.extend(wrapped(&reading, width));
    }
    lines
}

/// The name that the number of a row has elsewhere.
fn name_of(label: &str) -> &str {
    match label.trim() {
        "p99, all offered" => "latency p99, all offered",
        "cost / of it wasted" => "cost",
        other => other,
    }
}

/// A row, with its doubt where there is one: behind the values, or below them where a column is too narrow.
fn row(report: &Report, label: &str, value: impl Fn(&DesignFindings) -> String) -> Vec<String> {
    let designs = &report.findings.designs;
    let line = |label: &str, values: &[String]| {
        let values: String = values.iter().map(|value| format!("{value:>COLUMN$}")).collect();
        format!(" {label:<width$}{values}", width = LABEL - 1)
    };
    let name = name_of(label);
    let doubts: Vec<Option<String>> = designs.iter().map(|found| doubt(report, found, name)).collect();
    let plain: Vec<String> = designs.iter().map(&value).collect();
    let with: Vec<String> =
        plain.iter().zip(&doubts).map(|(value, doubt)| with_doubt(value.clone(), doubt.clone())).collect();
    if with == plain || with.iter().all(|value| value.chars().count() <= WITH_DOUBT && name != "cost") {
        return vec![line(label, &with)];
    }
    let mut doubts: Vec<String> = doubts.into_iter().map(Option::unwrap_or_default).collect();
    if name == "cost" {
        for (words, found) in doubts.iter_mut().zip(designs) {
            words.extend(doubt(report, found, "  wasted").map(|wasted| format!(" / {wasted}")));
        }
    }
    vec![line(label, &plain), line("", &doubts)]
}

fn style_of(design: Design) -> Style {
    match design {
        Design::Buffered => AnsiColor::BrightBlue.on_default(),
        Design::Direct => AnsiColor::Yellow.on_default(),
    }
}

fn painted(text: &str, style: Style, look: Look) -> String {
    if look.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

fn promises(report: &Report, look: Look) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, slo) in report.slo.iter().enumerate() {
        let head = if index == 0 { "SLO" } else { "" };
        let (promise, measured) = promise(slo);
        let measured = format!("{measured}{}", if slo.met { "" } else { "   missed" });
        let sign = sign(slo.met, look);
        if look.is_wide() {
            lines.push(format!(" {head:<8}{sign} {promise:<PROMISE$} {measured}"));
            continue;
        }
        let words = wrapped(&format!("{promise}: {measured}"), look.beside_sign());
        for (row, part) in words.iter().enumerate() {
            let (head, sign) = if row == 0 { (head, sign.as_str()) } else { ("", " ") };
            lines.push(format!(" {head:<8}{sign} {part}"));
        }
    }
    lines.extend(claims(report, look));
    lines
}

/// Claims that hold are counted; only those that do not are spelt out.
fn claims(report: &Report, look: Look) -> Vec<String> {
    let held = report.claims.iter().filter(|claim| claim.held).count();
    let mut lines = Vec::new();
    let mut add = |good: bool, words: &str| {
        for (row, part) in wrapped(words, look.beside_sign()).iter().enumerate() {
            let head = if lines.is_empty() { "Claims" } else { "" };
            let sign = if row == 0 { sign(good, look) } else { " ".to_owned() };
            lines.push(format!(" {head:<8}{sign} {part}"));
        }
    };
    match (held, report.claims.len()) {
        (0, _) => {}
        (1, 1) => add(true, "the one claim of this scenario holds"),
        (held, all) if held == all => add(true, &format!("all {held} claims of this scenario hold")),
        (held, all) => add(true, &format!("{held} of {all} claims of this scenario hold")),
    }
    for claim in report.claims.iter().filter(|claim| !claim.held) {
        add(false, &format!("{}: does not hold", claim.claim));
    }
    lines
}

/// Sentences, the first of them behind a head.
fn headed(head: &str, sentences: &[String], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for part in sentences.iter().flat_map(|sentence| wrapped(sentence, width - 9)) {
        lines.push(format!(" {:<8}{part}", if lines.is_empty() { head } else { "" }));
    }
    lines
}

/// The arithmetic in brackets behind the simulation's figures, and what-ifs.
fn beside(report: &Report, width: usize) -> Vec<String> {
    let said = |figure: &Figure| format!("{} {} ({})", figure.what, figure.simulated, figure.by_hand);
    let figures: Vec<String> = figures(report).iter().map(said).collect();
    let mut lines = Vec::new();
    let mut add = |head: &str, words: &str| {
        for (row, part) in wrapped(words, width - 9).iter().enumerate() {
            lines.push(format!(" {:<8}{part}", if row == 0 { head } else { "" }));
        }
    };
    if !figures.is_empty() {
        add("By hand", &format!("simulated (by arithmetic): {}", figures.join(" · ")));
    }
    for (index, changed) in report.what_if.iter().enumerate() {
        add(if index == 0 { "What if" } else { "" }, &what_if(report, changed));
    }
    lines
}

fn sign(good: bool, look: Look) -> String {
    if good { "✓".to_owned() } else { painted("✗", Style::new().bold(), look) }
}

/// What was measured for an objective, in its unit.
pub(super) fn measured(slo: &SloVerdict) -> String {
    match (slo.measured, slo.unit) {
        (None, Unit::Duration) => "never".to_owned(),
        (None, _) => "no orders".to_owned(),
        (Some(value), Unit::Share) => percent(value),
        (Some(value), Unit::Count) => mean_count(value),
        (Some(value), Unit::Duration) => duration_s(value),
        (Some(value), Unit::Usd) => usd(value),
    }
}

/// Lines of at most `width` characters, broken between words; a longer word is broken where it must be.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word: Vec<char> = word.chars().collect();
        let room = lines.last().map_or(0, |line| width.saturating_sub(line.chars().count() + 1));
        match lines.last_mut() {
            Some(line) if word.len() <= room => {
                line.push(' ');
                line.extend(word);
            }
            _ => {
                while word.len() > width {
                    lines.push(word.drain(..width).collect());
                }
                lines.push(word.into_iter().collect());
            }
        }
    }
    lines
}

/// The same for a terminal that has only ASCII.
pub(super) fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '✓' => out.push_str("ok"),
            '✗' => out.push_str("MISS"),
            '·' | '▾' => out.push('|'),
            '–' | '─' => out.push('-'),
            '┤' | '│' => out.push('|'),
            '┼' | '┬' => out.push('+'),
            '→' => out.push('>'),
            '×' => out.push('x'),
            '±' => out.push_str("+-"),
            '\u{2212}' => out.push('-'),
            '▀' => out.push('^'),
            '…' => out.push('~'),
            other if other.is_ascii() => out.push(other),
            _ => out.push('?'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::cases::cases;
    use crate::report::sample::Example;

    const PLAIN: Look = Look { colour: false, unicode: true, width: 80 };

    #[test]
    fn no_line_is_wider_than_the_screen_whatever_happened() {
        for (name, subject, findings) in cases() {
            let mut example = Example { findings, subject, ..Example::flash_sale() };
            example.subject.title = "A title of many words that goes on and on ".repeat(4) + &"x".repeat(200);
            for (unicode, width) in
                [(true, 80), (false, 80), (true, 100), (true, 60), (false, 60), (true, 40), (false, 40)]
            {
                let look = Look { colour: false, unicode, width };
                let text = summary(&example.report(), "reports/x/", "0123456789", look);
                let widest = text.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(width.min(80)), "{name}: {widest:?}\n{text}");
                assert!(unicode || text.is_ascii(), "{name}\n{text}");
            }
        }
    }

    #[test]
    fn the_flash_sale_reads_as_it_should() {
        let example = Example::flash_sale();
        let text = summary(&example.report(), "reports/flash-sale/", "0123456789abcdef", PLAIN);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/terminal/flash-sale.txt"), &text).unwrap();
        }
        assert_eq!(text, include_str!("terminal/flash-sale.txt"));
    }

    #[test]
    fn colour_adds_no_word() {
        let example = Example::flash_sale();
        let plain = summary(&example.report(), "r", "0123456789", PLAIN);
        let coloured = summary(&example.report(), "r", "0123456789", Look { colour: true, ..PLAIN });
        assert_ne!(plain, coloured);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }

    #[test]
    fn long_words_and_lines_are_broken() {
        assert_eq!(wrapped("aa bb cccccc d", 5), ["aa bb", "ccccc", "c d"]);
        assert_eq!(wrapped("", 5), Vec::<String>::new());
    }
}
