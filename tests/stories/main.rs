//! Small stories whose every number can be worked out by hand, with the auditor on: the rules that both profiles share, AWS's
//! ways, what a queue may do beside keeping its order, and asynchronous invocation.

mod asynchronous;
mod aws;
mod queue;
mod textbook;

use queuecast::experiment::{Progress, RunSettings, run};
use queuecast::measure::findings::{Design, DesignFindings, LimitFindings, QueueFindings};
use queuecast::observation::{Cause, Stage};
use queuecast::scenario::{Overrides, Source, load};

/// Runs a scenario as it is.
fn told(design: Design, text: &str) -> DesignFindings {
    let source = Source { shown: "story.toml".into(), name: "story".into(), text: text.into() };
    let loaded = load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}"));
    let settings = RunSettings { designs: vec![design], threads: 1, resolution: None, verify: true, orders: false };
    let outcome = run(&loaded.scenario, &settings, &Progress::default()).unwrap_or_else(|breach| panic!("{breach}"));
    outcome.findings.designs.into_iter().next().expect("one design was run")
}

/// Runs it in the textbook profile.
fn tell(design: Design, text: &str) -> DesignFindings {
    told(design, &format!("profile = 'textbook'\n{text}"))
}

fn buffered(text: &str) -> DesignFindings {
    tell(Design::Buffered, text)
}

fn direct(text: &str) -> DesignFindings {
    tell(Design::Direct, text)
}

fn queue(found: &DesignFindings) -> QueueFindings {
    found.queue.expect("buffered has a queue")
}

fn cause(found: &DesignFindings, wanted: Cause) -> u64 {
    found.causes[wanted as usize]
}

fn stage(found: &DesignFindings, wanted: Stage) -> f64 {
    found.stages.iter().find(|stage| stage.stage == wanted).and_then(|stage| stage.mean).unwrap()
}

fn limit(found: &DesignFindings, name: &str) -> LimitFindings {
    found.limits.iter().find(|limit| limit.name == name).expect("the scenario sets it").clone()
}

/// `count` orders at 0, and a second after them.
fn at_once(count: u32) -> String {
    format!("[[arrivals]]\nat_once = {count}\nduration = '1s'\n")
}
