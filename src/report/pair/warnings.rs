//! Why differences between two results may not mean what they seem to.

use super::Side;
use super::settings::Setting;
use crate::measure::findings::Design;

/// What decides which orders come, besides the seed.
const OF_ARRIVALS: [&str; 5] = ["arrivals", "arrivals_scale", "repeat", "max_orders", "horizon"];

fn table_of(setting: &Setting) -> &str {
    setting.key.split(['.', '[']).next().unwrap_or_default()
}

/// Orders offered by the first design that both have, in each.
fn offered(a: &Side, b: &Side) -> Option<(u64, u64)> {
    let both = |design: Design| Some((a.design(design)?.orders.offered, b.design(design)?.orders.offered));
    both(Design::Buffered).or_else(|| both(Design::Direct))
}

/// Whether replication k of B faced the very orders of replication k of A.
pub(super) fn same_orders(a: &Side, b: &Side, settings: &[Setting]) -> bool {
    let (one, other) = (&a.whole.subject, &b.whole.subject);
    let simulated = a.whole.source == "simulated" && b.whole.source == "simulated";
    let arrivals = settings.iter().any(|setting| OF_ARRIVALS.contains(&table_of(setting)));
    let as_many = one.replications != other.replications || offered(a, b).is_some_and(|(a, b)| a == b);
    simulated && one.seed == other.seed && !arrivals && as_many && one.model == other.model
}

/// All that there are, weightiest first.
pub(super) fn warnings(a: &Side, b: &Side, settings: &[Setting], same_orders: bool) -> Vec<String> {
    let (one, other) = (&a.whole.subject, &b.whole.subject);
    let mut said = Vec::new();
    if a.whole.source != b.whole.source {
        said.push(format!("A was {}, B was {}: they did not face the same orders.", a.whole.source, b.whole.source));
    }
    if one.model != other.model {
        said.push(format!(
            "A was simulated by model {}, B by model {}: rules changed between them.",
            one.model, other.model
        ));
    }
    if one.version != other.version {
        said.push(format!("A was found by version {}, B by version {}.", one.version, other.version));
    }
    let arrivals: Vec<&str> = settings
        .iter()
        .filter(|setting| OF_ARRIVALS.contains(&table_of(setting)))
        .map(|setting| setting.key.as_str())
        .collect();
    if !arrivals.is_empty() {
        said.push(format!("The arrivals differ ({}): the two did not face the same orders.", few(&arrivals)));
    }
    if one.seed != other.seed {
        said.push(format!("The seeds differ ({} and {}): part of every difference is chance.", one.seed, other.seed));
    } else if arrivals.is_empty() && !same_orders && one.replications == other.replications && one.model == other.model
    {
        said.push(
            "The orders offered differ although seed and arrivals do not: a file that is read may have changed.".into(),
        );
    }
    said.extend(replications(a, b, same_orders));
    for design in [Design::Buffered, Design::Direct] {
        match (a.design(design).is_some(), b.design(design).is_some()) {
            (true, false) => said.push(format!("Only A has {}; it is left out.", design.name())),
            (false, true) => said.push(format!("Only B has {}; it is left out.", design.name())),
            _ => {}
        }
    }
    for (side, name) in [(a, "A"), (b, "B")] {
        said.extend(side.edited.iter().map(|file| format!("{file} of {name} was changed after its run.")));
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
fn replications(a: &Side, b: &Side, same_orders: bool) -> Option<String> {
    let (one, other) = (a.whole.subject.replications, b.whole.subject.replications);
    if one < 2 || other < 2 {
        let runs = match (one, other) {
            (1, 1) => "Each is a single run".to_owned(),
            (1, _) => "A is a single run".to_owned(),
            _ => "B is a single run".to_owned(),
        };
        return Some(format!(
            "{runs}: the differences have no error bars. Run both with --replications 10 to get them."
        ));
    }
    if one != other {
        return Some(format!(
            "A has {one} replications, B {other}: they are compared as independent samples, not in pairs."
        ));
    }
    (!same_orders)
        .then(|| "On other orders the replications are compared as independent samples, not in pairs.".to_owned())
}
