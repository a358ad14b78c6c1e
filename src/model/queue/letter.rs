//! What a [queue](super) says of its messages to whoever sends, receives or deletes them.

use crate::slab::Handle;
use crate::time::{SimDuration, SimTime};

/// What is known of a message from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter<P> {
    /// Names the message as long as it exists.
    pub handle: Handle,
    /// What the sender put in.
    pub payload: P,
    /// When it was sent.
    pub sent_at: SimTime,
}

/// A message handed out by a receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery<P> {
    /// The message.
    pub letter: Letter<P>,
    /// Names this receive.
    pub receipt: Handle,
    /// 1 for the first receive.
    pub receive_count: u32,
    /// Since it last became visible.
    pub waited: SimDuration,
    /// When it was first visible.
    pub first_visible_at: SimTime,
    /// When it was first received.
    pub first_received_at: SimTime,
    /// When it becomes visible again unless it is deleted first.
    pub visible_again_at: Option<SimTime>,
}

/// What a receive found at the head of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<P> {
    /// A message, now in flight.
    Delivered(Delivery<P>),
    /// A message whose receives are spent: it is gone to the dead-letter queue, look again.
    DeadLettered(DeadLetter<P>),
}

/// A message in the dead-letter queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetter<P> {
    /// The message it was.
    pub letter: Letter<P>,
    /// When it was first visible.
    pub first_visible_at: SimTime,
    /// When it was first received.
    pub first_received_at: SimTime,
}

/// What became of a delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted<P> {
    /// The message was in flight and is gone.
    InFlight(Letter<P>),
    /// The message was visible again and is gone.
    Visible(Letter<P>),
    /// The receipt had been overtaken: nothing changed.
    Stale(Letter<P>),
    /// The message was gone already.
    Already,
    /// It was not to be deleted.
    Kept,
}

/// Where an existing message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Not yet visible.
    Delayed,
    /// Visible, and no invocation holds a delivery of it.
    Visible,
    /// In flight, and no invocation holds a delivery of it.
    InFlight,
    /// An invocation holds a delivery of it.
    Held,
}
