//! `--set`, `--seed` and `--replications`: values that replace those of the file before it is read, so that they pass the
//! same checks. Their place is the flag.

use toml::de::DeValue;

use crate::scenario::diagnostics::{Mistake, Place, Text};
use crate::scenario::tree::{self, Entry, Node, Table, Value};

/// What the command line changes in a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `KEY=VALUE` as typed: a dotted path, and TOML or else a bare string.
    pub set: Vec<String>,
    /// `--seed`; wins over `--set seed=…`.
    pub seed: Option<u64>,
    /// `--replications`; wins over `--set replications=…`.
    pub replications: Option<u32>,
}

/// One step of a key: a name or an index, and where it stands.
struct Step {
    word: String,
    place: Place,
}

/// More steps than any key has. Whatever goes through the tree goes as deep as it is.
const DEEPEST: usize = 16;

/// Puts every override into the tree; `texts` gets one text per flag.
pub fn apply(tree: &mut Table, texts: &mut Vec<Text>, mistakes: &mut Vec<Mistake>, overrides: &Overrides) {
    for typed in &overrides.set {
        set(tree, texts, mistakes, "--set ", typed);
    }
    if let Some(seed) = overrides.seed {
        set(tree, texts, mistakes, "--", &format!("seed={seed}"));
    }
    if let Some(replications) = overrides.replications {
        set(tree, texts, mistakes, "--", &format!("replications={replications}"));
    }
}

fn set(tree: &mut Table, texts: &mut Vec<Text>, mistakes: &mut Vec<Mistake>, flag: &str, typed: &str) {
    let text = texts.len();
    let written = format!("{flag}{typed}");
    let whole = Place { text, start: flag.len(), end: written.len() };
    texts.push(Text { shown: "command line".to_string(), text: written });
    let Some((steps, value)) = split(typed, text, flag.len()) else {
        let mistake = Mistake::at(whole, format!("{typed:?} is not KEY=VALUE"));
        mistakes.push(mistake.help("write for example --set queue.visibility_timeout=3min"));
        return;
    };
    if steps.len() > DEEPEST {
        let mistake = Mistake::at(whole, format!("a key of {} steps: none has more than {DEEPEST}", steps.len()));
        mistakes.push(mistake.help("`simulate explain` lists all keys"));
        return;
    }
    let node = parse_value(value, text, flag.len() + typed.len() - value.len());
    if let Err(mistake) = put(tree, "", &steps, node, whole) {
        mistakes.push(mistake);
    }
}

/// TOML, or else a bare string.
fn parse_value(value: &str, text: usize, offset: usize) -> Node {
    match DeValue::parse(value) {
        Ok(parsed) => tree::node(&parsed, text, offset),
        Err(_) => Node {
            place: Place { text, start: offset, end: offset + value.len() },
            value: Value::Text(value.to_string()),
        },
    }
}

/// Splits `a.b[0]."c d"=value` into its steps and the value.
fn split(typed: &str, text: usize, offset: usize) -> Option<(Vec<Step>, &str)> {
    let mut steps = Vec::new();
    let mut word = String::new();
    let mut start = 0;
    let mut in_quotes = false;
    let mut complete = false;
    for (at, c) in typed.char_indices() {
        let place = Place { text, start: offset + start, end: offset + at };
        match c {
            '"' => {
                in_quotes = !in_quotes;
                complete = !in_quotes;
            }
            _ if in_quotes => word.push(c),
            '.' | '[' | '=' => {
                if word.is_empty() && !complete {
                    return None;
                }
                if !(word.is_empty() && typed[..at].ends_with(']')) {
                    steps.push(Step { word: std::mem::take(&mut word).trim().to_string(), place });
                }
                complete = false;
                start = at + 1;
                if c == '=' {
                    return Some((steps, typed[at + 1..].trim_start()));
                }
            }
            ']' => {
                word.parse::<usize>().ok()?;
                steps.push(Step { word: std::mem::take(&mut word), place });
                complete = true;
                start = at + 1;
            }
            _ if complete => return None,
            _ => word.push(c),
        }
    }
    None
}

/// Walks down to the key, making tables on the way, and puts the value there.
fn put(table: &mut Table, under: &str, steps: &[Step], node: Node, whole: Place) -> Result<(), Mistake> {
    let (step, rest) = steps.split_first().expect("a key has at least one step");
    let index = match table.0.iter().position(|entry| entry.key == step.word) {
        Some(index) => index,
        None => {
            let empty = Node { place: whole, value: Value::Table(Table::default()) };
            table.0.push(Entry { key: step.word.clone(), key_place: step.place, node: empty });
            table.0.len() - 1
        }
    };
    let entry = &mut table.0[index];
    if rest.is_empty() {
        entry.key_place = step.place;
        entry.node = node;
        return Ok(());
    }
    let name = if under.is_empty() { step.word.clone() } else { format!("{under}.{}", step.word) };
    descend(&mut entry.node, &name, rest, node, whole)
}

fn descend(under: &mut Node, name: &str, steps: &[Step], node: Node, whole: Place) -> Result<(), Mistake> {
    let (step, rest) = steps.split_first().expect("there is a further step");
    match &mut under.value {
        Value::Table(table) => put(table, name, steps, node, whole),
        Value::List(values) => {
            let count = values.len();
            let Some(value) = step.word.parse::<usize>().ok().and_then(|index| values.get_mut(index)) else {
                let help = match count {
                    0 => format!("`{name}` is empty"),
                    1 => format!("`{name}` has one entry, {name}[0]"),
                    _ => format!("`{name}` has {count} entries, {name}[0] to {name}[{}]", count - 1),
                };
                return Err(Mistake::at(step.place, format!("there is no entry {} in `{name}`", step.word)).help(help));
            };
            if rest.is_empty() {
                *value = node;
                return Ok(());
            }
            descend(value, &format!("{name}[{}]", step.word), rest, node, whole)
        }
        other => {
            let message = format!("`{name}` is {}, not a table", other.kind());
            let help = format!("set it as a whole: --set '{name}={{ {} = … }}'", step.word);
            Err(Mistake::at(step.place, message).help(help))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::de::DeTable;

    fn changed(file: &str, sets: &[&str]) -> (Table, Vec<Mistake>) {
        let mut table = tree::table(DeTable::parse(file).expect("a valid file").get_ref(), 0, 0);
        let mut texts = vec![Text { shown: "f".into(), text: file.into() }];
        let mut mistakes = Vec::new();
        let overrides = Overrides { set: sets.iter().map(ToString::to_string).collect(), ..Overrides::default() };
        apply(&mut table, &mut texts, &mut mistakes, &overrides);
        (table, mistakes)
    }

    fn text_at(table: &Table, path: &str) -> String {
        match &table.at(path).expect("the path is there").value {
            Value::Text(text) => text.clone(),
            Value::Number { written, .. } => written.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_is_toml_or_else_a_bare_string() {
        let (table, mistakes) = changed("", &["a.b=3s", "a.c=3", "a.d=\"4\"", "title=Black Friday", "a.\"x.y\"=1=2"]);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        assert_eq!(text_at(&table, "a.b"), "3s");
        assert_eq!(text_at(&table, "a.c"), "3");
        assert_eq!(text_at(&table, "a.d"), "4");
        assert_eq!(text_at(&table, "title"), "Black Friday");
        let Value::Table(inner) = &table.at("a").expect("made").value else { panic!("a table") };
        assert!(matches!(&inner.entry("x.y").expect("a quoted key").node.value, Value::Text(text) if text == "1=2"));
    }

    #[test]
    fn both_spellings_of_an_index_reach_the_phase_and_the_last_flag_wins() {
        let file = "[[arrivals]]\nrate = \"1/s\"\n[[arrivals]]\nrate = \"2/s\"\n";
        let (table, mistakes) = changed(file, &["arrivals[0].rate=5/s", "arrivals.1.rate=6/s", "arrivals.1.rate=7/s"]);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let Value::List(phases) = &table.at("arrivals").expect("there").value else { panic!("a list") };
        let rates: Vec<String> = phases
            .iter()
            .map(|phase| match &phase.value {
                Value::Table(table) => text_at(table, "rate"),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(rates, ["5/s", "7/s"]);
    }

    #[test]
    fn a_key_deeper_than_any_is_a_mistake_and_no_recursion() {
        let deep = format!("a{}=1", ".b".repeat(100_000));
        let (table, mistakes) = changed("", &[&deep, &format!("a{}=1", ".b".repeat(DEEPEST - 1))]);
        assert_eq!((table.0.len(), mistakes.len()), (1, 1));
    }

    #[test]
    fn keys_that_lead_nowhere_are_mistakes() {
        let file = "title = \"x\"\n[[arrivals]]\nrate = \"1/s\"\n";
        let sets = ["title", "=3", "a..b=1", "a[x]=1", "arrivals[1].rate=2/s", "title.x=2", "a[0]b=2"];
        assert_eq!(changed(file, &sets).1.len(), sets.len());
    }
}
