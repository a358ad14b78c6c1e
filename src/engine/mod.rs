//! The simulation engine: an event list, and the loop that lives by it. Knows nothing of orders or AWS.
//!
//! * [`event`]: what can be booked, and the ranks that settle ties within an instant;
//! * [`agenda`]: the event list, one `schedule(at, event)` over [`lane`]s and a [`calendar`];
//! * [`mod@run`]: the loop over arrivals, booked events and turns.

pub mod agenda;
mod calendar;
pub mod event;
mod lane;
pub mod run;

pub use agenda::Agenda;
pub use event::{Event, Rank};
pub use run::{Model, Stop, Turn, run};

#[cfg(test)]
mod agenda_tests;
#[cfg(test)]
mod lane_tests;
#[cfg(test)]
mod run_tests;
