//! A chart as files.

use crate::measure::findings::{Findings, SloVerdict};
use crate::report::chart::sheet::Sheet;
use crate::report::chart::svg::Words;
use crate::report::chart::{confirmed_within as within, png, svg, timeline as hero};
use crate::report::subject::Subject;

/// Which files are wanted; nothing else is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A drawing for pages: sharp at any size, light and dark.
    pub svg: bool,
    /// A picture at twice the size, light only.
    pub png: bool,
}

/// A chart in the formats that were wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The text of the SVG file.
    pub svg: Option<String>,
    /// The bytes of the PNG file.
    pub png: Option<Vec<u8>>,
}

impl Picture {
    fn of(sheet: &Sheet, words: &Words, wanted: Wanted) -> Picture {
        Picture { svg: wanted.svg.then(|| svg::write(sheet, words)), png: wanted.png.then(|| png::encode(sheet)) }
    }
}

/// Offered and confirmed rates, backlog, concurrency and losses over time, one below the other.
pub fn timeline(subject: &Subject, findings: &Findings, wanted: Wanted) -> Picture {
    if !wanted.svg && !wanted.png {
        return Picture { svg: None, png: None };
    }
    let (sheet, words) = hero::draw(subject, findings);
    Picture::of(&sheet, &words, wanted)
}

/// The share of all offered orders confirmed within a time, over that time.
pub fn confirmed_within(subject: &Subject, findings: &Findings, slo: &[SloVerdict], wanted: Wanted) -> Picture {
    if !wanted.svg && !wanted.png {
        return Picture { svg: None, png: None };
    }
    let (sheet, words) = within::draw(subject, findings, slo);
    Picture::of(&sheet, &words, wanted)
}
