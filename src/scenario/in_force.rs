//! The facts of AWS in words, and those that a scenario rests upon, with the values that are in force in it.

use crate::facts::{self, Fact, InForce, Mark, Part, Range, Value, Worse, workflow};
use crate::measure::prices::PriceList;
use crate::model::bucket::BucketSettings;
use crate::model::execution::RetryPolicy;
use crate::scenario::units::Percent;
use crate::scenario::values::{DURATION, RATE, SHARE, SIZE, quoted};
use crate::scenario::{Loaded, Scenario, account, keys};
use crate::system::spec::{FaultTarget, Pull};

/// A value in the canonical form of the resolved scenario; a rule in its words.
pub fn written(value: Value) -> String {
    match value {
        Value::Length(length) => quoted(&(DURATION.show)(length)),
        Value::Count(count) => count.to_string(),
        Value::Factor(number) => number.to_string(),
        Value::Percent(percent) => quoted(&(SHARE.show)(Percent(percent))),
        Value::Rate(per_s) => quoted(&(RATE.show)(per_s)),
        Value::Megabytes(size) => quoted(&(SIZE.show)(size)),
        Value::Bucket((size, refill_per_s)) => account::show(BucketSettings { size, refill_per_s }),
        Value::Distribution(written) => written.to_string(),
        Value::Word(word) => quoted(word),
        Value::Rule(words) => words.to_string(),
        Value::Usd(price) => format!("{} USD a million", (price * 1e12).round() / 1e6),
    }
}

/// The same for people: without quotes, and without the name of the distribution that two percentiles make.
fn plain(written: &str) -> String {
    written.replace(", distribution = \"lognormal\"", "").replace('"', "")
}

/// A value in words.
pub fn in_words(value: Value) -> String {
    plain(&written(value))
}

/// Both ends of a range and the worse of them, in words.
pub fn range_in_words(range: &Range) -> String {
    let (low, high) = (in_words(range.low), in_words(range.high));
    match range.worse {
        Worse::Low => format!("{low} (worse) to {high}"),
        Worse::High => format!("{low} to {high} (worse)"),
    }
}

/// The facts that a scenario rests upon. Of a key that it sets to a value of its own there is nothing to assume.
pub fn facts_in_force(loaded: &Loaded) -> Vec<InForce> {
    let resolved: toml::Table = loaded.resolved.parse().unwrap_or_default();
    let scenario = &loaded.scenario;
    facts::all()
        .filter(|fact| matters(fact.part, scenario))
        .filter_map(|fact| {
            let value = value_in_force(fact, scenario, &resolved)?;
            Some(InForce { fact, value, range: fact.range.as_ref().map(range_in_words) })
        })
        .collect()
}

/// `None` where something else is in force than the fact or an end of its range.
fn value_in_force(fact: &Fact, scenario: &Scenario, resolved: &toml::Table) -> Option<String> {
    if let Value::Usd(price) = fact.value {
        return price_of(fact, &scenario.prices).filter(|own| *own == price).map(|_| in_words(fact.value));
    }
    if !matches!(keys::follow(fact.path()), Some(keys::Topic::Key(..))) || fact.part.is_preset() {
        return Some(in_words(fact.value));
    }
    let found = keys::value_at(resolved, fact.path())?;
    let ends = fact.range.map(|range| [range.low, range.high]).into_iter().flatten();
    let ours = std::iter::once(fact.value).chain(ends).any(|value| canonical(value).as_ref() == Some(found));
    let direct =
        fact.path().strip_prefix("lambda.").and_then(|key| keys::value_at(resolved, &format!("direct.lambda.{key}")));
    let shown = plain(&keys::written(found));
    ours.then(|| direct.map_or(shown.clone(), |own| format!("{shown}; direct {}", plain(&keys::written(own)))))
}

/// A value as it is read back.
fn canonical(value: Value) -> Option<toml::Value> {
    let table: toml::Table = format!("it = {}", written(value)).parse().ok()?;
    table.get("it").cloned()
}

fn price_of(fact: &Fact, prices: &PriceList) -> Option<f64> {
    Some(match fact.name {
        "STATE_TRANSITION" => prices.state_transition,
        "SQS_REQUEST" => prices.sqs_request,
        "LAMBDA_REQUEST" => prices.lambda_request,
        "LAMBDA_GB_SECOND" => prices.lambda_gb_second,
        "PROVISIONED_GB_SECOND" => prices.provisioned_gb_second,
        "PROVISIONED_RUN_GB_SECOND" => prices.provisioned_run_gb_second,
        _ => return None,
    })
}

/// Whether a scenario has this part.
pub fn matters(part: Part, scenario: &Scenario) -> bool {
    let (buffered, direct) = (&scenario.buffered, &scenario.direct);
    let functions = [&buffered.function, &direct.function];
    let retries =
        |is: fn(&RetryPolicy) -> bool| [&buffered.workflow, &direct.workflow].iter().any(|one| is(&one.retry));
    match part {
        Part::Always => true,
        Part::Door => at_the_door(scenario),
        Part::Answers => at_the_answers(scenario),
        Part::Callers => at_the_door(scenario) || at_the_answers(scenario),
        Part::InFlight => buffered.queue.in_flight_limit.is_some(),
        Part::Throttles => may_throttle_a_batch(scenario),
        Part::Ramp => buffered.event_source.scale_interval.is_some(),
        Part::Delay => buffered.delay.longest.is_some() && buffered.delay.length.mean() > 0.0,
        Part::DeadLetter => buffered.queue.max_receive_count.is_some(),
        Part::Redrive => buffered.redrive.is_some(),
        Part::Window => !buffered.event_source.maximum_batching_window.is_zero(),
        Part::Asynchronous => direct.asynchronous.is_some(),
        Part::ConsoleRetry => retries(is_the_console_s),
        Part::DocumentationRetry => retries(is_the_documentation_s),
        Part::Provisioned => functions.iter().any(|function| function.provisioning.is_some()),
        Part::Requests => {
            [&buffered.platform, &direct.platform].iter().any(|one| one.account.requests_per_concurrency.is_some())
        }
        Part::Idle => functions.iter().any(|one| one.idle_before_reclaim.is_some() || one.recycle_after.is_some()),
        Part::Prices => !scenario.prices.is_free(),
        Part::Retry | Part::Check => false,
    }
}

fn breaks(scenario: &Scenario, target: FaultTarget) -> bool {
    scenario.faults().iter().any(|fault| fault.target == target)
}

fn at_the_door(scenario: &Scenario) -> bool {
    scenario.buffered.platform.account.start_execution.is_some() || breaks(scenario, FaultTarget::Start)
}

fn at_the_answers(scenario: &Scenario) -> bool {
    scenario.buffered.platform.account.send_task.is_some() || breaks(scenario, FaultTarget::Callback)
}

fn may_throttle_a_batch(scenario: &Scenario) -> bool {
    let (account, function) = (&scenario.buffered.platform.account, &scenario.buffered.function);
    let eager = scenario.buffered.event_source.pull == Pull::Eager && function.concurrency(account).is_some();
    let rates = account.environment_rate.is_some() || account.requests_per_concurrency.is_some();
    eager || rates || breaks(scenario, FaultTarget::Lambda)
}

fn is_the_console_s(retry: &RetryPolicy) -> bool {
    retry.full_jitter
        && retry.interval == workflow::CONSOLE_INTERVAL
        && retry.max_attempts == workflow::CONSOLE_MAX_ATTEMPTS
}

fn is_the_documentation_s(retry: &RetryPolicy) -> bool {
    !retry.full_jitter
        && retry.interval == workflow::DOCUMENTATION_INTERVAL
        && retry.max_attempts == workflow::DOCUMENTATION_MAX_ATTEMPTS
}

/// The table of `docs/model.md`.
pub fn table_of_constants() -> String {
    let mut text = String::new();
    for group in facts::GROUPS {
        text.push_str(&format!("### {}\n\n", group.title));
        text.push_str("| key or name, and constant | what it says | value | mark | source | range, and why |\n");
        text.push_str("|---|---|---|---|---|---|\n");
        for fact in group.facts {
            let range = match (fact.range, fact.mark) {
                (Some(range), _) => format!("{}: {}", range_in_words(&range), range.why),
                (None, Mark::Assumed) => "none: a rule, not a number".to_string(),
                (None, _) => String::new(),
            };
            text.push_str(&format!(
                "| {} `{}::{}` | {} | {} | {} | {} | {range} |\n",
                named(fact),
                group.module,
                fact.name,
                fact.says,
                in_words(fact.value),
                fact.mark.letter(),
                fact.source
            ));
        }
        text.push('\n');
    }
    text
}

/// A key stands as code; what no key sets says so.
fn named(fact: &Fact) -> String {
    match fact.key.split_once(',') {
        _ if !matches!(keys::follow(fact.path()), Some(keys::Topic::Key(..))) => format!("{} (no key)", fact.key),
        Some((path, which)) => format!("`{path}`,{which}"),
        None => format!("`{}`", fact.key),
    }
}

#[cfg(test)]
#[path = "in_force_tests.rs"]
mod tests;
