//! The SQS standard queue.

use super::{Fact, Mark, Part, Range, Value, Worse};
use crate::time::SimDuration;

const CREATE_QUEUE: &str = "SQS API Reference, \"CreateQueue\"";
const MOVE_TASK: &str = "SQS API Reference, \"StartMessageMoveTask\"";

facts! {
    VISIBILITY_TIMEOUT: SimDuration = SimDuration::from_secs(30), Length, "queue.visibility_timeout", Always,
        High, CREATE_QUEUE,
        "A received message that is not deleted is visible again after this time.";
    MESSAGE_RETENTION_PERIOD: SimDuration = SimDuration::from_secs(4 * 86_400), Length, "queue.message_retention_period", Always,
        High, CREATE_QUEUE,
        "A message is deleted this long after its sending, whatever its state.";
    LONGEST_DELAY: SimDuration = SimDuration::from_secs(900), Length, "queue.longest_delay", Delay,
        High, "SQS API Reference, \"SendMessage\" (DelaySeconds)",
        "A sender cannot ask for a longer delay; drawn delays are cut here, in whole seconds.";
    IN_FLIGHT_LIMIT: u32 = 120_000, Count, "queue.in_flight_limit", Always,
        High, "SQS Developer Guide, \"Amazon SQS standard queue quotas\": approximately; raised on request",
        "Messages received and not yet deleted at most; beyond it a receive returns nothing.";
    MESSAGES_PER_CALL: u32 = 10, Count, "queue.messages_per_call", Always,
        High, "SQS API Reference, \"ReceiveMessage\", \"DeleteMessageBatch\"",
        "Messages that one receive returns, or one delete takes, at most.";
    RECEIVES_BEFORE_THE_BACK: u32 = 3, Count, "queue.receives_before_the_back", DeadLetter,
        High, "SQS Developer Guide, \"Using dead-letter queues in Amazon SQS\"",
        "Where maxReceiveCount is larger, a message received so often without a delete goes to the back of the queue.";
    RETURNED_TO: &str = "place", Word, "queue.returned_to", Always,
        Assumed, "SQS Developer Guide, \"Amazon SQS standard queues\": order is best effort, and a message that comes back is the oldest",
        "A message that comes back takes the place of its first sending.";
    STALE_DELETE: &str = "ignored", Word, "queue.stale_delete", Always,
        Medium, "SQS Developer Guide, \"Amazon SQS queue and message identifiers\": a delete needs the newest receipt handle",
        "A delete whose receipt a newer receive has overtaken does nothing.";
    DUPLICATE_DELIVERY: f64 = 0.0, Percent, "queue.duplicate_delivery", Always,
        Assumed, "SQS Developer Guide, \"Amazon SQS at-least-once delivery\" says that it happens on rare occasions, not how often",
        "The share of receives that leave their message visible for another consumer.",
        High is worse, 0.0, 0.01, "decided: none, to one receive in 10,000; nobody has published a rate";
    REORDER_WINDOW: SimDuration = SimDuration::ZERO, Length, "queue.reorder_window", Always,
        Assumed, "SQS Developer Guide, \"Amazon SQS standard queues\": best-effort ordering, without a bound",
        "A message may be overtaken by others sent less than this later.",
        High is worse, SimDuration::ZERO, SimDuration::from_secs(1), "decided: none, to 1 s; nobody has published a bound";
    FASTEST_REDRIVE: f64 = 500.0, Rate, "queue.dead_letter.fastest_redrive", Redrive,
        High, MOVE_TASK,
        "A redrive moves so many messages a second at most.";
    REDRIVE_RATE: f64 = FASTEST_REDRIVE, Rate, "queue.dead_letter.redrive_rate", Redrive,
        Assumed, "SQS API Reference, \"StartMessageMoveTask\": left blank, AWS chooses a rate of its own, which it does not name",
        "Messages that a redrive moves in a second where nobody chose.",
        Low is worse, 50.0, 500.0, "decided: a tenth of the most, to the most; a slow redrive lets more tasks give up meanwhile";
    POLL_AT_THE_LIMIT: &str = "a long poll that the limit silenced takes a message at the instant at which one ceases to be in flight", Rule, "queue.poll_at_the_limit", InFlight,
        Assumed, "SQS Developer Guide, \"Amazon SQS visibility timeout\" says that there is no error, not when the poll wakes",
        "How a receive waits for room in flight.";
}
