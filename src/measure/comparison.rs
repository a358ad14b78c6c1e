//! Direct against buffered, on the same orders.

use crate::measure::findings::{Comparison, DesignFindings, Difference};

/// Direct minus buffered. One run has no interval: `low` and `high` are `None`.
pub fn compare(buffered: &DesignFindings, direct: &DesignFindings) -> Comparison {
    let difference = |of: fn(&DesignFindings) -> Option<f64>| {
        let difference = of(direct).zip(of(buffered)).map(|(direct, buffered)| direct - buffered);
        Difference { difference, low: None, high: None }
    };
    Comparison {
        confirmed: difference(|found| Some(found.orders.confirmed as f64)),
        latency_p99_s: difference(|found| found.latency.all_offered.p99),
        latency_p50_s: difference(|found| found.latency.all_offered.p50),
        gb_s: difference(|found| Some(found.lambda.gb_s)),
        cost_usd: difference(|found| Some(found.cost.total)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::Design;

    #[test]
    fn the_difference_is_direct_minus_buffered_and_none_where_either_is_never() {
        let mut buffered = DesignFindings::blank(Design::Buffered, false, Vec::new());
        let mut direct = DesignFindings::blank(Design::Direct, false, Vec::new());
        (buffered.orders.confirmed, direct.orders.confirmed) = (10, 7);
        (buffered.latency.all_offered.p50, direct.latency.all_offered.p50) = (Some(3.0), Some(0.5));
        (buffered.latency.all_offered.p99, direct.latency.all_offered.p99) = (Some(3.0), None);
        (buffered.lambda.gb_s, direct.lambda.gb_s) = (1.0, 1.5);
        let found = compare(&buffered, &direct);
        let differences = [found.confirmed, found.latency_p50_s, found.latency_p99_s, found.gb_s];
        assert_eq!(differences.map(|one| one.difference), [Some(-3.0), Some(-2.5), None, Some(0.5)]);
        assert!(differences.iter().all(|one| one.low.is_none() && one.high.is_none()));
    }
}
