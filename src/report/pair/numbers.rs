//! Every number of interest in A and in B, the difference, and how sure it is.

use std::collections::BTreeMap;

use super::Side;
use crate::measure::findings::{Design, DesignFindings};
use crate::measure::quantities::{Quantity, each};
use crate::measure::replications::CONFIDENCE;
use crate::measure::student;
use crate::report::words::{duration_s, mean_count, percent, usd};

/// What is better of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More of it.
    More,
    /// Less of it.
    Less,
    /// Neither: it says what was, not how good it was.
    Neither,
}

/// A number of a design.
#[derive(Debug)]
pub struct Number {
    /// What it is.
    pub label: &'static str,
    /// Its path in results.json, below the design.
    pub path: &'static str,
    /// How it is written.
    pub words: fn(f64) -> String,
    /// Which way is better.
    pub better: Better,
}

const fn number(label: &'static str, path: &'static str, words: fn(f64) -> String, better: Better) -> Number {
    Number { label, path, words, better }
}

/// All of them, in the order of a table: those that every replication keeps (`measure::replications::KEPT`).
pub const NUMBERS: [Number; 20] = [
    number("orders offered", "orders.offered", mean_count, Better::Neither),
    number("confirmed", "orders.confirmed", mean_count, Better::More),
    number("declined", "orders.declined", mean_count, Better::Neither),
    number("failed", "orders.failed", mean_count, Better::Less),
    number("timed out", "orders.timed_out", mean_count, Better::Less),
    number("refused", "orders.refused", mean_count, Better::Less),
    number("open at the end", "orders.open", mean_count, Better::Less),
    number("latency p50, all offered", "latency_s.all_offered.p50", duration_s, Better::Less),
    number("latency p90, all offered", "latency_s.all_offered.p90", duration_s, Better::Less),
    number("latency p99, all offered", "latency_s.all_offered.p99", duration_s, Better::Less),
    number("work done after giving up", "work_done_after_giving_up", mean_count, Better::Less),
    number("peak backlog", "queue.peak_backlog", mean_count, Better::Neither),
    number("backlog gone after", "queue.drained_at_s", duration_s, Better::Less),
    number("peak concurrency", "lambda.peak_concurrency", mean_count, Better::Neither),
    number("throttled invocations", "lambda.throttles", mean_count, Better::Less),
    number("cold starts", "lambda.cold_starts", mean_count, Better::Less),
    number("wasted attempts", "work.wasted_attempts", mean_count, Better::Less),
    number("GB-seconds", "lambda.gb_s", mean_count, Better::Less),
    number("cost", "cost_usd.total", usd, Better::Less),
    number("cost per 1,000 confirmed", "cost_usd.per_1000_confirmed", usd, Better::Less),
];

/// A difference of single runs that is smaller than this share is no matter.
const SLIGHT: f64 = 0.005;

/// How sure a difference is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doubt {
    /// Half the width of its 95 % interval.
    pub half_width: f64,
    /// Replication by replication on the same orders; else as two independent samples.
    pub paired: bool,
}

/// What B is, compared with A.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same number.
    Same,
    /// The interval of the difference includes none.
    Unclear,
    /// Better.
    Better,
    /// Worse.
    Worse,
    /// Different.
    Other,
}

/// A number of a design in both results.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whose.
    pub design: Design,
    /// Which.
    pub number: &'static Number,
    /// In A, of one run; `None` is never.
    pub a: Option<f64>,
    /// In B.
    pub b: Option<f64>,
    /// Of the difference; `None` where there is none, and of single runs.
    pub doubt: Option<Doubt>,
}

impl Row {
    /// B minus A; `None` where either is never.
    pub fn difference(&self) -> Option<f64> {
        self.b.zip(self.a).map(|(b, a)| b - a)
    }

    /// What B is, compared with A. Never is worse than any time.
    pub fn change(&self) -> Change {
        let more = match (self.a, self.b) {
            (None, None) => return Change::Same,
            (None, Some(_)) => false,
            (Some(_), None) => true,
            (Some(a), Some(b)) if a == b && self.doubt.is_none_or(|doubt| doubt.half_width == 0.0) => {
                return Change::Same;
            }
            (Some(a), Some(b)) => {
                if self.doubt.is_some_and(|doubt| (b - a).abs() <= doubt.half_width) {
                    return Change::Unclear;
                }
                b > a
            }
        };
        match (self.number.better, more) {
            (Better::Neither, _) => Change::Other,
            (Better::More, true) | (Better::Less, false) => Change::Better,
            (Better::More, false) | (Better::Less, true) => Change::Worse,
        }
    }

    /// What to say of the change: nothing of one that is no matter.
    pub fn word(&self) -> &'static str {
        let slight = |(a, b): (f64, f64)| self.doubt.is_none() && (b - a).abs() <= SLIGHT * a.max(b);
        match self.change() {
            Change::Better | Change::Worse if self.a.zip(self.b).is_some_and(slight) => "",
            Change::Better => "better",
            Change::Worse => "worse",
            Change::Unclear => "not clear",
            Change::Same | Change::Other => "",
        }
    }

    /// A value in words.
    pub fn words(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "never".to_owned(), self.number.words)
    }

    /// The difference in words, with its doubt: `+1,234 ± 12 (+4.5 %)`.
    pub fn difference_words(&self) -> String {
        let Some(difference) = self.difference() else {
            return match (self.a, self.b) {
                (Some(_), None) => "now never",
                (None, Some(_)) => "no longer never",
                _ => "never in both",
            }
            .to_owned();
        };
        let doubt = self.doubt.filter(|doubt| doubt.half_width > 0.0);
        if difference == 0.0 && doubt.is_none() {
            return "none".to_owned();
        }
        let sign = |value: f64| if value < 0.0 { "\u{2212}" } else { "+" };
        let mut words = format!("{}{}", sign(difference), (self.number.words)(difference.abs()));
        if let Some(doubt) = doubt {
            words += &format!(" ±\u{a0}{}", (self.number.words)(doubt.half_width));
        }
        match self.a.filter(|a| *a > 0.0).map(|a| difference / a) {
            Some(part) if part.abs() <= 10.0 && difference != 0.0 => {
                words + &format!(" ({}{})", sign(part), percent_of(part.abs()))
            }
            _ => words,
        }
    }
}

/// A change in percent, which may be beyond 100.
fn percent_of(part: f64) -> String {
    if part >= 0.995 { format!("{}\u{a0}%", (part * 100.0).round()) } else { percent(part) }
}

/// The rows of these designs; a number that neither side has is left out.
pub(super) fn rows(a: &Side, b: &Side, designs: &[Design], same_orders: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for design in designs {
        let (Some(in_a), Some(in_b)) = (a.design(*design), b.design(*design)) else { continue };
        let (told_a, told_b) = (told(in_a), told(in_b));
        for number in &NUMBERS {
            if !told_a.contains_key(number.path) && !told_b.contains_key(number.path) {
                continue;
            }
            let path = format!("designs.{}.{}", design.name(), number.path);
            let (kept_a, kept_b) = (kept(a, &path), kept(b, &path));
            let of = |kept: Option<&[Option<f64>]>, told: &BTreeMap<String, Option<f64>>| match kept {
                Some(values) => mean(values),
                None => told.get(number.path).copied().flatten(),
            };
            rows.push(Row {
                design: *design,
                number,
                a: of(kept_a, &told_a),
                b: of(kept_b, &told_b),
                doubt: kept_a.zip(kept_b).and_then(|(a, b)| doubt(a, b, same_orders)),
            });
        }
    }
    rows
}

/// The numbers of a single run.
fn told(found: &DesignFindings) -> BTreeMap<String, Option<f64>> {
    let mut found = found.clone();
    let mut told = BTreeMap::new();
    each(&mut found, &mut |path, quantity: Quantity| {
        told.insert(path.to_owned(), quantity.value());
    });
    told
}

/// The values of all replications, where there are several.
fn kept<'a>(side: &'a Side, path: &str) -> Option<&'a [Option<f64>]> {
    let values = &side.whole.findings.replicated.as_ref()?.values;
    values.iter().find(|(known, _)| known == path).map(|(_, values)| values.as_slice())
}

/// None if any is none.
fn mean(values: &[Option<f64>]) -> Option<f64> {
    let all: Option<Vec<f64>> = values.iter().copied().collect();
    all.filter(|all| !all.is_empty()).map(|all| all.iter().sum::<f64>() / all.len() as f64)
}

/// Mean and variance of a sample of two values or more.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, squares / (n - 1.0))
}

/// The doubt of the mean of B less that of A.
fn doubt(a: &[Option<f64>], b: &[Option<f64>], same_orders: bool) -> Option<Doubt> {
    let a: Vec<f64> = a.iter().copied().collect::<Option<_>>()?;
    let b: Vec<f64> = b.iter().copied().collect::<Option<_>>()?;
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let t = |degrees: f64| student::two_sided(CONFIDENCE, (degrees as u32).max(1));
    if same_orders && a.len() == b.len() {
        let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
        let (n, variance) = (differences.len() as f64, moments(&differences).1);
        let half_width = if variance > 0.0 { t(n - 1.0) * (variance / n).sqrt() } else { 0.0 };
        return Some(Doubt { half_width, paired: true });
    }
    let (of_a, of_b) = (moments(&a).1 / a.len() as f64, moments(&b).1 / b.len() as f64);
    let both = of_a + of_b;
    if both <= 0.0 {
        return Some(Doubt { half_width: 0.0, paired: false });
    }
    let degrees = both * both / (of_a * of_a / (a.len() as f64 - 1.0) + of_b * of_b / (b.len() as f64 - 1.0));
    Some(Doubt { half_width: t(degrees.floor()) * both.sqrt(), paired: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::replications::KEPT;

    #[test]
    fn the_numbers_are_those_that_every_replication_keeps() {
        assert_eq!(NUMBERS.map(|number| number.path), KEPT);
    }

    #[test]
    fn pairs_on_the_same_orders_are_surer_than_independent_samples() {
        // By hand: differences 2, 2, 5: mean 3, sd √3, t(2) = 4.3027: half width 4.3027.
        let some = |values: [f64; 3]| values.map(Some);
        let (a, b) = (some([10.0, 20.0, 30.0]), some([12.0, 22.0, 35.0]));
        let paired = doubt(&a, &b, true).unwrap();
        assert!(paired.paired && (paired.half_width - 4.302_652_7).abs() < 1e-6, "{paired:?}");
        // Variances 100 and 133: standard error √77.67 = 8.813, Welch's degrees 3.92 → 3, t = 3.1824: 28.05.
        let independent = doubt(&a, &b, false).unwrap();
        assert!(!independent.paired && (independent.half_width - 28.046).abs() < 0.01, "{independent:?}");
        assert_eq!(doubt(&a, &a, true).unwrap().half_width, 0.0);
        assert_eq!(doubt(&a, &[Some(1.0), None, Some(2.0)], true), None);
        assert_eq!(doubt(&a[..1], &b[..1], true), None);
    }

    #[test]
    fn a_change_is_worded_whichever_way_it_goes() {
        let row = |path: &str, a, b, half_width: Option<f64>| Row {
            design: Design::Direct,
            number: NUMBERS.iter().find(|number| number.path == path).unwrap(),
            a,
            b,
            doubt: half_width.map(|half_width| Doubt { half_width, paired: true }),
        };
        let said = |row: Row| (row.change(), row.difference_words().replace('\u{a0}', " "));
        let p50 = "latency_s.all_offered.p50";
        assert_eq!(said(row(p50, Some(10.0), Some(25.0), None)), (Change::Worse, "+15 s (+150 %)".into()));
        assert_eq!(said(row(p50, Some(25.0), Some(10.0), Some(2.0))), (Change::Better, "−15 s ± 2 s (−60.0 %)".into()));
        assert_eq!(said(row(p50, Some(25.0), Some(24.0), Some(2.0))), (Change::Unclear, "−1 s ± 2 s (−4.0 %)".into()));
        assert_eq!(said(row(p50, Some(25.0), None, None)), (Change::Worse, "now never".into()));
        assert_eq!(said(row(p50, None, Some(25.0), None)), (Change::Better, "no longer never".into()));
        assert_eq!(said(row(p50, None, None, None)), (Change::Same, "never in both".into()));
        assert_eq!(said(row(p50, Some(1.0), Some(1.0), Some(0.0))), (Change::Same, "none".into()));
        let confirmed = "orders.confirmed";
        assert_eq!(said(row(confirmed, Some(0.0), Some(1_200.0), None)), (Change::Better, "+1,200".into()));
        assert_eq!(said(row("queue.peak_backlog", Some(4.0), Some(2.0), None)).0, Change::Other);
    }
}
