//! The committed reports are what the scenarios give, and say no number that is not in their results.

#[path = "sentences/check.rs"]
mod check;
#[path = "sentences/numbers.rs"]
mod numbers;
#[path = "sentences/texts.rs"]
mod texts;

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn every_scenario_gives_its_committed_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = tempfile::tempdir().unwrap();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root.join("scenarios")).unwrap() {
        let scenario = entry.unwrap().path();
        let name = scenario.file_stem().unwrap().to_str().unwrap().to_owned();
        let fresh = place.path().join(&name);
        let output = Command::new(env!("CARGO_BIN_EXE_simulate"))
            .current_dir(root)
            .args([&scenario, Path::new("--out"), &fresh])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let committed = root.join("reports").join(&name);
        for file in ["results.json", "summary.md", "percentiles.csv", "scenario.resolved.toml"] {
            let (old, new) = (fs::read(committed.join(file)), fs::read(fresh.join(file)).unwrap());
            assert!(old.is_ok_and(|old| old == new), "{name}/{file} changed: look at it, and commit it if it is right");
        }
        hold_against_manifest(&name, &committed, &fresh);
        draw_again(&name, &fresh);
        wrong.extend(check::complaints(&fresh));
        seen += 1;
    }
    assert!(seen >= 2);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `simulate report` draws every file as the run drew it, from the others.
fn draw_again(name: &str, fresh: &Path) {
    let drawn = ["index.html", "summary.md", "manifest.json", "charts/timeline.svg", "charts/confirmed-within.png"];
    let read = || drawn.map(|file| fs::read(fresh.join(file)).unwrap());
    let before = read();
    fs::remove_dir_all(fresh.join("charts")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_simulate")).arg("report").arg(fresh).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(before == read(), "{name}: drawn again it is another");
}

/// The manifest has the hash of every other file; pixels may differ from platform to platform, so PNGs are left out.
fn hold_against_manifest(name: &str, committed: &Path, fresh: &Path) {
    let text = fs::read_to_string(committed.join("manifest.json")).expect("a manifest is committed");
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let listed = manifest["files"].as_object().unwrap();
    assert!(listed.len() >= 19, "{name}: the committed manifest lists all files");
    for (file, entry) in listed.iter().filter(|(file, _)| !file.ends_with(".png")) {
        let bytes = fs::read(fresh.join(file)).unwrap_or_else(|_| panic!("{name}/{file} is gone"));
        let hash = blake3::hash(&bytes).to_hex().to_string();
        assert_eq!(entry["blake3"], hash.as_str(), "{name}/{file} changed: look at it, and commit it if it is right");
    }
}
