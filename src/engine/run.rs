//! The loop: arrivals, booked events and turns, in the one order of time, rank and booking, until nothing is left.

use super::agenda::Agenda;
use super::event::{Event, Key, Moot, Rank};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

/// What a step of a model has in its hands: the clock, the event list, and the listener.
pub struct Turn<'a, E, O> {
    /// The instant at which the step happens.
    pub now: SimTime,
    /// The event list.
    pub agenda: &'a mut Agenda<E>,
    /// Who is told.
    pub watch: &'a mut O,
}

impl<E: Event, O> Turn<'_, E, O> {
    /// Books an event.
    #[inline(always)]
    pub fn book(&mut self, at: SimTime, event: E) {
        self.agenda.schedule(at, event);
    }

    /// Tells the observer what has happened now.
    #[inline(always)]
    pub fn say<T>(&mut self, what: &T)
    where
        O: Observer<T>,
    {
        self.watch.observe(self.now, what);
    }
}

/// A system that the engine can run.
pub trait Model {
    /// What it books.
    type Event: Event;
    /// What it says.
    type Observation;

    /// When the next arrival comes; [`SimTime::NEVER`] after the last.
    fn next_arrival(&self) -> SimTime;

    /// The end of the arrivals, final once the last arrival is known. No arrival is later.
    fn arrivals_end(&self) -> SimTime;

    /// The arrival has come.
    fn arrive<O: Observer<Self::Observation>>(&mut self, turn: &mut Turn<Self::Event, O>);

    /// A booked event has come.
    fn handle<O: Observer<Self::Observation>>(&mut self, event: Self::Event, turn: &mut Turn<Self::Event, O>);

    /// Whether handling this event, due at `at`, would change nothing, now and for ever: it may be dropped unseen, and never
    /// moves the clock.
    fn is_moot(&self, at: SimTime, event: &Self::Event) -> bool;

    /// Whether the model has something to start at the end of this instant, before booked events of rank
    /// [`Rank::Starts`].
    fn wants_turn(&self) -> bool;

    /// Starts one thing. Asked again as long as [`wants_turn`](Model::wants_turn) holds.
    fn take_turn<O: Observer<Self::Observation>>(&mut self, turn: &mut Turn<Self::Event, O>);

    /// When the oldest thing that an observer may ask the age of began to exist.
    fn oldest(&mut self) -> Option<SimTime>;
}

impl<M: Model> Moot<M::Event> for M {
    #[inline(always)]
    fn is_moot(&self, at: SimTime, event: &M::Event) -> bool {
        Model::is_moot(self, at, event)
    }
}

/// When a run stops, besides having nothing left to do. Nothing happens at or after the stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// At this instant, come what may. The run then ends there, also if nothing was left to do before.
    pub horizon: Option<SimTime>,
    /// So long after the end of the arrivals.
    pub max_drain: SimDuration,
}

impl Stop {
    fn instant(&self, arrivals_end: SimTime) -> SimTime {
        self.horizon.unwrap_or(SimTime::NEVER).min(arrivals_end + self.max_drain)
    }
}

/// Runs a model to its end: the instant at which the run is over.
///
/// Without a horizon that is the last thing that happened, but not before the end of the arrivals; if things were left
/// to do, it is the stop.
pub fn run<M: Model, O: Observer<M::Observation>>(
    model: &mut M,
    agenda: &mut Agenda<M::Event>,
    watch: &mut O,
    stop: Stop,
) -> SimTime {
    let mut now = SimTime::ZERO;
    let mut arrival = next_arrival(model, agenda);
    let mut limit = limit(model, arrival, stop);
    let mut outside = arrival.min(limit);
    loop {
        // At the instant of an arrival or of the stop, those come before the turns.
        let turn = model.wants_turn() && now < outside.at();
        let mut bound = outside;
        if turn {
            bound = Key::first_of(now, Rank::Starts);
            if agenda.head() >= bound {
                model.take_turn(&mut Turn { now, agenda, watch });
                continue;
            }
        }
        if let Some(stand) = agenda.next_before(bound, model) {
            let (at, event) = agenda.take(stand);
            now = advance(model, agenda, watch, now, at);
            model.handle(event, &mut Turn { now, agenda, watch });
        } else if turn {
            // What came before the turn was moot.
        } else if limit <= arrival {
            break;
        } else {
            now = advance(model, agenda, watch, now, arrival.at());
            model.arrive(&mut Turn { now, agenda, watch });
            arrival = next_arrival(model, agenda);
            if arrival == Key::NEVER {
                limit = self::limit(model, arrival, stop);
            }
            outside = arrival.min(limit);
        }
    }
    finish(model, agenda, watch, now, stop)
}

/// The arrivals are a stream beside the event list: each is booked, in effect, when its predecessor has come.
#[inline(always)]
fn next_arrival<M: Model>(model: &M, agenda: &mut Agenda<M::Event>) -> Key {
    match model.next_arrival() {
        SimTime::NEVER => Key::NEVER,
        at => Key::new(at, Rank::Arrives, agenda.next_number()),
    }
}

/// The end of the arrivals is known for certain only when no arrival is left; before that none can be later.
#[inline(always)]
fn limit<M: Model>(model: &M, arrival: Key, stop: Stop) -> Key {
    if arrival == Key::NEVER {
        Key::first_of(stop.instant(model.arrivals_end()), Rank::WorkEnds)
    } else {
        stop.horizon.map_or(Key::NEVER, |at| Key::first_of(at, Rank::WorkEnds))
    }
}

#[inline(always)]
fn advance<M: Model, O: Observer<M::Observation>>(
    model: &mut M,
    agenda: &mut Agenda<M::Event>,
    watch: &mut O,
    now: SimTime,
    at: SimTime,
) -> SimTime {
    if at > now {
        agenda.set_clock(at);
        if watch.reach(at) {
            watch.glance(at, model.oldest());
        }
    }
    at
}

fn finish<M: Model, O: Observer<M::Observation>>(
    model: &mut M,
    agenda: &mut Agenda<M::Event>,
    watch: &mut O,
    now: SimTime,
    stop: Stop,
) -> SimTime {
    let arrivals_end = model.arrivals_end();
    let left = agenda.next_before(Key::NEVER, model).is_some();
    let stop_at = stop.instant(arrivals_end);
    let end = match stop.horizon {
        Some(horizon) => horizon,
        None if left => stop_at,
        None => now.max(arrivals_end),
    };
    advance(model, agenda, watch, now, end)
}
