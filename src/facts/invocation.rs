//! Lambda's own queue of asynchronous invocations.

use super::{Fact, Mark, Part, Range, Value, Worse};
use crate::time::SimDuration;

const CONFIG: &str = "Lambda API Reference, \"PutFunctionEventInvokeConfig\"";
const ERRORS: &str = "Lambda Developer Guide, \"How Lambda handles errors and retries with asynchronous invocation\"";

facts! {
    MAXIMUM_EVENT_AGE: SimDuration = SimDuration::from_secs(21_600), Length, "direct.maximum_event_age", Asynchronous,
        High, CONFIG,
        "Lambda keeps an event so long.";
    MAXIMUM_RETRY_ATTEMPTS: u32 = 2, Count, "direct.maximum_retry_attempts", Asynchronous,
        High, CONFIG,
        "Lambda runs an event again so often after errors of the function.";
    FIRST_THROTTLE_WAIT: SimDuration = SimDuration::from_secs(1), Length, "direct.first_event_backoff", Asynchronous,
        High, ERRORS,
        "An event that the function has no room for waits so long after the first throttle.";
    LONGEST_THROTTLE_WAIT: SimDuration = SimDuration::from_secs(300), Length, "direct.longest_event_backoff", Asynchronous,
        High, ERRORS,
        "The longest such wait.";
    EVENT_BACKOFF_RATE: f64 = 2.0, Factor, "direct.event_backoff_rate", Asynchronous,
        Assumed, "\"How Lambda handles errors and retries with asynchronous invocation\" says exponentially from 1 s to 5 min, not by which factor",
        "Each such wait is the one before times this.",
        High is worse, 1.5, 3.0, "decided, around the factor that AWS's own back-offs have; with a larger one events sleep longer while slots are free";
    FIRST_ERROR_WAIT: SimDuration = SimDuration::from_secs(60), Length, "direct.first_error_wait", Asynchronous,
        High, ERRORS,
        "An event whose invocation failed waits so long for its first retry.";
    SECOND_ERROR_WAIT: SimDuration = SimDuration::from_secs(120), Length, "direct.second_error_wait", Asynchronous,
        High, ERRORS,
        "The same before its second retry.";
    BACKOFF_COURSE: &str = "without jitter, and beginning anew after each run", Rule, "direct.event_backoff_course", Asynchronous,
        Assumed, "\"How Lambda handles errors and retries with asynchronous invocation\" names the ends, not the course",
        "How the back-off of throttled events goes on.";
}
