//! `[slo]`, `[[expect]]`, `[[what_if]]` and `[cost]`.

use super::kinds::Quantity::{Count, Duration, Share, Usd};
use super::kinds::{Form, Key, Kind, Mark, Table};
use crate::scenario::cost::MOST_EXTRA;

const fn ours(
    name: &'static str,
    kinds: &'static [Kind],
    meaning: &'static str,
    wrong: &'static str,
    example: &'static str,
) -> Key {
    Key { name, kinds, meaning, aws: "", mark: Mark::Ours, source: "", wrong, example }
}

const SHARE_OR_COUNT: &[Kind] = &[Kind::Objective(&[Share, Count])];
const LENGTH: &[Kind] = &[Kind::Objective(&[Duration])];
const OF_ORDERS: &str = "A share counts all orders offered; of a million orders 99.99 % leave a hundred behind.";
const NEVER: &str = "An order that is never confirmed counts as never, so a percentile may be never.";

pub const SLO: Table = Table {
    path: "slo",
    form: Form::Table,
    about: "what is promised: \"<operator> <quantity>\", operators >= <= > < ==",
    least: "",
    keys: &[
        ours(
            "applies_to",
            &[Kind::Designs],
            "The designs that are held to it.",
            "With \"direct\" in it, direct's losses end the command with exit status 3: mostly they are the lesson.",
            "applies_to = [\"buffered\", \"direct\"]",
        ),
        ours("confirmed", SHARE_OR_COUNT, "Orders confirmed.", OF_ORDERS, "confirmed = \">= 98.5%\""),
        ours("declined", SHARE_OR_COUNT, "Orders declined: out of stock.", OF_ORDERS, "declined = \"<= 5%\""),
        ours(
            "failed",
            SHARE_OR_COUNT,
            "Orders whose Task ended in an error other than a timeout.",
            OF_ORDERS,
            "failed = \"== 0\"",
        ),
        ours(
            "timed_out",
            SHARE_OR_COUNT,
            "Orders that a timeout of Task or execution ended.",
            OF_ORDERS,
            "timed_out = \"== 0\"",
        ),
        ours(
            "refused",
            SHARE_OR_COUNT,
            "Orders that StartExecution did not let in.",
            "The door is the same for both designs: ask AWS for more.",
            "refused = \"<= 2%\"",
        ),
        ours(
            "oversold",
            SHARE_OR_COUNT,
            "Units taken for an order beyond its first.",
            "Without [inventory] there is nothing to sell twice.",
            "oversold = \"== 0\"",
        ),
        ours(
            "dead_lettered",
            SHARE_OR_COUNT,
            "Messages that went to the dead-letter queue. Buffered only.",
            OF_ORDERS,
            "dead_lettered = \"== 0\"",
        ),
        ours(
            "confirmed_within",
            &[Kind::Within],
            "Shares of all orders offered that are confirmed within so long.",
            "This is what customers notice: the report's first chart has it as a line.",
            "confirmed_within = { \"2min\" = \">= 95%\" }",
        ),
        ours("latency_p50", LENGTH, "The median latency, all orders offered.", NEVER, "latency_p50 = \"<= 1min\""),
        ours("latency_p90", LENGTH, "90 % of all orders offered are faster.", NEVER, "latency_p90 = \"<= 2min\""),
        ours("latency_p99", LENGTH, "99 % of all orders offered are faster.", NEVER, "latency_p99 = \"<= 5min\""),
        ours(
            "oldest_message",
            LENGTH,
            "The greatest age of a message; in direct with invocation = \"event\", of an event in Lambda's own queue.",
            "Above step_functions.timeout the queue works for orders that have ended.",
            "oldest_message = \"<= 4min\"",
        ),
        ours(
            "drained_within",
            LENGTH,
            "From the last arrival of the phase marked origin to an empty queue; in direct with invocation = \"event\", to \
             Lambda's own without a waiting event.",
            "Without a phase marked origin it counts from the last arrival of all.",
            "drained_within = \"<= 15min\"",
        ),
        ours(
            "cost_per_1000",
            &[Kind::Objective(&[Usd])],
            "USD per 1,000 confirmed orders.",
            "It goes by cost.price_list.",
            "cost_per_1000 = \"<= 0.06\"",
        ),
    ],
};

pub const EXPECT: Table = Table {
    path: "expect",
    form: Form::List,
    about: "a claim about the results",
    least: "claim = \"nothing fails\"\nthat = \"buffered.orders.failed == 0\"",
    keys: &[
        ours(
            "claim",
            &[Kind::Text],
            "The claim in words.",
            "It stands in the report, whether it holds or not.",
            "claim = \"nothing fails\"\nthat = \"buffered.orders.failed == 0\"",
        ),
        ours(
            "that",
            &[Kind::Text],
            "A path of results.json below designs (or comparison), an operator, and a number, a share of the orders \
             offered or another path, with one factor allowed. Durations are in seconds.",
            "A path that is not there is an error before the run, never a pass.",
            "claim = \"half as fast\"\nthat = \"buffered.wait_s.mean >= 2 * direct.wait_s.mean\"",
        ),
    ],
};

pub const WHAT_IF: Table = Table {
    path: "what_if",
    form: Form::List,
    about: "the same scenario with a few settings changed",
    least: "change = \"twice the slots\"\nset = [\"lambda.reserved_concurrency=40\"]",
    keys: &[
        ours(
            "change",
            &[Kind::Text],
            "What is different, in words.",
            "Nothing but a line of the report.",
            "change = \"twice the slots\"\nset = [\"lambda.reserved_concurrency=40\"]",
        ),
        ours(
            "set",
            &[Kind::Texts],
            "KEY=VALUE, as for --set.",
            "In scenario.resolved.toml everything is written out, so a changed account.region brings no quotas there.",
            "change = \"twice the slots\"\nset = [\"lambda.reserved_concurrency=40\"]",
        ),
    ],
};

pub const COST: Table = Table {
    path: "cost",
    form: Form::Table,
    about: "the prices a run is reckoned with",
    least: "",
    keys: &[
        Key {
            name: "price_list",
            kinds: &[Kind::Word(&crate::measure::prices::NAMES), Kind::Shape("prices")],
            meaning: "A price list with its date, \"none\", or a list with prices of your own. Free tiers and discounts are \
                  left out.",
            aws: "",
            mark: Mark::High,
            source: "AWS's price pages; some second-hand [M], see src/facts/prices.rs",
            wrong: "The bill; no other number.",
            example: "price_list = \"us-east-1-2026-01\"",
        },
        Key {
            name: "extra_transitions",
            kinds: &[Kind::Whole(0, MOST_EXTRA)],
            meaning: "State transitions that each execution is billed beyond its states and retries.",
            aws: "no key: AWS's pricing example appears to count the start and the end, which would be 2",
            mark: Mark::Listed,
            source: "",
            wrong: "The bill: two transitions an order are nearly all of it, and 2 more would double it.",
            example: "extra_transitions = 2",
        },
    ],
};
