//! `simulate report`: the very bytes that the run wrote, from its files alone; what it refuses; two reports side by side.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Something of everything: a rush, losses, orders out of stock, faults, objectives met and missed, claims, a what-if.
const SALE: &str = "title = 'A sale & <its> \"stock\"'\nseed = 7\n\
    [[arrivals]]\nname = 'calm'\nrate = '20/s'\nduration = '10s'\n\
    [[arrivals]]\nname = 'rush'\norigin = true\nrate = '90/s'\nduration = '10s'\n\
    [[arrivals]]\nrate = '20/s'\ndecay_to = '5/s'\nduration = '10s'\nbatch = 2\n\
    [step_functions]\ntimeout = '20s'\n[queue]\nvisibility_timeout = '30s'\n\
    [lambda]\nduration = { p50 = '90ms', p99 = '700ms' }\nreserved_concurrency = 5\nerror_rate = '2%'\n\
    [inventory]\nmax_connections = 4\nservice_time = '20ms'\nstock = 500\n\
    [[faults]]\nname = 'down'\nat = '+3s'\nduration = '2s'\ntarget = 'inventory'\noutage = true\n\
    [[faults]]\nat = '1s'\nduration = '25s'\ntarget = 'callback'\ndrop = '5%'\n\
    [slo]\nconfirmed_within = { '5s' = '>= 1%', '10s' = '>= 2%' }\nlatency_p50 = '< 5min'\n\
    [[expect]]\nclaim = 'some are declined'\nthat = 'buffered.orders.declined > 0'\n\
    [[what_if]]\nchange = 'twice the room'\nset = ['lambda.reserved_concurrency=10']\n";

fn simulate(place: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_simulate"))
        .current_dir(place)
        .args(arguments)
        .env_remove("COLUMNS")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs the sale into `report`; the objective and the claim of it may be missed.
fn run(place: &Path, scenario: &str, arguments: &[&str]) -> Output {
    fs::write(place.join("sale.toml"), scenario).unwrap();
    let output = simulate(place, &[&["sale.toml"], arguments].concat());
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", text(&output.stderr));
    output
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(path.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&path).unwrap())),
            }
        }
    }
    found
}

fn assert_same(name: &str, before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{name}");
    for (file, bytes) in before {
        assert!(after[file] == *bytes, "{name}: {} differs", file.display());
    }
}

#[test]
fn a_report_is_drawn_again_byte_for_byte_from_its_files_alone() {
    let trace = "[[arrivals]]\ntrace = 'orders.csv'\n[lambda]\nreserved_concurrency = 2\n";
    let asynchronous = format!("{SALE}[direct]\ninvocation = 'event'\ntimeout = '20s'\n");
    let cases: [(&str, &str, &[&str]); 8] = [
        ("plain", SALE, &["--charts", "svg,png"]),
        ("replications", SALE, &["--replications", "3", "--charts", "svg", "--orders"]),
        ("buffered", SALE, &["--design", "buffered", "--charts", "svg"]),
        ("direct", SALE, &["--design", "direct", "--charts", "svg"]),
        ("asynchronous", &asynchronous, &["--charts", "svg", "--replications", "2"]),
        ("trace", trace, &["--charts", "svg", "--assumptions", "pessimistic"]),
        ("bare", SALE, &["--charts", "none", "--resolution", "100ms"]),
        (
            "scaled",
            &format!("arrivals_scale = {{ p50 = 1, p99 = 1.5 }}\n{SALE}"),
            &["--charts", "svg", "--replications", "2"],
        ),
    ];
    for (name, scenario, arguments) in cases {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("orders.csv"), "arrival,service\n1,3\n1,0.2\n2500ms,1s\n").unwrap();
        let first = run(place.path(), scenario, &[arguments, &["--out", "report"]].concat());
        let report = place.path().join("report");
        let before = files(&report);
        // Whatever is drawn may be gone: it is not looked at. The scenario may be, too.
        fs::remove_file(place.path().join("sale.toml")).unwrap();
        fs::remove_file(report.join("index.html")).unwrap();
        fs::write(report.join("summary.md"), "spoilt").unwrap();
        fs::write(report.join("mine.txt"), "notes").unwrap();
        let again = simulate(place.path(), &["report", "report"]);
        assert_eq!(again.status.code(), first.status.code(), "{name}: {}", text(&again.stderr));
        assert_eq!(text(&again.stdout), text(&first.stdout), "{name}: the summary");
        assert_eq!(fs::read_to_string(report.join("mine.txt")).unwrap(), "notes");
        fs::remove_file(report.join("mine.txt")).unwrap();
        assert_same(name, &before, &files(&report));
        let json = simulate(place.path(), &["report", "report", "--format", "json", "--out", "elsewhere"]);
        assert!(json.stdout == before[Path::new("results.json")], "{name}: results.json on stdout");
        assert_same(name, &before, &files(&place.path().join("elsewhere")));
    }
}

/// Two small results of one place: `a`, and `b` with other settings.
fn two(place: &Path, of_a: &[&str], of_b: &[&str]) {
    run(place, SALE, &[&["--charts", "none", "--out", "a"], of_a].concat());
    run(place, SALE, &[&["--charts", "none", "--out", "b"], of_b].concat());
}

#[test]
fn what_is_no_report_or_not_as_its_run_left_it_is_refused_with_a_remedy_and_nothing_is_written() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name);
    two(place.path(), &["--replications", "2"], &[]);
    assert_eq!(simulate(place.path(), &["report", "a", "b", "--charts", "none"]).status.code(), Some(0));
    fs::create_dir(path("empty")).unwrap();
    fs::create_dir(path("stranger")).unwrap();
    fs::write(path("stranger/manifest.json"), "{\"files\":{}}").unwrap();
    // The name of a copy of a, what to do to it, and what is said of it.
    let edit = |file: &'static str, from: &'static str, to: &'static str| {
        move |folder: &Path| {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            assert!(text.contains(from), "{file}: {from}");
            fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
        }
    };
    type Spoil = Box<dyn Fn(&Path)>;
    let spoilt: Vec<(&str, Spoil, Vec<&str>)> = vec![
        ("gone", Box::new(|f| fs::remove_file(f.join("timeline.csv")).unwrap()), vec!["timeline.csv is missing"]),
        (
            "edited",
            Box::new(edit("results.json", "\"seed\": 7", "\"seed\": 8")),
            vec!["results.json was changed", "--anyway"],
        ),
        (
            "cut",
            Box::new(|f| {
                let bytes = fs::read(f.join("latency.csv")).unwrap();
                fs::write(f.join("latency.csv"), &bytes[..bytes.len() / 2]).unwrap();
            }),
            vec!["latency.csv was changed"],
        ),
        (
            "newer",
            Box::new(edit("manifest.json", "\"schema_version\": 1", "\"schema_version\": 2")),
            vec!["schema_version 2; this version reads 1"],
        ),
        (
            "outside",
            Box::new(edit("manifest.json", "\"latency.csv\"", "\"../latency.csv\"")),
            vec!["which is not below it"],
        ),
        ("listless", Box::new(edit("manifest.json", "\"files\"", "\"flies\"")), vec!["lists no files"]),
        (
            "broken",
            Box::new(|f| fs::write(f.join("manifest.json"), "{").unwrap()),
            vec!["its manifest.json is no JSON"],
        ),
    ];
    let copy = |name: &str| {
        fs::create_dir(path(name)).unwrap();
        for (file, bytes) in files(&path("a")) {
            fs::write(path(name).join(file), bytes).unwrap();
        }
    };
    let refuse = |arguments: &[&str], said: &[&str]| {
        let before = files(place.path());
        let output = simulate(place.path(), arguments);
        let words = text(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}: {words}");
        assert!(words.starts_with("error: ") && words.contains("= help: "), "{arguments:?}: {words}");
        for part in said {
            assert!(words.contains(part), "{arguments:?}: {part}\nin {words}");
        }
        assert_same("refused", &before, &files(place.path()));
    };
    for (name, spoil, said) in &spoilt {
        copy(name);
        spoil(&path(name));
        refuse(&["report", name], &[said.as_slice(), &[name]].concat());
        refuse(&["report", "b", name], said);
    }
    refuse(&["report", "nowhere"], &["there is no folder nowhere"]);
    refuse(&["report", "empty"], &["empty is no report: it has no manifest.json"]);
    refuse(&["report", "stranger"], &["was not written by simulate"]);
    refuse(&["report", "sale.toml"], &["is a scenario, not a report", "simulate sale.toml"]);
    refuse(&["report", "a/results.json"], &["simulate report a"]);
    refuse(&["report", "reports/a-beside-b"], &["two reports side by side", "simulate report A B"]);
    refuse(&["report", "gone", "--anyway"], &["lacks", "timeline.csv"]);
    refuse(&["report", "cut", "--anyway"], &["latency.csv, it breaks off in its last line"]);
    // What an older version has not written is said all at once.
    copy("older");
    let results: Value = serde_json::from_slice(&fs::read(path("older/results.json")).unwrap()).unwrap();
    let mut old = results.clone();
    for key in ["phases", "settings", "notes"] {
        old.as_object_mut().unwrap().remove(key);
    }
    old["designs"]["direct"].as_object_mut().unwrap().remove("end_s");
    fs::write(path("older/results.json"), old.to_string()).unwrap();
    refuse(
        &["report", "older", "--anyway"],
        &["lacks", "phases", "settings", "notes", "designs.direct.end_s", "run it again"],
    );
    // What does not fit is said with its place.
    for (pointer, value, said) in [
        ("/schema_version", Value::from(3), "results.json is of schema_version 3"),
        (
            "/designs/direct/orders/confirmed",
            Value::from("many"),
            "designs.direct.orders.confirmed is \"many\", not a whole number",
        ),
        ("/designs/direct/orders/confirmed", Value::from(1), "designs.direct.orders does not add up"),
        ("/designs/buffered/causes/throttled", Value::from(99_999), "designs.buffered.causes does not add up"),
        ("/origin_s", Value::from(-4), "origin_s is -4, not a number of seconds"),
        ("/slo/0/unit", Value::from("apples"), "slo[0].unit is \"apples\", not one of share"),
        ("/designs", serde_json::json!({}), "designs has neither"),
    ] {
        let mut wrong = results.clone();
        *wrong.pointer_mut(pointer).unwrap() = value;
        fs::write(path("older/results.json"), wrong.to_string()).unwrap();
        refuse(&["report", "older", "--anyway"], &[said]);
    }
    fs::write(path("older/results.json"), "{ \"schema").unwrap();
    refuse(&["report", "older", "--anyway"], &["results.json is no JSON from line 1"]);
}

#[test]
fn a_changed_file_is_drawn_only_on_request_and_never_passes_for_the_runs_own_again() {
    let place = tempfile::tempdir().unwrap();
    run(place.path(), SALE, &["--charts", "none", "--out", "a"]);
    let results = place.path().join("a/results.json");
    let changed = fs::read_to_string(&results).unwrap().replacen("A sale", "My sale", 1);
    fs::write(&results, &changed).unwrap();
    assert_eq!(simulate(place.path(), &["report", "a"]).status.code(), Some(2));
    for arguments in [&["report", "a", "--anyway"][..], &["report", "a"]] {
        let output = simulate(place.path(), arguments);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{}", text(&output.stderr));
        let page = fs::read_to_string(place.path().join("a/index.html")).unwrap();
        assert!(page.contains("My sale") && page.contains("results.json was changed after the run."));
        let manifest: Value = serde_json::from_slice(&fs::read(place.path().join("a/manifest.json")).unwrap()).unwrap();
        assert_eq!(manifest["edited"], serde_json::json!(["results.json"]));
    }
    let beside = simulate(place.path(), &["report", "a", "a", "--charts", "none"]);
    assert!(text(&beside.stderr).contains("results.json of A was changed after its run."), "{}", text(&beside.stderr));
}

#[test]
fn a_file_that_is_gone_is_called_missing_and_not_changed() {
    let place = tempfile::tempdir().unwrap();
    run(place.path(), SALE, &["--charts", "none", "--out", "a"]);
    fs::remove_file(place.path().join("a/percentiles.csv")).unwrap();
    let refused = simulate(place.path(), &["report", "a"]);
    assert!(text(&refused.stderr).contains("percentiles.csv is missing"), "{}", text(&refused.stderr));
    for arguments in [&["report", "a", "--anyway"][..], &["report", "a"]] {
        let output = simulate(place.path(), arguments);
        assert!(matches!(output.status.code(), Some(0 | 3)), "{}", text(&output.stderr));
        let page = fs::read_to_string(place.path().join("a/index.html")).unwrap();
        assert!(page.contains("percentiles.csv, which the run wrote, is missing.") && !page.contains("was changed"));
        let manifest: Value = serde_json::from_slice(&fs::read(place.path().join("a/manifest.json")).unwrap()).unwrap();
        assert_eq!(manifest["missing"], serde_json::json!(["percentiles.csv"]));
        assert!(manifest["edited"].is_null() && manifest["files"].get("percentiles.csv").is_none());
    }
    let beside = simulate(place.path(), &["report", "a", "a", "--charts", "none"]);
    let said = "percentiles.csv of A, which its run wrote, is missing.";
    assert!(text(&beside.stderr).contains(said), "{}", text(&beside.stderr));
}

fn comparison(place: &Path, arguments: &[&str]) -> (Value, String) {
    let output = simulate(place, &[&["report", "a", "b", "--charts", "none", "--format", "json"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../schema/comparison.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&found).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    (found, text(&output.stderr))
}

#[test]
fn two_reports_side_by_side_say_what_differs_and_the_same_bytes_wherever_they_are() {
    let place = tempfile::tempdir().unwrap();
    two(place.path(), &[], &["--set", "lambda.reserved_concurrency=9"]);
    let (found, warned) = comparison(place.path(), &[]);
    assert_eq!(found["settings"], serde_json::json!([{ "key": "lambda.reserved_concurrency", "a": "5", "b": "9" }]));
    assert_eq!((found["same_orders"].as_bool(), warned.lines().count()), (Some(true), 1), "{warned}");
    assert!(warned.contains("Each is a single run: the differences have no error bars."), "{warned}");
    // Each number is that of results.json, and the difference is theirs.
    let results = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(place.path().join(name).join("results.json")).unwrap()).unwrap()
    };
    let (a, b) = (results("a"), results("b"));
    for (design, numbers) in found["designs"].as_object().unwrap() {
        for (path, number) in numbers.as_object().unwrap() {
            let pointer = format!("/designs/{design}/{}", path.replace('.', "/"));
            let (in_a, in_b) = (&a.pointer(&pointer).unwrap(), &b.pointer(&pointer).unwrap());
            assert_eq!((&&number["a"], &&number["b"]), (in_a, in_b), "{path}");
            let difference = in_b.as_f64().zip(in_a.as_f64()).map(|(b, a)| b - a);
            assert!(difference.is_none_or(|one| (number["difference"].as_f64().unwrap() - one).abs() < 1e-6), "{path}");
            assert!(number["half_width"].is_null(), "{path}");
        }
    }
    let page = place.path().join("reports/a-beside-b");
    let first = files(&page);
    assert_eq!(first.len(), 4, "{:?}", first.keys());
    let html = text(&first[Path::new("index.html")]);
    for part in ["http://", "https://", "url(", "src=", "@import", "<script", "NaN"] {
        assert!(!html.contains(part), "{part}");
    }
    assert!(html.contains("A sale &amp; &lt;its&gt; &quot;stock&quot;") && html.contains("One setting differs"));
    // Elsewhere, with pictures, and again.
    let other = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        fs::rename(place.path().join(name), other.path().join(format!("moved-{name}"))).unwrap();
    }
    for _ in 0..2 {
        let arguments = ["report", "moved-a", "moved-b", "--out", "page", "--charts", "svg"];
        let output = simulate(other.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).lines().all(|line| line.chars().count() <= 80), "{}", text(&output.stdout));
        let elsewhere = files(&other.path().join("page"));
        assert_eq!(elsewhere.len(), 10, "{:?}", elsewhere.keys());
        for file in ["comparison.json", "summary.md"] {
            assert!(elsewhere[Path::new(file)] == first[Path::new(file)], "{file}");
        }
        let html = text(&elsewhere[Path::new("index.html")]);
        assert_eq!(html.matches("<svg id=").count(), 12, "six charts, each twice");
        assert_eq!(html.matches("<figcaption>").count(), 6);
    }
    assert_eq!(
        simulate(other.path(), &["report", "moved-a", "moved-b", "--out", "moved-a/results.json"]).status.code(),
        Some(1)
    );
}

/// Makes the report in `b` one of a measurement of the scenario in `a`, as `simulate live` writes them.
fn make_measured(place: &Path) {
    let results = place.join("b/results.json");
    let mut document: Value = serde_json::from_slice(&fs::read(&results).unwrap()).unwrap();
    document["source"] = "measured".into();
    document["target"] = "a server".into();
    document["client"] = serde_json::json!({
        "void": [], "max_lag_s": 0.25, "long_poll_s": 1, "speed": 1, "max_drain_s": 120, "runs": [],
    });
    let schema: Value = serde_json::from_str(include_str!("../schema/results.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&document));
    fs::write(results, document.to_string()).unwrap();
    fs::copy(place.join("a/scenario.resolved.toml"), place.join("b/scenario.resolved.toml")).unwrap();
}

#[test]
fn a_measurement_is_compared_on_the_orders_that_it_was_driven_with() {
    let place = tempfile::tempdir().unwrap();
    two(place.path(), &[], &[]);
    make_measured(place.path());
    let (found, warned) = comparison(place.path(), &["--anyway"]);
    assert!(warned.contains("A was simulated, B was measured: they faced the same orders."), "{warned}");
    assert!(warned.contains("the differences have no error bars.") && !warned.contains("--replications"), "{warned}");
    assert_eq!((&found["same_orders"], &found["b"]["source"]), (&true.into(), &"measured".into()));
    // Only so many orders were driven, with the scenario as it is.
    run(place.path(), SALE, &["--charts", "none", "--out", "b", "--set", "max_orders=400"]);
    make_measured(place.path());
    let (found, warned) = comparison(place.path(), &["--anyway"]);
    let a: Value = serde_json::from_slice(&fs::read(place.path().join("a/results.json")).unwrap()).unwrap();
    let offered = a["designs"]["direct"]["orders"]["offered"].as_u64().unwrap();
    assert!((1_000..2_000).contains(&offered), "{offered}");
    let all = format!("1,{:03}", offered - 1_000);
    assert!(warned.contains(&format!("B faced only the first 400 of the {all} orders of A.")), "{warned}");
    assert_eq!((&found["same_orders"], &found["settings"]), (&false.into(), &serde_json::json!([])));
}

#[test]
fn replications_on_the_same_orders_are_compared_in_pairs_and_others_with_a_warning() {
    let place = tempfile::tempdir().unwrap();
    two(place.path(), &["--replications", "4"], &["--replications", "4", "--set", "lambda.reserved_concurrency=9"]);
    let (found, warned) = comparison(place.path(), &[]);
    assert_eq!(warned, "", "nothing to warn of");
    let confirmed = &found["designs"]["direct"]["orders.confirmed"];
    assert_eq!(confirmed["paired"], true);
    // By hand, from replications.csv.
    let column = |name: &str| -> Vec<f64> {
        let mut reader = csv::Reader::from_path(place.path().join(name).join("replications.csv")).unwrap();
        let place = reader.headers().unwrap().iter().position(|column| column == "orders.confirmed").unwrap();
        let rows = reader.records().map(Result::unwrap).filter(|row| &row[1] == "direct");
        rows.map(|row| row[place].parse().unwrap()).collect()
    };
    let differences: Vec<f64> = column("a").iter().zip(column("b")).map(|(a, b)| b - a).collect();
    let mean = differences.iter().sum::<f64>() / 4.0;
    let variance = differences.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / 3.0;
    // t of three degrees of freedom at 95 %.
    let half_width = 3.182_446_305 * (variance / 4.0).sqrt();
    assert!((confirmed["difference"].as_f64().unwrap() - mean).abs() < 1e-6, "{confirmed}");
    assert!((confirmed["half_width"].as_f64().unwrap() - half_width).abs() < 1e-5, "{confirmed} {half_width}");
    // Totals of the document are means here: of one run.
    let results: Value = serde_json::from_slice(&fs::read(place.path().join("a/results.json")).unwrap()).unwrap();
    let total = results["designs"]["direct"]["orders"]["confirmed"].as_f64().unwrap();
    assert_eq!(confirmed["a"].as_f64().unwrap(), total / 4.0);

    run(place.path(), SALE, &["--charts", "none", "--out", "b", "--replications", "4", "--seed", "8"]);
    let (found, warned) = comparison(place.path(), &[]);
    assert!(warned.contains("The seeds differ (7 and 8)") && warned.contains("independent samples"), "{warned}");
    assert_eq!(found["designs"]["direct"]["orders.confirmed"]["paired"], false);
    run(place.path(), &SALE.replace("rate = '90/s'", "rate = '91/s'"), &["--charts", "none", "--out", "b"]);
    let (_, warned) = comparison(place.path(), &[]);
    assert!(
        warned.contains("The arrivals differ (arrivals[1].rate)") && warned.contains("B is a single run"),
        "{warned}"
    );
    run(place.path(), SALE, &["--charts", "none", "--out", "b", "--design", "buffered"]);
    let (found, warned) = comparison(place.path(), &[]);
    assert!(warned.contains("Only A has direct; it is left out."), "{warned}");
    assert!(found["designs"].get("direct").is_none());
    run(place.path(), SALE, &["--charts", "none", "--out", "a", "--design", "direct"]);
    let output = simulate(place.path(), &["report", "a", "b"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is nothing to compare"), "{}", text(&output.stderr));
}
