//! Reads a scenario file from disk.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::scenario::diagnostics::nearest;

/// A scenario is a page of text; anything of this size is another file.
const LARGEST_FILE: u64 = 10_000_000;

/// A scenario file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user typed it, for messages; paths in the scenario are relative to its folder.
    pub shown: String,
    /// The file's stem.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl Source {
    /// The folder that paths in it are relative to: that of the file, or the working folder without one.
    pub fn folder(&self) -> PathBuf {
        Path::new(&self.shown).parent().map(Path::to_path_buf).unwrap_or_default()
    }
}

/// Reads a file; `-` is standard input.
///
/// # Errors
///
/// A message that names the file, what is the matter with it, and what to do.
pub fn read(path: &Path) -> Result<Source, String> {
    let shown = path.display().to_string();
    if shown == "-" {
        return read_standard_input(std::io::stdin().lock());
    }
    let about = fs::metadata(path).map_err(|error| cannot_read(path, &shown, error.kind(), &error.to_string()))?;
    if about.is_dir() {
        return Err(format!("{shown}: this is a folder, not a scenario file{}", files_in(path)));
    }
    // Not by the length it claims: a pipe or device claims none and may never end.
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot_read(path, &shown, error.kind(), &error.to_string()))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!("{shown}: too large for a scenario, the limit is 10 MB; give the path of a scenario file"));
    }
    let text = utf8(bytes, &shown)?;
    let name = path.file_stem().map_or_else(|| "scenario".to_string(), |stem| stem.to_string_lossy().into_owned());
    Ok(Source { shown, name, text })
}

/// What is piped in is called `stdin`, and so is the folder of its report.
fn read_standard_input(input: impl Read) -> Result<Source, String> {
    let (shown, name) = ("standard input".to_string(), "stdin".to_string());
    let mut bytes = Vec::new();
    input
        .take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("{shown}: cannot be read: {error}"))?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!("{shown}: too large for a scenario, the limit is 10 MB; pipe in a scenario file"));
    }
    let text = utf8(bytes, &shown)?;
    if text.trim().is_empty() {
        return Err(format!("{shown}: it is empty; pipe in a scenario, for example: simulate - < sale.toml"));
    }
    Ok(Source { shown, name, text })
}

fn utf8(bytes: Vec<u8>, shown: &str) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        format!("{shown}: line {line} is not UTF-8; save the file as UTF-8 text")
    })
}

fn cannot_read(path: &Path, shown: &str, kind: ErrorKind, reason: &str) -> String {
    match kind {
        ErrorKind::NotFound => format!("{shown}: there is no such file{}", near(path)),
        ErrorKind::PermissionDenied => format!("{shown}: permission denied; make the file readable for you"),
        _ => format!("{shown}: cannot be read: {reason}"),
    }
}

/// The scenario in the same folder whose name is nearest.
fn near(path: &Path) -> String {
    let folder = folder_of(path);
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let names = scenarios_in(&folder);
    let with_ending = format!("{wanted}.toml");
    let found = names
        .iter()
        .find(|name| **name == with_ending)
        .map(String::as_str)
        .or_else(|| nearest(&wanted, names.iter().map(String::as_str)));
    match found {
        Some(name) => format!("; did you mean {}?", path.with_file_name(name).display()),
        None if !folder.is_dir() => format!("; there is no folder {}", folder.display()),
        None => "; give the path of a scenario file (*.toml)".to_string(),
    }
}

fn files_in(folder: &Path) -> String {
    match scenarios_in(folder).first() {
        Some(name) => format!("; did you mean {}?", folder.join(name).display()),
        None => "; give the path of a scenario file (*.toml)".to_string(),
    }
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Names of the `.toml` files of a folder, in alphabetical order.
fn scenarios_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_a_scenario_is_named_with_a_remedy() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("sale.toml"), "seed = 1\n").expect("written");
        fs::write(at("latin.toml"), b"a = 1\nb = \"\xe9\"\n").expect("written");
        let refused = |path: &Path| read(path).expect_err("refused");
        assert!(refused(&at("sole.toml")).contains("did you mean") && refused(&at("sole.toml")).contains("sale.toml?"));
        assert!(refused(&at("sale")).contains("sale.toml?"));
        assert!(refused(folder.path()).contains("folder"));
        assert!(refused(&at("latin.toml")).contains("line 2 is not UTF-8"));
        assert!(refused(&at("none/sale.toml")).contains("there is no folder"));
        let piped = |bytes: &[u8]| read_standard_input(bytes);
        assert!(piped(b" \n").expect_err("nothing in it").contains("it is empty"));
        assert!(piped(b"a = 1\n\xff").expect_err("bytes").contains("line 2 is not UTF-8"));
        assert!(piped(&vec![b'#'; 10_000_001]).expect_err("too large").contains("10 MB"));
        let source = piped(b"seed = 1\n").expect("read");
        assert_eq!((source.shown.as_str(), source.name.as_str()), ("standard input", "stdin"));
        let large = fs::File::create(at("large.toml")).expect("created");
        large.set_len(LARGEST_FILE + 1).expect("stretched");
        assert!(refused(&at("large.toml")).contains("10 MB"));
        let read = read(&at("sale.toml")).expect("read");
        assert_eq!((read.name.as_str(), read.text.as_str()), ("sale", "seed = 1\n"));
    }
}
