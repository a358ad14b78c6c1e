//! The direct design: all of it from the histories, for the driver sees nothing between the start and the end of an execution.

use crate::live::drive::Driven;
use crate::live::log::Fact;
use crate::live::plan::Plan;
use crate::live::reconcile::{Attempt, Ending, Reconciled, Tried};
use crate::live::tell::voice::{Voice, handle, order_ref};
use crate::observation::{Cause, InvocationEnd, Observation, OrderRef, Outcome, RateLimit, Stages, Tries, Worth};
use crate::observer::Observer;
use crate::time::{SimDuration, SimTime};
use crate::workload::Order;

/// Something to say, beside what a voice keeps count of.
#[derive(Clone, Copy, Debug)]
enum Say {
    Plain(Observation),
    InvocationStarts(usize, OrderRef),
    InvocationEnds(usize, InvocationEnd, SimDuration),
}

/// What happened to one order, in the order of time.
#[derive(Debug)]
struct Course {
    order: OrderRef,
    now: SimTime,
    said: Vec<(SimTime, Say)>,
}

impl Course {
    /// Time goes on to `at`, not back.
    fn reach(&mut self, at: SimTime) {
        self.now = self.now.max(at);
    }

    fn say(&mut self, what: Observation) {
        self.said.push((self.now, Say::Plain(what)));
    }

    fn end(&mut self, outcome: Outcome, cause: Option<Cause>, stages: Option<Stages>) {
        let latency = self.now.since(self.order.arrived_at);
        // How often it was tried is known when it is said aloud.
        let tries = Tries::default();
        self.say(Observation::OrderEnded { order: self.order, outcome, cause, latency, stages, tries });
    }
}

/// What the driver itself saw of starting an order.
#[derive(Clone, Debug, Default)]
struct Door {
    started: Option<SimTime>,
    throttled: Vec<(SimTime, Option<u64>)>,
    failed: Option<SimTime>,
}

/// Tells the run to the watch; when it was over.
pub(super) fn say<O: Observer<Observation>>(
    plan: &Plan,
    driven: &Driven,
    found: &Reconciled,
    watch: &mut O,
) -> SimTime {
    let mut doors = vec![Door::default(); plan.orders.len()];
    for (at, fact) in &driven.book.facts {
        match fact {
            Fact::Started(order) => doors[*order as usize].started = Some(*at),
            Fact::StartThrottled(order, waits) => doors[*order as usize].throttled.push((*at, *waits)),
            Fact::StartFailed(order) => doors[*order as usize].failed = Some(*at),
            _ => {}
        }
    }
    let mut invocations = 0;
    let courses = plan.orders.iter().zip(&doors).map(|(order, door)| {
        let attempts = found.attempts.get(&order.number).map_or(&[][..], Vec::as_slice);
        let ending = found.endings.get(&order.number).copied();
        course(order, door, (attempts, ending), &mut invocations)
    });
    let mut said: Vec<(SimTime, u64, usize, Say)> = Vec::new();
    let mut open = Vec::new();
    for course in courses {
        let number = course.order.number;
        let ended = course.said.iter().any(|(_, what)| matches!(what, Say::Plain(Observation::OrderEnded { .. })));
        if !ended {
            open.push((course.order, running(&course)));
        }
        said.extend(course.said.into_iter().enumerate().map(|(step, (at, what))| (at, number, step, what)));
    }
    said.sort_by_key(|(at, number, step, _)| (*at, *number, *step));
    let mut voice = Voice::new(watch);
    for (at, _, _, what) in &said {
        voice.reach(*at);
        aloud(&mut voice, what);
    }
    let end = driven.end.max(voice.now());
    voice.reach(end);
    for (order, is_running) in open {
        let cause = Some(if is_running { Cause::Running } else { Cause::WaitingInQueue });
        let latency = end.since(order.arrived_at);
        let (outcome, tries) = (Outcome::Open, voice.tries(order.number));
        voice.say(&Observation::OrderEnded { order, outcome, cause, latency, stages: None, tries });
    }
    voice.finish(end)
}

fn aloud<O: Observer<Observation>>(voice: &mut Voice<'_, O>, what: &Say) {
    match *what {
        Say::Plain(Observation::OrderEnded { order, outcome, cause, latency, stages, .. }) => {
            let tries = voice.tries(order.number);
            voice.say(&Observation::OrderEnded { order, outcome, cause, latency, stages, tries });
        }
        Say::Plain(ref what) => voice.say(what),
        Say::InvocationStarts(number, order) => voice.invocation_starts(number, &[order]),
        Say::InvocationEnds(number, end, ran) => {
            voice.environment_free();
            let invocation = handle(number);
            voice.say(&Observation::InvocationEnded { invocation, end, ran, records: 1, provisioned: false });
        }
    }
}

/// Whether the last attempt of an order that has not ended is under way.
fn running(course: &Course) -> bool {
    matches!(course.said.last(), Some((_, Say::Plain(Observation::TaskAttempted { .. }))))
}

fn course(
    order: &Order,
    door: &Door,
    (attempts, ending): (&[Attempt], Option<Ending>),
    invocations: &mut usize,
) -> Course {
    let order = order_ref(order);
    let mut course = Course { order, now: order.arrived_at, said: Vec::new() };
    course.say(Observation::OrderArrived { order });
    for (at, waits) in &door.throttled {
        course.reach(*at);
        let waits = SimDuration(waits.unwrap_or(0));
        let token_at = course.now + waits.max(SimDuration(1));
        course.say(Observation::RateLimited { limit: RateLimit::StartExecution, token_at, waits, order: Some(order) });
    }
    let began = attempts.first().map(|first| first.began);
    let Some(started) = door.started.into_iter().chain(began).min() else {
        if let Some(at) = door.failed.or(door.throttled.last().map(|(at, _)| *at)) {
            course.reach(at);
            let cause = if door.failed.is_some() { Cause::ServiceError } else { Cause::StartThrottled };
            course.end(Outcome::Refused, Some(cause), None);
        }
        return course;
    };
    course.reach(started);
    course.say(Observation::ExecutionStarted { order });
    let started = course.now;
    let mut handed_over = false;
    for (number, attempt) in attempts.iter().enumerate() {
        course.reach(attempt.began);
        if number > 0 {
            course.say(Observation::RetryWaitEnded { order });
        }
        course.say(Observation::TaskAttempted { order, attempt: number as u32 });
        let Some(ended) = attempt.ended else { break };
        let began = course.now;
        let ran = tried(&mut course, attempt, ended, &mut handed_over, invocations);
        course.reach(ended);
        let next = attempts.get(number + 1);
        match (attempt.result, next) {
            (Tried::Open, _) => break,
            (Tried::Succeeded, _) => {
                course.say(Observation::NextStateEntered { order });
                let stages = stages(&course, started, began, ran);
                course.end(Outcome::Confirmed, None, Some(stages));
                break;
            }
            (Tried::Failed(cause), Some(next)) => {
                let due_at = next.began.max(course.now);
                course.say(Observation::RetryScheduled { order, cause, due_at });
            }
            (Tried::TimedOut, Some(next)) => {
                let due_at = next.began.max(course.now);
                course.say(Observation::RetryScheduled { order, cause: Cause::Running, due_at });
            }
            (Tried::Failed(_) | Tried::TimedOut, None) => last_failed(&mut course, attempt.result, ending),
        }
    }
    if attempts.is_empty()
        && let Some(ending) = ending.filter(|ending| !matches!(ending.outcome, Outcome::Confirmed | Outcome::Declined))
    {
        course.say(Observation::TaskAttempted { order, attempt: 0 });
        course.reach(ending.at);
        course.end(ending.outcome, Some(ending.cause.unwrap_or(Cause::WaitingInQueue)), None);
    }
    course
}

/// An order whose last attempt failed: its outcome is that of the attempt, or the execution's own timeout.
fn last_failed(course: &mut Course, result: Tried, ending: Option<Ending>) {
    let order = course.order;
    let (outcome, cause) = match (result, ending) {
        (_, Some(ending)) if ending.outcome == Outcome::TimedOut => (Outcome::TimedOut, Cause::Running),
        (Tried::Failed(cause), _) => (Outcome::Failed, cause),
        _ => (Outcome::TimedOut, Cause::Running),
    };
    match ending {
        None => return,
        Some(ending) => {
            if ending.caught {
                course.say(Observation::NextStateEntered { order });
            } else {
                course.reach(ending.at);
            }
        }
    }
    course.end(outcome, Some(cause), None);
}

/// What the function did in an attempt: when it ran.
fn tried(
    course: &mut Course,
    attempt: &Attempt,
    ended: SimTime,
    handed_over: &mut bool,
    invocations: &mut usize,
) -> (SimTime, SimTime) {
    let order = course.order;
    if attempt.result == Tried::Failed(Cause::Throttled) {
        course.reach(ended);
        // By the services' word: how many were busy at that instant is not seen from here.
        course.say(Observation::InvocationThrottled { order: Some(order), concurrency: false });
        return (course.now, course.now);
    }
    if attempt.result == Tried::Failed(Cause::ServiceError) {
        return (course.now, course.now);
    }
    let ended = ended.max(course.now);
    let (from, to) = attempt.ran.unwrap_or((course.now, ended));
    let from = from.clamp(course.now, ended);
    let to = to.clamp(from, ended);
    let number = *invocations;
    *invocations += 1;
    course.reach(from);
    course.said.push((course.now, Say::InvocationStarts(number, order)));
    if !std::mem::replace(handed_over, true) {
        course.say(Observation::OrderHandedOver { order, wait: course.now.since(order.arrived_at) });
    }
    let (invocation, whose) = (handle(number), Some(order));
    course.say(Observation::AttemptBegan { invocation, order: whose });
    course.reach(to);
    let succeeded = attempt.result == Tried::Succeeded;
    let end = match attempt.result {
        Tried::Succeeded => InvocationEnd::Success,
        Tried::Failed(Cause::FunctionTimeout) => InvocationEnd::Timeout,
        Tried::Failed(_) => InvocationEnd::Error,
        // How it went on after the task gave it up is not seen.
        Tried::TimedOut | Tried::Open => InvocationEnd::Success,
    };
    let worth = match attempt.result {
        Tried::Succeeded => Worth::Useful,
        Tried::TimedOut => Worth::TooLate,
        Tried::Failed(_) | Tried::Open => Worth::Failed,
    };
    course.say(Observation::AttemptEnded { invocation, order: whose, succeeded });
    let share = to.since(from);
    course.say(Observation::AttemptJudged { order: whose, worth, share, called: false, deferred: false });
    course.said.push((course.now, Say::InvocationEnds(number, end, share)));
    (from, to)
}

fn stages(course: &Course, started: SimTime, began: SimTime, (from, to): (SimTime, SimTime)) -> Stages {
    Stages {
        start: started.since(course.order.arrived_at),
        retry: began.since(started),
        invoke: from.since(began),
        work: to.since(from),
        callback: course.now.since(to),
        ..Stages::default()
    }
}
