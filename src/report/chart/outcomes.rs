//! Outcomes: where the orders ended, one bar of all orders offered per design.
//!
//! In time is the design's colour, late a paler one, declined grey; whatever was not confirmed is hatched, and every
//! part has a gap before it and its own words, so nothing is told by colour alone.

use crate::measure::findings::{DesignFindings, SloVerdict};
use crate::report::chart::bar::{Fill, Part, Place, bar};
use crate::report::chart::caption_ends;
use crate::report::chart::facts::{self, Ending};
use crate::report::chart::faults::{note, with_faults};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::origin_line;
use crate::report::chart::sheet::{Anchor, Face, Sheet};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::subject::Report;
use crate::report::words::{count, share};

/// Height of a bar.
const HIGH: f64 = 40.0;
/// From the last label below a bar to the name above the next.
const BETWEEN: f64 = 42.0;
/// The line under the title.
const SUBTITLE: &str = "How each order ended, as a share of all orders offered. Hatched: not confirmed.";

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let fonts = Fonts::bundled();
    let goal = facts::goals(report.slo).into_iter().next();
    let title = caption_ends::outcomes(report.findings, report.slo).unwrap_or_default();
    let mut sheet = layout.sheet();
    let mut baseline = layout.heading(&mut sheet, &fonts, &title, SUBTITLE) + 46.0;
    let mut lowest = baseline;
    for found in &report.findings.designs {
        lowest = bar_of(&mut sheet, (&fonts, layout), baseline, found, goal);
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
fn bar_of(
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
    let place = Place { left, right, top: baseline + 11.0, high: HIGH };
    bar(sheet, fonts, place, found.orders.offered.max(1) as f64, &parts(found, goal))
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

/// The parts of a bar from left to right.
fn parts(found: &DesignFindings, goal: Option<(f64, &SloVerdict)>) -> Vec<Part> {
    let part = |(ending, orders): (Ending, u64)| {
        let (number, share) = (count(orders), share(orders, found.orders.offered));
        let fill = match ending {
            Ending::InTime(_) | Ending::Confirmed => Fill::Plain(Ink::line_of(found.design), Ink::on(found.design)),
            Ending::Late(_) => Fill::Plain(Ink::mid_of(found.design), Ink::OnLight),
            Ending::Declined => Fill::Plain(Ink::Declined, Ink::OnLight),
            Ending::Failed | Ending::TimedOut | Ending::Refused | Ending::Open => Fill::Hatched,
        };
        let words = format!("{number} {} ({share})", ending.words());
        Part { amount: orders as f64, words, two: [format!("{number} ({share})"), ending.words()], fill }
    };
    facts::endings(found, goal).into_iter().map(part).collect()
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
