//! `[[expect]]`: claims held against results.json.
//!
//! A path leads to a number of the document; `null` (a percentile whose rank was never confirmed, a queue that never
//! drained) is longer than any number. A share is of the orders offered to the design that the path begins with.

use serde_json::Value;

use super::slo::holds;
use crate::measure::findings::{ClaimVerdict, Design};
use crate::scenario::{Expect, Right};

/// Judges every claim about designs that were run.
///
/// # Errors
///
/// A path that leads nowhere, in words: a claim about nothing is a mistake, never a pass.
pub fn judge(claims: &[Expect], document: &Value, ran: &[Design]) -> Result<Vec<ClaimVerdict>, String> {
    let judged = claims.iter().filter(|claim| is_about(claim, ran));
    judged
        .map(|claim| {
            let held = evaluate(claim, document).map_err(|reason| format!("`that = {:?}`: {reason}", claim.that))?;
            Ok(ClaimVerdict { claim: claim.claim.clone(), that: claim.that.clone(), held })
        })
        .collect()
}

/// Whether every design that the claim speaks of was run; the comparison needs both.
fn is_about(claim: &Expect, ran: &[Design]) -> bool {
    let known = |path: &str| match path.split('.').next() {
        Some("comparison") => ran.len() == 2,
        Some(root) => ran.iter().any(|design| design.name() == root) || !["buffered", "direct"].contains(&root),
        None => true,
    };
    let right = match &claim.right {
        Right::Path { path, .. } => known(path),
        Right::Number(_) | Right::Share(_) => true,
    };
    known(&claim.path) && right
}

fn evaluate(claim: &Expect, document: &Value) -> Result<bool, String> {
    let left = look_up(document, &claim.path)?;
    let right = match &claim.right {
        Right::Number(number) => *number,
        Right::Share(share) => share * offered(document, &claim.path)?,
        Right::Path { factor, path } => factor * look_up(document, path)?,
    };
    Ok(holds(left, claim.op, right))
}

fn offered(document: &Value, path: &str) -> Result<f64, String> {
    let root = path.split('.').next().unwrap_or_default();
    look_up(document, &format!("{root}.orders.offered"))
        .map_err(|_| format!("a share is of the orders offered to a design, and `{path}` begins with none"))
}

/// The number at a path, `buffered.limits[0].bound_s`; never is infinite.
fn look_up(document: &Value, path: &str) -> Result<f64, String> {
    let mut place = document;
    let mut walked = String::new();
    for (index, step) in path.split('.').enumerate() {
        let (name, item) = match step.strip_suffix(']').and_then(|step| step.split_once('[')) {
            Some((name, item)) => (name, item.parse::<usize>().ok()),
            None => (step, None),
        };
        if index == 0 && name != "comparison" {
            place = &document["designs"];
        }
        let found = place.get(name).and_then(|found| item.map_or(Some(found), |item| found.get(item)));
        place = found.ok_or_else(|| leads_nowhere(path, name, &walked, place))?;
        walked = if walked.is_empty() { step.to_owned() } else { format!("{walked}.{step}") };
    }
    match place {
        Value::Null => Ok(f64::INFINITY),
        Value::Number(number) => number.as_f64().ok_or_else(|| format!("`{path}` is not a number")),
        Value::Object(_) | Value::Array(_) => Err(format!("`{path}` is not a number; go on with {}", keys(place))),
        Value::Bool(_) | Value::String(_) => Err(format!("`{path}` is not a number")),
    }
}

fn leads_nowhere(path: &str, name: &str, walked: &str, place: &Value) -> String {
    let inside = if walked.is_empty() { "the results".to_owned() } else { format!("`{walked}`") };
    format!("`{path}` leads nowhere: there is no `{name}` in {inside}, only {}", keys(place))
}

fn keys(place: &Value) -> String {
    match place {
        Value::Object(entries) => entries.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        Value::Array(items) => format!("[0] to [{}]", items.len().saturating_sub(1)),
        _ => "a value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Op;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "designs": {
                "buffered": { "orders": { "offered": 200, "confirmed": 199 }, "limits": [{ "bound_s": 2.5 }] },
                "direct": { "orders": { "offered": 200, "confirmed": 90 }, "latency_s": { "p99": null } }
            },
            "comparison": { "confirmed": { "difference": -109 } }
        })
    }

    fn claim(path: &str, op: Op, right: Right) -> Expect {
        Expect { claim: "c".into(), that: "t".into(), path: path.into(), op, right }
    }

    fn held(path: &str, op: Op, right: Right) -> Result<bool, String> {
        evaluate(&claim(path, op, right), &document())
    }

    #[test]
    fn numbers_shares_and_paths_are_compared() {
        assert_eq!(held("buffered.orders.confirmed", Op::Equal, Right::Number(199.0)), Ok(true));
        assert_eq!(held("buffered.orders.confirmed", Op::AtLeast, Right::Share(0.995)), Ok(true));
        assert_eq!(held("buffered.orders.confirmed", Op::AtLeast, Right::Share(0.996)), Ok(false));
        let twice = Right::Path { factor: 2.0, path: "direct.orders.confirmed".into() };
        assert_eq!(held("buffered.orders.confirmed", Op::Above, twice), Ok(true));
        assert_eq!(held("buffered.limits[0].bound_s", Op::Below, Right::Number(2.5)), Ok(false));
        assert_eq!(held("comparison.confirmed.difference", Op::Below, Right::Number(0.0)), Ok(true));
    }

    #[test]
    fn never_is_longer_than_any_number() {
        assert_eq!(held("direct.latency_s.p99", Op::Above, Right::Number(1e300)), Ok(true));
        assert_eq!(held("direct.latency_s.p99", Op::AtMost, Right::Number(1e300)), Ok(false));
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_error_that_says_what_is_there() {
        let error = held("buffered.orders.confirmd", Op::Equal, Right::Number(1.0)).unwrap_err();
        let there = "there is no `confirmd` in `buffered.orders`, only offered, confirmed";
        assert_eq!(error, format!("`buffered.orders.confirmd` leads nowhere: {there}"));
        assert!(held("buffered.orders", Op::Equal, Right::Number(1.0)).is_err());
        assert!(held("buffered.limits[1].bound_s", Op::Equal, Right::Number(1.0)).is_err());
    }

    #[test]
    fn a_claim_about_a_design_that_was_not_run_is_not_judged() {
        let about_direct = claim("direct.orders.confirmed", Op::Equal, Right::Number(90.0));
        let judged = judge(std::slice::from_ref(&about_direct), &document(), &[Design::Buffered]);
        assert_eq!(judged, Ok(Vec::new()));
        let both = judge(&[about_direct], &document(), &[Design::Buffered, Design::Direct]).unwrap();
        assert!(both[0].held);
    }
}
