//! `[[what_if]]`: the changed scenarios that are run beside the one that is reported.

use super::progress::Progress;
use super::run::{RunSettings, run};
use crate::measure::findings::{DesignFindings, WhatIf, WhatIfDesign};
use crate::scenario::{Scenario, Variation};

/// Runs all variations of a scenario, in their order.
///
/// # Errors
///
/// A broken invariant of ours, in words.
pub fn what_if(scenario: &Scenario, settings: &RunSettings) -> Result<Vec<WhatIf>, String> {
    let one = |variation: &Variation| {
        let outcome = run(&variation.scenario, settings, &Progress::default())?;
        let designs = outcome.findings.designs.iter().map(design).collect();
        Ok(WhatIf { change: variation.change.clone(), set: variation.set.clone(), designs })
    };
    scenario.what_if.iter().map(one).collect()
}

fn design(found: &DesignFindings) -> WhatIfDesign {
    WhatIfDesign {
        design: found.design,
        orders: found.orders,
        latency_p50_s: found.latency.all_offered.p50,
        latency_p99_s: found.latency.all_offered.p99,
        drained_at_s: found.queue.and_then(|queue| queue.drained_at_s),
        cost_usd: found.cost.total,
    }
}
