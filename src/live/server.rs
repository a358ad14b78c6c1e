//! The emulator of `--target local`: ministack, from a virtual environment that is made on request and kept.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the reports call it.
pub const NAME: &str = "ministack 1.5.33";
/// Names under which it raises a throttle beside AWS's.
pub const THROTTLE_NAMES: [&str; 1] = ["Lambda.Unknown"];
/// Where the virtual environment is looked for first.
pub const VENV: &str = "SIMULATE_LIVE_VENV";

const REQUIREMENTS: &str = include_str!("requirements.txt");
const SERVER: &str = include_str!("server.py");
/// Written last: what is in the folder is whole.
const WHOLE: &str = "simulate-live-is-whole";
const PATIENCE: Duration = Duration::from_secs(60);
const GRACE: Duration = Duration::from_secs(3);

/// The folder of the virtual environment: `SIMULATE_LIVE_VENV`, or one below the user's cache named after what is in it.
///
/// # Errors
///
/// There is no home.
pub fn venv() -> Result<PathBuf, String> {
    if let Some(folder) = std::env::var_os(VENV).filter(|folder| !folder.is_empty()) {
        return std::path::absolute(folder).map_err(|error| format!("error: {VENV}: {error}"));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let cache =
        cache.ok_or_else(|| format!("error: there is no HOME to keep the emulator in\n  = help: set {VENV}"))?;
    let digest = blake3::hash(REQUIREMENTS.as_bytes()).to_hex();
    Ok(cache.join("queuecast").join(format!("ministack-{}", &digest[..8])))
}

/// Makes the virtual environment, unless it is there. `say` is told of each step.
///
/// # Errors
///
/// Python or one of its packages is missing, in words.
pub fn set_up(folder: &Path, say: impl Fn(&str)) -> Result<(), String> {
    if is_whole(folder) {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|error| format!("error: {}: {error}", folder.display()))?;
    say(&format!("making a virtual environment in {}", folder.display()));
    // Isolated (-I), here and below: nothing of the folder that the user is in is taken for a module.
    let made = Command::new("python3").args(["-I", "-m", "venv", "--clear"]).arg(folder).output();
    match made {
        Err(error) => {
            return Err(format!("error: python3 could not be run: {error}\n  = help: install Python 3.10 or later"));
        }
        Ok(made) if !made.status.success() => {
            let help = "install Python's venv (Debian: apt-get install python3-venv)";
            return Err(format!("error: python3 -m venv failed: {}\n  = help: {help}", last_line(&made)));
        }
        Ok(_) => {}
    }
    let list = folder.join("requirements.txt");
    std::fs::write(&list, REQUIREMENTS).map_err(|error| format!("error: {}: {error}", list.display()))?;
    say("installing ministack and what it needs, each by its hash");
    let pip = Command::new(python(folder))
        .args(["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(["--require-hashes", "--only-binary", ":all:", "-r"])
        .arg(&list)
        .output();
    let pip = pip.map_err(|error| format!("error: pip could not be run: {error}"))?;
    if !pip.status.success() {
        let help = "it needs the package index once; then it is kept";
        return Err(format!("error: pip failed: {}\n  = help: {help}", last_line(&pip)));
    }
    std::fs::write(folder.join(WHOLE), REQUIREMENTS).map_err(|error| format!("error: {}: {error}", folder.display()))
}

/// Whether the virtual environment holds exactly what is asked for.
pub fn is_whole(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join(WHOLE)).is_ok_and(|listed| listed == REQUIREMENTS)
}

/// Whether it does, or what to do about it.
///
/// # Errors
///
/// In words.
pub fn check_whole(folder: &Path) -> Result<(), String> {
    if is_whole(folder) {
        return Ok(());
    }
    let help = "run: simulate live setup (it needs Python 3.10 and the package index, once)";
    Err(format!("error: there is no emulator in {}\n  = help: {help}", folder.display()))
}

fn python(folder: &Path) -> PathBuf {
    folder.join("bin").join("python")
}

fn last_line(output: &std::process::Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no reason was given").to_owned()
}

/// The server; stopped when it is dropped, and by itself when this process is gone.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts it on a free port of loopback and waits until it answers. `stopped` says whether somebody has interrupted.
    ///
    /// # Errors
    ///
    /// It is not installed, or does not answer, in words.
    pub fn start(folder: &Path, stopped: impl Fn() -> bool) -> Result<Server, String> {
        check_whole(folder)?;
        let port = free_port().map_err(|error| format!("error: there is no free port on loopback: {error}"))?;
        let mut command = Command::new(python(folder));
        command
            .current_dir(folder)
            .args(["-I", "-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.env("GATEWAY_PORT", port.to_string()).env("MINISTACK_HOST", "127.0.0.1").env("LOG_LEVEL", "ERROR");
        // Nothing of the user's account is shown to it, and an interrupt of the terminal is not for it.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("AWS_")) {
                command.env_remove(name);
            }
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().map_err(|error| format!("error: the emulator could not be started: {error}"))?;
        let mut server = Server { child, url: format!("http://127.0.0.1:{port}") };
        let until = Instant::now() + PATIENCE;
        while !answers(port) {
            let ended = server.child.try_wait().ok().flatten();
            if let Some(status) = ended {
                return Err(format!("error: the emulator ended at once ({status})\n  = help: simulate live setup"));
            }
            if stopped() || Instant::now() > until {
                return Err("error: the emulator does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends itself, and the functions' processes with it, when it is let go of.
        drop(self.child.stdin.take());
        let until = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= until {
                // With its functions' processes: it leads a group, and its number is its own until it is waited for.
                #[cfg(unix)]
                let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let asked = b"GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let mut reply = [0; 32];
    stream.write_all(asked).is_ok()
        && stream.read(&mut reply).is_ok_and(|read| reply[..read].starts_with(b"HTTP/1.1 200"))
}

/// Whether a URL leads to this machine and nowhere else.
///
/// # Errors
///
/// In words, why not.
pub fn check_loopback(url: &str) -> Result<(), String> {
    let refused = |why: &str| {
        Err(format!(
            "error: --endpoint-url {url}: {why}\n  = help: only servers on this machine are driven, as http://127.0.0.1:4566"
        ))
    };
    let Some(rest) = url.strip_prefix("http://") else { return refused("it does not begin with http://") };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return refused("it holds a user");
    }
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    // A name is not looked up: whatever it leads to today, it may lead elsewhere tomorrow.
    match host.parse::<std::net::IpAddr>() {
        Ok(address) if address.is_loopback() => Ok(()),
        Ok(_) => refused("it is not a loopback address"),
        Err(_) => refused("its host is no address"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_pass() {
        for url in ["http://127.0.0.1:4566", "http://[::1]:4566/", "http://127.9.9.9"] {
            assert_eq!(check_loopback(url), Ok(()), "{url}");
        }
        for url in [
            "https://sqs.us-east-1.amazonaws.com",
            "http://sqs.us-east-1.amazonaws.com",
            "http://10.0.0.1:4566",
            "http://127.0.0.1@example.com",
            "http://127.0.0.1.example.com",
            "http://localhost:4566",
            "http://0.0.0.0:1",
            "127.0.0.1:4566",
            "http://",
        ] {
            assert!(check_loopback(url).is_err(), "{url}");
        }
    }
}
