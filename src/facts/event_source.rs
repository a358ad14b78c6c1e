//! The Lambda event source mapping for SQS.

use super::{Fact, Mark, Part, Range, Value, Worse};
use crate::time::SimDuration;

const MAPPING: &str = "Lambda Developer Guide, \"Lambda parameters for Amazon SQS event source mappings\"";
const SCALING: &str = "Lambda Developer Guide, \"Configuring scaling behavior for SQS event source mappings\"";
const ERRORS: &str = "Lambda Developer Guide, \"Handling errors for an SQS event source in Lambda\" says that it backs off, not for how long";

facts! {
    BATCH_SIZE: u32 = 10, Count, "event_source.batch_size", Always,
        High, MAPPING,
        "Messages that one invocation is given at most.";
    PULL: &str = "eager", Word, "event_source.pull", Always,
        Medium, "measured by others (Zac Charles, \"Lambda Concurrency Limits and SQS Triggers Don't Mix Well\"; DataBiosphere/azul issue 3708)",
        "Pollers receive whether or not the function has a free slot.";
    FIRST_BATCHES: u32 = 5, Count, "event_source.first_batches", Ramp,
        High, SCALING,
        "Batches that may be in hand at once as soon as messages come.";
    POLLERS_PER_STEP: u32 = 5, Count, "event_source.pollers_per_step", Ramp,
        High, "Lambda Developer Guide, \"Configuring scaling behavior for SQS event source mappings\": 300 a minute, which is 5 a second",
        "Batches more at each step of the ramp.";
    MOST_POLLERS: u32 = 1_250, Count, "event_source.most_pollers", Ramp,
        High, SCALING,
        "Batches in hand at once at most.";
    IDLE_POLLERS: u32 = 2, Count, "event_source.idle_pollers", Ramp,
        High, SCALING,
        "Pollers of an idle mapping without a maximum concurrency; with one it keeps the first batches.";
    LONG_POLL: SimDuration = SimDuration::from_secs(20), Length, "event_source.long_poll", Ramp,
        Medium, "measured by others (DataBiosphere/azul issue 3708): 15 empty receives a minute of 5 pollers; the longest WaitTimeSeconds",
        "An idle poller's receive waits so long for a message, then it was an empty receive.";
    SCALE_INTERVAL: SimDuration = SimDuration::from_secs(1), Length, "event_source.scale_interval", Ramp,
        Assumed, "\"Configuring scaling behavior for SQS event source mappings\" says 300 more a minute, not in which steps",
        "The time between two steps of the ramp.",
        High is worse, SimDuration::from_secs(1), SimDuration::from_millis(1_132),
        "300 a minute are AWS's word [H]; 265 cold starts a minute were the slowest ramp measured (rehanvdm.com, 2025): 60 s x 5 / 265";
    SCALE_DOWN_INTERVAL: SimDuration = SimDuration::from_secs(60), Length, "event_source.scale_down_interval", Ramp,
        Assumed, "\"Configuring scaling behavior for SQS event source mappings\" says how far it scales back, not how fast",
        "The pollers are halved after each such time without a full batch, and with nothing visible at its end.",
        Low is worse, SimDuration::from_secs(30), SimDuration::from_secs(300),
        "decided: half, to five times; a mapping that scales back soon starts its ramp anew for the next peak";
    ERROR_BACKOFF: SimDuration = SimDuration::from_millis(2_800), Length, "event_source.error_backoff", Always,
        Assumed, "fitted to rehanvdm.com, \"SQS Lambda ESM Scaling Behaviour\" (2025): 10 % errors at 50 ms left 15 % of the throughput",
        "How long a poller pauses after an invocation that failed.",
        High is worse, SimDuration::from_millis(1_250), SimDuration::from_millis(5_600),
        "the same author's other point (1 % errors left 80 %): 5 s / (5 s + T) = 80 %; the high end is decided: twice the fit";
    THROTTLE_BACKOFF: SimDuration = SimDuration::from_secs(1), Length, "event_source.throttle_backoff", Throttles,
        Assumed, ERRORS,
        "How long a throttled batch waits for its first new try; each later wait is twice the one before.",
        High is worse, SimDuration::from_millis(500), SimDuration::from_secs(2),
        "decided: half, to twice; a batch that waits holds its messages while slots are free";
    THROTTLE_BACKOFF_LIMIT: SimDuration = SimDuration::from_secs(10), Length, "event_source.throttle_backoff_limit", Throttles,
        Assumed, ERRORS,
        "The longest such wait.",
        High is worse, SimDuration::from_secs(5), SimDuration::from_secs(20),
        "decided: half, to twice";
    IDLE_POLL: &str = "an idle poller takes a message at once", Rule, "event_source.idle_poll", Ramp,
        High, "SQS Developer Guide, \"Amazon SQS short and long polling\"",
        "A message that is sent to an idle queue waits for no poll.";
    RAMP_CLOCK: &str = "the clock runs while messages are visible at a step, whatever is throttled", Rule, "event_source.ramp_clock", Ramp,
        Assumed, "\"Configuring scaling behavior for SQS event source mappings\" says \"if messages are still available\"",
        "What keeps the ramp going.";
    COLLECTING: &str = "one batch is collected at a time", Rule, "event_source.collecting", Window,
        Assumed, "\"Using Lambda with Amazon SQS\" says when a batch is full, not how many are filled beside each other",
        "How a batching window fills batches.";
}
