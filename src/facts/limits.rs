//! What AWS takes when a queue, a mapping, a function or a workflow is made, and what it advises.

use super::{Fact, Mark, Part, Value};
use crate::time::SimDuration;

const CREATE_QUEUE: &str = "SQS API Reference, \"CreateQueue\"";
const MAPPING: &str = "Lambda Developer Guide, \"Lambda parameters for Amazon SQS event source mappings\"";
const SQS_MAPPING: &str = "Lambda Developer Guide, \"Creating and configuring an Amazon SQS event source mapping\"";
const QUOTAS: &str = "Lambda Developer Guide, \"Lambda quotas\"";
const TASK: &str = "Step Functions Developer Guide, \"Task workflow state\"";
const RETRY: &str = "Step Functions Developer Guide, \"Handling errors in Step Functions workflows\"";

facts! {
    LONGEST_VISIBILITY_TIMEOUT: SimDuration = SimDuration::from_secs(43_200), Length, "queue.visibility_timeout, at most", Check,
        High, CREATE_QUEUE,
        "The longest visibility timeout; the shortest is 0 s.";
    SHORTEST_RETENTION: SimDuration = SimDuration::from_secs(60), Length, "queue.message_retention_period, at least", Check,
        High, CREATE_QUEUE,
        "The shortest retention.";
    LONGEST_RETENTION: SimDuration = SimDuration::from_secs(14 * 86_400), Length, "queue.message_retention_period, at most", Check,
        High, CREATE_QUEUE,
        "The longest retention.";
    MOST_RECEIVES: u32 = 1_000, Count, "queue.dead_letter.max_receive_count, at most", Check,
        Medium, CREATE_QUEUE,
        "The largest maxReceiveCount; the smallest is 1.";
    ADVISED_RECEIVES: u32 = 5, Count, "queue.dead_letter.max_receive_count, advised", Check,
        High, SQS_MAPPING,
        "The least maxReceiveCount that AWS advises with Lambda.";
    ADVISED_VISIBILITY: u32 = 6, Count, "queue.visibility_timeout, advised", Check,
        High, SQS_MAPPING,
        "The visibility timeout that AWS advises, in timeouts of the function; the batching window comes on top.";
    LARGEST_BATCH: u32 = 10_000, Count, "event_source.batch_size, at most", Check,
        High, MAPPING,
        "The largest batch.";
    LARGEST_BATCH_WITHOUT_WINDOW: u32 = 10, Count, "event_source.batch_size, without a window", Check,
        High, MAPPING,
        "A larger batch needs a batching window.";
    SHORTEST_WINDOW: SimDuration = SimDuration::from_secs(1), Length, "event_source.maximum_batching_window, at least", Check,
        High, MAPPING,
        "The window that a larger batch needs at least.";
    LONGEST_WINDOW: SimDuration = SimDuration::from_secs(300), Length, "event_source.maximum_batching_window, at most", Check,
        High, MAPPING,
        "The longest batching window.";
    LEAST_MAXIMUM_CONCURRENCY: u32 = 2, Count, "event_source.maximum_concurrency, at least", Check,
        High, MAPPING,
        "The smallest maximum concurrency of a mapping.";
    MOST_MAXIMUM_CONCURRENCY: u32 = 1_000, Count, "event_source.maximum_concurrency, at most", Check,
        High, MAPPING,
        "The largest maximum concurrency of a mapping.";
    LONGEST_FUNCTION_TIMEOUT: SimDuration = SimDuration::from_secs(900), Length, "lambda.timeout, at most", Check,
        High, QUOTAS,
        "The longest timeout of a function; the shortest is 1 s.";
    LEAST_MEMORY: u32 = 128, Megabytes, "lambda.memory_size, at least", Check,
        High, QUOTAS,
        "The least memory of a function.";
    MOST_MEMORY: u32 = 10_240, Megabytes, "lambda.memory_size, at most", Check,
        High, QUOTAS,
        "The most memory of a function.";
    UNRESERVED: u32 = 100, Count, "account.unreserved", Check,
        High, "Lambda Developer Guide, \"Understanding Lambda function scaling\"",
        "Concurrency that every account keeps unreserved.";
    LONGEST_TASK: SimDuration = SimDuration::from_secs(99_999_999), Length, "step_functions.timeout, at most", Check,
        High, TASK,
        "The longest timeout and heartbeat of a task; the shortest is 1 s. It is AWS's default, which is to say none.";
    MOST_RETRIES: u32 = 99_999_999, Count, "retry.max_attempts, at most", Check,
        High, RETRY,
        "The most retries.";
    LONGEST_RETRY_DELAY: SimDuration = SimDuration::from_secs(31_622_400), Length, "retry.max_delay, at most", Check,
        High, RETRY,
        "The longest cap on the wait before a retry; the shortest is 1 s.";
    SHORTEST_EVENT_AGE: SimDuration = SimDuration::from_secs(60), Length, "direct.maximum_event_age, at least", Check,
        High, "Lambda API Reference, \"PutFunctionEventInvokeConfig\"",
        "The shortest maximum age of an event; the longest is the default.";
}
