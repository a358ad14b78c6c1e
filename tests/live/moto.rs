//! Heartbeats, which ministack ignores: against moto.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::desk::{Desk, count, missing, sums_hold, turn};

struct Moto {
    child: Child,
    port: u16,
}

/// Serves until standard input is closed: whoever started it is gone then.
const SERVER: &str = "import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(['-H', '127.0.0.1', '-p', os.environ['MOTO_PORT']])";

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Moto {
    fn start() -> Option<Moto> {
        let Some(folder) = std::env::var_os("SIMULATE_LIVE_MOTO").map(PathBuf::from) else {
            missing("moto, in the virtual environment that SIMULATE_LIVE_MOTO names");
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(folder.join("bin/python"))
            .args(["-I", "-c", SERVER])
            .env("MOTO_PORT", port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Moto { child, port };
        let until = Instant::now() + Duration::from_secs(60);
        let settings = r#"{"stepfunctions":{"execute_state_machine":true},"lambda":{"use_docker":false}}"#;
        while !moto.posts("/moto-api/config", settings) {
            assert!(Instant::now() < until, "moto does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(moto)
    }

    fn posts(&self, path: &str, body: &str) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let length = body.len();
        let asked = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        let mut reply = String::new();
        stream.write_all(asked.as_bytes()).is_ok() && {
            let _ = stream.read_to_string(&mut reply);
            reply.split(' ').nth(1).is_some_and(|status| status.starts_with('2'))
        }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Work of four seconds under a heartbeat of two.
const SLOW: &str = "profile = 'textbook'\n[[arrivals]]\nrate = '2/s'\nduration = '2s'\nspacing = 'even'\n\
                    [step_functions]\ntimeout = '1min'\nheartbeat = '2s'\n[queue]\nvisibility_timeout = '30s'\n\
                    [lambda]\nduration = '4s'\nreserved_concurrency = 5\n";

#[test]
fn heartbeats_keep_a_task_alive_and_their_absence_ends_it() {
    let Some(moto) = Moto::start() else { return };
    let _turn = turn();
    // What it does for its first execution alone takes seconds, and is not measured.
    let warm = SLOW.replace("'4s'", "'10ms'").replace("heartbeat = '2s'", "heartbeat = '50s'");
    Desk::new(&warm).measure(&moto.url(), &["--design", "buffered", "--max-orders", "1"]);
    let silent = Desk::new(SLOW).measure(&moto.url(), &["--design", "buffered"]);
    sums_hold(&silent, "buffered");
    assert_eq!(count(&silent, "buffered.orders.timed_out"), count(&silent, "buffered.orders.offered"));
    let beating = Desk::new(SLOW).measure(&moto.url(), &["--design", "buffered", "--heartbeats"]);
    sums_hold(&beating, "buffered");
    assert_eq!(count(&beating, "buffered.orders.confirmed"), count(&beating, "buffered.orders.offered"));
}
