//! The facts of AWS that a result rests upon, as results.json, the summary and the page show them.

use serde_json::{Value, json};

use super::subject::Report;
use crate::facts::{InForce, Mark};

/// How the section begins.
const LEDE: &str = "What AWS does not publish, with the values that were in force.";

/// An entry of `assumptions` in results.json.
pub fn entry(found: &InForce) -> Value {
    json!({
        "key": found.fact.key,
        "says": found.fact.says,
        "value": found.value,
        "mark": found.fact.mark.letter(),
        "source": found.fact.source,
        "range": found.range,
    })
}

/// Those that are assumed.
fn assumed<'a>(report: &Report<'a>) -> Vec<&'a InForce> {
    report.subject.facts.iter().filter(|found| found.fact.mark == Mark::Assumed).collect()
}

/// Where all are, and how to see what they do.
fn rest(report: &Report) -> String {
    let others = report.subject.facts.len() - assumed(report).len();
    let facts = if others == 1 { "fact" } else { "facts" };
    format!(
        "results.json has all of them with their sources, beside {others} {facts} of AWS that were read or restated; \
         --assumptions pessimistic and optimistic take the ends of the ranges."
    )
}

/// The section of summary.md; nothing where nothing is assumed.
pub fn section(report: &Report) -> String {
    let assumed = assumed(report);
    if assumed.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n## Assumptions\n\n{LEDE} {}\n\n<details><summary>What was assumed</summary>\n\n| | in force | range \
         |\n|---|---|---|\n",
        rest(report)
    );
    for found in assumed {
        let range = found.range.as_deref().unwrap_or("a rule");
        out.push_str(&format!("| `{}` | {} | {range} |\n", found.fact.key, found.value));
    }
    out + "\n</details>\n"
}

/// The section of the page, what was assumed before what was read, each with its mark; `escape` makes words safe between
/// tags.
pub fn page_section(report: &Report, escape: fn(&str) -> String) -> String {
    let assumed = assumed(report);
    if assumed.is_empty() {
        return String::new();
    }
    let item = |found: &InForce| {
        let fact = found.fact;
        let range = match (fact.mark, found.range.as_ref()) {
            (Mark::Assumed, None) => "A rule, not a number.".to_owned(),
            (_, None) => fact.source.to_owned(),
            (_, Some(range)) => format!("Range: {range}."),
        };
        let (key, says, value, range) = (escape(fact.key), escape(fact.says), escape(&found.value), escape(&range));
        format!("<li>[{}] <code>{key}</code>: {value}. {says} <small>{range}</small></li>\n", fact.mark.letter())
    };
    let read = report.subject.facts.iter().filter(|found| found.fact.mark != Mark::Assumed);
    let list =
        |title: &str, items: String| format!("<details>\n<summary>{title}</summary>\n<ul>\n{items}</ul>\n</details>\n");
    format!(
        "<section id=\"assumptions\">\n<h2>Assumptions</h2>\n<p class=\"sub\">{LEDE} {} [H]: read in current AWS \
         documentation; [M]: older or second-hand; [A]: assumed.</p>\n{}{}</section>\n",
        escape(&rest(report)),
        list("What was assumed", assumed.into_iter().map(item).collect()),
        list("What was read", read.map(item).collect())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    #[test]
    fn what_is_assumed_is_shown_with_its_range_and_the_rest_is_counted() {
        let mut example = Example::flash_sale();
        let summary = section(&example.report());
        let row = "| `event_source.error_backoff` | 2.8s | 1.25s to 5.6s (worse) |\n";
        assert!(summary.contains(row) && summary.contains("beside 1 fact of AWS"), "{summary}");
        assert!(!summary.contains("in_flight_limit"), "that one was read");
        let page = page_section(&example.report(), |words| words.replace('>', "&gt;"));
        assert!(
            page.contains("<li>[A] <code>event_source.error_backoff</code>: 2.8s. How long a poller pauses"),
            "{page}"
        );
        assert!(page.contains("<li>[H] <code>"), "{page}");
        assert!(page.contains("<small>Range: 1.25s to 5.6s (worse).</small>"), "{page}");
        let read = entry(&example.subject.facts[0]);
        assert_eq!((&read["mark"], &read["range"]), (&"H".into(), &Value::Null));
        assert_eq!(entry(&example.subject.facts[1])["range"], "1.25s to 5.6s (worse)");
        example.subject.facts.clear();
        assert_eq!(section(&example.report()), "");
    }
}
