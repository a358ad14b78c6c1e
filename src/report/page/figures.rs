//! The charts on the page, each with how to read it and the numbers behind it.

use super::behind::{Stands, table};
use super::escape;
use super::top::hero_heading;
use crate::report::bottleneck;
use crate::report::chart::Figure;
use crate::report::spent;
use crate::report::subject::Report;
use std::fmt::Write;

/// How to read a chart.
fn reading(name: &str) -> &'static str {
    match name {
        "timeline" => {
            "Read downwards, at one moment: what arrives and is confirmed, what waits, what runs, what is lost. All four stand \
             over the same time."
        }
        "confirmed-within" => {
            "Read it as: of all orders, how many were confirmed after this long? An order that is never confirmed holds its \
             design\u{2019}s line down for good."
        }
        "outcomes" => "Every order ends in exactly one part of its bar.",
        "waiting" => {
            "A queue can keep a message for days. Where the task behind it gives up earlier, the message is delivered all the \
             same, and the work is done for nobody."
        }
        "percentiles" => {
            "Percentiles rank all orders offered; one that was never confirmed ranks last. The axis stretches the tail: each \
             step to the right holds a tenth of the orders of the step before it."
        }
        "stages" => {
            "Only orders that were answered have stages; they add up to the latency. Where waiting is the longest part, more \
             room helps and faster code does not."
        }
        "attempts" => {
            "An attempt counts if its answer ended its order; else it was work for nothing. An order that is tried often may \
             still end well."
        }
        _ => "",
    }
}

/// What the page calls a chart in its list of contents.
pub fn short(name: &str) -> &str {
    match name {
        "timeline" => "What happened",
        "confirmed-within" => "Time to confirmation",
        "outcomes" => "Where the orders ended",
        "waiting" => "Oldest message",
        "percentiles" => "Percentiles",
        "stages" => "Where the time goes",
        "attempts" => "Attempts",
        other => other,
    }
}

/// A chart with its words and its numbers.
pub fn figure(report: &Report, figure: &Figure) -> String {
    let name = figure.name;
    let own = (name == "timeline").then(|| hero_heading(report));
    let heading = own.as_deref().unwrap_or(&figure.title);
    let mut out = format!(
        "<section id=\"{name}\">\n<h2>{}</h2>\n<p class=\"sub\">{}</p>\n<figure data-chart=\"{name}\">\n<div \
         class=\"wide\">\n{}</div>\n<div class=\"narrow\">\n{}</div>\n<figcaption>",
        escape(heading),
        escape(&figure.subtitle),
        figure.wide,
        figure.narrow
    );
    for words in paragraphs(report, figure) {
        let _ = write!(out, "<p>{}</p>", escape(&words));
    }
    out.push_str("</figcaption>\n</figure>\n");
    out.push_str(&table(name, report, Stands::Behind));
    out.push_str("</section>\n");
    out
}

/// The caption: how to read it, then what it shows. Panels carry their own findings as titles.
fn paragraphs(report: &Report, figure: &Figure) -> Vec<String> {
    let mut said = vec![reading(figure.name).to_owned()];
    match figure.name {
        "timeline" => said.push(bottleneck::heading(report) + "."),
        // What these show in so many words is in their drawing and in the table behind it.
        "stages" => {}
        "attempts" => {
            said.extend(report.findings.designs.iter().map(spent::attempts_sentence));
        }
        _ => said.push(figure.description.clone()),
    }
    said.retain(|words| !words.is_empty());
    said
}
