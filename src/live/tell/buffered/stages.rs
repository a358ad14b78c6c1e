//! Where the time of an order went: lengths between instants that follow each other.

use super::letters::Letter;
use super::work::Run;
use super::{Fate, Teller};
use crate::observation::{Observation, OrderRef, Stages};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

impl<O: Observer<Observation>> Teller<'_, '_, O> {
    /// Of an order that somebody here has worked on: its work and its answer cannot be told apart.
    pub(super) fn unheard_stages(&self, order: u64) -> Option<Stages> {
        let fate = &self.fates[order as usize];
        let letter = fate.last.map(|last| &self.letters[last]).filter(|_| fate.handed_over)?;
        let mut chain = Chain { last: self.order(order).arrived_at, now: self.voice.now() };
        Some(Stages {
            start: chain.to(fate.started?),
            retry: chain.to(fate.attempt_began.min(letter.first_visible)),
            send: chain.to(letter.first_visible),
            queue: chain.to(letter.first_received),
            redelivery: chain.to(letter.received),
            work: chain.to(chain.now),
            ..Stages::default()
        })
    }
}

/// Of an order whose answer was accepted now.
pub(super) fn answer_stages(
    letter: &Letter,
    fate: &Fate,
    order: OrderRef,
    run: &Run,
    message: usize,
    now: SimTime,
) -> Stages {
    let attempt = run.records.iter().rev().find(|attempt| attempt.message == message);
    let (began, ended) = attempt.map_or((now, now), |attempt| (attempt.began, attempt.ended.unwrap_or(now)));
    let started = fate.started.unwrap_or(order.arrived_at);
    let attempt_began = fate.attempt_began.min(letter.first_visible);
    let mut chain = Chain { last: order.arrived_at, now };
    Stages {
        start: chain.to(started),
        retry: chain.to(attempt_began),
        send: chain.to(letter.first_visible),
        queue: chain.to(letter.first_received),
        redelivery: chain.to(letter.received),
        invoke: chain.to(run.given_at),
        cold_start: SimDuration::ZERO,
        batch: chain.to(began),
        work: chain.to(ended),
        callback: chain.to(now),
        transition: SimDuration::ZERO,
    }
}

/// Lengths between instants that follow each other; one that comes too early takes no time.
struct Chain {
    last: SimTime,
    now: SimTime,
}

impl Chain {
    fn to(&mut self, at: SimTime) -> SimDuration {
        let at = at.max(self.last).min(self.now);
        at.since(std::mem::replace(&mut self.last, at))
    }
}
