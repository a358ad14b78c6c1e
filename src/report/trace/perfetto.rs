//! The story for a trace viewer (ui.perfetto.dev, chrome://tracing): JSON object form of the Trace Event Format.
//!
//! A design is a process. Its first thread is the order itself: its whole life as a complete event (`X`), with its legs
//! nested in it. The second holds what happened as instant events (`i`). Then each of its messages has a thread (visible, in
//! flight), and each invocation that held it (with the handler's work nested in it), also after the order's end. Flow events
//! (`s`, `t`, `f`) lead from a message to its invocation and from there back to the order. Spans of one thread never
//! overlap but nest, as the format demands. `ts` and `dur` are microseconds of simulated time since the run began, exact to
//! the nanosecond.

use serde_json::{Value, json};

use super::json::{around, plain, tone};
use super::words::is_begin;
use super::{Tale, line};
use crate::measure::narrator::{Moment, Story, legs};
use crate::observation::{Appearance, Observation};
use crate::slab::Handle;
use crate::time::SimTime;

const ORDER: u64 = 1;
const MOMENTS: u64 = 2;
/// Messages are numbered from here, invocations from there.
const MESSAGES: u64 = 100;
const INVOCATIONS: u64 = 10_000;

/// The document.
pub fn document(tale: &Tale) -> Value {
    let mut events = Vec::new();
    for place in 0..tale.stories.len() {
        Process { tale, place, story: &tale.stories[place].1, events: &mut events, flows: 0 }.write();
    }
    json!({
        "traceEvents": events,
        "displayTimeUnit": "ms",
        "otherData": {
            "simulate": env!("CARGO_PKG_VERSION"),
            "scenario": tale.subject.name,
            "seed": tale.subject.seed.to_string(),
            "fingerprint": tale.subject.fingerprint,
            "order": tale.number().to_string(),
            "origin_us": micros(tale.origin.0),
            "arrived_at_us": micros(tale.arrived_at().0),
        },
    })
}

/// Microseconds, exact: three decimals are enough for nanoseconds.
fn micros(nanos: u64) -> Value {
    if nanos.is_multiple_of(1_000) { json!(nanos / 1_000) } else { json!(nanos as f64 / 1_000.0) }
}

/// One design.
struct Process<'a> {
    tale: &'a Tale<'a>,
    place: usize,
    story: &'a Story,
    events: &'a mut Vec<Value>,
    flows: u64,
}

/// What is drawn on a thread from one instant to another.
struct Span<'a> {
    thread: u64,
    category: &'static str,
    name: &'a str,
    from: SimTime,
    to: SimTime,
    args: Value,
}

impl Process<'_> {
    fn pid(&self) -> u64 {
        self.place as u64 + 1
    }

    /// The last instant that is known of.
    fn end(&self) -> SimTime {
        let ended = self.story.ending.as_ref().map_or(SimTime::ZERO, |ending| ending.at);
        self.story.moments.last().map_or(ended, |moment| moment.at.max(ended))
    }

    fn write(&mut self) {
        let (name, pid) = (self.tale.stories[self.place].0.name(), self.pid());
        self.metadata("process_name", 0, json!({ "name": name }));
        self.metadata("process_sort_index", 0, json!({ "sort_index": pid }));
        self.order();
        self.moments();
        self.messages();
        self.invocations();
    }

    fn metadata(&mut self, name: &str, thread: u64, args: Value) {
        let pid = self.pid();
        self.events.push(json!({ "name": name, "ph": "M", "pid": pid, "tid": thread, "ts": 0, "args": args }));
    }

    fn thread(&mut self, thread: u64, name: &str) {
        self.metadata("thread_name", thread, json!({ "name": name }));
        self.metadata("thread_sort_index", thread, json!({ "sort_index": thread }));
    }

    fn span(&mut self, span: Span) {
        let Span { thread, category, name, from, to, args } = span;
        self.events.push(json!({
            "name": name,
            "cat": category,
            "ph": "X",
            "ts": micros(from.0),
            "dur": micros(to.since(from).0),
            "pid": self.pid(),
            "tid": thread,
            "args": args,
        }));
    }

    fn order(&mut self) {
        let number = self.story.order.number;
        self.thread(ORDER, &format!("order {number}"));
        let Some(ending) = &self.story.ending else { return };
        let args = json!({
            "outcome": ending.outcome.name(),
            "cause": ending.cause.map(|cause| cause.name()),
            "latency_ns": ending.latency.0,
        });
        let name = format!("order {number}: {}", ending.outcome.name());
        let from = self.story.order.arrived_at;
        self.span(Span { thread: ORDER, category: "order", name: &name, from, to: ending.at, args });
        for leg in legs(self.story) {
            let (name, args) = (leg.doing.name(), json!({ "lasted_ns": leg.to.since(leg.from).0 }));
            self.span(Span { thread: ORDER, category: "leg", name, from: leg.from, to: leg.to, args });
        }
    }

    fn moments(&mut self) {
        self.thread(MOMENTS, "what happens");
        let story = self.story;
        for (index, moment) in story.moments.iter().enumerate() {
            let Some(said) = line(self.tale, self.place, index) else { continue };
            self.events.push(json!({
                "name": plain(&said.what),
                "cat": "moment",
                "ph": "i",
                "s": "t",
                "ts": micros(moment.at.0),
                "pid": self.pid(),
                "tid": MOMENTS,
                "args": { "why": plain(&said.why), "tone": tone(said.tone), "around": around(&moment.around) },
            }));
        }
    }

    /// Each message on a thread of its own: when it was visible and when in flight.
    fn messages(&mut self) {
        let mut known: Vec<Handle> = Vec::new();
        let story = self.story;
        for (index, moment) in story.moments.iter().enumerate() {
            let Observation::MessageAppeared { message, why } = &moment.what else { continue };
            if matches!(why, Appearance::Sent | Appearance::DelayEnded) && !known.contains(&message.handle) {
                let thread = MESSAGES + known.len() as u64;
                known.push(message.handle);
                self.thread(thread, &format!("message {}", known.len()));
                self.message(thread, message.handle, &story.moments[index..]);
            }
        }
    }

    fn message(&mut self, thread: u64, message: Handle, moments: &[Moment]) {
        let (mut name, mut since) = ("visible", self.story.order.arrived_at);
        let mut there = false;
        for moment in moments {
            let (one, next) = if let Observation::MessageAppeared { message: one, .. } = &moment.what {
                (one.handle, Some("visible"))
            } else if let Observation::MessageReceived { message: one, .. } = &moment.what {
                (one.handle, Some("in flight"))
            } else if let Observation::MessageDeleted { message: one, .. }
            | Observation::MessageDeadLettered { message: one }
            | Observation::MessageExpired { message: one, .. }
            | Observation::EventDropped { message: one, .. } = &moment.what
            {
                (one.handle, None)
            } else {
                continue;
            };
            if one != message {
                continue;
            }
            if there {
                self.in_queue(thread, name, since, moment.at);
            }
            let Some(next) = next else { return };
            (name, since, there) = (next, moment.at, true);
        }
        let end = self.end();
        self.in_queue(thread, name, since, end);
    }

    fn in_queue(&mut self, thread: u64, name: &str, from: SimTime, to: SimTime) {
        self.span(Span { thread, category: "message", name, from, to, args: json!({}) });
    }

    /// Each invocation that held the order, with the handler's work on it, and the flow that leads there and back.
    fn invocations(&mut self) {
        let story = self.story;
        let mut thread = INVOCATIONS;
        for (index, moment) in story.moments.iter().enumerate() {
            let (Observation::RecordHandedOver { invocation, .. }, Some(given)) = (&moment.what, moment.detail.given)
            else {
                continue;
            };
            let later = &story.moments[index..];
            let ended = |moment: &&Moment| matches!(&moment.what, Observation::InvocationEnded { invocation: one, .. } if one == invocation);
            let to = later.iter().find(ended).map_or(self.end(), |moment| moment.at);
            self.thread(thread, &format!("invocation {}", thread - INVOCATIONS + 1));
            let name = if given.cold { "invocation, cold" } else { "invocation" };
            let args = json!({ "records": given.records, "place": given.place + 1 });
            self.span(Span { thread, category: "invocation", name, from: moment.at, to, args });
            let done = self.work(thread, *invocation, later, to);
            self.flow(thread, index, *invocation, done);
            thread += 1;
        }
    }

    /// The handler's work on the order in this invocation: when it was done.
    fn work(&mut self, thread: u64, invocation: Handle, moments: &[Moment], end: SimTime) -> Option<SimTime> {
        let began = moments.iter().find(|moment| is_begin(moment, invocation, self.story))?;
        let ended = moments.iter().find(
            |moment| matches!(&moment.what, Observation::AttemptEnded { invocation: one, .. } if *one == invocation),
        );
        let to = ended.map_or(end, |ended| ended.at);
        self.span(Span { thread, category: "work", name: "work", from: began.at, to, args: json!({}) });
        Some(to)
    }

    /// From the receive (direct: from the task) to the hand-over at `index`, and back to the order when the work is done, if
    /// that was before its end.
    fn flow(&mut self, thread: u64, index: usize, invocation: Handle, done: Option<SimTime>) {
        self.flows += 1;
        let story = self.story;
        let given_at = story.moments[index].at;
        let (from, at) = self.origin_of(index, invocation);
        let ended_at = story.ending.as_ref().map_or(SimTime::ZERO, |ending| ending.at);
        let back = done.filter(|done| *done < ended_at);
        self.flow_event("s", from, at);
        match back {
            Some(done) => {
                self.flow_event("t", thread, given_at);
                self.flow_event("f", ORDER, done);
            }
            None => self.flow_event("f", thread, given_at),
        }
    }

    /// The thread and the instant that a hand-over goes back to.
    fn origin_of(&self, index: usize, invocation: Handle) -> (u64, SimTime) {
        let mut messages: Vec<Handle> = Vec::new();
        let mut found = (ORDER, self.story.order.arrived_at);
        for moment in &self.story.moments[..index] {
            if let Observation::TaskAttempted { .. } = &moment.what
                && !self.story.queued
            {
                found = (ORDER, moment.at);
            }
            if let Observation::MessageAppeared { message, .. } = &moment.what
                && !messages.contains(&message.handle)
            {
                messages.push(message.handle);
            }
            if let Observation::MessageReceived { message, batch, .. } = &moment.what
                && *batch == invocation
            {
                let place = messages.iter().position(|one| *one == message.handle).unwrap_or(0);
                found = (MESSAGES + place as u64, moment.at);
            }
        }
        found
    }

    fn flow_event(&mut self, phase: &str, thread: u64, at: SimTime) {
        let (pid, id) = (self.pid(), format!("{}.{}", self.pid(), self.flows));
        let mut event = json!({
            "name": "hand-over",
            "cat": "flow",
            "ph": phase,
            "id": id,
            "ts": micros(at.0),
            "pid": pid,
            "tid": thread,
        });
        if phase == "f" {
            event["bp"] = json!("e");
        }
        self.events.push(event);
    }
}
