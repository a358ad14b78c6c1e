//! Reads the options, measures, and writes the report as of a simulation.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::cli::live::cloud::cloud;
use crate::cli::options::{LiveCommand, LiveOptions, Measuring, Options, TargetKind, WorkerKind};
use crate::cli::predict::{Finishing, check_claims, finish, load_scenario, wanted};
use crate::cli::subject::subject;
use crate::cli::{Ending, interrupt, look, print, say};
use crate::experiment::Outcome;
use crate::live::cleanup::clean_up;
use crate::live::guard::Limits;
use crate::live::manifest::Manifest;
use crate::live::plan::Plan;
use crate::live::progress::Shown;
use crate::live::provision::Given;
use crate::live::run::{Client, Ended, Job, Where, measure};
use crate::live::sdk::Place;
use crate::live::{Settings, Worker, server};
use crate::measure::findings::Design;
use crate::report::subject::{ClientFacts, Measured};
use crate::scenario::Loaded;
use crate::time::SimDuration;

/// Emulators look at no role.
const NO_ROLE: &str = "arn:aws:iam::000000000000:role/simulate";
/// Nobody starts more orders by mistake.
const MOST_ORDERS: u64 = 20_000;
/// On AWS a run ends where more of its calls than this share are throttled or fail.
const MOST_FAILED: f64 = 0.5;

/// Does what was asked for.
pub(in crate::cli) fn live(options: &LiveOptions, unicode: bool) -> Result<bool, Ending> {
    match &options.command {
        Some(LiveCommand::Setup) => set_up().map(|()| true),
        Some(LiveCommand::Cleanup { manifests, folder }) => clean(manifests, folder).map(|()| true),
        None => run(options, unicode),
    }
}

fn set_up() -> Result<(), Ending> {
    let folder = server::venv().map_err(Ending::Refused)?;
    server::set_up(&folder, say).map_err(Ending::Failed)?;
    print(&format!("{} is in {}\n", server::NAME, folder.display()))
}

fn clean(manifests: &[PathBuf], folder: &Path) -> Result<(), Ending> {
    let all = if manifests.is_empty() { Manifest::all_in(folder) } else { manifests.to_vec() };
    if all.is_empty() {
        return print("nothing is left behind\n");
    }
    clean_up(&all, say).map_err(Ending::Failed)
}

fn run(options: &LiveOptions, unicode: bool) -> Result<bool, Ending> {
    refuse_what_means_nothing(&options.run)?;
    let charts = wanted(&options.run.charts)?;
    let loaded = load_scenario(&options.run)?;
    let designs = options.run.design.list();
    let settings = settings(options);
    check_given(&options.measuring, &designs)?;
    check_prices(options, &loaded)?;
    let plans = plans(&loaded, &designs, &settings)?;
    let mut measured_subject = subject(&loaded, plans[0].arrivals_end);
    check_claims(&loaded, &measured_subject, &designs)?;
    let (at, given, account, name) = match options.measuring.target {
        TargetKind::Local => local(&options.measuring)?,
        TargetKind::Aws => match cloud(&options.measuring, &options.aws, (&loaded, &plans, &settings))? {
            Some(found) => found,
            None => return Ok(true),
        },
    };
    let (tell_stop, stop) = tokio::sync::watch::channel(false);
    let measuring = std::sync::Arc::new(AtomicU32::new(1));
    let folder = options.measuring.manifests.clone();
    let asked = measuring.clone();
    interrupt::listen_before(move || match asked.fetch_add(1, Ordering::Relaxed) {
        0 => false,
        1 => {
            say("interrupted: removing what was created; once more to leave at once");
            tell_stop.send(true).is_ok()
        }
        _ => {
            let folder = folder.display();
            say(&format!("left at once: what is left is listed in {folder}; simulate live cleanup removes it"));
            false
        }
    });
    let notes: Vec<String> = plans.iter().flat_map(|plan| plan.notes.clone()).collect();
    let job = Job {
        scenario: &loaded.scenario,
        plans,
        settings: &settings,
        at,
        given,
        manifests: &options.measuring.manifests,
        resolution: options.run.resolution,
        account,
    };
    let measured = measure(&job, &stop, show);
    measuring.store(0, Ordering::Relaxed);
    if look::watched() {
        say("");
    }
    let found = measured.map_err(ending)?;
    crate::cli::subject::faster(&mut measured_subject, settings.speed);
    let words = format!("{} (measured against {name})", measured_subject.title);
    measured_subject.title = if found.void.is_empty() { words } else { format!("VOID: {words}") };
    measured_subject.arrivals_end_s = found.arrivals_end.as_secs_f64();
    measured_subject.arithmetic = None;
    measured_subject.notes.extend(notes);
    measured_subject.notes.push(format!("Measured against {name}: latencies are those of this target and this client"));
    measured_subject.notes.extend(found.void.iter().map(|reason| format!("This measurement is void: {reason}")));
    measured_subject.measured = Some(facts(&name, &found.clients, &found.void, &settings));
    let outcome = Outcome {
        findings: found.findings,
        arrivals_end: found.arrivals_end,
        digests: Vec::new(),
        logs: found.logs,
        cpu: Duration::ZERO,
    };
    let out = options.run.out.clone();
    let target = out.unwrap_or_else(|| Path::new("reports").join(format!("{}-measured", loaded.scenario.name)));
    let finishing = Finishing { subject: &measured_subject, target, charts, unicode };
    let met = finish(&options.run, &loaded, (&outcome, &[]), finishing)?;
    match found.void.as_slice() {
        [] => Ok(met),
        reasons => Err(Ending::Failed(format!("error: this measurement is void:\n  {}", reasons.join("\n  ")))),
    }
}

fn ending(ended: Ended) -> Ending {
    let with = |words: String, left: Vec<String>| match left.is_empty() {
        true => words,
        false => format!("{words}\nleft behind:\n  {}\n  = help: simulate live cleanup", left.join("\n  ")),
    };
    match ended {
        Ended::Interrupted(left) => {
            Ending::Failed(with("interrupted: no report was written; everything that was created is gone".into(), left))
        }
        Ended::Failed(words, left) => Ending::Failed(with(words, left)),
    }
}

/// Options of a simulation that a measurement has no use for.
fn refuse_what_means_nothing(options: &Options) -> Result<(), Ending> {
    let given = [
        ("--replications", options.replications.is_some()),
        ("--assumptions", options.changes.assumptions.is_some()),
        ("--threads", options.threads.is_some()),
        ("--timing", options.timing),
        ("--verify", options.verify),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => {
            Err(Ending::Refused(format!("error: {name} is for simulations\n  = help: leave it out of a measurement")))
        }
        None => Ok(()),
    }
}

/// Without prices nothing bounds what a run costs.
fn check_prices(options: &LiveOptions, loaded: &Loaded) -> Result<(), Ending> {
    if options.aws.max_cost.is_some() && loaded.scenario.prices.state_transition == 0.0 {
        return Err(Ending::Refused(
            "error: --max-cost bounds nothing where a state transition is free, as in the scenario\n  = help: --set cost.price_list='\"us-east-1-2026-01\"'"
                .into(),
        ));
    }
    Ok(())
}

/// What is there already belongs to one design.
fn check_given(measuring: &Measuring, designs: &[Design]) -> Result<(), Ending> {
    if measuring.state_machine_arn.is_some() && designs.len() > 1 {
        return Err(Ending::Refused(
            "error: one state machine cannot be that of both designs\n  = help: say which with --design buffered or --design direct"
                .into(),
        ));
    }
    if measuring.queue_url.is_some() && !designs.contains(&Design::Buffered) {
        return Err(Ending::Refused("error: the direct design has no queue\n  = help: leave out --queue-url".into()));
    }
    Ok(())
}

fn settings(options: &LiveOptions) -> Settings {
    let measuring = &options.measuring;
    let on_aws = measuring.target == TargetKind::Aws;
    Settings {
        duration: measuring.duration,
        max_orders: measuring.max_orders,
        max_orders_allowed: Some(MOST_ORDERS),
        speed: measuring.speed,
        worker: match measuring.worker {
            WorkerKind::Pool => Worker::Pool,
            WorkerKind::Lambda => Worker::Lambda,
        },
        workers: measuring.workers,
        heartbeats: measuring.heartbeats,
        wait_s: if on_aws { 20 } else { 1 },
        max_drain: measuring.max_drain.unwrap_or(SimDuration::from_secs(120)),
        max_lag: measuring.max_lag.unwrap_or(SimDuration::from_millis(250)),
        histories_per_s: on_aws.then_some(10),
        guard: options.aws.max_cost.map(|max_cost| Limits { max_cost, max_failed: MOST_FAILED }),
    }
}

fn plans(loaded: &Loaded, designs: &[Design], settings: &Settings) -> Result<Vec<Plan>, Ending> {
    let mut plans = Vec::new();
    let mut wrong: Vec<String> = Vec::new();
    for design in designs {
        match Plan::new(&loaded.scenario, *design, settings) {
            Ok(plan) => plans.push(plan),
            Err(words) if wrong.contains(&words) => {}
            Err(words) => wrong.push(words),
        }
    }
    if wrong.is_empty() { Ok(plans) } else { Err(Ending::Refused(wrong.join("\n"))) }
}

/// Where, what is there already, on AWS the account, and what reports call it.
pub(super) type Prepared = (Where, Given, Option<String>, String);

/// What the options say is there already.
pub(super) fn given(measuring: &Measuring) -> Given {
    Given {
        queue: measuring.queue_url.clone(),
        dead_letters: measuring.dead_letter_queue_url.clone(),
        machine: measuring.state_machine_arn.clone(),
        ..Given::default()
    }
}

fn local(measuring: &Measuring) -> Result<Prepared, Ending> {
    let given = Given {
        role: NO_ROLE.into(),
        function_role: NO_ROLE.into(),
        throttle_names: server::THROTTLE_NAMES.to_vec(),
        expires: "with the emulator".into(),
        ..given(measuring)
    };
    match &measuring.endpoint_url {
        Some(url) => {
            server::check_loopback(url).map_err(Ending::Refused)?;
            let place = Place::Loopback(url.trim_end_matches('/').to_owned());
            Ok((Where::There(place), given, None, format!("the server at {url}")))
        }
        None => {
            let folder = server::venv().map_err(Ending::Refused)?;
            server::check_whole(&folder).map_err(Ending::Refused)?;
            Ok((Where::Own(folder), given, None, server::NAME.to_owned()))
        }
    }
}

fn facts(name: &str, clients: &[Client], void: &[String], settings: &Settings) -> Measured {
    let fact = |client: &Client| ClientFacts {
        design: client.design,
        workers: client.workers,
        lag_p50_s: client.lag.p50 as f64 / 1e9,
        lag_p99_s: client.lag.p99 as f64 / 1e9,
        lag_max_s: client.lag.max as f64 / 1e9,
        clock_offset_s: client.clock_offset_s,
        cut_short: client.cut_short,
    };
    Measured {
        target: name.to_owned(),
        max_lag_s: settings.max_lag.as_secs_f64(),
        long_poll_s: settings.wait_s,
        speed: settings.speed,
        max_drain_s: settings.max_drain.as_secs_f64(),
        clients: clients.iter().map(fact).collect(),
        void: void.to_vec(),
    }
}

/// How things stand, on stderr: in place for a person, every ten seconds for a log.
fn show(design: Design, shown: Shown, elapsed: Duration) {
    let Shown { offered, in_flight, confirmed, lag_ns } = shown;
    let (design, seconds, lag) = (design.name(), elapsed.as_secs(), lag_ns.div_ceil(1_000_000));
    let line =
        format!("{design} {seconds} s: {offered} offered, {in_flight} in flight, {confirmed} confirmed, lag {lag} ms");
    if look::watched() {
        // A closed stderr must not end a run that has something to remove.
        let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
    } else if seconds.is_multiple_of(10) {
        say(&line);
    }
}
