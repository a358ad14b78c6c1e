//! `simulate check`: a scenario as it is understood, before anything is run. What is printed is a scenario file itself.

use super::options::CheckOptions;
use super::sketch::{COLUMNS, sketch};
use super::subject::subject;
use super::{Ending, load_changed, predict, print};
use crate::experiment::run::latest_arrivals_end;
use crate::measure::findings::Design;
use crate::scenario::{Loaded, load_curve};

/// Columns of a note, its comment sign and indentation left out.
const WIDTH: usize = 76;

/// Does it.
pub(super) fn check(options: &CheckOptions, unicode: bool) -> Result<(), Ending> {
    let loaded = load_changed(&options.scenario, &options.changes, options.replications)?;
    let subject = subject(&loaded, latest_arrivals_end(&loaded.scenario));
    predict::check_claims(&loaded, &subject, &[Design::Buffered, Design::Direct])?;
    print(&text(&loaded, unicode))
}

/// The resolved scenario, and as comments below it the load curve and the notes.
fn text(loaded: &Loaded, unicode: bool) -> String {
    let curve = load_curve(&loaded.scenario, COLUMNS);
    let mut comments = vec![String::new()];
    comments.extend(sketch(&curve, unicode));
    if !loaded.notes.is_empty() {
        comments.push(String::new());
    }
    for note in &loaded.notes {
        comments.extend(listed(note));
    }
    let mut text = format!("{}\n", loaded.resolved);
    for line in comments.into_iter().skip(1) {
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
    text
}

/// A note as an item of a list, broken between words.
fn listed(note: &str) -> Vec<String> {
    let mut lines = vec!["-".to_string()];
    for word in note.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.chars().count() + 1 + word.chars().count() <= WIDTH || line.trim().len() <= 1 {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("  {word}"));
        }
    }
    lines
}
