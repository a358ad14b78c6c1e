//! How wide a chart is, and what it carries besides its plot.

use crate::report::chart::palette::Ink;
use crate::report::chart::sheet::{Anchor, Face, Sheet};
use crate::report::chart::text::Fonts;

/// Without a heading a chart begins so much higher.
const NO_HEADING: f64 = -32.0;

/// Where a chart is to be shown. All charts are drawn by the same functions in every layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Behind a chart's name, so that no two drawings of a page share an identifier.
    pub suffix: &'static str,
    /// Empty border on either side.
    pub margin: f64,
    /// Width of everything between the borders.
    pub body: f64,
    /// From the left end of the titles to the plot, at least.
    pub gutter: f64,
    /// Whether it carries its own heading and foot; in a page, the page says these.
    pub alone: bool,
}

impl Layout {
    /// A file of its own.
    pub const FILE: Layout = Layout { suffix: "", margin: 28.0, body: 960.0, gutter: 58.0, alone: true };
    /// A figure of a page on a screen.
    pub const WIDE: Layout = Layout { suffix: "-wide", margin: 0.0, body: 860.0, gutter: 58.0, alone: false };
    /// A figure of a page on a telephone.
    pub const NARROW: Layout = Layout { suffix: "-narrow", margin: 0.0, body: 348.0, gutter: 36.0, alone: false };

    /// Whether there is little room.
    pub fn narrow(&self) -> bool {
        self.body < 600.0
    }

    /// One height where there is room, another where there is little.
    pub fn height(&self, wide: f64, narrow: f64) -> f64 {
        if self.narrow() { narrow } else { wide }
    }

    /// An empty sheet of this width.
    pub fn sheet(&self) -> Sheet {
        Sheet::new(self.margin * 2.0 + self.body, 500.0)
    }

    /// The right end of everything.
    pub fn right(&self) -> f64 {
        self.margin + self.body
    }

    /// The finding above a chart and the line under it; returns the base line of the latter.
    pub fn heading(&self, sheet: &mut Sheet, fonts: &Fonts, title: &str, subtitle: &str) -> f64 {
        if !self.alone {
            return NO_HEADING;
        }
        let mut baseline = 40.0;
        for (i, line) in fonts.wrap(title, Face::HEADING, self.body).iter().enumerate() {
            baseline += if i > 0 { 25.0 } else { 0.0 };
            sheet.text(line, (self.margin, baseline), Anchor::Start, Face::HEADING, Ink::Title);
        }
        baseline += 3.0;
        for line in fonts.wrap(subtitle, Face::SUBHEADING, self.body) {
            baseline += 21.0;
            sheet.text(&line, (self.margin, baseline), Anchor::Start, Face::SUBHEADING, Ink::Note);
        }
        baseline
    }

    /// The rule and the line that says what made the drawing; sets the height of the sheet.
    pub fn foot(&self, sheet: &mut Sheet, below: f64, words: &str) {
        if !self.alone {
            sheet.height = (below + 8.0).ceil();
            return;
        }
        let rule = below + 16.0;
        sheet.line(vec![(self.margin, rule), (self.right(), rule)], Ink::Grid, 1.0);
        sheet.text(words, (self.margin, rule + 19.0), Anchor::Start, Face::FOOT, Ink::Quiet);
        sheet.height = (rule + 38.0).ceil();
    }
}
