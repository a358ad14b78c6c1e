//! What stands below the charts: limits, attempts, what-ifs, money, all numbers, checks, notes, words, the scenario.

use super::behind::{Stands, table};
use super::{class_of, escape, figures::short};
use crate::measure::findings::CostFindings;
use crate::report::chart::Figure;
use crate::report::faults::sentences;
use crate::report::markdown::made_by;
use crate::report::rows::{doubt, reading as reading_of_several, rows, with_doubt};
use crate::report::subject::Report;
use crate::report::words::{capitalised, count, duration_s, short_hash, usd};
use crate::report::{beside, bottleneck, little, spent};
use std::fmt::Write;

/// Files beside the page.
const FILES: [&str; 6] =
    ["results.json", "timeline.csv", "percentiles.csv", "summary.md", "scenario.resolved.toml", "manifest.json"];

/// Words of this page, as they are meant here.
const GLOSSARY: [(&str, &str); 14] = [
    (
        "buffered",
        "Step Functions puts the order on an SQS queue and waits for a callback; Lambda takes orders from the queue when it has room.",
    ),
    ("direct", "Step Functions invokes the function and waits for its answer, retrying when it is refused."),
    ("confirmed", "The answer said success before the task gave up. Only this counts as success."),
    ("declined", "A business answer: out of stock. Neither confirmed nor lost."),
    ("failed", "The task ended in an error, its retries spent."),
    (
        "timed out",
        "Step Functions stopped waiting. The message may still be delivered afterwards, and the work done for nobody.",
    ),
    ("refused", "StartExecution was throttled until the caller\u{2019}s tries were spent: the order never came in."),
    ("lost", "Failed, timed out or refused."),
    ("backlog", "Messages that are visible in the queue: neither delayed nor being worked on."),
    ("in the way", "A limit was used up while work waited for it."),
    ("throttled", "An invocation was refused because no concurrency was left."),
    (
        "visibility timeout",
        "How long a message that was received stays hidden; if it is not deleted by then, it is delivered again.",
    ),
    ("wasted", "An attempt whose answer ended no order, and what it cost."),
    (
        "p99, all offered",
        "99 of 100 orders offered were confirmed within this time; an order never confirmed counts as never.",
    ),
];

/// A part of a bill.
type Amount = fn(&CostFindings) -> Option<f64>;

/// A section with a heading.
fn section(id: &str, heading: &str, body: &str) -> String {
    format!("<section id=\"{id}\">\n<h2>{}</h2>\n{body}</section>\n", escape(heading))
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("<li>{item}</li>\n")).collect()
}

/// The head of a table with a column for each design.
fn design_head(report: &Report, first: &str) -> String {
    let mut out = format!("<table>\n<thead><tr><td>{first}</td>");
    for found in &report.findings.designs {
        let _ = write!(out, "<th scope=\"col\" class=\"{}\">{}</th>", class_of(found.design), found.design.name());
    }
    out + "</tr></thead>\n<tbody>\n"
}

/// Which limit was the bottleneck, with its evidence, and every limit with when it was in the way.
pub fn limits(report: &Report) -> String {
    if report.findings.designs.iter().all(|found| found.limits.is_empty()) {
        return String::new();
    }
    let mut body =
        "<p class=\"sub\">A limit is in the way while it is used up and work waits for it; what waits meanwhile is what it \
         costs.</p>\n"
            .to_owned();
    for found in &report.findings.designs {
        let _ = writeln!(body, "<p>{}</p>", escape(&bottleneck::sentence(report, found)));
    }
    body.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"All limits\"><table class=\"limits\">\n<thead><tr><th \
         scope=\"col\">limit</th><th scope=\"col\">most used</th><th scope=\"col\">in the way for</th><th \
         scope=\"col\">from</th><th scope=\"col\">to</th><th scope=\"col\">waiting it cost</th></tr></thead>\n<tbody>\n",
    );
    let at = |at: Option<f64>| at.map_or_else(|| "–".to_owned(), |at| bottleneck::moment(report, at));
    for found in &report.findings.designs {
        let (class, design) = (class_of(found.design), found.design.name());
        for limit in &found.limits {
            let bound = limit.bound_s > 0.0;
            let _ = writeln!(
                body,
                "<tr{}><th scope=\"row\"><span class=\"{class}\">{design}</span> <code>{}</code></th><td>{} of \
                 {}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                if bound { " class=\"bound\"" } else { "" },
                limit.name,
                count(limit.peak_use.round() as u64),
                count(limit.limit as u64),
                if bound { duration_s(limit.bound_s) } else { "never".to_owned() },
                at(limit.first_bound_at_s),
                at(limit.last_bound_at_s),
                if limit.cost_s > 0.0 { duration_s(limit.cost_s) } else { "–".to_owned() }
            );
        }
    }
    body.push_str("</tbody>\n</table></div>\n");
    section("limits", &bottleneck::heading(report), &body)
}

/// Stages and attempts where no chart of that name shows them.
pub fn without_charts(report: &Report, figures: &[Figure]) -> String {
    let missing = |name: &str| figures.iter().all(|figure| figure.name != name);
    let mut out = String::new();
    let stages = if missing("stages") { table("stages", report, Stands::Alone) } else { String::new() };
    if !stages.is_empty() {
        let sub =
            "<p class=\"sub\">Orders that were answered; the means of the stages add up to the mean latency.</p>\n";
        out.push_str(&section("stages", "Where the time goes", &format!("{sub}{stages}")));
    }
    if missing("attempts") && spent::worked(report) {
        let said = list(report.findings.designs.iter().map(|found| escape(&spent::attempts_sentence(found))));
        let body = format!("<ul>\n{said}</ul>\n{}", table("attempts", report, Stands::Alone));
        out.push_str(&section("attempts", &spent::attempts_heading(report), &body));
    }
    out
}

/// How changed scenarios came out.
pub fn what_ifs(report: &Report) -> String {
    if report.what_if.is_empty() {
        return String::new();
    }
    let lines = list(report.what_if.iter().map(|changed| {
        let set: Vec<String> = changed.set.iter().map(|set| format!("<code>{}</code>", escape(set))).collect();
        format!("{} ({})", escape(&beside::what_if(report, changed)), set.join(", "))
    }));
    section("what-if", "What if", &format!("<ul>\n{lines}</ul>\n"))
}

/// The bill and its wasted part.
pub fn cost(report: &Report) -> String {
    if !spent::costs(report) {
        return String::new();
    }
    let designs = &report.findings.designs;
    let mut body =
        "<p class=\"sub\">US dollars for the counted orders, without free tiers and volume discounts.</p>\n".to_owned();
    for found in designs {
        let _ = writeln!(body, "<p>{}</p>", escape(&spent::cost_sentence(found)));
    }
    body.push_str(&design_head(report, "US dollars"));
    let rows: [(&str, Amount); 6] = [
        ("Step Functions", |cost| Some(cost.step_functions)),
        ("SQS", |cost| Some(cost.sqs)),
        ("Lambda", |cost| Some(cost.lambda)),
        ("total", |cost| Some(cost.total)),
        ("of it wasted", |cost| Some(cost.wasted)),
        ("for 1,000 confirmed", |cost| cost.per_1000_confirmed),
    ];
    for (name, of) in rows {
        let class = if name == "total" { " class=\"total\"" } else { "" };
        let _ = write!(body, "<tr{class}><th scope=\"row\">{name}</th>");
        for found in designs {
            let _ = write!(body, "<td>{}</td>", of(&found.cost).map_or_else(|| "–".to_owned(), usd));
        }
        body.push_str("</tr>\n");
    }
    body.push_str("</tbody>\n</table>\n");
    section("cost", &spent::cost_heading(report), &body)
}

/// Everything that is counted.
pub fn numbers(report: &Report) -> String {
    let designs = &report.findings.designs;
    let mut body =
        "<p class=\"sub\">Latency ranks all orders offered; one that is never confirmed counts as never. The six \
                    outcomes add up to the orders offered.</p>\n"
            .to_owned();
    body.push_str(&design_head(report, ""));
    for (name, value) in rows(designs) {
        let _ = write!(body, "<tr><th scope=\"row\">{}</th>", escape(name));
        for found in designs {
            let words = with_doubt(value(found), doubt(report, found, name));
            let class = if words == "never" { " class=\"never\"" } else { "" };
            let _ = write!(body, "<td{class}>{}</td>", escape(&words));
        }
        body.push_str("</tr>\n");
    }
    body.push_str("</tbody>\n</table>\n");
    if let Some(reading) = reading_of_several(report) {
        let _ = writeln!(body, "<p class=\"sub\">{}</p>", escape(&reading));
    }
    section("numbers", "All numbers", &body)
}

/// What broke, and whom that hit.
pub fn faults(report: &Report) -> String {
    let said = list(sentences(report).iter().map(|said| escape(said)));
    if said.is_empty() { said } else { section("faults", "Faults", &format!("<ul>\n{said}</ul>\n")) }
}

/// The arithmetic of the peak, Little's law and utilisation, beside what was measured.
pub fn check(report: &Report) -> String {
    let mut rows = String::new();
    for figure in beside::figures(report) {
        let (by_hand, simulated) = (escape(&figure.by_hand), escape(&figure.simulated));
        let _ = writeln!(rows, "<tr><th scope=\"row\">{}</th><td>{by_hand}</td><td>{simulated}</td></tr>", figure.what);
    }
    let laws = little::little(report);
    for law in &laws {
        let [computed, counted] = law.sides();
        let words = escape(&law.words());
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">orders on their way, Little\u{2019}s law<small>{words}</small></th><td>{computed}</td><td>{counted}</td></tr>"
        );
    }
    let busy = list(little::utilisation(report).iter().map(|said| escape(said)));
    if rows.is_empty() && busy.is_empty() {
        return String::new();
    }
    let mut body = String::new();
    if let Some(assumption) = beside::assumption(report) {
        let _ = writeln!(body, "<p class=\"sub\">The peak: {}</p>", escape(&assumption));
    }
    if !rows.is_empty() {
        let _ = write!(
            body,
            "<table>\n<thead><tr><td></td><th scope=\"col\">by hand</th><th scope=\"col\">counted in the run</th></tr></thead>\n\
             <tbody>\n{rows}</tbody>\n</table>\n"
        );
    }
    if !laws.is_empty() {
        body.push_str(
            "<p class=\"sub\">Little\u{2019}s law: mean number on the way = rate of arrivals × mean time on the way. The left side is \
             counted second by second, the right side is the orders\u{2019} own latency; orders never confirmed have none, which \
             is the little that parts the two.</p>\n",
        );
    }
    if !busy.is_empty() {
        let _ = write!(body, "<ul>\n{busy}</ul>\n");
    }
    section("check", "Check it yourself", &body)
}

/// Warnings about the scenario, and which end of the assumptions was taken.
pub fn notes(report: &Report) -> String {
    let mut lines = list(report.subject.notes.iter().map(|note| escape(note)));
    if let Some(end) = report.subject.assumptions {
        let _ = writeln!(lines, "<li>What AWS does not publish was assumed {end}.</li>");
    }
    if lines.is_empty() { lines } else { section("notes", "Notes", &format!("<ul>\n{lines}</ul>\n")) }
}

/// The words of the page.
pub fn glossary() -> String {
    let words: String = GLOSSARY.iter().map(|(word, meaning)| format!("<dt>{word}</dt><dd>{meaning}</dd>\n")).collect();
    section("glossary", "Words", &format!("<dl class=\"glossary\">\n{words}</dl>\n"))
}

/// The resolved scenario.
pub fn scenario(report: &Report) -> String {
    format!(
        "<section id=\"scenario\" class=\"screen\">\n<h2>The scenario</h2>\n<details>\n<summary>With all defaults filled \
         in</summary>\n<pre tabindex=\"0\">{}</pre>\n</details>\n</section>\n",
        escape(&report.subject.resolved)
    )
}

/// Where everything else is, and how to make it again.
pub fn foot(report: &Report, result_fingerprint: &str) -> String {
    let links: Vec<String> = FILES.iter().map(|name| format!("<a href=\"{name}\">{name}</a>")).collect();
    format!(
        "<footer>\n<p>Beside this page: {}</p>\n<p>{} · result {}<br>\
         The same version, scenario and seed give the same bytes on every machine.</p>\n</footer>\n",
        links.join(", "),
        escape(&made_by(report)),
        short_hash(result_fingerprint)
    )
}

/// The list of contents: every section that the page has, in its order.
pub fn contents(body: &str) -> String {
    let named = |id: &str| match id {
        "limits" => "Bottleneck".to_owned(),
        "what-if" => "What if".to_owned(),
        "cost" => "Cost".to_owned(),
        "numbers" => "All numbers".to_owned(),
        "check" => "Check it yourself".to_owned(),
        "glossary" => "Words".to_owned(),
        "scenario" => "The scenario".to_owned(),
        "faults" | "notes" | "claims" | "assumptions" => capitalised(id),
        chart => short(chart).to_owned(),
    };
    let ids = body.split("<section id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links: String = ids.map(|id| format!("<li><a href=\"#{id}\">{}</a></li>\n", escape(&named(id)))).collect();
    format!(
        "<nav aria-label=\"Contents\">\n<p>On this page</p>\n<ul>\n<li><a href=\"#verdict\">Verdict</a></li>\n{links}</ul>\n</nav>\n"
    )
}
