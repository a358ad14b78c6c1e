//! How B differs from A, in one or two sentences. Each says only what was measured; B is not better by assumption.

use super::numbers::{Change, Row};
use crate::measure::findings::Design;
use crate::report::words::{duration_or_never, percent, usd};

/// Two shares of confirmed orders nearer than this are the same share.
const SAME_SHARE: f64 = 0.000_5;
/// Two times of which the one is this near to the other are the same time.
const SAME_TIME: f64 = 0.02;

/// The verdict, and below it what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Two sentences at most.
    pub headline: String,
    /// One or two sentences.
    pub lede: String,
}

/// A design's change in one respect.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Moved {
    better: bool,
    words: String,
}

/// The first that fits.
pub(super) fn verdict(rows: &[Row], designs: &[Design]) -> Verdict {
    let lede = price(rows, designs);
    if rows.iter().all(|row| row.change() == Change::Same) {
        return Verdict {
            headline: "No difference: every number of both results is the same.".into(),
            lede: String::new(),
        };
    }
    if let Some(headline) = said(&moved(rows, designs, confirmed), ("confirms more", "confirms fewer")) {
        return Verdict { headline, lede };
    }
    let as_many = as_many(rows, designs);
    let times = ["latency_s.all_offered.p50", "latency_s.all_offered.p99"];
    for path in times {
        let found = moved(rows, designs, |rows, design| sooner(rows, design, path));
        if let Some(headline) = said(&found, ("is faster", "is slower")) {
            return Verdict { headline: format!("{as_many} {headline}"), lede };
        }
    }
    let headline = format!("{as_many} They are confirmed as fast; hardly any difference.");
    Verdict { headline, lede }
}

fn moved(rows: &[Row], designs: &[Design], of: impl Fn(&[Row], Design) -> Option<Moved>) -> Vec<Moved> {
    designs.iter().filter_map(|design| of(rows, *design)).collect()
}

/// Sentences of what became better and what became worse; none of nothing.
fn said(moved: &[Moved], (better, worse): (&str, &str)) -> Option<String> {
    let part = |good: bool| {
        let words: Vec<&str> = moved.iter().filter(|one| one.better == good).map(|one| one.words.as_str()).collect();
        words.join(", ")
    };
    match (part(true), part(false)) {
        (up, down) if up.is_empty() && down.is_empty() => None,
        (up, down) if down.is_empty() => Some(format!("B {better}: {up}.")),
        (up, down) if up.is_empty() => Some(format!("B {worse}: {down}.")),
        (up, down) => {
            Some(format!("Opposite directions: B {better} in one design ({up}), {worse} in the other ({down})."))
        }
    }
}

fn find<'r>(rows: &'r [Row], design: Design, path: &str) -> Option<&'r Row> {
    rows.iter().find(|row| row.design == design && row.number.path == path)
}

/// Shares of the orders offered that are confirmed, in A and B.
fn shares(rows: &[Row], design: Design) -> Option<(f64, f64)> {
    let (confirmed, offered) = (find(rows, design, "orders.confirmed")?, find(rows, design, "orders.offered")?);
    let share = |part: Option<f64>, whole: Option<f64>| Some(part? / whole.filter(|whole| *whole > 0.0)?);
    Some((share(confirmed.a, offered.a)?, share(confirmed.b, offered.b)?))
}

fn confirmed(rows: &[Row], design: Design) -> Option<Moved> {
    let (a, b) = shares(rows, design)?;
    let unclear = find(rows, design, "orders.confirmed")?.change() == Change::Unclear;
    if unclear || (b - a).abs() < SAME_SHARE {
        return None;
    }
    let words = format!("{} {} of the orders instead of {}", design.name(), percent(b), percent(a));
    Some(Moved { better: b > a, words })
}

fn sooner(rows: &[Row], design: Design, path: &str) -> Option<Moved> {
    let row = find(rows, design, path)?;
    let better = match row.change() {
        Change::Better => true,
        Change::Worse => false,
        Change::Same | Change::Unclear | Change::Other => return None,
    };
    if let (Some(a), Some(b)) = (row.a, row.b)
        && (b - a).abs() <= SAME_TIME * a.max(b)
    {
        return None;
    }
    let part = if path.ends_with("p50") { "half of all orders" } else { "99\u{a0}% of all orders" };
    let (a, b) = (duration_or_never(row.a), duration_or_never(row.b));
    Some(Moved { better, words: format!("{}, {part} in {b} instead of {a}", design.name()) })
}

/// What both confirm alike.
fn as_many(rows: &[Row], designs: &[Design]) -> String {
    let part = |design: &Design| Some(format!("{} {}", design.name(), percent(shares(rows, *design)?.1)));
    let parts: Vec<String> = designs.iter().filter_map(part).collect();
    match parts.is_empty() {
        true => "No orders came in.".to_owned(),
        false => format!("Both results confirm as many orders: {}.", parts.join(", ")),
    }
}

/// What B costs beside A.
fn price(rows: &[Row], designs: &[Design]) -> String {
    let part = |design: &Design| {
        let row = find(rows, *design, "cost_usd.total")?;
        let (a, b) = (row.a?, row.b?);
        let word = match row.change() {
            Change::Same => return None,
            Change::Unclear => "about as much",
            _ if (b - a).abs() <= 0.005 * a.max(b) => "about as much",
            _ if b > a => "more",
            _ => "less",
        };
        Some(format!("{} costs {word}: {} a run instead of {}", design.name(), usd(b), usd(a)))
    };
    let parts: Vec<String> = designs.iter().filter_map(part).collect();
    if parts.is_empty() { String::new() } else { format!("In B, {}.", parts.join("; ")) }
}
