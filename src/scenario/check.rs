//! What makes no sense in any profile: values against each other, and more than a run can hold.

use crate::scenario::diagnostics::{Mistake, Place};
use crate::scenario::estimate::{BYTES_PER_ORDER, Estimate};
use crate::scenario::tree::Table;
use crate::scenario::units::{LONGEST, show_duration};
use crate::scenario::{Horizon, Scenario};
use crate::time::SimDuration;

/// Orders in one run at most.
const MOST_ORDERS: f64 = 1e11;
/// Phases over all repeats and changes of modulated rates at most: each takes a moment, whether or not orders come.
const MOST_CHANGES: u64 = 1_000_000_000;

/// Timeouts against each other.
pub fn timeouts(scenario: &Scenario, tree: &Table, mistakes: &mut Vec<Mistake>) {
    for (table, workflow) in [("step_functions", &scenario.buffered.workflow), ("direct", &scenario.direct.workflow)] {
        if let (Some(heartbeat), Some(timeout)) = (workflow.heartbeat, workflow.timeout)
            && heartbeat >= timeout
            && let Some(place) = tree.place_of(&format!("{table}.heartbeat"))
        {
            let message = format!(
                "the heartbeat ({}) is not shorter than the task's timeout ({})",
                show_duration(heartbeat),
                show_duration(timeout)
            );
            mistakes.push(
                Mistake::at(place, message)
                    .label("would never run out first")
                    .and(tree.place_of(&format!("{table}.timeout")), "the task ends here")
                    .help("Step Functions refuses this; write a shorter heartbeat, or leave it out"),
            );
        }
    }
}

/// The neighbours' share of the account's concurrency must be there.
pub fn room(scenario: &Scenario, tree: &Table, mistakes: &mut Vec<Mistake>) {
    let account = &scenario.buffered.platform.account;
    let (others, Some(limit)) = (account.other_concurrency, account.concurrency_limit) else { return };
    let place = tree.place_of("account.other_concurrency").or(tree.place_of("account.concurrency_limit"));
    if others > limit
        && let Some(place) = place
    {
        let message = format!("the neighbours use {others} of an account with a concurrency of {limit}");
        mistakes.push(
            Mistake::at(place, message)
                .label("more than there is")
                .help(format!("write other_concurrency = {limit} or less, or raise concurrency_limit")),
        );
    }
}

/// The counted window must not be empty. Only asked for sound arrivals.
pub fn window(scenario: &Scenario, tree: &Table, span: f64, mistakes: &mut Vec<Mistake>) {
    let left_out = scenario.warm_up + scenario.cool_down;
    if left_out == SimDuration::ZERO || left_out.as_secs_f64() < span {
        return;
    }
    let first = tree.place_of("warm_up");
    let second = tree.place_of("cool_down");
    let Some(place) = first.or(second) else { return };
    let message = format!("nothing is left to count: warm_up and cool_down take {}", show_duration(left_out));
    let arrivals = show_duration(SimDuration::from_secs_f64(span));
    let mut mistake = Mistake::at(place, message).label(format!("the arrivals last {arrivals}"));
    if first.is_some() {
        mistake = mistake.and(second, "and this much at their end");
    }
    mistakes.push(mistake.help(format!("together they must be shorter than {arrivals}")));
}

/// Orders, time and memory. Only asked for sound arrivals.
pub fn size(scenario: &Scenario, tree: &Table, estimate: &Estimate, memory: u64, mistakes: &mut Vec<Mistake>) {
    let place = tree.place_of("arrivals").unwrap_or(Place { text: 0, start: 0, end: 0 });
    if estimate.orders == 0.0 && scenario.workload.initial_backlog == 0 {
        mistakes.push(Mistake::at(place, "no order ever arrives").label("all rates are zero").help("raise a rate"));
    }
    let open_ended = matches!(scenario.horizon, Horizon::UntilDrained { .. });
    if open_ended && estimate.span > LONGEST.as_secs_f64() {
        let help = "write a smaller repeat, shorter phases, or a horizon";
        mistakes.push(Mistake::at(place, "the arrivals last longer than a hundred years").help(help));
        return;
    }
    if scenario.workload.changes() > MOST_CHANGES {
        let message = "the rate changes more than a thousand million times";
        let help = "write a smaller repeat, longer phases, or a longer correlation";
        mistakes.push(Mistake::at(place, message).label("over all phases and repeats").help(help));
        return;
    }
    if estimate.orders > MOST_ORDERS {
        let message =
            format!("about {} orders would arrive, more than {}", figure(estimate.orders), figure(MOST_ORDERS));
        mistakes
            .push(Mistake::at(place, message).help("set max_orders or a horizon, or lower a rate, duration or repeat"));
        return;
    }
    let bytes = estimate.peak_in_progress * BYTES_PER_ORDER;
    if bytes > memory as f64 {
        let message = format!("about {} orders would be in progress at once", figure(estimate.peak_in_progress));
        let sum = format!(
            "{} x {BYTES_PER_ORDER} bytes = {}; this machine has {}",
            figure(estimate.peak_in_progress),
            gibibytes(bytes),
            gibibytes(memory as f64)
        );
        let help = "raise lambda.reserved_concurrency, or set max_orders or a horizon";
        mistakes.push(Mistake::at(place, message).label(sum).help(help));
    }
}

/// A large number with two digits that count, for example 3.2e9.
fn figure(value: f64) -> String {
    if value < 1e6 { format!("{value:.0}") } else { format!("{value:.1e}") }
}

fn gibibytes(bytes: f64) -> String {
    format!("{:.1} GiB", bytes / f64::from(1 << 30))
}
