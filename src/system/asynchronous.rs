//! Asynchronous direct invocation at work: the Task hands Lambda an event with its token and waits for the callback. Lambda
//! keeps the event in a queue of its own and invokes the function from there.
//!
//! ```text
//!  task ──send──▶ accepted ──▶ read ──receive, invoke──▶ asked ──▶ given to an environment ──▶ handled
//!                    ▲                                     │ throttled          │ error, timeout
//!                    └───────────── waits ◀────────────────┴────────────────────┘
//!                                     └──▶ dropped: too old, or its retries are spent
//! ```
//!
//! Nobody tells the Task of a throttle, an error or a drop: without an answer it waits for its timeout.

use crate::engine::{Rank, Turn};
use crate::model::event_queue::{EventPlace, EventQueue, EventRef, Fate};
use crate::model::execution::{Execution, NO_MESSAGE, Standing};
use crate::observation::{Appearance, Cause, DropReason, InvocationEnd, MessageRef, Observation, Place};
use crate::observer::Observer;
use crate::random::{OrderKey, Purpose};
use crate::slab::Handle;
use crate::time::SimTime;

use super::batch::Record;
use super::direct::{Direct, Event};
use super::hops::Hop;
use super::spec::DirectSpec;
use super::ways::Aws;
use super::workflow::{Workflow, order_of};

/// What asynchronous invocation books.
#[derive(Clone, Copy, Debug)]
pub enum AsynchronousEvent {
    /// An event reaches Lambda.
    Arrives {
        /// The attempt that sent it.
        token: Handle,
    },
    /// An event has waited for its next try.
    Due {
        /// The event.
        event: Handle,
    },
    /// An event is too old for another try.
    Expires {
        /// The event.
        event: Handle,
    },
}

impl AsynchronousEvent {
    #[inline(always)]
    pub(super) fn rank(&self) -> Rank {
        match self {
            AsynchronousEvent::Arrives { .. } | AsynchronousEvent::Due { .. } => Rank::Arrives,
            AsynchronousEvent::Expires { .. } => Rank::TimerRunsOut,
        }
    }
}

/// What an event carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    /// The task token: its slot is the order's record.
    token: Handle,
    /// The number of the task's attempt, which tells apart the draws of its hops.
    attempt: u32,
}

/// Lambda's queue and the ways into and out of it.
pub(super) struct Asynchronous {
    queue: EventQueue<Ticket>,
    send: Hop,
    receive: Hop,
    /// Whether nothing is reserved for the function, so that Lambda does not even try.
    never_runs: bool,
    has_destination: bool,
}

impl Asynchronous {
    pub(super) fn new(spec: &DirectSpec) -> Option<Asynchronous> {
        let (asynchronous, latency) = (spec.asynchronous?, &spec.platform.latency);
        Some(Asynchronous {
            queue: EventQueue::new(asynchronous.queue),
            send: Hop::new(latency.send, Purpose::Send),
            receive: Hop::new(latency.receive, Purpose::Receive),
            never_runs: spec.function.reserved_concurrency == Some(0),
            has_destination: asynchronous.destination,
        })
    }

    /// Whether Lambda has no event.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// When the oldest event was accepted.
    pub(super) fn oldest(&mut self) -> Option<SimTime> {
        self.queue.oldest()
    }

    /// Where the attempt of a waiting execution is stuck.
    pub(super) fn whereabouts(&self, execution: &Execution) -> Cause {
        match execution.cause {
            Some(fate) => fate,
            None if execution.message == NO_MESSAGE => Cause::WaitingInQueue,
            None => match self.queue.place(execution.message) {
                EventPlace::Running => Cause::Running,
                EventPlace::Waiting | EventPlace::InHand => Cause::WaitingInQueue,
            },
        }
    }

    /// An environment was given the event.
    pub(super) fn runs(&mut self, event: Handle) {
        self.queue.runs(event);
    }

    /// An event is no more: whoever waits for its answer waits in vain, for this reason.
    fn remove(&mut self, event: Handle, fate: Cause, workflow: &mut Workflow) {
        let token = self.queue.remove(event).payload.token;
        if workflow.executions.get_mut(token.slot).message_gone(token, fate) {
            workflow.executions.give_back(token.slot);
        }
    }

    fn message(&self, event: Handle, workflow: &Workflow) -> MessageRef {
        let event = self.queue.get(event);
        message_ref(&event, workflow.executions.get(event.payload.token.slot))
    }
}

impl Direct {
    fn events(&mut self) -> &mut Asynchronous {
        self.asynchronous.as_mut().expect("only asynchronous invocation has events")
    }

    /// The task of an attempt starts: it sends Lambda an event with its token, which refers to the record from here on.
    pub(super) fn send_event<O: Observer<Observation>>(&mut self, token: Handle, turn: &mut Turn<Event, O>) {
        let record = self.workflow.executions.get_mut(token.slot);
        record.add_reference();
        let (key, attempt) = (OrderKey(record.key), record.attempts);
        let length = self.events().send.draw(key, attempt);
        if length.is_zero() {
            return self.accept_event(token, turn);
        }
        self.workflow.in_transit += 1;
        turn.book(turn.now + length, AsynchronousEvent::Arrives { token }.into());
    }

    /// One of the events of asynchronous invocation has come.
    pub(super) fn handle_asynchronous<O: Observer<Observation>>(
        &mut self,
        event: AsynchronousEvent,
        turn: &mut Turn<Event, O>,
    ) {
        match event {
            AsynchronousEvent::Arrives { token } => {
                self.workflow.in_transit -= 1;
                self.accept_event(token, turn);
            }
            AsynchronousEvent::Due { event } => self.read_event(event, turn),
            AsynchronousEvent::Expires { event } => self.drop_event(event, Place::Visible, DropReason::TooOld, turn),
        }
    }

    /// Lambda accepts an event, whatever the function is doing, and reads it at once, unless the function never runs.
    fn accept_event<O: Observer<Observation>>(&mut self, token: Handle, turn: &mut Turn<Event, O>) {
        let attempt = self.workflow.executions.get(token.slot).attempts;
        let event = self.events().queue.accept(turn.now, Ticket { token, attempt });
        let record = self.workflow.executions.get_mut(token.slot);
        if record.standing(token) == Standing::Current {
            record.message = event.handle.slot;
        }
        let message = message_ref(&event, record);
        turn.say(&Observation::MessageSent { message, delayed: false });
        turn.say(&Observation::MessageAppeared { message, why: Appearance::Sent });
        if self.events().never_runs {
            return self.drop_event(event.handle, Place::Visible, DropReason::NeverRuns, turn);
        }
        self.read_event(event.handle, turn);
    }

    /// Lambda reads an event and takes it to the function.
    fn read_event<O: Observer<Observation>>(&mut self, event: Handle, turn: &mut Turn<Event, O>) {
        let reading = self.events().queue.read(turn.now, event);
        let Ticket { token, attempt } = reading.event.payload;
        let record = self.workflow.executions.get(token.slot);
        let (message, key) = (message_ref(&reading.event, record), OrderKey(record.key));
        // The first try draws what a synchronous invocation would draw.
        let number = attempt.wrapping_add((reading.number - 1) << 16);
        let length = self.events().receive.draw(key, number) + self.invoke.draw(key, number);
        let accepted_at = reading.event.accepted_at;
        let times = [accepted_at, accepted_at, reading.first_run_read_at, turn.now];
        let batch = self.open(Record::new(token, event, times, 0));
        let (receive_count, waited) = (reading.number, reading.waited);
        turn.say(&Observation::MessageReceived { message, receive_count, waited, batch });
        self.take_to_function(batch, length, turn);
    }

    /// The function has no room for the event.
    pub(super) fn event_throttled<O: Observer<Observation>>(&mut self, event: Handle, turn: &mut Turn<Event, O>) {
        let fate = self.events().queue.throttled(turn.now, event);
        self.put_back(event, fate, true, turn);
    }

    /// The invocation with the event is over.
    pub(super) fn event_over<O: Observer<Observation>>(
        &mut self,
        event: Handle,
        end: InvocationEnd,
        turn: &mut Turn<Event, O>,
    ) {
        if end != InvocationEnd::Success {
            let fate = self.events().queue.failed(turn.now, event);
            return self.put_back(event, fate, false, turn);
        }
        let message = self.event_ref(event);
        turn.say(&Observation::MessageDeleted { message, from: Place::InFlight });
        self.event_gone(event, Cause::CallbackLost);
    }

    /// An event that could not be handled waits for its next try, or is given up.
    fn put_back<O: Observer<Observation>>(
        &mut self,
        event: Handle,
        fate: Fate,
        throttled: bool,
        turn: &mut Turn<Event, O>,
    ) {
        let (at, next) = match fate {
            Fate::ReadAgain(at) => (at, AsynchronousEvent::Due { event }),
            Fate::Expires(at) => (at, AsynchronousEvent::Expires { event }),
            Fate::TooOld => return self.drop_event(event, Place::InFlight, DropReason::TooOld, turn),
            Fate::RetriesSpent => return self.drop_event(event, Place::InFlight, DropReason::RetriesSpent, turn),
        };
        let message = self.event_ref(event);
        turn.say(&Observation::MessageAppeared { message, why: Appearance::Returned });
        turn.say(&Observation::EventWaits { message, throttled, waits: at.since(turn.now) });
        turn.book(at, next.into());
    }

    fn drop_event<O: Observer<Observation>>(
        &mut self,
        event: Handle,
        from: Place,
        why: DropReason,
        turn: &mut Turn<Event, O>,
    ) {
        let (message, sent_on) = (self.event_ref(event), self.events().has_destination);
        turn.say(&Observation::EventDropped { message, from, why, sent_on });
        self.event_gone(event, Cause::EventDropped);
    }

    fn event_ref(&self, event: Handle) -> MessageRef {
        let events = self.asynchronous.as_ref().expect("only asynchronous invocation has events");
        events.message(event, &self.workflow)
    }

    fn event_gone(&mut self, event: Handle, fate: Cause) {
        let Direct { asynchronous, workflow, .. } = self;
        asynchronous.as_mut().expect("only asynchronous invocation has events").remove(event, fate, workflow);
    }
}

fn message_ref(event: &EventRef<Ticket>, record: &Execution) -> MessageRef {
    MessageRef { handle: event.handle, order: order_of::<Aws>(record), sent_at: event.accepted_at }
}
