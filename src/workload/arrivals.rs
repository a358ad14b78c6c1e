//! The orders of one replication, one after the other.

use crate::random::{Named, Numbers, OrderKey, Sequential, Streams};
use crate::time::{SimDuration, SimTime};
use crate::workload::course::Course;
use crate::workload::spec::{Phase, Rate};
use crate::workload::trace::{Trace, TraceReader};
use crate::workload::{Order, WorkloadSpec};

/// Makes the orders in ascending order of arrival, and nothing else: what happens to them is decided elsewhere.
///
/// Gaps, keys and batch sizes come from streams of their own, so two workloads that differ in their rates alone give
/// their n-th orders the same keys.
#[derive(Clone, Debug)]
pub struct Workload {
    courses: Vec<Course>,
    /// The traces of the phases that have one.
    traces: Vec<Option<Trace>>,
    /// Where the trace of the phase under way is read.
    reader: Option<TraceReader>,
    /// Repeats that follow the one under way.
    repeats_left: u64,
    /// The phase under way, its start, and the place of the next instant in it, in rescaled time.
    phase: usize,
    start: SimTime,
    next: f64,
    /// The piece of the phase under way, in which the rate has the same factor: its number, the last amount at which an
    /// instant still belongs to it, whether another follows, and the inverse of the factor. A phase without factors is
    /// one piece.
    piece: u64,
    last: f64,
    is_last_piece: bool,
    slower: f64,
    /// Whether `next` belongs to a Poisson process, which runs on into the following phase.
    runs_on: bool,
    /// The latest instant, and how many of its orders are still to be handed out.
    instant: SimTime,
    left: u64,
    /// How long the handler works on the next order, where its trace says so.
    service: Option<SimDuration>,
    /// Orders handed out, and how many there may be.
    number: u64,
    most: u64,
    span: SimTime,
    gaps: Sequential,
    keys: Sequential,
    batches: Sequential,
    factors: Sequential,
}

impl Workload {
    /// The orders of `spec` in this replication.
    pub fn new(spec: &WorkloadSpec, streams: &Streams) -> Workload {
        let mut workload = Workload {
            courses: spec.phases.iter().map(Course::of).collect(),
            traces: spec.phases.iter().map(trace_of).collect(),
            reader: None,
            repeats_left: spec.repeat.saturating_sub(1),
            phase: 0,
            start: SimTime::ZERO,
            next: 0.0,
            piece: 0,
            last: -1.0,
            is_last_piece: true,
            slower: 1.0,
            runs_on: false,
            instant: SimTime::ZERO,
            left: 0,
            service: None,
            number: 0,
            most: spec.max_orders.unwrap_or(u64::MAX),
            span: SimTime::ZERO + spec.span(),
            gaps: streams.sequential(Named::Arrivals),
            keys: streams.sequential(Named::Keys),
            batches: streams.sequential(Named::Batches),
            factors: streams.sequential(Named::Modulation),
        };
        if spec.repeat == 0 || spec.expected_orders() == 0.0 {
            workload.courses.clear();
        }
        workload.enter_phase();
        workload
    }

    /// The next order; none after the last, however often asked. Times never decrease.
    #[inline(always)]
    pub fn next_order(&mut self) -> Option<Order> {
        if self.number == self.most || (self.left == 0 && !self.next_instant()) {
            return None;
        }
        let key = OrderKey(self.keys.next_u64());
        let order = Order { number: self.number, arrives_at: self.instant, key, service: self.service };
        self.number += 1;
        self.left -= 1;
        Some(order)
    }

    /// The instant up to which orders come: the last order's, once `max_orders` have been handed out; before that, and
    /// without such a limit, the end of the last phase.
    pub fn end(&self) -> SimTime {
        if self.number == self.most { self.instant } else { self.span }
    }

    /// Moves on to the next instant with orders; false if there is none.
    #[inline(always)]
    fn next_instant(&mut self) -> bool {
        loop {
            let Some(course) = self.courses.get(self.phase) else { return false };
            if self.next <= self.last {
                // Rounding of a curved rate could turn two instants round by a nanosecond.
                self.instant = self.instant.max(self.start + course.when(self.next));
                self.left = course.batch.draw(&mut self.batches);
                self.next += self.slower * course.gap(&mut self.gaps);
                return true;
            }
            if !self.next_row() && !self.next_piece() && !self.next_phase() {
                return false;
            }
            if self.left > 0 {
                return true;
            }
        }
    }

    /// The next order of the trace of the phase under way; false if there is none.
    #[inline(never)]
    fn next_row(&mut self) -> bool {
        let Some(row) = self.reader.as_mut().and_then(TraceReader::next_row) else { return false };
        self.instant = self.start + row.at;
        (self.left, self.service) = (1, row.service);
        true
    }

    /// Goes on with the next piece of a modulated phase, whose factor is drawn anew; false if it was the last. What the
    /// piece leaves over of a gap takes as long as the new rate makes it.
    #[cold]
    fn next_piece(&mut self) -> bool {
        if self.is_last_piece {
            return false;
        }
        let left_over = (self.next - self.last) / self.slower;
        let begins = self.last;
        self.enter_piece(self.piece + 1);
        self.next = begins + self.slower * left_over;
        true
    }

    /// The bounds of a piece of the phase under way, and its factor.
    fn enter_piece(&mut self, number: u64) {
        let course = &self.courses[self.phase];
        self.piece = number;
        (self.last, self.is_last_piece) = course.piece(number);
        self.slower = course.factors.map_or(1.0, |factors| 1.0 / factors.draw(&mut self.factors));
    }

    /// Leaves the phase under way for the next; false if it was the last.
    #[cold]
    fn next_phase(&mut self) -> bool {
        let following = if self.phase + 1 < self.courses.len() {
            self.phase + 1
        } else if self.repeats_left > 0 {
            self.repeats_left -= 1;
            0
        } else {
            return false;
        };
        let done = &self.courses[self.phase];
        self.start = self.start + done.duration;
        // What is left of a gap, in time rescaled without the factor: it does not hold in the next phase.
        self.next = (self.next - done.total) / self.slower;
        self.phase = following;
        self.enter_phase();
        true
    }

    /// Finds the first arrival of the phase entered: a burst at its start, or one gap after it.
    fn enter_phase(&mut self) {
        let Some(course) = self.courses.get(self.phase) else { return };
        if course.at_start > 0 {
            self.instant = self.start;
            self.left = course.at_start;
        }
        self.service = None;
        let trace = self.traces[self.phase].as_ref();
        self.reader = trace.map(|trace| TraceReader::new(trace, course.duration));
        let runs_on = course.runs_on();
        if !(self.runs_on && runs_on) {
            self.next = course.gap(&mut self.gaps);
        }
        self.runs_on = runs_on;
        self.enter_piece(0);
        self.next *= self.slower;
    }
}

fn trace_of(phase: &Phase) -> Option<Trace> {
    match &phase.rate {
        Rate::Trace(trace) => Some(trace.clone()),
        _ => None,
    }
}

/// The keys of the messages of `queue.initial_backlog`, which belong to no order.
pub fn backlog_keys(spec: &WorkloadSpec, streams: &Streams) -> impl Iterator<Item = OrderKey> + use<> {
    let mut keys = streams.sequential(Named::Backlog);
    (0..spec.initial_backlog).map(move |_| OrderKey(keys.next_u64()))
}

/// The key of draws that belong to no order, the same in both designs.
pub fn platform_key(streams: &Streams) -> OrderKey {
    OrderKey(streams.sequential(Named::Platform).next_u64())
}
