//! `[[expect]]`: claims about the results. Here only their form is checked; whether a path exists shows when it is
//! looked up, and an unknown one is an error, never a pass.

use crate::scenario::diagnostics::{Mistake, suggestion};
use crate::scenario::reader::Reader;
use crate::scenario::resolved::Line;
use crate::scenario::slo::leading_op;
use crate::scenario::tree::{Node, Value};
use crate::scenario::units::{plain_number, share};
use crate::scenario::values::{quoted, wrong_type};
use crate::scenario::{Expect, Op, Right};

const EXAMPLE: &str = "write for example that = \"buffered.causes.dead_lettered == 0\"";
/// Where a path may begin.
const ROOTS: [&str; 3] = ["buffered", "direct", "comparison"];

/// Reads all claims, each with its lines for the resolved scenario.
pub fn read(mistakes: &mut Vec<Mistake>, node: &Node) -> Vec<(Expect, Vec<Line>)> {
    let Value::List(claims) = &node.value else {
        mistakes.push(wrong_type(node, "expect", "a list of tables", "write [[expect]] with two brackets"));
        return Vec::new();
    };
    let mut read = Vec::new();
    for claim in claims {
        let Value::Table(table) = &claim.value else {
            mistakes.push(wrong_type(claim, "expect", "a list of tables", "write [[expect]] above each claim"));
            continue;
        };
        let mut reader = Reader::open(mistakes, table, claim.place, "[[expect]]");
        let words = required(&mut reader, "claim", "add for example claim = \"the queue loses nothing\"");
        let that = required(&mut reader, "that", EXAMPLE);
        let condition = that.as_deref().map(condition);
        if let Some(Err((message, help))) = &condition {
            let place = reader.table.place_of("that").expect("it was read");
            reader.mistakes.push(Mistake::at(place, format!("`that`: {message}")).help(help.clone()));
        }
        let lines = reader.finish();
        if let (Some(claim), Some(that), Some(Ok((path, op, right)))) = (words, that, condition) {
            read.push((Expect { claim, that, path, op, right }, lines));
        }
    }
    read
}

fn required(reader: &mut Reader<'_, '_>, key: &'static str, help: &str) -> Option<String> {
    let text = match reader.text(key) {
        Some(found) => found.value.split_whitespace().collect::<Vec<_>>().join(" "),
        None if reader.key_place(key).is_none() => {
            let place = reader.place;
            reader.mistakes.push(Mistake::at(place, format!("this claim has no `{key}`")).help(help));
            return None;
        }
        None => return None,
    };
    reader.record(key, quoted(&text), false);
    Some(text)
}

/// A path, an operator, and a number, a share or another path with at most one factor; or what is wrong, and a remedy.
fn condition(that: &str) -> Result<(String, Op, Right), (String, String)> {
    let Some(at) = that.find(['<', '>', '=']) else {
        return Err((format!("{that:?} compares nothing"), EXAMPLE.to_string()));
    };
    let (left, rest) = that.split_at(at);
    let Some((_, op, right)) = leading_op(rest) else {
        return Err((format!("{that:?} has no known operator"), "use one of >= <= > < ==".to_string()));
    };
    Ok((path(left.trim())?, op, right_side(right.trim())?))
}

fn right_side(text: &str) -> Result<Right, (String, String)> {
    if let Some((factor, of)) = text.split_once('*') {
        let Some(factor) = number(factor.trim()) else {
            let message = format!("{:?} is not a number to multiply with", factor.trim());
            return Err((message, "write the factor first: \"2 * direct.latency_s.all_offered.p50\"".to_string()));
        };
        return Ok(Right::Path { factor, path: path(of.trim())? });
    }
    if text.ends_with('%') {
        return share(text).map(|share| Right::Share(share.fraction())).map_err(|wrong| (wrong.message, wrong.help));
    }
    if let Some(number) = number(text) {
        return Ok(Right::Number(number));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') || text.is_empty() {
        let help = "compare with a number, a share such as 5 % or a path; durations are in seconds".to_string();
        return Err((format!("{text:?} is not a number"), help));
    }
    Ok(Right::Path { factor: 1.0, path: path(text)? })
}

fn number(text: &str) -> Option<f64> {
    match text.strip_prefix('-') {
        Some(positive) => plain_number(positive).map(|number| -number),
        None => plain_number(text),
    }
}

/// `buffered.limits[0].bound_s`: names joined by points, under a design or the comparison.
fn path(text: &str) -> Result<String, (String, String)> {
    let mut names = text.split('.');
    let root = names.next().unwrap_or_default();
    if !ROOTS.contains(&root) {
        let help = if root == "designs" {
            "leave out `designs.`: a path begins with the design".to_string()
        } else {
            suggestion(root, &ROOTS)
        };
        return Err((format!("{text:?} is not a path of the results"), help));
    }
    let mut rest = names.peekable();
    if rest.peek().is_none() || !rest.all(is_name) {
        let help = "write for example buffered.orders.confirmed".to_string();
        return Err((format!("{text:?} is not a path of the results"), help));
    }
    Ok(text.to_owned())
}

/// Lower-case letters, digits and `_`, maybe with an index in brackets.
fn is_name(name: &str) -> bool {
    let (word, index) = match name.strip_suffix(']') {
        Some(before) => match before.split_once('[') {
            Some((word, index)) => (word, index),
            None => return false,
        },
        None => (name, "0"),
    };
    !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !index.is_empty()
        && index.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_of_every_form_are_taken() {
        for that in [
            "buffered.causes.dead_lettered == 0",
            "buffered.orders.confirmed>=98.5%",
            "direct.latency_s.all_offered.p50 < 2 * buffered.latency_s.all_offered.p50",
            "direct.orders.confirmed < buffered.orders.confirmed",
            "comparison.confirmed.difference > -5",
            "buffered.limits[0].bound_s <= 1.5",
        ] {
            assert!(condition(that).is_ok(), "{that}");
        }
    }

    #[test]
    fn what_is_not_a_claim_is_refused() {
        for that in [
            "buffered.orders.confirmed",
            "buffered.orders.confirmed = 3",
            "bufered.orders.confirmed == 3",
            "designs.buffered.orders.confirmed == 3",
            "buffered == 3",
            "buffered..orders == 3",
            "buffered.Orders == 3",
            "buffered.limits[x].bound_s == 3",
            "buffered.orders.confirmed >= 101%",
            "buffered.orders.confirmed >= 3min",
            "buffered.orders.confirmed >= direct.orders.confirmed * 2",
            "buffered.orders.confirmed >=",
            "3 <= buffered.orders.confirmed",
        ] {
            assert!(condition(that).is_err(), "{that}");
        }
    }
}
