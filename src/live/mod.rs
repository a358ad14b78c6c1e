//! The load test: drives real AWS-compatible services with a scenario's own orders, open loop, and measures.
//!
//! ```text
//!  scenario ──▶ plan ──▶ drive ─────────────▶ reconcile ──▶ tell ──▶ the simulation's own recorder and auditor
//!                          │ start, receive,      │ lists and
//!                          ▼ answer, delete       ▼ histories
//!                        target (the SDK's clients, or services in memory under a paused clock)
//! ```
//!
//! * [`plan`]: the orders, their draws, and the settings, with `checks` of what real services can do;
//! * [`drive`]: starts orders at their times; [`worker`], [`handler`], [`inventory`] stand in for event source mapping,
//!   function and inventory, or [`reports`] are read of a [`function`] on the target; [`log`] keeps what was seen;
//! * [`guard`]: what ends a run that costs too much or is refused too often;
//! * [`reconcile`]: asks the services how the orders ended that nobody answered; [`tell`]: turns all of it into the
//!   observations of the simulation, so that findings and reports come out the same;
//! * [`target`]: the seam; [`sdk`]: the official clients; [`machine`]: the state machines' definitions;
//! * [`provision`], [`manifest`], [`cleanup`]: whatever is created is written down before, and removed afterwards;
//! * [`server`]: the emulator of `--target local`; [`aws`]: what a run on AWS would create, may do and costs;
//! * [`run`]: all of it in order.

pub mod aws;
mod checks;
pub mod cleanup;
pub mod drive;
pub mod function;
pub mod guard;
pub mod handler;
pub mod inventory;
pub mod log;
pub mod machine;
pub mod manifest;
pub mod plan;
pub mod progress;
pub mod provision;
pub mod reconcile;
pub mod reports;
pub mod run;
pub mod sdk;
pub mod server;
pub mod target;
pub mod tell;
pub mod worker;

#[cfg(test)]
mod drive_tests;
#[cfg(test)]
mod fake;

use crate::time::SimDuration;

/// Who works on the orders of the buffered design.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Worker {
    /// Workers in the driver stand in for event source mapping and function.
    #[default]
    Pool,
    /// An event source mapping and a function on the target.
    Lambda,
}

/// How a measurement is made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// No order that comes later, in time as driven.
    pub duration: Option<SimDuration>,
    /// No more orders than these.
    pub max_orders: Option<u64>,
    /// How many orders may be driven if `max_orders` is not given; `None`: any number.
    pub max_orders_allowed: Option<u64>,
    /// Everything is this many times as fast as the scenario says.
    pub speed: u64,
    /// Who works on the orders of the buffered design.
    pub worker: Worker,
    /// Batches in hand at once; as the scenario says if `None`.
    pub workers: Option<u32>,
    /// Whether workers send heartbeats.
    pub heartbeats: bool,
    /// Seconds of a long poll.
    pub wait_s: u32,
    /// Nothing is waited for longer than this after the last arrival.
    pub max_drain: SimDuration,
    /// An order that starts later than this makes the run void.
    pub max_lag: SimDuration,
    /// Histories asked for in a second at most; `None`: as many as come back.
    pub histories_per_s: Option<u32>,
    /// What ends the run early; `None`: nothing.
    pub guard: Option<guard::Limits>,
}

/// How late the driver itself was, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// The median.
    pub p50: u64,
    /// Of a hundred orders one was later.
    pub p99: u64,
    /// The latest.
    pub max: u64,
}

impl Lag {
    /// Of all orders, by nearest rank.
    pub fn of(mut lags: Vec<u64>) -> Lag {
        lags.sort_unstable();
        let rank = |percent: usize| {
            let place = (lags.len() * percent).div_ceil(100).max(1) - 1;
            lags.get(place).copied().unwrap_or(0)
        };
        Lag { p50: rank(50), p99: rank(99), max: rank(100) }
    }
}
