//! What AWS charges: prices as plain data with a date, never fetched. Free tiers and volume discounts are left out: they
//! belong to an account and a month, not to a run.

use crate::facts::prices;

/// Unit prices in USD.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceList {
    /// What a scenario calls it, `none` where nothing costs anything; ", own prices" follows where some were changed.
    pub name: String,
    /// The month its prices were in force; `None` where there are none.
    pub dated: Option<String>,
    /// A state transition of a Standard workflow. Default 0.000025 (0.025 per 1,000).
    pub state_transition: f64,
    /// A request to a standard queue; an empty receive is one too. Default 0.0000004 (0.40 per million).
    pub sqs_request: f64,
    /// An invocation. Default 0.0000002 (0.20 per million).
    pub lambda_request: f64,
    /// A GB-second of an environment on demand, x86. Default 0.0000166667.
    pub lambda_gb_second: f64,
    /// A GB-second of provisioned concurrency, whether it works or not, x86. Default 0.0000041667.
    pub provisioned_gb_second: f64,
    /// A GB-second of work in provisioned concurrency, on top of the former. Default 0.0000097222.
    pub provisioned_run_gb_second: f64,
    /// State transitions that an execution is billed beyond its states and retries. Default 0.
    pub extra_transitions: u32,
}

/// The names of the built-in lists.
pub const NAMES: [&str; 2] = ["us-east-1-2026-01", "none"];

impl PriceList {
    /// A list by its name.
    pub fn named(name: &str) -> Option<PriceList> {
        match name {
            "us-east-1-2026-01" => Some(PriceList::us_east_1_2026_01()),
            "none" => Some(PriceList::none()),
            _ => None,
        }
    }

    /// Nothing costs anything: the textbook's list.
    pub fn none() -> PriceList {
        PriceList {
            name: "none".to_string(),
            dated: None,
            state_transition: 0.0,
            sqs_request: 0.0,
            lambda_request: 0.0,
            lambda_gb_second: 0.0,
            provisioned_gb_second: 0.0,
            provisioned_run_gb_second: 0.0,
            extra_transitions: prices::EXTRA_TRANSITIONS,
        }
    }

    /// On-demand prices in us-east-1 for x86, first tier, as of January 2026. Sources: "AWS Step Functions Pricing" [H];
    /// "Amazon SQS pricing" [H]/[M]; "AWS Lambda pricing" [H], for provisioned concurrency [M].
    pub fn us_east_1_2026_01() -> PriceList {
        PriceList {
            name: "us-east-1-2026-01".to_string(),
            dated: Some("2026-01".to_string()),
            state_transition: prices::STATE_TRANSITION,
            sqs_request: prices::SQS_REQUEST,
            lambda_request: prices::LAMBDA_REQUEST,
            lambda_gb_second: prices::LAMBDA_GB_SECOND,
            provisioned_gb_second: prices::PROVISIONED_GB_SECOND,
            provisioned_run_gb_second: prices::PROVISIONED_RUN_GB_SECOND,
            extra_transitions: prices::EXTRA_TRANSITIONS,
        }
    }

    /// Whether nothing costs anything.
    pub fn is_free(&self) -> bool {
        let prices = [
            self.state_transition,
            self.sqs_request,
            self.lambda_request,
            self.lambda_gb_second,
            self.provisioned_gb_second,
            self.provisioned_run_gb_second,
        ];
        prices.iter().all(|price| *price == 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_list_and_no_other() {
        for name in NAMES {
            assert_eq!(PriceList::named(name).map(|list| list.name), Some(name.to_string()));
        }
        assert_eq!(PriceList::named("us-east-1"), None);
        assert!(PriceList::none().is_free() && !PriceList::us_east_1_2026_01().is_free());
    }

    /// The worked example: a callback order of 256 MB and 100 ms in batches of one is nearly all Step Functions.
    #[test]
    fn step_functions_is_96_percent_of_a_typical_order() {
        let prices = PriceList::us_east_1_2026_01();
        let transitions = 2.0 * prices.state_transition;
        let rest = 3.0 * prices.sqs_request + prices.lambda_request + 0.25 * 0.1 * prices.lambda_gb_second;
        assert!((transitions - 5.0e-5).abs() < 1e-12);
        assert!((rest - (1.2e-6 + 0.2e-6 + 0.416_667_5e-6)).abs() < 1e-12);
        let share = transitions / (transitions + rest);
        assert!((0.96..0.97).contains(&share), "{share}");
    }
}
