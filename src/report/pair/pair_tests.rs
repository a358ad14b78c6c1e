use super::*;
use crate::report::bundle::bundle as whole_bundle;
use crate::report::chart::Wanted;
use crate::report::chart::cases::cases;
use crate::report::results;
use crate::report::sample::{Example, Sample};
use crate::report::words;

/// A side as it comes out of a report's files.
fn side(example: &Example) -> Side {
    let report = example.report();
    let made = whole_bundle(&report, &results::document(&report), Wanted::NONE, None).unwrap();
    Side { whole: made.1, result_fingerprint: made.0.result_fingerprint, altered: Default::default() }
}

fn pair(a: &Example, b: &Example) -> Pair {
    Pair::new(side(a), side(b)).unwrap()
}

fn said(a: &Example, b: &Example) -> String {
    let verdict = pair(a, b).verdict;
    format!("{} {}", verdict.headline, verdict.lede).trim_end().replace('\u{a0}', " ")
}

/// The sale with so many orders a second of capacity.
fn with_capacity(capacity: f64) -> Example {
    Example::of(&Sample { capacity, ..Sample::flash_sale() })
}

#[test]
fn every_direction_has_its_own_sentence() {
    let plain = Example::flash_sale();
    assert_eq!(said(&plain, &plain), "No difference: every number of both results is the same.");
    let roomy = with_capacity(134.0);
    assert!(said(&plain, &roomy).starts_with("B confirms more: direct "), "{}", said(&plain, &roomy));
    assert!(said(&roomy, &plain).starts_with("B confirms fewer: direct "), "{}", said(&roomy, &plain));
    let lossy = Example::of(&Sample { capacity: 134.0, buffered_loses: 9_000, ..Sample::flash_sale() });
    let opposite = said(&plain, &lossy);
    assert!(opposite.starts_with("Opposite directions: B confirms more in one design (direct "), "{opposite}");
    assert!(opposite.contains(", confirms fewer in the other (buffered "), "{opposite}");
    let mut slower = plain.clone();
    slower.findings.designs[0].latency.all_offered.p50 = Some(900.0);
    let said_slower = said(&plain, &slower);
    assert!(said_slower.starts_with("Both results confirm as many orders: buffered 99.99"), "{said_slower}");
    assert!(said_slower.contains("B is slower: buffered, half of all orders in 15 min instead of "), "{said_slower}");
    assert!(said(&slower, &plain).contains("B is faster: buffered"), "{}", said(&slower, &plain));
    let mut dearer = plain.clone();
    dearer.findings.designs[1].cost.total = 3.0;
    let said_dearer = said(&plain, &dearer);
    assert!(said_dearer.contains("hardly any difference"), "{said_dearer}");
    assert!(said_dearer.ends_with("In B, direct costs more: $3.00 a run instead of $0.00."), "{said_dearer}");
}

#[test]
fn what_is_not_comparable_is_warned_of() {
    let plain = Example::flash_sale();
    let mut other = plain.clone();
    (other.subject.seed, other.subject.model) = (14, 2);
    other.subject.version = "9.9.9".into();
    let (a, mut b) = (side(&plain), side(&other));
    b.whole.source = "measured".into();
    let warnings = Pair::new(a, b).unwrap().warnings.join("\n");
    for part in [
        "A was simulated, B was measured: they did not face the same orders.",
        "by model 1, B by model 2",
        "version 9.9.9",
        "The seeds differ (13 and 14)",
        "single run",
    ] {
        assert!(warnings.contains(part), "{part}\nin\n{warnings}");
    }
}

/// The sale as it was measured: so many orders offered of each design, so many times as fast.
fn measured(offered: u64, speed: u64) -> Side {
    let mut example = Example::flash_sale();
    example.findings.designs.iter_mut().for_each(|found| {
        found.orders.confirmed = offered - (found.orders.offered - found.orders.confirmed).min(offered);
        found.orders.offered = offered;
    });
    let mut side = side(&Example::flash_sale());
    (side.whole.source, side.whole.findings) = ("measured".into(), example.findings);
    side.whole.subject.measured = Some(crate::report::subject::Measured {
        target: "a server".into(),
        max_lag_s: 0.25,
        long_poll_s: 1,
        speed,
        max_drain_s: 120.0,
        clients: Vec::new(),
        void: Vec::new(),
    });
    side
}

#[test]
fn a_measurement_faces_the_orders_of_its_simulation_or_the_first_of_them() {
    let simulated = || side(&Example::flash_sale());
    let all = simulated().whole.findings.designs[0].orders.offered;
    let told = |a: Side, b: Side| {
        let pair = Pair::new(a, b).unwrap();
        (pair.faced, pair.warnings.join("\n"))
    };
    let (faced, said) = told(simulated(), measured(all, 1));
    assert_eq!(faced, faced::Faced::Same);
    assert!(said.contains("A was simulated, B was measured: they faced the same orders."), "{said}");
    let (faced, said) = told(simulated(), measured(400, 10));
    assert_eq!(faced, faced::Faced::First { in_b: true, both: 400, of: all });
    assert!(said.contains(&format!("B faced only the first 400 of the {} orders of A.", words::count(all))), "{said}");
    assert!(said.contains("B was driven 10 times as fast"), "{said}");
    let (_, said) = told(measured(400, 1), measured(900, 1));
    assert!(said.contains("Both were measured: A faced only the first 400 of the 900 orders of B."), "{said}");
    // More orders than the simulation has, another seed, or a trace that may have changed: not the same.
    assert_eq!(told(simulated(), measured(all + 1, 1)).0, faced::Faced::Others);
    let mut other = measured(400, 1);
    other.whole.subject.seed += 1;
    let (faced, said) = told(simulated(), other);
    assert_eq!(faced, faced::Faced::Others);
    assert!(said.contains("they did not face the same orders.") && said.contains("The seeds differ"), "{said}");
    let with_trace = |mut side: Side, fingerprint: &str| {
        side.whole.subject.resolved = "[[arrivals]]\ntrace = 'orders.csv'\n".into();
        side.whole.subject.fingerprint = fingerprint.into();
        side
    };
    let first = faced::Faced::First { in_b: true, both: 400, of: all };
    assert_eq!(told(with_trace(simulated(), "a"), with_trace(measured(400, 1), "a")).0, first);
    assert_eq!(told(with_trace(simulated(), "a"), with_trace(measured(400, 1), "b")).0, faced::Faced::Others);
}

#[test]
fn every_pair_of_cases_is_a_whole_page_with_its_charts_and_titles() {
    let all: Vec<Example> = cases()
        .into_iter()
        .map(|(_, subject, findings)| Example { findings, subject, ..Example::flash_sale() })
        .collect();
    let mut titles = Vec::new();
    for (index, a) in all.iter().enumerate() {
        let b = &all[(index + 1) % all.len()];
        let (a, b) = (side(a), side(b));
        let Ok(pair) = Pair::new(a, b) else { continue };
        let figures = crate::report::chart::pair::figures(&pair);
        let page = page::page(&pair, &figures);
        for part in ["http://", "https://", "url(", "src=", "@import", "<script", "NaN", "inf"] {
            assert!(!page.contains(part) || part == "inf", "{part}");
        }
        let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let many = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), many), (many, figures.len() * 6), "each chart twice, with title and description");
        titles.extend(figures.into_iter().map(|figure| figure.title));
    }
    assert!(titles.len() > 20 && titles.iter().all(|title| !title.is_empty()));
    for part in ["in both", " in A, ", "No order is lost in either"] {
        assert!(titles.iter().any(|title| title.contains(part)), "{part}: {titles:?}");
    }
}

#[test]
fn the_screen_holds_everything_in_forty_columns_and_in_ascii() {
    let pair = pair(&Example::flash_sale(), &with_capacity(134.0));
    for width in [40, 80] {
        let look = crate::report::terminal::Look { colour: false, unicode: false, width };
        let text = terminal::summary(&pair, "there/", look);
        assert!(text.is_ascii(), "{text}");
        let line = text.lines().find(|line| line.chars().count() > width);
        assert_eq!(line, None, "{text}");
        assert!(text.contains("B confirms more") && text.contains("latency p99, all offered"));
    }
}
