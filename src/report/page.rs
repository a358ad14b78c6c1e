//! index.html: the whole report on one page that needs nothing but itself. No script, no request, no clock; every word
//! from outside is escaped.

pub(super) mod shell;

use std::fmt::Write;

use super::assumed;
use super::beside;
use super::chart::Figure;
use super::faults::sentences;
use super::markdown::made_by;
use super::rows::{doubt, nearness, promise, reading as reading_of_several, rows, times, with_doubt};
use super::subject::Report;
use super::verdict::verdict;
use super::words::{count, duration_s, short_hash};
use crate::measure::findings::DesignFindings;
use shell::{class_of, escape};

/// The answers above everything else: rows of the table.
const CARDS: [&str; 4] = ["confirmed", "latency p50, all offered", "latency p99, all offered", "peak backlog"];
/// Files beside the page.
const FILES: [&str; 6] =
    ["results.json", "timeline.csv", "percentiles.csv", "summary.md", "scenario.resolved.toml", "manifest.json"];

/// The page; without figures it says so.
pub fn page(report: &Report, result_fingerprint: &str, figures: &[Figure]) -> String {
    let mut page = head(report);
    page.push_str("<body>\n<main>\n");
    page.push_str(&top(report));
    page.push_str(&promises(report));
    if figures.is_empty() {
        page.push_str("<p class=\"sub\">This report was written without charts.</p>\n");
    }
    for figure in figures {
        page.push_str(&figure_of(figure));
    }
    page.push_str(&table(report));
    page.push_str(&faults(report));
    page.push_str(&by_hand(report));
    page.push_str(&what_ifs(report));
    page.push_str(&limits(&report.findings.designs));
    page.push_str(&assumed::page_section(report, escape));
    page.push_str(&notes(report));
    page.push_str(&scenario(report));
    page.push_str(&foot(report, result_fingerprint));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn head(report: &Report) -> String {
    shell::head(&report.subject.title, &verdict(report).headline)
}

/// What it is about, the verdict, and the answers.
fn top(report: &Report) -> String {
    let verdict = verdict(report);
    let designs = &report.findings.designs;
    let offered = designs.first().map_or(0, |found| found.orders.offered);
    let same = if designs.len() == 2 { ", the same for both designs" } else { "" };
    let orders = if offered == 1 { "order" } else { "orders" };
    let mut out = format!(
        "<header>\n<p class=\"eyebrow\">{}<br>{} {orders} in {}{}{same}</p>\n<h1>",
        escape(&report.subject.title),
        count(offered),
        times(report),
        duration_s(report.subject.arrivals_end_s)
    );
    for sentence in verdict.headline.split_inclusive(". ") {
        let _ = write!(out, "<span>{}</span> ", escape(sentence.trim_end()));
    }
    out.push_str("</h1>\n");
    if !verdict.lede.is_empty() {
        let _ = writeln!(out, "<p class=\"lede\">{}</p>", escape(&verdict.lede));
    }
    out.push_str("<dl class=\"cards\">\n");
    for (name, value) in rows(designs).into_iter().filter(|(name, _)| CARDS.contains(name)) {
        let _ = write!(out, "<div><dt>{}</dt>", escape(name));
        for found in designs {
            let (class, design) = (class_of(found.design), found.design.name());
            let _ = write!(out, "<dd class=\"{class}\"><b>{}</b> <span>{design}</span></dd>", escape(&value(found)));
        }
        out.push_str("</div>\n");
    }
    out.push_str("</dl>\n</header>\n");
    out
}

/// Objectives and claims, each with its sign and, if missed, the word for it.
fn promises(report: &Report) -> String {
    let mut out = String::new();
    let item = |good: bool, bad: &str, words: &str, detail: &str| {
        let (class, sign, bad) = if good { ("met", "✓", "") } else { ("missed", "✗", bad) };
        format!(
            "<li class=\"{class}\"><i aria-hidden=\"true\">{sign}</i><div>{bad}{}<small>{}</small></div></li>\n",
            escape(words),
            escape(detail)
        )
    };
    if !report.slo.is_empty() {
        out.push_str("<section>\n<h3>Objectives</h3>\n<ul class=\"promises\">\n");
        for slo in report.slo {
            let (promise, measured) = promise(slo);
            out.push_str(&item(slo.met, "<b>Missed:</b> ", &promise, &format!("measured {measured}")));
        }
        out.push_str("</ul>\n</section>\n");
    }
    if !report.claims.is_empty() {
        out.push_str("<section>\n<h3>Claims</h3>\n<ul class=\"promises\">\n");
        for claim in report.claims {
            out.push_str(&item(claim.held, "<b>Does not hold:</b> ", &claim.claim, &claim.that));
        }
        out.push_str("</ul>\n</section>\n");
    }
    out
}

/// How to read a chart; the timeline's own title is that of the page, so it gets another heading.
fn reading(name: &str) -> (Option<&'static str>, &'static str) {
    match name {
        "timeline" => (
            Some("What happened over time"),
            "Read downwards: what arrives and is confirmed, what waits, what runs, what is lost, all over the same time.",
        ),
        "confirmed-within" => (
            None,
            "Read it as: of all orders, how many were confirmed after this long? An order that is never confirmed holds \
             its design\u{2019}s line down for good.",
        ),
        "outcomes" => (None, "Every order ends in exactly one part of its bar."),
        "waiting" => (
            None,
            "A queue can keep a message for days. Where the task behind it gives up earlier, the message is delivered all \
             the same, and the work is done for nobody.",
        ),
        "percentiles" => (
            None,
            "Percentiles rank all orders offered; one that was never confirmed ranks last. The axis stretches the tail: \
             each step to the right holds a tenth of the orders of the step before it.",
        ),
        "stages" => (
            None,
            "Each bar is one design\u{2019}s mean, whatever its length, cut into the stages that add up to it. Below, the same \
             stages on one scale of time for both designs.",
        ),
        "attempts" => (
            None,
            "An order that nobody turned to was refused before it reached the function; one that was tried again cost work \
             that had been done before.",
        ),
        _ => (None, ""),
    }
}

fn figure_of(figure: &Figure) -> String {
    let (heading, reading) = reading(figure.name);
    let description = if heading.is_some() { "" } else { figure.description.as_str() };
    shell::figure(figure, heading.unwrap_or(&figure.title), &[reading, description])
}

fn table(report: &Report) -> String {
    let designs = &report.findings.designs;
    let mut out = "<section>\n<h2>All numbers</h2>\n<p class=\"sub\">Latency ranks all orders offered; one that is never \
                   confirmed counts as never. The six outcomes add up to the orders offered.</p>\n<table>\n<thead><tr><td></td>"
        .to_owned();
    for found in designs {
        let _ = write!(out, "<th scope=\"col\" class=\"{}\">{}</th>", class_of(found.design), found.design.name());
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (name, value) in rows(designs) {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape(name));
        for found in designs {
            let words = with_doubt(value(found), doubt(report, found, name));
            let class = if words == "never" { " class=\"never\"" } else { "" };
            let _ = write!(out, "<td{class}>{}</td>", escape(&words));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
    if let Some(reading) = reading_of_several(report) {
        let _ = writeln!(out, "<p class=\"sub\">{}</p>", escape(&reading));
    }
    out.push_str("</section>\n");
    out
}

fn limits(designs: &[DesignFindings]) -> String {
    let mut out = String::new();
    for found in designs {
        for limit in &found.limits {
            let (class, design) = (class_of(found.design), found.design.name());
            let words = escape(&nearness(limit));
            let _ =
                writeln!(out, "<li><span class=\"{class}\">{design}</span> <code>{}</code>: {words}</li>", limit.name);
        }
    }
    if out.is_empty() { out } else { format!("<section>\n<h2>Limits</h2>\n<ul>\n{out}</ul>\n</section>\n") }
}

/// What broke, and whom that hit.
fn faults(report: &Report) -> String {
    let said: String = sentences(report).iter().map(|said| format!("<li>{}</li>\n", escape(said))).collect();
    if said.is_empty() { said } else { format!("<section>\n<h2>Faults</h2>\n<ul>\n{said}</ul>\n</section>\n") }
}

/// The arithmetic beside the simulation.
fn by_hand(report: &Report) -> String {
    let Some(assumption) = beside::assumption(report) else { return String::new() };
    let mut rows = String::new();
    for figure in beside::figures(report) {
        let (by_hand, simulated) = (escape(&figure.by_hand), escape(&figure.simulated));
        let _ = writeln!(rows, "<tr><th scope=\"row\">{}</th><td>{by_hand}</td><td>{simulated}</td></tr>", figure.what);
    }
    format!(
        "<section>\n<h2>By hand</h2>\n<p class=\"sub\">{}</p>\n<table>\n<thead><tr><td></td><th scope=\"col\">by \
         hand</th><th scope=\"col\">simulated</th></tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n",
        escape(&assumption)
    )
}

fn what_ifs(report: &Report) -> String {
    if report.what_if.is_empty() {
        return String::new();
    }
    let mut lines = String::new();
    for changed in report.what_if {
        let set: Vec<String> = changed.set.iter().map(|set| format!("<code>{}</code>", escape(set))).collect();
        let _ = writeln!(lines, "<li>{} ({})</li>", escape(&beside::what_if(report, changed)), set.join(", "));
    }
    format!("<section>\n<h2>What if</h2>\n<ul>\n{lines}</ul>\n</section>\n")
}

fn notes(report: &Report) -> String {
    if report.subject.notes.is_empty() {
        return String::new();
    }
    let lines: String = report.subject.notes.iter().map(|note| format!("<li>{}</li>\n", escape(note))).collect();
    format!("<section>\n<h2>Notes</h2>\n<ul>\n{lines}</ul>\n</section>\n")
}

fn scenario(report: &Report) -> String {
    format!(
        "<section class=\"screen\">\n<h2>The scenario</h2>\n<details>\n<summary>With all defaults filled in</summary>\n\
         <pre tabindex=\"0\">{}</pre>\n</details>\n</section>\n",
        escape(&report.subject.resolved)
    )
}

fn foot(report: &Report, result_fingerprint: &str) -> String {
    let links: Vec<String> = FILES.iter().map(|name| format!("<a href=\"{name}\">{name}</a>")).collect();
    format!(
        "<footer>\n<p>Beside this page: {}</p>\n<p>{} · result {}<br>\
         The same version, scenario and seed give the same bytes on every machine.</p>\n</footer>\n",
        links.join(", "),
        escape(&made_by(report)),
        short_hash(result_fingerprint)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{cases::cases, figures};
    use crate::report::sample::Example;

    fn page_of(example: &Example) -> String {
        page(&example.report(), "77d0be2100", &figures(&example.report()))
    }

    /// Checks that tags nest; returns the identifiers.
    fn identifiers(page: &str) -> Vec<&str> {
        const ALONE: [&str; 4] = ["meta", "link", "br", "!doctype"];
        let (mut open, mut ids): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for tag in page.split('<').skip(1) {
            let (tag, _) = tag.split_once('>').expect("a tag ends");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "closes another: {tag}");
                continue;
            }
            ids.extend(tag.split_once(" id=\"").and_then(|(_, rest)| rest.split('"').next()));
            let name = tag.split_whitespace().next().unwrap_or_default();
            if !tag.ends_with('/') && !ALONE.contains(&name) {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "never closed: {open:?}");
        ids
    }

    #[test]
    fn the_page_is_whole_and_small_and_asks_for_nothing_whatever_happened() {
        for (name, subject, findings) in cases() {
            let page = page_of(&Example { findings, subject, ..Example::flash_sale() });
            let mut ids = identifiers(&page);
            let all = ids.len();
            assert_eq!(all, 30, "{name}: five charts, each twice, with title and description");
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all, "{name}: an identifier occurs twice");
            for part in ["http://", "https://", "url(", "src=", "@import", "<script", "NaN", "javascript:"] {
                assert!(!page.contains(part), "{name}: {part}");
            }
            assert!(page.len() < 1_500_000, "{name}: {} bytes", page.len());
        }
    }

    #[test]
    fn every_word_from_outside_is_escaped() {
        let mut example = Example::flash_sale();
        let evil = "</pre><script>alert('1')</script>&\"";
        example.subject.title = evil.into();
        example.subject.resolved = evil.into();
        example.subject.notes.push(evil.into());
        example.subject.phases.iter_mut().for_each(|phase| phase.name = Some(evil.into()));
        example.claims[0].claim = evil.into();
        example.claims[0].that = evil.into();
        example.slo[0].name = evil.into();
        let page = page_of(&example);
        assert!(!page.contains("<script"), "a tag slipped through");
        assert!(page.contains("&lt;/pre&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;"));
        identifiers(&page);
    }

    #[test]
    fn the_page_says_the_verdict_the_promises_and_the_numbers() {
        let mut example = Example::flash_sale();
        example.subject.notes.push("A note.".into());
        example.subject.resolved = "seed = 13\n".into();
        let page = page_of(&example);
        for part in [
            "<h1><span>The queue confirmed all but 3 of 54,085 orders.</span> <span>Direct invocation did not",
            "<b>Missed:</b> direct confirmed_within 600s &gt;= 98.5%<small>measured 54.8\u{a0}%</small>",
            "<b>Does not hold:</b> nobody waits<small>buffered.wait_s.waited == 0</small>",
            "<tr><th scope=\"row\">confirmed</th><td>all but 3</td><td>29,636 (54.8\u{a0}%)</td></tr>",
            "<td class=\"never\">never</td>",
            "<li>A note.</li>",
            "<pre tabindex=\"0\">seed = 13\n</pre>",
            "· seed 13 · scenario 9f3c1a7e · result 77d0be21",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(page.contains("role=\"img\" aria-labelledby=\"outcomes-narrow-title outcomes-narrow-desc\""));
    }

    #[test]
    fn without_charts_the_page_says_so() {
        let example = Example::flash_sale();
        let page = page(&example.report(), "77d0be2100", &[]);
        assert!(page.contains("without charts") && !page.contains("<svg"));
    }
}
