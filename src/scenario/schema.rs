//! The JSON Schema (draft-07) of the scenario file, generated from the list of keys, for editors and for checks in CI.
//!
//! It takes whatever the loader takes; what needs two values to see (a visibility timeout below the function's timeout)
//! it leaves to the loader.

use serde_json::{Map, Value, json};

use crate::scenario::Profile;
use crate::scenario::keys::{self, Default, Form, Key, Kind, Quantity, TABLES, Table};

/// Digits with at most one point, as the loader reads them.
const NUMBER: &str = r"(\d+\.?\d*|\.\d+)";

/// The whole schema.
pub fn schema() -> Value {
    let mut document = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A scenario of simulate",
        "description": "What simulate reads, as TOML. `simulate explain KEY` says more about each key.",
    });
    let whole = document.as_object_mut().expect("an object");
    whole.extend(object(keys::top()));
    let definitions: Map<String, Value> = TABLES
        .iter()
        .filter(|table| table.form != Form::Top)
        .map(|table| (table.path.to_string(), Value::Object(object(table))))
        .collect();
    whole.insert("definitions".to_string(), Value::Object(definitions));
    document
}

/// The schema as it is committed: one key a line, as `jq` prints it.
pub fn text() -> String {
    serde_json::to_string_pretty(&schema()).expect("plain values") + "\n"
}

fn object(table: &Table) -> Map<String, Value> {
    let properties: Map<String, Value> =
        table.keys.iter().map(|key| (key.name.to_string(), property(table, key))).collect();
    let needed: Vec<&str> = table.keys.iter().filter(|key| keys::is_needed(table, key)).map(|key| key.name).collect();
    let mut object = Map::new();
    object.insert("type".to_string(), json!("object"));
    if table.form != Form::Top {
        object.insert("description".to_string(), json!(format!("{}: {}", table.header(), table.about)));
    }
    object.insert("additionalProperties".to_string(), json!(false));
    if !needed.is_empty() {
        object.insert("required".to_string(), json!(needed));
    }
    object.insert("properties".to_string(), Value::Object(properties));
    object
}

fn property(table: &Table, key: &Key) -> Value {
    let mut property = Map::new();
    property.insert("description".to_string(), json!(description(table, key)));
    if let Default::Value(value) = keys::default_of(table, key, Profile::Aws)
        && key.name != "title"
        && let Some(value) = as_json(&value)
    {
        property.insert("default".to_string(), value);
    }
    let mut kinds: Vec<Value> = key.kinds.iter().flat_map(of_kind).collect();
    // Beside a reference draft-07 reads nothing else, so it goes one level down.
    if kinds.len() == 1 && kinds[0].get("$ref").is_none() {
        property.extend(kinds.remove(0).as_object().expect("an object").clone());
    } else if kinds.len() == 1 {
        property.insert("allOf".to_string(), json!(kinds));
    } else {
        property.insert("anyOf".to_string(), json!(kinds));
    }
    Value::Object(property)
}

/// What an editor shows beside the key.
fn description(table: &Table, key: &Key) -> String {
    let mut text = key.meaning.to_string();
    if !key.aws.is_empty() {
        text.push_str(&format!("\n\nAWS: {}.", key.aws));
    }
    let [aws, textbook] = [Profile::Aws, Profile::Textbook].map(|profile| keys::default_of(table, key, profile));
    if aws != textbook {
        let shown = |found: &Default| match found {
            Default::Value(value) => value.clone(),
            _ => "none".to_string(),
        };
        text.push_str(&format!("\n\nDefault: {} (textbook: {}).", shown(&aws), shown(&textbook)));
    }
    text.push_str(&format!("\n\nIf it is wrong: {}", key.wrong));
    text
}

fn as_json(toml: &str) -> Option<Value> {
    let table: toml::Table = format!("value = {toml}").parse().ok()?;
    serde_json::to_value(table.get("value")?).ok()
}

fn of_kind(kind: &Kind) -> Vec<Value> {
    let one = match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Whole(least, u64::MAX) => json!({ "type": "integer", "minimum": least }),
        Kind::Whole(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Kind::Number(least) => json!({ "type": "number", "minimum": least }),
        Kind::Truth => json!({ "type": "boolean" }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::WordInAnyCase(words) => {
            let patterns: Vec<String> = words.iter().map(|word| in_any_case(word)).collect();
            json!({ "type": "string", "pattern": format!("^({})$", patterns.join("|")) })
        }
        Kind::Duration => pattern(&duration()),
        Kind::FromOrigin => pattern(&format!(r"\+\s*{}", duration())),
        Kind::Rate => pattern(&format!(r"{NUMBER}\s*/\s*(s|min|h|d)")),
        Kind::Share => pattern(&share()),
        Kind::Size => pattern(&format!(r"{NUMBER}\s*(MB|MiB|GB|GiB)")),
        Kind::File => json!({ "type": "string", "minLength": 1 }),
        Kind::Objective(quantities) => objective(quantities),
        Kind::Within => json!({
            "type": "object",
            "patternProperties": { (format!(r"^\s*{}\s*$", duration())): objective(&[Quantity::Share]) },
            "additionalProperties": false,
        }),
        Kind::Errors | Kind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::Designs => json!({
            "type": "array", "minItems": 1, "items": { "type": "string", "enum": ["buffered", "direct"] },
        }),
        Kind::Distribution => return vec![pattern(&duration()), reference("distribution")],
        Kind::Shape(name) | Kind::Table(name) => reference(name),
        Kind::Tables(name) => json!({ "type": "array", "items": reference(name) }),
    };
    vec![one]
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// The loader trims, and so does this.
fn pattern(inner: &str) -> Value {
    json!({ "type": "string", "pattern": format!(r"^\s*{inner}\s*$") })
}

fn duration() -> String {
    format!(r"{NUMBER}\s*(d|h|min|s|ms|us|µs|μs|ns)(\s*{NUMBER}\s*(d|h|min|s|ms|us|µs|μs|ns))*")
}

fn share() -> String {
    format!(r"{NUMBER}\s*%")
}

fn objective(quantities: &[Quantity]) -> Value {
    let of = |quantity: &Quantity| match quantity {
        Quantity::Share => share(),
        Quantity::Count | Quantity::Usd => NUMBER.to_string(),
        Quantity::Duration => duration(),
    };
    let quantities: Vec<String> = quantities.iter().map(of).collect();
    pattern(&format!(r"(>=|<=|==|<|>)\s*({})", quantities.join("|")))
}

fn in_any_case(word: &str) -> String {
    word.chars().map(|letter| format!("[{}{}]", letter.to_uppercase(), letter.to_lowercase())).collect()
}
