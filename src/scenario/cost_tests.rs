//! Price lists by name and by table, and the objectives about them.

use crate::measure::findings::Unit;
use crate::measure::prices::PriceList;
use crate::scenario::{Loaded, Op, Overrides, SloMeasure, Source, load};

fn loaded(profile: &str, more: &str) -> Loaded {
    let text = format!("profile = \"{profile}\"\n[[arrivals]]\nrate = \"50/s\"\nduration = \"1min\"\n{more}");
    let source = Source { shown: "shop.toml".into(), name: "shop".into(), text };
    load(&source, &Overrides::default()).unwrap_or_else(|shown| panic!("{shown}"))
}

#[test]
fn a_list_has_a_name_or_a_base_with_prices_of_its_own() {
    let built_in = PriceList::us_east_1_2026_01();
    assert_eq!(loaded("aws", "").scenario.prices, built_in);
    assert_eq!(loaded("textbook", "").scenario.prices, PriceList::none());
    assert_eq!(loaded("textbook", "[cost]\nprice_list = \"us-east-1-2026-01\"\n").scenario.prices, built_in);
    let arm = "[cost]\nprice_list = { lambda_gb_second = 0.0000133334, state_transition_per_1000 = 0.05 }\n";
    let own = loaded("aws", arm);
    let expected = PriceList {
        name: "us-east-1-2026-01, own prices".into(),
        lambda_gb_second: 0.0000133334,
        state_transition: 0.05 / 1e3,
        ..built_in.clone()
    };
    assert_eq!(own.scenario.prices, expected);
    let line = "price_list = { base = \"us-east-1-2026-01\", state_transition_per_1000 = 0.05, lambda_gb_second = \
                0.0000133334 }\n";
    assert!(own.resolved.contains(line), "{}", own.resolved);
    let again = loaded("aws", line.replace("price", "[cost]\nprice").as_str());
    assert_eq!((&again.scenario, &again.fingerprint), (&own.scenario, &own.fingerprint));
    assert!(loaded("textbook", arm).scenario.prices.sqs_request == 0.0, "the textbook's base is none");
}

#[test]
fn objectives_may_be_about_money_and_about_the_stock() {
    let slo = "[slo]\napplies_to = [\"buffered\", \"direct\"]\ncost_per_1000 = \"<= 0.10\"\noversold = \"== 0\"\n";
    let slo = loaded("aws", slo).scenario.slo;
    let shown: Vec<String> =
        slo.iter().map(|slo| format!("{} {} {}", slo.design.name(), slo.name, slo.written)).collect();
    assert_eq!(
        shown,
        [
            "buffered oversold == 0",
            "direct oversold == 0",
            "buffered cost_per_1000 <= 0.1",
            "direct cost_per_1000 <= 0.1"
        ]
    );
    assert_eq!((slo[0].measure, slo[0].unit), (SloMeasure::Oversold, Unit::Count));
    assert_eq!((slo[2].measure, slo[2].unit), (SloMeasure::CostPer1000, Unit::Usd));
    assert_eq!((slo[2].op, slo[2].limit), (Op::AtMost, 0.1));
}
