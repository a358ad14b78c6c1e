//! A sheet as SVG: ten times as large (plotters knows whole pixels only), then treated.
//!
//! The treatment keeps the view box and restores the size, drops what says nothing, exchanges marker colours for
//! dashes, and adds what plotters has no word for: a description for those who do not see the picture, halos, and the
//! colours on a dark ground.

use crate::report::chart::palette::Ink;
use crate::report::chart::pen::{Medium, Pen, marker};
use crate::report::chart::sheet::{Sheet, Stroke};
use crate::report::results::rounded;
use plotters::prelude::SVGBackend;
use std::fmt::Write;

/// Pixels per design unit.
const SCALE: f64 = 10.0;

/// The fonts asked of the viewer, as an attribute.
const FONTS: &str = "system-ui,-apple-system,'Segoe UI',Roboto,Inter,'Helvetica Neue',Arial,sans-serif";

/// What a picture says besides its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Of the file, and unique among the charts.
    pub name: &'static str,
    /// The finding.
    pub title: String,
    /// The quantity and its unit.
    pub subtitle: String,
    /// The figures behind it.
    pub description: String,
    /// What made the picture: program, seed, scenario.
    pub origin: String,
}

/// The sheet as the text of an SVG file.
pub fn write(sheet: &Sheet, words: &Words) -> String {
    let marks = marks(sheet);
    let id = words.name;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" width=\"{}\" height=\"{}\" {}<metadata>{}</metadata>\n<style>",
        sheet.width,
        sheet.height,
        head(sheet, id, words),
        escape(&words.origin)
    );
    // Scoped by the identifier, so that a page may hold several pictures. One colour per rule: see the palette.
    let (light, dark) = Ink::Background.light_and_dark();
    let _ = write!(
        svg,
        "#{id} text{{font-variant-numeric:tabular-nums;paint-order:stroke;stroke:#{light:06x};stroke-width:40px;\
         stroke-linejoin:round}}#{id} .plain{{stroke-width:0}}#{id} polyline{{stroke-linejoin:round}}\
         @media (prefers-color-scheme:dark){{#{id} text{{stroke:#{dark:06x}}}"
    );
    for (light, dark) in Ink::ALL.map(Ink::light_and_dark) {
        if marks.contains(&format!("\"#{light:06x}\"")) {
            let _ = write!(
                svg,
                "#{id} [fill=\"#{light:06x}\"]{{fill:#{dark:06x}}}#{id} [stroke=\"#{light:06x}\"]{{stroke:#{dark:06x}}}"
            );
        }
    }
    svg.push_str("}</style>\n");
    svg + &marks + "</svg>\n"
}

/// The sheet as an element of a page that brings the style of [`page_style`]. `suffix` makes its identifiers unique.
pub fn inline(sheet: &Sheet, words: &Words, suffix: &str) -> String {
    let id = format!("{}{suffix}", words.name);
    format!("<svg id=\"{id}\" {}{}{}</svg>\n", axis(sheet), head(sheet, &id, words), marks(sheet))
}

/// The horizontal axis, in the units of the view box, for a page's cross-hair.
fn axis(sheet: &Sheet) -> String {
    let Some(axis) = &sheet.axis else { return String::new() };
    let px = |at: f64| (at * SCALE).round();
    let plots: Vec<String> = axis.plots.iter().map(|(top, bottom)| format!("{} {}", px(*top), px(*bottom))).collect();
    let kind = if axis.logarithmic { "log" } else { "linear" };
    format!(
        "data-axis=\"{kind} {} {} {} {}\" data-plots=\"{}\" ",
        rounded(axis.ends.0),
        rounded(axis.ends.1),
        px(axis.sides.0),
        px(axis.sides.1),
        plots.join(",")
    )
}

/// The style that all drawings of a page share: two sets of colours as variables, and what each light colour maps to.
/// `dark` is the condition under which the second set holds.
pub fn page_style(dark: &str) -> String {
    let variables = |which: fn((u32, u32)) -> u32| -> String {
        Ink::ALL.iter().map(|ink| format!("--{}:#{:06x};", ink.name(), which(ink.light_and_dark()))).collect()
    };
    let mut style = format!(":root{{{}}}\n{dark}{{:root{{{}}}}}\n", variables(|both| both.0), variables(|both| both.1));
    style.push_str(
        "svg text{font-variant-numeric:tabular-nums;paint-order:stroke;stroke:var(--background);stroke-width:40px;\
         stroke-linejoin:round}svg .plain{stroke-width:0}svg polyline{stroke-linejoin:round}\n",
    );
    for ink in Ink::ALL {
        let ((light, _), name) = (ink.light_and_dark(), ink.name());
        let _ = write!(
            style,
            "[fill=\"#{light:06x}\"]{{fill:var(--{name})}}[stroke=\"#{light:06x}\"]{{stroke:var(--{name})}}"
        );
    }
    style.push('\n');
    style
}

/// View box, role and the words for those who do not see the picture: the rest of the root's tag, and what follows it.
fn head(sheet: &Sheet, id: &str, words: &Words) -> String {
    let (width, height) = pixels(sheet);
    let (title, description) = (escape(&words.title), escape(&words.description));
    format!(
        "viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         font-family=\"{FONTS}\">\n\
         <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{description}</desc>\n"
    )
}

fn pixels(sheet: &Sheet) -> (u32, u32) {
    ((sheet.width * SCALE).round() as u32, (sheet.height * SCALE).round() as u32)
}

/// The marks, one element a line.
fn marks(sheet: &Sheet) -> String {
    let mut raw = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut raw, pixels(sheet));
        Pen::new(&mut backend, SCALE, Medium::Written).draw(sheet);
    }
    let mut svg = String::new();
    // The first line is the root element, which is written anew.
    let mut lines = raw.lines().skip(1).take_while(|line| !line.starts_with("</svg"));
    let mut texts = sheet.texts();
    while let Some(line) = lines.next() {
        if line.starts_with("<text") {
            let plain = texts.next().is_some_and(|text| !text.halo);
            let line = &if plain { line.replace("<text", "<text class=\"plain\"") } else { line.to_owned() };
            let content = lines.next().unwrap_or_default();
            svg.push_str(&lean(line));
            svg.push_str(content);
            svg.push_str(lines.next().unwrap_or_default());
        } else {
            svg.push_str(&lean(line));
        }
        svg.push('\n');
    }
    for (from, to) in exchanges() {
        svg = svg.replace(&from, &to);
    }
    svg
}

/// A tag without the attributes that say nothing, sizes and positions as whole numbers.
fn lean(tag: &str) -> String {
    let mut tag = tag.to_owned();
    for nothing in [
        " opacity=\"1\"",
        " stroke=\"none\"",
        " dy=\"0.76em\"",
        " text-anchor=\"start\"",
        " font-family=\"sans-serif\"",
    ] {
        tag = tag.replace(nothing, "");
    }
    tag = tag.replace(" \"/>", "\"/>");
    let Some((before, rest)) = tag.split_once("font-size=\"") else { return tag };
    let Some((size, after)) = rest.split_once('"') else { return tag };
    let size = size.parse::<f64>().unwrap_or(0.0).round();
    // The heading and the one big number are bold, all other strong text semi-bold.
    let weight = if size >= 200.0 { "700" } else { "600" };
    let after = after.replace("font-weight=\"bold\"", &format!("font-weight=\"{weight}\""));
    format!("{before}font-size=\"{size}\"{after}")
}

/// Marker colours to dashes, and every colour to the small letters that the style sheet uses.
fn exchanges() -> Vec<(String, String)> {
    let mut exchanges = Vec::new();
    for ink in Ink::ALL {
        let light = ink.light_and_dark().0;
        exchanges.push((format!("\"#{light:06X}\""), format!("\"#{light:06x}\"")));
        for stroke in Stroke::BROKEN {
            let Some((on, off)) = stroke.pattern() else { continue };
            let (red, green, blue) = marker(ink, stroke);
            let cap = if stroke == Stroke::Dots { " stroke-linecap=\"round\"" } else { "" };
            exchanges.push((
                format!("stroke=\"#{red:02X}{green:02X}{blue:02X}\""),
                format!("stroke=\"#{light:06x}\" stroke-dasharray=\"{} {}\"{cap}", on * SCALE, off * SCALE),
            ));
        }
    }
    exchanges
}

/// Words as they stand between tags.
fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
