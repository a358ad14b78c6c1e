//! The buffered design: facts of the workers, with messages sent, returned and given up put between them.

mod letters;
mod replies;
mod stages;
mod work;

use std::collections::BTreeMap;

use letters::{Letter, State, letters};
use replies::{Reply, needs_an_answer, outcome_of, replies};
use stages::answer_stages;
use work::Run;

use crate::live::drive::Driven;
use crate::live::log::{Answer, Fact};
use crate::live::plan::Plan;
use crate::live::reconcile::Reconciled;
use crate::live::tell::voice::{Voice, handle, order_ref};
use crate::observation::{
    Appearance, Cause, MessageRef, Observation, OrderRef, Outcome, Place, RateLimit, Stages, StockAnswer,
};
use crate::observer::Observer;
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

/// A message that comes again this long before its visibility timeout ends was delivered twice.
const EARLY: SimDuration = SimDuration::from_millis(500);

/// Something that only the services saw, or that follows from time alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Derived {
    Sent(usize),
    DelayEnds(usize),
    Returns { message: usize, receive: u32 },
    Expires(usize),
    AttemptOver(u64),
    Ended(u64),
}

#[derive(Debug, Default)]
struct Fate {
    started: Option<SimTime>,
    attempts: u32,
    attempt_began: SimTime,
    backing_off: bool,
    handed_over: bool,
    work_done: bool,
    told: bool,
    ended: Option<Outcome>,
    last: Option<usize>,
    dead_letter: bool,
    failure: Option<Cause>,
}

struct Teller<'a, 'w, O> {
    voice: Voice<'w, O>,
    plan: &'a Plan,
    found: &'a Reconciled,
    letters: Vec<Letter>,
    fates: Vec<Fate>,
    runs: BTreeMap<usize, Run>,
    replies: BTreeMap<u64, Reply>,
    to_come: std::collections::BTreeSet<(SimTime, Derived)>,
}

/// Tells the run to the watch; when it was over.
pub(super) fn say<O: Observer<Observation>>(
    plan: &Plan,
    driven: &Driven,
    found: &Reconciled,
    watch: &mut O,
) -> SimTime {
    let mut teller = Teller {
        voice: Voice::new(watch),
        plan,
        found,
        letters: letters(plan, driven),
        fates: plan.orders.iter().map(|_| Fate::default()).collect(),
        runs: BTreeMap::new(),
        replies: replies(driven),
        to_come: Default::default(),
    };
    teller.foresee();
    let mut arrivals = plan.orders.iter().peekable();
    for (place, (at, fact)) in driven.book.facts.iter().enumerate() {
        teller.until(*at, &mut arrivals);
        teller.voice.reach(*at);
        teller.fact(place, fact);
    }
    teller.until(driven.end, &mut arrivals);
    teller.close(driven.end)
}

impl<O: Observer<Observation>> Teller<'_, '_, O> {
    /// What is known to come from the beginning.
    fn foresee(&mut self) {
        for (number, letter) in self.letters.iter().enumerate() {
            self.to_come.insert((letter.sent_at, Derived::Sent(number)));
            if let Some(next) = letter.next {
                // An attempt that nobody answered ends with its timer.
                let timer = [self.plan.workflow.timeout, self.plan.workflow.heartbeat].into_iter().flatten().min();
                let over = timer.map_or(SimTime::NEVER, |timer| letter.sent_at + timer);
                self.to_come.insert((over.min(self.letters[next].sent_at), Derived::AttemptOver(letter.order)));
            }
        }
        for (order, ending) in &self.found.endings {
            let reply = self.replies.get(order).copied().unwrap_or_default();
            if reply.ends_it(ending, &self.letters) {
                // The workers saw the very answer; a history's clock is coarser than theirs.
                continue;
            }
            let at = match needs_an_answer(ending) {
                true => ending.at.max(reply.worked_until + SimDuration(1)),
                false => ending.at,
            };
            self.to_come.insert((at, Derived::Ended(*order)));
        }
    }

    /// Everything that nobody saw up to this instant, and the orders that came in.
    fn until(&mut self, at: SimTime, arrivals: &mut std::iter::Peekable<std::slice::Iter<'_, crate::workload::Order>>) {
        loop {
            let arrival = arrivals.peek().map(|order| order.arrives_at).filter(|arrives| *arrives <= at);
            let derived = self.to_come.first().map(|(when, _)| *when).filter(|when| *when <= at);
            match (arrival, derived) {
                (Some(arrives), when) if when.is_none_or(|when| arrives <= when) => {
                    self.voice.reach(arrives);
                    let order = order_ref(arrivals.next().expect("it was looked at"));
                    self.voice.say(&Observation::OrderArrived { order });
                }
                (_, Some(when)) => {
                    let (_, derived) = self.to_come.pop_first().expect("it was looked at");
                    self.voice.reach(when);
                    self.derived(derived);
                }
                _ => return,
            }
        }
    }

    fn order(&self, number: u64) -> OrderRef {
        order_ref(&self.plan.orders[number as usize])
    }

    fn fate(&mut self, order: u64) -> &mut Fate {
        &mut self.fates[order as usize]
    }

    fn reference(&self, message: usize) -> MessageRef {
        let letter = &self.letters[message];
        MessageRef { handle: handle(message), order: Some(self.order(letter.order)), sent_at: letter.sent_at }
    }

    fn derived(&mut self, what: Derived) {
        match what {
            Derived::Sent(message) => self.sent(message),
            Derived::DelayEnds(message) => {
                if self.letters[message].state == State::At(Place::Delayed) {
                    self.appears(message, Appearance::DelayEnded);
                }
            }
            Derived::Returns { message, receive } => {
                let letter = &self.letters[message];
                if letter.state == State::At(Place::InFlight) && letter.receives == receive {
                    self.appears(message, Appearance::Returned);
                }
            }
            Derived::Expires(message) => {
                if let State::At(from) = self.letters[message].state
                    && self.letters[message].coming.is_empty()
                    && self.letters[message].deleted_by.is_none()
                {
                    self.gone(message);
                    let message = self.reference(message);
                    self.voice.say(&Observation::MessageExpired { message, from });
                }
            }
            Derived::AttemptOver(order) => self.attempt_over(order, None),
            Derived::Ended(order) => {
                let ending = self.found.endings[&order];
                let cause =
                    ending.cause.or_else(|| (ending.outcome == Outcome::TimedOut).then(|| self.whereabouts(order)));
                self.end(order, ending.outcome, cause, ending.caught, None);
            }
        }
    }

    /// Its execution runs: at the latest when its message is there.
    fn started(&mut self, order: u64) {
        if self.fate(order).started.is_some() || self.fate(order).ended.is_some() {
            return;
        }
        let now = self.voice.now();
        let fate = self.fate(order);
        (fate.started, fate.attempts, fate.attempt_began) = (Some(now), 1, now);
        let order = self.order(order);
        self.voice.say(&Observation::ExecutionStarted { order });
        self.voice.say(&Observation::TaskAttempted { order, attempt: 0 });
    }

    fn sent(&mut self, message: usize) {
        if self.letters[message].state != State::Unsent {
            return;
        }
        let now = self.voice.now();
        let order = self.letters[message].order;
        self.started(order);
        if self.fate(order).last.is_some() {
            self.tried_again(order);
        }
        self.fate(order).last = Some(message);
        let delayed = !self.plan.queue.delay.is_zero();
        let letter = &mut self.letters[message];
        (letter.sent_at, letter.since) = (now, now);
        letter.state = State::At(if delayed { Place::Delayed } else { Place::Visible });
        letter.first_visible = now;
        self.voice.message_exists(message);
        let reference = self.reference(message);
        self.voice.say(&Observation::MessageSent { message: reference, delayed });
        if delayed {
            self.to_come.insert((now + self.plan.queue.delay, Derived::DelayEnds(message)));
        } else {
            self.voice.say(&Observation::MessageAppeared { message: reference, why: Appearance::Sent });
        }
        if let Some(retention) = self.plan.queue.retention {
            self.to_come.insert((now + retention, Derived::Expires(message)));
        }
    }

    /// The task of an order is tried again: its back-off is over.
    fn tried_again(&mut self, order: u64) {
        self.attempt_over(order, None);
        if self.fate(order).ended.is_some() {
            return;
        }
        let now = self.voice.now();
        let fate = self.fate(order);
        fate.backing_off = false;
        let attempt = fate.attempts;
        (fate.attempts, fate.attempt_began) = (attempt + 1, now);
        let order = self.order(order);
        self.voice.say(&Observation::RetryWaitEnded { order });
        self.voice.say(&Observation::TaskAttempted { order, attempt });
    }

    /// An attempt is over and another follows.
    fn attempt_over(&mut self, order: u64, cause: Option<Cause>) {
        let whereabouts = self.whereabouts(order);
        let now = self.voice.now();
        let fate = &self.fates[order as usize];
        let Some(next) = fate.last.and_then(|last| self.letters[last].next) else { return };
        if fate.ended.is_some() || fate.backing_off {
            return;
        }
        self.fate(order).backing_off = true;
        let due_at = self.letters[next].sent_at.max(now);
        let (order, cause) = (self.order(order), cause.unwrap_or(whereabouts));
        self.voice.say(&Observation::RetryScheduled { order, cause, due_at });
    }

    fn appears(&mut self, message: usize, why: Appearance) {
        let now = self.voice.now();
        let letter = &mut self.letters[message];
        letter.state = State::At(Place::Visible);
        letter.since = now;
        if why == Appearance::DelayEnded {
            letter.first_visible = now;
        }
        let message = self.reference(message);
        self.voice.say(&Observation::MessageAppeared { message, why });
    }

    fn gone(&mut self, message: usize) {
        self.letters[message].state = State::Gone;
        self.voice.message_gone(self.letters[message].sent_at, message);
    }

    /// Brings a message to where it can be received or found dead.
    fn make_visible(&mut self, message: usize) {
        self.sent(message);
        match self.letters[message].state {
            State::At(Place::Delayed) => self.appears(message, Appearance::DelayEnded),
            State::At(Place::InFlight) => self.appears(message, Appearance::Returned),
            State::Unsent | State::At(Place::Visible) | State::Gone => {}
        }
    }

    fn received(&mut self, message: usize, batch: Handle) {
        self.make_visible(message);
        let now = self.voice.now();
        let visibility = self.plan.queue.visibility_timeout;
        let letter = &mut self.letters[message];
        letter.coming.pop_front();
        let waited = now.since(letter.since);
        letter.receives += 1;
        if letter.receives == 1 {
            letter.first_received = now;
        }
        (letter.state, letter.since, letter.received) = (State::At(Place::InFlight), now, now);
        let (receives, next) = (letter.receives, letter.coming.front().copied());
        let reference = self.reference(message);
        let message_received =
            Observation::MessageReceived { message: reference, receive_count: receives, waited, batch };
        self.voice.say(&message_received);
        let returns = now + visibility;
        match next {
            Some(next) if next + EARLY < returns => self.appears(message, Appearance::Duplicated),
            next => {
                let at = next.map_or(returns, |next| next.min(returns));
                self.to_come.insert((at, Derived::Returns { message, receive: receives }));
            }
        }
    }

    fn fact(&mut self, place: usize, fact: &Fact) {
        let now = self.voice.now();
        match fact {
            Fact::Issued(_) | Fact::AnswerLost(_) => {}
            Fact::Started(order) => self.started(*order),
            Fact::StartThrottled(order, waits) => self.start_throttled(*order, *waits),
            Fact::StartFailed(order) => self.refused(*order, Cause::ServiceError),
            Fact::ReceiveEnded(messages) => {
                self.voice.say(&Observation::ReceiveEnded { messages: *messages, collected: false });
            }
            Fact::Received { message, invocation } => self.received(*message, handle(*invocation)),
            Fact::InvocationStarted { invocation, messages } => self.invocation_started(*invocation, messages),
            Fact::AttemptBegan(invocation, message) => self.attempt_began(*invocation, *message),
            Fact::ConnectionAwaited(order) => {
                let order = Some(self.order(*order));
                self.voice.say(&Observation::ConnectionAwaited { order });
            }
            Fact::ConnectionWaitEnded(order) => {
                let order = Some(self.order(*order));
                self.voice.say(&Observation::ConnectionWaitEnded { order, waited: SimDuration::ZERO });
            }
            Fact::CallBegan(order) => {
                let order = Some(self.order(*order));
                self.voice.say(&Observation::InventoryCallBegan { order });
            }
            Fact::CallEnded(order) => {
                let order = Some(self.order(*order));
                self.voice.say(&Observation::InventoryCallEnded { order });
            }
            Fact::Stock(order, answer) => {
                let reference = Some(self.order(*order));
                self.voice.say(&Observation::StockAnswered { order: reference, answer: *answer });
                if *answer == StockAnswer::Sold {
                    self.work_done(*order);
                }
            }
            Fact::Rejected(order) => {
                let order = Some(self.order(*order));
                self.voice.say(&Observation::InventoryRejected { order });
            }
            Fact::AttemptEnded { invocation, message, succeeded, called } => {
                self.attempt_ended(*invocation, *message, *succeeded, *called);
            }
            Fact::Accepted { invocation, message, answer } => self.accepted(*invocation, *message, *answer),
            Fact::Late(message) => {
                let order = self.order(self.letters[*message].order);
                self.voice.say(&Observation::CallbackLate { order });
            }
            Fact::AnswerThrottled(order, waits) => {
                self.rate_limited(RateLimit::SendTask, *order, SimDuration(*waits));
            }
            Fact::InvocationEnded(invocation, end) => self.invocation_ended(*invocation, *end),
            Fact::Deletes(messages) => self.voice.say(&Observation::BatchDeleted { messages: *messages }),
            Fact::Deleted(message) => self.deleted(place, *message),
            Fact::StaleDelete(message) => self.stale(*message),
            Fact::WorkerFreed => self.voice.say(&Observation::PollerFreed),
            Fact::DeadLettered(message) => {
                self.make_visible(*message);
                if self.letters[*message].state == State::At(Place::Visible) {
                    self.gone(*message);
                    self.fates[self.letters[*message].order as usize].dead_letter = true;
                    let message = self.reference(*message);
                    self.voice.say(&Observation::MessageDeadLettered { message });
                }
            }
        }
        debug_assert_eq!(now, self.voice.now());
    }

    fn rate_limited(&mut self, limit: RateLimit, order: u64, waits: SimDuration) {
        let order = Some(self.order(order));
        let token_at = self.voice.now() + waits.max(SimDuration(1));
        self.voice.say(&Observation::RateLimited { limit, token_at, waits, order });
    }

    fn start_throttled(&mut self, order: u64, waits: Option<u64>) {
        self.rate_limited(RateLimit::StartExecution, order, SimDuration(waits.unwrap_or(0)));
        if waits.is_none() {
            self.refused(order, Cause::StartThrottled);
        }
    }

    /// Unless the services have its execution all the same: then the answer alone was lost.
    fn refused(&mut self, order: u64, cause: Cause) {
        let exists = self.found.existing.contains(&order) || self.fate(order).started.is_some();
        if exists {
            self.started(order);
        } else {
            self.end(order, Outcome::Refused, Some(cause), false, None);
        }
    }

    fn work_done(&mut self, order: u64) {
        let fate = self.fate(order);
        fate.work_done = true;
        let given_up = fate.ended.is_some_and(|outcome| outcome != Outcome::Confirmed);
        if given_up && !std::mem::replace(&mut fate.told, true) {
            let order = self.order(order);
            self.voice.say(&Observation::WorkDoneAfterGivingUp { order });
        }
    }

    fn accepted(&mut self, invocation: usize, message: usize, answer: Answer) {
        let order = self.letters[message].order;
        let reference = self.order(order);
        if self.fate(order).ended.is_some() {
            self.voice.say(&Observation::CallbackLate { order: reference });
            return;
        }
        if self.fate(order).backing_off {
            // Services that use a token again take an answer to an attempt that is over for one to the next.
            self.fate(order).backing_off = false;
            self.voice.say(&Observation::RetryWaitEnded { order: reference });
        }
        self.voice.say(&Observation::CallbackAccepted { order: reference });
        let (outcome, cause) = outcome_of(answer);
        let last = self.fate(order).last;
        if answer != Answer::Done && last.is_some_and(|last| self.letters[last].next.is_some()) {
            return self.attempt_over(order, cause);
        }
        let known = self.found.endings.get(&order);
        if answer != Answer::Done && known.is_some_and(|known| known.outcome != outcome) {
            // The end is another one, and comes at its own time.
            self.fate(order).failure = cause;
            return;
        }
        let now = self.voice.now();
        let stages = answer_stages(
            &self.letters[message],
            &self.fates[order as usize],
            reference,
            &self.runs[&invocation],
            message,
            now,
        );
        let caught = known.is_some_and(|known| known.caught);
        let answered = matches!(outcome, Outcome::Confirmed | Outcome::Declined);
        if answered {
            let run = self.runs.get_mut(&invocation).expect("it runs");
            run.records.iter_mut().filter(|one| one.message == message).for_each(|one| one.useful = true);
        }
        self.end(order, outcome, cause, caught, answered.then_some(stages));
    }

    fn end(&mut self, order: u64, outcome: Outcome, cause: Option<Cause>, caught: bool, stages: Option<Stages>) {
        if self.fate(order).ended.is_some() {
            return;
        }
        let mut outcome = outcome;
        let mut cause = cause;
        if outcome != Outcome::Refused && outcome != Outcome::Open {
            self.started(order);
        }
        let mut stages = stages;
        if matches!(outcome, Outcome::Confirmed | Outcome::Declined) && stages.is_none() {
            // The services know an answer whose acceptance was not heard here.
            stages = self.unheard_stages(order);
            if stages.is_none() {
                (outcome, cause) = (Outcome::Failed, Some(Cause::CallbackLost));
            }
        }
        let reference = self.order(order);
        if std::mem::replace(&mut self.fate(order).backing_off, false) {
            self.voice.say(&Observation::RetryWaitEnded { order: reference });
        }
        if caught || outcome == Outcome::Confirmed {
            self.voice.say(&Observation::NextStateEntered { order: reference });
        }
        let latency = self.voice.now().since(reference.arrived_at);
        self.fate(order).ended = Some(outcome);
        let tries = self.voice.tries(order);
        self.voice.say(&Observation::OrderEnded { order: reference, outcome, cause, latency, stages, tries });
        if self.fate(order).work_done && outcome != Outcome::Confirmed {
            self.work_done(order);
        }
    }

    fn whereabouts(&self, order: u64) -> Cause {
        let fate = &self.fates[order as usize];
        if let Some(cause) = fate.failure {
            return cause;
        }
        let Some(letter) = fate.last.map(|last| &self.letters[last]) else { return Cause::WaitingInQueue };
        match letter.state {
            _ if letter.working > 0 => Cause::Running,
            State::Unsent | State::At(Place::Visible | Place::Delayed) => Cause::WaitingInQueue,
            State::At(Place::InFlight) => Cause::InFlight,
            State::Gone if fate.dead_letter => Cause::DeadLettered,
            State::Gone if letter.deleted_by.is_none() => Cause::Expired,
            State::Gone => Cause::CallbackLost,
        }
    }

    fn deleted(&mut self, place: usize, message: usize) {
        let letter = &self.letters[message];
        match letter.state {
            State::At(from) if letter.deleted_by == Some(place) => {
                self.gone(message);
                let message = self.reference(message);
                self.voice.say(&Observation::MessageDeleted { message, from });
            }
            State::At(_) => self.stale(message),
            State::Unsent | State::Gone => {}
        }
    }

    /// A delete that changed nothing, as the model's queue says it: only where a newer receive overtook it.
    fn stale(&mut self, message: usize) {
        let letter = &self.letters[message];
        if letter.receives > 1 && matches!(letter.state, State::At(_)) {
            let message = self.reference(message);
            self.voice.say(&Observation::StaleDeleteIgnored { message });
        }
    }

    /// The run is over: whoever waits, waits.
    fn close(&mut self, end: SimTime) -> SimTime {
        self.voice.reach(end);
        for order in 0..self.fates.len() as u64 {
            if self.fate(order).ended.is_some() {
                continue;
            }
            let ending = self.found.endings.get(&order).copied();
            let whereabouts = self.whereabouts(order);
            match ending {
                Some(ending) => {
                    let cause = ending.cause.or((ending.outcome == Outcome::TimedOut).then_some(whereabouts));
                    self.end(order, ending.outcome, cause, ending.caught, None);
                }
                None => self.end(order, Outcome::Open, Some(whereabouts), false, None),
            }
        }
        self.voice.finish(end)
    }
}
