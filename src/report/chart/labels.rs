//! Places labels so that nothing lies on anything else.
//!
//! A label has candidates, best first; the first one that is free is used. Free means: inside the plot, and clear of
//! other labels, dots and lines. Grid lines and hatching may be crossed, for every text has a halo. A label that must
//! be there falls back to crossing flat lines; any other is dropped.

use crate::report::chart::geometry::{Area, height_at};
use crate::report::chart::palette::Ink;
use crate::report::chart::sheet::{Anchor, Face, Mark, Point, Sheet};
use crate::report::chart::text::Fonts;

/// Space around a text that belongs to it, in px.
const PADDING: f64 = 3.0;
/// Height of the letters above the base line and depth below it, as shares of the size.
const ASCENT: f64 = 0.76;
const DESCENT: f64 = 0.22;

/// A place for a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// On the base line of its first line.
    pub at: Point,
    /// Which point of the text that is.
    pub anchor: Anchor,
    /// What a thin line leads to from there, where the label stands apart from what it names.
    pub leads_to: Option<Point>,
}

/// One label: lines of text, each in its face and ink.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Its lines from top to bottom.
    pub lines: Vec<(String, Face, Ink)>,
    /// Where it may stand, best first.
    pub candidates: Vec<Candidate>,
    /// Whether it must not be dropped.
    pub needed: bool,
    /// Whether it has a halo (not on a tint).
    pub halo: bool,
}

impl Label {
    /// A label of one line.
    pub fn new(words: impl Into<String>, face: Face, ink: Ink) -> Label {
        Label { lines: vec![(words.into(), face, ink)], candidates: Vec::new(), needed: false, halo: true }
    }

    /// The same with another line below.
    pub fn and(mut self, words: impl Into<String>, face: Face, ink: Ink) -> Label {
        self.lines.push((words.into(), face, ink));
        self
    }

    /// The same, never dropped.
    pub fn needed(mut self) -> Label {
        self.needed = true;
        self
    }

    /// The same at a certain place, if it is free.
    pub fn at(mut self, place: Point, anchor: Anchor) -> Label {
        self.candidates.push(Candidate { at: place, anchor, leads_to: None });
        self
    }

    /// The same around a point: above right, above left, below right, below left, `gap` px away from it.
    pub fn around(mut self, (x, y): Point, gap: f64) -> Label {
        let first = self.lines[0].1.size;
        let under = y + gap + first * ASCENT;
        let above = y - gap - self.depth();
        for (y, x, anchor) in [
            (above, x + gap, Anchor::Start),
            (above, x - gap, Anchor::End),
            (under, x + gap, Anchor::Start),
            (under, x - gap, Anchor::End),
        ] {
            self.candidates.push(Candidate { at: (x, y), anchor, leads_to: None });
        }
        self
    }

    /// The same `gap` px above points along a line, with a thin line leading down to it.
    pub fn above_with_leader(mut self, line: &[Point], gap: f64) -> Label {
        let (Some(first), Some(last)) = (line.first(), line.last()) else { return self };
        for share in [0.1, 0.02, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] {
            let foot = height_at(line, first.0 + (last.0 - first.0) * share);
            let at = (foot.0 + 5.0, foot.1 - gap);
            self.candidates.push(Candidate { at, anchor: Anchor::Start, leads_to: Some(foot) });
        }
        self
    }

    /// The same along a line: around points from share `from` of its length onward, a quarter of the rest further each
    /// time, then backward.
    pub fn along(mut self, line: &[Point], from: f64, gap: f64) -> Label {
        if line.is_empty() {
            return self;
        }
        for step in [0.0, 0.125, 0.25, 0.375, 0.5, 0.75, -0.125, -0.25, -0.375, -0.5, -0.75] {
            let share = from + step;
            if (0.0..=1.0).contains(&share) {
                let (first, last) = (line[0].0, line[line.len() - 1].0);
                self = self.around(height_at(line, first + (last - first) * share), gap);
            }
        }
        self
    }

    /// From the first base line to the lowest descender.
    fn depth(&self) -> f64 {
        self.lines[1..].iter().map(|line| pitch(line.1)).sum::<f64>()
            + self.lines[self.lines.len() - 1].1.size * DESCENT
    }

    fn area(&self, fonts: &Fonts, (x, y): Point, anchor: Anchor) -> Area {
        let width = self.lines.iter().map(|(words, face, _)| fonts.width(words, *face)).fold(0.0, f64::max);
        let left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        Area { left, top: y - self.lines[0].1.size * ASCENT, right: left + width, bottom: y + self.depth() }
    }
}

/// Takes the halo from the text written last, if it stands on a fill.
pub fn without_halo(sheet: &mut Sheet, on_fill: bool) {
    if let (true, Some(Mark::Text(text))) = (on_fill, sheet.marks.last_mut()) {
        text.halo = false;
    }
}

/// From one base line to the next.
fn pitch(face: Face) -> f64 {
    (face.size * 1.3).round()
}

/// Knows what is taken.
pub struct Placer<'a> {
    fonts: &'a Fonts,
    plot: Area,
    taken: Vec<Area>,
    lines: Vec<Vec<Point>>,
}

impl<'a> Placer<'a> {
    /// Nothing is taken yet; labels stay within `plot`.
    pub fn new(fonts: &'a Fonts, plot: Area) -> Placer<'a> {
        Placer { fonts, plot, taken: Vec::new(), lines: Vec::new() }
    }

    /// A line that labels shall not lie on.
    pub fn avoid_line(&mut self, line: &[Point]) {
        self.lines.push(line.to_vec());
    }

    /// A dot that labels shall not lie on.
    pub fn avoid_dot(&mut self, (x, y): Point) {
        self.taken.push(Area { left: x - 7.0, top: y - 7.0, right: x + 7.0, bottom: y + 7.0 });
    }

    /// The areas in use.
    #[cfg(test)]
    pub fn taken(&self) -> &[Area] {
        &self.taken
    }

    /// Writes the first of the labels that finds a place.
    pub fn place_one_of(&mut self, sheet: &mut Sheet, labels: &[Label]) -> bool {
        labels.iter().any(|label| self.place(sheet, label))
    }

    /// Writes the label at its first free candidate; tells whether there was one.
    pub fn place(&mut self, sheet: &mut Sheet, label: &Label) -> bool {
        let found = self.find(label, |_, _| true).or_else(|| {
            // Crossing a flat line is ugly, losing the name of a design is worse.
            let steep = |from: Point, to: Point| (to.1 - from.1).abs() > (to.0 - from.0).abs() * 0.577;
            if label.needed { self.find(label, steep) } else { None }
        });
        let found = found.or_else(|| if label.needed { self.find(label, |_, _| false) } else { None });
        let Some(Candidate { at, anchor, leads_to }) = found else { return false };
        if let (Some(foot), Some((_, face, ink))) = (leads_to, label.lines.first()) {
            let line = vec![(foot.0, at.1 - face.size * ASCENT), foot];
            self.avoid_line(&line);
            sheet.line(line, *ink, 1.0);
        }
        self.taken.push(self.padded(label.area(self.fonts, at, anchor)));
        let mut y = at.1;
        for (i, (words, face, ink)) in label.lines.iter().enumerate() {
            if i > 0 {
                y += pitch(*face);
            }
            sheet.text(words, (at.0, y), anchor, *face, *ink);
            without_halo(sheet, !label.halo);
        }
        true
    }

    fn find(&self, label: &Label, counts: impl Fn(Point, Point) -> bool) -> Option<Candidate> {
        label.candidates.iter().find_map(|candidate| {
            let (at, anchor) = self.clamped(label, candidate.at, candidate.anchor);
            let area = label.area(self.fonts, at, anchor);
            let padded = self.padded(area);
            let crossed = |line: &Vec<Point>| {
                line.windows(2).any(|pair| counts(pair[0], pair[1]) && padded.crossed_by(pair[0], pair[1]))
            };
            let free = area.within(&self.plot)
                && !self.taken.iter().any(|other| padded.meets(other))
                && !self.lines.iter().any(crossed);
            // A leader needs its label where it is, and must not run through another one.
            let leads = candidate.leads_to.is_none_or(|foot| {
                at == candidate.at && !self.taken.iter().any(|other| other.crossed_by((foot.0, area.top), foot))
            });
            (free && leads).then_some(Candidate { at, anchor, leads_to: candidate.leads_to })
        })
    }

    /// A label that would pass an edge is set against that edge.
    fn clamped(&self, label: &Label, at: Point, anchor: Anchor) -> (Point, Anchor) {
        let area = label.area(self.fonts, at, anchor);
        if area.right > self.plot.right {
            ((self.plot.right, at.1), Anchor::End)
        } else if area.left < self.plot.left {
            ((self.plot.left, at.1), Anchor::Start)
        } else {
            (at, anchor)
        }
    }

    fn padded(&self, area: Area) -> Area {
        Area {
            left: area.left - PADDING,
            top: area.top - PADDING,
            right: area.right + PADDING,
            bottom: area.bottom + PADDING,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Label, Placer};
    use crate::report::chart::geometry::Area;
    use crate::report::chart::palette::Ink;
    use crate::report::chart::sheet::{Face, Mark, Sheet};
    use crate::report::chart::text::Fonts;

    const PLOT: Area = Area { left: 0.0, top: 0.0, right: 300.0, bottom: 100.0 };

    fn label(words: &str) -> Label {
        Label::new(words, Face::LABEL, Ink::Title)
    }

    #[test]
    fn labels_at_the_same_point_do_not_overlap_and_one_too_many_is_dropped() {
        let (fonts, mut sheet) = (Fonts::bundled(), Sheet::new(300.0, 100.0));
        let mut placer = Placer::new(&fonts, PLOT);
        let placed = (0..5).filter(|_| placer.place(&mut sheet, &label("buffered").around((150.0, 50.0), 8.0))).count();
        assert_eq!(placed, 4);
        for (i, area) in placer.taken().iter().enumerate() {
            assert!(placer.taken()[..i].iter().all(|other| !area.meets(other)));
        }
    }

    #[test]
    fn a_label_moves_along_its_line_until_it_is_clear_of_it() {
        let (fonts, mut sheet) = (Fonts::bundled(), Sheet::new(300.0, 100.0));
        let mut placer = Placer::new(&fonts, PLOT);
        let line = [(0.0, 95.0), (60.0, 10.0), (100.0, 50.0), (300.0, 50.0)];
        placer.avoid_line(&line);
        assert!(placer.place(&mut sheet, &label("direct").along(&line, 0.2, 8.0)));
        let area = placer.taken()[0];
        assert!(line.windows(2).all(|pair| !area.crossed_by(pair[0], pair[1])));
    }

    #[test]
    fn at_the_right_edge_a_label_ends_at_the_edge() {
        let (fonts, mut sheet) = (Fonts::bundled(), Sheet::new(300.0, 100.0));
        let mut placer = Placer::new(&fonts, PLOT);
        assert!(placer.place(&mut sheet, &label("empty at +13 min").around((295.0, 50.0), 4.0)));
        let Mark::Text(text) = &sheet.marks[0] else { panic!("a label is a text") };
        assert_eq!(text.at.0, 300.0);
    }

    #[test]
    fn only_a_needed_label_may_cross_a_flat_line() {
        let (fonts, mut sheet) = (Fonts::bundled(), Sheet::new(300.0, 100.0));
        let mut placer = Placer::new(&fonts, PLOT);
        for y in 0..20 {
            placer.avoid_line(&[(0.0, f64::from(y) * 5.0), (300.0, f64::from(y) * 5.0)]);
        }
        assert!(!placer.place(&mut sheet, &label("secondary").around((100.0, 50.0), 8.0)));
        assert!(placer.place(&mut sheet, &label("direct").around((100.0, 50.0), 8.0).needed()));
    }
}
