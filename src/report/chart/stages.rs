//! Stages: where the time of answered orders goes. The mean is one bar of stages that add up to it; beside it each stage by
//! itself, mean and slowest hundredth, on one scale, where nothing suggests that the hundredths add up.

use crate::measure::findings::{Design, DesignFindings, Findings, StageFindings};
use crate::observation::Stage;
use crate::report::chart::bar::{Fill, Part, Place, bar};
use crate::report::chart::caption_work::{self, answered, doing, mean_s};
use crate::report::chart::faults::{note, with_faults};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::origin_line;
use crate::report::chart::scale::{Logarithmic, duration_tick_under, duration_ticks};
use crate::report::chart::sheet::{Anchor, Face, Point, Sheet, Stroke};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::subject::Report;
use crate::report::words::{capitalised, count, duration_s, percent};

/// Height of a bar.
const HIGH: f64 = 38.0;
/// From the last label below a bar to the name above the next.
const BETWEEN: f64 = 36.0;
/// Height of a stage's row; where there is little room, of its name and of a design's words and marks below it.
const ROW: f64 = 36.0;
const NAME: f64 = 20.0;
const WORDS: f64 = 15.0;
const MARKS: f64 = 14.0;
/// Stages of a smaller share of the mean are one part of the bar.
const SMALL: f64 = 0.005;
/// What the second group shows.
const ALONE: &str = "Each stage by itself: mean and slowest hundredth";
const ALONE_NOTE: &str = "Dot: mean. Bar at the end: 99th percentile of that stage alone. The slowest of one stage are \
                          other orders than those of another, so these do not add up.";

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let (fonts, findings) = (Fonts::bundled(), report.findings);
    let title = caption_work::stages(findings).unwrap_or_default();
    let subtitle = of_whom(findings);
    let mut sheet = layout.sheet();
    let mut baseline = layout.heading(&mut sheet, &fonts, &title, &subtitle) + 46.0;
    let mut lowest = baseline - 30.0;
    for found in &findings.designs {
        lowest = mean_bar(&mut sheet, (&fonts, layout), baseline, found);
        baseline = lowest + BETWEEN;
    }
    if findings.designs.iter().any(|found| mean_s(found).is_some()) {
        lowest = alone(&mut sheet, (&fonts, layout), lowest + 44.0, findings);
    }
    let lowest = note(&mut sheet, &fonts, layout, report.subject, lowest + 14.0);
    layout.foot(&mut sheet, lowest, &origin_line(report.subject));
    let words = Words {
        name: "stages",
        title,
        subtitle,
        description: with_faults(description(&findings.designs), report.subject),
        origin: origin_line(report.subject),
    };
    (sheet, words)
}

/// Of which orders the times are, and how many are not among them.
fn of_whom(findings: &Findings) -> String {
    let declined = findings.designs.iter().any(|found| found.orders.declined > 0);
    let who = if declined { "answered, confirmed or declined" } else { "confirmed" };
    let part = |found: &DesignFindings| {
        format!("{} of {} in {}", count(answered(found)), count(found.orders.offered), found.design.name())
    };
    let parts: Vec<String> = findings.designs.iter().map(part).collect();
    format!("Time from arrival to answer by stage, of the orders that were {who}: {}.", parts.join(", "))
}

/// The stages of a design in the order of the way.
fn stages(found: &DesignFindings) -> impl Iterator<Item = &StageFindings> {
    Stage::ALL.iter().filter_map(|stage| found.stages.iter().find(|found| found.stage == *stage))
}

fn ink_of(stage: Stage) -> Ink {
    match stage {
        Stage::Queue => Ink::BufferedMid,
        Stage::Retry => Ink::DirectMid,
        Stage::Redelivery => Ink::Redelivery,
        Stage::ColdStart => Ink::ColdStart,
        Stage::Work => Ink::Work,
        Stage::Start | Stage::Send | Stage::Invoke | Stage::Batch | Stage::Callback | Stage::Transition => Ink::Hop,
    }
}

/// A stage's name where there is little room.
fn name_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Start => "start",
        Stage::Retry => "retry wait",
        Stage::Send => "send",
        Stage::Queue => "queue wait",
        Stage::Redelivery => "redelivery wait",
        Stage::Invoke => "invoke",
        Stage::ColdStart => "cold start",
        Stage::Batch => "turn in the batch",
        Stage::Work => "work",
        Stage::Callback => "callback",
        Stage::Transition => "next state",
    }
}

/// A design's name, mean and bar; returns the lowest line of it.
fn mean_bar(sheet: &mut Sheet, (fonts, layout): (&Fonts, Layout), baseline: f64, found: &DesignFindings) -> f64 {
    let (left, right) = (layout.margin, layout.right());
    sheet.text(found.design.name(), (left, baseline), Anchor::Start, Face::LABEL, Ink::text_of(found.design));
    let place = Place { left, right, top: baseline + 11.0, high: HIGH };
    let (words, whole) = match mean_s(found) {
        Some(mean) => (format!("mean {}: the whole bar", duration_s(mean)), mean),
        None => ("no order was answered".to_owned(), 0.0),
    };
    sheet.text(&words, (right, baseline), Anchor::End, Face::NOTE, Ink::Note);
    bar(sheet, fonts, place, whole.max(f64::MIN_POSITIVE), &parts(found, whole))
}

/// The parts of a mean; what is hardly anything is one part at the end.
fn parts(found: &DesignFindings, whole: f64) -> Vec<Part> {
    let part = |name: &str, mean: f64, ink: Ink| {
        let (time, share) = (short(mean), percent(mean / whole));
        let words = format!("{name} {time} ({share})");
        let on = if ink == Ink::Work { Ink::OnDark } else { Ink::OnLight };
        Part { amount: mean, words, two: [name.to_owned(), format!("{time} ({share})")], fill: Fill::Plain(ink, on) }
    };
    let spent: Vec<(Stage, f64)> =
        stages(found).filter_map(|stage| Some((stage.stage, stage.mean.filter(|mean| *mean > 0.0)?))).collect();
    let (small, large): (Vec<_>, Vec<_>) = spent.into_iter().partition(|(_, mean)| *mean < whole * SMALL);
    let mut parts: Vec<Part> =
        large.into_iter().map(|(stage, mean)| part(name_of(stage), mean, ink_of(stage))).collect();
    match small.as_slice() {
        _ if whole <= 0.0 => return Vec::new(),
        [] => {}
        [(stage, mean)] => parts.push(part(name_of(*stage), *mean, ink_of(*stage))),
        several => {
            let rest = several.iter().map(|(_, mean)| mean).sum();
            parts.push(part(&format!("{} other stages", several.len()), rest, Ink::Hop));
        }
    }
    parts
}

/// The scale of the second group.
struct Alone<'a> {
    fonts: &'a Fonts,
    layout: Layout,
    x: Logarithmic,
    sides: (f64, f64),
}

/// A row per stage; returns the lowest line.
fn alone(sheet: &mut Sheet, (fonts, layout): (&Fonts, Layout), baseline: f64, findings: &Findings) -> f64 {
    let left = layout.margin;
    let mut top = baseline;
    for line in fonts.wrap(ALONE, Face::TITLE, layout.body) {
        sheet.text(&line, (left, top), Anchor::Start, Face::TITLE, Ink::Title);
        top += 20.0;
    }
    top -= 2.0;
    for line in fonts.wrap(ALONE_NOTE, Face::NOTE, layout.body) {
        sheet.text(&line, (left, top), Anchor::Start, Face::NOTE, Ink::Quiet);
        top += 16.0;
    }
    let told = |stage: &&Stage| {
        let takes = |found: &DesignFindings| {
            let own = stages(found).filter(|found| found.stage == **stage).flat_map(|found| [found.mean, found.p99]);
            own.flatten().any(|time| time > 0.0)
        };
        findings.designs.iter().any(|found| answered(found) > 0 && takes(found))
    };
    let rows: Vec<Stage> = Stage::ALL.iter().filter(told).copied().collect();
    let ends = findings.designs.iter().flat_map(|found| found.stages.iter().flat_map(|s| [s.mean, s.p99])).flatten();
    let ends = ends.filter(|at| *at > 0.0).fold((f64::MAX, 0.0_f64), |(least, most), at| (at.min(least), at.max(most)));
    if rows.is_empty() {
        sheet.text("No stage takes any time.", (left, top + 8.0), Anchor::Start, Face::NOTE, Ink::Note);
        return top + 8.0;
    }
    let widest = rows.iter().map(|stage| fonts.width(name_of(*stage), Face::LABEL)).fold(0.0, f64::max);
    let gutter = if layout.narrow() { 16.0 } else { widest + 30.0 };
    let sides = (left + gutter, layout.right() - 8.0);
    let first = duration_tick_under(ends.0.max(0.001));
    let x = Logarithmic::new((first, (ends.1 * 1.3).max(first * 12.0)), sides);
    let last = (ends.1 * 1.3).max(first * 12.0);
    let plot = Alone { fonts, layout, x, sides };
    let designs = findings.designs.len() as f64;
    let row = if layout.narrow() { NAME + designs * (WORDS + MARKS) + 4.0 } else { ROW };
    let bottom = top + row * rows.len() as f64;
    let width = |words: &str| fonts.width(words, Face::NOTE);
    for (seconds, label) in duration_ticks(first, last, &plot.x, width) {
        let x = plot.x.px(seconds);
        sheet.line(vec![(x, top), (x, bottom)], Ink::Grid, 1.0);
        sheet.line(vec![(x, bottom), (x, bottom + 5.0)], Ink::Axis, 1.0);
        let x = x.min(layout.right() - width(&label) / 2.0).max(left + width(&label) / 2.0);
        sheet.text(&label, (x, bottom + 19.0), Anchor::Middle, Face::NOTE, Ink::Quiet);
    }
    sheet.line(vec![(sides.0, bottom), (sides.1, bottom)], Ink::Axis, 1.0);
    sheet.text("time in the stage (log scale)", (sides.1, bottom + 40.0), Anchor::End, Face::NOTE, Ink::Quiet);
    for (i, stage) in rows.iter().enumerate() {
        plot.row(sheet, (top + row * i as f64, row), *stage, findings);
    }
    bottom + 40.0
}

impl Alone<'_> {
    /// One stage: its name beside its colour in the bars, and a line per design.
    fn row(&self, sheet: &mut Sheet, (top, high): (f64, f64), stage: Stage, findings: &Findings) {
        let left = self.layout.margin;
        if top > 0.0 {
            sheet.line(vec![(left, top), (self.sides.1, top)], Ink::Grid, 1.0);
        }
        let narrow = self.layout.narrow();
        let baseline = if narrow { top + 15.0 } else { top + high / 2.0 + 4.5 };
        sheet.rectangle((left, baseline - 10.0), (left + 11.0, baseline + 1.0), ink_of(stage));
        sheet.text(name_of(stage), (left + 17.0, baseline), Anchor::Start, Face::LABEL, Ink::Title);
        for (i, found) in findings.designs.iter().enumerate() {
            let off = if findings.designs.len() == 1 { 0.0 } else { 17.0 * i as f64 - 8.5 };
            let below = top + NAME + (WORDS + MARKS) * i as f64 + WORDS + MARKS / 2.0;
            let y = if narrow { below } else { top + high / 2.0 + off };
            let Some(times) = stages(found).find(|found| found.stage == stage) else { continue };
            self.times(sheet, y, found, times);
        }
    }

    /// A design's mean and 99th percentile of one stage, and both in words.
    fn times(&self, sheet: &mut Sheet, y: f64, found: &DesignFindings, times: &StageFindings) {
        let (Some(mean), Some(p99)) = (times.mean.filter(|_| answered(found) > 0), times.p99) else { return };
        let (line, text) = (Ink::line_of(found.design), Ink::text_of(found.design));
        if mean == 0.0 && p99 == 0.0 {
            let words = format!("{}: none", found.design.name());
            let at = if self.layout.narrow() { (self.sides.0, y - 9.0) } else { (self.sides.0 + 8.0, y + 4.0) };
            sheet.text(&words, at, Anchor::Start, Face::TICK, Ink::Quiet);
            return;
        }
        let (dot, end): (Point, Point) = ((self.x.px(mean), y), (self.x.px(p99), y));
        let stroke = if found.design == Design::Direct { Stroke::Dash } else { Stroke::Solid };
        if p99 > 0.0 {
            sheet.stroke(vec![dot, end], line, 2.0, stroke);
            sheet.line(vec![(end.0, y - 5.5), (end.0, y + 5.5)], line, 2.5);
        }
        sheet.dot(dot, line);
        // Where few orders spend any time, the mean is theirs alone.
        let slowest = if p99 > 0.0 { format!(", p99 {}", short(p99)) } else { "; 99 of 100 none".to_owned() };
        let words = format!("{}: mean {}{slowest}", found.design.name(), short(mean));
        let end = if p99 > 0.0 { end } else { dot };
        let width = self.fonts.width(&words, Face::TICK);
        let (low, high) = (dot.0.min(end.0), dot.0.max(end.0));
        // Right of the marks, else left of them, else as far right as there is room; above them where there is little.
        if self.layout.narrow() {
            sheet.text(&words, (self.sides.0, y - 9.0), Anchor::Start, Face::TICK, text);
            return;
        }
        let (at, anchor) = if high + 11.0 + width <= self.sides.1 {
            (high + 11.0, Anchor::Start)
        } else if low - 11.0 - width >= self.sides.0 {
            (low - 11.0, Anchor::End)
        } else {
            (self.sides.1, Anchor::End)
        };
        sheet.text(&words, (at, y + 4.0), anchor, Face::TICK, text);
    }
}

/// A length of time; less than half a millisecond is said to be so.
fn short(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 0.0005 { "under 1\u{a0}ms".to_owned() } else { duration_s(seconds) }
}

fn description(designs: &[DesignFindings]) -> String {
    let sentence = |found: &DesignFindings| {
        let Some(mean) = mean_s(found) else {
            return format!("No order was answered in {}.", found.design.name());
        };
        let part = |times: &StageFindings| {
            let (mean, p99) = (times.mean?, times.p99?);
            let words = || format!("{} {} (p99 {})", doing(found.design, times.stage), short(mean), short(p99));
            (mean > 0.0).then(words)
        };
        let parts: Vec<String> = stages(found).filter_map(part).collect();
        let whole = format!(
            "{} of {} orders answered in {} is made of",
            duration_s(mean),
            count(answered(found)),
            found.design.name()
        );
        format!("A mean {whole}: {}.", if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") })
    };
    designs.iter().map(sentence).map(|words| capitalised(&words)).collect::<Vec<String>>().join(" ")
}
