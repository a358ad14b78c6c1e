//! index.html of two reports: what differs, first in the settings, then in the numbers, then in pictures.

use std::fmt::Write;

use super::Pair;
use super::markdown::reading;
use super::numbers::Row;
use crate::measure::findings::Design;
use crate::report::chart::Figure;
use crate::report::page::shell::{class_of, escape, figure, head};
use crate::report::results::VERSION;

/// The answers above everything else, by path.
const CARDS: [&str; 4] =
    ["orders.confirmed", "latency_s.all_offered.p50", "latency_s.all_offered.p99", "cost_usd.total"];
/// Files beside the page.
const FILES: [&str; 3] = ["comparison.json", "summary.md", "manifest.json"];

/// The page; without figures it says so.
pub fn page(pair: &Pair, figures: &[Figure]) -> String {
    let title = pair.title();
    let mut page = head(&title, &pair.verdict.headline, None, include_str!("page.css"));
    page.push_str("<body>\n<main>\n");
    page.push_str(&top(pair, &title));
    page.push_str(&settings(pair));
    page.push_str(&warnings(pair));
    if figures.is_empty() {
        page.push_str("<p class=\"sub\">This page was written without charts.</p>\n");
    }
    for drawn in figures {
        page.push_str(&figure(drawn, &drawn.title, &[drawn.description.as_str()]));
    }
    page.push_str(&table(pair));
    page.push_str(&foot(pair));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn top(pair: &Pair, title: &str) -> String {
    let mut out = format!(
        "<header>\n<p class=\"eyebrow\">{}</p>\n<ol class=\"sides\"><li><b>A</b> {}</li><li><b>B</b> {}</li></ol>\n<h1>",
        escape(title),
        escape(&pair.a.origin()),
        escape(&pair.b.origin())
    );
    for sentence in pair.verdict.headline.split_inclusive(". ") {
        let _ = write!(out, "<span>{}</span> ", escape(sentence.trim_end()));
    }
    out.push_str("</h1>\n");
    if !pair.verdict.lede.is_empty() {
        let _ = writeln!(out, "<p class=\"lede\">{}</p>", escape(&pair.verdict.lede));
    }
    out.push_str("<dl class=\"cards two\">\n");
    for path in CARDS {
        let rows: Vec<&Row> = pair.designs().iter().filter_map(|design| pair.row(*design, path)).collect();
        let Some(first) = rows.first() else { continue };
        let _ = write!(out, "<div><dt>{}</dt>", escape(first.number.label));
        for row in rows {
            let _ = write!(
                out,
                "<dd class=\"{}\"><b><span class=\"then\">{} →</span> {}</b> <span>{}</span> <span class=\"changed\">{}</span></dd>",
                class_of(row.design),
                escape(&row.words(row.a)),
                escape(&row.words(row.b)),
                row.design.name(),
                escape(&difference(row))
            );
        }
        out.push_str("</div>\n");
    }
    out.push_str("</dl>\n</header>\n");
    out
}

/// The difference, and what it is worth.
fn difference(row: &Row) -> String {
    match row.word() {
        "" => row.difference_words(),
        word => format!("{}, {word}", row.difference_words()),
    }
}

fn warnings(pair: &Pair) -> String {
    if pair.warnings.is_empty() {
        return String::new();
    }
    let lines: String = pair.warnings.iter().map(|words| format!("<li>{}</li>\n", escape(words))).collect();
    format!("<section>\n<h3>Before you compare</h3>\n<ul>\n{lines}</ul>\n</section>\n")
}

fn settings(pair: &Pair) -> String {
    if pair.settings.is_empty() {
        return "<section>\n<h2>No setting differs</h2>\n</section>\n".to_owned();
    }
    let heading = match pair.settings.len() {
        1 => "One setting differs".to_owned(),
        several => format!("{several} settings differ"),
    };
    let mut out = format!(
        "<section>\n<h2>{heading}</h2>\n<table class=\"settings\">\n<thead><tr><td></td><th scope=\"col\">A</th><th \
         scope=\"col\">B</th></tr></thead>\n<tbody>\n"
    );
    for setting in &pair.settings {
        let (a, b) = setting.words();
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td></tr>",
            escape(&setting.key).replace('.', ".<wbr>").replace('_', "_<wbr>"),
            escape(&a),
            escape(&b)
        );
    }
    out + "</tbody>\n</table>\n</section>\n"
}

fn table(pair: &Pair) -> String {
    let several = pair.a.whole.subject.replications > 1 || pair.b.whole.subject.replications > 1;
    let of = if several { "Every number is that of one run: the mean of its replications. " } else { "" };
    let mut out = format!(
        "<section>\n<h2>All numbers</h2>\n<p class=\"sub\">{of}Latency ranks all orders offered; one that is never confirmed \
         counts as never.</p>\n"
    );
    for design in pair.designs() {
        out.push_str(&design_table(pair, design));
    }
    if let Some(reading) = reading(pair) {
        let _ = writeln!(out, "<p class=\"sub\">{}</p>", escape(&reading));
    }
    out + "</section>\n"
}

fn design_table(pair: &Pair, design: Design) -> String {
    let mut out = format!(
        "<table class=\"pair\">\n<thead><tr><th scope=\"col\" class=\"{}\">{}</th><th scope=\"col\">A</th><th scope=\"col\">B</th>\
         <th scope=\"col\">B \u{2212} A</th></tr></thead>\n<tbody>\n",
        class_of(design),
        design.name()
    );
    for row in pair.rows.iter().filter(|row| row.design == design) {
        let tag = match row.word() {
            "" => String::new(),
            word => {
                let class = if word == "worse" { "tag worse" } else { "tag" };
                format!("<span class=\"{class}\">{word}</span>")
            }
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}{tag}</td></tr>",
            escape(row.number.label),
            escape(&row.words(row.a)),
            escape(&row.words(row.b)),
            escape(&row.difference_words())
        );
    }
    out + "</tbody>\n</table>\n"
}

fn foot(pair: &Pair) -> String {
    let links: Vec<String> = FILES.iter().map(|name| format!("<a href=\"{name}\">{name}</a>")).collect();
    format!(
        "<footer>\n<p>Beside this page: {}</p>\n<p>simulate {VERSION} · A {} · B {}<br>The same two results give the same bytes \
         on every machine.</p>\n</footer>\n",
        links.join(", "),
        escape(&pair.a.origin()),
        escape(&pair.b.origin())
    )
}
