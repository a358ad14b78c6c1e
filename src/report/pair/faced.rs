//! Whether two results faced the same orders: what decides it, and how it is said.
//!
//! Orders come from seed, model and the arrivals of the scenario; a measurement drives the very orders of a simulation, all
//! of them or (`--duration`, `--max-orders`) the first.

use super::Side;
use super::settings::{self, Setting};
use crate::measure::findings::Design;
use crate::report::words::count;

/// What decides which orders come, besides seed and model.
const OF_ARRIVALS: [&str; 5] = ["arrivals", "arrivals_scale", "repeat", "max_orders", "horizon"];

/// Which orders B faced, compared with A.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faced {
    /// The very orders, replication by replication.
    Same,
    /// One of them, a measurement, faced the first of the other's orders only: whether that is B, how many, and of how many.
    First {
        /// Whether B faced fewer.
        in_b: bool,
        /// Orders that both faced.
        both: u64,
        /// Orders of the other, in its first replication.
        of: u64,
    },
    /// Others.
    Others,
}

/// The arrivals' settings among those that differ.
pub(super) fn of_arrivals(settings: &[Setting]) -> Vec<&str> {
    let table = |key: &str| key.split(['.', '[']).next().is_some_and(|table| OF_ARRIVALS.contains(&table));
    settings.iter().map(|setting| setting.key.as_str()).filter(|key| table(key)).collect()
}

/// Which orders B faced.
pub(super) fn faced(a: &Side, b: &Side, settings: &[Setting]) -> Faced {
    let (one, other) = (&a.whole.subject, &b.whole.subject);
    if one.seed != other.seed || one.model != other.model || !of_arrivals(settings).is_empty() {
        return Faced::Others;
    }
    let is_measured = |side: &Side| side.whole.source == "measured";
    let Some((in_a, in_b)) = common(a, b).and_then(|design| offered(a, design).zip(offered(b, design))) else {
        return Faced::Others;
    };
    let as_many_runs = one.replications == other.replications;
    if !is_measured(a) && !is_measured(b) {
        let same = !as_many_runs || in_a == in_b;
        return if same { Faced::Same } else { Faced::Others };
    }
    // Other contents of the files that the arrivals come from would be other orders.
    let certain = one.fingerprint == other.fingerprint || !settings::arrivals_read_files(&one.resolved);
    let fewer_in_b = in_b < in_a || in_b == in_a && is_measured(b);
    let cut = if fewer_in_b { is_measured(b) } else { is_measured(a) };
    match (in_a == in_b, certain && cut) {
        (true, _) if as_many_runs => Faced::Same,
        (_, true) => Faced::First { in_b: fewer_in_b, both: in_a.min(in_b), of: in_a.max(in_b) },
        (_, false) => Faced::Others,
    }
}

/// The first design that both have.
fn common(a: &Side, b: &Side) -> Option<Design> {
    [Design::Buffered, Design::Direct].into_iter().find(|one| a.design(*one).is_some() && b.design(*one).is_some())
}

/// Orders offered in the first replication.
fn offered(side: &Side, design: Design) -> Option<u64> {
    let findings = &side.whole.findings;
    let first = findings.replicated.as_ref().map_or(findings, |several| &several.first);
    first.designs.iter().find(|found| found.design == design).map(|found| found.orders.offered)
}

/// What to say where one was measured and the other simulated, or two were measured.
pub(super) fn said(a: &Side, b: &Side, faced: Faced) -> Vec<String> {
    let mut said = Vec::new();
    let (one, other) = (&a.whole, &b.whole);
    let how = match (one.source == other.source, one.source.as_str()) {
        (true, "simulated") => return said,
        (true, _) => "Both were measured".to_owned(),
        (false, _) => format!("A was {}, B was {}", one.source, other.source),
    };
    said.push(match faced {
        Faced::Same => format!("{how}: they faced the same orders."),
        Faced::Others => format!("{how}: they did not face the same orders."),
        Faced::First { in_b, both, of } => {
            let (fewer, more, whole) = if in_b { ("B", "A", one) } else { ("A", "B", other) };
            let of_whom = match whole.subject.replications {
                1 => format!("of {more}"),
                _ => format!("of {more}'s first replication"),
            };
            match both == of {
                true => format!("{how}: {fewer} faced the same {} orders {of_whom}, and no others.", count(of)),
                false => format!(
                    "{how}: {fewer} faced only the first {} of the {} orders {of_whom}.",
                    count(both),
                    count(of)
                ),
            }
        }
    });
    for (letter, whole) in [("A", one), ("B", other)] {
        if let Some(found) = whole.subject.measured.as_ref().filter(|found| found.speed > 1) {
            said.push(format!(
                "{letter} was driven {} times as fast as its scenario says: its times are those driven, as many times shorter.",
                count(found.speed)
            ));
        }
    }
    said
}
