//! A folder to measure in, the servers, and what is left on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use queuecast::live::sdk::{Clients, Place};
use queuecast::live::server::{self, Server};
use serde_json::Value;

/// One server for all tests; it ends with this process.
static SERVER: OnceLock<Option<Server>> = OnceLock::new();
/// One measurement at a time: they would slow each other down.
static TURN: Mutex<()> = Mutex::new(());

/// Whoever has the turn.
pub fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The emulator's URL; `None`, loudly, where Python or the emulator is missing.
pub fn ministack() -> Option<&'static str> {
    let server = SERVER.get_or_init(|| {
        if let (Ok(folder), true) = (server::venv(), in_ci()) {
            server::set_up(&folder, |step| eprintln!("{step}")).unwrap_or_else(|wrong| panic!("{wrong}"));
        }
        let folder = server::venv().ok().filter(|folder| server::is_whole(folder));
        match folder {
            Some(folder) => Some(Server::start(&folder, || false).unwrap_or_else(|wrong| panic!("{wrong}"))),
            None => {
                missing("the emulator; simulate live setup makes it");
                None
            }
        }
    });
    server.as_ref().map(Server::url)
}

fn in_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// Fails in CI; elsewhere it is said, and the test is left out.
pub fn missing(what: &str) {
    let words = format!("LEFT OUT: a live test needs {what}");
    assert!(!in_ci(), "{words}");
    eprintln!("{words}");
}

/// A folder with a scenario in it.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new(scenario: &str) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sale.toml"), scenario).unwrap();
        Desk { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
        command.current_dir(self.folder.path()).arg("live").args(arguments);
        command
    }

    /// Measures; what results.json says. Machines that run tests are slow: lateness does not make these void.
    pub fn measure(&self, url: &str, more: &[&str]) -> Value {
        let output = self.run(url, more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let text = fs::read_to_string(self.path("out/results.json")).unwrap();
        let results: Value = serde_json::from_str(&text).unwrap();
        let schema =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/results.schema.json")).unwrap();
        let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        let wrong: Vec<String> = schema.iter_errors(&results).map(|error| error.to_string()).collect();
        assert_eq!(wrong, Vec::<String>::new());
        assert!(!self.path(".simulate-live").exists(), "a manifest is left");
        results
    }

    /// Simulates the same scenario; what results.json says.
    pub fn simulate(&self, out: &str) -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
        command.current_dir(self.folder.path()).args(["sale.toml", "--charts", "none", "--orders", "--out", out]);
        assert_eq!(command.output().unwrap().status.code(), Some(0));
        let text = fs::read_to_string(self.path(out).join("results.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub fn run(&self, url: &str, more: &[&str]) -> Output {
        let mut arguments =
            vec!["sale.toml", "--endpoint-url", url, "--out", "out", "--charts", "none", "--max-lag", "5s", "--orders"];
        arguments.extend(more);
        self.command(&arguments).output().unwrap()
    }
}

/// Asks a server something.
pub fn ask<T>(url: &str, question: impl AsyncFnOnce(Clients) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { question(Clients::new(&Place::Loopback(url.into()), 0).await).await })
}

/// Everything on a server whose name is one of ours.
pub fn left_on(url: &str) -> Vec<String> {
    ask(url, async |clients| {
        let mut left = Vec::new();
        let queues = clients.sqs.list_queues().send().await.unwrap();
        left.extend(queues.queue_urls().iter().cloned());
        let machines = clients.sfn.list_state_machines().send().await.unwrap();
        left.extend(machines.state_machines().iter().map(|one| one.name().to_owned()));
        let functions = clients.lambda.list_functions().send().await.unwrap();
        left.extend(functions.functions().iter().filter_map(|one| one.function_name().map(str::to_owned)));
        let mappings = clients.lambda.list_event_source_mappings().send().await.unwrap();
        left.extend(mappings.event_source_mappings().iter().filter_map(|one| one.function_arn().map(str::to_owned)));
        left.retain(|name| name.contains("simulate-"));
        left
    })
}

/// A count of results.json.
pub fn count(results: &Value, path: &str) -> u64 {
    let found = results.pointer(&format!("/designs/{}", path.replace('.', "/")));
    found.and_then(Value::as_u64).unwrap_or_else(|| panic!("no {path} in results.json"))
}

/// Every order has exactly one outcome, and whatever is neither confirmed nor declined exactly one cause.
pub fn sums_hold(results: &Value, design: &str) {
    let of = |name: &str| count(results, &format!("{design}.orders.{name}"));
    let lost = of("failed") + of("timed_out") + of("refused") + of("open");
    assert_eq!(of("confirmed") + of("declined") + lost, of("offered"));
    let causes = results["designs"][design]["causes"].as_object().unwrap();
    assert_eq!(causes.values().map(|cause| cause.as_u64().unwrap()).sum::<u64>(), lost);
    assert_eq!(results["source"], "measured");
    assert_eq!(results["client"]["void"], serde_json::json!([]));
}
