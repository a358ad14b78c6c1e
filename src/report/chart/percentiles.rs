//! Percentiles: how long the fastest so many percent of all offered orders took at most; both axes stretch the tail.
//!
//! A line ends where fewer than ten orders lie beyond it. A design that loses orders leaves the scale where its last
//! confirmed order is: from there on it is drawn in the band of those that were never confirmed.

use crate::measure::bands::Band;
use crate::measure::findings::{Design, DesignFindings, Findings};
use crate::report::chart::bands;
use crate::report::chart::caption_ends::{SAMPLES, named, percentiles};
use crate::report::chart::faults::{note, with_faults};
use crate::report::chart::geometry::Area;
use crate::report::chart::labels::{Label, Placer};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::origin_line;
use crate::report::chart::scale::{Linear, Logarithmic, TICK_GAP, duration_tick_under, duration_ticks};
use crate::report::chart::sheet::{Anchor, Axis, Face, Point, Sheet, Stroke};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::subject::Report;
use crate::report::words::{count, duration_or_never, duration_s, share};

/// Height of the band of those never confirmed, and from it to the plot.
const BAND: f64 = 30.0;
/// One corner of a line per so many px.
const CORNER_PX: f64 = 1.5;
/// The axis ends at 99.99 %, or with the last percentile that has enough orders beyond it, but not before 99 %.
const NINES: (f64, f64) = (2.0, 4.0);
/// Ticks of the axis: percent, and the distance to all orders as a power of ten.
const TICKS: [(&str, f64, bool); 6] = [
    ("0", 0.0, false),
    ("50", std::f64::consts::LOG10_2, true),
    ("90", 1.0, true),
    ("99", 2.0, true),
    ("99.9", 3.0, true),
    ("99.99", 4.0, true),
];
/// The line under the title.
const SUBTITLE: &str =
    "Time from arrival to confirmation by percentile of all orders offered; both axes are logarithmic.";

/// The plot.
struct Plot<'a> {
    fonts: &'a Fonts,
    layout: Layout,
    findings: &'a Findings,
    /// Nines to px.
    x: Linear,
    /// Seconds to px.
    y: Logarithmic,
    /// The first and the last second shown.
    ends_s: (f64, f64),
    /// The last nine shown.
    last: f64,
    sides: (f64, f64),
    /// Upper end of the plot, below the band if there is one.
    top: f64,
    bottom: f64,
    /// The upper end of the band.
    band: Option<f64>,
}

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let fonts = Fonts::bundled();
    let title = percentiles(report.findings).unwrap_or_default();
    let subtitle = SUBTITLE.to_owned() + &bands::together_words(report.findings);
    let mut sheet = layout.sheet();
    let top = layout.heading(&mut sheet, &fonts, &title, &subtitle) + 46.0;
    let plot = Plot::new((&fonts, layout), report.findings, top);
    plot.frame(&mut sheet);
    plot.bands(&mut sheet);
    let room = Area { left: plot.sides.0 + 4.0, top: plot.top - 4.0, right: plot.sides.1, bottom: plot.bottom - 2.0 };
    let mut placer = Placer::new(&fonts, room);
    let lines: Vec<(&DesignFindings, Vec<Point>)> =
        report.findings.designs.iter().map(|found| (found, plot.line(found))).collect();
    lines.iter().for_each(|(_, line)| placer.avoid_line(line));
    for (i, (found, line)) in lines.iter().enumerate() {
        stroke(&mut sheet, found.design, line.clone());
        plot.never(&mut sheet, &mut placer, found, i);
    }
    plot.names(&mut sheet, &mut placer, &lines);
    plot.values(&mut sheet, &mut placer);
    plot.note(&mut sheet, &mut placer);
    let lowest = note(&mut sheet, &fonts, layout, report.subject, plot.bottom + 40.0);
    layout.foot(&mut sheet, lowest, &origin_line(report.subject));
    let words = Words {
        name: "percentiles",
        title,
        subtitle,
        description: with_faults(description(&report.findings.designs), report.subject),
        origin: origin_line(report.subject),
    };
    (sheet, words)
}

/// The last percentile of so many orders that has enough of them beyond it, in nines.
fn last_nine(offered: u64) -> f64 {
    libm::log10((offered as f64 / SAMPLES as f64).max(1.0))
}

/// Where the so many fastest of all orders end, in nines.
fn nines(fastest: u64, offered: u64) -> f64 {
    let beyond = offered.saturating_sub(fastest).max(1) as f64;
    libm::log10(offered.max(1) as f64 / beyond)
}

/// Orders never confirmed, if they are enough to be seen.
fn lost(found: &DesignFindings) -> Option<u64> {
    let lost = found.orders.offered.saturating_sub(found.orders.confirmed);
    (lost >= SAMPLES).then_some(lost)
}

fn stroke(sheet: &mut Sheet, design: Design, points: Vec<Point>) {
    match design {
        Design::Buffered => sheet.line(points, Ink::line_of(design), 2.5),
        Design::Direct => sheet.stroke(points, Ink::line_of(design), 2.25, Stroke::LongDash),
    }
}

impl<'a> Plot<'a> {
    fn new((fonts, layout): (&'a Fonts, Layout), findings: &'a Findings, top: f64) -> Plot<'a> {
        let edges = || findings.designs.iter().flat_map(|found| &found.latency.histogram.0).map(|bucket| bucket.0);
        let fastest = edges().min().map_or(0.1, |edge| edge as f64 / 1e6);
        let slowest = edges().max().map_or(10.0, |edge| edge as f64 / 1e6);
        let ends_s = (duration_tick_under(fastest), (slowest * 1.35).max(duration_tick_under(fastest) * 12.0));
        let most = findings.designs.iter().map(|found| found.orders.offered).max().unwrap_or(0);
        let last = last_nine(most).clamp(NINES.0, NINES.1);
        let band = findings.designs.iter().any(|found| lost(found).is_some()).then_some(top);
        let top = band.map_or(top, |top| top + BAND + 10.0);
        let bottom = top + layout.height(330.0, 240.0);
        let widest = ["100\u{a0}ms", "10\u{a0}min"].map(|words| fonts.width(words, Face::TICK)).into_iter();
        let gutter = layout.gutter.max(widest.fold(0.0, f64::max) + 9.0);
        let sides = (layout.margin + gutter, layout.right() - 8.0);
        let (x, y) = (Linear::new((0.0, last), sides), Logarithmic::new(ends_s, (bottom, top)));
        Plot { fonts, layout, findings, x, y, ends_s, last, sides, top, bottom, band }
    }

    fn frame(&self, sheet: &mut Sheet) {
        let (left, right) = self.sides;
        let plots = vec![(self.band.unwrap_or(self.top), self.bottom)];
        sheet.axis = Some(Axis { ends: (0.0, self.last), sides: self.sides, logarithmic: false, plots });
        if let Some(top) = self.band {
            sheet.rectangle((left, top), (right, top + BAND), Ink::Band);
            sheet.hatch(&[(left, top), (right, top)], top + BAND);
            sheet.text("never", (left - 7.0, top + BAND / 2.0 + 4.0), Anchor::End, Face::STRONG_TICK, Ink::Title);
        }
        for (seconds, label) in duration_ticks(self.ends_s.0, self.ends_s.1, &self.y, |_| 24.0) {
            let y = self.y.px(seconds);
            let ink = if y >= self.bottom - 0.5 { Ink::Axis } else { Ink::Grid };
            sheet.line(vec![(left, y), (right, y)], ink, 1.0);
            sheet.text(&label, (left - 7.0, y + 4.0), Anchor::End, Face::TICK, Ink::Quiet);
        }
        sheet.line(vec![(left, self.bottom), (right, self.bottom)], Ink::Axis, 1.0);
        let mut free_from = f64::MIN;
        for (label, nines, percent) in TICKS.iter().filter(|tick| tick.1 <= self.last + 1e-9) {
            let x = self.x.px(*nines);
            sheet.line(vec![(x, self.bottom), (x, self.bottom + 5.0)], Ink::Axis, 1.0);
            let label = if *percent { format!("{label}\u{a0}%") } else { (*label).to_owned() };
            let half = self.fonts.width(&label, Face::NOTE) / 2.0;
            let middle = x.min(self.layout.right() - half);
            if middle - half >= free_from {
                sheet.text(&label, (middle, self.bottom + 19.0), Anchor::Middle, Face::NOTE, Ink::Quiet);
                free_from = middle + half + TICK_GAP;
            }
        }
        let note = "percent of all orders offered, the fastest first";
        sheet.text(note, (right, self.bottom + 40.0), Anchor::End, Face::NOTE, Ink::Quiet);
    }

    /// A design's line: what the fastest so many orders took at most, while enough orders lie beyond.
    fn line(&self, found: &DesignFindings) -> Vec<Point> {
        let offered = found.orders.offered;
        let end = last_nine(offered).min(self.last);
        let (mut points, mut fastest): (Vec<Point>, u64) = (Vec::new(), 0);
        for (edge, orders) in &found.latency.histogram.0 {
            let y = self.y.px(*edge as f64 / 1e6);
            let (from, to) = (nines(fastest, offered), nines(fastest + orders, offered));
            fastest += orders;
            if from >= end {
                break;
            }
            for x in [self.x.px(from), self.x.px(to.min(end))] {
                match points.as_mut_slice() {
                    // Corners that lie close together are one, at the later value.
                    [.., earlier, last] if x - earlier.0 < CORNER_PX && (y - earlier.1).abs() < 3.0 => *last = (x, y),
                    _ => points.push((x, y)),
                }
            }
        }
        points
    }

    /// The band of each design: that of the shares confirmed in time, on its side. The highest share is the fastest.
    fn bands(&self, sheet: &mut Sheet) {
        for found in bands::of(self.findings).iter().flat_map(|bands| &bands.designs) {
            let own = self.findings.designs.iter().find(|design| design.design == found.design);
            let end = last_nine(own.map_or(0, |design| design.orders.offered)).min(self.last);
            let side = |value: fn(&Band) -> f64| -> Vec<Point> {
                let nines = |share: f64| if share < 1.0 { -libm::log10(1.0 - share) } else { end };
                let point = |(at, band): &(f64, Band)| (self.x.px(nines(value(band)).clamp(0.0, end)), self.y.px(*at));
                found.within.iter().map(point).collect()
            };
            bands::between(sheet, found.design, side(|band| band.most), side(|band| band.least));
        }
    }

    /// Where a design leaves the scale: a dot at its last confirmed order, a riser, and its line in the band.
    fn never(&self, sheet: &mut Sheet, placer: &mut Placer, found: &DesignFindings, turn: usize) {
        let (Some(orders), Some(band)) = (lost(found), self.band) else { return };
        let (ink, name) = (Ink::line_of(found.design), found.design.name());
        let from = nines(found.orders.confirmed, found.orders.offered);
        if from > self.last {
            return;
        }
        let x = self.x.px(from);
        // Two designs in the band lie one under the other.
        let alone = self.findings.designs.iter().filter(|found| lost(found).is_some()).count() == 1;
        let y = band + BAND * if alone { 0.5 } else { [0.33, 0.67][turn.min(1)] };
        let last = found.latency.histogram.0.last().map(|bucket| (x, self.y.px(bucket.0 as f64 / 1e6)));
        let words = format!("{name}: {} never confirmed", share(orders, found.orders.offered));
        let label = Label::new(words, Face::LABEL, Ink::text_of(found.design));
        stroke(sheet, found.design, vec![(x, y), (self.sides.1, y)]);
        let Some(dot) = last else {
            let at = (self.sides.0 + 10.0, self.top + 14.0 + 20.0 * turn as f64);
            placer.place(sheet, &label.needed().at(at, Anchor::Start));
            return;
        };
        let riser = vec![(x, y), dot];
        placer.avoid_line(&riser);
        sheet.stroke(riser, ink, 1.25, Stroke::Phase);
        sheet.dot(dot, ink);
        placer.avoid_dot(dot);
        let beside = |label: Label, gap: f64| label.at((x + gap, self.top + 16.0), Anchor::Start);
        placer.place(sheet, &beside(label.needed(), 9.0).around(dot, 11.0).around(dot, 20.0).around(dot, 34.0));
    }

    /// The names of the designs along their lines; one name for both where they never part.
    fn names(&self, sheet: &mut Sheet, placer: &mut Placer, lines: &[(&DesignFindings, Vec<Point>)]) {
        if let [(_, one), (_, other)] = lines
            && one == other
        {
            let label = Label::new("both", Face::LABEL, Ink::Note).needed();
            placer.place(sheet, &label.along(one, 0.5, 8.0).along(one, 0.2, 8.0));
            return;
        }
        for (found, line) in lines.iter().filter(|(_, line)| line.len() > 1) {
            let label = Label::new(found.design.name(), Face::LABEL, Ink::text_of(found.design)).needed();
            placer.place(sheet, &label.along(line, 0.4, 9.0).along(line, 0.8, 9.0).along(line, 0.1, 16.0));
        }
    }

    /// Dots and values at the named percentiles that a design reaches.
    fn values(&self, sheet: &mut Sheet, placer: &mut Placer) {
        let wanted: &[&str] = if self.layout.narrow() { &["p50", "p99"] } else { &["p50", "p99", "p99.9"] };
        let mut marks: Vec<(Point, String, Design)> = Vec::new();
        for found in &self.findings.designs {
            for (name, at) in named(found).into_iter().filter(|(name, _)| wanted.contains(name)) {
                let tick = TICKS.iter().find(|tick| tick.0 == name.trim_start_matches('p'));
                if let (Some(at), Some(tick)) = (at, tick) {
                    marks.push(((self.x.px(tick.1), self.y.px(at)), duration_s(at), found.design));
                }
            }
        }
        // All dots first: no label may lie on one.
        for (dot, _, design) in &marks {
            sheet.dot(*dot, Ink::line_of(*design));
            placer.avoid_dot(*dot);
        }
        for (i, (dot, words, design)) in marks.iter().enumerate() {
            let same = |other: &&(Point, String, Design)| other.0 == *dot && other.2 != *design;
            let ink = match marks.iter().position(|other| same(&other)) {
                // One label for both.
                Some(other) if other < i => continue,
                Some(_) => Ink::Note,
                None => Ink::text_of(*design),
            };
            let label = Label::new(words.clone(), Face::LABEL, ink);
            let under = (dot.0, dot.1 + 22.0);
            placer.place(sheet, &label.at(under, Anchor::Middle).around(*dot, 11.0).around(*dot, 18.0));
        }
    }

    /// What a line's end means, where one ends before the axis does.
    fn note(&self, sheet: &mut Sheet, placer: &mut Placer) {
        let ends = |found: &DesignFindings| {
            found.orders.offered > 0 && lost(found).is_none() && last_nine(found.orders.offered) < NINES.1
        };
        let label = |words: &str, rise: f64| {
            let at = (self.sides.1, self.bottom - rise);
            Label::new(words, Face::NOTE, Ink::Quiet).at(at, Anchor::End)
        };
        if self.findings.designs.iter().any(ends) {
            let words =
                ["a line ends where fewer than 10 orders lie beyond it", "ends where fewer than 10 orders lie beyond"];
            placer.place_one_of(
                sheet,
                &words.map(|words| label(words, 10.0).at((self.sides.1, self.bottom - 28.0), Anchor::End)),
            );
        }
    }
}

fn description(designs: &[DesignFindings]) -> String {
    let sentence = |found: &DesignFindings| {
        let values: Vec<String> =
            named(found).into_iter().map(|(name, at)| format!("{name} {}", duration_or_never(at))).collect();
        let lost = found.orders.offered.saturating_sub(found.orders.confirmed);
        let values = if values.is_empty() { "too few orders for percentiles".to_owned() } else { values.join(", ") };
        let words = format!("Of {} orders in {}: {values}", count(found.orders.offered), found.design.name());
        let never = if lost > 0 { format!("; {} were never confirmed", count(lost)) } else { String::new() };
        words + &never + "."
    };
    designs.iter().map(sentence).collect::<Vec<String>>().join(" ")
}
