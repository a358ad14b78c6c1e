//! Why differences between two results may not mean what they seem to.

use super::Side;
use super::faced::{self, Faced};
use super::settings::Setting;
use crate::measure::findings::Design;

/// All that there are, weightiest first.
pub(super) fn warnings(a: &Side, b: &Side, settings: &[Setting], faced: Faced) -> Vec<String> {
    let (one, other) = (&a.whole.subject, &b.whole.subject);
    let mut said = faced::said(a, b, faced);
    if one.model != other.model {
        said.push(format!(
            "A was simulated by model {}, B by model {}: rules changed between them.",
            one.model, other.model
        ));
    }
    if one.version != other.version {
        said.push(format!("A was found by version {}, B by version {}.", one.version, other.version));
    }
    let arrivals = faced::of_arrivals(settings);
    if !arrivals.is_empty() {
        said.push(format!("The arrivals differ ({}): the two did not face the same orders.", few(&arrivals)));
    }
    if one.seed != other.seed {
        said.push(format!("The seeds differ ({} and {}): part of every difference is chance.", one.seed, other.seed));
    } else if arrivals.is_empty()
        && faced == Faced::Others
        && one.replications == other.replications
        && one.model == other.model
    {
        said.push(
            "The orders offered differ although seed and arrivals do not: a file that is read may have changed.".into(),
        );
    }
    said.extend(replications(a, b, faced));
    for design in [Design::Buffered, Design::Direct] {
        match (a.design(design).is_some(), b.design(design).is_some()) {
            (true, false) => said.push(format!("Only A has {}; it is left out.", design.name())),
            (false, true) => said.push(format!("Only B has {}; it is left out.", design.name())),
            _ => {}
        }
    }
    for (side, name) in [(a, "A"), (b, "B")] {
        said.extend(side.altered.sentences(&format!(" of {name}"), "its run"));
    }
    said
}

fn few(keys: &[&str]) -> String {
    const SHOWN: usize = 4;
    match keys.len().saturating_sub(SHOWN) {
        0 => keys.join(", "),
        more => format!("{} and {more} more", keys[..SHOWN].join(", ")),
    }
}

/// How much is known of chance.
fn replications(a: &Side, b: &Side, faced: Faced) -> Option<String> {
    let (one, other) = (a.whole.subject.replications, b.whole.subject.replications);
    if one < 2 || other < 2 {
        let runs = match (one, other) {
            (1, 1) => "Each is a single run".to_owned(),
            (1, _) => "A is a single run".to_owned(),
            _ => "B is a single run".to_owned(),
        };
        // A measurement is one run.
        let measured = a.whole.subject.measured.is_some() || b.whole.subject.measured.is_some();
        let remedy = if measured { "" } else { " Run both with --replications 10 to get them." };
        return Some(format!("{runs}: the differences have no error bars.{remedy}"));
    }
    if one != other {
        return Some(format!(
            "A has {one} replications, B {other}: they are compared as independent samples, not in pairs."
        ));
    }
    (faced != Faced::Same)
        .then(|| "On other orders the replications are compared as independent samples, not in pairs.".to_owned())
}
