//! `arrivals_scale = { p50 = 1, p99 = 1.5 }`: how far a forecast may be off. Every replication draws one factor from this
//! log-normal distribution, for all of its arrivals, out of a stream of its own.

use std::borrow::Cow;

use crate::random::{Distribution, Named, Streams};
use crate::scenario::Scenario;
use crate::scenario::diagnostics::Mistake;
use crate::scenario::reader::{Found, Reader};
use crate::scenario::resolved::inline;
use crate::scenario::tree::Value;
use crate::scenario::values::wrong_type;
use crate::workload::WorkloadSpec;
use crate::workload::spec::Rate;

const EXAMPLE: &str = "write for example arrivals_scale = { p50 = 1, p99 = 1.5 }";
/// The bounds of a factor: a forecast that may be off by more is none.
const BOUNDS: (f64, f64) = (0.01, 100.0);

/// The factor's distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrivalsScale {
    /// The median: how far the forecast is off on average, 1 for not at all.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
}

/// Reads the key; a forecast without doubt is not written down.
pub fn read(top: &mut Reader<'_, '_>) -> Option<ArrivalsScale> {
    const KEY: &str = "arrivals_scale";
    let node = top.node(KEY)?;
    let Value::Table(table) = &node.value else {
        top.mistakes.push(wrong_type(node, KEY, "a table of two percentiles", EXAMPLE));
        return None;
    };
    let before = top.mistakes.len();
    let mut inner = Reader::open(top.mistakes, table, node.place, "`arrivals_scale`");
    let p50 = factor(&mut inner, "p50");
    let p99 = factor(&mut inner, "p99");
    let missing: Vec<&str> = ["p50", "p99"].into_iter().filter(|key| table.entry(key).is_none()).collect();
    let lines = inner.finish();
    for key in missing {
        top.mistakes.push(Mistake::at(node.place, format!("`arrivals_scale` needs `{key}`")).help(EXAMPLE));
    }
    if let (Some(p50), Some(p99)) = (p50, p99)
        && p99.value < p50.value
    {
        let mistake = Mistake::at(p99.place, "`p99` is less than `p50`").label("the 99th percentile");
        let help = "99 % of the factors lie below `p99`, 50 % below `p50`";
        top.mistakes.push(mistake.and(Some(p50.place), "the median").help(help));
    }
    if top.mistakes.len() > before {
        return None;
    }
    top.record(KEY, inline(&lines), false);
    Some(ArrivalsScale { p50: p50?.value, p99: p99?.value })
}

fn factor(reader: &mut Reader<'_, '_>, key: &'static str) -> Option<Found<f64>> {
    let found = reader.number(key, BOUNDS.0)?;
    if found.value > BOUNDS.1 {
        let mistake = Mistake::at(found.place, format!("`{key}`: {} is too large", found.value));
        reader.mistakes.push(mistake.help(format!("write a factor of at most {}", BOUNDS.1)));
        return None;
    }
    Some(found)
}

impl ArrivalsScale {
    /// The factor of one replication of a seed.
    pub fn factor(self, seed: u64, replication: u32) -> f64 {
        let mut numbers = Streams::new(seed, replication).sequential(Named::ArrivalsScale);
        Distribution::log_normal_percentiles(self.p50, self.p99).sample(&mut numbers)
    }
}

impl Scenario {
    /// The arrivals of one replication: the forecast, or the forecast times the factor that it has drawn.
    pub fn workload_of(&self, replication: u32) -> Cow<'_, WorkloadSpec> {
        match self.arrivals_scale {
            None => Cow::Borrowed(&self.workload),
            Some(scale) => Cow::Owned(self.workload.scaled(scale.factor(self.seed, replication))),
        }
    }

    /// The factors that the replications have drawn, in their order; none without `arrivals_scale`.
    pub fn arrivals_factors(&self) -> Vec<f64> {
        let scale = self.arrivals_scale.into_iter();
        scale.flat_map(|scale| (0..self.replications).map(move |r| scale.factor(self.seed, r))).collect()
    }
}

/// What is said of the factors in a report.
pub fn note(scenario: &Scenario, notes: &mut Vec<String>) {
    let factors = scenario.arrivals_factors();
    let least = factors.iter().copied().fold(f64::INFINITY, f64::min);
    let most = factors.iter().copied().fold(0.0, f64::max);
    match factors.as_slice() {
        [] => {}
        [one] => notes.push(format!(
            "arrivals_scale: this run has drawn a factor of {one:.3}; every rate and every at_once count is that many times \
             the forecast."
        )),
        several => notes.push(format!(
            "arrivals_scale: each of the {} replications has drawn its own factor on every rate and at_once count, from \
             {least:.3} to {most:.3}.",
            several.len()
        )),
    }
    let recorded = scenario.workload.phases.iter().any(|phase| matches!(phase.rate, Rate::Trace(_)));
    if recorded && !factors.is_empty() {
        notes.push("arrivals_scale leaves a trace as it is: what was recorded is no forecast.".to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_the_percentiles_they_are_given_and_each_replication_its_own() {
        let scale = ArrivalsScale { p50: 0.9, p99: 1.8 };
        let mut factors: Vec<f64> = (0..20_000).map(|replication| scale.factor(5, replication)).collect();
        assert_eq!(factors[7], scale.factor(5, 7));
        assert_ne!(factors[0], scale.factor(6, 0));
        factors.sort_by(f64::total_cmp);
        // Standard errors of the ranks: 0.35 % and 0.07 % of the values.
        let (median, high) = (factors[10_000], factors[19_800]);
        assert!((median / 0.9 - 1.0).abs() < 0.01, "{median}");
        assert!((high / 1.8 - 1.0).abs() < 0.06, "{high}");
    }

    #[test]
    fn equal_percentiles_are_a_constant() {
        assert_eq!(ArrivalsScale { p50: 1.0, p99: 1.0 }.factor(1, 3), 1.0);
    }
}
