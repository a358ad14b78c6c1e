//! Letters: widths for placing labels, outlines for painting them where no viewer does it.
//!
//! The bundled font is wide, wider than the system fonts a viewer will choose for an SVG, so a box measured here is
//! large enough there.

use crate::report::chart::sheet::{Anchor, Face, Text};
use ab_glyph::{Font, FontRef, Glyph, GlyphId, PxScale, point};

/// The bundled fonts.
pub struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Fonts {
    /// The fonts that come with the program.
    ///
    /// # Panics
    /// If the bundled files are no fonts.
    pub fn bundled() -> Fonts {
        let load = |bytes| FontRef::try_from_slice(bytes).expect("the bundled font is a font");
        Fonts { regular: load(dejavu::sans::regular()), bold: load(dejavu::sans::bold()) }
    }

    fn font(&self, face: Face) -> &FontRef<'static> {
        if face.bold { &self.bold } else { &self.regular }
    }

    /// The width of a text in px.
    pub fn width(&self, words: &str, face: Face) -> f64 {
        self.lay_out(words, face).1
    }

    /// Glyphs with their distance from the left end, and the width of the whole, in px.
    fn lay_out(&self, words: &str, face: Face) -> (Vec<(GlyphId, f64)>, f64) {
        let font = self.font(face);
        let per_unit = face.size / f64::from(font.units_per_em().unwrap_or(1000.0));
        let mut glyphs: Vec<(GlyphId, f64)> = Vec::new();
        let mut x = 0.0;
        for letter in words.chars() {
            let id = font.glyph_id(letter);
            if let Some((previous, _)) = glyphs.last() {
                x += f64::from(font.kern_unscaled(*previous, id)) * per_unit;
            }
            glyphs.push((id, x));
            x += f64::from(font.h_advance_unscaled(id)) * per_unit;
        }
        (glyphs, x)
    }

    /// The coverage of a text drawn at `k` times its size: calls `paint(x, y, coverage)` once per touched pixel of
    /// each glyph.
    pub fn rasterise(&self, text: &Text, k: f64, mut paint: impl FnMut(i32, i32, f64)) {
        let font = self.font(text.face);
        let (glyphs, width) = self.lay_out(&text.words, text.face);
        let left = match text.anchor {
            Anchor::Start => text.at.0,
            Anchor::Middle => text.at.0 - width / 2.0,
            Anchor::End => text.at.0 - width,
        };
        // A font's scale is the height from descender to ascender, ours the height of the em.
        let em = font.units_per_em().unwrap_or(1000.0);
        let scale = PxScale::from((text.face.size * k) as f32 * font.height_unscaled() / em);
        for (id, offset) in glyphs {
            let place = point(((left + offset) * k) as f32, (text.at.1 * k) as f32);
            let Some(outline) = font.outline_glyph(Glyph { id, scale, position: place }) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, coverage| {
                if coverage > 0.0 {
                    paint(corner.x as i32 + x as i32, corner.y as i32 + y as i32, f64::from(coverage).min(1.0));
                }
            });
        }
    }

    /// The text in as few lines as fit into `width` px, of about the same length.
    pub fn wrap(&self, words: &str, face: Face, width: f64) -> Vec<String> {
        let lines = self.fill(words, face, width);
        let balanced = (1..=10).rev().map(|tenth| self.fill(words, face, width * (0.45 + 0.055 * f64::from(tenth))));
        balanced.take_while(|balanced| balanced.len() == lines.len()).last().unwrap_or(lines)
    }

    /// The text in lines none of which is wider than `width` px (unless a single word is).
    fn fill(&self, words: &str, face: Face, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        // Splits at spaces only: a no-break space keeps a number and its unit together.
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), face) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::Fonts;
    use crate::report::chart::palette::Ink;
    use crate::report::chart::sheet::{Anchor, Face, Text};

    #[test]
    fn letters_stay_within_the_measured_width() {
        let fonts = Fonts::bundled();
        let words = "peak 28,499 at +3\u{a0}min".to_owned();
        let width = fonts.width(&words, Face::LABEL);
        let text =
            Text { words, at: (100.0, 50.0), anchor: Anchor::End, face: Face::LABEL, ink: Ink::Title, halo: true };
        let (mut left, mut right) = (i32::MAX, i32::MIN);
        fonts.rasterise(&text, 4.0, |x, _, _| {
            left = left.min(x);
            right = right.max(x);
        });
        assert!(f64::from(right) <= 400.0 && f64::from(left) >= (100.0 - width) * 4.0 - 1.0);
        assert!(f64::from(right - left) > width * 4.0 * 0.95);
    }

    #[test]
    fn wrapping_never_parts_a_number_from_its_unit() {
        let fonts = Fonts::bundled();
        let lines = fonts.wrap("it lasts 4\u{a0}min\u{a0}47\u{a0}s in all", Face::NOTE, 90.0);
        assert!(lines.len() > 1);
        assert!(lines.iter().any(|line| line.contains("4\u{a0}min\u{a0}47\u{a0}s")));
        assert_eq!(lines.join(" "), "it lasts 4\u{a0}min\u{a0}47\u{a0}s in all");
    }
}
