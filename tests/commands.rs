//! The commands beside the main job, from outside: the whole text of what they say, and of how they refuse.
//!
//! `UPDATE=1 cargo test --test commands` writes the texts anew; look at the difference before committing it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use queuecast::cli::CommandLine;

const SALE: &str = "[[arrivals]]\nrate = '50/s'\nduration = '20s'\n";

/// Name of the text, arguments, exit status.
const CASES: [(&str, &[&str], i32); 47] = [
    ("help", &["--help"], 0),
    ("no-scenario", &[], 2),
    ("explain-all", &["explain"], 0),
    ("explain-key", &["explain", "queue.visibility_timeout"], 0),
    ("explain-fact-without-key", &["explain", "event_source.long_poll"], 0),
    ("explain-key-of-a-list", &["explain", "arrivals[0].ramp_to"], 0),
    ("explain-distribution", &["explain", "lambda.duration"], 0),
    ("explain-part-of-a-distribution", &["explain", "lambda.duration.p99"], 0),
    ("explain-choice-of-ours", &["explain", "profile"], 0),
    ("explain-override", &["explain", "direct.lambda.timeout"], 0),
    ("explain-name-of-aws", &["explain", "HeartbeatSeconds"], 0),
    ("explain-table", &["explain", "queue.dead_letter"], 0),
    ("explain-header", &["explain", "[[expect]]"], 0),
    ("explain-inline-table", &["explain", "retry"], 0),
    ("explain-slip", &["explain", "queue.visibility_timout"], 2),
    ("explain-slip-of-a-name", &["explain", "visibility_timout"], 2),
    ("explain-several", &["explain", "timeout"], 2),
    ("explain-nothing-like-it", &["explain", "colour_of_the_sky"], 2),
    ("explain-too-deep", &["explain", "seed.value"], 2),
    ("explain-two", &["explain", "seed", "title"], 2),
    ("init-no-such-template", &["init", "--template", "flash-sail"], 2),
    ("init-nothing-like-it", &["init", "--template", "zzz"], 2),
    ("init-existing", &["init", "small.toml"], 2),
    ("init-no-folder", &["init", "nowhere/sale.toml"], 1),
    ("init-folder", &["init", "--force", "folder"], 2),
    ("observe-help", &["observe", "--help"], 0),
    ("observe-checkpoints", &["observe", "small.toml", "--checkpoints", "2"], 0),
    ("observe-no-scenario", &["observe"], 2),
    ("observe-backwards", &["observe", "small.toml", "--from", "9", "--to", "5"], 2),
    ("observe-from-zero", &["observe", "small.toml", "--from", "0"], 2),
    ("observe-both", &["observe", "small.toml", "--from", "1", "--checkpoints", "3"], 2),
    ("first-difference-help", &["first-difference", "--help"], 0),
    ("first-difference-one", &["first-difference", "one.csv"], 2),
    ("first-difference-no-file", &["first-difference", "one.csv", "other.csv"], 2),
    ("first-difference-not-printed", &["first-difference", "small.toml", "small.toml"], 2),
    ("completions-no-such-shell", &["completions", "tcsh"], 2),
    ("completions-no-shell", &["completions"], 2),
    ("man-no-such-command", &["man", "chek"], 2),
    ("report-no-folder", &["report"], 2),
    ("report-nowhere", &["report", "nowhere"], 2),
    ("report-no-report", &["report", "folder"], 2),
    ("report-of-a-scenario", &["report", "small.toml", "folder"], 2),
    ("report-three", &["report", "folder", "folder", "folder"], 2),
    ("schema-with-argument", &["schema", "x"], 2),
    ("trace-order", &["trace", "small.toml", "--order", "3"], 0),
    ("trace-no-such-word", &["trace", "small.toml", "--where", "direct.trottled"], 2),
    ("color-wrong", &["small.toml", "--color", "sometimes"], 2),
];

fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("small.toml"), SALE).unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .current_dir(folder)
        .args(arguments)
        .env_remove("COLUMNS")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    found
}

#[test]
fn every_command_says_its_whole_text_and_leaves_nothing_behind() {
    let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands");
    let mut differing = Vec::new();
    for (name, arguments, status) in CASES {
        let folder = desk();
        let output = run(folder.path(), arguments, b"");
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{name}: {stderr}");
        assert_eq!((stdout.is_empty(), stderr.is_empty()), (status != 0, status == 0), "{name}: one of them speaks");
        assert_eq!(names(folder.path()), ["folder", "small.toml"], "{name}");
        let said = stdout + &stderr;
        assert!(said.lines().all(|line| line.chars().count() <= 80 || name.ends_with("help")), "{name}:\n{said}");
        let expected = texts.join(format!("{name}.txt"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        if fs::read_to_string(&expected).ok().as_deref() != Some(said.as_str()) {
            differing.push(format!("{}:\n{said}", expected.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert_eq!(names(&texts).len(), CASES.len(), "no text without its case");
}

#[test]
fn every_key_can_be_explained_by_its_path_in_eighty_columns_of_ascii() {
    let all = queuecast::scenario::keys::all().map(|(_, _, path)| path).collect::<Vec<_>>();
    assert!(all.len() > 150, "{}", all.len());
    let folder = desk();
    for path in all {
        let output = run(folder.path(), &["explain", &path], b"");
        assert_eq!(output.status.code(), Some(0), "{path}: {}", text(&output.stderr));
        let said = text(&output.stdout);
        assert!(said.is_ascii(), "{path}:\n{said}");
        let is_list = !said.contains("\n  Value ");
        assert!(is_list || said.starts_with(&format!("{path}\n")), "{path}:\n{said}");
        // Lines of the example are TOML and stay whole.
        let too_long = |line: &&str| line.chars().count() > 80 && !line.starts_with("    ");
        assert_eq!(said.lines().find(too_long), None, "{path}:\n{said}");
    }
}

fn templates() -> Vec<String> {
    let output = run(desk().path(), &["init", "--help"], b"");
    let help = text(&output.stdout);
    let listed = help.split("Templates:\n").nth(1).expect("the templates");
    listed.lines().filter_map(|line| line.split_whitespace().next()).map(ToString::to_string).collect()
}

#[test]
fn every_template_is_a_scenario_that_checks_and_the_new_ones_run() {
    let templates = templates();
    assert_eq!(templates.len(), 8, "{templates:?}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for template in templates {
        let folder = desk();
        let said = run(folder.path(), &["init", "mine.toml", "--template", &template], b"");
        assert_eq!(said.status.code(), Some(0), "{template}: {}", text(&said.stderr));
        assert!(text(&said.stdout).starts_with("Wrote mine.toml: "), "{}", text(&said.stdout));
        let written = fs::read_to_string(folder.path().join("mine.toml")).unwrap();
        assert!(written.starts_with("#:schema scenario.schema.json\n# "), "{template}");
        assert!(
            !written.contains("scenarios/") && !written.contains("templates/"),
            "{template} calls itself mine.toml"
        );
        let checked = run(folder.path(), &["check", "mine.toml"], b"");
        assert_eq!(checked.status.code(), Some(0), "{template}: {}", text(&checked.stderr));
        // The lessons run with the golden reports.
        if !root.join(format!("scenarios/{template}.toml")).exists() {
            let output = run(folder.path(), &["mine.toml", "--charts", "none"], b"");
            assert_eq!(output.status.code(), Some(0), "{template}: {}{}", text(&output.stdout), text(&output.stderr));
        }
        let printed = run(folder.path(), &["init", "-", "--template", &template], b"");
        assert_eq!(text(&printed.stdout), written.replace("mine.toml", &format!("{template}.toml")));
    }
}

#[test]
fn init_overwrites_only_when_forced_and_names_the_file_after_its_template() {
    let folder = desk();
    let path = |name: &str| folder.path().join(name);
    assert_eq!(run(folder.path(), &["init", "small.toml"], b"").status.code(), Some(2));
    assert_eq!(fs::read_to_string(path("small.toml")).unwrap(), SALE);
    assert_eq!(run(folder.path(), &["init", "small.toml", "--force"], b"").status.code(), Some(0));
    assert!(fs::read_to_string(path("small.toml")).unwrap().contains("Flash sale"));
    assert_eq!(run(folder.path(), &["init", "--template", "minimal"], b"").status.code(), Some(0));
    assert!(path("minimal.toml").exists());
}

#[test]
fn completions_and_manual_know_every_option() {
    let folder = desk();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(folder.path(), &["completions", shell], b"");
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = text(&output.stdout);
        for word in ["orders", "explain", "completions", "replications"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let page = text(&run(folder.path(), &["man"], b"").stdout);
    assert!(page.contains(".TH simulate 1") && page.contains("\\-\\-orders"), "{page}");
    assert_eq!(page, text(&run(folder.path(), &["man"], b"").stdout), "without a date");
    let commands = <CommandLine as clap::CommandFactory>::command();
    for command in commands.get_subcommands().map(|command| command.get_name()) {
        let page = text(&run(folder.path(), &["man", command], b"").stdout);
        assert!(page.contains(&format!(".TH simulate-{command} 1")), "{page}");
    }
}

/// A shell must take what it is given.
#[cfg(unix)]
#[test]
fn the_completions_of_bash_are_bash() {
    let folder = desk();
    let script = run(folder.path(), &["completions", "bash"], b"").stdout;
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().expect("there is a bash");
    bash.stdin.take().unwrap().write_all(&script).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn a_scenario_may_come_through_standard_input() {
    let folder = desk();
    let output = run(folder.path(), &["-", "--charts", "none"], SALE.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains(" Report  reports/stdin/\n"), "{}", text(&output.stdout));
    let piped: PathBuf = folder.path().join("reports/stdin/timeline.csv");
    run(folder.path(), &["small.toml", "--charts", "none"], b"");
    assert!(fs::read(piped).unwrap() == fs::read(folder.path().join("reports/small/timeline.csv")).unwrap());
    let checked = run(folder.path(), &["check", "-"], SALE.as_bytes());
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
    assert!(text(&checked.stdout).contains("title = \"stdin\"  # default\n"), "{}", text(&checked.stdout));
    for (input, words) in [
        (&b""[..], "standard input: it is empty; pipe in a scenario"),
        (b"[[arrivals]]\nrate = '5'\nduration = '1s'\n", "--> standard input:2:8"),
        (b"\xff", "line 1 is not UTF-8"),
    ] {
        for arguments in [&["-"][..], &["check", "-"]] {
            let output = run(folder.path(), arguments, input);
            assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
            assert!(text(&output.stderr).contains(words), "{}", text(&output.stderr));
        }
    }
}
