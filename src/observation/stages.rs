//! The stages of an order's way.

use crate::time::SimDuration;

/// A stage of an answered order's way; the stages of one order add up to its latency exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Intended arrival → the execution runs.
    Start,
    /// The execution runs → the task attempt whose answer counted begins: earlier attempts and their back-off.
    Retry,
    /// That attempt begins → its message is first visible (or, direct, its task has started).
    Send,
    /// First visible → first received.
    Queue,
    /// First received → the receive whose answer counted (zero unless the message was redelivered).
    Redelivery,
    /// Received → an environment is given the batch (direct: the function is asked → an environment is given the order).
    Invoke,
    /// An environment is given the batch → its handler begins.
    ColdStart,
    /// The batch begins → this record's turn.
    Batch,
    /// The record's turn → its handler's end.
    Work,
    /// The handler's end → the answer accepted.
    Callback,
    /// The answer accepted → the workflow's next state entered.
    Transition,
}

impl Stage {
    /// All stages, in the order in which an order passes them.
    pub const ALL: [Stage; 11] = [
        Stage::Start,
        Stage::Retry,
        Stage::Send,
        Stage::Queue,
        Stage::Redelivery,
        Stage::Invoke,
        Stage::ColdStart,
        Stage::Batch,
        Stage::Work,
        Stage::Callback,
        Stage::Transition,
    ];

    /// The name used in every file.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Start => "start",
            Stage::Retry => "retry",
            Stage::Send => "send",
            Stage::Queue => "queue",
            Stage::Redelivery => "redelivery",
            Stage::Invoke => "invoke",
            Stage::ColdStart => "cold_start",
            Stage::Batch => "batch",
            Stage::Work => "work",
            Stage::Callback => "callback",
            Stage::Transition => "transition",
        }
    }
}

/// The time an answered order spent in each [`Stage`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    /// See [`Stage::Start`].
    pub start: SimDuration,
    /// See [`Stage::Retry`].
    pub retry: SimDuration,
    /// See [`Stage::Send`].
    pub send: SimDuration,
    /// See [`Stage::Queue`].
    pub queue: SimDuration,
    /// See [`Stage::Redelivery`].
    pub redelivery: SimDuration,
    /// See [`Stage::Invoke`].
    pub invoke: SimDuration,
    /// See [`Stage::ColdStart`].
    pub cold_start: SimDuration,
    /// See [`Stage::Batch`].
    pub batch: SimDuration,
    /// See [`Stage::Work`].
    pub work: SimDuration,
    /// See [`Stage::Callback`].
    pub callback: SimDuration,
    /// See [`Stage::Transition`].
    pub transition: SimDuration,
}

impl Stages {
    /// The time spent in `stage`.
    #[inline(always)]
    pub fn get(&self, stage: Stage) -> SimDuration {
        match stage {
            Stage::Start => self.start,
            Stage::Retry => self.retry,
            Stage::Send => self.send,
            Stage::Queue => self.queue,
            Stage::Redelivery => self.redelivery,
            Stage::Invoke => self.invoke,
            Stage::ColdStart => self.cold_start,
            Stage::Batch => self.batch,
            Stage::Work => self.work,
            Stage::Callback => self.callback,
            Stage::Transition => self.transition,
        }
    }
}
