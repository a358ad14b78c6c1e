//! `[direct.lambda]` and `[account]`: that every key is alive, in the scenario, in the results and in the resolved file.

use queuecast::experiment::{Progress, RunSettings, arithmetic, run};
use queuecast::measure::findings::{Design, DesignFindings, LimitFindings};
use queuecast::scenario::{Loaded, Overrides, Source, load};

fn loaded(text: &str) -> Loaded {
    let source = Source { shown: "platform.toml".into(), name: "platform".into(), text: text.into() };
    load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// Both designs, with the auditor on.
fn told(text: &str) -> [DesignFindings; 2] {
    let designs = vec![Design::Buffered, Design::Direct];
    let settings = RunSettings { designs, threads: 1, resolution: None, verify: true, orders: false };
    let outcome = run(&loaded(text).scenario, &settings, &Progress::default());
    outcome.unwrap_or_else(|breach| panic!("{breach}")).findings.designs.try_into().expect("two designs")
}

fn limit<'a>(found: &'a DesignFindings, name: &str) -> Option<&'a LimitFindings> {
    found.limits.iter().find(|limit| limit.name == name)
}

/// Every key of `[lambda]` with a value that is the default in neither profile.
const KEYS: [(&str, &str); 18] = [
    ("duration", "{ mean = \"1s\", distribution = \"exponential\" }"),
    ("cold_start", "\"7s\""),
    ("idle_before_reclaim", "\"3min\""),
    ("recycle_after", "\"5h\""),
    ("memory_size", "\"2048MB\""),
    ("timeout", "\"20s\""),
    ("reserved_concurrency", "77"),
    ("provisioned_concurrency", "12"),
    ("provisioned_at", "\"2min\""),
    ("provisioned_delay", "\"75s\""),
    ("error_rate", "\"3%\""),
    ("error_at", "\"start\""),
    ("poison_rate", "\"2%\""),
    ("on_error", "\"report\""),
    ("batch", "\"parallel\""),
    ("throw_ends", "\"record\""),
    ("answers", "\"first_decides\""),
    ("skip_older_than", "\"9min\""),
];

const ONE_ORDER: &str = "[[arrivals]]\nat_once = 1\n";

#[test]
fn direct_lambda_overrides_every_key_and_the_resolved_file_says_so() {
    for profile in ["aws", "textbook"] {
        let base = format!("profile = \"{profile}\"\n{ONE_ORDER}[queue]\nvisibility_timeout = \"3min\"\n");
        let resolved =
            loaded(&format!("{base}[lambda]\nprovisioned_concurrency = 1\nprovisioned_at = \"1s\"\n")).resolved;
        let (_, section) = resolved.split_once("[lambda]\n").expect("the function's table");
        let (section, _) = section.split_once("\n\n").expect("more tables follow");
        let name = |line: &str| line.trim_start_matches("# ").split([' ', ':']).next().unwrap_or_default().to_owned();
        let mut known: Vec<String> = section.lines().map(name).collect();
        let mut listed: Vec<String> = KEYS.iter().map(|(key, _)| (*key).to_owned()).collect();
        known.sort();
        listed.sort();
        assert_eq!(listed, known, "every key of [lambda] is tried here");
        let plain = loaded(&base).scenario;
        for (key, value) in KEYS {
            // The time of asking has a meaning only where something is asked for.
            let company = match key {
                "provisioned_at" => "provisioned_concurrency = 1\n",
                "provisioned_delay" => "provisioned_concurrency = 1\nprovisioned_at = \"1s\"\n",
                _ => "",
            };
            let changed = loaded(&format!("{base}[direct.lambda]\n{company}{key} = {value}\n"));
            assert_eq!(changed.scenario.buffered, plain.buffered, "{key} leaves the buffered design alone");
            let without = loaded(&format!("{base}[direct.lambda]\n{company}")).scenario.direct;
            assert_ne!(changed.scenario.direct, without, "{key} changes the direct design");
            let (_, own) = changed.resolved.split_once("[direct.lambda]\n").expect("it is written down");
            let written = own.lines().take_while(|line| !line.is_empty()).any(|line| line.starts_with(key));
            assert!(written, "{key} is not in\n{own}");
            let again = loaded(&changed.resolved);
            assert_eq!(
                (again.scenario.direct, again.fingerprint),
                (changed.scenario.direct, changed.fingerprint),
                "{key}"
            );
        }
    }
}

#[test]
fn just_let_it_scale_changes_limits_arithmetic_work_and_bill_of_direct_alone() {
    let base = "profile = \"textbook\"\n[[arrivals]]\nrate = \"100/s\"\nduration = \"20s\"\n[lambda]\nduration = \"1s\"\n\
                reserved_concurrency = 10\nmemory_size = \"1024MB\"\n[account]\nconcurrency_limit = 1000\n\
                [cost]\nprice_list = \"us-east-1-2026-01\"\n";
    let free = format!("{base}[direct.lambda]\nreserved_concurrency = \"none\"\nmemory_size = \"2048MB\"\n");
    let ([held_buffered, held], [buffered, direct]) = (told(base), told(&free));
    assert_eq!(buffered, held_buffered);
    assert!(held.orders.failed > 0 && held.lambda.peak_concurrency == 10);
    assert_eq!((direct.orders.confirmed, direct.lambda.throttles), (direct.orders.offered, 0));
    // 1 s of work and 2 GB for each order.
    assert_eq!(direct.lambda.gb_s, 2.0 * direct.orders.offered as f64);
    let price = direct.orders.offered as f64 * (2.0 * 0.0000166667 + 0.0000002);
    assert!((direct.cost.lambda - price).abs() < 1e-9, "{} instead of {price}", direct.cost.lambda);
    assert_eq!(limit(&held, "reserved_concurrency").map(|limit| limit.limit), Some(10.0));
    assert!(limit(&direct, "reserved_concurrency").is_none());
    assert_eq!(limit(&direct, "account_concurrency").map(|limit| limit.limit), Some(1_000.0));
    let by_hand = |text: &str| arithmetic::arithmetic(&loaded(text).scenario).expect("buffered is overloaded");
    assert_eq!((by_hand(base).direct_confirmed, by_hand(&free).direct_confirmed), (Some(200.0), Some(2_000.0)));
}

#[test]
fn a_region_brings_its_buckets_and_none_takes_them_away() {
    // 1,400 orders at once, and callers that get three tries: a bucket of 1,300 refuses 100 first calls, one of 800 refuses 600.
    let of = |account: &str| {
        let text = format!("profile = \"textbook\"\n[[arrivals]]\nat_once = 1400\n[account]\n{account}");
        told(&text)
    };
    for (region, size, transitions, callbacks) in
        [("us-west-2", 1_300.0, 5_000.0, 3_000.0), ("eu-central-1", 800.0, 800.0, 1_500.0)]
    {
        for found in of(&format!("region = \"{region}\"\n")) {
            let bucket = limit(&found, "start_execution").expect("listed");
            assert_eq!((bucket.limit, bucket.peak_use), (size, size));
            assert!(found.step_functions.start_throttled >= 1_400 - size as u64, "{region}");
            assert_eq!(limit(&found, "state_transition").map(|limit| limit.limit), Some(transitions));
            let answers = (found.design == Design::Buffered).then_some(callbacks);
            assert_eq!(limit(&found, "send_task").map(|limit| limit.limit), answers);
        }
    }
    for found in
        of("region = \"eu-central-1\"\nstart_execution = \"none\"\nstate_transition = \"none\"\nsend_task = \"none\"\n")
    {
        assert_eq!((found.orders.confirmed, found.step_functions.start_throttled), (1_400, 0));
        for name in ["start_execution", "state_transition", "send_task"] {
            assert!(limit(&found, name).is_none(), "{name} of {}", found.design.name());
        }
    }
    let own = of("region = \"eu-central-1\"\nstart_execution = { size = 1400, refill = \"1/s\" }\n");
    assert_eq!(own[0].step_functions.start_throttled, 0);
    assert_eq!(limit(&own[0], "start_execution").map(|limit| limit.limit), Some(1_400.0));
}

#[test]
fn the_neighbours_take_their_part_of_the_account() {
    let of = |account: &str| {
        let text = format!(
            "profile = \"textbook\"\n[[arrivals]]\nat_once = 50\n[lambda]\nduration = \"1s\"\n[account]\n{account}"
        );
        let [_, direct] = told(&text);
        (direct.orders.confirmed, limit(&direct, "account_concurrency").map(|limit| limit.limit))
    };
    assert_eq!(of("concurrency_limit = 40\n"), (40, Some(40.0)));
    assert_eq!(of("concurrency_limit = 40\nother_concurrency = 15\n"), (25, Some(25.0)));
    assert_eq!(of("concurrency_limit = \"none\"\nother_concurrency = 15\n"), (50, None));
    let [_, bursts] = told(
        "profile = \"textbook\"\n[[arrivals]]\nat_once = 50\n[lambda]\nduration = \"1s\"\n[account]\n\
         environment_rate = { size = 30, refill = \"1/min\" }\n",
    );
    assert_eq!(
        (bursts.orders.confirmed, limit(&bursts, "environment_rate").map(|limit| limit.peak_use)),
        (30, Some(30.0))
    );
}
