//! The function's invocations: from the batch that is opened for one, over its environment, to its end. What the handler
//! does with the records of the batch is in [`handler`](super::handler).
//!
//! ```text
//!  open ──asked──▶ given an environment ──initialised──▶ handler ──last record, throw or timeout──▶ over
//!    ▲        │ throttled
//!    └────────┘
//! ```
//!
//! The design decides what the end means for messages and tasks; here it is only said which records failed.

use crate::engine::{Event, Rank, Turn};
use crate::model::bucket::BucketSettings;
use crate::model::execution::{Execution, Mark};
use crate::model::function::{Admission, Environment, Function, FunctionSettings, Refusal, Released};
use crate::model::inventory::Inventory;
use crate::observation::{InvocationEnd, Observation, OrderRef, RateLimit, Worth};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::{Handle, Slab};
use crate::time::{SimDuration, SimTime};

use super::answers::{Answer, Settled, Verdict};
use super::batch::{Invocation, NO_ANSWER, Record, Shares, worth};
use super::faults::Faults;
use super::handler::{Handler, HandlerEvents};
use super::hops::Hop;
use super::spec::{AccountSpec, FaultTarget, FunctionSpec, InventorySpec, PlatformSpec};
use super::ways::{Aws, Ways};
use super::workflow::{Workflow, order_of};

/// What invocations book in their system's event list.
#[derive(Clone, Copy, Debug)]
pub enum FunctionEvent {
    /// The handler's own work on one record, or its call of the inventory, ends (of the whole batch where it is taken
    /// together).
    WorkEnds {
        /// The invocation.
        invocation: Handle,
        /// The record's place in the batch.
        record: u16,
    },
    /// An environment has initialised.
    InitialisationEnds {
        /// The invocation that waits for it.
        invocation: Handle,
    },
    /// The function's timeout runs out.
    FunctionTimesOut {
        /// The invocation.
        invocation: Handle,
    },
    /// A call of the inventory has waited for its connection for too long.
    ConnectTimesOut {
        /// The invocation.
        invocation: Handle,
        /// The record's place in the batch.
        record: u16,
    },
    /// The handler's SDK tries a throttled answer again.
    AnswerDue {
        /// The invocation.
        invocation: Handle,
        /// The record's place in the batch.
        record: u16,
    },
    /// The environment that has been idle longest may have been so for too long.
    IdleEnds,
    /// The provisioned environments are ready.
    ProvisionedReady,
    /// An outage of the inventory ends.
    InventoryReturns,
}

impl FunctionEvent {
    /// Lanes that these events use, from 0.
    pub(super) const LANES: usize = 3;

    #[inline(always)]
    pub(super) fn rank(&self) -> Rank {
        match self {
            FunctionEvent::WorkEnds { .. }
            | FunctionEvent::InitialisationEnds { .. }
            | FunctionEvent::InventoryReturns => Rank::WorkEnds,
            FunctionEvent::FunctionTimesOut { .. }
            | FunctionEvent::ConnectTimesOut { .. }
            | FunctionEvent::IdleEnds
            | FunctionEvent::ProvisionedReady => Rank::TimerRunsOut,
            FunctionEvent::AnswerDue { .. } => Rank::Arrives,
        }
    }

    #[inline(always)]
    pub(super) fn lane(&self) -> Option<usize> {
        match self {
            FunctionEvent::FunctionTimesOut { .. } => Some(0),
            FunctionEvent::ConnectTimesOut { .. } => Some(1),
            FunctionEvent::IdleEnds => Some(2),
            FunctionEvent::WorkEnds { .. }
            | FunctionEvent::InitialisationEnds { .. }
            | FunctionEvent::AnswerDue { .. }
            | FunctionEvent::ProvisionedReady
            | FunctionEvent::InventoryReturns => None,
        }
    }
}

/// What a step of an invocation leads to.
pub(super) enum Progressed {
    /// The handler goes on.
    Continues,
    /// The invocation is over.
    Over(Handle, InvocationEnd),
}

/// All invocations of one function.
pub(super) struct Invocations<W: Ways = Aws> {
    pub(super) function: Function,
    pub(super) slab: Slab<Invocation<W>>,
    pub(super) handler: Handler<W>,
    /// Callers are named by invocation and record.
    pub(super) inventory: Option<Inventory<(Handle, u16)>>,
    pub(super) service: Hop<W>,
    /// Of the function, and of the inventory.
    pub(super) faults: Faults<W>,
    pub(super) inventory_faults: Faults<W>,
    /// For when the next look at calls is booked that an outage of the inventory holds up.
    pub(super) returns_at: SimTime,
    cold_start: Hop<W>,
    /// For draws that belong to no order, and how many environments were started.
    platform_key: OrderKey,
    started: u64,
    /// Invocations that are open, asked for, or going on.
    unfinished: u32,
    /// Whether a look at idle environments is booked.
    looks: bool,
}

impl<W: Ways> Invocations<W> {
    pub(super) fn new(
        spec: &FunctionSpec,
        inventory: Option<&InventorySpec>,
        platform: &PlatformSpec,
        platform_key: OrderKey,
        handler: Handler<W>,
    ) -> Invocations<W> {
        let nothing = platform.latency.start;
        Invocations {
            function: Function::new(&settings(spec, &platform.account)),
            slab: Slab::new(),
            handler,
            inventory: inventory.map(|inventory| Inventory::new(inventory.settings)),
            service: Hop::new(inventory.map_or(nothing, |inventory| inventory.service_time), Purpose::Inventory),
            faults: Faults::of(FaultTarget::Lambda, &platform.faults),
            inventory_faults: Faults::of(FaultTarget::Inventory, &platform.faults),
            returns_at: SimTime::NEVER,
            cold_start: Hop::new(spec.cold_start, Purpose::ColdStart),
            platform_key,
            started: 0,
            unfinished: 0,
            looks: false,
        }
    }

    /// A slot with an empty batch, to be filled.
    #[inline(always)]
    pub(super) fn open(&mut self) -> (u32, &mut W::Batch<Record<W>>) {
        self.unfinished += 1;
        let (slot, invocation) = self.slab.take(Invocation::fresh);
        invocation.reopen();
        (slot, &mut invocation.records)
    }

    /// What an opened slot is called.
    #[inline(always)]
    pub(super) fn name(&self, slot: u32) -> Handle {
        Handle { slot, serial: self.slab.get(slot).serial }
    }

    /// Gives a slot back whose batch never got an environment.
    pub(super) fn cancel(&mut self, slot: u32) {
        let invocation = self.slab.get_mut(slot);
        invocation.serial = invocation.serial.wrapping_add(1);
        self.close(slot);
    }

    /// Whether this invocation is still going on (or asked for).
    #[inline(always)]
    pub(super) fn is_running(&self, invocation: Handle) -> bool {
        self.slab.get(invocation.slot).serial == invocation.serial
    }

    /// Whether none is open, asked for or going on.
    pub(super) fn are_over(&self) -> bool {
        self.unfinished == 0
    }

    /// Asks the function for an environment for an opened batch; `order` is whose task asks (direct). Says whether it got
    /// one. The handler then begins at once unless the environment has to initialise: see the answer of
    /// [`start`](Invocations::start).
    #[inline(always)]
    pub(super) fn ask<E: Event, O: Observer<Observation>>(
        &mut self,
        order: Option<OrderRef>,
        turn: &mut Turn<E, O>,
    ) -> Option<(Environment, bool)> {
        let admission = if W::AWS { self.function.admit(turn.now) } else { self.function.admit_plain() };
        match admission {
            Admission::Warm(environment) => Some((environment, false)),
            Admission::Cold => {
                let recycle_at = turn.now + self.draw_age();
                Some((Environment { recycle_at, must_initialise: true, provisioned: false }, true))
            }
            Admission::Throttled(refusal) => {
                throttled(order, refusal, turn);
                None
            }
        }
    }

    #[inline(always)]
    fn draw_age(&mut self) -> SimDuration {
        let Some(age) = self.handler.spec.recycle_after else { return SimDuration::MAX };
        self.started += 1;
        age.duration(&mut Draw::new(self.platform_key, Purpose::Recycle, self.started))
    }

    /// An environment is given the batch, and each of its deliveries is `held` from now on. Names the invocation if its handler
    /// is to begin now; else that has begun, or the end of its initialisation is booked.
    #[inline(always)]
    pub(super) fn start<E: HandlerEvents, O: Observer<Observation>>(
        &mut self,
        slot: u32,
        (environment, cold): (Environment, bool),
        mut held: impl FnMut(&Record<W>),
        workflow: &mut Workflow<W>,
        turn: &mut Turn<E, O>,
    ) -> Option<Handle> {
        let Invocations { slab, handler, faults, .. } = self;
        let invocation = slab.get_mut(slot);
        invocation.given_at = turn.now;
        if W::AWS {
            invocation.aws_mut().began_at = turn.now;
            invocation.runs_in(&environment);
        }
        let handle = Handle { slot, serial: invocation.serial };
        let records = if W::AWS { invocation.records.len() as u32 } else { 1 };
        turn.say(&Observation::InvocationStarted { invocation: handle, records, cold });
        for record in invocation.records.iter_mut() {
            held(record);
            let execution = workflow.executions.get_mut(record.token.slot);
            hand_over::<W, E, O>(handle, execution, turn);
            if !W::AWS {
                // It is the only one, and its work begins with it.
                handler.begin_record((record, execution), (handle, 0), None, faults, turn);
                return None;
            }
        }
        if !environment.must_initialise || !self.cold_start.takes_time() {
            return Some(handle);
        }
        let first = workflow.executions.get(invocation.records[0].token.slot);
        let length = self.cold_start.draw(OrderKey(first.key), first.runs);
        if length.is_zero() {
            return Some(handle);
        }
        turn.book(turn.now + length, FunctionEvent::InitialisationEnds { invocation: handle }.into());
        None
    }

    /// The invocation is over: its environment is idle or gone. Its records, and the even split of its time among them, are
    /// handed out for [`judge_at_end`]; the slot stays as it is until [`close`](Invocations::close).
    #[inline(always)]
    pub(super) fn over<E: Event + From<FunctionEvent>, O: Observer<Observation>>(
        &mut self,
        handle: Handle,
        end: InvocationEnd,
        turn: &mut Turn<E, O>,
    ) -> (&[Record<W>], Shares) {
        let invocation = self.slab.get_mut(handle.slot);
        invocation.serial = invocation.serial.wrapping_add(1);
        let environment = if W::AWS { invocation.environment() } else { Environment::PLAIN };
        let ran = turn.now.since(invocation.given_at);
        let (size, provisioned) = (invocation.records.len() as u32, environment.provisioned);
        let shares = Shares::of::<W>(ran, &invocation.records);
        turn.say(&Observation::InvocationEnded { invocation: handle, end, ran, records: size, provisioned });
        self.release(environment, end, turn);
        (&self.slab.get(handle.slot).records, shares)
    }

    #[inline(always)]
    fn release<E: Event + From<FunctionEvent>, O: Observer<Observation>>(
        &mut self,
        environment: Environment,
        end: InvocationEnd,
        turn: &mut Turn<E, O>,
    ) {
        if !W::AWS {
            return self.function.release_plain();
        }
        match self.function.release(turn.now, environment, end == InvocationEnd::Timeout) {
            Released::Idle => {
                if !self.looks {
                    self.book_look(turn);
                }
            }
            Released::Gone => turn.say(&Observation::EnvironmentReclaimed),
        }
    }

    #[inline(always)]
    fn book_look<E: Event + From<FunctionEvent>, O>(&mut self, turn: &mut Turn<E, O>) {
        if let Some(at) = self.function.next_reclaim() {
            self.looks = true;
            turn.book(at, FunctionEvent::IdleEnds.into());
        }
    }

    /// Takes away environments that have been idle for too long.
    pub(super) fn reclaim<E: Event + From<FunctionEvent>, O: Observer<Observation>>(&mut self, turn: &mut Turn<E, O>) {
        while self.function.reclaim(turn.now) {
            turn.say(&Observation::EnvironmentReclaimed);
        }
        self.looks = false;
        self.book_look(turn);
    }

    /// An answer has arrived: its attempt is judged, at once if its invocation is over.
    pub(super) fn judge<E: Event, O: Observer<Observation>>(
        &mut self,
        settled: Settled,
        workflow: &Workflow<W>,
        turn: &mut Turn<E, O>,
    ) {
        if matches!(settled.verdict, Verdict::Failed(..)) {
            return;
        }
        let worth = settled.worth();
        match settled.share {
            Some((share, called)) => {
                let order = workflow.order(settled.token.slot);
                turn.say(&Observation::AttemptJudged { order, worth, share, called, deferred: true });
            }
            None => {
                let record =
                    &mut self.slab.get_mut(settled.origin.invocation.slot).records[usize::from(settled.origin.record)];
                record.worth = worth;
                record.aws_mut().answer = NO_ANSWER;
            }
        }
    }

    /// The batch of an invocation.
    #[inline(always)]
    pub(super) fn records(&self, slot: u32) -> &[Record<W>] {
        &self.slab.get(slot).records
    }

    /// Gives the slot of an invocation back that is over.
    #[inline(always)]
    pub(super) fn close(&mut self, slot: u32) {
        self.unfinished -= 1;
        self.slab.release(slot);
    }

    /// Provisioned environments that are there from the beginning; those that are not are booked.
    pub(super) fn begin_provisioning<E: Event + From<FunctionEvent>, O: Observer<Observation>>(
        &mut self,
        turn: &mut Turn<E, O>,
    ) {
        if self.handler.spec.provisioned_concurrency > 0 {
            match self.handler.spec.provisioning {
                Some(later) => turn.book(later.ready_at, FunctionEvent::ProvisionedReady.into()),
                None => self.provision(turn),
            }
        }
    }

    /// The provisioned environments are ready, all at once.
    pub(super) fn provision<E: Event, O: Observer<Observation>>(&mut self, turn: &mut Turn<E, O>) {
        let environments = self.handler.spec.provisioned_concurrency;
        self.function.provision(environments);
        turn.say(&Observation::EnvironmentsProvisioned { environments });
    }

    /// The run is over.
    pub(super) fn say_peaks<E: Event, O: Observer<Observation>>(&self, turn: &mut Turn<E, O>) {
        let limits = [RateLimit::EnvironmentRate, RateLimit::RequestRate];
        for (limit, peak) in limits.into_iter().zip(self.function.peak_rates()) {
            peak.iter().for_each(|used| turn.say(&Observation::RatePeaked { limit, used: *used }));
        }
    }
}

/// What limits the function: its reserved concurrency, or what the account leaves of its own.
fn settings(spec: &FunctionSpec, account: &AccountSpec) -> FunctionSettings {
    let concurrency = spec.concurrency(account);
    let rate = |(per, concurrency): (u32, u32)| {
        let size = per.saturating_mul(concurrency);
        BucketSettings { size, refill_per_s: f64::from(size) }
    };
    FunctionSettings {
        concurrency,
        environment_rate: account.environment_rate,
        request_rate: account.requests_per_concurrency.zip(concurrency).map(rate),
        idle_before_reclaim: spec.idle_before_reclaim,
    }
}

#[cold]
fn throttled<E: Event, O: Observer<Observation>>(order: Option<OrderRef>, refusal: Refusal, turn: &mut Turn<E, O>) {
    let rate = match refusal {
        Refusal::Concurrency => None,
        Refusal::EnvironmentRate(token_at) => Some((RateLimit::EnvironmentRate, token_at)),
        Refusal::RequestRate(token_at) => Some((RateLimit::RequestRate, token_at)),
    };
    turn.say(&Observation::InvocationThrottled { order, concurrency: rate.is_none() });
    if let Some((limit, token_at)) = rate {
        turn.say(&Observation::RateLimited { limit, token_at, waits: SimDuration::ZERO, order });
    }
}

/// An attempt is judged at the end of its invocation, of which it takes its share, or left to its answer.
#[inline(always)]
pub(super) fn judge_at_end<W: Ways, E: Event, O: Observer<Observation>>(
    record: &Record<W>,
    shares: &mut Shares,
    execution: &Execution,
    answers: &mut Slab<Answer>,
    turn: &mut Turn<E, O>,
) {
    if W::AWS && !record.was_begun() {
        return;
    }
    let (order, called, share) = (order_of::<W>(execution), W::AWS && record.aws().called, shares.next());
    if !W::AWS || record.aws().answer == NO_ANSWER {
        return turn.say(&Observation::AttemptJudged { order, worth: record.worth, share, called, deferred: false });
    }
    answers.get_mut(record.aws().answer).share = Some((share, called));
    order.iter().for_each(|order| turn.say(&Observation::AnswerOnItsWay { order: *order }));
}

impl Settled {
    /// What the attempt was worth whose answer this was.
    fn worth(&self) -> Worth {
        if self.ended { Worth::Useful } else { worth(self.origin.standing_at_start, self.standing, true) }
    }
}

/// The environment of an invocation is given an order: the first time ends its wait.
#[inline(always)]
fn hand_over<W: Ways, E: Event, O: Observer<Observation>>(
    invocation: Handle,
    record: &mut Execution,
    turn: &mut Turn<E, O>,
) {
    turn.say(&Observation::RecordHandedOver { invocation, order: order_of::<W>(record) });
    if record.mark(Mark::HandedOver)
        && let Some(order) = order_of::<W>(record)
    {
        turn.say(&Observation::OrderHandedOver { order, wait: turn.now.since(order.arrived_at) });
    }
}

/// Whether an event of rank time can be dropped: whatever belongs to an invocation that is over.
impl<W: Ways> Invocations<W> {
    /// Whether one of their events no longer matters; `nothing_left`: nothing can happen any more.
    #[inline(always)]
    pub(super) fn is_moot(&self, event: &FunctionEvent, nothing_left: impl FnOnce() -> bool) -> bool {
        match event {
            FunctionEvent::WorkEnds { invocation, .. }
            | FunctionEvent::InitialisationEnds { invocation }
            | FunctionEvent::FunctionTimesOut { invocation }
            | FunctionEvent::AnswerDue { invocation, .. } => !self.is_running(*invocation),
            FunctionEvent::ConnectTimesOut { invocation, record } => {
                !self.is_running(*invocation) || !self.is_connecting(*invocation, *record)
            }
            FunctionEvent::IdleEnds | FunctionEvent::ProvisionedReady => nothing_left(),
            FunctionEvent::InventoryReturns => !self.inventory.as_ref().is_some_and(Inventory::holds_any),
        }
    }
}
