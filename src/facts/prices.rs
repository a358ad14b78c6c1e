//! What AWS charges in us-east-1, on demand, x86, first tier, as of January 2026; and what it counts.

use super::{Fact, Mark, Part, Range, Value, Worse};

const LAMBDA: &str = "\"AWS Lambda pricing\"";

facts! {
    STATE_TRANSITION: f64 = 0.025 / 1e3, Usd, "cost.price_list, a state transition", Prices,
        High, "\"AWS Step Functions pricing\"",
        "A state transition of a Standard workflow.";
    SQS_REQUEST: f64 = 0.40 / 1e6, Usd, "cost.price_list, an SQS request", Prices,
        Medium, "\"Amazon SQS pricing\" as restated in 2026; an empty receive is a request too",
        "A request to a standard queue.";
    LAMBDA_REQUEST: f64 = 0.20 / 1e6, Usd, "cost.price_list, a Lambda request", Prices,
        High, LAMBDA,
        "An invocation.";
    LAMBDA_GB_SECOND: f64 = 0.000_016_666_7, Usd, "cost.price_list, a GB-second", Prices,
        High, LAMBDA,
        "A GB-second of an environment on demand, rounded up to a millisecond, initialising included.";
    PROVISIONED_GB_SECOND: f64 = 0.000_004_166_7, Usd, "cost.price_list, a provisioned GB-second", Prices,
        Medium, LAMBDA,
        "A GB-second of provisioned concurrency, whether it works or not.";
    PROVISIONED_RUN_GB_SECOND: f64 = 0.000_009_722_2, Usd, "cost.price_list, a provisioned GB-second at work", Prices,
        Medium, LAMBDA,
        "A GB-second of work in provisioned concurrency, on top of the former.";
    NEEDED_TRANSITIONS: u32 = 2, Count, "cost.needed_transitions", Prices,
        High, "\"AWS Step Functions pricing\": one for each step, and one for each retry",
        "State transitions that an answered order needs: into its task, and into the next state.";
    EXTRA_TRANSITIONS: u32 = 0, Count, "cost.extra_transitions", Prices,
        Assumed, "\"AWS Step Functions pricing\": its example appears to count the start and the end of an execution, too",
        "State transitions that an execution is billed beyond its states and retries.",
        High is worse, 0, 2, "none, to the start and the end of AWS's example";
}
