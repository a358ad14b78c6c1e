//! Every note has a scenario that earns it, and its remedy silences it.

use crate::scenario::{Overrides, Source, load};

fn notes(profile: &str, more: &str) -> Vec<String> {
    let arrivals =
        if more.contains("[[arrivals]]") { "" } else { "[[arrivals]]\nrate = \"50/s\"\nduration = \"1min\"\n" };
    let text = format!("profile = \"{profile}\"\n{arrivals}{more}");
    let source = Source { shown: "shop.toml".into(), name: "shop".into(), text };
    load(&source, &Overrides::default()).unwrap_or_else(|shown| panic!("{shown}")).notes
}

#[test]
fn the_tutorial_as_it_stands_lacks_patience_and_a_dead_letter_queue() {
    let plain = notes("aws", "");
    assert_eq!(plain.len(), 2, "{plain:?}");
    assert!(plain[0].contains("no dead-letter queue") && plain[0].contains("every 30s until it expires after 4d"));
    assert!(plain[1].contains("hangs for up to a year on AWS"), "{plain:?}");
}

/// What a scenario needs to be without any note.
const SOUND: &str = "[queue.dead_letter]\nmax_receive_count = 5\n[step_functions]\ntimeout = \"1h\"\n";

#[test]
fn a_sound_scenario_is_silent_and_each_folly_has_its_note() {
    assert_eq!(notes("aws", SOUND), [""; 0]);
    for (more, note) in [
        ("[lambda]\ntimeout = \"10s\"\n", "write \"1min\""),
        (
            "[lambda]\ntimeout = \"5s\"\n[event_source]\nmaximum_batching_window = \"2s\"\n",
            "maximum_batching_window, which AWS advises",
        ),
        ("[lambda]\nreserved_concurrency = 3\n", "the first 5 pollers already"),
        ("[lambda]\nreserved_concurrency = 50\n", "maximum_concurrency = 50"),
        ("[lambda]\nreserved_concurrency = 50\n[event_source]\nmaximum_concurrency = 60\n", "set both to 50"),
        ("[lambda]\nerror_rate = \"1%\"\n", "report_batch_item_failures"),
        ("[lambda]\nduration = \"250ms\"\n", "a batch of 10 takes 2.5s on average, and lambda.timeout is 3s"),
        (
            "[lambda]\nduration = \"2.5s\"\ntimeout = \"30s\"\n",
            "takes 25s on average, and queue.visibility_timeout is 30s",
        ),
        ("[direct]\nretry = \"documentation\"\n", "TooManyRequestsException"),
        ("[inventory]\nstock = 10\n[direct]\nretry = { errors = [\"States.ALL\"] }\n", "direct.retry takes OutOfStock"),
        ("[inventory]\nmax_connections = 10\n", "service_time is 0s"),
        (
            "[[faults]]\nat = \"1min\"\nduration = \"1min\"\ntarget = \"lambda\"\noutage = true\n",
            "\"lambda outage\" begins at 1min, after the last order has come",
        ),
        ("[inventory]\nservice_time = \"10ms\"\nconnect_timeout = \"1s\"\n", "no max_connections to wait for"),
        ("[direct.lambda]\nskip_older_than = \"1min\"\n", "no message"),
        (
            "[direct]\ninvocation = \"event\"\ntimeout = \"10min\"\n",
            "direct.maximum_event_age (6h) is longer than the task waits (10min)",
        ),
        ("[direct]\ninvocation = \"event\"\n", "whose event Lambda drops hangs for up to a year on AWS"),
        ("[direct]\ninvocation = \"event\"\nretry = \"console\"\ntimeout = \"10min\"\n", "direct.retry has no effect"),
        (
            "[direct]\ninvocation = \"event\"\n[slo]\napplies_to = [\"buffered\", \"direct\"]\nconfirmed = \">= 9%\"\ndead_lettered = \"== 0\"\n",
            "it is about the SQS queue, not about Lambda's own",
        ),
        ("[direct.lambda]\nbatch = \"parallel\"\n", "direct.lambda.batch has no effect"),
        ("[direct.lambda]\nanswers = \"first_decides\"\n", "direct.lambda.answers has no effect"),
        ("[direct.lambda]\nthrow_ends = \"record\"\n", "direct.lambda.throw_ends has no effect"),
        ("[lambda]\nprovisioned_at = \"1min\"\n", "lambda.provisioned_at has no effect: there is no"),
        ("[lambda]\nprovisioned_concurrency = 5\nprovisioned_delay = \"1min\"\n", "there from the beginning"),
        (
            "[direct.lambda]\nprovisioned_concurrency = 5\nprovisioned_at = \"1min\"\n",
            "direct.lambda.provisioned_at: 5",
        ),
        ("[direct.lambda]\nreserved_concurrency = 0\n", "direct.lambda.reserved_concurrency is 0"),
        ("[account]\nother_concurrency = 1000\n", "takes all of account.concurrency_limit"),
        ("[account]\nregion = \"eu-west-1\"\n", "prices are those of us-east-1"),
        ("[[arrivals]]\nrate = \"500/s\"\nduration = \"10s\"\n", "StartExecution is throttled"),
        ("[[arrivals]]\nat_once = 2000\n", "StartExecution is throttled"),
        (
            "[inventory]\nmax_connections = 1\nservice_time = \"1min\"\n[lambda]\ntimeout = \"15min\"\n[queue]\n\
             visibility_timeout = \"3h\"\n",
            "longer than step_functions.timeout",
        ),
    ] {
        let found = notes("aws", &format!("{SOUND}{more}"));
        assert!(found.iter().any(|sentence| sentence.contains(note)), "{more}: {found:?}");
        assert!(found.iter().all(|sentence| sentence.ends_with('.')), "{found:?}");
    }
    let short = notes("aws", &format!("{SOUND}[[arrivals]]\nrate = \"500/s\"\nduration = \"6s\"\n"));
    assert_eq!(short, [""; 0], "1,200 more than the refill fit into the bucket");
    let careful = "[lambda]\nreserved_concurrency = 50\n[event_source]\nmaximum_concurrency = 50\n";
    assert_eq!(notes("aws", &format!("{SOUND}{careful}")), [""; 0]);
}

#[test]
fn asynchronous_invocation_with_patience_is_silent() {
    let patient = "[direct]\ninvocation = \"event\"\ntimeout = \"10min\"\nmaximum_event_age = \"10min\"\n";
    for more in [
        "",
        "retry = { errors = [\"States.Timeout\"] }\n",
        "[direct.lambda]\nskip_older_than = \"1min\"\n",
        "retry = { errors = [\"FunctionError\"] }\n[direct.lambda]\non_error = \"report\"\n",
    ] {
        assert_eq!(notes("aws", &format!("{SOUND}{patient}{more}")), [""; 0], "{more}");
    }
    assert_eq!(
        notes("textbook", "[direct]\ninvocation = \"event\"\n"),
        [""; 0],
        "whoever studies it may wait for ever"
    );
}

#[test]
fn what_aws_refuses_is_a_note_under_textbook_but_for_fractions_of_seconds() {
    for (more, note) in [
        ("[event_source]\nbatch_size = 100\n", "no batching window of at least 1s; Lambda refuses"),
        ("[queue.dead_letter]\nmax_receive_count = 2000\n", "AWS takes 1 to 1000"),
        ("[lambda]\nreserved_concurrency = 5\nprovisioned_concurrency = 6\n", "more than is reserved"),
        ("[lambda]\nreserved_concurrency = 950\n[account]\nconcurrency_limit = 1000\n", "less than 100"),
        ("[direct.lambda]\nmemory_size = \"64MB\"\n", "direct.lambda.memory_size is 64MB"),
        ("[direct]\ninvocation = \"event\"\nmaximum_retry_attempts = 9\n", "AWS takes 0 to 2; Lambda refuses"),
    ] {
        let found = notes("textbook", more);
        assert!(found.iter().any(|sentence| sentence.contains(note)), "{more}: {found:?}");
    }
    assert_eq!(notes("textbook", "[direct]\ntimeout = \"2.5s\"\nretry = { interval = \"10ms\" }\n"), [""; 0]);
    let once = notes("textbook", "[lambda]\nmemory_size = \"64MB\"\n[direct.lambda]\nduration = \"1s\"\n");
    assert_eq!(once.len(), 1, "{once:?}");
}

#[test]
fn a_redrive_helps_who_is_dead_lettered_unless_the_horizon_comes_first() {
    let text = |horizon: &str, redrive: &str| {
        format!(
            "{horizon}\n[[arrivals]]\nrate = \"50/s\"\nduration = \"1min\"\n[queue.dead_letter]\nmax_receive_count = 5\n{redrive}"
        )
    };
    let stays_open = |notes: &[String]| notes.iter().any(|note| note.contains("stays open"));
    assert!(stays_open(&notes("textbook", &text("", ""))));
    assert!(!stays_open(&notes("textbook", &text("", "redrive_at = \"1h\""))));
    let late = notes("textbook", &text("horizon = \"1h\"", "redrive_at = \"1h\""));
    assert!(late.iter().any(|note| note.contains("the horizon comes first")), "{late:?}");
}
