//! A moment of a story as a line: what happened, and why.

use super::super::faults::nature;
use super::super::words::count;
use super::ending::{cause, failure, reason, verdict};
use super::reasons::{self, all, lasting, nth, slots};
use super::{Setting, Tale, clock};
use crate::measure::narrator::{Moment, Refusal, Story};
use crate::observation::{
    Appearance, Cause, InvocationEnd, MessageRef, Observation, OrderRef, Outcome, Place, RateLimit, StockAnswer, Worth,
};
use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

/// How a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should go.
    Plain,
    /// In the way.
    Trouble,
    /// The end, answered.
    Good,
    /// The end, not answered.
    Bad,
}

/// One line of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What happened.
    pub what: String,
    /// Why, or what it has to do with; may be empty.
    pub why: String,
    /// How it is meant.
    pub tone: Tone,
}

impl Line {
    fn plain(what: impl Into<String>, why: impl Into<String>) -> Option<Line> {
        Some(Line { what: what.into(), why: why.into(), tone: Tone::Plain })
    }

    fn trouble(what: impl Into<String>, why: impl Into<String>) -> Option<Line> {
        Some(Line { what: what.into(), why: why.into(), tone: Tone::Trouble })
    }
}

/// A moment, with all it can be seen from.
pub(super) struct View<'a> {
    pub(super) tale: &'a Tale<'a>,
    pub(super) setting: &'a Setting,
    pub(super) story: &'a Story,
    pub(super) index: usize,
}

/// The line of a moment of the story at this place of the tale; `None` where another line says it.
pub fn line(tale: &Tale, place: usize, index: usize) -> Option<Line> {
    let (_, story) = &tale.stories[place];
    View { tale, setting: &tale.settings[place], story, index }.line()
}

impl View<'_> {
    pub(super) fn moment(&self) -> &Moment {
        &self.story.moments[self.index]
    }

    /// The moments before this one, the latest first.
    pub(super) fn before(&self) -> impl Iterator<Item = &Moment> {
        self.story.moments[..self.index].iter().rev()
    }

    /// The other moments of this instant.
    fn now(&self) -> impl Iterator<Item = &Moment> {
        let at = self.moment().at;
        let others = self.story.moments.iter().enumerate().filter(|(index, _)| *index != self.index);
        others.map(|(_, moment)| moment).filter(move |moment| moment.at == at)
    }

    fn is_now(&self, wanted: fn(&Observation) -> bool) -> bool {
        self.now().any(|moment| wanted(&moment.what))
    }

    pub(super) fn clock(&self, at: SimTime) -> String {
        clock::origin(at, self.tale.origin)
    }

    fn line(&self) -> Option<Line> {
        let around = &self.moment().around;
        match &self.moment().what {
            Observation::OrderArrived { .. } => Line::plain("arrives", "StartExecution is called"),
            Observation::RateLimited { limit, waits, .. } => self.rate_limited(*limit, *waits),
            Observation::FaultHit { fault, .. } => self.fault(usize::from(*fault)),
            Observation::ExecutionStarted { .. } => Line::plain("its execution runs", ""),
            Observation::TaskAttempted { attempt: 0, .. } => Line::plain("the task begins", ""),
            Observation::TaskAttempted { attempt, .. } => {
                Line::plain(format!("the task's {} try begins", nth(attempt + 1)), "")
            }
            Observation::RetryScheduled { cause, due_at, .. } => self.retry(*cause, *due_at),
            Observation::MessageSent { delayed: true, .. } => {
                Line::plain("its message is sent", "and stays invisible for its delay")
            }
            Observation::MessageRedriven { .. } => {
                Line::plain("its message is moved back from the dead-letter queue", "the redrive has come to it")
            }
            Observation::MessageAppeared { message, why } => self.appeared(message, *why),
            Observation::MessageReceived { receive_count, waited, .. } => self.received(*receive_count, *waited),
            Observation::MessageDeleted { from: Place::Visible, .. } => {
                Line::trouble("its message is deleted", "though it was visible again: its receipt was the latest")
            }
            Observation::MessageDeleted { .. } => Line::plain("its message is deleted", ""),
            Observation::StaleDeleteIgnored { .. } => {
                Line::trouble("the delete is ignored", "a newer receive has overtaken its receipt")
            }
            Observation::MessageDeadLettered { .. } => self.dead_lettered(),
            Observation::MessageExpired { .. } => {
                let period = self.setting.retention.map_or_else(String::new, lasting);
                Line::trouble("its message expires", format!("older than the retention period of {period}"))
            }
            Observation::EventWaits { throttled, waits, .. } => self.event_waits(*throttled, *waits),
            Observation::EventDropped { why, sent_on, .. } => {
                let where_to = if *sent_on { ", on to the on-failure destination" } else { "" };
                Line::trouble(format!("Lambda gives its event up{where_to}"), reasons::dropped(*why))
            }
            Observation::InvocationThrottled { concurrency, .. } => {
                let why = if *concurrency { slots(self.setting, around) } else { "a rate is used up".to_owned() };
                Line::trouble("throttled (429)", why)
            }
            Observation::BatchBacksOff { waits, .. } => self.batch_backs_off(*waits),
            Observation::RecordHandedOver { .. } => self.handed_over(),
            Observation::AttemptBegan { order, .. } => self.attempt_began(order),
            Observation::PoisonMet { .. } => {
                Line::trouble("the handler cannot work on it", "lambda.poison_rate: each try at this order fails")
            }
            Observation::ConnectionAwaited { .. } => self.connection_awaited(),
            Observation::ConnectionWaitEnded { waited, .. } => self.connection_wait_ended(*waited),
            Observation::InventoryCallBegan { .. } => {
                let said = self.is_now(|what| matches!(what, Observation::ConnectionWaitEnded { .. }));
                if said { None } else { Line::plain("it calls the inventory", reasons::connections(self)) }
            }
            Observation::InventoryCallEnded { .. } => {
                let answered = self.is_now(|what| matches!(what, Observation::StockAnswered { .. }));
                if answered { None } else { Line::trouble("the call of the inventory ends in vain", "") }
            }
            Observation::StockAnswered { answer, .. } => stock(*answer),
            Observation::InventoryRejected { .. } => Line::trouble("the inventory refuses", reasons::rejected(self)),
            Observation::AttemptEnded { invocation, succeeded, .. } => self.attempt_ended(*invocation, *succeeded),
            Observation::AttemptJudged { worth, .. } => wasted(*worth),
            Observation::WorkDoneAfterGivingUp { .. } => {
                Line::trouble("its work is done all the same", "the customer was told no, the stock is gone")
            }
            Observation::InvocationEnded { end, ran, .. } => self.invocation_ended(*end, *ran),
            Observation::CallbackAccepted { .. } => {
                let said = self.is_now(|what| matches!(what, Observation::OrderEnded { .. }));
                if said { None } else { Line::plain("its answer is accepted", "") }
            }
            Observation::CallbackLate { .. } => self.late(),
            Observation::OrderEnded { outcome, .. } => self.ended(*outcome),
            Observation::RatePeaked { .. }
            | Observation::NextStateEntered { .. }
            | Observation::RetryWaitEnded { .. }
            | Observation::MessageSent { .. }
            | Observation::PollersScaled { .. }
            | Observation::ReceiveEnded { .. }
            | Observation::PollerFreed
            | Observation::BatchDeleted { .. }
            | Observation::EnvironmentsProvisioned { .. }
            | Observation::InvocationStarted { .. }
            | Observation::OrderHandedOver { .. }
            | Observation::EnvironmentReclaimed
            | Observation::AnswerOnItsWay { .. } => None,
        }
    }

    fn rate_limited(&self, limit: RateLimit, waits: SimDuration) -> Option<Line> {
        let size = self.setting.limit(limit.name()).map_or_else(String::new, |size| format!(" of {}", count(size)));
        let empty = format!("no token left{size}");
        let again = if waits.is_zero() {
            format!("{empty}, and no try is left")
        } else {
            format!("{empty}; tried again in {}", lasting(waits))
        };
        match limit {
            RateLimit::StartExecution => Line::trouble("StartExecution is throttled", again),
            RateLimit::SendTask => Line::trouble("its answer is throttled (SendTask)", again),
            RateLimit::StateTransition => {
                Line::trouble(format!("its state transition waits {}", lasting(waits)), empty)
            }
            RateLimit::EnvironmentRate => Line::trouble("no new environment may be started yet", empty),
            RateLimit::RequestRate => Line::trouble("the function's request rate is used up", empty),
        }
    }

    fn fault(&self, place: usize) -> Option<Line> {
        let fault = self.tale.subject.faults.get(place)?;
        Line::trouble(format!("the fault “{}” hits it", fault.name), nature(fault))
    }

    fn retry(&self, failed: Cause, due_at: SimTime) -> Option<Line> {
        let waits = lasting(due_at.since(self.moment().at));
        let again = self.before().filter(|moment| matches!(moment.what, Observation::RetryScheduled { .. })).count();
        let number = format!("retry {} of {} in {waits}", again + 1, count(self.setting.retries.into()));
        let said = self.is_now(|what| matches!(what, Observation::InvocationThrottled { .. }));
        match failure(failed) {
            Some(_) if said && failed == Cause::Throttled => Line::trouble(number, ""),
            Some(failure) => Line::trouble(format!("the task fails: {failure}"), number),
            None => Line::trouble("the task gives up waiting", format!("{}; {number}", cause(failed))),
        }
    }

    fn appeared(&self, message: &MessageRef, why: Appearance) -> Option<Line> {
        let around = &self.moment().around;
        let ahead = match around.visible {
            0 => "none waits before it".to_owned(),
            waiting => format!("{} visible before it; {}", count(waiting), reasons::holds_up(self.setting, around)),
        };
        match why {
            Appearance::Sent if self.setting.asynchronous => Line::plain("Lambda accepts its event", ""),
            Appearance::Sent => Line::plain("its message is in the queue", ahead),
            Appearance::DelayEnded => Line::plain("its message is visible: its delay has ended", ahead),
            // The line about Lambda's next try says it.
            Appearance::Returned if self.setting.asynchronous => None,
            Appearance::Returned => Line::trouble("its message is visible again", reasons::returned(self, message)),
            Appearance::Duplicated => {
                Line::trouble("its message stays visible", "a copy was not told of the receive: at least once")
            }
        }
    }

    fn received(&self, receive_count: u32, waited: SimDuration) -> Option<Line> {
        let waited = if waited.is_zero() { "at once".to_owned() } else { format!("after {}", lasting(waited)) };
        let again = if receive_count > 1 { format!(" for the {} time", nth(receive_count)) } else { String::new() };
        if self.setting.asynchronous {
            return Line::plain(format!("Lambda reads its event{again} {waited}"), "");
        }
        let why = reasons::batch_and_deadline(self);
        let what = format!("received{again} {waited}");
        if receive_count > 1 { Line::trouble(what, why) } else { Line::plain(what, why) }
    }

    fn dead_lettered(&self) -> Option<Line> {
        let most = self.setting.max_receive_count.map_or_else(String::new, |most| {
            let times = if most == 1 { "once".to_owned() } else { format!("{} times", count(most.into())) };
            format!("it was received {times} already (maxReceiveCount)")
        });
        Line::trouble("its message goes to the dead-letter queue", most)
    }

    fn event_waits(&self, throttled: bool, waits: SimDuration) -> Option<Line> {
        let why = if throttled { slots(self.setting, &self.moment().around) } else { "the function failed".to_owned() };
        Line::trouble("Lambda puts its event back", format!("{why}; next in {}", lasting(waits)))
    }

    fn batch_backs_off(&self, waits: SimDuration) -> Option<Line> {
        let moment = self.moment();
        let (what, why) = match moment.detail.refused {
            Some(Refusal::Concurrency) => ("its batch is throttled (429)", slots(self.setting, &moment.around)),
            Some(Refusal::Rate(limit)) => ("its batch is throttled (429)", format!("{} is used up", limit.name())),
            None => ("its batch is refused", "the function is out".to_owned()),
        };
        Line::trouble(what, format!("{why}; tried again in {}", lasting(waits)))
    }

    fn handed_over(&self) -> Option<Line> {
        let given = self.moment().detail.given?;
        let begins = if self.begins_now() { "works on it" } else { "takes it" };
        let what = format!("a {} environment {begins}", if given.cold { "new" } else { "warm" });
        // Its own slot is among the busy ones by now.
        let mut why = if given.cold { "cold start: none was idle".to_owned() } else { String::new() };
        if given.records > 1 {
            let place = format!("record {} of {}", given.place + 1, given.records);
            why = if why.is_empty() { place } else { format!("{why}; {place}") };
        }
        Line::plain(what, why)
    }

    fn attempt_began(&self, order: &Option<OrderRef>) -> Option<Line> {
        if order.is_none_or(|order| order.number != self.story.order.number) {
            // A warm one begins as it is given the batch, which says so.
            let late = self
                .before()
                .find(|moment| moment.detail.given.is_some())
                .is_none_or(|given| given.at < self.moment().at);
            return if late { Line::plain("the handler begins with its batch", "others come before it") } else { None };
        }
        let given = self.before().find_map(|moment| Some((moment.at, moment.detail.given?)));
        match given {
            Some((at, _)) if at == self.moment().at => None,
            Some((_, given)) if given.records > 1 => Line::plain("its turn: the handler works on it", ""),
            _ => Line::plain("the handler works on it", ""),
        }
    }

    /// Whether the handler turns to the order at the instant of this hand-over.
    fn begins_now(&self) -> bool {
        let Observation::RecordHandedOver { invocation, .. } = &self.moment().what else { return false };
        let at = self.moment().at;
        let mut later = self.story.moments[self.index..].iter().take_while(|moment| moment.at == at);
        later.any(|moment| is_begin(moment, *invocation, self.story))
    }

    fn connection_awaited(&self) -> Option<Line> {
        let around = &self.moment().around;
        let most = self.setting.limit("inventory_connections");
        let used = match most {
            Some(most) if around.connections >= most => format!("{} in use", all(most, "connection")),
            _ => "no call gets through".to_owned(),
        };
        let line =
            if around.connecting == 0 { String::new() } else { format!(", {} wait before it", around.connecting) };
        Line::trouble("it waits for the inventory", format!("{used}{line}"))
    }

    fn connection_wait_ended(&self, waited: SimDuration) -> Option<Line> {
        let connected = self.is_now(|what| matches!(what, Observation::InventoryCallBegan { .. }));
        let what = if connected { "it calls the inventory" } else { "it waits no longer for the inventory" };
        Line::plain(what, format!("after {}", lasting(waited)))
    }

    fn attempt_ended(&self, invocation: Handle, succeeded: bool) -> Option<Line> {
        let began = self.before().find(|moment| is_begin(moment, invocation, self.story));
        let took = began.map_or_else(String::new, |began| lasting(self.moment().at.since(began.at)));
        if succeeded {
            return Line::plain(format!("done after {took}"), "");
        }
        let (what, why) = reasons::failed(self, invocation);
        let what = if took.starts_with("0\u{a0}") { what.to_owned() } else { format!("{what} after {took}") };
        if what.starts_with("answered") { Line::plain(what, why) } else { Line::trouble(what, why) }
    }

    fn invocation_ended(&self, end: InvocationEnd, ran: SimDuration) -> Option<Line> {
        let kept = self.story.queued && !self.setting.asynchronous;
        let back = if kept { "nothing of its batch is deleted" } else { "" };
        match end {
            InvocationEnd::Success => None,
            InvocationEnd::Error => Line::trouble("the invocation fails: the handler threw", back),
            InvocationEnd::Timeout => {
                Line::trouble(format!("the function is stopped after {}", lasting(ran)), "lambda.timeout ran out")
            }
        }
    }

    fn late(&self) -> Option<Line> {
        let over = self
            .before()
            .find(|moment| matches!(moment.what, Observation::OrderEnded { .. } | Observation::RetryScheduled { .. }));
        let why = over.map_or_else(
            || "another answer has ended its task".to_owned(),
            |over| format!("its task was over at {}", self.clock(over.at)),
        );
        Line::trouble("its answer comes too late (TaskTimedOut)", why)
    }

    fn ended(&self, outcome: Outcome) -> Option<Line> {
        let ending = self.story.ending.as_ref()?;
        let tone = if matches!(outcome, Outcome::Confirmed | Outcome::Declined) { Tone::Good } else { Tone::Bad };
        Some(Line { what: verdict(ending), why: reason(self.setting, self.story, ending), tone })
    }
}

/// Whether the handler turns to this order here, in this invocation.
pub(super) fn is_begin(moment: &Moment, invocation: Handle, story: &Story) -> bool {
    matches!(&moment.what, Observation::AttemptBegan { invocation: begun, order }
        if *begun == invocation && order.is_some_and(|order| order.number == story.order.number))
}

fn stock(answer: StockAnswer) -> Option<Line> {
    match answer {
        StockAnswer::Sold => Line::plain("the inventory takes a unit for it", ""),
        StockAnswer::Oversold => Line::trouble("a second unit is taken: oversold", "the inventory is not idempotent"),
        StockAnswer::Repeated => Line::plain("the inventory takes nothing more", "a repeat; it is idempotent"),
        StockAnswer::OutOfStock => Line::trouble("out of stock", ""),
    }
}

fn wasted(worth: Worth) -> Option<Line> {
    let why = match worth {
        Worth::Useful | Worth::Failed | Worth::NoOrder => return None,
        Worth::TaskOver => "the task was over before it began",
        Worth::TooLate => "the task gave up meanwhile",
        Worth::Duplicate => "another try's answer counted",
        Worth::Batch => "its batch failed",
    };
    Line::trouble("that work was wasted", why)
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
