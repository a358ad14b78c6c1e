//! Faults at work: what breaks for a while, and whom that hits (`[[faults]]`; the rules are in `docs/model.md`).
//!
//! Each part of a design holds the faults of its own target. A part without faults asks once whether it has any and goes
//! its way; everything else here is off the path of a scenario without faults.

use std::marker::PhantomData;

use crate::engine::{Event, Turn};
use crate::observation::{Observation, OrderRef};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::time::{SimDuration, SimTime};

use super::spec::{FaultEffect, FaultSpec, FaultTarget};
use super::ways::{Aws, Ways};

/// Below this bit of a draw's attempt stands the number of the try, above it the place of the fault in the scenario.
const TRY_BITS: u32 = 40;

/// The faults of one target.
#[derive(Clone, Debug)]
pub(super) struct Faults<W: Ways = Aws> {
    purpose: Purpose,
    windows: Box<[Window]>,
    ways: PhantomData<W>,
}

/// One fault.
#[derive(Clone, Copy, Debug)]
struct Window {
    fault: u16,
    from: SimTime,
    to: SimTime,
    effect: FaultEffect,
    /// The share of its target that it has an effect on while it is open.
    chance: f64,
}

/// What a fault may hit: something of an order, at a certain try.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim {
    pub(super) key: OrderKey,
    /// Tells the order's tries of this kind apart.
    pub(super) number: u64,
    /// `None` for a message of the initial backlog.
    pub(super) order: Option<OrderRef>,
}

/// What becomes of an answer whose call succeeds: nothing out of the ordinary by default.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AnswerFate {
    /// It never arrives.
    pub(super) lost: bool,
    /// It arrives twice.
    pub(super) twice: bool,
    /// It arrives so much later.
    pub(super) delay: SimDuration,
}

impl Window {
    fn hits(&self, now: SimTime, purpose: Purpose, aim: &Aim) -> bool {
        let number = u64::from(self.fault) << TRY_BITS | aim.number;
        self.from <= now && now < self.to && Draw::new(aim.key, purpose, number).coin(self.chance)
    }
}

impl<W: Ways> Faults<W> {
    /// Those of a target among the faults of a scenario.
    pub(super) fn of(target: FaultTarget, all: &[FaultSpec]) -> Faults<W> {
        let purpose = match target {
            FaultTarget::Start => Purpose::FaultStart,
            FaultTarget::Queue => Purpose::FaultQueue,
            FaultTarget::Lambda => Purpose::FaultLambda,
            FaultTarget::Inventory => Purpose::FaultInventory,
            FaultTarget::Callback => Purpose::FaultCallback,
        };
        let window = |(place, fault): (usize, &FaultSpec)| Window {
            fault: place as u16,
            from: fault.from,
            to: fault.to,
            effect: fault.effect,
            chance: fault.share * fault.effect.rate(),
        };
        let mine = all.iter().enumerate().filter(|(_, fault)| fault.target == target);
        Faults { purpose, windows: mine.map(window).collect(), ways: PhantomData }
    }

    /// Whether there is any at all, open or not.
    #[inline(always)]
    pub(super) fn exist(&self) -> bool {
        W::AWS && !self.windows.is_empty()
    }

    /// Those among them with a certain effect that hit this now, and with it `others` of its batch: each says so. Whether there
    /// was any, and their delays together.
    #[cold]
    fn hit<E: Event, O: Observer<Observation>>(
        &self,
        wanted: fn(FaultEffect) -> bool,
        (aim, others): (&Aim, impl Iterator<Item = Option<OrderRef>> + Clone),
        turn: &mut Turn<E, O>,
    ) -> (bool, SimDuration) {
        let (mut any, mut delays) = (false, SimDuration::ZERO);
        for it in self.windows.iter().filter(|it| wanted(it.effect)) {
            if !it.hits(turn.now, self.purpose, aim) {
                continue;
            }
            any = true;
            if let FaultEffect::AddDelay(delay) = it.effect {
                delays += delay;
            }
            for order in std::iter::once(aim.order).chain(others.clone()) {
                turn.say(&Observation::FaultHit { fault: it.fault, order });
            }
        }
        (any, delays)
    }

    /// How much longer it takes: the delays add up.
    pub(super) fn delay<E: Event, O: Observer<Observation>>(&self, aim: &Aim, turn: &mut Turn<E, O>) -> SimDuration {
        self.delay_batch(aim, std::iter::empty(), turn)
    }

    /// The same for a batch: the coin is that of its first record.
    pub(super) fn delay_batch<E: Event, O: Observer<Observation>>(
        &self,
        first: &Aim,
        others: impl Iterator<Item = Option<OrderRef>> + Clone,
        turn: &mut Turn<E, O>,
    ) -> SimDuration {
        self.hit(|effect| matches!(effect, FaultEffect::AddDelay(_)), (first, others), turn).1
    }

    /// Whether it fails while it happens (an error, but no outage).
    pub(super) fn fail<E: Event, O: Observer<Observation>>(&self, aim: &Aim, turn: &mut Turn<E, O>) -> bool {
        self.hit(|effect| matches!(effect, FaultEffect::ErrorRate(_)), (aim, std::iter::empty()), turn).0
    }

    /// Whether a batch is refused from the first, by an outage: the coin is that of its first record.
    pub(super) fn shut<E: Event, O: Observer<Observation>>(
        &self,
        first: &Aim,
        others: impl Iterator<Item = Option<OrderRef>> + Clone,
        turn: &mut Turn<E, O>,
    ) -> bool {
        self.hit(|effect| effect == FaultEffect::Outage, (first, others), turn).0
    }

    /// Whether a call is refused, by an error or an outage, where these are the same.
    pub(super) fn refuse<E: Event, O: Observer<Observation>>(&self, aim: &Aim, turn: &mut Turn<E, O>) -> bool {
        let refuses = |effect| matches!(effect, FaultEffect::ErrorRate(_) | FaultEffect::Outage);
        self.hit(refuses, (aim, std::iter::empty()), turn).0
    }

    /// What becomes of an answer whose call succeeds.
    #[cold]
    pub(super) fn fate<E: Event, O: Observer<Observation>>(&self, aim: &Aim, turn: &mut Turn<E, O>) -> AnswerFate {
        if self.lose(aim, turn) {
            return AnswerFate { lost: true, ..AnswerFate::default() };
        }
        AnswerFate { lost: false, twice: self.double(aim, turn), delay: self.delay(aim, turn) }
    }

    /// Whether it is lost on its way.
    fn lose<E: Event, O: Observer<Observation>>(&self, aim: &Aim, turn: &mut Turn<E, O>) -> bool {
        self.hit(|effect| matches!(effect, FaultEffect::Drop(_)), (aim, std::iter::empty()), turn).0
    }

    /// Whether it happens twice.
    pub(super) fn double<E: Event, O: Observer<Observation>>(&self, aim: &Aim, turn: &mut Turn<E, O>) -> bool {
        self.hit(|effect| matches!(effect, FaultEffect::Duplicate(_)), (aim, std::iter::empty()), turn).0
    }

    /// Whether something that an outage has hit before is hit still.
    pub(super) fn still_shut(&self, now: SimTime, aim: &Aim) -> bool {
        self.windows.iter().any(|it| it.effect == FaultEffect::Outage && it.hits(now, self.purpose, aim))
    }

    /// When the first outage of those open at `now` ends.
    pub(super) fn outage_ends(&self, now: SimTime) -> SimTime {
        let open = |it: &&Window| it.effect == FaultEffect::Outage && it.from <= now && now < it.to;
        self.windows.iter().filter(open).map(|it| it.to).min().unwrap_or(SimTime::NEVER)
    }
}
