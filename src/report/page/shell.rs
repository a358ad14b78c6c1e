//! What every page of ours is made of: head, figures, escaping. No request.

use crate::measure::findings::Design;
use crate::report::chart::{Figure, page_style};

/// When the dark colours hold: never on paper.
const DARK: &str = "@media screen and (prefers-color-scheme:dark)";

/// Words as they stand between tags and in quoted attributes.
pub fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for letter in words.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Everything before the body: title, description, style; nothing from elsewhere is allowed in, and no script but the one
/// of this hash (SHA-256, in base64). `style` is what a page has of its own.
pub fn head(title: &str, description: &str, script: Option<&str>, style: &str) -> String {
    let scripts = script.map_or_else(String::new, |hash| format!(";script-src 'sha256-{hash}'"));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline';img-src \
         data:{scripts}\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<meta name=\"description\" content=\"{}\">\n\
         <style>\n{}{}{style}</style>\n</head>\n",
        escape(title),
        escape(description),
        page_style(DARK),
        include_str!("style.css")
    )
}

/// A chart with its heading, and paragraphs below it; those that are empty are left out.
pub fn figure(figure: &Figure, heading: &str, below: &[&str]) -> String {
    let paragraphs = below.iter().enumerate().filter(|(place, words)| *place == 0 || !words.is_empty());
    let caption: String = paragraphs.map(|(_, words)| format!("<p>{}</p>", escape(words))).collect();
    format!(
        "<section>\n<h2>{}</h2>\n<p class=\"sub\">{}</p>\n<figure>\n<div class=\"wide\">\n{}</div>\n<div class=\"narrow\">\n{}\
         </div>\n<figcaption>{caption}</figcaption>\n</figure>\n</section>\n",
        escape(heading),
        escape(&figure.subtitle),
        figure.wide,
        figure.narrow
    )
}

/// The class that gives a design's words its colour.
pub const fn class_of(design: Design) -> &'static str {
    match design {
        Design::Buffered => "b",
        Design::Direct => "d",
    }
}
