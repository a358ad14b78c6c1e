//! results.json: the contract with whoever reads results by machine (`schema/results.schema.json`).
//!
//! Without an inventory no call is made, and without prices nothing costs: both are zero then. Floats have at most nine significant digits.

pub mod drawn;

use serde_json::{Map, Value, json};

use super::assumed;
use super::faults;
use super::subject::{ClientFacts, Measured, Report};
use crate::measure::findings::{
    Arithmetic, Comparison, Design, DesignFindings, Difference, EventFindings, FaultHits, Findings, Interval,
    LatencyFindings, Orders, Percentiles, QueueFindings, Replicated, SloVerdict, WhatIf, WorkAmount, WorkFindings,
};
use crate::measure::tries::Tried;
use crate::observation::{Cause, Stage};

/// Additions leave it alone; renames and removals move it on.
pub const SCHEMA_VERSION: u32 = 1;
/// Moves on when the rules of the simulation change, so that old results are known as such.
pub const MODEL_VERSION: u32 = 1;
/// Of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The document.
pub fn document(report: &Report) -> Value {
    let (subject, findings) = (report.subject, report.findings);
    let designs = all_designs(findings);
    let mut whole = json!({
        "schema_version": SCHEMA_VERSION,
        "version": subject.version,
        "model": subject.model,
        "source": if subject.measured.is_some() { "measured" } else { "simulated" },
        "scenario": {
            "name": subject.name,
            "title": subject.title,
            "seed": subject.seed,
            "replications": subject.replications,
            "fingerprint": subject.fingerprint,
        },
        "origin_s": number(subject.origin_s),
        "arrivals_end_s": number(subject.arrivals_end_s),
        "end_s": number(findings.end.as_secs_f64()),
        "timeline_step_s": number(findings.step.as_secs_f64()),
        "designs": designs,
    });
    add_means_of_peaks(&mut whole, findings);
    if let Some(compared) = &findings.comparison {
        whole["comparison"] = comparison(compared);
    }
    whole["faults"] = (0..subject.faults.len()).map(|place| fault(report, place)).collect();
    whole["arithmetic"] = subject.arithmetic.as_ref().map_or(Value::Null, arithmetic);
    whole["settings"] = drawn::settings(subject);
    whole["what_if"] = report.what_if.iter().map(what_if).collect();
    whole["slo"] = report.slo.iter().map(slo).collect();
    let claim = |claim: &crate::measure::findings::ClaimVerdict| json!({ "claim": claim.claim, "that": claim.that, "held": claim.held });
    whole["expect"] = report.claims.iter().map(claim).collect();
    drawn::add(&mut whole, subject);
    if let Some(found) = &subject.measured {
        whole["target"] = found.target.clone().into();
        whole["client"] = client(found);
    }
    if let Some(assumptions) = subject.assumptions {
        whole["scenario"]["assumptions"] = assumptions.into();
    }
    whole["assumptions"] = subject.facts.iter().map(assumed::entry).collect();
    if !subject.arrivals_factors.is_empty() {
        whole["arrivals_factors"] = subject.arrivals_factors.iter().map(|factor| number(*factor)).collect();
    }
    if let Some(replicated) = &findings.replicated {
        whole["intervals"] = intervals(replicated);
        let first = &replicated.first;
        if let Some(bands) = &replicated.bands {
            whole["bands_step_s"] = number(bands.step.as_secs_f64());
        }
        whole["first_replication"] = json!({ "end_s": number(first.end.as_secs_f64()), "designs": all_designs(first) });
    }
    whole
}

fn all_designs(findings: &Findings) -> Map<String, Value> {
    findings.designs.iter().map(|found| (found.design.name().to_owned(), design(found))).collect()
}

/// Who measured, and within which limits.
fn client(found: &Measured) -> Value {
    let one = |client: &ClientFacts| {
        json!({
            "design": client.design.name(),
            "workers": client.workers,
            "lag_s": {
                "p50": number(client.lag_p50_s),
                "p99": number(client.lag_p99_s),
                "max": number(client.lag_max_s),
            },
            "clock_offset_s": number(client.clock_offset_s),
            "cut_short": client.cut_short,
        })
    };
    json!({
        "void": found.void,
        "max_lag_s": number(found.max_lag_s),
        "long_poll_s": found.long_poll_s,
        "speed": found.speed,
        "max_drain_s": number(found.max_drain_s),
        "runs": found.clients.iter().map(one).collect::<Vec<Value>>(),
    })
}

/// Over several replications a peak is a mean, and seldom whole.
fn add_means_of_peaks(document: &mut Value, findings: &Findings) {
    for (path, mean) in findings.replicated.iter().flat_map(|replicated| &replicated.peaks) {
        let pointer = format!("/{}", path.replace('.', "/"));
        *document.pointer_mut(&pointer).expect("a peak stands where the walk says") = number(*mean);
    }
}

/// 95 % intervals by path; of the numbers that every replication has.
fn intervals(found: &Replicated) -> Value {
    let shown = |interval: &Interval| {
        json!({
            "low": number(interval.low),
            "high": number(interval.high),
            "half_width": number(interval.half_width),
        })
    };
    let all: Map<String, Value> =
        found.intervals.iter().map(|(path, interval)| (path.clone(), shown(interval))).collect();
    Value::Object(all)
}

/// The document as it is written: indented, with a newline at the end.
pub fn text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document of strings and numbers has a text");
    text.push('\n');
    text
}

fn design(found: &DesignFindings) -> Value {
    let causes: Map<String, Value> =
        Cause::ALL.iter().zip(found.causes).map(|(cause, count)| (cause.name().to_owned(), count.into())).collect();
    let mut value = json!({
        "orders": orders(&found.orders),
        "causes": causes,
        "work_done_after_giving_up": found.work_done_after_giving_up,
        "latency_s": latency(&found.latency),
        "wait_s": wait(found),
        "stages_s": stages(found),
    });
    if let Some(found) = &found.queue {
        value["queue"] = queue(found);
    }
    if let Some(found) = &found.events {
        value["events"] = events(found);
    }
    value["attempts_per_order"] = attempts_per_order(found);
    value["work"] = work(&found.work);
    value["lambda"] = lambda(found);
    value["inventory"] = inventory(found);
    let callbacks = &found.callbacks;
    value["callbacks"] =
        json!({ "accepted": callbacks.accepted, "late": callbacks.late, "throttled": callbacks.throttled });
    let workflow = &found.step_functions;
    value["step_functions"] =
        json!({ "transitions": workflow.transitions, "start_throttled": workflow.start_throttled });
    value["usage"] = usage(found);
    value["cost_usd"] = cost(found);
    value["limits"] = limits(found);
    value["end_s"] = number(found.end.as_secs_f64());
    value
}

fn orders(orders: &Orders) -> Value {
    json!({
        "offered": orders.offered,
        "confirmed": orders.confirmed,
        "declined": orders.declined,
        "failed": orders.failed,
        "timed_out": orders.timed_out,
        "refused": orders.refused,
        "open": orders.open,
    })
}

fn inventory(found: &DesignFindings) -> Value {
    let found = &found.inventory;
    json!({
        "calls": found.calls,
        "useful_calls": found.useful_calls,
        "wasted_calls": found.wasted_calls,
        "rejected": found.rejected,
        "peak_connections": found.peak_connections,
        "mean_connections": number(found.mean_connections),
        "oversold": found.oversold,
    })
}

fn cost(found: &DesignFindings) -> Value {
    let cost = &found.cost;
    json!({
        "total": number(cost.total),
        "step_functions": number(cost.step_functions),
        "sqs": number(cost.sqs),
        "lambda": number(cost.lambda),
        "per_1000_confirmed": maybe(cost.per_1000_confirmed),
        "wasted": number(cost.wasted),
    })
}

/// What AWS counts for its bill.
fn usage(found: &DesignFindings) -> Value {
    let usage = &found.usage;
    json!({
        "state_transitions": usage.transitions,
        "sqs_requests": usage.sqs_requests,
        "empty_receives": usage.empty_receives,
        "lambda_requests": usage.lambda_requests,
        "billed_gb_s": number(usage.gb_s),
        "provisioned_gb_s": number(usage.provisioned_gb_s),
        "provisioned_run_gb_s": number(usage.provisioned_run_gb_s),
    })
}

fn latency(found: &LatencyFindings) -> Value {
    let mut confirmed = json!({ "count": found.count, "mean": maybe(found.mean) });
    add_percentiles(&mut confirmed, &found.confirmed);
    confirmed["max"] = maybe(found.max);
    let mut all_offered = json!({});
    add_percentiles(&mut all_offered, &found.all_offered);
    json!({ "confirmed": confirmed, "all_offered": all_offered })
}

fn wait(found: &DesignFindings) -> Value {
    let wait = &found.wait;
    let mut value = json!({ "count": wait.count, "waited": wait.waited, "mean": maybe(wait.mean) });
    add_percentiles(&mut value, &wait.percentiles);
    value["max"] = maybe(wait.max);
    value
}

fn add_percentiles(value: &mut Value, found: &Percentiles) {
    value["p50"] = maybe(found.p50);
    value["p90"] = maybe(found.p90);
    value["p95"] = maybe(found.p95);
    value["p99"] = maybe(found.p99);
    value["p999"] = maybe(found.p999);
}

fn stages(found: &DesignFindings) -> Value {
    let mut value = Map::new();
    for stage in Stage::ALL {
        if let Some(found) = found.stages.iter().find(|found| found.stage == stage) {
            value.insert(stage.name().to_owned(), json!({ "mean": maybe(found.mean), "p99": maybe(found.p99) }));
        }
    }
    Value::Object(value)
}

fn queue(found: &QueueFindings) -> Value {
    json!({
        "sent": found.sent,
        "received": found.received,
        "empty_receives": found.empty_receives,
        "deleted": found.deleted,
        "redelivered": found.redelivered,
        "duplicated": found.duplicated,
        "dead_lettered": found.dead_lettered,
        "redriven": found.redriven,
        "expired": found.expired,
        "peak_backlog": found.peak_backlog,
        "peak_backlog_at_s": maybe(found.peak_backlog_at_s),
        "mean_backlog": number(found.mean_backlog),
        "mean_in_flight": number(found.mean_in_flight),
        "drained_at_s": maybe(found.drained_at_s),
        "max_oldest_message_s": number(found.max_oldest_message_s),
    })
}

/// Lambda's own queue of asynchronous invocations.
fn events(found: &EventFindings) -> Value {
    json!({
        "accepted": found.accepted,
        "read": found.read,
        "read_again": found.read_again,
        "handled": found.handled,
        "waits_after_throttle": found.waits_after_throttle,
        "waits_after_error": found.waits_after_error,
        "dropped": found.dropped,
        "dropped_by": {
            "too_old": found.too_old,
            "retries_spent": found.retries_spent,
            "never_runs": found.never_runs,
        },
        "sent_to_destination": found.sent_to_destination,
        "peak_waiting": found.peak_waiting,
        "peak_waiting_at_s": maybe(found.peak_waiting_at_s),
        "mean_waiting": number(found.mean_waiting),
        "drained_at_s": maybe(found.drained_at_s),
        "max_event_age_s": number(found.max_event_age_s),
    })
}

/// How often orders were tried before they ended, and how they ended: each column sums to the number in `orders`.
fn attempts_per_order(found: &DesignFindings) -> Value {
    let row = |tried: &Tried| {
        let mut row = json!({ "task_attempts": tried.task_attempts, "attempts": tried.attempts });
        row.as_object_mut()
            .expect("a row is an object")
            .extend(orders(&tried.orders).as_object().cloned().unwrap_or_default());
        row
    };
    found.tried.iter().map(row).collect()
}

fn work(found: &WorkFindings) -> Value {
    let amount = |amount: &WorkAmount| json!({ "attempts": amount.attempts, "gb_s": number(amount.gb_s) });
    json!({
        "useful_attempts": found.useful.attempts,
        "wasted_attempts": found.wasted.attempts,
        "useful_gb_s": number(found.useful.gb_s),
        "wasted_gb_s": number(found.wasted.gb_s),
        "wasted_by": {
            "task_over": amount(&found.task_over),
            "too_late": amount(&found.too_late),
            "duplicate": amount(&found.duplicate),
            "batch": amount(&found.batch),
            "failed": amount(&found.failed),
        },
    })
}

fn lambda(found: &DesignFindings) -> Value {
    let found = &found.lambda;
    json!({
        "invocations": found.invocations,
        "throttles": found.throttles,
        "errors": found.errors,
        "timeouts": found.timeouts,
        "cold_starts": found.cold_starts,
        "peak_concurrency": found.peak_concurrency,
        "mean_concurrency": number(found.mean_concurrency),
        "mean_environments": number(found.mean_environments),
        "gb_s": number(found.gb_s),
    })
}

fn limits(found: &DesignFindings) -> Value {
    let limit = |limit: &crate::measure::findings::LimitFindings| {
        json!({
            "name": limit.name,
            "limit": number(limit.limit),
            "peak_use": number(limit.peak_use),
            "bound_s": number(limit.bound_s),
            "first_bound_at_s": maybe(limit.first_bound_at_s),
            "last_bound_at_s": maybe(limit.last_bound_at_s),
            "cost_s": number(limit.cost_s),
        })
    };
    found.limits.iter().map(limit).collect()
}

fn comparison(found: &Comparison) -> Value {
    let difference = |found: &Difference| json!({ "difference": maybe(found.difference), "low": maybe(found.low), "high": maybe(found.high) });
    json!({
        "confirmed": difference(&found.confirmed),
        "latency_p50_s": difference(&found.latency_p50_s),
        "latency_p99_s": difference(&found.latency_p99_s),
        "gb_s": difference(&found.gb_s),
        "cost_usd": difference(&found.cost_usd),
    })
}

/// A fault, and whom it hit; `null` for a design that does not have its target, or was not run.
fn fault(report: &Report, place: usize) -> Value {
    let fault = &report.subject.faults[place];
    let by_design = |of: fn(FaultHits) -> u64| {
        let number = |design| faults::hits(report, place, design).map_or(Value::Null, |hits| of(hits).into());
        json!({ "buffered": number(Design::Buffered), "direct": number(Design::Direct) })
    };
    json!({
        "name": fault.name,
        "from_s": number(fault.from_s),
        "to_s": number(fault.to_s),
        "target": fault.target,
        "effect": fault.effect,
        "amount": maybe(fault.amount),
        "share": number(fault.share),
        "orders_hit": by_design(|hits| hits.orders),
        "hits": by_design(|hits| hits.hits),
    })
}

/// What the scenario should give by arithmetic alone.
fn arithmetic(found: &Arithmetic) -> Value {
    json!({
        "capacity_per_s": number(found.capacity_per_s),
        "peak_backlog": number(found.peak_backlog),
        "peak_backlog_at_s": number(found.peak_backlog_at_s),
        "drained_at_s": maybe(found.drained_at_s),
        "throttled_at_the_door": number(found.throttled_at_the_door),
        "direct_confirmed": maybe(found.direct_confirmed),
    })
}

fn what_if(changed: &WhatIf) -> Value {
    let mut designs = Map::new();
    for found in &changed.designs {
        let value = json!({
            "orders": orders(&found.orders),
            "latency_p50_s": maybe(found.latency_p50_s),
            "latency_p99_s": maybe(found.latency_p99_s),
            "drained_at_s": maybe(found.drained_at_s),
            "cost_usd": number(found.cost_usd),
        });
        designs.insert(found.design.name().to_owned(), value);
    }
    json!({ "change": changed.change, "set": changed.set, "designs": designs })
}

fn slo(verdict: &SloVerdict) -> Value {
    json!({
        "name": verdict.name,
        "design": verdict.design.name(),
        "limit": verdict.limit,
        "measured": maybe(verdict.measured),
        "met": verdict.met,
        "limit_value": number(verdict.limit_value),
        "unit": drawn::unit(verdict.unit),
        "within_s": maybe(verdict.within_s),
    })
}

fn maybe(value: Option<f64>) -> Value {
    value.map_or(Value::Null, number)
}

/// A float of at most nine significant digits; whole numbers without a point; `null` for what is no number.
pub fn number(value: f64) -> Value {
    let value = rounded(value);
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Value::from(value as i64);
    }
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// Nine significant digits, by way of the decimal text, which is the same on every platform.
pub fn rounded(value: f64) -> f64 {
    let text = format!("{value:.8e}");
    let parsed: f64 = text.parse().unwrap_or(value);
    if parsed == 0.0 { 0.0 } else { parsed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::Example;

    #[test]
    fn floats_have_nine_significant_digits_and_no_negative_zero() {
        assert_eq!(number(1.0 / 3.0).to_string(), "0.333333333");
        assert_eq!(number(123_456_789.126).to_string(), "123456789");
        assert_eq!(number(-0.0).to_string(), "0");
        assert_eq!(number(2.0).to_string(), "2");
        assert_eq!(number(f64::NAN), Value::Null);
    }

    #[test]
    fn outcomes_and_causes_add_up_in_the_document() {
        let sample = Example::flash_sale();
        let document = document(&sample.report());
        for name in ["buffered", "direct"] {
            let design = &document["designs"][name];
            let sum = |of: &Value, keys: &[&str]| -> u64 { keys.iter().map(|key| of[*key].as_u64().unwrap()).sum() };
            let lost = ["failed", "timed_out", "refused", "open"];
            let lost_orders = sum(&design["orders"], &lost);
            let ended = sum(&design["orders"], &["confirmed", "declined"]) + lost_orders;
            assert_eq!(design["orders"]["offered"], ended);
            let causes: u64 = design["causes"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
            assert_eq!(causes, lost_orders);
        }
    }

    #[test]
    fn the_document_fits_the_committed_schema() {
        let schema: Value = serde_json::from_str(include_str!("../../schema/results.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut sample = Example::flash_sale();
        sample.findings.designs[1].events = Some(EventFindings::default());
        let document = document(&sample.report());
        let wrong: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let mut broken = document.clone();
        broken["designs"]["direct"]["orders"]["confirmed"] = json!("many");
        assert!(!validator.is_valid(&broken));
        let mut incomplete = document;
        incomplete["designs"]["direct"].as_object_mut().unwrap().remove("causes");
        assert!(!validator.is_valid(&incomplete));
    }
}
