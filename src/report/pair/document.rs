//! comparison.json: the two results side by side, for whoever reads them by machine (`schema/comparison.schema.json`).

use serde_json::{Map, Value, json};

use super::faced::Faced;
use super::{Pair, Side};
use crate::report::results::{SCHEMA_VERSION, number};

/// The document.
pub fn document(pair: &Pair) -> Value {
    let setting = |setting: &super::Setting| json!({ "key": setting.key, "a": setting.a, "b": setting.b });
    json!({
        "schema_version": SCHEMA_VERSION,
        "a": side(&pair.a),
        "b": side(&pair.b),
        "same_orders": pair.faced == Faced::Same,
        "headline": pair.verdict.headline,
        "lede": pair.verdict.lede,
        "settings": pair.settings.iter().map(setting).collect::<Vec<_>>(),
        "warnings": pair.warnings,
        "designs": designs(pair),
    })
}

fn side(side: &Side) -> Value {
    let subject = &side.whole.subject;
    json!({
        "scenario": subject.name,
        "source": side.whole.source,
        "version": subject.version,
        "model": subject.model,
        "seed": subject.seed,
        "replications": subject.replications,
        "scenario_fingerprint": subject.fingerprint,
        "result_fingerprint": side.result_fingerprint,
    })
}

/// Every number below its design, by its path in results.json: of one run.
fn designs(pair: &Pair) -> Value {
    let mut designs = Map::new();
    let maybe = |value: Option<f64>| value.map_or(Value::Null, number);
    for design in pair.designs() {
        let rows = pair.rows.iter().filter(|row| row.design == design);
        let row = |row: &super::Row| {
            let value = json!({
                "a": maybe(row.a),
                "b": maybe(row.b),
                "difference": maybe(row.difference()),
                "half_width": maybe(row.doubt.map(|doubt| doubt.half_width)),
                "paired": row.doubt.map(|doubt| doubt.paired),
            });
            (row.number.path.to_owned(), value)
        };
        designs.insert(design.name().to_owned(), Value::Object(rows.map(row).collect()));
    }
    Value::Object(designs)
}
