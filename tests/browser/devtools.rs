//! A browser and one page in it, spoken to by the Chrome DevTools protocol over a pipe: JSON, each message ended by a zero
//! byte.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// Browsers that may be there, the first that is found.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Nothing of it leaves the machine.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--mute-audio",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    sent: u64,
    /// Whether the page may run scripts.
    scripts: bool,
    events: VecDeque<Value>,
    /// Its profile: gone with it.
    _place: tempfile::TempDir,
}

impl Browser {
    /// Starts a browser with one blank page, cut off from every network.
    pub fn start() -> Browser {
        let wanted = std::env::var("BROWSER_UNDER_TEST").ok();
        let found = wanted.or_else(|| BROWSERS.into_iter().find(|name| is_there(name)).map(str::to_owned));
        let program = found.expect("a Chromium: apt-get install chromium, or name one by BROWSER_UNDER_TEST");
        let place = tempfile::tempdir().unwrap();
        // The protocol is spoken on descriptors 3 and 4, which a shell can arrange without a line of unsafe code.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", &program])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", place.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser =
            Browser { child, to, from, session: None, sent: 0, scripts: true, events: VecDeque::new(), _place: place };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached =
            browser.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility", "DOM"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let cut = json!({ "offline": true, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0 });
        browser.call("Network.emulateNetworkConditions", cut);
        browser
    }

    /// Calls a method and waits for its answer; events that come meanwhile are kept.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = serde_json::to_vec(&message).unwrap();
        bytes.push(0);
        self.to.write_all(&bytes).expect("the browser listens");
        loop {
            let answer = self.read();
            if answer["id"] == self.sent {
                assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push_back(answer);
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("the browser speaks");
        assert_eq!(bytes.pop(), Some(0), "the browser is gone");
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Opens a file, waits until it is loaded and drawn, and returns everything that was wrong with it: requests for
    /// anything but the page, errors, words on the console.
    pub fn open(&mut self, file: &Path) -> Vec<String> {
        self.events.clear();
        let url = format!("file://{}", file.display());
        let navigated = self.call("Page.navigate", json!({ "url": url }));
        assert!(navigated.get("errorText").is_none(), "{url}: {navigated}");
        let mut seen = Vec::new();
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.read(),
            };
            let loaded = event["method"] == "Page.loadEventFired";
            seen.push(event);
            if loaded {
                break;
            }
        }
        // Whatever the page does at its first drawing has been told by then.
        if !self.scripts {
            // Nothing of the page runs, so nothing can be promised; what it shows is there once it is loaded.
            seen.extend(self.events.drain(..));
            return seen.iter().filter_map(|event| complaint(event, &url)).collect();
        }
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
        seen.extend(self.events.drain(..));
        seen.iter().filter_map(|event| complaint(event, &url)).collect()
    }

    /// What went wrong since it was asked last.
    pub fn complaints(&mut self) -> Vec<String> {
        self.events.drain(..).filter_map(|event| complaint(&event, "")).collect()
    }

    /// The value of an expression in the page, of a promise what it promises.
    pub fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.call("Runtime.evaluate", asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    pub fn width(&mut self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// `screen` or `print`, on a light ground or a dark one.
    pub fn medium(&mut self, medium: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features }));
    }

    pub fn scripts(&mut self, on: bool) {
        self.scripts = on;
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !on }));
    }

    pub fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({ "type": kind, "key": key, "code": key }));
        }
    }

    pub fn point(&mut self, x: f64, y: f64) {
        self.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": x, "y": y }));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends itself and its helpers; if it does not, its process is ended.
        let _ = self.to.write_all(b"{\"id\":1000000,\"method\":\"Browser.close\"}\0");
        let mut rest = Vec::new();
        while matches!(self.from.read_until(0, &mut rest), Ok(bytes) if bytes > 0) {
            rest.clear();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_there(program: &str) -> bool {
    let asked = Command::new("sh").args(["-c", "command -v \"$0\"", program]).stdout(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

fn complaint(event: &Value, url: &str) -> Option<String> {
    let what = &event["params"];
    match event["method"].as_str()? {
        "Network.requestWillBeSent" => {
            let asked = what["request"]["url"].as_str()?;
            (asked != url && !asked.starts_with("data:")).then(|| format!("asks for {asked}"))
        }
        "Runtime.exceptionThrown" => Some(format!("throws {}", what["exceptionDetails"])),
        "Runtime.consoleAPICalled" => Some(format!("says {} on the console", what["args"])),
        "Log.entryAdded" => Some(format!("logs {}", what["entry"]["text"])),
        _ => None,
    }
}
