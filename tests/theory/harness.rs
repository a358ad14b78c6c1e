//! Runs scenarios and compares means over seeds with exact values.

use std::ops::RangeInclusive;

use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::findings::{Design, DesignFindings};
use queuecast::scenario::{Overrides, Source, load};

/// The seeds of every comparison.
const SEEDS: RangeInclusive<u64> = 1001..=1016;

/// One run of a scenario in the textbook profile; an auditor that checks every observation is on for the first seed.
pub fn simulate(text: &str, design: Design, seed: u64) -> DesignFindings {
    let text = format!("profile = \"textbook\"\n{text}");
    let source = Source { shown: "theory.toml".into(), name: "theory".into(), text };
    let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
    let loaded = load(&source, &overrides).unwrap_or_else(|refusal| panic!("{refusal}"));
    let settings = RunSettings {
        designs: vec![design],
        threads: 1,
        resolution: None,
        verify: seed == *SEEDS.start(),
        orders: false,
    };
    let outcome = run(&loaded.scenario, &settings, &Progress::default()).unwrap_or_else(|breach| panic!("{breach}"));
    outcome.findings.designs.into_iter().next().expect("one design was run")
}

/// What a quantity came out as over all seeds.
pub struct Estimate {
    name: &'static str,
    mean: f64,
    error: f64,
}

/// Runs all seeds and estimates each of the named quantities.
pub fn estimate<const N: usize>(
    text: &str,
    design: Design,
    names: [&'static str; N],
    quantities: impl Fn(&DesignFindings) -> [f64; N],
) -> [Estimate; N] {
    let values: Vec<[f64; N]> = SEEDS.map(|seed| quantities(&simulate(text, design, seed))).collect();
    std::array::from_fn(|index| {
        let count = values.len() as f64;
        let mean = values.iter().map(|value| value[index]).sum::<f64>() / count;
        let squares = values.iter().map(|value| (value[index] - mean) * (value[index] - mean)).sum::<f64>();
        Estimate { name: names[index], mean, error: (squares / (count - 1.0) / count).sqrt() }
    })
}

impl Estimate {
    /// Holds the estimate against the exact value. `precision` is the largest standard error allowed, relative to it.
    pub fn is(&self, exact: f64, precision: f64) {
        let Estimate { name, mean, error } = self;
        let off = (mean - exact) / error;
        println!("{name}: {mean:.6} ± {error:.6}, exact {exact:.6}, {off:+.2} standard errors");
        assert!(*error <= precision * exact.abs(), "{name}: {mean} ± {error} is too vague for {exact}");
        assert!((mean - exact).abs() <= 4.0 * error, "{name}: {mean} ± {error}, but theory says {exact}");
    }
}

/// The share of orders that waited at all.
pub fn share_waiting(found: &DesignFindings) -> f64 {
    found.wait.waited as f64 / found.wait.count as f64
}

/// The mean wait in seconds.
pub fn mean_wait(found: &DesignFindings) -> f64 {
    found.wait.mean.expect("orders were served")
}

/// The 99th percentile of the wait in seconds.
pub fn p99_wait(found: &DesignFindings) -> f64 {
    found.wait.percentiles.p99.expect("orders were served")
}
