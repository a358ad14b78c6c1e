//! Whoever is interrupted, whenever, leaves nothing behind; whoever is killed leaves a list of it.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::desk::{Desk, left_on, ministack, turn};

const SALE: &str = "profile = 'textbook'\n[[arrivals]]\nrate = '20/s'\nduration = '10s'\n[step_functions]\ntimeout = '30s'\n\
                    [queue]\nvisibility_timeout = '30s'\n[queue.dead_letter]\nmax_receive_count = 3\n\
                    [lambda]\nduration = '50ms'\nreserved_concurrency = 3\n";

fn start(desk: &Desk, url: &str) -> Child {
    let arguments = ["sale.toml", "--endpoint-url", url, "--out", "out"];
    desk.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
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
        for name in ["-INT", "-TERM"] {
            let desk = Desk::new(SALE);
            let mut child = start(&desk, url);
            std::thread::sleep(Duration::from_millis(milliseconds));
            signal(&child, name);
            let status = child.wait().unwrap();
            assert!(!status.success(), "{name} after {milliseconds} ms");
            assert_eq!(left_on(url), Vec::<String>::new(), "{name} after {milliseconds} ms");
            assert!(!desk.path(".simulate-live").exists(), "{name} after {milliseconds} ms: a manifest is left");
            assert!(!desk.path("out").exists(), "{name} after {milliseconds} ms: a report is left");
        }
    }
}

#[test]
fn whoever_is_killed_leaves_a_manifest_and_cleanup_removes_exactly_that() {
    let Some(url) = ministack() else { return };
    let _turn = turn();
    let desk = Desk::new(SALE);
    let mut child = start(&desk, url);
    while left_on(url).len() < 3 {
        std::thread::sleep(Duration::from_millis(50));
    }
    signal(&child, "-KILL");
    child.wait().unwrap();
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

fn strangers_queue(url: &str, name: &str) -> String {
    block_on(async {
        let clients = clients(url).await;
        clients.sqs.create_queue().queue_name(name).send().await.unwrap().queue_url().unwrap().to_owned()
    })
}

fn exists(url: &str, queue: &str) -> bool {
    block_on(async {
        let clients = clients(url).await;
        clients.sqs.list_queues().send().await.unwrap().queue_urls().iter().any(|one| one == queue)
    })
}

async fn clients(url: &str) -> queuecast::live::sdk::Clients {
    queuecast::live::sdk::Clients::new(&queuecast::live::sdk::Place::Loopback(url.into()), 0).await
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
