//! `simulate report`: pages and charts from what finished runs have written, nothing simulated.

use std::path::{Path, PathBuf};

use super::options::{Format, ReportOptions};
use super::predict::{show, wanted};
use super::{Ending, interrupt, look, print, say};
use crate::report::chart::Wanted;
use crate::report::pair::{self, Pair};
use crate::report::reread::Whole;
use crate::report::terminal::Look;
use crate::report::{bundle, folder, results, write};

/// Does it; true unless a report drawn again has missed an objective or a claim.
pub(super) fn report(options: &ReportOptions, unicode: bool) -> Result<bool, Ending> {
    interrupt::listen();
    match options.folders.as_slice() {
        [a, b] => beside(options, (a, b), unicode).map(|()| true),
        folders => again(options, folders.first().map_or(Path::new("."), PathBuf::as_path), unicode),
    }
}

/// One report, drawn again into its own folder or into another.
fn again(options: &ReportOptions, source: &Path, unicode: bool) -> Result<bool, Ending> {
    let found = folder::read(source, options.anyway).map_err(Ending::Refused)?;
    let charts = charts(options, found.charts)?;
    let drawn = bundle::drawn(found.files, charts, &found.altered);
    let (made, whole) = drawn.map_err(|why| Ending::Refused(folder::unreadable(source, &why)))?;
    note_other_version(source, &whole);
    let target = options.out.as_deref().unwrap_or(source);
    write::write(&made, target, interrupt::writing).map_err(Ending::Failed)?;
    let report = whole.report();
    show(options.format, &report, &made, (target, unicode))?;
    Ok(report.all_met())
}

fn charts(options: &ReportOptions, otherwise: Wanted) -> Result<Wanted, Ending> {
    if options.charts.is_empty() { Ok(otherwise) } else { wanted(&options.charts) }
}

fn note_other_version(source: &Path, whole: &Whole) {
    let found = &whole.subject.version;
    if found != results::VERSION {
        say(&format!("note: the results of {} were found by version {found}", source.display()));
    }
}

/// Two reports on one page.
fn beside(options: &ReportOptions, (a, b): (&Path, &Path), unicode: bool) -> Result<(), Ending> {
    let charts = charts(options, Wanted { svg: true, png: true })?;
    let read = |source: &Path| {
        let found = folder::read(source, options.anyway).map_err(Ending::Refused)?;
        let side = pair::Side::new(&found);
        let side = side.map_err(|why| Ending::Refused(folder::unreadable(source, &why)))?;
        note_other_version(source, &side.whole);
        Ok(side)
    };
    let pair = Pair::new(read(a)?, read(b)?).map_err(|words| Ending::Refused(format!("error: {words}")))?;
    let target = match &options.out {
        Some(out) => out.clone(),
        None => Path::new("reports").join(format!("{}-beside-{}", name_of(a), name_of(b))),
    };
    for warning in &pair.warnings {
        say(&format!("warning: {warning}"));
    }
    let made = pair::files::bundle(&pair, charts);
    write::write(&made, &target, interrupt::writing).map_err(Ending::Failed)?;
    let look = Look { colour: false, unicode, width: look::width() };
    match options.format {
        Format::Json => print(made.text("comparison.json")),
        Format::Markdown => print(made.text("summary.md")),
        Format::Text => print(&pair::terminal::summary(&pair, &format!("{}/", target.display()), look)),
    }
}

/// The last part of a folder's path, also where that is written as `.` or `..`.
fn name_of(folder: &Path) -> String {
    let own = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    own(folder).or_else(|| own(&folder.canonicalize().ok()?)).unwrap_or_else(|| "report".to_owned())
}
