//! From the text of a file to a checked scenario, or to all its mistakes.

use toml::de::DeTable;

use crate::scenario::diagnostics::{Mistake, Place, Text, render};
use crate::scenario::files::Files;
use crate::scenario::overrides::{self, Overrides};
use crate::scenario::source::Source;
use crate::scenario::what_if::Change;
use crate::scenario::{Scenario, Variation, advice, check, estimate, rules, run, tree};

/// A scenario that can be run.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// What it means.
    pub scenario: Scenario,
    /// The scenario with every default filled in, as a file of its own (`scenario.resolved.toml`).
    pub resolved: String,
    /// blake3 of the resolved scenario without its comments, 64 hexadecimal digits.
    pub fingerprint: String,
    /// Legal but unwise: whole sentences.
    pub notes: Vec<String>,
}

/// Checks a scenario.
///
/// # Errors
///
/// All mistakes at once, as text without colour, ended by how many they are.
pub fn load(source: &Source, overrides: &Overrides) -> Result<Loaded, String> {
    let mut texts = vec![Text { shown: source.shown.clone(), text: source.text.clone() }];
    let mut mistakes = Vec::new();
    let mut files = Files::beside(source.folder());
    let understood = understand(source, overrides, &mut files, &mut texts, &mut mistakes);
    let Some((mut loaded, changes)) = understood.filter(|_| mistakes.is_empty()) else {
        return Err(render(&texts, mistakes));
    };
    for change in changes {
        match vary(source, overrides, &mut files, &change) {
            Ok(scenario) => {
                let Change { change, set, .. } = change;
                loaded.scenario.what_if.push(Variation { change, set, scenario });
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(loaded) } else { Err(render(&texts, mistakes)) }
}

/// Reads and checks; the changes that are to be run beside it are only read.
fn understand(
    source: &Source,
    overrides: &Overrides,
    files: &mut Files,
    texts: &mut Vec<Text>,
    mistakes: &mut Vec<Mistake>,
) -> Option<(Loaded, Vec<Change>)> {
    let parsed = DeTable::parse(&source.text).map_err(|error| mistakes.push(syntax(&error, &source.text))).ok()?;
    let mut tree = tree::table(parsed.get_ref(), 0, 0);
    overrides::apply(&mut tree, texts, mistakes, overrides);
    files.read_into(&mut tree, mistakes);
    let (scenario, resolved, changes) = run::scenario(&tree, &source.name, mistakes);
    check::timeouts(&scenario, &tree, mistakes);
    check::room(&scenario, &tree, mistakes);
    rules::refuse(&scenario, &tree, mistakes);
    // Sums over broken arrivals would only add mistakes that nobody made.
    let mut notes = Vec::new();
    if mistakes.is_empty() {
        let estimate = estimate::of(&scenario.workload, scenario.horizon, &scenario.buffered);
        check::window(&scenario, &tree, estimate.span, mistakes);
        // A forecast that may be off must fit all the same.
        let doubted = scenario.arrivals_scale.map(|scale| {
            estimate::of(&scenario.workload.scaled(scale.p99.max(1.0)), scenario.horizon, &scenario.buffered)
        });
        check::size(&scenario, &tree, &doubted.unwrap_or(estimate), estimate::machine_memory(), mistakes);
        notes = advice::notes(&scenario, &tree, &estimate);
    }
    let loaded = Loaded { scenario, resolved: resolved.text(), fingerprint: resolved.fingerprint(), notes };
    Some((loaded, changes))
}

/// The scenario with a change on top of everything else.
fn vary(source: &Source, overrides: &Overrides, files: &mut Files, change: &Change) -> Result<Scenario, Mistake> {
    let mut changed = overrides.clone();
    changed.set.extend(change.set.iter().cloned());
    let (mut texts, mut mistakes) = (vec![Text { shown: source.shown.clone(), text: source.text.clone() }], Vec::new());
    let understood = understand(source, &changed, files, &mut texts, &mut mistakes);
    match (understood, mistakes.first()) {
        (Some((loaded, _)), None) => Ok(loaded.scenario),
        (_, first) => {
            let reason = first.map_or("it cannot be read", |mistake| mistake.message());
            let mistake = Mistake::at(change.place, format!("this what-if cannot be run: {reason}"));
            Err(mistake.help("try it with --set, which says more"))
        }
    }
}

/// The first syntax error; what follows it is mostly its own echo.
fn syntax(error: &toml::de::Error, text: &str) -> Mistake {
    let span = error.span().unwrap_or(0..0);
    let at = text.get(span.clone()).unwrap_or_default().trim();
    let (message, help) = if error.message().contains("duplicate key") {
        (
            format!("`{at}` stands here a second time"),
            "a key or [table] may stand only once; join or remove".to_string(),
        )
    } else if error.message().starts_with("string values must be quoted") && at.is_empty() {
        ("a value is missing".to_string(), "write key = value, or remove the line".to_string())
    } else if error.message().starts_with("string values must be quoted") {
        (format!("{at:?} is not in quotes"), format!("write \"{at}\": text and values with units are quoted"))
    } else {
        let help = "TOML wants key = value, text in \"quotes\", and [table] or [[list]] on a line of its own";
        (error.message().to_string(), help.to_string())
    };
    Mistake::at(Place { text: 0, start: span.start, end: span.end }, message).help(help)
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
