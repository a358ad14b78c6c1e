//! The event source mapping at work: it receives batches, brings them to the function, and keeps those that are refused.
//!
//! ```text
//!  receive ──▶ collecting ──window ends, or full──▶ on its way ──▶ asked ──▶ given to an environment
//!                                                                  ▲  │ throttled
//!                                                                  │  ▼
//!                                                              backing off ──visibility timeout──▶ dropped
//! ```
//!
//! A throttled batch is kept and tried again until its visibility timeout, at doubling intervals (`throttle_backoff`, up to
//! `throttle_backoff_limit`; assumed, not published). Then the messages are visible again, with a receive used up that no handler ever saw. After an invocation
//! that failed the poller pauses (`event_source.error_backoff`, assumed), unless failed items are reported one by one.

use crate::engine::{Rank, Turn};
use crate::facts::queue::MESSAGES_PER_CALL;
use crate::model::event_source::{EventSource, EventSourceSettings};
use crate::model::execution::{Execution, Mark};
use crate::model::queue::{Delivery, Received};
use crate::observation::{Appearance, InvocationEnd, Observation};
use crate::observer::Observer;
use crate::random::{Draw, OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

use super::batch::Record;
use super::buffered::{Buffered, Event, message_ref, number_in_line};
use super::hops::Hop;
use super::redrive::dead_lettered;
use super::spec::{BufferedSpec, Pull};
use super::ways::{Aws, Batch, Ways};
use super::workflow::{aim, order_of};

/// What the mapping books.
#[derive(Clone, Copy, Debug)]
pub enum MappingEvent {
    /// A batch reaches the function.
    BatchArrives {
        /// The invocation asked for.
        invocation: Handle,
    },
    /// A throttled batch is tried again.
    BatchDue {
        /// The invocation asked for.
        invocation: Handle,
    },
    /// A batch that is not full is collected no longer.
    WindowEnds {
        /// The invocation it is for.
        invocation: Handle,
    },
    /// A poller has paused after a failure.
    PauseEnds,
    /// A step of the ramp.
    RampSteps,
    /// The mapping looks whether it has too many pollers.
    Looks,
    /// The oldest long poll may have waited in vain.
    PollEnds,
}

impl MappingEvent {
    /// Lanes that these events use, from 0.
    pub(super) const LANES: usize = 3;

    #[inline(always)]
    pub(super) fn rank(&self) -> Rank {
        match self {
            MappingEvent::BatchArrives { .. } => Rank::Starts,
            MappingEvent::BatchDue { .. } | MappingEvent::PauseEnds => Rank::Arrives,
            MappingEvent::WindowEnds { .. }
            | MappingEvent::RampSteps
            | MappingEvent::Looks
            | MappingEvent::PollEnds => Rank::TimerRunsOut,
        }
    }

    #[inline(always)]
    pub(super) fn lane(&self) -> Option<usize> {
        match self {
            MappingEvent::WindowEnds { .. } => Some(0),
            MappingEvent::PauseEnds => Some(1),
            MappingEvent::PollEnds => Some(2),
            MappingEvent::BatchArrives { .. }
            | MappingEvent::BatchDue { .. }
            | MappingEvent::RampSteps
            | MappingEvent::Looks => None,
        }
    }
}

/// A mapping, ready to receive.
pub(super) struct Mapping<W: Ways = Aws> {
    source: EventSource,
    batch_size: usize,
    window: SimDuration,
    pause: SimDuration,
    scale_interval: Option<SimDuration>,
    scale_down_interval: SimDuration,
    first_back_off: SimDuration,
    longest_back_off: SimDuration,
    visibility_timeout: Option<SimDuration>,
    receive: Hop<W>,
    invoke: Hop<W>,
    /// Share of receives that leave their message visible.
    duplicate_delivery: f64,
    /// Whether there are any.
    duplicates: bool,
    /// The slot of the batch that is being collected.
    collecting: Option<u32>,
    /// Whether these are booked.
    ramps: bool,
    looks: bool,
    polls: bool,
}

impl<W: Ways> Mapping<W> {
    pub(super) fn new(spec: &BufferedSpec) -> Mapping<W> {
        let (source, account, latency) = (&spec.event_source, &spec.platform.account, &spec.platform.latency);
        let slots = spec.function.concurrency(account).filter(|_| source.pull == Pull::WhenFree);
        let settings =
            EventSourceSettings { maximum: source.maximum_concurrency, slots, scale_interval: source.scale_interval };
        Mapping {
            source: EventSource::new(settings),
            batch_size: source.batch_size as usize,
            window: source.maximum_batching_window,
            pause: if source.report_batch_item_failures { SimDuration::ZERO } else { source.error_backoff },
            scale_interval: source.scale_interval,
            scale_down_interval: source.scale_down_interval,
            first_back_off: source.throttle_backoff,
            longest_back_off: source.throttle_backoff_limit,
            visibility_timeout: spec.queue.visibility_timeout,
            receive: Hop::new(latency.receive, Purpose::Receive),
            invoke: Hop::new(latency.invoke, Purpose::Invoke),
            duplicate_delivery: spec.noise.duplicate_delivery,
            duplicates: spec.noise.duplicate_delivery > 0.0,
            collecting: None,
            ramps: false,
            looks: false,
            polls: false,
        }
    }

    /// Messages in a batch at most.
    #[inline(always)]
    fn batch_size(&self) -> usize {
        if W::AWS { self.batch_size } else { 1 }
    }

    /// Whether a visible message can be received.
    #[inline(always)]
    pub(super) fn has_room(&self) -> bool {
        self.source.has_room() || (W::AWS && self.collecting.is_some())
    }

    fn book_poll<O>(&mut self, turn: &mut Turn<Event, O>) {
        if !self.polls
            && let Some(at) = self.source.next_empty_receive()
        {
            self.polls = true;
            turn.book(at, MappingEvent::PollEnds.into());
        }
    }

    /// The pollers may have changed: that is said, and the look at them booked.
    fn scaled<O: Observer<Observation>>(&mut self, before: u32, turn: &mut Turn<Event, O>) {
        if self.source.pollers() != before {
            turn.say(&Observation::PollersScaled { pollers: self.source.pollers() });
        }
        if self.source.has_scaled_up() && !self.looks {
            self.looks = true;
            turn.book(turn.now + self.scale_down_interval, MappingEvent::Looks.into());
        }
        self.book_poll(turn);
    }
}

impl<W: Ways> Buffered<W> {
    /// The mapping begins to poll.
    pub(super) fn begin_polling<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        if self.mapping.scale_interval.is_some() {
            self.mapping.scaled(u32::MAX, turn);
        }
    }

    /// A message has become visible: the ramp's clock runs.
    #[inline(always)]
    pub(super) fn message_is_visible<O>(&mut self, turn: &mut Turn<Event, O>) {
        if W::AWS
            && let (false, Some(interval)) = (self.mapping.ramps, self.mapping.scale_interval)
        {
            self.mapping.ramps = true;
            turn.book(turn.now + interval, MappingEvent::RampSteps.into());
        }
    }

    /// One of the mapping's events has come.
    pub(super) fn handle_mapping<O: Observer<Observation>>(&mut self, event: MappingEvent, turn: &mut Turn<Event, O>) {
        let before = self.mapping.source.pollers();
        match event {
            MappingEvent::BatchArrives { invocation } => self.batch_arrives(invocation.slot, turn),
            MappingEvent::BatchDue { invocation } => self.batch_due(invocation.slot, turn),
            MappingEvent::WindowEnds { invocation } => {
                if self.mapping.collecting.take_if(|slot| *slot == invocation.slot).is_some() {
                    self.bring_batch(invocation.slot, turn);
                }
            }
            MappingEvent::PauseEnds => self.free_poller(turn),
            MappingEvent::RampSteps => {
                self.mapping.ramps = false;
                if self.queue.visible() > 0 {
                    self.mapping.source.step(turn.now);
                    self.mapping.scaled(before, turn);
                    self.message_is_visible(turn);
                }
            }
            MappingEvent::Looks => {
                self.mapping.looks = false;
                self.mapping.source.look(turn.now, self.queue.visible() > 0);
                self.mapping.scaled(before, turn);
            }
            MappingEvent::PollEnds => {
                while self.mapping.source.end_poll(turn.now) {
                    turn.say(&Observation::ReceiveEnded { messages: 0, collected: false });
                }
                self.mapping.polls = false;
                self.mapping.book_poll(turn);
            }
        }
    }

    /// Whether one of the mapping's events no longer matters; `nothing_left`: nothing can happen any more.
    pub(super) fn mapping_is_moot(&self, event: &MappingEvent, nothing_left: impl FnOnce() -> bool) -> bool {
        match event {
            MappingEvent::BatchArrives { invocation }
            | MappingEvent::BatchDue { invocation }
            | MappingEvent::WindowEnds { invocation } => !self.invocations.is_running(*invocation),
            MappingEvent::PauseEnds | MappingEvent::RampSteps | MappingEvent::Looks | MappingEvent::PollEnds => {
                nothing_left()
            }
        }
    }

    /// One receive: up to a batch of visible messages comes into the hands of a poller.
    #[inline(always)]
    pub(super) fn receive_batch<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let collected = if W::AWS { self.mapping.collecting.take() } else { None };
        let slot = collected.unwrap_or_else(|| self.invocations.open().0);
        let (before, size) = self.fill_batch(slot, turn);
        let messages = (size - before) as u32;
        say_receives(messages, collected.is_some(), turn);
        if size == 0 {
            self.mapping.source.receive_nothing(turn.now);
            return self.invocations.cancel(slot);
        }
        if collected.is_none() {
            self.take_poller(turn);
        }
        if W::AWS && self.mapping.duplicates {
            self.leave_visible(slot, before, turn);
        }
        if size == self.mapping.batch_size() {
            if W::AWS {
                self.mapping.source.batch_was_full();
            }
        } else if !self.mapping.window.is_zero() {
            self.mapping.collecting = Some(slot);
            if collected.is_none() {
                let event = MappingEvent::WindowEnds { invocation: self.invocations.name(slot) };
                turn.book(turn.now + self.mapping.window, event.into());
            }
            return;
        }
        self.bring_batch(slot, turn);
    }

    /// Fills the batch of this slot with visible messages: its size before and after.
    #[inline(always)]
    fn fill_batch<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) -> (usize, usize) {
        let invocation = self.invocations.slab.get_mut(slot);
        let name = Handle { slot, serial: invocation.serial };
        let batch = &mut invocation.records;
        let before = if W::AWS { batch.len() } else { 0 };
        let mut size = before;
        while size < self.mapping.batch_size() {
            // Where nothing lies between the receive and the handler, that has it from now on.
            let number = |token| number_in_line(&self.workflow.executions, self.backlog, token);
            match self.queue.hand_out(turn.now, !W::AWS, number) {
                None => break,
                Some(Received::Delivered(delivery)) => {
                    let record = self.workflow.executions.get_mut(delivery.letter.payload.slot);
                    batch.push(take_delivery::<W, O>(&delivery, name, record, turn));
                    size += 1;
                    if W::AWS
                        && let Some(redrive) = &self.redrive
                        && let Some(taken) = batch.last_mut()
                    {
                        redrive.look_back(&delivery.letter, taken);
                    }
                    if self.faults.exist() && delivery.receive_count == 1 {
                        let aim = aim(record, record.attempts.into());
                        if self.faults.double(&aim, turn) {
                            turn.book(turn.now, Event::ComesBack { receipt: delivery.receipt });
                        }
                    }
                }
                Some(Received::DeadLettered(dead)) => {
                    let record = self.workflow.executions.get(dead.letter.payload.slot);
                    turn.say(&Observation::MessageDeadLettered { message: message_ref::<W>(&dead.letter, record) });
                    dead_lettered(&dead, &mut self.redrive, &mut self.workflow);
                }
            }
        }
        (before, size)
    }

    /// Some of the messages just received, those of the batch from `first` on, stay visible: a copy was not told.
    #[cold]
    fn leave_visible<O: Observer<Observation>>(&mut self, slot: u32, first: usize, turn: &mut Turn<Event, O>) {
        for index in first..self.invocations.records(slot).len() {
            let taken = &self.invocations.records(slot)[index];
            let (token, receipt, receive) = (taken.token, taken.receipt, taken.aws().run);
            let record = self.workflow.executions.get(token.slot);
            // Receives of one message differ in their number; those of another attempt's message nearly always in this one.
            let number = u64::from(record.attempts) << 32 | u64::from(receive);
            let mut draw = Draw::new(OrderKey(record.key), Purpose::Duplicate, number);
            if draw.coin(self.mapping.duplicate_delivery) {
                self.comes_back(receipt, Appearance::Duplicated, turn);
            }
        }
    }

    #[inline(always)]
    fn take_poller<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        let before = self.mapping.source.pollers();
        self.mapping.source.take(turn.now);
        if W::AWS && self.mapping.source.pollers() != before {
            self.mapping.scaled(before, turn);
        }
    }

    /// A batch is complete: it goes to the function.
    #[inline(always)]
    fn bring_batch<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        if !self.mapping.receive.takes_time() && !self.mapping.invoke.takes_time() {
            return self.batch_arrives(slot, turn);
        }
        let first = &self.invocations.records(slot)[0];
        let key = OrderKey(self.workflow.executions.get(first.token.slot).key);
        let length = self.mapping.receive.draw(key, first.aws().run) + self.mapping.invoke.draw(key, first.aws().run);
        let invocation = self.invocations.name(slot);
        turn.book(turn.now + length, MappingEvent::BatchArrives { invocation }.into());
    }

    /// The function is asked for an environment; if it gives none, the batch is kept for another try.
    #[inline(always)]
    fn batch_arrives<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        if self.invocations.faults.exist() && self.batch_shut_out(slot, turn) {
            return self.batch_refused(slot, turn);
        }
        let Some(given) = self.invocations.ask(None, turn) else { return self.batch_refused(slot, turn) };
        let held = |record: &Record<W>| {
            if W::AWS {
                self.queue.hold(record.receipt);
            }
        };
        if let Some(invocation) = self.invocations.start(slot, given, held, &mut self.workflow, turn) {
            let progressed = self.invocations.begin(invocation, &mut self.workflow, turn);
            self.progressed(progressed, turn);
        }
    }

    /// Whether an outage of the function refuses the batch. The coin is that of its first record, and of this try.
    #[cold]
    fn batch_shut_out<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) -> bool {
        let invocation = self.invocations.slab.get(slot);
        let record = |record: &Record<W>| self.workflow.executions.get(record.token.slot);
        let (first, others) = invocation.records.split_first().expect("a batch is never empty");
        let (order, receive, refusals) =
            (record(first), first.aws().run.min(0xfff), invocation.aws().refusals.min(0xfff));
        let number = u64::from(order.attempts) << 24 | u64::from(receive) << 12 | u64::from(refusals);
        let others = others.iter().map(|other| order_of::<W>(record(other)));
        self.invocations.faults.shut(&aim(order, number), others, turn)
    }

    #[cold]
    fn batch_refused<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        let deadline = self.deadline(slot);
        if turn.now >= deadline {
            return self.drop_batch(slot, turn);
        }
        let invocation = self.invocations.slab.get_mut(slot);
        let doubled = self.mapping.first_back_off.0.saturating_mul(1 << invocation.aws().refusals.min(16));
        invocation.aws_mut().refusals = invocation.aws().refusals.saturating_add(1);
        let due_at = (turn.now + SimDuration(doubled).min(self.mapping.longest_back_off)).min(deadline);
        let invocation = self.invocations.name(slot);
        turn.say(&Observation::BatchBacksOff { batch: invocation, waits: due_at.since(turn.now) });
        turn.book(due_at, MappingEvent::BatchDue { invocation }.into());
    }

    /// When the messages of a batch come back into the queue.
    fn deadline(&self, slot: u32) -> SimTime {
        let received_at = self.invocations.records(slot)[0].received_at;
        self.mapping.visibility_timeout.map_or(SimTime::NEVER, |timeout| received_at + timeout)
    }

    /// A throttled batch is tried again, or dropped because its messages are visible again.
    fn batch_due<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        if turn.now < self.deadline(slot) {
            self.batch_arrives(slot, turn);
        } else {
            self.drop_batch(slot, turn);
        }
    }

    /// The messages of a batch that never got an environment are visible again: its poller lets go of it.
    fn drop_batch<O: Observer<Observation>>(&mut self, slot: u32, turn: &mut Turn<Event, O>) {
        for record in self.invocations.records(slot) {
            self.workflow.executions.drop_reference(record.token.slot);
        }
        self.invocations.cancel(slot);
        self.free_poller(turn);
    }

    /// The invocation of a poller's batch is over.
    #[inline(always)]
    pub(super) fn poller_is_through<O: Observer<Observation>>(
        &mut self,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        if end != InvocationEnd::Success && !self.mapping.pause.is_zero() {
            turn.book(turn.now + self.mapping.pause, MappingEvent::PauseEnds.into());
        } else {
            self.free_poller(turn);
        }
    }

    #[inline(always)]
    fn free_poller<O: Observer<Observation>>(&mut self, turn: &mut Turn<Event, O>) {
        self.mapping.source.free(turn.now);
        turn.say(&Observation::PollerFreed);
        if W::AWS && self.mapping.scale_interval.is_some() {
            self.mapping.book_poll(turn);
        }
    }
}

/// A batch of more than ten is filled by several receives, all at this instant.
#[inline(always)]
fn say_receives<O: Observer<Observation>>(mut messages: u32, mut collected: bool, turn: &mut Turn<Event, O>) {
    while messages > MESSAGES_PER_CALL {
        turn.say(&Observation::ReceiveEnded { messages: MESSAGES_PER_CALL, collected });
        (messages, collected) = (messages - MESSAGES_PER_CALL, true);
    }
    turn.say(&Observation::ReceiveEnded { messages, collected });
}

/// A message has been received for the batch of an invocation, which refers to the order's `record` from now on.
#[inline(always)]
fn take_delivery<W: Ways, O: Observer<Observation>>(
    delivery: &Delivery<Handle>,
    batch: Handle,
    record: &mut Execution,
    turn: &mut Turn<Event, O>,
) -> Record<W> {
    let letter = &delivery.letter;
    turn.say(&Observation::MessageReceived {
        message: message_ref::<W>(letter, record),
        receive_count: delivery.receive_count,
        waited: delivery.waited,
        batch,
    });
    if let Some(at) = delivery.visible_again_at {
        turn.book(at, Event::VisibilityTimesOut { receipt: delivery.receipt });
    }
    record.add_reference();
    record.mark(Mark::Received);
    let times = [letter.sent_at, delivery.first_visible_at, delivery.first_received_at, turn.now];
    Record::new(letter.payload, delivery.receipt, times, delivery.receive_count)
}
