//! The load test over real TCP: against ministack, and against moto where ministack differs from AWS.
//!
//! Needs the virtual environment of `simulate live setup` (or one in `SIMULATE_LIVE_VENV`) and, for heartbeats, one with moto in
//! `SIMULATE_LIVE_MOTO`. Where they are missing the tests fail in CI, and say loudly elsewhere that they were left out.

mod aws;
mod designs;
mod desk;
mod given;
mod interrupts;
mod moto;
mod troubles;
