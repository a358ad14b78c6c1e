//! A drawing as a list of marks, in design units (1 unit = 1 px at 1:1) from the upper left corner.
//!
//! Charts write their marks on a [`Sheet`] once; a [`super::pen::Pen`] then puts them on any plotters back end.
//! Positions are rounded to 0.01, so that nothing below that ever decides about a byte of a file.

use crate::report::chart::palette::Ink;

/// A point: right, down.
pub type Point = (f64, f64);

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    /// Not at all.
    Solid,
    /// The direct design among panels.
    Dash,
    /// The direct design in a chart of its own.
    LongDash,
    /// A limit or an objective: round dots.
    Dots,
    /// A configured timeout.
    Timeout,
    /// Where a phase begins.
    Phase,
}

impl Stroke {
    /// All that are broken.
    pub const BROKEN: [Stroke; 5] = [Stroke::Dash, Stroke::LongDash, Stroke::Dots, Stroke::Timeout, Stroke::Phase];

    /// Length of a piece and of the gap behind it; `None` for a whole line.
    pub const fn pattern(self) -> Option<(f64, f64)> {
        match self {
            Stroke::Solid => None,
            Stroke::Dash => Some((6.0, 4.0)),
            Stroke::LongDash => Some((7.0, 4.5)),
            Stroke::Dots => Some((0.1, 4.5)),
            Stroke::Timeout => Some((4.0, 3.0)),
            Stroke::Phase => Some((2.0, 3.0)),
        }
    }
}

/// Where a text's position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At its left end.
    Start,
    /// In its middle.
    Middle,
    /// At its right end.
    End,
}

/// Type: size in px and weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// Height of the em in px.
    pub size: f64,
    /// Bold or regular.
    pub bold: bool,
}

/// The faces in use.
impl Face {
    /// The finding above a chart.
    pub const HEADING: Face = Face { size: 20.0, bold: true };
    /// The line under it.
    pub const SUBHEADING: Face = Face { size: 13.5, bold: false };
    /// The finding of a panel.
    pub const TITLE: Face = Face { size: 15.0, bold: true };
    /// The line under it, annotations, ticks along time.
    pub const NOTE: Face = Face { size: 12.5, bold: false };
    /// A label at a line.
    pub const LABEL: Face = Face { size: 13.0, bold: true };
    /// Tick labels, phase names.
    pub const TICK: Face = Face { size: 12.0, bold: false };
    /// The name of the rush.
    pub const STRONG_TICK: Face = Face { size: 12.0, bold: true };
    /// The one big number of a chart.
    pub const BIG: Face = Face { size: 26.0, bold: true };
    /// The line that says how to make the drawing again.
    pub const FOOT: Face = Face { size: 11.0, bold: false };
}

/// A text and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// What it says.
    pub words: String,
    /// Where its anchor is, on the base line.
    pub at: Point,
    /// Which point of it that is.
    pub anchor: Anchor,
    /// Its type.
    pub face: Face,
    /// Its colour.
    pub ink: Ink,
    /// Whether a halo in the colour of the ground sets it off from what lies under it.
    pub halo: bool,
}

/// One thing on the sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line through points.
    Line {
        /// Its corners, at least two.
        points: Vec<Point>,
        /// Its colour.
        ink: Ink,
        /// Its width in px.
        width: f64,
        /// How it is broken.
        stroke: Stroke,
    },
    /// A filled area.
    Area {
        /// Its corners, at least three.
        points: Vec<Point>,
        /// Its colour.
        ink: Ink,
    },
    /// A filled circle.
    Disc {
        /// Its centre.
        centre: Point,
        /// Its radius in px.
        radius: f64,
        /// Its colour.
        ink: Ink,
    },
    /// A text.
    Text(Text),
}

/// Where a page's cross-hair finds its way on a drawing: what the horizontal axis counts, and the plots over it.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The first and the last value on it: seconds, or nines of a percentile.
    pub ends: (f64, f64),
    /// Where these are, in px.
    pub sides: (f64, f64),
    /// Whether it is logarithmic.
    pub logarithmic: bool,
    /// Upper and lower end of every plot over it, from above, in px.
    pub plots: Vec<(f64, f64)>,
}

/// The marks of one drawing, the first at the bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Width in px.
    pub width: f64,
    /// Height in px.
    pub height: f64,
    /// The marks.
    pub marks: Vec<Mark>,
    /// Its horizontal axis, where a cross-hair can read values.
    pub axis: Option<Axis>,
}

/// Rounded to a hundredth of a px.
pub fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn rounded(points: Vec<Point>) -> Vec<Point> {
    points.into_iter().map(|(x, y)| (hundredth(x), hundredth(y))).collect()
}

impl Sheet {
    /// An empty sheet; its height may still change.
    pub fn new(width: f64, height: f64) -> Sheet {
        Sheet { width, height, marks: Vec::new(), axis: None }
    }

    /// A whole line.
    pub fn line(&mut self, points: Vec<Point>, ink: Ink, width: f64) {
        self.stroke(points, ink, width, Stroke::Solid);
    }

    /// A line, broken or whole; fewer than two points draw nothing.
    pub fn stroke(&mut self, points: Vec<Point>, ink: Ink, width: f64, stroke: Stroke) {
        let mut points = rounded(points);
        points.dedup();
        if points.len() > 1 {
            self.marks.push(Mark::Line { points, ink, width, stroke });
        }
    }

    /// A filled area; fewer than three points draw nothing.
    pub fn area(&mut self, points: Vec<Point>, ink: Ink) {
        let points = rounded(points);
        if points.len() > 2 {
            self.marks.push(Mark::Area { points, ink });
        }
    }

    /// A filled rectangle between two corners.
    pub fn rectangle(&mut self, (left, top): Point, (right, bottom): Point, ink: Ink) {
        self.area(vec![(left, top), (right, top), (right, bottom), (left, bottom)], ink);
    }

    /// A dot on a line, with a halo in the colour of the ground.
    pub fn dot(&mut self, centre: Point, ink: Ink) {
        self.disc(centre, 6.0, Ink::Background);
        self.disc(centre, 4.0, ink);
    }

    /// A hollow ring: a goal.
    pub fn ring(&mut self, centre: Point, ink: Ink) {
        self.disc(centre, 5.5, ink);
        self.disc(centre, 3.5, Ink::Background);
    }

    fn disc(&mut self, (x, y): Point, radius: f64, ink: Ink) {
        self.marks.push(Mark::Disc { centre: (hundredth(x), hundredth(y)), radius, ink });
    }

    /// A text on the base line through `at`.
    pub fn text(&mut self, words: &str, at: Point, anchor: Anchor, face: Face, ink: Ink) {
        let at = (hundredth(at.0), hundredth(at.1));
        self.marks.push(Mark::Text(Text { words: words.to_owned(), at, anchor, face, ink, halo: true }));
    }

    /// Its texts, in order.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Text(text) => Some(text),
            _ => None,
        })
    }

    /// Hatching over an area: lines at 45°, clipped by hand; the area is a column of trapezoids given by points of
    /// ascending x on its upper edge and one level lower edge.
    pub fn hatch(&mut self, upper: &[Point], bottom: f64) {
        let pitch = 6.0 * std::f64::consts::SQRT_2;
        let (Some(first), Some(last)) = (upper.first(), upper.last()) else { return };
        let highest = upper.iter().fold(bottom, |top, point| top.min(point.1));
        // Each line climbs to the right: x - (bottom - y) = foot. Its foot runs along the lower edge.
        let mut foot = ((first.0 - (bottom - highest)) / pitch).ceil() * pitch;
        while foot < last.0 {
            for (from, to) in rising_line_inside(upper, bottom, foot) {
                self.line(vec![from, to], Ink::Hatch, 1.25);
            }
            foot += pitch;
        }
    }
}

/// The parts of the line `x = foot + (bottom - y)` that lie under `upper` and above `bottom`.
fn rising_line_inside(upper: &[Point], bottom: f64, foot: f64) -> Vec<(Point, Point)> {
    let on_line = |x: f64| (x, bottom - (x - foot));
    let mut parts: Vec<(Point, Point)> = Vec::new();
    for pair in upper.windows(2) {
        let (left, right) = (pair[0].0.max(foot), pair[1].0);
        if right <= left {
            continue;
        }
        let slope = (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
        // How far the line is below the edge; positive is inside.
        let below = |x: f64| on_line(x).1 - (pair[0].1 + slope * (x - pair[0].0));
        let (at_left, at_right) = (below(left), below(right));
        let crossing = || left + (right - left) * at_left / (at_left - at_right);
        let (from, to) = match (at_left > 0.0, at_right > 0.0) {
            (true, true) => (left, right),
            (true, false) => (left, crossing()),
            (false, true) => (crossing(), right),
            (false, false) => continue,
        };
        match parts.last_mut() {
            Some(last) if (last.1.0 - from).abs() < 1e-9 => last.1 = on_line(to),
            _ => parts.push((on_line(from), on_line(to))),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Mark, Sheet, rising_line_inside};

    #[test]
    fn hatching_stays_under_its_edge() {
        let upper = [(0.0, 100.0), (50.0, 40.0), (200.0, 40.0)];
        let mut sheet = Sheet::new(200.0, 100.0);
        sheet.hatch(&upper, 100.0);
        assert!(sheet.marks.len() > 15);
        for mark in &sheet.marks {
            let Mark::Line { points, .. } = mark else { panic!("hatching is made of lines") };
            for (x, y) in points {
                let edge = if *x < 50.0 { 100.0 - 1.2 * x } else { 40.0 };
                assert!(*y >= edge - 0.02 && *y <= 100.02 && *x <= 200.0, "({x}, {y}) lies outside");
            }
        }
    }

    #[test]
    fn a_hatch_line_is_one_piece_across_corners_of_the_edge() {
        let upper = [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (60.0, 0.0)];
        assert_eq!(rising_line_inside(&upper, 30.0, 5.0), vec![((5.0, 30.0), (35.0, 0.0))]);
    }
}
