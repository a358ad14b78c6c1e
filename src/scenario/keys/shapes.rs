//! Inline tables that several keys share: distributions, spacings, Retry, token buckets.

use super::kinds::{Form, Key, Kind, Mark, POSITIVE, Table};

/// What a distribution may be called.
const OF_DURATIONS: &[&str] = &["lognormal", "exponential", "hyperexponential", "gamma", "erlang", "uniform", "pareto"];
/// The same for a spacing, whose mean the rate gives.
const OF_SPACINGS: &[&str] = &["exponential", "lognormal", "hyperexponential", "gamma", "erlang", "pareto"];

const fn part(
    name: &'static str,
    kinds: &'static [Kind],
    meaning: &'static str,
    wrong: &'static str,
    example: &'static str,
) -> Key {
    Key { name, kinds, meaning, aws: "", mark: Mark::Ours, source: "", wrong, example }
}

pub const DISTRIBUTION: Table = Table {
    path: "distribution",
    form: Form::Shape("lambda.duration"),
    about: "a random duration, drawn anew for each attempt; a constant one is written alone, \"120ms\"",
    least: "p50 = \"120ms\"\np99 = \"430ms\"",
    keys: &[
        part(
            "p50",
            &[Kind::Duration],
            "The median: what CloudWatch calls p50. With p99 it makes a log-normal.",
            "A mean in its place is too long: the mean of a log-normal lies above its median.",
            "p50 = \"120ms\"\np99 = \"430ms\"",
        ),
        part(
            "p99",
            &[Kind::Duration],
            "99 % of the values lie below it.",
            "Taken from a time of overload it has waiting in it, which the simulation adds once more.",
            "p50 = \"120ms\"\np99 = \"430ms\"",
        ),
        part(
            "mean",
            &[Kind::Duration],
            "The average.",
            "Throughput goes by the mean, whatever the median is.",
            "mean = \"120ms\"\ndistribution = \"exponential\"",
        ),
        part(
            "cv",
            &[Kind::Number(0.0)],
            "Standard deviation over mean: 1 for exponential, more for heavier tails. A hyperexponential needs 1 or more.",
            "Waiting grows with its square.",
            "mean = \"120ms\"\ncv = 2\ndistribution = \"hyperexponential\"",
        ),
        part(
            "shape",
            &[Kind::Number(0.0)],
            "Of a gamma, erlang (a whole number: how many exponential steps) or pareto (the exponent of the tail).",
            "A pareto of shape 2 or less has no finite variance, of 1 or less no mean: no run is long enough.",
            "mean = \"120ms\"\nshape = 4\ndistribution = \"erlang\"",
        ),
        part(
            "min",
            &[Kind::Duration],
            "The shortest value of a uniform or pareto distribution.",
            "It must be shorter than max.",
            "min = \"100ms\"\nmax = \"200ms\"\ndistribution = \"uniform\"",
        ),
        part(
            "max",
            &[Kind::Duration],
            "The longest value of a uniform distribution; a pareto may have one.",
            "Without one a pareto now and then draws a value that outlasts everything else.",
            "min = \"100ms\"\nmax = \"200ms\"\ndistribution = \"uniform\"",
        ),
        part(
            "samples",
            &[Kind::File],
            "A CSV file of durations; each draw takes one of them.",
            "Fewer than some hundred samples have no 99th percentile.",
            "samples = \"durations.csv\"",
        ),
        part(
            "distribution",
            &[Kind::Word(OF_DURATIONS)],
            "Which distribution. p50 and p99 alone are a log-normal; all others say their name.",
            "The tail: with one mean and cv, distributions differ beyond the 99th percentile.",
            "mean = \"120ms\"\ncv = 2\ndistribution = \"lognormal\"",
        ),
    ],
};

pub const SPACING: Table = Table {
    path: "spacing",
    form: Form::Shape("arrivals.spacing"),
    about: "the gaps between arrivals; their mean is 1 / rate",
    least: "cv = 3",
    keys: &[
        part(
            "cv",
            &[Kind::Number(0.0)],
            "Standard deviation of the gaps over their mean: 1 is Poisson, more is burstier.",
            "Bursts decide how long the wait is well below capacity.",
            "cv = 3",
        ),
        part(
            "shape",
            &[Kind::Number(0.0)],
            "Of a gamma or erlang spacing: 1 is Poisson, more is more even.",
            "Large shapes make a metronome.",
            "shape = 4\ndistribution = \"erlang\"",
        ),
        part(
            "distribution",
            &[Kind::Word(OF_SPACINGS)],
            "Which distribution; { cv } alone is a gamma.",
            "Little: the cv matters most.",
            "cv = 2\ndistribution = \"hyperexponential\"",
        ),
    ],
};

const RETRY_SOURCE: &str = "Step Functions Developer Guide, \"Handling errors in Step Functions workflows\"";

pub const RETRY: Table = Table {
    path: "retry",
    form: Form::Shape("step_functions.retry"),
    about: "the Retry of a Task",
    least: "",
    keys: &[
        Key {
            name: "errors",
            kinds: &[Kind::Errors],
            meaning: "The errors that are retried. States.TaskFailed stands for all but timeouts, States.ALL for all; a \
                      handler's own error is called FunctionError here, the downstream's InventoryRejected.",
            aws: "ErrorEquals",
            mark: Mark::High,
            source: RETRY_SOURCE,
            wrong: "Without Lambda.TooManyRequestsException a throttle fails at once; with States.ALL declined orders \
                    are tried again, in vain.",
            example: "errors = [\"States.Timeout\"]",
        },
        Key {
            name: "interval",
            kinds: &[Kind::Duration],
            meaning: "The wait before the first retry.",
            aws: "IntervalSeconds, 1 s to 99,999,999 s",
            mark: Mark::Listed,
            source: "",
            wrong: "Too short, and all retries fall into the very peak that made them necessary.",
            example: "interval = \"5s\"",
        },
        Key {
            name: "max_attempts",
            kinds: &[Kind::Whole(0, 99_999_999)],
            meaning: "How many retries, not tries: 3 makes four attempts in all.",
            aws: "MaxAttempts, 0 to 99,999,999",
            mark: Mark::Listed,
            source: "",
            wrong: "Few: orders fail in a peak that lasts longer than the waits together. Many: a retry storm.",
            example: "max_attempts = 2",
        },
        Key {
            name: "backoff_rate",
            kinds: &[Kind::Number(1.0)],
            meaning: "Each wait is the one before times this.",
            aws: "BackoffRate, 1 or more",
            mark: Mark::Listed,
            source: "",
            wrong: "1 keeps the pressure up; 2 and many attempts without max_delay wait for hours.",
            example: "backoff_rate = 1.5",
        },
        Key {
            name: "max_delay",
            kinds: &[Kind::Duration],
            meaning: "No wait is longer.",
            aws: "MaxDelaySeconds, 1 s to 31,622,400 s",
            mark: Mark::High,
            source: RETRY_SOURCE,
            wrong: "Left out, late retries wait longer than any customer.",
            example: "max_delay = \"1min\"",
        },
        Key {
            name: "jitter_strategy",
            kinds: &[Kind::WordInAnyCase(&["FULL", "NONE"])],
            meaning: "FULL waits a random share of the computed wait, NONE all of it.",
            aws: "JitterStrategy",
            mark: Mark::High,
            source: RETRY_SOURCE,
            wrong: "With NONE all who failed together come back together.",
            example: "jitter_strategy = \"FULL\"",
        },
    ],
};

pub const BUCKET: Table = Table {
    path: "bucket",
    form: Form::Shape("account.start_execution"),
    about: "a token bucket: a burst, and a rate that refills it",
    least: "size = 1300\nrefill = \"300/s\"",
    keys: &[
        part(
            "size",
            &[POSITIVE],
            "Tokens when it is full: what may happen at one instant.",
            "Too large: the burst at the opening of a sale is let through though AWS would refuse it.",
            "size = 1300\nrefill = \"300/s\"",
        ),
        part(
            "refill",
            &[Kind::Rate],
            "Tokens that come back per second: what may happen for ever.",
            "This is the ceiling of a long rush, whatever stands behind it.",
            "size = 1300\nrefill = \"300/s\"",
        ),
    ],
};

pub const SLOWDOWN: Table = Table {
    path: "slowdown",
    form: Form::Shape("inventory.slowdown"),
    about: "a downstream that slows down under load",
    least: "at = 20\nfactor = 3",
    keys: &[
        part(
            "at",
            &[POSITIVE],
            "Connections in use at which a call takes factor times as long; in proportion below and above.",
            "The service time is multiplied by 1 + (factor - 1) x connections / at, its own among them.",
            "at = 20\nfactor = 3",
        ),
        part(
            "factor",
            &[Kind::Number(1.0)],
            "How many times as long a call takes with that many connections; 1000 at most.",
            "More connections stop helping: with a factor f the throughput never exceeds at / (service time x (f - 1)).",
            "at = 20\nfactor = 3",
        ),
    ],
};

pub const PRICES: Table = Table {
    path: "prices",
    form: Form::Shape("cost.price_list"),
    about: "a price list with prices of your own, in USD",
    least: "",
    keys: &[
        part(
            "base",
            &[Kind::Word(&crate::measure::prices::NAMES)],
            "The list that the others change.",
            "\"none\" leaves free what you do not name.",
            "base = \"none\"",
        ),
        price(
            "state_transition_per_1000",
            "USD for 1,000 Step Functions state transitions.",
            "state_transition_per_1000 = 0.025",
        ),
        price("sqs_requests_per_million", "USD for 1,000,000 SQS requests.", "sqs_requests_per_million = 0.4"),
        price("lambda_requests_per_million", "USD for 1,000,000 Lambda requests.", "lambda_requests_per_million = 0.2"),
        price("lambda_gb_second", "USD for a GB-second of Lambda.", "lambda_gb_second = 0.0000133334"),
        price(
            "provisioned_gb_second",
            "USD for a GB-second of provisioned concurrency.",
            "provisioned_gb_second = 0.0000041667",
        ),
        price(
            "provisioned_run_gb_second",
            "USD for a GB-second of work in a provisioned environment.",
            "provisioned_run_gb_second = 0.0000097222",
        ),
    ],
};

const fn price(name: &'static str, meaning: &'static str, example: &'static str) -> Key {
    Key {
        name,
        kinds: &[Kind::Number(0.0)],
        meaning,
        aws: "the price of your Region and contract",
        mark: Mark::Medium,
        source: "AWS's price pages, see src/facts/prices.rs",
        wrong: "The bill; no other number.",
        example,
    }
}
