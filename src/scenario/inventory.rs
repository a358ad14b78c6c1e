//! `[inventory]`: the downstream that both designs call. Without the table nothing is called and the stock is endless.

use crate::model::inventory::{InventorySettings, Slowdown, WhenFull};
use crate::scenario::diagnostics::Mistake;
use crate::scenario::distributions::of_key;
use crate::scenario::reader::Reader;
use crate::scenario::resolved::{Line, inline};
use crate::scenario::tree::{Node, Value};
use crate::scenario::values::wrong_type;
use crate::system::spec::InventorySpec;

/// A slow-down beyond this is a slip of the keyboard.
const LARGEST_FACTOR: f64 = 1_000.0;

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>) -> (InventorySpec, Vec<Line>) {
    let max_connections = reader.count_limit("max_connections", 1, None);
    let service_time = of_key(&mut reader, "service_time", "\"0s\"");
    let when_full = reader.choice_or(
        "when_full",
        &[("wait", WhenFull::Wait), ("reject", WhenFull::Reject)],
        &[],
        WhenFull::Wait,
        "wait",
    );
    let why = "write when_full = \"reject\" for calls that do not wait, or leave it out for calls that wait for ever";
    let connect_timeout = reader.duration_limit("connect_timeout", None, why);
    let slowdown = read_slowdown(&mut reader);
    let stock = reader.whole_limit("stock", 0, u64::MAX, None);
    let idempotent = reader.truth_or("idempotent", false);
    let settings = InventorySettings { max_connections, when_full, connect_timeout, slowdown, stock, idempotent };
    (InventorySpec { settings, service_time }, reader.finish())
}

/// `{ at = 20, factor = 3 }`, or "none".
fn read_slowdown(reader: &mut Reader<'_, '_>) -> Option<Slowdown> {
    reader.limit("slowdown", None, |reader| {
        let node = reader.node("slowdown")?;
        let (slowdown, canonical) = slowdown_of(reader.mistakes, node)?;
        reader.record("slowdown", canonical, false);
        Some(slowdown)
    })
}

fn slowdown_of(mistakes: &mut Vec<Mistake>, node: &Node) -> Option<(Slowdown, String)> {
    const EXAMPLE: &str = "write for example { at = 20, factor = 3 }: with 20 connections a call takes 3 times as long";
    let Value::Table(table) = &node.value else {
        mistakes.push(wrong_type(node, "slowdown", "a table", EXAMPLE));
        return None;
    };
    let before = mistakes.len();
    let mut reader = Reader::open(mistakes, table, node.place, "`slowdown`");
    let at = reader.whole("at", 1, u64::from(u32::MAX));
    let factor = reader.number("factor", 1.0);
    for key in ["at", "factor"] {
        if reader.key_place(key).is_none() {
            let mistake = Mistake::at(reader.place, format!("a slow-down needs `{key}`")).help(EXAMPLE);
            reader.mistakes.push(mistake);
        }
    }
    if let Some(factor) = factor
        && factor.value > LARGEST_FACTOR
    {
        let mistake = Mistake::at(factor.place, format!("`factor`: {} is too large", factor.value));
        reader.mistakes.push(mistake.help("the largest is 1000"));
    }
    let lines = reader.finish();
    if mistakes.len() > before {
        return None;
    }
    let at = u32::try_from(at?.value).expect("checked against the largest");
    Some((Slowdown { at, factor: factor?.value }, inline(&lines)))
}
