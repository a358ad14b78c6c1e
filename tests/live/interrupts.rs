//! Whoever is interrupted, whenever, leaves nothing behind; whoever is killed leaves a list of it.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::desk::{Desk, ask, left_on, ministack, turn};

const SALE: &str = "profile = 'textbook'\n[[arrivals]]\nrate = '20/s'\nduration = '10s'\n[step_functions]\ntimeout = '30s'\n\
                    [queue]\nvisibility_timeout = '30s'\n[queue.dead_letter]\nmax_receive_count = 3\n\
                    [lambda]\nduration = '50ms'\nreserved_concurrency = 3\n";

fn start(desk: &Desk, url: &str) -> Child {
    start_with(desk, url, &[])
}

fn start_with(desk: &Desk, url: &str, more: &[&str]) -> Child {
    let arguments = [&["sale.toml", "--endpoint-url", url, "--out", "out"], more].concat();
    desk.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills a run that has created what it needs.
fn kill_in_the_middle(desk: &Desk, url: &str) {
    let mut child = start(desk, url);
    while left_on(url).len() < 3 {
        std::thread::sleep(Duration::from_millis(50));
    }
    signal(&child, "-KILL");
    child.wait().unwrap();
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn an_interrupt_at_any_moment_leaves_nothing() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    for milliseconds in [60, 100, 150, 250, 400, 700, 1_500, 4_000] {
        for (name, more) in [("-INT", &["--worker", "lambda"][..]), ("-TERM", &["--design", "direct"]), ("-INT", &[])] {
            let desk = Desk::new(SALE);
            let mut child = start_with(&desk, url, more);
            std::thread::sleep(Duration::from_millis(milliseconds));
            signal(&child, name);
            let status = child.wait().unwrap();
            let when = format!("{name} after {milliseconds} ms of {more:?}");
            assert!(!status.success(), "{when}");
            assert_eq!(left_on(url), Vec::<String>::new(), "{when}");
            assert!(!desk.path(".simulate-live").exists(), "{when}: a manifest is left");
            assert!(!desk.path("out").exists(), "{when}: a report is left");
        }
    }
}

#[test]
fn a_run_that_may_cost_too_much_is_ended_and_leaves_nothing() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let desk = Desk::new(&SALE.replace("profile = 'textbook'\n", ""));
    // By hand: two transitions and a send for each execution, so that some 20 of 200 orders spend it.
    let output = desk.run(url, &["--design", "buffered", "--max-cost", "0.001"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("stopped early, and no report was written: it may have cost 0.0010 USD already"), "{said}");
    assert_eq!(left_on(url), Vec::<String>::new());
    assert!(!desk.path(".simulate-live").exists() && !desk.path("out").exists());
}

#[test]
fn whoever_is_killed_leaves_a_manifest_and_cleanup_removes_exactly_that() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let desk = Desk::new(SALE);
    kill_in_the_middle(&desk, url);
    // Somebody else's queue, and one whose name was taken but whose tag is another's.
    let stranger = strangers_queue(url, "not-of-simulate");
    assert_eq!(left_on(url).len(), 3);
    let output = desk.command(&["cleanup"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(left_on(url), Vec::<String>::new());
    assert!(!desk.path(".simulate-live").exists());
    assert!(exists(url, &stranger), "what is not ours stays");
    let output = desk.command(&["cleanup"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "nothing is left behind\n");
}

#[test]
fn cleanup_leaves_alone_what_has_another_tag() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let desk = Desk::new(SALE);
    let queue = strangers_queue(url, "of-somebody-else");
    let folder = desk.path(".simulate-live");
    std::fs::create_dir(&folder).unwrap();
    let manifest = serde_json::json!({
        "made_by": "queuecast live",
        "run": "simulate-x",
        "place": { "loopback": url },
        "own_server": false,
        "resources": [{ "kind": "queue", "name": "of-somebody-else", "id": null }],
    });
    std::fs::write(folder.join("simulate-x.json"), manifest.to_string()).unwrap();
    let output = desk.command(&["cleanup"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("of-somebody-else: it has no tag simulate:run; it is left alone"), "{said}");
    assert!(exists(url, &queue));
}

#[test]
fn one_bad_manifest_does_not_keep_the_others_from_being_cleaned_up() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let desk = Desk::new(SALE);
    kill_in_the_middle(&desk, url);
    let folder = desk.path(".simulate-live");
    let manifest = |place: &str, account: Option<&str>| {
        serde_json::json!({
            "made_by": "queuecast live", "run": "simulate-0", "place": { "loopback": place }, "account": account,
            "own_server": false, "resources": [{ "kind": "queue", "name": "simulate-0-orders", "id": null }],
        })
    };
    std::fs::write(folder.join("0.json"), "{}").unwrap();
    std::fs::write(folder.join("1.json"), manifest("http://10.0.0.1:4566", None).to_string()).unwrap();
    std::fs::write(folder.join("2.json"), manifest(url, Some("123456789012")).to_string()).unwrap();
    let output = desk.command(&["cleanup"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in [
        "0.json is no manifest of a measurement; it is left alone",
        "it is not a loopback address",
        "these credentials are of another account than 123456789012; it is left alone",
    ] {
        assert!(said.contains(part), "{part} in\n{said}");
    }
    assert_eq!(left_on(url), Vec::<String>::new());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3, "what was left alone is still listed");
}

fn strangers_queue(url: &str, name: &str) -> String {
    let made = ask(url, async |clients| clients.sqs.create_queue().queue_name(name).send().await.unwrap());
    made.queue_url().unwrap().to_owned()
}

fn exists(url: &str, queue: &str) -> bool {
    let queues = ask(url, async |clients| clients.sqs.list_queues().send().await.unwrap());
    queues.queue_urls().iter().any(|one| one == queue)
}
