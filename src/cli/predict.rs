//! The main job: read a scenario, run both designs, judge, write the report, print the summary.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::options::{ChartKind, Format, Options};
use super::subject::subject;
use super::{Ending, interrupt, timing, waiting};
use crate::experiment::run::latest_arrivals_end;
use crate::experiment::{Outcome, Progress, RunSettings, claims, run, slo, what_if};
use crate::measure::findings::{ClaimVerdict, Design, DesignFindings, Findings, WhatIf};
use crate::report::bundle::{Bundle, bundle};
use crate::report::chart::Wanted;
use crate::report::terminal::Look;
use crate::report::{Report, Subject, markdown, results, terminal, write};
use crate::scenario::{Loaded, Overrides, load, read};
use crate::time::{SimDuration, SimTime};

/// Does it; true if no objective and no claim was missed.
pub(super) fn predict(options: &Options) -> Result<bool, Ending> {
    interrupt::listen();
    let charts = wanted(&options.charts)?;
    let loaded = load_scenario(options)?;
    let designs = options.design.list();
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
    };
    let progress = Progress::default();
    let outcome =
        waiting::with_progress(&designs, expected_end, &progress, || run(&loaded.scenario, &settings, &progress))
            .map_err(|breach| Ending::Failed(format!("error: {breach}")))?;
    let beside = RunSettings { verify: false, ..settings };
    let what_if =
        what_if::what_if(&loaded.scenario, &beside).map_err(|breach| Ending::Failed(format!("error: {breach}")))?;
    finish(options, &loaded, (&outcome, &what_if), charts)
}

fn finish(
    options: &Options,
    loaded: &Loaded,
    (outcome, what_if): (&Outcome, &[WhatIf]),
    charts: Wanted,
) -> Result<bool, Ending> {
    let findings = &outcome.findings;
    let subject = &subject(loaded, outcome.arrivals_end);
    let designs = options.design.list();
    let slo = slo::judge(&loaded.scenario, findings);
    let bare = results::document(&Report { subject, findings, slo: &slo, claims: &[], what_if: &[] });
    let claims = claims::judge(&loaded.scenario.expect, &bare, &designs).map_err(|reason| refused(options, &reason))?;
    let report = Report { subject, findings, slo: &slo, claims: &claims, what_if };
    let document = results::document(&report);
    let made = bundle(&report, &document, charts);
    let folder = target(options, loaded);
    write::write(&made, &folder, interrupt::writing).map_err(Ending::Failed)?;
    print(options, &report, &document, &made, &folder)?;
    aftermath(options, outcome);
    Ok(report.all_met())
}

fn load_scenario(options: &Options) -> Result<Loaded, Ending> {
    let source = read(options.scenario()).map_err(Ending::Refused)?;
    let overrides = Overrides { set: options.set.clone(), seed: options.seed, replications: options.replications };
    load(&source, &overrides).map_err(Ending::Refused)
}

fn wanted(kinds: &[ChartKind]) -> Result<Wanted, Ending> {
    let has = |kind| kinds.contains(&kind);
    if has(ChartKind::None) && kinds.len() > 1 {
        return Err(Ending::Refused(
            "error: --charts none stands alone; write --charts none or --charts svg,png".into(),
        ));
    }
    Ok(Wanted { svg: has(ChartKind::Svg), png: has(ChartKind::Png) })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A claim with a path that leads nowhere is found before the run, on findings of nothing.
pub(super) fn check_claims(loaded: &Loaded, subject: &Subject, designs: &[Design]) -> Result<(), Ending> {
    let blank =
        |design: &Design| DesignFindings::blank(*design, crate::experiment::limits::limits(&loaded.scenario, *design));
    let designs_blank: Vec<DesignFindings> = designs.iter().map(blank).collect();
    let comparison = match designs_blank.as_slice() {
        [buffered, direct] => Some(crate::measure::comparison::compare(buffered, direct)),
        _ => None,
    };
    let findings = Findings { designs: designs_blank, end: SimTime::ZERO, step: SimDuration::ZERO, comparison };
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
    let changed = !options.set.is_empty()
        || options.seed.is_some()
        || options.replications.is_some()
        || options.design != super::options::Designs::Both;
    let name = &loaded.scenario.name;
    let folder = if changed { format!("{name}-{}", &loaded.fingerprint[..8]) } else { name.clone() };
    Path::new("reports").join(folder)
}

fn print(
    options: &Options,
    report: &Report,
    document: &serde_json::Value,
    made: &Bundle,
    folder: &Path,
) -> Result<(), Ending> {
    let text = match options.format {
        Format::Json => results::text(document),
        Format::Markdown => markdown::summary(report),
        Format::Text => {
            let shown = format!("{}/", folder.display());
            terminal::summary(report, &shown, &made.result_fingerprint, Look { colour: true, unicode: unicode() })
        }
    };
    super::print(&text)
}

/// Whether the terminal shows more than ASCII; files and pipes do.
pub(super) fn unicode() -> bool {
    use std::io::IsTerminal;
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    !std::io::stdout().is_terminal() || locale.is_none_or(|name| name.to_uppercase().replace('-', "").contains("UTF8"))
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

/// One line on stderr; a closed stderr changes nothing.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
