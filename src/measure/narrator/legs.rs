//! The legs of an order's way: what it was doing from its arrival to its end, without a gap.
//!
//! Of an answered order they are its stages, as every report counts them. Of any other they follow what happened, so that
//! each try has its own; together they are its latency in either case.

use super::{Moment, Story};
use crate::observation::{Appearance, Observation, Stage};
use crate::slab::Handle;
use crate::time::SimTime;

/// What an order was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// What every answered order does.
    Stage(Stage),
    /// It waited for its retry.
    BackOff,
    /// Its message was in flight, but nobody worked on it.
    InFlight,
    /// Its message was gone, and its task waited in vain.
    InVain,
}

impl Doing {
    /// The name used in every file.
    pub const fn name(self) -> &'static str {
        match self {
            Doing::Stage(stage) => stage.name(),
            Doing::BackOff => "back_off",
            Doing::InFlight => "in_flight",
            Doing::InVain => "in_vain",
        }
    }
}

/// One leg: [from, to).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// What the order was doing.
    pub doing: Doing,
    /// Since when.
    pub from: SimTime,
    /// Until when.
    pub to: SimTime,
}

/// The legs up to the order's end, in order of time, those of no length left out.
pub fn legs(story: &Story) -> Vec<Leg> {
    let Some(ending) = &story.ending else { return Vec::new() };
    let mut path = Path { legs: Vec::new(), doing: Doing::Stage(Stage::Start), since: story.order.arrived_at };
    match &ending.stages {
        Some(stages) => {
            for stage in Stage::ALL {
                path.turn(path.since, Doing::Stage(stage));
                path.turn(path.since + stages.get(stage), Doing::Stage(stage));
            }
        }
        None => {
            let mut walk = Walk { message: None, batch: None };
            let before = story.moments.iter().take_while(|moment| !is_end(moment));
            for (index, moment) in before.enumerate() {
                if let Some(doing) = walk.step(story, index, path.doing) {
                    path.turn(moment.at, doing);
                }
            }
        }
    }
    path.turn(ending.at, path.doing);
    path.legs
}

fn is_end(moment: &Moment) -> bool {
    matches!(moment.what, Observation::OrderEnded { .. })
}

/// What has been walked so far.
struct Path {
    legs: Vec<Leg>,
    doing: Doing,
    since: SimTime,
}

impl Path {
    fn turn(&mut self, at: SimTime, doing: Doing) {
        if at > self.since {
            self.legs.push(Leg { doing: self.doing, from: self.since, to: at });
        }
        (self.since, self.doing) = (at, doing);
    }
}

/// The message and the batch of the task's current attempt: earlier ones no longer matter to the order.
struct Walk {
    message: Option<Handle>,
    batch: Option<Handle>,
}

impl Walk {
    /// What the order does from a moment on; `None`: what it did before.
    fn step(&mut self, story: &Story, index: usize, before: Doing) -> Option<Doing> {
        let moment = &story.moments[index];
        match &moment.what {
            Observation::TaskAttempted { .. } => {
                (self.message, self.batch) = (None, None);
                Some(Doing::Stage(if story.queued { Stage::Send } else { Stage::Invoke }))
            }
            Observation::MessageSent { message, .. } | Observation::MessageRedriven { message, .. } => {
                self.message = Some(message.handle);
                Some(Doing::Stage(Stage::Send))
            }
            Observation::MessageAppeared { message, why } if self.is(message.handle) => match why {
                Appearance::Sent | Appearance::DelayEnded | Appearance::Returned => Some(Doing::Stage(Stage::Queue)),
                Appearance::Duplicated => None,
            },
            Observation::MessageReceived { message, batch, .. } if self.is(message.handle) => {
                self.batch = Some(*batch);
                Some(Doing::Stage(Stage::Invoke))
            }
            Observation::RecordHandedOver { invocation, .. } if self.works(story, *invocation) => {
                let cold = moment.detail.given.is_some_and(|given| given.cold);
                Some(Doing::Stage(if cold { Stage::ColdStart } else { Stage::Batch }))
            }
            Observation::AttemptBegan { invocation, order } if self.works(story, *invocation) => {
                let ours = order.is_some_and(|order| order.number == story.order.number);
                let begun = matches!(before, Doing::Stage(Stage::Work | Stage::Callback)) || before == Doing::InFlight;
                (ours || !begun).then_some(Doing::Stage(if ours { Stage::Work } else { Stage::Batch }))
            }
            Observation::AttemptEnded { invocation, succeeded, .. } if self.works(story, *invocation) => {
                let answers = *succeeded || !story.queued || is_answered(&story.moments[index..]);
                Some(if answers { Doing::Stage(Stage::Callback) } else { Doing::InFlight })
            }
            Observation::CallbackAccepted { .. } => Some(Doing::Stage(Stage::Transition)),
            Observation::RetryScheduled { .. } => Some(Doing::BackOff),
            Observation::MessageDeleted { message, .. } if self.is(message.handle) => {
                (!answer_on_its_way(story, index)).then_some(Doing::InVain)
            }
            Observation::MessageDeadLettered { message }
            | Observation::MessageExpired { message, .. }
            | Observation::EventDropped { message, .. }
                if self.is(message.handle) =>
            {
                Some(Doing::InVain)
            }
            Observation::OrderArrived { .. }
            | Observation::ExecutionStarted { .. }
            | Observation::RateLimited { .. }
            | Observation::FaultHit { .. }
            | Observation::RatePeaked { .. }
            | Observation::NextStateEntered { .. }
            | Observation::RetryWaitEnded { .. }
            | Observation::MessageAppeared { .. }
            | Observation::MessageReceived { .. }
            | Observation::MessageDeleted { .. }
            | Observation::StaleDeleteIgnored { .. }
            | Observation::MessageDeadLettered { .. }
            | Observation::MessageExpired { .. }
            | Observation::EventWaits { .. }
            | Observation::EventDropped { .. }
            | Observation::PollersScaled { .. }
            | Observation::ReceiveEnded { .. }
            | Observation::PollerFreed
            | Observation::BatchDeleted { .. }
            | Observation::BatchBacksOff { .. }
            | Observation::EnvironmentsProvisioned { .. }
            | Observation::EnvironmentReclaimed
            | Observation::InvocationThrottled { .. }
            | Observation::InvocationStarted { .. }
            | Observation::RecordHandedOver { .. }
            | Observation::OrderHandedOver { .. }
            | Observation::AttemptBegan { .. }
            | Observation::PoisonMet { .. }
            | Observation::ConnectionAwaited { .. }
            | Observation::ConnectionWaitEnded { .. }
            | Observation::InventoryCallBegan { .. }
            | Observation::InventoryCallEnded { .. }
            | Observation::StockAnswered { .. }
            | Observation::InventoryRejected { .. }
            | Observation::AttemptEnded { .. }
            | Observation::AttemptJudged { .. }
            | Observation::WorkDoneAfterGivingUp { .. }
            | Observation::InvocationEnded { .. }
            | Observation::AnswerOnItsWay { .. }
            | Observation::CallbackLate { .. }
            | Observation::OrderEnded { .. } => None,
        }
    }

    fn is(&self, message: Handle) -> bool {
        self.message == Some(message)
    }

    fn works(&self, story: &Story, invocation: Handle) -> bool {
        !story.queued || self.batch == Some(invocation)
    }
}

/// Whether a failure is answered: its callback comes before anybody turns to the order again.
fn is_answered(moments: &[Moment]) -> bool {
    let later = moments.iter().skip(1).take_while(|moment| !matches!(moment.what, Observation::AttemptBegan { .. }));
    later.take_while(|moment| !is_end(moment)).any(|moment| matches!(moment.what, Observation::CallbackAccepted { .. }))
}

/// Whether the invocation that deletes the message at this moment has said that its answer is under way.
fn answer_on_its_way(story: &Story, index: usize) -> bool {
    let (deleted, before) = (&story.moments[index], &story.moments[..index]);
    let mut now = before.iter().rev().take_while(|moment| moment.at == deleted.at);
    now.any(|moment| matches!(moment.what, Observation::AnswerOnItsWay { .. }))
}
