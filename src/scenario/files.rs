//! The files that a scenario names: read once each, before its tables are, and put in the place of their names.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::random::SampleTable;
use crate::scenario::diagnostics::Mistake;
use crate::scenario::rows::Trouble;
use crate::scenario::tree::{Node, Table, Value};
use crate::scenario::values::quoted;
use crate::scenario::{samples, trace};
use crate::workload::trace::Trace;

/// A file as a value of the scenario.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Its name as written.
    pub written: String,
    /// What is in it; `None` after a mistake, which was told.
    pub content: Option<Content>,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Arrivals.
    Trace(Trace),
    /// Durations, and their hash.
    Samples(&'static SampleTable, [u8; 32]),
}

impl DataFile {
    /// What follows the value in the resolved scenario: the contents count, not the name alone.
    pub fn mark(&self) -> String {
        let digest = match &self.content {
            Some(Content::Trace(trace)) => trace.facts.digest,
            Some(Content::Samples(_, digest)) => *digest,
            None => return String::new(),
        };
        format!("  # blake3 {}", blake3::Hash::from_bytes(digest).to_hex())
    }

    /// Its name as TOML.
    pub fn name(&self) -> String {
        quoted(&self.written)
    }
}

/// What kind of file a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Trace,
    Samples,
}

/// The files read so far, so that a scenario and its variations read each once.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    known: BTreeMap<(Kind, String), Result<Content, Vec<Trouble>>>,
}

impl Files {
    /// Paths are relative to this folder.
    pub fn beside(folder: PathBuf) -> Files {
        Files { folder, known: BTreeMap::new() }
    }

    /// Replaces the names of files in the tree by what is in them: `trace` of each phase, and `samples` wherever it stands.
    pub fn read_into(&mut self, tree: &mut Table, mistakes: &mut Vec<Mistake>) {
        for entry in &mut tree.0 {
            if let ("arrivals", Value::List(phases)) = (entry.key.as_str(), &mut entry.node.value) {
                for phase in phases {
                    if let Value::Table(phase) = &mut phase.value {
                        self.replace(phase, "trace", Kind::Trace, mistakes);
                    }
                }
            }
        }
        self.samples_of(tree, mistakes);
    }

    fn samples_of(&mut self, table: &mut Table, mistakes: &mut Vec<Mistake>) {
        self.replace(table, "samples", Kind::Samples, mistakes);
        for entry in &mut table.0 {
            self.samples_in(&mut entry.node, mistakes);
        }
    }

    fn samples_in(&mut self, node: &mut Node, mistakes: &mut Vec<Mistake>) {
        match &mut node.value {
            Value::Table(table) => self.samples_of(table, mistakes),
            Value::List(values) => values.iter_mut().for_each(|value| self.samples_in(value, mistakes)),
            Value::Text(_) | Value::Number { .. } | Value::Truth(_) | Value::Date | Value::File(_) => {}
        }
    }

    fn replace(&mut self, table: &mut Table, key: &str, kind: Kind, mistakes: &mut Vec<Mistake>) {
        let Some(entry) = table.0.iter_mut().find(|entry| entry.key == key) else { return };
        let Value::Text(written) = &entry.node.value else { return };
        let written = written.clone();
        let path = self.folder.join(&written);
        let read = self.known.entry((kind, written.clone())).or_insert_with(|| match kind {
            Kind::Trace => trace::read(&path).map(Content::Trace),
            Kind::Samples => samples::read(&path).map(|(table, digest)| Content::Samples(table, digest)),
        });
        if let Err(troubles) = read {
            for trouble in troubles {
                let line = trouble.line.map(|line| format!(", line {line}")).unwrap_or_default();
                let message = format!("`{key}`: {}{line}: {}", path.display(), trouble.message);
                mistakes.push(Mistake::at(entry.node.place, message).help(trouble.help.clone()));
            }
        }
        entry.node.value = Value::File(DataFile { written, content: read.as_ref().ok().cloned() });
    }
}

/// Opens a file of data. It must be one that can be read again and again.
pub fn open(path: &Path) -> Result<(File, Metadata), Trouble> {
    const HELP: &str = "paths are relative to the scenario file, or to the working folder without one";
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Trouble::of_file("there is no such file", HELP),
        ErrorKind::PermissionDenied => Trouble::of_file("permission denied", "make the file readable for you"),
        _ => Trouble::of_file(format!("it cannot be read: {error}"), HELP),
    };
    // Asked before it is opened: opening a pipe waits for whoever writes into it.
    let about = fs::metadata(path).map_err(failed)?;
    if about.is_dir() {
        return Err(Trouble::of_file("this is a folder", "give the path of a CSV file"));
    }
    if !about.is_file() {
        return Err(Trouble::of_file("this is no ordinary file", "save it as a file: it is read more than once"));
    }
    Ok((File::open(path).map_err(failed)?, about))
}
