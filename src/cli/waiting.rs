//! The progress bar of a long run, over all replications: on stderr, only for a person, only after 300 ms.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::experiment::Progress;
use crate::experiment::progress::DONE;
use crate::measure::findings::Design;
use crate::time::{NANOS_PER_SEC, SimTime};

const QUIET: Duration = Duration::from_millis(300);
const REDRAW: Duration = Duration::from_millis(100);

/// Does the work, and shows meanwhile how far the runs of so many replications have come.
pub(super) fn with_progress<T>(
    designs: &[Design],
    replications: u32,
    (progress, unicode): (&Progress, bool),
    work: impl FnOnce() -> T,
) -> T {
    if !super::look::watched() {
        return work();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let painter = scope.spawn(|| paint(designs, replications, (progress, unicode), &done));
        let result = work();
        done.store(true, Ordering::Relaxed);
        painter.thread().unpark();
        result
    })
}

fn paint(designs: &[Design], replications: u32, (progress, unicode): (&Progress, bool), done: &AtomicBool) {
    let began = Instant::now();
    while began.elapsed() < QUIET {
        std::thread::park_timeout(QUIET.saturating_sub(began.elapsed()));
        if done.load(Ordering::Relaxed) {
            return;
        }
    }
    let whole = DONE * u64::from(replications) * designs.len() as u64;
    let bar = ProgressBar::new(whole).with_style(style(unicode));
    while !done.load(Ordering::Relaxed) {
        bar.set_position(progress.parts().min(whole));
        bar.set_message(message(designs, replications, progress));
        std::thread::park_timeout(REDRAW);
    }
    bar.finish_and_clear();
}

/// How far the clock of the slower design has come; with several replications, how many are over.
fn message(designs: &[Design], replications: u32, progress: &Progress) -> String {
    if replications > 1 {
        return format!("{} of {replications} replications", progress.over() / designs.len().max(1) as u64);
    }
    let slowest = designs.iter().map(|design| progress.clock(*design)).min().unwrap_or(SimTime::ZERO);
    format!("{} s", slowest.0 / NANOS_PER_SEC)
}

/// As wide as the terminal is, so that it never wraps.
fn style(unicode: bool) -> ProgressStyle {
    let style = ProgressStyle::with_template("simulated {msg} {wide_bar} {percent} % {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    if unicode { style } else { style.progress_chars("#>-") }
}
