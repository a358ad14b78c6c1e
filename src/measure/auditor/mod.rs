//! The auditor: listens to one run and panics at the first thing that cannot be.
//!
//! It keeps tables (of orders, messages and invocations), so it is not for long runs at full speed: it is on in tests and
//! with `--verify`. Each book holds one kind of thing to its rules; at the end the [`Auditor`] sums the time that each
//! member spent in each state inside the window and holds the recorder's integrals to that, to the nanosecond.

mod faults;
mod functions;
mod messages;
mod orders;
mod services;
mod watch;

pub use watch::{AuditSettings, Auditor};
