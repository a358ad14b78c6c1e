//! The manifest: what a run has created or was about to create, on disk before the call is made.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::live::sdk::Place;

/// Whoever reads a file must know it as ours.
const MADE_BY: &str = "queuecast live";

/// What kind of thing was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An SQS queue; its id is the URL.
    Queue,
    /// A Step Functions state machine; its id is the ARN.
    StateMachine,
    /// A Lambda function; its id is the ARN.
    Function,
    /// An event source mapping; its id is the UUID, its name that of its function.
    Mapping,
    /// Executions of a state machine that was there before, whose ARN is the id: those of the run that still run.
    Executions,
    /// Messages in a queue that was there before, whose URL is the id: those of the run.
    Messages,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// Its name, which was chosen here.
    pub name: String,
    /// What the service calls it; `None` while nobody knows whether the call arrived.
    pub id: Option<String>,
}

/// What a run has created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    made_by: String,
    /// The run, which is in every name and every tag.
    pub run: String,
    /// Where it was created.
    pub place: Place,
    /// On AWS: the account in which.
    #[serde(default)]
    pub account: Option<String>,
    /// Whether the server was started by the run itself: with its end all of it is gone.
    pub own_server: bool,
    /// In the order of creation.
    pub resources: Vec<Resource>,
    #[serde(skip)]
    path: PathBuf,
}

impl Manifest {
    /// Of a run that is about to begin, in `folder`.
    ///
    /// # Errors
    ///
    /// It cannot be written, in words.
    pub fn create(
        folder: &Path,
        run: &str,
        (place, account): (&Place, Option<&str>),
        own_server: bool,
    ) -> Result<Manifest, String> {
        fs::create_dir_all(folder).map_err(|error| trouble(folder, &error))?;
        let manifest = Manifest {
            made_by: MADE_BY.into(),
            run: run.into(),
            place: place.clone(),
            account: account.map(str::to_owned),
            own_server,
            resources: Vec::new(),
            path: folder.join(format!("{run}.json")),
        };
        manifest.save()?;
        Ok(manifest)
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is none of ours.
    pub fn read(path: &Path) -> Result<Manifest, String> {
        let text = fs::read_to_string(path).map_err(|error| trouble(path, &error))?;
        let read: Result<Manifest, _> = serde_json::from_str(&text);
        match read {
            Ok(manifest) if manifest.made_by == MADE_BY => Ok(Manifest { path: path.to_path_buf(), ..manifest }),
            _ => Err(format!("error: {} is no manifest of a measurement; it is left alone", path.display())),
        }
    }

    /// All manifests in a folder, in the order of their names; none if there is no such folder.
    pub fn all_in(folder: &Path) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        paths.sort();
        paths
    }

    /// Something is about to be created.
    ///
    /// # Errors
    ///
    /// It cannot be written down; then nothing may be created.
    pub fn announce(&mut self, kind: Kind, name: &str) -> Result<(), String> {
        self.resources.push(Resource { kind, name: name.into(), id: None });
        self.save()
    }

    /// Something that is there already will hold what the run makes.
    ///
    /// # Errors
    ///
    /// It cannot be written down; then nothing may be made there.
    pub fn uses(&mut self, kind: Kind, name: &str, id: &str) -> Result<(), String> {
        self.resources.push(Resource { kind, name: name.into(), id: Some(id.into()) });
        self.save()
    }

    /// It was.
    ///
    /// # Errors
    ///
    /// It cannot be written down.
    pub fn created(&mut self, kind: Kind, name: &str, id: &str) -> Result<(), String> {
        for resource in self.resources.iter_mut().filter(|one| one.kind == kind && one.name == name) {
            resource.id = Some(id.into());
        }
        self.save()
    }

    /// It is gone, or never was there.
    ///
    /// # Errors
    ///
    /// It cannot be written down.
    pub fn removed(&mut self, resource: &Resource) -> Result<(), String> {
        self.resources.retain(|one| one != resource);
        self.save()
    }

    /// Nothing is left: the file goes too, and its folder if it is empty.
    pub fn discard(&self) {
        let _ = fs::remove_file(&self.path);
        let _ = self.path.parent().map(fs::remove_dir);
    }

    /// In one step, so that whoever is stopped in the middle leaves the old or the new one.
    fn save(&self) -> Result<(), String> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| trouble(folder, &error))?;
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all());
        written.map_err(|error| trouble(&self.path, &error))?;
        file.persist(&self.path).map_err(|error| trouble(&self.path, &error.error))?;
        Ok(())
    }
}

fn trouble(path: &Path, error: &std::io::Error) -> String {
    format!("error: {}: {error}\n  = help: name a folder that you may write with --manifests", path.display())
}
