//! Outcomes: where the orders ended, one bar of all orders offered per design.
//!
//! In time is the design's colour, late a paler one, declined grey; whatever was not confirmed is hatched, and every
//! part has a gap before it and its own words, so nothing is told by colour alone.

use crate::measure::findings::{DesignFindings, SloVerdict};
use crate::report::chart::facts::{self, Ending};
use crate::report::chart::faults::{note, with_faults};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::origin_line;
use crate::report::chart::sheet::{Anchor, Face, Sheet};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::chart::{caption_ends, labels};
use crate::report::subject::Report;
use crate::report::words::{count, share};

/// Height of a bar.
const HIGH: f64 = 40.0;
/// No part is narrower, however few orders it stands for.
const LEAST: f64 = 2.5;
/// Between two parts.
const GAP: f64 = 1.5;
/// From a bar to the first label below it, and from there to the next.
const BELOW: f64 = 21.0;
const ROW: f64 = 18.0;
/// From the last label below a bar to the name above the next.
const BETWEEN: f64 = 42.0;
/// The line under the title.
const SUBTITLE: &str = "How each order ended, as a share of all orders offered. Hatched: not confirmed.";

/// One part of a bar.
struct Part {
    ending: Ending,
    orders: String,
    share: String,
    left: f64,
    right: f64,
}

impl Part {
    fn words(&self) -> String {
        format!("{} {} ({})", self.orders, self.ending.words(), self.share)
    }

    fn middle(&self) -> f64 {
        (self.left + self.right) / 2.0
    }
}

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let fonts = Fonts::bundled();
    let goal = facts::goals(report.slo).into_iter().next();
    let title = caption_ends::outcomes(report.findings, report.slo).unwrap_or_default();
    let mut sheet = layout.sheet();
    let mut baseline = layout.heading(&mut sheet, &fonts, &title, SUBTITLE) + 46.0;
    let mut lowest = baseline;
    for found in &report.findings.designs {
        lowest = bar(&mut sheet, (&fonts, layout), baseline, found, goal);
        baseline = lowest + BETWEEN;
    }
    let lowest = note(&mut sheet, &fonts, layout, report.subject, lowest + 14.0);
    layout.foot(&mut sheet, lowest, &origin_line(report.subject));
    let words = Words {
        name: "outcomes",
        title,
        subtitle: SUBTITLE.to_owned(),
        description: with_faults(description(&report.findings.designs, goal), report.subject),
        origin: origin_line(report.subject),
    };
    (sheet, words)
}

/// A design's name, count and bar; returns the lowest line of it.
fn bar(
    sheet: &mut Sheet,
    (fonts, layout): (&Fonts, Layout),
    baseline: f64,
    found: &DesignFindings,
    goal: Option<(f64, &SloVerdict)>,
) -> f64 {
    let (left, right) = (layout.margin, layout.right());
    let (name, ink) = (found.design.name(), Ink::text_of(found.design));
    sheet.text(name, (left, baseline), Anchor::Start, Face::LABEL, ink);
    sheet.text(&confirmed(found), (right, baseline), Anchor::End, Face::NOTE, Ink::Note);
    let top = baseline + 11.0;
    let parts = parts(found, goal, (left, right));
    if parts.is_empty() {
        sheet.rectangle((left, top), (right, top + HIGH), Ink::Band);
    }
    let mut below = Vec::new();
    for part in &parts {
        fill(sheet, found, part, top);
        if !label_inside(sheet, fonts, found, part, top) {
            below.push(part);
        }
    }
    labels_below(sheet, fonts, (left, right), top + HIGH, &below)
}

/// Writes a part's label into it, in one line or two; tells whether there is room.
fn label_inside(sheet: &mut Sheet, fonts: &Fonts, found: &DesignFindings, part: &Part, top: f64) -> bool {
    let two = vec![format!("{} ({})", part.orders, part.share), part.ending.words()];
    let sets = [(vec![part.words()], Face::LABEL, 25.0), (two, Face::STRONG_TICK, 17.0)];
    let fits =
        |lines: &[String], face| lines.iter().all(|line| fonts.width(line, face) <= part.right - part.left - 20.0);
    let Some((lines, face, first)) = sets.into_iter().find(|(lines, face, _)| fits(lines, *face)) else { return false };
    let ink = match part.ending {
        Ending::Late(_) | Ending::Declined => Ink::OnLight,
        Ending::InTime(_) | Ending::Confirmed => Ink::on(found.design),
        _ => Ink::Title,
    };
    for (i, line) in lines.iter().enumerate() {
        let at = (part.left + 10.0, top + first + 15.0 * i as f64);
        sheet.text(line, at, Anchor::Start, face, ink);
        labels::without_halo(sheet, ink != Ink::Title);
    }
    true
}

/// `29,657 of 54,105 confirmed`.
fn confirmed(found: &DesignFindings) -> String {
    let orders = found.orders;
    match orders.offered - orders.confirmed.min(orders.offered) {
        _ if orders.offered == 0 => "no order came in".to_owned(),
        0 => format!("all {} confirmed", count(orders.offered)),
        _ => format!("{} of {} confirmed", count(orders.confirmed), count(orders.offered)),
    }
}

/// The parts of a bar from left to right; the small ones are widened at the cost of the others.
fn parts(found: &DesignFindings, goal: Option<(f64, &SloVerdict)>, (left, right): (f64, f64)) -> Vec<Part> {
    let offered = found.orders.offered;
    let endings = facts::endings(found, goal);
    let width = |orders: u64| orders as f64 / offered.max(1) as f64 * (right - left);
    let small = |orders: u64| width(orders) < LEAST;
    let spent = LEAST * endings.iter().filter(|(_, orders)| small(*orders)).count() as f64;
    let large: f64 = endings.iter().map(|(_, orders)| *orders).filter(|orders| !small(*orders)).map(width).sum();
    let scale = (right - left - spent) / large.max(1.0);
    let mut at = left;
    let part = |(ending, orders): (Ending, u64)| {
        let from = at;
        at += if small(orders) { LEAST } else { width(orders) * scale };
        Part { ending, orders: count(orders), share: share(orders, offered), left: from, right: at }
    };
    endings.into_iter().map(part).collect()
}

fn fill(sheet: &mut Sheet, found: &DesignFindings, part: &Part, top: f64) {
    let right = if part.right - part.left > LEAST + GAP { part.right - GAP } else { part.right };
    let ink = match part.ending {
        Ending::InTime(_) | Ending::Confirmed => Ink::line_of(found.design),
        Ending::Late(_) => Ink::mid_of(found.design),
        Ending::Declined => Ink::Declined,
        _ => Ink::Band,
    };
    let ink = if ink == Ink::Band && part.right - part.left <= LEAST + GAP { Ink::Axis } else { ink };
    sheet.rectangle((part.left, top), (right, top + HIGH), ink);
    if ink == Ink::Band {
        sheet.hatch(&[(part.left, top), (right, top)], top + HIGH);
    }
}

/// A label under a bar: what it says, the middle of its part, and its two ends.
struct Below {
    words: String,
    x: f64,
    from: f64,
    to: f64,
}

/// Labels under a bar, each on its own line and led to by a thin line from its part. Labels that stand left of their line
/// go from left to right, those that stand right of it from right to left, so that lines cross no label of their own
/// kind; which kind comes first is tried out.
fn labels_below(sheet: &mut Sheet, fonts: &Fonts, (left, right): (f64, f64), bottom: f64, parts: &[&Part]) -> f64 {
    let below = |part: &&Part| {
        let (words, x) = (part.words(), part.middle());
        let width = fonts.width(&words, Face::NOTE);
        let from = if x - 6.0 - width >= left { x - 6.0 - width } else { (x + 6.0).min(right - width) };
        Below { words, x, from, to: from + width }
    };
    let (behind, before): (Vec<Below>, Vec<Below>) = parts.iter().map(below).partition(|label| label.to < label.x);
    let crossings = |order: &[&Below]| {
        let crossed = |(i, label): (usize, &&Below)| {
            order[..i].iter().filter(|earlier| earlier.from < label.x && label.x < earlier.to).count()
        };
        order.iter().enumerate().map(crossed).sum::<usize>()
    };
    let before_first: Vec<&Below> = before.iter().rev().chain(&behind).collect();
    let behind_first: Vec<&Below> = behind.iter().chain(before.iter().rev()).collect();
    let order = if crossings(&before_first) <= crossings(&behind_first) { before_first } else { behind_first };
    let mut lowest = bottom;
    for (i, label) in order.into_iter().enumerate() {
        lowest = bottom + BELOW + ROW * i as f64;
        sheet.line(vec![(label.x, bottom + 2.0), (label.x, lowest)], Ink::Axis, 1.0);
        sheet.text(&label.words, (label.from, lowest), Anchor::Start, Face::NOTE, Ink::Note);
    }
    lowest
}

fn description(designs: &[DesignFindings], goal: Option<(f64, &SloVerdict)>) -> String {
    let sentence = |found: &DesignFindings| {
        let offered = found.orders.offered;
        let part = |(ending, orders): (Ending, u64)| {
            format!("{} {} ({})", count(orders), ending.words(), share(orders, offered))
        };
        let parts: Vec<String> = facts::endings(found, goal).into_iter().map(part).collect();
        let what = if parts.is_empty() { "no order".to_owned() } else { parts.join(", ") };
        format!("Of {} orders in {}: {what}.", count(offered), found.design.name())
    };
    designs.iter().map(sentence).collect::<Vec<String>>().join(" ")
}
