//! Puts the marks of a sheet on a plotters back end, whichever it is.
//!
//! plotters knows whole pixels, whole lines and no halo. A back end that writes marks down (SVG) gets broken lines in
//! marker colours, to be exchanged for real dashes afterwards, and its viewer sets the text. A back end that paints
//! (a bitmap) gets the pieces of a broken line one by one, and its letters glyph by glyph at fractional positions.

use crate::report::chart::palette::Ink;
use crate::report::chart::sheet::{Anchor, Mark, Point, Sheet, Stroke, Text};
use crate::report::chart::text::Fonts;
use plotters::backend::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};

/// What the back end leaves to us.
pub enum Medium<'a> {
    /// It records marks; a viewer sets text and dashes.
    Written,
    /// It paints pixels; text and dashes are ours.
    Painted(&'a Fonts),
}

/// A pen over one back end.
pub struct Pen<'a, DB: DrawingBackend> {
    backend: &'a mut DB,
    scale: f64,
    medium: Medium<'a>,
}

/// Why no call below can fail.
const IN_MEMORY: &str = "the back ends draw into memory";

/// The colour that stands for a broken line in `ink` until the strokes are written out.
pub fn marker(ink: Ink, stroke: Stroke) -> (u8, u8, u8) {
    let pattern = Stroke::BROKEN.iter().position(|broken| *broken == stroke).map_or(0, |index| index + 1);
    // No ink has so little red beside so little green, so a marker is never mistaken for one.
    (1, pattern as u8, ink as u8)
}

impl<'a, DB: DrawingBackend> Pen<'a, DB> {
    /// A pen that draws one design unit `scale` pixels large.
    pub fn new(backend: &'a mut DB, scale: f64, medium: Medium<'a>) -> Self {
        Pen { backend, scale, medium }
    }

    /// Draws every mark, the first at the bottom, and finishes the picture.
    pub fn draw(&mut self, sheet: &Sheet) {
        let (right, bottom) = self.pixel((sheet.width, sheet.height));
        self.backend.draw_rect((0, 0), (right, bottom), &shape(Ink::Background.rgb(), 1), true).expect(IN_MEMORY);
        for mark in &sheet.marks {
            match mark {
                Mark::Line { points, ink, width, stroke } => self.line(points, *ink, *width, *stroke),
                Mark::Area { points, ink } => {
                    let points: Vec<(i32, i32)> = points.iter().map(|point| self.pixel(*point)).collect();
                    self.backend.fill_polygon(points, &shape(ink.rgb(), 1)).expect(IN_MEMORY);
                }
                Mark::Disc { centre, radius, ink } => {
                    let (centre, radius) = (self.pixel(*centre), self.length(*radius));
                    self.backend.draw_circle(centre, radius, &shape(ink.rgb(), 1), true).expect(IN_MEMORY);
                }
                Mark::Text(text) => self.text(text),
            }
        }
        self.backend.present().expect(IN_MEMORY);
    }

    fn pixel(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    fn length(&self, length: f64) -> u32 {
        (length * self.scale).round().max(1.0) as u32
    }

    fn line(&mut self, points: &[Point], ink: Ink, width: f64, stroke: Stroke) {
        match (&self.medium, stroke.pattern()) {
            (_, None) => self.path(points, ink.rgb(), width),
            (Medium::Written, Some(_)) => self.path(points, marker(ink, stroke), width),
            (Medium::Painted(_), Some(_)) if stroke == Stroke::Dots => {
                for piece in pieces(points, (0.0, 4.6)) {
                    let (centre, radius) = (self.pixel(piece[0]), self.length(width / 2.0));
                    self.backend.draw_circle(centre, radius, &shape(ink.rgb(), 1), true).expect(IN_MEMORY);
                }
            }
            (Medium::Painted(_), Some(pattern)) => {
                for piece in pieces(points, pattern) {
                    self.path(&piece, ink.rgb(), width);
                }
            }
        }
    }

    fn path(&mut self, points: &[Point], rgb: (u8, u8, u8), width: f64) {
        let mut corners: Vec<(i32, i32)> = points.iter().map(|point| self.pixel(*point)).collect();
        corners.dedup();
        if corners.len() < 2 {
            return;
        }
        let style = shape(rgb, self.length(width));
        match &self.medium {
            Medium::Written => self.backend.draw_path(corners, &style).expect(IN_MEMORY),
            Medium::Painted(_) => {
                let radius = self.length(width / 2.0);
                for (i, piece) in blunt(&corners).into_iter().enumerate() {
                    if i > 0 {
                        self.backend.draw_circle(piece[0], radius, &style, true).expect(IN_MEMORY);
                    }
                    self.backend.draw_path(piece.iter().copied(), &style).expect(IN_MEMORY);
                }
            }
        }
    }

    fn text(&mut self, text: &Text) {
        match &self.medium {
            Medium::Written => {
                let h_pos = match text.anchor {
                    Anchor::Start => HPos::Left,
                    Anchor::Middle => HPos::Center,
                    Anchor::End => HPos::Right,
                };
                // The SVG back end divides sizes by 1.24.
                let font = ("sans-serif", text.face.size * self.scale * 1.24);
                let font = if text.face.bold { (font.0, font.1, "bold").into_font() } else { font.into_font() };
                let ink = colour(text.ink.rgb());
                let style = TextStyle::from(font).color(&ink);
                let at = self.pixel(text.at);
                self.backend.draw_text(&text.words, &style.pos(Pos::new(h_pos, VPos::Top)), at).expect(IN_MEMORY)
            }
            Medium::Painted(fonts) => paint_text(self.backend, fonts, text, self.scale),
        }
    }
}

/// Letters with a halo in the colour of the ground, so that they read on lines and hatching.
fn paint_text<DB: DrawingBackend>(backend: &mut DB, fonts: &Fonts, text: &Text, scale: f64) {
    let (halo, ink) = (colour(Ink::Background.rgb()), colour(text.ink.rgb()));
    let mut coverage: Vec<(i32, i32, f64)> = Vec::new();
    fonts.rasterise(text, scale, |x, y, share| coverage.push((x, y, share)));
    for turn in 0..if text.halo { 16 } else { 0 } {
        let angle = f64::from(turn) * std::f64::consts::TAU / 16.0;
        let (dx, dy) = (libm::cos(angle) * 2.0 * scale, libm::sin(angle) * 2.0 * scale);
        let (dx, dy) = (dx.round() as i32, dy.round() as i32);
        for (x, y, share) in &coverage {
            backend.draw_pixel((x + dx, y + dy), halo.mix(*share).to_backend_color()).expect(IN_MEMORY);
        }
    }
    for (x, y, share) in &coverage {
        backend.draw_pixel((*x, *y), ink.mix(*share).to_backend_color()).expect(IN_MEMORY);
    }
}

fn colour((red, green, blue): (u8, u8, u8)) -> RGBColor {
    RGBColor(red, green, blue)
}

fn shape(rgb: (u8, u8, u8), stroke_width: u32) -> ShapeStyle {
    ShapeStyle { color: colour(rgb).to_rgba(), filled: true, stroke_width }
}

/// A line in pieces without sharp corners: a bitmap back end would draw the point of such a corner out to where nothing
/// is. The pieces meet at the corners, where a round dot joins them.
fn blunt(corners: &[(i32, i32)]) -> Vec<&[(i32, i32)]> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for (i, three) in corners.windows(3).enumerate() {
        let step = |a: (i32, i32), b: (i32, i32)| (i64::from(b.0 - a.0), i64::from(b.1 - a.1));
        let (one, other) = (step(three[0], three[1]), step(three[1], three[2]));
        if one.0 * other.0 + one.1 * other.1 < 0 {
            pieces.push(&corners[from..=i + 1]);
            from = i + 1;
        }
    }
    pieces.push(&corners[from..]);
    pieces
}

/// The pieces of a broken line; the pattern runs on around corners. A piece of length zero is a single point.
fn pieces(points: &[Point], (on, off): (f64, f64)) -> Vec<Vec<Point>> {
    let mut pieces = vec![vec![points[0]]];
    let (mut drawing, mut left) = (true, on);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let mut length = (dx * dx + dy * dy).sqrt();
        while length > left {
            let share = left / length;
            from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            length -= left;
            match (drawing, pieces.last_mut()) {
                (true, Some(piece)) => piece.push(from),
                _ => pieces.push(vec![from]),
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
        left -= length;
        if let (true, Some(piece)) = (drawing, pieces.last_mut()) {
            piece.push(to);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{blunt, marker, pieces};
    use crate::report::chart::palette::Ink;
    use crate::report::chart::sheet::Stroke;

    #[test]
    fn dashes_run_on_around_a_corner() {
        let pieces = pieces(&[(0.0, 0.0), (8.0, 0.0), (8.0, 8.0)], (6.0, 4.0));
        assert_eq!(pieces, vec![vec![(0.0, 0.0), (6.0, 0.0)], vec![(8.0, 2.0), (8.0, 8.0)]]);
    }

    #[test]
    fn a_line_is_taken_apart_at_sharp_corners_only() {
        let line = [(0, 0), (5, 0), (5, 5), (6, 0), (9, 0)];
        assert_eq!(blunt(&line), [&line[..3], &line[2..]]);
        assert_eq!(blunt(&line[..2]), [&line[..2]]);
    }

    #[test]
    fn no_marker_is_the_colour_of_an_ink_or_of_another_marker() {
        let mut seen: Vec<(u8, u8, u8)> = Ink::ALL.iter().map(|ink| ink.rgb()).collect();
        for ink in Ink::ALL {
            seen.extend(Stroke::BROKEN.iter().map(|stroke| marker(ink, *stroke)));
        }
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all);
    }
}
