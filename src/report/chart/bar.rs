//! One bar made of parts that add up: every part is seen, and has its words in it or below it.

use crate::report::chart::labels;
use crate::report::chart::palette::Ink;
use crate::report::chart::sheet::{Anchor, Face, Sheet};
use crate::report::chart::text::Fonts;

/// No part is narrower, however little it stands for.
const LEAST: f64 = 2.5;
/// Between two parts.
const GAP: f64 = 1.5;
/// From a bar to the first label below it, and from there to the next.
const BELOW: f64 = 21.0;
const ROW: f64 = 18.0;

/// How a part is filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    /// With a colour, and words on it in another.
    Plain(Ink, Ink),
    /// Hatched: not confirmed, or for nothing.
    Hatched,
}

/// One part of a bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// How much of the whole, in the unit of the whole.
    pub amount: f64,
    /// Its words on one line, and on two.
    pub words: String,
    /// The same on two lines.
    pub two: [String; 2],
    /// How it is filled.
    pub fill: Fill,
}

/// A part and its two ends.
struct Placed<'a> {
    part: &'a Part,
    left: f64,
    right: f64,
}

/// Where a bar lies: its two ends, its upper end and its height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its left end.
    pub left: f64,
    /// Its right end.
    pub right: f64,
    /// Its upper end.
    pub top: f64,
    /// How high it is.
    pub high: f64,
}

/// Draws a bar of `whole` from its parts, in their order; returns the lowest line of it.
pub fn bar(sheet: &mut Sheet, fonts: &Fonts, place: Place, whole: f64, parts: &[Part]) -> f64 {
    let bottom = place.top + place.high;
    if parts.is_empty() {
        sheet.rectangle((place.left, place.top), (place.right, bottom), Ink::Band);
    }
    let mut below = Vec::new();
    for placed in spread(place, whole, parts) {
        fill(sheet, &placed, place.top, bottom);
        if !label_inside(sheet, fonts, &placed, place) {
            below.push(placed);
        }
    }
    labels_below(sheet, fonts, (place.left, place.right), bottom, &below)
}

/// The parts of a bar from left to right; the small ones are widened at the cost of the others.
fn spread(place: Place, whole: f64, parts: &[Part]) -> Vec<Placed<'_>> {
    let span = place.right - place.left;
    let width = |part: &Part| part.amount / whole * span;
    let small = |part: &Part| width(part) < LEAST;
    let spent = LEAST * parts.iter().filter(|part| small(part)).count() as f64;
    let large: f64 = parts.iter().filter(|part| !small(part)).map(width).sum();
    let scale = (span - spent) / large.max(1.0);
    let mut at = place.left;
    let placed = |part| {
        let left = at;
        at += if small(part) { LEAST } else { width(part) * scale };
        Placed { part, left, right: at }
    };
    parts.iter().map(placed).collect()
}

fn fill(sheet: &mut Sheet, placed: &Placed, top: f64, bottom: f64) {
    let narrow = placed.right - placed.left <= LEAST + GAP;
    let right = if narrow { placed.right } else { placed.right - GAP };
    let ink = match placed.part.fill {
        Fill::Plain(ink, _) => ink,
        Fill::Hatched if narrow => Ink::Axis,
        Fill::Hatched => Ink::Band,
    };
    sheet.rectangle((placed.left, top), (right, bottom), ink);
    if ink == Ink::Band {
        sheet.hatch(&[(placed.left, top), (right, top)], bottom);
    }
}

/// Writes a part's label into it, in one line or two; tells whether there is room.
fn label_inside(sheet: &mut Sheet, fonts: &Fonts, placed: &Placed, place: Place) -> bool {
    let (one, two) = (vec![placed.part.words.clone()], placed.part.two.to_vec());
    let middle = place.high / 2.0;
    let mut sets = vec![(one, Face::LABEL, middle + 5.0)];
    if place.high >= 36.0 {
        sets.push((two, Face::STRONG_TICK, middle - 3.0));
    }
    let room = placed.right - placed.left - 20.0;
    let fits = |lines: &[String], face| lines.iter().all(|line| fonts.width(line, face) <= room);
    let Some((lines, face, first)) = sets.into_iter().find(|(lines, face, _)| fits(lines, *face)) else { return false };
    let (ink, on_fill) = match placed.part.fill {
        Fill::Plain(_, on) => (on, true),
        Fill::Hatched => (Ink::Title, false),
    };
    for (i, line) in lines.iter().enumerate() {
        let at = (placed.left + 10.0, place.top + first + 15.0 * i as f64);
        sheet.text(line, at, Anchor::Start, face, ink);
        labels::without_halo(sheet, on_fill);
    }
    true
}

/// A label under a bar: what it says, the middle of its part, and its two ends.
struct Below<'a> {
    words: &'a str,
    x: f64,
    from: f64,
    to: f64,
}

/// Labels under a bar, each on its own line and led to by a thin line from its part. Labels that stand left of their line
/// go from left to right, those that stand right of it from right to left, so that lines cross no label of their own
/// kind; which kind comes first is tried out.
fn labels_below(sheet: &mut Sheet, fonts: &Fonts, (left, right): (f64, f64), bottom: f64, parts: &[Placed]) -> f64 {
    fn below<'a>(fonts: &Fonts, (left, right): (f64, f64), placed: &Placed<'a>) -> Below<'a> {
        let (words, x) = (placed.part.words.as_str(), (placed.left + placed.right) / 2.0);
        let width = fonts.width(words, Face::NOTE);
        let from = if x - 6.0 - width >= left { x - 6.0 - width } else { (x + 6.0).min(right - width) };
        Below { words, x, from, to: from + width }
    }
    let labels = parts.iter().map(|placed| below(fonts, (left, right), placed));
    let (behind, before): (Vec<Below>, Vec<Below>) = labels.partition(|label| label.to < label.x);
    let crossings = |order: &[&Below]| {
        let crossed = |(i, label): (usize, &&Below)| {
            order[..i].iter().filter(|earlier| earlier.from < label.x && label.x < earlier.to).count()
        };
        order.iter().enumerate().map(crossed).sum::<usize>()
    };
    let before_first: Vec<&Below> = before.iter().rev().chain(&behind).collect();
    let behind_first: Vec<&Below> = behind.iter().chain(before.iter().rev()).collect();
    let order = if crossings(&before_first) <= crossings(&behind_first) { before_first } else { behind_first };
    let baseline = |i: usize| bottom + BELOW + ROW * i as f64;
    // All lines first: where one cannot but pass a label, it passes behind it.
    for (i, label) in order.iter().enumerate() {
        sheet.line(vec![(label.x, bottom + 2.0), (label.x, baseline(i))], Ink::Axis, 1.0);
    }
    for (i, label) in order.iter().enumerate() {
        sheet.text(label.words, (label.from, baseline(i)), Anchor::Start, Face::NOTE, Ink::Note);
    }
    if order.is_empty() { bottom } else { baseline(order.len() - 1) }
}

#[cfg(test)]
mod tests {
    use super::{Fill, LEAST, Part, Place, bar, spread};
    use crate::report::chart::palette::Ink;
    use crate::report::chart::sheet::Sheet;
    use crate::report::chart::text::Fonts;

    const PLACE: Place = Place { left: 10.0, right: 310.0, top: 0.0, high: 40.0 };

    fn part(amount: f64) -> Part {
        let words = "12 words".to_owned();
        Part {
            amount,
            two: ["12".to_owned(), "words".to_owned()],
            words,
            fill: Fill::Plain(Ink::Buffered, Ink::OnDark),
        }
    }

    #[test]
    fn a_small_part_is_seen_and_the_whole_is_kept() {
        let parts = [part(99_997.0), part(1.0), part(2.0)];
        let placed = spread(PLACE, 100_000.0, &parts);
        assert!(placed.iter().all(|placed| placed.right - placed.left >= LEAST - 1e-9));
        assert!((placed[2].right - PLACE.right).abs() < 1e-6 && placed[0].left == PLACE.left);
        assert!(placed.windows(2).all(|pair| pair[0].right == pair[1].left));
    }

    #[test]
    fn every_part_has_its_words_once_inside_or_below() {
        let (fonts, mut sheet) = (Fonts::bundled(), Sheet::new(320.0, 200.0));
        let parts = [part(60.0), part(39.0), part(0.5), part(0.5)];
        let lowest = bar(&mut sheet, &fonts, PLACE, 100.0, &parts);
        assert_eq!(sheet.texts().filter(|text| text.words == "12 words").count(), 4);
        assert_eq!(lowest, 40.0 + 21.0 + 18.0, "two of them below");
    }
}
