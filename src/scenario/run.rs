//! The top of the file: the run itself, and the tables in their order.

use crate::measure::prices::PriceList;
use crate::scenario::defaults::Defaults;
use crate::scenario::diagnostics::{Mistake, Place, nearest};
use crate::scenario::queue::RedriveKeys;
use crate::scenario::reader::{Reader, TOP_OF_FILE};
use crate::scenario::resolved::{Line, Resolved};
use crate::scenario::tree::{Table, Value};
use crate::scenario::units::show_duration;
use crate::scenario::values::{DURATION, quoted, read, wrong_type};
use crate::scenario::what_if::{self, Change};
use crate::scenario::{
    Horizon, Profile, Scenario, account, arrivals, assumptions, cost, direct, event_source, expect, faults, forecast,
    inventory, lambda, latency, queue, sdk, slo, step_functions,
};
use crate::system::spec::{FaultSpec, InventorySpec, PlatformSpec, RedriveSpec};
use crate::system::{BufferedSpec, DirectSpec};
use crate::time::{SimDuration, SimTime};
use crate::workload::{WorkloadSpec, marked_origin};

/// The longest time a run goes on after the last arrival, where a scenario says nothing.
const MAX_DRAIN: SimDuration = SimDuration::from_secs(86_400);
/// Replications at most: intervals shrink with the square root of their number, and are a hundredth of a run's spread then.
const MOST_REPLICATIONS: u64 = 100_000;
/// The largest seed: what a TOML integer can hold.
const LARGEST_SEED: u64 = i64::MAX as u64;
/// Stands for a table that is not in the file.
static NO_KEYS: Table = Table(Vec::new());
/// The top of the file.
const TOP: Place = Place { text: 0, start: 0, end: 0 };

/// Reads the whole tree; mistakes are collected, and wrong values replaced by defaults so that reading can go on.
pub fn scenario(tree: &Table, name: &str, mistakes: &mut Vec<Mistake>) -> (Scenario, Resolved, Vec<Change>) {
    let mut resolved = Resolved::default();
    let mut top = Reader::open(mistakes, tree, TOP, TOP_OF_FILE);
    let title = top.text("title").map(|found| found.value.to_string());
    top.record("title", quoted(title.as_deref().unwrap_or(name)), title.is_none());
    let seed = top.whole_or("seed", 0, LARGEST_SEED, 1);
    let profile = read_profile(&mut top);
    let assumptions = assumptions::read(&mut top);
    let replications = read_replications(&mut top);
    let horizon = read_horizon(&mut top);
    let warm_up = top.value_or("warm_up", &DURATION, SimDuration::ZERO);
    let cool_down = top.value_or("cool_down", &DURATION, SimDuration::ZERO);
    let repeat = top.whole_or("repeat", 1, u64::MAX, 1);
    let max_orders = top.whole("max_orders", 1, u64::MAX).map(|found| found.value);
    let arrivals_scale = forecast::read(&mut top);

    let phases = match top.node("arrivals") {
        Some(node) => arrivals::read(top.mistakes, node),
        None => {
            let help = "add for example an [[arrivals]] table with rate = \"50/s\" and duration = \"1min\"";
            top.mistakes.push(Mistake::at(TOP, "the scenario has no arrivals").help(help));
            Vec::new()
        }
    };
    if phases.is_empty()
        && let Some(node) = tree.at("arrivals")
        && matches!(&node.value, Value::List(list) if list.is_empty())
    {
        top.mistakes.push(Mistake::at(node.place, "the list of arrivals is empty").help("add a phase with a rate"));
    }
    let origin = marked_origin(phases.iter().map(|(phase, _)| phase));
    let tables = read_tables(&mut top, &assumptions::defaults(profile, assumptions), origin);
    let lines = top.finish();
    resolved.section("", lines);
    let (phases, phase_lines): (Vec<_>, Vec<_>) = phases.into_iter().unzip();
    for lines in phase_lines {
        resolved.section("[[arrivals]]", lines);
    }
    for (header, lines) in tables.sections {
        resolved.section(header, lines);
    }
    let workload = WorkloadSpec { phases, repeat, max_orders, initial_backlog: tables.initial_backlog };
    let (mut buffered, mut direct) = (tables.buffered, tables.direct);
    if let Some(redrive) = tables.redrive {
        let at = redrive.at;
        buffered.redrive = Some(RedriveSpec { at, interval: SimDuration::from_secs_f64(1.0 / redrive.rate) });
        (buffered.function.repaired_at, direct.function.repaired_at) = (Some(at), Some(at));
    }
    let scenario = Scenario {
        name: name.to_string(),
        title: title.unwrap_or_else(|| name.to_string()),
        profile,
        assumptions,
        seed,
        replications,
        workload,
        arrivals_scale,
        horizon,
        warm_up,
        cool_down,
        buffered,
        direct,
        region: tables.region,
        prices: tables.prices,
        slo: tables.slo,
        expect: tables.expect,
        what_if: Vec::new(),
    };
    (scenario, resolved, tables.changes)
}

/// What the tables below the top say.
struct Tables {
    redrive: Option<RedriveKeys>,
    initial_backlog: u64,
    buffered: BufferedSpec,
    direct: DirectSpec,
    region: Option<String>,
    prices: PriceList,
    slo: Vec<crate::scenario::Slo>,
    expect: Vec<crate::scenario::Expect>,
    changes: Vec<Change>,
    sections: Vec<(&'static str, Vec<Line>)>,
}

fn read_tables(top: &mut Reader<'_, '_>, defaults: &Defaults, origin: Option<SimTime>) -> Tables {
    let mut sections = Vec::new();
    let (workflow, lines) = step_functions::read(open(top, "step_functions", "[step_functions]"));
    sections.push(("[step_functions]", lines));
    let queue = queue::read(open(top, "queue", "[queue]"), defaults, origin);
    sections.push(("[queue]", queue.lines));
    sections.extend(queue.dead_letter.map(|lines| ("[queue.dead_letter]", lines)));
    let (event_source, lines) = event_source::read(open(top, "event_source", "[event_source]"), defaults);
    sections.push(("[event_source]", lines));
    let lambda = open(top, "lambda", "[lambda]");
    let shared_table = lambda.table;
    let (function, lambda_lines) = lambda::read(lambda, defaults);
    let shared =
        direct::Shared { workflow: &workflow, function: &function, lambda: shared_table, lines: &lambda_lines };
    let direct = direct::read(open(top, "direct", "[direct]"), &shared, defaults);
    sections.push(("[lambda]", lambda_lines));
    let inventory = read_inventory(top, &mut sections);
    sections.push(("[direct]", direct.lines));
    sections.extend(direct.lambda.map(|lines| ("[direct.lambda]", lines)));
    let (mut platform, region) = read_platform(top, defaults, &mut sections);
    platform.faults = read_faults(top, faults::Ground { origin, inventory: inventory.is_some() }, &mut sections);
    let (prices, lines) = cost::read(open(top, "cost", "[cost]"), defaults);
    sections.push(("[cost]", lines));
    let has_slo = top.key_place("slo").is_some();
    let (slo, lines) = slo::read(open(top, "slo", "[slo]"), direct.asynchronous.is_some());
    if has_slo {
        sections.push(("[slo]", lines));
    }
    let claims = top.node("expect").map(|node| expect::read(top.mistakes, node)).unwrap_or_default();
    let (expect, lines): (Vec<_>, Vec<_>) = claims.into_iter().unzip();
    sections.extend(lines.into_iter().map(|lines| ("[[expect]]", lines)));
    let changes = top.node("what_if").map(|node| what_if::read(top.mistakes, node)).unwrap_or_default();
    let (changes, lines): (Vec<_>, Vec<_>) = changes.into_iter().unzip();
    sections.extend(lines.into_iter().map(|lines| ("[[what_if]]", lines)));
    Tables {
        redrive: queue.redrive,
        initial_backlog: queue.initial_backlog,
        buffered: BufferedSpec {
            workflow,
            queue: queue.settings,
            delay: queue.delay,
            noise: queue.noise,
            redrive: None,
            event_source,
            function,
            inventory: inventory.clone(),
            platform: platform.clone(),
        },
        direct: DirectSpec {
            workflow: direct.workflow,
            asynchronous: direct.asynchronous,
            function: direct.function,
            inventory,
            platform: direct_platform(platform, direct.asynchronous.is_some()),
        },
        region,
        prices,
        slo,
        expect,
        changes,
        sections,
    }
}

/// The inventory, where there is a table for it.
fn read_inventory(top: &mut Reader<'_, '_>, sections: &mut Vec<(&'static str, Vec<Line>)>) -> Option<InventorySpec> {
    let (table, place) = top.inner("inventory")?;
    let (inventory, lines) = inventory::read(Reader::open(top.mistakes, table, place, "[inventory]"));
    sections.push(("[inventory]", lines));
    Some(inventory)
}

fn read_platform(
    top: &mut Reader<'_, '_>,
    defaults: &Defaults,
    sections: &mut Vec<(&'static str, Vec<Line>)>,
) -> (PlatformSpec, Option<String>) {
    let (latency, lines) = latency::read(open(top, "latency", "[latency]"), &defaults.latency);
    sections.push(("[latency]", lines));
    let account = account::read(open(top, "account", "[account]"), defaults);
    sections.push(("[account]", account.lines));
    let (sdk, lines) = sdk::read(open(top, "sdk", "[sdk]"), &defaults.sdk);
    sections.push(("[sdk]", lines));
    (PlatformSpec { latency, account: account.spec, sdk, faults: Vec::new() }, account.region)
}

/// What breaks, where there is anything.
fn read_faults(
    top: &mut Reader<'_, '_>,
    ground: faults::Ground,
    sections: &mut Vec<(&'static str, Vec<Line>)>,
) -> Vec<FaultSpec> {
    let faults = top.node("faults").map(|node| faults::read(top.mistakes, node, ground)).unwrap_or_default();
    let (faults, lines): (Vec<_>, Vec<_>) = faults.into_iter().unzip();
    sections.extend(lines.into_iter().map(|lines| ("[[faults]]", lines)));
    faults
}

/// Asynchronous invocations are not held to ten requests a second per unit of concurrency ("Lambda quotas").
fn direct_platform(mut platform: PlatformSpec, asynchronous: bool) -> PlatformSpec {
    if asynchronous {
        platform.account.requests_per_concurrency = None;
    }
    platform
}

/// A reader of the table under `key`, or of an empty one, so that its defaults are filled in.
fn open<'r, 't>(top: &'r mut Reader<'_, 't>, key: &'static str, name: &str) -> Reader<'r, 't> {
    let (table, place) = top.inner(key).unwrap_or((&NO_KEYS, TOP));
    Reader::open(top.mistakes, table, place, name)
}

fn read_profile(top: &mut Reader<'_, '_>) -> Profile {
    const WORDS: [(&str, Profile); 2] = [("aws", Profile::Aws), ("textbook", Profile::Textbook)];
    top.choice_or("profile", &WORDS, &[], Profile::Aws, "aws")
}

fn read_replications(top: &mut Reader<'_, '_>) -> u32 {
    let replications = top.whole_or("replications", 1, MOST_REPLICATIONS, 1);
    u32::try_from(replications).expect("checked against the largest")
}

/// `"until-drained"` with its `max_drain`, or a duration.
fn read_horizon(top: &mut Reader<'_, '_>) -> Horizon {
    const UNTIL_DRAINED: &str = "until-drained";
    let node = top.node("horizon");
    let fixed = match node.map(|node| (node, &node.value)) {
        None => {
            top.record("horizon", quoted(UNTIL_DRAINED), true);
            None
        }
        Some((_, Value::Text(word))) if word == UNTIL_DRAINED => {
            top.record("horizon", quoted(UNTIL_DRAINED), false);
            None
        }
        Some((node, Value::Text(word))) => match read(node, "horizon", &DURATION) {
            Ok(length) if length.is_zero() => {
                let mistake = Mistake::at(node.place, "`horizon` must be longer than zero").label("no time at all");
                top.mistakes.push(mistake.help("write a longer duration, or \"until-drained\""));
                None
            }
            Ok(length) => {
                top.record("horizon", quoted(&show_duration(length)), false);
                Some(length)
            }
            Err(mistake) => {
                let help = match nearest(word, [UNTIL_DRAINED]) {
                    Some(meant) => format!("did you mean {meant:?}?"),
                    None => "write a duration such as \"20min\", or \"until-drained\"".to_string(),
                };
                top.mistakes.push(mistake.help(help));
                None
            }
        },
        Some((node, _)) => {
            let help = "write a duration such as \"20min\", or \"until-drained\"";
            top.mistakes.push(wrong_type(node, "horizon", "a duration or \"until-drained\"", help));
            None
        }
    };
    match fixed {
        Some(length) => {
            if top.key_place("max_drain").is_some() {
                top.value("max_drain", &DURATION);
            } else {
                top.node("max_drain");
            }
            Horizon::At(SimTime(length.0))
        }
        None => Horizon::UntilDrained { max_drain: top.value_or("max_drain", &DURATION, MAX_DRAIN) },
    }
}
