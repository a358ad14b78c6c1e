//! `[queue]`, `[queue.dead_letter]` and `[event_source]`.

use super::kinds::{Form, Key, Kind, Mark, NONE, POSITIVE, Table};
use crate::scenario::arrivals::MOST_ORDERS;

const CREATE_QUEUE: &str = "SQS API Reference, CreateQueue";
const MAPPING: &str = "Lambda Developer Guide, \"Lambda parameters for Amazon SQS event source mappings\"";
const SCALING: &str = "Lambda Developer Guide, \"Configuring scaling behavior for SQS event source mappings\"";

pub const QUEUE: Table = Table {
    path: "queue",
    form: Form::Table,
    about: "the SQS standard queue",
    least: "",
    keys: &[
        Key {
            name: "visibility_timeout",
            kinds: &[Kind::Duration, NONE],
            meaning: "How long a received message stays hidden. If it is not deleted by then it comes back and is \
                      received once more. The clock starts at the receive, not when the handler begins.",
            aws: "VisibilityTimeout, 0 s to 43,200 s (12 h), whole seconds",
            mark: Mark::Listed,
            source: "",
            wrong: "Shorter than a batch takes (throttled tries included): orders are worked on twice. Much longer: a \
                    failed order waits as long for its next try. AWS advises 6 x lambda.timeout.",
            example: "visibility_timeout = \"3min\"",
        },
        Key {
            name: "message_retention_period",
            kinds: &[Kind::Duration, NONE],
            meaning: "How long a message is kept, from its sending on. Then it is deleted, whatever its state.",
            aws: "MessageRetentionPeriod, 60 s to 1,209,600 s (14 d), whole seconds",
            mark: Mark::Listed,
            source: "",
            wrong: "Shorter than the drain of the backlog: orders vanish without a trace and wait for their Task's \
                    timeout.",
            example: "message_retention_period = \"14d\"",
        },
        Key {
            name: "delay",
            kinds: &[Kind::Distribution],
            meaning: "How long a sent message stays invisible at first; of a distribution, drawn for each message.",
            aws: "DelaySeconds, 0 s to 900 s (15 min), whole seconds: drawn ones are rounded, and cut there",
            mark: Mark::High,
            source: "SQS API Reference, CreateQueue and SendMessage",
            wrong: "It is added to the latency of every order.",
            example: "delay = \"5s\"",
        },
        Key {
            name: "initial_backlog",
            kinds: &[Kind::Whole(0, MOST_ORDERS)],
            meaning: "Messages of no order that are visible at the start. They use slots and count in the queue's \
                      levels, in no outcome.",
            aws: "",
            mark: Mark::Ours,
            source: "",
            wrong: "Left out, the sale begins with an empty queue: not so after an outage.",
            example: "initial_backlog = 1000",
        },
        Key {
            name: "returned_to",
            kinds: &[Kind::Word(&["place", "back"])],
            meaning: "Where a message stands that comes back: at the place of its first sending, or behind all visible \
                      ones.",
            aws: "no key: a standard queue orders as best it can; with a maxReceiveCount above 3, a message received three \
                  times goes to the back",
            mark: Mark::Listed,
            source: "",
            wrong: "It moves the tail of the latencies, not the number of orders confirmed.",
            example: "returned_to = \"back\"",
        },
        Key {
            name: "stale_delete",
            kinds: &[Kind::Word(&["ignored", "deletes"])],
            meaning: "What a delete does whose receipt a newer receive has overtaken.",
            aws: "no key: a delete needs the newest receipt handle",
            mark: Mark::Listed,
            source: "",
            wrong: "\"deletes\" hides the rounds that a message makes whose work takes longer than the visibility timeout.",
            example: "stale_delete = \"deletes\"",
        },
        Key {
            name: "duplicate_delivery",
            kinds: &[Kind::Share],
            meaning: "The share of receives that leave their message visible, so that it may be handed out once more \
                      while it is worked on. Below 100 %.",
            aws: "no key: delivery is at least once, and AWS publishes no rate",
            mark: Mark::Listed,
            source: "",
            wrong: "0 is what most people test with; a handler that is not idempotent sells twice at any other value. \
                    Each time uses up a receive, too.",
            example: "duplicate_delivery = \"0.01%\"",
        },
        Key {
            name: "reorder_window",
            kinds: &[Kind::Duration],
            meaning: "A message may be overtaken by others sent less than this later: its place in line is shifted by a \
                      draw of its own.",
            aws: "no key: a standard queue orders as best it can",
            mark: Mark::Listed,
            source: "",
            wrong: "It matters where orders must not overtake each other, and to the tail of the latencies.",
            example: "reorder_window = \"500ms\"",
        },
        Key {
            name: "in_flight_limit",
            kinds: &[POSITIVE, NONE],
            meaning: "Messages that may be received and not yet deleted. Beyond it receives return nothing, without an \
                      error.",
            aws: "about 120,000, can be raised",
            mark: Mark::Listed,
            source: "",
            wrong: "Only long work with many pollers reaches it; then the backlog grows though slots are free.",
            example: "in_flight_limit = 120000",
        },
        Key {
            name: "dead_letter",
            kinds: &[Kind::Table("queue.dead_letter")],
            meaning: "The dead-letter queue, and when a message goes there. None where there is no such table.",
            aws: "RedrivePolicy",
            mark: Mark::High,
            source: CREATE_QUEUE,
            wrong: "Without one a poisoned message comes back until its retention is over, and takes its batch along.",
            example: "[queue.dead_letter]\nmax_receive_count = 5",
        },
    ],
};

pub const DEAD_LETTER: Table = Table {
    path: "queue.dead_letter",
    form: Form::Table,
    about: "where messages go that nobody could work on",
    least: "max_receive_count = 5",
    keys: &[
        Key {
            name: "max_receive_count",
            kinds: &[POSITIVE],
            meaning: "How often a message is handed out; the next receive moves it to the dead-letter queue instead.",
            aws: "maxReceiveCount, 1 to 1,000; AWS advises 5 or more with Lambda",
            mark: Mark::High,
            source: "SQS Developer Guide, \"Using dead-letter queues in Amazon SQS\"",
            wrong: "Small: throttled batches use receives up without a handler ever seeing them, and good orders end \
                    there.",
            example: "max_receive_count = 5",
        },
        Key {
            name: "redrive_at",
            kinds: &[Kind::Duration, Kind::FromOrigin],
            meaning: "When what is in the dead-letter queue is moved back to the queue, as new messages, and the \
                      handler is repaired: from then on no attempt is poisoned.",
            aws: "StartMessageMoveTask",
            mark: Mark::High,
            source: "SQS API Reference, StartMessageMoveTask",
            wrong: "After the Task's timeout nobody waits for the answer any more: work for nothing.",
            example: "max_receive_count = 5\nredrive_at = \"10min\"",
        },
        Key {
            name: "redrive_rate",
            kinds: &[Kind::Rate],
            meaning: "How many messages a redrive moves in a second.",
            aws: "MaxNumberOfMessagesPerSecond, at most 500; left out, AWS chooses a rate of its own",
            mark: Mark::Listed,
            source: "",
            wrong: "Fast: the redriven messages crowd out fresh ones. AWS advises to start with a small rate.",
            example: "max_receive_count = 5\nredrive_at = \"10min\"\nredrive_rate = \"50/s\"",
        },
    ],
};

pub const EVENT_SOURCE: Table = Table {
    path: "event_source",
    form: Form::Table,
    about: "the mapping from the queue to the function",
    least: "",
    keys: &[
        Key {
            name: "batch_size",
            kinds: &[Kind::Whole(1, 10_000)],
            meaning: "Messages that one invocation is given at most.",
            aws: "BatchSize, 1 to 10,000; above 10 only with a batching window of 1 s or more",
            mark: Mark::Listed,
            source: "",
            wrong: "Large: one slow or failed record holds up its batch. Small: more invocations, more throttles.",
            example: "batch_size = 5",
        },
        Key {
            name: "maximum_batching_window",
            kinds: &[Kind::Duration],
            meaning: "How long a batch is collected at most before the function is invoked.",
            aws: "MaximumBatchingWindowInSeconds, 0 s to 300 s, whole seconds",
            mark: Mark::High,
            source: MAPPING,
            wrong: "It is added to the latency of orders in quiet times, and the visibility timers run meanwhile.",
            example: "maximum_batching_window = \"5s\"",
        },
        Key {
            name: "maximum_concurrency",
            kinds: &[POSITIVE, NONE],
            meaning: "Batches in flight at most. It stops the receive, not the invocation: what cannot run stays in the \
                      queue.",
            aws: "ScalingConfig.MaximumConcurrency, 2 to 1,000",
            mark: Mark::High,
            source: SCALING,
            wrong: "Above lambda.reserved_concurrency, or left out: pollers fetch what cannot run, throttles use up the \
                    receives, and orders end in the dead-letter queue.",
            example: "maximum_concurrency = 20",
        },
        Key {
            name: "report_batch_item_failures",
            kinds: &[Kind::Truth],
            meaning: "Whether the handler names the records that failed, so that only those come back.",
            aws: "FunctionResponseTypes, ReportBatchItemFailures",
            mark: Mark::High,
            source: MAPPING,
            wrong: "Without it one failed record brings the whole batch back: orders are worked on twice.",
            example: "report_batch_item_failures = true",
        },
        Key {
            name: "pull",
            kinds: &[Kind::Word(&["when_free", "eager"])],
            meaning: "Whether pollers receive up to their number whether or not the function has a slot (\"eager\"), or \
                      only what can run at once (\"when_free\").",
            aws: "no key: AWS's pollers are eager",
            mark: Mark::Listed,
            source: "",
            wrong: "\"when_free\" has no throttled batches: too rosy for AWS, right for M/M/c.",
            example: "pull = \"when_free\"",
        },
        Key {
            name: "scale_interval",
            kinds: &[Kind::Duration, NONE],
            meaning: "How often five pollers are added while messages are visible.",
            aws: "no key: +300 concurrent invocations a minute, up to 1,250",
            mark: Mark::Listed,
            source: "",
            wrong: "Longer steps make the first minute of a sale slower.",
            example: "scale_interval = \"1s\"",
        },
        Key {
            name: "scale_down_interval",
            kinds: &[Kind::Duration],
            meaning: "After each such time without a full batch, and with nothing visible at its end, there are half as many \
                      pollers, down to those of an idle mapping.",
            aws: "no key: AWS says how far it scales back, not how fast",
            mark: Mark::Listed,
            source: "",
            wrong: "Short: the next peak finds few pollers, and the ramp begins anew. Long: idle pollers' empty receives cost.",
            example: "scale_down_interval = \"2min\"",
        },
        Key {
            name: "throttle_backoff",
            kinds: &[Kind::Duration],
            meaning: "How long a batch that was throttled waits until it is tried again; each later wait is twice the one \
                      before, until the visibility timeout.",
            aws: "no key: AWS says that the mapping backs off",
            mark: Mark::Listed,
            source: "",
            wrong: "It decides how soon a slot that is free again is found, where reserved_concurrency is below the pollers.",
            example: "throttle_backoff = \"500ms\"",
        },
        Key {
            name: "throttle_backoff_limit",
            kinds: &[Kind::Duration],
            meaning: "The longest wait of a throttled batch.",
            aws: "no key: AWS says that the mapping backs off",
            mark: Mark::Listed,
            source: "",
            wrong: "As throttle_backoff: with a long one a batch sleeps while slots are free.",
            example: "throttle_backoff_limit = \"20s\"",
        },
        Key {
            name: "error_backoff",
            kinds: &[Kind::Duration],
            meaning: "How long a poller pauses after an invocation that failed, unless items are reported one by one.",
            aws: "no key: AWS says that the mapping backs off",
            mark: Mark::Listed,
            source: "",
            wrong: "With errors and without report_batch_item_failures it decides the throughput.",
            example: "error_backoff = \"1s\"",
        },
    ],
};
