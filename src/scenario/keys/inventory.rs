//! `[inventory]` and `[[faults]]`.

use super::kinds::{Form, Key, Kind, Mark, NONE, POSITIVE, Table};

const fn ours(
    name: &'static str,
    kinds: &'static [Kind],
    meaning: &'static str,
    wrong: &'static str,
    example: &'static str,
) -> Key {
    Key { name, kinds, meaning, aws: "", mark: Mark::Ours, source: "", wrong, example }
}

pub const INVENTORY: Table = Table {
    path: "inventory",
    form: Form::Table,
    about: "the downstream that both designs call",
    least: "",
    keys: &[
        ours(
            "max_connections",
            &[POSITIVE, NONE],
            "Calls that may be under way at once.",
            "Fewer than the function has slots: the handlers wait for each other, and the wait is paid for.",
            "max_connections = 20",
        ),
        ours(
            "service_time",
            &[Kind::Distribution],
            "How long a call takes once it has its connection.",
            "max_connections / service_time is the ceiling of everything in front of it.",
            "service_time = { p50 = \"239ms\", p99 = \"886ms\" }",
        ),
        ours(
            "when_full",
            &[Kind::Word(&["wait", "reject"])],
            "What a call does that finds no free connection: wait for one, first come first served, or be rejected.",
            "\"wait\" without connect_timeout waits for ever, in a function that is paid for.",
            "when_full = \"reject\"",
        ),
        ours(
            "connect_timeout",
            &[Kind::Duration, NONE],
            "How long a call waits for a connection; then it is rejected, which is an error of the handler.",
            "Longer than lambda.timeout it never comes to bear.",
            "connect_timeout = \"5s\"",
        ),
        ours(
            "slowdown",
            &[Kind::Shape("slowdown"), NONE],
            "How much slower calls get with the connections in use.",
            "Left out, a database takes any load at full speed; none does.",
            "slowdown = { at = 20, factor = 3 }",
        ),
        ours(
            "stock",
            &[Kind::Whole(0, u64::MAX), NONE],
            "Units there are. When they are gone orders are declined: an answer, not an error.",
            "Left out, nothing ever sells out, and nothing can be sold twice to somebody's loss.",
            "stock = 500",
        ),
        ours(
            "idempotent",
            &[Kind::Truth],
            "Whether a repeated call for an order takes no second unit.",
            "false: every redelivery and retry after a success sells one unit more (oversold).",
            "idempotent = true",
        ),
    ],
};

const EFFECT: &str = "One of add_delay, error_rate, outage, drop and duplicate must be given.";

pub const FAULTS: Table = Table {
    path: "faults",
    form: Form::List,
    about: "what goes wrong, and when",
    least: "at = \"10s\"\nduration = \"20s\"\ntarget = \"lambda\"\nadd_delay = \"800ms\"",
    keys: &[
        ours(
            "name",
            &[Kind::Text],
            "What charts and tables call it.",
            "Nothing but a label.",
            "name = \"payment provider slow\"\nat = \"10s\"\nduration = \"20s\"\ntarget = \"lambda\"\nadd_delay = \"800ms\"",
        ),
        ours(
            "at",
            &[Kind::Duration, Kind::FromOrigin],
            "When it begins: from the start of the run, or with a plus sign from the phase marked origin.",
            "Before or after the rush it shows nothing.",
            "at = \"+45s\"\nduration = \"20s\"\ntarget = \"lambda\"\nadd_delay = \"800ms\"",
        ),
        ours(
            "duration",
            &[Kind::Duration],
            "How long it lasts.",
            "Short ones hide behind the queue; find the length that does not.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"lambda\"\nadd_delay = \"800ms\"",
        ),
        ours(
            "target",
            &[Kind::Word(&["lambda", "inventory", "queue", "callback", "start"])],
            "What is hit: the handler, the downstream, SendMessage and first receives, the answers with task tokens, or \
             StartExecution.",
            "A fault of the queue touches one design only.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"callback\"\nadd_delay = \"800ms\"",
        ),
        ours(
            "share",
            &[Kind::Share],
            "The share of calls that are hit.",
            "100 % for seconds is an outage, 5 % for hours is what nobody notices.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"lambda\"\nadd_delay = \"800ms\"\nshare = \"50%\"",
        ),
        ours(
            "add_delay",
            &[Kind::Duration],
            EFFECT,
            "Capacity falls as the time of a call grows.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"lambda\"\nadd_delay = \"800ms\"",
        ),
        ours(
            "error_rate",
            &[Kind::Share],
            EFFECT,
            "Errors come back as retries and redeliveries: the load grows while the capacity falls.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"lambda\"\nerror_rate = \"50%\"",
        ),
        ours(
            "outage",
            &[Kind::Truth],
            EFFECT,
            "Whatever calls the target fails at once; calls of the inventory wait until it is back.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"lambda\"\noutage = true",
        ),
        ours(
            "drop",
            &[Kind::Truth, Kind::Share],
            EFFECT,
            "What is dropped is neither answered nor retried until a timeout notices.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"callback\"\ndrop = \"5%\"",
        ),
        ours(
            "duplicate",
            &[Kind::Truth, Kind::Share],
            EFFECT,
            "What comes twice is worked on twice.",
            "at = \"10s\"\nduration = \"20s\"\ntarget = \"queue\"\nduplicate = \"1%\"",
        ),
    ],
};
