//! Who is told what happens.
//!
//! An [`Observer`] listens; it never changes what it watches. A pair of observers is one observer, so a recorder and an
//! auditor can watch the same run. Everything is generic and inlined: an observation that nobody reads costs nothing.

use crate::time::SimTime;

/// Told of every observation of type `T`, in the order in which they happen.
pub trait Observer<T> {
    /// The clock has moved to `now` (never backwards) and nothing of this instant has happened yet.
    ///
    /// Returns true where the observer wants a [`glance`](Observer::glance) at the system before it moves on.
    #[inline(always)]
    fn reach(&mut self, _now: SimTime) -> bool {
        false
    }

    /// What the system looks like between the last instant and the one just reached. `oldest` is the instant at which
    /// the oldest message that still exists was sent.
    #[inline(always)]
    fn glance(&mut self, _now: SimTime, _oldest: Option<SimTime>) {}

    /// `what` has happened at `now`.
    ///
    /// Implementations mark this `#[inline(always)]`: each call site knows its variant, so the `match` vanishes.
    fn observe(&mut self, now: SimTime, what: &T);
}

/// Watches nothing: the bare system.
impl<T> Observer<T> for () {
    #[inline(always)]
    fn observe(&mut self, _now: SimTime, _what: &T) {}
}

/// Watches if it is there.
impl<T, O: Observer<T>> Observer<T> for Option<O> {
    fn reach(&mut self, now: SimTime) -> bool {
        self.as_mut().is_some_and(|observer| observer.reach(now))
    }

    fn glance(&mut self, now: SimTime, oldest: Option<SimTime>) {
        if let Some(observer) = self {
            observer.glance(now, oldest);
        }
    }

    fn observe(&mut self, now: SimTime, what: &T) {
        if let Some(observer) = self {
            observer.observe(now, what);
        }
    }
}

/// Told through a pointer: one instance of a system serves all observers that are not worth one of their own.
impl<T> Observer<T> for &mut (dyn Observer<T> + '_) {
    fn reach(&mut self, now: SimTime) -> bool {
        (**self).reach(now)
    }

    fn glance(&mut self, now: SimTime, oldest: Option<SimTime>) {
        (**self).glance(now, oldest);
    }

    #[inline(always)]
    fn observe(&mut self, now: SimTime, what: &T) {
        (**self).observe(now, what);
    }
}

impl<T, A: Observer<T>, B: Observer<T>> Observer<T> for (A, B) {
    #[inline(always)]
    fn reach(&mut self, now: SimTime) -> bool {
        let first = self.0.reach(now);
        let second = self.1.reach(now);
        first | second
    }

    #[inline(always)]
    fn glance(&mut self, now: SimTime, oldest: Option<SimTime>) {
        self.0.glance(now, oldest);
        self.1.glance(now, oldest);
    }

    #[inline(always)]
    fn observe(&mut self, now: SimTime, what: &T) {
        self.0.observe(now, what);
        self.1.observe(now, what);
    }
}
