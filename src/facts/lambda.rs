//! The Lambda function and its execution environments.

use super::{Fact, Mark, Part, Range, Value, Worse};
use crate::time::SimDuration;

const QUOTAS: &str = "Lambda Developer Guide, \"Lambda quotas\"";
const CONCURRENCY: &str = "Lambda Developer Guide, \"Understanding Lambda function scaling\"";

facts! {
    DURATION: &str = "\"100ms\"", Distribution, "lambda.duration", Always,
        Assumed, "no claim about any function: measure yours",
        "The handler's own work on one record.",
        High is worse, "\"50ms\"", "\"200ms\"", "decided: half, to twice, which is no measurement";
    FUNCTION_TIMEOUT: SimDuration = SimDuration::from_secs(3), Length, "lambda.timeout", Always,
        Medium, "Lambda Developer Guide, \"Configure Lambda function timeout\"",
        "The function's timeout over the whole invocation.";
    MEMORY_SIZE: u32 = 128, Megabytes, "lambda.memory_size", Always,
        High, QUOTAS,
        "The function's memory.";
    COLD_START: &str = "{ p50 = \"145ms\", p99 = \"220ms\", distribution = \"lognormal\" }", Distribution, "lambda.cold_start", Always,
        Assumed, "fitted to repository maxday/lambda-perf: nodejs22.x on x86, 820 cold starts, June to August 2026, without code download and placement",
        "How long a new environment initialises.",
        High is worse,
        "{ p50 = \"16ms\", p99 = \"50ms\", distribution = \"lognormal\" }",
        "{ p50 = \"445ms\", p99 = \"1.22s\", distribution = \"lognormal\" }",
        "the fastest runtime of the same data (rust, x86), to placement of 300 ms at the median and imports of 1 s at the 99th percentile on top";
    IDLE_BEFORE_RECLAIM: SimDuration = SimDuration::from_secs(600), Length, "lambda.idle_before_reclaim", Idle,
        Assumed, "last measured in 2020, between 635.8 s and 645.0 s (pacslab/serverless-performance-modeling)",
        "An environment idle for so long is taken away.",
        Low is worse, SimDuration::from_secs(300), SimDuration::from_secs(900),
        "decided, around the measurements of 2019 and 2020 (10 min, 10.6 min)";
    RECYCLE_AFTER: &str = "{ min = \"2h\", max = \"8h\", distribution = \"uniform\" }", Distribution, "lambda.recycle_after", Idle,
        Assumed, "Lambda Developer Guide, \"Understanding the Lambda execution environment lifecycle\": every few hours",
        "An environment of this age is taken away when its invocation ends.",
        Low is worse, "\"2h\"", "\"8h\"", "the ends of the likely range";
    ENVIRONMENT_CHOICE: &str = "the most recently used idle environment is taken first", Rule, "lambda.environment_choice", Idle,
        Assumed, "replays of production traces are right only so (pacslab/serverless-performance-modeling)",
        "Which environment an invocation gets.";
    PROVISIONED_DELAY: SimDuration = SimDuration::from_secs(90), Length, "lambda.provisioned_delay", Provisioned,
        Assumed, "Lambda Developer Guide, \"Understanding Lambda function scaling\": a minute or two",
        "Provisioned concurrency that is asked for begins to be allocated after this time.",
        High is worse, SimDuration::from_secs(60), SimDuration::from_secs(120), "the minute, and the two, that AWS names [H]";
    PROVISIONED_PER_MINUTE: u32 = 6_000, Count, "lambda.provisioned_per_minute", Provisioned,
        High, CONCURRENCY,
        "Provisioned environments that are allocated in a minute.";
    REQUESTS_PER_CONCURRENCY: u32 = 10, Count, "account.requests_per_concurrency", Requests,
        High, CONCURRENCY,
        "Synchronous requests a second for each unit of the function's concurrency.";
    CONCURRENCY_LIMIT: u32 = 1_000, Count, "account.concurrency_limit", Always,
        High, "Lambda Developer Guide, \"Lambda quotas\"; new accounts start lower",
        "Environments of all functions that may work at once.";
    ENVIRONMENT_RATE: (u32, f64) = (1_000, 100.0), Bucket, "account.environment_rate", Always,
        High, "Lambda Developer Guide, \"Lambda scaling behavior\": 1,000 every 10 s, refilled all the time",
        "New environments of one function.";
}
