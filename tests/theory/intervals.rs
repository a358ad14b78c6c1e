//! Intervals of replications: 95 % of them cover the exact value.

use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::findings::Design;
use queuecast::scenario::{Overrides, Source, load};

use super::formulas::erlang_c;

/// Intervals that are looked at, each from a seed of its own.
const SEEDS: u64 = 250;

#[test]
fn ninety_five_of_a_hundred_intervals_cover_the_mean_wait_of_m_m_3() {
    let text = "profile = 'textbook'\nreplications = 8\nwarm_up = '10s'\n[[arrivals]]\nrate = '20/s'\nduration = '90s'\n\
                [lambda]\nduration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 3";
    let exact = erlang_c(3, 2.0) / 10.0;
    let covers = |seed: u64| {
        let source = Source { shown: "theory.toml".into(), name: "theory".into(), text: text.into() };
        let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
        let scenario = load(&source, &overrides).unwrap_or_else(|refusal| panic!("{refusal}")).scenario;
        let settings =
            RunSettings { designs: vec![Design::Buffered], threads: 2, resolution: None, verify: false, orders: false };
        let outcome = run(&scenario, &settings, &Progress::default()).unwrap_or_else(|breach| panic!("{breach}"));
        let interval = outcome.findings.interval("designs.buffered.wait_s.mean").expect("eight means");
        (interval.low..=interval.high).contains(&exact)
    };
    let covered = (1..=SEEDS).filter(|seed| covers(*seed)).count() as f64 / SEEDS as f64;
    let error = (0.95 * 0.05 / SEEDS as f64).sqrt();
    println!("{covered} of the intervals cover {exact}; 0.95 ± {error} expected");
    assert!((covered - 0.95).abs() <= 3.0 * error, "{covered} of the intervals cover the exact mean");
}
