//! Measurement as observers: they listen to a run and end in [`findings`].
//!
//! The [`recorder`] counts, integrates and keeps the timeline; it is the one that must be fast. The
//! [`auditor`] holds every observation to the rules and the recorder to the sums; the [`fingerprint`] tells runs apart, and
//! its [`checkpoints`] where they part. The [`finder`] finds an order that something happened to, the [`narrator`] keeps its
//! story.
//! [`replications`] makes one result of many, with [`student`]'s intervals.

pub mod auditor;
pub mod bands;
pub mod checkpoints;
pub mod comparison;
pub mod cost;
mod downstream;
mod faults;
pub mod finder;
pub mod findings;
pub mod fingerprint;
pub mod histogram;
pub mod level;
pub mod limits;
pub mod narrator;
pub mod order_log;
pub mod prices;
pub mod quantities;
pub mod recorded;
pub mod recorder;
pub mod replications;
#[cfg(test)]
mod story;
pub mod student;
mod tally;
pub mod timeline;
pub mod tries;
pub mod window;

pub use auditor::{AuditSettings, Auditor};
pub use comparison::compare;
pub use finder::Finder;
pub use findings::Findings;
pub use fingerprint::Fingerprint;
pub use limits::LimitSetting;
pub use narrator::Narrator;
pub use recorded::Recorded;
pub use recorder::{Recorder, RecorderSettings};
pub use replications::Fold;
pub use window::Integrals;
