//! Jobs on several threads, gathered by their number: whoever is faster changes nothing.
//!
//! Jobs are begun in order, and no further ahead of the one that is waited for than a few per thread, so that finished
//! ones do not pile up in memory.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Jobs per thread that may be finished before their turn.
const AHEAD: usize = 4;

/// Where the jobs stand.
struct State<T> {
    /// The next to be begun.
    next: usize,
    /// The next to be taken.
    taken: usize,
    /// Finished before their turn.
    done: BTreeMap<usize, T>,
    /// Nothing is begun any more.
    stopped: bool,
}

struct Desk<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// Does `jobs` jobs on `threads` threads and hands their results to `take` in the order of their numbers, until it fails.
///
/// # Errors
///
/// The first one of `take`.
pub fn gather<T: Send, E>(
    jobs: usize,
    threads: usize,
    job: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.min(jobs);
    if threads < 2 {
        return (0..jobs).try_for_each(|index| take(job(index)));
    }
    let state = State { next: 0, taken: 0, done: BTreeMap::new(), stopped: false };
    let desk = Desk { state: Mutex::new(state), changed: Condvar::new() };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(&desk, jobs, threads * AHEAD, &job));
        }
        let ended = (0..jobs).try_for_each(|index| take(desk.wait_for(index)));
        desk.lock().stopped = true;
        desk.changed.notify_all();
        ended
    })
}

fn work<T>(desk: &Desk<T>, jobs: usize, ahead: usize, job: &impl Fn(usize) -> T) {
    while let Some(index) = desk.begin(jobs, ahead) {
        let result = job(index);
        desk.lock().done.insert(index, result);
        desk.changed.notify_all();
    }
}

impl<T> Desk<T> {
    /// A thread that panicked has broken nothing here: what it held is whole.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'d>(&'d self, state: MutexGuard<'d, State<T>>) -> MutexGuard<'d, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a job to do; none when there is nothing left.
    fn begin(&self, jobs: usize, ahead: usize) -> Option<usize> {
        let mut state = self.lock();
        while !state.stopped && state.next < jobs && state.next >= state.taken + ahead {
            state = self.wait(state);
        }
        if state.stopped || state.next >= jobs {
            return None;
        }
        state.next += 1;
        Some(state.next - 1)
    }

    fn wait_for(&self, index: usize) -> T {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.done.remove(&index) {
                state.taken = index + 1;
                self.changed.notify_all();
                return result;
            }
            state = self.wait(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn results_come_in_order_whatever_the_threads_and_however_long_a_job_takes() {
        for threads in [1, 2, 3, 16] {
            let mut taken = Vec::new();
            let job = |index: usize| {
                // Early jobs take longest.
                (0..(100 - index) * 500).for_each(|_| std::hint::spin_loop());
                index
            };
            let ended: Result<(), ()> = gather(100, threads, job, |index| {
                taken.push(index);
                Ok(())
            });
            assert_eq!((ended, taken), (Ok(()), (0..100).collect()), "{threads} threads");
        }
    }

    #[test]
    fn nothing_runs_far_ahead_and_an_error_ends_it() {
        let begun = AtomicUsize::new(0);
        let job = |index: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            index
        };
        let ended = gather(1_000, 2, job, |index| if index == 10 { Err("enough") } else { Ok(()) });
        assert_eq!(ended, Err("enough"));
        let begun = begun.load(Ordering::SeqCst);
        assert!((11..=11 + 2 * AHEAD).contains(&begun), "{begun} jobs were begun");
    }

    #[test]
    fn no_jobs_are_done_at_once() {
        assert_eq!(gather(0, 4, |index| index, |_| Err("there was none")), Ok(()));
    }
}
