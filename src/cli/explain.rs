//! `simulate explain`: what a key of the scenario file means, from the list of keys that the schema is made of, too.

use super::{Ending, look, print};
use crate::facts::{self, Fact};
use crate::scenario::keys::{self, Default, Form, Key, Kind, Quantity, TABLES, Table, Topic};
use crate::scenario::{Profile, in_words, nearest, range_in_words};

/// The longest label before a text.
const LABEL: usize = 10;

/// Does it.
pub(super) fn explain(key: Option<&str>) -> Result<(), Ending> {
    let text = match key {
        None => everything(look::width()),
        Some(asked) if let Some(fact) = without_key(asked.trim()) => of_fact(fact, look::width()),
        Some(asked) => match topic(asked.trim())? {
            Topic::Key(table, key) => of_key(asked.trim(), table, key, look::width()),
            Topic::Table(table) => of_table(asked.trim(), table, look::width()),
        },
    };
    print(&text)
}

/// A path; else a key's own name or AWS's, where it is the only one; else an inline table.
fn topic(asked: &str) -> Result<Topic, Ending> {
    let path = asked.trim_matches(['[', ']']);
    if let Some(topic) = keys::follow(path) {
        return Ok(topic);
    }
    let called = keys::called(path);
    let opens =
        |(table, key, _): &(&Table, &Key, String)| matches!(table.form, Form::Shape(_)) || key.shape() == Some(path);
    match (called.as_slice(), keys::table(path)) {
        ([(table, key, _)], _) => Ok(Topic::Key(table, key)),
        (several, Some(shape)) if several.iter().all(opens) => Ok(Topic::Table(shape)),
        ([], _) => Err(unknown(asked, path)),
        (several, _) => {
            let paths: Vec<&str> = several.iter().map(|(_, _, path)| path.as_str()).collect();
            let help =
                lines_of(&format!("name one of them: {}", paths.join(", ")), look::width(), "  = help: ", "          ");
            Err(Ending::Refused(format!("error: `{asked}` is a key of several tables\n{help}")))
        }
    }
}

/// The nearest path, or the nearest name within the table that was meant.
fn unknown(asked: &str, path: &str) -> Ending {
    let paths: Vec<String> = keys::all().map(|(_, _, path)| path).collect();
    let names = keys::all().map(|(_, key, _)| key.name);
    let near = nearest(path, paths.iter().map(String::as_str))
        .or_else(|| nearest(path, names))
        .or_else(|| nearest(path, TABLES.iter().map(|table| table.path)));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`simulate explain` alone lists all keys".to_string(),
    };
    Ending::Refused(format!("error: there is no key `{asked}` in a scenario file\n  = help: {help}"))
}

fn everything(width: usize) -> String {
    let intro = "The keys of a scenario file, table by table. `simulate explain KEY` says what a key means, its default \
                 and AWS's limits; KEY is a path such as queue.visibility_timeout, a key's own name or AWS's.";
    let mut text = lines_of(intro, width, "", "");
    for table in TABLES {
        text.push('\n');
        text.push_str(&lines_of(&format!("{}: {}", table.header(), table.about), width, "", "    "));
        let names: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
        text.push_str(&lines_of(&names.join(", "), width, "    ", "    "));
    }
    text
}

fn of_table(asked: &str, table: &Table, width: usize) -> String {
    let mut text = lines_of(&format!("{}: {}", table.header(), table.about), width, "", "");
    if let Form::Shape(_) = table.form {
        let hosts: Vec<String> =
            keys::all().filter(|(_, key, _)| key.shape() == Some(table.path)).map(|(_, _, path)| path).collect();
        text.push_str(&lines_of(&format!("the value of {}", hosts.join(", ")), width, "", "    "));
    }
    for key in table.keys {
        text.push('\n');
        text.push_str(&lines_of(&format!("{} ({})", key.name, kinds(key)), width, "  ", "      "));
        text.push_str(&lines_of(key.meaning, width, "      ", "      "));
    }
    let of = if matches!(table.form, Form::Top) {
        "KEY".to_string()
    } else {
        format!("{}.KEY", asked.trim_matches(['[', ']']))
    };
    text.push('\n');
    text.push_str(&lines_of(&format!("`simulate explain {of}` says more about each."), width, "", ""));
    text
}

fn of_key(asked: &str, table: &Table, key: &Key, width: usize) -> String {
    let path = if keys::follow(asked).is_some() { asked.to_string() } else { table.path_of(key) };
    let mut text = lines_of(&path, width, "", "");
    text.push('\n');
    text.push_str(&lines_of(key.meaning, width, "  ", "  "));
    text.push('\n');
    let mut say = |label: &str, words: &str| text.push_str(&labelled(label, words, width));
    say("Value", &kinds(key));
    say("Default", &default(table, key, &path));
    if !key.aws.is_empty() {
        say("AWS", key.aws);
    }
    match table.fact(key) {
        Some(fact) => source_and_range(fact, &mut say),
        None if key.source.is_empty() => say("Source", key.mark.words()),
        None => say("Source", &format!("{}: {}", key.mark.words(), key.source)),
    }
    say("If wrong", key.wrong);
    let shape = key.shape().and_then(keys::table);
    if let Some(shape) = shape {
        let names: Vec<&str> = shape.keys.iter().map(|key| key.name).collect();
        say("Its keys", &format!("{} (simulate explain {path}.{})", names.join(", "), names[0]));
    }
    text.push_str(&example(table, key, &path));
    text
}

fn source_and_range(fact: &Fact, say: &mut impl FnMut(&str, &str)) {
    say("Source", &format!("{}: {}", fact.mark.words(), fact.source));
    if let Some(range) = &fact.range {
        say("Range", &format!("{}; {}", range_in_words(range), range.why));
    }
}

/// A fact of AWS that no key sets, by its name.
fn without_key(asked: &str) -> Option<&'static Fact> {
    facts::all().find(|fact| fact.key == asked).filter(|_| keys::follow(asked).is_none())
}

fn of_fact(fact: &Fact, width: usize) -> String {
    let mut text = lines_of(fact.key, width, "", "");
    text.push('\n');
    text.push_str(&lines_of(fact.says, width, "  ", "  "));
    text.push('\n');
    let mut say = |label: &str, words: &str| text.push_str(&labelled(label, words, width));
    say("Value", &format!("{}; no key sets it", in_words(fact.value)));
    source_and_range(fact, &mut say);
    text
}

fn default(table: &Table, key: &Key, path: &str) -> String {
    if path.starts_with("direct.lambda.") {
        return "what [lambda] says".to_string();
    }
    if key.name == "title" {
        return "the file's name".to_string();
    }
    let shown = |profile| match keys::default_of(table, key, profile) {
        Default::Value(value) => value,
        Default::None => "none".to_string(),
        Default::Needed => "it must be given".to_string(),
        Default::Alternative => "needed, unless another key stands in its place".to_string(),
    };
    let (aws, textbook) = (shown(Profile::Aws), shown(Profile::Textbook));
    if aws == textbook { aws } else { format!("{aws} under aws, {textbook} under textbook") }
}

/// The example as it stands in the file; its lines are TOML and stay whole.
fn example(table: &Table, key: &Key, path: &str) -> String {
    let lines: Vec<String> = match table.form {
        Form::Top => key.example.lines().map(ToString::to_string).collect(),
        Form::Table | Form::List => {
            let body = key.example.lines().map(ToString::to_string);
            if path.starts_with("direct.lambda.") {
                std::iter::once("[direct.lambda]".to_string()).chain(body).collect()
            } else if key.example.starts_with('[') {
                body.collect()
            } else {
                std::iter::once(table.header()).chain(body).collect()
            }
        }
        Form::Shape(host) => {
            let name = host.rsplit('.').next().unwrap_or(host);
            vec![format!("{name} = {{ {} }}", key.example.replace('\n', ", "))]
        }
    };
    let mut text = String::from("\n");
    for line in lines {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

/// What a value may be, in words.
fn kinds(key: &Key) -> String {
    let words: Vec<String> = key.kinds.iter().map(kind).collect();
    words.join(", or ")
}

fn kind(kind: &Kind) -> String {
    let quoted = |words: &[&str]| words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" | ");
    match kind {
        Kind::Text => "text".to_string(),
        Kind::Whole(least, most) if *most >= u64::from(u32::MAX) => format!("a whole number of at least {least}"),
        Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Number(least) => format!("a number of at least {least}"),
        Kind::Truth => "true or false".to_string(),
        Kind::Word(words) | Kind::WordInAnyCase(words) => quoted(words),
        Kind::Duration => "a duration such as \"30s\", \"250ms\", \"1h 30min\"".to_string(),
        Kind::FromOrigin => "with a plus sign from the phase marked origin, \"+45s\"".to_string(),
        Kind::Rate => "a rate such as \"22.5/s\", \"90/min\"".to_string(),
        Kind::Share => "a share such as \"0.5%\"".to_string(),
        Kind::Size => "a size such as \"512MB\", \"1GB\"".to_string(),
        Kind::File => "the path of a CSV file, from the scenario's folder".to_string(),
        Kind::Objective(quantities) => format!("an operator and {}", objective(quantities)),
        Kind::Within => "{ duration = \"operator share\", ... }".to_string(),
        Kind::Errors => "a list of names of errors".to_string(),
        Kind::Designs => "a list of \"buffered\" and \"direct\"".to_string(),
        Kind::Texts => "a list of texts".to_string(),
        Kind::Distribution => "a duration such as \"120ms\", or a distribution".to_string(),
        Kind::Shape(name) => format!("{{ {name} }}"),
        Kind::Table(name) => format!("the table [{name}]"),
        Kind::Tables(name) => format!("tables [[{name}]]"),
    }
}

fn objective(quantities: &[Quantity]) -> String {
    let word = |quantity: &Quantity| match quantity {
        Quantity::Share => "a share, \">= 98.5%\"",
        Quantity::Count => "a count, \"== 0\"",
        Quantity::Duration => "a duration, \"<= 2min\"",
        Quantity::Usd => "an amount in USD, \"<= 0.06\"",
    };
    quantities.iter().map(word).collect::<Vec<_>>().join(" or ")
}

fn labelled(label: &str, words: &str, width: usize) -> String {
    let hanging = " ".repeat(LABEL + 2);
    lines_of(words, width, &format!("  {label:<LABEL$}"), &hanging)
}

/// Broken between words into lines of at most `width` columns.
pub(super) fn lines_of(text: &str, width: usize, first: &str, then: &str) -> String {
    let mut lines = vec![first.to_string()];
    let mut fresh = true;
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if fresh {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(format!("{then}{word}"));
        }
        fresh = false;
    }
    lines.join("\n") + "\n"
}
