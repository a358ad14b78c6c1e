//! `simulate trace`: the life of one order in both designs.

use std::fs;

use super::options::{TraceFormat, TraceOptions};
use super::predict::cores;
use super::subject::subject;
use super::{Ending, load_changed, look, print, say};
use crate::experiment::limits::{is_asynchronous, limits};
use crate::experiment::run::latest_arrivals_end;
use crate::experiment::trace::{Choice, Search, Told, Untold, trace};
use crate::measure::finder::Trait;
use crate::measure::findings::Design;
use crate::observation::Outcome;
use crate::report::results;
use crate::report::terminal::Look;
use crate::report::trace::{Setting, Tale, json, page, perfetto, screen};
use crate::report::words::count;
use crate::scenario::{Loaded, Scenario, nearest};

/// Does it.
pub(super) fn tell(options: &TraceOptions, unicode: bool) -> Result<(), Ending> {
    let choice = choice(options)?;
    let loaded = load_changed(&options.scenario, &options.changes, None)?;
    let designs = options.design.list();
    let threads = options.threads.map_or_else(cores, usize::from);
    let told = trace(&loaded.scenario, &designs, choice, threads).map_err(|untold| ending(options, choice, &untold))?;
    if loaded.scenario.replications > 1 {
        let several = count(loaded.scenario.replications.into());
        say(&format!("note: the story is that of the first of {several} replications"));
    }
    put(options, &text(options, &loaded, &told, unicode))
}

fn text(options: &TraceOptions, loaded: &Loaded, told: &Told, unicode: bool) -> String {
    let scenario = &loaded.scenario;
    let subject = subject(loaded, latest_arrivals_end(scenario));
    let settings: Vec<Setting> = told.stories.iter().map(|(design, _)| setting(scenario, *design)).collect();
    let picked = told.found.map(|(design, sought)| picked(options, design, sought));
    let tale = Tale {
        subject: &subject,
        origin: scenario.workload.origin(),
        orders: told.orders,
        picked: picked.as_deref(),
        settings: &settings,
        stories: &told.stories,
    };
    let colour = options.out.is_none();
    let width = if colour { look::width() } else { look::COLUMNS };
    match options.format {
        TraceFormat::Text => screen(&tale, Look { colour, unicode: unicode || !colour, width }),
        TraceFormat::Markdown => page(&tale),
        TraceFormat::Json => results::text(&json::document(&tale)),
        TraceFormat::Perfetto => results::text(&perfetto::document(&tale)),
    }
}

/// To the file that was named, or to standard output.
fn put(options: &TraceOptions, text: &str) -> Result<(), Ending> {
    let Some(out) = &options.out else { return print(text) };
    fs::write(out, text).map_err(|error| Ending::Failed(format!("error: cannot write {}: {error}", out.display())))?;
    say(&format!("Wrote {}", out.display()));
    Ok(())
}

fn choice(options: &TraceOptions) -> Result<Choice, Ending> {
    if let Some(number) = options.order {
        return Ok(Choice::Number(number));
    }
    let (design, sought) = match &options.wanted {
        None => (None, None),
        Some(text) => {
            let (design, sought) = asked(text)?;
            (design, Some(sought))
        }
    };
    if let Some(only) = design
        && !options.design.list().contains(&only)
    {
        let text = options.wanted.as_deref().unwrap_or_default();
        let other = only.name();
        return Err(Ending::Refused(format!(
            "error: --where {text} looks at {other}, which --design leaves out\n  = help: --design both, or --design {other}"
        )));
    }
    Ok(Choice::Found(Search { design, sought, slowest: options.slowest, nth: options.nth }))
}

/// `timed_out`, or `buffered.timed_out`.
fn asked(text: &str) -> Result<(Option<Design>, Trait), Ending> {
    let (design, word) = match text.split_once('.') {
        None => (None, text),
        Some((name, word)) => match [Design::Buffered, Design::Direct].into_iter().find(|one| one.name() == name) {
            Some(design) => (Some(design), word),
            None => return Err(unknown(text, name, &["buffered", "direct"], "there is no design")),
        },
    };
    match Trait::all().find(|(_, known)| *known == word) {
        Some((sought, _)) => Ok((design, sought)),
        None => {
            let words: Vec<&str> = Trait::all().map(|(_, known)| known).collect();
            Err(unknown(text, word, &words, "no order can be sought by"))
        }
    }
}

fn unknown(text: &str, word: &str, known: &[&str], what: &str) -> Ending {
    let near = nearest(word, known.iter().copied()).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let help = format!("{near}the words are {}", known.join(", "));
    let help = super::explain::lines_of(&help, look::width(), "  = help: ", "          ");
    Ending::Refused(format!("error: --where {text}: {what} `{word}`\n{help}"))
}

/// Why this order is told of.
fn picked(options: &TraceOptions, design: Design, sought: Trait) -> String {
    let nth = match (options.nth, options.slowest) {
        (1, true) => "the slowest".to_owned(),
        (1, false) => "the first".to_owned(),
        (nth, true) => format!("number {} of the slowest", count(nth)),
        (nth, false) => format!("number {}", count(nth)),
    };
    let which = match sought {
        Trait::Any => " of all".to_owned(),
        one => format!(" found by {}.{}", design.name(), one.name()),
    };
    format!("{nth}{which}")
}

fn ending(options: &TraceOptions, choice: Choice, untold: &Untold) -> Ending {
    match untold {
        Untold::Broken(words) => Ending::Failed(format!("error: {words}")),
        Untold::NoSuchOrder { orders: 0 } => Ending::Failed("error: no order came in this run".into()),
        Untold::NoSuchOrder { orders } => Ending::Refused(format!(
            "error: there is no order {}: the run has {} orders, numbered from 0\n  = help: the last is --order {}",
            options.order.unwrap_or_default(),
            count(*orders),
            orders - 1
        )),
        Untold::NotFound { found, outcomes } => {
            let sought = match choice {
                Choice::Found(Search { sought: Some(sought), .. }) => sought.name(),
                _ => "any",
            };
            let how_many = match found {
                0 => format!("no order is found for `{sought}`"),
                some => format!("only {} are found for `{sought}`, and --nth asks for more", count(*some)),
            };
            let ended: Vec<String> = outcomes.iter().map(|(design, counts)| how(*design, counts)).collect();
            Ending::Failed(format!("error: {how_many}\n  = note: {}", ended.join("\n  = note: ")))
        }
    }
}

/// `buffered: 53,000 confirmed, 12 refused`.
fn how(design: Design, counts: &[u64; Outcome::ALL.len()]) -> String {
    let some = Outcome::ALL.into_iter().zip(counts).filter(|(_, orders)| **orders > 0);
    let words: Vec<String> = some.map(|(outcome, orders)| format!("{} {}", count(*orders), outcome.name())).collect();
    format!("{}: {}", design.name(), if words.is_empty() { "no order".to_owned() } else { words.join(", ") })
}

fn setting(scenario: &Scenario, design: Design) -> Setting {
    let buffered = &scenario.buffered;
    let (workflow, function, inventory) = match design {
        Design::Buffered => (&buffered.workflow, &buffered.function, &buffered.inventory),
        Design::Direct => (&scenario.direct.workflow, &scenario.direct.function, &scenario.direct.inventory),
    };
    let of_queue = design == Design::Buffered;
    let timeout = workflow.timeout.map(|limit| ("TimeoutSeconds", limit));
    let heartbeat = workflow.heartbeat.map(|limit| ("HeartbeatSeconds", limit));
    Setting {
        limits: limits(scenario, design),
        asynchronous: is_asynchronous(scenario, design),
        patience: timeout.into_iter().chain(heartbeat).min_by_key(|(_, limit)| *limit),
        execution_timeout: workflow.execution_timeout,
        retries: workflow.retry.max_attempts,
        visibility_timeout: buffered.queue.visibility_timeout.filter(|_| of_queue),
        retention: buffered.queue.message_retention_period.filter(|_| of_queue),
        max_receive_count: buffered.queue.max_receive_count.filter(|_| of_queue),
        skip_older_than: function.skip_older_than,
        connect_timeout: inventory.as_ref().and_then(|inventory| inventory.settings.connect_timeout),
    }
}
