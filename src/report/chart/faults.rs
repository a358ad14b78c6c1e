//! Faults in the charts: a band behind the data with the fault's name above it, and a line of words where there is no axis
//! of time.

use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::{Frame, Panel};
use crate::report::chart::sheet::{Anchor, Face, Sheet};
use crate::report::chart::text::Fonts;
use crate::report::faults;
use crate::report::subject::{FaultMark, Subject};

/// From one row of names to the next.
const ROW: f64 = 19.0;
/// No band is narrower, however short the fault.
const LEAST: f64 = 2.0;
/// Rows of names at most; what does not fit is told below the chart.
const ROWS: usize = 4;

/// A name above its band: the row it stands in, and its place there.
struct Name {
    words: String,
    row: usize,
    /// Left end of the words.
    from: f64,
    /// The band it names.
    band: (f64, f64),
}

impl Frame<'_> {
    /// The band of a fault in px, if the chart shows any of it.
    fn band(&self, fault: &FaultMark) -> Option<(f64, f64)> {
        if fault.from_s >= self.window.end_s {
            return None;
        }
        let (left, right) = (self.at(fault.from_s), self.at(fault.to_s));
        let right = right.max(left + LEAST).min(self.sides.1);
        Some((left.min(right - LEAST), right))
    }

    /// Bands of faults through a panel, behind its data.
    pub fn fault_bands(&self, sheet: &mut Sheet, panel: &Panel) {
        for (left, right) in self.subject.faults.iter().filter_map(|fault| self.band(fault)) {
            sheet.rectangle((left, panel.top), (right, panel.bottom), Ink::Fault);
        }
    }

    /// The edges of those bands, over areas of data, so that they are seen in grey and where areas cover the band.
    pub fn fault_edges(&self, sheet: &mut Sheet, panel: &Panel) {
        for (left, right) in self.subject.faults.iter().filter_map(|fault| self.band(fault)) {
            for x in [left, right] {
                sheet.line(vec![(x, panel.top), (x, panel.bottom)], Ink::FaultEdge, 1.0);
            }
        }
    }

    /// The names of faults in rows below `y`, each above a rule as wide as its band; returns how high they are together.
    pub fn fault_strip(&self, sheet: &mut Sheet, y: f64) -> f64 {
        let names = self.fault_names();
        for name in &names {
            let rule = y + ROW * (name.row + 1) as f64;
            sheet.line(vec![(name.band.0, rule), (name.band.1, rule)], Ink::FaultEdge, 2.0);
            sheet.text(&name.words, (name.from, rule - 5.0), Anchor::Start, Face::STRONG_TICK, Ink::Title);
        }
        names.iter().map(|name| name.row + 1).max().unwrap_or(0) as f64 * ROW
    }

    /// The faults that have no name above the chart, in words below it; returns the lowest line then.
    pub fn unnamed_faults(&self, sheet: &mut Sheet, lowest: f64) -> f64 {
        if self.fault_names().len() == self.subject.faults.len() {
            return lowest;
        }
        note(sheet, self.fonts, self.layout, self.subject, lowest)
    }

    fn fault_names(&self) -> Vec<Name> {
        let face = Face::STRONG_TICK;
        let mut taken = [f64::NEG_INFINITY; ROWS];
        let mut shown: Vec<(&FaultMark, (f64, f64))> =
            self.subject.faults.iter().filter_map(|fault| Some((fault, self.band(fault)?))).collect();
        shown.sort_by(|one, other| one.1.0.total_cmp(&other.1.0));
        let mut names = Vec::new();
        for (fault, band) in shown {
            let words = self.fitting(&fault.name, self.sides.1 - self.sides.0);
            let width = self.fonts.width(&words, face);
            let middle = (band.0 + band.1 - width) / 2.0;
            let from = middle.clamp(self.sides.0, (self.sides.1 - width).max(self.sides.0));
            let (left, right) = (from.min(band.0), (from + width).max(band.1));
            let Some(row) = taken.iter().position(|until| left >= until + 8.0) else { continue };
            taken[row] = right;
            names.push(Name { words, row, from, band });
        }
        names
    }

    /// The words, cut where they are wider than there is room.
    fn fitting(&self, words: &str, room: f64) -> String {
        let mut kept: Vec<char> = words.chars().collect();
        if self.fonts.width(words, Face::STRONG_TICK) <= room {
            return words.to_owned();
        }
        while !kept.is_empty() {
            kept.pop();
            let cut = kept.iter().collect::<String>() + "…";
            if self.fonts.width(&cut, Face::STRONG_TICK) <= room {
                return cut;
            }
        }
        String::new()
    }
}

/// The faults of a chart without an axis of time, in words below `lowest`; returns the lowest line then.
pub fn note(sheet: &mut Sheet, fonts: &Fonts, layout: Layout, subject: &Subject, lowest: f64) -> f64 {
    let Some(words) = faults::line(subject) else { return lowest };
    let mut baseline = lowest + 8.0;
    for line in fonts.wrap(&words, Face::NOTE, layout.body) {
        baseline += 17.0;
        sheet.text(&line, (layout.margin, baseline), Anchor::Start, Face::NOTE, Ink::Note);
    }
    baseline
}

/// A description, and behind it the faults.
pub fn with_faults(description: String, subject: &Subject) -> String {
    match faults::line(subject) {
        Some(line) => format!("{description} {line}"),
        None => description,
    }
}
