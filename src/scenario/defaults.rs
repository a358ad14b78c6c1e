//! What each profile fills in where a scenario says nothing. This is the whole difference between the profiles, but for
//! AWS's own checks. Facts carry a mark: **[H]** read in current AWS documentation, **[M]** older or second-hand, **[A]**
//! assumed by us; `docs/model.md` has the same table.

use crate::model::bucket::BucketSettings;
use crate::model::queue::{ReturnedTo, StaleDelete};
use crate::scenario::Profile;
use crate::scenario::account::REGION;
use crate::scenario::retry::DefaultRetry;
use crate::system::spec::Pull;
use crate::time::SimDuration;

/// Defaults that depend on the profile. Distributions are in the canonical form of the resolved scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Defaults {
    /// `queue.visibility_timeout`.
    pub visibility_timeout: Option<SimDuration>,
    /// `queue.message_retention_period`.
    pub message_retention_period: Option<SimDuration>,
    /// `queue.returned_to`.
    pub returned_to: (&'static str, ReturnedTo),
    /// `queue.stale_delete`.
    pub stale_delete: (&'static str, StaleDelete),
    /// The longest `queue.delay` of a message, in whole seconds; it has no key.
    pub longest_delay: Option<SimDuration>,
    /// `queue.in_flight_limit`.
    pub in_flight_limit: Option<u64>,
    /// `event_source.batch_size`.
    pub batch_size: u64,
    /// `event_source.pull`.
    pub pull: (&'static str, Pull),
    /// `event_source.scale_interval`.
    pub scale_interval: Option<SimDuration>,
    /// `event_source.error_backoff`.
    pub error_backoff: SimDuration,
    /// `lambda.timeout`.
    pub function_timeout: Option<SimDuration>,
    /// `lambda.duration`.
    pub duration: &'static str,
    /// `lambda.cold_start`.
    pub cold_start: &'static str,
    /// `lambda.idle_before_reclaim`.
    pub idle_before_reclaim: Option<SimDuration>,
    /// `lambda.recycle_after`.
    pub recycle_after: Option<&'static str>,
    /// `direct.retry`.
    pub direct_retry: DefaultRetry,
    /// `direct.maximum_event_age`, of asynchronous invocation.
    pub maximum_event_age: Option<SimDuration>,
    /// `direct.maximum_retry_attempts`, of asynchronous invocation.
    pub maximum_retry_attempts: u64,
    /// `[latency]`.
    pub latency: LatencyDefaults,
    /// `account.region`.
    pub region: Option<&'static str>,
    /// `account.concurrency_limit`.
    pub concurrency_limit: Option<u32>,
    /// `account.environment_rate`.
    pub environment_rate: Option<BucketSettings>,
    /// `lambda.provisioned_delay`.
    pub provisioned_delay: SimDuration,
    /// Provisioned environments allocated a minute; it has no key.
    pub provisioned_per_minute: Option<u32>,
    /// Requests a second per unit of concurrency; it has no key.
    pub requests_per_concurrency: Option<u32>,
    /// `cost.price_list`.
    pub price_list: &'static str,
}

/// `[latency]`, a distribution per hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyDefaults {
    /// `start`.
    pub start: &'static str,
    /// `dispatch`.
    pub dispatch: &'static str,
    /// `transition`.
    pub transition: &'static str,
    /// `send`.
    pub send: &'static str,
    /// `receive`.
    pub receive: &'static str,
    /// `invoke`.
    pub invoke: &'static str,
    /// `callback`.
    pub callback: &'static str,
}

impl Defaults {
    /// Those of a profile.
    pub fn of(profile: Profile) -> &'static Defaults {
        match profile {
            Profile::Aws => &AWS,
            Profile::Textbook => &TEXTBOOK,
        }
    }
}

/// The `textbook` profile: nothing takes time, nothing is limited, nobody loses patience.
pub const TEXTBOOK: Defaults = Defaults {
    visibility_timeout: None,
    message_retention_period: None,
    returned_to: ("back", ReturnedTo::Back),
    stale_delete: ("deletes", StaleDelete::Deletes),
    longest_delay: None,
    in_flight_limit: None,
    batch_size: 1,
    pull: ("when_free", Pull::WhenFree),
    scale_interval: None,
    error_backoff: SimDuration::ZERO,
    function_timeout: None,
    duration: ASSUMED_DURATION,
    cold_start: AT_ONCE,
    idle_before_reclaim: None,
    recycle_after: None,
    direct_retry: DefaultRetry::None,
    maximum_event_age: None,
    maximum_retry_attempts: 0,
    latency: LatencyDefaults {
        start: AT_ONCE,
        dispatch: AT_ONCE,
        transition: AT_ONCE,
        send: AT_ONCE,
        receive: AT_ONCE,
        invoke: AT_ONCE,
        callback: AT_ONCE,
    },
    region: None,
    concurrency_limit: None,
    environment_rate: None,
    provisioned_delay: SimDuration::ZERO,
    provisioned_per_minute: None,
    requests_per_concurrency: None,
    price_list: "none",
};

/// The handler's work where a scenario says nothing, in either profile: an assumption, not a measurement.
const ASSUMED_DURATION: &str = "\"100ms\"";
const AT_ONCE: &str = "\"0s\"";

/// The `aws` profile: what an account of its own has where nobody sets anything.
pub const AWS: Defaults = Defaults {
    // [H] SQS API Reference, CreateQueue.
    visibility_timeout: Some(SimDuration::from_secs(30)),
    // [H] SQS API Reference, CreateQueue: 345,600 s.
    message_retention_period: Some(SimDuration::from_secs(4 * 86_400)),
    // [A] Order is best effort; a message that comes back is the oldest.
    returned_to: ("place", ReturnedTo::Place),
    // [M] SQS Developer Guide, "Queue and message identifiers": a delete needs the newest receipt.
    stale_delete: ("ignored", StaleDelete::Ignored),
    // [H] SQS API Reference, SendMessage: DelaySeconds from 0 to 900.
    longest_delay: Some(SimDuration::from_secs(900)),
    // [H] SQS Developer Guide, "Amazon SQS standard queue quotas": approximately; AWS raises it on request.
    in_flight_limit: Some(120_000),
    // [H] Lambda Developer Guide, "Lambda parameters for Amazon SQS event source mappings".
    batch_size: 10,
    // [M] Measured by others: the pollers fetch whatever the function's reserved concurrency is.
    pull: ("eager", Pull::Eager),
    // [A] AWS says +300 a minute, not in which steps: +5 a second here.
    scale_interval: Some(SimDuration::from_secs(1)),
    // [A] Fitted to the one published measurement (rehanvdm.com, "SQS Lambda ESM Scaling Behaviour", 2025): with 10 % of
    // the invocations of 50 ms failing, throughput fell to 15 %. A poller that pauses T after a failure works the share
    // m / (m + T) of the time, with m = 0.05 s / 10 % = 0.5 s of work between failures; hence T = 2.8 s.
    error_backoff: SimDuration::from_millis(2_800),
    // [M] Lambda's default.
    function_timeout: Some(SimDuration::from_secs(3)),
    duration: ASSUMED_DURATION,
    // [H] for the data, without code download and placement: repository maxday/lambda-perf, nodejs22.x on x86, 820 cold
    // starts from June to August 2026; a log-normal through its median and 99th percentile.
    cold_start: "{ p50 = \"145ms\", p99 = \"220ms\", distribution = \"lognormal\" }",
    // [A] Unpublished; last measured in 2020, between 635.8 s and 645.0 s (pacslab/serverless-performance-modeling).
    idle_before_reclaim: Some(SimDuration::from_secs(600)),
    // [A] AWS says "every few hours".
    recycle_after: Some("{ min = \"2h\", max = \"8h\", distribution = \"uniform\" }"),
    // [M] Exports of 2025 and later.
    direct_retry: DefaultRetry::Console,
    // [H] Lambda API Reference, PutFunctionEventInvokeConfig: 21,600 s, and 2.
    maximum_event_age: Some(SimDuration::from_secs(21_600)),
    maximum_retry_attempts: 2,
    latency: AWS_LATENCY,
    region: Some(REGION),
    // [H] "Lambda quotas"; new accounts start lower.
    concurrency_limit: Some(1_000),
    // [H] "Lambda scaling behavior": 1,000 environments every 10 s per function, refilled all the time.
    environment_rate: Some(BucketSettings { size: 1_000, refill_per_s: 100.0 }),
    // [A] "Understanding Lambda function scaling": a minute or two.
    provisioned_delay: SimDuration::from_secs(90),
    // [H] the same.
    provisioned_per_minute: Some(6_000),
    // [H] "Understanding Lambda function scaling".
    requests_per_concurrency: Some(10),
    price_list: "us-east-1-2026-01",
};

/// Latencies of the `aws` profile. AWS promises none and publishes none: **all assumed [A]**, log-normals fitted by drawing
/// 200,000 sums to the ends of two measured paths ("Serverless Messaging: Latency Compared", Bite-Sized Serverless,
/// eu-west-1, September 2022, 1,024 messages each, warm functions):
///
/// | path | hops | p50 | p99 | measured p50 | measured p99 |
/// |---|---|---|---|---|---|
/// | Step Functions Standard to handler, synchronous | start + dispatch + invoke | 99 ms | 251 ms | 99.1 ms | 250 ms |
/// | SQS standard queue to handler | receive + invoke | 16 ms | 106 ms | 16.2 ms | 105 ms |
///
/// A sum of log-normals is wider below its median than what was measured (p10 61 ms for 73 ms, and 7 ms for 13.7 ms).
/// How a path is split among its hops is a guess, guided by one recorded execution history (AWS SageMaker sample, 2024).
const AWS_LATENCY: LatencyDefaults = LatencyDefaults {
    start: "{ p50 = \"48ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
    dispatch: "{ p50 = \"38ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
    transition: "{ p50 = \"25ms\", p99 = \"100ms\", distribution = \"lognormal\" }",
    // One API call from inside the Region; AWS's own example reckons with a mean of 20 ms.
    send: "{ p50 = \"10ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
    receive: "{ p50 = \"9ms\", p99 = \"98ms\", distribution = \"lognormal\" }",
    invoke: "{ p50 = \"5ms\", p99 = \"30ms\", distribution = \"lognormal\" }",
    callback: "{ p50 = \"20ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
};

#[cfg(test)]
#[path = "defaults_tests.rs"]
mod tests;
