//! What AWS does not publish: every assumed number has a range in the list of facts, and a way that is worse for a design.
//! `assumptions = "pessimistic"` (or `--assumptions`) takes the worse end of every range, `"optimistic"` the better one, of
//! values that the scenario does not set itself.

use crate::facts::{self, Fact, Range, Value};
use crate::scenario::defaults::Defaults;
use crate::scenario::in_force::{in_words, matters};
use crate::scenario::reader::Reader;
use crate::scenario::tree::Table;
use crate::scenario::values::{no_such_word, quoted};
use crate::scenario::{Profile, Scenario};

/// Which end of the ranges is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumptions {
    /// What makes designs fare worse.
    Pessimistic,
    /// The values of `docs/model.md`.
    Likely,
    /// What makes them fare better.
    Optimistic,
}

impl Assumptions {
    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Assumptions::Pessimistic => "pessimistic",
            Assumptions::Likely => "likely",
            Assumptions::Optimistic => "optimistic",
        }
    }
}

/// How an assumed number gets into the defaults.
type Put = fn(&mut Defaults, Value);

/// Of every assumed number: where it is kept. The ranges are in the list of facts.
const PUT: [(&str, Put); 26] = [
    ("queue.duplicate_delivery", |defaults, value| defaults.duplicate_delivery = value.number()),
    ("queue.reorder_window", |defaults, value| defaults.reorder_window = value.length()),
    ("queue.dead_letter.redrive_rate", |defaults, value| defaults.redrive_rate = value.number()),
    ("event_source.scale_interval", |defaults, value| defaults.scale_interval = Some(value.length())),
    ("event_source.scale_down_interval", |defaults, value| defaults.scale_down_interval = value.length()),
    ("event_source.error_backoff", |defaults, value| defaults.error_backoff = value.length()),
    ("event_source.throttle_backoff", |defaults, value| defaults.throttle_backoff = value.length()),
    ("event_source.throttle_backoff_limit", |defaults, value| defaults.throttle_backoff_limit = value.length()),
    ("lambda.duration", |defaults, value| defaults.duration = value.distribution()),
    ("lambda.cold_start", |defaults, value| defaults.cold_start = value.distribution()),
    ("lambda.idle_before_reclaim", |defaults, value| defaults.idle_before_reclaim = Some(value.length())),
    ("lambda.recycle_after", |defaults, value| defaults.recycle_after = Some(value.distribution())),
    ("lambda.provisioned_delay", |defaults, value| defaults.provisioned_delay = value.length()),
    ("direct.event_backoff_rate", |defaults, value| defaults.event_backoff_rate = value.number()),
    ("latency.start", |defaults, value| defaults.latency.start = value.distribution()),
    ("latency.dispatch", |defaults, value| defaults.latency.dispatch = value.distribution()),
    ("latency.transition", |defaults, value| defaults.latency.transition = value.distribution()),
    ("latency.send", |defaults, value| defaults.latency.send = value.distribution()),
    ("latency.receive", |defaults, value| defaults.latency.receive = value.distribution()),
    ("latency.invoke", |defaults, value| defaults.latency.invoke = value.distribution()),
    ("latency.callback", |defaults, value| defaults.latency.callback = value.distribution()),
    ("sdk.start_tries", |defaults, value| defaults.sdk.start.tries = value.count()),
    ("sdk.start_backoff", |defaults, value| defaults.sdk.start.first = value.length()),
    ("sdk.callback_tries", |defaults, value| defaults.sdk.callback.tries = value.count()),
    ("sdk.callback_backoff", |defaults, value| defaults.sdk.callback.first = value.length()),
    ("cost.extra_transitions", |defaults, value| defaults.extra_transitions = value.count()),
];

/// Under textbook there is nothing else to assume.
const IN_BOTH_PROFILES: [&str; 1] = ["lambda.duration"];

/// An assumed number and where it is kept.
fn assumed() -> impl Iterator<Item = (&'static Fact, Range, Put)> {
    facts::all().filter_map(|fact| {
        let put = PUT.iter().find(|(key, _)| *key == fact.key);
        fact.range.map(|range| (fact, range, put.expect("a test holds both lists against each other").1))
    })
}

fn end_of(range: &Range, assumptions: Assumptions) -> Option<Value> {
    match assumptions {
        Assumptions::Pessimistic => Some(range.pessimistic()),
        Assumptions::Likely => None,
        Assumptions::Optimistic => Some(range.optimistic()),
    }
}

fn holds_under(fact: &Fact, profile: Profile) -> bool {
    profile == Profile::Aws || IN_BOTH_PROFILES.contains(&fact.key)
}

/// Reads the key; the likely values are written down by themselves.
pub fn read(top: &mut Reader<'_, '_>) -> Assumptions {
    const KEY: &str = "assumptions";
    const ALL: [Assumptions; 3] = [Assumptions::Pessimistic, Assumptions::Likely, Assumptions::Optimistic];
    let Some(found) = top.text(KEY) else { return Assumptions::Likely };
    let Some(assumptions) = ALL.into_iter().find(|one| one.name() == found.value) else {
        top.mistakes.push(no_such_word(found.place, KEY, found.value, &ALL.map(Assumptions::name)));
        return Assumptions::Likely;
    };
    if assumptions != Assumptions::Likely {
        top.record(KEY, quoted(assumptions.name()), false);
    }
    assumptions
}

/// What a profile fills in under these assumptions.
pub fn defaults(profile: Profile, assumptions: Assumptions) -> Defaults {
    let mut defaults = *Defaults::of(profile);
    for (_, range, put) in assumed().filter(|(fact, ..)| holds_under(fact, profile)) {
        if let Some(value) = end_of(&range, assumptions) {
            put(&mut defaults, value);
        }
    }
    defaults
}

/// Says what was assumed otherwise than usual.
pub fn note(scenario: &Scenario, tree: &Table, notes: &mut Vec<String>) {
    let assumptions = scenario.assumptions;
    if assumptions == Assumptions::Likely {
        return;
    }
    let silent = |fact: &Fact| {
        holds_under(fact, scenario.profile) && matters(fact.part, scenario) && tree.at(fact.key).is_none()
    };
    let said = |(fact, range, _): (&'static Fact, Range, Put)| {
        let now = end_of(&range, assumptions).filter(|now| silent(fact) && *now != fact.value)?;
        Some(format!("{} {} (not {})", fact.key, in_words(now), in_words(fact.value)))
    };
    let switched: Vec<String> = assumed().filter_map(said).collect();
    let name = assumptions.name();
    notes.push(match switched.as_slice() {
        [] => format!("assumptions = {name:?} changes nothing: the scenario itself sets whatever would be assumed."),
        switched => format!(
            "{name} assumptions: what AWS does not publish and the scenario does not set is taken at the {} end of its \
             range: {}.",
            if assumptions == Assumptions::Pessimistic { "worse" } else { "better" },
            switched.join(", ")
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::in_force::written;
    use crate::scenario::{Overrides, Source, load};

    const SALE: &str = "[[arrivals]]\nrate = \"5/s\"\nduration = \"1min\"\n";

    fn loaded(text: &str) -> crate::scenario::Loaded {
        let source = Source { shown: "a.toml".into(), name: "a".into(), text: text.into() };
        load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    #[test]
    fn every_assumed_number_is_kept_in_the_defaults_and_its_likely_value_is_the_default() {
        let usual = *Defaults::of(Profile::Aws);
        let ranged: Vec<&Fact> = facts::all().filter(|fact| fact.range.is_some()).collect();
        let kept: Vec<&str> = PUT.iter().map(|(key, _)| *key).collect();
        assert_eq!(ranged.iter().map(|fact| fact.key).filter(|key| !kept.contains(key)).count(), 0);
        assert_eq!(ranged.len(), kept.len(), "nothing is kept that has no range");
        for (fact, range, put) in assumed() {
            let mut changed = usual;
            put(&mut changed, fact.value);
            assert_eq!(changed, usual, "{} is {:?} by default", fact.key, fact.value);
            put(&mut changed, if range.low == fact.value { range.high } else { range.low });
            assert_ne!(changed, usual, "{} reaches its default", fact.key);
        }
    }

    #[test]
    fn likely_values_lie_in_their_ranges() {
        let size = |value: Value| match value {
            Value::Length(length) => length.as_secs_f64(),
            Value::Count(count) => f64::from(count),
            Value::Distribution(written) => {
                loaded(&format!("{SALE}[lambda]\nduration = {written}\n")).scenario.buffered.function.duration.mean()
            }
            other => other.number(),
        };
        for (fact, range, _) in assumed() {
            let [low, likely, high] = [range.low, fact.value, range.high].map(size);
            assert!(low <= likely && likely <= high && low < high, "{}: {low} {likely} {high}", fact.key);
        }
    }

    /// Every table that an assumed number needs to show in the resolved scenario.
    const EVERYTHING: &str = "[queue.dead_letter]\nmax_receive_count = 5\nredrive_at = \"10min\"\n[direct]\ninvocation \
                              = \"event\"\n[lambda]\nprovisioned_concurrency = 5\nprovisioned_at = \"1min\"\n";

    #[test]
    fn every_assumed_number_is_at_its_end_in_the_resolved_scenario() {
        for assumptions in [Assumptions::Pessimistic, Assumptions::Likely, Assumptions::Optimistic] {
            let found = loaded(&format!("assumptions = {:?}\n{SALE}{EVERYTHING}", assumptions.name()));
            let resolved: toml::Table = found.resolved.parse().unwrap();
            for (fact, range, _) in assumed() {
                let expected = end_of(&range, assumptions).unwrap_or(fact.value);
                let expected: toml::Table = format!("it = {}", written(expected)).parse().unwrap();
                let at = fact
                    .key
                    .split('.')
                    .try_fold(toml::Value::Table(resolved.clone()), |at, word| at.get(word).cloned());
                assert_eq!(at.as_ref(), expected.get("it"), "{} under {}", fact.key, assumptions.name());
            }
            let again = loaded(&found.resolved);
            assert_eq!((again.fingerprint, again.scenario.direct), (found.fingerprint, found.scenario.direct));
        }
    }

    #[test]
    fn only_what_a_scenario_does_not_set_is_switched_and_the_resolved_file_shows_it() {
        let text = format!("{SALE}[lambda]\nduration = \"1s\"\nidle_before_reclaim = \"7min\"\n");
        for (word, start, idle, backoff) in [
            ("pessimistic", "96ms", "5min", "5.6s"),
            ("optimistic", "24ms", "15min", "1.25s"),
            ("likely", "48ms", "10min", "2.8s"),
        ] {
            let found = loaded(&format!("assumptions = {word:?}\n{text}"));
            for line in [
                "duration = \"1s\"\n".to_owned(),
                "idle_before_reclaim = \"7min\"\n".to_owned(),
                format!("start = {{ p50 = {start:?}, p99 ="),
                format!("error_backoff = {backoff:?}  # default\n"),
            ] {
                assert!(found.resolved.contains(&line), "{line} is not in {}", found.resolved);
            }
            let free = loaded(&format!("assumptions = {word:?}\n{SALE}"));
            assert!(free.resolved.contains(&format!("idle_before_reclaim = {idle:?}  # default")), "{}", free.resolved);
            let again = loaded(&found.resolved);
            assert_eq!((again.fingerprint, again.scenario.buffered), (found.fingerprint, found.scenario.buffered));
            let said = found.notes.join("\n");
            assert_eq!(said.contains("assumptions: what AWS does not publish"), word != "likely", "{said}");
            assert!(!said.contains("idle_before_reclaim") && !said.contains("lambda.duration 2"), "{said}");
        }
        let plain = loaded(&text);
        assert_eq!(loaded(&format!("assumptions = \"likely\"\n{text}")).resolved, plain.resolved);
        let said = loaded(&format!("assumptions = \"pessimistic\"\n{text}")).notes.join("\n");
        assert!(said.contains("event_source.error_backoff 5.6s (not 2.8s)"), "{said}");
    }

    #[test]
    fn textbook_assumes_nothing_but_the_work() {
        let text = format!("profile = \"textbook\"\nassumptions = \"pessimistic\"\n{SALE}");
        let found = loaded(&text);
        assert_eq!(found.scenario.buffered.platform, crate::system::spec::PlatformSpec::ideal());
        assert_eq!(found.scenario.buffered.function.duration.mean(), 0.2);
        let set = loaded(&format!("{text}[lambda]\nduration = \"1s\"\n"));
        assert!(set.notes.join("\n").contains("assumptions = \"pessimistic\" changes nothing"), "{:?}", set.notes);
    }
}
