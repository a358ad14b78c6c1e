//! `[cost]`: the prices a run is reckoned with. They are inputs with a date, never fetched.

use crate::measure::prices::{NAMES, PriceList};
use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::{Mistake, nearest};
use crate::scenario::reader::{Found, Reader};
use crate::scenario::resolved::{Line, inline};
use crate::scenario::tree::{Node, Table, Value};
use crate::scenario::values::{no_such_word, quoted, read_number, wrong_type};

const EXAMPLE: &str =
    "write \"us-east-1-2026-01\", \"none\" or { base = \"us-east-1-2026-01\", lambda_gb_second = 0.0000133334 }";

/// A price in dollars for this many units is a slip of the keyboard.
const LARGEST: f64 = 1e6;
/// More transitions that no state of ours makes are another workflow.
pub const MOST_EXTRA: u64 = 1_000;

/// One price: its key, how many units the key counts in, and where it is kept.
struct Price {
    key: &'static str,
    per: f64,
    of: fn(&mut PriceList) -> &mut f64,
}

const PRICES: [Price; 6] = [
    Price { key: "state_transition_per_1000", per: 1e3, of: |list| &mut list.state_transition },
    Price { key: "sqs_requests_per_million", per: 1e6, of: |list| &mut list.sqs_request },
    Price { key: "lambda_requests_per_million", per: 1e6, of: |list| &mut list.lambda_request },
    Price { key: "lambda_gb_second", per: 1.0, of: |list| &mut list.lambda_gb_second },
    Price { key: "provisioned_gb_second", per: 1.0, of: |list| &mut list.provisioned_gb_second },
    Price { key: "provisioned_run_gb_second", per: 1.0, of: |list| &mut list.provisioned_run_gb_second },
];

/// Reads the table.
pub fn read(mut reader: Reader<'_, '_>, defaults: &Defaults) -> (PriceList, Vec<Line>) {
    let default = defaults.price_list;
    let fallback = PriceList::named(default).unwrap_or_else(PriceList::none);
    let mut list = match reader.node("price_list") {
        None => {
            record_name(&mut reader, default, default);
            fallback
        }
        Some(node) => read_list(&mut reader, node, default).unwrap_or(fallback),
    };
    let extra = reader.whole_or("extra_transitions", 0, MOST_EXTRA, defaults.extra_transitions.into());
    list.extra_transitions = u32::try_from(extra).expect("checked against the largest");
    (list, reader.finish())
}

/// A name stands as it is; that of the list without prices is what no value means, where it is the default.
fn record_name(reader: &mut Reader<'_, '_>, name: &str, default: &str) {
    if name == "none" && default == "none" {
        reader.record_none("price_list");
    } else {
        reader.record("price_list", quoted(name), name == default && reader.key_place("price_list").is_none());
    }
}

fn read_list(reader: &mut Reader<'_, '_>, node: &Node, default: &str) -> Option<PriceList> {
    match &node.value {
        Value::Text(name) => {
            let list = PriceList::named(name);
            match list {
                Some(_) => record_name(reader, name, default),
                None => reader.mistakes.push(no_such_word(node.place, "price_list", name, &NAMES)),
            }
            list
        }
        Value::Table(table) => {
            let (list, canonical) = list_of(reader.mistakes, node, table, default)?;
            reader.record("price_list", canonical, false);
            Some(list)
        }
        _ => {
            reader.mistakes.push(wrong_type(node, "price_list", "a name or a table of prices", EXAMPLE));
            None
        }
    }
}

/// A list with some prices of its own. The canonical form names the base and the prices that were given.
fn list_of(mistakes: &mut Vec<Mistake>, node: &Node, table: &Table, default: &str) -> Option<(PriceList, String)> {
    let before = mistakes.len();
    let mut reader = Reader::open(mistakes, table, node.place, "`price_list`");
    let base = read_base(&mut reader, default);
    let mut list = base.unwrap_or_else(PriceList::none);
    let mut own = false;
    for price in &PRICES {
        if let Some(found) = read_price(&mut reader, price) {
            *(price.of)(&mut list) = found.value / price.per;
            own = true;
            reader.record(price.key, found.value.to_string(), false);
        }
    }
    if own {
        list.name.push_str(", own prices");
    }
    let lines = reader.finish();
    (mistakes.len() == before).then(|| (list, inline(&lines)))
}

fn read_base(reader: &mut Reader<'_, '_>, default: &str) -> Option<PriceList> {
    if reader.key_place("base").is_none() {
        reader.node("base");
        reader.record("base", quoted(default), true);
        return PriceList::named(default);
    }
    let found = reader.text("base")?;
    let list = PriceList::named(found.value);
    match list {
        Some(_) => reader.record("base", quoted(found.value), false),
        None => {
            let help = match nearest(found.value, NAMES) {
                Some(candidate) => format!("did you mean {candidate:?}?"),
                None => format!("write {:?} or {:?}", NAMES[0], NAMES[1]),
            };
            let message = format!("`base`: unknown price list {:?}", found.value);
            reader.mistakes.push(Mistake::at(found.place, message).help(help));
        }
    }
    list
}

fn read_price(reader: &mut Reader<'_, '_>, price: &Price) -> Option<Found<f64>> {
    let node = reader.node(price.key)?;
    match read_number(node, price.key, 0.0) {
        Ok(value) if value <= LARGEST => Some(Found { value, place: node.place }),
        Ok(value) => {
            let message = format!("`{}`: {value} is too large", price.key);
            reader.mistakes.push(Mistake::at(node.place, message).help("write a price in USD, for example 0.025"));
            None
        }
        Err(mistake) => {
            reader.mistakes.push(mistake);
            None
        }
    }
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
