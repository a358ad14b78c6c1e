//! What the panels of the timeline share: heading, phase strip, frames, ticks, and the axis of time.

use crate::measure::bands::Bands;
use crate::measure::findings::Findings;
use crate::report::chart::geometry::Area;
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::scale::{Linear, round_values, time_ticks, value_label};
use crate::report::chart::series::{Window, window};
use crate::report::chart::sheet::{Anchor, Axis, Face, Point, Sheet, Stroke};
use crate::report::chart::text::Fonts;
use crate::report::chart::{bands, facts};
use crate::report::subject::{PhaseMark, Subject};
use crate::report::words::{count, duration_s};

/// From the plot to the right end.
const RIGHT: f64 = 8.0;

/// The frame of all panels: one axis of time.
pub struct Frame<'a> {
    /// The scenario.
    pub subject: &'a Subject,
    /// The letters.
    pub fonts: &'a Fonts,
    /// Where it is shown.
    pub layout: Layout,
    /// What is shown.
    pub window: Window,
    /// Seconds since the run began to px.
    pub x: Linear,
    /// Left and right end of the plots.
    pub sides: (f64, f64),
    /// Orders per second in the quietest and in the busiest phase.
    rates: (f64, f64),
    /// When the backlog was largest and when it was gone, if it was one to speak of.
    marks: Vec<f64>,
}

/// One panel: its place and its scale.
#[derive(Clone, Copy, Debug)]
pub struct Panel {
    /// The upper end of its plot.
    pub top: f64,
    /// Its zero line.
    pub bottom: f64,
    /// Values to px.
    pub y: Linear,
}

impl<'a> Frame<'a> {
    /// The frame for a result. With several replications it shows all that their bands show.
    pub fn new(subject: &'a Subject, findings: &Findings, fonts: &'a Fonts, layout: Layout) -> Frame<'a> {
        let (bands, findings) = (bands::of(findings), findings.first());
        let window = window(subject, findings, bands.map(Bands::end_s));
        let marks = facts::backlog_marks(subject, findings);
        let most = findings.designs.iter().map(|design| design.orders.offered).max().unwrap_or(0);
        let gutter = layout.gutter.max(fonts.width(&count(most), Face::TICK) + 9.0);
        let sides = (layout.margin + gutter, layout.right() - RIGHT);
        let rates = subject.phases.iter().map(|phase| phase.mean_rate);
        let rates = rates.fold((f64::MAX, 0.0), |(least, most), rate| (rate.min(least), rate.max(most)));
        Frame { rates, marks, subject, fonts, layout, window, x: Linear::new((0.0, window.end_s), sides), sides }
    }

    /// A moment in px.
    pub fn at(&self, seconds: f64) -> f64 {
        self.x.px_inside(seconds)
    }

    /// The area of a panel that labels may use: from a little above the plot to a little above the zero line.
    pub fn room(&self, panel: &Panel) -> Area {
        Area { left: self.sides.0 + 4.0, top: panel.top - 12.0, right: self.sides.1, bottom: panel.bottom - 2.0 }
    }

    /// Corners in seconds and values to px.
    pub fn px(&self, panel: &Panel, corners: &[(f64, f64)]) -> Vec<Point> {
        corners.iter().map(|(at, value)| (self.at(*at), panel.y.px_inside(*value))).collect()
    }

    /// Whether more arrives in this phase than the function can confirm (without a limit: clearly more than else).
    fn is_rush(&self, phase: &PhaseMark) -> bool {
        let (least, most) = self.rates;
        match self.subject.capacity_per_s {
            Some(capacity) => phase.mean_rate > capacity && least <= capacity,
            None => phase.mean_rate >= most && most > 1.5 * least,
        }
    }

    /// The strip of phases on a rule at `y`.
    pub fn strip(&self, sheet: &mut Sheet, y: f64) {
        for phase in &self.subject.phases {
            let rush = self.is_rush(phase);
            let names = match &phase.name {
                Some(name) => vec![format!("{name}, {}", phase.rate), name.clone()],
                None => vec![phase.rate.clone()],
            };
            self.strip_part(sheet, y, (phase.starts_s, phase.ends_s), &names, rush);
        }
        let quiet = (self.subject.arrivals_end_s, self.window.end_s);
        if !self.subject.phases.is_empty() {
            let names = ["no new orders: the rest is worked off", "no new orders"].map(str::to_owned);
            self.strip_part(sheet, y, quiet, &names, false);
        }
    }

    /// One part of the strip with the first of the names that fits.
    fn strip_part(&self, sheet: &mut Sheet, y: f64, (from, to): (f64, f64), names: &[String], rush: bool) {
        let (left, right) = (self.at(from) + 1.5, self.at(to) - 1.5);
        if right <= left {
            return;
        }
        let (face, ink, rule, width) = if rush {
            (Face::STRONG_TICK, Ink::Title, Ink::Title, 2.0)
        } else {
            (Face::TICK, Ink::Quiet, Ink::Axis, 1.0)
        };
        sheet.line(vec![(left, y), (right, y)], rule, width);
        if let Some(name) = names.iter().find(|name| self.fonts.width(name, face) + 4.0 <= right - left) {
            sheet.text(name, ((left + right) / 2.0, y - 7.0), Anchor::Middle, face, ink);
        }
    }

    /// Title, subtitle and frame of a panel whose title stands at `baseline`; `most` is the highest value, nought where
    /// there is nothing to show, and `whole` tells that values are whole numbers.
    pub fn panel(
        &self,
        sheet: &mut Sheet,
        baseline: f64,
        (title, subtitle): (&str, &str),
        (height, most, whole): (f64, f64, bool),
    ) -> Panel {
        let (mut baseline, left) = (baseline, self.layout.margin);
        for (i, line) in self.fonts.wrap(title, Face::TITLE, self.layout.body).iter().enumerate() {
            baseline += if i > 0 { 20.0 } else { 0.0 };
            sheet.text(line, (left, baseline), Anchor::Start, Face::TITLE, Ink::Title);
        }
        baseline += 2.0;
        for line in self.fonts.wrap(subtitle, Face::NOTE, self.layout.body) {
            baseline += 16.0;
            sheet.text(&line, (left, baseline), Anchor::Start, Face::NOTE, Ink::Quiet);
        }
        let panel = self.plot(sheet, (baseline + 17.0, height), most);
        let steps = if height < 100.0 { 3 } else { 4 };
        for value in round_values(most, steps, whole || most >= 3.0) {
            self.tick(sheet, panel.y.px(value), &value_label(value), value > 0.0);
        }
        panel
    }

    /// A panel without words: its upper end, its height, its highest value.
    pub fn plot(&self, sheet: &mut Sheet, (top, height): (f64, f64), most: f64) -> Panel {
        let bottom = top + height;
        let panel = Panel { top, bottom, y: Linear::new((0.0, most.max(f64::MIN_POSITIVE)), (bottom, top)) };
        let axis = || Axis { ends: (0.0, self.window.end_s), sides: self.sides, logarithmic: false, plots: Vec::new() };
        sheet.axis.get_or_insert_with(axis).plots.push((top, bottom));
        self.background(sheet, &panel);
        panel
    }

    /// A value's label left of the plot, and its line.
    pub fn tick(&self, sheet: &mut Sheet, y: f64, label: &str, line: bool) {
        if line {
            sheet.line(vec![(self.sides.0, y), (self.sides.1, y)], Ink::Grid, 1.0);
        }
        sheet.text(label, (self.sides.0 - 7.0, y + 4.0), Anchor::End, Face::TICK, Ink::Quiet);
    }

    /// Bands of the rush and of faults, and lines where phases begin and where the backlog was largest and gone.
    fn background(&self, sheet: &mut Sheet, panel: &Panel) {
        for phase in self.subject.phases.iter().filter(|phase| self.is_rush(phase)) {
            let (left, right) = (self.at(phase.starts_s), self.at(phase.ends_s));
            sheet.rectangle((left, panel.top), (right, panel.bottom), Ink::Band);
        }
        self.fault_bands(sheet, panel);
        let mut last = self.sides.0;
        let starts = self.subject.phases.iter().map(|phase| phase.starts_s);
        for start in starts.chain([self.subject.arrivals_end_s]) {
            let x = self.at(start);
            if x - last >= 6.0 && x < self.sides.1 - 1.0 && start != self.subject.origin_s {
                sheet.stroke(vec![(x, panel.top), (x, panel.bottom)], Ink::Grid, 1.0, Stroke::Phase);
                last = x;
            }
        }
        for mark in self.marks.iter().filter(|mark| **mark < self.window.end_s) {
            let x = self.at(*mark);
            sheet.line(vec![(x, panel.top), (x, panel.bottom)], Ink::BufferedMid, 1.0);
        }
        let origin = self.at(self.subject.origin_s);
        if self.subject.origin_s > 0.0 && origin < self.sides.1 {
            sheet.line(vec![(origin, panel.top), (origin, panel.bottom)], Ink::Axis, 1.0);
        }
    }

    /// The zero line of a panel; drawn after its data, so that a line at nought is still seen above it.
    pub fn zero_line(&self, sheet: &mut Sheet, panel: &Panel) {
        self.fault_edges(sheet, panel);
        sheet.line(vec![(self.sides.0, panel.bottom), (self.sides.1, panel.bottom)], Ink::Axis, 1.0);
    }

    /// Ticks, their labels and what time counts from, under the last panel; returns the lowest base line.
    pub fn time_axis(&self, sheet: &mut Sheet, y: f64) -> f64 {
        let origin = self.subject.origin_s;
        for (at, label) in time_ticks(-origin, self.window.end_s - origin, self.x.per_px() * 78.0) {
            let x = self.at(at + origin);
            sheet.line(vec![(x, y), (x, y + 5.0)], Ink::Axis, 1.0);
            let half = self.fonts.width(&label, Face::NOTE) / 2.0;
            let x = x.min(self.layout.right() - half);
            sheet.text(&label, (x, y + 19.0), Anchor::Middle, Face::NOTE, Ink::Quiet);
        }
        let mut lowest = y + 40.0;
        let origin = self.origin_words();
        sheet.text(&origin, (self.sides.1, lowest), Anchor::End, Face::NOTE, Ink::Quiet);
        if self.window.left_out_s > 0.0 {
            let words =
                format!("not shown: the last {} of the run, stragglers only", duration_s(self.window.left_out_s));
            let (width, room) = (|words: &str| self.fonts.width(words, Face::NOTE), self.sides.1 - self.sides.0);
            let beside = width(&words) + width(&origin) + 16.0 <= room;
            let left = if beside { self.sides.0 } else { self.layout.margin };
            for line in self.fonts.wrap(&words, Face::NOTE, self.layout.right() - left) {
                lowest += if beside { 0.0 } else { 17.0 };
                sheet.text(&line, (left, lowest), Anchor::Start, Face::NOTE, Ink::Quiet);
            }
        }
        lowest
    }

    /// What time counts from.
    pub fn origin_words(&self) -> String {
        let here = |phase: &&PhaseMark| phase.starts_s == self.subject.origin_s;
        let named = self.subject.phases.iter().find(here).and_then(|phase| phase.name.as_deref());
        match named {
            Some(name) if self.subject.origin_s > 0.0 => format!("time since the beginning of \u{201c}{name}\u{201d}"),
            _ if self.subject.origin_s > 0.0 => "time since the marked phase began".to_owned(),
            _ => "time since the run began".to_owned(),
        }
    }
}

/// Program, seed and scenario, enough to make the drawing again.
pub fn origin_line(subject: &Subject) -> String {
    let version = &subject.version;
    let fingerprint: String = subject.fingerprint.chars().take(8).collect();
    let several = match subject.replications {
        1 => String::new(),
        several => format!(" · {several} replications"),
    };
    let measured = subject.measured.as_ref().map_or_else(String::new, |found| format!(" · measured: {}", found.target));
    let (name, seed) = (&subject.name, subject.seed);
    format!("simulate {version}{measured} · {name} · seed {seed}{several} · scenario blake3:{fingerprint}")
}

/// The same of a drawing over time, which shows one run.
pub fn time_line(subject: &Subject) -> String {
    let line = origin_line(subject);
    if subject.replications == 1 { line } else { line.replace(" replications", " replications, the first of them") }
}
