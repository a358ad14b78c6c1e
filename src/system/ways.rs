//! Which ways a system may go: all that AWS has, or the textbook's alone.
//!
//! The buffered design is compiled once for each. Its parts ask [`Ways::AWS`] before they look whether one of AWS's ways is
//! on, so in the textbook's instance the question is gone, with whatever hangs on it. It is one system all the same: where
//! [`go_by_the_textbook`] holds, both instances do the same, observation by observation (tested), and one is faster.

use std::ops::{Deref, DerefMut};

use super::spec::{Answers, BatchMode, BufferedSpec, EventSourceSpec, FunctionSpec, PlatformSpec, Pull};
use crate::workload::WorkloadSpec;
use crate::workload::spec::Rate;

/// The ways of one instance.
pub trait Ways: Copy + 'static {
    /// Whether any of AWS's may be on: hops that take time, buckets, faults, a ramp of pollers, batches and windows,
    /// environments that start, age or stay, handlers that fail or run out of time, an inventory, messages that are delayed,
    /// doubled, shifted or moved back, of which only so many may be in flight, or that belong to no order, and recorded service
    /// times.
    const AWS: bool;
    /// What only AWS's ways need to remember.
    type Only<T: Copy>: Only<T>;
    /// What a batch may hold.
    type Batch<R>: Batch<R>;
}

/// Something that only AWS's ways need to remember: it takes no room where nobody asks for it.
pub trait Only<T>: Copy {
    /// Remembers it.
    fn new(value: T) -> Self;
    /// What is remembered, to be asked for by AWS's ways alone.
    fn get(&self) -> &T;
    /// The same, to be changed.
    fn get_mut(&mut self) -> &mut T;
}

/// The records of a batch, in their order.
pub trait Batch<R>: DerefMut<Target = [R]> {
    /// An empty one; `vacant` fills a place that has no record yet.
    fn new(vacant: R) -> Self;
    /// Takes all records out.
    fn clear(&mut self);
    /// Adds a record.
    fn push(&mut self, record: R);
}

/// All of AWS's.
#[derive(Clone, Copy, Debug)]
pub struct Aws;

impl Ways for Aws {
    const AWS: bool = true;
    type Only<T: Copy> = Kept<T>;
    type Batch<R> = Vec<R>;
}

/// Something that is remembered.
#[derive(Clone, Copy, Debug)]
pub struct Kept<T>(T);

impl<T: Copy> Only<T> for Kept<T> {
    #[inline(always)]
    fn new(value: T) -> Kept<T> {
        Kept(value)
    }

    #[inline(always)]
    fn get(&self) -> &T {
        &self.0
    }

    #[inline(always)]
    fn get_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<R> Batch<R> for Vec<R> {
    fn new(_vacant: R) -> Vec<R> {
        Vec::with_capacity(1)
    }

    #[inline(always)]
    fn clear(&mut self) {
        Vec::clear(self);
    }

    #[inline(always)]
    fn push(&mut self, record: R) {
        Vec::push(self, record);
    }
}

/// None of AWS's: orders with their timers, a queue with its own, servers.
#[derive(Clone, Copy, Debug)]
pub struct Textbook;

impl Ways for Textbook {
    const AWS: bool = false;
    type Only<T: Copy> = Forgotten;
    type Batch<R> = Single<R>;
}

/// Stands where nobody asks.
#[derive(Clone, Copy, Debug)]
pub struct Forgotten;

impl<T> Only<T> for Forgotten {
    #[inline(always)]
    fn new(_value: T) -> Forgotten {
        Forgotten
    }

    fn get(&self) -> &T {
        unreachable!("the textbook goes none of AWS's ways")
    }

    fn get_mut(&mut self) -> &mut T {
        unreachable!("the textbook goes none of AWS's ways")
    }
}

/// A batch that always has one record, which stands in its invocation: no look elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Single<R>([R; 1]);

impl<R> Deref for Single<R> {
    type Target = [R];

    #[inline(always)]
    fn deref(&self) -> &[R] {
        &self.0
    }
}

impl<R> DerefMut for Single<R> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [R] {
        &mut self.0
    }
}

impl<R> Batch<R> for Single<R> {
    fn new(vacant: R) -> Single<R> {
        Single([vacant])
    }

    /// The record stays until the next takes its place.
    #[inline(always)]
    fn clear(&mut self) {}

    #[inline(always)]
    fn push(&mut self, record: R) {
        self.0 = [record];
    }
}

/// Whether none of AWS's ways is on in this design with this workload.
pub fn go_by_the_textbook(spec: &BufferedSpec, workload: &WorkloadSpec) -> bool {
    let BufferedSpec { workflow: _, queue, delay, noise, redrive, event_source, function, inventory, platform } = spec;
    let recorded = workload.phases.iter().any(|phase| matches!(phase.rate, Rate::Trace(_)));
    workload.initial_backlog == 0
        && !recorded
        && queue.message_retention_period.is_none()
        && queue.in_flight_limit.is_none()
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
