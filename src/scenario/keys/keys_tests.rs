//! The list of keys against the readers of the tables, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use super::defaults::scenario_with;
use super::recording::{self, Asked};
use super::*;
use crate::scenario::{Overrides, Profile, Source, load};

/// Beside the files that examples name.
fn answer(text: &str) -> Result<(), String> {
    let shown = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/example.toml");
    let source = Source { shown: shown.into(), name: "example".into(), text: text.into() };
    load(&source, &Overrides::default()).map(|_| ())
}

/// Every example of every key, tried under both profiles; what the readers were asked, by our name of the table.
fn asked() -> BTreeMap<String, Asked> {
    let asked = recording::during(|| {
        for (table, key, _) in all() {
            for profile in [Profile::Aws, Profile::Textbook] {
                let _ = answer(&scenario_with(table, key.example, Some(profile)));
            }
        }
    });
    let mut tables: BTreeMap<String, Asked> = BTreeMap::new();
    for (name, found) in asked {
        let Some(path) = table_called(&name) else { continue };
        let entry = tables.entry(path.to_string()).or_default();
        entry.known.extend(found.known);
        entry.words.extend(found.words);
        entry.bounds.extend(found.bounds);
    }
    tables
}

/// Our name of a table that a reader calls `[queue]`, or `` `retry` `` where it is inline.
fn table_called(name: &str) -> Option<&'static str> {
    let plain = name.trim_matches(['[', ']', '`']);
    let path = match plain {
        "the scenario" => "",
        "direct.lambda" => "lambda",
        "a default" => return None,
        _ if name.starts_with('[') => plain,
        _ => {
            let hosts: BTreeSet<_> =
                all().filter(|(_, key, _)| key.name == plain).filter_map(|(_, key, _)| key.shape()).collect();
            assert_eq!(hosts.len(), 1, "{name} is read as a table, but no key of that name is listed with a shape");
            return hosts.into_iter().next();
        }
    };
    Some(table(path).unwrap_or_else(|| panic!("{name} is read, but it is not in the list of tables")).path)
}

#[test]
fn every_key_that_a_reader_asks_for_is_listed_and_the_other_way_round() {
    let asked = asked();
    let mut wrong = Vec::new();
    for (path, asked) in &asked {
        let listed: BTreeSet<&str> = table(path).expect("a table").keys.iter().map(|key| key.name).collect();
        for key in asked.known.iter().filter(|key| !listed.contains(key.as_str())) {
            wrong.push(format!("`{key}` of {path:?} is read, but not listed in scenario/keys"));
        }
    }
    for (table, key, path) in all() {
        let read = asked.get(table.path).is_some_and(|asked| asked.known.contains(key.name));
        if !read {
            wrong.push(format!("{path} is listed in scenario/keys, but no reader asks for it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_and_bounds_are_those_of_the_readers() {
    for (path, asked) in asked() {
        for (name, words) in asked.words {
            let key = table(&path).and_then(|table| table.key(&name)).expect("a listed key");
            let listed: BTreeSet<String> = key
                .kinds
                .iter()
                .flat_map(|kind| match kind {
                    Kind::Word(words) => words.iter().map(ToString::to_string).collect(),
                    _ => Vec::new(),
                })
                .collect();
            assert_eq!(listed, words, "{path}.{name}");
        }
        for (name, bounds) in asked.bounds {
            let key = table(&path).and_then(|table| table.key(&name)).expect("a listed key");
            let listed = key.kinds.iter().find_map(|kind| match kind {
                Kind::Whole(least, most) => Some((*least, *most)),
                _ => None,
            });
            assert_eq!(listed, Some(bounds), "{path}.{name}");
        }
    }
}

#[test]
fn every_example_is_taken() {
    for (table, key, path) in all() {
        let text = scenario_with(table, key.example, None);
        answer(&text).unwrap_or_else(|shown| panic!("{path}\n{text}\n{shown}"));
    }
}

#[test]
fn every_key_says_all_there_is_to_say() {
    for (table, key, path) in all() {
        let sentences = [key.meaning, key.wrong];
        assert!(sentences.iter().all(|text| text.ends_with(['.', ')', ':'])), "{path}: whole sentences");
        assert!(key.example.contains(key.name), "{path}: its example shows it");
        assert!(!key.kinds.is_empty(), "{path}");
        let has_no_source = matches!(key.mark, Mark::Ours | Mark::Listed);
        assert_eq!(has_no_source, key.source.is_empty(), "{path}: a fact has a source, a choice has none");
        assert_eq!(key.mark == Mark::Listed, table.fact(key).is_some(), "{path}: is it in the list of facts?");
        if let Some(shape) = key.shape() {
            assert!(super::table(shape).is_some(), "{path}: there is no inline table {shape}");
        }
        if let Some(opened) = key.table() {
            assert!(super::table(opened).is_some(), "{path}: there is no table {opened}");
        }
        if let Form::Shape(host) = table.form {
            assert!(matches!(follow(host), Some(Topic::Key(..))), "{path}: {host} is no key");
        }
    }
}

#[test]
fn defaults_are_those_of_the_code() {
    let of = |path: &str, profile| match follow(path) {
        Some(Topic::Key(table, key)) => default_of(table, key, profile),
        Some(Topic::Table(_)) if path == "arrivals" => default_of(top(), top().key(path).expect("a key"), profile),
        _ => panic!("{path}"),
    };
    let value = |text: &str| Default::Value(text.to_string());
    assert_eq!(of("queue.visibility_timeout", Profile::Aws), value("\"30s\""));
    assert_eq!(of("queue.visibility_timeout", Profile::Textbook), Default::None);
    assert_eq!(of("queue.dead_letter.max_receive_count", Profile::Aws), Default::Needed);
    assert_eq!(of("arrivals.rate", Profile::Aws), Default::Alternative);
    assert_eq!(of("arrivals", Profile::Aws), Default::Needed);
    assert_eq!(of("arrivals.spacing", Profile::Aws), value("\"poisson\""));
    assert_eq!(of("inventory.when_full", Profile::Aws), value("\"wait\""));
    assert_eq!(of("step_functions.retry.backoff_rate", Profile::Aws), value("2"));
    assert_eq!(of("account.region", Profile::Aws), value("\"us-east-1\""));
    assert_eq!(
        of("lambda.cold_start", Profile::Aws),
        value("{ p50 = \"145ms\", p99 = \"220ms\", distribution = \"lognormal\" }")
    );
    assert_eq!(of("title", Profile::Aws), value("\"example\""));
}

#[test]
fn paths_lead_where_they_should() {
    for path in [
        "seed",
        "arrivals[0].rate",
        "arrivals.rate",
        "direct.lambda.timeout",
        "lambda.duration.p99",
        "direct.retry.interval",
        "retry.interval",
    ] {
        assert!(matches!(follow(path), Some(Topic::Key(..))), "{path}");
    }
    for path in ["queue", "queue.dead_letter", "direct.lambda", "arrivals"] {
        assert!(matches!(follow(path), Some(Topic::Table(_))), "{path}");
    }
    for path in ["", "queue.", "queue.visibility", "seed.x", "lambda.duration.p98", "nothing"] {
        assert!(follow(path).is_none(), "{path}");
    }
    let names = |name: &str| called(name).into_iter().map(|(_, _, path)| path).collect::<Vec<_>>();
    assert_eq!(names("VisibilityTimeout"), ["queue.visibility_timeout"]);
    assert_eq!(names("heartbeatseconds"), ["step_functions.heartbeat"]);
    assert_eq!(names("timeout"), ["step_functions.timeout", "lambda.timeout", "direct.timeout"]);
}

/// What the list says AWS takes, against the rules that refuse what AWS refuses: the first beyond either end.
#[test]
fn limits_of_aws_are_those_that_are_checked() {
    for (path, says, body, refused) in [
        ("queue.visibility_timeout", "43,200 s (12 h)", "[queue]\nvisibility_timeout = \"43201s\"", "to 12h"),
        (
            "queue.message_retention_period",
            "60 s to 1,209,600 s (14 d)",
            "[queue]\nmessage_retention_period = \"59s\"",
            "1min to 14d",
        ),
        ("queue.delay", "900 s (15 min)", "[queue]\ndelay = \"901s\"", "to 15min"),
        (
            "queue.dead_letter.max_receive_count",
            "1 to 1,000",
            "[queue.dead_letter]\nmax_receive_count = 1001",
            "1 to 1000",
        ),
        ("event_source.maximum_concurrency", "2 to 1,000", "[event_source]\nmaximum_concurrency = 1", "2 to 1000"),
        (
            "event_source.maximum_batching_window",
            "0 s to 300 s",
            "[event_source]\nmaximum_batching_window = \"301s\"",
            "to 5min",
        ),
        ("event_source.batch_size", "1 to 10,000", "[event_source]\nbatch_size = 10001", "from 1 to 10000"),
        (
            "lambda.timeout",
            "1 s to 900 s (15 min)",
            "[lambda]\ntimeout = \"901s\"\n[queue]\nvisibility_timeout = \"1h\"",
            "1s to 15min",
        ),
        ("lambda.memory_size", "128 MB to 10,240 MB", "[lambda]\nmemory_size = \"127MB\"", "128MB to 10240MB"),
        (
            "step_functions.timeout",
            "99,999,999 s",
            "[step_functions]\ntimeout = \"100000000s\"",
            "step_functions.timeout",
        ),
        (
            "step_functions.retry.max_attempts",
            "0 to 99,999,999",
            "[step_functions]\nretry = { max_attempts = 100000000 }",
            "from 0 to 99999999",
        ),
    ] {
        let Some(Topic::Key(_, key)) = follow(path) else { panic!("{path}") };
        assert!(key.aws.contains(says), "{path}: {}", key.aws);
        let shown = answer(&format!("[[arrivals]]\nrate = \"1/s\"\nduration = \"1s\"\n{body}\n")).expect_err(path);
        assert!(shown.contains(refused), "{path}\n{shown}");
    }
}
