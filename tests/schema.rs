//! The JSON Schema of the scenario file: the committed one is the one that is printed, and it takes what the loader takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use queuecast::scenario::{Overrides, Source, load};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn printed() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_simulate")).arg("schema").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

fn schema() -> serde_json::Value {
    serde_json::from_str(&printed()).unwrap()
}

/// TOML as JSON.
fn json(text: &str) -> serde_json::Value {
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    serde_json::to_value(table).unwrap()
}

fn scenarios() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["scenarios", "templates", "benches/scenarios"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() >= 11, "{found:?}");
    found
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let path = root().join("schema/scenario.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, printed()).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|committed| committed == printed()),
        "UPDATE=1 cargo test --test schema writes it anew"
    );
    assert!(jsonschema::meta::is_valid(&schema()), "it is a schema");
}

#[test]
fn every_scenario_of_the_repository_is_valid_also_with_its_defaults_filled_in() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for path in scenarios() {
        let text = fs::read_to_string(&path).unwrap();
        let wrong = |text: &str| schema.iter_errors(&json(text)).map(|error| error.to_string()).collect::<Vec<_>>();
        assert_eq!(wrong(&text), Vec::<String>::new(), "{}", path.display());
        let source = Source { shown: "s.toml".into(), name: "s".into(), text };
        let resolved = load(&source, &Overrides::default()).unwrap().resolved;
        assert_eq!(wrong(&resolved), Vec::<String>::new(), "{}\n{resolved}", path.display());
    }
}

#[test]
fn every_scenario_tells_editors_where_its_schema_is() {
    for path in scenarios().iter().filter(|path| !path.starts_with(root().join("benches"))) {
        let text = fs::read_to_string(path).unwrap();
        let named = text.strip_prefix("#:schema ").and_then(|rest| rest.lines().next());
        let named = named.unwrap_or_else(|| panic!("{} does not begin with #:schema", path.display()));
        assert!(path.parent().unwrap().join(named).exists(), "{}: {named}", path.display());
    }
}

/// Wrong in a way that one value shows: the schema refuses it, and so does the loader.
#[test]
fn wrong_scenarios_are_rejected() {
    const ARRIVALS: &str = "[[arrivals]]\nrate = '50/s'\nduration = '1min'\n";
    let schema = jsonschema::validator_for(&schema()).unwrap();
    for (text, whole) in [
        ("title = 'no arrivals'", true),
        ("arrivals = []\nseed = -1", true),
        ("[arrivals]\nrate = '50/s'\nduration = '1min'", true),
        ("[[arrivals]]\nrate = 50\nduration = '1min'", true),
        ("[[arrivals]]\nrate = '50'\nduration = '1min'", true),
        ("[[arrivals]]\nrate = '50/week'\nduration = '1min'", true),
        ("[[arrivals]]\nrate = '-50/s'\nduration = '1min'", true),
        ("[[arrivals]]\nrate = '50/s'\nduration = 60", true),
        ("[[arrivals]]\nrate = '50/s'\nduration = '60'", true),
        ("[[arrivals]]\nrate = '50/s'\nduration = '1 minute'", true),
        ("[[arrivals]]\nrate = '50/s'\nduration = '1min'\nspacing = 'uneven'", true),
        ("[[arrivals]]\nrate = '50/s'\nduration = '1min'\nbatch = 0", true),
        ("[[arrivals]]\nrate = '50/s'\nduration = '1min'\nbatch = { mean = 3 }", true),
        ("[[arrivals]]\nrate = '50/s'\nduration = '1min'\nburst = 3", true),
        ("[queue]\nvisibility_timout = '30s'", false),
        ("[queue]\nvisibility_timeout = 30", false),
        ("[queue]\nvisibility_timeout = 'unlimited'", false),
        ("[queue]\nreturned_to = 'front'", false),
        ("[queue]\nfifo = true", false),
        ("[queue.dead_letter]", false),
        ("[queue.dead_letter]\nmax_receive_count = 0", false),
        ("[event_source]\nbatch_size = 0", false),
        ("[event_source]\nbatch_size = 10001", false),
        ("[event_source]\nreport_batch_item_failures = 'yes'", false),
        ("[event_source]\nmaximum_concurrency = 2.5", false),
        ("[lambda]\nerror_rate = 0.02", false),
        ("[lambda]\nerror_rate = '2'", false),
        ("[lambda]\nmemory_size = '512'", false),
        ("[lambda]\nmemory_size = '512KB'", false),
        ("[lambda]\nduration = { p50 = '1s', p98 = '2s' }", false),
        ("[lambda]\nduration = { mean = '1s', distribution = 'normal' }", false),
        ("[lambda]\nreserved_concurrency = -1", false),
        ("[lambda]\nbatch = 'one-by-one'", false),
        ("[inventory]\nwhen_full = 'queue'", false),
        ("[inventory]\nslowdown = { at = 20 }", false),
        ("[direct]\nretry = 'always'", false),
        ("[direct]\nretry = { max_attempts = -1 }", false),
        ("[direct]\nretry = { jitter_strategy = 'HALF' }", false),
        ("[direct.lambda]\nmemory = '512MB'", false),
        ("[account]\nstart_execution = { size = 0, refill = '5/s' }", false),
        ("[account]\nstart_execution = { size = 5 }", false),
        ("[account]\nstart_execution = 300", false),
        ("[slo]\nconfirmed = '98%'", false),
        ("[slo]\nconfirmed = '>= 2min'", false),
        ("[slo]\nlatency_p99 = '<= 98%'", false),
        ("[slo]\nconfirmed_within = { 'soon' = '>= 98%' }", false),
        ("[slo]\nconfirmed_within = { '2min' = '>= 98' }", false),
        ("[slo]\napplies_to = ['queue']", false),
        ("[[expect]]\nclaim = 'x'", false),
        ("[[what_if]]\nchange = 'x'", false),
        ("[cost]\nprice_list = 'us-east-1-1999-01'", false),
        ("[cost]\nprice_list = { lambda_gb_second = -1 }", false),
        ("[kafka]\ntopics = 3", false),
    ] {
        let text = if whole { text.to_string() } else { format!("{ARRIVALS}{text}\n") };
        assert!(!schema.is_valid(&json(&text)), "the schema takes\n{text}");
        let source = Source { shown: "s.toml".into(), name: "s".into(), text: text.clone() };
        assert!(load(&source, &Overrides::default()).is_err(), "the loader takes\n{text}");
    }
}

/// The other way round: spellings that the loader takes.
#[test]
fn unusual_spellings_are_valid() {
    let schema = jsonschema::validator_for(&schema()).unwrap();
    let text = "profile = 'textbook'\n[[arrivals]]\nrate = ' 22.5 / s '\nduration = '1h 30min'\n[[arrivals]]\nat_once = 5\n\
                [queue]\nvisibility_timeout = 'none'\ndelay = '.5 s'\n[lambda]\nduration = '250 µs'\nmemory_size = '1 GiB'\n\
                error_rate = '0.5 %'\n[direct]\nretry = { jitter_strategy = 'full' }\n[slo]\nconfirmed = '>=98.5%'\n\
                failed = '== 0'\nconfirmed_within = { '2 min' = '> 9.5 %' }\nlatency_p50 = '<1s 500ms'\ncost_per_1000 = '<= .06'\n";
    let source = Source { shown: "s.toml".into(), name: "s".into(), text: text.into() };
    load(&source, &Overrides::default()).unwrap_or_else(|shown| panic!("{shown}"));
    let wrong: Vec<String> = schema.iter_errors(&json(text)).map(|error| error.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new());
}
