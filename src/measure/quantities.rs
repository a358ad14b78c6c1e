//! Every number of a design's findings under its path in results.json, and how replications make one of many.

use crate::measure::findings::{Comparison, DesignFindings, Difference, Percentiles, WorkAmount};
use crate::observation::Cause;

/// A number, by what becomes of it over several replications.
#[derive(Debug)]
pub enum Quantity<'a> {
    /// Whole, and adds up.
    Count(&'a mut u64),
    /// Adds up: GB-seconds and USD.
    Amount(&'a mut f64),
    /// Whole in each replication, and averaged.
    Peak(&'a mut u64),
    /// Is averaged: levels, durations.
    Level(&'a mut f64),
    /// Is averaged; none if there is none in any replication.
    Maybe(&'a mut Option<f64>),
}

impl Quantity<'_> {
    /// What it is now.
    pub fn value(&self) -> Option<f64> {
        match self {
            Quantity::Count(count) | Quantity::Peak(count) => Some(**count as f64),
            Quantity::Amount(value) | Quantity::Level(value) => Some(**value),
            Quantity::Maybe(value) => **value,
        }
    }
}

/// Goes through the findings in an order of its own, always the same for the same scenario. Paths begin below the design.
pub fn each(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    orders(found, visit);
    times(found, visit);
    queue(found, visit);
    events(found, visit);
    work(found, visit);
    services(found, visit);
    money(found, visit);
    for (index, limit) in found.limits.iter_mut().enumerate() {
        let fields =
            [("peak_use", &mut limit.peak_use), ("bound_s", &mut limit.bound_s), ("cost_s", &mut limit.cost_s)];
        for (name, value) in fields {
            visit(&format!("limits[{index}].{name}"), Quantity::Level(value));
        }
        let instants =
            [("first_bound_at_s", &mut limit.first_bound_at_s), ("last_bound_at_s", &mut limit.last_bound_at_s)];
        for (name, value) in instants {
            visit(&format!("limits[{index}].{name}"), Quantity::Maybe(value));
        }
    }
}

/// The paired differences below `comparison`; the first value says whether they add up.
pub fn each_difference(found: &mut Comparison, visit: &mut impl FnMut(&str, bool, &mut Difference)) {
    visit("confirmed", true, &mut found.confirmed);
    visit("latency_p50_s", false, &mut found.latency_p50_s);
    visit("latency_p99_s", false, &mut found.latency_p99_s);
    visit("gb_s", true, &mut found.gb_s);
    visit("cost_usd", true, &mut found.cost_usd);
}

fn counts<const N: usize>(table: &str, fields: [(&str, &mut u64); N], visit: &mut impl FnMut(&str, Quantity<'_>)) {
    for (name, value) in fields {
        visit(&format!("{table}.{name}"), Quantity::Count(value));
    }
}

fn orders(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let orders = &mut found.orders;
    let fields = [
        ("offered", &mut orders.offered),
        ("confirmed", &mut orders.confirmed),
        ("declined", &mut orders.declined),
        ("failed", &mut orders.failed),
        ("timed_out", &mut orders.timed_out),
        ("refused", &mut orders.refused),
        ("open", &mut orders.open),
    ];
    counts("orders", fields, visit);
    for (cause, count) in Cause::ALL.iter().zip(&mut found.causes) {
        visit(&format!("causes.{}", cause.name()), Quantity::Count(count));
    }
    visit("work_done_after_giving_up", Quantity::Count(&mut found.work_done_after_giving_up));
}

fn times(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let latency = &mut found.latency;
    visit("latency_s.confirmed.count", Quantity::Count(&mut latency.count));
    visit("latency_s.confirmed.mean", Quantity::Maybe(&mut latency.mean));
    percentiles("latency_s.confirmed", &mut latency.confirmed, visit);
    visit("latency_s.confirmed.max", Quantity::Maybe(&mut latency.max));
    percentiles("latency_s.all_offered", &mut latency.all_offered, visit);
    let wait = &mut found.wait;
    counts("wait_s", [("count", &mut wait.count), ("waited", &mut wait.waited)], visit);
    visit("wait_s.mean", Quantity::Maybe(&mut wait.mean));
    percentiles("wait_s", &mut wait.percentiles, visit);
    visit("wait_s.max", Quantity::Maybe(&mut wait.max));
    for stage in &mut found.stages {
        let name = stage.stage.name();
        visit(&format!("stages_s.{name}.mean"), Quantity::Maybe(&mut stage.mean));
        visit(&format!("stages_s.{name}.p99"), Quantity::Maybe(&mut stage.p99));
    }
}

fn percentiles(table: &str, found: &mut Percentiles, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let fields = [
        ("p50", &mut found.p50),
        ("p90", &mut found.p90),
        ("p95", &mut found.p95),
        ("p99", &mut found.p99),
        ("p999", &mut found.p999),
    ];
    for (name, value) in fields {
        visit(&format!("{table}.{name}"), Quantity::Maybe(value));
    }
}

fn queue(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let Some(queue) = &mut found.queue else { return };
    let fields = [
        ("sent", &mut queue.sent),
        ("received", &mut queue.received),
        ("empty_receives", &mut queue.empty_receives),
        ("deleted", &mut queue.deleted),
        ("redelivered", &mut queue.redelivered),
        ("duplicated", &mut queue.duplicated),
        ("redriven", &mut queue.redriven),
        ("dead_lettered", &mut queue.dead_lettered),
        ("expired", &mut queue.expired),
    ];
    counts("queue", fields, visit);
    visit("queue.peak_backlog", Quantity::Peak(&mut queue.peak_backlog));
    visit("queue.peak_backlog_at_s", Quantity::Maybe(&mut queue.peak_backlog_at_s));
    visit("queue.mean_backlog", Quantity::Level(&mut queue.mean_backlog));
    visit("queue.mean_in_flight", Quantity::Level(&mut queue.mean_in_flight));
    visit("queue.drained_at_s", Quantity::Maybe(&mut queue.drained_at_s));
    visit("queue.max_oldest_message_s", Quantity::Level(&mut queue.max_oldest_message_s));
}

fn events(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let Some(events) = &mut found.events else { return };
    let fields = [
        ("accepted", &mut events.accepted),
        ("read", &mut events.read),
        ("read_again", &mut events.read_again),
        ("handled", &mut events.handled),
        ("waits_after_throttle", &mut events.waits_after_throttle),
        ("waits_after_error", &mut events.waits_after_error),
        ("dropped", &mut events.dropped),
        ("dropped_by.too_old", &mut events.too_old),
        ("dropped_by.retries_spent", &mut events.retries_spent),
        ("dropped_by.never_runs", &mut events.never_runs),
        ("sent_to_destination", &mut events.sent_to_destination),
    ];
    counts("events", fields, visit);
    visit("events.peak_waiting", Quantity::Peak(&mut events.peak_waiting));
    visit("events.peak_waiting_at_s", Quantity::Maybe(&mut events.peak_waiting_at_s));
    visit("events.mean_waiting", Quantity::Level(&mut events.mean_waiting));
    visit("events.drained_at_s", Quantity::Maybe(&mut events.drained_at_s));
    visit("events.max_event_age_s", Quantity::Level(&mut events.max_event_age_s));
}

fn work(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let work = &mut found.work;
    for (name, amount) in [("useful", &mut work.useful), ("wasted", &mut work.wasted)] {
        visit(&format!("work.{name}_attempts"), Quantity::Count(&mut amount.attempts));
        visit(&format!("work.{name}_gb_s"), Quantity::Amount(&mut amount.gb_s));
    }
    let reasons: [(&str, &mut WorkAmount); 5] = [
        ("task_over", &mut work.task_over),
        ("too_late", &mut work.too_late),
        ("duplicate", &mut work.duplicate),
        ("batch", &mut work.batch),
        ("failed", &mut work.failed),
    ];
    for (name, amount) in reasons {
        visit(&format!("work.wasted_by.{name}.attempts"), Quantity::Count(&mut amount.attempts));
        visit(&format!("work.wasted_by.{name}.gb_s"), Quantity::Amount(&mut amount.gb_s));
    }
}

fn services(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let lambda = &mut found.lambda;
    let fields = [
        ("invocations", &mut lambda.invocations),
        ("throttles", &mut lambda.throttles),
        ("errors", &mut lambda.errors),
        ("timeouts", &mut lambda.timeouts),
        ("cold_starts", &mut lambda.cold_starts),
    ];
    counts("lambda", fields, visit);
    visit("lambda.peak_concurrency", Quantity::Peak(&mut lambda.peak_concurrency));
    visit("lambda.mean_concurrency", Quantity::Level(&mut lambda.mean_concurrency));
    visit("lambda.mean_environments", Quantity::Level(&mut lambda.mean_environments));
    visit("lambda.gb_s", Quantity::Amount(&mut lambda.gb_s));
    let inventory = &mut found.inventory;
    let fields = [
        ("calls", &mut inventory.calls),
        ("useful_calls", &mut inventory.useful_calls),
        ("wasted_calls", &mut inventory.wasted_calls),
        ("rejected", &mut inventory.rejected),
        ("oversold", &mut inventory.oversold),
    ];
    counts("inventory", fields, visit);
    visit("inventory.peak_connections", Quantity::Peak(&mut inventory.peak_connections));
    visit("inventory.mean_connections", Quantity::Level(&mut inventory.mean_connections));
    let answers = &mut found.callbacks;
    let fields =
        [("accepted", &mut answers.accepted), ("late", &mut answers.late), ("throttled", &mut answers.throttled)];
    counts("callbacks", fields, visit);
    let workflow = &mut found.step_functions;
    let fields = [("transitions", &mut workflow.transitions), ("start_throttled", &mut workflow.start_throttled)];
    counts("step_functions", fields, visit);
}

fn money(found: &mut DesignFindings, visit: &mut impl FnMut(&str, Quantity<'_>)) {
    let usage = &mut found.usage;
    let fields = [
        ("state_transitions", &mut usage.transitions),
        ("sqs_requests", &mut usage.sqs_requests),
        ("empty_receives", &mut usage.empty_receives),
        ("lambda_requests", &mut usage.lambda_requests),
    ];
    counts("usage", fields, visit);
    let cost = &mut found.cost;
    let amounts = [
        ("usage.billed_gb_s", &mut usage.gb_s),
        ("usage.provisioned_gb_s", &mut usage.provisioned_gb_s),
        ("usage.provisioned_run_gb_s", &mut usage.provisioned_run_gb_s),
        ("cost_usd.total", &mut cost.total),
        ("cost_usd.step_functions", &mut cost.step_functions),
        ("cost_usd.sqs", &mut cost.sqs),
        ("cost_usd.lambda", &mut cost.lambda),
        ("cost_usd.wasted", &mut cost.wasted),
    ];
    for (path, value) in amounts {
        visit(path, Quantity::Amount(value));
    }
    visit("cost_usd.per_1000_confirmed", Quantity::Maybe(&mut cost.per_1000_confirmed));
}
