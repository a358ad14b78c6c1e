//! Rectangles, and lines read at a place.

use crate::report::chart::sheet::Point;

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Its left edge.
    pub left: f64,
    /// Its upper edge.
    pub top: f64,
    /// Its right edge.
    pub right: f64,
    /// Its lower edge.
    pub bottom: f64,
}

impl Area {
    /// Whether they share a point.
    pub fn meets(&self, other: &Area) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether it lies within another.
    pub fn within(&self, outer: &Area) -> bool {
        self.left >= outer.left && self.right <= outer.right && self.top >= outer.top && self.bottom <= outer.bottom
    }

    /// Whether a piece of a line passes through (Liang and Barsky).
    pub fn crossed_by(&self, from: Point, to: Point) -> bool {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (step, room) in
            [(-dx, from.0 - self.left), (dx, self.right - from.0), (-dy, from.1 - self.top), (dy, self.bottom - from.1)]
        {
            if step == 0.0 {
                if room < 0.0 {
                    return false;
                }
            } else if step < 0.0 {
                enter = enter.max(room / step);
            } else {
                leave = leave.min(room / step);
            }
        }
        enter < leave
    }
}

/// The point of a line at a certain x (the first one, where the line is vertical).
pub fn height_at(line: &[Point], x: f64) -> Point {
    for pair in line.windows(2) {
        if pair[1].0 >= x && pair[1].0 > pair[0].0 {
            let share = ((x - pair[0].0) / (pair[1].0 - pair[0].0)).clamp(0.0, 1.0);
            return (x, pair[0].1 + (pair[1].1 - pair[0].1) * share);
        }
    }
    line.last().copied().unwrap_or((x, 0.0))
}

/// The longest stretch over which two lines are well apart, or only one of them exists: from and to in px.
pub fn stretch_apart(one: &[Point], other: &[Point]) -> Option<(f64, f64)> {
    let ends = |line: &[Point]| Some((line.first()?.0, line.last()?.0));
    let (one_ends, other_ends) = (ends(one)?, ends(other)?);
    let (from, to) = (one_ends.0.min(other_ends.0), one_ends.1.max(other_ends.1));
    let mut best: Option<(f64, f64)> = None;
    let mut began: Option<f64> = None;
    let mut x = from;
    while x <= to {
        let both = x <= one_ends.1 && x <= other_ends.1;
        let apart = both && (height_at(one, x).1 - height_at(other, x).1).abs() > 4.0;
        began = if apart { began.or(Some(x)) } else { None };
        if let Some(start) = began
            && best.is_none_or(|(from, to)| x - start > to - from)
        {
            best = Some((start, x));
        }
        x += 2.0;
    }
    best
}

/// The part of a line between two x.
pub fn between(line: &[Point], from: f64, to: f64) -> Vec<Point> {
    let mut part = vec![height_at(line, from)];
    part.extend(line.iter().filter(|point| point.0 > from && point.0 < to));
    part.push(height_at(line, to));
    part
}

#[cfg(test)]
mod tests {
    use super::{Area, between, height_at, stretch_apart};

    #[test]
    fn heights_are_read_between_the_corners() {
        assert_eq!(height_at(&[(0.0, 0.0), (10.0, 20.0)], 5.0), (5.0, 10.0));
        assert_eq!(height_at(&[(0.0, 0.0), (0.0, 9.0), (10.0, 9.0)], 5.0), (5.0, 9.0));
    }

    #[test]
    fn two_lines_part_where_their_heights_differ() {
        let one = [(0.0, 50.0), (40.0, 50.0), (40.0, 10.0), (80.0, 10.0), (80.0, 50.0), (100.0, 50.0)];
        let other = [(0.0, 50.0), (100.0, 50.0)];
        assert_eq!(stretch_apart(&one, &other), Some((42.0, 80.0)));
        assert_eq!(stretch_apart(&other, &other), None);
        assert_eq!(between(&other, 20.0, 30.0), [(20.0, 50.0), (30.0, 50.0)]);
    }

    #[test]
    fn a_line_crosses_an_area_only_if_it_passes_through() {
        let area = Area { left: 10.0, top: 10.0, right: 20.0, bottom: 20.0 };
        assert!(area.crossed_by((0.0, 0.0), (30.0, 30.0)));
        assert!(area.crossed_by((15.0, 0.0), (15.0, 12.0)));
        assert!(!area.crossed_by((0.0, 0.0), (30.0, 5.0)));
        assert!(!area.crossed_by((0.0, 15.0), (9.0, 15.0)));
    }
}
