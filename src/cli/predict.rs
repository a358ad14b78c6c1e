//! The main job: read a scenario, run both designs, judge, write the report, print the summary.

use std::path::{Path, PathBuf};

use super::options::{ChartKind, Format, Options};
use super::subject::subject;
use super::{Ending, interrupt, load_changed, look, say, timing, waiting};
use crate::experiment::limits::{is_asynchronous, limits};
use crate::experiment::run::latest_arrivals_end;
use crate::experiment::{Outcome, Progress, RunSettings, claims, run, slo, what_if};
use crate::measure::findings::{ClaimVerdict, Design, DesignFindings, Findings, WhatIf};
use crate::report::bundle::{Bundle, bundle};
use crate::report::chart::Wanted;
use crate::report::terminal::Look;
use crate::report::{Report, Subject, results, tables, terminal, write};
use crate::scenario::{Loaded, Scenario, load_curve, machine_memory};
use crate::time::{SimDuration, SimTime};

/// Does it; true if no objective and no claim was missed.
pub(super) fn predict(options: &Options, unicode: bool) -> Result<bool, Ending> {
    interrupt::listen();
    let charts = wanted(&options.charts)?;
    let loaded = load_scenario(options)?;
    let designs = options.design.list();
    if options.orders {
        orders_fit(&loaded.scenario, designs.len(), machine_memory())?;
    }
    let expected_end = latest_arrivals_end(&loaded.scenario);
    check_claims(&loaded, &subject(&loaded, expected_end), &designs)?;
    for note in &loaded.notes {
        say(&format!("note: {note}"));
    }
    let settings = RunSettings {
        designs: designs.clone(),
        threads: options.threads.map_or_else(cores, usize::from),
        resolution: options.resolution,
        verify: options.verify,
        orders: options.orders,
    };
    let progress = Progress::default();
    let replications = loaded.scenario.replications;
    let outcome = waiting::with_progress(&designs, replications, (&progress, unicode), || {
        run(&loaded.scenario, &settings, &progress)
    })
    .map_err(|breach| Ending::Failed(format!("error: {breach}")))?;
    let beside = RunSettings { verify: false, orders: false, ..settings };
    let what_if =
        what_if::what_if(&loaded.scenario, &beside).map_err(|breach| Ending::Failed(format!("error: {breach}")))?;
    let subject = &subject(&loaded, outcome.arrivals_end);
    let finishing = Finishing { subject, target: target(options, &loaded), charts, unicode };
    finish(options, &loaded, (&outcome, &what_if), finishing)
}

/// What the report is about, and where and how it is written.
pub(super) struct Finishing<'a> {
    pub(super) subject: &'a Subject,
    pub(super) target: PathBuf,
    pub(super) charts: Wanted,
    pub(super) unicode: bool,
}

/// Judges, writes the report and prints the summary; true if no objective and no claim was missed.
pub(super) fn finish(
    options: &Options,
    loaded: &Loaded,
    (outcome, what_if): (&Outcome, &[WhatIf]),
    Finishing { subject, target: folder, charts, unicode }: Finishing<'_>,
) -> Result<bool, Ending> {
    let findings = &outcome.findings;
    let designs = options.design.list();
    let slo = slo::judge(&loaded.scenario, findings);
    let bare = results::document(&Report { subject, findings, slo: &slo, claims: &[], what_if: &[] });
    let claims = claims::judge(&loaded.scenario.expect, &bare, &designs).map_err(|reason| refused(options, &reason))?;
    let report = Report { subject, findings, slo: &slo, claims: &claims, what_if };
    let document = results::document(&report);
    let orders = options.orders.then(|| tables::orders(&outcome.logs));
    let (made, whole) = bundle(&report, &document, charts, orders).map_err(|unreadable| {
        Ending::Failed(format!("error: what was written cannot be read again: {unreadable:?}"))
    })?;
    write::write(&made, &folder, interrupt::writing).map_err(Ending::Failed)?;
    let report = whole.report();
    show(options.format, &report, &made, (&folder, unicode))?;
    aftermath(options, outcome);
    Ok(report.all_met())
}

pub(super) fn load_scenario(options: &Options) -> Result<Loaded, Ending> {
    load_changed(options.scenario(), &options.changes, options.replications)
}

pub(super) fn wanted(kinds: &[ChartKind]) -> Result<Wanted, Ending> {
    let has = |kind| kinds.contains(&kind);
    if has(ChartKind::None) && kinds.len() > 1 {
        return Err(Ending::Refused(
            "error: --charts none stands alone; write --charts none or --charts svg,png".into(),
        ));
    }
    Ok(Wanted { svg: has(ChartKind::Svg), png: has(ChartKind::Png) })
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A claim with a path that leads nowhere is found before the run, on findings of nothing.
pub(super) fn check_claims(loaded: &Loaded, subject: &Subject, designs: &[Design]) -> Result<(), Ending> {
    let scenario = &loaded.scenario;
    let blank =
        |design: &Design| DesignFindings::blank(*design, is_asynchronous(scenario, *design), limits(scenario, *design));
    let designs_blank: Vec<DesignFindings> = designs.iter().map(blank).collect();
    let comparison = match designs_blank.as_slice() {
        [buffered, direct] => Some(crate::measure::comparison::compare(buffered, direct)),
        _ => None,
    };
    let findings =
        Findings { designs: designs_blank, end: SimTime::ZERO, step: SimDuration::ZERO, comparison, replicated: None };
    let document = results::document(&Report { subject, findings: &findings, slo: &[], claims: &[], what_if: &[] });
    let judged: Result<Vec<ClaimVerdict>, String> = claims::judge(&loaded.scenario.expect, &document, designs);
    let judged =
        judged.map_err(|reason| Ending::Refused(format!("error: in [[expect]], {reason}; nothing was run")))?;
    let left_out = loaded.scenario.expect.len() - judged.len();
    if left_out > 0 {
        say(&format!("note: {left_out} claims speak of a design that is not run; they are not judged"));
    }
    Ok(())
}

fn refused(options: &Options, reason: &str) -> Ending {
    Ending::Refused(format!("error: {}: in [[expect]], {reason}", options.scenario().display()))
}

/// `--out`, or a folder below `reports`: the scenario's own, or one named after the fingerprint where options changed it.
fn target(options: &Options, loaded: &Loaded) -> PathBuf {
    if let Some(out) = &options.out {
        return out.clone();
    }
    let changed = !options.changes.set.is_empty()
        || options.changes.seed.is_some()
        || options.replications.is_some()
        || options.changes.assumptions.is_some()
        || options.design != super::options::Designs::Both;
    let name = &loaded.scenario.name;
    let folder = if changed { format!("{name}-{}", &loaded.fingerprint[..8]) } else { name.clone() };
    Path::new("reports").join(folder)
}

/// The result on stdout, as a run and as `simulate report` say it.
pub(super) fn show(
    format: Format,
    report: &Report,
    made: &Bundle,
    (folder, unicode): (&Path, bool),
) -> Result<(), Ending> {
    let look = Look { colour: true, unicode, width: look::width() };
    match format {
        Format::Json => super::print(made.text("results.json")),
        Format::Markdown => super::print(made.text("summary.md")),
        Format::Text => {
            let shown = format!("{}/", folder.display());
            super::print(&terminal::summary(report, &shown, &made.result_fingerprint, look))
        }
    }
}

/// Bytes that one row of orders.csv takes while it is made: 48 of the row, grown by doubling, and its text.
const BYTES_PER_ROW: f64 = 150.0;

/// Refuses rows per order that would not fit, before anything is run.
fn orders_fit(scenario: &Scenario, designs: usize, memory: u64) -> Result<(), Ending> {
    let orders = load_curve(scenario, 1).orders;
    let bytes = orders * designs as f64 * BYTES_PER_ROW;
    if bytes <= memory as f64 {
        return Ok(());
    }
    let gibibytes = |bytes: f64| bytes / f64::from(1 << 30);
    Err(Ending::Refused(format!(
        "error: --orders would keep a row for each of about {orders:.1e} orders: {:.1} GiB, and this machine has {:.1} GiB\n  \
         = help: leave it out, or set max_orders: --set max_orders=1000000",
        gibibytes(bytes),
        gibibytes(memory as f64)
    )))
}

fn aftermath(options: &Options, outcome: &Outcome) {
    if options.timing {
        let orders: u64 = outcome.findings.designs.iter().map(|found| found.orders.offered).sum();
        say(&timing::line(orders, outcome.cpu));
    }
    for (design, digest) in &outcome.digests {
        say(&format!("verified: {} kept every rule; stream of observations {digest:032x}", design.name()));
    }
}
