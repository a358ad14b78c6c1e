//! Queue.
use crate::time::SimDuration;

/// How a queue is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// `VisibilityTimeout`; `None`: a received message never returns.
    pub visibility_timeout: Option<SimDuration>,
    /// `MessageRetentionPeriod`, from the sending; `None`: for ever.
    pub message_retention_period: Option<SimDuration>,
    /// `DelaySeconds` of every message.
    pub delay: SimDuration,
    /// `maxReceiveCount` of the redrive policy; `None`: no dead-letter queue.
    pub max_receive_count: Option<u32>,
    /// Where a message that comes back queues up.
    pub returned_to: ReturnedTo,
    /// What a delete with an overtaken receipt does.
    pub stale_delete: StaleDelete,
}

/// Where a message that comes back queues up (`queue.returned_to`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnedTo {
    /// The place of its first sending (aws, assumed; from the third receive on, with `maxReceiveCount` > 3, the back).
    Place,
    /// Behind all visible ones (textbook).
    Back,
}

/// What a delete does whose receipt a newer receive has overtaken (`queue.stale_delete`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaleDelete {
    /// Nothing (aws).
    Ignored,
    /// It deletes the message (textbook).
    Deletes,
}
