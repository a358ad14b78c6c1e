//! From the text of a file to a checked scenario, or to all its mistakes.

use toml::de::DeTable;

use crate::scenario::diagnostics::{Mistake, Place, Text, render};
use crate::scenario::overrides::{self, Overrides};
use crate::scenario::source::Source;
use crate::scenario::{Scenario, advice, check, estimate, rules, run, tree};

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
    let parsed = match DeTable::parse(&source.text) {
        Ok(parsed) => parsed,
        Err(error) => return Err(render(&texts, vec![syntax(&error, &source.text)])),
    };
    let mut mistakes = Vec::new();
    let mut tree = tree::table(parsed.get_ref(), 0, 0);
    overrides::apply(&mut tree, &mut texts, &mut mistakes, overrides);
    let (scenario, resolved) = run::scenario(&tree, &source.name, &mut mistakes);
    check::timeouts(&scenario, &tree, &mut mistakes);
    check::room(&scenario, &tree, &mut mistakes);
    rules::refuse(&scenario, &tree, &mut mistakes);
    // Sums over broken arrivals would only add mistakes that nobody made.
    let mut notes = Vec::new();
    if mistakes.is_empty() {
        let estimate = estimate::of(&scenario.workload, scenario.horizon, &scenario.buffered);
        check::window(&scenario, &tree, estimate.span, &mut mistakes);
        check::size(&scenario, &tree, &estimate, estimate::machine_memory(), &mut mistakes);
        notes = advice::notes(&scenario, &tree, &estimate);
    }
    if !mistakes.is_empty() {
        return Err(render(&texts, mistakes));
    }
    Ok(Loaded { scenario, resolved: resolved.text(), fingerprint: resolved.fingerprint(), notes })
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
