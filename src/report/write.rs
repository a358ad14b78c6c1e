//! Puts a finished report on a disk: all of it or nothing, and nobody else's files are touched.
//!
//! Everything is written into a temporary folder beside the target and then moved into place. A target folder that has a
//! manifest of ours loses the files that the manifest lists and keeps all others.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::bundle::{Bundle, MANIFEST};

/// Writes the report into `target`. `watch` is told of the temporary folder while there is one.
///
/// # Errors
///
/// In words, with path, reason and remedy. Nothing half-written is left.
pub fn write(bundle: &Bundle, target: &Path, watch: impl Fn(Option<&Path>)) -> Result<(), String> {
    let owned = check_target(bundle, target)?;
    let parent = parent_of(target);
    fs::create_dir_all(&parent).map_err(|error| trouble("create the folder", &parent, &error))?;
    let folder = tempfile::Builder::new()
        .prefix(".simulate-")
        .tempdir_in(&parent)
        .map_err(|error| trouble("write into", &parent, &error))?;
    watch(Some(folder.path()));
    let written = fill(bundle, folder.path()).and_then(|()| put_in_place(bundle, folder.path(), target, &owned));
    drop(folder);
    watch(None);
    written
}

/// The files of an earlier report in the target, which may go; refuses where ours would overwrite somebody else's.
fn check_target(bundle: &Bundle, target: &Path) -> Result<Vec<String>, String> {
    match fs::metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(trouble("look at", target, &error)),
        Ok(found) if !found.is_dir() => {
            let remedy = "choose another folder with --out";
            return Err(format!("error: {} is a file, not a folder for a report: {remedy}", target.display()));
        }
        Ok(_) => {}
    }
    let owned = listed_in_manifest(target);
    for name in bundle.files.keys() {
        let is_ours = owned.contains(name) || (name == MANIFEST && !owned.is_empty());
        if !is_ours && target.join(name).exists() {
            let path = target.join(name);
            let remedy = "move it away, or choose another folder with --out";
            return Err(format!("error: {} was not written by simulate and is kept: {remedy}", path.display()));
        }
    }
    Ok(owned)
}

/// What the manifest in the target lists; nothing if there is none of ours. Only plain paths below the folder count.
fn listed_in_manifest(target: &Path) -> Vec<String> {
    let Ok(text) = fs::read_to_string(target.join(MANIFEST)) else { return Vec::new() };
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(&text) else { return Vec::new() };
    if manifest["made_by"] != "queuecast" {
        return Vec::new();
    }
    let plain = |name: &&String| {
        let mut parts = Path::new(name.as_str()).components();
        parts.all(|part| matches!(part, std::path::Component::Normal(_)))
    };
    manifest["files"].as_object().map_or_else(Vec::new, |files| files.keys().filter(plain).cloned().collect())
}

fn parent_of(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

fn fill(bundle: &Bundle, folder: &Path) -> Result<(), String> {
    for (name, bytes) in &bundle.files {
        let path = folder.join(name);
        let parent = parent_of(&path);
        fs::create_dir_all(&parent).map_err(|error| trouble("create the folder", &parent, &error))?;
        fs::write(&path, bytes).map_err(|error| trouble("write", &path, &error))?;
    }
    Ok(())
}

fn put_in_place(bundle: &Bundle, folder: &Path, target: &Path, owned: &[String]) -> Result<(), String> {
    if !target.exists() {
        make_readable(folder)?;
        return fs::rename(folder, target).map_err(|error| trouble("move the report to", target, &error));
    }
    let stale = owned.iter().filter(|name| !bundle.files.contains_key(*name));
    for name in stale {
        remove(&target.join(name))?;
    }
    // The manifest last: whatever happens before, the folder is still known as ours.
    let (manifest, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        bundle.files.iter().partition(|(name, _)| *name == MANIFEST);
    for name in others.keys().chain(manifest.keys()) {
        let path = target.join(name);
        let parent = parent_of(&path);
        fs::create_dir_all(&parent).map_err(|error| trouble("create the folder", &parent, &error))?;
        fs::rename(folder.join(name), &path).map_err(|error| trouble("write", &path, &error))?;
    }
    Ok(())
}

/// A temporary folder is private; a report is for whoever may read its parent.
#[cfg(unix)]
fn make_readable(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let parent = fs::metadata(parent_of(folder)).map_err(|error| trouble("look at", folder, &error))?;
    let mode = parent.permissions().mode() & 0o777;
    fs::set_permissions(folder, fs::Permissions::from_mode(mode | 0o700))
        .map_err(|error| trouble("open", folder, &error))
}

#[cfg(not(unix))]
fn make_readable(_folder: &Path) -> Result<(), String> {
    Ok(())
}

fn remove(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(trouble("replace", path, &error)),
        _ => {
            // An empty folder of ours (charts) goes too; one with other files in it stays.
            let _ = fs::remove_dir(parent_of(path));
            Ok(())
        }
    }
}

fn trouble(what: &str, path: &Path, error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write with --out"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room, or choose another disk with --out",
        io::ErrorKind::NotADirectory => "part of that path is a file; choose another folder with --out",
        _ => "choose another folder with --out",
    };
    format!("error: cannot {what} {}: {error}\n  = help: {remedy}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle_of(names: &[&str]) -> Bundle {
        let listed: serde_json::Map<String, serde_json::Value> =
            names.iter().map(|name| ((*name).to_owned(), serde_json::json!({}))).collect();
        let manifest = serde_json::json!({ "made_by": "queuecast", "files": listed }).to_string();
        let mut files: BTreeMap<String, Vec<u8>> =
            names.iter().map(|name| ((*name).to_owned(), name.as_bytes().to_vec())).collect();
        files.insert(MANIFEST.into(), manifest.into_bytes());
        Bundle { files, result_fingerprint: String::new() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut found: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        found.sort();
        found
    }

    #[test]
    fn a_second_report_replaces_the_first_and_keeps_what_others_put_there() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("deep/report");
        write(&bundle_of(&["a.json", "charts/x.svg"]), &target, |_| {}).unwrap();
        assert_eq!(names(&target), ["a.json", "charts", "manifest.json"]);
        fs::write(target.join("mine.txt"), "notes").unwrap();
        write(&bundle_of(&["a.json", "b.csv"]), &target, |_| {}).unwrap();
        assert_eq!(names(&target), ["a.json", "b.csv", "manifest.json", "mine.txt"]);
        assert_eq!(names(&place.path().join("deep")), ["report"]);
    }

    #[test]
    fn somebody_elses_file_is_never_overwritten_and_nothing_is_left_behind() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("report");
        fs::create_dir(&target).unwrap();
        fs::write(target.join("a.json"), "precious").unwrap();
        let error = write(&bundle_of(&["a.json", "b.csv"]), &target, |_| {}).unwrap_err();
        assert!(error.contains("was not written by simulate and is kept"), "{error}");
        assert_eq!(fs::read_to_string(target.join("a.json")).unwrap(), "precious");
        assert_eq!((names(&target), names(place.path())), (vec!["a.json".to_owned()], vec!["report".to_owned()]));
    }

    #[test]
    fn a_target_that_is_a_file_or_lies_below_one_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        for target in [file.clone(), file.join("report")] {
            let error = write(&bundle_of(&["a.json"]), &target, |_| {}).unwrap_err();
            assert!(error.contains("--out"), "{error}");
        }
        assert_eq!(names(place.path()), ["file"]);
    }

    #[test]
    fn a_manifest_that_points_outside_the_folder_deletes_nothing_there() {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("report");
        fs::create_dir(&target).unwrap();
        fs::write(place.path().join("outside"), "").unwrap();
        let manifest = r#"{ "made_by": "queuecast", "files": { "../outside": {}, "old.txt": {} } }"#;
        fs::write(target.join(MANIFEST), manifest).unwrap();
        write(&bundle_of(&["a.json"]), &target, |_| {}).unwrap();
        assert_eq!(names(place.path()), ["outside", "report"]);
    }
}
