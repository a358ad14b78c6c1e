//! Other limits are servers, too: the inventory's connections, messages in flight, pollers; and what keeps orders from them.

use queuecast::measure::findings::Design;

use super::formulas::{erlang_b, erlang_c};
use super::harness::{Family, System, simulate};

pub static FAMILY: Family = Family::new(
    "Other limits that are servers",
    "Whatever limits what is under way at once makes a queue of c servers: the inventory's connections behind a function without limit, messages in flight, pollers. What delays or reorders orders before it leaves the mean wait as it was.",
    || {
        vec![
            connections(),
            rejected(),
            as_m_m_5("by `queue.in_flight_limit`", "[queue]\nin_flight_limit = 5\n\n", ""),
            as_m_m_5("by `event_source.maximum_concurrency`", "[event_source]\nmaximum_concurrency = 5\n\n", ""),
            as_m_m_5(
                "by the account's limit of 7 less 2",
                "[account]\nconcurrency_limit = 7\nother_concurrency = 2\n\n",
                "",
            ),
            delayed(),
            reordered(),
        ]
    },
);

const WORK: &str = "duration = { mean = '100ms', distribution = 'exponential' }";
const FRACTIONS: &str = "Erlang's formulas in whole fractions.";

#[test]
fn other_limits_are_servers_too() {
    FAMILY.holds();
}

/// The wait for a connection is part of the handler's time.
fn connections() -> System {
    let text = "warm_up = '100s'\n\n[[arrivals]]\nrate = '42/s'\nduration = '20min'\n\n[lambda]\n\
                duration = { mean = '50ms', cv = 1, distribution = 'lognormal' }\n\n[inventory]\nmax_connections = 5\n\
                service_time = { mean = '100ms', distribution = 'exponential' }";
    let wait = erlang_c(5, 4.2) / 8.0;
    System::new("M/G/∞ and M/M/5 in a row: connections of the inventory", Design::Buffered, text)
        .source("Mirasol 1963: the output of M/G/∞ is Poisson, so the second stage is M/M/5.")
        .checked(FRACTIONS)
        .point("mean latency, s", "latency_s.confirmed.mean", 0.05 + 0.1 + wait, 0.03)
        .point("connections in use", "inventory.mean_connections", 4.2, 0.01)
        .point("handlers running", "lambda.mean_concurrency", 42.0 * (0.15 + wait), 0.04)
}

fn rejected() -> System {
    let text = "warm_up = '60s'\n\n[[arrivals]]\nrate = '60/s'\nduration = '12min'\n\n[lambda]\n\
                duration = { mean = '50ms', distribution = 'exponential' }\n\n[inventory]\nmax_connections = 8\nwhen_full = 'reject'\n\
                service_time = { mean = '100ms', cv = 1.5, distribution = 'lognormal' }";
    let b = erlang_b(8, 6.0);
    System::new("M/M/∞ and M/G/8/8 in a row: an inventory that rejects", Design::Direct, text)
        .source("Mirasol 1963, Erlang 1917.")
        .checked(FRACTIONS)
        .point("share failed", "orders.failed / orders.offered", b, 0.02)
        .point("connections in use", "inventory.mean_connections", 6.0 * (1.0 - b), 0.01)
}

fn as_m_m_5(how: &str, limit: &str, lambda: &str) -> System {
    let text = format!(
        "warm_up = '100s'\n\n[[arrivals]]\nrate = '40/s'\nduration = '15min'\n\n{limit}[lambda]\n{WORK}{lambda}"
    );
    let p = erlang_c(5, 4.0);
    System::new(format!("M/M/5 at 80 %, {how}"), Design::Buffered, text)
        .source("Erlang 1917.")
        .checked(FRACTIONS)
        .point("P(wait)", "wait_s.waited / wait_s.count", p, 0.02)
        .point("mean wait, s", "wait_s.mean", p / 10.0, 0.04)
        .point("messages in flight", "queue.mean_in_flight", 4.0, 0.01)
}

fn delayed() -> System {
    let text = format!(
        "warm_up = '100s'\n\n[[arrivals]]\nrate = '15/s'\nduration = '30min'\n\n[queue]\n\
         delay = {{ mean = '2s', distribution = 'exponential' }}\n\n[lambda]\n{WORK}\nreserved_concurrency = 2"
    );
    System::new("M/M/2 at 75 % behind a delay of each message", Design::Buffered, text)
        .source("Mirasol 1963: independent delays leave a Poisson stream Poisson.")
        .checked(FRACTIONS)
        .point("mean wait, delay included, s", "wait_s.mean", 2.0 + erlang_c(2, 1.5) / 5.0, 0.02)
        .point("waiting orders, without the delayed", "queue.mean_backlog", 3.0 * erlang_c(2, 1.5), 0.05)
}

fn in_any_order(window: &str) -> String {
    format!(
        "warm_up = '200s'\n\n[[arrivals]]\nrate = '8/s'\nduration = '90min'\n\n[queue]\n{window}\n\n\
         [lambda]\n{WORK}\nreserved_concurrency = 1"
    )
}

fn reordered() -> System {
    System::new("M/M/1 at 80 %, messages out of order", Design::Buffered, in_any_order("reorder_window = '2s'"))
        .source("The mean wait is the same under every order of service that knows nothing of the work (Kleinrock, \"Queueing Systems\", the conservation law).")
        .checked("By hand.")
        .point("mean wait, s", "wait_s.mean", 0.4, 0.05)
}

#[test]
fn who_is_overtaken_waits_longer_than_in_turn() {
    let longest = |window: &str| simulate(&in_any_order(window), Design::Buffered, 1).wait.percentiles.p99;
    assert!(longest("reorder_window = '2s'") > longest(""));
}
