//! All charts of a report: as files, and as figures of a page.

use crate::report::chart::layout::Layout;
use crate::report::chart::sheet::Sheet;
use crate::report::chart::svg::Words;
use crate::report::chart::{attempts, confirmed_within, outcomes, percentiles, png, stages, svg, timeline, waiting};
use crate::report::subject::Report;

/// Draws a chart in a layout.
type Draw = fn(&Report, Layout) -> (Sheet, Words);

/// The charts in the order of a page.
pub const CHARTS: [Draw; 7] = [
    timeline::draw,
    confirmed_within::draw,
    outcomes::draw,
    waiting::draw,
    percentiles::draw,
    stages::draw,
    attempts::draw,
];

/// Which files are wanted; nothing else is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A drawing for pages: sharp at any size, light and dark.
    pub svg: bool,
    /// A picture at twice the size, light only.
    pub png: bool,
}

impl Wanted {
    /// No pictures, in the page neither.
    pub const NONE: Wanted = Wanted { svg: false, png: false };
}

/// A chart in the formats that were wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its name.
    pub name: &'static str,
    /// The text of the SVG file.
    pub svg: Option<String>,
    /// The bytes of the PNG file.
    pub png: Option<Vec<u8>>,
}

/// A chart as a page shows it: drawn twice, for one of them is hidden by the page's style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// The finding.
    pub title: String,
    /// The quantity and its unit.
    pub subtitle: String,
    /// The figures behind it.
    pub description: String,
    /// An SVG element for screens.
    pub wide: String,
    /// An SVG element for telephones.
    pub narrow: String,
}

/// The charts as files.
pub fn pictures(report: &Report, wanted: Wanted) -> Vec<Picture> {
    CHARTS.iter().filter_map(|draw| picture(wanted, |layout| draw(report, layout))).collect()
}

/// The charts as figures.
pub fn figures(report: &Report) -> Vec<Figure> {
    CHARTS.iter().map(|draw| figure(|layout| draw(report, layout))).collect()
}

/// A chart as files; `None` where none is wanted: then nothing is drawn.
pub fn picture(wanted: Wanted, draw: impl Fn(Layout) -> (Sheet, Words)) -> Option<Picture> {
    if wanted == Wanted::NONE {
        return None;
    }
    let (sheet, words) = draw(Layout::FILE);
    let (svg, png) = (wanted.svg.then(|| svg::write(&sheet, &words)), wanted.png.then(|| png::encode(&sheet)));
    Some(Picture { name: words.name, svg, png })
}

/// A chart as a figure.
pub fn figure(draw: impl Fn(Layout) -> (Sheet, Words)) -> Figure {
    let (sheet, words) = draw(Layout::WIDE);
    let wide = svg::inline(&sheet, &words, Layout::WIDE.suffix);
    let (sheet, words) = draw(Layout::NARROW);
    let narrow = svg::inline(&sheet, &words, Layout::NARROW.suffix);
    let Words { name, title, subtitle, description, .. } = words;
    Figure { name, title, subtitle, description, wide, narrow }
}
