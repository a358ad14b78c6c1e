//! The progress bar of a long run: on stderr, only for a person, only after 300 ms.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::experiment::Progress;
use crate::measure::findings::Design;
use crate::time::{NANOS_PER_SEC, SimTime};

const QUIET: Duration = Duration::from_millis(300);
const REDRAW: Duration = Duration::from_millis(100);

/// Does the work, and shows meanwhile how far the clocks have come on their way to `expected_end`.
pub(super) fn with_progress<T>(
    designs: &[Design],
    expected_end: SimTime,
    (progress, unicode): (&Progress, bool),
    work: impl FnOnce() -> T,
) -> T {
    if !super::look::watched() {
        return work();
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let painter = scope.spawn(|| paint(designs, expected_end, (progress, unicode), &done));
        let result = work();
        done.store(true, Ordering::Relaxed);
        painter.thread().unpark();
        result
    })
}

fn paint(designs: &[Design], expected_end: SimTime, (progress, unicode): (&Progress, bool), done: &AtomicBool) {
    let began = Instant::now();
    while began.elapsed() < QUIET {
        std::thread::park_timeout(QUIET.saturating_sub(began.elapsed()));
        if done.load(Ordering::Relaxed) {
            return;
        }
    }
    let whole = (expected_end.0 / NANOS_PER_SEC).max(1) * designs.len() as u64;
    let bar = ProgressBar::new(whole).with_style(style(unicode));
    while !done.load(Ordering::Relaxed) {
        let clocks: Vec<SimTime> = designs.iter().map(|design| progress.clock(*design)).collect();
        bar.set_position(clocks.iter().map(|clock| clock.0 / NANOS_PER_SEC).sum::<u64>().min(whole));
        let slowest = clocks.into_iter().min().unwrap_or(SimTime::ZERO);
        bar.set_message(format!("{} s", slowest.0 / NANOS_PER_SEC));
        std::thread::park_timeout(REDRAW);
    }
    bar.finish_and_clear();
}

/// As wide as the terminal is, so that it never wraps.
fn style(unicode: bool) -> ProgressStyle {
    let style = ProgressStyle::with_template("simulated {msg} {wide_bar} {percent} % {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    if unicode { style } else { style.progress_chars("#>-") }
}
