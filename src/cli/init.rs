//! `simulate init`: a scenario to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::options::InitOptions;
use super::{Ending, print};
use crate::scenario::nearest;

/// A scenario to begin with.
struct Template {
    name: &'static str,
    /// Where it stands in the repository; its own text calls it so.
    path: &'static str,
    text: &'static str,
    about: &'static str,
}

/// The lessons are the scenarios themselves, not copies of them.
const TEMPLATES: [Template; 8] = [
    Template {
        name: "flash-sale",
        path: "scenarios/flash-sale.toml",
        text: include_str!("../../scenarios/flash-sale.toml"),
        about: "what a queue buys in a rush, and what it costs",
    },
    Template {
        name: "flash-sale-unlimited",
        path: "scenarios/flash-sale-unlimited.toml",
        text: include_str!("../../scenarios/flash-sale-unlimited.toml"),
        about: "\"just let it scale\": the database does not",
    },
    Template {
        name: "steady-day",
        path: "scenarios/steady-day.toml",
        text: include_str!("../../scenarios/steady-day.toml"),
        about: "an ordinary day that needs no buffer",
    },
    Template {
        name: "aws-tutorial",
        path: "scenarios/aws-tutorial.toml",
        text: include_str!("../../scenarios/aws-tutorial.toml"),
        about: "the AWS tutorial's defaults, and their traps",
    },
    Template {
        name: "textbook-mmc",
        path: "scenarios/textbook-mmc.toml",
        text: include_str!("../../scenarios/textbook-mmc.toml"),
        about: "M/M/10, and what the formulas say about it",
    },
    Template {
        name: "minimal",
        path: "templates/minimal.toml",
        text: include_str!("../../templates/minimal.toml"),
        about: "the orders alone, AWS's defaults for the rest",
    },
    Template {
        name: "retry-storm",
        path: "templates/retry-storm.toml",
        text: include_str!("../../templates/retry-storm.toml"),
        about: "a short peak that retries keep alive",
    },
    Template {
        name: "poison-pill",
        path: "templates/poison-pill.toml",
        text: include_str!("../../templates/poison-pill.toml"),
        about: "an order that always fails, and its neighbours",
    },
];

/// What an editor is told; the file comes from `simulate schema`.
const SCHEMA: &str = "#:schema scenario.schema.json\n";

/// Does it.
pub(super) fn init(options: &InitOptions) -> Result<(), Ending> {
    let template = called(&options.template)?;
    let file = options.file.clone().unwrap_or_else(|| PathBuf::from(format!("{}.toml", template.name)));
    let shown = file.display().to_string();
    if shown == "-" {
        return print(&text(template, &format!("{}.toml", template.name)));
    }
    write(&file, &text(template, &shown), options.force)?;
    print(&format!(
        "Wrote {shown}: {}\n  simulate {shown}\n  simulate schema > {}    for an editor that reads #:schema\n",
        template.about,
        file.with_file_name("scenario.schema.json").display()
    ))
}

fn called(name: &str) -> Result<&'static Template, Ending> {
    TEMPLATES.iter().find(|template| template.name == name).ok_or_else(|| {
        let names = || TEMPLATES.iter().map(|template| template.name);
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the templates are".to_string(),
        };
        let mut text = format!("error: there is no template `{name}`\n  = help: {help}\n");
        for template in &TEMPLATES {
            text.push_str(&format!("      {:<22}{}\n", template.name, template.about));
        }
        Ending::Refused(text)
    })
}

/// As it stands in the repository, but that it calls itself by its new name.
fn text(template: &Template, shown: &str) -> String {
    let body = match template.text.strip_prefix("#:schema ") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, body)| body),
        None => template.text,
    };
    format!("{SCHEMA}{}", body.replace(template.path, shown))
}

fn write(file: &Path, text: &str, force: bool) -> Result<(), Ending> {
    let shown = file.display();
    if force && file.is_dir() {
        return Err(Ending::Refused(format!("error: {shown} is a folder\n  = help: give the path of a file")));
    }
    let opened = OpenOptions::new().write(true).create(true).truncate(true).create_new(!force).open(file);
    match opened.and_then(|mut opened| opened.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Ending::Refused(format!(
            "error: {shown} is there already and is kept\n  = help: give another name, or --force to overwrite it"
        ))),
        Err(error) => {
            let remedy = match error.kind() {
                ErrorKind::NotFound => "make its folder first",
                _ => "choose a place that you may write to",
            };
            Err(Ending::Failed(format!("error: cannot write {shown}: {error}\n  = help: {remedy}")))
        }
    }
}

/// The names, for the help.
pub(super) fn names() -> String {
    TEMPLATES.iter().map(|template| format!("  {:<22}{}", template.name, template.about)).collect::<Vec<_>>().join("\n")
}
