//! Step Functions Standard workflows, and the SDKs that call them.

use super::{Fact, Mark, Part, Range, Value, Worse};
use crate::time::SimDuration;

const RETRY: &str = "Step Functions Developer Guide, \"Handling errors in Step Functions workflows\"";
const CONSOLE: &str = "exports of the console, 2025 and later";
const PRACTICES: &str = "Step Functions Developer Guide, \"Best practices for Step Functions\"";
const SDK: &str = "AWS SDKs and Tools Reference Guide, \"Retry behavior\": three attempts in the standard mode; which SDK and mode a caller has is not known";
const SDK_BACKOFF: &str =
    "AWS SDKs and Tools Reference Guide, \"Retry behavior\": full jitter over 1 s, doubling; SDKs differ in the base";

facts! {
    RETRY_INTERVAL: SimDuration = SimDuration::from_secs(1), Length, "retry.interval", Retry,
        High, RETRY,
        "The wait before the first retry, where a Retry does not say.";
    RETRY_MAX_ATTEMPTS: u32 = 3, Count, "retry.max_attempts", Retry,
        High, RETRY,
        "Retries, where a Retry does not say.";
    RETRY_BACKOFF_RATE: f64 = 2.0, Factor, "retry.backoff_rate", Retry,
        High, RETRY,
        "The factor from one wait to the next, where a Retry does not say.";
    CONSOLE_INTERVAL: SimDuration = SimDuration::from_secs(1), Length, "retry, console: interval", ConsoleRetry,
        Medium, CONSOLE,
        "The wait before the first retry that the console writes under a Lambda Task, with full jitter.";
    CONSOLE_MAX_ATTEMPTS: u32 = 3, Count, "retry, console: max_attempts", ConsoleRetry,
        Medium, CONSOLE,
        "The retries that the console writes.";
    DOCUMENTATION_INTERVAL: SimDuration = SimDuration::from_secs(2), Length, "retry, documentation: interval", DocumentationRetry,
        High, PRACTICES,
        "The wait before the first retry in the developer guide's snippet, without jitter.";
    DOCUMENTATION_MAX_ATTEMPTS: u32 = 6, Count, "retry, documentation: max_attempts", DocumentationRetry,
        High, PRACTICES,
        "The retries in the developer guide's snippet.";
    START_TRIES: u32 = 3, Count, "sdk.start_tries", Door,
        Assumed, SDK,
        "Calls of StartExecution in all before an order is refused.",
        Low is worse, 3, 5, "the standard mode's three, to the five of boto3's legacy mode; the more tries, the fewer orders are refused";
    START_BACKOFF: SimDuration = SimDuration::from_secs(1), Length, "sdk.start_backoff", Door,
        Assumed, SDK_BACKOFF,
        "The longest wait before the second call of StartExecution; it doubles from call to call.",
        Low is worse, SimDuration::from_millis(500), SimDuration::from_secs(2),
        "decided: half, to twice; tries that come soon are spent before the bucket has refilled";
    CALLBACK_TRIES: u32 = 3, Count, "sdk.callback_tries", Answers,
        Assumed, SDK,
        "Calls in all with which a worker answers a task before its record counts as failed.",
        Low is worse, 3, 5, "as for sdk.start_tries; an answer that is lost brings its message back";
    CALLBACK_BACKOFF: SimDuration = SimDuration::from_millis(100), Length, "sdk.callback_backoff", Answers,
        Assumed, "the AWS SDK for JavaScript v3 has 100 ms, and 500 ms after a throttle; SDKs differ",
        "The longest wait before the second call to answer; it doubles from call to call.",
        Low is worse, SimDuration::from_millis(50), SimDuration::from_secs(1),
        "decided: half, to the 1 s of the SDKs' reference guide; tries that come soon are spent before the bucket has refilled";
    LONGEST_SDK_BACKOFF: SimDuration = SimDuration::from_secs(20), Length, "sdk.longest_backoff", Callers,
        High, "AWS SDKs and Tools Reference Guide, \"Retry behavior\"",
        "No wait of an SDK is longer, before its jitter.";
}
