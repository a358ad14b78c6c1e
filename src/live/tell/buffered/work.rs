//! Invocations and their attempts, and what these were worth.

use super::Teller;
use crate::live::tell::voice::handle;
use crate::observation::{InvocationEnd, Observation, OrderRef, Outcome, Worth};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};

#[derive(Debug)]
pub(super) struct Run {
    pub(super) given_at: SimTime,
    pub(super) records: Vec<Attempt>,
    pub(super) batch: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) message: usize,
    pub(super) began: SimTime,
    /// Whether the order had ended, and how, when the attempt began.
    pub(super) at_start: Option<Outcome>,
    pub(super) stale_at_start: bool,
    pub(super) ended: Option<SimTime>,
    pub(super) succeeded: bool,
    pub(super) called: bool,
    pub(super) useful: bool,
    pub(super) at_end: Option<Outcome>,
    pub(super) stale_at_end: bool,
}

impl<O: Observer<Observation>> Teller<'_, '_, O> {
    pub(super) fn invocation_started(&mut self, invocation: usize, messages: &[usize]) {
        let now = self.voice.now();
        let given: Vec<OrderRef> = messages.iter().map(|message| self.order(self.letters[*message].order)).collect();
        self.voice.invocation_starts(invocation, &given);
        for message in messages {
            let order = self.letters[*message].order;
            self.letters[*message].working += 1;
            if !std::mem::replace(&mut self.fate(order).handed_over, true) {
                let order = self.order(order);
                self.voice.say(&Observation::OrderHandedOver { order, wait: now.since(order.arrived_at) });
            }
        }
        self.runs.insert(invocation, Run { given_at: now, records: Vec::new(), batch: messages.to_vec() });
    }

    /// Whether the attempt that a message asks for is over, and another has begun.
    fn is_stale(&self, message: usize) -> bool {
        let order = &self.fates[self.letters[message].order as usize];
        order.backing_off || order.last != Some(message)
    }

    pub(super) fn attempt_began(&mut self, invocation: usize, message: usize) {
        let began = self.voice.now();
        let order = self.letters[message].order;
        let (at_start, stale_at_start) = (self.fates[order as usize].ended, self.is_stale(message));
        let fresh = Attempt {
            message,
            began,
            at_start,
            stale_at_start,
            ended: None,
            succeeded: false,
            called: false,
            useful: false,
            at_end: None,
            stale_at_end: false,
        };
        self.runs.get_mut(&invocation).expect("it runs").records.push(fresh);
        let order = Some(self.order(order));
        self.voice.say(&Observation::AttemptBegan { invocation: handle(invocation), order });
    }

    pub(super) fn attempt_ended(&mut self, invocation: usize, message: usize, succeeded: bool, called: bool) {
        let now = self.voice.now();
        let order = self.letters[message].order;
        let (at_end, stale_at_end) = (self.fates[order as usize].ended, self.is_stale(message));
        let run = self.runs.get_mut(&invocation).expect("it runs");
        let attempt = run.records.iter_mut().rev().find(|attempt| attempt.message == message).expect("it began");
        (attempt.ended, attempt.succeeded, attempt.called) = (Some(now), succeeded, called);
        (attempt.at_end, attempt.stale_at_end) = (at_end, stale_at_end);
        let reference = Some(self.order(order));
        self.voice.say(&Observation::AttemptEnded { invocation: handle(invocation), order: reference, succeeded });
        if succeeded {
            self.work_done(order);
        }
    }

    pub(super) fn invocation_ended(&mut self, invocation: usize, end: InvocationEnd) {
        let run = self.runs.remove(&invocation).expect("it runs");
        let ran = self.voice.now().since(run.given_at);
        let begun = run.records.len().max(1) as u64;
        let share = SimDuration(ran.0 / begun);
        for attempt in &run.records {
            let order = Some(self.order(self.letters[attempt.message].order));
            let (worth, called) = (worth(attempt, end), attempt.called);
            self.voice.say(&Observation::AttemptJudged { order, worth, share, called, deferred: false });
        }
        let invocation_handle = handle(invocation);
        let records = run.batch.len() as u32;
        self.voice.environment_free();
        self.voice.say(&Observation::InvocationEnded {
            invocation: invocation_handle,
            end,
            ran,
            records,
            provisioned: false,
        });
        // Whatever was in the batch is in no handler's hands any more.
        run.batch.into_iter().for_each(|message| self.letters[message].working -= 1);
    }
}

/// By the first reason that fits, as in the simulation.
fn worth(attempt: &Attempt, end: InvocationEnd) -> Worth {
    let answered = |ended: Option<Outcome>| matches!(ended, Some(Outcome::Confirmed | Outcome::Declined));
    if attempt.useful {
        Worth::Useful
    } else if attempt.at_start.is_some_and(|_| !answered(attempt.at_start)) || attempt.stale_at_start {
        Worth::TaskOver
    } else if attempt.at_end.is_some_and(|_| !answered(attempt.at_end)) || attempt.stale_at_end {
        Worth::TooLate
    } else if answered(attempt.at_end) {
        Worth::Duplicate
    } else if attempt.succeeded && end != InvocationEnd::Success {
        Worth::Batch
    } else {
        Worth::Failed
    }
}
