//! Which ways a system may go: all that AWS has, or the textbook's alone.
//!
//! The buffered design is compiled once for each. Its parts ask [`Ways::AWS`] before they look whether one of AWS's ways is
//! on, so in the textbook's instance the question is gone, with whatever hangs on it. It is one system all the same: where
//! [`go_by_the_textbook`] holds, both instances do the same, observation by observation (tested), and one is faster.

use super::spec::{Answers, BatchMode, BufferedSpec, EventSourceSpec, FunctionSpec, PlatformSpec, Pull};
use crate::workload::WorkloadSpec;
use crate::workload::spec::Rate;

/// The ways of one instance.
pub trait Ways: 'static {
    /// Whether any of AWS's may be on: hops that take time, buckets, faults, a ramp of pollers, batches and windows,
    /// environments that start, age or stay, handlers that fail or run out of time, an inventory, messages that are delayed,
    /// doubled, shifted or moved back, or that belong to no order, and recorded service times.
    const AWS: bool;
}

/// All of AWS's.
#[derive(Clone, Copy, Debug)]
pub struct Aws;

impl Ways for Aws {
    const AWS: bool = true;
}

/// None of AWS's: orders with their timers, a queue with its own, servers.
#[derive(Clone, Copy, Debug)]
pub struct Textbook;

impl Ways for Textbook {
    const AWS: bool = false;
}

/// Whether none of AWS's ways is on in this design with this workload.
pub fn go_by_the_textbook(spec: &BufferedSpec, workload: &WorkloadSpec) -> bool {
    let BufferedSpec { workflow: _, queue, delay, noise, redrive, event_source, function, inventory, platform } = spec;
    let recorded = workload.phases.iter().any(|phase| matches!(phase.rate, Rate::Trace(_)));
    workload.initial_backlog == 0
        && !recorded
        && queue.message_retention_period.is_none()
        && delay.length.is_zero()
        && noise.duplicate_delivery == 0.0
        && noise.reorder_window.is_zero()
        && redrive.is_none()
        && inventory.is_none()
        && is_plain_source(event_source)
        && is_plain_function(function)
        && is_plain_platform(platform)
}

/// One message a batch, received when an environment is free for it.
fn is_plain_source(spec: &EventSourceSpec) -> bool {
    spec.pull == Pull::WhenFree
        && spec.batch_size == 1
        && spec.maximum_batching_window.is_zero()
        && spec.scale_interval.is_none()
}

/// Every run of the handler succeeds, and environments are all alike.
fn is_plain_function(spec: &FunctionSpec) -> bool {
    spec.timeout.is_none()
        && spec.error_rate == 0.0
        && spec.poison_rate == 0.0
        && spec.skip_older_than.is_none()
        && spec.batch == BatchMode::OneByOne
        && spec.answers == Answers::Each
        && spec.cold_start.is_zero()
        && spec.recycle_after.is_none()
        && spec.idle_before_reclaim.is_none()
        && spec.provisioned_concurrency == 0
}

/// Nothing takes time, no rate is limited, nothing breaks.
fn is_plain_platform(PlatformSpec { latency, account, sdk: _, faults }: &PlatformSpec) -> bool {
    let hops = [
        latency.start,
        latency.dispatch,
        latency.transition,
        latency.send,
        latency.receive,
        latency.invoke,
        latency.callback,
    ];
    hops.iter().all(|hop| hop.is_zero())
        && account.start_execution.is_none()
        && account.state_transition.is_none()
        && account.send_task.is_none()
        && account.environment_rate.is_none()
        && account.requests_per_concurrency.is_none()
        && faults.is_empty()
}
