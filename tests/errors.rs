//! Every wrong scenario under `tests/errors/` and the whole text that it is answered with.
//!
//! `UPDATE=1 cargo test --test errors` writes the texts anew; look at the difference before committing it.

use std::fs;
use std::path::{Path, PathBuf};

use queuecast::scenario::{Overrides, Source, load};

/// Lines that one mistake may take.
const LONGEST_MISTAKE: usize = 12;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of wrong scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    files
}

/// What the scenario is answered with; lines `# set: KEY=VALUE` at its start are `--set` flags.
fn answer(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a wrong scenario");
    let set = text.lines().map_while(|line| line.strip_prefix("# set: ")).map(ToString::to_string).collect();
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let source = Source { shown: format!("{name}.toml"), name, text };
    match load(&source, &Overrides { set, ..Overrides::default() }) {
        Ok(_) => panic!("{} was taken", path.display()),
        Err(shown) => shown,
    }
}

#[test]
fn every_wrong_scenario_is_answered_with_its_text() {
    let mut differing = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 45, "only {} cases", cases.len());
    for path in cases {
        let shown = answer(&path);
        let expected = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &shown).expect("written");
        }
        if fs::read_to_string(&expected).ok().as_deref() != Some(shown.as_str()) {
            differing.push(format!("{}:\n{shown}", path.display()));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_text_names_its_place_and_a_remedy_and_is_short() {
    for path in cases() {
        let shown = answer(&path);
        let mistakes: Vec<&str> = shown.split("\n\n").filter(|part| part.starts_with("error: ")).collect();
        assert!(!mistakes.is_empty(), "{shown}");
        let noun = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
        assert!(shown.ends_with(&format!("\n\n{} {noun}; nothing was run\n", mistakes.len())), "{shown}");
        for mistake in mistakes {
            assert!(mistake.contains("--> "), "no place: {mistake}");
            assert!(mistake.contains("help: "), "no remedy: {mistake}");
            assert!(mistake.lines().count() <= LONGEST_MISTAKE, "too long: {mistake}");
            assert!(mistake.lines().all(|line| line.chars().count() <= 150), "too wide: {mistake}");
        }
    }
}
