//! Ctrl-C: nothing half-written is left, and the exit status is 1.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The temporary folder a report is being written into, if one is.
static BEING_WRITTEN: Mutex<Option<PathBuf>> = Mutex::new(None);

/// From here on Ctrl-C (and termination) clears away what is half-written and ends the process.
pub(super) fn listen() {
    listen_before(|| false);
}

/// The same, but `take` is asked first: true if somebody else sees to the end of the process.
pub(super) fn listen_before(take: impl Fn() -> bool + Send + 'static) {
    // A second handler is refused, which only happens where a caller has one already: then theirs stays.
    let _ = ctrlc::set_handler(move || {
        if take() {
            return;
        }
        if let Ok(folder) = BEING_WRITTEN.lock()
            && let Some(folder) = folder.as_deref()
        {
            let _ = std::fs::remove_dir_all(folder);
        }
        eprintln!("interrupted: no report was written");
        std::process::exit(1);
    });
}

/// Tells which folder to clear away; `None` when the report is in place.
pub(super) fn writing(folder: Option<&Path>) {
    if let Ok(mut place) = BEING_WRITTEN.lock() {
        *place = folder.map(Path::to_path_buf);
    }
}
