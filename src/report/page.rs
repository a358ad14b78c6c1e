//! index.html: the whole report on one page that needs nothing but itself. No request, no clock; every word from outside is
//! escaped. It is whole without its script, which only adds a cross-hair that reads the numbers behind the charts.

mod behind;
mod figures;
mod sections;
pub(super) mod shell;
mod top;

use super::assumed;
use super::chart::Figure;
use super::subject::Report;
use super::verdict::verdict;
use shell::{class_of, escape};

/// The cross-hair.
const SCRIPT: &str = include_str!("page/script.js");
/// SHA-256 of the script, in base64: the only one that the page allows itself to run. `tests/browser/` fails where it is
/// another's, with the right one in the browser's complaint.
const SCRIPT_HASH: &str = "/w67f/hCezO7XcyZzoCS72VPFDKfn462CVqQdZRQvqw=";

/// The page; without figures it says so.
pub fn page(report: &Report, result_fingerprint: &str, figures: &[Figure]) -> String {
    let mut main = top::top(report);
    if figures.is_empty() {
        main.push_str("<p class=\"sub\">This report was written without charts.</p>\n");
    }
    for (index, figure) in figures.iter().enumerate() {
        main.push_str(&figures::figure(report, figure));
        if index == 0 {
            main.push_str(&sections::faults(report));
        }
    }
    if figures.is_empty() {
        main.push_str(&sections::faults(report));
    }
    main.push_str(&sections::without_charts(report, figures));
    main.push_str(&sections::limits(report));
    main.push_str(&sections::what_ifs(report));
    main.push_str(&sections::cost(report));
    main.push_str(&sections::numbers(report));
    main.push_str(&sections::check(report));
    main.push_str(&top::claims(report));
    main.push_str(&assumed::page_section(report, escape));
    main.push_str(&sections::notes(report));
    main.push_str(&sections::glossary());
    main.push_str(&sections::scenario(report));
    main.push_str(&sections::foot(report, result_fingerprint));
    let contents = sections::contents(&main);
    let script = if figures.is_empty() { String::new() } else { format!("<script>{SCRIPT}</script>\n") };
    let allowed = (!figures.is_empty()).then_some(SCRIPT_HASH);
    let head = shell::head(&report.subject.title, &verdict(report).headline, allowed, "");
    format!("{head}<body>\n{contents}<main>\n{main}</main>\n{script}</body>\n</html>\n")
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
        // What stands in the script is no markup.
        let (before, after) = page.split_once("<script>").unwrap_or((page, ""));
        let after = after.split_once("</script>").map_or("", |(_, after)| after);
        let page = [before, after];
        let (mut open, mut ids): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for tag in page.into_iter().flat_map(|part| part.split('<').skip(1)) {
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
            let charts = ids.iter().filter(|id| id.ends_with("-wide") || id.ends_with("-narrow")).count();
            assert_eq!(charts, 2 * figures(&Example::flash_sale().report()).len(), "{name}: every chart twice");
            for link in page.split("<a href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(ids.contains(&link), "{name}: {link} leads nowhere");
            }
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all, "{name}: an identifier occurs twice");
            for part in ["http://", "https://", "url(", " src=", "@import", "NaN", "javascript:"] {
                assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(part), "{name}: {part}");
            }
            assert_eq!(page.matches("<script").count(), 1, "{name}: the cross-hair alone");
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
        assert_eq!(page.matches("<script").count(), 1, "a tag slipped through");
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
            "<h1><span><i class=\"b\">The queue</i> confirmed all but 3 of 54,085 orders.</span> <span><i class=\"d\">Direct invocation</i> did not",
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
        assert!(page.contains("without charts") && !page.contains("<svg") && !page.contains("<script"));
        assert!(page.contains("default-src 'none'") && !page.contains("script-src"), "and allows itself no script");
        assert!(page_of(&example).contains(&format!(";script-src 'sha256-{SCRIPT_HASH}'\">")));
    }
}
