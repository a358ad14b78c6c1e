//! The screen: colour, width, signs beyond ASCII, and pipes that close. Terminals here are real pseudo-terminals.
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use nix::pty::{Winsize, openpty};

const SALE: &str = "title = 'A small sale'\nprofile = 'textbook'\n[[arrivals]]\nrate = '20/s'\nduration = '30s'\n\
                    [[arrivals]]\norigin = true\nrate = '150/s'\nduration = '10s'\n[[arrivals]]\nrate = '10/s'\n\
                    duration = '60s'\n[lambda]\nduration = '100ms'\nreserved_concurrency = 5\n[slo]\n\
                    confirmed = '>= 99%'\nconfirmed_within = { '1min' = '>= 90%' }\n[[expect]]\n\
                    claim = 'the queue confirms more orders than direct invocation does'\n\
                    that = 'buffered.orders.confirmed > direct.orders.confirmed'\n";

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sale.toml"), SALE).unwrap();
        Desk { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// In an environment with nothing in it but this.
    fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulate"));
        command.current_dir(self.folder.path()).args(arguments).env_clear().envs(environment.iter().copied());
        command
    }

    /// What goes into a pipe.
    fn piped(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let output = self.command(arguments, environment).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a terminal of so many columns is shown on stdout; stderr, where the progress of long runs is, is a pipe.
    fn shown(&self, columns: u16, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let terminal = openpty(&size, None).unwrap();
        let mut command = self.command(arguments, environment);
        command.stdin(Stdio::null()).stdout(Stdio::from(terminal.slave)).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        drop(command);
        let mut screen = fs::File::from(terminal.master);
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        // A terminal whose other end is closed fails to be read.
        while let Ok(read @ 1..) = screen.read(&mut part) {
            bytes.extend_from_slice(&part[..read]);
        }
        assert_eq!(child.wait().unwrap().code(), Some(0), "{}", String::from_utf8_lossy(&bytes));
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

const RUN: [&str; 3] = ["sale.toml", "--charts", "none"];
const XTERM: (&str, &str) = ("TERM", "xterm-256color");

fn is_coloured(text: &str) -> bool {
    text.contains("\u{1b}[")
}

fn widest(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let desk = Desk::new();
    let with = |more: &[&'static str]| [&RUN[..], more].concat();
    assert!(is_coloured(&desk.shown(100, &RUN, &[XTERM])));
    assert!(!is_coloured(&desk.shown(100, &RUN, &[XTERM, ("NO_COLOR", "1")])), "NO_COLOR");
    assert!(!is_coloured(&desk.shown(100, &RUN, &[("TERM", "dumb")])), "TERM=dumb");
    assert!(!is_coloured(&desk.shown(100, &with(&["--color", "never"]), &[XTERM])), "--color never");
    assert!(is_coloured(&desk.shown(100, &with(&["--color", "always"]), &[("TERM", "dumb"), ("NO_COLOR", "1")])));
    assert!(!is_coloured(&desk.piped(&RUN, &[XTERM])), "a pipe");
    assert!(is_coloured(&desk.piped(&with(&["--color=always"]), &[("NO_COLOR", "1")])), "--color always");
    for kind in ["json", "markdown"] {
        let text = desk.piped(&with(&["--color", "always", "--format", kind]), &[]);
        assert!(!is_coloured(&text), "{kind} is a file's text");
    }
    let plain = desk.piped(&RUN, &[]);
    let coloured = desk.piped(&with(&["--color", "always"]), &[]);
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain, "colour says nothing by itself");
}

#[test]
fn a_narrow_screen_breaks_nothing() {
    let desk = Desk::new();
    let full = desk.piped(&RUN, &[]);
    assert!((70..=80).contains(&widest(&full)), "{full}");
    for columns in [40, 60] {
        let said = columns.to_string();
        for (unicode, text) in [
            (true, desk.piped(&RUN, &[("COLUMNS", &said)])),
            (false, desk.piped(&RUN, &[("COLUMNS", &said), ("LC_ALL", "C")])),
            (true, desk.shown(columns, &RUN, &[XTERM])),
        ] {
            assert!(widest(&text) <= usize::from(columns), "{columns}:\n{text}");
            assert!(unicode || text.is_ascii());
            for word in
                ["buffered", "direct", "confirmed", "latency p50", "backlog", "SLO", "Claims", "Report  reports/sale/"]
            {
                assert!(text.contains(word), "{word} is missing at {columns}:\n{text}");
            }
        }
        let text = desk.piped(&["explain", "queue.visibility_timeout"], &[("COLUMNS", &said)]);
        assert!(widest(&text) <= usize::from(columns), "{columns}:\n{text}");
    }
    let narrow = desk.piped(&RUN, &[("COLUMNS", "40")]);
    assert_eq!(desk.piped(&RUN, &[("COLUMNS", "5")]), narrow, "40 columns are the least");
    assert_eq!(desk.piped(&RUN, &[("COLUMNS", "200")]), full, "80 are the most");
    for nonsense in ["0", "-3", "wide", ""] {
        assert_eq!(desk.piped(&RUN, &[("COLUMNS", nonsense)]), full, "COLUMNS={nonsense}");
    }
    let wide = desk.shown(200, &RUN, &[("TERM", "dumb")]);
    assert_eq!(wide, full, "a wide terminal shows what a pipe gets");
}

#[test]
fn a_screen_without_unicode_gets_ascii_and_files_stay_as_they_are() {
    let desk = Desk::new();
    let plain = desk.piped(&RUN, &[]);
    assert!(plain.contains('█') && plain.contains('✓'), "{plain}");
    for locale in [("LC_ALL", "C"), ("LC_CTYPE", "POSIX"), ("LANG", "de_DE.ISO-8859-1")] {
        let text = desk.piped(&RUN, &[locale]);
        assert!(text.is_ascii(), "{locale:?}\n{text}");
        assert!(text.contains(" ok ") && text.contains('#'), "{text}");
        assert!(!text.contains('?'), "every sign has a word:\n{text}");
    }
    for locale in [("LC_ALL", "C.UTF-8"), ("LANG", "de_DE.utf8"), ("LC_ALL", "")] {
        assert_eq!(desk.piped(&RUN, &[locale]), plain, "{locale:?}");
    }
    let by_flag = desk.piped(&[&RUN[..], &["--ascii"]].concat(), &[("LC_ALL", "C.UTF-8")]);
    assert_eq!(by_flag, desk.piped(&RUN, &[("LC_ALL", "C")]));
    assert!(desk.shown(80, &RUN, &[XTERM, ("LC_ALL", "C"), ("NO_COLOR", "1")]).is_ascii());
    assert!(desk.piped(&["check", "sale.toml", "--ascii"], &[]).is_ascii());
    let json = [&RUN[..], &["--format", "markdown"]].concat();
    assert_eq!(desk.piped(&json, &[("LC_ALL", "C")]), desk.piped(&json, &[]), "summary.md is the same everywhere");
}

#[test]
fn a_pipe_that_closes_early_ends_quietly_and_the_report_is_whole() {
    let desk = Desk::new();
    let simulate = env!("CARGO_BIN_EXE_simulate");
    for (script, lines) in [
        (format!("'{simulate}' sale.toml --charts svg --format json | head -1"), 1),
        (format!("'{simulate}' schema | head -2"), 2),
        (format!("'{simulate}' explain | true"), 0),
    ] {
        let output = Command::new("sh").current_dir(desk.folder.path()).args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{script}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), lines, "{script}");
    }
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("reports/sale/manifest.json")).unwrap()).unwrap();
    let listed = manifest["files"].as_object().unwrap();
    assert!(listed.len() >= 10);
    for (name, entry) in listed {
        let bytes = fs::read(desk.path("reports/sale").join(name)).unwrap();
        assert_eq!(entry["blake3"], blake3::hash(&bytes).to_hex().as_str(), "{name}");
    }
}
