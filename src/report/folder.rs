//! A report's folder on a disk, read again: whether it is one, and whether its files are those that its manifest lists.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path};

use serde_json::Value;

use super::bundle::{MANIFEST, is_drawn};
use super::chart::Wanted;
use super::reread::Unreadable;
use super::results::SCHEMA_VERSION;

/// What a report is drawn from.
#[derive(Clone, Debug)]
pub struct Folder {
    /// All files of the report that are not drawn themselves.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The kinds of pictures that it has.
    pub charts: Wanted,
    /// Files that are not as the run left them.
    pub altered: Altered,
}

/// Files that are not as the run left them, now or when the report was last drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Altered {
    /// Those with other contents.
    pub edited: Vec<String>,
    /// Those that are gone.
    pub missing: Vec<String>,
}

impl Altered {
    /// A sentence for each. `of` says whose they are, for example ` of A`, and `run` whose run it was.
    pub fn sentences(&self, of: &str, run: &str) -> Vec<String> {
        let edited = self.edited.iter().map(|name| format!("{name}{of} was changed after {run}."));
        let missing = self.missing.iter().map(|name| format!("{name}{of}, which {run} wrote, is missing."));
        edited.chain(missing).collect()
    }

    /// What earlier drawings with `--anyway` have noted.
    fn before(manifest: &Value) -> Altered {
        let names = |key: &str| {
            let names = manifest[key].as_array().map_or(&[][..], Vec::as_slice);
            names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
        };
        Altered { edited: names("edited"), missing: names("missing") }
    }

    /// Each name once, in order.
    fn sort(&mut self) {
        for names in [&mut self.edited, &mut self.missing] {
            names.sort();
            names.dedup();
        }
    }
}

/// Reads a report's folder. With `anyway` a changed file is taken as it is.
///
/// # Errors
///
/// In words, with path, reason and remedy: it is no report, or one that is not as the run left it.
pub fn read(folder: &Path, anyway: bool) -> Result<Folder, String> {
    check_is_folder(folder)?;
    let manifest = manifest(folder)?;
    let Some(listed) = manifest["files"].as_object() else {
        return Err(no_report(folder, "its manifest.json lists no files"));
    };
    let has = |ending: &str| listed.keys().any(|name| name.starts_with("charts/") && name.ends_with(ending));
    let charts = Wanted { svg: has(".svg"), png: has(".png") };
    let mut found = Folder { files: BTreeMap::new(), charts, altered: Altered::before(&manifest) };
    let mut differing = Vec::new();
    for (name, entry) in listed.iter().filter(|(name, _)| !is_drawn(name)) {
        if !Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(no_report(folder, &format!("its manifest.json lists `{name}`, which is not below it")));
        }
        match fs::read(folder.join(name)) {
            Ok(bytes) => {
                if entry["blake3"] != blake3::hash(&bytes).to_hex().as_str() {
                    differing.push(format!("{name} was changed"));
                    found.altered.edited.push(name.clone());
                }
                found.files.insert(name.clone(), bytes);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                differing.push(format!("{name} is missing"));
                found.altered.missing.push(name.clone());
            }
            Err(error) => {
                let path = folder.join(name);
                return Err(format!("error: cannot read {}: {error}\n  = help: make it readable", path.display()));
            }
        }
    }
    found.altered.sort();
    if differing.is_empty() || anyway { Ok(found) } else { Err(not_as_left(folder, &differing)) }
}

fn check_is_folder(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) if folder.extension().is_some_and(|ending| ending == "toml") => {
            Err(format!("error: {shown} is a scenario, not a report\n  = help: run it first: simulate {shown}"))
        }
        Ok(_) => {
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let help = format!("name the folder that it is in: simulate report {}", parent.display());
            Err(format!("error: {shown} is a file, not the folder of a report\n  = help: {help}"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(format!(
            "error: there is no folder {shown}\n  = help: name one that a run has written, for example reports/flash-sale"
        )),
        Err(error) => Err(format!("error: cannot look at {shown}: {error}\n  = help: name a folder that you may read")),
    }
}

fn manifest(folder: &Path) -> Result<Value, String> {
    let text = match fs::read(folder.join(MANIFEST)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(no_report(folder, "it has no manifest.json"));
        }
        Err(error) => return Err(no_report(folder, &format!("its manifest.json cannot be read ({error})"))),
    };
    let Ok(manifest) = serde_json::from_slice::<Value>(&text) else {
        return Err(no_report(folder, "its manifest.json is no JSON"));
    };
    if manifest["made_by"] != "queuecast" {
        return Err(no_report(folder, "its manifest.json was not written by simulate"));
    }
    if manifest["beside"].is_object() {
        return Err(format!(
            "error: {} is a page of two reports side by side\n  = help: draw it again from the two: simulate report A B",
            folder.display()
        ));
    }
    if manifest["schema_version"] != SCHEMA_VERSION {
        let (found, shown) = (&manifest["schema_version"], folder.display());
        return Err(format!(
            "error: {shown} is of schema_version {found}; this version reads {SCHEMA_VERSION}\n  = help: {}",
            again(folder)
        ));
    }
    Ok(manifest)
}

fn no_report(folder: &Path, why: &str) -> String {
    format!(
        "error: {} is no report: {why}\n  = help: name a folder that a run has written, for example reports/flash-sale",
        folder.display()
    )
}

fn not_as_left(folder: &Path, differing: &[String]) -> String {
    let missing = differing.iter().all(|words| words.ends_with("is missing"));
    let anyway = if missing { "" } else { "; or take them as they are with --anyway, and the pages say so" };
    format!(
        "error: {} is not as the run left it: {}\n  = help: {}{anyway}",
        folder.display(),
        differing.join(", "),
        again(folder)
    )
}

/// How to make the report anew.
fn again(folder: &Path) -> String {
    let resolved = folder.join("scenario.resolved.toml");
    if resolved.is_file() {
        return format!("run it again: simulate {} --out {}", resolved.display(), folder.display());
    }
    format!("run its scenario again with --out {}", folder.display())
}

/// Why files that are there cannot be drawn, with the remedy.
pub fn unreadable(folder: &Path, why: &Unreadable) -> String {
    const SHOWN: usize = 12;
    let list = |words: &[String]| {
        let more = words.len().saturating_sub(SHOWN);
        let shown = words[..words.len() - more].join(", ");
        if more == 0 { shown } else { format!("{shown} and {more} more") }
    };
    let (shown, again) = (folder.display(), again(folder));
    match why {
        Unreadable::Schema(words) => format!("error: {shown}: {words}\n  = help: {again}"),
        Unreadable::Lacks(paths) => format!(
            "error: {shown} lacks what its pages are drawn from: {}\n  = help: another version wrote it, or parts were taken \
             out; {again}",
            list(paths)
        ),
        Unreadable::Wrong(sentences) => {
            format!("error: {shown} cannot be drawn: {}\n  = help: {again}", list(sentences))
        }
    }
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
