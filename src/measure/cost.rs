//! What a run would have cost, from what AWS counts and a price list.

use crate::facts::prices::NEEDED_TRANSITIONS;
use crate::measure::findings::{CostFindings, DesignFindings, Usage};
use crate::measure::prices::PriceList;

/// The bill of one design.
///
/// *Wasted* are the state transitions beyond two for each order that was answered (retries, and whatever was spent on orders
/// that were not), Lambda's bill by the share of GB-seconds of wasted attempts, and empty receives. Transitions that an
/// execution is billed beyond its states and retries are part of the bill, and not wasted.
pub fn cost(found: &DesignFindings, prices: &PriceList) -> CostFindings {
    let usage = &found.usage;
    let executions = found.orders.offered - found.orders.refused;
    let transitions = usage.transitions + u64::from(prices.extra_transitions) * executions;
    let step_functions = transitions as f64 * prices.state_transition;
    let sqs = usage.sqs_requests as f64 * prices.sqs_request;
    let lambda = lambda(usage, prices);
    let total = step_functions + sqs + lambda;
    let answered = found.orders.confirmed + found.orders.declined;
    let surplus = found.step_functions.transitions.saturating_sub(u64::from(NEEDED_TRANSITIONS) * answered);
    let wasted = surplus as f64 * prices.state_transition
        + usage.empty_receives as f64 * prices.sqs_request
        + lambda * wasted_share(found);
    let confirmed = found.orders.confirmed;
    CostFindings {
        total,
        step_functions,
        sqs,
        lambda,
        per_1000_confirmed: (confirmed > 0).then(|| total / confirmed as f64 * 1_000.0),
        wasted,
    }
}

fn lambda(usage: &Usage, prices: &PriceList) -> f64 {
    usage.lambda_requests as f64 * prices.lambda_request
        + usage.gb_s * prices.lambda_gb_second
        + usage.provisioned_gb_s * prices.provisioned_gb_second
        + usage.provisioned_run_gb_s * prices.provisioned_run_gb_second
}

fn wasted_share(found: &DesignFindings) -> f64 {
    let (useful, wasted) = (found.work.useful.gb_s, found.work.wasted.gb_s);
    if useful + wasted > 0.0 { wasted / (useful + wasted) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::findings::{Design, Orders, WorkAmount};

    /// Ten orders, eight confirmed at the first try, two that failed after three retries each, by hand.
    fn found() -> DesignFindings {
        let mut found = DesignFindings::blank(Design::Buffered, false, Vec::new());
        found.orders = Orders { offered: 10, confirmed: 8, failed: 2, ..Orders::default() };
        found.step_functions.transitions = 8 * 2 + 2 * 4;
        found.usage = Usage {
            transitions: 24,
            sqs_requests: 30,
            empty_receives: 5,
            lambda_requests: 16,
            gb_s: 4.0,
            provisioned_run_gb_s: 0.0,
            provisioned_gb_s: 0.0,
        };
        found.work.useful = WorkAmount { attempts: 8, gb_s: 3.0 };
        found.work.wasted = WorkAmount { attempts: 8, gb_s: 1.0 };
        found
    }

    #[test]
    fn the_bill_is_counts_times_prices_and_its_wasted_part_is_told() {
        let bill = cost(&found(), &PriceList::us_east_1_2026_01());
        let lambda = 16.0 * 0.2e-6 + 4.0 * 0.000_016_666_7;
        let expected = [24.0 * 0.025e-3, 30.0 * 0.4e-6, lambda, 8.0 * 0.025e-3 + 5.0 * 0.4e-6 + lambda / 4.0];
        let given = [bill.step_functions, bill.sqs, bill.lambda, bill.wasted];
        for (given, expected) in given.into_iter().zip(expected) {
            assert!((given - expected).abs() < 1e-15, "{given} for {expected}");
        }
        let more = cost(&found(), &PriceList { extra_transitions: 2, ..PriceList::us_east_1_2026_01() });
        assert!((more.step_functions - 44.0 * 0.025e-3).abs() < 1e-15 && (more.wasted - bill.wasted).abs() < 1e-15);
        let total = expected[0] + expected[1] + expected[2];
        assert!((bill.total - total).abs() < 1e-15);
        assert!((bill.per_1000_confirmed.unwrap() - total * 125.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_confirmed_has_no_price_each_and_a_free_list_costs_nothing() {
        let mut none = found();
        none.orders.confirmed = 0;
        assert_eq!(cost(&none, &PriceList::us_east_1_2026_01()).per_1000_confirmed, None);
        assert_eq!(cost(&found(), &PriceList::none()).total, 0.0);
    }
}
