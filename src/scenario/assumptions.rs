//! What AWS does not publish, in one table: every assumed constant that has a key, with its range and the way that is worse
//! for a design. `assumptions = "pessimistic"` (or `--assumptions`) takes the worse end of every range, `"optimistic"` the
//! better one, of values that the scenario does not set itself.

use crate::scenario::defaults::Defaults;
use crate::scenario::reader::Reader;
use crate::scenario::tree::Table;
use crate::scenario::units;
use crate::scenario::values::{no_such_word, quoted};
use crate::scenario::{Profile, Scenario};
use crate::time::SimDuration;

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

/// Which end of a range is the worse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worse {
    Low,
    High,
}

/// An assumed constant: its values in TOML.
struct Assumed {
    key: &'static str,
    low: &'static str,
    likely: &'static str,
    high: &'static str,
    worse: Worse,
    put: fn(&mut Defaults, &'static str),
}

/// All of them. `docs/model.md` says where each range is from.
const TABLE: [Assumed; 14] = [
    // 300 a minute are [H]; 265 were measured while ramping (rehanvdm.com, 2025): steps of 60 s x 5 / 265.
    Assumed {
        key: "event_source.scale_interval",
        low: "\"1s\"",
        likely: "\"1s\"",
        high: "\"1.132s\"",
        worse: Worse::High,
        put: |defaults, value| defaults.scale_interval = Some(length(value)),
    },
    // The same measurement's other point, 80 % of the throughput at 1 % errors, alone gives 1.25 s; decided: twice the fit.
    Assumed {
        key: "event_source.error_backoff",
        low: "\"1.25s\"",
        likely: "\"2.8s\"",
        high: "\"5.6s\"",
        worse: Worse::High,
        put: |defaults, value| defaults.error_backoff = length(value),
    },
    // The fastest runtime of the same data (rust); with 300 ms of placement at the median, and 1 s of imports at the 99th.
    Assumed {
        key: "lambda.cold_start",
        low: "{ p50 = \"16ms\", p99 = \"50ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"145ms\", p99 = \"220ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"445ms\", p99 = \"1.22s\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.cold_start = value,
    },
    Assumed {
        key: "lambda.idle_before_reclaim",
        low: "\"5min\"",
        likely: "\"10min\"",
        high: "\"15min\"",
        worse: Worse::Low,
        put: |defaults, value| defaults.idle_before_reclaim = Some(length(value)),
    },
    Assumed {
        key: "lambda.recycle_after",
        low: "\"2h\"",
        likely: "{ min = \"2h\", max = \"8h\", distribution = \"uniform\" }",
        high: "\"8h\"",
        worse: Worse::Low,
        put: |defaults, value| defaults.recycle_after = Some(value),
    },
    Assumed {
        key: "lambda.provisioned_delay",
        low: "\"1min\"",
        likely: "\"1min 30s\"",
        high: "\"2min\"",
        worse: Worse::High,
        put: |defaults, value| defaults.provisioned_delay = length(value),
    },
    // No claim about any function; decided: half and twice.
    Assumed {
        key: "lambda.duration",
        low: "\"50ms\"",
        likely: "\"100ms\"",
        high: "\"200ms\"",
        worse: Worse::High,
        put: |defaults, value| defaults.duration = value,
    },
    // Nobody measured a single hop; decided: half and twice.
    Assumed {
        key: "latency.start",
        low: "{ p50 = \"24ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"48ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"96ms\", p99 = \"320ms\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.latency.start = value,
    },
    Assumed {
        key: "latency.dispatch",
        low: "{ p50 = \"19ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"38ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"76ms\", p99 = \"320ms\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.latency.dispatch = value,
    },
    Assumed {
        key: "latency.transition",
        low: "{ p50 = \"12.5ms\", p99 = \"50ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"25ms\", p99 = \"100ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"50ms\", p99 = \"200ms\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.latency.transition = value,
    },
    Assumed {
        key: "latency.send",
        low: "{ p50 = \"5ms\", p99 = \"40ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"10ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"20ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.latency.send = value,
    },
    Assumed {
        key: "latency.receive",
        low: "{ p50 = \"4.5ms\", p99 = \"49ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"9ms\", p99 = \"98ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"18ms\", p99 = \"196ms\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.latency.receive = value,
    },
    Assumed {
        key: "latency.invoke",
        low: "{ p50 = \"2.5ms\", p99 = \"15ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"5ms\", p99 = \"30ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"10ms\", p99 = \"60ms\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.latency.invoke = value,
    },
    Assumed {
        key: "latency.callback",
        low: "{ p50 = \"10ms\", p99 = \"40ms\", distribution = \"lognormal\" }",
        likely: "{ p50 = \"20ms\", p99 = \"80ms\", distribution = \"lognormal\" }",
        high: "{ p50 = \"40ms\", p99 = \"160ms\", distribution = \"lognormal\" }",
        worse: Worse::High,
        put: |defaults, value| defaults.latency.callback = value,
    },
];

/// Under textbook there is nothing else to assume.
const IN_BOTH_PROFILES: [&str; 1] = ["lambda.duration"];

impl Assumed {
    fn value(&self, assumptions: Assumptions) -> &'static str {
        match (assumptions, self.worse) {
            (Assumptions::Likely, _) => self.likely,
            (Assumptions::Pessimistic, Worse::High) | (Assumptions::Optimistic, Worse::Low) => self.high,
            (Assumptions::Pessimistic, Worse::Low) | (Assumptions::Optimistic, Worse::High) => self.low,
        }
    }

    fn holds_under(&self, profile: Profile) -> bool {
        profile == Profile::Aws || IN_BOTH_PROFILES.contains(&self.key)
    }
}

/// A duration of the table.
fn length(value: &str) -> SimDuration {
    units::duration(value.trim_matches('"')).expect("the table's durations are durations")
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
    for assumed in TABLE.iter().filter(|assumed| assumptions != Assumptions::Likely && assumed.holds_under(profile)) {
        (assumed.put)(&mut defaults, assumed.value(assumptions));
    }
    defaults
}

/// Says what was assumed otherwise than usual.
pub fn note(scenario: &Scenario, tree: &Table, notes: &mut Vec<String>) {
    let assumptions = scenario.assumptions;
    if assumptions == Assumptions::Likely {
        return;
    }
    let silent = |assumed: &&Assumed| {
        let has_effect = assumed.key != "lambda.provisioned_delay" || scenario.buffered.function.provisioning.is_some();
        assumed.holds_under(scenario.profile) && has_effect && tree.at(assumed.key).is_none()
    };
    let shown = |value: &str| value.replace(", distribution = \"lognormal\"", "").replace('"', "");
    let said = |assumed: &Assumed| {
        let (now, usual) = (shown(assumed.value(assumptions)), shown(assumed.likely));
        (now != usual).then(|| format!("{} {now} (not {usual})", assumed.key))
    };
    let switched: Vec<String> = TABLE.iter().filter(silent).filter_map(said).collect();
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
    use crate::scenario::{Overrides, Source, load};

    const SALE: &str = "[[arrivals]]\nrate = \"5/s\"\nduration = \"1min\"\n";

    fn loaded(text: &str) -> crate::scenario::Loaded {
        let source = Source { shown: "a.toml".into(), name: "a".into(), text: text.into() };
        load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    #[test]
    fn the_likely_values_are_the_defaults_and_lie_in_their_ranges() {
        let usual = *Defaults::of(Profile::Aws);
        for assumed in &TABLE {
            let mut changed = usual;
            (assumed.put)(&mut changed, assumed.likely);
            assert_eq!(changed, usual, "{} is {} by default", assumed.key, assumed.likely);
            (assumed.put)(&mut changed, if assumed.low == assumed.likely { assumed.high } else { assumed.low });
            assert_ne!(changed, usual, "{} reaches its default", assumed.key);
        }
        let mean = |key: &str, value: &str| {
            let text = format!("{SALE}[lambda]\nduration = {value}\n");
            let seconds = loaded(&text).scenario.buffered.function.duration.mean();
            assert!(seconds > 0.0, "{key}");
            seconds
        };
        for assumed in &TABLE {
            let [low, likely, high] = [assumed.low, assumed.likely, assumed.high].map(|value| mean(assumed.key, value));
            assert!(low <= likely && likely <= high && low < high, "{}: {low} {likely} {high}", assumed.key);
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
