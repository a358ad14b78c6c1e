//! What each profile fills in where a scenario says nothing. This is the whole difference between the profiles, but for
//! AWS's own checks. The numbers of AWS, their marks and their sources are in `facts`.

use crate::facts::{event_source, invocation, lambda, latency, prices, queue};
use crate::measure::prices::NAMES;
use crate::model::bucket::BucketSettings;
use crate::model::queue::{ReturnedTo, StaleDelete};
use crate::scenario::Profile;
use crate::scenario::account::REGION;
use crate::scenario::retry::DefaultRetry;
use crate::system::spec::{Pull, SdkSpec};
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
    /// `queue.duplicate_delivery`, in percent.
    pub duplicate_delivery: f64,
    /// `queue.reorder_window`.
    pub reorder_window: SimDuration,
    /// `queue.dead_letter.redrive_rate`, a second.
    pub redrive_rate: f64,
    /// `event_source.batch_size`.
    pub batch_size: u64,
    /// `event_source.pull`.
    pub pull: (&'static str, Pull),
    /// `event_source.scale_interval`.
    pub scale_interval: Option<SimDuration>,
    /// `event_source.scale_down_interval`.
    pub scale_down_interval: SimDuration,
    /// `event_source.error_backoff`.
    pub error_backoff: SimDuration,
    /// `event_source.throttle_backoff`.
    pub throttle_backoff: SimDuration,
    /// `event_source.throttle_backoff_limit`.
    pub throttle_backoff_limit: SimDuration,
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
    /// `direct.event_backoff_rate`, of asynchronous invocation.
    pub event_backoff_rate: f64,
    /// `[sdk]`.
    pub sdk: SdkSpec,
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
    /// `cost.extra_transitions`.
    pub extra_transitions: u32,
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
    // What else there is only matters where a scenario asks for it, and then it is AWS's.
    ..AWS
};

const AT_ONCE: &str = "\"0s\"";

/// The `aws` profile: what an account of its own has where nobody sets anything. All of it is in the list of facts.
pub const AWS: Defaults = Defaults {
    visibility_timeout: Some(queue::VISIBILITY_TIMEOUT),
    message_retention_period: Some(queue::MESSAGE_RETENTION_PERIOD),
    returned_to: (queue::RETURNED_TO, ReturnedTo::Place),
    stale_delete: (queue::STALE_DELETE, StaleDelete::Ignored),
    longest_delay: Some(queue::LONGEST_DELAY),
    in_flight_limit: Some(queue::IN_FLIGHT_LIMIT as u64),
    duplicate_delivery: queue::DUPLICATE_DELIVERY,
    reorder_window: queue::REORDER_WINDOW,
    redrive_rate: queue::REDRIVE_RATE,
    batch_size: event_source::BATCH_SIZE as u64,
    pull: (event_source::PULL, Pull::Eager),
    scale_interval: Some(event_source::SCALE_INTERVAL),
    scale_down_interval: event_source::SCALE_DOWN_INTERVAL,
    error_backoff: event_source::ERROR_BACKOFF,
    throttle_backoff: event_source::THROTTLE_BACKOFF,
    throttle_backoff_limit: event_source::THROTTLE_BACKOFF_LIMIT,
    function_timeout: Some(lambda::FUNCTION_TIMEOUT),
    duration: lambda::DURATION,
    cold_start: lambda::COLD_START,
    idle_before_reclaim: Some(lambda::IDLE_BEFORE_RECLAIM),
    recycle_after: Some(lambda::RECYCLE_AFTER),
    direct_retry: DefaultRetry::Console,
    maximum_event_age: Some(invocation::MAXIMUM_EVENT_AGE),
    maximum_retry_attempts: invocation::MAXIMUM_RETRY_ATTEMPTS as u64,
    event_backoff_rate: invocation::EVENT_BACKOFF_RATE,
    sdk: SdkSpec::AWS,
    latency: LatencyDefaults {
        start: latency::START,
        dispatch: latency::DISPATCH,
        transition: latency::TRANSITION,
        send: latency::SEND,
        receive: latency::RECEIVE,
        invoke: latency::INVOKE,
        callback: latency::CALLBACK,
    },
    region: Some(REGION),
    concurrency_limit: Some(lambda::CONCURRENCY_LIMIT),
    environment_rate: Some(BucketSettings {
        size: lambda::ENVIRONMENT_RATE.0,
        refill_per_s: lambda::ENVIRONMENT_RATE.1,
    }),
    provisioned_delay: lambda::PROVISIONED_DELAY,
    provisioned_per_minute: Some(lambda::PROVISIONED_PER_MINUTE),
    requests_per_concurrency: Some(lambda::REQUESTS_PER_CONCURRENCY),
    price_list: NAMES[0],
    extra_transitions: prices::EXTRA_TRANSITIONS,
};

#[cfg(test)]
#[path = "defaults_tests.rs"]
mod tests;
