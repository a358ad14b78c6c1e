//! Confirmed within: the share of all offered orders that is confirmed within a time, over that time.

use crate::measure::bands::Band;
use crate::measure::findings::{Design, DesignFindings, Findings, SloVerdict};
use crate::report::chart::faults::{note, with_faults};
use crate::report::chart::geometry::Area;
use crate::report::chart::labels::Placer;
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::origin_line;
use crate::report::chart::scale::{Linear, Logarithmic, duration_tick_under, duration_ticks};
use crate::report::chart::sheet::{Anchor, Axis, Face, Point, Sheet, Stroke};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::chart::{bands, caption, facts};
use crate::report::subject::Report;
use crate::report::words::{capitalised, duration_s, share};

/// One corner of a curve per so many px.
const CORNER_PX: f64 = 1.5;
/// The line under the title.
const SUBTITLE: &str =
    "Share of all orders offered that are confirmed within a given time; an order never confirmed never counts.";

/// The plot.
pub struct Plot<'a> {
    /// The letters.
    pub fonts: &'a Fonts,
    /// The results.
    pub findings: &'a Findings,
    /// Where it is shown.
    pub layout: Layout,
    /// Seconds to px.
    pub x: Logarithmic,
    /// Shares to px.
    pub y: Linear,
    /// The first and the last second shown.
    pub ends_s: (f64, f64),
    /// Left and right end.
    pub sides: (f64, f64),
    /// Where all orders are.
    pub top: f64,
    /// Where none are.
    pub bottom: f64,
}

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let (subject, findings, slo) = (report.subject, report.findings, report.slo);
    let fonts = Fonts::bundled();
    let title = caption::within(findings, slo).unwrap_or_default();
    let goals = facts::goals(slo);
    let subtitle = SUBTITLE.to_owned() + &bands::together_words(findings);
    let mut sheet = layout.sheet();
    let top = layout.heading(&mut sheet, &fonts, &title, &subtitle) + 62.0;
    let plot = Plot::new((&fonts, layout), findings, &goals, top);
    plot.frame(&mut sheet);

    let room = Area { left: plot.sides.0 + 4.0, top: top - 30.0, right: plot.sides.1, bottom: plot.bottom - 2.0 };
    let mut placer = Placer::new(&fonts, room);
    let curves: Vec<(Design, Vec<Point>)> =
        findings.designs.iter().map(|design| (design.design, plot.curve(design))).collect();
    curves.iter().for_each(|curve| placer.avoid_line(&curve.1));
    plot.hatching(&mut sheet);
    plot.bands(&mut sheet);
    plot.goals(&mut sheet, &mut placer, &goals);
    plot.task_timeout(&mut sheet, &mut placer, subject);
    plot.curves(&mut sheet, &curves);
    plot.rings(&mut sheet, &mut placer, &goals);
    plot.never(&mut sheet, &mut placer);
    plot.overtaking(&mut sheet, &mut placer);
    plot.names(&mut sheet, &mut placer, &curves);
    plot.measured(&mut sheet, &mut placer, &goals);

    let lowest = note(&mut sheet, &fonts, layout, subject, plot.bottom + 40.0);
    layout.foot(&mut sheet, lowest, &origin_line(subject));
    let words = Words {
        name: "confirmed-within",
        title,
        subtitle,
        description: with_faults(plot.description(&goals), subject),
        origin: origin_line(subject),
    };
    (sheet, words)
}

/// The share of all orders that a design confirmed in the end.
fn plateau(design: &DesignFindings) -> f64 {
    design.orders.confirmed as f64 / design.orders.offered.max(1) as f64
}

/// Orders that a design never confirmed.
pub fn never(design: &DesignFindings) -> u64 {
    design.orders.offered.saturating_sub(design.orders.confirmed)
}

impl<'a> Plot<'a> {
    /// The plot of these designs, below `top`.
    pub fn new(
        (fonts, layout): (&'a Fonts, Layout),
        findings: &'a Findings,
        goals: &[(f64, &SloVerdict)],
        top: f64,
    ) -> Plot<'a> {
        let edges = || findings.designs.iter().flat_map(|design| &design.latency.histogram.0).map(|bucket| bucket.0);
        let fastest = edges().min().map_or(0.1, |edge| edge as f64 / 1e6);
        let slowest = edges().max().map_or(10.0, |edge| edge as f64 / 1e6);
        let goal = goals.iter().fold(0.0_f64, |latest, goal| latest.max(goal.0));
        let first = duration_tick_under(fastest.min(if goal > 0.0 { goal } else { fastest }));
        let last = (slowest * 1.5).max(goal * 4.0).max(first * 30.0);
        let sides = (layout.margin + layout.gutter.max(48.0), layout.right() - 8.0);
        let bottom = top + layout.height(330.0, 240.0);
        let (x, y) = (Logarithmic::new((first, last), sides), Linear::new((0.0, 1.0), (bottom, top)));
        Plot { fonts, findings, layout, x, y, ends_s: (first, last), sides, top, bottom }
    }

    /// Axes and their labels.
    pub fn frame(&self, sheet: &mut Sheet) {
        let plots = vec![(self.top, self.bottom)];
        sheet.axis = Some(Axis { ends: self.ends_s, sides: self.sides, logarithmic: true, plots });
        for percent in [0_u32, 25, 50, 75, 100] {
            let y = self.y.px(f64::from(percent) / 100.0);
            let ink = if percent == 0 { Ink::Axis } else { Ink::Grid };
            sheet.line(vec![(self.sides.0, y), (self.sides.1, y)], ink, 1.0);
            let label = format!("{percent}\u{a0}%");
            sheet.text(&label, (self.sides.0 - 7.0, y + 4.0), Anchor::End, Face::TICK, Ink::Quiet);
        }
        let width = |words: &str| self.fonts.width(words, Face::NOTE);
        for (seconds, label) in duration_ticks(self.ends_s.0, self.ends_s.1, &self.x, width) {
            let x = self.x.px(seconds);
            sheet.line(vec![(x, self.bottom), (x, self.bottom + 5.0)], Ink::Axis, 1.0);
            let inside = x.min(self.layout.right() - width(&label) / 2.0);
            sheet.text(&label, (inside, self.bottom + 19.0), Anchor::Middle, Face::NOTE, Ink::Quiet);
        }
        let note = "time until confirmed (log scale)";
        sheet.text(note, (self.sides.1, self.bottom + 40.0), Anchor::End, Face::NOTE, Ink::Quiet);
    }

    /// The curve of a design: from nothing to its plateau, which lasts.
    pub fn curve(&self, design: &DesignFindings) -> Vec<Point> {
        let offered = design.orders.offered.max(1) as f64;
        let height = |confirmed: u64| self.y.px_inside(confirmed as f64 / offered);
        let (mut points, mut confirmed): (Vec<Point>, u64) = (Vec::new(), 0);
        for (edge, count) in &design.latency.histogram.0 {
            let x = self.x.px(*edge as f64 / 1e6);
            // Nothing happens in a wide gap between buckets: flat, then up.
            if points.last().is_none_or(|last| x - last.0 > 8.0) {
                points.push(((x - 2.0).max(self.sides.0), height(confirmed)));
            }
            confirmed += count;
            match points.as_mut_slice() {
                // Corners that lie close together are one, at the later value.
                [.., earlier, last] if x - earlier.0 < CORNER_PX => *last = (x, height(confirmed)),
                _ => points.push((x, height(confirmed))),
            }
        }
        if points.is_empty() {
            points.push((self.sides.0, self.bottom));
        }
        points.push((self.sides.1, height(confirmed)));
        points
    }

    /// The band of each design: the lowest and the highest share of any replication.
    fn bands(&self, sheet: &mut Sheet) {
        for found in bands::of(self.findings).iter().flat_map(|bands| &bands.designs) {
            let side = |value: fn(&Band) -> f64| {
                let mut points: Vec<Point> =
                    found.within.iter().map(|(at, band)| (self.x.px(*at), self.y.px_inside(value(band)))).collect();
                points.extend(points.last().map(|last| (self.sides.1, last.1)));
                points
            };
            bands::between(sheet, found.design, side(|band| band.most), side(|band| band.least));
        }
    }

    fn curves(&self, sheet: &mut Sheet, curves: &[(Design, Vec<Point>)]) {
        // Halos, for a line may cross the hatching.
        curves.iter().for_each(|curve| sheet.line(curve.1.clone(), Ink::Background, 5.5));
        for (design, points) in curves {
            match design {
                Design::Buffered => sheet.line(points.clone(), Ink::line_of(*design), 2.5),
                Design::Direct => sheet.stroke(points.clone(), Ink::line_of(*design), 2.25, Stroke::LongDash),
            }
        }
    }

    /// The design that leaves more orders unconfirmed, if these are not few, and the left lower corner of the block
    /// between its plateau and all orders.
    pub fn worst(&self) -> Option<(&DesignFindings, Point)> {
        let worst = self.findings.designs.iter().max_by_key(|design| never(design))?;
        let last = worst.latency.histogram.0.last().map_or(self.ends_s.0, |bucket| bucket.0 as f64 / 1e6);
        let many = worst.orders.offered > 0 && never(worst) * 200 >= worst.orders.offered;
        many.then(|| (worst, (self.x.px(last), self.y.px_inside(plateau(worst)))))
    }

    fn hatching(&self, sheet: &mut Sheet) {
        if let Some((_, (left, level))) = self.worst() {
            sheet.hatch(&[(left, self.top), (self.sides.1, self.top)], level);
        }
    }

    fn description(&self, goals: &[(f64, &SloVerdict)]) -> String {
        let mut sentences = Vec::new();
        for design in &self.findings.designs {
            let offered = design.orders.offered;
            let mut words =
                format!("{} confirms {} of all orders", design.design.name(), share(design.orders.confirmed, offered));
            if let Some(slowest) = design.latency.max {
                words += &format!(", the last after {}", duration_s(slowest));
            }
            for (within, goal) in goals {
                let confirmed = facts::confirmed_for(design, goal, *within);
                words += &format!("; {} within {}", share(confirmed, offered), duration_s(*within));
            }
            sentences.push(words);
        }
        if let Some((buffered, direct)) = facts::both(self.findings)
            && let Some(at) = facts::overtakes_at(buffered, direct)
        {
            sentences.push(format!("buffered overtakes direct after {}", duration_s(at)));
        }
        sentences.iter().map(|words| capitalised(words) + ".").collect::<Vec<String>>().join(" ")
    }
}
